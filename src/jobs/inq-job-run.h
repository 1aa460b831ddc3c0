/* Inquadra - one job from row to pictures, without a window
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the worker thread of the application and inquadra-cli share.
 */
#pragma once

#include "inq-job-params.h"
#include <inq-document-jobs.h>

G_BEGIN_DECLS

/**
 * InqJobRunCallbacks: called on the thread of inq_job_run().
 * @store: keep one finished picture; @last: it is the job's last, so state and picture go in one transaction. FALSE
 * with @error ends the run
 * @progress: (nullable): @fraction of the whole job, 0..1; @index counts from the job's first picture, -1 for all at
 * once;
 *   @preview (nullable, borrowed)
 * @notice: (nullable)
 */
typedef struct {
  gboolean (*store) (const InqNewVariation *variation, gboolean last, gpointer data, GError **error);
  void (*progress) (InqStage stage, int index, int step, int n_steps, double fraction, const InqPicture *preview,
                    gpointer data);
  void (*notice) (const char *message, gpointer data);
  gpointer data;
} InqJobRunCallbacks;

/**
 * InqJobPictures: the PNGs that a job's row refers to, read from the board; NULL where it has none.
 */
typedef struct {
  GBytes *init, *mask;
} InqJobPictures;

/* Reads what @row refers to into @pictures. Within a read or an act; FALSE with @error: the board has lost one. */
gboolean inq_job_pictures_read (InqJobPictures *pictures, InqDocument *document, const InqJobRow *row, GError **error);
void inq_job_pictures_clear (InqJobPictures *pictures);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (InqJobPictures, inq_job_pictures_clear)

/* Makes pictures @done..count-1 of @params (the first @done are kept from an earlier run). The model is loaded if it is
 * not the engine's current one. @pictures: (nullable): those that @params say there are; INVALID when one is missing,
 * for a picture drawn without it is not the one asked for. Other errors as inq_engine_generate(), or what store()
 * returned. */
gboolean inq_job_run (InqEngine *engine, const InqJobParams *params, const InqJobPictures *pictures, int done,
                      const InqJobRunCallbacks *callbacks, GCancellable *cancellable, GError **error);

/* How many pictures of @job its panel already has: they arrive in order, so this is where an interrupted job goes on.
 * -1 on error. */
int inq_job_count_done (InqDocument *document, gint64 job, gint64 panel, GError **error);

G_END_DECLS
