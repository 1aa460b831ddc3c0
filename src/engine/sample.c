/* Inquadra - the sampling loop: noise to latents through the network, with guidance, start picture and mask.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-guidance.h"
#include "inq-model.h"
#include "start.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Where the noise of one picture comes from. */
typedef struct {
  InqNoiseOf of;
  gint64 h, w;
  int channels;
} Source;

typedef struct {
  gsize per;    /* values of one picture's latents */
  gsize per_in; /* .. of what the network sees of one: more where it inpaints */
  gsize batch;  /* network rows: pictures, twice with guidance */
  gboolean guided;
  gboolean apart;     /* another network predicts for the negative prompt */
  double guide_start; /* .. in steps after this share of them */
  double guide_cfg;   /* .. with this scale */
  float *in;          /* [batch, h, w, unet_in_channels] */
  float *out;         /* [batch, h, w, c] */
  gint64 tokens;
  float *context; /* [batch, tokens, width] */
  float *y;       /* (nullable) [batch, adm_width] */
  float *guess;   /* [n, h, w, c] guided output, then the predicted picture */
  float *noise;   /* (nullable) the unit noise, for inpainting */
  float *mask;    /* (nullable) [h, w, c] */
  GPtrArray *samplers;
  Source *sources; /* [n] */
} Run;

static void
run_clear (Run *run)
{
  g_free (run->in);
  g_free (run->out);
  g_free (run->context);
  g_free (run->y);
  g_free (run->guess);
  g_free (run->noise);
  g_free (run->mask);
  g_free (run->sources);
  g_clear_pointer (&run->samplers, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* Rows of @out: @n of the negative first when guided, then @n of the prompt. */
static float *
stack_rows (const float *cond, const float *uncond, gsize n, gsize row, gboolean guided)
{
  float *out = g_new (float, n *row *(guided ? 2 : 1));
  float *to = out;
  for (gsize i = 0; guided && i < n; i++, to += row)
    memcpy (to, uncond, sizeof (float) * row);
  for (gsize i = 0; i < n; i++, to += row)
    memcpy (to, cond, sizeof (float) * row);
  return out;
}

static void
draw_cb (guint32 draw, float *out, gsize n, gpointer data)
{
  const Source *source = data;
  inq_latent_noise (&source->of, draw, source->h, source->w, source->channels, out);
}

static gboolean
run_init (Run *run, InqModel *model, const InqSampling *s, GError **error)
{
  const InqModelSpec *spec = model->spec;
  gsize n = (gsize) s->n, c = (gsize) spec->latent_channels, positions = (gsize) (s->h * s->w);
  run->per = positions * c;
  run->guided = s->cfg != 1 && s->uncond;
  run->apart = run->guided && inq_model_has_guide (model, s->perturb);
  run->guide_start = spec->guide_start;
  run->guide_cfg = s->cfg;
  if (spec->guide_cfg > 0 && spec->cfg > 1) /* more or less of one is as much more or less of the other */
    run->guide_cfg = 1 + (s->cfg - 1) * (spec->guide_cfg - 1) / (spec->cfg - 1);
  run->batch = run->guided ? 2 * n : n;
  run->per_in = positions * (gsize) spec->unet_in_channels;
  run->in = g_new (float, run->batch * run->per_in);
  run->out = g_new (float, run->batch * run->per);
  run->guess = g_new (float, n * run->per);
  run->tokens = s->tokens > 0 ? s->tokens : inq_model_get_tokens (model);
  run->context = stack_rows (s->cond, s->uncond, n, (gsize) run->tokens * spec->context_width, run->guided);
  if (s->cond_y)
    run->y = stack_rows (s->cond_y, s->uncond_y, n, (gsize) spec->adm_width, run->guided);
  if (s->mask && !spec->inpaint) {
    run->noise = g_memdup2 (s->x, sizeof (float) * n * run->per);
    run->mask = g_new (float, run->per);
    for (gsize i = 0; i < positions; i++)
      for (gsize k = 0; k < c; k++)
        run->mask[i * c + k] = s->mask[i];
  }
  run->samplers = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_sampler_free);
  run->sources = g_new (Source, n);
  for (gsize i = 0; i < n; i++) {
    InqSampler *sampler = inq_sampler_new (&s->params, error);
    if (!sampler)
      return FALSE;
    g_ptr_array_add (run->samplers, sampler);
    run->sources[i] = (Source){ s->noise ? s->noise[i] : (InqNoiseOf){ 0 }, s->h, s->w, spec->latent_channels };
    inq_sampler_set_noise (sampler, draw_cb, &run->sources[i]);
    inq_sampler_start (sampler, s->x + i * run->per, s->x0, run->per);
  }
  return TRUE;
}

/* What the network sees: latents times @scale; then, where it inpaints, the mask and the latents of what stays. */
static void
fill_input (Run *run, gsize rows, const InqModelSpec *spec, const InqSampling *s, float scale)
{
  gsize c = (gsize) spec->latent_channels, c_in = (gsize) spec->unet_in_channels;
  gsize positions = run->per / c, all = (gsize) s->n * positions;
  for (gsize i = 0; i < rows * positions; i++) {
    const float *x = s->x + i % all * c;
    float *in = run->in + i * c_in;
    for (gsize k = 0; k < c; k++)
      in[k] = x[k] * scale;
    if (!spec->inpaint)
      continue;
    in[c] = s->mask ? s->mask[i % positions] : 1;
    for (gsize k = 0; k < c; k++)
      in[c + 1 + k] = s->masked ? s->masked[i % positions * c + k] : 0;
  }
}

typedef enum { UNGUIDED, ITSELF, APART } Guidance;

/* What guides call @i of @n. A run that starts from a picture is the last part of a full one. */
static Guidance
guidance_of (const Run *run, const InqSampling *s, guint i, guint n)
{
  double at = 1 - s->params.strength * (n - i) / n, nearly = 1e-9;
  double end = s->guidance_end > 0 ? s->guidance_end : 1;
  if (!run->guided || at <= s->guidance_start - nearly || at >= end - nearly)
    return UNGUIDED;
  return run->apart && at > run->guide_start - nearly ? APART : ITSELF;
}

/* Fills run->out: the prompt's predictions, where it is guided after the negative's. */
static gboolean
predict (Run *run, InqModel *model, const InqSampling *s, Guidance guidance, double timestep, GCancellable *cancellable,
         GError **error)
{
  const InqModelSpec *spec = model->spec;
  gboolean apart = guidance == APART;
  gsize n = (gsize) s->n, rows = guidance == ITSELF ? run->batch : n,
        skip = run->batch - rows; /* the prompt's rows come last */
  float *out = run->out + (apart ? n * run->per : 0);
  if (!inq_model_run_unet (model, (gint64) rows, s->h, s->w, run->in, timestep,
                           run->context + skip * (gsize) run->tokens * spec->context_width, run->tokens,
                           run->y ? run->y + skip * (gsize) spec->adm_width : NULL, s->cfg,
                           guidance == ITSELF ? s->perturb : INQ_PERTURB_NONE, out, cancellable, error))
    return FALSE;
  return !apart
         || inq_model_run_guide (model, s->n, s->h, s->w, run->in, timestep, run->context, run->tokens, run->y,
                                 run->out, cancellable, error);
}

static void
guide (Run *run, gsize n, Guidance guidance, const InqSampling *s)
{
  gsize half = n * run->per;
  double cfg = guidance == APART ? run->guide_cfg : s->cfg;
  if (guidance == UNGUIDED) {
    memcpy (run->guess, run->out, sizeof (float) * half);
    return;
  }
  for (gsize i = 0; i < n; i++) {
    gsize at = i * run->per;
    inq_guide (run->out + at, run->out + half + at, run->guess + at, run->per, cfg, s->guidance_rescale);
  }
}

gboolean
inq_model_sample (InqModel *model, InqSampling *s, GCancellable *cancellable, GError **error)
{
  g_auto (Run) run = { 0 };
  if (!run_init (&run, model, s, error))
    return FALSE;
  gsize n = (gsize) s->n;
  InqSampler *first = g_ptr_array_index (run.samplers, 0);
  guint steps = inq_sampler_get_n_steps (first);
  for (guint step = 0; step < steps; step++) {
    float scale = (float) inq_sampler_get_input_scale (first, step);
    Guidance guidance = guidance_of (&run, s, step, steps);
    gsize rows = guidance == UNGUIDED ? n : run.batch;
    fill_input (&run, rows, model->spec, s, scale);
    if (!predict (&run, model, s, guidance, inq_sampler_get_timestep (first, step), cancellable, error))
      return FALSE;
    if (inq_find_not_finite (run.out, rows * run.per) >= 0) {
      g_set_error (
          error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NOT_FINITE,
          _ ("The diffusion network produced a number that is not finite at step %u of %u: the model's weights are"
             " damaged or overflow"),
          step + 1, steps);
      return FALSE;
    }
    guide (&run, n, guidance, s);
    gboolean seen = s->step && s->want_predicted && s->want_predicted (step, steps, s->data);
    for (gsize i = 0; i < n; i++) {
      InqSampler *sampler = g_ptr_array_index (run.samplers, i);
      float *x = s->x + i * run.per, *guess = run.guess + i * run.per;
      if (seen) /* into the network's input, which is written anew at the next step */
        inq_sampler_predict (sampler, step, x, guess, run.in + i * run.per, run.per);
      inq_sampler_step (sampler, step, x, guess, run.per);
      if (run.mask)
        inq_sampler_keep (sampler, step, x, s->kept ? s->kept : s->x0, run.noise + i * run.per, run.per, run.mask,
                          run.per);
    }
    if (inq_find_not_finite (s->x, n * run.per) >= 0) { /* what the network gave is finite, and too large */
      g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NOT_FINITE,
                   _ ("The sampler “%s” left a number that is not finite at step %u of %u. Try another sampler, or less"
                      " guidance"),
                   s->params.name, step + 1, steps);
      return FALSE;
    }
    if (s->step)
      s->step (step, steps, seen ? run.in : NULL, s->data);
  }
  return TRUE;
}
