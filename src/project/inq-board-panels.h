/* Inquadra - acts on several panels of an open board, and panels taken from board to board
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-board.h"
#include "inq-document-copy.h"

G_BEGIN_DECLS

/* Main thread; arguments are copied. As in inq-board-acts.h, one undo step each. */

/* Edits without a callback; @session as in inq-document-panels.h. */
void inq_board_set_texts (InqBoard *board, const gint64 *panels, gsize n, InqPanelField field, const char *text,
                          guint64 session);
void inq_board_set_durations (InqBoard *board, const gint64 *panels, gsize n, gint frames, guint64 session);

/* These end with inq_board_panels_finish(): the ids made, in order (element-type gint64) (transfer full), or NULL. */
void inq_board_duplicate_panels (InqBoard *board, const gint64 *panels, gsize n, GAsyncReadyCallback callback,
                                 gpointer data);
void inq_board_copy_panels (InqBoard *board, const gint64 *panels, gsize n, gint64 anchor, InqPlace place,
                            GAsyncReadyCallback callback, gpointer data);
/* @path: a file that stays until the callback; see inq_document_unpack_panels(). */
void inq_board_unpack_panels (InqBoard *board, const char *path, gint64 anchor, GAsyncReadyCallback callback,
                              gpointer data);
GArray *inq_board_panels_finish (InqBoard *board, GAsyncResult *result, GError **error);

/* Not a change: it works on a board that is only looked at. What was asked for before is in it. */
void inq_board_pack_panels (InqBoard *board, const gint64 *panels, gsize n, GAsyncReadyCallback callback,
                            gpointer data);
/* (transfer full) (nullable) */
GBytes *inq_board_pack_panels_finish (InqBoard *board, GAsyncResult *result, GError **error);

G_END_DECLS
