/* Inquadra - tests: finding, dropped files, recent boards.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-board-acts.h>
#include <inq-board-reads.h>
#include <inq-import.h>
#include <inq-recents.h>
#include <inq-search.h>

#include "ui-test.h"

static gboolean
has_toast (gpointer data)
{
  return ui_find (data, "AdwToastWidget") != NULL;
}

typedef struct {
  InqWindow *window;
  guint index;
} At;

static gboolean
is_at (gpointer data)
{
  At *at = data;
  return inq_panel_get_index (inq_window_get_panel (at->window)) == at->index;
}

static void
test_search (void)
{
  InqWindow *window = ui_window_with_board (4);
  InqBoard *board = inq_window_get_board (window);
  inq_board_set_text (board, inq_panel_get_id (inq_board_get_panel (board, 1)), INQ_FIELD_DIALOGUE,
                      "Keep the lantern low.", 0);
  inq_board_set_text (board, inq_panel_get_id (inq_board_get_panel (board, 3)), INQ_FIELD_PROMPT,
                      "a lantern on a table", 0);
  ui_settle (window);
  ui_activate (window, "first-panel");
  ui_activate (window, "find");
  InqSearch *search = INQ_SEARCH (ui_find (GTK_WIDGET (window), "InqSearch"));
  GtkEditable *entry = inq_search_get_entry (search);
  gtk_editable_set_text (entry, "lantern");
  g_signal_emit_by_name (entry, "search-changed");
  At second = { window, 1 }, fourth = { window, 3 };
  ui_wait (is_at, &second);
  g_signal_emit_by_name (entry, "activate");
  ui_wait (is_at, &fourth);
  g_signal_emit_by_name (entry, "activate");
  ui_wait (is_at, &second);
  ui_activate (window, "escape");
  ui_window_close (window);
}

static gboolean
is_picked (gpointer data)
{
  return inq_panel_get_row (inq_window_get_panel (data))->picked != 0;
}

/* A picture dropped on the window is the panel's, picked. */
static void
test_drop_picture (void)
{
  InqWindow *window = ui_window_with_board (1);
  g_autofree char *path = ui_path ("drawing.png");
  g_autoptr (GBytes) png = ui_png (320, 180, 90);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (png, NULL), g_bytes_get_size (png), NULL));
  g_autoptr (GFile) file = g_file_new_for_path (path);
  inq_import_file (window, file);
  ui_wait (is_picked, window);
  ui_settle (window);
  g_assert_cmpint (inq_panel_get_row (inq_window_get_panel (window))->n_variations, ==, 1);
  ui_activate (window, "undo");
  ui_settle (window);
  g_assert_cmpint (inq_panel_get_row (inq_window_get_panel (window))->n_variations, ==, 0);
  ui_window_close (window);
}

/* What cannot be used is refused in words, and changes nothing. */
static void
test_drop_refused (void)
{
  static const char *const names[] = { "model.ckpt", "notes.odt", "broken.png", "empty.safetensors" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    InqWindow *window = ui_window_with_board (1);
    g_autofree char *path = ui_path (names[i]);
    g_assert_true (g_file_set_contents (path, "nothing of the kind", -1, NULL));
    g_autoptr (GFile) file = g_file_new_for_path (path);
    inq_import_file (window, file);
    ui_wait (has_toast, window);
    ui_settle (window);
    g_assert_cmpint (inq_panel_get_row (inq_window_get_panel (window))->n_variations, ==, 0);
    ui_window_close (window);
  }
}

static gboolean
is_recent (gpointer data)
{
  g_autoptr (GPtrArray) recents = inq_recents_list (10);
  for (guint i = 0; i < recents->len; i++)
    if (g_str_equal (((InqRecent *) recents->pdata[i])->uri, data))
      return TRUE;
  return FALSE;
}

static void
test_recents (void)
{
  InqWindow *window = ui_window_with_board (1);
  g_autofree char *uri = g_file_get_uri (inq_window_get_file (window));
  ui_wait (is_recent, uri);
  ui_window_close (window);
  g_autoptr (GPtrArray) most = inq_recents_list (0);
  g_assert_cmpuint (most->len, ==, 0);
  inq_recents_forget (uri);
}

static gboolean
copied (gpointer data)
{
  return g_file_test (data, G_FILE_TEST_EXISTS);
}

static gboolean
has_board (gpointer data)
{
  return inq_window_get_board (data) != NULL;
}

/* A copy is a board of its own. */
static void
test_copy (void)
{
  InqWindow *window = ui_window_with_board (2);
  g_autofree char *path = ui_path ("copy.inquadra");
  inq_board_backup (inq_window_get_board (window), path, NULL, NULL);
  ui_wait (copied, path);
  ui_settle (window);
  InqWindow *second = inq_window_new (GTK_APPLICATION (ui_application ()));
  gtk_window_present (GTK_WINDOW (second));
  g_autoptr (GFile) file = g_file_new_for_path (path);
  inq_window_open (second, file);
  ui_wait (has_board, second);
  g_assert_cmpuint (inq_board_get_n_panels (inq_window_get_board (second)), ==, 2);
  g_assert_false (inq_board_get_read_only (inq_window_get_board (second)));
  ui_window_close (second);
  ui_window_close (window);
}

static gboolean
shows_notes (gpointer data)
{
  InqPanel *panel = inq_window_get_panel (data);
  return panel != NULL && g_str_equal (inq_panel_get_text (panel, INQ_FIELD_NOTES), "from the other window");
}

static gboolean
may_edit_here (gpointer data)
{
  return ui_enabled (data, "edit-here");
}

static gboolean
edits (gpointer data)
{
  InqBoard *board = inq_window_get_board (data);
  return board != NULL && !inq_board_get_read_only (board);
}

/* A board that another program edits: what is written there shows here; when it is closed there it can be edited here,
 * at the panel one was at. */
static void
test_second_editor (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = ui_path ("shared.inquadra");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  InqDocument *editor = inq_document_new (path, NULL, INQ_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  gint64 first = inq_document_add_panel (editor, 0, INQ_PLACE_AFTER, &error);
  gint64 second = inq_document_add_panel (editor, first, INQ_PLACE_AFTER, &error);

  InqWindow *window = inq_window_new (GTK_APPLICATION (ui_application ()));
  gtk_window_present (GTK_WINDOW (window));
  inq_window_open (window, file);
  ui_wait (has_board, window);
  ui_activate (window, "next-panel");
  g_assert_cmpint (inq_panel_get_id (inq_window_get_panel (window)), ==, second);
  g_assert_false (ui_enabled (window, "new-panel"));
  g_assert_false (ui_enabled (window, "edit-here"));
  ui_shot (GTK_WIDGET (window), "read-only", 1);

  inq_document_set_text (editor, second, INQ_FIELD_NOTES, "from the other window", 0, &error);
  ui_wait (shows_notes, window);
  g_assert_true (inq_document_close (editor, &error));
  ui_wait (may_edit_here, window);
  ui_settle (window);
  ui_shot (GTK_WIDGET (window), "edit-here", 1);
  ui_activate (window, "edit-here");
  ui_wait (edits, window);
  g_assert_cmpint (inq_panel_get_id (inq_window_get_panel (window)), ==, second);
  g_assert_false (ui_enabled (window, "edit-here"));
  ui_activate (window, "new-panel");
  ui_settle (window);
  g_assert_cmpuint (inq_board_get_n_panels (inq_window_get_board (window)), ==, 3);
  ui_window_close (window);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/files/search", test_search);
  g_test_add_func ("/files/drop-picture", test_drop_picture);
  g_test_add_func ("/files/drop-refused", test_drop_refused);
  g_test_add_func ("/files/recents", test_recents);
  g_test_add_func ("/files/copy", test_copy);
  g_test_add_func ("/files/second-editor", test_second_editor);
  return ui_test_run ();
}
