/* Inquadra - adding a model or LoRA off the main thread: copied, hashed, with progress, cancellable to the end.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-model-add.h"

#include <glib/gi18n.h>
#include <inq-engine.h>

typedef struct {
  char *path, *name;
  char **copied; /* what lies in the user's folders now, the model first; NULL: nothing does */
  InqModelAddProgress progress;
  gpointer progress_data;
  GAsyncReadyCallback callback;
  gpointer data;
  GError *error; /* (nullable) it was copied, and then taken back: cancelled, or why it is still there */

  GMutex mutex; /* of the rest, written by the worker */
  const char *what;
  double fraction;
  guint idle_id;
} Add;

static void
add_free (gpointer data)
{
  Add *add = data;
  g_mutex_clear (&add->mutex);
  g_free (add->path);
  g_free (add->name);
  g_strfreev (add->copied);
  g_clear_error (&add->error);
  g_free (add);
}

static gboolean
tell_cb (gpointer data)
{
  GTask *task = data;
  Add *add = g_task_get_task_data (task);
  const char *what;
  double fraction;

  g_mutex_lock (&add->mutex);
  what = add->what;
  fraction = add->fraction;
  add->idle_id = 0;
  g_mutex_unlock (&add->mutex);
  if (add->progress != NULL && !g_task_get_completed (task))
    add->progress (what, fraction, add->progress_data);
  return G_SOURCE_REMOVE;
}

/* On the worker. */
static void
progress_cb (goffset done, goffset total, gpointer data)
{
  GTask *task = data;
  Add *add = g_task_get_task_data (task);

  g_mutex_lock (&add->mutex);
  add->fraction = total > 0 ? CLAMP ((double) done / total, 0, 1) : 0;
  if (add->idle_id == 0)
    add->idle_id = g_idle_add_full (G_PRIORITY_LOW, tell_cb, g_object_ref (task), g_object_unref);
  g_mutex_unlock (&add->mutex);
}

static void
set_what (Add *add, const char *what)
{
  g_mutex_lock (&add->mutex);
  add->what = what;
  add->fraction = 0;
  g_mutex_unlock (&add->mutex);
}

static void
add_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Add *add = data;
  GError *error = NULL;

  set_what (add, _ ("Copying"));
  add->copied = inq_models_add_listed (add->path, cancellable, progress_cb, task, &error);
  if (add->copied == NULL) {
    g_task_return_error (task, error);
    return;
  }
  /* Known before the first picture: the recipe names the model by it. */
  set_what (add, _ ("Reading"));
  g_autofree char *hash = inq_model_hash (add->copied[0], cancellable, progress_cb, task, NULL);
  g_autoptr (InqModelInfo) info = inq_model_inspect (add->copied[0], NULL);
  add->name = info != NULL ? g_strdup (info->name) : g_path_get_basename (add->copied[0]);
  g_task_return_boolean (task, TRUE);
}

static void
discard_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Add *add = data;
  if (inq_models_discard ((const char *const *) add->copied, &add->error))
    g_cancellable_set_error_if_cancelled (cancellable, &add->error);
  g_task_return_boolean (task, TRUE);
}

static void
discarded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) added = data;
  Add *add = g_task_get_task_data (added);
  add->callback (NULL, G_ASYNC_RESULT (added), add->data);
}

/* Who cancels sees a copy that is still going on, however far the worker is by then: whether it was cancelled is
 * decided here, on the main thread, and what is complete is taken back. */
static void
added_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *added = G_TASK (result);
  Add *add = g_task_get_task_data (added);

  add->progress = NULL;
  if (add->copied == NULL || !g_cancellable_is_cancelled (g_task_get_cancellable (added))) {
    add->callback (NULL, result, add->data);
    return;
  }
  g_autoptr (GTask) task = g_task_new (NULL, g_task_get_cancellable (added), discarded_cb, g_object_ref (added));
  g_task_set_task_data (task, add, NULL); /* lives as long as @added */
  g_task_run_in_thread (task, discard_thread);
}

void
inq_model_add_async (const char *path, GCancellable *cancellable, InqModelAddProgress progress, gpointer progress_data,
                     GAsyncReadyCallback callback, gpointer data)
{
  Add *add = g_new0 (Add, 1);
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, added_cb, NULL);

  g_mutex_init (&add->mutex);
  add->path = g_strdup (path);
  add->what = "";
  add->progress = progress;
  add->progress_data = progress_data;
  add->callback = callback;
  add->data = data;
  g_task_set_task_data (task, add, add_free);
  /* A copy that is complete is taken back first. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, add_thread);
}

char *
inq_model_add_finish (GAsyncResult *result, char **name, GError **error)
{
  Add *add = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  if (add->error != NULL) {
    g_propagate_error (error, g_steal_pointer (&add->error));
    return NULL;
  }
  if (name != NULL)
    *name = g_strdup (add->name);
  return g_strdup (add->copied[0]);
}
