/* Inquadra - tests: chips, text fields and the wrapping layout.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-chips.h>
#include <inq-text.h>
#include <inq-wrap-layout.h>

#include "ui-test.h"

static void
note_cb (GtkWidget *widget, const char *text, char **last)
{
  g_free (*last);
  *last = g_strdup (text);
}

static void
test_chips (void)
{
  g_autofree char *last = NULL;
  InqChips *chips = INQ_CHIPS (g_object_ref_sink (inq_chips_new ()));
  inq_chips_add (chips, "MS", "MS", "Medium shot");
  inq_chips_add (chips, "CU", "CU", "Close-up");
  g_signal_connect (chips, "chosen", G_CALLBACK (note_cb), &last);

  inq_chips_set_value (chips, "CU");
  GtkToggleButton *ms = GTK_TOGGLE_BUTTON (ui_find_nth (GTK_WIDGET (chips), "GtkToggleButton", 0));
  GtkToggleButton *cu = GTK_TOGGLE_BUTTON (ui_find_nth (GTK_WIDGET (chips), "GtkToggleButton", 1));
  g_assert_true (gtk_toggle_button_get_active (cu));
  g_assert_null (last);

  gtk_toggle_button_set_active (ms, TRUE);
  g_assert_cmpstr (last, ==, "MS");
  g_assert_false (gtk_toggle_button_get_active (cu));
  gtk_toggle_button_set_active (ms, FALSE);
  g_assert_cmpstr (last, ==, "");
  g_assert_cmpstr (inq_chips_get_value (chips), ==, "");
  g_object_unref (chips);
}

/* A word of the artist's own is shown, can be taken back, and goes with its value. */
static void
test_stranger (void)
{
  g_autofree char *last = NULL;
  InqChips *chips = INQ_CHIPS (g_object_ref_sink (inq_chips_new ()));
  inq_chips_add (chips, "low", "Low angle", NULL);
  g_signal_connect (chips, "chosen", G_CALLBACK (note_cb), &last);
  inq_chips_set_value (chips, "from the gutter");

  GtkToggleButton *own = GTK_TOGGLE_BUTTON (ui_find_nth (GTK_WIDGET (chips), "GtkToggleButton", 1));
  g_assert_nonnull (own);
  g_assert_true (gtk_toggle_button_get_active (own));
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (own)), ==, "from the gutter");
  gtk_toggle_button_set_active (own, FALSE);
  g_assert_cmpstr (last, ==, "");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (ui_find_nth (GTK_WIDGET (chips), "GtkToggleButton", 1));
  inq_chips_set_value (chips, "low");
  g_assert_true (
      gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (ui_find_nth (GTK_WIDGET (chips), "GtkToggleButton", 0))));
  g_object_unref (chips);
}

static void
test_text (void)
{
  g_autofree char *last = NULL;
  InqText *text = INQ_TEXT (g_object_ref_sink (inq_text_new ()));
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (inq_text_get_view (text));
  g_signal_connect (text, "committed", G_CALLBACK (note_cb), &last);

  inq_text_set_text (text, "a forest");
  inq_text_commit (text);
  g_assert_null (last);
  g_assert_false (inq_text_get_dirty (text));
  g_assert_false (gtk_text_buffer_get_can_undo (buffer));

  gtk_text_buffer_insert_at_cursor (buffer, " at night", -1);
  g_assert_true (inq_text_get_dirty (text));
  inq_text_commit (text);
  g_assert_cmpstr (last, ==, "a forest at night");
  g_assert_false (inq_text_get_dirty (text));
  g_assert_true (gtk_text_buffer_get_can_undo (buffer));

  /* What the board says replaces the text and its history, and is not handed back to the board. */
  g_clear_pointer (&last, g_free);
  inq_text_set_text (text, NULL);
  inq_text_commit (text);
  g_assert_null (last);
  g_assert_false (gtk_text_buffer_get_can_undo (buffer));

  /* The same words of another panel have no history either, and nothing that waits to be handed over. */
  gtk_text_buffer_insert_at_cursor (buffer, "rain", -1);
  inq_text_commit (text);
  g_clear_pointer (&last, g_free);
  inq_text_set_text (text, "rain");
  g_assert_true (gtk_text_buffer_get_can_undo (buffer));
  inq_text_begin (text, "rain");
  g_assert_false (gtk_text_buffer_get_can_undo (buffer));
  gtk_text_buffer_insert_at_cursor (buffer, "bow", -1);
  g_assert_true (gtk_text_buffer_get_can_undo (buffer));
  inq_text_begin (text, "sun");
  g_assert_false (gtk_text_buffer_get_can_undo (buffer));
  inq_text_commit (text);
  g_assert_null (last);
  g_object_unref (text);
}

static gboolean
is_set (char **text)
{
  return *text != NULL;
}

static gboolean
type_cb (gpointer buffer)
{
  gtk_text_buffer_insert_at_cursor (buffer, "o", -1);
  return G_SOURCE_CONTINUE;
}

/* Typing is handed over by itself, and does not wait for a pause: a crash takes no more than the last moment. */
static void
test_text_keeps (void)
{
  g_autofree char *last = NULL;
  InqText *text = INQ_TEXT (g_object_ref_sink (inq_text_new ()));
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (inq_text_get_view (text));
  g_signal_connect (text, "committed", G_CALLBACK (note_cb), &last);
  gtk_text_buffer_insert_at_cursor (buffer, "rain", -1);
  ui_wait (is_set, &last);
  g_assert_cmpstr (last, ==, "rain");

  g_clear_pointer (&last, g_free);
  guint typing = g_timeout_add (10, type_cb, buffer);
  ui_wait (is_set, &last);
  g_source_remove (typing);
  g_assert_true (g_str_has_prefix (last, "raino"));
  g_object_unref (text);
}

static int
height_of (GtkWidget *text)
{
  int height;
  gtk_widget_measure (text, GTK_ORIENTATION_VERTICAL, 300, NULL, &height, NULL, NULL);
  return height;
}

typedef struct {
  GtkWidget *text;
  int over;
} Height;

static gboolean
is_higher (gpointer data)
{
  Height *height = data;
  return height_of (height->text) > height->over;
}

/* The field is as high as its lines, between its least and its most. Lines are measured in idles. */
static void
test_text_grows (void)
{
  GtkWidget *text = g_object_new (INQ_TYPE_TEXT, "min-lines", 2, "max-lines", 5, NULL);
  GtkWidget *window = gtk_window_new ();
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (inq_text_get_view (INQ_TEXT (text)));
  gtk_widget_set_valign (text, GTK_ALIGN_START);
  gtk_window_set_child (GTK_WINDOW (window), text);
  gtk_window_set_default_size (GTK_WINDOW (window), 300, 600);
  gtk_window_present (GTK_WINDOW (window));
  gtk_text_buffer_set_text (buffer, "one", -1);
  Height two = { text, 0 };
  ui_wait (is_higher, &two);
  two.over = height_of (text);
  gtk_text_buffer_set_text (buffer, "1\n2\n3\n4", -1);
  ui_wait (is_higher, &two);
  int four = height_of (text);
  gtk_text_buffer_set_text (buffer, "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18", -1);
  Height most = { text, four };
  ui_wait (is_higher, &most);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (height_of (text), <, two.over * 3);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_wrap (void)
{
  GtkWidget *box = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0));
  gtk_widget_set_layout_manager (box, inq_wrap_layout_new (10));
  for (int i = 0; i < 6; i++) {
    GtkWidget *child = gtk_label_new (NULL);
    gtk_widget_set_size_request (child, 90, 20);
    gtk_widget_set_parent (child, box);
  }
  int minimum, natural;
  gtk_widget_measure (box, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  g_assert_cmpint (minimum, ==, 90);
  g_assert_cmpint (natural, ==, 590);
  gtk_widget_measure (box, GTK_ORIENTATION_VERTICAL, 590, NULL, &natural, NULL, NULL);
  g_assert_cmpint (natural, ==, 20);
  gtk_widget_measure (box, GTK_ORIENTATION_VERTICAL, 290, NULL, &natural, NULL, NULL);
  g_assert_cmpint (natural, ==, 50);
  gtk_widget_measure (box, GTK_ORIENTATION_VERTICAL, 90, NULL, &natural, NULL, NULL);
  g_assert_cmpint (natural, ==, 170);
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (box)) != NULL)
    gtk_widget_unparent (child);
  g_object_unref (box);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/fields/chips", test_chips);
  g_test_add_func ("/fields/chips/stranger", test_stranger);
  g_test_add_func ("/fields/text", test_text);
  g_test_add_func ("/fields/text/keeps", test_text_keeps);
  g_test_add_func ("/fields/text/grows", test_text_grows);
  g_test_add_func ("/fields/wrap", test_wrap);
  return ui_test_run ();
}
