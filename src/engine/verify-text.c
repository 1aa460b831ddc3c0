/* Inquadra - verify: texts, contexts and vectors of a reference set.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "verify.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* ---- inputs ---- */

const InqWeight *
inq_verify_lookup (InqVerify *v, const char *name)
{
  const InqWeight *w = inq_weights_lookup (v->expect, name);
  return w || !v->base ? w : inq_weights_lookup (v->base, name);
}

JsonNode *
inq_verify_json (InqVerify *v, const char *name)
{
  JsonNode *node = json_object_get_member (v->json, name);
  return node || !v->base_json ? node : json_object_get_member (v->base_json, name);
}

gboolean
inq_verify_unsupported (GError **error, const char *reason)
{
  g_set_error_literal (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_UNSUPPORTED, reason);
  return FALSE;
}

/* ---- text ---- */

/* Prompts in order, then the negative; NULL-terminated, strings borrowed from the json. */
static const char **
get_texts (InqVerify *v, GError **error)
{
  JsonNode *node = inq_verify_json (v, "prompts");
  GPtrArray *texts = g_ptr_array_new ();
  if (node && JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);
    for (guint i = 0; i < json_array_get_length (array); i++) {
      const char *text = json_array_get_string_element (array, i);
      g_ptr_array_add (texts, (gpointer) (text ? text : ""));
    }
  }
  node = inq_verify_json (v, "negative");
  if (node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    g_ptr_array_add (texts, (gpointer) json_node_get_string (node));
  if (texts->len == 0) {
    g_ptr_array_free (texts, TRUE);
    g_set_error_literal (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING, _ ("the description names no prompts"));
    return NULL;
  }
  v->n_texts = (int) texts->len;
  g_ptr_array_add (texts, NULL);
  return (const char **) g_ptr_array_free (texts, FALSE);
}

/* The description may hold the tokens as the reference saw them: ours must be the same. */
static gboolean
check_ids (InqVerify *v, guint tower, const gint32 *ids, int n, int positions, GError **error)
{
  JsonNode *node = inq_verify_json (v, "tokens");
  if (!node || !JSON_NODE_HOLDS_ARRAY (node) || tower >= json_array_get_length (json_node_get_array (node)))
    return TRUE;
  JsonNode *element = json_array_get_element (json_node_get_array (node), tower);
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (element) ? json_node_get_object (element) : NULL;
  JsonNode *list = object ? json_object_get_member (object, "ids") : NULL;
  JsonArray *rows = list && JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list) : NULL;
  for (guint r = 0; rows && r < json_array_get_length (rows) && (int) r < n; r++) {
    JsonNode *row_node = json_array_get_element (rows, r);
    JsonArray *row = JSON_NODE_HOLDS_ARRAY (row_node) ? json_node_get_array (row_node) : NULL;
    for (guint k = 0; row && k < json_array_get_length (row) && (int) k < positions; k++)
      if (json_array_get_int_element (row, k) != ids[r * (guint) positions + k]) {
        g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_MISMATCH,
                     _ ("prompt %u becomes other tokens than in the reference (from token %u on)"), r, k);
        return FALSE;
      }
  }
  return TRUE;
}

gboolean
inq_verify_ensure_text (InqVerify *v, guint tower, GError **error)
{
  if (tower >= v->model->spec->n_towers)
    return inq_verify_unsupported (error, _ ("the model has no such text tower"));
  if (v->states[tower].last)
    return TRUE;
  const InqTowerSpec *t = &v->model->spec->towers[tower];
  g_autofree const char **texts = get_texts (v, error);
  if (!texts)
    return FALSE;
  if (!v->ids[tower]) {
    g_autofree gint32 *all = g_new (gint32, v->n_texts * t->positions);
    for (int i = 0; i < v->n_texts; i++) {
      g_autofree gint32 *ids = inq_model_tokenize (v->model, tower, texts[i], NULL, error);
      if (!ids)
        return FALSE;
      memcpy (all + i * t->positions, ids, sizeof *ids * (gsize) t->positions);
    }
    if (!check_ids (v, tower, all, v->n_texts, t->positions, error))
      return FALSE;
    v->ids[tower] = g_steal_pointer (&all);
  }
  gsize n = (gsize) v->n_texts * t->positions * t->width;
  InqTextStates states = { g_new (float, n), g_new (float, n), g_new (float, n) };
  if (inq_model_run_text (v->model, tower, v->ids[tower], v->n_texts, &states, NULL, error)) {
    v->states[tower] = states;
    return TRUE;
  }
  g_free (states.last);
  g_free (states.penultimate);
  g_free (states.penultimate_normed);
  return FALSE;
}

static const float *
state_of (InqVerify *v, guint tower, InqHidden hidden)
{
  const InqTextStates *s = &v->states[tower];
  return hidden == INQ_HIDDEN_LAST          ? s->last
         : hidden == INQ_HIDDEN_PENULTIMATE ? s->penultimate
                                            : s->penultimate_normed;
}

gboolean
inq_verify_compute_text (InqVerify *v, guint tower, const char *what, InqComputed *out, GError **error)
{
  if (!inq_verify_ensure_text (v, tower, error))
    return FALSE;
  const InqTowerSpec *t = &v->model->spec->towers[tower];
  gsize row = (gsize) t->positions * t->width;
  if (g_str_equal (what, "pooled")) {
    for (int i = 0; i < v->n_texts; i++) {
      int width;
      g_autofree float *pooled = inq_model_pool (v->model, tower, v->states[tower].last + (gsize) i * row,
                                                 v->ids[tower] + i * t->positions, &width);
      if (!out->data)
        out->data = g_new (float, v->n_texts *width);
      memcpy (out->data + i * width, pooled, sizeof (float) * (gsize) width);
      out->dims[1] = width;
    }
    out->n_dims = 2;
    out->dims[0] = v->n_texts;
    return TRUE;
  }
  const float *from = NULL;
  for (InqHidden h = INQ_HIDDEN_LAST; h <= INQ_HIDDEN_PENULTIMATE_NORMED; h++)
    if (g_str_equal (what, inq_hidden_output_name (h)))
      from = state_of (v, tower, h);
  if (!from)
    return inq_verify_unsupported (error, _ ("this version knows no such state of a text tower"));
  out->n_dims = 3;
  out->dims[0] = v->n_texts;
  out->dims[1] = t->positions;
  out->dims[2] = t->width;
  out->data = g_memdup2 (from, sizeof (float) * row * (gsize) v->n_texts);
  return TRUE;
}

/* What conditions the network, for every text: the towers' states side by side. */
gboolean
inq_verify_compute_context (InqVerify *v, InqComputed *out, GError **error)
{
  const InqModelSpec *spec = v->model->spec;
  int tokens = inq_model_get_tokens (v->model), column = 0;
  for (guint i = 0; i < spec->n_towers; i++)
    if (!inq_verify_ensure_text (v, i, error))
      return FALSE;
  out->n_dims = 3;
  out->dims[0] = v->n_texts;
  out->dims[1] = tokens;
  out->dims[2] = spec->context_width;
  out->data = g_new0 (float, (gsize) v->n_texts *tokens *MAX (spec->context_width, 1));
  for (guint i = 0; i < spec->n_towers; i++) {
    int width = spec->towers[i].width;
    const float *from = state_of (v, i, spec->towers[i].facts.context);
    for (int r = 0; column + width <= spec->context_width && r < v->n_texts * tokens; r++)
      memcpy (out->data + (gsize) r * spec->context_width + column, from + (gsize) r * width,
              sizeof (float) * (gsize) width);
    column += width;
  }
  return TRUE;
}

/* The reference's own context where it has one (each stage is judged alone), else ours. [n_texts, tokens, width] */
float *
inq_verify_get_context (InqVerify *v, int *rows, GError **error)
{
  const InqModelSpec *spec = v->model->spec;
  const InqWeight *w = inq_verify_lookup (v, "context");
  if (w && w->n_dims == 3 && w->dims[1] == inq_model_get_tokens (v->model) && w->dims[2] == spec->context_width) {
    float *context = g_new (float, inq_weight_count (w));
    inq_weight_to_f32 (w, context);
    *rows = (int) w->dims[0];
    return context;
  }
  InqComputed computed = { 0 };
  if (!inq_verify_compute_context (v, &computed, error))
    return NULL;
  *rows = v->n_texts;
  return computed.data;
}

/* [id, ..] for all texts, or [[id, ..], ..] with a row for each. */
static void
read_size_ids (JsonNode *node, guint row, double ids[INQ_SIZE_IDS])
{
  JsonArray *given = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint n = given ? json_array_get_length (given) : 0;
  JsonNode *first = n > 0 ? json_array_get_element (given, MIN (row, n - 1)) : NULL;
  if (first && JSON_NODE_HOLDS_ARRAY (first)) {
    given = json_node_get_array (first);
    n = json_array_get_length (given);
  }
  for (guint i = 0; i < MIN (n, INQ_SIZE_IDS); i++) {
    JsonNode *id = json_array_get_element (given, i);
    if (JSON_NODE_HOLDS_VALUE (id))
      ids[i] = json_node_get_double (id);
  }
}

/* Vector conditioning of every text [rows, adm_width]; NULL without error where the network takes none. */
float *
inq_verify_get_vectors (InqVerify *v, int rows, gint64 height, gint64 width, GError **error)
{
  const InqModelSpec *spec = v->model->spec;
  if (spec->adm_width == 0)
    return NULL;
  InqComputed pooled = { 0 };
  if (!inq_verify_compute_text (v, spec->n_towers - 1, "pooled", &pooled, error))
    return NULL;
  JsonNode *node = inq_verify_json (v, "time_ids");
  float *y = g_new0 (float, rows * spec->adm_width);
  for (int i = 0; i < rows && i < v->n_texts; i++) {
    double ids[INQ_SIZE_IDS] = { height, width, 0, 0, height, width };
    read_size_ids (node, (guint) i, ids);
    g_autofree float *one = inq_model_make_vector (v->model, pooled.data + i * pooled.dims[1], ids);
    memcpy (y + i * spec->adm_width, one, sizeof (float) * (gsize) spec->adm_width);
  }
  g_free (pooled.data);
  return y;
}
