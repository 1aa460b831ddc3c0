/* Inquadra - what made a picture, in words.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-recipe-text.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>

static void
add_line (GString *text, const char *label, const char *value)
{
  if (value == NULL || *value == '\0')
    return;
  if (text->len > 0)
    g_string_append_c (text, '\n');
  g_string_append_printf (text, "%s: %s", label, value);
}

static const char *
string_member (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static double
number_member (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : 0;
}

char *
inq_recipe_describe (const InqVariationRow *row)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *recipe = NULL;
  GString *text = g_string_new (NULL);

  if (json_parser_load_from_data (parser, row->recipe, -1, NULL)
      && JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    recipe = json_node_get_object (json_parser_get_root (parser));
  g_autofree char *size = g_strdup_printf (_ ("%d × %d pixels"), row->width, row->height);
  if (recipe == NULL || json_object_get_size (recipe) == 0) {
    g_string_append_printf (text, "%s\n%s", _ ("Drawn or added by hand"), size);
    return g_string_free (text, FALSE);
  }
  const char *prompt = string_member (recipe, "prompt");
  g_autofree char *words = prompt != NULL ? g_utf8_substring (prompt, 0, MIN (400, g_utf8_strlen (prompt, -1))) : NULL;
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, row->seed);
  g_autofree char *steps = g_strdup_printf ("%d", (int) number_member (recipe, "steps"));
  add_line (text, _ ("Prompt"), words);
  add_line (text, _ ("Without"), string_member (recipe, "negative"));
  add_line (text, _ ("Seed"), seed);
  add_line (text, _ ("Steps"), g_str_equal (steps, "0") ? NULL : steps);
  add_line (text, _ ("Sampler"), string_member (recipe, "sampler"));
  g_autofree char *model = string_member (recipe, "model") != NULL
                               ? g_path_get_basename (string_member (recipe, "model"))
                               : NULL;
  add_line (text, _ ("Model"), model);
  g_string_append_printf (text, "\n%s", size);
  return g_string_free (text, FALSE);
}
