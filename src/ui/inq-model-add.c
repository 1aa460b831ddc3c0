/* Inquadra - adding a model or LoRA off the main thread: copied, hashed, with progress, cancellable.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-model-add.h"

#include <glib/gi18n.h>
#include <inq-engine.h>

typedef struct {
  char *path, *name;
  InqModelAddProgress progress;
  gpointer progress_data;

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
  char *path = inq_models_add (add->path, cancellable, progress_cb, task, &error);
  if (path == NULL) {
    g_task_return_error (task, error);
    return;
  }
  /* Known before the first picture: the recipe names the model by it. It is in its place whether or not this is waited
   * for. */
  set_what (add, _ ("Reading"));
  g_autofree char *hash = inq_model_hash (path, cancellable, progress_cb, task, NULL);
  g_autoptr (InqModelInfo) info = inq_model_inspect (path, NULL);
  add->name = info != NULL ? g_strdup (info->name) : g_path_get_basename (path);
  g_task_return_pointer (task, path, g_free);
}

void
inq_model_add_async (const char *path, GCancellable *cancellable, InqModelAddProgress progress, gpointer progress_data,
                     GAsyncReadyCallback callback, gpointer data)
{
  Add *add = g_new0 (Add, 1);
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);

  g_mutex_init (&add->mutex);
  add->path = g_strdup (path);
  add->what = "";
  add->progress = progress;
  add->progress_data = progress_data;
  g_task_set_task_data (task, add, add_free);
  /* A copy that is complete is kept, even if it was cancelled while its hash was made. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, add_thread);
}

char *
inq_model_add_finish (GAsyncResult *result, char **name, GError **error)
{
  Add *add = g_task_get_task_data (G_TASK (result));
  char *path = g_task_propagate_pointer (G_TASK (result), error);

  add->progress = NULL;
  if (path != NULL && name != NULL)
    *name = g_strdup (add->name);
  return path;
}
