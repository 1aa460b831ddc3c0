/* Inquadra - inside an open board: what crosses its threads
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-board.h"
#include "inq-changes.h"
#include "inq-thumbnail-cache.h"

G_BEGIN_DECLS

/* ---- panels ---- */

InqPanel *inq_panel_new_take (InqPanelRow *row);
/* Numbers that are NULL in @row stay as they were. */
void inq_panel_take_row (InqPanel *panel, InqPanelRow *row);
void inq_panel_set_place (InqPanel *panel, guint index, gint64 start_frame, gboolean first_in_shot,
                          gboolean first_in_scene);
/* The id where it stays for the panel's life. */
const gint64 *inq_panel_get_id_key (InqPanel *panel);
/* Grows the revisions. */
void inq_panel_touch (InqPanel *panel, gboolean variations, gboolean strokes);

/* ---- acts and outcomes ---- */

/* One act on its way through the writer. Made and freed on the board's thread, or on the stack of a waiting thread
 * (sync). */
typedef struct {
  char *label;
  InqBoardActFunc func;
  gpointer data;
  GDestroyNotify destroy;
  char *key;       /* an act behind it with the same key takes its place while it waits */
  GTask *task;     /* NULL: nobody waits on the main thread; else the task owns the act */
  gboolean undone; /* emits "undone" with *panel when done */
  gint64 panel;

  gboolean sync; /* another thread waits; never held for lack of space */
  gboolean done;
  GError *error;
} InqAct;

/* What the writer tells the board; applied in order. */
typedef struct {
  GPtrArray *all;                   /* rows of the whole board in order, when the structure changed; or NULL */
  GPtrArray *some;                  /* rows read again (without numbers); or NULL */
  GHashTable *variations, *strokes; /* panels whose lists changed; or NULL */
  gboolean has_settings, has_undo;
  InqBoardSettings settings;
  char *undo_label, *redo_label;
  gboolean has_editor, editor_gone; /* of a board that is looked at: whether the one who edits it has let go */
  GError *stalled;                  /* an act waits for space */
  InqAct *act;                      /* that is done with; or NULL */
  GTask *read;                      /* a read that is done: its task data has the result */
  GTask *close;                     /* close attempt that ended; its data the error, or NULL */
  gboolean has_place, file_gone;    /* where the file is was looked at; path too if it is another */
  char *path;
  GTask *move; /* going on elsewhere that ended, as close */
} InqOutcome;

void inq_outcome_free (InqOutcome *outcome);
void inq_act_free (InqAct *act);

/* ---- the core: queues, threads, documents ---- */

typedef struct _InqCore InqCore;

/* @document passes to the core. Starts the threads. */
InqCore *inq_core_new (InqDocument *document, InqBoard *board, GMainContext *context);
void inq_core_unref (InqCore *core);

/* Main thread. Takes @act. FALSE if the board is closed: the act is untouched. */
gboolean inq_core_push (InqCore *core, InqAct *act);
/* Puts @act in place of the last waiting one if that has its key; returns the act replaced (transfer full), or NULL:
 * not done. */
InqAct *inq_core_replace (InqCore *core, InqAct *act);
/* Any thread: waits. */
gboolean inq_core_run (InqCore *core, const char *label, InqBoardActFunc func, gpointer data, GError **error);
void inq_core_retry (InqCore *core);
/* @close's outcome comes when the file is closed, or when it could not be (held acts and not @discard). NULL allowed:
 * wait with inq_core_wait_closed(). */
void inq_core_close (InqCore *core, gboolean discard, GTask *close);
/* Waits till the close attempt is over; TRUE: closed. */
gboolean inq_core_wait_closed (InqCore *core, GError **error);
void inq_core_set_jobs_func (InqCore *core, InqBoardJobsFunc func, gpointer data);
/* Asks the writer to look whether the file is still where it was. */
void inq_core_look_soon (InqCore *core);
/* Takes @move, which ends when the board goes on at @path, or could not. */
void inq_core_move (InqCore *core, const char *path, GTask *move);
/* Main thread: hands all outcomes that have come to the board now. */
void inq_core_flush (InqCore *core);

/* A read; it is the data of its task. */
typedef struct {
  gpointer (*func) (InqDocument *document, gpointer data, GError **error);
  gpointer data;
  GDestroyNotify destroy, free_result;
  gboolean as_boolean;
  gint64 thumbnail; /* the image it is of, to be kept in memory; or 0 */
  gpointer result;
  GError *error;
} InqRead;

/* Main thread. Takes @task. FALSE if closed: the task is untouched. */
gboolean inq_core_push_read (InqCore *core, GTask *task);

/* ---- of the board ---- */

struct _InqBoard {
  GObject parent_instance;

  InqCore *core;
  GThread *thread;
  GPtrArray *panels; /* (owned InqPanel) in order */
  GHashTable *by_id; /* (id inside the panel -> InqPanel in panels) */
  InqThumbnailCache *thumbnails;
  InqBoardSettings settings;
  char *path, *title, *read_only_reason;
  char *undo_label, *redo_label;
  GError *save_error;
  guint n_waiting;
  guint settings_revision;
  gint64 total_frames;
  guint64 last_session;
  InqSavedState reported;
  gboolean editor_gone;
  gboolean file_gone;
  gboolean closed;
};

/* Notifies "saved-state" if it is another. */
void inq_board_report_saved (InqBoard *board);

InqCore *inq_board_get_core (InqBoard *board);
/* Main thread; takes nothing, frees nothing. */
void inq_board_apply (InqBoard *board, InqOutcome *outcome);
void inq_board_keep_thumbnail (InqBoard *board, gint64 image, GBytes *png);
/* Queues an act with all its details. */
void inq_board_push_act (InqBoard *board, InqAct *act, gpointer tag, GAsyncReadyCallback callback, gpointer data);
/* Reads all rows and settings of @document and makes the board of it (takes @document, whatever happens). Any thread;
 * the board belongs to @thread, whose context @context is. */
InqBoard *inq_board_new_for_document (InqDocument *document, GMainContext *context, GThread *thread, GError **error);

G_END_DECLS
