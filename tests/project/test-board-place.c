/* Inquadra - tests of an open board whose file is moved, renamed or deleted
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "board-test.h"

#include <glib/gstdio.h>

#include "inq-document-private.h"
#include "inq-sql.h"

static void
write_notes (BoardFixture *f, const char *notes)
{
  inq_board_set_text (f->board, board_id_at (f, 0), INQ_FIELD_NOTES, notes, 0);
  board_drain (f);
}

static void
assert_notes (const char *path, const char *notes)
{
  InqDocument *d = test_open (path, INQ_OPEN_READ_ONLY);
  g_autoptr (GPtrArray) rows = inq_document_list_panels (d, NULL);

  g_assert_cmpstr (((InqPanelRow *) rows->pdata[0])->text[INQ_FIELD_NOTES], ==, notes);
  test_close (d);
}

static gboolean
exists (const char *path, const char *suffix)
{
  g_autofree char *file = g_strconcat (path, suffix, NULL);

  return g_file_test (file, G_FILE_TEST_EXISTS);
}

static void
wait_path (BoardFixture *f, const char *path)
{
  while (!g_str_equal (inq_board_get_path (f->board), path))
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_gone (BoardFixture *f, gboolean gone)
{
  while (inq_board_get_file_gone (f->board) != gone)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
go_on_at (BoardFixture *f, const char *path, GError **error)
{
  BoardWait wait = { NULL };
  g_autoptr (GAsyncResult) result = NULL;

  inq_board_go_on_at_async (f->board, path, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  return inq_board_go_on_at_finish (f->board, result, error);
}

static void
assert_reads (BoardFixture *f)
{
  BoardWait wait = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GListModel) list = NULL;
  g_autoptr (GError) error = NULL;

  inq_board_read_variations (f->board, board_id_at (f, 0), NULL, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  list = inq_board_read_variations_finish (f->board, result, &error);
  g_assert_no_error (error);
}

/* By an act, and by being asked to look; the file and its log stay together. */
static void
test_renamed (BoardFixture *f, gconstpointer data)
{
  g_autofree char *folder = g_path_get_dirname (f->path);
  g_autofree char *other = g_build_filename (folder, "other name.inquadra", NULL);
  g_autofree char *third = g_build_filename (folder, "third.inquadra", NULL);
  g_autofree char *copy = g_build_filename (folder, "crash.inquadra", NULL);

  write_notes (f, "before");
  assert_reads (f);
  g_assert_cmpint (g_rename (f->path, other), ==, 0);
  write_notes (f, "after the rename");
  wait_path (f, other);
  g_assert_cmpstr (inq_board_get_title (f->board), !=, "");
  g_assert_false (inq_board_get_file_gone (f->board));
  g_assert_false (exists (f->path, "-wal"));
  g_assert_false (exists (f->path, "-lock"));
  assert_notes (other, "after the rename");
  assert_reads (f);
  /* What a crash would leave now is whole under the new name alone. */
  write_notes (f, "last words");
  for (int i = 0; i < 2; i++) {
    g_autofree char *from = g_strconcat (other, i == 0 ? "" : "-wal", NULL);
    g_autofree char *to = g_strconcat (copy, i == 0 ? "" : "-wal", NULL);
    g_autofree char *bytes = NULL;
    gsize size;

    g_assert_true (g_file_get_contents (from, &bytes, &size, NULL));
    g_assert_true (g_file_set_contents (to, bytes, (gssize) size, NULL));
  }
  assert_notes (copy, "last words");
  g_assert_cmpint (g_rename (other, third), ==, 0);
  inq_board_look_at_file (f->board);
  wait_path (f, third);
  inq_board_undo (f->board, NULL, NULL);
  board_drain (f);
  assert_notes (third, "after the rename");
  g_free (f->path);
  f->path = g_steal_pointer (&third);
  board_assert_true_to_file (f);
}

static gboolean
rollback_journal_act (InqDocument *document, gpointer data, GError **error)
{
  return inq_sql_script (document->db, "PRAGMA journal_mode = DELETE", document->path, error);
}

static gboolean
notes_act (InqDocument *document, gpointer panel, GError **error)
{
  return inq_document_set_text (document, *(gint64 *) panel, INQ_FIELD_NOTES, "from another thread", 0, error);
}

/* Where there is no write-ahead log, over a network, SQLite refuses to write to a file that was renamed. Nobody waits
 * for the board's own acts, but who does is told that it passes: the file is followed, and then it works. */
static void
test_renamed_without_log (BoardFixture *f, gconstpointer data)
{
  g_autofree char *folder = g_path_get_dirname (f->path);
  g_autofree char *other = g_build_filename (folder, "other name.inquadra", NULL);
  g_autoptr (GError) error = NULL;
  gint64 panel = board_id_at (f, 0);

  g_assert_true (inq_board_act_sync (f->board, NULL, rollback_journal_act, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (exists (f->path, "-wal"));
  g_assert_cmpint (g_rename (f->path, other), ==, 0);
  /* unless the board was quicker to see that it was renamed */
  if (!inq_board_act_sync (f->board, NULL, notes_act, &panel, &error))
    g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_IO);
  g_clear_error (&error);
  g_assert_true (inq_board_act_sync (f->board, NULL, notes_act, &panel, &error));
  g_assert_no_error (error);
  wait_path (f, other);
  assert_notes (other, "from another thread");
  g_free (f->path);
  f->path = g_steal_pointer (&other);
}

/* Deleted: told, kept, and saved again under its name; not given up in silence. */
static void
test_deleted (BoardFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  write_notes (f, "before");
  assert_reads (f);
  g_assert_cmpint (g_unlink (f->path), ==, 0);
  write_notes (f, "into the void");
  wait_gone (f, TRUE);
  assert_reads (f);
  g_assert_false (inq_board_close (f->board, FALSE, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  write_notes (f, "and still here");
  g_assert_true (go_on_at (f, f->path, &error));
  g_assert_no_error (error);
  g_assert_false (inq_board_get_file_gone (f->board));
  assert_notes (f->path, "and still here");
  write_notes (f, "on land");
  assert_notes (f->path, "on land");
  assert_reads (f);
  board_assert_true_to_file (f);
  g_assert_true (inq_board_close (f->board, FALSE, &error));
  g_assert_no_error (error);
  g_clear_object (&f->board);
  g_assert_false (exists (f->path, "-wal"));
  {
    InqDocument *d = test_open (f->path, INQ_OPEN_DEFAULT);

    test_assert_sound (d);
    test_close (d);
  }
  assert_notes (f->path, "on land");
}

/* Another file took the name: it is not written over. The board goes on elsewhere. */
static void
test_replaced (BoardFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *elsewhere = g_strconcat (f->path, "-elsewhere", NULL);
  g_autofree char *bytes = NULL;

  write_notes (f, "mine");
  g_assert_true (g_file_set_contents (f->path, "somebody else's", -1, NULL)); /* renamed over ours */
  inq_board_look_at_file (f->board);
  wait_gone (f, TRUE);
  g_assert_false (go_on_at (f, f->path, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_EXISTS);
  g_clear_error (&error);
  write_notes (f, "mine still");
  g_assert_true (go_on_at (f, elsewhere, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (inq_board_get_path (f->board), ==, elsewhere);
  assert_notes (elsewhere, "mine still");
  g_assert_true (g_file_get_contents (f->path, &bytes, NULL, NULL));
  g_assert_cmpstr (bytes, ==, "somebody else's");
  g_unlink (f->path);
  g_free (f->path);
  f->path = g_steal_pointer (&elsewhere);
  board_assert_true_to_file (f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/board/renamed", BoardFixture, NULL, board_set_up, test_renamed, board_tear_down);
  g_test_add ("/board/renamed/without-log", BoardFixture, NULL, board_set_up, test_renamed_without_log,
              board_tear_down);
  g_test_add ("/board/deleted", BoardFixture, NULL, board_set_up, test_deleted, board_tear_down);
  g_test_add ("/board/replaced", BoardFixture, NULL, board_set_up, test_replaced, board_tear_down);
  return g_test_run ();
}
