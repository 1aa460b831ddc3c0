/* Inquadra - tests: several panels selected and acted on together; cut, copy and paste within a board, between two and
 * between two programs. SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-board-acts.h>
#include <inq-board-panels.h>
#include <inq-chips.h>
#include <inq-clip.h>
#include <inq-inspector-private.h>
#include <inq-terms.h>
#include <inq-timeline-private.h>

#include "ui-test.h"

static InqTimeline *
timeline (InqWindow *window)
{
  return INQ_TIMELINE (ui_find (GTK_WIDGET (window), "InqTimeline"));
}

static InqBoard *
board (InqWindow *window)
{
  return inq_window_get_board (window);
}

/* Places of the selected panels; the current one's in brackets. */
static char *
selected (InqWindow *window)
{
  g_autoptr (GArray) ids = inq_timeline_get_selected (timeline (window));
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < ids->len; i++) {
    InqPanel *panel = inq_board_find_panel (board (window), g_array_index (ids, gint64, i));
    gboolean current = panel == inq_window_get_panel (window);
    g_string_append_printf (text, current ? "%s[%u]" : "%s%u", i > 0 ? " " : "", inq_panel_get_index (panel));
  }
  return g_string_free (text, FALSE);
}

#define assert_selected(window, expected)                                                                              \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *selected_ = selected (window);                                                                    \
    g_assert_cmpstr (selected_, ==, expected);                                                                         \
    guint n_ = 0;                                                                                                      \
    g_object_get (timeline (window), "n-selected", &n_, NULL);                                                         \
    g_auto (GStrv) parts_ = g_strsplit (selected_, " ", -1);                                                           \
    g_assert_cmpuint (n_, ==, g_strv_length (parts_));                                                                 \
  }                                                                                                                    \
  G_STMT_END

static void
press (InqWindow *window, const char *key)
{
  if (!ui_press (window, key))
    g_error ("the key %s was not taken", key);
  ui_settle (window);
}

typedef struct {
  InqWindow *window;
  guint n;
} Wanted;

static gboolean
has_n (gpointer data)
{
  Wanted *wanted = data;
  return inq_board_get_n_panels (board (wanted->window)) == wanted->n;
}

static void
wait_n (InqWindow *window, guint n)
{
  Wanted wanted = { window, n };
  ui_wait (has_n, &wanted);
  ui_settle (window);
}

static void
go_to (InqWindow *window, guint index)
{
  inq_window_set_panel (window, inq_board_get_panel (board (window), index));
}

static char *
actions (InqWindow *window)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < inq_board_get_n_panels (board (window)); i++)
    g_string_append (text, inq_panel_get_text (inq_board_get_panel (board (window), i), INQ_FIELD_ACTION));
  return g_string_free (text, FALSE);
}

#define assert_actions(window, expected)                                                                               \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *actions_ = actions (window);                                                                      \
    g_assert_cmpstr (actions_, ==, expected);                                                                          \
  }                                                                                                                    \
  G_STMT_END

/* Panels called a, b, c ... */
static InqWindow *
window_with (int n)
{
  InqWindow *window = ui_window_with_board (n);
  for (int i = 0; i < n; i++) {
    char name[] = { 'a' + i, 0 };
    inq_board_set_text (board (window), inq_panel_get_id (inq_board_get_panel (board (window), i)), INQ_FIELD_ACTION,
                        name, 0);
  }
  ui_settle (window);
  return window;
}

static void
test_keys (void)
{
  InqWindow *window = window_with (5);
  InqTimelineStrip *strip = INQ_TIMELINE_STRIP (ui_find (GTK_WIDGET (window), "InqTimelineStrip"));

  go_to (window, 2);
  assert_selected (window, "[2]");
  press (window, "<Shift>Right");
  press (window, "<Shift>Right");
  assert_selected (window, "2 3 [4]");
  press (window, "<Shift>Left");
  assert_selected (window, "2 [3]");
  press (window, "<Shift>Home");
  assert_selected (window, "[0] 1 2");
  press (window, "<Shift>End");
  assert_selected (window, "2 3 [4]");
  press (window, "Escape");
  assert_selected (window, "[4]");
  /* From where one is now, not from where one once was. */
  press (window, "Left");
  press (window, "<Shift>Left");
  assert_selected (window, "[2] 3");
  press (window, "<Control>a");
  assert_selected (window, "0 1 [2] 3 4");
  /* An arrow goes on from the current one, alone. */
  press (window, "Right");
  assert_selected (window, "[3]");

  /* Ctrl takes one out: the current one stays, or the nearest becomes it. */
  inq_timeline_strip_choose (strip, 0, FALSE, TRUE);
  inq_timeline_strip_choose (strip, 4, FALSE, TRUE);
  assert_selected (window, "0 3 [4]");
  inq_timeline_strip_choose (strip, 0, FALSE, TRUE);
  assert_selected (window, "3 [4]");
  inq_timeline_strip_choose (strip, 4, FALSE, TRUE);
  assert_selected (window, "[3]");
  inq_timeline_strip_choose (strip, 3, FALSE, TRUE);
  assert_selected (window, "[3]");

  /* In a text they are the text's keys. */
  ui_activate (window, "edit-prompt");
  const char *keys[] = { "<Shift>Right", "<Shift>Home", "<Control>a", "<Control>x", "<Control>c", "<Control>v", "d" };
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_false (ui_press (window, keys[i]));
  ui_settle (window);
  assert_selected (window, "[3]");
  g_assert_cmpuint (inq_board_get_n_panels (board (window)), ==, 5);
  ui_window_close (window);
}

/* Each is one step. */
static void
undo_all (InqWindow *window, const char *label, const char *expected)
{
  g_assert_cmpstr (inq_board_get_undo_label (board (window)), ==, label);
  ui_activate (window, "undo");
  ui_settle (window);
  assert_actions (window, expected);
}

static void
choose (InqWindow *window, guint from, guint to)
{
  go_to (window, from);
  InqTimelineStrip *strip = INQ_TIMELINE_STRIP (ui_find (GTK_WIDGET (window), "InqTimelineStrip"));
  inq_timeline_strip_choose (strip, from, FALSE, FALSE);
  inq_timeline_strip_choose (strip, to, TRUE, FALSE);
}

static void
test_acts (void)
{
  InqWindow *window = window_with (5);

  choose (window, 1, 2);
  press (window, "d");
  wait_n (window, 7);
  assert_actions (window, "abcbcde");
  assert_selected (window, "[3] 4");
  undo_all (window, "Duplicate panels", "abcde");

  choose (window, 1, 2);
  press (window, "<Alt>Right");
  assert_actions (window, "adbce");
  assert_selected (window, "2 [3]");
  press (window, "<Alt>Right");
  g_assert_false (ui_enabled (window, "move-right"));
  press (window, "<Alt>Left");
  press (window, "<Alt>Left");
  press (window, "<Alt>Left");
  assert_actions (window, "bcade");
  g_assert_false (ui_enabled (window, "move-left"));
  for (int i = 0; i < 5; i++)
    ui_activate (window, "undo");
  ui_settle (window);
  assert_actions (window, "abcde");

  /* One goes on where the first of them was. */
  choose (window, 1, 3);
  press (window, "Delete");
  wait_n (window, 2);
  assert_actions (window, "ae");
  assert_selected (window, "[1]");
  undo_all (window, "Delete panels", "abcde");
  ui_window_close (window);
}

/* The first chip; the button that adds to the cast has a toggle inside, too. */
static gboolean
has_cast (gpointer cast)
{
  return gtk_widget_has_css_class (gtk_widget_get_first_child (cast), "chip");
}

/* Who is in the panels, as "anna,anna,," */
static char *
who (InqBoard *b)
{
  g_autoptr (InqDocument) document = inq_document_open (inq_board_get_path (b), INQ_OPEN_READ_ONLY, NULL);
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < inq_board_get_n_panels (b); i++) {
    g_autoptr (GPtrArray)
        rows = inq_document_list_panel_cast (document, inq_panel_get_id (inq_board_get_panel (b, i)), NULL);
    for (guint k = 0; k < rows->len; k++)
      g_string_append (text, ((InqNamedRow *) rows->pdata[k])->name);
    g_string_append_c (text, ',');
  }
  return g_string_free (text, FALSE);
}

static void
assert_who (InqWindow *window, const char *expected)
{
  ui_settle (window);
  g_autofree char *text = who (board (window));
  g_assert_cmpstr (text, ==, expected);
}

/* Cast and style, too, are said of all that are selected, each as one undo step. */
static void
test_cast_and_style (void)
{
  InqWindow *window = window_with (4);
  InqInspector *inspector = INQ_INSPECTOR (ui_find (GTK_WIDGET (window), "InqInspector"));
  InqBoard *b = board (window);

  choose (window, 0, 2);
  gtk_editable_set_text (GTK_EDITABLE (ui_find_nth (GTK_WIDGET (inspector->cast), "GtkEntry", 0)), "Anna");
  g_signal_emit_by_name (ui_find_nth (GTK_WIDGET (inspector->cast), "GtkEntry", 0), "activate");
  assert_who (window, "Anna,Anna,Anna,,");
  g_assert_cmpstr (inq_board_get_undo_label (b), ==, "Add to cast");
  ui_wait (has_cast, inspector->cast);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (ui_find (GTK_WIDGET (inspector->cast), "GtkToggleButton")), FALSE);
  assert_who (window, ",,,,");
  ui_activate (window, "undo-board");
  assert_who (window, "Anna,Anna,Anna,,");

  choose (window, 0, 2);
  for (guint i = 0; i < 4; i++)
    inq_board_set_text (b, inq_panel_get_id (inq_board_get_panel (b, i)), INQ_FIELD_PROMPT,
                        i == 0 ? "ink wash" : "rain", 0);
  ui_settle (window);
  g_autofree char *before = g_strdup (inq_panel_get_text (inq_board_get_panel (b, 1), INQ_FIELD_PROMPT));
  g_signal_emit_by_name (inspector->style, "chosen", inq_styles[0].code);
  ui_settle (window);
  for (guint i = 0; i < 3; i++)
    g_assert_true (
        inq_term_said (inq_styles, inq_panel_get_text (inq_board_get_panel (b, i), INQ_FIELD_PROMPT), NULL, NULL)
        == &inq_styles[0]);
  g_assert_cmpstr (inq_panel_get_text (inq_board_get_panel (b, 3), INQ_FIELD_PROMPT), ==, "rain");
  g_autofree char *shown = inq_text_dup_text (inspector->texts[INQ_FIELD_PROMPT]);
  g_assert_cmpstr (shown, ==, inq_panel_get_text (inq_window_get_panel (window), INQ_FIELD_PROMPT));
  g_assert_cmpstr (inq_board_get_undo_label (b), ==, "Change style");
  ui_activate (window, "undo-board");
  ui_settle (window);
  g_assert_cmpstr (inq_panel_get_text (inq_board_get_panel (b, 1), INQ_FIELD_PROMPT), ==, before);
  ui_window_close (window);
}

/* Length and framing are said of all, words of the current one. */
static void
test_fields (void)
{
  InqWindow *window = window_with (4);
  InqInspector *inspector = INQ_INSPECTOR (ui_find (GTK_WIDGET (window), "InqInspector"));
  InqBoard *b = board (window);

  choose (window, 0, 2);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (inspector->several)));
  g_signal_emit_by_name (inspector->chips[INQ_FIELD_SIZE], "chosen", "MCU");
  ui_settle (window);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpstr (inq_panel_get_text (inq_board_get_panel (b, i), INQ_FIELD_SIZE), ==, i < 3 ? "MCU" : "");
  g_assert_cmpstr (inq_board_get_undo_label (b), ==, "Change shot size");

  gtk_editable_set_text (inspector->duration, "3");
  g_signal_emit_by_name (inspector->duration, "activate");
  ui_settle (window);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpint (inq_panel_get_duration (inq_board_get_panel (b, i)), ==, i < 3 ? 72 : 48);
  ui_activate (window, "undo");
  ui_settle (window);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpint (inq_panel_get_duration (inq_board_get_panel (b, i)), ==, 48);
  ui_activate (window, "undo");
  ui_settle (window);
  g_assert_cmpstr (inq_panel_get_text (inq_board_get_panel (b, 1), INQ_FIELD_SIZE), ==, "");

  /* Undo shows where it was; choose again. Enter makes equal what is not, though the current one is already so. */
  inq_board_set_duration (b, inq_panel_get_id (inq_board_get_panel (b, 1)), 10, 0);
  ui_settle (window);
  choose (window, 0, 2);
  g_signal_emit_by_name (inspector->duration, "activate");
  ui_settle (window);
  g_assert_cmpint (inq_panel_get_duration (inq_board_get_panel (b, 1)), ==, 48);

  InqText *notes = inspector->texts[INQ_FIELD_NOTES];
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (inq_text_get_view (notes)), "only here", -1);
  inq_inspector_flush (inspector);
  ui_settle (window);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpstr (inq_panel_get_text (inq_board_get_panel (b, i), INQ_FIELD_NOTES), ==, i == 2 ? "only here" : "");

  ui_shot (GTK_WIDGET (window), "select-light", 1);
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), ADW_COLOR_SCHEME_FORCE_DARK);
  ui_settle (window);
  ui_shot (GTK_WIDGET (window), "select-dark", 1);
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), ADW_COLOR_SCHEME_DEFAULT);
  go_to (window, 3);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (inspector->several)));
  ui_window_close (window);
}

/* A job for each, in their order, and one stays where one is. */
static void
test_generate (void)
{
  InqWindow *window = window_with (4);
  GListModel *jobs = G_LIST_MODEL (inq_window_get_jobs (window));

  choose (window, 1, 3);
  ui_activate (window, "generate");
  g_assert_cmpuint (g_list_model_get_n_items (jobs), ==, 3);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (InqJob) job = g_list_model_get_item (jobs, i);
    g_assert_cmpint (inq_job_get_panel_id (job), ==, inq_panel_get_id (inq_board_get_panel (board (window), i + 1)));
  }
  inq_jobs_cancel_all (inq_window_get_jobs (window));
  g_assert_cmpstr (inq_window_get_view (window), ==, "stage");
  assert_selected (window, "1 2 [3]");
  ui_window_close (window);
}

/* ---- the clipboard ---- */

static GdkClipboard *
clipboard (InqWindow *window)
{
  return gtk_widget_get_clipboard (GTK_WIDGET (window));
}

static gboolean
offers (InqWindow *window, const char *type)
{
  return gdk_content_formats_contain_mime_type (gdk_clipboard_get_formats (clipboard (window)), type);
}

static void
test_paste (void)
{
  InqWindow *window = window_with (4);

  /* Pasting needs no waiting for the copy. */
  choose (window, 1, 2);
  ui_activate (window, "copy");
  g_assert_true (offers (window, INQ_CLIP_MIME_TYPE));
  g_assert_false (offers (window, "image/png"));
  go_to (window, 3);
  ui_activate (window, "paste");
  wait_n (window, 6);
  assert_actions (window, "abcdbc");
  assert_selected (window, "[4] 5");
  /* again: after the last of them */
  press (window, "<Control>v");
  wait_n (window, 8);
  assert_actions (window, "abcdbcbc");
  assert_selected (window, "[6] 7");
  undo_all (window, "Paste panels", "abcdbc");
  undo_all (window, "Paste panels", "abcd");

  choose (window, 0, 1);
  press (window, "<Control>x");
  wait_n (window, 2);
  assert_actions (window, "cd");
  go_to (window, 1);
  press (window, "<Control>v");
  wait_n (window, 4);
  assert_actions (window, "cdab");
  undo_all (window, "Paste panels", "cd");
  undo_all (window, "Delete panels", "abcd");

  /* One panel with a picture is a picture for others, and a panel here; as a picture it is asked for by name. */
  go_to (window, 0);
  ui_add_picture (window, 90, TRUE);
  ui_activate (window, "copy");
  g_assert_true (offers (window, "image/png"));
  go_to (window, 3);
  ui_activate (window, "paste");
  wait_n (window, 5);
  assert_actions (window, "abcda");
  const InqPanelRow *row = inq_panel_get_row (inq_window_get_panel (window));
  g_assert_cmpint (row->picked_image, ==, inq_panel_get_row (inq_board_get_panel (board (window), 0))->picked_image);
  go_to (window, 1);
  ui_activate (window, "paste-picture");
  while (inq_panel_get_row (inq_board_get_panel (board (window), 1))->n_variations == 0)
    g_main_context_iteration (NULL, TRUE);
  wait_n (window, 5);

  /* Into another window's board, which has none: they come with their scene. */
  choose (window, 0, 3);
  ui_activate (window, "copy");
  InqWindow *other = ui_window_with_board (0);
  ui_activate (other, "paste");
  wait_n (other, 4);
  assert_actions (other, "abcd");
  g_assert_cmpint (inq_panel_get_row (inq_board_get_panel (board (other), 0))->picked_image, !=, 0);
  ui_activate (other, "undo");
  wait_n (other, 0);
  ui_window_close (other);
  ui_window_close (window);
}

static gboolean
has_toast (gpointer window)
{
  return ui_find (window, "AdwToastWidget") != NULL;
}

/* What others offer under our name, and what is no panel at all. */
static void
test_strangers (void)
{
  for (int i = 0; i < 2; i++) {
    InqWindow *window = window_with (2);
    g_autoptr (GBytes) bytes = g_bytes_new_static ("SQLite format 3", 16);
    g_autoptr (GdkContentProvider) content = gdk_content_provider_new_for_bytes (INQ_CLIP_MIME_TYPE, bytes);
    if (i == 0)
      gdk_clipboard_set_content (clipboard (window), content);
    else
      gdk_clipboard_set_text (clipboard (window), "words");
    ui_activate (window, "paste");
    ui_wait (has_toast, window);
    ui_settle (window);
    assert_actions (window, "ab");
    ui_window_close (window);
  }
}

/* ---- between two programs ---- */

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

/* The other program: writes what the clipboard offers to @path. */
static int
other_program (const char *path)
{
  static const char *types[] = { INQ_CLIP_MIME_TYPE, NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);

  if (!gtk_init_check ())
    return 2;
  GdkClipboard *board = gdk_display_get_clipboard (gdk_display_get_default ());
  /* What others hold is known only after they were asked. */
  while (!gdk_content_formats_contain_mime_type (gdk_clipboard_get_formats (board), INQ_CLIP_MIME_TYPE))
    g_main_context_iteration (NULL, TRUE);
  gdk_clipboard_read_async (board, types, G_PRIORITY_DEFAULT, NULL, read_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_autoptr (GInputStream) in = gdk_clipboard_read_finish (board, result, NULL, &error);
  if (in == NULL)
    return 3;
  g_autoptr (GFileOutputStream) out = g_file_replace (file, NULL, FALSE, 0, NULL, NULL);
  GAsyncResult *spliced = NULL;
  g_output_stream_splice_async (G_OUTPUT_STREAM (out), in, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, G_PRIORITY_DEFAULT,
                                NULL, read_cb, &spliced);
  while (spliced == NULL)
    g_main_context_iteration (NULL, TRUE);
  gboolean ok = g_output_stream_splice_finish (G_OUTPUT_STREAM (out), spliced, &error) >= 0;
  g_object_unref (spliced);
  return ok ? 0 : 4;
}

static const char *program;

static void
test_programs (void)
{
  InqWindow *window = window_with (3);
  g_autofree char *path = ui_path ("received");
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  go_to (window, 1);
  for (int i = 0; i < 12; i++)
    ui_add_picture (window, 20 + i, TRUE);
  ui_activate (window, "select-all");
  ui_activate (window, "copy");
  g_autoptr (GSubprocess) other = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program, "--other", path, NULL);
  g_assert_no_error (error);
  g_subprocess_wait_check_async (other, NULL, read_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (g_subprocess_wait_check_finish (other, result, &error));
  g_assert_no_error (error);
  g_object_unref (result);
  ui_window_close (window);

  InqWindow *second = ui_window_with_board (0);
  inq_board_unpack_panels (board (second), path, 0, NULL, NULL);
  wait_n (second, 3);
  assert_actions (second, "abc");
  g_assert_cmpint (inq_panel_get_row (inq_board_get_panel (board (second), 1))->n_variations, ==, 12);
  ui_window_close (second);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--other"))
    return other_program (argv[2]);
  program = argv[0];
  ui_test_init (&argc, &argv);
  g_test_add_func ("/select/keys", test_keys);
  g_test_add_func ("/select/acts", test_acts);
  g_test_add_func ("/select/fields", test_fields);
  g_test_add_func ("/select/cast-and-style", test_cast_and_style);
  g_test_add_func ("/select/generate", test_generate);
  g_test_add_func ("/select/paste", test_paste);
  g_test_add_func ("/select/strangers", test_strangers);
  g_test_add_func ("/select/programs", test_programs);
  return ui_test_run ();
}
