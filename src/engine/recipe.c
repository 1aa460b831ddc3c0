/* Inquadra - the recipe of a picture: everything needed to make the same bytes again, as JSON.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "recipe.h"

#include <json-glib/json-glib.h>

static void
add_string (JsonBuilder *b, const char *name, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value ? value : "", -1);
  json_builder_set_member_name (b, name);
  json_builder_add_string_value (b, valid);
}

static void
add_int (JsonBuilder *b, const char *name, gint64 value)
{
  json_builder_set_member_name (b, name);
  json_builder_add_int_value (b, value);
}

static void
add_double (JsonBuilder *b, const char *name, double value)
{
  json_builder_set_member_name (b, name);
  json_builder_add_double_value (b, value);
}

static void
add_seed (JsonBuilder *b, const char *name, guint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, value);
  if (value <= G_MAXINT64)
    add_int (b, name, (gint64) value);
  else
    add_string (b, name, text);
}

/* [{"name", "hash", "weight", "in_prompt"}]: those in the prompt come back with it, the others must be given again. */
static void
add_loras (JsonBuilder *b, InqLoraStack *loras)
{
  if (inq_lora_stack_get_count (loras) == 0)
    return;
  json_builder_set_member_name (b, "loras");
  json_builder_begin_array (b);
  for (guint i = 0; i < inq_lora_stack_get_count (loras); i++) {
    InqLoraRecord record = inq_lora_stack_get (loras, i);
    json_builder_begin_object (b);
    add_string (b, "name", record.name);
    add_string (b, "hash", record.hash);
    add_double (b, "weight", record.weight);
    json_builder_set_member_name (b, "in_prompt");
    json_builder_add_boolean_value (b, record.in_prompt);
    json_builder_end_object (b);
  }
  json_builder_end_array (b);
}

char *
inq_recipe_to_json (const InqRecipe *recipe)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  add_string (b, "prompt", recipe->prompt);
  add_string (b, "negative", recipe->negative);
  if (recipe->read)
    add_string (b, "prompt_read", recipe->read);
  add_seed (b, "seed", recipe->seed);
  if (recipe->variation_strength > 0) {
    add_seed (b, "variation_seed", recipe->variation_seed);
    add_double (b, "variation_strength", recipe->variation_strength);
  }
  add_int (b, "steps", recipe->steps);
  add_double (b, "cfg", recipe->cfg);
  if (recipe->guidance_rescale > 0)
    add_double (b, "guidance_rescale", recipe->guidance_rescale);
  if (recipe->guidance_start > 0)
    add_double (b, "guidance_start", recipe->guidance_start);
  if (recipe->guidance_end > 0)
    add_double (b, "guidance_end", recipe->guidance_end);
  if (recipe->perturb)
    add_string (b, "perturb", recipe->perturb);
  add_string (b, "sampler", recipe->sampler);
  if (recipe->schedule && *recipe->schedule)
    add_string (b, "schedule", recipe->schedule);
  if (recipe->eta >= 0)
    add_double (b, "eta", recipe->eta);
  add_int (b, "width", recipe->width);
  add_int (b, "height", recipe->height);
  if (recipe->hires_scale > 0) {
    add_double (b, "hires_scale", recipe->hires_scale);
    add_double (b, "hires_strength", recipe->hires_strength);
    add_int (b, "hires_steps", recipe->hires_steps);
    add_string (b, "hires_upscale", recipe->hires_upscale);
  }
  if (recipe->init_hash) {
    add_string (b, "init", recipe->init_hash);
    add_double (b, "strength", recipe->strength);
  }
  if (recipe->mask_hash) {
    add_string (b, "mask", recipe->mask_hash);
    if (recipe->mask_feather > 0)
      add_int (b, "mask_feather", recipe->mask_feather);
  }
  add_loras (b, recipe->loras);
  add_string (b, "model", recipe->model);
  add_string (b, "model_hash", recipe->model_hash);
  add_string (b, "engine", "inquadra " INQ_VERSION);
  add_string (b, "device", recipe->device);
  json_builder_end_object (b);
  g_autoptr (JsonNode) root = json_builder_get_root (b);
  return json_to_string (root, FALSE);
}

char *
inq_picture_hash (const InqPicture *picture)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gint32 size[2] = { GINT32_TO_LE (picture->width), GINT32_TO_LE (picture->height) };
  g_checksum_update (sum, (const guchar *) size, sizeof size);
  g_checksum_update (sum, picture->rgb, (gssize) picture->width * picture->height * 3);
  return g_strdup (g_checksum_get_string (sum));
}
