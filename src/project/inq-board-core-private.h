/* Inquadra - the threads behind an open board: what their files share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-board-private.h"
#include "inq-document-private.h"

G_BEGIN_DECLS

/* Lock order: lock only; jobs_lock alone. The board is reached through the weak reference, on the main thread. */
struct _InqCore {
  gatomicrefcount refs;
  GMainContext *context;
  GWeakRef board;
  char *path; /* changes only while the reader is paused */

  GMutex lock;
  GCond wake; /* the writer */
  GCond read_wake;
  GCond done;      /* who waits in inq_core_run() and inq_core_wait_closed() */
  GQueue acts;     /* InqAct, first in turn at the head */
  GQueue reads;    /* GTask */
  GQueue outcomes; /* InqOutcome */
  gboolean idle_pending;
  gboolean retry, closing, discard, closed, read_quit;
  gboolean read_pause, read_paused; /* asked of the reader; done by it */
  gboolean look;                    /* look where the file is */
  GTask *move_task;                 /* go on in a copy of the file; or NULL */
  char *move_to;
  GTask *close_task;
  GError *close_error;

  GMutex jobs_lock;
  InqBoardJobsFunc jobs_func;
  gpointer jobs_data;

  /* writer thread */
  InqDocument *document; /* NULL while it could not be opened again after a move */
  GThread *reader;
  gboolean stale;       /* the board could not be told of a change: tell it everything next time */
  gboolean editor_gone; /* as told last */
  gboolean file_gone;   /* as told last */
};

InqCore *inq_core_ref (InqCore *core);
/* Any thread: @outcome (taken) goes to the board, in order. */
void inq_core_post (InqCore *core, InqOutcome *outcome);

/* inq-board-writer.c, inq-board-reader.c: the bodies of the threads; each owns a reference. */
gpointer inq_core_writer (gpointer core);
gpointer inq_core_reader (gpointer core);
/* Writer thread: the reader lets go of the file, and holds it again once resumed. */
void inq_core_pause_reader (InqCore *core);
void inq_core_resume_reader (InqCore *core);

/* inq-board-place.c, writer thread. */
/* Looks whether the file still stands where it was opened: follows it where it was moved to, tells the board when it is
 * gone. */
void inq_core_look (InqCore *core);
/* The same, and goes on elsewhere if that was asked for. With the lock, which it lets go of meanwhile. */
void inq_core_serve_place (InqCore *core);
/* Opens the file again if it could not be opened after a move. */
gboolean inq_core_open_again (InqCore *core, GError **error);

G_END_DECLS
