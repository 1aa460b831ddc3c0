/* Inquadra - the variations of a panel, large, beside what is being generated now.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-variations.h"

struct _InqVariations {
  GtkWidget parent_instance;
  InqBoard *board;
  InqPanel *panel;
  InqJobs *jobs;
};

G_DEFINE_FINAL_TYPE (InqVariations, inq_variations, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_BOARD, PROP_PANEL, PROP_JOBS, PROP_CURRENT, PROP_EMPTY, PROP_SHOW_REJECTED, N_PROPS };
static GParamSpec *properties[N_PROPS];

void
inq_variations_set_board (InqVariations *self, InqBoard *board)
{
  if (g_set_object (&self->board, board))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BOARD]);
}

void
inq_variations_set_panel (InqVariations *self, InqPanel *panel)
{
  if (g_set_object (&self->panel, panel))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PANEL]);
}

void
inq_variations_set_jobs (InqVariations *self, InqJobs *jobs)
{
  if (g_set_object (&self->jobs, jobs))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOBS]);
}

InqVariation *
inq_variations_get_current (InqVariations *self)
{
  return NULL;
}

InqVariation *
inq_variations_get_nth (InqVariations *self, guint n)
{
  return NULL;
}

gboolean
inq_variations_get_empty (InqVariations *self)
{
  return TRUE;
}

static void
inq_variations_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InqVariations *self = INQ_VARIATIONS (object);
  switch (id) {
  case PROP_BOARD:
    g_value_set_object (value, self->board);
    break;
  case PROP_PANEL:
    g_value_set_object (value, self->panel);
    break;
  case PROP_JOBS:
    g_value_set_object (value, self->jobs);
    break;
  case PROP_CURRENT:
    g_value_set_object (value, NULL);
    break;
  default:
    g_value_set_boolean (value, TRUE);
  }
}

static void
inq_variations_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  InqVariations *self = INQ_VARIATIONS (object);
  switch (id) {
  case PROP_BOARD:
    inq_variations_set_board (self, g_value_get_object (value));
    break;
  case PROP_PANEL:
    inq_variations_set_panel (self, g_value_get_object (value));
    break;
  default:
    inq_variations_set_jobs (self, g_value_get_object (value));
  }
}

static void
inq_variations_dispose (GObject *object)
{
  InqVariations *self = INQ_VARIATIONS (object);
  g_clear_object (&self->board);
  g_clear_object (&self->panel);
  g_clear_object (&self->jobs);
  G_OBJECT_CLASS (inq_variations_parent_class)->dispose (object);
}

static void
inq_variations_class_init (InqVariationsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  int flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = inq_variations_get_property;
  object_class->set_property = inq_variations_set_property;
  object_class->dispose = inq_variations_dispose;
  properties[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, INQ_TYPE_BOARD, flags);
  properties[PROP_PANEL] = g_param_spec_object ("panel", NULL, NULL, INQ_TYPE_PANEL, flags);
  properties[PROP_JOBS] = g_param_spec_object ("jobs", NULL, NULL, INQ_TYPE_JOBS, flags);
  properties[PROP_CURRENT] = g_param_spec_object ("current", NULL, NULL, INQ_TYPE_VARIATION, G_PARAM_READABLE);
  properties[PROP_EMPTY] = g_param_spec_boolean ("empty", NULL, NULL, TRUE, G_PARAM_READABLE);
  properties[PROP_SHOW_REJECTED] = g_param_spec_boolean ("show-rejected", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  g_signal_new ("command", INQ_TYPE_VARIATIONS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_INT,
                INQ_TYPE_VARIATION, G_TYPE_INT64);
}

static void
inq_variations_init (InqVariations *self)
{
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
}

GtkWidget *
inq_variations_new (void)
{
  return g_object_new (INQ_TYPE_VARIATIONS, NULL);
}
