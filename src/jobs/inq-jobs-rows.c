/* Inquadra - the generation queue: from the board's rows to the list
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-jobs-private.h"

/* Rows of the file that matter to the list: those that wait, run or failed last, and what became of those it has. */
typedef struct {
  GArray *known;   /* gint64: ids in the list when asked */
  GPtrArray *rows; /* InqJobRow */
  guint n_open;
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_array_unref (look->known);
  g_clear_pointer (&look->rows, g_ptr_array_unref);
  g_free (look);
}

static gboolean
look_act (InqDocument *document, gpointer data, GError **error)
{
  Look *look = data;

  g_clear_pointer (&look->rows, g_ptr_array_unref);
  look->rows = inq_document_list_open_jobs (document, error);
  if (look->rows == NULL)
    return FALSE;
  look->n_open = look->rows->len;
  for (guint i = 0; i < look->known->len; i++) {
    gint64 id = g_array_index (look->known, gint64, i);
    gboolean listed = FALSE;

    for (guint k = 0; k < look->n_open && !listed; k++)
      listed = ((InqJobRow *) g_ptr_array_index (look->rows, k))->id == id;
    if (!listed) {
      InqJobRow *row = inq_document_get_job (document, id, NULL);

      if (row != NULL)
        g_ptr_array_add (look->rows, row);
    }
  }
  return TRUE;
}

static InqJob *
find_for_row (InqJobs *self, const InqJobRow *row)
{
  g_autoptr (InqJobParams) params = NULL;
  InqJob *job = inq_jobs_find_id (self, row->id);

  if (job != NULL)
    return job;
  params = inq_job_params_from_json (row->params, NULL);
  for (guint i = 0; params != NULL && i < self->jobs->len; i++) {
    job = g_ptr_array_index (self->jobs, i);
    if (inq_job_get_id (job) == 0 && g_str_equal (inq_job_get_ticket (job), params->ticket)) {
      inq_job_set_id (job, row->id);
      return job;
    }
  }
  return NULL;
}

static void
take_rows (InqJobs *self, Look *look)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) finished = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint n_before = self->jobs->len;

  for (guint i = 0; i < look->rows->len; i++) {
    const InqJobRow *row = g_ptr_array_index (look->rows, i);
    InqJob *job = find_for_row (self, row);
    gboolean ended = row->state != INQ_JOB_QUEUED && row->state != INQ_JOB_RUNNING;

    job = job != NULL ? g_object_ref (job) : inq_job_new_from_row (row);
    g_hash_table_add (seen, job);
    if (ended && inq_job_get_state (job) != row->state)
      g_ptr_array_add (finished, g_object_ref (job));
    if (row->state == INQ_JOB_CANCELLED && self->worker != NULL)
      inq_jobs_worker_cancel (self->worker, row->id);
    inq_job_set_state (job, row->state, row->error);
    if (!ended || row->state == INQ_JOB_FAILED)
      g_ptr_array_add (list, g_object_ref (job));
    g_object_unref (job);
  }
  /* Asked for but not written yet: after those that wait, before the failed ones; never to be written: with those. */
  guint at = 0;
  while (at < list->len && inq_job_get_state (g_ptr_array_index (list, at)) != INQ_JOB_FAILED)
    at++;
  for (guint i = 0; i < self->jobs->len; i++) {
    InqJob *job = g_ptr_array_index (self->jobs, i);

    if (inq_job_get_id (job) != 0 || g_hash_table_contains (seen, job))
      continue;
    if (inq_job_get_state (job) == INQ_JOB_FAILED)
      g_ptr_array_add (list, g_object_ref (job));
    else
      g_ptr_array_insert (list, (int) at++, g_object_ref (job));
  }

  g_ptr_array_unref (self->jobs);
  self->jobs = g_ptr_array_ref (list);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, self->jobs->len);
  inq_jobs_notify_counts (self);
  for (guint i = 0; i < finished->len; i++)
    g_signal_emit_by_name (self, "job-finished", g_ptr_array_index (finished, i));
}

static void
look_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqJobs) self = data;
  g_autoptr (GError) error = NULL;
  Look *look = inq_board_act_get_data (result);

  self->reading = FALSE;
  if (!inq_board_act_finish (INQ_BOARD (object), result, &error))
    g_debug ("the queue could not be read: %s", error->message);
  else
    take_rows (self, look);
  if (self->read_again)
    inq_jobs_refresh_rows (self);
}

void
inq_jobs_refresh_rows (InqJobs *self)
{
  Look *look;

  if (self->reading || self->worker == NULL) {
    self->read_again = TRUE;
    return;
  }
  self->reading = TRUE;
  self->read_again = FALSE;
  look = g_new0 (Look, 1);
  look->known = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < self->jobs->len; i++) {
    gint64 id = inq_job_get_id (g_ptr_array_index (self->jobs, i));

    if (id != 0)
      g_array_append_val (look->known, id);
  }
  inq_board_act (self->board, NULL, look_act, look, look_free, look_cb, g_object_ref (self));
}

static gboolean
refresh_cb (gpointer data)
{
  InqJobs *self = data;

  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->refresh, g_source_unref);
  g_mutex_unlock (&self->mutex);
  inq_jobs_refresh_rows (self);
  return G_SOURCE_REMOVE;
}

void
inq_jobs_rows_changed_cb (gpointer data)
{
  InqJobs *self = data;

  inq_jobs_worker_wake (self->worker);
  g_mutex_lock (&self->mutex);
  if (self->refresh == NULL) {
    self->refresh = g_idle_source_new ();
    g_source_set_callback (self->refresh, refresh_cb, self, NULL);
    g_source_attach (self->refresh, self->context);
  }
  g_mutex_unlock (&self->mutex);
}
