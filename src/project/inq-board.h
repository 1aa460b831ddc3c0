/* Inquadra - an open board for the main thread
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-document.h"
#include "inq-panel.h"

G_BEGIN_DECLS

#define INQ_TYPE_BOARD (inq_board_get_type ())
G_DECLARE_FINAL_TYPE (InqBoard, inq_board, INQ, BOARD, GObject)

/* Is what the artist did on the disk? */
typedef enum {
  INQ_SAVED_YES,    /* all of it */
  INQ_SAVED_SAVING, /* acts under way */
  INQ_SAVED_FAILED, /* see inq_board_get_save_error(); acts wait and are tried again */
} InqSavedState;

/**
 * InqBoard:
 *
 * A #GListModel of #InqPanel in board order, a projection of the file in memory. The object belongs to the thread that
 * opened it (its thread-default main context); only the functions said to be callable from any thread are. No function
 * here waits for the disk unless it says so.
 *
 * A writer thread owns the #InqDocument. Acts run there one after another in the order of their calls; each commits
 * before the next begins. What an act changed reaches this object in one idle, before the act's callback; so does undo.
 * A second thread with a read-only connection answers reads (inq-board-reads.h); a read sees every act finished before
 * it was asked.
 *
 * No space left (INQ_PROJECT_ERROR_FULL), a disk gone (IO) or a busy file loses nothing: the act is kept and tried
 * again every few seconds, at inq_board_retry() and at close, the acts after it wait in order, "saved-state" is
 * INQ_SAVED_FAILED.
 *
 * A file that is moved or renamed while it is open is followed: "path" tells. One that is deleted (or moved to the
 * trash) goes on being written where no name leads: "file-gone", and inq_board_go_on_at_async() saves everything anew.
 * This is looked at after each act and at inq_board_look_at_file().
 *
 * Properties (read-only, notify): "path", "title" (string; the file's name where the board has none), "read-only",
 * "editor-gone", "file-gone" (boolean), "saved-state" (int InqSavedState), "can-undo", "can-redo" (boolean),
 * "undo-label", "redo-label" (string, msgids, nullable), "total-frames" (int64), "frame-aspect" (double),
 * "settings-revision" (uint: rate, size or title changed).
 *
 * Signals: "act-failed" (GError *error): an act without a callback failed; show it.
 * "undone" (gint64 panel): an undo or redo touched this panel first; show it (0: none).
 */

/* @flags as for inq_document_open(); with @settings (nullable) in _new_. Jobs left running by a crash are recovered
 * before the callback. The callback's object is NULL: the result carries the board. */
void inq_board_open_async (const char *path, InqOpenFlags flags, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer data);
void inq_board_new_async (const char *path, const InqBoardSettings *settings, InqOpenFlags flags,
                          GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
InqBoard *inq_board_open_finish (GAsyncResult *result, GError **error); /* (transfer full); of both */
/* For tools and tests: open and wait, iterating no loop. */
InqBoard *inq_board_open (const char *path, InqOpenFlags flags, GError **error);

/* Looks where the file is now: when one comes back from a file manager. */
void inq_board_look_at_file (InqBoard *board);
/* TRUE while the file is deleted or in the trash: what is done is not lost yet, but would be with the window. */
gboolean inq_board_get_file_gone (InqBoard *board);
/* The board goes on in a copy of itself at @path, in which nothing may stand yet (EXISTS): where the file was deleted
 * or its disk is full. Acts that wait are written there. */
void inq_board_go_on_at_async (InqBoard *board, const char *path, GAsyncReadyCallback callback, gpointer data);
gboolean inq_board_go_on_at_finish (InqBoard *board, GAsyncResult *result, GError **error);

/* Runs what was asked before, closes the file. @discard: give up acts that wait for space; without it they make the
 * close fail (FULL, BUSY, IO), as does a file that is gone (NOT_FOUND), and the board stays open. Afterwards the list
 * stays as it was and acts fail. A board that is unreffed without closing closes itself, waiting. */
void inq_board_close_async (InqBoard *board, gboolean discard, GAsyncReadyCallback callback, gpointer data);
gboolean inq_board_close_finish (InqBoard *board, GAsyncResult *result, GError **error);
/* The same, waiting (at exit, in tools). */
gboolean inq_board_close (InqBoard *board, gboolean discard, GError **error);

const char *inq_board_get_path (InqBoard *board);
const char *inq_board_get_title (InqBoard *board);
/* "" where the title is the file's name. (transfer none) */
const char *inq_board_get_own_title (InqBoard *board);
gboolean inq_board_get_read_only (InqBoard *board);
const char *inq_board_get_read_only_reason (InqBoard *board); /* NULL: can be edited */
/* A board that is read-only because another edits it shows what is written there within a second or two. TRUE once that
 * one has let go: closing and opening it again makes this the one who edits. */
gboolean inq_board_get_editor_gone (InqBoard *board);
InqSavedState inq_board_get_saved_state (InqBoard *board);
const GError *inq_board_get_save_error (InqBoard *board); /* NULL unless INQ_SAVED_FAILED */
guint inq_board_get_n_waiting (InqBoard *board);          /* acts not yet on the disk */
void inq_board_retry (InqBoard *board);
gboolean inq_board_get_can_undo (InqBoard *board);
gboolean inq_board_get_can_redo (InqBoard *board);
const char *inq_board_get_undo_label (InqBoard *board); /* msgid or NULL */
const char *inq_board_get_redo_label (InqBoard *board);
gint64 inq_board_get_total_frames (InqBoard *board);
InqRate inq_board_get_rate (InqBoard *board);
void inq_board_get_frame_size (InqBoard *board, gint *width, gint *height);
double inq_board_get_frame_aspect (InqBoard *board); /* width / height */
/* JSON object, never NULL: how pictures of the board are drawn; "settings-revision" tells of a change. */
const char *inq_board_get_drawing (InqBoard *board);

guint inq_board_get_n_panels (InqBoard *board);
InqPanel *inq_board_get_panel (InqBoard *board, guint index); /* (transfer none) (nullable) */
InqPanel *inq_board_find_panel (InqBoard *board, gint64 id);  /* (transfer none) (nullable) */
InqPanel *inq_board_panel_at_frame (InqBoard *board,
                                    gint64 frame); /* the panel on screen at this frame, NULL past the end */

/* ---- acts ---- */

/* Runs on the writer thread. May be run again from the start after its transaction was taken back for lack of space, so
 * it changes nothing but the document (and what its data keeps as a result). FALSE with @error: nothing is changed. */
typedef gboolean (*InqBoardActFunc) (InqDocument *document, gpointer data, GError **error);

/**
 * inq_board_act:
 * @label: (nullable): wraps @func in inq_document_begin (label, NULL) ... commit, so that it is one step; NULL: @func's
 * own calls make their steps
 * @destroy: (nullable): frees @data, on the main thread after the callback
 * @callback: (nullable): called on the main thread once the list shows the change; NULL: failure emits "act-failed"
 *
 * Callable from the board's thread. See inq_board_act_finish().
 */
void inq_board_act (InqBoard *board, const char *label, InqBoardActFunc func, gpointer data, GDestroyNotify destroy,
                    GAsyncReadyCallback callback, gpointer callback_data);
gboolean inq_board_act_finish (InqBoard *board, GAsyncResult *result, GError **error);
/* In a callback: the @data given to inq_board_act(), to take what the act left there. */
gpointer inq_board_act_get_data (GAsyncResult *result);

/**
 * inq_board_act_sync:
 *
 * Callable from any thread but the writer's own; made for the jobs worker. Runs @func in turn on the writer thread and
 * returns when it is committed (or failed: no retry here, FULL is returned). @data stays the caller's. Never call it on
 * the main thread of the application. After inq_board_close() began it fails with INQ_PROJECT_ERROR_FAILED. Hold a
 * reference on @board meanwhile.
 */
gboolean inq_board_act_sync (InqBoard *board, const char *label, InqBoardActFunc func, gpointer data, GError **error);

/* Any thread: @func is called on the writer thread after each commit in which a job row changed, from claim to cancel,
 * so that a worker can wake up. It must return at once. One per board; NULL removes it and waits until it is not
 * running. */
typedef void (*InqBoardJobsFunc) (gpointer data);
void inq_board_set_jobs_func (InqBoard *board, InqBoardJobsFunc func, gpointer data);

G_END_DECLS
