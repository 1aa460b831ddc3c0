/* Inquadra - a model in the engine: its tables, its plans, and the prompts it has read.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "chunks.h"
#include "inq-model.h"
#include "inq-shape.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_CONTEXTS 16

static void
prompt_context_free (InqPromptContext *context)
{
  g_free (context->text);
  g_free (context->context);
  g_free (context->pooled);
  g_free (context->notice);
  g_free (context);
}

static void
cached_plan_free (InqCachedPlan *cached)
{
  g_free (cached->key);
  inq_plan_free (cached->plan);
  g_free (cached);
}

/* Takes what @files holds. */
static InqModel *
model_new (InqEngine *engine, const char *path, const char *const *beside, InqModelFiles *files)
{
  InqModel *model = g_new0 (InqModel, 1);
  model->engine = engine;
  model->path = g_strdup (path);
  model->spec = inq_model_spec_new (files->weights);
  model->info = inq_model_info_new (path, files, model->spec);
  model->beside = g_strdupv ((char **) beside);
  model->file = g_steal_pointer (&files->file);
  model->folder = g_steal_pointer (&files->folder);
  model->weights = g_steal_pointer (&files->weights);
  model->plans = g_ptr_array_new_with_free_func ((GDestroyNotify) cached_plan_free);
  model->contexts = g_ptr_array_new_with_free_func ((GDestroyNotify) prompt_context_free);
  return model;
}

InqModel *
inq_model_open (InqEngine *engine, const char *path, const char *const *beside, GError **error)
{
  g_auto (InqModelFiles) files = { 0 };
  g_autofree char *print = inq_model_files_print (path, beside); /* before: what changes meanwhile is seen later */
  if (!inq_model_files_open (path, beside, &files, error))
    return NULL;
  InqModel *model = model_new (engine, path, beside, &files);
  model->print = g_steal_pointer (&print);
  return model;
}

InqModel *
inq_model_open_shape (InqEngine *engine, const char *name, InqDtype dtype, GError **error)
{
  g_auto (InqModelFiles) files = { 0 };
  files.weights = inq_shape_new (name, dtype, error);
  if (!files.weights)
    return NULL;
  files.file = g_strdup (name);
  files.folder = g_strdup ("");
  return model_new (engine, name, NULL, &files);
}

void
inq_model_drop_plans (InqModel *model)
{
  g_ptr_array_set_size (model->plans, 0);
}

void
inq_model_drop_part_plans (InqModel *model, InqPart part)
{
  for (guint i = model->plans->len; i-- > 0;)
    if (((InqCachedPlan *) g_ptr_array_index (model->plans, i))->part == part)
      g_ptr_array_remove_index (model->plans, i);
}

void
inq_model_drop_part (InqModel *model, InqPart part)
{
  inq_model_drop_part_plans (model, part);
  g_clear_pointer (&model->parts[part], inq_device_weights_free);
}

void
inq_model_drop_device (InqModel *model)
{
  inq_model_drop_plans (model);
  for (guint i = 0; i < INQ_N_PARTS; i++)
    g_clear_pointer (&model->parts[i], inq_device_weights_free);
}

void
inq_model_free (InqModel *model)
{
  if (!model)
    return;
  inq_model_drop_device (model);
  g_clear_pointer (&model->loras, inq_lora_stack_free);
  g_ptr_array_unref (model->plans);
  g_ptr_array_unref (model->contexts);
  g_clear_pointer (&model->tokenizer, inq_tokenizer_unref);
  g_clear_pointer (&model->tiny, inq_weights_unref);
  inq_model_spec_free (model->spec);
  inq_model_info_free (model->info);
  inq_weights_unref (model->weights);
  g_free (model->projection.matrix);
  g_free (model->print);
  g_free (model->hash);
  g_strfreev (model->beside);
  g_free (model->file);
  g_free (model->folder);
  g_free (model->path);
  g_free (model);
}

/* ---- text ---- */

InqTokenizer *
inq_model_get_tokenizer (InqModel *model, GError **error)
{
  if (!model->tokenizer) {
    g_autofree char *path = inq_tokenizer_find (model->path, error);
    if (!path)
      return NULL;
    model->tokenizer = inq_tokenizer_open (path, error);
  }
  return model->tokenizer;
}

gint32 *
inq_model_tokenize (InqModel *model, guint index, const char *text, InqTokenizeReport *report, GError **error)
{
  InqTokenizer *tokenizer = inq_model_get_tokenizer (model, error);
  if (!tokenizer)
    return NULL;
  const InqTowerSpec *tower = &model->spec->towers[index];
  if (tower->positions < 2 || inq_tokenizer_get_n_ids (tokenizer) > (guint) tower->n_ids) {
    g_autofree char *list = inq_tokenizer_find (model->path, NULL), *own = inq_tokenizer_own_place (model->path);
    g_set_error (
        error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE,
        _ ("The word list “%s” has %u words, the model's table %d: it belongs to another model. Put the model's"
           " own list at “%s”, or add the folder the model came in instead of its file alone"),
        list ? list : "", inq_tokenizer_get_n_ids (tokenizer), tower->n_ids, own);
    return NULL;
  }
  gint32 *ids = g_new (gint32, tower->positions);
  inq_tokenizer_encode (tokenizer, text, (guint) tower->positions, tower->facts.pad_id, ids, report);
  return ids;
}

/* The first end marker: the highest id of a CLIP vocabulary, which is what its pooling looks for. */
static int
end_position (const gint32 *ids, int n)
{
  int best = 0;
  for (int i = 1; i < n; i++)
    if (ids[i] > ids[best])
      best = i;
  return best;
}

float *
inq_model_pool (InqModel *model, guint index, const float *last, const gint32 *ids, int *width)
{
  const InqTowerSpec *tower = &model->spec->towers[index];
  *width = tower->pooled_width;
  if (model->spec->family->mean_pooled) {
    float *mean = g_new (float, tower->width);
    for (int i = 0; i < tower->width; i++) {
      double sum = 0;
      for (int t = 0; t < tower->positions; t++)
        sum += last[(gsize) t * tower->width + i];
      mean[i] = (float) (sum / tower->positions);
    }
    return mean;
  }
  const float *row = last + (gsize) end_position (ids, tower->positions) * tower->width;
  if (!tower->text_projection)
    return g_memdup2 (row, sizeof (float) * (gsize) tower->width);
  /* [1, width] x [width, out] */
  const InqWeight *projection = inq_weights_lookup (model->weights, tower->text_projection);
  gint64 out_width = tower->pooled_width;
  gboolean linear = tower->projection_is_linear;
  g_autofree float *matrix = g_new (float, inq_weight_count (projection));
  inq_weight_to_f32 (projection, matrix);
  inq_weights_release (model->weights, projection);
  inq_lora_stack_apply (model->loras, projection, matrix);
  float *out = g_new (float, out_width);
  for (gint64 o = 0; o < out_width; o++) {
    double sum = 0;
    for (gint64 i = 0; i < tower->width; i++)
      sum += (double) row[i] * matrix[linear ? o * tower->width + i : i * out_width + o];
    out[o] = (float) sum;
  }
  return out;
}

int
inq_model_get_tokens (InqModel *model)
{
  return model->spec->n_towers > 0 ? model->spec->towers[0].positions : 0;
}

static char *
describe_report (InqModel *model, const char *text, const InqTokenizeReport *report)
{
  GString *notice = g_string_new (NULL);
  g_autofree char *shown = g_utf8_make_valid (text, -1);
  if (g_utf8_strlen (shown, -1) > 40)
    strcpy (g_utf8_offset_to_pointer (shown, 37), "...");
  if (report->n_dropped > 0)
    g_string_append_printf (notice,
                            _ ("The prompt \"%s\" is %u tokens long; this model reads the first %u and the rest"
                               " was left out."),
                            shown, report->n_tokens, report->n_tokens - report->n_dropped);
  if (report->replaced_invalid) {
    if (notice->len > 0)
      g_string_append_c (notice, ' ');
    g_string_append_printf (notice, _ ("Some bytes of the prompt \"%s\" are not UTF-8 text and were replaced."), shown);
  }
  gboolean empty = notice->len == 0;
  char *result = g_string_free (notice, FALSE);
  if (empty)
    g_clear_pointer (&result, g_free);
  return result;
}

static gboolean
not_finite (InqModel *model, guint index, GError **error)
{
  if (model->spec->n_towers > 1)
    g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NOT_FINITE,
                 _ ("Text encoder %u of %u produced a number that is not finite: the model's weights are damaged or"
                    " overflow"),
                 index + 1, model->spec->n_towers);
  else
    g_set_error_literal (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NOT_FINITE,
                         _ ("The text encoder produced a number that is not finite: the model's weights are damaged or"
                            " overflow"));
  return FALSE;
}

/* One row of a tower's share: rows @row.. and columns @column.. of context [tokens, context_width]. */
static gboolean
add_row (InqModel *model, guint index, const InqChunks *chunks, guint chunk, InqPromptContext *context, int column,
         GCancellable *cancellable, GError **error)
{
  const InqTowerSpec *tower = &model->spec->towers[index];
  const gint32 *ids = chunks->ids + chunk * (guint) tower->positions;
  gsize n = (gsize) tower->positions * tower->width;
  gboolean pooled = model->spec->adm_width > 0 && index + 1 == model->spec->n_towers && chunk == 0;
  g_autofree float *hidden = g_new (float, n);
  g_autofree float *last = g_new (float, n);
  InqTextStates states = { .last = pooled ? last : NULL };
  switch (tower->facts.context) {
  case INQ_HIDDEN_LAST:
    states.last = hidden;
    break;
  case INQ_HIDDEN_PENULTIMATE:
    states.penultimate = hidden;
    break;
  case INQ_HIDDEN_PENULTIMATE_NORMED:
    states.penultimate_normed = hidden;
    break;
  }
  if (!inq_model_run_text (model, index, ids, 1, &states, cancellable, error))
    return FALSE;
  if (inq_find_not_finite (hidden, n) >= 0)
    return not_finite (model, index, error);
  if (pooled) {
    int width;
    context->pooled = inq_model_pool (model, index, states.last, ids, &width);
    if (inq_find_not_finite (context->pooled, (gsize) width) >= 0)
      return not_finite (model, index, error);
  }
  if (chunks->weighted[chunk])
    inq_weigh_hidden (hidden, chunks->weights + chunk * (guint) tower->positions, tower->positions, tower->width);
  gsize row = (gsize) chunk * inq_model_get_tokens (model);
  for (int t = 0; t < MIN (tower->positions, inq_model_get_tokens (model)); t++)
    memcpy (context->context + (row + (gsize) t) * model->spec->context_width + column,
            hidden + (gsize) t * tower->width, sizeof (float) * (gsize) tower->width);
  return TRUE;
}

static gboolean
fill_context (InqModel *model, const char *text, InqPromptContext *context, InqTokenizeReport *report,
              GCancellable *cancellable, GError **error)
{
  const InqModelSpec *spec = model->spec;
  guint rows = 1;
  int column = 0;
  for (guint i = 0; i < spec->n_towers; i++) {
    g_auto (InqChunks) chunks = { 0 };
    if (!inq_chunks_init (&chunks, model, i, text, report, error))
      return FALSE;
    if (i == 0) { /* the towers read the same words in rows of the same length */
      rows = chunks.n;
      context->tokens = (int) rows * inq_model_get_tokens (model);
      context->context = g_new0 (float, (gsize) context->tokens *MAX (spec->context_width, 1));
    }
    for (guint c = 0; c < MIN (rows, chunks.n); c++)
      if (!add_row (model, i, &chunks, c, context, column, cancellable, error))
        return FALSE;
    column += spec->towers[i].width;
  }
  return TRUE;
}

const InqPromptContext *
inq_model_get_context (InqModel *model, const char *text, GCancellable *cancellable, GError **error)
{
  text = text ? text : "";
  for (guint i = 0; i < model->contexts->len; i++) {
    InqPromptContext *context = g_ptr_array_index (model->contexts, i);
    if (g_str_equal (context->text, text)) {
      g_ptr_array_insert (model->contexts, 0, g_ptr_array_steal_index (model->contexts, i));
      return context;
    }
  }
  InqPromptContext *context = g_new0 (InqPromptContext, 1);
  context->text = g_strdup (text);
  InqTokenizeReport report = { 0 };
  if (!fill_context (model, text, context, &report, cancellable, error)) {
    prompt_context_free (context);
    return NULL;
  }
  context->notice = describe_report (model, text, &report);
  g_ptr_array_insert (model->contexts, 0, context);
  if (model->contexts->len > MAX_CONTEXTS)
    g_ptr_array_set_size (model->contexts, MAX_CONTEXTS);
  return context;
}

float *
inq_model_make_vector (InqModel *model, const float *pooled, const double ids[INQ_SIZE_IDS])
{
  const InqModelSpec *spec = model->spec;
  if (spec->adm_width <= 0)
    return NULL;
  float *y = g_new0 (float, spec->adm_width);
  /* pooled state, then each id as sinusoids like the timestep's (LDM's ConcatTimestepEmbedderND, 256 wide) */
  int per_id = 256, n_ids = spec->family->size_ids ? INQ_SIZE_IDS : 0;
  int pooled_width = spec->adm_width - n_ids * per_id;
  if (pooled_width < 0 || spec->n_towers == 0)
    return y;
  if (pooled)
    memcpy (y, pooled, sizeof (float) * (gsize) MIN (pooled_width, spec->towers[spec->n_towers - 1].pooled_width));
  for (int i = 0; i < n_ids; i++)
    for (int k = 0; k < per_id / 2; k++) {
      double angle = ids[i] * exp (-log (10000.0) * k / (per_id / 2));
      y[pooled_width + i * per_id + k] = (float) cos (angle);
      y[pooled_width + i * per_id + per_id / 2 + k] = (float) sin (angle);
    }
  return y;
}
