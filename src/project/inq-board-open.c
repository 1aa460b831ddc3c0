/* Inquadra - opening a board without the main thread waiting
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-board.h"

#include "inq-board-private.h"

typedef struct {
  char *path;
  InqOpenFlags flags;
  gboolean make;
  InqBoardSettings settings;
  gboolean has_settings;
  GMainContext *context;
  GThread *thread;
} Open;

static void
open_free (Open *open)
{
  g_free (open->path);
  inq_board_settings_clear (&open->settings);
  g_main_context_unref (open->context);
  g_thread_unref (open->thread);
  g_free (open);
}

static Open *
open_new (const char *path, InqOpenFlags flags)
{
  Open *open = g_new0 (Open, 1);

  open->path = g_strdup (path);
  open->flags = flags;
  open->context = g_main_context_ref_thread_default ();
  open->thread = g_thread_ref (g_thread_self ());
  return open;
}

static InqBoard *
open_run (Open *open, GError **error)
{
  InqDocument *document;

  if (open->make)
    document = inq_document_new (open->path, open->has_settings ? &open->settings : NULL, open->flags, error);
  else
    document = inq_document_open (open->path, open->flags, error);
  return document != NULL ? inq_board_new_for_document (document, open->context, open->thread, error) : NULL;
}

static void
open_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  InqBoard *board = open_run (data, &error);

  if (board != NULL)
    g_task_return_pointer (task, board, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
start (Open *open, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_source_tag (task, inq_board_open_async);
  g_task_set_task_data (task, open, (GDestroyNotify) open_free);
  g_task_run_in_thread (task, open_thread);
}

void
inq_board_open_async (const char *path, InqOpenFlags flags, GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer data)
{
  g_return_if_fail (path != NULL);
  start (open_new (path, flags), cancellable, callback, data);
}

void
inq_board_new_async (const char *path, const InqBoardSettings *settings, InqOpenFlags flags, GCancellable *cancellable,
                     GAsyncReadyCallback callback, gpointer data)
{
  Open *open;

  g_return_if_fail (path != NULL);
  open = open_new (path, flags);
  open->make = TRUE;
  if (settings != NULL) {
    open->settings = *settings;
    open->settings.title = g_strdup (settings->title);
    open->settings.drawing = NULL;
    open->has_settings = TRUE;
  }
  start (open, cancellable, callback, data);
}

InqBoard *
inq_board_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

InqBoard *
inq_board_open (const char *path, InqOpenFlags flags, GError **error)
{
  Open *open = open_new (path, flags);
  InqBoard *board = open_run (open, error);

  open_free (open);
  return board;
}
