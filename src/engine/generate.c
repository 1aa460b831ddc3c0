/* Inquadra - from a prompt to pictures.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Software devices make one picture after the other, so that the first is there early; GPUs make several in one batch.
 * Either way picture k is the same bytes: its noise is its own, and no kernel mixes rows.
 */
#include "config.h"

#include "inq-model.h"
#include "inq-prompt.h"
#include "memory-plan.h"
#include "recipe.h"
#include "start.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_SIDE     4096
#define MAX_COUNT    64
#define MAX_STEPS    150
#define MAX_BATCH    8
#define RICH_ON_CPU  4 /* previews with the tiny decoder a software device can afford per picture */
#define MAX_TRIES    8 /* memory plans */
#define MAX_FEATHER  256
#define MAX_HIRES    4
#define PREVIEW_FROM 1 /* the first step's guess is a grey mist */

typedef struct {
  InqEngine *engine;
  InqModel *model;
  const InqGenerateCallbacks *callbacks;
  GCancellable *cancellable;
  const char *prompt, *negative;
  const InqGenerateParams *params;
  gboolean rolls;       /* whether prompt or negative differ from seed to seed */
  char *words;          /* the prompt, choices made, without the LoRAs it names */
  char *against;        /* the negative likewise */
  GArray *tags;         /* the LoRAs named: InqPromptLora */
  GArray *loras;        /* InqLoraUse: those, then the caller's */
  float *cond, *uncond; /* (uncond nullable) [tokens, context_width] */
  gint64 tokens;
  const InqPromptContext *cond_text, *uncond_text; /* (uncond nullable) */
  guint64 seed;
  int count, steps;
  double cfg, strength;
  gboolean guided; /* two rows of the network for each picture */
  const char *sampler;
  InqCanvas base;   /* what pictures are made at */
  InqCanvas large;  /* width 0 for no hires pass */
  InqCanvas *final; /* of the two */
  int hires_steps;
  double hires_strength;
  char *init_hash, *mask_hash;
  guint base_calls, large_calls; /* of the network for one picture */
  int done;                      /* pictures handed over */
  int batch;                     /* pictures at once; 1 with a hires pass, whose size fills a device by itself */
  int first;                     /* of the batch being sampled */
  int in_batch;                  /* how many those are */
  gboolean enlarging;            /* whether it is the hires pass */
  int rich_every;                /* steps between previews with the tiny decoder, 0 for never */
  InqMemoryPlan *memory;         /* (nullable) */
  int tries;                     /* plans that did not hold */
} Run;

static void
run_clear (Run *run)
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
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

void
inq_generate_params_init (InqGenerateParams *params)
{
  *params = (InqGenerateParams){ .count = 1, .strength = 0.6 };
}

/* ---- telling ---- */

static void notice (Run *run, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
notice (Run *run, const char *format, ...)
{
  if (!run->callbacks || !run->callbacks->notice)
    return;
  va_list args;
  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  run->callbacks->notice (message, run->callbacks->data);
}

static void
progress (Run *run, InqStage stage, int index, int step, int n_steps, const InqPicture *preview)
{
  if (run->callbacks && run->callbacks->progress)
    run->callbacks->progress (stage, index, step, n_steps, preview, run->callbacks->data);
}

/* ---- checking ---- */

static gboolean
check_range (double value, double min, double max, const char *what, GError **error)
{
  if (value >= min && value <= max)
    return TRUE;
  g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID, _ ("%s is %g; it can be %g to %g"), what, value, min,
               max);
  return FALSE;
}

static int
round_side (int side, int multiple)
{
  return MAX (multiple, (side + multiple / 2) / multiple * multiple);
}

/* The size of the hires pass. */
static gboolean
resolve_hires (Run *run, const InqGenerateParams *p, GError **error)
{
  const InqModelSpec *spec = run->model->spec;
  int multiple = inq_model_spec_get_multiple (spec);
  run->final = &run->base;
  if (!check_range (p->hires_scale, 0, MAX_HIRES, "The hires scale", error)
      || !check_range (p->hires_strength, 0, 1, "The hires strength", error)
      || !check_range (p->hires_steps, 0, MAX_STEPS, "The number of hires steps", error))
    return FALSE;
  if (p->hires_upscale && *p->hires_upscale && !g_str_equal (p->hires_upscale, "bicubic")
      && !g_str_equal (p->hires_upscale, "bilinear")) {
    g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID,
                 _ ("There is no way to enlarge called “%s”. Choose bilinear or bicubic"), p->hires_upscale);
    return FALSE;
  }
  if (p->hires_scale == 0 || p->hires_scale == 1)
    return TRUE;
  int width = round_side ((int) lrint (run->base.width * p->hires_scale), multiple);
  int height = round_side ((int) lrint (run->base.height * p->hires_scale), multiple);
  if (!check_range (p->hires_scale, 1, MAX_HIRES, "The hires scale", error)
      || !check_range (MAX (width, height), 1, MAX_SIDE, "The longer side after the hires pass", error))
    return FALSE;
  inq_canvas_init (&run->large, spec, width, height);
  run->final = &run->large;
  run->hires_steps = p->hires_steps == 0 ? run->steps : p->hires_steps;
  run->hires_strength = p->hires_strength == 0 ? 0.5 : p->hires_strength;
  return TRUE;
}

/* Defaults and rounding. */
static gboolean
resolve (Run *run, const InqGenerateParams *p, GError **error)
{
  const InqModelSpec *spec = run->model->spec;
  if (spec->missing->len > 0) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING, _ ("%s cannot draw: %s"), run->model->info->name,
                 (const char *) g_ptr_array_index (spec->missing, 0));
    return FALSE;
  }
  int multiple = inq_model_spec_get_multiple (spec);
  run->prompt = p->prompt ? p->prompt : "";
  run->negative = p->negative ? p->negative : "";
  run->seed = p->seed;
  run->count = p->count;
  run->steps = p->steps == 0 ? spec->steps : p->steps;
  run->cfg = p->cfg == 0 ? spec->cfg : p->cfg;
  /* A network distilled with a scale is told it instead (Luo et al. 2023). */
  run->guided = run->cfg != 1 && spec->guidance_embed == 0;
  run->sampler = p->sampler && *p->sampler ? p->sampler : spec->sampler;
  run->strength = p->init ? p->strength : 1;
  int width = p->width == 0 ? spec->width : p->width, height = p->height == 0 ? spec->height : p->height;
  if (!check_range (run->count, 1, MAX_COUNT, "The number of pictures", error)
      || !check_range (run->steps, 1, MAX_STEPS, "The number of steps", error)
      || !check_range (run->cfg, 1, 100, "The guidance scale (cfg)", error)
      || !check_range (p->guidance_rescale, 0, 1, "The rescaling of guidance", error)
      || !check_range (run->strength, 0, 1, "The strength", error)
      || !check_range (width, 1, MAX_SIDE, "The width", error)
      || !check_range (height, 1, MAX_SIDE, "The height", error)
      || !check_range (p->variation_strength, 0, 1, "The variation's strength", error)
      || !check_range (p->mask_feather, 0, MAX_FEATHER, "The mask's feather", error))
    return FALSE;
  if (p->mask && !p->init) {
    g_set_error_literal (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID,
                         _ ("A mask says where a picture may change: it needs a picture to start from"));
    return FALSE;
  }
  if (spec->inpaint && !spec->has_encoder) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING,
                 _ ("%s cannot draw: it paints into pictures, and its autoencoder has no encoder to read them"),
                 run->model->info->name);
    return FALSE;
  }
  if (p->init && !spec->has_encoder) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING,
                 _ ("%s cannot start from a picture: its autoencoder has no encoder"), run->model->info->name);
    return FALSE;
  }
  inq_canvas_init (&run->base, spec, round_side (width, multiple), round_side (height, multiple));
  if (run->base.width != width || run->base.height != height)
    notice (run, _ ("The size %dx%d was rounded to %dx%d: this model's sides are multiples of %d"), width, height,
            run->base.width, run->base.height, multiple);
  return resolve_hires (run, p, error);
}

static void
fill_sampler (Run *run, gboolean large, InqSamplerParams *params)
{
  inq_sampler_params_init (params);
  params->name = run->sampler;
  params->schedule = run->params->schedule;
  params->ays_xl = g_str_equal (run->model->spec->family->id, "sdxl");
  params->prediction = run->model->spec->prediction;
  params->zero_snr = run->model->spec->zero_terminal_snr;
  params->steps = large ? run->hires_steps : run->steps;
  params->strength = large ? run->hires_strength : run->strength;
  params->shift = run->model->spec->flow_shift;
}

/* How often the network is called; an unknown name is found before any work is done. */
static gboolean
count_calls (Run *run, GError **error)
{
  for (int large = 0; large <= (run->large.width > 0); large++) {
    InqSamplerParams params;
    fill_sampler (run, large, &params);
    g_autoptr (InqSampler) sampler = inq_sampler_new (&params, error);
    if (!sampler)
      return FALSE;
    *(large ? &run->large_calls : &run->base_calls) = inq_sampler_get_n_steps (sampler);
  }
  return TRUE;
}

/* A variation keeps its seed and takes another variation's. */
static guint64
seed_of (Run *run, int index)
{
  return run->seed + (run->params->variation_strength > 0 ? 0 : (guint64) index);
}

static guint64
variation_seed_of (Run *run, int index)
{
  return run->params->variation_seed + (guint64) index;
}

/* What prompt and negative say for @seed. */
static gboolean
read_prompts (Run *run, guint64 seed, GError **error)
{
  const InqGenerateParams *p = run->params;
  g_autofree char *prompt = inq_prompt_resolve (run->prompt, seed);
  g_clear_pointer (&run->words, g_free);
  g_clear_pointer (&run->against, g_free);
  g_clear_pointer (&run->tags, g_array_unref);
  g_clear_pointer (&run->loras, g_array_unref);
  run->tags = inq_prompt_loras_new ();
  run->loras = g_array_new (FALSE, FALSE, sizeof (InqLoraUse));
  run->against = inq_prompt_resolve (run->negative, seed);
  run->words = inq_prompt_take_loras (prompt, run->tags, error);
  if (!run->words)
    return FALSE;
  for (guint i = 0; i < run->tags->len; i++) {
    const InqPromptLora *tag = &g_array_index (run->tags, InqPromptLora, i);
    InqLoraUse use = { tag->name, tag->weight, TRUE };
    g_array_append_val (run->loras, use);
  }
  if (p->n_loras > 0)
    g_array_append_vals (run->loras, p->loras, p->n_loras);
  return TRUE;
}

/* ---- start picture and mask ---- */

static void
tell_stretched (Run *run, const InqPicture *picture, const char *what)
{
  double from = (double) picture->width / picture->height, to = (double) run->base.width / run->base.height;
  if (fabs (from / to - 1) > 0.02)
    notice (run, _ ("%s is %dx%d and was stretched to %dx%d"), what, picture->width, picture->height, run->base.width,
            run->base.height);
}

static void
take_start (Run *run, const InqGenerateParams *p)
{
  if (p->init) {
    tell_stretched (run, p->init, "The start picture");
    run->init_hash = inq_picture_hash (p->init);
  }
  if (p->mask) {
    tell_stretched (run, p->mask, "The mask");
    run->mask_hash = inq_picture_hash (p->mask);
  }
  inq_canvas_set_start (&run->base, run->model->spec, p->init, p->mask, p->mask_feather);
  if (run->large.width == 0)
    return;
  /* The hires pass begins with its own latents; what it needs of the start picture is what a mask keeps. */
  inq_canvas_set_start (&run->large, run->model->spec, p->mask ? p->init : NULL, p->mask,
                        p->mask_feather * (double) run->large.width / run->base.width);
}

/* ---- sampling ---- */

static gboolean
want_predicted (guint step, guint n_steps, gpointer data)
{
  Run *run = data;
  return run->callbacks && run->callbacks->progress && run->callbacks->previews && step >= PREVIEW_FROM
         && step + 1 < n_steps;
}

static void
stepped (guint step, guint n_steps, const float *predicted, gpointer data)
{
  Run *run = data;
  const InqCanvas *canvas = run->enlarging ? &run->large : &run->base;
  guint before = run->enlarging ? run->base_calls : 0;
  gboolean rich = run->rich_every > 0 && step % (guint) run->rich_every == 0;
  for (int i = 0; i < run->in_batch; i++) {
    g_autoptr (InqPicture) preview = NULL;
    /* With the tiny decoder at hand, steps between its previews show nothing new. */
    if (predicted && (rich || !inq_model_has_tiny (run->model)))
      preview = inq_model_preview (run->model, canvas->h, canvas->w, predicted + (gsize) i * canvas->per, rich,
                                   run->cancellable);
    progress (run, INQ_STAGE_SAMPLING, run->first + i, (int) (before + step + 1),
              (int) (run->base_calls + run->large_calls), preview);
  }
}

static gboolean
deliver (Run *run, const float *latents, GError **error)
{
  int index = run->done;
  progress (run, INQ_STAGE_DECODING, index, 0, 1, NULL);
  g_autoptr (InqPicture)
      picture = inq_model_decode (run->model, run->final->h, run->final->w, latents, run->cancellable, error);
  if (!picture)
    return FALSE;
  inq_canvas_keep_pixels (run->final, picture);
  progress (run, INQ_STAGE_DECODING, index, 1, 1, NULL);
  InqRecipe recipe = {
    .prompt = run->prompt,
    .negative = run->negative,
    .seed = seed_of (run, index),
    .variation_seed = variation_seed_of (run, index),
    .variation_strength = run->params->variation_strength,
    .steps = run->steps,
    .cfg = run->cfg,
    .guidance_rescale = run->guided ? run->params->guidance_rescale : 0,
    .sampler = run->sampler,
    .schedule = run->params->schedule,
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
stretch (Run *run, const InqPromptContext *text, const InqPromptContext *empty)
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
prepare_text (Run *run, GError **error)
{
  if (run->rolls && !read_prompts (run, seed_of (run, run->done), error))
    return FALSE;
  if (!inq_model_set_loras (run->model, (const InqLoraUse *) run->loras->data, run->loras->len, error))
    return FALSE;
  progress (run, INQ_STAGE_TEXT, -1, 0, 1, NULL);
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
    notice (run, "%s", cond->notice);
  if (run->done == 0 && uncond && uncond != cond && uncond->notice)
    notice (run, "%s", uncond->notice);
  progress (run, INQ_STAGE_TEXT, -1, 1, 1, NULL);
  return TRUE;
}

static InqNoiseOf
noise_of (Run *run, int index)
{
  return (InqNoiseOf){ seed_of (run, index), variation_seed_of (run, index), run->params->variation_strength };
}

/* One run of the sampler over the pictures run->first.. on @canvas: @x in unit noise, out latents. */
static gboolean
sample_on (Run *run, const InqCanvas *canvas, float *x, const float *x0, GError **error)
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
  fill_sampler (run, run->enlarging, &sampling.params);
  return inq_model_sample (run->model, &sampling, run->cancellable, error);
}

static void
start_noise (Run *run, int index, const InqCanvas *canvas, float *x)
{
  InqNoiseOf of = noise_of (run, index);
  inq_latent_noise (&of, 0, canvas->h, canvas->w, run->model->spec->latent_channels, x);
}

/* The hires pass over one picture's latents of the first: (transfer full) those of the second. One picture at a time:
 * at this size it fills a device by itself, and a batch would only take memory. */
static float *
enlarge (Run *run, const float *latents, GError **error)
{
  const InqCanvas *base = &run->base, *large = &run->large;
  gboolean bicubic = g_strcmp0 (run->params->hires_upscale, "bilinear") != 0;
  g_autofree float *x0 = inq_latents_resize (latents, base->h, base->w, run->model->spec->latent_channels, large->h,
                                             large->w, bicubic);
  g_autofree float *x = g_new (float, large->per);
  run->first = run->done;
  run->in_batch = 1;
  start_noise (run, run->done, large, x);
  return sample_on (run, large, x, x0, error) ? g_steal_pointer (&x) : NULL;
}

/* Samples and decodes the pictures from run->done on, at most run->batch of them. */
static gboolean
run_batch (Run *run, GError **error)
{
  int n = MIN (run->batch, run->count - run->done);
  run->first = run->done;
  run->in_batch = n;
  g_autofree float *x = g_new (float, (gsize) n * run->base.per);
  for (int i = 0; i < n; i++)
    start_noise (run, run->first + i, &run->base, x + (gsize) i * run->base.per);
  for (int i = 0; i < n; i++)
    progress (run, INQ_STAGE_SAMPLING, run->first + i, 0, (int) (run->base_calls + run->large_calls), NULL);
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

/* ---- memory ---- */

static InqMemoryAsk
memory_ask (Run *run)
{
  return (InqMemoryAsk){
    .n = run->count - run->done,
    .batch = run->batch,
    .h = run->final->h,
    .w = run->final->w,
    .first_h = run->final == &run->base ? 0 : run->base.h,
    .first_w = run->base.w,
    .guided = run->guided,
    .tokens = run->tokens,
    .encode = run->model->spec->inpaint || (run->base.init && !run->base.x0) || (run->large.init && !run->large.x0),
    .tiny = run->rich_every > 0 && run->callbacks && run->callbacks->previews,
  };
}

/* How the rest will use the device: said before it does. */
static gboolean
plan_memory (Run *run, GError **error)
{
  InqMemoryAsk ask = memory_ask (run);
  g_clear_pointer (&run->memory, inq_memory_plan_free);
  run->memory = inq_memory_plan_new (run->model, &ask, error);
  if (!run->memory)
    return FALSE;
  run->batch = run->memory->batch;
  if (!g_str_equal (run->memory->summary, "whole")) {
    g_autofree char *budget = g_format_size (run->memory->budget), *whole = g_format_size (run->memory->whole);
    g_autofree char *what = inq_memory_plan_describe (run->memory);
    if (run->memory->budget < run->memory->whole)
      notice (run, _ ("Graphics memory is short (%s of the %s that keeping everything takes): %s"), budget, whole,
              what);
    else
      notice (run, _ ("The picture is larger than this device takes in one piece: %s"), what);
  }
  return TRUE;
}

/* After an allocation failed: a plan for less. FALSE when there is none. */
static gboolean
plan_less (Run *run)
{
  guint64 tried;
  if (!run->memory || !run->memory->fits || run->tries++ >= MAX_TRIES)
    return FALSE;
  tried = MIN (run->memory->budget, run->memory->needed);
  inq_model_drop_device (run->model);
  run->model->budget_cap = tried - tried / 4;
  return TRUE;
}

/* Everything not done yet. May be called again after a failure that was repaired. */
static gboolean
run_rest (Run *run, GError **error)
{
  progress (run, INQ_STAGE_LOADING, -1, 1, 1, NULL);
  if (!inq_model_set_loras (run->model, (const InqLoraUse *) run->loras->data, run->loras->len, error)
      || !plan_memory (run, error))
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

/* What both ways in begin with; nothing is uploaded. */
static gboolean
begin (Run *run, const InqGenerateParams *params, GError **error)
{
  run->params = params;
  if (!resolve (run, params, error) || !read_prompts (run, run->seed, error))
    return FALSE;
  run->rolls = inq_prompt_has_choices (run->prompt) || inq_prompt_has_choices (run->negative);
  if (!count_calls (run, error))
    return FALSE;
  gboolean software = inq_gpu_get_facts (run->engine->gpu)->kind == INQ_GPU_KIND_SOFTWARE;
  run->batch = software || run->rolls || run->large.width > 0 ? 1 : MIN (run->count, MAX_BATCH);
  run->rich_every = inq_model_has_tiny (run->model) ? (software ? MAX (1, run->steps / RICH_ON_CPU) : 1) : 0;
  return TRUE;
}

InqMemoryPlan *
inq_engine_plan_memory (InqEngine *engine, InqModel *model, const InqGenerateParams *params, GError **error)
{
  const InqGenerateCallbacks silent = { .previews = TRUE };
  g_auto (Run) run = { .engine = engine, .model = model, .callbacks = &silent };
  if (!begin (&run, params, error))
    return NULL;
  InqMemoryAsk ask = memory_ask (&run);
  ask.encode = params->init || model->spec->inpaint;
  return inq_memory_plan_new (model, &ask, error);
}

gboolean
inq_engine_generate (InqEngine *engine, InqModel *model, const InqGenerateParams *params,
                     const InqGenerateCallbacks *callbacks, GCancellable *cancellable, GError **error)
{
  g_auto (Run) run = { .engine = engine, .model = model, .callbacks = callbacks, .cancellable = cancellable };
  if (!begin (&run, params, error))
    return FALSE;
  if (params->schedule && *params->schedule && model->spec->prediction == INQ_PREDICTION_FLOW)
    notice (&run, _ ("%s is a flow model, which has a schedule of its own: “%s” was not used"), model->info->name,
            params->schedule);
  take_start (&run, params);
  progress (&run, INQ_STAGE_LOADING, -1, 0, 1, NULL);

  gboolean reopened = FALSE;
  model->budget_cap = 0;
  for (;;) {
    g_autoptr (GError) local = NULL;
    if (run_rest (&run, &local))
      return TRUE;
    if (g_error_matches (local, INQ_GPU_ERROR, INQ_GPU_ERROR_DEVICE_LOST) && !reopened) {
      reopened = TRUE;
      notice (&run, _ ("The graphics device was lost; starting it again"));
      if (!inq_engine_reopen (engine, error))
        return FALSE;
      continue;
    }
    if (g_error_matches (local, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY)) {
      if (plan_less (&run))
        continue;
      InqMemoryAsk ask = memory_ask (&run);
      g_clear_error (&local);
      inq_memory_explain (model, &ask, &local);
    }
    if (g_error_matches (local, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NOT_FINITE))
      inq_model_blame (model, &local);
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
}
