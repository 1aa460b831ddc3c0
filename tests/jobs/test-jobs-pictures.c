/* Inquadra - tests of the generation queue: pictures drawn from pictures, and after others
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs-fixture.h"

/* A vertical band, black on white or white on black: something to start from, or to change within. */
static GBytes *
band (int from, int to, guint8 inside)
{
  g_autoptr (GError) error = NULL;
  InqPicture *picture = inq_picture_new (WIDTH, HEIGHT);

  for (int i = 0; i < WIDTH * HEIGHT; i++)
    memset (picture->rgb + 3 * i, i % WIDTH >= from && i % WIDTH < to ? inside : 255 - inside, 3);
  GBytes *png = inq_picture_to_png (picture, NULL, &error);
  g_assert_no_error (error);
  inq_picture_free (picture);
  return png;
}

/* A process that dies while it draws within a mask: what the picture starts from is in the row, so the next start draws
 * the same as if nothing had happened. */
static void
test_crash_pictures (void)
{
  g_autoptr (GError) error = NULL;
  Fixture f = { NULL };
  g_autoptr (GBytes) sketch = band (20, 60, 0);
  g_autoptr (GBytes) mask = band (0, WIDTH / 2, 255);

  if (jobs_needs_device ())
    return;
  f.path = jobs_new_board (&f.folder, &f.panel);
  int status;
  pid_t child = fork ();
  if (child == 0) {
    /* Queued, taken, and gone. No engine: the queue is what is tested. */
    InqDocument *document = inq_document_open (f.path, INQ_OPEN_DEFAULT, NULL);
    g_autoptr (InqJobParams) params = inq_job_params_new ();
    const InqJobImages images = { .init_png = sketch, .mask_png = mask };
    params->prompt = (g_free (params->prompt), g_strdup ("a forest"));
    params->seed = 5;
    params->steps = 4;
    params->width = WIDTH;
    params->height = HEIGHT;
    params->init = params->mask = TRUE;
    params->strength = 0.75;
    g_autofree char *json = inq_job_params_to_json (params);
    if (document != NULL && inq_document_enqueue_job_with (document, f.panel, json, &images, FALSE, NULL) != 0
        && inq_document_claim_job (document, NULL) != NULL)
      kill (getpid (), SIGKILL);
    _exit (1);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));

  jobs_open_board (&f);
  f.jobs = inq_jobs_new (f.board, &jobs_no_cache);
  /* And the same asked for without a crash, from the window's side. */
  const InqJobRequest request = { .panel_id = f.panel,
                                  .prompt = "a forest",
                                  .seed = 5,
                                  .count = 1,
                                  .steps = 4,
                                  .width = WIDTH,
                                  .height = HEIGHT,
                                  .images = { .init_png = sketch, .mask_png = mask },
                                  .strength = 0.75 };
  InqJob *job = g_object_ref (inq_jobs_enqueue (f.jobs, &request));
  wait_until (jobs_ended (job) && g_list_model_get_n_items (G_LIST_MODEL (f.jobs)) == 0);
  g_assert_cmpstr (inq_job_get_error (job), ==, NULL);
  g_object_unref (job);
  jobs_close_board (&f);

  g_autoptr (GPtrArray) rows = jobs_list_variations (&f);
  g_assert_cmpuint (rows->len, ==, 2);
  const InqVariationRow *first = rows->pdata[0], *second = rows->pdata[1];
  g_assert_cmpint (first->image, ==, second->image); /* the same bytes */
  g_assert_nonnull (strstr (first->recipe, "\"init\""));
  g_assert_nonnull (strstr (first->recipe, "\"mask\""));

  /* Outside the mask it is the sketch. */
  InqDocument *document = inq_document_open (f.path, INQ_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) png = inq_document_get_image (document, first->image, NULL, NULL, &error);
  g_autoptr (InqPicture) picture = inq_picture_from_png (png, &error);
  g_assert_no_error (error);
  g_assert_cmpint (picture->rgb[3 * (HEIGHT / 2 * WIDTH + WIDTH - 4)], >, 230);
  g_assert_true (inq_document_close (document, NULL));
  jobs_tear_down (&f, NULL);
}

/* More like this: the seed stays, each picture turns its noise towards another seed's; four of them, all different, and
 * an interrupted job goes on with those it still owes. */
static void
test_more_like (Fixture *f, gconstpointer data)
{
  if (jobs_needs_device ())
    return;
  const InqJobRequest request = { .panel_id = f->panel,
                                  .prompt = "a forest",
                                  .seed = 9,
                                  .count = 3,
                                  .steps = 2,
                                  .width = WIDTH,
                                  .height = HEIGHT,
                                  .variation_seed = 500,
                                  .variation_strength = 0.3 };
  InqJob *job = g_object_ref (inq_jobs_enqueue (f->jobs, &request));
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
  for (guint i = 0; i < 3; i++) {
    const InqVariationRow *row = rows->pdata[i];
    g_autoptr (InqJobParams) params = inq_job_params_new ();
    g_assert_cmpuint (row->seed, ==, 9);
    g_assert_true (inq_job_params_take_recipe (params, row->recipe));
    g_assert_cmpuint (params->variation_seed, ==, 500 + i);
    g_assert_cmpfloat_with_epsilon (params->variation_strength, 0.3, 1e-6);
    for (guint k = 0; k < i; k++)
      g_assert_cmpint (((InqVariationRow *) rows->pdata[k])->image, !=, row->image);
  }
}

/* Finished larger: twice the side, and the recipe says so. */
static void
test_larger (Fixture *f, gconstpointer data)
{
  if (jobs_needs_device ())
    return;
  const InqJobRequest request = { .panel_id = f->panel,
                                  .prompt = "a forest",
                                  .seed = 9,
                                  .count = 1,
                                  .steps = 2,
                                  .width = WIDTH,
                                  .height = HEIGHT,
                                  .hires_scale = 2,
                                  .hires_strength = 0.5,
                                  .hires_upscale = "bilinear" };
  InqJob *job = g_object_ref (inq_jobs_enqueue (f->jobs, &request));
  wait_until (jobs_ended (job));
  g_assert_cmpstr (inq_job_get_error (job), ==, NULL);
  g_object_unref (job);
  jobs_close_board (f);
  g_autoptr (GPtrArray) rows = jobs_list_variations (f);
  const InqVariationRow *row = rows->pdata[0];
  g_autoptr (InqJobParams) params = inq_job_params_new ();
  g_assert_cmpint (row->width, ==, 2 * WIDTH);
  g_assert_cmpint (row->height, ==, 2 * HEIGHT);
  g_assert_true (inq_job_params_take_recipe (params, row->recipe));
  g_assert_cmpfloat (params->hires_scale, ==, 2);
  g_assert_cmpstr (params->hires_upscale, ==, "bilinear");
  g_assert_cmpint (params->width, ==, WIDTH);
}

/* A row that says it has a picture and has none is not drawn without it. */
static void
test_picture_lost (Fixture *f, gconstpointer data)
{
  if (jobs_needs_device ())
    return;
  inq_board_enqueue_job (f->board, f->panel, "{\"prompt\":\"x\",\"init\":true}", FALSE, NULL, NULL);
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (f->jobs)) == 1);
  g_autoptr (InqJob) job = g_list_model_get_item (G_LIST_MODEL (f->jobs), 0);
  wait_until (jobs_ended (job));
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_FAILED);
  g_assert_nonnull (strstr (inq_job_get_error (job), "no longer in the board"));
}

int
main (int argc, char **argv)
{
  jobs_test_init (&argc, &argv);
  /* It forks: first, while there are no other threads. */
  g_test_add_func ("/jobs/crash-pictures", test_crash_pictures);
  g_test_add ("/jobs/more-like", Fixture, NULL, jobs_set_up, test_more_like, jobs_tear_down);
  g_test_add ("/jobs/larger", Fixture, NULL, jobs_set_up, test_larger, jobs_tear_down);
  g_test_add ("/jobs/picture-lost", Fixture, NULL, jobs_set_up, test_picture_lost, jobs_tear_down);
  return g_test_run ();
}
