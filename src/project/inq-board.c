/* Inquadra - an open board for the main thread: the list and its state
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-board.h"

#include "inq-board-private.h"
#include "inq-board-reads.h"
#include "inq-board-acts.h"
#include "inq-document-jobs.h"
#include "inq-document-undo.h"
#include "inq-thumbnail-cache.h"

#include <glib/gi18n-lib.h>

struct _InqBoard {
  GObject parent_instance;

  InqCore *core;
  GThread *thread;
  GPtrArray *panels; /* (owned InqPanel) in order */
  GHashTable *by_id; /* (id inside the panel -> InqPanel in panels) */
  InqThumbnailCache *thumbnails;
  InqBoardSettings settings;
  char *path, *title, *read_only_reason;
  char *undo_label, *redo_label;
  GError *save_error;
  guint n_waiting;
  guint settings_revision;
  gint64 total_frames;
  guint64 last_session;
  InqSavedState reported;
  gboolean closed;
};

enum {
  PROP_0,
  PROP_PATH,
  PROP_TITLE,
  PROP_READ_ONLY,
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

/* ---- the list ---- */

static gint64
row_id (gpointer row)
{
  return ((InqPanelRow *) row)->id;
}

static gint64
panel_id (gpointer panel)
{
  return inq_panel_get_id (panel);
}

/* Index, start frame, first of shot and scene of all; the total. */
static void
place_panels (InqBoard *self)
{
  gint64 frame = 0, shot = 0, scene = 0;

  for (guint i = 0; i < self->panels->len; i++) {
    InqPanel *panel = self->panels->pdata[i];
    const InqPanelRow *row = inq_panel_get_row (panel);

    inq_panel_set_place (panel, i, frame, row->shot != shot, row->scene != scene);
    frame += row->duration;
    shot = row->shot;
    scene = row->scene;
  }
  if (self->total_frames != frame) {
    self->total_frames = frame;
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TOTAL_FRAMES]);
  }
}

static void
index_panels (InqBoard *self)
{
  g_hash_table_remove_all (self->by_id);
  for (guint i = 0; i < self->panels->len; i++) {
    InqPanel *panel = self->panels->pdata[i];

    g_hash_table_insert (self->by_id, (gpointer) inq_panel_get_id_key (panel), panel);
  }
}

/* Swaps the neighbouring runs [first, first + a) and [first + a, first + a + b) by taking the shorter one out and in
 * again, so that a dragged panel is one removal and one insertion to whoever watches. */
static void
rotate (InqBoard *self, guint first, guint a, guint b)
{
  guint from = a <= b ? first : first + a;
  guint n = MIN (a, b);
  guint to = a <= b ? first + b : first;
  g_autoptr (GPtrArray) run = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (run, g_object_ref (self->panels->pdata[from + i]));
  g_ptr_array_remove_range (self->panels, from, n);
  g_list_model_items_changed (G_LIST_MODEL (self), from, n, 0);
  for (guint i = 0; i < n; i++)
    g_ptr_array_insert (self->panels, (gint) (to + i), run->pdata[i]);
  place_panels (self);
  g_list_model_items_changed (G_LIST_MODEL (self), to, 0, n);
}

/* Is the middle [first, first + n) of @rows the list's with two runs swapped? @a takes the first run's length. */
static gboolean
is_rotation (InqBoard *self, GPtrArray *rows, guint first, guint n, guint *a)
{
  guint at;

  for (at = 1; at < n; at++)
    if (panel_id (self->panels->pdata[first + at]) == row_id (rows->pdata[first]))
      break;
  if (at >= n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (panel_id (self->panels->pdata[first + (at + i) % n]) != row_id (rows->pdata[first + i]))
      return FALSE;
  *a = at;
  return TRUE;
}

/* Makes the list that of @rows (taken out of the array), keeping the objects of panels that stay. */
static void
apply_all (InqBoard *self, GPtrArray *rows)
{
  guint old_n = self->panels->len, new_n = rows->len, first = 0, last = 0, a = 0;
  g_autoptr (GPtrArray) order = g_ptr_array_new_with_free_func (g_object_unref);

  while (first < MIN (old_n, new_n) && panel_id (self->panels->pdata[first]) == row_id (rows->pdata[first]))
    first++;
  while (last < MIN (old_n, new_n) - first
         && panel_id (self->panels->pdata[old_n - 1 - last]) == row_id (rows->pdata[new_n - 1 - last]))
    last++;
  if (old_n == new_n && first < new_n && is_rotation (self, rows, first, new_n - first - last, &a)) {
    rotate (self, first, a, new_n - first - last - a);
    first = new_n;
    last = 0;
  }
  for (guint i = 0; i < new_n; i++) {
    InqPanelRow *row = rows->pdata[i];
    InqPanel *panel = inq_board_find_panel (self, row->id);

    rows->pdata[i] = NULL;
    if (panel != NULL)
      inq_panel_take_row (g_object_ref (panel), row);
    else
      panel = inq_panel_new_take (row);
    g_ptr_array_add (order, panel);
  }
  g_ptr_array_set_free_func (rows, NULL);
  g_ptr_array_set_size (rows, 0);
  {
    GPtrArray *old = self->panels;

    self->panels = g_steal_pointer (&order);
    order = old; /* freed after the watchers have let go */
  }
  index_panels (self);
  place_panels (self);
  if (first + last < MAX (old_n, new_n))
    g_list_model_items_changed (G_LIST_MODEL (self), first, old_n - first - last, new_n - first - last);
}

static void
apply_some (InqBoard *self, GPtrArray *rows)
{
  gboolean times = FALSE;

  for (guint i = 0; i < rows->len; i++) {
    InqPanelRow *row = rows->pdata[i];
    InqPanel *panel = inq_board_find_panel (self, row->id);

    if (panel == NULL)
      continue;
    rows->pdata[i] = NULL;
    times |= inq_panel_get_duration (panel) != row->duration;
    inq_panel_take_row (panel, row);
  }
  if (times)
    place_panels (self);
}

static void
touch_panels (InqBoard *self, GHashTable *ids, gboolean variations)
{
  GHashTableIter iter;
  gpointer key;

  if (ids == NULL)
    return;
  g_hash_table_iter_init (&iter, ids);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    InqPanel *panel = inq_board_find_panel (self, *(gint64 *) key);

    if (panel != NULL)
      inq_panel_touch (panel, variations, !variations);
  }
}

/* ---- state ---- */

static void
update_title (InqBoard *self)
{
  g_free (self->title);
  if (self->settings.title != NULL && *self->settings.title != 0)
    self->title = g_strdup (self->settings.title);
  else {
    self->title = g_filename_display_basename (self->path);
    if (g_str_has_suffix (self->title, ".inquadra"))
      self->title[strlen (self->title) - strlen (".inquadra")] = 0;
  }
}

static void
apply_settings (InqBoard *self, InqBoardSettings *settings)
{
  inq_board_settings_clear (&self->settings);
  self->settings = *settings;
  settings->title = NULL;
  update_title (self);
  self->settings_revision++;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TITLE]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FRAME_ASPECT]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SETTINGS_REVISION]);
}

static void
apply_labels (InqBoard *self, char **undo, char **redo)
{
  gboolean undo_changed = g_strcmp0 (self->undo_label, *undo) != 0;
  gboolean redo_changed = g_strcmp0 (self->redo_label, *redo) != 0;

  g_free (self->undo_label);
  g_free (self->redo_label);
  self->undo_label = g_steal_pointer (undo);
  self->redo_label = g_steal_pointer (redo);
  if (undo_changed) {
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_UNDO_LABEL]);
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CAN_UNDO]);
  }
  if (redo_changed) {
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_REDO_LABEL]);
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CAN_REDO]);
  }
}

static void
report_saved (InqBoard *self)
{
  InqSavedState state = inq_board_get_saved_state (self);

  if (state == self->reported)
    return;
  self->reported = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SAVED_STATE]);
}

static void
finish_act (InqBoard *self, InqAct *act)
{
  g_autoptr (GError) error = g_steal_pointer (&act->error);

  self->n_waiting--;
  g_clear_error (&self->save_error);
  report_saved (self);
  if (act->undone && error == NULL)
    g_signal_emit (self, signals[UNDONE], 0, act->panel);
  if (act->task != NULL) {
    if (error != NULL)
      g_task_return_error (act->task, g_steal_pointer (&error));
    else
      g_task_return_boolean (act->task, TRUE);
  } else if (error != NULL)
    g_signal_emit (self, signals[ACT_FAILED], 0, error);
}

static void
finish_read (InqBoard *self, GTask *task)
{
  InqRead *read = g_task_get_task_data (task);

  if (read->error != NULL)
    g_task_return_error (task, g_steal_pointer (&read->error));
  else if (read->as_boolean)
    g_task_return_boolean (task, read->result != NULL);
  else {
    if (read->thumbnail != 0 && read->result != NULL)
      inq_board_keep_thumbnail (self, read->thumbnail, read->result);
    g_task_return_pointer (task, g_steal_pointer (&read->result), read->free_result);
  }
}

static void
finish_close (InqBoard *self, GTask *task)
{
  GError *error = g_task_get_task_data (task);

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else {
    self->closed = TRUE;
    g_task_return_boolean (task, TRUE);
  }
}

void
inq_board_apply (InqBoard *self, InqOutcome *outcome)
{
  g_object_ref (self);
  if (outcome->has_settings)
    apply_settings (self, &outcome->settings);
  if (outcome->all != NULL)
    apply_all (self, outcome->all);
  if (outcome->some != NULL)
    apply_some (self, outcome->some);
  touch_panels (self, outcome->variations, TRUE);
  touch_panels (self, outcome->strokes, FALSE);
  if (outcome->has_undo)
    apply_labels (self, &outcome->undo_label, &outcome->redo_label);
  if (outcome->stalled != NULL) {
    g_clear_error (&self->save_error);
    self->save_error = g_steal_pointer (&outcome->stalled);
    report_saved (self);
  }
  if (outcome->act != NULL)
    finish_act (self, outcome->act);
  if (outcome->read != NULL)
    finish_read (self, outcome->read);
  if (outcome->close != NULL)
    finish_close (self, outcome->close);
  g_object_unref (self);
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
  report_saved (self);
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

InqBoard *
inq_board_new_for_document (InqDocument *document, GMainContext *context, GThread *thread, GError **error)
{
  g_autoptr (InqBoard) self = g_object_new (INQ_TYPE_BOARD, NULL);
  g_autoptr (GPtrArray) rows = NULL;
  g_auto (InqBoardSettings) settings = { NULL };
  const char *reason = inq_document_get_read_only_reason (document);

  if ((reason == NULL && !inq_document_recover_jobs (document, NULL, NULL, error))
      || !inq_document_get_settings (document, &settings, error)
      || (rows = inq_document_list_panels (document, error)) == NULL) {
    inq_document_free (document);
    return NULL;
  }
  self->thread = thread;
  self->path = g_strdup (inq_document_get_path (document));
  self->read_only_reason = g_strdup (reason);
  self->undo_label = g_strdup (inq_document_get_undo_label (document));
  self->redo_label = g_strdup (inq_document_get_redo_label (document));
  apply_settings (self, &settings);
  apply_all (self, rows);
  self->core = inq_core_new (document, self, context);
  return g_steal_pointer (&self);
}
