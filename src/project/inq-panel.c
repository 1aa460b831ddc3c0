/* Inquadra - a panel as the window sees it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-panel.h"

#include "inq-board-private.h"

struct _InqPanel {
  GObject parent_instance;

  gint64 id; /* row->id, where it never moves */
  InqPanelRow *row;
  guint index;
  gint64 start_frame;
  gboolean first_in_shot, first_in_scene;
  guint variations_revision, strokes_revision;
};

enum {
  PROP_0,
  PROP_ID,
  PROP_INDEX,
  PROP_NUMBER,
  PROP_SCENE_NUMBER,
  PROP_SHOT_NUMBER,
  PROP_SCENE_TITLE,
  PROP_LOCATION,
  PROP_FIRST_IN_SHOT,
  PROP_FIRST_IN_SCENE,
  PROP_DURATION,
  PROP_START_FRAME,
  PROP_PICKED,
  PROP_PICKED_IMAGE,
  PROP_COVER_IMAGE,
  PROP_N_VARIATIONS,
  PROP_N_STROKES,
  PROP_JOBS_QUEUED,
  PROP_JOBS_RUNNING,
  PROP_JOBS_FAILED,
  PROP_VARIATIONS_REVISION,
  PROP_STROKES_REVISION,
  PROP_TEXT, /* INQ_FIELD_PROMPT and on; the NUMBER field has no property of its own */
  N_PROPS = PROP_TEXT + INQ_FIELD_NUMBER
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (InqPanel, inq_panel, G_TYPE_OBJECT)

static void
inq_panel_finalize (GObject *object)
{
  inq_panel_row_free (INQ_PANEL (object)->row);
  G_OBJECT_CLASS (inq_panel_parent_class)->finalize (object);
}

static void
inq_panel_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  InqPanel *self = INQ_PANEL (object);
  const InqPanelRow *row = self->row;

  switch (id) {
  case PROP_ID:
    g_value_set_int64 (value, row->id);
    break;
  case PROP_INDEX:
    g_value_set_uint (value, self->index);
    break;
  case PROP_NUMBER:
    g_value_set_string (value, row->number);
    break;
  case PROP_SCENE_NUMBER:
    g_value_set_string (value, row->scene_number);
    break;
  case PROP_SHOT_NUMBER:
    g_value_set_string (value, row->shot_number);
    break;
  case PROP_SCENE_TITLE:
    g_value_set_string (value, row->scene_title);
    break;
  case PROP_LOCATION:
    g_value_set_string (value, row->location_name);
    break;
  case PROP_FIRST_IN_SHOT:
    g_value_set_boolean (value, self->first_in_shot);
    break;
  case PROP_FIRST_IN_SCENE:
    g_value_set_boolean (value, self->first_in_scene);
    break;
  case PROP_DURATION:
    g_value_set_int (value, row->duration);
    break;
  case PROP_START_FRAME:
    g_value_set_int64 (value, self->start_frame);
    break;
  case PROP_PICKED:
    g_value_set_int64 (value, row->picked);
    break;
  case PROP_PICKED_IMAGE:
    g_value_set_int64 (value, row->picked_image);
    break;
  case PROP_COVER_IMAGE:
    g_value_set_int64 (value, row->cover_image);
    break;
  case PROP_N_VARIATIONS:
    g_value_set_int (value, row->n_variations);
    break;
  case PROP_N_STROKES:
    g_value_set_int (value, row->n_strokes);
    break;
  case PROP_JOBS_QUEUED:
    g_value_set_int (value, row->jobs_queued);
    break;
  case PROP_JOBS_RUNNING:
    g_value_set_int (value, row->jobs_running);
    break;
  case PROP_JOBS_FAILED:
    g_value_set_int (value, row->jobs_failed);
    break;
  case PROP_VARIATIONS_REVISION:
    g_value_set_uint (value, self->variations_revision);
    break;
  case PROP_STROKES_REVISION:
    g_value_set_uint (value, self->strokes_revision);
    break;
  default:
    if (id >= PROP_TEXT && id < N_PROPS)
      g_value_set_string (value, row->text[id - PROP_TEXT]);
    else
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
  }
}

static void
inq_panel_class_init (InqPanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = inq_panel_finalize;
  object_class->get_property = inq_panel_get_property;
  props[PROP_ID] = g_param_spec_int64 ("id", NULL, NULL, 0, G_MAXINT64, 0, flags);
  props[PROP_INDEX] = g_param_spec_uint ("index", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_NUMBER] = g_param_spec_string ("number", NULL, NULL, NULL, flags);
  props[PROP_SCENE_NUMBER] = g_param_spec_string ("scene-number", NULL, NULL, NULL, flags);
  props[PROP_SHOT_NUMBER] = g_param_spec_string ("shot-number", NULL, NULL, NULL, flags);
  props[PROP_SCENE_TITLE] = g_param_spec_string ("scene-title", NULL, NULL, NULL, flags);
  props[PROP_LOCATION] = g_param_spec_string ("location", NULL, NULL, NULL, flags);
  props[PROP_FIRST_IN_SHOT] = g_param_spec_boolean ("first-in-shot", NULL, NULL, FALSE, flags);
  props[PROP_FIRST_IN_SCENE] = g_param_spec_boolean ("first-in-scene", NULL, NULL, FALSE, flags);
  props[PROP_DURATION] = g_param_spec_int ("duration", NULL, NULL, 1, G_MAXINT, 1, flags);
  props[PROP_START_FRAME] = g_param_spec_int64 ("start-frame", NULL, NULL, 0, G_MAXINT64, 0, flags);
  props[PROP_PICKED] = g_param_spec_int64 ("picked", NULL, NULL, 0, G_MAXINT64, 0, flags);
  props[PROP_PICKED_IMAGE] = g_param_spec_int64 ("picked-image", NULL, NULL, 0, G_MAXINT64, 0, flags);
  props[PROP_COVER_IMAGE] = g_param_spec_int64 ("cover-image", NULL, NULL, 0, G_MAXINT64, 0, flags);
  props[PROP_N_VARIATIONS] = g_param_spec_int ("n-variations", NULL, NULL, 0, G_MAXINT, 0, flags);
  props[PROP_N_STROKES] = g_param_spec_int ("n-strokes", NULL, NULL, 0, G_MAXINT, 0, flags);
  props[PROP_JOBS_QUEUED] = g_param_spec_int ("jobs-queued", NULL, NULL, 0, G_MAXINT, 0, flags);
  props[PROP_JOBS_RUNNING] = g_param_spec_int ("jobs-running", NULL, NULL, 0, G_MAXINT, 0, flags);
  props[PROP_JOBS_FAILED] = g_param_spec_int ("jobs-failed", NULL, NULL, 0, G_MAXINT, 0, flags);
  props[PROP_VARIATIONS_REVISION] = g_param_spec_uint ("variations-revision", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_STROKES_REVISION] = g_param_spec_uint ("strokes-revision", NULL, NULL, 0, G_MAXUINT, 0, flags);
  for (guint i = 0; i < INQ_FIELD_NUMBER; i++)
    props[PROP_TEXT + i] = g_param_spec_string (inq_panel_field_get_name (i), NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
inq_panel_init (InqPanel *self)
{
}

InqPanel *
inq_panel_new_take (InqPanelRow *row)
{
  InqPanel *self = g_object_new (INQ_TYPE_PANEL, NULL);

  self->row = row;
  self->id = row->id;
  return self;
}

static void
compare_text (InqPanel *self, const char *old, const char *new, guint prop)
{
  if (g_strcmp0 (old, new) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
compare_number (InqPanel *self, gint64 old, gint64 new, guint prop)
{
  if (old != new)
    g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

void
inq_panel_take_row (InqPanel *self, InqPanelRow *row)
{
  InqPanelRow *old = g_steal_pointer (&self->row);

  g_assert (row->id == old->id);
  /* A row read without the whole board does not know its numbers; nothing that changes them comes that way. */
  if (row->number == NULL) {
    row->number = g_strdup (old->number);
    row->scene_number = g_strdup (old->scene_number);
    row->shot_number = g_strdup (old->shot_number);
  }
  self->row = row;
  g_object_freeze_notify (G_OBJECT (self));
  compare_text (self, old->number, row->number, PROP_NUMBER);
  compare_text (self, old->scene_number, row->scene_number, PROP_SCENE_NUMBER);
  compare_text (self, old->shot_number, row->shot_number, PROP_SHOT_NUMBER);
  compare_text (self, old->scene_title, row->scene_title, PROP_SCENE_TITLE);
  if (old->location != row->location || g_strcmp0 (old->location_name, row->location_name) != 0
      || g_strcmp0 (old->location_words, row->location_words) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LOCATION]);
  compare_number (self, old->duration, row->duration, PROP_DURATION);
  compare_number (self, old->picked, row->picked, PROP_PICKED);
  compare_number (self, old->picked_image, row->picked_image, PROP_PICKED_IMAGE);
  compare_number (self, old->cover_image, row->cover_image, PROP_COVER_IMAGE);
  compare_number (self, old->n_variations, row->n_variations, PROP_N_VARIATIONS);
  compare_number (self, old->n_strokes, row->n_strokes, PROP_N_STROKES);
  compare_number (self, old->jobs_queued, row->jobs_queued, PROP_JOBS_QUEUED);
  compare_number (self, old->jobs_running, row->jobs_running, PROP_JOBS_RUNNING);
  compare_number (self, old->jobs_failed, row->jobs_failed, PROP_JOBS_FAILED);
  for (guint i = 0; i < INQ_FIELD_NUMBER; i++)
    compare_text (self, old->text[i], row->text[i], PROP_TEXT + i);
  g_object_thaw_notify (G_OBJECT (self));
  inq_panel_row_free (old);
}

void
inq_panel_set_place (InqPanel *self, guint index, gint64 start_frame, gboolean first_in_shot, gboolean first_in_scene)
{
  guint old_index = self->index;
  gint64 old_start = self->start_frame;
  gint old_shot = self->first_in_shot, old_scene = self->first_in_scene;

  self->index = index;
  self->start_frame = start_frame;
  self->first_in_shot = first_in_shot;
  self->first_in_scene = first_in_scene;
  compare_number (self, old_index, index, PROP_INDEX);
  compare_number (self, old_start, start_frame, PROP_START_FRAME);
  compare_number (self, old_shot, first_in_shot, PROP_FIRST_IN_SHOT);
  compare_number (self, old_scene, first_in_scene, PROP_FIRST_IN_SCENE);
}

void
inq_panel_touch (InqPanel *self, gboolean variations, gboolean strokes)
{
  if (variations) {
    self->variations_revision++;
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_VARIATIONS_REVISION]);
  }
  if (strokes) {
    self->strokes_revision++;
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STROKES_REVISION]);
  }
}

const gint64 *
inq_panel_get_id_key (InqPanel *self)
{
  return &self->id;
}

gint64
inq_panel_get_id (InqPanel *self)
{
  g_return_val_if_fail (INQ_IS_PANEL (self), 0);
  return self->row->id;
}

guint
inq_panel_get_index (InqPanel *self)
{
  g_return_val_if_fail (INQ_IS_PANEL (self), 0);
  return self->index;
}

gint64
inq_panel_get_start_frame (InqPanel *self)
{
  g_return_val_if_fail (INQ_IS_PANEL (self), 0);
  return self->start_frame;
}

gint
inq_panel_get_duration (InqPanel *self)
{
  g_return_val_if_fail (INQ_IS_PANEL (self), 1);
  return self->row->duration;
}

gboolean
inq_panel_get_first_in_shot (InqPanel *self)
{
  g_return_val_if_fail (INQ_IS_PANEL (self), FALSE);
  return self->first_in_shot;
}

gboolean
inq_panel_get_first_in_scene (InqPanel *self)
{
  g_return_val_if_fail (INQ_IS_PANEL (self), FALSE);
  return self->first_in_scene;
}

const char *
inq_panel_get_number (InqPanel *self)
{
  g_return_val_if_fail (INQ_IS_PANEL (self), NULL);
  return self->row->number;
}

const char *
inq_panel_get_text (InqPanel *self, InqPanelField field)
{
  g_return_val_if_fail (INQ_IS_PANEL (self), NULL);
  g_return_val_if_fail ((guint) field < INQ_N_FIELDS, NULL);
  return self->row->text[field];
}

gint64
inq_panel_get_cover_image (InqPanel *self)
{
  g_return_val_if_fail (INQ_IS_PANEL (self), 0);
  return self->row->cover_image;
}

const InqPanelRow *
inq_panel_get_row (InqPanel *self)
{
  g_return_val_if_fail (INQ_IS_PANEL (self), NULL);
  return self->row;
}
