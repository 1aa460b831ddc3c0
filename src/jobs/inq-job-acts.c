/* Inquadra - what the thread that owns the engine does to the board, each one transaction
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-job-acts.h"

/* Each act is one transaction: one that is tried again must not find half of itself done. */
static gboolean
end_act (InqDocument *document, gboolean ok, GError **error)
{
  if (ok)
    return inq_document_commit (document, error);
  inq_document_rollback (document);
  return FALSE;
}

static gboolean
claim_row (InqDocument *document, gpointer data, GError **error)
{
  InqJobAct *act = data;
  GError *local = NULL;

  g_clear_pointer (&act->row, inq_job_row_free);
  act->row = inq_document_claim_job (document, &local);
  if (local != NULL) {
    g_propagate_error (error, local);
    return FALSE;
  }
  if (act->row == NULL)
    return TRUE;
  /* Without them the row fails by itself: the claim stands. */
  g_clear_error (&act->pictures_error);
  inq_job_pictures_clear (&act->pictures);
  inq_job_pictures_read (&act->pictures, document, act->row, &act->pictures_error);
  act->done = inq_job_count_done (document, act->row->id, act->row->panel, error);
  return act->done >= 0;
}

gboolean
inq_job_act_claim (InqDocument *document, gpointer data, GError **error)
{
  return inq_document_begin (document, NULL, NULL, error)
         && end_act (document, claim_row (document, data, error), error);
}

void
inq_job_act_clear (InqJobAct *act)
{
  g_clear_pointer (&act->row, inq_job_row_free);
  inq_job_pictures_clear (&act->pictures);
  g_clear_error (&act->pictures_error);
}

gboolean
inq_job_act_store (InqDocument *document, gpointer data, GError **error)
{
  InqJobAct *act = data;

  if (act->last)
    return inq_document_finish_job (document, act->job, act->variation, 1, NULL, error);
  return inq_document_begin (document, NULL, NULL, error)
         && end_act (document,
                     inq_document_add_job_variations (document, act->job, act->variation, 1, NULL, error)
                         && inq_document_set_job_progress (document, act->job, act->progress, error),
                     error);
}

gboolean
inq_job_act_finish (InqDocument *document, gpointer data, GError **error)
{
  return inq_document_finish_job (document, ((InqJobAct *) data)->job, NULL, 0, NULL, error);
}

gboolean
inq_job_act_fail (InqDocument *document, gpointer data, GError **error)
{
  return inq_document_fail_job (document, ((InqJobAct *) data)->job, ((InqJobAct *) data)->reason, error);
}

gboolean
inq_job_act_cancel (InqDocument *document, gpointer data, GError **error)
{
  return inq_document_cancel_job (document, ((InqJobAct *) data)->job, error);
}

gboolean
inq_job_act_release (InqDocument *document, gpointer data, GError **error)
{
  return inq_document_release_job (document, ((InqJobAct *) data)->job, error);
}
