/* Inquadra - pen, touch and mouse on the stage.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One drag gesture serves every device: a pen's events carry pressure and the tip that touches, and each event brings
 * the positions the device saw since the last frame, so that a fast line stays round.
 */
#include "config.h"

#include "inq-stage-private.h"

#include <math.h>

/* Pressure of devices that have none: room to press harder and softer with another width. */
#define EVEN_PRESSURE 0.65

static const struct {
  float width;      /* share of the frame's width at full pressure; of its height for text */
  float opacity;    /* of one stroke */
  float floor;      /* pressure that the lightest touch counts as */
  double steadying; /* see inq_ink_live_new() */
} tools[] = {
  [INQ_STAGE_TOOL_PENCIL] = { 0.0024f, 0.82f, 0.45f, 0.35 },
  [INQ_STAGE_TOOL_PEN] = { 0.0052f, 1, 0, 0.4 },
  [INQ_STAGE_TOOL_BRUSH] = { 0.018f, 1, 0, 0.45 },
  [INQ_STAGE_TOOL_TONE] = { 0.05f, 0.3f, 0.8f, 0.4 },
  [INQ_STAGE_TOOL_ARROW] = { 0.0075f, 1, 1, 0.6 },
  [INQ_STAGE_TOOL_TEXT] = { 0.055f, 1, 1, 0 },
  [INQ_STAGE_TOOL_ERASER] = { 0.03f, 1, 1, 0 },
};

gboolean
inq_stage_can_draw (InqStageView *self)
{
  return self->interactive && self->panel != NULL && self->board != NULL && !inq_board_get_read_only (self->board);
}

double
inq_stage_tip_radius (InqStageView *self, const graphene_rect_t *frame)
{
  if (self->masking)
    return inq_stage_mask_radius (self, frame);
  if (self->tool == INQ_STAGE_TOOL_NONE || self->tool == INQ_STAGE_TOOL_TEXT)
    return 0;
  float width = tools[self->tool].width * self->width;
  if (self->tool == INQ_STAGE_TOOL_ERASER)
    return width * frame->size.width / 2;
  return inq_ink_radius (width, MAX (EVEN_PRESSURE, tools[self->tool].floor), frame->size.width);
}

static guint32
ink_colour (InqStageView *self, int tool)
{
  const GdkRGBA *c = &self->color;
  guint32 r = c->red * 255 + 0.5, g = c->green * 255 + 0.5, b = c->blue * 255 + 0.5;
  guint32 a = c->alpha * tools[tool].opacity * 255 + 0.5;
  return r << 24 | g << 16 | b << 8 | a;
}

/* ---- the pen ---- */

static void
to_frame (InqStageView *self, const graphene_rect_t *frame, double x, double y, double *u, double *v)
{
  *u = (x - frame->origin.x) / frame->size.width;
  *v = (y - frame->origin.y) / frame->size.height;
}

static void
erase_to (InqStageView *self, const graphene_rect_t *frame, double x, double y)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  double px = (x - frame->origin.x) * scale, py = (y - frame->origin.y) * scale;
  double radius = tools[INQ_STAGE_TOOL_ERASER].width * self->width * frame->size.width * scale / 2;
  inq_ink_erase (self->ink, self->last_x, self->last_y, px, py, radius);
  self->last_x = px;
  self->last_y = py;
}

gboolean
inq_stage_pen_down (InqStageView *self, double x, double y, double pressure, gboolean eraser_tip)
{
  graphene_rect_t frame;
  int tool = eraser_tip ? INQ_STAGE_TOOL_ERASER : self->tool;

  if (self->masking)
    return inq_stage_mask_down (self, x, y, eraser_tip);
  if (tool == INQ_STAGE_TOOL_NONE || !inq_stage_can_draw (self) || !inq_stage_get_frame (self, &frame))
    return FALSE;
  if (inq_stage_text_end (self))
    return FALSE; /* a click beside a note ends it, no more */
  inq_stage_pen_up (self, FALSE);
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  double u, v;
  to_frame (self, &frame, x, y, &u, &v);

  if (tool == INQ_STAGE_TOOL_TEXT) {
    if (u < 0 || v < 0 || u > 1 || v > 1)
      return FALSE;
    inq_stage_text_begin (self, x, y);
  } else if (tool == INQ_STAGE_TOOL_ERASER) {
    self->erasing = TRUE;
    self->last_x = (x - frame.origin.x) * scale;
    self->last_y = (y - frame.origin.y) * scale;
    erase_to (self, &frame, x, y);
  } else {
    InqStroke stroke = {
      .panel = inq_panel_get_id (self->panel),
      .tool = tool == INQ_STAGE_TOOL_ARROW ? INQ_TOOL_ARROW : INQ_TOOL_PEN,
      .colour = ink_colour (self, tool),
      .width = tools[tool].width * self->width,
    };
    self->live = inq_ink_live_new (&stroke, frame.size.width * scale + 0.5, frame.size.height * scale + 0.5,
                                   tools[tool].steadying);
    float least = tools[tool].floor;
    inq_ink_live_add (self->live, u, v, least + (1 - least) * pressure);
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return TRUE;
}

void
inq_stage_pen_move (InqStageView *self, double x, double y, double pressure, gboolean straight)
{
  graphene_rect_t frame;

  if (self->mask_live)
    inq_stage_mask_move (self, x, y);
  if ((self->live == NULL && !self->erasing) || !inq_stage_get_frame (self, &frame))
    return;
  if (self->erasing) {
    erase_to (self, &frame, x, y);
  } else {
    double u, v;
    float least = self->tool == INQ_STAGE_TOOL_NONE ? 0 : tools[self->tool].floor;
    to_frame (self, &frame, x, y, &u, &v);
    inq_ink_live_set_straight (self->live, straight);
    inq_ink_live_add (self->live, u, v, least + (1 - least) * pressure);
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
inq_stage_pen_up (InqStageView *self, gboolean keep)
{
  gboolean was_down = inq_stage_is_busy (self);

  inq_stage_mask_up (self, keep);
  if (self->erasing) {
    self->erasing = FALSE;
    inq_ink_erase_finish (self->ink, keep);
  }
  if (self->live != NULL) {
    g_autoptr (InqInkLive) live = g_steal_pointer (&self->live);
    InqStroke *stroke = keep ? inq_ink_live_finish (live) : NULL;
    /* An arrow needs a way to go; a pen makes a dot. */
    if (stroke != NULL && stroke->tool == INQ_TOOL_ARROW && stroke->n_points < 2)
      g_clear_pointer (&stroke, inq_stroke_free);
    if (stroke != NULL)
      inq_ink_add (self->ink, stroke, g_steal_pointer (&live));
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (was_down)
    g_signal_emit_by_name (self, "pen-lifted");
}

gboolean
inq_stage_is_busy (InqStageView *self)
{
  g_return_val_if_fail (INQ_IS_STAGE (self), FALSE);

  return self->live != NULL || self->erasing || self->mask_live;
}

/* ---- gestures ---- */

static double
event_pressure (GdkEvent *event)
{
  double pressure;
  if (event != NULL && gdk_event_get_device_tool (event) != NULL
      && gdk_event_get_axis (event, GDK_AXIS_PRESSURE, &pressure))
    return CLAMP (pressure, 0, 1);
  return EVEN_PRESSURE;
}

static GdkEvent *
last_event (GtkGestureDrag *drag)
{
  GdkEventSequence *sequence = gtk_gesture_single_get_current_sequence (GTK_GESTURE_SINGLE (drag));
  return gtk_gesture_get_last_event (GTK_GESTURE (drag), sequence);
}

static void
drag_begin_cb (GtkGestureDrag *drag, double x, double y, InqStageView *self)
{
  GdkEvent *event = last_event (drag);
  GdkDeviceTool *tool = event != NULL ? gdk_event_get_device_tool (event) : NULL;
  gboolean eraser = tool != NULL && gdk_device_tool_get_tool_type (tool) == GDK_DEVICE_TOOL_TYPE_ERASER;

  if (self->editor == NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self));
  self->hovering = TRUE;
  self->hover_x = x;
  self->hover_y = y;
  gboolean taken = inq_stage_pen_down (self, x, y, event_pressure (event), eraser);
  gtk_gesture_set_state (GTK_GESTURE (drag), taken ? GTK_EVENT_SEQUENCE_CLAIMED : GTK_EVENT_SEQUENCE_DENIED);
}

/* Positions the device reported between this event and the one before. */
static void
move_through_history (InqStageView *self, GdkEvent *event, double x, double y, gboolean straight)
{
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  guint n = 0;

  if (event == NULL || native == NULL || gdk_event_get_event_type (event) != GDK_MOTION_NOTIFY)
    return;
  g_autofree GdkTimeCoord *history = gdk_event_get_history (event, &n);
  double left, top, from_x = self->hover_x, from_y = self->hover_y;
  gtk_native_get_surface_transform (native, &left, &top);
  for (guint i = 0; i < n; i++) {
    const GdkTimeCoord *past = &history[i];
    double at_x, at_y;
    if ((past->flags & (GDK_AXIS_FLAG_X | GDK_AXIS_FLAG_Y)) != (GDK_AXIS_FLAG_X | GDK_AXIS_FLAG_Y)
        || !gtk_widget_translate_coordinates (GTK_WIDGET (native), GTK_WIDGET (self), past->axes[GDK_AXIS_X] - left,
                                              past->axes[GDK_AXIS_Y] - top, &at_x, &at_y))
      continue;
    /* Some drivers fill in raw axes of the tablet: what is nowhere near the way is none of it. */
    double way = hypot (x - from_x, y - from_y);
    if (hypot (at_x - x, at_y - y) > 2 * way + 16)
      continue;
    double pressure = past->flags & GDK_AXIS_FLAG_PRESSURE ? CLAMP (past->axes[GDK_AXIS_PRESSURE], 0, 1)
                                                           : event_pressure (event);
    inq_stage_pen_move (self, at_x, at_y, pressure, straight);
  }
}

static void
drag_update_cb (GtkGestureDrag *drag, double offset_x, double offset_y, InqStageView *self)
{
  GdkEvent *event = last_event (drag);
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (drag));
  gboolean straight = (state & GDK_SHIFT_MASK) != 0;
  double x, y;

  gtk_gesture_drag_get_start_point (drag, &x, &y);
  x += offset_x;
  y += offset_y;
  move_through_history (self, event, x, y, straight);
  self->hover_x = x;
  self->hover_y = y;
  inq_stage_pen_move (self, x, y, event_pressure (event), straight);
}

static void
drag_end_cb (GtkGestureDrag *drag, double offset_x, double offset_y, InqStageView *self)
{
  inq_stage_pen_up (self, TRUE);
}

static void
drag_cancel_cb (GtkGesture *drag, GdkEventSequence *sequence, InqStageView *self)
{
  inq_stage_pen_up (self, FALSE);
}

static void
motion_cb (GtkEventControllerMotion *motion, double x, double y, InqStageView *self)
{
  self->hovering = TRUE;
  self->hover_x = x;
  self->hover_y = y;
  if (inq_stage_can_draw (self) && (self->masking || self->tool != INQ_STAGE_TOOL_NONE) && self->live == NULL)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave_cb (GtkEventControllerMotion *motion, InqStageView *self)
{
  self->hovering = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
inq_stage_input_update (InqStageView *self)
{
  gboolean can = inq_stage_can_draw (self);
  const char *cursor = NULL;
  graphene_rect_t frame;

  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (self->drag),
                                              self->interactive ? GTK_PHASE_BUBBLE : GTK_PHASE_NONE);
  if (can && self->tool == INQ_STAGE_TOOL_TEXT && !self->masking)
    cursor = "text";
  else if (can && (self->masking || self->tool != INQ_STAGE_TOOL_NONE))
    cursor = inq_stage_get_frame (self, &frame) && inq_stage_tip_radius (self, &frame) >= 4 ? "none" : "crosshair";
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), cursor);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
inq_stage_input_init (InqStageView *self)
{
  self->drag = gtk_gesture_drag_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (self->drag), GDK_BUTTON_PRIMARY);
  g_signal_connect (self->drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (self->drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (self->drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (self->drag, "cancel", G_CALLBACK (drag_cancel_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (self->drag));

  GtkEventController *motion = gtk_event_controller_motion_new ();
  g_signal_connect (motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
}
