/* Inquadra - tests of the generation queue: a process that dies, a disk that fills up
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs-fixture.h"

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

int
main (int argc, char **argv)
{
  jobs_test_init (&argc, &argv);
  /* It forks: first, while there are no other threads. */
  g_test_add_func ("/jobs/crash-twice", test_crash_twice);
  g_test_add ("/jobs/full-disk", Fixture, NULL, jobs_set_up, test_full_disk, jobs_tear_down);
  return g_test_run ();
}
