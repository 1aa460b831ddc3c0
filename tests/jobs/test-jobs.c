/* Inquadra - tests of the generation queue
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "jobs-fixture.h"

static void
test_done (Fixture *f, gconstpointer data)
{
  InqJob *job;

  if (jobs_needs_device ())
    return;
  job = g_object_ref (jobs_enqueue (f, 2, 2, 11));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->jobs)), ==, 1);
  g_assert_true (inq_jobs_find_for_panel (f->jobs, f->panel) == job);
  wait_until (jobs_ended (job));
  g_assert_cmpstr (inq_job_get_error (job), ==, NULL);
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_DONE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->jobs)), ==, 0);
  wait_until (jobs_count_variations (f) == 2);
  g_object_unref (job);
  jobs_close_board (f);

  g_autoptr (GPtrArray) rows = jobs_list_variations (f);
  g_assert_cmpuint (rows->len, ==, 2);
  for (guint i = 0; i < 2; i++) {
    const InqVariationRow *row = g_ptr_array_index (rows, i);

    g_assert_cmpuint (row->seed, ==, 11 + i);
    g_assert_cmpint (row->width, ==, WIDTH);
    g_assert_nonnull (strstr (row->recipe, "two people"));
    g_assert_cmpuint (strlen (row->model), ==, 64);
  }
}

static void
test_failed (Fixture *f, gconstpointer data)
{
  const InqJobRequest request = { .panel_id = f->panel, .model = "/nowhere/model.safetensors", .count = 1 };
  InqJob *job = g_object_ref (inq_jobs_enqueue (f->jobs, &request));

  wait_until (jobs_ended (job));
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_FAILED);
  g_assert_nonnull (inq_job_get_error (job));
  if (jobs_have_device)
    g_assert_nonnull (strstr (inq_job_get_error (job), "nowhere"));
  /* It stays in sight, with its reason, and no picture came of it. */
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->jobs)), ==, 1);
  g_assert_null (inq_jobs_find_for_panel (f->jobs, f->panel));
  g_object_unref (job);
  jobs_close_board (f);
  g_autoptr (GPtrArray) rows = jobs_list_variations (f);
  g_assert_cmpuint (rows->len, ==, 0);
}

static void
count_finished_cb (InqJobs *jobs, InqJob *job, guint *n)
{
  ++*n;
}

/* A job whose row cannot be written, here because its panel is not there: it says why, once, and waits for nothing. */
static void
test_not_written (Fixture *f, gconstpointer data)
{
  const InqJobRequest request = { .panel_id = f->panel + 1000, .prompt = "x", .count = 1 };
  guint finished = 0, queued;
  InqJob *job, *unwanted, *good;

  g_signal_connect (f->jobs, "job-finished", G_CALLBACK (count_finished_cb), &finished);
  jobs_hold (f, INQ_JOBS_HOLD_CLAIM);
  job = g_object_ref (inq_jobs_enqueue (f->jobs, &request));
  wait_until (jobs_ended (job));
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_FAILED);
  g_assert_cmpint (inq_job_get_id (job), ==, 0);
  g_assert_nonnull (inq_job_get_error (job));
  g_assert_cmpuint (finished, ==, 1);
  g_object_get (f->jobs, "n-queued", &queued, NULL);
  g_assert_cmpuint (queued, ==, 0);

  /* Nobody waits for this one any more. */
  unwanted = g_object_ref (inq_jobs_enqueue (f->jobs, &request));
  inq_jobs_cancel (f->jobs, unwanted);
  wait_until (jobs_ended (unwanted));
  g_assert_cmpint (inq_job_get_state (unwanted), ==, INQ_JOB_CANCELLED);
  g_assert_cmpuint (finished, ==, 2);

  /* It stays in sight, behind those that wait, and trying it again does nothing. */
  good = jobs_enqueue (f, 1, 1, 1);
  inq_jobs_retry (f->jobs, job);
  wait_until (inq_job_get_id (good) != 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->jobs)), ==, 2);
  g_autoptr (InqJob) last = g_list_model_get_item (G_LIST_MODEL (f->jobs), 1);
  g_assert_true (last == job);
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_FAILED);
  g_object_unref (job);
  g_object_unref (unwanted);
}

static void
test_cancel_queued (Fixture *f, gconstpointer data)
{
  InqJob *first, *second, *third, *again;

  if (jobs_needs_device ())
    return;
  jobs_hold (f, INQ_JOBS_HOLD_CLAIM);
  first = g_object_ref (jobs_enqueue (f, 1, 3, 1));
  second = g_object_ref (jobs_enqueue (f, 1, 3, 2));
  inq_jobs_cancel (f->jobs, second); /* its row is not written yet */
  wait_until (jobs_ended (second));
  g_assert_cmpint (inq_job_get_state (first), ==, INQ_JOB_QUEUED);
  jobs_hold (f, INQ_JOBS_HOLD_NOTHING);
  wait_until (jobs_ended (first));
  g_assert_cmpint (inq_job_get_state (first), ==, INQ_JOB_DONE);
  g_assert_cmpint (inq_job_get_state (second), ==, INQ_JOB_CANCELLED);

  /* Cancelled in the queue and asked for again: not cancelled for good. */
  jobs_hold (f, INQ_JOBS_HOLD_CLAIM);
  third = g_object_ref (jobs_enqueue (f, 1, 3, 3));
  wait_until (inq_job_get_id (third) != 0);
  inq_jobs_cancel (f->jobs, third);
  wait_until (jobs_ended (third));
  g_assert_cmpint (inq_job_get_state (third), ==, INQ_JOB_CANCELLED);
  inq_jobs_retry (f->jobs, third);
  wait_until (inq_jobs_find_for_panel (f->jobs, f->panel) != NULL);
  again = g_object_ref (inq_jobs_find_for_panel (f->jobs, f->panel));
  g_assert_cmpint (inq_job_get_id (again), ==, inq_job_get_id (third));
  jobs_hold (f, INQ_JOBS_HOLD_NOTHING);
  wait_until (jobs_ended (again));
  g_assert_cmpint (inq_job_get_state (again), ==, INQ_JOB_DONE);
  g_object_unref (third);
  g_object_unref (again);
  g_object_unref (first);
  g_object_unref (second);
}

static void
test_cancel_running (Fixture *f, gconstpointer data)
{
  InqJob *job, *next;

  if (jobs_needs_device ())
    return;
  /* Far more steps than anybody waits for, and no end before it is cancelled. */
  jobs_hold (f, INQ_JOBS_HOLD_STORE);
  job = g_object_ref (jobs_enqueue (f, 16, 150, 1));
  wait_until (inq_job_get_state (job) == INQ_JOB_RUNNING && inq_job_get_progress (job) > 0);
  inq_jobs_cancel (f->jobs, job);
  wait_until (jobs_ended (job));
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_CANCELLED);
  /* The engine works on. */
  jobs_hold (f, INQ_JOBS_HOLD_NOTHING);
  next = g_object_ref (jobs_enqueue (f, 1, 2, 5));
  wait_until (jobs_ended (next));
  g_assert_cmpint (inq_job_get_state (next), ==, INQ_JOB_DONE);
  g_object_unref (job);
  g_object_unref (next);
}

static void
test_order (Fixture *f, gconstpointer data)
{
  InqJob *jobs[3];

  if (jobs_needs_device ())
    return;
  jobs_hold (f, INQ_JOBS_HOLD_CLAIM);
  jobs[0] = g_object_ref (jobs_enqueue (f, 1, 2, 1));
  jobs[1] = g_object_ref (jobs_enqueue (f, 1, 2, 2));
  const InqJobRequest front = { .panel_id = f->panel,
                                .prompt = "x",
                                .seed = 3,
                                .count = 1,
                                .steps = 2,
                                .width = WIDTH,
                                .height = HEIGHT,
                                .first = TRUE };
  jobs[2] = g_object_ref (inq_jobs_enqueue (f->jobs, &front));
  jobs_hold (f, INQ_JOBS_HOLD_NOTHING);
  wait_until (jobs_ended (jobs[0]));
  g_assert_cmpint (inq_job_get_state (jobs[2]), ==, INQ_JOB_DONE);
  wait_until (jobs_ended (jobs[1]));
  g_assert_cmpint (inq_job_get_state (jobs[0]), ==, INQ_JOB_DONE);
  for (guint i = 0; i < 3; i++)
    g_object_unref (jobs[i]);
}

/* Quitting in the middle gives the row back, and the next start ends it without making a picture twice. */
static void
test_resume (Fixture *f, gconstpointer data)
{
  InqJob *job;

  if (jobs_needs_device ())
    return;
  job = g_object_ref (jobs_enqueue (f, 3, 2, 21));
  wait_until (jobs_count_variations (f) >= 1 || jobs_ended (job));
  g_object_unref (job);
  jobs_close_board (f);

  jobs_open_board (f);
  f->jobs = inq_jobs_new (f->board, &jobs_no_cache);
  wait_until (jobs_count_variations (f) == 3);
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (f->jobs)) == 0);
  jobs_close_board (f);

  g_autoptr (GPtrArray) rows = jobs_list_variations (f);
  g_assert_cmpuint (rows->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (((InqVariationRow *) g_ptr_array_index (rows, i))->seed, ==, 21 + i);
}

/* Holds the board's writer, and so the engine's thread on its way out, until it is let go. */
typedef struct {
  GMutex mutex;
  GCond cond;
  gboolean held, release;
} Gate;

static gboolean
gate_act (InqDocument *document, gpointer data, GError **error)
{
  Gate *gate = data;

  g_mutex_lock (&gate->mutex);
  gate->held = TRUE;
  g_cond_broadcast (&gate->cond);
  while (!gate->release)
    g_cond_wait (&gate->cond, &gate->mutex);
  g_mutex_unlock (&gate->mutex);
  return TRUE;
}

static gboolean
count_cb (gpointer data)
{
  ++*(guint *) data;
  return G_SOURCE_CONTINUE;
}

static void
shut_down_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  inq_jobs_shutdown_finish (INQ_JOBS (object), result);
  *(gboolean *) data = TRUE;
}

static void
news_after_cb (InqJobs *jobs, GParamSpec *pspec, guint *n)
{
  ++*n;
}

/* However long the engine needs to let go, the main loop goes round meanwhile: here a thousand times before it is even
 * allowed to. */
static void
test_shutdown_async (Fixture *f, gconstpointer data)
{
  Gate gate = { 0 };
  gboolean done = FALSE;
  guint rounds = 0, counter, news = 0;
  InqJob *job;

  if (jobs_needs_device ())
    return;
  jobs_hold (f, INQ_JOBS_HOLD_STORE); /* it does not end by itself */
  job = g_object_ref (jobs_enqueue (f, 16, 150, 31));
  wait_until (inq_job_get_state (job) == INQ_JOB_RUNNING && inq_job_get_progress (job) > 0);
  inq_board_act (f->board, NULL, gate_act, &gate, NULL, NULL, NULL);
  g_mutex_lock (&gate.mutex);
  while (!gate.held)
    g_cond_wait (&gate.cond, &gate.mutex);
  g_mutex_unlock (&gate.mutex);

  inq_jobs_shutdown_async (f->jobs, shut_down_cb, &done);
  g_assert_false (done);
  g_signal_connect (job, "notify", G_CALLBACK (news_after_cb), &news);
  counter = g_idle_add (count_cb, &rounds);
  while (rounds < 1000)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (done);
  g_assert_cmpuint (news, ==, 0);
  /* A second one has nothing to wait for. */
  gboolean again = FALSE;
  inq_jobs_shutdown_async (f->jobs, shut_down_cb, &again);
  wait_until (again);
  g_assert_false (done);

  g_mutex_lock (&gate.mutex);
  gate.release = TRUE;
  g_cond_broadcast (&gate.cond);
  g_mutex_unlock (&gate.mutex);
  wait_until (done);
  g_source_remove (counter);
  jobs_close_board (f);

  /* Queued again, and not as after a crash. */
  g_autoptr (GError) error = NULL;
  InqDocument *document = inq_document_open (f->path, INQ_OPEN_READ_ONLY, &error);
  g_assert_no_error (error);
  g_autoptr (InqJobRow) row = inq_document_get_job (document, inq_job_get_id (job), &error);
  g_assert_no_error (error);
  g_assert_cmpint (row->state, ==, INQ_JOB_QUEUED);
  g_assert_cmpint (row->attempts, ==, 0);
  inq_document_free (document);
  g_object_unref (job);
}

/* Let go of without waiting: what was under way ends by itself and then frees the queue. */
static void
test_shutdown_dropped (Fixture *f, gconstpointer data)
{
  gpointer weak;

  if (jobs_needs_device ())
    return;
  jobs_hold (f, INQ_JOBS_HOLD_STORE);
  jobs_enqueue (f, 16, 150, 32);
  wait_until (inq_jobs_find_for_panel (f->jobs, f->panel) == NULL
              || inq_job_get_progress (inq_jobs_find_for_panel (f->jobs, f->panel)) > 0);
  weak = f->jobs;
  g_object_add_weak_pointer (G_OBJECT (f->jobs), &weak);
  inq_jobs_shutdown_async (f->jobs, NULL, NULL);
  g_clear_object (&f->jobs);
  g_assert_nonnull (weak);
  wait_until (weak == NULL);
}

static void
test_no_device (void)
{
  g_autoptr (GError) error = NULL;
  Fixture f = { NULL };
  InqJob *job;
  const InqGpuOptions options = { .device = "no such device" };

  f.path = jobs_new_board (&f.folder, &f.panel);
  jobs_open_board (&f);
  f.jobs = inq_jobs_new (f.board, &options);
  job = g_object_ref (jobs_enqueue (&f, 1, 1, 1));
  wait_until (jobs_ended (job));
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_FAILED);
  g_assert_nonnull (inq_job_get_error (job));
  g_object_unref (job);
  jobs_tear_down (&f, NULL);
}

int
main (int argc, char **argv)
{
  jobs_test_init (&argc, &argv);
  g_test_add_func ("/jobs/no-device", test_no_device);
  g_test_add ("/jobs/done", Fixture, NULL, jobs_set_up, test_done, jobs_tear_down);
  g_test_add ("/jobs/failed", Fixture, NULL, jobs_set_up, test_failed, jobs_tear_down);
  g_test_add ("/jobs/not-written", Fixture, NULL, jobs_set_up, test_not_written, jobs_tear_down);
  g_test_add ("/jobs/cancel/queued", Fixture, NULL, jobs_set_up, test_cancel_queued, jobs_tear_down);
  g_test_add ("/jobs/cancel/running", Fixture, NULL, jobs_set_up, test_cancel_running, jobs_tear_down);
  g_test_add ("/jobs/order", Fixture, NULL, jobs_set_up, test_order, jobs_tear_down);
  g_test_add ("/jobs/shutdown/async", Fixture, NULL, jobs_set_up, test_shutdown_async, jobs_tear_down);
  g_test_add ("/jobs/shutdown/dropped", Fixture, NULL, jobs_set_up, test_shutdown_dropped, jobs_tear_down);
  g_test_add ("/jobs/resume", Fixture, NULL, jobs_set_up, test_resume, jobs_tear_down);
  return g_test_run ();
}
