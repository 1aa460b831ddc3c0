/* Inquadra - what a generation was asked for: checks, defaults, rounding.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "generate-private.h"
#include "inq-prompt.h"
#include "recipe.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_SIDE    4096
#define MAX_COUNT   64
#define MAX_STEPS   150
#define MAX_BATCH   8
#define RICH_ON_CPU 4 /* previews with the tiny decoder a software device can afford per picture */
#define MAX_FEATHER 256
#define MAX_HIRES   4

void
inq_generate_params_init (InqGenerateParams *params)
{
  *params = (InqGenerateParams){ .count = 1, .strength = 0.6, .eta = -1 };
}

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
round_side (int side, const InqModelSpec *spec)
{
  int multiple = inq_model_spec_get_multiple (spec);
  /* at least what the deepest level sees as one position */
  return MAX (spec->vae_down * spec->unet_down, (side + multiple / 2) / multiple * multiple);
}

/* Of so few steps that @strength is less than one of them, that one would begin with more noise than was asked for, at
 * worst with nothing of the picture: as many are taken as it needs. */
static void
draw_some (InqRun *run, double strength, int *steps)
{
  int enough = strength > 0 ? (int) MIN (ceil (1 / strength - 1e-9), MAX_STEPS) : 1;
  if (*steps >= enough)
    return;
  inq_run_notice (
      run, _ ("%d steps at strength %g would begin with more noise than that: %d were taken, of which one is drawn"),
      *steps, strength, enough);
  *steps = enough;
}

/* The size of the hires pass. */
static gboolean
resolve_hires (InqRun *run, const InqGenerateParams *p, GError **error)
{
  const InqModelSpec *spec = run->model->spec;
  run->final = &run->base;
  if (!check_range (p->hires_scale, 0, MAX_HIRES, _ ("The hires scale"), error)
      || !check_range (p->hires_strength, 0, 1, _ ("The hires strength"), error)
      || !check_range (p->hires_steps, 0, MAX_STEPS, _ ("The number of hires steps"), error))
    return FALSE;
  if (p->hires_upscale && *p->hires_upscale && !g_str_equal (p->hires_upscale, "bicubic")
      && !g_str_equal (p->hires_upscale, "bilinear")) {
    g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID,
                 _ ("There is no way to enlarge called “%s”. Choose bilinear or bicubic"), p->hires_upscale);
    return FALSE;
  }
  if (p->hires_scale == 0 || p->hires_scale == 1)
    return TRUE;
  int width = round_side ((int) lrint (run->base.width * p->hires_scale), spec);
  int height = round_side ((int) lrint (run->base.height * p->hires_scale), spec);
  if (!check_range (p->hires_scale, 1, MAX_HIRES, _ ("The hires scale"), error)
      || !check_range (MAX (width, height), 1, MAX_SIDE, _ ("The longer side after the hires pass"), error))
    return FALSE;
  inq_canvas_init (&run->large, spec, width, height);
  run->final = &run->large;
  run->hires_steps = p->hires_steps == 0 ? run->steps : p->hires_steps;
  run->hires_strength = p->hires_strength == 0 ? 0.5 : p->hires_strength;
  draw_some (run, run->hires_strength, &run->hires_steps);
  return TRUE;
}

/* Defaults and rounding. */
static gboolean
resolve (InqRun *run, const InqGenerateParams *p, GError **error)
{
  const InqModelSpec *spec = run->model->spec;
  if (spec->missing->len > 0) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING, _ ("%s cannot draw: %s"), run->model->info->name,
                 (const char *) g_ptr_array_index (spec->missing, 0));
    return FALSE;
  }
  run->prompt = p->prompt ? p->prompt : "";
  run->negative = p->negative ? p->negative : "";
  run->seed = p->seed;
  run->count = p->count;
  run->steps = p->steps == 0 ? spec->steps : p->steps;
  run->cfg = p->cfg == 0 ? spec->cfg : p->cfg;
  if (p->cfg == 0 && *run->negative != '\0' && spec->negative_cfg > 0)
    run->cfg = spec->negative_cfg;
  /* A network distilled with a scale is told it instead (Luo et al. 2023). */
  run->guided = run->cfg != 1 && spec->guidance_embed == 0;
  run->guidance_end = p->guidance_end == 0 ? spec->guidance_end : p->guidance_end;
  run->perturb = spec->perturb;
  if (p->perturb && *p->perturb && !inq_perturb_from_name (p->perturb, &run->perturb)) {
    g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID,
                 _ ("What guidance leaves out cannot be “%s”: it is “none”, “middle” or “all”"), p->perturb);
    return FALSE;
  }
  run->sampler = p->sampler && *p->sampler ? p->sampler : spec->sampler;
  run->strength = p->init ? p->strength : 1;
  int width = p->width == 0 ? spec->width : p->width, height = p->height == 0 ? spec->height : p->height;
  if (!check_range (run->count, 1, MAX_COUNT, _ ("The number of pictures"), error)
      || !check_range (run->steps, 1, MAX_STEPS, _ ("The number of steps"), error)
      || !check_range (run->cfg, 1, 100, _ ("The guidance scale (cfg)"), error)
      || !check_range (p->guidance_rescale, 0, 1, _ ("The rescaling of guidance"), error)
      || !check_range (run->guidance_end, 0, 1, _ ("The end of guidance"), error)
      || !check_range (p->guidance_start, 0, run->guidance_end, _ ("The start of guidance"), error)
      || !check_range (run->strength, 0, 1, _ ("The strength"), error)
      || !check_range (width, 1, MAX_SIDE, _ ("The width"), error)
      || !check_range (height, 1, MAX_SIDE, _ ("The height"), error)
      || !check_range (p->variation_strength, 0, 1, _ ("The variation's strength"), error)
      || !check_range (p->mask_feather, 0, MAX_FEATHER, _ ("The mask's feather"), error))
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
  inq_canvas_init (&run->base, spec, round_side (width, spec), round_side (height, spec));
  if (run->base.width != width || run->base.height != height)
    inq_run_notice (run, _ ("The size %dx%d was rounded to %dx%d: this model's sides are multiples of %d"), width,
                    height, run->base.width, run->base.height, inq_model_spec_get_multiple (spec));
  if (p->init)
    draw_some (run, run->strength, &run->steps);
  return resolve_hires (run, p, error);
}

void
inq_run_fill_sampler (InqRun *run, gboolean large, InqSamplerParams *params)
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
  params->eta = run->params->eta;
}

/* How often the network is called; an unknown name is found before any work is done. */
static gboolean
count_calls (InqRun *run, GError **error)
{
  for (int large = 0; large <= (run->large.width > 0); large++) {
    InqSamplerParams params;
    inq_run_fill_sampler (run, large, &params);
    g_autoptr (InqSampler) sampler = inq_sampler_new (&params, error);
    if (!sampler)
      return FALSE;
    run->eta = inq_sampler_get_eta (sampler);
    *(large ? &run->large_calls : &run->base_calls) = inq_sampler_get_n_steps (sampler);
  }
  return TRUE;
}

guint64
inq_run_seed (InqRun *run, int index)
{
  return run->seed + (run->params->variation_strength > 0 ? 0 : (guint64) index);
}

guint64
inq_run_variation_seed (InqRun *run, int index)
{
  return run->params->variation_seed + (guint64) index;
}

gboolean
inq_run_read_prompts (InqRun *run, guint64 seed, GError **error)
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
tell_stretched (InqRun *run, const InqPicture *picture, const char *what)
{
  double from = (double) picture->width / picture->height, to = (double) run->base.width / run->base.height;
  if (fabs (from / to - 1) > 0.02)
    inq_run_notice (run, _ ("%s is %dx%d and was stretched to %dx%d"), what, picture->width, picture->height,
                    run->base.width, run->base.height);
}

void
inq_run_take_start (InqRun *run, const InqGenerateParams *p)
{
  if (p->init) {
    tell_stretched (run, p->init, _ ("The start picture"));
    run->init_hash = inq_picture_hash (p->init);
  }
  if (p->mask) {
    tell_stretched (run, p->mask, _ ("The mask"));
    run->mask_hash = inq_picture_hash (p->mask);
  }
  inq_canvas_set_start (&run->base, run->model->spec, p->init, p->mask, p->mask_feather);
  if (run->large.width == 0)
    return;
  /* The hires pass begins with its own latents; what it needs of the start picture is what a mask keeps. */
  inq_canvas_set_start (&run->large, run->model->spec, p->mask ? p->init : NULL, p->mask,
                        p->mask_feather * (double) run->large.width / run->base.width);
}

gboolean
inq_run_begin (InqRun *run, const InqGenerateParams *params, GError **error)
{
  run->params = params;
  if (!resolve (run, params, error) || !inq_run_read_prompts (run, run->seed, error))
    return FALSE;
  run->rolls = inq_prompt_has_choices (run->prompt) || inq_prompt_has_choices (run->negative);
  if (!count_calls (run, error))
    return FALSE;
  gboolean software = inq_gpu_get_facts (run->engine->gpu)->kind == INQ_GPU_KIND_SOFTWARE;
  run->batch = software || run->rolls || run->large.width > 0 ? 1 : MIN (run->count, MAX_BATCH);
  run->rich_every = inq_model_has_tiny (run->model) ? (software ? MAX (1, run->steps / RICH_ON_CPU) : 1) : 0;
  return TRUE;
}
