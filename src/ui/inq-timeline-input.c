/* Inquadra - hands and keys on the timeline: moving, stretching and seeking.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-timeline-private.h"

#include <math.h>

#include "inq-draw.h"

/* Units from a cell's right end in which a drag changes its duration. */
#define EDGE_ZONE 7
/* Units of a drag per frame. */
#define STRETCH 3.0
/* Of the picture of a panel under the hand. */
#define DRAG_SIZE 0.6
/* Near an end something dragged scrolls. */
#define SCROLL_ZONE  48
#define SCROLL_SPEED 900

static InqPanel *
panel_at (InqTimelineStrip *self, int index)
{
  return index >= 0 && index < (int) self->panels->len ? self->panels->pdata[index] : NULL;
}

static gboolean
editable (InqTimelineStrip *self)
{
  return self->board != NULL && !inq_board_get_read_only (self->board);
}

/* ---- keys ---- */

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, InqTimelineStrip *self)
{
  gboolean shift = (state & GDK_SHIFT_MASK) != 0;
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  int at = self->current != NULL ? (int) inq_panel_get_index (self->current) : -1, last = (int) self->panels->len - 1;
  int to;

  if (self->panels->len == 0 || (state & (GDK_ALT_MASK | GDK_CONTROL_MASK)))
    return GDK_EVENT_PROPAGATE;
  switch (key) {
  case GDK_KEY_Left:
  case GDK_KEY_KP_Left:
    to = at + (rtl ? 1 : -1);
    break;
  case GDK_KEY_Right:
  case GDK_KEY_KP_Right:
    to = at + (rtl ? -1 : 1);
    break;
  case GDK_KEY_Home:
  case GDK_KEY_KP_Home:
    to = 0;
    break;
  case GDK_KEY_End:
  case GDK_KEY_KP_End:
    to = last;
    break;
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
    if (self->current != NULL)
      g_signal_emit_by_name (self->timeline, "panel-activated", self->current);
    return GDK_EVENT_STOP;
  case GDK_KEY_Menu:
    if (at >= 0)
      inq_timeline_show_menu (self->timeline, inq_timeline_strip_get_left (self, at) + self->cell_width / 2,
                              self->ruler_height + self->thumb_height / 2);
    return GDK_EVENT_STOP;
  default:
    return GDK_EVENT_PROPAGATE;
  }
  inq_timeline_strip_choose (self, CLAMP (to, 0, last), shift, FALSE);
  return GDK_EVENT_STOP;
}

/* ---- clicks ---- */

static void
pressed_cb (GtkGestureClick *click, int n, double x, double y, InqTimelineStrip *self)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (click));
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (click));
  int index = inq_timeline_strip_index_at (self, x, NULL);
  InqPanel *panel = panel_at (self, index);

  self->pressed = 0;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (panel == NULL || y < self->ruler_height)
    return;
  gboolean grouped = inq_timeline_strip_is_grouped (self, panel);
  if (button == GDK_BUTTON_SECONDARY) {
    if (!grouped)
      inq_timeline_strip_choose (self, index, FALSE, FALSE);
    inq_timeline_show_menu (self->timeline, x, y);
  } else if (button == GDK_BUTTON_PRIMARY && n == 2) {
    g_signal_emit_by_name (self->timeline, "panel-activated", panel);
  } else if (button == GDK_BUTTON_PRIMARY) {
    gboolean shift = (state & GDK_SHIFT_MASK) != 0, ctrl = (state & GDK_CONTROL_MASK) != 0;
    /* One of several may be the handle by which all are dragged; with Ctrl a drag copies. */
    if ((grouped || ctrl) && !shift) {
      self->pressed = inq_panel_get_id (panel);
      self->pressed_toggles = ctrl;
    } else {
      inq_timeline_strip_choose (self, index, shift, ctrl);
    }
  }
}

static void
released_cb (GtkGestureClick *click, int n, double x, double y, InqTimelineStrip *self)
{
  InqPanel *panel = self->pressed != 0 ? inq_board_find_panel (self->board, self->pressed) : NULL;
  self->pressed = 0;
  if (panel != NULL)
    inq_timeline_strip_choose (self, inq_panel_get_index (panel), FALSE, self->pressed_toggles);
}

static void
long_press_cb (GtkGestureLongPress *press, double x, double y, InqTimelineStrip *self)
{
  int index = inq_timeline_strip_index_at (self, x, NULL);
  InqPanel *panel = panel_at (self, index);
  if (panel == NULL || y < self->ruler_height)
    return;
  if (!inq_timeline_strip_is_grouped (self, panel))
    inq_timeline_strip_choose (self, index, FALSE, FALSE);
  inq_timeline_show_menu (self->timeline, x, y);
}

/* ---- stretching and seeking ---- */

static int
edge_at (InqTimelineStrip *self, double x, double y)
{
  double into;
  int index = inq_timeline_strip_index_at (self, x, &into);
  if (index < 0 || y < self->ruler_height || (1 - into) * self->cell_width > EDGE_ZONE || !editable (self))
    return -1;
  return index;
}

static void
drag_begin_cb (GtkGestureDrag *drag, double x, double y, InqTimelineStrip *self)
{
  int edge = edge_at (self, x, y);

  if (y < self->ruler_height && self->panels->len > 0) {
    self->seeking = TRUE;
    g_signal_emit_by_name (self->timeline, "seek", inq_timeline_strip_frame_at (self, x));
  } else if (edge >= 0) {
    g_set_object (&self->stretched, INQ_PANEL (self->panels->pdata[edge]));
    self->stretched_from = inq_panel_get_duration (self->stretched);
    self->stretch_session = inq_board_new_session (self->board);
    /* One of several: all become as long as this one. */
    if (!inq_timeline_strip_is_grouped (self, self->stretched))
      inq_timeline_strip_choose (self, edge, FALSE, FALSE);
  } else {
    gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_DENIED);
    return;
  }
  gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
drag_update_cb (GtkGestureDrag *drag, double dx, double dy, InqTimelineStrip *self)
{
  double x, y;
  gtk_gesture_drag_get_start_point (drag, &x, &y);
  if (self->seeking) {
    g_signal_emit_by_name (self->timeline, "seek", inq_timeline_strip_frame_at (self, x + dx));
  } else if (self->stretched != NULL) {
    GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (drag));
    int frames = self->stretched_from + (int) round (dx / STRETCH);
    /* Half seconds, unless Shift asks for single frames. */
    int step = MAX (1, inq_rate_timebase (inq_board_get_rate (self->board)) / 4);
    if (!(state & GDK_SHIFT_MASK))
      frames = (int) round ((double) frames / step) * step;
    frames = MAX (1, frames);
    g_autoptr (GArray) ids = inq_timeline_strip_get_group (self, self->stretched);
    if (frames != inq_panel_get_duration (self->stretched))
      inq_board_set_durations (self->board, (const gint64 *) ids->data, ids->len, frames, self->stretch_session);
  }
}

static void
drag_end_cb (GtkGestureDrag *drag, double dx, double dy, InqTimelineStrip *self)
{
  self->seeking = FALSE;
  g_clear_object (&self->stretched);
}

static void
motion_cb (GtkEventControllerMotion *motion, double x, double y, InqTimelineStrip *self)
{
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), edge_at (self, x, y) >= 0 ? "ew-resize" : NULL);
}

static gboolean
tooltip_cb (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, InqTimelineStrip *self)
{
  if (keyboard || self->board == NULL || self->panels->len == 0)
    return FALSE;
  int index = inq_timeline_strip_index_at (self, x, NULL);
  char code[INQ_TIMECODE_LENGTH];
  if (y < self->ruler_height) {
    inq_timecode_format (inq_timeline_strip_frame_at (self, x), inq_board_get_rate (self->board), code);
    gtk_tooltip_set_text (tooltip, code);
    gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle){ x - 2, 0, 4, self->ruler_height });
    return TRUE;
  }
  InqPanel *panel = panel_at (self, index);
  if (panel == NULL)
    return FALSE;
  const char *prompt = inq_panel_get_text (panel, INQ_FIELD_PROMPT);
  g_autofree char *words = g_utf8_substring (prompt, 0, MIN (200, g_utf8_strlen (prompt, -1)));
  inq_timecode_format (inq_panel_get_start_frame (panel), inq_board_get_rate (self->board), code);
  g_autofree char *name = inq_timeline_cell_describe (self->board, panel);
  g_autofree char *text = g_strconcat (name, "\n", code, *words != '\0' ? "\n" : NULL, words, NULL);
  gtk_tooltip_set_text (tooltip, text);
  int left = inq_timeline_strip_get_left (self, index);
  gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle){ left, self->ruler_height, self->cell_width, self->cell_height });
  return TRUE;
}

/* ---- dragging panels ---- */

static GdkContentProvider *
prepare_cb (GtkDragSource *source, double x, double y, InqTimelineStrip *self)
{
  int index = inq_timeline_strip_index_at (self, x, NULL);
  InqPanel *panel = panel_at (self, index);
  if (panel == NULL || y < self->ruler_height || edge_at (self, x, y) >= 0 || !editable (self))
    return NULL;
  self->pressed = 0;

  /* Small and clear, below the hand: one must see between which two it will fall. Several say how many they are. */
  GtkWidget *cell = self->cells->pdata[index % self->cells->len];
  g_autoptr (GdkPaintable) whole = gtk_widget_paintable_new (cell);
  double width = self->cell_width * DRAG_SIZE, height = self->cell_height * DRAG_SIZE;
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  gtk_snapshot_push_opacity (snapshot, 0.8);
  gdk_paintable_snapshot (whole, snapshot, width, height);
  gtk_snapshot_pop (snapshot);
  g_autoptr (GArray) ids = inq_timeline_strip_get_group (self, panel);
  if (ids->len > 1) {
    GdkRGBA accent = inq_color (cell, INQ_COLOR_ACCENT), on_accent = inq_color (cell, INQ_COLOR_ON_ACCENT);
    g_autofree char *text = g_strdup_printf ("%u", ids->len);
    g_autoptr (PangoLayout) layout = inq_text_layout (cell, text, 1, PANGO_WEIGHT_BOLD);
    inq_draw_pill (snapshot, layout, width - 4, 4, &accent, &on_accent);
  }
  g_autoptr (GdkPaintable) icon = gtk_snapshot_free_to_paintable (snapshot, &GRAPHENE_SIZE_INIT (width, height));
  gtk_drag_source_set_icon (source, icon, width / 2, -6);
  return gdk_content_provider_new_typed (INQ_TYPE_PANEL, panel);
}

/* Finds the place under @x and an anchor beside it that is not itself on the move. */
void
inq_timeline_strip_aim (InqTimelineStrip *self, double x, InqPanel *dragged, gboolean copy)
{
  g_autoptr (GArray) ids = inq_timeline_strip_get_group (self, dragged);
  g_autoptr (GHashTable) moving = g_hash_table_new (g_int64_hash, g_int64_equal);
  int n = self->panels->len, drop = n, before, after;

  for (guint i = 0; i < ids->len && !copy; i++)
    g_hash_table_add (moving, &g_array_index (ids, gint64, i));
  for (int i = 0; i < n; i++)
    if (x < inq_timeline_strip_get_left (self, i) + self->cell_width / 2.0) {
      drop = i;
      break;
    }
  gboolean near_left = drop > 0 && x < inq_timeline_strip_get_left (self, drop - 1) + self->cell_width;
  for (before = drop - 1; before >= 0; before--) {
    gint64 id = inq_panel_get_id (self->panels->pdata[before]);
    if (!g_hash_table_contains (moving, &id))
      break;
  }
  for (after = drop; after < n; after++) {
    gint64 id = inq_panel_get_id (self->panels->pdata[after]);
    if (!g_hash_table_contains (moving, &id))
      break;
  }
  gboolean use_before = before >= 0 && (near_left || after >= n || before == drop - 1);
  if (!near_left && after == drop && after < n)
    use_before = FALSE;
  if (before < 0 && after >= n) {
    self->drop = -1;
  } else {
    self->drop = drop;
    self->drop_copy = copy;
    self->drop_place = use_before ? INQ_PLACE_AFTER : INQ_PLACE_BEFORE;
    self->drop_anchor = inq_panel_get_id (self->panels->pdata[use_before ? before : after]);
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqTimelineStrip) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) made = inq_board_panels_finish (INQ_BOARD (source), result, &error);

  if (made == NULL)
    g_signal_emit_by_name (source, "act-failed", error);
  else if (self->board == INQ_BOARD (source))
    g_signal_emit_by_name (self->timeline, "copied", made);
}

void
inq_timeline_strip_drop (InqTimelineStrip *self, InqPanel *panel)
{
  if (self->drop < 0 || !editable (self))
    return;
  g_autoptr (GArray) ids = inq_timeline_strip_get_group (self, panel);
  self->drop = -1;
  if (self->drop_copy)
    inq_board_copy_panels (self->board, (const gint64 *) ids->data, ids->len, self->drop_anchor, self->drop_place,
                           copied_cb, g_object_ref (self));
  else
    inq_board_move_panels (self->board, (const gint64 *) ids->data, ids->len, self->drop_anchor, self->drop_place, NULL,
                           NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
drag_scroll_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  InqTimelineStrip *self = INQ_TIMELINE_STRIP (widget);
  if (self->drag_scroll == 0 || self->adjustment[0] == NULL) {
    self->scroll_tick = 0;
    return G_SOURCE_REMOVE;
  }
  GdkFrameTimings *timings = gdk_frame_clock_get_current_timings (clock);
  double interval = timings != NULL ? gdk_frame_timings_get_refresh_interval (timings) / 1e6 : 0;
  if (interval <= 0)
    interval = 1 / 60.0;
  gtk_adjustment_set_value (self->adjustment[0],
                            gtk_adjustment_get_value (self->adjustment[0]) + self->drag_scroll * interval);
  return G_SOURCE_CONTINUE;
}

static InqPanel *
dragged_panel (InqTimelineStrip *self, GtkDropTarget *target)
{
  const GValue *value = gtk_drop_target_get_value (target);
  InqPanel *panel = value != NULL ? g_value_get_object (value) : NULL;
  /* Of this board, not of another window's. */
  if (panel == NULL || self->board == NULL || inq_board_find_panel (self->board, inq_panel_get_id (panel)) != panel)
    return NULL;
  return panel;
}

/* The hand says with Ctrl that it wants a copy: then moving is not among what the source offers. */
static gboolean
wants_copy (GtkDropTarget *target)
{
  GdkDrop *drop = gtk_drop_target_get_current_drop (target);

  return drop != NULL && (gdk_drop_get_actions (drop) & GDK_ACTION_MOVE) == 0;
}

static GdkDragAction
drop_motion_cb (GtkDropTarget *target, double x, double y, InqTimelineStrip *self)
{
  InqPanel *panel = dragged_panel (self, target);
  double width = gtk_widget_get_width (GTK_WIDGET (self));

  if (panel == NULL || !editable (self))
    return 0;
  gboolean copy = wants_copy (target);
  inq_timeline_strip_aim (self, x, panel, copy);
  self->drag_scroll = x < SCROLL_ZONE           ? -SCROLL_SPEED * (1 - x / SCROLL_ZONE)
                      : x > width - SCROLL_ZONE ? SCROLL_SPEED * (1 - (width - x) / SCROLL_ZONE)
                                                : 0;
  if (self->drag_scroll != 0 && self->scroll_tick == 0)
    self->scroll_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), drag_scroll_cb, NULL, NULL);
  return copy ? GDK_ACTION_COPY : GDK_ACTION_MOVE;
}

static void
drop_leave_cb (GtkDropTarget *target, InqTimelineStrip *self)
{
  self->drag_scroll = 0;
  self->drop = -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, InqTimelineStrip *self)
{
  InqPanel *panel = dragged_panel (self, target);
  self->drag_scroll = 0;
  if (panel == NULL)
    return FALSE;
  inq_timeline_strip_aim (self, x, panel, wants_copy (target));
  inq_timeline_strip_drop (self, panel);
  return TRUE;
}

static void
focus_cb (InqTimelineStrip *self)
{
  inq_timeline_strip_update_cells (self);
}

void
inq_timeline_input_init (InqTimelineStrip *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (widget, keys);

  GtkGesture *click = gtk_gesture_click_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));

  GtkGesture *press = gtk_gesture_long_press_new ();
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (press), TRUE);
  g_signal_connect (press, "pressed", G_CALLBACK (long_press_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (press));

  GtkGesture *drag = gtk_gesture_drag_new ();
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (drag), GTK_PHASE_CAPTURE);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));

  GtkEventController *motion = gtk_event_controller_motion_new ();
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  gtk_widget_add_controller (widget, motion);

  GtkDragSource *source = gtk_drag_source_new ();
  gtk_drag_source_set_actions (source, GDK_ACTION_MOVE | GDK_ACTION_COPY);
  g_signal_connect (source, "prepare", G_CALLBACK (prepare_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (source));

  GtkDropTarget *target = gtk_drop_target_new (INQ_TYPE_PANEL, GDK_ACTION_MOVE | GDK_ACTION_COPY);
  gtk_drop_target_set_preload (target, TRUE);
  g_signal_connect (target, "enter", G_CALLBACK (drop_motion_cb), self);
  g_signal_connect (target, "motion", G_CALLBACK (drop_motion_cb), self);
  g_signal_connect (target, "leave", G_CALLBACK (drop_leave_cb), self);
  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));

  gtk_widget_set_has_tooltip (widget, TRUE);
  g_signal_connect (widget, "query-tooltip", G_CALLBACK (tooltip_cb), self);
  g_signal_connect_swapped (widget, "state-flags-changed", G_CALLBACK (focus_cb), self);
}
