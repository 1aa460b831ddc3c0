/* Inquadra - tests of an open board on the main thread
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "project-test.h"

#include "inq-board-acts.h"
#include "inq-board-reads.h"
#include "inq-sample-board.h"
#include "inq-sql.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>

typedef struct {
  char *path;
  InqBoard *board;
  GPtrArray *mirror; /* what someone who only listens to items-changed believes */
  guint failures, undone;
  gint64 undone_panel;
} Fixture;

static void
items_changed_cb (GListModel *list, guint at, guint removed, guint added, Fixture *f)
{
  g_assert_cmpuint (at + removed, <=, f->mirror->len);
  if (removed > 0)
    g_ptr_array_remove_range (f->mirror, at, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (f->mirror, (gint) (at + i), g_list_model_get_item (list, at + i));
  g_assert_cmpuint (f->mirror->len, ==, g_list_model_get_n_items (list));
}

static void
act_failed_cb (InqBoard *board, GError *error, Fixture *f)
{
  g_assert_nonnull (error);
  f->failures++;
}

static void
undone_cb (InqBoard *board, gint64 panel, Fixture *f)
{
  f->undone++;
  f->undone_panel = panel;
}

static void
watch (Fixture *f)
{
  f->mirror = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < inq_board_get_n_panels (f->board); i++)
    g_ptr_array_add (f->mirror, g_object_ref (inq_board_get_panel (f->board, i)));
  g_signal_connect (f->board, "items-changed", G_CALLBACK (items_changed_cb), f);
  g_signal_connect (f->board, "act-failed", G_CALLBACK (act_failed_cb), f);
  g_signal_connect (f->board, "undone", G_CALLBACK (undone_cb), f);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->path = test_path_new ("board.inquadra");
  g_assert_true (inq_sample_board_create (f->path, &error));
  f->board = inq_board_open (f->path, INQ_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  watch (f);
}

/* Gives two panels a word that no other has. */
static void
mark_two (Fixture *f)
{
  for (guint i = 2; i < 4; i++)
    inq_board_set_text (f->board, inq_panel_get_id (inq_board_get_panel (f->board, i)), INQ_FIELD_NOTES, "inquadrata",
                        0);
}

static void
drain (Fixture *f)
{
  while (inq_board_get_n_waiting (f->board) > 0)
    g_main_context_iteration (NULL, TRUE);
}

/* The list says what the file says. */
static void
assert_true_to_file (Fixture *f)
{
  InqDocument *d = test_open (f->path, INQ_OPEN_READ_ONLY);
  g_autoptr (GPtrArray) rows = inq_document_list_panels (d, NULL);
  gint64 frame = 0;

  g_assert_cmpuint (rows->len, ==, inq_board_get_n_panels (f->board));
  g_assert_cmpuint (rows->len, ==, f->mirror->len);
  for (guint i = 0; i < rows->len; i++) {
    InqPanelRow *row = rows->pdata[i];
    InqPanel *panel = inq_board_get_panel (f->board, i);
    const InqPanelRow *shown = inq_panel_get_row (panel);

    g_assert_true (f->mirror->pdata[i] == panel);
    g_assert_true (inq_board_find_panel (f->board, row->id) == panel);
    g_assert_cmpint (inq_panel_get_id (panel), ==, row->id);
    g_assert_cmpuint (inq_panel_get_index (panel), ==, i);
    g_assert_cmpint (inq_panel_get_start_frame (panel), ==, frame);
    g_assert_true (inq_board_panel_at_frame (f->board, frame) == panel);
    g_assert_true (inq_board_panel_at_frame (f->board, frame + row->duration - 1) == panel);
    g_assert_cmpstr (shown->number, ==, row->number);
    g_assert_cmpstr (shown->scene_title, ==, row->scene_title);
    for (guint k = 0; k < INQ_N_FIELDS; k++)
      g_assert_cmpstr (shown->text[k], ==, row->text[k]);
    g_assert_cmpint (shown->picked, ==, row->picked);
    g_assert_cmpint (shown->cover_image, ==, row->cover_image);
    g_assert_cmpint (shown->n_variations, ==, row->n_variations);
    g_assert_cmpint (shown->n_strokes, ==, row->n_strokes);
    g_assert_cmpint (shown->jobs_queued, ==, row->jobs_queued);
    g_assert_cmpint (shown->jobs_failed, ==, row->jobs_failed);
    g_assert_cmpint (inq_panel_get_first_in_shot (panel), ==,
                     i == 0 || ((InqPanelRow *) rows->pdata[i - 1])->shot != row->shot);
    frame += row->duration;
  }
  g_assert_cmpint (inq_board_get_total_frames (f->board), ==, frame);
  g_assert_null (inq_board_panel_at_frame (f->board, frame));
  g_assert_null (inq_board_panel_at_frame (f->board, -1));
  g_assert_cmpstr (inq_board_get_undo_label (f->board), ==, inq_document_get_undo_label (d));
  g_assert_cmpstr (inq_board_get_redo_label (f->board), ==, inq_document_get_redo_label (d));
  test_close (d);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *wal = g_strconcat (f->path, "-wal", NULL);

  if (f->board != NULL) {
    drain (f);
    assert_true_to_file (f);
    g_assert_true (inq_board_close (f->board, FALSE, &error));
    g_assert_no_error (error);
    g_assert_finalize_object (f->board);
  }
  g_clear_pointer (&f->mirror, g_ptr_array_unref);
  g_assert_false (g_file_test (wal, G_FILE_TEST_EXISTS));
  test_path_free (f->path);
}

static gint64
id_at (Fixture *f, guint index)
{
  return inq_panel_get_id (inq_board_get_panel (f->board, index));
}

/* ---- */

typedef struct {
  GAsyncResult *result;
} Wait;

static void
wait_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ((Wait *) data)->result = g_object_ref (result);
}

static GAsyncResult *
wait_for (Wait *wait)
{
  while (wait->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (&wait->result);
}

static void
test_shown (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  Wait wait = { NULL };
  gint64 added, one;

  g_assert_cmpuint (inq_board_get_n_panels (f->board), ==, 8);
  g_assert_cmpstr (inq_board_get_title (f->board), ==, "The third cup");
  g_assert_false (inq_board_get_read_only (f->board));
  g_assert_cmpfloat_with_epsilon (inq_board_get_frame_aspect (f->board), 16 / 9., 1e-9);
  inq_board_add_panel (f->board, id_at (f, 1), INQ_PLACE_AFTER, wait_cb, &wait);
  g_assert_cmpint (inq_board_get_saved_state (f->board), ==, INQ_SAVED_SAVING);
  result = wait_for (&wait);
  added = inq_board_act_id_finish (f->board, result, &error);
  g_assert_no_error (error);
  /* in the callback the panel is there */
  g_assert_cmpuint (inq_panel_get_index (inq_board_find_panel (f->board, added)), ==, 2);
  g_assert_cmpint (inq_board_get_saved_state (f->board), ==, INQ_SAVED_YES);
  g_assert_cmpstr (inq_board_get_undo_label (f->board), ==, "Add panel");
  assert_true_to_file (f);
  /* one panel dragged from front to end is taken out and put in, the others stay as they are */
  one = id_at (f, 0);
  inq_board_move_panels (f->board, &one, 1, id_at (f, 8), INQ_PLACE_AFTER, NULL, NULL);
  drain (f);
  g_assert_cmpint (id_at (f, 8), ==, one);
  assert_true_to_file (f);
  inq_board_undo (f->board, NULL, NULL);
  inq_board_undo (f->board, NULL, NULL);
  drain (f);
  g_assert_cmpuint (f->undone, ==, 2);
  g_assert_cmpint (f->undone_panel, ==, 0); /* the added panel is gone */
  g_assert_cmpuint (inq_board_get_n_panels (f->board), ==, 8);
}

/* Random acts, some while others are under way: the list is the file's in the end, and at every items-changed in
 * between. */
static void
test_random (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 250; i++) {
    guint n = inq_board_get_n_panels (f->board);
    gint64 a = n > 0 ? id_at (f, (guint) g_test_rand_int_range (0, (gint32) n)) : 0;
    gint64 b = n > 0 ? id_at (f, (guint) g_test_rand_int_range (0, (gint32) n)) : 0, two[2] = { a, b };
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
      drain (f);
    else
      g_main_context_iteration (NULL, FALSE);
  }
  drain (f);
  assert_true_to_file (f);
}

static void
notify_count_cb (GObject *object, GParamSpec *spec, gpointer data)
{
  ++*(guint *) data;
}

static void
test_notify (Fixture *f, gconstpointer data)
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
  drain (f);
  g_assert_cmpuint (prompts, ==, 1);
  g_assert_cmpuint (starts, ==, 1);
  g_assert_cmpuint (variations, >=, 1);
  g_assert_cmpuint (covers, ==, 1);
  g_assert_cmpuint (numbers, ==, 0);
  g_assert_cmpint (inq_panel_get_start_frame (next), ==, 11);
  g_assert_cmpint (inq_panel_get_row (panel)->n_strokes, ==, 1);
  inq_board_set_settings (f->board, &settings, NULL, NULL);
  drain (f);
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
test_quit_while_typing (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqPanelRow) row = NULL;
  g_autofree char *last = NULL;
  gint64 panel = id_at (f, 4);
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
test_unref_closes (Fixture *f, gconstpointer data)
{
  gint64 panel = id_at (f, 0);
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
test_threads (Fixture *f, gconstpointer data)
{
  Worker workers[3];
  GThread *threads[3];
  gint woken = 0;
  gint64 panel = id_at (f, 2);

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
  drain (f);
  g_assert_cmpint (g_atomic_int_get (&woken), ==, 1);
  inq_board_set_jobs_func (f->board, NULL, NULL);
  inq_board_cancel_jobs (f->board, 0);
  drain (f);
  g_assert_cmpint (g_atomic_int_get (&woken), ==, 1);
  g_assert_cmpuint (strlen (inq_panel_get_text (inq_board_find_panel (f->board, panel), INQ_FIELD_NOTES)), ==, 120);
  g_assert_cmpint (inq_panel_get_duration (inq_board_find_panel (f->board, panel)), ==, 40);
}

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
wait_state (Fixture *f, InqSavedState state)
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
test_no_space (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  struct rlimit unlimited;
  gint64 panel = id_at (f, 0), other = id_at (f, 1);

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
  drain (f);
  g_assert_cmpint (inq_board_get_saved_state (f->board), ==, INQ_SAVED_YES);
  g_assert_null (inq_board_get_save_error (f->board));
  g_assert_cmpuint (f->failures, ==, 0);
  g_assert_cmpstr (inq_panel_get_text (inq_board_get_panel (f->board, 0), INQ_FIELD_PROMPT), ==,
                   "typed on a full disk");
  g_assert_cmpstr (inq_panel_get_text (inq_board_find_panel (f->board, other), INQ_FIELD_PROMPT), ==, "and more");
  g_assert_cmpuint (inq_board_get_n_panels (f->board), ==, 9);
  assert_true_to_file (f);
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
fresh_panel (Fixture *f)
{
  inq_board_add_panel (f->board, 0, INQ_PLACE_AFTER, NULL, NULL);
  drain (f);
  return id_at (f, inq_board_get_n_panels (f->board) - 1);
}

static gpointer
fail_read_cb (InqDocument *document, gpointer data, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "on purpose");
  return NULL;
}

static void
test_reads (Fixture *f, gconstpointer data)
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
  Wait wait = { NULL };

  inq_board_add_variation (f->board, panel, &added, FALSE, NULL, NULL);
  inq_board_add_stroke (f->board, ink, NULL, NULL);
  mark_two (f);
  inq_board_enqueue_job (f->board, panel, "{\"n\":4}", FALSE, NULL, NULL);
  drain (f);
  inq_board_read_variations (f->board, panel, NULL, wait_cb, &wait);
  result = wait_for (&wait);
  list = inq_board_read_variations_finish (f->board, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 1);
  first = g_list_model_get_item (list, 0);
  g_assert_cmpstr (inq_variation_get_row (first)->recipe, ==, "{\"a\":1}");
  image = inq_variation_get_row (first)->image;
  g_assert_cmpint (inq_panel_get_cover_image (inq_board_find_panel (f->board, panel)), ==, image);

  g_clear_object (&result);
  inq_board_read_image (f->board, image, NULL, wait_cb, &wait);
  result = wait_for (&wait);
  whole = inq_board_read_bytes_finish (f->board, result, &error);
  g_assert_true (g_bytes_equal (whole, png));

  g_clear_object (&result);
  g_assert_null (inq_board_peek_thumbnail (f->board, image));
  inq_board_read_thumbnail (f->board, image, NULL, wait_cb, &wait);
  result = wait_for (&wait);
  small = inq_board_read_bytes_finish (f->board, result, &error);
  kept = inq_board_peek_thumbnail (f->board, image);
  g_assert_true (kept == small);
  g_clear_object (&result);
  inq_board_read_thumbnail (f->board, image, NULL, wait_cb, &wait);
  result = wait_for (&wait);
  g_bytes_unref (inq_board_read_bytes_finish (f->board, result, &error));
  g_assert_no_error (error);

  g_clear_object (&result);
  inq_board_read_strokes (f->board, panel, NULL, wait_cb, &wait);
  result = wait_for (&wait);
  strokes = inq_board_read_array_finish (f->board, result, &error);
  g_assert_cmpuint (strokes->len, ==, 1);

  g_clear_object (&result);
  inq_board_read_jobs (f->board, FALSE, NULL, wait_cb, &wait);
  result = wait_for (&wait);
  jobs = inq_board_read_array_finish (f->board, result, &error);
  g_assert_cmpuint (jobs->len, ==, 1);

  g_clear_object (&result);
  inq_board_search (f->board, "Inquadrata", 10, NULL, wait_cb, &wait);
  result = wait_for (&wait);
  found = inq_board_search_finish (f->board, result, &error);
  g_assert_cmpuint (found->len, ==, 2);

  g_clear_object (&result);
  inq_board_backup (f->board, copy, wait_cb, &wait);
  result = wait_for (&wait);
  g_assert_true (inq_board_act_finish (f->board, result, &error));
  g_assert_true (g_file_test (copy, G_FILE_TEST_EXISTS));

  g_clear_object (&result);
  g_cancellable_cancel (cancellable);
  inq_board_read_image (f->board, image, cancellable, wait_cb, &wait);
  result = wait_for (&wait);
  g_assert_null (inq_board_read_bytes_finish (f->board, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_clear_object (&result);
  inq_board_read_image (f->board, 12345, NULL, wait_cb, &wait);
  result = wait_for (&wait);
  g_assert_null (inq_board_read_bytes_finish (f->board, result, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
  g_clear_error (&error);

  g_clear_object (&result);
  inq_board_read (f->board, fail_read_cb, NULL, NULL, g_free, NULL, wait_cb, &wait);
  result = wait_for (&wait);
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
test_rollback_journal (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Wait waits[40] = { { NULL } };
  gint64 panel = id_at (f, 0);

  mark_two (f);
  drain (f);
  g_assert_true (inq_board_act_sync (f->board, NULL, rollback_journal_cb, NULL, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (waits); i++) {
    inq_board_set_duration (f->board, panel, (gint) i + 1, 0);
    inq_board_search (f->board, "Inquadrata", 10, NULL, wait_cb, &waits[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (waits); i++) {
    g_autoptr (GAsyncResult) result = wait_for (&waits[i]);
    g_autoptr (GArray) found = inq_board_search_finish (f->board, result, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (found->len, ==, 2);
  }
  drain (f);
  g_assert_cmpint (inq_panel_get_duration (inq_board_get_panel (f->board, 0)), ==, 40);
}

/* ---- opening ---- */

static void
test_open_async (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (InqBoard) viewer = NULL;
  g_autoptr (InqBoard) fresh = NULL;
  g_autofree char *other = g_strconcat (f->path, "-new.inquadra", NULL);
  Wait wait = { NULL };

  inq_board_open_async (f->path, INQ_OPEN_DEFAULT, NULL, wait_cb, &wait);
  result = wait_for (&wait);
  g_assert_null (inq_board_open_finish (result, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_BUSY);
  g_clear_error (&error);
  g_clear_object (&result);
  inq_board_open_async (f->path, INQ_OPEN_FALL_BACK_READ_ONLY, NULL, wait_cb, &wait);
  result = wait_for (&wait);
  viewer = inq_board_open_finish (result, &error);
  g_assert_no_error (error);
  g_assert_true (inq_board_get_read_only (viewer));
  g_assert_cmpuint (inq_board_get_n_panels (viewer), ==, 8);
  g_clear_object (&result);
  inq_board_add_panel (viewer, 0, INQ_PLACE_AFTER, wait_cb, &wait);
  result = wait_for (&wait);
  g_assert_cmpint (inq_board_act_id_finish (viewer, result, &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_clear_object (&result);
  inq_board_close_async (viewer, FALSE, wait_cb, &wait);
  result = wait_for (&wait);
  g_assert_true (inq_board_close_finish (viewer, result, &error));
  g_clear_object (&result);
  inq_board_new_async (other, NULL, INQ_OPEN_DEFAULT, NULL, wait_cb, &wait);
  result = wait_for (&wait);
  fresh = inq_board_open_finish (result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (inq_board_get_n_panels (fresh), ==, 0);
  g_assert_cmpint (inq_board_get_total_frames (fresh), ==, 0);
  g_assert_cmpstr (inq_board_get_title (fresh), ==, "board.inquadra-new");
  g_clear_object (&result);
  inq_board_add_panel (fresh, 0, INQ_PLACE_AFTER, wait_cb, &wait);
  result = wait_for (&wait);
  g_assert_cmpint (inq_board_act_id_finish (fresh, result, &error), >, 0);
  g_assert_true (inq_board_close (fresh, FALSE, NULL));
}

/* A job a crash left running is queued again when the board opens. */
static void
test_recovers (Fixture *f, gconstpointer data)
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
  watch (f);
  g_assert_cmpint (inq_panel_get_row (inq_board_get_panel (f->board, 0))->jobs_queued, ==, 1);
  g_assert_cmpint (inq_panel_get_row (inq_board_get_panel (f->board, 0))->jobs_running, ==, 0);
}

/* Two thousand panels: complete, and an act in the middle touches what it must. */
static void
test_many (Fixture *f, gconstpointer data)
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
  watch (f);
  g_assert_cmpuint (inq_board_get_n_panels (f->board), ==, 2000);
  last = id_at (f, 1999);
  inq_board_move_panels (f->board, &last, 1, id_at (f, 0), INQ_PLACE_BEFORE, NULL, NULL);
  drain (f);
  g_assert_cmpint (id_at (f, 0), ==, last);
  inq_board_undo (f->board, NULL, NULL);
  drain (f);
  g_assert_cmpint (id_at (f, 1999), ==, last);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/board/shown", test_shown },
    { "/board/random", test_random },
    { "/board/notify", test_notify },
    { "/board/quit-while-typing", test_quit_while_typing },
    { "/board/unref-closes", test_unref_closes },
    { "/board/threads", test_threads },
    { "/board/no-space", test_no_space },
    { "/board/reads", test_reads },
    { "/board/rollback-journal", test_rollback_journal },
    { "/board/open-async", test_open_async },
    { "/board/recovers", test_recovers },
    { "/board/many", test_many },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
