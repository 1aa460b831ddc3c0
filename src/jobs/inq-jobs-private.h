/* Inquadra - what the main thread and the worker of the queue share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-job-params.h"
#include "inq-jobs.h"

G_BEGIN_DECLS

#define INQ_JOB_MAX_PICTURES 64

/* ---- InqJob, main thread ---- */
InqJob *inq_job_new (const InqJobParams *params, gint64 panel_id);
InqJob *inq_job_new_from_row (const InqJobRow *row);
const char *inq_job_get_ticket (InqJob *job);
void inq_job_set_id (InqJob *job, gint64 id);
void inq_job_set_state (InqJob *job, InqJobState state, const char *error);
/* @previews: (element-type InqPicture) (nullable): index -> newest picture; entries are taken over. */
void inq_job_set_progress (InqJob *job, InqStage stage, int index, int step, int n_steps, double fraction,
                           double seconds_left, GHashTable *previews);

/* ---- the worker ---- */

/* News of the running job, overwritten until the main thread takes them. */
typedef struct {
  gint64 job;
  InqStage stage;
  int index, step, n_steps;
  double fraction, seconds_left;
  GHashTable *previews; /* index -> InqPicture */
  GPtrArray *notices;   /* strings */
  char *engine_error;   /* why no engine can be had; "" when one was opened since */
  char *stalled;        /* why what was drawn cannot be written yet; "" when it was */
} InqJobsNews;

void inq_jobs_news_free (InqJobsNews *news);

typedef struct _InqJobsWorker InqJobsWorker;

/* Starts the thread. @news_cb is called on @context's thread, at most one pending, with the news taken (transfer full).
 * @board is referenced. */
InqJobsWorker *inq_jobs_worker_new (InqBoard *board, const InqGpuOptions *options, GMainContext *context,
                                    void (*news_cb) (InqJobsNews *news, gpointer data), gpointer data);
/* Something was queued. Any thread. */
void inq_jobs_worker_wake (InqJobsWorker *worker);
/* Stops @job if it is the running one. Any thread. */
void inq_jobs_worker_cancel (InqJobsWorker *worker, gint64 job);
void inq_jobs_worker_set_device (InqJobsWorker *worker, const char *device);
/* For tests, which otherwise would have to be faster than the engine: what the worker stops before until it is let go
 * (INQ_JOBS_HOLD_NOTHING), the job is cancelled or the worker is stopped. Returns once no claim is under way. */
typedef enum {
  INQ_JOBS_HOLD_NOTHING = 0,
  INQ_JOBS_HOLD_CLAIM = 1 << 0, /* taking a row: jobs stay queued */
  INQ_JOBS_HOLD_STORE = 1 << 1, /* writing a picture: a job that has begun stays running */
} InqJobsHold;
void inq_jobs_worker_hold (InqJobsWorker *worker, InqJobsHold hold);
/* Stops and gives the running row back; returns at once, and @news_cb is not called after. @stopped_cb (nullable) is
 * called on the context's thread when that is done: inq_jobs_worker_stop_end() then does not wait. */
void inq_jobs_worker_stop_begin (InqJobsWorker *worker, GSourceFunc stopped_cb, gpointer data);
/* Joins, which waits for what is under way, and frees. */
void inq_jobs_worker_stop_end (InqJobsWorker *worker);

/* ---- InqJobs, main thread ---- */
struct _InqJobs {
  GObject parent_instance;

  InqBoard *board;
  InqJobsWorker *worker; /* NULL from shutdown on */
  GMainContext *context;
  GPtrArray *jobs; /* InqJob: queued and running in turn, then failed */
  char *error;
  char *stalled;
  GRand *rand;

  GMutex mutex;        /* of the next one: set on the writer thread */
  GSource *refresh;    /* pending look at the rows */
  gboolean reading;    /* a look is under way */
  gboolean read_again; /* rows changed meanwhile */
};

InqJob *inq_jobs_find_id (InqJobs *jobs, gint64 id);
void inq_jobs_notify_counts (InqJobs *jobs);
/* Reads the rows again, soon, and makes the list theirs. */
void inq_jobs_refresh_rows (InqJobs *jobs);
/* InqBoardJobsFunc; on the board's writer thread, after a commit that touched job rows. */
void inq_jobs_rows_changed_cb (gpointer jobs);

G_END_DECLS
