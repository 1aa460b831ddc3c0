/* Inquadra - the durable queue of generations
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-jobs.h"

#include "inq-images-private.h"
#include "inq-sql.h"

/* Claims that may end in a crash before a job is given up. */
#define MAX_ATTEMPTS 2

static const char *const state_names[] = { "queued", "running", "done", "failed", "cancelled" };

const char *
inq_job_state_get_name (InqJobState state)
{
  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (state_names), NULL);
  return state_names[state];
}

InqJobRow *
inq_job_row_copy (const InqJobRow *row)
{
  InqJobRow *copy = g_memdup2 (row, sizeof *row);

  copy->params = g_strdup (row->params);
  copy->error = g_strdup (row->error);
  return copy;
}

void
inq_job_row_free (InqJobRow *row)
{
  if (row == NULL)
    return;
  g_free (row->params);
  g_free (row->error);
  g_free (row);
}

#define JOB_SELECT                                                                                                     \
  "SELECT j.id, j.panel, j.state, j.params, j.error, j.attempts, j.progress, j.created, j.started, j.finished,"        \
  " coalesce (j.init, 0), coalesce (j.mask, 0) FROM job j JOIN panel p ON p.id = j.panel"

static InqJobRow *
read_row (sqlite3_stmt *q)
{
  InqJobRow *row = g_new0 (InqJobRow, 1);
  g_autofree char *state = inq_sql_dup_text (q, 2);

  row->id = sqlite3_column_int64 (q, 0);
  row->panel = sqlite3_column_int64 (q, 1);
  row->state = INQ_JOB_FAILED;
  for (guint i = 0; i < G_N_ELEMENTS (state_names); i++)
    if (g_str_equal (state, state_names[i]))
      row->state = i;
  row->params = inq_sql_dup_text (q, 3);
  row->error = inq_sql_dup_text (q, 4);
  row->attempts = sqlite3_column_int (q, 5);
  row->progress = CLAMP (sqlite3_column_double (q, 6), 0., 1.);
  row->created = sqlite3_column_int64 (q, 7);
  row->started = sqlite3_column_int64 (q, 8);
  row->finished = sqlite3_column_int64 (q, 9);
  row->init = sqlite3_column_int64 (q, 10);
  row->mask = sqlite3_column_int64 (q, 11);
  return row;
}

static InqJobRow *
read_one (InqDocument *document, sqlite3_stmt *q, GError **error)
{
  InqJobRow *row = NULL;

  if (q != NULL && inq_sql_step (document, q, error) > 0) {
    row = read_row (q);
    sqlite3_reset (q);
  }
  return row;
}

InqJobRow *
inq_document_get_job (InqDocument *document, gint64 job, GError **error)
{
  g_autoptr (GError) local = NULL;
  InqJobRow *row = read_one (document, inq_sql_query (document, &local, JOB_SELECT " WHERE j.id = ?1", "i", job),
                             &local);

  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (row == NULL)
    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW, _ ("This job is no longer in the queue."));
  return row;
}

#define JOB_ORDER                                                                                                      \
  " ORDER BY CASE j.state WHEN 'running' THEN 0 WHEN 'queued' THEN 1 ELSE 2 END,"                                      \
  " CASE WHEN j.state IN ('running', 'queued') THEN 0 ELSE -j.finished END, j.rank, j.queued, j.id"

static GPtrArray *
read_rows (InqDocument *document, sqlite3_stmt *q, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_job_row_free);
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0)
    g_ptr_array_add (rows, read_row (q));
  return more == 0 ? g_steal_pointer (&rows) : NULL;
}

GPtrArray *
inq_document_list_jobs (InqDocument *document, gboolean finished, GError **error)
{
  return read_rows (document,
                    inq_sql_query (document, error,
                                   JOB_SELECT " WHERE p.alive AND (?1 OR j.state IN ('queued', 'running'))" JOB_ORDER,
                                   "i", (gint64) finished),
                    error);
}

GPtrArray *
inq_document_list_open_jobs (InqDocument *document, GError **error)
{
  return read_rows (document,
                    inq_sql_query (document, error,
                                   JOB_SELECT
                                   " WHERE p.alive AND (j.state IN ('queued', 'running') OR (j.state = 'failed'"
                                   " AND NOT EXISTS (SELECT 1 FROM job l WHERE l.panel = j.panel AND l.id != j.id"
                                   " AND (l.finished, l.id) > (j.finished, j.id)"
                                   " AND l.state IN ('done', 'failed'))))" JOB_ORDER,
                                   ""),
                    error);
}

/* Within an act: the image that is meant, stored if it is new. 0 in *@image: none. */
static gboolean
take_image (InqDocument *document, gint64 id, GBytes *png, const InqPreparedImage *prepared, gint64 *image,
            GError **error)
{
  *image = id;
  if (png != NULL)
    return (*image = inq_document_store_image (document, prepared, error)) != 0;
  return id == 0 || inq_document_check_image (document, id, error);
}

gint64
inq_document_enqueue_job (InqDocument *document, gint64 panel, const char *params, gboolean front, GError **error)
{
  return inq_document_enqueue_job_with (document, panel, params, NULL, front, error);
}

gint64
inq_document_enqueue_job_with (InqDocument *document, gint64 panel, const char *params, const InqJobImages *images,
                               gboolean front, GError **error)
{
  static const InqJobImages none = { 0 };
  g_auto (InqPreparedImage) init_image = { NULL };
  g_auto (InqPreparedImage) mask_image = { NULL };
  gint64 id = 0, rank = 0, now = g_get_real_time (), init = 0, mask = 0;
  gboolean ok;

  if (images == NULL)
    images = &none;
  if (!inq_document_check_writable (document, error)
      || (images->init_png != NULL && !inq_prepared_image_init (&init_image, images->init_png, error))
      || (images->mask_png != NULL && !inq_prepared_image_init (&mask_image, images->mask_png, error))
      || !inq_document_begin (document, NULL, NULL, error))
    return 0;
  ok = inq_check_json_object (document, params, error) && inq_check_alive (document, "panel", panel, error)
       && (!front
           || inq_sql_value (document, error, &rank, "SELECT min (0, min (rank)) - 1 FROM job WHERE state = 'queued'",
                             ""))
       && take_image (document, images->init, images->init_png, &init_image, &init, error)
       && take_image (document, images->mask, images->mask_png, &mask_image, &mask, error)
       && inq_sql_run (document, error,
                       "INSERT INTO job (panel, rank, params, created, queued, init, mask)"
                       " VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)",
                       "iitinn", panel, rank, params, now, init, mask);
  if (ok)
    id = sqlite3_last_insert_rowid (document->db);
  return inq_document_end (document, ok, error) ? id : 0;
}

InqJobRow *
inq_document_claim_job (InqDocument *document, GError **error)
{
  g_autoptr (InqJobRow) row = NULL;
  gint64 id = 0;
  gboolean ok;

  if (!inq_document_begin (document, NULL, NULL, error))
    return NULL;
  ok = inq_sql_value (document, error, &id,
                      "SELECT j.id FROM job j JOIN panel p ON p.id = j.panel AND p.alive WHERE j.state = 'queued'"
                      " ORDER BY j.rank, j.queued, j.id LIMIT 1",
                      "")
       && (id == 0
           || (inq_sql_run (
                   document, error,
                   "UPDATE job SET state = 'running', attempts = attempts + 1, progress = 0, error = '', started = ?2"
                   " WHERE id = ?1",
                   "ii", id, g_get_real_time ())
               && (row = inq_document_get_job (document, id, error)) != NULL));
  if (!inq_document_end (document, ok, error))
    return NULL;
  return g_steal_pointer (&row);
}

gboolean
inq_document_set_job_progress (InqDocument *document, gint64 job, gdouble progress, GError **error)
{
  if (!inq_document_begin (document, NULL, NULL, error))
    return FALSE;
  return inq_document_end (document,
                           inq_sql_run (document, error,
                                        "UPDATE job SET progress = ?2 WHERE id = ?1 AND state = 'running'", "id", job,
                                        CLAMP (progress, 0., 1.)),
                           error);
}

/* Adds the pictures of @job and, with @finish, makes it done. */
static gboolean
bring (InqDocument *document, gint64 job, const InqNewVariation *variations, gsize n, gboolean finish, gint64 *ids,
       GError **error)
{
  g_autofree InqPreparedImage *prepared = g_new0 (InqPreparedImage, MAX (n, 1));
  g_autoptr (InqJobRow) row = NULL;
  gboolean ok = inq_document_check_writable (document, error);

  for (gsize i = 0; ok && i < n; i++)
    ok = inq_prepared_image_init (&prepared[i], variations[i].png, error);
  ok = ok && inq_document_begin (document, NULL, NULL, error);
  if (ok) {
    ok = (row = inq_document_get_job (document, job, error)) != NULL;
    for (gsize i = 0; ok && i < n; i++) {
      gint64 id = inq_document_insert_variation (document, row->panel, &variations[i], &prepared[i], job, TRUE, error);

      ok = id != 0;
      if (ids != NULL)
        ids[i] = id;
    }
    if (ok && finish)
      ok = inq_sql_run (document, error,
                        "UPDATE job SET state = 'done', progress = 1, error = '', finished = ?2 WHERE id = ?1"
                        " AND state IN ('queued', 'running')",
                        "ii", job, g_get_real_time ());
    ok = inq_document_end (document, ok, error);
  }
  for (gsize i = 0; i < n; i++)
    inq_prepared_image_clear (&prepared[i]);
  return ok;
}

gboolean
inq_document_finish_job (InqDocument *document, gint64 job, const InqNewVariation *variations, gsize n, gint64 *ids,
                         GError **error)
{
  return bring (document, job, variations, n, TRUE, ids, error);
}

gboolean
inq_document_add_job_variations (InqDocument *document, gint64 job, const InqNewVariation *variations, gsize n,
                                 gint64 *ids, GError **error)
{
  return bring (document, job, variations, n, FALSE, ids, error);
}

gboolean
inq_document_fail_job (InqDocument *document, gint64 job, const char *reason, GError **error)
{
  g_autofree char *valid = reason != NULL ? g_utf8_make_valid (reason, -1) : g_strdup ("");

  if (!inq_document_begin (document, NULL, NULL, error))
    return FALSE;
  return inq_document_end (document,
                           inq_sql_run (document, error,
                                        "UPDATE job SET state = 'failed', error = ?2, finished = ?3 WHERE id = ?1"
                                        " AND state IN ('queued', 'running')",
                                        "iti", job, valid, g_get_real_time ()),
                           error);
}

gboolean
inq_document_cancel_job (InqDocument *document, gint64 job, GError **error)
{
  if (!inq_document_begin (document, NULL, NULL, error))
    return FALSE;
  return inq_document_end (document,
                           inq_sql_run (document, error,
                                        "UPDATE job SET state = 'cancelled', finished = ?2 WHERE id = ?1"
                                        " AND state IN ('queued', 'running')",
                                        "ii", job, g_get_real_time ()),
                           error);
}

gboolean
inq_document_cancel_jobs (InqDocument *document, gint64 panel, GError **error)
{
  if (!inq_document_begin (document, NULL, NULL, error))
    return FALSE;
  return inq_document_end (document,
                           inq_sql_run (document, error,
                                        "UPDATE job SET state = 'cancelled', finished = ?2 WHERE (?1 = 0 OR panel = ?1)"
                                        " AND state IN ('queued', 'running')",
                                        "ii", panel, g_get_real_time ()),
                           error);
}

gboolean
inq_document_retry_job (InqDocument *document, gint64 job, GError **error)
{
  if (!inq_document_begin (document, NULL, NULL, error))
    return FALSE;
  return inq_document_end (
      document,
      inq_sql_run (document, error,
                   "UPDATE job SET state = 'queued', rank = 0, queued = ?2, attempts = 0, progress = 0, error = '',"
                   " started = 0, finished = 0 WHERE id = ?1 AND state IN ('failed', 'cancelled')",
                   "ii", job, g_get_real_time ()),
      error);
}

gboolean
inq_document_release_job (InqDocument *document, gint64 job, GError **error)
{
  if (!inq_document_begin (document, NULL, NULL, error))
    return FALSE;
  return inq_document_end (
      document,
      inq_sql_run (document, error,
                   "UPDATE job SET state = 'queued', attempts = max (0, attempts - 1), progress = 0, started = 0"
                   " WHERE id = ?1 AND state = 'running'",
                   "i", job),
      error);
}

gboolean
inq_document_forget_finished_jobs (InqDocument *document, GError **error)
{
  if (!inq_document_begin (document, NULL, NULL, error))
    return FALSE;
  document->changes->structure = TRUE; /* the panels they belonged to are not known any more: all are read again */
  return inq_document_end (document,
                           inq_sql_run (document, error,
                                        "DELETE FROM job WHERE state IN ('done', 'failed', 'cancelled')"
                                        " AND NOT ((init NOT NULL OR mask NOT NULL)"
                                        " AND EXISTS (SELECT 1 FROM variation v WHERE v.job = job.id))",
                                        ""),
                           error);
}

gboolean
inq_document_recover_jobs (InqDocument *document, gint *requeued, gint *failed, GError **error)
{
  gint again = 0, given_up = 0;
  gint64 running = 0;
  gboolean ok;

  if (requeued != NULL)
    *requeued = 0;
  if (failed != NULL)
    *failed = 0;
  if (!inq_sql_value (document, error, &running, "SELECT count(*) FROM job WHERE state = 'running'", ""))
    return FALSE;
  if (running == 0)
    return TRUE;
  if (!inq_document_begin (document, NULL, NULL, error))
    return FALSE;
  ok = inq_sql_run (
      document, error,
      "UPDATE job SET state = 'failed', error = ?1, finished = ?2 WHERE state = 'running' AND attempts >= ?3", "tii",
      _ ("Inquadra was interrupted twice while it worked on this. Try a smaller picture or another device."),
      g_get_real_time (), (gint64) MAX_ATTEMPTS);
  given_up = sqlite3_changes (document->db);
  ok = ok
       && inq_sql_run (document, error,
                       "UPDATE job SET state = 'queued', progress = 0, started = 0 WHERE state = 'running'", "");
  again = sqlite3_changes (document->db);
  if (!inq_document_end (document, ok, error))
    return FALSE;
  if (requeued != NULL)
    *requeued = again;
  if (failed != NULL)
    *failed = given_up;
  return TRUE;
}
