/* Inquadra - what a job row says is to be made, as JSON
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-job-params.h"

#include <json-glib/json-glib.h>

InqJobParams *
inq_job_params_new (void)
{
  InqJobParams *params = g_new0 (InqJobParams, 1);

  params->ticket = g_uuid_string_random ();
  params->model = g_strdup ("");
  params->prompt = g_strdup ("");
  params->negative = g_strdup ("");
  params->sampler = g_strdup ("");
  params->count = 1;
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

char *
inq_job_params_to_json (const InqJobParams *params)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, params->seed);

  json_builder_begin_object (builder);
  add_int (builder, "version", 1);
  add_string (builder, "ticket", params->ticket);
  add_string (builder, "model", params->model);
  add_string (builder, "prompt", params->prompt);
  add_string (builder, "negative", params->negative);
  add_string (builder, "sampler", params->sampler);
  add_string (builder, "seed", seed);
  add_int (builder, "count", params->count);
  add_int (builder, "steps", params->steps);
  json_builder_set_member_name (builder, "cfg");
  json_builder_add_double_value (builder, params->cfg);
  add_int (builder, "width", params->width);
  add_int (builder, "height", params->height);
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
  g_autofree char *seed = g_strdup ("0");

  take_string (object, "ticket", &params->ticket);
  take_string (object, "model", &params->model);
  take_string (object, "prompt", &params->prompt);
  take_string (object, "negative", &params->negative);
  take_string (object, "sampler", &params->sampler);
  take_string (object, "seed", &seed);
  params->seed = g_ascii_strtoull (seed, NULL, 10);
  params->count = (int) get_number (object, "count", 1, 64, 1);
  params->steps = (int) get_number (object, "steps", 0, 150, 0);
  params->cfg = get_number (object, "cfg", 0, 100, 0);
  params->width = (int) get_number (object, "width", 0, 16384, 0);
  params->height = (int) get_number (object, "height", 0, 16384, 0);
  return params;
}
