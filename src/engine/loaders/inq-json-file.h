/* Inquadra - small JSON files beside models, as hostile input: size and depth are limited before they are parsed.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: pure functions.
 */
#pragma once

#include <inq-weights.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The object in @text; @label names it in messages. INQ_LOADER_ERROR_CORRUPT when it is none. (transfer full) */
JsonObject *inq_json_parse (const char *text, gsize size, const char *label, GError **error);
/* Of a file of at most 32 MB. (transfer full) */
JsonObject *inq_json_load (const char *path, GError **error);

/* Members that have the wanted type, else the fallback. Strings are borrowed. */
const char *inq_json_get_string (JsonObject *object, const char *name, const char *fallback);
gint64 inq_json_get_int (JsonObject *object, const char *name, gint64 fallback);
double inq_json_get_double (JsonObject *object, const char *name, double fallback);
gboolean inq_json_get_bool (JsonObject *object, const char *name, gboolean fallback);
/* Element @i of a list of numbers, or the number itself when the member is one. */
gint64 inq_json_get_item (JsonObject *object, const char *name, guint i, gint64 fallback);

G_END_DECLS
