/* Inquadra - from a prompt to pictures.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Software devices make one picture after the other, so that the first is there early; GPUs make several in one batch.
 * Either way picture k is the same bytes: its noise is its own, and no kernel mixes rows.
 */
#include "config.h"

#include "generate-private.h"
#include "recipe.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define PREVIEW_FROM 1                   /* the first step's guess is a grey mist */
#define LONG_TO_HASH ((goffset) 1 << 30) /* bytes */

void
inq_run_clear (InqRun *run)
{
  g_free (run->words);
  g_free (run->against);
  g_free (run->cond);
  g_free (run->uncond);
  g_clear_pointer (&run->tags, g_array_unref);
  g_clear_pointer (&run->loras, g_array_unref);
  inq_canvas_clear (&run->base);
  inq_canvas_clear (&run->large);
  g_free (run->init_hash);
  g_free (run->mask_hash);
  g_clear_pointer (&run->memory, inq_memory_plan_free);
}
/* ---- telling ---- */

void
inq_run_notice (InqRun *run, const char *format, ...)
{
  if (!run->callbacks || !run->callbacks->notice)
    return;
  va_list args;
  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  run->callbacks->notice (message, run->callbacks->data);
}

void
inq_run_progress (InqRun *run, InqStage stage, int index, int step, int n_steps, const InqPicture *preview)
{
  if (run->callbacks && run->callbacks->progress)
    run->callbacks->progress (stage, index, step, n_steps, preview, run->callbacks->data);
}

/* ---- sampling ---- */

static gboolean
want_predicted (guint step, guint n_steps, gpointer data)
{
  InqRun *run = data;
  return run->callbacks && run->callbacks->progress && run->callbacks->previews && step >= PREVIEW_FROM
         && step + 1 < n_steps;
}

static void
stepped (guint step, guint n_steps, const float *predicted, gpointer data)
{
  InqRun *run = data;
  const InqCanvas *canvas = run->enlarging ? &run->large : &run->base;
  guint before = run->enlarging ? run->base_calls : 0;
  gboolean rich = run->rich_every > 0 && step % (guint) run->rich_every == 0;
  for (int i = 0; i < run->in_batch; i++) {
    g_autoptr (InqPicture) preview = NULL;
    g_autoptr (GError) error = NULL;
    /* With the tiny decoder at hand, steps between its previews show nothing new. */
    if (predicted && (rich || !inq_model_has_tiny (run->model)))
      preview = inq_model_preview (run->model, canvas->h, canvas->w, predicted + (gsize) i * canvas->per, rich,
                                   run->cancellable, &error);
    if (g_error_matches (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NOT_FINITE))
      inq_run_notice (run, _ ("No preview at step %u of %u: %s"), before + step + 1, run->base_calls + run->large_calls,
                      error->message);
    inq_run_progress (run, INQ_STAGE_SAMPLING, run->first + i, (int) (before + step + 1),
                      (int) (run->base_calls + run->large_calls), preview);
  }
}

/* Called only where the hash is not known from before. */
static void
hashing_cb (goffset done, goffset total, gpointer data)
{
  InqRun *run = data;
  if (total < LONG_TO_HASH || run->told_hashing)
    return;
  run->told_hashing = TRUE;
  g_autofree char *size = g_format_size ((guint64) total);
  inq_run_notice (run, _ ("%s of the model are read once for the hash in its pictures' recipes"), size);
}

static gboolean
deliver (InqRun *run, const float *latents, GError **error)
{
  int index = run->done;
  inq_run_progress (run, INQ_STAGE_DECODING, index, 0, 1, NULL);
  g_autoptr (InqPicture)
      picture = inq_model_decode (run->model, run->final->h, run->final->w, latents, run->cancellable, error);
  if (!picture)
    return FALSE;
  inq_canvas_keep_pixels (run->final, picture);
  if (!run->model->hash /* may read all of the files */
      && !inq_hash_files (run->model->weights, run->cancellable, hashing_cb, run, error))
    return FALSE;
  inq_run_progress (run, INQ_STAGE_DECODING, index, 1, 1, NULL);
  /* What a model does of itself must be said even where it was not done. */
  gboolean says_end = run->guided && MIN (run->guidance_end, run->model->spec->guidance_end) < 1;
  gboolean says_perturb = run->guided && (run->perturb || run->model->spec->perturb);
  InqRecipe recipe = {
    .prompt = run->prompt,
    .negative = run->negative,
    .seed = inq_run_seed (run, index),
    .variation_seed = inq_run_variation_seed (run, index),
    .variation_strength = run->params->variation_strength,
    .steps = run->steps,
    .cfg = run->cfg,
    .guidance_rescale = run->guided ? run->params->guidance_rescale : 0,
    .guidance_start = run->guided ? run->params->guidance_start : 0,
    .guidance_end = says_end ? run->guidance_end : 0,
    .perturb = says_perturb ? inq_perturb_name (run->perturb) : NULL,
    .sampler = run->sampler,
    .schedule = run->params->schedule,
    .eta = run->eta,
    .width = run->base.width,
    .height = run->base.height,
    .hires_scale = run->large.width > 0 ? run->params->hires_scale : 0,
    .hires_strength = run->hires_strength,
    .hires_steps = run->hires_steps,
    .hires_upscale = run->params->hires_upscale && *run->params->hires_upscale ? run->params->hires_upscale : "bicubic",
    .mask_feather = run->params->mask_feather,
    .strength = run->strength,
    .init_hash = run->init_hash,
    .mask_hash = run->mask_hash,
    .read = run->rolls ? run->words : NULL,
    .loras = run->model->loras,
    .model = run->model->info->name,
    .model_hash = inq_model_get_hash (run->model),
    .device = inq_gpu_get_facts (run->engine->gpu)->name,
  };
  g_autofree char *json = inq_recipe_to_json (&recipe);
  run->done++;
  if (run->callbacks && run->callbacks->picture)
    run->callbacks->picture (index, recipe.seed, g_steal_pointer (&picture), json, run->callbacks->data);
  return TRUE;
}

/* A context of run->tokens rows: @text's, and the empty prompt's where it is shorter. (transfer full) */
static float *
stretch (InqRun *run, const InqPromptContext *text, const InqPromptContext *empty)
{
  gsize width = (gsize) run->model->spec->context_width;
  float *rows = g_new (float, (gsize) run->tokens *width);
  memcpy (rows, text->context, sizeof (float) * (gsize) text->tokens * width);
  for (gint64 at = text->tokens; at < run->tokens; at += empty->tokens)
    memcpy (rows + (gsize) at * width, empty->context, sizeof (float) * (gsize) empty->tokens * width);
  return rows;
}

/* Model and contexts for the next pictures. */
static gboolean
prepare_text (InqRun *run, GError **error)
{
  if (run->rolls && !inq_run_read_prompts (run, inq_run_seed (run, run->done), error))
    return FALSE;
  if (!inq_model_set_loras (run->model, (const InqLoraUse *) run->loras->data, run->loras->len, error))
    return FALSE;
  inq_run_progress (run, INQ_STAGE_TEXT, -1, 0, 1, NULL);
  const InqPromptContext *uncond = NULL, *empty = NULL;
  if (run->guided && !(uncond = inq_model_get_context (run->model, run->against, run->cancellable, error)))
    return FALSE;
  const InqPromptContext *cond = inq_model_get_context (run->model, run->words, run->cancellable, error);
  if (!cond)
    return FALSE;
  run->tokens = MAX (cond->tokens, uncond ? uncond->tokens : 0);
  if (uncond && cond->tokens != uncond->tokens
      && !(empty = inq_model_get_context (run->model, "", run->cancellable, error)))
    return FALSE;
  g_free (run->cond);
  g_clear_pointer (&run->uncond, g_free);
  run->cond = stretch (run, cond, empty);
  if (uncond)
    run->uncond = stretch (run, uncond, empty);
  run->cond_text = cond;
  run->uncond_text = uncond;
  if (run->done == 0 && cond->notice)
    inq_run_notice (run, "%s", cond->notice);
  if (run->done == 0 && uncond && uncond != cond && uncond->notice)
    inq_run_notice (run, "%s", uncond->notice);
  inq_run_progress (run, INQ_STAGE_TEXT, -1, 1, 1, NULL);
  return TRUE;
}

static InqNoiseOf
noise_of (InqRun *run, int index)
{
  return (InqNoiseOf){ inq_run_seed (run, index), inq_run_variation_seed (run, index),
                       run->params->variation_strength };
}

/* One run of the sampler over the pictures run->first.. on @canvas: @x in unit noise, out latents. */
static gboolean
sample_on (InqRun *run, const InqCanvas *canvas, float *x, const float *x0, GError **error)
{
  const InqPromptContext *cond = run->cond_text, *uncond = run->uncond_text;
  const double ids[INQ_SIZE_IDS] = { canvas->height, canvas->width, 0, 0, canvas->height, canvas->width };
  g_autofree float *cond_y = inq_model_make_vector (run->model, cond->pooled, ids);
  g_autofree float *uncond_y = uncond ? inq_model_make_vector (run->model, uncond->pooled, ids) : NULL;
  g_autofree InqNoiseOf *noise = g_new (InqNoiseOf, run->in_batch);
  for (int i = 0; i < run->in_batch; i++)
    noise[i] = noise_of (run, run->first + i);
  InqSampling sampling = {
    .n = run->in_batch,
    .h = canvas->h,
    .w = canvas->w,
    .cfg = run->cfg,
    .guidance_rescale = run->params->guidance_rescale,
    .guidance_start = run->params->guidance_start,
    .guidance_end = run->guidance_end,
    .perturb = run->perturb,
    .cond = run->cond,
    .uncond = run->uncond,
    .tokens = run->tokens,
    .cond_y = cond_y,
    .uncond_y = uncond_y,
    .noise = noise,
    .x = x,
    .x0 = x0,
    .kept = canvas->x0,
    .mask = canvas->latent_mask,
    .masked = canvas->masked,
    .want_predicted = want_predicted,
    .step = stepped,
    .data = run,
  };
  run->enlarging = canvas == &run->large;
  inq_run_fill_sampler (run, run->enlarging, &sampling.params);
  return inq_model_sample (run->model, &sampling, run->cancellable, error);
}

static void
start_noise (InqRun *run, int index, const InqCanvas *canvas, float *x)
{
  InqNoiseOf of = noise_of (run, index);
  inq_latent_noise (&of, 0, canvas->h, canvas->w, run->model->spec->latent_channels, x);
}

/* The hires pass over one picture's latents of the first: (transfer full) those of the second. One picture at a time:
 * at this size it fills a device by itself, and a batch would only take memory. */
static float *
enlarge (InqRun *run, const float *latents, GError **error)
{
  const InqCanvas *base = &run->base, *large = &run->large;
  gboolean bicubic = g_strcmp0 (run->params->hires_upscale, "bilinear") != 0;
  g_autofree float *x0 = inq_latents_resize (latents, base->h, base->w, run->model->spec->latent_channels, large->h,
                                             large->w, bicubic);
  g_autofree float *x = g_new (float, large->per);
  run->first = run->done;
  run->in_batch = 1;
  start_noise (run, run->done, large, x);
  if (sample_on (run, large, x, x0, error))
    return g_steal_pointer (&x);
  if (error && g_error_matches (*error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NOT_FINITE))
    g_prefix_error (error, "%s: ", _ ("Hires pass"));
  return NULL;
}

/* Samples and decodes the pictures from run->done on, at most run->batch of them. */
static gboolean
run_batch (InqRun *run, GError **error)
{
  int n = MIN (run->batch, run->count - run->done);
  run->first = run->done;
  run->in_batch = n;
  g_autofree float *x = g_new (float, (gsize) n * run->base.per);
  for (int i = 0; i < n; i++)
    start_noise (run, run->first + i, &run->base, x + (gsize) i * run->base.per);
  for (int i = 0; i < n; i++)
    inq_run_progress (run, INQ_STAGE_SAMPLING, run->first + i, 0, (int) (run->base_calls + run->large_calls), NULL);
  if (!sample_on (run, &run->base, x, run->base.x0, error))
    return FALSE;
  for (int i = 0; i < n; i++) {
    const float *latents = x + (gsize) i * run->base.per;
    g_autofree float *larger = NULL;
    if (run->large.width > 0 && !(latents = larger = enlarge (run, latents, error)))
      return FALSE;
    if (!deliver (run, latents, error))
      return FALSE;
  }
  return TRUE;
}

/* ---- everything ---- */

/* Everything not done yet. May be called again after a failure that was repaired. */
static gboolean
run_rest (InqRun *run, GError **error)
{
  inq_run_progress (run, INQ_STAGE_LOADING, -1, 1, 1, NULL);
  if (!inq_model_set_loras (run->model, (const InqLoraUse *) run->loras->data, run->loras->len, error)
      || !inq_run_plan_memory (run, error))
    return FALSE;
  if (!prepare_text (run, error) || !inq_canvas_encode (&run->base, run->model, run->cancellable, error)
      || !inq_canvas_encode (&run->large, run->model, run->cancellable, error))
    return FALSE;
  while (run->done < run->count) {
    if (run->rolls && run->done > 0 && !prepare_text (run, error))
      return FALSE;
    if (!run_batch (run, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
inq_engine_generate (InqEngine *engine, InqModel *model, const InqGenerateParams *params,
                     const InqGenerateCallbacks *callbacks, GCancellable *cancellable, GError **error)
{
  g_auto (InqRun) run = { .engine = engine, .model = model, .callbacks = callbacks, .cancellable = cancellable };
  if (!inq_run_begin (&run, params, error))
    return FALSE;
  if (params->schedule && *params->schedule && model->spec->prediction == INQ_PREDICTION_FLOW)
    inq_run_notice (&run, _ ("%s is a flow model, which has a schedule of its own: “%s” was not used"),
                    model->info->name, params->schedule);
  if (!inq_model_check_content (model, error))
    return FALSE;
  for (; model->notes_told < model->spec->notes->len; model->notes_told++)
    inq_run_notice (&run, "%s", (const char *) g_ptr_array_index (model->spec->notes, model->notes_told));
  inq_run_take_start (&run, params);
  inq_run_progress (&run, INQ_STAGE_LOADING, -1, 0, 1, NULL);

  gboolean reopened = FALSE;
  model->budget_cap = 0;
  for (;;) {
    g_autoptr (GError) local = NULL;
    if (run_rest (&run, &local))
      return TRUE;
    if (g_error_matches (local, INQ_GPU_ERROR, INQ_GPU_ERROR_DEVICE_LOST) && !reopened) {
      reopened = TRUE;
      inq_run_notice (&run, _ ("The graphics device was lost; starting it again"));
      if (!inq_engine_reopen (engine, error))
        return FALSE;
      continue;
    }
    if (g_error_matches (local, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY)) {
      if (inq_run_plan_less (&run))
        continue;
      InqMemoryAsk ask = inq_run_memory_ask (&run);
      g_clear_error (&local);
      inq_memory_explain (model, &ask, &local);
    }
    if (g_error_matches (local, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NOT_FINITE))
      inq_model_blame (model, &local);
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
}
