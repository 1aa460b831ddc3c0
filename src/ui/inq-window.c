/* Inquadra - the window: start page and editor of one board.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-window-private.h"

#include <glib/gi18n.h>
#include <inq-board-acts.h>

#include "inq-format.h"
#include "inq-recents.h"
#include "inq-settings.h"
#include "inq-shortcuts.h"
#include "inq-toast.h"

/* Where one is, is kept this often for the next time, besides when the board closes. */
#define PLACE_SECONDS 2

G_DEFINE_FINAL_TYPE (InqWindow, inq_window, ADW_TYPE_APPLICATION_WINDOW)

enum { PROP_0, PROP_BOARD, PROP_PANEL, PROP_VIEW, N_PROPS };
static GParamSpec *properties[N_PROPS];

void
inq_window_toast (InqWindow *self, const char *message, const char *button, const char *action)
{
  g_return_if_fail (INQ_IS_WINDOW (self));

  AdwToast *toast = inq_toast_new (message);
  if (button != NULL) {
    adw_toast_set_button_label (toast, button);
    adw_toast_set_detailed_action_name (toast, action);
  }
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/* ---- title ---- */

void
inq_window_update_title (InqWindow *self)
{
  if (self->board == NULL) {
    gtk_window_set_title (GTK_WINDOW (self), "Inquadra");
    return;
  }
  const char *name = inq_board_get_title (self->board);
  g_autofree char *board = inq_format_board (self->board);
  const char *state = _ ("Saved");
  if (self->leaving)
    state = _ ("Closing…");
  else if (inq_board_get_read_only (self->board))
    state = _ ("Read-only");
  else if (inq_board_get_saved_state (self->board) == INQ_SAVED_SAVING)
    state = _ ("Saving…");
  else if (inq_board_get_saved_state (self->board) == INQ_SAVED_FAILED || inq_board_get_file_gone (self->board))
    state = _ ("Not saved yet");
  g_autofree char *subtitle = g_strdup_printf ("%s · %s", board, state);
  adw_window_title_set_title (self->title, name);
  adw_window_title_set_subtitle (self->title, subtitle);
  gtk_window_set_title (GTK_WINDOW (self), name);
}

/* ---- the current panel ---- */

void
inq_window_update_clock (InqWindow *self)
{
  if (self->panel == NULL)
    return;
  char at[INQ_TIMECODE_LENGTH], total[INQ_TIMECODE_LENGTH];
  InqRate rate = inq_board_get_rate (self->board);
  inq_timecode_format (inq_panel_get_start_frame (self->panel), rate, at);
  inq_timecode_format (inq_board_get_total_frames (self->board), rate, total);
  g_autofree char *clock = g_strdup_printf ("%s / %s", at, total);
  gtk_label_set_label (self->clock, clock);
}

static void
panel_changed_cb (InqWindow *self)
{
  if (self->panel == NULL)
    return;
  const InqPanelRow *row = inq_panel_get_row (self->panel);
  self->panel_index = inq_panel_get_index (self->panel);
  gboolean blank = row->cover_image == 0 && row->n_strokes == 0 && row->jobs_queued + row->jobs_running == 0
                   && !inq_board_get_read_only (self->board);
  gtk_widget_set_visible (self->stage_hint, blank);

  g_autofree char *label = row->n_variations > 0 ? g_strdup_printf (_ ("Variations (%d)"), row->n_variations)
                                                 : g_strdup (_ ("Variations"));
  gtk_button_set_label (self->variations_button, label);
  if (!inq_window_play_is_playing (self))
    inq_window_update_clock (self);
  inq_window_update_actions (self);
}

void
inq_window_keep_place (InqWindow *self)
{
  g_clear_handle_id (&self->place_id, g_source_remove);
  if (self->board != NULL && self->panel != NULL)
    inq_recents_keep_panel (self->board, self->panel);
}

static gboolean
place_cb (gpointer data)
{
  InqWindow *self = data;
  self->place_id = 0;
  inq_window_keep_place (self);
  return G_SOURCE_REMOVE;
}

void
inq_window_set_panel (InqWindow *self, InqPanel *panel)
{
  g_return_if_fail (INQ_IS_WINDOW (self));

  if (self->panel == panel)
    return;
  /* Not of every panel one goes past. */
  if (self->place_id == 0)
    self->place_id = g_timeout_add_seconds (PLACE_SECONDS, place_cb, self);
  g_set_object (&self->panel, panel);
  g_signal_group_set_target (self->panel_group, panel);
  inq_stage_set_panel (self->stage, panel);
  inq_variations_set_panel (self->variations, panel);
  inq_inspector_set_panel (self->inspector, panel);
  inq_timeline_set_panel (self->timeline, panel);
  gtk_widget_set_sensitive (GTK_WIDGET (self->inspector), panel != NULL);
  gtk_stack_set_visible_child_name (self->middle, panel != NULL ? "panel" : "empty");
  if (panel == NULL && self->board != NULL)
    inq_window_focus_board (self);
  panel_changed_cb (self);
  inq_window_update_actions (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PANEL]);
}

/* Selects panel @id once it is in the list: an act's callback may come before or after. */
void
inq_window_select_later (InqWindow *self, gint64 id, gboolean edit)
{
  InqPanel *panel = self->board != NULL ? inq_board_find_panel (self->board, id) : NULL;
  if (panel == NULL) {
    self->select_id = id;
    self->select_edit = edit;
    return;
  }
  self->select_id = 0;
  inq_window_set_panel (self, panel);
  if (edit) {
    inq_window_set_view (self, "stage");
    gtk_widget_activate_action (GTK_WIDGET (self), "win.edit-prompt", NULL);
    inq_window_ahead_end (self);
  }
}

static void
items_changed_cb (InqWindow *self, guint position, guint removed, guint added, GListModel *model)
{
  if (self->select_id != 0)
    inq_window_select_later (self, self->select_id, self->select_edit);
  gboolean gone = self->panel == NULL || inq_board_find_panel (self->board, inq_panel_get_id (self->panel)) == NULL;
  if (gone) {
    guint n = inq_board_get_n_panels (self->board);
    inq_window_set_panel (self, n > 0 ? inq_board_get_panel (self->board, MIN (self->panel_index, n - 1)) : NULL);
    /* A panel without variations has no cell for the focus that the gone one held: the strip shows where one is now,
     * and its arrows go on. Who writes at the side goes on writing. */
    GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
    gboolean beside = focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->inspector));
    if (self->panel != NULL && !beside && g_str_equal (inq_window_get_view (self), "variations")
        && inq_variations_get_empty (self->variations))
      gtk_widget_grab_focus (GTK_WIDGET (self->timeline));
  }
  inq_window_update_title (self);
  inq_window_update_actions (self);
}

static void
undone_cb (InqWindow *self, gint64 id)
{
  InqPanel *panel = id != 0 ? inq_board_find_panel (self->board, id) : NULL;
  if (panel != NULL)
    inq_window_set_panel (self, panel);
}

/* A toast's Undo is good only while what it speaks of is the last thing done. */
static void
undo_changed_cb (InqWindow *self)
{
  if (self->undo_toast != NULL && self->board != NULL
      && g_strcmp0 (inq_board_get_undo_label (self->board),
                    g_object_get_data (G_OBJECT (self->undo_toast), "inq-undo-label"))
             != 0)
    adw_toast_dismiss (self->undo_toast);
  const char *undo = self->board != NULL ? inq_board_get_undo_label (self->board) : NULL;
  const char *redo = self->board != NULL ? inq_board_get_redo_label (self->board) : NULL;
  /* Translators: %s is what was done: "Edit prompt" */
  g_autofree char *undo_text = undo != NULL ? g_strdup_printf (_ ("Undo: %s (Ctrl+Z)"), _ (undo))
                                            : g_strdup (_ ("Undo (Ctrl+Z)"));
  g_autofree char *redo_text = redo != NULL ? g_strdup_printf (_ ("Redo: %s (Ctrl+Shift+Z)"), _ (redo))
                                            : g_strdup (_ ("Redo (Ctrl+Shift+Z)"));
  gtk_widget_set_tooltip_text (self->undo_button, undo_text);
  gtk_widget_set_tooltip_text (self->redo_button, redo_text);
  inq_window_update_actions (self);
}

static void
act_failed_cb (InqWindow *self, GError *error)
{
  inq_window_toast (self, error->message, NULL, NULL);
}

/* The keys that matter where one is. */
void
inq_window_update_hint (InqWindow *self)
{
  const char *hint = _ ("1–9 picks · X rejects · S stars · R more · G again");
  if (self->board != NULL && inq_board_get_read_only (self->board))
    hint = _ ("Tab shows all pictures · Space plays · F5 presents");
  else if (inq_stage_get_masking (self->stage))
    hint = _ ("Paint what is to change · Ctrl+Enter draws · Escape leaves");
  else if (g_str_equal (inq_window_get_view (self), "stage"))
    hint = _ ("N new panel · Enter writes · 1–7 tools · Space plays");
  gtk_label_set_label (self->hint, hint);
}

/* ---- the board ---- */

void
inq_window_flush (InqWindow *self)
{
  inq_inspector_flush (self->inspector);
  inq_stage_text_end (self->stage);
}

void
inq_window_start_jobs (InqWindow *self)
{
  if (self->jobs != NULL || inq_board_get_read_only (self->board))
    return;
  g_autofree char *device = g_settings_get_string (inq_settings_get (), "device");
  InqGpuOptions options = { .device = *device != '\0' ? device : NULL };
  self->jobs = inq_jobs_new (self->board, &options);
  g_signal_group_set_target (self->jobs_group, self->jobs);
  inq_variations_set_jobs (self->variations, self->jobs);
  inq_timeline_set_jobs (self->timeline, self->jobs);
  inq_inspector_set_jobs (self->inspector, self->jobs);
  inq_queue_button_set_jobs (self->queue, self->jobs, self->board);
}

void
inq_window_stop_jobs (InqWindow *self, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (InqJobs) jobs = g_steal_pointer (&self->jobs);

  g_return_if_fail (jobs != NULL);
  inq_variations_set_jobs (self->variations, NULL);
  inq_timeline_set_jobs (self->timeline, NULL);
  inq_inspector_set_jobs (self->inspector, NULL);
  inq_queue_button_set_jobs (self->queue, NULL, NULL);
  g_signal_group_set_target (self->jobs_group, NULL);
  /* The task keeps the queue, and with it the board, until the engine has let go. */
  inq_jobs_shutdown_async (jobs, callback, data);
}

void
inq_window_set_board (InqWindow *self, InqBoard *board)
{
  if (self->board == board)
    return;
  inq_window_play_stop (self);
  inq_window_ahead_drop (self);
  inq_window_flush (self);
  inq_window_set_panel (self, NULL);
  if (self->jobs != NULL)
    inq_window_stop_jobs (self, NULL, NULL);
  g_set_object (&self->board, board);
  g_signal_group_set_target (self->board_group, board);
  inq_stage_set_board (self->stage, board);
  inq_variations_set_board (self->variations, board);
  inq_inspector_set_board (self->inspector, board);
  inq_timeline_set_board (self->timeline, board);
  inq_search_set_board (self->search, board);
  gtk_search_bar_set_search_mode (self->search_bar, FALSE);
  inq_window_show_notice (self, NULL);
  self->panel_index = 0;

  if (board != NULL) {
    inq_window_start_jobs (self);
    inq_window_update_notice (self);
    InqPanel *panel = self->reopen_panel != 0 ? inq_board_find_panel (board, self->reopen_panel)
                                              : inq_recents_find_panel (board);
    self->reopen_panel = 0;
    inq_window_set_panel (self, panel != NULL ? panel : inq_board_get_panel (board, 0));
    inq_window_set_view (self, "stage");
  } else {
    g_clear_object (&self->file);
  }
  /* Nothing to draw with where nothing can be drawn. */
  gtk_widget_set_visible (GTK_WIDGET (self->tools), board == NULL || !inq_board_get_read_only (board));
  inq_window_update_hint (self);
  gtk_widget_set_sensitive (GTK_WIDGET (self->inspector), self->panel != NULL);
  gtk_stack_set_visible_child_name (self->middle, self->panel != NULL ? "panel" : "empty");
  gtk_stack_set_visible_child_name (self->pages, board != NULL ? "editor" : "start");
  /* Keys go through the widget with the focus: it must be one that shows. */
  if (board != NULL)
    inq_window_focus_board (self);
  else
    gtk_widget_grab_focus (GTK_WIDGET (self->start_page));
  inq_window_update_title (self);
  undo_changed_cb (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BOARD]);
}

void
inq_window_set_view (InqWindow *self, const char *view)
{
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->views), view) == 0)
    return;
  inq_stage_set_masking (self->stage, FALSE);
  gtk_stack_set_visible_child_name (self->views, view);
  inq_window_update_hint (self);
  inq_window_update_actions (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VIEW]);
}

const char *
inq_window_get_view (InqWindow *self)
{
  g_return_val_if_fail (INQ_IS_WINDOW (self), NULL);
  return gtk_stack_get_visible_child_name (self->views);
}

InqBoard *
inq_window_get_board (InqWindow *self)
{
  g_return_val_if_fail (INQ_IS_WINDOW (self), NULL);
  return self->board;
}

InqPanel *
inq_window_get_panel (InqWindow *self)
{
  g_return_val_if_fail (INQ_IS_WINDOW (self), NULL);
  return self->panel;
}

InqJobs *
inq_window_get_jobs (InqWindow *self)
{
  g_return_val_if_fail (INQ_IS_WINDOW (self), NULL);
  return self->jobs;
}

/* ---- keys ---- */

static InqKeyScope
key_scope (GtkWidget *widget)
{
  InqWindow *self = INQ_WINDOW (widget);
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  if (self->board == NULL || (self->ahead && inq_board_get_saved_state (self->board) != INQ_SAVED_FAILED))
    return INQ_KEY_NONE;
  if (focus == NULL)
    return INQ_KEY_BOARD;
  if (GTK_IS_EDITABLE (focus) || GTK_IS_TEXT_VIEW (focus))
    return INQ_KEY_NONE;
  if (focus == GTK_WIDGET (self->stage) || gtk_widget_is_ancestor (focus, GTK_WIDGET (self->middle))
      || gtk_widget_is_ancestor (focus, GTK_WIDGET (self->timeline)) || focus == GTK_WIDGET (self->timeline))
    return INQ_KEY_BOARD;
  return INQ_KEY_LETTERS;
}

/* ---- widget ---- */

static void
save_size (InqWindow *self)
{
  GSettings *settings = inq_settings_get ();
  int width, height;
  gboolean maximized = gtk_window_is_maximized (GTK_WINDOW (self));

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  g_settings_set_boolean (settings, "window-maximized", maximized);
  if (!maximized && width > 0 && height > 0) {
    g_settings_set_int (settings, "window-width", width);
    g_settings_set_int (settings, "window-height", height);
  }
}

static gboolean
inq_window_close_request (GtkWindow *window)
{
  InqWindow *self = INQ_WINDOW (window);

  save_size (self);
  if (self->board != NULL && !self->closed) {
    self->closing = TRUE;
    inq_window_close_board (self, FALSE); /* or hurries a closing that is under way */
    return TRUE;
  }
  return GTK_WINDOW_CLASS (inq_window_parent_class)->close_request (window);
}

static void
inq_window_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InqWindow *self = INQ_WINDOW (object);
  switch (id) {
  case PROP_BOARD:
    g_value_set_object (value, self->board);
    break;
  case PROP_PANEL:
    g_value_set_object (value, self->panel);
    break;
  case PROP_VIEW:
    g_value_set_string (value, inq_window_get_view (self));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
inq_window_dispose (GObject *object)
{
  InqWindow *self = INQ_WINDOW (object);

  g_clear_handle_id (&self->place_id, g_source_remove);
  if (self->tick_id != 0)
    inq_window_play_stop (self);
  if (self->jobs != NULL)
    inq_jobs_shutdown (self->jobs);
  g_clear_object (&self->board_group);
  g_clear_object (&self->panel_group);
  g_clear_object (&self->jobs_group);
  g_clear_object (&self->jobs);
  g_clear_object (&self->panel);
  g_clear_object (&self->board);
  g_clear_object (&self->file);
  g_clear_object (&self->undo_toast);
  g_clear_weak_pointer (&self->ahead_focus);
  g_clear_pointer (&self->next_notice.text, g_free);
  g_clear_pointer (&self->model_info, inq_model_info_free);
  G_OBJECT_CLASS (inq_window_parent_class)->dispose (object);
}

static void
inq_window_finalize (GObject *object)
{
  g_string_free (INQ_WINDOW (object)->ahead_text, TRUE);
  G_OBJECT_CLASS (inq_window_parent_class)->finalize (object);
}

static void
inq_window_class_init (InqWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  int flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = inq_window_get_property;
  object_class->dispose = inq_window_dispose;
  object_class->finalize = inq_window_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = inq_window_close_request;
  properties[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, INQ_TYPE_BOARD, flags);
  properties[PROP_PANEL] = g_param_spec_object ("panel", NULL, NULL, INQ_TYPE_PANEL, flags);
  properties[PROP_VIEW] = g_param_spec_string ("view", NULL, NULL, "stage", flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (INQ_TYPE_START_PAGE);
  g_type_ensure (INQ_TYPE_QUEUE_BUTTON);
  g_type_ensure (INQ_TYPE_SEARCH);
  g_type_ensure (INQ_TYPE_TOOL_STRIP);
  g_type_ensure (INQ_TYPE_STAGE);
  g_type_ensure (INQ_TYPE_MASK_BAR);
  g_type_ensure (INQ_TYPE_VARIATIONS);
  g_type_ensure (INQ_TYPE_INSPECTOR);
  g_type_ensure (INQ_TYPE_TIMELINE);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/inquadra/Inquadra/ui/inq-window.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, InqWindow, child)
  BIND (toasts);
  BIND (pages);
  BIND (start_page);
  BIND (header);
  BIND (title);
  BIND (new_button);
  BIND (undo_button);
  BIND (redo_button);
  BIND (queue);
  BIND (notice_revealer);
  BIND (notice);
  BIND (notice_button);
  BIND (search_bar);
  BIND (search);
  BIND (flap);
  BIND (middle);
  BIND (views);
  BIND (tools);
  BIND (stage);
  BIND (stage_hint);
  BIND (mask_bar);
  BIND (variations_stack);
  BIND (variations);
  BIND (view_bar);
  BIND (play_button);
  BIND (clock);
  BIND (variations_button);
  BIND (hint);
  BIND (inspector);
  BIND (timeline_revealer);
  BIND (timeline);
#undef BIND
}

static void
timeline_panel_cb (InqWindow *self)
{
  InqPanel *panel = inq_timeline_get_panel (self->timeline);
  if (panel == NULL || panel == self->panel)
    return;
  inq_window_play_stop (self);
  inq_window_set_panel (self, panel);
}

/* The two halves of a split button are nameless to a screen reader. */
static void
name_split_button (GtkWidget *split, const char *label, const char *menu)
{
  for (GtkWidget *child = gtk_widget_get_first_child (split); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_BUTTON (child) || GTK_IS_MENU_BUTTON (child))
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      GTK_IS_BUTTON (child) ? label : menu, -1);
}

static void
inq_window_init (InqWindow *self)
{
  GSettings *settings = inq_settings_get ();

  self->board_group = g_signal_group_new (INQ_TYPE_BOARD);
  g_signal_group_connect_swapped (self->board_group, "items-changed", G_CALLBACK (items_changed_cb), self);
  g_signal_group_connect_swapped (self->board_group, "undone", G_CALLBACK (undone_cb), self);
  g_signal_group_connect_swapped (self->board_group, "act-failed", G_CALLBACK (act_failed_cb), self);
  g_signal_group_connect_swapped (self->board_group, "notify::title", G_CALLBACK (inq_window_update_title), self);
  g_signal_group_connect_swapped (self->board_group, "notify::total-frames", G_CALLBACK (inq_window_update_title),
                                  self);
  g_signal_group_connect_swapped (self->board_group, "notify::settings-revision", G_CALLBACK (panel_changed_cb), self);
  g_signal_group_connect_swapped (self->board_group, "notify::undo-label", G_CALLBACK (undo_changed_cb), self);
  g_signal_group_connect_swapped (self->board_group, "notify::redo-label", G_CALLBACK (undo_changed_cb), self);
  g_signal_group_connect_swapped (self->board_group, "notify::can-undo", G_CALLBACK (undo_changed_cb), self);
  g_signal_group_connect_swapped (self->board_group, "notify::can-redo", G_CALLBACK (undo_changed_cb), self);
  self->panel_group = g_signal_group_new (INQ_TYPE_PANEL);
  g_signal_group_connect_swapped (self->panel_group, "notify", G_CALLBACK (panel_changed_cb), self);
  self->jobs_group = g_signal_group_new (INQ_TYPE_JOBS);

  gtk_widget_init_template (GTK_WIDGET (self));

  g_signal_connect_swapped (self->timeline, "notify::panel", G_CALLBACK (timeline_panel_cb), self);
  g_signal_connect_swapped (self->search, "found", G_CALLBACK (inq_window_set_panel), self);
  gtk_search_bar_connect_entry (self->search_bar, inq_search_get_entry (self->search));
  inq_tool_strip_set_stage (self->tools, self->stage);
  inq_mask_bar_set_stage (self->mask_bar, self->stage);
  name_split_button (self->new_button, _ ("New panel"), _ ("More about panels"));
  inq_window_actions_init (self);
  inq_window_panels_init (self);
  inq_window_clipboard_init (self);
  inq_window_ahead_init (self);
  inq_window_file_init (self);
  inq_window_notice_init (self);
  inq_window_generate_init (self);
  inq_window_draw_init (self);
  inq_window_picture_init (self);
  inq_window_play_init (self);
  g_signal_connect (self, "notify::focus-widget", G_CALLBACK (inq_window_update_actions), NULL);
  inq_shortcuts_add_board_keys (GTK_WIDGET (self), key_scope);

  gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (settings, "window-width"),
                               g_settings_get_int (settings, "window-height"));
  if (g_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  g_settings_bind (settings, "show-inspector", self->flap, "reveal-flap", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "show-timeline", self->timeline_revealer, "reveal-child", G_SETTINGS_BIND_DEFAULT);
  inq_window_update_hint (self);
  undo_changed_cb (self);
}

InqWindow *
inq_window_new (GtkApplication *application)
{
  g_return_val_if_fail (GTK_IS_APPLICATION (application), NULL);
  return g_object_new (INQ_TYPE_WINDOW, "application", application, NULL);
}
