/* Inquadra - the durable queue of generations
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-document-images.h"

G_BEGIN_DECLS

/* None of this is undoable: a picture on its way is not taken back by undoing a word. Jobs of a deleted panel rest
 * (they are not claimed nor listed) and go on when the deletion is undone; what a running one brings is kept with its
 * panel. */

typedef enum { INQ_JOB_QUEUED, INQ_JOB_RUNNING, INQ_JOB_DONE, INQ_JOB_FAILED, INQ_JOB_CANCELLED } InqJobState;

const char *inq_job_state_get_name (InqJobState state); /* "queued" ... as stored */

/* Immutable by convention once shared. */
typedef struct {
  gint64 id, panel;
  InqJobState state;
  char *params;                      /* JSON object, as enqueued: what to make */
  char *error;                       /* why it failed, "" otherwise */
  gint attempts;                     /* times it was claimed since it was queued by a person */
  gdouble progress;                  /* 0 to 1, as last written */
  gint64 created, started, finished; /* Unix time, microseconds; 0: not yet */
  gint64 init, mask;                 /* images it starts from and may change within; 0: none */
} InqJobRow;

InqJobRow *inq_job_row_copy (const InqJobRow *row);
void inq_job_row_free (InqJobRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqJobRow, inq_job_row_free)

/* @params must be a JSON object. @front: next in turn, before all that wait. Returns the id, 0 on failure. */
gint64 inq_document_enqueue_job (InqDocument *document, gint64 panel, const char *params, gboolean front,
                                 GError **error);

/**
 * InqJobImages:
 * What a job is drawn from. Each picture is an image that the board has, or else a PNG that is stored with the job. The
 * job's row keeps them in the board for as long as it, or a variation that it made, may need them.
 */
typedef struct {
  gint64 init, mask;           /* 0: none, or a new one */
  GBytes *init_png, *mask_png; /* (nullable) */
} InqJobImages;

/* The same with pictures (@images is nullable), in the same transaction. NO_ROW when an image is not in the board,
 * INVALID when a PNG cannot be read. */
gint64 inq_document_enqueue_job_with (InqDocument *document, gint64 panel, const char *params,
                                      const InqJobImages *images, gboolean front, GError **error);

/* The next queued job becomes running and is returned with its attempts counted up; NULL without an error when none
 * waits. */
InqJobRow *inq_document_claim_job (InqDocument *document, GError **error);
InqJobRow *inq_document_get_job (InqDocument *document, gint64 job, GError **error);
/* Queued and running ones in turn; with @finished also the rest, newest first after them. (element-type InqJobRow) */
GPtrArray *inq_document_list_jobs (InqDocument *document, gboolean finished, GError **error);

/* What still wants doing, or somebody to look at it: queued and running ones in turn, then each panel's newest failed
 * one, newest first, unless the panel was drawn since. (element-type InqJobRow) */
GPtrArray *inq_document_list_open_jobs (InqDocument *document, GError **error);

/* Only what should outlive the process: a few times per job is plenty; live progress goes to the window directly. */
gboolean inq_document_set_job_progress (InqDocument *document, gint64 job, gdouble progress, GError **error);

/* Pictures and state in one transaction: running -> done, @n variations added to its panel, oldest first. @ids
 * (nullable) takes the n new ids. A job cancelled meanwhile keeps that state, and its pictures are kept too. */
gboolean inq_document_finish_job (InqDocument *document, gint64 job, const InqNewVariation *variations, gsize n,
                                  gint64 *ids, GError **error);
/* Adds pictures of a job that goes on (one of a batch is ready). */
gboolean inq_document_add_job_variations (InqDocument *document, gint64 job, const InqNewVariation *variations, gsize n,
                                          gint64 *ids, GError **error);
/* queued or running -> failed; @reason is shown to the artist. */
gboolean inq_document_fail_job (InqDocument *document, gint64 job, const char *reason, GError **error);
/* queued or running -> cancelled; finished already: no change, TRUE. The worker stops the running one itself. */
gboolean inq_document_cancel_job (InqDocument *document, gint64 job, GError **error);
/* All queued and running of @panel, or of the board with 0. */
gboolean inq_document_cancel_jobs (InqDocument *document, gint64 panel, GError **error);
/* failed or cancelled -> queued, attempts 0. */
gboolean inq_document_retry_job (InqDocument *document, gint64 job, GError **error);
/* running -> queued without counting the attempt (the program closes in good order). */
gboolean inq_document_release_job (InqDocument *document, gint64 job, GError **error);
/* Forgets failed, cancelled and done ones (variations stay), but not what a variation was drawn from. */
gboolean inq_document_forget_finished_jobs (InqDocument *document, GError **error);

/* After a crash, once after opening: running jobs are queued again if that was their first attempt, else failed with
 * the reason.
 * @requeued, @failed nullable. */
gboolean inq_document_recover_jobs (InqDocument *document, gint *requeued, gint *failed, GError **error);

G_END_DECLS
