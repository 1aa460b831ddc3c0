/* Inquadra - a generation as the window sees it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-jobs-private.h"

#include <glib/gi18n-lib.h>

struct _InqJob {
  GObject parent_instance;

  gint64 id; /* 0 until the row is written */
  gint64 panel_id;
  InqJobParams *params;
  InqJobState state;
  InqStage stage;
  int index;
  int step;
  int n_steps;
  double progress;
  double seconds_left;
  char *error;
  GHashTable *previews; /* index -> InqPicture, owned */
};

enum {
  PROP_0,
  PROP_STATE,
  PROP_PROGRESS,
  PROP_STAGE,
  PROP_INDEX,
  PROP_STEP,
  PROP_N_STEPS,
  PROP_SECONDS_LEFT,
  PROP_ERROR,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (InqJob, inq_job, G_TYPE_OBJECT)

static void
inq_job_finalize (GObject *object)
{
  InqJob *self = INQ_JOB (object);

  inq_job_params_free (self->params);
  g_free (self->error);
  g_hash_table_unref (self->previews);
  G_OBJECT_CLASS (inq_job_parent_class)->finalize (object);
}

static void
inq_job_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InqJob *self = INQ_JOB (object);

  switch (id) {
  case PROP_STATE:
    g_value_set_int (value, self->state);
    break;
  case PROP_PROGRESS:
    g_value_set_double (value, self->progress);
    break;
  case PROP_STAGE:
    g_value_set_string (value, inq_job_get_stage (self));
    break;
  case PROP_INDEX:
    g_value_set_int (value, self->index);
    break;
  case PROP_STEP:
    g_value_set_int (value, self->step);
    break;
  case PROP_N_STEPS:
    g_value_set_int (value, self->n_steps);
    break;
  case PROP_SECONDS_LEFT:
    g_value_set_double (value, self->seconds_left);
    break;
  case PROP_ERROR:
    g_value_set_string (value, self->error);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
inq_job_class_init (InqJobClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = inq_job_finalize;
  object_class->get_property = inq_job_get_property;

  props[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, 0, INQ_JOB_CANCELLED, INQ_JOB_QUEUED, flags);
  props[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, flags);
  props[PROP_STAGE] = g_param_spec_string ("stage", NULL, NULL, NULL, flags);
  props[PROP_INDEX] = g_param_spec_int ("index", NULL, NULL, -1, INQ_JOB_MAX_PICTURES, 0, flags);
  props[PROP_STEP] = g_param_spec_int ("step", NULL, NULL, 0, G_MAXINT, 0, flags);
  props[PROP_N_STEPS] = g_param_spec_int ("n-steps", NULL, NULL, 0, G_MAXINT, 0, flags);
  props[PROP_SECONDS_LEFT] = g_param_spec_double ("seconds-left", NULL, NULL, -1, G_MAXDOUBLE, -1, flags);
  props[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
inq_job_init (InqJob *self)
{
  self->seconds_left = -1;
  self->previews = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) inq_picture_free);
}

InqJob *
inq_job_new (const InqJobParams *params, gint64 panel_id)
{
  InqJob *self = g_object_new (INQ_TYPE_JOB, NULL);

  self->params = inq_job_params_copy (params);
  self->panel_id = panel_id;
  return self;
}

InqJob *
inq_job_new_from_row (const InqJobRow *row)
{
  g_autoptr (InqJobParams) params = inq_job_params_from_json (row->params, NULL);
  InqJob *self;

  /* A row nobody can read still shows, so that it can be cancelled; running it says what is wrong. */
  if (params == NULL)
    params = inq_job_params_new ();
  self = inq_job_new (params, row->panel);
  self->id = row->id;
  self->state = row->state;
  self->progress = CLAMP (row->progress, 0, 1);
  self->error = *row->error != '\0' ? g_strdup (row->error) : NULL;
  return self;
}

const char *
inq_job_get_ticket (InqJob *self)
{
  return self->params->ticket;
}

void
inq_job_set_id (InqJob *self, gint64 id)
{
  self->id = id;
}

void
inq_job_set_state (InqJob *self, InqJobState state, const char *error)
{
  error = error != NULL && *error != '\0' ? error : NULL;
  if (g_strcmp0 (self->error, error) != 0) {
    g_free (self->error);
    self->error = g_strdup (error);
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ERROR]);
  }
  if (self->state == state)
    return;
  self->state = state;
  if (state == INQ_JOB_DONE && self->progress < 1) {
    self->progress = 1;
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PROGRESS]);
  }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

void
inq_job_set_progress (InqJob *self, InqStage stage, int index, int step, int n_steps, double fraction,
                      double seconds_left, GHashTable *previews)
{
  GObject *object = G_OBJECT (self);

  g_object_freeze_notify (object);
  if (previews != NULL) {
    GHashTableIter iter;
    gpointer key, picture;

    g_hash_table_iter_init (&iter, previews);
    while (g_hash_table_iter_next (&iter, &key, &picture)) {
      g_hash_table_iter_steal (&iter);
      g_hash_table_replace (self->previews, key, picture);
    }
  }
  self->stage = stage;
  self->index = index;
  self->step = step;
  self->n_steps = n_steps;
  self->progress = fraction;
  self->seconds_left = seconds_left;
  g_object_notify_by_pspec (object, props[PROP_STAGE]);
  g_object_notify_by_pspec (object, props[PROP_INDEX]);
  g_object_notify_by_pspec (object, props[PROP_STEP]);
  g_object_notify_by_pspec (object, props[PROP_N_STEPS]);
  g_object_notify_by_pspec (object, props[PROP_SECONDS_LEFT]);
  g_object_notify_by_pspec (object, props[PROP_PROGRESS]);
  g_object_thaw_notify (object);
}

gint64
inq_job_get_id (InqJob *self)
{
  return self->id;
}

gint64
inq_job_get_panel_id (InqJob *self)
{
  return self->panel_id;
}

InqJobState
inq_job_get_state (InqJob *self)
{
  return self->state;
}

double
inq_job_get_progress (InqJob *self)
{
  return self->progress;
}

double
inq_job_get_seconds_left (InqJob *self)
{
  return self->seconds_left;
}

int
inq_job_get_count (InqJob *self)
{
  return self->params->count;
}

int
inq_job_get_index (InqJob *self)
{
  return self->index;
}

const char *
inq_job_get_stage (InqJob *self)
{
  if (self->state == INQ_JOB_QUEUED)
    return _ ("Waiting");
  switch (self->stage) {
  case INQ_STAGE_LOADING:
    return _ ("Loading the model");
  case INQ_STAGE_TEXT:
    return _ ("Reading the prompt");
  case INQ_STAGE_SAMPLING:
    return _ ("Drawing");
  case INQ_STAGE_DECODING:
    return _ ("Finishing");
  }
  return "";
}

const char *
inq_job_get_error (InqJob *self)
{
  return self->error;
}

const InqJobParams *
inq_job_get_params (InqJob *self)
{
  return self->params;
}

const char *
inq_job_get_prompt (InqJob *self)
{
  return self->params->prompt;
}

guint64
inq_job_get_seed (InqJob *self)
{
  return self->params->seed;
}

const InqPicture *
inq_job_get_preview (InqJob *self, int index)
{
  return g_hash_table_lookup (self->previews, GINT_TO_POINTER (index));
}
