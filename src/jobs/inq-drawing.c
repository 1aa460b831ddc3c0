/* Inquadra - how the pictures of a board are drawn: LoRAs, sampler, how far to leave what is drawn from.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-drawing.h"

#include <json-glib/json-glib.h>
#include <math.h>

#define MAX_LORAS 32
/* On a board: the JSON last asked for, until the file has it. */
#define PENDING "inq-drawing"

static void
lora_clear (gpointer data)
{
  g_free (((InqDrawingLora *) data)->name);
}

InqDrawing *
inq_drawing_new (void)
{
  InqDrawing *drawing = g_new0 (InqDrawing, 1);

  drawing->sampler = g_strdup ("");
  drawing->schedule = g_strdup ("");
  drawing->like = INQ_DRAWING_LIKE;
  drawing->strength = INQ_DRAWING_STRENGTH;
  drawing->repaint = INQ_DRAWING_REPAINT;
  drawing->feather = INQ_DRAWING_FEATHER;
  drawing->loras = g_array_new (FALSE, FALSE, sizeof (InqDrawingLora));
  g_array_set_clear_func (drawing->loras, lora_clear);
  return drawing;
}

void
inq_drawing_free (InqDrawing *drawing)
{
  if (drawing == NULL)
    return;
  g_free (drawing->sampler);
  g_free (drawing->schedule);
  g_array_unref (drawing->loras);
  g_free (drawing);
}

void
inq_drawing_add_lora (InqDrawing *drawing, const char *name, double weight, gboolean on)
{
  InqDrawingLora lora = { g_strdup (name), CLAMP (weight, -10, 10), on };
  g_array_append_val (drawing->loras, lora);
}

/* ---- JSON ---- */

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : "";
}

static double
get_number (JsonObject *object, const char *name, double low, double high, double otherwise)
{
  JsonNode *node = json_object_get_member (object, name);
  GType type = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_NONE;
  double value = otherwise;
  if (type == G_TYPE_INT64)
    value = json_node_get_int (node);
  else if (type == G_TYPE_DOUBLE)
    value = json_node_get_double (node);
  return isfinite (value) ? CLAMP (value, low, high) : otherwise;
}

InqDrawing *
inq_drawing_from_json (const char *json)
{
  InqDrawing *drawing = inq_drawing_new ();
  g_autoptr (JsonNode) root = json_from_string (json, NULL);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return drawing;

  JsonObject *object = json_node_get_object (root);
  g_free (drawing->sampler);
  drawing->sampler = g_strdup (get_string (object, "sampler"));
  g_free (drawing->schedule);
  drawing->schedule = g_strdup (get_string (object, "schedule"));
  drawing->steps = get_number (object, "steps", 0, 150, 0);
  drawing->cfg = get_number (object, "cfg", 0, 30, 0);
  drawing->pixels = get_number (object, "pixels", 0, 2048, 0);
  drawing->like = get_number (object, "like", 0.02, 1, INQ_DRAWING_LIKE);
  drawing->strength = get_number (object, "strength", 0.05, 1, INQ_DRAWING_STRENGTH);
  drawing->repaint = get_number (object, "repaint", 0.05, 1, INQ_DRAWING_REPAINT);
  drawing->feather = get_number (object, "feather", 0, 128, INQ_DRAWING_FEATHER);

  JsonNode *loras = json_object_get_member (object, "loras");
  JsonArray *array = loras != NULL && JSON_NODE_HOLDS_ARRAY (loras) ? json_node_get_array (loras) : NULL;
  for (guint i = 0; array != NULL && i < MIN (json_array_get_length (array), MAX_LORAS); i++) {
    JsonNode *node = json_array_get_element (array, i);
    JsonObject *lora = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    if (lora != NULL && *get_string (lora, "name") != '\0')
      inq_drawing_add_lora (drawing, get_string (lora, "name"), get_number (lora, "weight", -10, 10, 1),
                            json_object_get_boolean_member_with_default (lora, "on", TRUE));
  }
  return drawing;
}

InqDrawing *
inq_drawing_of_board (InqBoard *board)
{
  if (board == NULL)
    return inq_drawing_new ();
  /* What was asked for a moment ago may still be on its way to the file and back. */
  const char *pending = g_object_get_data (G_OBJECT (board), PENDING);
  return inq_drawing_from_json (pending != NULL && inq_board_get_n_waiting (board) > 0 ? pending
                                                                                       : inq_board_get_drawing (board));
}

/* The file says what was asked for, or nothing is on its way there: from now on, undo included, the file is right. */
static void
written_cb (InqBoard *board)
{
  const char *pending = g_object_get_data (G_OBJECT (board), PENDING);
  if (pending != NULL && (inq_board_get_n_waiting (board) == 0 || g_str_equal (pending, inq_board_get_drawing (board))))
    g_object_set_data (G_OBJECT (board), PENDING, NULL);
}

void
inq_drawing_save (const InqDrawing *drawing, InqBoard *board, guint64 session)
{
  g_autofree char *json = inq_drawing_to_json (drawing);
  if (g_signal_handler_find (board, G_SIGNAL_MATCH_FUNC, 0, 0, NULL, written_cb, NULL) == 0) {
    g_signal_connect (board, "notify::settings-revision", G_CALLBACK (written_cb), NULL);
    g_signal_connect (board, "notify::saved-state", G_CALLBACK (written_cb), NULL);
  }
  inq_board_set_drawing (board, json, session);
  g_object_set_data_full (G_OBJECT (board), PENDING, g_steal_pointer (&json), g_free);
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  if (*value == '\0')
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_number (JsonBuilder *builder, const char *name, double value, double otherwise)
{
  if (fabs (value - otherwise) < 1e-9)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, round (value * 1000) / 1000);
}

char *
inq_drawing_to_json (const InqDrawing *drawing)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_string (builder, "sampler", drawing->sampler);
  add_string (builder, "schedule", drawing->schedule);
  add_number (builder, "steps", drawing->steps, 0);
  add_number (builder, "cfg", drawing->cfg, 0);
  add_number (builder, "pixels", drawing->pixels, 0);
  add_number (builder, "like", drawing->like, INQ_DRAWING_LIKE);
  add_number (builder, "strength", drawing->strength, INQ_DRAWING_STRENGTH);
  add_number (builder, "repaint", drawing->repaint, INQ_DRAWING_REPAINT);
  add_number (builder, "feather", drawing->feather, INQ_DRAWING_FEATHER);
  if (drawing->loras->len > 0) {
    json_builder_set_member_name (builder, "loras");
    json_builder_begin_array (builder);
    for (guint i = 0; i < drawing->loras->len; i++) {
      const InqDrawingLora *lora = &g_array_index (drawing->loras, InqDrawingLora, i);
      json_builder_begin_object (builder);
      add_string (builder, "name", lora->name);
      add_number (builder, "weight", lora->weight, 1);
      json_builder_set_member_name (builder, "on");
      json_builder_add_boolean_value (builder, lora->on);
      json_builder_end_object (builder);
    }
    json_builder_end_array (builder);
  }
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

/* ---- what a job gets ---- */

/* The frames in which panels are drawn for the house model's training, about the same number of pixels each: FRAMES of
 * training/panels/spec.py. The first is the one that it draws by itself. */
static const struct {
  int width, height;
} house_frames[] = { { 512, 288 }, { 544, 288 }, { 608, 256 }, { 416, 320 }, { 384, 384 }, { 288, 512 } };

/* The frame of the house model nearest to @aspect, -1 when none is near. */
static int
find_house_frame (double aspect)
{
  int nearest = -1;
  double least = 0.06; /* of the logarithm: some 6 % wider or narrower */

  for (guint i = 0; i < G_N_ELEMENTS (house_frames); i++) {
    double off = fabs (log (aspect * house_frames[i].height / house_frames[i].width));
    if (off > least)
      continue;
    least = off;
    nearest = i;
  }
  return nearest;
}

void
inq_drawing_get_size (const InqDrawing *drawing, double aspect, int native_width, int native_height, int multiple,
                      int *width, int *height)
{
  gboolean house = native_width <= 0 || native_height <= 0;
  double native = house ? 512.0 / 288.0 : (double) native_width / native_height;
  double pixels = house ? 512.0 * 288.0 : (double) native_width * native_height;

  int frame = house && drawing->pixels == 0 ? find_house_frame (aspect) : -1;

  *width = *height = 0;
  if (frame == 0 || (drawing->pixels == 0 && fabs (aspect - native) < 0.03))
    return;
  if (frame > 0) {
    *width = house_frames[frame].width;
    *height = house_frames[frame].height;
    return;
  }
  if (drawing->pixels > 0)
    pixels = (double) drawing->pixels * drawing->pixels;
  *width = MAX ((int) round (sqrt (pixels * aspect) / multiple) * multiple, multiple);
  *height = MAX ((int) round (sqrt (pixels / aspect) / multiple) * multiple, multiple);
}

void
inq_drawing_apply (const InqDrawing *drawing, double aspect, const InqModelInfo *info, InqJobParams *params)
{
  gboolean house = *params->model == '\0';
  int width = !house && info != NULL ? info->width : 0, height = !house && info != NULL ? info->height : 0;

  int multiple = !house && info != NULL && info->size_multiple > 0 ? info->size_multiple : 32;

  if (!house && (width <= 0 || height <= 0))
    width = height = 512; /* not looked at yet: what most are */
  inq_drawing_get_size (drawing, aspect, width, height, multiple, &params->width, &params->height);
  g_free (params->sampler);
  params->sampler = g_strdup (drawing->sampler);
  g_free (params->schedule);
  params->schedule = g_strdup (drawing->schedule);
  params->steps = drawing->steps;
  params->cfg = drawing->cfg;
  for (guint i = 0; i < drawing->loras->len; i++) {
    const InqDrawingLora *lora = &g_array_index (drawing->loras, InqDrawingLora, i);
    if (lora->on && fabs (lora->weight) > 1e-6)
      inq_job_params_add_lora (params, lora->name, lora->weight);
  }
}
