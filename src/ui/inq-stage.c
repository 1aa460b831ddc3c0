/* Inquadra - the stage: one panel, large, and the ink drawn on it.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-stage-private.h"

#include <glib/gi18n.h>

/* Room around the frame, units. */
#define MARGIN 24

G_DEFINE_FINAL_TYPE (InqStageView, inq_stage, GTK_TYPE_WIDGET)

enum {
  PROP_0,
  PROP_BOARD,
  PROP_PANEL,
  PROP_TOOL,
  PROP_COLOR,
  PROP_WIDTH,
  PROP_INTERACTIVE,
  PROP_BACKDROP,
  PROP_ONION,
  PROP_MASKING,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

InqPanel *
inq_stage_get_neighbour (InqStageView *self, int by)
{
  if (self->panel == NULL || self->board == NULL)
    return NULL;
  int index = (int) inq_panel_get_index (self->panel) + by;
  if (index < 0 || index >= (int) inq_board_get_n_panels (self->board))
    return NULL;
  return inq_board_get_panel (self->board, index);
}

gboolean
inq_stage_get_frame (InqStageView *self, graphene_rect_t *frame)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int scale = gtk_widget_get_scale_factor (widget), w, h;
  int width = gtk_widget_get_width (widget) * scale, height = gtk_widget_get_height (widget) * scale;
  int margin = self->backdrop ? MIN (MARGIN * scale, MIN (width, height) / 16) : 0;

  if (self->panel == NULL || self->board == NULL || width - 2 * margin < 16 || height - 2 * margin < 16)
    return FALSE;
  inq_fit (inq_board_get_frame_aspect (self->board), width - 2 * margin, height - 2 * margin, &w, &h);
  *frame = GRAPHENE_RECT_INIT ((float) ((width - w) / 2) / scale, (float) ((height - h) / 2) / scale, (float) w / scale,
                               (float) h / scale);
  return TRUE;
}

static void
inq_stage_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                   int *minimum_baseline, int *natural_baseline)
{
  gboolean across = orientation == GTK_ORIENTATION_HORIZONTAL;
  *minimum = across ? 160 : 90;
  *natural = across ? 960 : 540;
}

static void
inq_stage_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  InqStageView *self = INQ_STAGE (widget);
  /* A line begun at another size would not fit the new one; being laid out anew alone ends none. */
  if (width != self->width_before || height != self->height_before)
    inq_stage_pen_up (self, TRUE);
  self->width_before = width;
  self->height_before = height;
  inq_stage_text_allocate (self);
}

/* ---- what it shows ---- */

static void
update_label (InqStageView *self)
{
  if (self->panel == NULL)
    return;
  const InqPanelRow *row = inq_panel_get_row (self->panel);
  const char *prompt = inq_panel_get_text (self->panel, INQ_FIELD_PROMPT);
  g_autofree char *name = g_strdup_printf (_ ("Panel %s"), row->number);
  g_autofree char *short_prompt = g_utf8_substring (prompt, 0, MIN (200, g_utf8_strlen (prompt, -1)));
  g_autofree char *label = g_strconcat (name, *short_prompt != '\0' ? ": " : "", short_prompt, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
panel_changed_cb (InqStageView *self)
{
  update_label (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
update_neighbours (InqStageView *self)
{
  if (self->onion && self->ink_before == NULL) {
    self->ink_before = inq_ink_new ();
    self->ink_after = inq_ink_new ();
    g_signal_connect_object (self->ink_before, "changed", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
    g_signal_connect_object (self->ink_after, "changed", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  }
  if (self->ink_before != NULL) {
    InqPanel *before = self->onion ? inq_stage_get_neighbour (self, -1) : NULL,
             *after = self->onion ? inq_stage_get_neighbour (self, 1) : NULL;
    inq_ink_set_panel (self->ink_before, before != NULL ? self->board : NULL, before);
    inq_ink_set_panel (self->ink_after, after != NULL ? self->board : NULL, after);
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
settings_changed_cb (InqStageView *self)
{
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
image_loaded_cb (InqStageView *self, gint64 image)
{
  if (self->panel == NULL)
    return;
  InqPanel *before = inq_stage_get_neighbour (self, -1), *after = inq_stage_get_neighbour (self, 1);
  if (image == inq_panel_get_cover_image (self->panel)
      || (self->onion
          && ((before != NULL && image == inq_panel_get_cover_image (before))
              || (after != NULL && image == inq_panel_get_cover_image (after)))))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
inq_stage_set_board (InqStageView *self, InqBoard *board)
{
  g_return_if_fail (INQ_IS_STAGE (self));

  if (self->board == board)
    return;
  inq_stage_set_panel (self, NULL);
  g_set_object (&self->board, board);
  InqTextures *textures = board != NULL ? inq_textures_get (board) : NULL;
  g_set_object (&self->textures, textures);
  g_signal_group_set_target (self->board_signals, board);
  g_signal_group_set_target (self->texture_signals, self->textures);
  inq_shown_clear (&self->shown);
  inq_stage_input_update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BOARD]);
}

void
inq_stage_set_panel (InqStageView *self, InqPanel *panel)
{
  g_return_if_fail (INQ_IS_STAGE (self));

  if (self->panel == panel)
    return;
  /* What was begun on the last panel is kept there. */
  inq_stage_text_end (self);
  inq_stage_pen_up (self, TRUE);
  inq_stage_set_masking (self, FALSE);
  g_set_object (&self->panel, panel);
  g_signal_group_set_target (self->panel_signals, panel);
  inq_ink_set_panel (self->ink, panel != NULL ? self->board : NULL, panel);
  update_neighbours (self);
  panel_changed_cb (self);
  inq_stage_input_update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PANEL]);
}

InqPanel *
inq_stage_get_panel (InqStageView *self)
{
  g_return_val_if_fail (INQ_IS_STAGE (self), NULL);

  return self->panel;
}

void
inq_stage_set_tool (InqStageView *self, InqStageTool tool)
{
  g_return_if_fail (INQ_IS_STAGE (self));

  inq_stage_set_masking (self, FALSE);
  if (self->tool == (int) tool)
    return;
  inq_stage_text_end (self);
  inq_stage_pen_up (self, TRUE);
  self->tool = tool;
  inq_stage_input_update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOOL]);
}

InqStageTool
inq_stage_get_tool (InqStageView *self)
{
  g_return_val_if_fail (INQ_IS_STAGE (self), INQ_STAGE_TOOL_NONE);

  return self->tool;
}

void
inq_stage_set_color (InqStageView *self, const GdkRGBA *color)
{
  g_return_if_fail (INQ_IS_STAGE (self) && color != NULL);

  self->color = *color;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COLOR]);
}

void
inq_stage_set_width (InqStageView *self, double width)
{
  g_return_if_fail (INQ_IS_STAGE (self));

  self->width = CLAMP (width, 0.25, 8);
  inq_stage_input_update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WIDTH]);
}

void
inq_stage_set_interactive (InqStageView *self, gboolean interactive)
{
  g_return_if_fail (INQ_IS_STAGE (self));

  if (self->interactive == interactive)
    return;
  inq_stage_text_end (self);
  inq_stage_pen_up (self, TRUE);
  self->interactive = interactive;
  inq_stage_input_update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_INTERACTIVE]);
}

void
inq_stage_set_backdrop (InqStageView *self, gboolean backdrop)
{
  g_return_if_fail (INQ_IS_STAGE (self));

  if (self->backdrop == backdrop)
    return;
  self->backdrop = backdrop;
  gtk_widget_queue_resize (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BACKDROP]);
}

void
inq_stage_set_onion (InqStageView *self, gboolean onion)
{
  g_return_if_fail (INQ_IS_STAGE (self));

  if (self->onion == onion)
    return;
  self->onion = onion;
  update_neighbours (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ONION]);
}

gboolean
inq_stage_get_onion (InqStageView *self)
{
  g_return_val_if_fail (INQ_IS_STAGE (self), FALSE);

  return self->onion;
}

void
inq_stage_clear (InqStageView *self)
{
  g_return_if_fail (INQ_IS_STAGE (self));

  inq_stage_cancel (self);
  if (inq_stage_can_draw (self) && inq_panel_get_row (self->panel)->n_strokes > 0)
    inq_board_clear_strokes (self->board, inq_panel_get_id (self->panel), -1, NULL, NULL);
}

gboolean
inq_stage_cancel (InqStageView *self)
{
  g_return_val_if_fail (INQ_IS_STAGE (self), FALSE);

  if (self->live != NULL || self->erasing || self->mask_live) {
    inq_stage_pen_up (self, FALSE);
    gtk_gesture_set_state (self->drag, GTK_EVENT_SEQUENCE_DENIED);
    return TRUE;
  }
  if (self->masking) {
    inq_stage_set_masking (self, FALSE);
    return TRUE;
  }
  return inq_stage_text_end (self);
}

static void
inq_stage_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InqStageView *self = INQ_STAGE (object);
  switch (id) {
  case PROP_BOARD:
    g_value_set_object (value, self->board);
    break;
  case PROP_PANEL:
    g_value_set_object (value, self->panel);
    break;
  case PROP_TOOL:
    g_value_set_int (value, self->tool);
    break;
  case PROP_COLOR:
    g_value_set_boxed (value, &self->color);
    break;
  case PROP_WIDTH:
    g_value_set_double (value, self->width);
    break;
  case PROP_INTERACTIVE:
    g_value_set_boolean (value, self->interactive);
    break;
  case PROP_ONION:
    g_value_set_boolean (value, self->onion);
    break;
  case PROP_MASKING:
    g_value_set_boolean (value, self->masking);
    break;
  default:
    g_value_set_boolean (value, self->backdrop);
  }
}

static void
inq_stage_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  InqStageView *self = INQ_STAGE (object);
  switch (id) {
  case PROP_BOARD:
    inq_stage_set_board (self, g_value_get_object (value));
    break;
  case PROP_PANEL:
    inq_stage_set_panel (self, g_value_get_object (value));
    break;
  case PROP_TOOL:
    inq_stage_set_tool (self, g_value_get_int (value));
    break;
  case PROP_COLOR:
    inq_stage_set_color (self, g_value_get_boxed (value));
    break;
  case PROP_WIDTH:
    inq_stage_set_width (self, g_value_get_double (value));
    break;
  case PROP_INTERACTIVE:
    inq_stage_set_interactive (self, g_value_get_boolean (value));
    break;
  case PROP_ONION:
    inq_stage_set_onion (self, g_value_get_boolean (value));
    break;
  default:
    inq_stage_set_backdrop (self, g_value_get_boolean (value));
  }
}

static void
inq_stage_dispose (GObject *object)
{
  InqStageView *self = INQ_STAGE (object);
  if (self->ink != NULL)
    inq_stage_set_board (self, NULL);
  g_clear_handle_id (&self->settle_id, g_source_remove);
  g_clear_object (&self->panel_signals);
  g_clear_object (&self->board_signals);
  g_clear_object (&self->texture_signals);
  g_clear_object (&self->textures);
  inq_shown_clear (&self->shown);
  g_clear_object (&self->ink);
  g_clear_object (&self->ink_before);
  g_clear_object (&self->ink_after);
  g_clear_object (&self->veil);
  g_clear_pointer (&self->mask_surface, cairo_surface_destroy);
  g_clear_pointer (&self->mask_strokes, g_ptr_array_unref);
  g_clear_pointer (&self->mask_undone, g_ptr_array_unref);
  G_OBJECT_CLASS (inq_stage_parent_class)->dispose (object);
}

static void
inq_stage_class_init (InqStageViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  int flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = inq_stage_get_property;
  object_class->set_property = inq_stage_set_property;
  object_class->dispose = inq_stage_dispose;
  widget_class->snapshot = inq_stage_snapshot;
  widget_class->measure = inq_stage_measure;
  widget_class->size_allocate = inq_stage_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "inqstage");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  properties[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, INQ_TYPE_BOARD, flags);
  properties[PROP_PANEL] = g_param_spec_object ("panel", NULL, NULL, INQ_TYPE_PANEL, flags);
  properties[PROP_TOOL] = g_param_spec_int ("tool", NULL, NULL, 0, INQ_STAGE_TOOL_ERASER, 0, flags);
  properties[PROP_COLOR] = g_param_spec_boxed ("color", NULL, NULL, GDK_TYPE_RGBA, flags);
  properties[PROP_WIDTH] = g_param_spec_double ("width", NULL, NULL, 0.25, 8, 1, flags);
  properties[PROP_INTERACTIVE] = g_param_spec_boolean ("interactive", NULL, NULL, TRUE, flags);
  properties[PROP_BACKDROP] = g_param_spec_boolean ("backdrop", NULL, NULL, TRUE, flags);
  properties[PROP_MASKING] = g_param_spec_boolean ("masking", NULL, NULL, FALSE,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_signal_new ("mask-changed", INQ_TYPE_STAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("pen-lifted", INQ_TYPE_STAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  properties[PROP_ONION] = g_param_spec_boolean ("onion", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
inq_stage_init (InqStageView *self)
{
  self->width = 1;
  self->color = (GdkRGBA){ 0.1f, 0.1f, 0.1f, 1 };
  self->interactive = self->backdrop = TRUE;
  self->ink = inq_ink_new ();
  g_signal_connect_object (self->ink, "changed", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  self->panel_signals = g_signal_group_new (INQ_TYPE_PANEL);
  g_signal_group_connect_swapped (self->panel_signals, "notify", G_CALLBACK (panel_changed_cb), self);
  self->board_signals = g_signal_group_new (INQ_TYPE_BOARD);
  g_signal_group_connect_swapped (self->board_signals, "notify::frame-aspect", G_CALLBACK (settings_changed_cb), self);
  g_signal_group_connect_swapped (self->board_signals, "items-changed", G_CALLBACK (update_neighbours), self);
  self->texture_signals = g_signal_group_new (INQ_TYPE_TEXTURES);
  g_signal_group_connect_swapped (self->texture_signals, "loaded", G_CALLBACK (image_loaded_cb), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Stage"), -1);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  inq_stage_mask_init (self);
  inq_stage_input_init (self);
}

GtkWidget *
inq_stage_new (void)
{
  return g_object_new (INQ_TYPE_STAGE, NULL);
}
