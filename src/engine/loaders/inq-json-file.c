/* Inquadra - small JSON files beside models, as hostile input: size and depth are limited before they are parsed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-json-file.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#define MAX_SIZE  (32 << 20) /* an index of a few ten thousand tensors has 5 MB */
#define MAX_DEPTH 32         /* json-glib's parser calls itself */

static gboolean
refuse (GError **error, const char *label, const char *what)
{
  g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT, _ ("“%s” is damaged: %s. Download or copy it again"),
               label, what);
  return FALSE;
}

/* json-glib also reads comments and single quotes, within which this count could be led astray: they are no JSON. */
static gboolean
is_shallow (const char *text, gsize size)
{
  guint depth = 0;
  gboolean quoted = FALSE;
  for (gsize i = 0; i < size; i++) {
    if (quoted && text[i] == '\\')
      i++;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (!quoted && (text[i] == '/' || text[i] == '\'' || text[i] == '#'))
      return FALSE;
    else if (!quoted && (text[i] == '{' || text[i] == '[') && ++depth > MAX_DEPTH)
      return FALSE;
    else if (!quoted && (text[i] == '}' || text[i] == ']') && depth > 0)
      depth--;
  }
  return TRUE;
}

JsonObject *
inq_json_parse (const char *text, gsize size, const char *label, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  if (size > MAX_SIZE || !g_utf8_validate_len (text, size, NULL)) {
    refuse (error, label, size > MAX_SIZE ? _ ("it is too large") : _ ("it is no UTF-8 text"));
    return NULL;
  }
  if (!is_shallow (text, size)) {
    refuse (error, label, _ ("it is no JSON, or its lists are nested too deeply"));
    return NULL;
  }
  if (!json_parser_load_from_data (parser, text, (gssize) size, &problem)) {
    g_autofree char *valid = g_utf8_make_valid (problem->message, -1);
    refuse (error, label, valid);
    return NULL;
  }
  JsonNode *root = json_parser_get_root (parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT (root)) {
    refuse (error, label, _ ("it holds no JSON object"));
    return NULL;
  }
  return json_object_ref (json_node_get_object (root));
}

JsonObject *
inq_json_load (const char *path, GError **error)
{
  g_autofree char *label = g_path_get_basename (path);
  g_autofree char *shown = g_utf8_make_valid (label, -1);
  g_autofree char *text = NULL;
  g_autoptr (GError) problem = NULL;
  GStatBuf st;
  gsize size;
  if (g_stat (path, &st) == 0 && (!S_ISREG (st.st_mode) || st.st_size > MAX_SIZE)) {
    refuse (error, shown, S_ISREG (st.st_mode) ? _ ("it is too large") : _ ("it is no file"));
    return NULL;
  }
  if (!g_file_get_contents (path, &text, &size, &problem)) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO, _ ("“%s” cannot be read: %s"), shown, problem->message);
    return NULL;
  }
  return inq_json_parse (text, size, shown, error);
}

/* ---- members ---- */

static JsonNode *
value_of (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;
  return node && JSON_NODE_HOLDS_VALUE (node) ? node : NULL;
}

static gboolean
is_number (JsonNode *node)
{
  return json_node_get_value_type (node) == G_TYPE_INT64 || json_node_get_value_type (node) == G_TYPE_DOUBLE;
}

/* A double out of the range of whole numbers has none. */
static gint64
int_of (JsonNode *node, gint64 fallback)
{
  double value;
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return json_node_get_int (node);
  value = json_node_get_double (node);
  return value > -9e15 && value < 9e15 ? (gint64) value : fallback;
}

const char *
inq_json_get_string (JsonObject *object, const char *name, const char *fallback)
{
  JsonNode *node = value_of (object, name);
  return node && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : fallback;
}

gint64
inq_json_get_int (JsonObject *object, const char *name, gint64 fallback)
{
  JsonNode *node = value_of (object, name);
  return node && is_number (node) ? int_of (node, fallback) : fallback;
}

double
inq_json_get_double (JsonObject *object, const char *name, double fallback)
{
  JsonNode *node = value_of (object, name);
  return node && is_number (node) ? json_node_get_double (node) : fallback;
}

gboolean
inq_json_get_bool (JsonObject *object, const char *name, gboolean fallback)
{
  JsonNode *node = value_of (object, name);
  return node && json_node_get_value_type (node) == G_TYPE_BOOLEAN ? json_node_get_boolean (node) : fallback;
}

gint64
inq_json_get_item (JsonObject *object, const char *name, guint i, gint64 fallback)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;
  if (!node || !JSON_NODE_HOLDS_ARRAY (node))
    return inq_json_get_int (object, name, fallback);
  JsonArray *array = json_node_get_array (node);
  if (i >= json_array_get_length (array))
    return fallback;
  JsonNode *item = json_array_get_element (array, i);
  return JSON_NODE_HOLDS_VALUE (item) && is_number (item) ? int_of (item, fallback) : fallback;
}
