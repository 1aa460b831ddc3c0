/* Inquadra - verify: every result in a reference file recomputed from its inputs and compared.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "verify.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define EXTRA "-extra"

static void
computed_free (InqComputed *computed)
{
  g_free (computed->name);
  g_free (computed->data);
  g_free (computed);
}

static void
row_free (InqVerifyRow *row)
{
  g_free (row->name);
  g_free (row->reason);
  g_free (row);
}

static void
verify_clear (InqVerify *verify)
{
  g_clear_pointer (&verify->expect, inq_weights_unref);
  g_clear_pointer (&verify->base, inq_weights_unref);
  g_clear_pointer (&verify->json, json_object_unref);
  g_clear_pointer (&verify->base_json, json_object_unref);
  g_clear_pointer (&verify->samples, g_hash_table_unref);
  g_free (verify->folder);
  for (guint i = 0; i < INQ_MAX_TOWERS; i++) {
    g_free (verify->ids[i]);
    g_free (verify->states[i].last);
    g_free (verify->states[i].penultimate);
    g_free (verify->states[i].penultimate_normed);
  }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (InqVerify, verify_clear)

/* The object of the .json beside a .safetensors. */
static JsonObject *
read_json (const char *tensors, GError **error)
{
  g_autofree char *stem = g_strndup (tensors, strlen (tensors) - strlen (".safetensors"));
  g_autofree char *path = g_strconcat (stem, ".json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  if (!json_parser_load_from_file (parser, path, error)) {
    g_prefix_error (error, _ ("The description beside the reference cannot be read: "));
    return NULL;
  }
  JsonNode *root = json_parser_get_root (parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT, _ ("%s is not a JSON object"), path);
    return NULL;
  }
  return json_object_ref (json_node_get_object (root));
}

/* "x/expect-extra.safetensors" -> "x/expect.safetensors"; NULL for a file that stands alone. */
static char *
base_path (const char *path)
{
  g_autofree char *stem = g_strndup (path, strlen (path) - strlen (".safetensors"));
  if (!g_str_has_suffix (stem, EXTRA))
    return NULL;
  stem[strlen (stem) - strlen (EXTRA)] = '\0';
  return g_strconcat (stem, ".safetensors", NULL);
}

static gboolean
verify_open (InqVerify *verify, InqModel *model, const char *path, GError **error)
{
  if (!g_str_has_suffix (path, ".safetensors")) {
    g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID,
                 _ ("%s is not a reference: a .safetensors file with a .json beside it is needed"), path);
    return FALSE;
  }
  verify->model = model;
  verify->folder = g_path_get_dirname (path);
  verify->samples = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  verify->expect = inq_weights_open (path, error);
  if (!verify->expect || !(verify->json = read_json (path, error)))
    return FALSE;
  g_autofree char *base = base_path (path);
  if (!base)
    return TRUE;
  verify->base = inq_weights_open (base, error);
  return verify->base && (verify->base_json = read_json (base, error));
}

/* max |a - b| / std (b); infinity when not comparable. */
static double
relative_error (const float *a, const float *b, gsize n)
{
  double sum = 0, squares = 0, max = 0;
  for (gsize i = 0; i < n; i++) {
    sum += b[i];
    squares += (double) b[i] * b[i];
    double d = fabs ((double) a[i] - b[i]);
    if (!isfinite (d))
      return INFINITY;
    max = MAX (max, d);
  }
  double mean = sum / (double) n, variance = squares / (double) n - mean * mean;
  if (max == 0)
    return 0;
  return variance > 0 ? max / sqrt (variance) : INFINITY;
}

static void
compare (const InqWeight *reference, const InqComputed *computed, InqVerifyRow *row)
{
  gboolean same = reference->n_dims == computed->n_dims;
  for (guint i = 0; same && i < computed->n_dims; i++)
    same = reference->dims[i] == computed->dims[i];
  if (!same) {
    GString *text = g_string_new (_ ("the shapes differ: computed"));
    for (guint i = 0; i < computed->n_dims; i++)
      g_string_append_printf (text, " %" G_GINT64_FORMAT, computed->dims[i]);
    g_string_append (text, _ (", reference"));
    for (guint i = 0; i < reference->n_dims; i++)
      g_string_append_printf (text, " %" G_GINT64_FORMAT, reference->dims[i]);
    row->reason = g_string_free (text, FALSE);
    return;
  }
  gsize n = inq_weight_count (reference);
  g_autofree float *values = g_new (float, n);
  inq_weight_to_f32 (reference, values);
  row->max_error = relative_error (computed->data, values, n);
  row->passed = row->max_error <= row->tolerance;
}

static gboolean
write_dump (const char *path, GPtrArray *computed, GError **error)
{
  g_autofree InqWeightOut *out = g_new0 (InqWeightOut, MAX (computed->len, 1));
  for (guint i = 0; i < computed->len; i++) {
    const InqComputed *c = g_ptr_array_index (computed, i);
    out[i] = (InqWeightOut){ .name = c->name, .n_dims = c->n_dims, .data = c->data };
    memcpy (out[i].dims, c->dims, sizeof c->dims);
  }
  return inq_weights_write (path, out, computed->len, error);
}

GPtrArray *
inq_engine_verify (InqEngine *engine, InqModel *model, const char *expect, const char *dump,
                   void (*each) (const InqVerifyRow *row, gpointer data), gpointer data, GError **error)
{
  g_auto (InqVerify) verify = { 0 };
  if (!verify_open (&verify, model, expect, error))
    return NULL;
  if (!inq_model_set_loras (model, NULL, 0, error)) /* those of the last picture */
    return NULL;
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) row_free);
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func ((GDestroyNotify) computed_free);
  gboolean halves = inq_precision_is_half (engine->precision, inq_gpu_get_facts (engine->gpu));
  for (guint i = 0; i < inq_weights_get_count (verify.expect); i++) {
    const InqWeight *reference = inq_weights_get (verify.expect, i);
    if (inq_verify_is_input (reference->name))
      continue;
    InqVerifyRow *row = g_new0 (InqVerifyRow, 1);
    row->name = g_strdup (reference->name);
    row->tolerance = inq_verify_get_tolerance (reference->name, halves);
    row->max_error = INFINITY;
    g_ptr_array_add (rows, row);
    InqComputed *computed = g_new0 (InqComputed, 1);
    g_autoptr (GError) local = NULL;
    if (inq_verify_compute (&verify, reference->name, computed, &local)) {
      computed->name = g_strdup (reference->name);
      compare (reference, computed, row);
      g_ptr_array_add (results, computed);
    } else {
      row->reason = g_strdup (local->message);
      computed_free (computed);
    }
    if (each)
      each (row, data);
  }
  if (dump && !write_dump (dump, results, error))
    return NULL;
  return g_steal_pointer (&rows);
}
