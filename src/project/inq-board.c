/* Inquadra - an open board for the main thread: the list and its state
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-board.h"

#include "inq-board-private.h"
#include "inq-board-reads.h"
#include "inq-board-acts.h"

#include <glib/gi18n-lib.h>

enum {
  PROP_0,
  PROP_PATH,
  PROP_TITLE,
  PROP_READ_ONLY,
  PROP_EDITOR_GONE,
  PROP_FILE_GONE,
  PROP_SAVED_STATE,
  PROP_CAN_UNDO,
  PROP_CAN_REDO,
  PROP_UNDO_LABEL,
  PROP_REDO_LABEL,
  PROP_TOTAL_FRAMES,
  PROP_FRAME_ASPECT,
  PROP_SETTINGS_REVISION,
  N_PROPS
};

enum { ACT_FAILED, UNDONE, N_SIGNALS };

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static GType
list_get_item_type (GListModel *list)
{
  return INQ_TYPE_PANEL;
}

static guint
list_get_n_items (GListModel *list)
{
  return INQ_BOARD (list)->panels->len;
}

static gpointer
list_get_item (GListModel *list, guint index)
{
  InqPanel *panel = inq_board_get_panel (INQ_BOARD (list), index);

  return panel != NULL ? g_object_ref (panel) : NULL;
}

static void
list_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = list_get_item_type;
  iface->get_n_items = list_get_n_items;
  iface->get_item = list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (InqBoard, inq_board, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_iface_init))

static void
inq_board_dispose (GObject *object)
{
  InqBoard *self = INQ_BOARD (object);

  if (self->core != NULL) {
    if (!self->closed) {
      inq_core_close (self->core, TRUE, NULL);
      inq_core_wait_closed (self->core, NULL);
      self->closed = TRUE;
    }
    g_clear_pointer (&self->core, inq_core_unref);
  }
  G_OBJECT_CLASS (inq_board_parent_class)->dispose (object);
}

static void
inq_board_finalize (GObject *object)
{
  InqBoard *self = INQ_BOARD (object);

  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->panels);
  inq_thumbnail_cache_free (self->thumbnails);
  inq_board_settings_clear (&self->settings);
  g_free (self->path);
  g_free (self->title);
  g_free (self->read_only_reason);
  g_free (self->undo_label);
  g_free (self->redo_label);
  g_clear_error (&self->save_error);
  G_OBJECT_CLASS (inq_board_parent_class)->finalize (object);
}

static void
inq_board_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  InqBoard *self = INQ_BOARD (object);

  switch (id) {
  case PROP_PATH:
    g_value_set_string (value, self->path);
    break;
  case PROP_TITLE:
    g_value_set_string (value, self->title);
    break;
  case PROP_READ_ONLY:
    g_value_set_boolean (value, self->read_only_reason != NULL);
    break;
  case PROP_EDITOR_GONE:
    g_value_set_boolean (value, self->editor_gone);
    break;
  case PROP_FILE_GONE:
    g_value_set_boolean (value, self->file_gone);
    break;
  case PROP_SAVED_STATE:
    g_value_set_int (value, inq_board_get_saved_state (self));
    break;
  case PROP_CAN_UNDO:
    g_value_set_boolean (value, self->undo_label != NULL);
    break;
  case PROP_CAN_REDO:
    g_value_set_boolean (value, self->redo_label != NULL);
    break;
  case PROP_UNDO_LABEL:
    g_value_set_string (value, self->undo_label);
    break;
  case PROP_REDO_LABEL:
    g_value_set_string (value, self->redo_label);
    break;
  case PROP_TOTAL_FRAMES:
    g_value_set_int64 (value, self->total_frames);
    break;
  case PROP_FRAME_ASPECT:
    g_value_set_double (value, inq_board_get_frame_aspect (self));
    break;
  case PROP_SETTINGS_REVISION:
    g_value_set_uint (value, self->settings_revision);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
  }
}

static void
inq_board_class_init (InqBoardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = inq_board_dispose;
  object_class->finalize = inq_board_finalize;
  object_class->get_property = inq_board_get_property;
  props[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, flags);
  props[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  props[PROP_READ_ONLY] = g_param_spec_boolean ("read-only", NULL, NULL, FALSE, flags);
  props[PROP_EDITOR_GONE] = g_param_spec_boolean ("editor-gone", NULL, NULL, FALSE, flags);
  props[PROP_FILE_GONE] = g_param_spec_boolean ("file-gone", NULL, NULL, FALSE, flags);
  props[PROP_SAVED_STATE] = g_param_spec_int ("saved-state", NULL, NULL, INQ_SAVED_YES, INQ_SAVED_FAILED, INQ_SAVED_YES,
                                              flags);
  props[PROP_CAN_UNDO] = g_param_spec_boolean ("can-undo", NULL, NULL, FALSE, flags);
  props[PROP_CAN_REDO] = g_param_spec_boolean ("can-redo", NULL, NULL, FALSE, flags);
  props[PROP_UNDO_LABEL] = g_param_spec_string ("undo-label", NULL, NULL, NULL, flags);
  props[PROP_REDO_LABEL] = g_param_spec_string ("redo-label", NULL, NULL, NULL, flags);
  props[PROP_TOTAL_FRAMES] = g_param_spec_int64 ("total-frames", NULL, NULL, 0, G_MAXINT64, 0, flags);
  props[PROP_FRAME_ASPECT] = g_param_spec_double ("frame-aspect", NULL, NULL, 0, G_MAXDOUBLE, 1, flags);
  props[PROP_SETTINGS_REVISION] = g_param_spec_uint ("settings-revision", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[ACT_FAILED] = g_signal_new ("act-failed", INQ_TYPE_BOARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                      1, G_TYPE_ERROR);
  signals[UNDONE] = g_signal_new ("undone", INQ_TYPE_BOARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_INT64);
}

static void
inq_board_init (InqBoard *self)
{
  self->panels = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->thumbnails = inq_thumbnail_cache_new ();
}

void
inq_board_keep_thumbnail (InqBoard *self, gint64 image, GBytes *png)
{
  inq_thumbnail_cache_put (self->thumbnails, image, png);
}

GBytes *
inq_board_peek_thumbnail (InqBoard *self, gint64 image)
{
  g_return_val_if_fail (INQ_IS_BOARD (self), NULL);
  return inq_thumbnail_cache_get (self->thumbnails, image);
}

/* ---- acts ---- */

void
inq_board_push_act (InqBoard *self, InqAct *act, gpointer tag, GAsyncReadyCallback callback, gpointer data)
{
  InqAct *replaced;

  g_assert (g_thread_self () == self->thread);
  if (callback != NULL) {
    act->task = g_task_new (self, NULL, callback, data);
    g_task_set_source_tag (act->task, tag);
    g_task_set_task_data (act->task, act, (GDestroyNotify) inq_act_free);
  }
  replaced = inq_core_replace (self->core, act);
  if (replaced != NULL) {
    inq_act_free (replaced);
    return;
  }
  if (!inq_core_push (self->core, act)) {
    g_autoptr (GError) error = g_error_new (INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FAILED, _ ("The board is closed."));

    if (act->task != NULL) {
      g_autoptr (GTask) task = act->task;

      g_task_return_error (task, g_steal_pointer (&error));
    } else {
      g_signal_emit (self, signals[ACT_FAILED], 0, error);
      inq_act_free (act);
    }
    return;
  }
  self->n_waiting++;
  inq_board_report_saved (self);
}

void
inq_board_act (InqBoard *self, const char *label, InqBoardActFunc func, gpointer data, GDestroyNotify destroy,
               GAsyncReadyCallback callback, gpointer callback_data)
{
  InqAct *act;

  g_return_if_fail (INQ_IS_BOARD (self));
  g_return_if_fail (func != NULL);
  act = g_new0 (InqAct, 1);
  act->label = g_strdup (label);
  act->func = func;
  act->data = data;
  act->destroy = destroy;
  inq_board_push_act (self, act, inq_board_act, callback, callback_data);
}

gboolean
inq_board_act_finish (InqBoard *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

gpointer
inq_board_act_get_data (GAsyncResult *result)
{
  InqAct *act;

  g_return_val_if_fail (G_IS_TASK (result), NULL);
  act = g_task_get_task_data (G_TASK (result));
  return act->data;
}

gboolean
inq_board_act_sync (InqBoard *self, const char *label, InqBoardActFunc func, gpointer data, GError **error)
{
  g_return_val_if_fail (INQ_IS_BOARD (self), FALSE);
  return inq_core_run (self->core, label, func, data, error);
}

void
inq_board_set_jobs_func (InqBoard *self, InqBoardJobsFunc func, gpointer data)
{
  g_return_if_fail (INQ_IS_BOARD (self));
  inq_core_set_jobs_func (self->core, func, data);
}

void
inq_board_retry (InqBoard *self)
{
  g_return_if_fail (INQ_IS_BOARD (self));
  inq_core_retry (self->core);
}

guint64
inq_board_new_session (InqBoard *self)
{
  return ++self->last_session;
}

/* ---- the file, moved or gone ---- */

void
inq_board_look_at_file (InqBoard *self)
{
  g_return_if_fail (INQ_IS_BOARD (self));
  inq_core_look_soon (self->core);
}

void
inq_board_go_on_at_async (InqBoard *self, const char *path, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task;

  g_return_if_fail (INQ_IS_BOARD (self));
  g_return_if_fail (path != NULL);
  task = g_task_new (self, NULL, callback, data);
  g_task_set_source_tag (task, inq_board_go_on_at_async);
  inq_core_move (self->core, path, task);
}

gboolean
inq_board_go_on_at_finish (InqBoard *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- close ---- */

void
inq_board_close_async (InqBoard *self, gboolean discard, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task;

  g_return_if_fail (INQ_IS_BOARD (self));
  task = g_task_new (self, NULL, callback, data);
  g_task_set_source_tag (task, inq_board_close_async);
  inq_core_close (self->core, discard, task);
}

gboolean
inq_board_close_finish (InqBoard *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
inq_board_close (InqBoard *self, gboolean discard, GError **error)
{
  gboolean closed;

  g_return_val_if_fail (INQ_IS_BOARD (self), FALSE);
  inq_core_close (self->core, discard, NULL);
  closed = inq_core_wait_closed (self->core, error);
  self->closed |= closed;
  inq_core_flush (self->core);
  return closed;
}

/* ---- getters ---- */

InqCore *
inq_board_get_core (InqBoard *self)
{
  return self->core;
}

const char *
inq_board_get_path (InqBoard *self)
{
  return self->path;
}

const char *
inq_board_get_title (InqBoard *self)
{
  return self->title;
}

const char *
inq_board_get_own_title (InqBoard *self)
{
  return self->settings.title != NULL ? self->settings.title : "";
}

gboolean
inq_board_get_read_only (InqBoard *self)
{
  return self->read_only_reason != NULL;
}

const char *
inq_board_get_read_only_reason (InqBoard *self)
{
  return self->read_only_reason;
}

gboolean
inq_board_get_editor_gone (InqBoard *self)
{
  return self->editor_gone;
}

gboolean
inq_board_get_file_gone (InqBoard *self)
{
  return self->file_gone;
}

InqSavedState
inq_board_get_saved_state (InqBoard *self)
{
  if (self->save_error != NULL)
    return INQ_SAVED_FAILED;
  return self->n_waiting > 0 ? INQ_SAVED_SAVING : INQ_SAVED_YES;
}

const GError *
inq_board_get_save_error (InqBoard *self)
{
  return self->save_error;
}

guint
inq_board_get_n_waiting (InqBoard *self)
{
  return self->n_waiting;
}

gboolean
inq_board_get_can_undo (InqBoard *self)
{
  return self->undo_label != NULL;
}

gboolean
inq_board_get_can_redo (InqBoard *self)
{
  return self->redo_label != NULL;
}

const char *
inq_board_get_undo_label (InqBoard *self)
{
  return self->undo_label;
}

const char *
inq_board_get_redo_label (InqBoard *self)
{
  return self->redo_label;
}

gint64
inq_board_get_total_frames (InqBoard *self)
{
  return self->total_frames;
}

InqRate
inq_board_get_rate (InqBoard *self)
{
  return self->settings.rate;
}

void
inq_board_get_frame_size (InqBoard *self, gint *width, gint *height)
{
  *width = self->settings.frame_width;
  *height = self->settings.frame_height;
}

const char *
inq_board_get_drawing (InqBoard *self)
{
  g_return_val_if_fail (INQ_IS_BOARD (self), "{}");
  return self->settings.drawing != NULL ? self->settings.drawing : "{}";
}

double
inq_board_get_frame_aspect (InqBoard *self)
{
  return (double) self->settings.frame_width / self->settings.frame_height;
}

guint
inq_board_get_n_panels (InqBoard *self)
{
  return self->panels->len;
}

InqPanel *
inq_board_get_panel (InqBoard *self, guint index)
{
  return index < self->panels->len ? self->panels->pdata[index] : NULL;
}

InqPanel *
inq_board_find_panel (InqBoard *self, gint64 id)
{
  return g_hash_table_lookup (self->by_id, &id);
}

InqPanel *
inq_board_panel_at_frame (InqBoard *self, gint64 frame)
{
  guint low = 0, high = self->panels->len;

  if (frame < 0 || frame >= self->total_frames)
    return NULL;
  while (high - low > 1) {
    guint middle = (low + high) / 2;

    if (inq_panel_get_start_frame (self->panels->pdata[middle]) <= frame)
      low = middle;
    else
      high = middle;
  }
  return self->panels->pdata[low];
}
