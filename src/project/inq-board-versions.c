/* Inquadra - saved versions of an open board
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-board-versions.h"

#include "inq-board-reads.h"

typedef struct {
  gint64 snapshot;
  char *name;
} Args;

static void
args_free (gpointer data)
{
  Args *args = data;

  g_free (args->name);
  g_free (args);
}

static void
push (InqBoard *board, InqBoardActFunc func, gint64 snapshot, const char *name, GAsyncReadyCallback callback,
      gpointer data)
{
  Args *args = g_new0 (Args, 1);

  args->snapshot = snapshot;
  args->name = g_strdup (name);
  inq_board_act (board, NULL, func, args, args_free, callback, data);
}

static gboolean
save_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_save_snapshot (document, args->name, error) != 0;
}

void
inq_board_save_snapshot (InqBoard *board, const char *name, GAsyncReadyCallback callback, gpointer data)
{
  push (board, save_cb, 0, name, callback, data);
}

static gboolean
restore_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_restore_snapshot (document, args->snapshot, error);
}

void
inq_board_restore_snapshot (InqBoard *board, gint64 snapshot, GAsyncReadyCallback callback, gpointer data)
{
  push (board, restore_cb, snapshot, NULL, callback, data);
}

static gboolean
rename_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_rename_snapshot (document, args->snapshot, args->name, error);
}

void
inq_board_rename_snapshot (InqBoard *board, gint64 snapshot, const char *name, GAsyncReadyCallback callback,
                           gpointer data)
{
  push (board, rename_cb, snapshot, name, callback, data);
}

static gboolean
delete_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_delete_snapshot (document, args->snapshot, error);
}

void
inq_board_delete_snapshot (InqBoard *board, gint64 snapshot, GAsyncReadyCallback callback, gpointer data)
{
  push (board, delete_cb, snapshot, NULL, callback, data);
}

static gpointer
list_cb (InqDocument *document, gpointer data, GError **error)
{
  return inq_document_list_snapshots (document, error);
}

void
inq_board_read_snapshots (InqBoard *board, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  inq_board_read (board, list_cb, NULL, NULL, (GDestroyNotify) g_ptr_array_unref, cancellable, callback, data);
}
