/* Inquadra - the thread that owns the engine
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It claims a row, runs it, stores what comes out, and sleeps until something is queued. Everything it reads or writes
 * of the board goes through inq_board_act_sync(), so a claim, a picture and a state are on the disk before it goes on.
 */
#include "config.h"

#include "inq-job-acts.h"
#include "inq-jobs-private.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A full disk is waited for, as is one that is gone or in use: the picture is in memory and the artist may help. */
#define RETRY_SECONDS 3

#define WORKER_NICE 10

struct _InqJobsWorker {
  InqBoard *board;
  GThread *thread;
  GMainContext *context;
  void (*news_cb) (InqJobsNews *news, gpointer data);
  gpointer news_data;

  GMutex mutex; /* all below */
  GCond cond;
  gboolean awake; /* rows may be waiting */
  gboolean claiming;
  gboolean quit;
  InqJobsHold hold;
  char *device;
  gboolean device_changed;
  gint64 running;     /* row id, 0 for none */
  gint64 cancel_next; /* cancelled while its claim was on the way */
  GCancellable *cancellable;
  InqJobsNews *news; /* not taken yet */
  GSource *news_source;
  GSourceFunc stopped_cb; /* called on the context's thread when the thread has nothing left to do; or NULL */
  gpointer stopped_data;

  /* the thread's own */
  InqEngine *engine;
  char *cache_dir;
  guint64 max_memory;
  InqGpuLogFunc log;
  gpointer log_data;
  gint64 sampling_began; /* monotonic; 0 before the first step */
  double sampling_from;  /* fraction then */
  gboolean read_only;    /* nothing can be claimed */
};

void
inq_jobs_news_free (InqJobsNews *news)
{
  if (news == NULL)
    return;
  g_clear_pointer (&news->previews, g_hash_table_unref);
  g_clear_pointer (&news->notices, g_ptr_array_unref);
  g_free (news->engine_error);
  g_free (news->stalled);
  g_free (news);
}

/* ---- news to the main thread ---- */

static gboolean
deliver_cb (gpointer data)
{
  InqJobsWorker *self = data;
  InqJobsNews *news;

  g_mutex_lock (&self->mutex);
  /* Once it is being stopped nobody listens any more. */
  news = self->quit ? NULL : g_steal_pointer (&self->news);
  g_clear_pointer (&self->news_source, g_source_unref);
  g_mutex_unlock (&self->mutex);

  if (news != NULL)
    self->news_cb (news, self->news_data);
  return G_SOURCE_REMOVE;
}

/* With the mutex held. News of a job that ended are dropped when the next one begins. */
static InqJobsNews *
get_news (InqJobsWorker *self)
{
  if (self->news == NULL) {
    self->news = g_new0 (InqJobsNews, 1);
    self->news->previews = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) inq_picture_free);
    self->news->notices = g_ptr_array_new_with_free_func (g_free);
    self->news->seconds_left = -1;
  }
  if (self->news->job != self->running) {
    self->news->job = self->running;
    g_hash_table_remove_all (self->news->previews);
  }
  if (self->news_source == NULL && !self->quit) {
    self->news_source = g_idle_source_new ();
    g_source_set_callback (self->news_source, deliver_cb, self, NULL);
    g_source_attach (self->news_source, self->context);
  }
  return self->news;
}

static void
set_engine_error (InqJobsWorker *self, const char *message)
{
  g_mutex_lock (&self->mutex);
  InqJobsNews *news = get_news (self);
  g_free (news->engine_error);
  news->engine_error = g_strdup (message);
  g_mutex_unlock (&self->mutex);
}

static void
set_stalled (InqJobsWorker *self, const char *message)
{
  g_mutex_lock (&self->mutex);
  InqJobsNews *news = get_news (self);
  g_free (news->stalled);
  news->stalled = g_strdup (message);
  g_mutex_unlock (&self->mutex);
}

/* ---- acts, tried again ---- */

static gboolean
may_pass (const GError *error)
{
  return g_error_matches (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FULL)
         || g_error_matches (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_BUSY)
         || g_error_matches (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_IO);
}

/* Rests until it is worth another try; FALSE: the worker or the job has to stop. */
static gboolean
rest (InqJobsWorker *self, GCancellable *cancellable)
{
  gint64 until = g_get_monotonic_time () + RETRY_SECONDS * G_TIME_SPAN_SECOND;
  gboolean stop;

  g_mutex_lock (&self->mutex);
  while (!self->quit && !g_cancellable_is_cancelled (cancellable)
         && g_cond_wait_until (&self->cond, &self->mutex, until))
    ;
  stop = self->quit || g_cancellable_is_cancelled (cancellable);
  g_mutex_unlock (&self->mutex);
  return !stop;
}

/* As inq_board_act_sync(), but waits for the disk until it can be written or the worker has to stop, and says so. */
static gboolean
act_patiently (InqJobsWorker *self, InqBoardActFunc func, InqJobAct *act, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean ok, stalled = FALSE;

  for (;;) {
    g_clear_error (&local);
    ok = inq_board_act_sync (self->board, NULL, func, act, &local);
    if (ok || !may_pass (local))
      break;
    set_stalled (self, local->message);
    stalled = TRUE;
    if (!rest (self, cancellable))
      break;
  }
  if (stalled)
    set_stalled (self, "");
  if (!ok)
    g_propagate_error (error, g_steal_pointer (&local));
  return ok;
}

/* ---- one job ---- */

typedef struct {
  InqJobsWorker *worker;
  gint64 job;
  int stored;
  int count;
  GCancellable *cancellable;
} Running;

static gboolean
store_cb (const InqNewVariation *variation, gboolean last, gpointer data, GError **error)
{
  Running *running = data;
  InqJobsWorker *self = running->worker;
  InqJobAct act = { .job = running->job, .variation = variation, .last = last };

  g_mutex_lock (&self->mutex);
  while ((self->hold & INQ_JOBS_HOLD_STORE) && !self->quit && !g_cancellable_is_cancelled (running->cancellable))
    g_cond_wait (&self->cond, &self->mutex);
  g_mutex_unlock (&self->mutex);

  running->stored++;
  act.progress = (double) running->stored / running->count;
  return act_patiently (self, inq_job_act_store, &act, running->cancellable, error);
}

static void
progress_cb (InqStage stage, int index, int step, int n_steps, double fraction, const InqPicture *preview,
             gpointer data)
{
  Running *running = data;
  InqJobsWorker *self = running->worker;
  gint64 now = g_get_monotonic_time ();

  /* Loading and compiling say nothing about the pace of drawing. */
  if (self->sampling_began == 0 && stage == INQ_STAGE_SAMPLING && step > 0) {
    self->sampling_began = now;
    self->sampling_from = fraction;
  }

  g_mutex_lock (&self->mutex);
  InqJobsNews *news = get_news (self);
  news->stage = stage;
  news->index = index;
  news->step = step;
  news->n_steps = n_steps;
  news->fraction = fraction;
  news->seconds_left = -1;
  if (self->sampling_began != 0 && fraction > self->sampling_from)
    news->seconds_left = (now - self->sampling_began) / (double) G_TIME_SPAN_SECOND * (1 - fraction)
                         / (fraction - self->sampling_from);
  if (preview != NULL && index >= 0)
    g_hash_table_replace (news->previews, GINT_TO_POINTER (index), inq_picture_copy (preview));
  g_mutex_unlock (&self->mutex);
}

static void
notice_cb (const char *message, gpointer data)
{
  InqJobsWorker *self = ((Running *) data)->worker;

  g_mutex_lock (&self->mutex);
  g_ptr_array_add (get_news (self)->notices, g_strdup (message));
  g_mutex_unlock (&self->mutex);
}

static gboolean
open_engine (InqJobsWorker *self, GError **error)
{
  g_autofree char *device = NULL;
  InqGpuOptions options = {
    .cache_dir = self->cache_dir, .max_memory = self->max_memory, .log = self->log, .log_data = self->log_data
  };

  g_mutex_lock (&self->mutex);
  device = g_strdup (self->device);
  if (self->device_changed) {
    self->device_changed = FALSE;
    g_mutex_unlock (&self->mutex);
    g_clear_pointer (&self->engine, inq_engine_free);
  } else {
    g_mutex_unlock (&self->mutex);
  }
  if (self->engine != NULL)
    return TRUE;

  options.device = device;
  self->engine = inq_engine_new (&options, error);
  set_engine_error (self, self->engine != NULL ? "" : error != NULL && *error != NULL ? (*error)->message : "");
  return self->engine != NULL;
}

static void
run_row (InqJobsWorker *self, const InqJobAct *claim, GCancellable *cancellable)
{
  const InqJobRow *row = claim->row;
  int done = claim->done;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) act_error = NULL;
  g_autoptr (InqJobParams) params = inq_job_params_from_json (row->params, &error);
  Running running = { .worker = self, .job = row->id, .stored = done, .cancellable = cancellable };
  InqJobRunCallbacks callbacks = { store_cb, progress_cb, notice_cb, &running };
  InqJobAct act = { .job = row->id };
  gboolean quit, ok = FALSE;

  self->sampling_began = 0;
  if (params != NULL) {
    running.count = params->count;
    if (done >= params->count)
      ok = act_patiently (self, inq_job_act_finish, &act, cancellable, &error);
    else if (claim->pictures_error != NULL)
      error = g_error_copy (claim->pictures_error);
    else if (open_engine (self, &error))
      ok = inq_job_run (self->engine, params, &claim->pictures, done, &callbacks, cancellable, &error);
  }
  if (ok)
    return;

  /* The device is gone for good: the next job opens a new one. */
  if (g_error_matches (error, INQ_GPU_ERROR, INQ_GPU_ERROR_DEVICE_LOST))
    g_clear_pointer (&self->engine, inq_engine_free);

  g_mutex_lock (&self->mutex);
  quit = self->quit;
  g_mutex_unlock (&self->mutex);

  InqBoardActFunc func = inq_job_act_fail;
  act.reason = error != NULL ? error->message : "unknown error";
  if (quit)
    func = inq_job_act_release;
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || g_cancellable_is_cancelled (cancellable))
    func = inq_job_act_cancel;
  if (!act_patiently (self, func, &act, NULL, &act_error))
    g_warning ("the state of generation %" G_GINT64_FORMAT " could not be written: %s", row->id, act_error->message);
}

static gpointer
worker_thread (gpointer data)
{
  InqJobsWorker *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) devices = NULL;

  /* The window comes first. On Linux a thread has its own nice value and hands it to the threads it starts, so a
   * software driver's threads, made when the device is opened below, step back too. Failing to is no harm. */
  if (setpriority (PRIO_PROCESS, (id_t) syscall (SYS_gettid), WORKER_NICE) != 0)
    g_debug ("the engine's thread keeps its priority: %s", g_strerror (errno));
  devices = inq_gpu_list (&error);

  /* Said at once, so that the window can tell before anything is asked for. */
  if (devices == NULL)
    set_engine_error (self, error->message);

  for (;;) {
    InqJobAct act = { 0 };
    g_autoptr (GError) claim_error = NULL;
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();

    g_mutex_lock (&self->mutex);
    while ((!self->awake || self->read_only || (self->hold & INQ_JOBS_HOLD_CLAIM)) && !self->quit)
      g_cond_wait (&self->cond, &self->mutex);
    self->awake = FALSE;
    if (self->quit) {
      g_mutex_unlock (&self->mutex);
      break;
    }
    self->claiming = TRUE;
    g_mutex_unlock (&self->mutex);

    gboolean claimed = act_patiently (self, inq_job_act_claim, &act, NULL, &claim_error);
    g_mutex_lock (&self->mutex);
    self->claiming = FALSE;
    if (claimed && act.row != NULL) {
      self->running = act.row->id;
      g_set_object (&self->cancellable, cancellable);
      self->awake = TRUE; /* look again after this one */
      if (self->quit || self->cancel_next == self->running)
        g_cancellable_cancel (cancellable);
    }
    self->cancel_next = 0;
    g_cond_broadcast (&self->cond);
    g_mutex_unlock (&self->mutex);
    if (!claimed) {
      g_warning ("the queue cannot be read: %s", claim_error->message);
      inq_job_act_clear (&act);
      continue;
    }
    if (act.row == NULL)
      continue;
    run_row (self, &act, cancellable);

    g_mutex_lock (&self->mutex);
    self->running = 0;
    g_clear_object (&self->cancellable);
    g_mutex_unlock (&self->mutex);
    inq_job_act_clear (&act);
  }
  g_clear_pointer (&self->engine, inq_engine_free);
  if (self->stopped_cb != NULL) {
    g_autoptr (GSource) source = g_idle_source_new ();

    g_source_set_priority (source, G_PRIORITY_DEFAULT);
    g_source_set_callback (source, self->stopped_cb, self->stopped_data, NULL);
    g_source_attach (source, self->context);
  }
  return NULL;
}

/* ---- from other threads ---- */

InqJobsWorker *
inq_jobs_worker_new (InqBoard *board, const InqGpuOptions *options, GMainContext *context,
                     void (*news_cb) (InqJobsNews *news, gpointer data), gpointer data)
{
  InqJobsWorker *self = g_new0 (InqJobsWorker, 1);

  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->board = g_object_ref (board);
  self->read_only = inq_board_get_read_only (board);
  self->context = g_main_context_ref (context);
  self->news_cb = news_cb;
  self->news_data = data;
  if (options != NULL) {
    self->device = g_strdup (options->device);
    self->cache_dir = g_strdup (options->cache_dir);
    self->max_memory = options->max_memory;
    self->log = options->log;
    self->log_data = options->log_data;
  }
  self->awake = TRUE; /* rows of an earlier run */
  self->thread = g_thread_new ("inq-engine", worker_thread, self);
  return self;
}

void
inq_jobs_worker_wake (InqJobsWorker *self)
{
  g_mutex_lock (&self->mutex);
  self->awake = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
}

/* With what the thread may be waiting for already said: it looks again. */
static void
cancel_and_wake (InqJobsWorker *self, GCancellable *cancellable)
{
  if (cancellable == NULL)
    return;
  g_cancellable_cancel (cancellable);
  g_mutex_lock (&self->mutex);
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
}

void
inq_jobs_worker_hold (InqJobsWorker *self, InqJobsHold hold)
{
  g_mutex_lock (&self->mutex);
  self->hold = hold;
  g_cond_broadcast (&self->cond);
  while ((self->hold & INQ_JOBS_HOLD_CLAIM) && self->claiming)
    g_cond_wait (&self->cond, &self->mutex);
  g_mutex_unlock (&self->mutex);
}

void
inq_jobs_worker_cancel (InqJobsWorker *self, gint64 job)
{
  g_autoptr (GCancellable) cancellable = NULL;

  g_mutex_lock (&self->mutex);
  if (self->running == job && self->cancellable != NULL)
    cancellable = g_object_ref (self->cancellable);
  else if (self->claiming) /* else it is in the queue, where its row says so */
    self->cancel_next = job;
  g_mutex_unlock (&self->mutex);
  cancel_and_wake (self, cancellable);
}

void
inq_jobs_worker_set_device (InqJobsWorker *self, const char *device)
{
  g_mutex_lock (&self->mutex);
  if (g_strcmp0 (self->device, device) != 0) {
    g_free (self->device);
    self->device = g_strdup (device);
    self->device_changed = TRUE;
  }
  g_mutex_unlock (&self->mutex);
}

void
inq_jobs_worker_stop_begin (InqJobsWorker *self, GSourceFunc stopped_cb, gpointer data)
{
  g_autoptr (GCancellable) cancellable = NULL;

  g_mutex_lock (&self->mutex);
  /* Read by the thread only after it has seen quit. */
  self->stopped_cb = stopped_cb;
  self->stopped_data = data;
  self->quit = TRUE;
  if (self->cancellable != NULL)
    cancellable = g_object_ref (self->cancellable);
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
  cancel_and_wake (self, cancellable);
}

void
inq_jobs_worker_stop_end (InqJobsWorker *self)
{
  GSource *source;

  g_thread_join (self->thread);

  source = g_steal_pointer (&self->news_source);
  if (source != NULL) {
    g_source_destroy (source);
    g_source_unref (source);
  }
  inq_jobs_news_free (self->news);
  g_object_unref (self->board);
  g_main_context_unref (self->context);
  g_free (self->device);
  g_free (self->cache_dir);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self);
}
