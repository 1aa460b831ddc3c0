/* Inquadra - an open board for the main thread: what the writer tells it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-board-private.h"

#include "inq-document-jobs.h"
#include "inq-document-undo.h"

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
    g_object_notify (G_OBJECT (self), "total-frames");
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
  settings->drawing = NULL;
  update_title (self);
  self->settings_revision++;
  g_object_notify (G_OBJECT (self), "title");
  g_object_notify (G_OBJECT (self), "frame-aspect");
  g_object_notify (G_OBJECT (self), "settings-revision");
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
    g_object_notify (G_OBJECT (self), "undo-label");
    g_object_notify (G_OBJECT (self), "can-undo");
  }
  if (redo_changed) {
    g_object_notify (G_OBJECT (self), "redo-label");
    g_object_notify (G_OBJECT (self), "can-redo");
  }
}

void
inq_board_report_saved (InqBoard *self)
{
  InqSavedState state = inq_board_get_saved_state (self);

  if (state == self->reported)
    return;
  self->reported = state;
  g_object_notify (G_OBJECT (self), "saved-state");
}

static void
finish_act (InqBoard *self, InqAct *act)
{
  g_autoptr (GError) error = g_steal_pointer (&act->error);

  self->n_waiting--;
  g_clear_error (&self->save_error);
  inq_board_report_saved (self);
  if (act->undone && error == NULL)
    g_signal_emit_by_name (self, "undone", act->panel);
  if (act->task != NULL) {
    if (error != NULL)
      g_task_return_error (act->task, g_steal_pointer (&error));
    else
      g_task_return_boolean (act->task, TRUE);
  } else if (error != NULL)
    g_signal_emit_by_name (self, "act-failed", error);
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
apply_place (InqBoard *self, InqOutcome *outcome)
{
  if (outcome->path != NULL && !g_str_equal (outcome->path, self->path)) {
    g_free (self->path);
    self->path = g_steal_pointer (&outcome->path);
    update_title (self);
    g_object_notify (G_OBJECT (self), "path");
    g_object_notify (G_OBJECT (self), "title");
  }
  if (outcome->file_gone != self->file_gone) {
    self->file_gone = outcome->file_gone;
    g_object_notify (G_OBJECT (self), "file-gone");
  }
}

static void
finish_move (GTask *task)
{
  GError *error = g_task_get_task_data (task);

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
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
  if (outcome->has_editor && self->editor_gone != outcome->editor_gone) {
    self->editor_gone = outcome->editor_gone;
    g_object_notify (G_OBJECT (self), "editor-gone");
  }
  if (outcome->has_place)
    apply_place (self, outcome);
  if (outcome->stalled != NULL) {
    g_clear_error (&self->save_error);
    self->save_error = g_steal_pointer (&outcome->stalled);
    inq_board_report_saved (self);
  }
  if (outcome->act != NULL)
    finish_act (self, outcome->act);
  if (outcome->read != NULL)
    finish_read (self, outcome->read);
  if (outcome->move != NULL)
    finish_move (outcome->move);
  if (outcome->close != NULL)
    finish_close (self, outcome->close);
  g_object_unref (self);
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
