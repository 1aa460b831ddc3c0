/* Inquadra - what the tests of the generation queue share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "jobs-fixture.h"

#include <glib/gstdio.h>

gboolean jobs_have_device;
const InqGpuOptions jobs_no_cache = { .cache_dir = "" };

void
jobs_test_init (int *argc, char ***argv)
{
  g_autoptr (GPtrArray) devices = NULL;

  /* Not ISOLATE_DIRS: it hides the Vulkan drivers from their loader. */
  g_test_init (argc, argv, NULL);
  devices = inq_gpu_list (NULL);
  jobs_have_device = devices != NULL && devices->len > 0;
}

void
jobs_remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_unlink (path);
  }
  g_rmdir (folder);
}

char *
jobs_new_board (char **folder, gint64 *panel)
{
  g_autoptr (GError) error = NULL;
  char *path;

  *folder = g_dir_make_tmp ("inq-jobs-XXXXXX", &error);
  g_assert_no_error (error);
  path = g_build_filename (*folder, "board.inquadra", NULL);
  InqDocument *document = inq_document_new (path, NULL, INQ_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  *panel = inq_document_add_panel (document, 0, INQ_PLACE_AFTER, &error);
  g_assert_no_error (error);
  g_assert_true (inq_document_close (document, &error));
  return path;
}

void
jobs_open_board (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  f->board = inq_board_open (f->path, INQ_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
}

void
jobs_close_board (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  if (f->jobs != NULL)
    inq_jobs_shutdown (f->jobs);
  g_clear_object (&f->jobs);
  g_assert_true (inq_board_close (f->board, FALSE, &error));
  g_assert_no_error (error);
  g_clear_object (&f->board);
}

void
jobs_set_up (Fixture *f, gconstpointer data)
{
  f->path = jobs_new_board (&f->folder, &f->panel);
  jobs_open_board (f);
  f->jobs = inq_jobs_new (f->board, &jobs_no_cache);
}

void
jobs_tear_down (Fixture *f, gconstpointer data)
{
  if (f->board != NULL)
    jobs_close_board (f);
  jobs_remove_folder (f->folder);
  g_free (f->folder);
  g_free (f->path);
}

gboolean
jobs_needs_device (void)
{
  if (!jobs_have_device)
    g_test_skip ("no Vulkan device");
  return !jobs_have_device;
}

InqJob *
jobs_enqueue (Fixture *f, int count, int steps, guint64 seed)
{
  const InqJobRequest request = { .panel_id = f->panel,
                                  .prompt = "wide shot, two people, forest, night",
                                  .seed = seed,
                                  .count = count,
                                  .steps = steps,
                                  .width = WIDTH,
                                  .height = HEIGHT };

  return inq_jobs_enqueue (f->jobs, &request);
}

void
jobs_hold (Fixture *f, InqJobsHold what)
{
  inq_jobs_worker_hold (f->jobs->worker, what);
}

gboolean
jobs_ended (InqJob *job)
{
  InqJobState state = inq_job_get_state (job);

  return state != INQ_JOB_QUEUED && state != INQ_JOB_RUNNING;
}

int
jobs_count_variations (Fixture *f)
{
  int n;

  g_object_get (inq_board_find_panel (f->board, f->panel), "n-variations", &n, NULL);
  return n;
}

GPtrArray *
jobs_list_variations (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  InqDocument *document = inq_document_open (f->path, INQ_OPEN_DEFAULT, &error);
  GPtrArray *rows;

  g_assert_no_error (error);
  rows = inq_document_list_variations (document, f->panel, &error);
  g_assert_no_error (error);
  g_assert_true (inq_document_close (document, NULL));
  return rows;
}
