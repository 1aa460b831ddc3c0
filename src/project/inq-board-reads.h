/* Inquadra - what the window reads from a board's file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-board.h"
#include "inq-document-jobs.h"
#include "inq-document-strokes.h"

G_BEGIN_DECLS

/* Main thread. Answered by the board's reading thread; @cancellable stops one that still waits (G_IO_ERROR_CANCELLED).
 * A read sees every act that had its callback (or showed in the list) before it was asked. Errors: NO_ROW, CORRUPT,
 * FAILED after close. */

/* (transfer full): a GListStore of InqVariation, oldest first, rejected included. */
void inq_board_read_variations (InqBoard *board, gint64 panel, GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer data);
GListModel *inq_board_read_variations_finish (InqBoard *board, GAsyncResult *result, GError **error);

/* PNG bytes of a whole picture; of a thumbnail (at most INQ_THUMBNAIL_WIDTH wide; kept in memory, some 64 MiB of them).
 */
void inq_board_read_image (InqBoard *board, gint64 image, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer data);
void inq_board_read_thumbnail (InqBoard *board, gint64 image, GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer data);
GBytes *inq_board_read_bytes_finish (InqBoard *board, GAsyncResult *result,
                                     GError **error); /* (transfer full); of both */
/* A thumbnail that is in memory already, else NULL. (transfer full) */
GBytes *inq_board_peek_thumbnail (InqBoard *board, gint64 image);

/* (transfer full) (element-type InqStroke) */
void inq_board_read_strokes (InqBoard *board, gint64 panel, GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer data);
/* (transfer full) (element-type InqJobRow); @finished as in inq_document_list_jobs() */
void inq_board_read_jobs (InqBoard *board, gboolean finished, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer data);
GPtrArray *inq_board_read_array_finish (InqBoard *board, GAsyncResult *result, GError **error); /* of both */

/* (transfer full) (element-type gint64): panels, best first. */
void inq_board_search (InqBoard *board, const char *query, gint limit, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer data);
GArray *inq_board_search_finish (InqBoard *board, GAsyncResult *result, GError **error);

/* A compact copy of the board as it is, at a path that must not exist; ends with inq_board_act_finish(). */
void inq_board_backup (InqBoard *board, const char *path, GAsyncReadyCallback callback, gpointer data);

/* Anything else: @func runs on the reading thread with the read-only document and returns what inq_board_read_finish()
 * hands out (NULL with @error on failure; @free_result frees it if nobody takes it). */
typedef gpointer (*InqBoardReadFunc) (InqDocument *document, gpointer data, GError **error);
void inq_board_read (InqBoard *board, InqBoardReadFunc func, gpointer data, GDestroyNotify destroy,
                     GDestroyNotify free_result, GCancellable *cancellable, GAsyncReadyCallback callback,
                     gpointer callback_data);
gpointer inq_board_read_finish (InqBoard *board, GAsyncResult *result, GError **error);

G_END_DECLS
