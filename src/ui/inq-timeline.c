/* Inquadra - the timeline: every panel as a thumbnail in time, with number, duration and state.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-timeline.h"

struct _InqTimeline {
  GtkWidget parent_instance;
  InqBoard *board;
  InqPanel *panel;
  gint64 playhead;
};

G_DEFINE_FINAL_TYPE (InqTimeline, inq_timeline, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_BOARD, PROP_PANEL, PROP_PLAYHEAD, N_PROPS };
static GParamSpec *properties[N_PROPS];

void
inq_timeline_set_board (InqTimeline *self, InqBoard *board)
{
  if (g_set_object (&self->board, board))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BOARD]);
}

InqBoard *
inq_timeline_get_board (InqTimeline *self)
{
  return self->board;
}

void
inq_timeline_set_panel (InqTimeline *self, InqPanel *panel)
{
  if (g_set_object (&self->panel, panel))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PANEL]);
}

InqPanel *
inq_timeline_get_panel (InqTimeline *self)
{
  return self->panel;
}

void
inq_timeline_set_playhead (InqTimeline *self, gint64 frame)
{
  self->playhead = frame;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PLAYHEAD]);
}

static void
inq_timeline_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InqTimeline *self = INQ_TIMELINE (object);
  if (id == PROP_BOARD)
    g_value_set_object (value, self->board);
  else if (id == PROP_PANEL)
    g_value_set_object (value, self->panel);
  else
    g_value_set_int64 (value, self->playhead);
}

static void
inq_timeline_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  InqTimeline *self = INQ_TIMELINE (object);
  if (id == PROP_BOARD)
    inq_timeline_set_board (self, g_value_get_object (value));
  else if (id == PROP_PANEL)
    inq_timeline_set_panel (self, g_value_get_object (value));
  else
    inq_timeline_set_playhead (self, g_value_get_int64 (value));
}

static void
inq_timeline_dispose (GObject *object)
{
  InqTimeline *self = INQ_TIMELINE (object);
  g_clear_object (&self->board);
  g_clear_object (&self->panel);
  G_OBJECT_CLASS (inq_timeline_parent_class)->dispose (object);
}

static void
inq_timeline_class_init (InqTimelineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  int flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = inq_timeline_get_property;
  object_class->set_property = inq_timeline_set_property;
  object_class->dispose = inq_timeline_dispose;
  properties[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, INQ_TYPE_BOARD, flags);
  properties[PROP_PANEL] = g_param_spec_object ("panel", NULL, NULL, INQ_TYPE_PANEL, flags);
  properties[PROP_PLAYHEAD] = g_param_spec_int64 ("playhead", NULL, NULL, -1, G_MAXINT64, -1, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  g_signal_new ("panel-activated", INQ_TYPE_TIMELINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                INQ_TYPE_PANEL);
  g_signal_new ("seek", INQ_TYPE_TIMELINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT64);
}

static void
inq_timeline_init (InqTimeline *self)
{
  self->playhead = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_size_request (GTK_WIDGET (self), -1, 132);
}

GtkWidget *
inq_timeline_new (void)
{
  return g_object_new (INQ_TYPE_TIMELINE, NULL);
}
