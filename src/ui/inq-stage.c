/* Inquadra - the stage: one panel, large, and the ink drawn on it.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-stage.h"

struct _InqStageView {
  GtkWidget parent_instance;
  InqBoard *board;
  InqPanel *panel;
  GdkRGBA color;
  double width;
  int tool;
  gboolean interactive;
  gboolean backdrop;
};

G_DEFINE_FINAL_TYPE (InqStageView, inq_stage, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_BOARD, PROP_PANEL, PROP_TOOL, PROP_COLOR, PROP_WIDTH, PROP_INTERACTIVE, PROP_BACKDROP, N_PROPS };
static GParamSpec *properties[N_PROPS];

void
inq_stage_set_board (InqStageView *self, InqBoard *board)
{
  if (g_set_object (&self->board, board))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BOARD]);
}

void
inq_stage_set_panel (InqStageView *self, InqPanel *panel)
{
  if (g_set_object (&self->panel, panel))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PANEL]);
}

InqPanel *
inq_stage_get_panel (InqStageView *self)
{
  return self->panel;
}

void
inq_stage_set_tool (InqStageView *self, InqStageTool tool)
{
  self->tool = tool;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOOL]);
}

InqStageTool
inq_stage_get_tool (InqStageView *self)
{
  return self->tool;
}

void
inq_stage_set_color (InqStageView *self, const GdkRGBA *color)
{
  self->color = *color;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COLOR]);
}

void
inq_stage_set_width (InqStageView *self, double width)
{
  self->width = width;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WIDTH]);
}

void
inq_stage_set_interactive (InqStageView *self, gboolean interactive)
{
  self->interactive = interactive;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_INTERACTIVE]);
}

void
inq_stage_set_backdrop (InqStageView *self, gboolean backdrop)
{
  self->backdrop = backdrop;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BACKDROP]);
}

void
inq_stage_clear (InqStageView *self)
{
  if (self->board != NULL && self->panel != NULL)
    inq_board_clear_strokes (self->board, inq_panel_get_id (self->panel), -1, NULL, NULL);
}

gboolean
inq_stage_cancel (InqStageView *self)
{
  return FALSE;
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
  default:
    inq_stage_set_backdrop (self, g_value_get_boolean (value));
  }
}

static void
inq_stage_dispose (GObject *object)
{
  InqStageView *self = INQ_STAGE (object);
  g_clear_object (&self->board);
  g_clear_object (&self->panel);
  G_OBJECT_CLASS (inq_stage_parent_class)->dispose (object);
}

static void
inq_stage_class_init (InqStageViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  int flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = inq_stage_get_property;
  object_class->set_property = inq_stage_set_property;
  object_class->dispose = inq_stage_dispose;
  properties[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, INQ_TYPE_BOARD, flags);
  properties[PROP_PANEL] = g_param_spec_object ("panel", NULL, NULL, INQ_TYPE_PANEL, flags);
  properties[PROP_TOOL] = g_param_spec_int ("tool", NULL, NULL, 0, INQ_STAGE_TOOL_ERASER, 0, flags);
  properties[PROP_COLOR] = g_param_spec_boxed ("color", NULL, NULL, GDK_TYPE_RGBA, flags);
  properties[PROP_WIDTH] = g_param_spec_double ("width", NULL, NULL, 0.25, 8, 1, flags);
  properties[PROP_INTERACTIVE] = g_param_spec_boolean ("interactive", NULL, NULL, TRUE, flags);
  properties[PROP_BACKDROP] = g_param_spec_boolean ("backdrop", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
inq_stage_init (InqStageView *self)
{
  self->width = 1;
  self->color = (GdkRGBA){ 0.1f, 0.1f, 0.1f, 1 };
  self->interactive = self->backdrop = TRUE;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
}

GtkWidget *
inq_stage_new (void)
{
  return g_object_new (INQ_TYPE_STAGE, NULL);
}
