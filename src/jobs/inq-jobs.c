/* Inquadra - the generation queue, main thread side
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-jobs.h"

#include "inq-board-acts.h"
#include "inq-jobs-private.h"

enum { PROP_0, PROP_N_QUEUED, PROP_N_RUNNING, PROP_RUNNING, PROP_ERROR, PROP_STALLED, N_PROPS };
enum { SIGNAL_JOB_FINISHED, SIGNAL_NOTICE, N_SIGNALS };

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static void inq_jobs_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (InqJobs, inq_jobs, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, inq_jobs_list_model_init))

/* ---- list model ---- */

static GType
inq_jobs_get_item_type (GListModel *model)
{
  return INQ_TYPE_JOB;
}

static guint
inq_jobs_get_n_items (GListModel *model)
{
  return INQ_JOBS (model)->jobs->len;
}

static gpointer
inq_jobs_get_item (GListModel *model, guint position)
{
  InqJobs *self = INQ_JOBS (model);

  return position < self->jobs->len ? g_object_ref (g_ptr_array_index (self->jobs, position)) : NULL;
}

static void
inq_jobs_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = inq_jobs_get_item_type;
  iface->get_n_items = inq_jobs_get_n_items;
  iface->get_item = inq_jobs_get_item;
}

static guint
count_state (InqJobs *self, InqJobState state)
{
  guint n = 0;

  for (guint i = 0; i < self->jobs->len; i++)
    n += inq_job_get_state (g_ptr_array_index (self->jobs, i)) == state;
  return n;
}

static InqJob *
find_running (InqJobs *self)
{
  for (guint i = 0; i < self->jobs->len; i++) {
    InqJob *job = g_ptr_array_index (self->jobs, i);

    if (inq_job_get_state (job) == INQ_JOB_RUNNING)
      return job;
  }
  return NULL;
}

InqJob *
inq_jobs_find_id (InqJobs *self, gint64 id)
{
  for (guint i = 0; i < self->jobs->len; i++)
    if (inq_job_get_id (g_ptr_array_index (self->jobs, i)) == id)
      return g_ptr_array_index (self->jobs, i);
  return NULL;
}

void
inq_jobs_notify_counts (InqJobs *self)
{
  GObject *object = G_OBJECT (self);

  g_object_notify_by_pspec (object, props[PROP_N_QUEUED]);
  g_object_notify_by_pspec (object, props[PROP_N_RUNNING]);
  g_object_notify_by_pspec (object, props[PROP_RUNNING]);
}

/* ---- news ---- */

static void
news_cb (InqJobsNews *news, gpointer data)
{
  InqJobs *self = data;
  InqJob *job = news->job != 0 ? inq_jobs_find_id (self, news->job) : NULL;

  if (news->engine_error != NULL) {
    const char *error = *news->engine_error != '\0' ? news->engine_error : NULL;

    if (g_strcmp0 (self->error, error) != 0) {
      g_free (self->error);
      self->error = g_strdup (error);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ERROR]);
    }
  }
  if (news->stalled != NULL) {
    const char *stalled = *news->stalled != '\0' ? news->stalled : NULL;

    if (g_strcmp0 (self->stalled, stalled) != 0) {
      g_free (self->stalled);
      self->stalled = g_strdup (stalled);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STALLED]);
    }
  }
  if (job != NULL) {
    inq_job_set_progress (job, news->stage, news->index, news->step, news->n_steps, news->fraction, news->seconds_left,
                          news->previews);
    for (guint i = 0; i < news->notices->len; i++)
      g_signal_emit (self, signals[SIGNAL_NOTICE], 0, inq_job_get_panel_id (job), g_ptr_array_index (news->notices, i));
  }
  inq_jobs_news_free (news);
}

/* ---- object ---- */

static void
inq_jobs_dispose (GObject *object)
{
  InqJobs *self = INQ_JOBS (object);

  inq_jobs_shutdown (self);
  g_clear_object (&self->board);
  G_OBJECT_CLASS (inq_jobs_parent_class)->dispose (object);
}

static void
inq_jobs_finalize (GObject *object)
{
  InqJobs *self = INQ_JOBS (object);

  g_ptr_array_unref (self->jobs);
  g_free (self->error);
  g_free (self->stalled);
  g_rand_free (self->rand);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (inq_jobs_parent_class)->finalize (object);
}

static void
inq_jobs_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InqJobs *self = INQ_JOBS (object);

  switch (id) {
  case PROP_N_QUEUED:
    g_value_set_uint (value, count_state (self, INQ_JOB_QUEUED));
    break;
  case PROP_N_RUNNING:
    g_value_set_uint (value, count_state (self, INQ_JOB_RUNNING));
    break;
  case PROP_RUNNING:
    g_value_set_object (value, find_running (self));
    break;
  case PROP_ERROR:
    g_value_set_string (value, self->error);
    break;
  case PROP_STALLED:
    g_value_set_string (value, self->stalled);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
inq_jobs_class_init (InqJobsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = inq_jobs_dispose;
  object_class->finalize = inq_jobs_finalize;
  object_class->get_property = inq_jobs_get_property;

  props[PROP_N_QUEUED] = g_param_spec_uint ("n-queued", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_N_RUNNING] = g_param_spec_uint ("n-running", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_RUNNING] = g_param_spec_object ("running", NULL, NULL, INQ_TYPE_JOB, flags);
  props[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, flags);
  props[PROP_STALLED] = g_param_spec_string ("stalled", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SIGNAL_JOB_FINISHED] = g_signal_new ("job-finished", INQ_TYPE_JOBS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                               G_TYPE_NONE, 1, INQ_TYPE_JOB);
  signals[SIGNAL_NOTICE] = g_signal_new ("notice", INQ_TYPE_JOBS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                         2, G_TYPE_INT64, G_TYPE_STRING);
}

static void
inq_jobs_init (InqJobs *self)
{
  g_mutex_init (&self->mutex);
  self->jobs = g_ptr_array_new_with_free_func (g_object_unref);
  self->rand = g_rand_new ();
}

/* ---- public ---- */

InqJobs *
inq_jobs_new (InqBoard *board, const InqGpuOptions *options)
{
  InqJobs *self = g_object_new (INQ_TYPE_JOBS, NULL);

  self->board = g_object_ref (board);
  self->context = g_main_context_ref_thread_default ();
  self->worker = inq_jobs_worker_new (board, options, self->context, news_cb, self);
  inq_board_set_jobs_func (board, inq_jobs_rows_changed_cb, self);
  inq_jobs_refresh_rows (self);
  return self;
}

typedef struct {
  InqJobs *jobs;
  InqJob *job;
} Enqueued;

/* @job has no row and never will. It stays in the list and says why, unless nobody wants it any more. */
static void
not_written (InqJobs *self, InqJob *job, gboolean cancelled, const char *why)
{
  guint at;

  inq_job_set_state (job, cancelled ? INQ_JOB_CANCELLED : INQ_JOB_FAILED, cancelled ? NULL : why);
  if (self->worker == NULL) /* being shut down */
    return;
  if (g_ptr_array_find (self->jobs, job, &at)) {
    if (cancelled)
      g_ptr_array_remove_index (self->jobs, at);
    g_list_model_items_changed (G_LIST_MODEL (self), at, 1, !cancelled);
  }
  inq_jobs_notify_counts (self);
  g_signal_emit (self, signals[SIGNAL_JOB_FINISHED], 0, job);
}

static void
enqueued_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autofree Enqueued *enqueued = data;
  g_autoptr (InqJobs) self = enqueued->jobs;
  g_autoptr (InqJob) job = enqueued->job;
  g_autoptr (GError) error = NULL;
  gint64 id = inq_board_act_id_finish (INQ_BOARD (object), result, &error);
  gboolean cancelled = g_object_get_data (G_OBJECT (job), "cancel") != NULL;

  if (id == 0)
    not_written (self, job, cancelled, error->message);
  else {
    inq_job_set_id (job, id);
    if (cancelled)
      inq_board_cancel_job (INQ_BOARD (object), id);
  }
}

guint64
inq_jobs_draw_seed (InqJobs *self)
{
  return g_rand_int (self->rand) & 0x7fffffff;
}

static void
set_string (char **to, const char *from)
{
  if (from == NULL)
    return;
  g_free (*to);
  *to = g_utf8_make_valid (from, -1);
}

InqJob *
inq_jobs_enqueue (InqJobs *self, const InqJobRequest *request)
{
  g_autoptr (InqJobParams) params = inq_job_params_new ();

  set_string (&params->model, request->model);
  set_string (&params->prompt, request->prompt);
  set_string (&params->negative, request->negative);
  set_string (&params->sampler, request->sampler);
  set_string (&params->schedule, request->schedule);
  params->seed = request->random_seed ? inq_jobs_draw_seed (self) : request->seed;
  params->count = request->count;
  params->steps = request->steps;
  params->cfg = request->cfg;
  params->width = request->width;
  params->height = request->height;
  params->variation_strength = request->variation_strength;
  params->variation_seed = request->variation_seed == 0 && request->variation_strength > 0 ? inq_jobs_draw_seed (self)
                                                                                           : request->variation_seed;
  params->hires_scale = request->hires_scale;
  params->hires_strength = request->hires_strength;
  params->hires_steps = request->hires_steps;
  set_string (&params->hires_upscale, request->hires_upscale);
  params->strength = request->strength;
  params->mask_feather = request->mask_feather;
  for (guint i = 0; i < request->n_loras; i++)
    inq_job_params_add_lora (params, request->loras[i].path, request->loras[i].weight);
  return inq_jobs_enqueue_params (self, request->panel_id, params, &request->images, request->first);
}

InqJob *
inq_jobs_enqueue_params (InqJobs *self, gint64 panel_id, const InqJobParams *asked, const InqJobImages *images,
                         gboolean first)
{
  g_autoptr (InqJobParams) params = inq_job_params_copy (asked);
  g_autofree char *json = NULL;
  Enqueued *enqueued;
  InqJob *job;
  guint at = 0;

  g_return_val_if_fail (self->worker != NULL, NULL);

  g_free (params->ticket);
  params->ticket = g_uuid_string_random ();
  params->count = CLAMP (params->count, 1, INQ_JOB_MAX_PICTURES);
  params->init = images != NULL && (images->init != 0 || images->init_png != NULL);
  params->mask = images != NULL && (images->mask != 0 || images->mask_png != NULL);

  json = inq_job_params_to_json (params);
  job = inq_job_new (params, panel_id);
  while (at < self->jobs->len) {
    InqJobState state = inq_job_get_state (g_ptr_array_index (self->jobs, at));

    if (state == INQ_JOB_FAILED || (first && state == INQ_JOB_QUEUED))
      break;
    at++;
  }
  g_ptr_array_insert (self->jobs, (int) at, job);
  g_list_model_items_changed (G_LIST_MODEL (self), at, 0, 1);
  inq_jobs_notify_counts (self);
  enqueued = g_new (Enqueued, 1);
  *enqueued = (Enqueued){ g_object_ref (self), g_object_ref (job) };
  inq_board_enqueue_job_with (self->board, panel_id, json, images, first, enqueued_cb, enqueued);
  return job;
}

void
inq_jobs_cancel (InqJobs *self, InqJob *job)
{
  gint64 id = inq_job_get_id (job);

  if (id == 0) { /* its row is a moment away */
    g_object_set_data (G_OBJECT (job), "cancel", self);
    return;
  }
  if (self->worker != NULL)
    inq_jobs_worker_cancel (self->worker, id);
  inq_board_cancel_job (self->board, id);
}

void
inq_jobs_cancel_all (InqJobs *self)
{
  for (guint i = 0; i < self->jobs->len; i++) {
    InqJob *job = g_ptr_array_index (self->jobs, i);

    if (inq_job_get_state (job) == INQ_JOB_RUNNING && self->worker != NULL)
      inq_jobs_worker_cancel (self->worker, inq_job_get_id (job));
  }
  inq_board_cancel_jobs (self->board, 0);
}

void
inq_jobs_retry (InqJobs *self, InqJob *job)
{
  if (inq_job_get_id (job) != 0)
    inq_board_retry_job (self->board, inq_job_get_id (job));
}

InqJob *
inq_jobs_find_for_panel (InqJobs *self, gint64 panel_id)
{
  for (guint i = 0; i < self->jobs->len; i++) {
    InqJob *job = g_ptr_array_index (self->jobs, i);
    InqJobState state = inq_job_get_state (job);

    if (inq_job_get_panel_id (job) == panel_id && (state == INQ_JOB_QUEUED || state == INQ_JOB_RUNNING))
      return job;
  }
  return NULL;
}

void
inq_jobs_set_device (InqJobs *self, const char *device)
{
  if (self->worker != NULL)
    inq_jobs_worker_set_device (self->worker, device);
}

/* What the writer thread and the idle know of us ends here. NULL: there is no worker (any more). */
static InqJobsWorker *
detach_worker (InqJobs *self)
{
  GSource *refresh;

  if (self->worker == NULL)
    return NULL;
  inq_board_set_jobs_func (self->board, NULL, NULL);
  g_mutex_lock (&self->mutex);
  refresh = g_steal_pointer (&self->refresh);
  g_mutex_unlock (&self->mutex);
  if (refresh != NULL) {
    g_source_destroy (refresh);
    g_source_unref (refresh);
  }
  return g_steal_pointer (&self->worker);
}

void
inq_jobs_shutdown (InqJobs *self)
{
  InqJobsWorker *worker;

  g_return_if_fail (INQ_IS_JOBS (self));
  worker = detach_worker (self);
  if (worker == NULL)
    return;
  inq_jobs_worker_stop_begin (worker, NULL, NULL);
  inq_jobs_worker_stop_end (worker);
}

static gboolean
stopped_cb (gpointer data)
{
  g_autoptr (GTask) task = data;

  inq_jobs_worker_stop_end (g_task_get_task_data (task));
  g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

void
inq_jobs_shutdown_async (InqJobs *self, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = NULL;
  InqJobsWorker *worker;

  g_return_if_fail (INQ_IS_JOBS (self));
  task = g_task_new (self, NULL, callback, data);
  g_task_set_source_tag (task, inq_jobs_shutdown_async);
  worker = detach_worker (self);
  if (worker == NULL) {
    g_task_return_boolean (task, TRUE);
    return;
  }
  g_task_set_task_data (task, worker, NULL);
  inq_jobs_worker_stop_begin (worker, stopped_cb, g_steal_pointer (&task));
}

void
inq_jobs_shutdown_finish (InqJobs *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));
  g_task_propagate_boolean (G_TASK (result), NULL);
}
