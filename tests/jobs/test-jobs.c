/* Inquadra - tests of the generation queue
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <inq-board-acts.h>
#include <inq-job-params.h>
#include <inq-job-run.h>
#include <inq-jobs-private.h>
#include <inq-jobs.h>
#include <inq-prompt.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A small picture keeps software Vulkan quick; what is tested is the queue. */
#define WIDTH  128
#define HEIGHT 64

typedef struct {
  char *folder;
  char *path;
  InqBoard *board;
  InqJobs *jobs;
  gint64 panel;
} Fixture;

static gboolean have_device;
static const InqGpuOptions no_cache = { .cache_dir = "" };

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_unlink (path);
  }
  g_rmdir (folder);
}

static char *
new_board (char **folder, gint64 *panel)
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

static void
open_board (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  f->board = inq_board_open (f->path, INQ_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
}

static void
close_board (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  if (f->jobs != NULL)
    inq_jobs_shutdown (f->jobs);
  g_clear_object (&f->jobs);
  g_assert_true (inq_board_close (f->board, FALSE, &error));
  g_assert_no_error (error);
  g_clear_object (&f->board);
}

static void
setup (Fixture *f, gconstpointer data)
{
  f->path = new_board (&f->folder, &f->panel);
  open_board (f);
  f->jobs = inq_jobs_new (f->board, &no_cache);
}

static void
teardown (Fixture *f, gconstpointer data)
{
  if (f->board != NULL)
    close_board (f);
  remove_folder (f->folder);
  g_free (f->folder);
  g_free (f->path);
}

#define wait_until(condition)                                                                                          \
  while (!(condition))                                                                                                 \
  g_main_context_iteration (NULL, TRUE)

static gboolean
needs_device (void)
{
  if (!have_device)
    g_test_skip ("no Vulkan device");
  return !have_device;
}

static InqJob *
enqueue (Fixture *f, int count, int steps, guint64 seed)
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

static void
hold (Fixture *f, InqJobsHold what)
{
  inq_jobs_worker_hold (f->jobs->worker, what);
}

static gboolean
ended (InqJob *job)
{
  InqJobState state = inq_job_get_state (job);

  return state != INQ_JOB_QUEUED && state != INQ_JOB_RUNNING;
}

static int
count_variations (Fixture *f)
{
  int n;

  g_object_get (inq_board_find_panel (f->board, f->panel), "n-variations", &n, NULL);
  return n;
}

static GPtrArray *
list_variations (Fixture *f)
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

/* ---- params ---- */

static void
test_params (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqJobParams) params = inq_job_params_new ();
  g_autoptr (InqJobParams) read = NULL;
  g_autofree char *json = NULL;

  g_free (params->prompt);
  params->prompt = g_strdup ("a \"quoted\" caf\u00e9\n");
  params->seed = G_MAXUINT64 - 1;
  params->count = 4;
  params->cfg = 3.5;
  params->guidance_rescale = 0.7;
  params->guidance_start = 0.1;
  params->guidance_end = 0.6;
  params->schedule = (g_free (params->schedule), g_strdup ("karras"));
  params->variation_seed = G_MAXUINT64 - 7;
  params->variation_strength = 0.3;
  params->hires_scale = 2;
  params->hires_strength = 0.5;
  params->hires_steps = 12;
  params->hires_upscale = (g_free (params->hires_upscale), g_strdup ("bilinear"));
  params->init = params->mask = TRUE;
  params->strength = 0.6;
  params->mask_feather = 9;
  inq_job_params_add_lora (params, "ink \"wash\"", 0.8);
  inq_job_params_add_lora (params, "/tmp/other.safetensors", -1.5);
  json = inq_job_params_to_json (params);
  read = inq_job_params_from_json (json, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (read->guidance_rescale, ==, 0.7);
  g_assert_cmpfloat (read->guidance_start, ==, 0.1);
  g_assert_cmpfloat (read->guidance_end, ==, 0.6);
  g_assert_cmpstr (read->schedule, ==, "karras");
  g_assert_cmpuint (read->variation_seed, ==, G_MAXUINT64 - 7);
  g_assert_cmpfloat (read->variation_strength, ==, 0.3);
  g_assert_cmpfloat (read->hires_scale, ==, 2);
  g_assert_cmpfloat (read->hires_strength, ==, 0.5);
  g_assert_cmpint (read->hires_steps, ==, 12);
  g_assert_cmpstr (read->hires_upscale, ==, "bilinear");
  g_assert_true (read->init && read->mask);
  g_assert_cmpfloat (read->strength, ==, 0.6);
  g_assert_cmpint (read->mask_feather, ==, 9);
  g_assert_cmpuint (read->loras->len, ==, 2);
  g_assert_cmpstr (g_array_index (read->loras, InqJobLora, 0).path, ==, "ink \"wash\"");
  g_assert_cmpfloat (g_array_index (read->loras, InqJobLora, 1).weight, ==, -1.5);
  g_autoptr (InqJobParams) copy = inq_job_params_copy (read);
  g_autofree char *again = inq_job_params_to_json (copy);
  g_assert_cmpstr (again, ==, json);
  g_assert_cmpstr (read->prompt, ==, params->prompt);
  g_assert_cmpstr (read->ticket, ==, params->ticket);
  g_assert_cmpuint (read->seed, ==, params->seed);
  g_assert_cmpint (read->count, ==, 4);
  g_assert_cmpfloat (read->cfg, ==, 3.5);
}

static void
test_params_hostile (void)
{
  const char *bad[] = { "", "[]", "7", "{\"count\":" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (inq_job_params_from_json (bad[i], &error));
    g_assert_nonnull (error);
  }

  g_autoptr (InqJobParams)
      odd = inq_job_params_from_json ("{\"count\":1e9,\"steps\":-4,\"prompt\":3,\"seed\":[],\"width\":\"x\"}", NULL);
  g_assert_cmpint (odd->count, ==, 64);
  g_assert_cmpint (odd->steps, ==, 0);
  g_assert_cmpstr (odd->prompt, ==, "");
  g_assert_cmpint (odd->width, ==, 0);

  g_autoptr (InqJobParams) wild = inq_job_params_from_json (
      "{\"loras\":[3,{\"path\":7},{\"path\":\"x\",\"weight\":1e9},{}],\"strength\":5,"
      "\"variation_strength\":\"much\",\"init\":1,\"mask_feather\":-3,\"hires_scale\":99}",
      NULL);
  g_assert_cmpuint (wild->loras->len, ==, 1);
  g_assert_cmpfloat (g_array_index (wild->loras, InqJobLora, 0).weight, ==, 10);
  g_assert_cmpfloat (wild->strength, ==, 1);
  g_assert_cmpfloat (wild->variation_strength, ==, 0);
  g_assert_false (wild->init);
  g_assert_cmpint (wild->mask_feather, ==, 0);
  g_assert_cmpfloat (wild->hires_scale, ==, 8);
}

/* A row as the first version wrote it. */
static void
test_params_old (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqJobParams) params = inq_job_params_from_json (
      "{\"version\":1,\"ticket\":\"t\",\"model\":\"\",\"prompt\":\"a dog\",\"negative\":\"\","
      "\"sampler\":\"\",\"seed\":\"18446744073709551615\",\"count\":4,\"steps\":0,\"cfg\":0,"
      "\"width\":512,\"height\":288}",
      &error);

  g_assert_no_error (error);
  g_assert_cmpuint (params->seed, ==, G_MAXUINT64);
  g_assert_cmpint (params->width, ==, 512);
  g_assert_false (params->init || params->mask);
  g_assert_cmpstr (params->schedule, ==, "");
  g_assert_cmpfloat (params->variation_strength, ==, 0);
  g_assert_cmpuint (params->loras->len, ==, 0);
}

static void
test_prompt (void)
{
  static const struct {
    const char *prompt, *size, *angle, *time, *expect;
  } cases[] = {
    { "a woman at the bar", "", "", "", "a woman at the bar" },
    { "MCU, a woman at the bar", "LS", "", "", "MCU, a woman at the bar" },
    { "  spaced  ", "", "", "", "spaced" },
    { "", "", "", "", "" },
    { "a dog", "Cowboy two", "", "", "Cowboy two, a dog" },
    { "a dog, cowboy two", "Cowboy two", "", "", "a dog, cowboy two" },
    /* Where somebody looks is not where the camera stands; the trade's Italian is. */
    { "a boy looking up at the sky", "", "low", "", "low angle, a boy looking up at the sky" },
    { "una donna, plongée", "", "low", "", "una donna, plongée" },
    { "primissimo piano, una donna", "LS", "", "", "primissimo piano, una donna" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = inq_prompt_compose (cases[i].prompt, cases[i].size, cases[i].angle, cases[i].time);

    g_assert_cmpstr (text, ==, cases[i].expect);
  }
  /* Fields are said in words, in the order size, angle, prompt, time, and only once. */
  g_autofree char *all = inq_prompt_compose ("two people walk", "LS", "low", "night");
  g_autofree char *again = inq_prompt_compose (all, "LS", "low", "night");
  g_assert_nonnull (strstr (all, ", two people walk, "));
  g_assert_cmpstr (again, ==, all);
  /* Who is there and where, unless the prompt says it. */
  g_autofree char *set = inq_prompt_add_setting (" two people talk ", "a tall man", "a ruined mill");
  g_autofree char *said = inq_prompt_add_setting ("the tall man in A Ruined Mill", "a tall man", "a ruined mill");
  g_autofree char *alone = inq_prompt_add_setting ("", NULL, "a ruined mill");
  g_assert_cmpstr (set, ==, "two people talk, a tall man, a ruined mill");
  g_assert_cmpstr (said, ==, "the tall man in A Ruined Mill, a tall man");
  g_assert_cmpstr (alone, ==, "a ruined mill");
  /* A prompt that is about light is not about the angle. */
  g_autofree char *light = inq_prompt_compose ("low light", "", "low", "");
  g_assert_cmpstr (light, !=, "low light");
}

/* ---- queue ---- */

static void
test_done (Fixture *f, gconstpointer data)
{
  InqJob *job;

  if (needs_device ())
    return;
  job = g_object_ref (enqueue (f, 2, 2, 11));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->jobs)), ==, 1);
  g_assert_true (inq_jobs_find_for_panel (f->jobs, f->panel) == job);
  wait_until (ended (job));
  g_assert_cmpstr (inq_job_get_error (job), ==, NULL);
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_DONE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->jobs)), ==, 0);
  wait_until (count_variations (f) == 2);
  g_object_unref (job);
  close_board (f);

  g_autoptr (GPtrArray) rows = list_variations (f);
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

  wait_until (ended (job));
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_FAILED);
  g_assert_nonnull (inq_job_get_error (job));
  if (have_device)
    g_assert_nonnull (strstr (inq_job_get_error (job), "nowhere"));
  /* It stays in sight, with its reason, and no picture came of it. */
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->jobs)), ==, 1);
  g_assert_null (inq_jobs_find_for_panel (f->jobs, f->panel));
  g_object_unref (job);
  close_board (f);
  g_autoptr (GPtrArray) rows = list_variations (f);
  g_assert_cmpuint (rows->len, ==, 0);
}

static void
test_cancel_queued (Fixture *f, gconstpointer data)
{
  InqJob *first, *second, *third, *again;

  if (needs_device ())
    return;
  hold (f, INQ_JOBS_HOLD_CLAIM);
  first = g_object_ref (enqueue (f, 1, 3, 1));
  second = g_object_ref (enqueue (f, 1, 3, 2));
  inq_jobs_cancel (f->jobs, second); /* its row is not written yet */
  wait_until (ended (second));
  g_assert_cmpint (inq_job_get_state (first), ==, INQ_JOB_QUEUED);
  hold (f, INQ_JOBS_HOLD_NOTHING);
  wait_until (ended (first));
  g_assert_cmpint (inq_job_get_state (first), ==, INQ_JOB_DONE);
  g_assert_cmpint (inq_job_get_state (second), ==, INQ_JOB_CANCELLED);

  /* Cancelled in the queue and asked for again: not cancelled for good. */
  hold (f, INQ_JOBS_HOLD_CLAIM);
  third = g_object_ref (enqueue (f, 1, 3, 3));
  wait_until (inq_job_get_id (third) != 0);
  inq_jobs_cancel (f->jobs, third);
  wait_until (ended (third));
  g_assert_cmpint (inq_job_get_state (third), ==, INQ_JOB_CANCELLED);
  inq_jobs_retry (f->jobs, third);
  wait_until (inq_jobs_find_for_panel (f->jobs, f->panel) != NULL);
  again = g_object_ref (inq_jobs_find_for_panel (f->jobs, f->panel));
  g_assert_cmpint (inq_job_get_id (again), ==, inq_job_get_id (third));
  hold (f, INQ_JOBS_HOLD_NOTHING);
  wait_until (ended (again));
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

  if (needs_device ())
    return;
  /* Far more steps than anybody waits for, and no end before it is cancelled. */
  hold (f, INQ_JOBS_HOLD_STORE);
  job = g_object_ref (enqueue (f, 16, 150, 1));
  wait_until (inq_job_get_state (job) == INQ_JOB_RUNNING && inq_job_get_progress (job) > 0);
  inq_jobs_cancel (f->jobs, job);
  wait_until (ended (job));
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_CANCELLED);
  /* The engine works on. */
  hold (f, INQ_JOBS_HOLD_NOTHING);
  next = g_object_ref (enqueue (f, 1, 2, 5));
  wait_until (ended (next));
  g_assert_cmpint (inq_job_get_state (next), ==, INQ_JOB_DONE);
  g_object_unref (job);
  g_object_unref (next);
}

static void
test_order (Fixture *f, gconstpointer data)
{
  InqJob *jobs[3];

  if (needs_device ())
    return;
  hold (f, INQ_JOBS_HOLD_CLAIM);
  jobs[0] = g_object_ref (enqueue (f, 1, 2, 1));
  jobs[1] = g_object_ref (enqueue (f, 1, 2, 2));
  const InqJobRequest front = { .panel_id = f->panel,
                                .prompt = "x",
                                .seed = 3,
                                .count = 1,
                                .steps = 2,
                                .width = WIDTH,
                                .height = HEIGHT,
                                .first = TRUE };
  jobs[2] = g_object_ref (inq_jobs_enqueue (f->jobs, &front));
  hold (f, INQ_JOBS_HOLD_NOTHING);
  wait_until (ended (jobs[0]));
  g_assert_cmpint (inq_job_get_state (jobs[2]), ==, INQ_JOB_DONE);
  wait_until (ended (jobs[1]));
  g_assert_cmpint (inq_job_get_state (jobs[0]), ==, INQ_JOB_DONE);
  for (guint i = 0; i < 3; i++)
    g_object_unref (jobs[i]);
}

/* Quitting in the middle gives the row back, and the next start ends it without making a picture twice. */
static void
test_resume (Fixture *f, gconstpointer data)
{
  InqJob *job;

  if (needs_device ())
    return;
  job = g_object_ref (enqueue (f, 3, 2, 21));
  wait_until (count_variations (f) >= 1 || ended (job));
  g_object_unref (job);
  close_board (f);

  open_board (f);
  f->jobs = inq_jobs_new (f->board, &no_cache);
  wait_until (count_variations (f) == 3);
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (f->jobs)) == 0);
  close_board (f);

  g_autoptr (GPtrArray) rows = list_variations (f);
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

  if (needs_device ())
    return;
  hold (f, INQ_JOBS_HOLD_STORE); /* it does not end by itself */
  job = g_object_ref (enqueue (f, 16, 150, 31));
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
  close_board (f);

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

  if (needs_device ())
    return;
  hold (f, INQ_JOBS_HOLD_STORE);
  enqueue (f, 16, 150, 32);
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

  if (needs_device ())
    return;
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &unlimited);
  hold (f, INQ_JOBS_HOLD_STORE);
  job = g_object_ref (enqueue (f, 1, 2, 41));
  wait_until (inq_job_get_state (job) == INQ_JOB_RUNNING);
  set_limit (0);
  hold (f, INQ_JOBS_HOLD_NOTHING);
  while (stalled == NULL) {
    g_main_context_iteration (NULL, TRUE);
    g_object_get (f->jobs, "stalled", &stalled, NULL);
  }
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_RUNNING);
  set_limit (unlimited.rlim_cur);
  wait_until (ended (job));
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_DONE);
  while (stalled != NULL) {
    g_free (stalled);
    g_object_get (f->jobs, "stalled", &stalled, NULL);
    if (stalled != NULL)
      g_main_context_iteration (NULL, TRUE);
  }
  wait_until (count_variations (f) == 1);
  g_object_unref (job);
}

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
  g_autofree char *path = new_board (&folder, &panel);
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
  remove_folder (folder);
}

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

  if (needs_device ())
    return;
  f.path = new_board (&f.folder, &f.panel);
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

  open_board (&f);
  f.jobs = inq_jobs_new (f.board, &no_cache);
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
  wait_until (ended (job) && g_list_model_get_n_items (G_LIST_MODEL (f.jobs)) == 0);
  g_assert_cmpstr (inq_job_get_error (job), ==, NULL);
  g_object_unref (job);
  close_board (&f);

  g_autoptr (GPtrArray) rows = list_variations (&f);
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
  teardown (&f, NULL);
}

/* More like this: the seed stays, each picture turns its noise towards another seed's; four of them, all different, and
 * an interrupted job goes on with those it still owes. */
static void
test_more_like (Fixture *f, gconstpointer data)
{
  if (needs_device ())
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
  wait_until (count_variations (f) >= 1 || ended (job));
  g_object_unref (job);
  close_board (f);
  open_board (f);
  f->jobs = inq_jobs_new (f->board, &no_cache);
  wait_until (count_variations (f) == 3);
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (f->jobs)) == 0);
  close_board (f);

  g_autoptr (GPtrArray) rows = list_variations (f);
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
  if (needs_device ())
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
  wait_until (ended (job));
  g_assert_cmpstr (inq_job_get_error (job), ==, NULL);
  g_object_unref (job);
  close_board (f);
  g_autoptr (GPtrArray) rows = list_variations (f);
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
  if (needs_device ())
    return;
  inq_board_enqueue_job (f->board, f->panel, "{\"prompt\":\"x\",\"init\":true}", FALSE, NULL, NULL);
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (f->jobs)) == 1);
  g_autoptr (InqJob) job = g_list_model_get_item (G_LIST_MODEL (f->jobs), 0);
  wait_until (ended (job));
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_FAILED);
  g_assert_nonnull (strstr (inq_job_get_error (job), "no longer in the board"));
}

static void
test_no_device (void)
{
  g_autoptr (GError) error = NULL;
  Fixture f = { NULL };
  InqJob *job;
  const InqGpuOptions options = { .device = "no such device" };

  f.path = new_board (&f.folder, &f.panel);
  open_board (&f);
  f.jobs = inq_jobs_new (f.board, &options);
  job = g_object_ref (enqueue (&f, 1, 1, 1));
  wait_until (ended (job));
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_FAILED);
  g_assert_nonnull (inq_job_get_error (job));
  g_object_unref (job);
  teardown (&f, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) devices = NULL;

  /* Not ISOLATE_DIRS: it hides the Vulkan drivers from their loader. */
  g_test_init (&argc, &argv, NULL);
  devices = inq_gpu_list (NULL);
  have_device = devices != NULL && devices->len > 0;

  g_test_add_func ("/jobs/params", test_params);
  g_test_add_func ("/jobs/params/hostile", test_params_hostile);
  g_test_add_func ("/jobs/params/old", test_params_old);
  g_test_add_func ("/jobs/prompt", test_prompt);
  /* They fork: first, while there are no other threads. */
  g_test_add_func ("/jobs/crash-twice", test_crash_twice);
  g_test_add_func ("/jobs/crash-pictures", test_crash_pictures);
  g_test_add_func ("/jobs/no-device", test_no_device);
  g_test_add ("/jobs/done", Fixture, NULL, setup, test_done, teardown);
  g_test_add ("/jobs/failed", Fixture, NULL, setup, test_failed, teardown);
  g_test_add ("/jobs/cancel/queued", Fixture, NULL, setup, test_cancel_queued, teardown);
  g_test_add ("/jobs/cancel/running", Fixture, NULL, setup, test_cancel_running, teardown);
  g_test_add ("/jobs/order", Fixture, NULL, setup, test_order, teardown);
  g_test_add ("/jobs/more-like", Fixture, NULL, setup, test_more_like, teardown);
  g_test_add ("/jobs/larger", Fixture, NULL, setup, test_larger, teardown);
  g_test_add ("/jobs/picture-lost", Fixture, NULL, setup, test_picture_lost, teardown);
  g_test_add ("/jobs/shutdown/async", Fixture, NULL, setup, test_shutdown_async, teardown);
  g_test_add ("/jobs/shutdown/dropped", Fixture, NULL, setup, test_shutdown_dropped, teardown);
  g_test_add ("/jobs/full-disk", Fixture, NULL, setup, test_full_disk, teardown);
  g_test_add ("/jobs/resume", Fixture, NULL, setup, test_resume, teardown);
  return g_test_run ();
}
