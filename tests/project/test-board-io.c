/* Inquadra - tests of an open board: no space, reads, opening
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "board-test.h"

#include "inq-sql.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>

/* ---- no space ---- */

static void
set_limit (rlim_t limit)
{
  struct rlimit now;

  getrlimit (RLIMIT_FSIZE, &now);
  now.rlim_cur = limit;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &now), ==, 0);
}

static void
wait_state (BoardFixture *f, InqSavedState state)
{
  while (inq_board_get_saved_state (f->board) != state)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
nothing_cb (InqDocument *document, gpointer data, GError **error)
{
  return inq_document_set_duration (document, *(gint64 *) data, 99, 0, error);
}

static void
test_no_space (BoardFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  struct rlimit unlimited;
  gint64 panel = board_id_at (f, 0), other = board_id_at (f, 1);

  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &unlimited);
  set_limit (0);
  inq_board_set_text (f->board, panel, INQ_FIELD_PROMPT, "typed on a full disk", 0);
  inq_board_add_panel (f->board, panel, INQ_PLACE_AFTER, NULL, NULL);
  wait_state (f, INQ_SAVED_FAILED);
  g_assert_error (inq_board_get_save_error (f->board), INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FULL);
  g_assert_cmpuint (inq_board_get_n_waiting (f->board), ==, 2);
  inq_board_set_text (f->board, other, INQ_FIELD_PROMPT, "and more", 0);
  /* another thread is told at once */
  g_assert_false (inq_board_act_sync (f->board, NULL, nothing_cb, &panel, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FULL);
  g_clear_error (&error);
  /* closing would lose it: it stays open */
  g_assert_false (inq_board_close (f->board, FALSE, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FULL);
  g_clear_error (&error);
  g_assert_cmpint (inq_board_get_saved_state (f->board), ==, INQ_SAVED_FAILED);
  g_assert_cmpuint (inq_board_get_n_waiting (f->board), ==, 3);
  set_limit (unlimited.rlim_cur);
  inq_board_retry (f->board);
  board_drain (f);
  g_assert_cmpint (inq_board_get_saved_state (f->board), ==, INQ_SAVED_YES);
  g_assert_null (inq_board_get_save_error (f->board));
  g_assert_cmpuint (f->failures, ==, 0);
  g_assert_cmpstr (inq_panel_get_text (inq_board_get_panel (f->board, 0), INQ_FIELD_PROMPT), ==,
                   "typed on a full disk");
  g_assert_cmpstr (inq_panel_get_text (inq_board_find_panel (f->board, other), INQ_FIELD_PROMPT), ==, "and more");
  g_assert_cmpuint (inq_board_get_n_panels (f->board), ==, 9);
  board_assert_true_to_file (f);
  /* given up on purpose */
  set_limit (0);
  inq_board_set_text (f->board, panel, INQ_FIELD_PROMPT, "lost on purpose", 0);
  wait_state (f, INQ_SAVED_FAILED);
  g_assert_true (inq_board_close (f->board, TRUE, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (f->failures, ==, 1);
  g_clear_object (&f->board);
  set_limit (unlimited.rlim_cur);
  test_close (test_open (f->path, INQ_OPEN_DEFAULT));
}

/* ---- reads ---- */

/* A panel without anything, whatever the sample has. */
static gint64
fresh_panel (BoardFixture *f)
{
  inq_board_add_panel (f->board, 0, INQ_PLACE_AFTER, NULL, NULL);
  board_drain (f);
  return board_id_at (f, inq_board_get_n_panels (f->board) - 1);
}

static gpointer
fail_read_cb (InqDocument *document, gpointer data, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "on purpose");
  return NULL;
}

static void
test_reads (BoardFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = test_png (640, 360, 9);
  g_autoptr (GBytes) whole = NULL;
  g_autoptr (GBytes) small = NULL;
  g_autoptr (GBytes) kept = NULL;
  g_autoptr (GListModel) list = NULL;
  g_autoptr (InqVariation) first = NULL;
  g_autoptr (GPtrArray) strokes = NULL;
  g_autoptr (GPtrArray) jobs = NULL;
  g_autoptr (GArray) found = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *copy = g_strconcat (f->path, "-copy", NULL);
  InqNewVariation added = { .png = png, .seed = 4, .recipe = "{\"a\":1}", .model = "m" };
  gint64 panel = fresh_panel (f), image;
  g_autoptr (InqStroke) ink = test_stroke (panel, "look");
  BoardWait wait = { NULL };

  inq_board_add_variation (f->board, panel, &added, FALSE, NULL, NULL);
  inq_board_add_stroke (f->board, ink, NULL, NULL);
  board_mark_two (f);
  inq_board_enqueue_job (f->board, panel, "{\"n\":4}", FALSE, NULL, NULL);
  board_drain (f);
  inq_board_read_variations (f->board, panel, NULL, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  list = inq_board_read_variations_finish (f->board, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 1);
  first = g_list_model_get_item (list, 0);
  g_assert_cmpstr (inq_variation_get_row (first)->recipe, ==, "{\"a\":1}");
  image = inq_variation_get_row (first)->image;
  g_assert_cmpint (inq_panel_get_cover_image (inq_board_find_panel (f->board, panel)), ==, image);

  g_clear_object (&result);
  inq_board_read_image (f->board, image, NULL, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  whole = inq_board_read_bytes_finish (f->board, result, &error);
  g_assert_true (g_bytes_equal (whole, png));

  g_clear_object (&result);
  g_assert_null (inq_board_peek_thumbnail (f->board, image));
  inq_board_read_thumbnail (f->board, image, NULL, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  small = inq_board_read_bytes_finish (f->board, result, &error);
  kept = inq_board_peek_thumbnail (f->board, image);
  g_assert_true (kept == small);
  g_clear_object (&result);
  inq_board_read_thumbnail (f->board, image, NULL, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  g_bytes_unref (inq_board_read_bytes_finish (f->board, result, &error));
  g_assert_no_error (error);

  g_clear_object (&result);
  inq_board_read_strokes (f->board, panel, NULL, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  strokes = inq_board_read_array_finish (f->board, result, &error);
  g_assert_cmpuint (strokes->len, ==, 1);

  g_clear_object (&result);
  inq_board_read_jobs (f->board, FALSE, NULL, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  jobs = inq_board_read_array_finish (f->board, result, &error);
  g_assert_cmpuint (jobs->len, ==, 1);

  g_clear_object (&result);
  inq_board_search (f->board, "Inquadrata", 10, NULL, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  found = inq_board_search_finish (f->board, result, &error);
  g_assert_cmpuint (found->len, ==, 2);

  g_clear_object (&result);
  inq_board_backup (f->board, copy, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  g_assert_true (inq_board_act_finish (f->board, result, &error));
  g_assert_true (g_file_test (copy, G_FILE_TEST_EXISTS));

  g_clear_object (&result);
  g_cancellable_cancel (cancellable);
  inq_board_read_image (f->board, image, cancellable, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  g_assert_null (inq_board_read_bytes_finish (f->board, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_clear_object (&result);
  inq_board_read_image (f->board, 12345, NULL, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  g_assert_null (inq_board_read_bytes_finish (f->board, result, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
  g_clear_error (&error);

  g_clear_object (&result);
  inq_board_read (f->board, fail_read_cb, NULL, NULL, g_free, NULL, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  g_assert_null (inq_board_read_finish (f->board, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

static gboolean
rollback_journal_cb (InqDocument *document, gpointer data, GError **error)
{
  gint64 mode = 0;

  return inq_sql_script (document->db, "PRAGMA journal_mode = DELETE", NULL, error)
         && inq_sql_pragma (document->db, "PRAGMA journal_mode", NULL, &mode, error);
}

/* Where WAL cannot work readers and the writer keep each other waiting, no more. */
static void
test_rollback_journal (BoardFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  BoardWait waits[40] = { { NULL } };
  gint64 panel = board_id_at (f, 0);

  board_mark_two (f);
  board_drain (f);
  g_assert_true (inq_board_act_sync (f->board, NULL, rollback_journal_cb, NULL, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (waits); i++) {
    inq_board_set_duration (f->board, panel, (gint) i + 1, 0);
    inq_board_search (f->board, "Inquadrata", 10, NULL, board_wait_cb, &waits[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (waits); i++) {
    g_autoptr (GAsyncResult) result = board_wait_for (&waits[i]);
    g_autoptr (GArray) found = inq_board_search_finish (f->board, result, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (found->len, ==, 2);
  }
  board_drain (f);
  g_assert_cmpint (inq_panel_get_duration (inq_board_get_panel (f->board, 0)), ==, 40);
}

/* ---- opening ---- */

static void
test_open_async (BoardFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (InqBoard) viewer = NULL;
  g_autoptr (InqBoard) fresh = NULL;
  g_autofree char *other = g_strconcat (f->path, "-new.inquadra", NULL);
  BoardWait wait = { NULL };

  inq_board_open_async (f->path, INQ_OPEN_DEFAULT, NULL, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  g_assert_null (inq_board_open_finish (result, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_BUSY);
  g_clear_error (&error);
  g_clear_object (&result);
  inq_board_open_async (f->path, INQ_OPEN_FALL_BACK_READ_ONLY, NULL, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  viewer = inq_board_open_finish (result, &error);
  g_assert_no_error (error);
  g_assert_true (inq_board_get_read_only (viewer));
  g_assert_cmpuint (inq_board_get_n_panels (viewer), ==, 8);
  g_clear_object (&result);
  inq_board_add_panel (viewer, 0, INQ_PLACE_AFTER, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  g_assert_cmpint (inq_board_act_id_finish (viewer, result, &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_clear_object (&result);
  inq_board_close_async (viewer, FALSE, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  g_assert_true (inq_board_close_finish (viewer, result, &error));
  g_clear_object (&result);
  inq_board_new_async (other, NULL, INQ_OPEN_DEFAULT, NULL, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  fresh = inq_board_open_finish (result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (inq_board_get_n_panels (fresh), ==, 0);
  g_assert_cmpint (inq_board_get_total_frames (fresh), ==, 0);
  g_assert_cmpstr (inq_board_get_title (fresh), ==, "board.inquadra-new");
  g_clear_object (&result);
  inq_board_add_panel (fresh, 0, INQ_PLACE_AFTER, board_wait_cb, &wait);
  result = board_wait_for (&wait);
  g_assert_cmpint (inq_board_act_id_finish (fresh, result, &error), >, 0);
  g_assert_true (inq_board_close (fresh, FALSE, NULL));
}

static gboolean
panel_has_notes (InqBoard *board, guint index, const char *notes)
{
  InqPanel *panel = inq_board_get_panel (board, index);

  return panel != NULL && g_str_equal (inq_panel_get_text (panel, INQ_FIELD_NOTES), notes);
}

/* Who looks on sees what the one who edits does, and hears when that one has let go. */
static void
test_follow (BoardFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqBoard) viewer = inq_board_open (f->path, INQ_OPEN_FALL_BACK_READ_ONLY, &error);
  g_autoptr (InqBoard) again = NULL;
  g_autoptr (InqStroke) ink = test_stroke (board_id_at (f, 0), NULL);
  guint n = inq_board_get_n_panels (f->board), strokes, unchanged;
  InqPanel *first;
  InqBoardSettings settings = { .title = "Renamed", .frame_width = 2048, .frame_height = 858, .rate = { 24, 1 } };

  g_assert_no_error (error);
  g_assert_true (inq_board_get_read_only (viewer));
  g_assert_false (inq_board_get_editor_gone (viewer));
  first = inq_board_get_panel (viewer, 0);
  g_object_get (first, "strokes-revision", &strokes, NULL);

  inq_board_add_panel (f->board, 0, INQ_PLACE_AFTER, NULL, NULL);
  inq_board_set_text (f->board, board_id_at (f, 1), INQ_FIELD_NOTES, "seen from afar", 0);
  inq_board_add_stroke (f->board, ink, NULL, NULL);
  inq_board_set_settings (f->board, &settings, NULL, NULL);
  board_drain (f);
  while (inq_board_get_n_panels (viewer) != n + 1 || !panel_has_notes (viewer, 1, "seen from afar")
         || !g_str_equal (inq_board_get_title (viewer), "Renamed"))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (inq_board_get_panel (viewer, 0) == first); /* the same objects, so nobody loses their place */
  g_object_get (first, "strokes-revision", &unchanged, NULL);
  g_assert_cmpuint (unchanged, >, strokes);
  g_assert_false (inq_board_get_editor_gone (viewer));

  g_assert_true (inq_board_close (f->board, FALSE, NULL));
  while (!inq_board_get_editor_gone (viewer))
    g_main_context_iteration (NULL, TRUE);
  /* Another who takes the place is told of too. */
  again = inq_board_open (f->path, INQ_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  while (inq_board_get_editor_gone (viewer))
    g_main_context_iteration (NULL, TRUE);
  /* The one who may write folds the log away, so goes last. */
  g_assert_true (inq_board_close (viewer, FALSE, NULL));
  g_assert_true (inq_board_close (again, FALSE, NULL));
}

/* A job a crash left running is queued again when the board opens. */
static void
test_recovers (BoardFixture *f, gconstpointer data)
{
  g_autoptr (InqJobRow) job = NULL;
  InqDocument *d;

  g_assert_true (inq_board_close (f->board, FALSE, NULL));
  g_clear_object (&f->board);
  g_clear_pointer (&f->mirror, g_ptr_array_unref);
  d = test_open (f->path, INQ_OPEN_DEFAULT);
  g_assert_cmpint (inq_document_enqueue_job (d, 1, "{}", FALSE, NULL), !=, 0);
  job = inq_document_claim_job (d, NULL);
  test_close (d);
  f->board = inq_board_open (f->path, INQ_OPEN_DEFAULT, NULL);
  board_watch (f);
  g_assert_cmpint (inq_panel_get_row (inq_board_get_panel (f->board, 0))->jobs_queued, ==, 1);
  g_assert_cmpint (inq_panel_get_row (inq_board_get_panel (f->board, 0))->jobs_running, ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*func) (BoardFixture *, gconstpointer);
  } tests[] = {
    { "/board/no-space", test_no_space },
    { "/board/reads", test_reads },
    { "/board/rollback-journal", test_rollback_journal },
    { "/board/open-async", test_open_async },
    { "/board/follow", test_follow },
    { "/board/recovers", test_recovers },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, BoardFixture, NULL, board_set_up, tests[i].func, board_tear_down);
  return g_test_run ();
}
