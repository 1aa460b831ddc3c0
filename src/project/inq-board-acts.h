/* Inquadra - the frequent acts on a board, one line each
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-board.h"
#include "inq-document-jobs.h"
#include "inq-document-strokes.h"

G_BEGIN_DECLS

/* Each is the function of the same name in inq-document-*.h, run by inq_board_act(): main thread, one undo step,
 * arguments copied,
 * @callback nullable ("act-failed" tells of errors then). Those that make something end with inq_board_act_id_finish().
 */

/* The new row's id, or the panel an undo touched; 0 with @error on failure. */
gint64 inq_board_act_id_finish (InqBoard *board, GAsyncResult *result, GError **error);

void inq_board_undo (InqBoard *board, GAsyncReadyCallback callback, gpointer data);
void inq_board_redo (InqBoard *board, GAsyncReadyCallback callback, gpointer data);
void inq_board_set_settings (InqBoard *board, const InqBoardSettings *settings, GAsyncReadyCallback callback,
                             gpointer data);
/* See inq_document_set_drawing(). @session: edits of one stay at one control are one undo step; 0: each is its own. */
void inq_board_set_drawing (InqBoard *board, const char *json, guint64 session);

void inq_board_add_panel (InqBoard *board, gint64 anchor, InqPlace place, GAsyncReadyCallback callback, gpointer data);
void inq_board_add_shot (InqBoard *board, gint64 anchor, InqPlace place, GAsyncReadyCallback callback, gpointer data);
void inq_board_add_scene (InqBoard *board, gint64 anchor, InqPlace place, const char *title,
                          GAsyncReadyCallback callback, gpointer data);
void inq_board_duplicate_panel (InqBoard *board, gint64 panel, GAsyncReadyCallback callback, gpointer data);
void inq_board_delete_panels (InqBoard *board, const gint64 *panels, gsize n, GAsyncReadyCallback callback,
                              gpointer data);
void inq_board_move_panels (InqBoard *board, const gint64 *panels, gsize n, gint64 anchor, InqPlace place,
                            GAsyncReadyCallback callback, gpointer data);
void inq_board_split_shot (InqBoard *board, gint64 panel, GAsyncReadyCallback callback, gpointer data);
void inq_board_join_shot (InqBoard *board, gint64 panel, GAsyncReadyCallback callback, gpointer data);

/* The edits that come with every key press have no callback. The panel's property echoes each one that was written, so
 * a field that has the focus ignores it: it knows better already. @session as in inq-document-panels.h. */
void inq_board_set_text (InqBoard *board, gint64 panel, InqPanelField field, const char *text, guint64 session);
void inq_board_set_duration (InqBoard *board, gint64 panel, gint frames, guint64 session);
void inq_board_set_scene (InqBoard *board, gint64 panel, const char *title, const char *number, guint64 session);
guint64 inq_board_new_session (InqBoard *board); /* a number not handed out before */

/* Takes ownership of nothing: @png is reffed, strings are copied. */
void inq_board_add_variation (InqBoard *board, gint64 panel, const InqNewVariation *variation, gboolean pick,
                              GAsyncReadyCallback callback, gpointer data);
void inq_board_pick (InqBoard *board, gint64 panel, gint64 variation, GAsyncReadyCallback callback, gpointer data);
void inq_board_set_rating (InqBoard *board, gint64 variation, gint rating);
void inq_board_set_starred (InqBoard *board, gint64 variation, gboolean starred);
void inq_board_set_rejected (InqBoard *board, gint64 variation, gboolean rejected);
void inq_board_delete_variations (InqBoard *board, const gint64 *variations, gsize n, GAsyncReadyCallback callback,
                                  gpointer data);

void inq_board_add_stroke (InqBoard *board, const InqStroke *stroke, GAsyncReadyCallback callback, gpointer data);
/* Every one is written in its turn, @session from inq_board_new_session(). */
void inq_board_write_note (InqBoard *board, const InqStroke *note, guint64 session, GAsyncReadyCallback callback,
                           gpointer data);
void inq_board_set_stroke_text (InqBoard *board, gint64 stroke, const char *text, guint64 session);
void inq_board_move_stroke (InqBoard *board, gint64 stroke, gfloat dx, gfloat dy, guint64 session);
void inq_board_remove_strokes (InqBoard *board, const gint64 *strokes, gsize n, GAsyncReadyCallback callback,
                               gpointer data);
void inq_board_clear_strokes (InqBoard *board, gint64 panel, gint layer, GAsyncReadyCallback callback, gpointer data);

/* Not undoable, see inq-document-jobs.h; the jobs worker hears of it by inq_board_set_jobs_func(). */
void inq_board_enqueue_job (InqBoard *board, gint64 panel, const char *params, gboolean front,
                            GAsyncReadyCallback callback, gpointer data);
/* @images: (nullable): see inq_document_enqueue_job_with(); PNGs are reffed. */
void inq_board_enqueue_job_with (InqBoard *board, gint64 panel, const char *params, const InqJobImages *images,
                                 gboolean front, GAsyncReadyCallback callback, gpointer data);
void inq_board_cancel_job (InqBoard *board, gint64 job);
void inq_board_cancel_jobs (InqBoard *board, gint64 panel);
void inq_board_retry_job (InqBoard *board, gint64 job);

G_END_DECLS
