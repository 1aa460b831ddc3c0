/* Inquadra - work in a thread on behalf of a widget
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-task.h"

typedef struct {
  GObject *source;
  GAsyncReadyCallback callback;
  gpointer data;
} Held;

static void
done_cb (GObject *none, GAsyncResult *result, gpointer data)
{
  Held *held = data;

  if (held->callback != NULL)
    held->callback (held->source, result, held->data);
  g_clear_object (&held->source);
  g_free (held);
}

GTask *
inq_task_new (gpointer source, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  Held *held = g_new0 (Held, 1);

  if (source != NULL)
    held->source = g_object_ref (source);
  held->callback = callback;
  held->data = data;
  return g_task_new (NULL, cancellable, done_cb, held);
}
