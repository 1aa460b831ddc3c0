/* Inquadra - the generation queue: durable rows in the board, one worker thread that owns the engine.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A generation is a job row of the board (see inq-document-jobs.h). InqJobs takes queued rows in order, runs them on
 * the engine in its own thread, writes each finished picture as a variation in one transaction and reports progress on
 * the main thread, coalesced: at most one pending idle, previews overwritten by newer ones. Rows left running by a
 * crash are queued again once; after a second crash they are failed with the reason. A failed or non-finite generation
 * is a failed job, never a picture.
 *
 * The engine is opened lazily by the worker at the first job, so nothing here delays the window.
 *
 * Thread-safety: an InqJobs belongs to the main thread. Signals are emitted there.
 */
#pragma once

#include <gio/gio.h>
#include <inq-board.h>
#include <inq-document-jobs.h>
#include <inq-engine.h>

#include "inq-job-params.h"

G_BEGIN_DECLS

#define INQ_TYPE_JOB (inq_job_get_type ())
G_DECLARE_FINAL_TYPE (InqJob, inq_job, INQ, JOB, GObject)
#define INQ_TYPE_JOBS (inq_jobs_get_type ())
G_DECLARE_FINAL_TYPE (InqJobs, inq_jobs, INQ, JOBS, GObject)

/* What to make. Zeroed fields take the model's defaults; strings are copied. */
typedef struct {
  gint64 panel_id;
  const char *model; /* (nullable) path; NULL for the house model */
  const char *prompt;
  const char *negative; /* (nullable) */
  guint64 seed;         /* of the first variation; 0 with @random_seed draws one, which is then kept in the row */
  gboolean random_seed;
  int count;
  int steps;
  double cfg;
  const char *sampler; /* (nullable) */
  int width;
  int height;
  const char *schedule;      /* (nullable) */
  guint64 variation_seed;    /* as in InqGenerateParams; 0 with a @variation_strength draws one */
  double variation_strength; /* 0: none */
  double hires_scale;        /* 0 or 1: none */
  double hires_strength;
  int hires_steps;
  const char *hires_upscale; /* (nullable) as in InqGenerateParams */
  const InqLoraUse *loras;   /* (nullable) */
  guint n_loras;
  InqJobImages images; /* what it is drawn from; a mask only with a picture to start from */
  double strength;     /* how far to leave that picture, 0..1 */
  int mask_feather;    /* pixels */
  gboolean first;      /* to the front of the queue */
} InqJobRequest;

/**
 * InqJobs:
 *
 * Properties: "n-queued" (guint), "n-running" (guint), "running" (InqJob, nullable), "error" (string, nullable: why no
 * engine can be opened, e.g. no Vulkan device, with the package that brings one), "stalled"
 * (string, nullable: why a picture that is drawn cannot be written yet; it is kept and tried again). It is a GListModel
 * of InqJob: the queued and running jobs in order, then the failed ones: those of this session, and of earlier ones
 * the newest of each panel that was not drawn since.
 *
 * Signals: "job-finished" (InqJob): done, failed or cancelled; "notice" (panel id gint64, message string).
 */

/* Starts the worker for @board (referenced). @options: device choice, copied; may be NULL. Recovers rows a crash left
 * running. */
InqJobs *inq_jobs_new (InqBoard *board, const InqGpuOptions *options);
/* Adds a job; returns at once. The row is written through the board's writer; the job appears in the list at once.
 * (transfer none) */
InqJob *inq_jobs_enqueue (InqJobs *jobs, const InqJobRequest *request);
/* The same again for @panel_id, from a row's params (inq_job_get_params()), changed as wished, and the pictures it is
 * drawn from (@images is nullable). (transfer none) */
InqJob *inq_jobs_enqueue_params (InqJobs *jobs, gint64 panel_id, const InqJobParams *params, const InqJobImages *images,
                                 gboolean first);
/* A seed as people like them: short enough to read out and type in. */
guint64 inq_jobs_draw_seed (InqJobs *jobs);
/* Cancels a queued or running job (acts within 100 ms of the running submission). Pictures already finished stay. */
void inq_jobs_cancel (InqJobs *jobs, InqJob *job);
void inq_jobs_cancel_all (InqJobs *jobs);
/* Queues a failed or cancelled job anew with the same request. Nothing for one without an id: its row could not be
 * written. */
void inq_jobs_retry (InqJobs *jobs, InqJob *job);
/* The queued or running job of a panel, (nullable) (transfer none). */
InqJob *inq_jobs_find_for_panel (InqJobs *jobs, gint64 panel_id);
/* Another device or none (preferences); takes effect with the next job. */
void inq_jobs_set_device (InqJobs *jobs, const char *device);
/* Stops after the running step: the running row goes back to queued without counting as a crash, pictures already
 * drawn stay. Nothing is emitted any more. Finishes when the worker is gone: the board must not be closed before. */
void inq_jobs_shutdown_async (InqJobs *jobs, GAsyncReadyCallback callback, gpointer data);
void inq_jobs_shutdown_finish (InqJobs *jobs, GAsyncResult *result);
/* The same, waiting for it; for programs without a window. Disposing does it too. */
void inq_jobs_shutdown (InqJobs *jobs);

/* InqJob properties (all read-only, notify on the main thread): "state" (InqJobState as int), "progress" (double 0..1
 * over all its pictures), "stage" (string, translated), "index" (int: picture being made), "step", "n-steps",
 * "seconds-left" (double, -1 unknown), "error" (string, nullable). */
gint64 inq_job_get_id (InqJob *job); /* 0 until its row is written */
gint64 inq_job_get_panel_id (InqJob *job);
InqJobState inq_job_get_state (InqJob *job);
double inq_job_get_progress (InqJob *job);
double inq_job_get_seconds_left (InqJob *job);
int inq_job_get_count (InqJob *job);
int inq_job_get_index (InqJob *job);
const char *inq_job_get_stage (InqJob *job);
const char *inq_job_get_error (InqJob *job);
const char *inq_job_get_prompt (InqJob *job);
const InqJobParams *inq_job_get_params (InqJob *job);
guint64 inq_job_get_seed (InqJob *job);
/* (transfer none) (nullable) newest preview of picture @index */
const InqPicture *inq_job_get_preview (InqJob *job, int index);

G_END_DECLS
