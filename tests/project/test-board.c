/* Inquadra - tests of an open board on the main thread: list, acts, threads
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "board-test.h"

static void
test_shown (BoardFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  BoardWait wait = { NULL };
  gint64 added, one;

  g_assert_cmpuint (inq_board_get_n_panels (f->board), ==, 8);
  g_assert_cmpstr (inq_board_get_title (f->board), ==, "The third cup");
  g_assert_false (inq_board_get_read_only (f->board));
  g_assert_cmpfloat_with_epsilon (inq_board_get_frame_aspect (f->board), 16 / 9., 1e-9);
  inq_board_add_panel (f->board, board_id_at (f, 1), INQ_PLACE_AFTER, board_wait_cb, &wait);
  g_assert_cmpint (inq_board_get_saved_state (f->board), ==, INQ_SAVED_SAVING);
  result = board_wait_for (&wait);
  added = inq_board_act_id_finish (f->board, result, &error);
  g_assert_no_error (error);
  /* in the callback the panel is there */
  g_assert_cmpuint (inq_panel_get_index (inq_board_find_panel (f->board, added)), ==, 2);
  g_assert_cmpint (inq_board_get_saved_state (f->board), ==, INQ_SAVED_YES);
  g_assert_cmpstr (inq_board_get_undo_label (f->board), ==, "Add panel");
  board_assert_true_to_file (f);
  /* one panel dragged from front to end is taken out and put in, the others stay as they are */
  one = board_id_at (f, 0);
  inq_board_move_panels (f->board, &one, 1, board_id_at (f, 8), INQ_PLACE_AFTER, NULL, NULL);
  board_drain (f);
  g_assert_cmpint (board_id_at (f, 8), ==, one);
  board_assert_true_to_file (f);
  inq_board_undo (f->board, NULL, NULL);
  inq_board_undo (f->board, NULL, NULL);
  board_drain (f);
  g_assert_cmpuint (f->undone, ==, 2);
  g_assert_cmpint (f->undone_panel, ==, 0); /* the added panel is gone */
  g_assert_cmpuint (inq_board_get_n_panels (f->board), ==, 8);
}

/* Random acts, some while others are under way: the list is the file's in the end, and at every items-changed in
 * between. */
static void
test_random (BoardFixture *f, gconstpointer data)
{
  for (guint i = 0; i < 250; i++) {
    guint n = inq_board_get_n_panels (f->board);
    gint64 a = n > 0 ? board_id_at (f, (guint) g_test_rand_int_range (0, (gint32) n)) : 0;
    gint64 b = n > 0 ? board_id_at (f, (guint) g_test_rand_int_range (0, (gint32) n)) : 0, two[2] = { a, b };
    InqPlace place = g_test_rand_bit () ? INQ_PLACE_AFTER : INQ_PLACE_BEFORE;

    switch (n == 0 ? 0 : g_test_rand_int_range (0, 13)) {
    case 0:
      inq_board_add_panel (f->board, a, place, NULL, NULL);
      break;
    case 1:
      inq_board_add_scene (f->board, a, place, "INT. ROOM", NULL, NULL);
      break;
    case 2:
      inq_board_duplicate_panel (f->board, a, NULL, NULL);
      break;
    case 3:
      inq_board_delete_panels (f->board, two, a != b && g_test_rand_bit () ? 2 : 1, NULL, NULL);
      break;
    case 4:
    case 5:
      inq_board_move_panels (f->board, &a, 1, b, place, NULL, NULL);
      break;
    case 6:
      inq_board_split_shot (f->board, a, NULL, NULL);
      break;
    case 7:
      inq_board_join_shot (f->board, a, NULL, NULL);
      break;
    case 8:
      inq_board_set_duration (f->board, a, g_test_rand_int_range (1, 200), 0);
      break;
    case 9:
      inq_board_set_text (f->board, a, g_test_rand_int_range (0, INQ_N_FIELDS), "a word", 3);
      break;
    case 10:
      inq_board_undo (f->board, NULL, NULL);
      break;
    case 11:
      inq_board_redo (f->board, NULL, NULL);
      break;
    default:
      inq_board_set_scene (f->board, a, "EXT. ROAD", g_test_rand_bit () ? "7" : "", 0);
    }
    if (g_test_rand_bit ())
      board_drain (f);
    else
      g_main_context_iteration (NULL, FALSE);
  }
  board_drain (f);
  board_assert_true_to_file (f);
}

static void
notify_count_cb (GObject *object, GParamSpec *spec, gpointer data)
{
  ++*(guint *) data;
}

static void
test_notify (BoardFixture *f, gconstpointer data)
{
  InqPanel *panel = inq_board_get_panel (f->board, 0), *next = inq_board_get_panel (f->board, 1);
  g_autoptr (GBytes) png = test_png (64, 36, 1);
  InqNewVariation added = { .png = png };
  InqBoardSettings settings = { "Renamed", 1920, 804, { 25, 1 } };
  guint prompts = 0, starts = 0, variations = 0, covers = 0, numbers = 0, titles = 0;
  g_autoptr (InqStroke) ink = test_stroke (inq_panel_get_id (panel), NULL);

  g_signal_connect (panel, "notify::prompt", G_CALLBACK (notify_count_cb), &prompts);
  g_signal_connect (next, "notify::start-frame", G_CALLBACK (notify_count_cb), &starts);
  g_signal_connect (panel, "notify::variations-revision", G_CALLBACK (notify_count_cb), &variations);
  g_signal_connect (panel, "notify::cover-image", G_CALLBACK (notify_count_cb), &covers);
  g_signal_connect (next, "notify::number", G_CALLBACK (notify_count_cb), &numbers);
  g_signal_connect (f->board, "notify::title", G_CALLBACK (notify_count_cb), &titles);
  inq_board_set_text (f->board, inq_panel_get_id (panel), INQ_FIELD_PROMPT, "new words", 0);
  inq_board_set_duration (f->board, inq_panel_get_id (panel), 11, 0);
  inq_board_add_variation (f->board, inq_panel_get_id (panel), &added, TRUE, NULL, NULL);
  inq_board_add_stroke (f->board, ink, NULL, NULL);
  board_drain (f);
  g_assert_cmpuint (prompts, ==, 1);
  g_assert_cmpuint (starts, ==, 1);
  g_assert_cmpuint (variations, >=, 1);
  g_assert_cmpuint (covers, ==, 1);
  g_assert_cmpuint (numbers, ==, 0);
  g_assert_cmpint (inq_panel_get_start_frame (next), ==, 11);
  g_assert_cmpint (inq_panel_get_row (panel)->n_strokes, ==, 1);
  inq_board_set_settings (f->board, &settings, NULL, NULL);
  board_drain (f);
  g_assert_cmpuint (titles, ==, 1);
  g_assert_cmpstr (inq_board_get_title (f->board), ==, "Renamed");
  g_assert_true (inq_rate_equal (inq_board_get_rate (f->board), settings.rate));
  g_signal_handlers_disconnect_by_data (panel, &prompts);
  g_signal_handlers_disconnect_by_data (panel, &variations);
  g_signal_handlers_disconnect_by_data (panel, &covers);
  g_signal_handlers_disconnect_by_data (next, &starts);
  g_signal_handlers_disconnect_by_data (next, &numbers);
  g_signal_handlers_disconnect_by_data (f->board, &titles);
}

/* A thousand key presses, then quit at once: all of it is in the file, as one step. */
static void
test_quit_while_typing (BoardFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqPanelRow) row = NULL;
  g_autofree char *last = NULL;
  gint64 panel = board_id_at (f, 4);
  guint64 session = inq_board_new_session (f->board);
  InqDocument *d;

  for (guint i = 0; i < 1000; i++) {
    g_free (last);
    last = g_strdup_printf ("key %u", i);
    inq_board_set_text (f->board, panel, INQ_FIELD_ACTION, last, session);
  }
  for (guint i = 0; i < 20; i++)
    inq_board_add_panel (f->board, panel, INQ_PLACE_AFTER, NULL, NULL);
  g_assert_true (inq_board_close (f->board, FALSE, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (inq_board_get_n_panels (f->board), ==, 28);
  g_assert_cmpint (inq_board_get_saved_state (f->board), ==, INQ_SAVED_YES);
  /* closed: acts fail, the list stays */
  inq_board_add_panel (f->board, panel, INQ_PLACE_AFTER, NULL, NULL);
  g_assert_cmpuint (f->failures, ==, 1);
  g_assert_false (inq_board_act_sync (f->board, NULL, NULL, NULL, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_true (inq_board_close (f->board, FALSE, &error));
  g_clear_object (&f->board);
  d = test_open (f->path, INQ_OPEN_DEFAULT);
  row = inq_document_get_panel (d, panel, NULL);
  g_assert_cmpstr (row->text[INQ_FIELD_ACTION], ==, last);
  for (guint i = 0; i < 21; i++)
    g_assert_true (inq_document_undo (d, NULL, NULL));
  g_assert_null (inq_document_get_undo_label (d));
  test_close (d);
}

static void
test_unref_closes (BoardFixture *f, gconstpointer data)
{
  gint64 panel = board_id_at (f, 0);
  g_autoptr (InqPanelRow) row = NULL;
  InqDocument *d;

  inq_board_set_text (f->board, panel, INQ_FIELD_NOTES, "written by the way", 0);
  g_assert_finalize_object (g_steal_pointer (&f->board));
  d = test_open (f->path, INQ_OPEN_DEFAULT);
  row = inq_document_get_panel (d, panel, NULL);
  g_assert_cmpstr (row->text[INQ_FIELD_NOTES], ==, "written by the way");
  test_close (d);
}

/* ---- other threads ---- */

static gboolean
append_note_cb (InqDocument *document, gpointer data, GError **error)
{
  g_autoptr (InqPanelRow) row = inq_document_get_panel (document, *(gint64 *) data, error);
  g_autofree char *text = NULL;

  if (row == NULL)
    return FALSE;
  text = g_strconcat (row->text[INQ_FIELD_NOTES], "x", NULL);
  return inq_document_set_text (document, row->id, INQ_FIELD_NOTES, text, 0, error);
}

static gboolean
refuse_cb (InqDocument *document, gpointer data, GError **error)
{
  inq_document_add_panel (document, 0, INQ_PLACE_AFTER, NULL);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "no");
  return FALSE;
}

typedef struct {
  InqBoard *board;
  gint64 panel;
} Worker;

static gpointer
worker_thread (gpointer data)
{
  Worker *worker = data;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 40; i++) {
    g_assert_true (
        inq_board_act_sync (worker->board, i % 2 == 0 ? "Note" : NULL, append_note_cb, &worker->panel, &error));
    g_assert_no_error (error);
  }
  g_assert_false (inq_board_act_sync (worker->board, "Refuse", refuse_cb, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return NULL;
}

static void
jobs_cb (gpointer data)
{
  g_atomic_int_inc ((gint *) data);
}

static void
test_threads (BoardFixture *f, gconstpointer data)
{
  Worker workers[3];
  GThread *threads[3];
  gint woken = 0;
  gint64 panel = board_id_at (f, 2);

  inq_board_set_jobs_func (f->board, jobs_cb, &woken);
  for (guint i = 0; i < 3; i++) {
    workers[i] = (Worker){ f->board, panel };
    threads[i] = g_thread_new ("worker", worker_thread, &workers[i]);
  }
  for (guint i = 0; i < 40; i++)
    inq_board_set_duration (f->board, panel, (gint) i + 1, 0);
  for (guint i = 0; i < 3; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (g_atomic_int_get (&woken), ==, 0);
  inq_board_enqueue_job (f->board, panel, "{}", FALSE, NULL, NULL);
  board_drain (f);
  g_assert_cmpint (g_atomic_int_get (&woken), ==, 1);
  inq_board_set_jobs_func (f->board, NULL, NULL);
  inq_board_cancel_jobs (f->board, 0);
  board_drain (f);
  g_assert_cmpint (g_atomic_int_get (&woken), ==, 1);
  g_assert_cmpuint (strlen (inq_panel_get_text (inq_board_find_panel (f->board, panel), INQ_FIELD_NOTES)), ==, 120);
  g_assert_cmpint (inq_panel_get_duration (inq_board_find_panel (f->board, panel)), ==, 40);
}

/* Two thousand panels: complete, and an act in the middle touches what it must. */
static void
test_many (BoardFixture *f, gconstpointer data)
{
  InqDocument *d;
  gint64 panel = 0;
  gint64 last;

  g_assert_true (inq_board_close (f->board, FALSE, NULL));
  g_clear_object (&f->board);
  g_clear_pointer (&f->mirror, g_ptr_array_unref);
  d = test_open (f->path, INQ_OPEN_DEFAULT);
  g_assert_true (inq_document_begin (d, NULL, NULL, NULL));
  for (guint i = 0; i < 1992; i++)
    panel = i % 5 == 0 ? inq_document_add_shot (d, panel, INQ_PLACE_AFTER, NULL)
                       : inq_document_add_panel (d, panel, INQ_PLACE_AFTER, NULL);
  g_assert_true (inq_document_commit (d, NULL));
  test_close (d);
  f->board = inq_board_open (f->path, INQ_OPEN_DEFAULT, NULL);
  board_watch (f);
  g_assert_cmpuint (inq_board_get_n_panels (f->board), ==, 2000);
  last = board_id_at (f, 1999);
  inq_board_move_panels (f->board, &last, 1, board_id_at (f, 0), INQ_PLACE_BEFORE, NULL, NULL);
  board_drain (f);
  g_assert_cmpint (board_id_at (f, 0), ==, last);
  inq_board_undo (f->board, NULL, NULL);
  board_drain (f);
  g_assert_cmpint (board_id_at (f, 1999), ==, last);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*func) (BoardFixture *, gconstpointer);
  } tests[] = {
    { "/board/shown", test_shown },
    { "/board/random", test_random },
    { "/board/notify", test_notify },
    { "/board/quit-while-typing", test_quit_while_typing },
    { "/board/unref-closes", test_unref_closes },
    { "/board/threads", test_threads },
    { "/board/many", test_many },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, BoardFixture, NULL, board_set_up, tests[i].func, board_tear_down);
  return g_test_run ();
}
