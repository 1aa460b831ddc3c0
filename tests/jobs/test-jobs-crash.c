/* Inquadra - tests of the generation queue: a process that dies, a disk that fills up
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs-fixture.h"

#include <inq-document-private.h>
#include <inq-sql.h>

/* A process that dies while a job runs: once it is queued again, the second time it is failed with the reason. */
static void
crash_while_running (const char *path)
{
  int status;
  pid_t child = fork ();

  if (child == 0) {
    InqDocument *document = inq_document_open (path, INQ_OPEN_DEFAULT, NULL);
    InqJobRow *row = document != NULL ? inq_document_claim_job (document, NULL) : NULL;

    if (row != NULL)
      kill (getpid (), SIGKILL);
    _exit (1);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
}

/* @job is all that is open, in @state; 0: nothing is. */
static void
assert_open (InqDocument *document, gint64 job, InqJobState state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = inq_document_list_open_jobs (document, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, job != 0);
  if (job == 0)
    return;
  g_assert_cmpint (((InqJobRow *) rows->pdata[0])->id, ==, job);
  g_assert_cmpint (((InqJobRow *) rows->pdata[0])->state, ==, state);
}

static void
test_crash_twice (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL;
  gint64 panel;
  g_autofree char *path = jobs_new_board (&folder, &panel);
  g_autoptr (InqJobParams) params = inq_job_params_new ();
  g_autofree char *json = inq_job_params_to_json (params);
  int requeued, failed;
  gint64 job;

  InqDocument *document = inq_document_open (path, INQ_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  job = inq_document_enqueue_job (document, panel, json, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (inq_document_close (document, &error));

  crash_while_running (path);
  document = inq_document_open (path, INQ_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  g_assert_true (inq_document_recover_jobs (document, &requeued, &failed, &error));
  g_assert_cmpint (requeued, ==, 1);
  g_assert_cmpint (failed, ==, 0);
  g_assert_true (inq_document_close (document, &error));

  crash_while_running (path);
  document = inq_document_open (path, INQ_OPEN_DEFAULT, &error);
  g_assert_true (inq_document_recover_jobs (document, &requeued, &failed, &error));
  g_assert_cmpint (requeued, ==, 0);
  g_assert_cmpint (failed, ==, 1);
  g_autoptr (InqJobRow) row = inq_document_get_job (document, job, &error);
  g_assert_cmpint (row->state, ==, INQ_JOB_FAILED);
  g_assert_cmpstr (row->error, !=, "");
  g_assert_true (inq_document_close (document, &error));

  /* The artist sees it, with the reason, and may try again. */
  Fixture f = { .path = path };
  jobs_open_board (&f);
  f.jobs = inq_jobs_new (f.board, &jobs_no_cache);
  jobs_hold (&f, INQ_JOBS_HOLD_CLAIM);
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (f.jobs)) == 1);
  g_autoptr (InqJob) shown = g_list_model_get_item (G_LIST_MODEL (f.jobs), 0);
  g_assert_cmpint (inq_job_get_id (shown), ==, job);
  g_assert_cmpint (inq_job_get_state (shown), ==, INQ_JOB_FAILED);
  g_assert_cmpstr (inq_job_get_error (shown), ==, row->error);
  inq_jobs_retry (f.jobs, shown);
  wait_until (inq_job_get_state (shown) == INQ_JOB_QUEUED);
  jobs_close_board (&f);

  /* Until the panel is drawn: then there is nothing left to do. */
  document = inq_document_open (path, INQ_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  assert_open (document, job, INQ_JOB_QUEUED);
  g_assert_true (inq_document_fail_job (document, job, "again", &error));
  assert_open (document, job, INQ_JOB_FAILED);
  gint64 second = inq_document_enqueue_job (document, panel, json, FALSE, &error);
  g_assert_true (inq_document_fail_job (document, second, "and again", &error));
  assert_open (document, second, INQ_JOB_FAILED); /* the newest tells */
  gint64 third = inq_document_enqueue_job (document, panel, json, FALSE, &error);
  g_assert_true (inq_document_finish_job (document, third, NULL, 0, NULL, &error));
  assert_open (document, 0, 0);
  g_assert_true (inq_document_close (document, &error));
  jobs_remove_folder (folder);
}

static void
set_limit (rlim_t limit)
{
  struct rlimit now;

  getrlimit (RLIMIT_FSIZE, &now);
  now.rlim_cur = limit;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &now), ==, 0);
}

/* The disk fills up while a picture is drawn: said, kept, and written once there is room. */
static void
test_full_disk (Fixture *f, gconstpointer data)
{
  g_autofree char *stalled = NULL;
  struct rlimit unlimited;
  InqJob *job;

  if (jobs_needs_device ())
    return;
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &unlimited);
  jobs_hold (f, INQ_JOBS_HOLD_STORE);
  job = g_object_ref (jobs_enqueue (f, 1, 2, 41));
  wait_until (inq_job_get_state (job) == INQ_JOB_RUNNING);
  set_limit (0);
  jobs_hold (f, INQ_JOBS_HOLD_NOTHING);
  while (stalled == NULL) {
    g_main_context_iteration (NULL, TRUE);
    g_object_get (f->jobs, "stalled", &stalled, NULL);
  }
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_RUNNING);
  set_limit (unlimited.rlim_cur);
  wait_until (jobs_ended (job));
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_DONE);
  while (stalled != NULL) {
    g_free (stalled);
    g_object_get (f->jobs, "stalled", &stalled, NULL);
    if (stalled != NULL)
      g_main_context_iteration (NULL, TRUE);
  }
  wait_until (jobs_count_variations (f) == 1);
  g_object_unref (job);
}

static gboolean
refuse_progress_act (InqDocument *document, gpointer data, GError **error)
{
  return inq_sql_script (document->db,
                         "CREATE TEMP TRIGGER refuse BEFORE UPDATE OF progress ON main.job WHEN NEW.progress > 0"
                         " BEGIN SELECT RAISE (ABORT, 'refused'); END",
                         document->path, error);
}

/* A picture and how far its job is are written together or not at all: tried again, it is not there twice. */
static void
test_store_whole (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  InqJob *job;

  if (jobs_needs_device ())
    return;
  g_assert_true (inq_board_act_sync (f->board, NULL, refuse_progress_act, NULL, &error));
  g_assert_no_error (error);
  job = g_object_ref (jobs_enqueue (f, 2, 2, 51));
  wait_until (jobs_ended (job));
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_FAILED);
  g_assert_nonnull (strstr (inq_job_get_error (job), "refused"));
  g_object_unref (job);
  jobs_close_board (f);
  g_autoptr (GPtrArray) rows = jobs_list_variations (f);
  g_assert_cmpuint (rows->len, ==, 0);
}

static int
authorise_cb (void *denied, int action, const char *a, const char *b, const char *database, const char *trigger)
{
  if (action != SQLITE_READ || g_strcmp0 (a, "variation") != 0)
    return SQLITE_OK;
  g_atomic_int_set ((int *) denied, TRUE);
  g_main_context_wakeup (NULL);
  return SQLITE_DENY;
}

/* @denied: set when the board's variations were asked for, which is refused from now on; NULL: no longer. */
static gboolean
authorise_act (InqDocument *document, gpointer denied, GError **error)
{
  sqlite3_set_authorizer (document->db, denied != NULL ? authorise_cb : NULL, denied);
  return TRUE;
}

/* A claim that fails half-way leaves the job in the queue. */
static void
test_claim_whole (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int denied = FALSE;
  GLogLevelFlags fatal;
  gint64 id;
  InqJob *job;

  jobs_hold (f, INQ_JOBS_HOLD_CLAIM);
  job = jobs_enqueue (f, 1, 2, 52);
  wait_until (inq_job_get_id (job) != 0);
  id = inq_job_get_id (job);
  fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK); /* the engine's thread warns */
  g_assert_true (inq_board_act_sync (f->board, NULL, authorise_act, &denied, &error));
  jobs_hold (f, INQ_JOBS_HOLD_NOTHING);
  wait_until (g_atomic_int_get (&denied));
  jobs_hold (f, INQ_JOBS_HOLD_CLAIM);
  g_assert_true (inq_board_act_sync (f->board, NULL, authorise_act, NULL, &error));
  jobs_close_board (f);
  g_log_set_always_fatal (fatal);

  InqDocument *document = inq_document_open (f->path, INQ_OPEN_READ_ONLY, &error);
  g_assert_no_error (error);
  assert_open (document, id, INQ_JOB_QUEUED);
  g_autoptr (InqJobRow) row = inq_document_get_job (document, id, &error);
  g_assert_cmpint (row->attempts, ==, 0);
  inq_document_free (document);
}

int
main (int argc, char **argv)
{
  jobs_test_init (&argc, &argv);
  /* It forks: first, while there are no other threads. */
  g_test_add_func ("/jobs/crash-twice", test_crash_twice);
  g_test_add ("/jobs/full-disk", Fixture, NULL, jobs_set_up, test_full_disk, jobs_tear_down);
  g_test_add ("/jobs/store-whole", Fixture, NULL, jobs_set_up, test_store_whole, jobs_tear_down);
  g_test_add ("/jobs/claim-whole", Fixture, NULL, jobs_set_up, test_claim_whole, jobs_tear_down);
  return g_test_run ();
}
