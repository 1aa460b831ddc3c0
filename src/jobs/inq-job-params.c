/* Inquadra - what a job row says is to be made, as JSON
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-job-params.h"

#include <json-glib/json-glib.h>

#define MAX_LORAS 32

static void
lora_clear (gpointer data)
{
  g_free (((InqJobLora *) data)->path);
}

static GArray *
loras_new (void)
{
  GArray *loras = g_array_new (FALSE, FALSE, sizeof (InqJobLora));

  g_array_set_clear_func (loras, lora_clear);
  return loras;
}

void
inq_job_params_add_lora (InqJobParams *params, const char *path, double weight)
{
  InqJobLora lora = { g_strdup (path), CLAMP (weight, -10, 10) };

  g_array_append_val (params->loras, lora);
}

InqJobParams *
inq_job_params_new (void)
{
  InqJobParams *params = g_new0 (InqJobParams, 1);

  params->ticket = g_uuid_string_random ();
  params->model = g_strdup ("");
  params->prompt = g_strdup ("");
  params->negative = g_strdup ("");
  params->sampler = g_strdup ("");
  params->schedule = g_strdup ("");
  params->perturb = g_strdup ("");
  params->hires_upscale = g_strdup ("");
  params->loras = loras_new ();
  params->count = 1;
  params->eta = -1;
  return params;
}

InqJobParams *
inq_job_params_copy (const InqJobParams *params)
{
  InqJobParams *copy = g_memdup2 (params, sizeof *params);

  copy->ticket = g_strdup (params->ticket);
  copy->model = g_strdup (params->model);
  copy->prompt = g_strdup (params->prompt);
  copy->negative = g_strdup (params->negative);
  copy->sampler = g_strdup (params->sampler);
  copy->schedule = g_strdup (params->schedule);
  copy->perturb = g_strdup (params->perturb);
  copy->hires_upscale = g_strdup (params->hires_upscale);
  copy->loras = loras_new ();
  for (guint i = 0; i < params->loras->len; i++) {
    const InqJobLora *lora = &g_array_index (params->loras, InqJobLora, i);

    inq_job_params_add_lora (copy, lora->path, lora->weight);
  }
  return copy;
}

void
inq_job_params_free (InqJobParams *params)
{
  if (params == NULL)
    return;
  g_free (params->ticket);
  g_free (params->model);
  g_free (params->prompt);
  g_free (params->negative);
  g_free (params->sampler);
  g_free (params->schedule);
  g_free (params->perturb);
  g_free (params->hires_upscale);
  g_array_unref (params->loras);
  g_free (params);
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_double (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, value);
}

static void
add_seed (JsonBuilder *builder, const char *name, guint64 seed)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, seed);

  add_string (builder, name, text);
}

static void
add_loras (JsonBuilder *builder, GArray *loras)
{
  json_builder_set_member_name (builder, "loras");
  json_builder_begin_array (builder);
  for (guint i = 0; i < loras->len; i++) {
    const InqJobLora *lora = &g_array_index (loras, InqJobLora, i);

    json_builder_begin_object (builder);
    add_string (builder, "path", lora->path);
    add_double (builder, "weight", lora->weight);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

/* What is not asked for is not written: most rows are short. */
static void
add_extras (JsonBuilder *builder, const InqJobParams *params)
{
  if (*params->schedule != '\0')
    add_string (builder, "schedule", params->schedule);
  if (params->guidance_rescale > 0)
    add_double (builder, "guidance_rescale", params->guidance_rescale);
  if (params->guidance_start > 0)
    add_double (builder, "guidance_start", params->guidance_start);
  if (params->guidance_end > 0)
    add_double (builder, "guidance_end", params->guidance_end);
  if (*params->perturb != '\0')
    add_string (builder, "perturb", params->perturb);
  if (params->eta >= 0)
    add_double (builder, "eta", params->eta);
  if (params->variation_strength > 0) {
    add_seed (builder, "variation_seed", params->variation_seed);
    add_double (builder, "variation_strength", params->variation_strength);
  }
  if (params->hires_scale > 1) {
    add_double (builder, "hires_scale", params->hires_scale);
    add_double (builder, "hires_strength", params->hires_strength);
    add_int (builder, "hires_steps", params->hires_steps);
    if (*params->hires_upscale != '\0')
      add_string (builder, "hires_upscale", params->hires_upscale);
  }
  if (params->init || params->mask) {
    json_builder_set_member_name (builder, "init");
    json_builder_add_boolean_value (builder, params->init);
    json_builder_set_member_name (builder, "mask");
    json_builder_add_boolean_value (builder, params->mask);
    add_double (builder, "strength", params->strength);
    add_int (builder, "mask_feather", params->mask_feather);
  }
  if (params->loras->len > 0)
    add_loras (builder, params->loras);
}

char *
inq_job_params_to_json (const InqJobParams *params)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();

  json_builder_begin_object (builder);
  add_int (builder, "version", 1);
  add_string (builder, "ticket", params->ticket);
  add_string (builder, "model", params->model);
  add_string (builder, "prompt", params->prompt);
  add_string (builder, "negative", params->negative);
  add_string (builder, "sampler", params->sampler);
  add_seed (builder, "seed", params->seed);
  add_int (builder, "count", params->count);
  add_int (builder, "steps", params->steps);
  add_double (builder, "cfg", params->cfg);
  add_int (builder, "width", params->width);
  add_int (builder, "height", params->height);
  add_extras (builder, params);
  json_builder_end_object (builder);

  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  return json_generator_to_data (generator, NULL);
}

static void
take_string (JsonObject *object, const char *name, char **value)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return;
  g_free (*value);
  *value = g_strdup (json_node_get_string (node));
}

static double
get_number (JsonObject *object, const char *name, double low, double high, double otherwise)
{
  JsonNode *node = json_object_get_member (object, name);
  GType type = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_NONE;

  if (type == G_TYPE_INT64)
    return CLAMP ((double) json_node_get_int (node), low, high);
  if (type == G_TYPE_DOUBLE)
    return CLAMP (json_node_get_double (node), low, high);
  return otherwise;
}

static guint64
get_seed (JsonObject *object, const char *name)
{
  g_autofree char *text = g_strdup ("0");

  take_string (object, name, &text);
  return g_ascii_strtoull (text, NULL, 10);
}

static gboolean
get_boolean (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN
         && json_node_get_boolean (node);
}

static void
take_loras (JsonObject *object, InqJobParams *params)
{
  JsonNode *node = json_object_get_member (object, "loras");
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; array != NULL && i < MIN (json_array_get_length (array), MAX_LORAS); i++) {
    JsonNode *element = json_array_get_element (array, i);
    g_autofree char *path = g_strdup ("");

    if (!JSON_NODE_HOLDS_OBJECT (element))
      continue;
    take_string (json_node_get_object (element), "path", &path);
    if (*path != '\0')
      inq_job_params_add_lora (params, path, get_number (json_node_get_object (element), "weight", -10, 10, 1));
  }
}

InqJobParams *
inq_job_params_from_json (const char *json, GError **error)
{
  g_autoptr (JsonNode) root = json_from_string (json, error);

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)) {
    if (error == NULL || *error == NULL)
      g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID, "the job's parameters are not a JSON object");
    return NULL;
  }

  JsonObject *object = json_node_get_object (root);
  InqJobParams *params = inq_job_params_new ();

  take_string (object, "ticket", &params->ticket);
  take_string (object, "model", &params->model);
  take_string (object, "prompt", &params->prompt);
  take_string (object, "negative", &params->negative);
  take_string (object, "sampler", &params->sampler);
  params->seed = get_seed (object, "seed");
  params->count = (int) get_number (object, "count", 1, 64, 1);
  params->steps = (int) get_number (object, "steps", 0, 150, 0);
  params->cfg = get_number (object, "cfg", 0, 100, 0);
  params->guidance_rescale = get_number (object, "guidance_rescale", 0, 1, 0);
  params->guidance_start = get_number (object, "guidance_start", 0, 1, 0);
  params->guidance_end = get_number (object, "guidance_end", 0, 1, 0);
  take_string (object, "perturb", &params->perturb);
  params->width = (int) get_number (object, "width", 0, 16384, 0);
  params->height = (int) get_number (object, "height", 0, 16384, 0);
  take_string (object, "schedule", &params->schedule);
  params->eta = get_number (object, "eta", 0, 1, -1);
  params->variation_seed = get_seed (object, "variation_seed");
  params->variation_strength = get_number (object, "variation_strength", 0, 1, 0);
  params->hires_scale = get_number (object, "hires_scale", 0, 8, 0);
  params->hires_strength = get_number (object, "hires_strength", 0, 1, 0);
  params->hires_steps = (int) get_number (object, "hires_steps", 0, 150, 0);
  take_string (object, "hires_upscale", &params->hires_upscale);
  params->init = get_boolean (object, "init");
  params->mask = get_boolean (object, "mask");
  params->strength = get_number (object, "strength", 0, 1, 0);
  params->mask_feather = (int) get_number (object, "mask_feather", 0, 4096, 0);
  take_loras (object, params);
  return params;
}

/* A seed over 2^63 is a string in a recipe. */
static guint64
get_recipe_seed (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    return (guint64) json_node_get_int (node);
  return get_seed (object, name);
}

gboolean
inq_job_params_take_recipe (InqJobParams *params, const char *recipe)
{
  g_autoptr (JsonNode) root = json_from_string (recipe, NULL);
  JsonObject *object = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;

  if (object == NULL || !json_object_has_member (object, "prompt") || !json_object_has_member (object, "seed"))
    return FALSE;
  take_string (object, "prompt", &params->prompt);
  take_string (object, "negative", &params->negative);
  take_string (object, "sampler", &params->sampler);
  take_string (object, "schedule", &params->schedule);
  params->eta = get_number (object, "eta", 0, 1, -1);
  params->seed = get_recipe_seed (object, "seed");
  params->steps = (int) get_number (object, "steps", 0, 150, 0);
  params->cfg = get_number (object, "cfg", 0, 100, 0);
  params->guidance_rescale = get_number (object, "guidance_rescale", 0, 1, 0);
  params->guidance_start = get_number (object, "guidance_start", 0, 1, 0);
  params->guidance_end = get_number (object, "guidance_end", 0, 1, 0);
  g_free (params->perturb);
  params->perturb = g_strdup ("none"); /* where a recipe says nothing, whatever its model does of itself by now */
  take_string (object, "perturb", &params->perturb);
  params->width = (int) get_number (object, "width", 0, 16384, 0);
  params->height = (int) get_number (object, "height", 0, 16384, 0);
  params->variation_seed = get_recipe_seed (object, "variation_seed");
  params->variation_strength = get_number (object, "variation_strength", 0, 1, 0);
  params->hires_scale = get_number (object, "hires_scale", 0, 8, 0);
  params->hires_strength = get_number (object, "hires_strength", 0, 1, 0);
  params->hires_steps = (int) get_number (object, "hires_steps", 0, 150, 0);
  take_string (object, "hires_upscale", &params->hires_upscale);
  params->strength = get_number (object, "strength", 0, 1, params->strength);
  params->mask_feather = (int) get_number (object, "mask_feather", 0, 4096, params->mask_feather);
  return TRUE;
}
