/* Inquadra - samplers: from noise to latents by calling a network a few times.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sampler is a table of timesteps and scales plus the small state of one picture. The loop is
 *
 *   inq_noise_fill (seed, 0, x, n);            x: unit noise
 *   inq_sampler_start (s, x, x0, n);           x: what step 0 begins with (x0 NULL: from noise; else img2img)
 *   inq_sampler_set_noise (s, ...);            where the sampler adds noise on the way
 *   for (i = 0; i < inq_sampler_get_n_steps (s); i++) {
 *     in  = x * inq_sampler_get_input_scale (s, i)
 *     out = network (in, inq_sampler_get_timestep (s, i))         guidance included
 *     inq_sampler_step (s, i, x, out, n);      x: what step i + 1 begins with
 *     inpainting: inq_sampler_keep (s, i, x, x0, noise, n, mask, n_mask)
 *   }
 *   decode (x)
 *
 * One sampler per picture: picture k of a batch then equals the same seed alone. A "step" here is a network call: Heun
 * and DPM++ SDE make two for each step that was asked for, but one for the last. f32 latents, coefficients in f64.
 * Values follow to rounding: diffusers 0.21.4 (euler, ddim, dpmpp_2m, unipc) and 0.27.2 (lcm, tcd), k-diffusion 0.1.1
 * (euler_a, heun, dpmpp_2m_sde, dpmpp_sde).
 *
 * Noise on the way, for latents of any size: "euler_a", "lcm" and "tcd" draw once a step, as the reference code calls
 * randn_like: the n-th such call of a run is draw n of the picture's generator, its initial noise draw 0; with
 * inq_noise_fill() that is what AUTOMATIC1111's interface draws from its "NV" source, and PyTorch from CUDA's.
 * "dpmpp_2m_sde" and "dpmpp_sde" take the increments of inq-brownian.h's path, where the reference code has torchsde's.
 *
 * Thread-safety: one thread at a time per sampler; tables are per sampler.
 */
#pragma once

#include "inq-noise.h"

G_BEGIN_DECLS

/**
 * InqPrediction: what the network returns, with x_t = alpha x0 + sigma noise
 * @INQ_PREDICTION_EPSILON: the noise
 * @INQ_PREDICTION_V: alpha noise - sigma x0 (Salimans and Ho 2022, "Progressive Distillation")
 * @INQ_PREDICTION_FLOW: noise - x0 where alpha = 1 - sigma (rectified flow: Liu et al. 2022, "Flow Straight and Fast")
 */
typedef enum {
  INQ_PREDICTION_EPSILON,
  INQ_PREDICTION_V,
  INQ_PREDICTION_FLOW,
} InqPrediction;

/* "epsilon", "v", "flow" and back. @name not one of them: FALSE. */
const char *inq_prediction_name (InqPrediction prediction);
gboolean inq_prediction_from_name (const char *name, InqPrediction *prediction);

/**
 * InqSamplerParams: fill with inq_sampler_params_init() first
 * @name: one of inq_samplers(), default "euler"; may end in its schedule: "euler_karras"
 * @schedule: (nullable) one of inq_schedules(): wins over the name's
 * @prediction: default epsilon
 * @steps: 1..150, default 20: of a full run
 * @strength: 0..1, default 1: img2img runs the last strength * steps steps (at least 1 of them)
 * @n_train: default 1000
 * @beta_start, @beta_end: default 0.00085, 0.012: betas are the squares of an even ramp between their roots
 * ("scaled_linear")
 * @zero_snr: default FALSE: those betas are rescaled until the last timestep is noise alone (Lin et al. 2023, "Common
 * Diffusion Noise Schedules and Sample Steps are Flawed"). Where the sampler or an epsilon model would divide by the
 * signal there is none of, alpha^2 is 2^-24 there
 * @ays_xl: default FALSE: the "ays" schedule is SDXL's
 * @eta: how much of the noise is fresh at each step of "tcd", 0 (none is added) to 1; its paper's gamma. Below 0, the
 * default, for the sampler's own (0.3). Samplers that have none refuse others
 * @shift: default 1: for flow, sigma' = shift sigma / (1 + (shift - 1) sigma) (Esser et al. 2024, eq. 23)
 */
typedef struct {
  const char *name;
  const char *schedule;
  InqPrediction prediction;
  int steps;
  double strength;
  int n_train;
  double beta_start;
  double beta_end;
  gboolean zero_snr;
  gboolean ays_xl;
  double shift;
  double eta;
} InqSamplerParams;

typedef struct _InqSampler InqSampler;

void inq_sampler_params_init (InqSamplerParams *params);
/* INQ_ENGINE_ERROR_INVALID for an unknown name (the message lists the names) or a number out of range. Every sampler
 * works with every prediction; schedules mean nothing to a flow model, which takes its own even one. */
InqSampler *inq_sampler_new (const InqSamplerParams *params, GError **error);
void inq_sampler_free (InqSampler *sampler);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqSampler, inq_sampler_free)

/* Network calls to make; fewer than params->steps when strength < 1, about twice as many where a step is two. */
guint inq_sampler_get_n_steps (InqSampler *sampler);
/* What to feed the network as its timestep, 0..n_train; fractional for Euler and flow. */
double inq_sampler_get_timestep (InqSampler *sampler, guint step);
/* What to multiply the latents with before they go into the network. */
double inq_sampler_get_input_scale (InqSampler *sampler, guint step);
/* Noise level at the beginning of @step (step == n_steps: after the last): latents = alpha x0 + sigma noise. Euler
 * counts in latents divided by the model's alpha: its own alpha is 1 and sigma is what is called sigma in Karras et al.
 */
void inq_sampler_get_levels (InqSampler *sampler, guint step, double *alpha, double *sigma);

/* What became of params->eta; below 0 for samplers that have none. */
double inq_sampler_get_eta (InqSampler *sampler);
/* Whether it adds noise on the way. */
gboolean inq_sampler_is_stochastic (InqSampler *sampler);
/* Where from; of inq_noise_fill() with seed 0 until told. May be called for any draw, several times. */
void inq_sampler_set_noise (InqSampler *sampler, InqNoiseFunc noise, gpointer data);

/* @x in: unit noise; out: what step 0 begins with. @x0 (nullable): latents to start from, as the autoencoder gives them
 * times its scaling factor. Forgets the state of an earlier run. */
void inq_sampler_start (InqSampler *sampler, float *x, const float *x0, gsize n);
/* One step in place. Steps must come in order; @n the same in all. @out is the network's guided output. */
void inq_sampler_step (InqSampler *sampler, guint step, float *x, const float *out, gsize n);
/* After step @step, for inpainting: where @mask keeps (1 = repaint, 0 = keep, between is a mix) x becomes @x0 noised by
 * @noise to the level of the next step (no noise after the last). @mask has @n_mask values, a divisor of @n: one plane
 * serves all channels. */
void inq_sampler_keep (InqSampler *sampler, guint step, float *x, const float *x0, const float *noise, gsize n,
                       const float *mask, gsize n_mask);
/* @x0 = the picture that @x and the network's @out promise at @step: for previews. @x is what step @step began with;
 * @x0 may be @out. */
void inq_sampler_predict (InqSampler *sampler, guint step, const float *x, const float *out, float *x0, gsize n);

G_END_DECLS
