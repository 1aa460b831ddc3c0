/* Inquadra - what the window reads from a board's file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-board-reads.h"

#include "inq-board-private.h"

#include <glib/gi18n-lib.h>

typedef struct {
  gint64 id;
  gint number;
  gboolean flag;
  char *text;
} ReadArgs;

static void
read_args_free (gpointer data)
{
  ReadArgs *args = data;

  g_free (args->text);
  g_free (args);
}

static void
read_free (gpointer data)
{
  InqRead *read = data;

  if (read->destroy != NULL)
    read->destroy (read->data);
  if (read->result != NULL && read->free_result != NULL)
    read->free_result (read->result);
  g_clear_error (&read->error);
  g_free (read);
}

static void
push (InqBoard *board, InqRead *read, GCancellable *cancellable, gpointer tag, GAsyncReadyCallback callback,
      gpointer data)
{
  GTask *task = g_task_new (board, cancellable, callback, data);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, read, read_free);
  if (!inq_core_push_read (inq_board_get_core (board), task)) {
    g_task_return_new_error (task, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FAILED, _ ("The board is closed."));
    g_object_unref (task);
  }
}

void
inq_board_read (InqBoard *board, InqBoardReadFunc func, gpointer data, GDestroyNotify destroy,
                GDestroyNotify free_result, GCancellable *cancellable, GAsyncReadyCallback callback,
                gpointer callback_data)
{
  InqRead *read;

  g_return_if_fail (INQ_IS_BOARD (board));
  read = g_new0 (InqRead, 1);
  read->func = func;
  read->data = data;
  read->destroy = destroy;
  read->free_result = free_result;
  push (board, read, cancellable, inq_board_read, callback, callback_data);
}

gpointer
inq_board_read_finish (InqBoard *board, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, board), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
read_rows (InqBoard *board, InqBoardReadFunc func, ReadArgs args, GDestroyNotify free_result, GCancellable *cancellable,
           GAsyncReadyCallback callback, gpointer data)
{
  inq_board_read (board, func, g_memdup2 (&args, sizeof args), read_args_free, free_result, cancellable, callback,
                  data);
}

static gpointer
variations_cb (InqDocument *document, gpointer data, GError **error)
{
  ReadArgs *args = data;
  g_autoptr (GPtrArray) rows = inq_document_list_variations (document, args->id, error);
  GListStore *list;

  if (rows == NULL)
    return NULL;
  list = g_list_store_new (INQ_TYPE_VARIATION);
  for (guint i = 0; i < rows->len; i++) {
    g_autoptr (InqVariation) variation = inq_variation_new (rows->pdata[i]);

    g_list_store_append (list, variation);
  }
  return list;
}

void
inq_board_read_variations (InqBoard *board, gint64 panel, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer data)
{
  read_rows (board, variations_cb, (ReadArgs){ .id = panel }, g_object_unref, cancellable, callback, data);
}

GListModel *
inq_board_read_variations_finish (InqBoard *board, GAsyncResult *result, GError **error)
{
  return inq_board_read_finish (board, result, error);
}

static gpointer
image_cb (InqDocument *document, gpointer data, GError **error)
{
  ReadArgs *args = data;

  return inq_document_get_image (document, args->id, NULL, NULL, error);
}

void
inq_board_read_image (InqBoard *board, gint64 image, GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer data)
{
  read_rows (board, image_cb, (ReadArgs){ .id = image }, (GDestroyNotify) g_bytes_unref, cancellable, callback, data);
}

static gpointer
thumbnail_cb (InqDocument *document, gpointer data, GError **error)
{
  ReadArgs *args = data;

  return inq_document_get_thumbnail (document, args->id, error);
}

void
inq_board_read_thumbnail (InqBoard *board, gint64 image, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer data)
{
  ReadArgs args = { .id = image };
  InqRead *read;
  g_autoptr (GBytes) kept = NULL;

  g_return_if_fail (INQ_IS_BOARD (board));
  kept = inq_board_peek_thumbnail (board, image);
  if (kept != NULL) {
    g_autoptr (GTask) task = g_task_new (board, cancellable, callback, data);

    g_task_return_pointer (task, g_steal_pointer (&kept), (GDestroyNotify) g_bytes_unref);
    return;
  }
  read = g_new0 (InqRead, 1);
  read->func = thumbnail_cb;
  read->data = g_memdup2 (&args, sizeof args);
  read->destroy = read_args_free;
  read->free_result = (GDestroyNotify) g_bytes_unref;
  read->thumbnail = image;
  push (board, read, cancellable, inq_board_read_thumbnail, callback, data);
}

GBytes *
inq_board_read_bytes_finish (InqBoard *board, GAsyncResult *result, GError **error)
{
  return inq_board_read_finish (board, result, error);
}

static gpointer
strokes_cb (InqDocument *document, gpointer data, GError **error)
{
  ReadArgs *args = data;

  return inq_document_list_strokes (document, args->id, error);
}

void
inq_board_read_strokes (InqBoard *board, gint64 panel, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer data)
{
  read_rows (board, strokes_cb, (ReadArgs){ .id = panel }, (GDestroyNotify) g_ptr_array_unref, cancellable, callback,
             data);
}

static gpointer
jobs_cb (InqDocument *document, gpointer data, GError **error)
{
  ReadArgs *args = data;

  return inq_document_list_jobs (document, args->flag, error);
}

void
inq_board_read_jobs (InqBoard *board, gboolean finished, GCancellable *cancellable, GAsyncReadyCallback callback,
                     gpointer data)
{
  read_rows (board, jobs_cb, (ReadArgs){ .flag = finished }, (GDestroyNotify) g_ptr_array_unref, cancellable, callback,
             data);
}

GPtrArray *
inq_board_read_array_finish (InqBoard *board, GAsyncResult *result, GError **error)
{
  return inq_board_read_finish (board, result, error);
}

static gpointer
search_cb (InqDocument *document, gpointer data, GError **error)
{
  ReadArgs *args = data;

  return inq_document_search (document, args->text, args->number, error);
}

void
inq_board_search (InqBoard *board, const char *query, gint limit, GCancellable *cancellable,
                  GAsyncReadyCallback callback, gpointer data)
{
  read_rows (board, search_cb, (ReadArgs){ .text = g_strdup (query), .number = limit }, (GDestroyNotify) g_array_unref,
             cancellable, callback, data);
}

GArray *
inq_board_search_finish (InqBoard *board, GAsyncResult *result, GError **error)
{
  return inq_board_read_finish (board, result, error);
}

static gpointer
backup_cb (InqDocument *document, gpointer data, GError **error)
{
  ReadArgs *args = data;

  return inq_document_backup (document, args->text, error) ? document : NULL;
}

void
inq_board_backup (InqBoard *board, const char *path, GAsyncReadyCallback callback, gpointer data)
{
  ReadArgs args = { .text = g_strdup (path) };
  InqRead *read = g_new0 (InqRead, 1);

  read->func = backup_cb;
  read->data = g_memdup2 (&args, sizeof args);
  read->destroy = read_args_free;
  read->as_boolean = TRUE;
  push (board, read, NULL, inq_board_backup, callback, data);
}
