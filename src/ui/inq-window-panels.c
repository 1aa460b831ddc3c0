/* Inquadra - the window's acts on the selected panels: duplicate, delete, move, select.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-window-private.h"

#include <glib/gi18n.h>
#include <inq-board-acts.h>
#include <inq-board-panels.h>

#include "inq-toast.h"

/* ---- copies ---- */

void
inq_window_show_made (InqWindow *self, GArray *ids)
{
  InqPanel *first = inq_board_find_panel (self->board, g_array_index (ids, gint64, 0));
  if (first == NULL)
    return;
  inq_window_set_panel (self, first);
  inq_timeline_select (self->timeline, (const gint64 *) ids->data, ids->len);
}

static void
copied_cb (InqWindow *self, GArray *ids)
{
  inq_window_show_made (self, ids);
}

static void
duplicated_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) made = inq_board_panels_finish (INQ_BOARD (source), result, &error);

  if (self->board != INQ_BOARD (source))
    return;
  if (made == NULL)
    inq_window_toast (self, error->message, NULL, NULL);
  else
    inq_window_show_made (self, made);
}

static void
duplicate_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  g_autoptr (GArray) ids = inq_timeline_get_selected (self->timeline);
  inq_inspector_flush (self->inspector);
  inq_board_duplicate_panels (self->board, (const gint64 *) ids->data, ids->len, duplicated_cb, g_object_ref (self));
}

/* ---- deleting ---- */

static void
toast_gone_cb (AdwToast *toast, InqWindow *self)
{
  if (self->undo_toast == toast)
    g_clear_object (&self->undo_toast);
}

void
inq_window_toast_undo (InqWindow *self, const char *title)
{
  if (self->undo_toast != NULL)
    adw_toast_dismiss (self->undo_toast);
  g_clear_object (&self->undo_toast);
  self->undo_toast = g_object_ref (inq_toast_new (title));
  adw_toast_set_button_label (self->undo_toast, _ ("_Undo"));
  adw_toast_set_action_name (self->undo_toast, "win.undo-board");
  g_object_set_data_full (G_OBJECT (self->undo_toast), "inq-undo-label",
                          g_strdup (inq_board_get_undo_label (self->board)), g_free);
  g_signal_connect_object (self->undo_toast, "dismissed", G_CALLBACK (toast_gone_cb), self, 0);
  adw_toast_overlay_add_toast (self->toasts, self->undo_toast);
}

typedef struct {
  InqWindow *window;
  char *title; /* of the toast */
} Deletion;

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Deletion *deletion = data;
  InqWindow *self = deletion->window;
  g_autoptr (GError) error = NULL;

  if (!inq_board_act_finish (INQ_BOARD (source), result, &error)) {
    inq_window_toast (self, error->message, NULL, NULL);
  } else if (self->board == INQ_BOARD (source)) {
    inq_window_toast_undo (self, deletion->title); /* instead of asking before */
  }
  g_object_unref (deletion->window);
  g_free (deletion->title);
  g_free (deletion);
}

void
inq_window_delete_panels (InqWindow *self, GArray *ids, const char *title)
{
  Deletion *deletion = g_new0 (Deletion, 1);
  guint first = inq_board_get_n_panels (self->board);

  for (guint i = 0; i < ids->len; i++) {
    InqPanel *panel = inq_board_find_panel (self->board, g_array_index (ids, gint64, i));
    if (panel != NULL)
      first = MIN (first, inq_panel_get_index (panel));
    /* Where the first of them was, one goes on. */
    if (panel == self->panel)
      self->panel_index = first;
  }
  deletion->window = g_object_ref (self);
  deletion->title = g_strdup (title);
  inq_board_delete_panels (self->board, (const gint64 *) ids->data, ids->len, deleted_cb, deletion);
}

static void
delete_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  g_autoptr (GArray) ids = inq_timeline_get_selected (self->timeline);
  g_autofree char *title = ids->len > 1 ? g_strdup_printf (
                               g_dngettext (NULL, "%u panel deleted", "%u panels deleted", ids->len), ids->len)
                                        : g_strdup_printf (_ ("Panel %s deleted"), inq_panel_get_number (self->panel));
  inq_inspector_flush (self->inspector);
  inq_window_delete_panels (self, ids, title);
}

/* ---- moving ---- */

/* Beside the panel before the first or after the last of them; several come together. */
static void
move_by (InqWindow *self, int by)
{
  g_autoptr (GArray) ids = inq_timeline_get_selected (self->timeline);
  gint64 end = g_array_index (ids, gint64, by < 0 ? 0 : ids->len - 1);
  gint64 to = (gint64) inq_panel_get_index (inq_board_find_panel (self->board, end)) + by;
  if (to < 0 || to >= inq_board_get_n_panels (self->board))
    return;
  gint64 anchor = inq_panel_get_id (inq_board_get_panel (self->board, to));
  inq_board_move_panels (self->board, (const gint64 *) ids->data, ids->len, anchor,
                         by < 0 ? INQ_PLACE_BEFORE : INQ_PLACE_AFTER, NULL, NULL);
}

static void
move_left_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  move_by (data, -1);
}

static void
move_right_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  move_by (data, 1);
}

/* ---- selecting ---- */

static void
select_all_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  inq_timeline_select_all (self->timeline);
}

static void
extend (InqWindow *self, int by)
{
  inq_window_play_stop (self);
  inq_timeline_extend (self->timeline, by);
}

static void
select_previous_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  extend (data, -1);
}

static void
select_next_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  extend (data, 1);
}

static void
select_first_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  extend (data, -G_MAXINT);
}

static void
select_last_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  extend (data, G_MAXINT);
}

static void
selected_cb (InqWindow *self)
{
  g_autoptr (GArray) ids = self->board != NULL ? inq_timeline_get_selected (self->timeline) : NULL;
  inq_inspector_set_group (self->inspector, ids != NULL && ids->len > 1 ? ids : NULL);
  inq_window_update_actions (self);
}

/* ---- actions ---- */

void
inq_window_panels_update (InqWindow *self)
{
  static const char *const need_panel[] = { "select-all", "select-previous", "select-next", "select-first",
                                            "select-last" };
  gboolean panel = self->board != NULL && !self->leaving && self->panel != NULL;
  gboolean edit = panel && !inq_board_get_read_only (self->board);
  g_autoptr (GArray) ids = panel ? inq_timeline_get_selected (self->timeline) : NULL;
  InqPanel *first = NULL, *last = NULL;

  if (ids != NULL && ids->len > 0) {
    first = inq_board_find_panel (self->board, g_array_index (ids, gint64, 0));
    last = inq_board_find_panel (self->board, g_array_index (ids, gint64, ids->len - 1));
  }
  for (guint i = 0; i < G_N_ELEMENTS (need_panel); i++)
    inq_window_enable (self, need_panel[i], panel);
  inq_window_enable (self, "duplicate", edit);
  inq_window_enable (self, "delete", edit);
  inq_window_enable (self, "move-left", edit && first != NULL && inq_panel_get_index (first) > 0);
  inq_window_enable (self, "move-right",
                     edit && last != NULL && inq_panel_get_index (last) + 1 < inq_board_get_n_panels (self->board));
}

static const GActionEntry entries[] = {
  { "duplicate", duplicate_action },     { "delete", delete_action },
  { "move-left", move_left_action },     { "move-right", move_right_action },
  { "select-all", select_all_action },   { "select-previous", select_previous_action },
  { "select-next", select_next_action }, { "select-first", select_first_action },
  { "select-last", select_last_action },
};

void
inq_window_panels_init (InqWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect_object (self->timeline, "copied", G_CALLBACK (copied_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->timeline, "notify::n-selected", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
}
