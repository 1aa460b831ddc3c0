/* Inquadra - tests: where a scene plays and who is in it, from the side pane to the prompt.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-board-acts.h>
#include <inq-cast.h>
#include <inq-jobs.h>
#include <inq-location.h>
#include <inq-text.h>

#include "ui-test.h"

static InqLocation *
location (InqWindow *window)
{
  return INQ_LOCATION (ui_find (GTK_WIDGET (window), "InqLocation"));
}

static GtkWidget *
popover (InqWindow *window)
{
  return GTK_WIDGET (inq_location_get_popover (location (window)));
}

static const char *
name_here (InqWindow *window)
{
  return inq_panel_get_row (inq_window_get_panel (window))->location_name;
}

static void
click (InqWindow *window, const char *label)
{
  for (int i = 0;; i++) {
    GtkWidget *button = ui_find_nth (popover (window), "GtkButton", i);
    if (button == NULL)
      g_error ("no button “%s”", label);
    if (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (button)), label) == 0) {
      g_signal_emit_by_name (button, "clicked");
      return;
    }
  }
}

static void
fill (InqWindow *window, int n, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (ui_find_nth (popover (window), "GtkEntry", n)), text);
}

static void
choose (InqWindow *window, int row)
{
  GtkWidget *list = ui_find (popover (window), "GtkListBox");
  g_signal_emit_by_name (list, "row-activated", gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), row));
}

static gboolean
at_mill (gpointer data)
{
  return g_str_equal (name_here (data), "Old mill");
}

static gboolean
at_bridge (gpointer data)
{
  return g_str_equal (name_here (data), "Bridge");
}

static gboolean
nowhere (gpointer data)
{
  return *name_here (data) == '\0';
}

static gboolean
two_rows (gpointer data)
{
  return inq_location_get_n_rows (location (data)) == 2;
}

static void
test_location (void)
{
  InqWindow *window = ui_window_with_board (1);
  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
  ui_add_picture (window, 120, TRUE);
  ui_activate (window, "new-panel"); /* of the same scene */
  ui_settle (window);
  ui_activate (window, "escape");

  gtk_popover_popup (GTK_POPOVER (popover (window)));
  click (window, "_New Location…");
  click (window, "_Save"); /* without a name nothing happens */
  ui_settle (window);
  g_assert_true (nowhere (window));
  fill (window, 0, " Old mill ");
  fill (window, 1, "a ruined water mill");
  fill (window, 2, "call the owner");
  click (window, "_Save");
  ui_wait (at_mill, window);
  ui_activate (window, "first-panel");
  g_assert_true (at_mill (window));

  /* The prompt says it, once. */
  GtkWidget *inspector = ui_find (GTK_WIDGET (window), "InqInspector");
  InqText *prompt = INQ_TEXT (ui_find (inspector, "InqText"));
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (inq_text_get_view (prompt)), "two people talk", -1);
  ui_activate (window, "generate");
  InqJob *job = inq_jobs_find_for_panel (inq_window_get_jobs (window),
                                         inq_panel_get_id (inq_window_get_panel (window)));
  g_assert_cmpstr (inq_job_get_prompt (job), ==, "two people talk, a ruined water mill");
  ui_activate (window, "cancel-panel");
  ui_settle (window);

  /* A second one, with the panel's picture; then the first again, then none. */
  g_assert_false (gtk_widget_get_visible (popover (window)));
  gtk_popover_popup (GTK_POPOVER (popover (window)));
  click (window, "_New Location…");
  fill (window, 0, "Bridge");
  click (window, "Take the Panel’s _Picture");
  click (window, "_Save");
  ui_wait (at_bridge, window);
  gtk_popover_popup (GTK_POPOVER (popover (window)));
  ui_wait (two_rows, window);
  ui_settle (window);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (GTK_STACK (ui_find (popover (window), "GtkStack"))), ==, "list");
  ui_shot (GTK_WIDGET (popover (window)), "location-list", 1);
  choose (window, 2);
  ui_wait (at_mill, window);
  ui_activate (window, "undo-board");
  ui_wait (at_bridge, window);
  gtk_popover_popup (GTK_POPOVER (popover (window)));
  ui_wait (two_rows, window);
  choose (window, 0);
  ui_wait (nowhere, window);
  ui_activate (window, "undo-board");
  ui_wait (at_bridge, window);

  /* Deleted, and back. */
  gtk_popover_popup (GTK_POPOVER (popover (window)));
  ui_wait (two_rows, window);
  for (int i = 0;; i++) {
    GtkWidget *button = ui_find_nth (popover (window), "GtkButton", i);
    g_assert_nonnull (button);
    if (g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (button)), "document-edit-symbolic") == 0) {
      g_signal_emit_by_name (button, "clicked");
      break;
    }
  }
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (ui_find_nth (popover (window), "GtkEntry", 0))), ==, "Bridge");
  ui_settle (window);
  ui_shot (GTK_WIDGET (popover (window)), "location-form", 1);
  click (window, "_Delete");
  ui_wait (nowhere, window);
  ui_activate (window, "undo-board");
  ui_wait (at_bridge, window);
  ui_shot (GTK_WIDGET (window), "location", 1);
  ui_window_close (window);
}

static GtkToggleButton *
chip (InqCast *cast)
{
  return GTK_TOGGLE_BUTTON (ui_find (GTK_WIDGET (cast), "GtkToggleButton"));
}

static gboolean
is_in (gpointer cast)
{
  return chip (cast) != NULL && gtk_toggle_button_get_active (chip (cast));
}

static gboolean
is_out (gpointer cast)
{
  return chip (cast) != NULL && !gtk_toggle_button_get_active (chip (cast));
}

static void
assert_words (InqCast *cast, const char *expected)
{
  g_autofree char *words = inq_cast_dup_words (cast);
  g_assert_cmpstr (words, ==, expected);
}

/* A panel says its own cast from the moment one is there; the chips of the same people are the same chips. */
static void
test_cast (void)
{
  InqWindow *window = ui_window_with_board (2);
  InqCast *cast = INQ_CAST (ui_find (GTK_WIDGET (window), "InqCast"));
  GtkWidget *name = ui_find_nth (GTK_WIDGET (cast), "GtkEntry", 0);

  gtk_editable_set_text (GTK_EDITABLE (name), "Anna");
  gtk_editable_set_text (GTK_EDITABLE (ui_find_nth (GTK_WIDGET (cast), "GtkEntry", 1)), "a tall woman");
  g_signal_emit_by_name (name, "activate");
  ui_wait (is_in, cast);
  ui_settle (window);
  assert_words (cast, "a tall woman");
  ui_activate (window, "first-panel");
  assert_words (cast, "");
  ui_wait (is_out, cast);
  ui_activate (window, "last-panel");
  assert_words (cast, "a tall woman");
  ui_wait (is_in, cast);

  GtkToggleButton *anna = chip (cast);
  g_object_add_weak_pointer (G_OBJECT (anna), (gpointer *) &anna);
  g_assert_true (gtk_widget_grab_focus (GTK_WIDGET (anna)));
  gtk_toggle_button_set_active (anna, FALSE);
  ui_settle (window);
  ui_activate (window, "undo-board");
  ui_wait (is_in, cast);
  g_assert_nonnull (anna);
  g_assert_true (chip (cast) == anna);
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (window)) == GTK_WIDGET (anna));
  /* Following the board is no act. */
  g_assert_true (inq_board_get_can_redo (inq_window_get_board (window)));
  g_object_remove_weak_pointer (G_OBJECT (anna), (gpointer *) &anna);
  ui_window_close (window);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/location/window", test_location);
  g_test_add_func ("/location/cast", test_cast);
  return ui_test_run ();
}
