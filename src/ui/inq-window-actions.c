/* Inquadra - the window's actions on panels, views and areas.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-window-private.h"

#include <glib/gi18n.h>
#include <inq-board-acts.h>

#include "inq-board-dialog.h"
#include "inq-presenter.h"

static gboolean
editable (InqWindow *self)
{
  return self->board != NULL && !self->leaving && !inq_board_get_read_only (self->board);
}

static gint64
panel_id (InqWindow *self)
{
  return self->panel != NULL ? inq_panel_get_id (self->panel) : 0;
}

/* ---- making panels ---- */

static void
new_panel_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqWindow) self = data;
  g_autoptr (GError) error = NULL;
  gint64 id = inq_board_act_id_finish (INQ_BOARD (source), result, &error);
  if (self->board != INQ_BOARD (source))
    return;
  if (id == 0) {
    inq_window_ahead_drop (self);
    inq_window_toast (self, error->message, NULL, NULL);
  } else {
    inq_window_select_later (self, id, TRUE);
  }
}

static void
new_panel_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  inq_inspector_flush (self->inspector);
  inq_board_add_panel (self->board, panel_id (self), INQ_PLACE_AFTER, new_panel_cb, g_object_ref (self));
  inq_window_ahead_begin (self);
}

static void
new_panel_before_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  inq_inspector_flush (self->inspector);
  inq_board_add_panel (self->board, panel_id (self), INQ_PLACE_BEFORE, new_panel_cb, g_object_ref (self));
  inq_window_ahead_begin (self);
}

static void
new_shot_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  inq_inspector_flush (self->inspector);
  inq_board_add_shot (self->board, panel_id (self), INQ_PLACE_AFTER, new_panel_cb, g_object_ref (self));
  inq_window_ahead_begin (self);
}

static void
new_scene_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  inq_inspector_flush (self->inspector);
  inq_board_add_scene (self->board, panel_id (self), INQ_PLACE_AFTER, NULL, new_panel_cb, g_object_ref (self));
  inq_window_ahead_begin (self);
}

/* ---- going from panel to panel ---- */

static void
go_to (InqWindow *self, int index)
{
  guint n = inq_board_get_n_panels (self->board);
  if (n == 0)
    return;
  inq_window_play_stop (self);
  inq_timeline_unselect (self->timeline);
  inq_window_set_panel (self, inq_board_get_panel (self->board, CLAMP (index, 0, (int) n - 1)));
}

static void
previous_panel_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  go_to (self, (int) inq_panel_get_index (self->panel) - 1);
}

static void
next_panel_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  go_to (self, (int) inq_panel_get_index (self->panel) + 1);
}

static void
first_panel_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  go_to (data, 0);
}

static void
last_panel_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  go_to (data, G_MAXINT);
}

/* To the first panel of the next scene, or of this one and then the one before. */
static void
previous_scene_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  int i = (int) inq_panel_get_index (self->panel) - 1;
  while (i > 0 && !inq_panel_get_first_in_scene (inq_board_get_panel (self->board, i)))
    i--;
  go_to (self, i);
}

static void
next_scene_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  int n = inq_board_get_n_panels (self->board);
  for (int i = (int) inq_panel_get_index (self->panel) + 1; i < n; i++)
    if (inq_panel_get_first_in_scene (inq_board_get_panel (self->board, i))) {
      go_to (self, i);
      return;
    }
}

/* ---- undo ---- */

/* What was done last is what stands there now. */
static void
take_back (InqWindow *self)
{
  inq_window_ahead_drop (self);
  inq_window_flush (self);
  inq_board_undo (self->board, NULL, NULL);
}

static void
undo_board_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  take_back (self);
}

/* While a text is being written Ctrl+Z is about its words, until there are none of this stay left to take back. */
static gboolean
text_undo (InqWindow *self, gboolean redo)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  if (GTK_IS_TEXT_VIEW (focus)) {
    GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (focus));
    if (redo ? gtk_text_buffer_get_can_redo (buffer) : gtk_text_buffer_get_can_undo (buffer)) {
      if (redo)
        gtk_text_buffer_redo (buffer);
      else
        gtk_text_buffer_undo (buffer);
      return TRUE;
    }
  } else if (GTK_IS_TEXT (focus)) {
    /* GTK 4.8 says that it did something also where there was nothing to take back. */
    g_autofree char *before = g_strdup (gtk_editable_get_text (GTK_EDITABLE (focus)));
    gtk_widget_activate_action (focus, redo ? "text.redo" : "text.undo", NULL);
    return !g_str_equal (before, gtk_editable_get_text (GTK_EDITABLE (focus)));
  }
  return FALSE;
}

static void
undo_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  if (text_undo (self, FALSE) || inq_stage_mask_undo (self->stage))
    return;
  take_back (self);
}

static void
redo_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  if (text_undo (self, TRUE) || inq_stage_mask_redo (self->stage))
    return;
  inq_window_flush (self);
  inq_board_redo (self->board, NULL, NULL);
}

/* ---- views and areas ---- */

static void
change_view (GSimpleAction *action, GVariant *state, gpointer data)
{
  InqWindow *self = data;
  const char *view = g_variant_get_string (state, NULL);
  if (!g_str_equal (view, "stage") && !g_str_equal (view, "variations"))
    return;
  inq_window_play_stop (self);
  inq_window_set_view (self, view);
  inq_window_focus_board (self);
}

void
inq_window_focus_board (InqWindow *self)
{
  /* Only what shows: a widget on a hidden page would take the focus and swallow the keys. */
  if (self->panel == NULL)
    gtk_widget_child_focus (GTK_WIDGET (self->middle), GTK_DIR_TAB_FORWARD);
  else if (g_str_equal (inq_window_get_view (self), "stage"))
    gtk_widget_grab_focus (GTK_WIDGET (self->stage));
  else if (inq_variations_get_empty (self->variations) || !gtk_widget_grab_focus (GTK_WIDGET (self->variations)))
    gtk_widget_child_focus (GTK_WIDGET (self->variations_stack), GTK_DIR_TAB_FORWARD);
}

static void
toggle_view_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  gboolean stage = g_str_equal (inq_window_get_view (self), "stage");
  g_action_group_change_action_state (G_ACTION_GROUP (self), "view",
                                      g_variant_new_string (stage ? "variations" : "stage"));
}

static gboolean
writing (InqWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  return GTK_IS_TEXT_VIEW (focus) || GTK_IS_TEXT (focus);
}

/* Escape: out of whatever one is in, one thing at a time, back to the board. */
static void
escape_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  if (inq_window_play_is_playing (self))
    inq_window_play_stop (self);
  else if (inq_stage_cancel (self->stage))
    return;
  else if (gtk_search_bar_get_search_mode (self->search_bar))
    gtk_search_bar_set_search_mode (self->search_bar, FALSE);
  else if (!writing (self) && inq_timeline_unselect (self->timeline))
    ;
  else if (gtk_window_is_fullscreen (GTK_WINDOW (self)) && gtk_window_get_focus (GTK_WINDOW (self)) != NULL
           && gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (self)), GTK_WIDGET (self->middle)))
    gtk_window_unfullscreen (GTK_WINDOW (self));
  inq_inspector_flush (self->inspector);
  inq_window_focus_board (self);
}

static void
edit_prompt_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  adw_flap_set_reveal_flap (self->flap, TRUE);
  inq_inspector_focus_prompt (self->inspector);
}

/* F6: header, picture, side pane, timeline, round and round. */
static void
move_area (InqWindow *self, int by)
{
  GtkWidget *areas[] = { self->header, GTK_WIDGET (self->middle), GTK_WIDGET (self->inspector),
                         GTK_WIDGET (self->timeline) };
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  int n = G_N_ELEMENTS (areas), at = by > 0 ? -1 : n;

  for (int i = 0; i < n && focus != NULL; i++)
    if (focus == areas[i] || gtk_widget_is_ancestor (focus, areas[i]))
      at = i;
  for (int i = 0; i < n; i++) {
    at = (at + by + n) % n;
    if (!gtk_widget_get_mapped (areas[at]) || !gtk_widget_is_sensitive (areas[at]))
      continue;
    if (areas[at] == GTK_WIDGET (self->middle)) {
      inq_window_focus_board (self);
      return;
    }
    if (areas[at] == GTK_WIDGET (self->inspector)) {
      inq_inspector_focus_prompt (self->inspector);
      return;
    }
    if (gtk_widget_child_focus (areas[at], GTK_DIR_TAB_FORWARD))
      return;
  }
}

static void
next_area_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  move_area (data, 1);
}

static void
previous_area_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  move_area (data, -1);
}

static void
find_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  inq_inspector_flush (self->inspector);
  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (inq_search_get_entry (self->search)));
}

static void
fullscreen_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  if (gtk_window_is_fullscreen (data))
    gtk_window_unfullscreen (data);
  else
    gtk_window_fullscreen (data);
}

static void
present_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  inq_window_play_stop (self);
  inq_inspector_flush (self->inspector);
  inq_presenter_present (GTK_WINDOW (self), self->board, self->panel);
}

static void
board_settings_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  inq_board_dialog_present (GTK_WINDOW (self), self->board);
}

/* ---- ink ---- */

static void
ink_clear_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  inq_stage_clear (self->stage);
}

static void
ink_thinner_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  inq_tool_strip_change_width (self->tools, -1);
}

static void
ink_thicker_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  inq_tool_strip_change_width (self->tools, 1);
}

/* 1 to 9: a variation where one looks at variations, a tool on the stage. */
static void
digit_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  int digit = g_variant_get_int32 (parameter);
  if (g_str_equal (inq_window_get_view (self), "variations")) {
    if (digit >= 1)
      inq_window_generate_pick_nth (self, digit);
  } else {
    inq_tool_strip_digit (self->tools, digit);
  }
}

static const GActionEntry entries[] = {
  { "new-panel", new_panel_action },
  { "new-panel-before", new_panel_before_action },
  { "new-shot", new_shot_action },
  { "new-scene", new_scene_action },
  { "previous-panel", previous_panel_action },
  { "next-panel", next_panel_action },
  { "first-panel", first_panel_action },
  { "last-panel", last_panel_action },
  { "previous-scene", previous_scene_action },
  { "next-scene", next_scene_action },
  { "undo", undo_action },
  { "undo-board", undo_board_action },
  { "redo", redo_action },
  { "view", NULL, "s", "'stage'", change_view },
  { "toggle-view", toggle_view_action },
  { "escape", escape_action },
  { "edit-prompt", edit_prompt_action },
  { "next-area", next_area_action },
  { "previous-area", previous_area_action },
  { "find", find_action },
  { "fullscreen", fullscreen_action },
  { "present", present_action },
  { "board-settings", board_settings_action },
  { "ink-clear", ink_clear_action },
  { "ink-thinner", ink_thinner_action },
  { "ink-thicker", ink_thicker_action },
  { "digit", digit_action, "i" },
};

void
inq_window_enable (InqWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);
  if (action != NULL)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

/* On the start page there is nothing to fold away, and F10 is the menu's: a property's action cannot be disabled. */
static void
update_folding (InqWindow *self)
{
  if (self->board == NULL) {
    g_action_map_remove_action (G_ACTION_MAP (self), "show-inspector");
    g_action_map_remove_action (G_ACTION_MAP (self), "show-timeline");
  } else if (g_action_map_lookup_action (G_ACTION_MAP (self), "show-timeline") == NULL) {
    g_autoptr (GPropertyAction) inspector = g_property_action_new ("show-inspector", self->flap, "reveal-flap");
    g_autoptr (GPropertyAction)
        timeline = g_property_action_new ("show-timeline", self->timeline_revealer, "reveal-child");
    g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (inspector));
    g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (timeline));
  }
}

void
inq_window_update_actions (InqWindow *self)
{
  static const char *const need_edit[] = { "new-panel", "new-panel-before", "new-shot",
                                           "new-scene", "board-settings",   "save-version" };
  static const char *const need_panel[] = { "previous-panel", "next-panel", "first-panel", "last-panel",
                                            "previous-scene", "next-scene", "view",        "toggle-view",
                                            "edit-prompt",    "present",    "digit",       "play" };
  static const char *const need_panel_edit[] = { "add-picture", "ink-thinner", "ink-thicker" };
  gboolean board = self->board != NULL && !self->leaving, edit = editable (self);
  gboolean panel = board && self->panel != NULL;
  gboolean typing = writing (self);

  for (guint i = 0; i < G_N_ELEMENTS (need_edit); i++)
    inq_window_enable (self, need_edit[i], edit);
  for (guint i = 0; i < G_N_ELEMENTS (need_panel); i++)
    inq_window_enable (self, need_panel[i], panel);
  for (guint i = 0; i < G_N_ELEMENTS (need_panel_edit); i++)
    inq_window_enable (self, need_panel_edit[i], panel && edit);
  inq_window_enable (self, "ink-clear", panel && edit && inq_panel_get_row (self->panel)->n_strokes > 0);
  inq_window_enable (self, "undo",
                     edit && (inq_board_get_can_undo (self->board) || typing || inq_stage_mask_can_undo (self->stage)));
  inq_window_enable (self, "undo-board", edit && inq_board_get_can_undo (self->board));
  inq_window_enable (self, "redo",
                     edit && (inq_board_get_can_redo (self->board) || typing || inq_stage_mask_can_redo (self->stage)));
  inq_window_enable (self, "find", board);
  inq_window_enable (self, "save-copy", board);
  inq_window_enable (self, "versions", board);
  inq_window_enable (self, "edit-here", board && inq_board_get_editor_gone (self->board));
  inq_window_enable (self, "boards", board);
  inq_window_enable (self, "escape", board);
  GAction *view = g_action_map_lookup_action (G_ACTION_MAP (self), "view");
  if (view != NULL)
    g_simple_action_set_state (G_SIMPLE_ACTION (view), g_variant_new_string (inq_window_get_view (self)));
  update_folding (self);
  inq_window_panels_update (self);
  inq_window_clipboard_update (self);
  inq_window_generate_update (self);
  inq_window_draw_update (self);
}

/* The search bar takes Escape itself and would leave the focus to chance. */
static void
search_mode_cb (InqWindow *self)
{
  if (!gtk_search_bar_get_search_mode (self->search_bar) && self->board != NULL)
    inq_window_focus_board (self);
}

void
inq_window_actions_init (InqWindow *self)
{
  g_signal_connect_swapped (self->search_bar, "notify::search-mode-enabled", G_CALLBACK (search_mode_cb), self);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);

  /* The neighbours shining through are a matter of the stage alone. */
  g_autoptr (GPropertyAction) onion = g_property_action_new ("onion", self->stage, "onion");
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (onion));
}
