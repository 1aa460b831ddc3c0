/* Inquadra - saved versions of an open board
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-board.h"
#include "inq-document-snapshots.h"

G_BEGIN_DECLS

/* Main thread; each is the function of the same name in inq-document-snapshots.h on the writer thread. They end with
 * inq_board_act_finish(); @callback is nullable ("act-failed" tells of errors then). */
void inq_board_save_snapshot (InqBoard *board, const char *name, GAsyncReadyCallback callback, gpointer data);
void inq_board_restore_snapshot (InqBoard *board, gint64 snapshot, GAsyncReadyCallback callback, gpointer data);
void inq_board_rename_snapshot (InqBoard *board, gint64 snapshot, const char *name, GAsyncReadyCallback callback,
                                gpointer data);
void inq_board_delete_snapshot (InqBoard *board, gint64 snapshot, GAsyncReadyCallback callback, gpointer data);

/* (transfer full) (element-type InqSnapshotRow), newest first; ends with inq_board_read_finish(). */
void inq_board_read_snapshots (InqBoard *board, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

G_END_DECLS
