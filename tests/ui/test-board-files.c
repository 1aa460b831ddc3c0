/* Inquadra - tests: boards as files: deleted, copied, listed, named and opened twice.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <glib/gstdio.h>
#include <inq-board-acts.h>
#include <inq-board-reads.h>
#include <inq-recents.h>
#include <inq-window-private.h>

#include "ui-test.h"

static gboolean
offers_to_save_again (gpointer data)
{
  for (int i = 0;; i++) {
    GtkWidget *button = ui_find_nth (data, "GtkButton", i);
    if (button == NULL)
      return FALSE;
    if (g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (button)), "win.save-again") == 0)
      return gtk_widget_get_mapped (button);
  }
}

static gboolean
offers_nothing (gpointer data)
{
  return !offers_to_save_again (data);
}

static gboolean
is_saved_again (gpointer data)
{
  InqBoard *board = inq_window_get_board (data);
  return !inq_board_get_file_gone (board) && g_file_test (inq_board_get_path (board), G_FILE_TEST_EXISTS);
}

/* A board that is deleted in a file manager while it is open. */
static void
test_deleted (void)
{
  InqWindow *window = ui_window_with_board (2);
  g_autofree char *path = g_strdup (inq_board_get_path (inq_window_get_board (window)));
  g_assert_cmpint (g_unlink (path), ==, 0);
  inq_board_look_at_file (inq_window_get_board (window));
  ui_wait (offers_to_save_again, window);
  ui_shot (GTK_WIDGET (window), "deleted", 1);
  ui_activate (window, "save-again");
  ui_wait (is_saved_again, window);
  ui_wait (offers_nothing, window);
  ui_settle (window);
  g_assert_cmpstr (inq_board_get_path (inq_window_get_board (window)), ==, path);
  ui_window_close (window);
  InqDocument *document = inq_document_open (path, INQ_OPEN_READ_ONLY, NULL);
  g_autoptr (GPtrArray) rows = inq_document_list_panels (document, NULL);
  g_assert_cmpuint (rows->len, ==, 2);
  inq_document_free (document);
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
has_board (gpointer data)
{
  return inq_window_get_board (data) != NULL;
}

/* An empty board that another made, or that was opened again, is not this window's to delete. */
static void
test_empty_kept (void)
{
  g_autofree char *path = ui_path ("empty.inquadra");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *uri = g_file_get_uri (file);
  inq_document_free (inq_document_new (path, NULL, INQ_OPEN_DEFAULT, NULL));

  InqWindow *window = inq_window_new (GTK_APPLICATION (ui_application ()));
  gtk_window_present (GTK_WINDOW (window));
  inq_window_open (window, file);
  ui_wait (has_board, window);
  ui_wait (is_recent, uri);
  ui_window_close (window);
  g_assert_true (is_recent (uri));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  inq_recents_forget (uri);
}

static gboolean
copied (gpointer data)
{
  return g_file_test (data, G_FILE_TEST_EXISTS);
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
full_act (InqDocument *document, gpointer full, GError **error)
{
  if (!g_atomic_int_get ((int *) full))
    return TRUE;
  g_set_error_literal (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FULL, "no room");
  return FALSE;
}

static gboolean
is_not_saved (gpointer data)
{
  return inq_board_get_saved_state (data) == INQ_SAVED_FAILED;
}

static gboolean
says_lacks (gpointer data)
{
  return ui_toast_says (data, "a copy would lack it");
}

/* While the file is behind, a copy of it would be too: that is said, and another way shown. */
static void
test_copy_behind (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqBoard *board = inq_window_get_board (window);
  int full = TRUE;
  inq_board_act (board, NULL, full_act, &full, NULL, NULL, NULL);
  ui_wait (is_not_saved, board);
  ui_activate (window, "save-copy");
  ui_wait (says_lacks, window);
  GtkWidget *button = ui_find (ui_find (GTK_WIDGET (window), "AdwToastWidget"), "GtkButton");
  g_assert_cmpstr (gtk_actionable_get_action_name (GTK_ACTIONABLE (button)), ==, "win.save-elsewhere");
  ui_shot (GTK_WIDGET (window), "copy-behind", 1);
  g_atomic_int_set (&full, FALSE);
  inq_board_retry (board);
  ui_settle (window);
  ui_window_close (window);
}

/* A file chooser that does not know what a file is by its name opens and closes it, and with that drops the locks this
 * process holds on an open board. */
static void
test_names_known (void)
{
  static const char *const endings[] = { "", "-wal", "-shm", "-journal", "-lock" };
  g_autofree char *globs = g_build_filename (g_getenv ("INQ_DATA_DIR"), "mime", "globs2", NULL);

  if (!g_file_test (globs, G_FILE_TEST_EXISTS)) {
    g_test_skip ("update-mime-database is not installed");
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree char *name = g_strconcat ("board.inquadra", endings[i], NULL);
    gboolean uncertain;
    g_autofree char *type = g_content_type_guess (name, NULL, 0, &uncertain);
    g_assert_cmpstr (type, ==, i == 0 ? "application/x-inquadra" : "application/x-inquadra-log");
    g_assert_false (uncertain);
  }
}

/* A board opens where one left it, and looking about is nothing done: what undo would take back is what it was. */
static void
test_place (void)
{
  InqWindow *window = ui_window_with_board (3);
  g_autofree char *path = g_strdup (inq_board_get_path (inq_window_get_board (window)));
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *label = g_strdup (inq_board_get_undo_label (inq_window_get_board (window)));

  ui_activate (window, "first-panel");
  ui_window_close (window);
  for (guint expected = 0; expected < 3; expected++) {
    window = inq_window_new (GTK_APPLICATION (ui_application ()));
    gtk_window_present (GTK_WINDOW (window));
    inq_window_open (window, file);
    ui_wait (has_board, window);
    g_assert_cmpuint (inq_panel_get_index (inq_window_get_panel (window)), ==, expected);
    if (expected < 2)
      ui_activate (window, "next-panel");
    g_assert_cmpstr (inq_board_get_undo_label (inq_window_get_board (window)), ==, label);
    g_assert_false (inq_board_get_can_redo (inq_window_get_board (window)));
    ui_window_close (window);
  }
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
  g_test_add_func ("/board-files/deleted", test_deleted);
  g_test_add_func ("/board-files/recents", test_recents);
  g_test_add_func ("/board-files/empty-kept", test_empty_kept);
  g_test_add_func ("/board-files/copy", test_copy);
  g_test_add_func ("/board-files/copy-behind", test_copy_behind);
  g_test_add_func ("/board-files/names-known", test_names_known);
  g_test_add_func ("/board-files/place", test_place);
  g_test_add_func ("/board-files/second-editor", test_second_editor);
  return ui_test_run ();
}
