/* Inquadra - what the thread that owns the engine does to the board, each one transaction
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For inq_board_act_sync(): they run on the board's writing thread, and may run again after an error that passes.
 */
#pragma once

#include "inq-job-run.h"

G_BEGIN_DECLS

/**
 * InqJobAct: what an act is given, and what a claim found
 * @job: row id; not for a claim
 * @row: (nullable) claimed: NULL when nothing waits
 * @pictures: of the row
 * @pictures_error: (nullable) why they could not be read
 * @done: pictures of the row that are made already
 * @reason: of a failure
 * @variation, @last, @progress: a picture to keep, whether the job ends with it, and how far it is
 */
typedef struct {
  gint64 job;
  InqJobRow *row;
  InqJobPictures pictures; /* of the row, owned */
  GError *pictures_error;  /* why they could not be read */
  int done;
  const char *reason;
  const InqNewVariation *variation;
  gboolean last;
  double progress;
} InqJobAct;

gboolean inq_job_act_claim (InqDocument *document, gpointer act, GError **error);
gboolean inq_job_act_store (InqDocument *document, gpointer act, GError **error);
gboolean inq_job_act_finish (InqDocument *document, gpointer act, GError **error);
gboolean inq_job_act_fail (InqDocument *document, gpointer act, GError **error);
gboolean inq_job_act_cancel (InqDocument *document, gpointer act, GError **error);
gboolean inq_job_act_release (InqDocument *document, gpointer act, GError **error);
/* Frees what a claim found. */
void inq_job_act_clear (InqJobAct *act);

G_END_DECLS
