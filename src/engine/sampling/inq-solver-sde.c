/* Inquadra - solvers that call the network twice a step, and those that add noise on the way.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Written for latents = alpha x0 + sigma noise with any alpha, so that one formula serves Euler's terms (alpha 1), the
 * variance preserving ones and flows. The stochastic ones after Crowson's k-diffusion, with its defaults (eta 1, noise
 * times 1). */
#include "config.h"

#include "inq-solver.h"

#include <math.h>
#include <string.h>

#define LCM_SIGMA_DATA 0.5 /* Song et al. 2023, "Consistency Models", appendix C */
#define LCM_TIME_SCALE 10.0

/* @out = @x at @from carried to @to, if the picture is @x0, with as much fresh noise as keeps the variance of a step
 * back along the noise (Karras et al. 2022, section 4; k-diffusion's "ancestral" step with eta 1). @out may be @x. */
static void
carry_ancestral (const float *x, const float *x0, const float *noise, const InqLevel *from, const InqLevel *to,
                 float *out, gsize n)
{
  /* Of the noise at @to this part is what was there; in Karras' terms sigma_to / sigma_from. */
  double kept = to->sigma * from->alpha / (to->alpha * from->sigma);
  double of_old = to->sigma * kept / from->sigma, of_fresh = to->sigma * sqrt (MAX (0, 1 - kept * kept));

  for (gsize i = 0; i < n; i++) {
    double value = to->alpha * x0[i] + of_old * (x[i] - from->alpha * x0[i]);
    out[i] = (float) (noise ? value + of_fresh * noise[i] : value);
  }
}

void
inq_solver_euler_a (InqSolverState *state, const InqSolverStep *step, float *x, const float *out)
{
  inq_solver_predict (step, x, out, state->x0, state->n);
  carry_ancestral (x, state->x0, step->noise, step->level, step->next, x, state->n);
}

/* Karras et al. 2022, algorithm 1: Euler's step, and again with the mean of the slopes at both its ends. The slope is
 * (x - x0) / sigma in Euler's terms and for flows alike. */
void
inq_solver_heun (InqSolverState *state, const InqSolverStep *step, float *x, const float *out)
{
  double distance = step->next->sigma - step->begin->sigma, sigma = step->level->sigma, of_x, of_out;
  float *slope = state->x0_older; /* at the step's begin */

  /* Not by way of x0 in f32: near the end little noise stands for a large slope. */
  inq_solver_weights (step, &of_x, &of_out);
  of_x = (1 - of_x) / sigma;
  of_out = -of_out / sigma;
  for (gsize i = 0; i < state->n; i++) {
    double here = of_x * x[i] + of_out * out[i];
    if (step->part == INQ_PART_SECOND) {
      x[i] = (float) (state->x_begin[i] + distance * 0.5 * (slope[i] + here));
    } else {
      state->x_begin[i] = x[i];
      slope[i] = (float) here;
      x[i] = (float) (x[i] + distance * here);
    }
  }
}

/* DPM-Solver++ (2S) with the noise put back at both of its calls: half-way in log signal to noise, then the whole step
 * with the picture seen there. */
void
inq_solver_dpmpp_sde (InqSolverState *state, const InqSolverStep *step, float *x, const float *out)
{
  inq_solver_predict (step, x, out, state->x0, state->n);
  if (step->part != INQ_PART_SECOND)
    memcpy (state->x_begin, x, sizeof (float) * state->n);
  carry_ancestral (state->x_begin, state->x0, step->noise, step->begin, step->next, x, state->n);
}

/* SDE-DPM-Solver++(2M) (Lu et al. 2022, "DPM-Solver++", appendix; midpoint form). The first step and those without a
 * finite distance are of first order. */
void
inq_solver_dpmpp_2m_sde (InqSolverState *state, const InqSolverStep *step, float *x, const float *out)
{
  const InqLevel *level = step->level, *next = step->next;
  double lambda = inq_solver_lambda (level), h = inq_solver_lambda (next) - lambda;
  double of_x = next->sigma / level->sigma * exp (-h), of_x0 = -next->alpha * expm1 (-2 * h), of_difference = 0;
  double of_noise = next->sigma * sqrt (-expm1 (-2 * h));

  inq_solver_predict (step, x, out, state->x0, state->n);
  if (state->n_run > 0 && !isinf (h)) {
    double before = lambda - inq_solver_lambda (&state->levels[0]);
    of_difference = 0.5 * of_x0 * h / before;
  }
  for (gsize i = 0; i < state->n; i++) {
    double value = of_x * x[i] + of_x0 * state->x0[i] + of_difference * (state->x0[i] - state->x0_before[i]);
    x[i] = (float) (step->noise ? value + of_noise * step->noise[i] : value);
  }
  inq_solver_remember (state, level);
}

/* Multistep consistency sampling (Song et al. 2023, algorithm 1) as latent consistency models have it (Luo et al. 2023,
 * algorithm 3): the picture, held to what came in near the end, and noised anew to the next level. */
void
inq_solver_lcm (InqSolverState *state, const InqSolverStep *step, float *x, const float *out)
{
  double t = LCM_TIME_SCALE * step->level->timestep, norm = t * t + LCM_SIGMA_DATA * LCM_SIGMA_DATA;
  double of_x = LCM_SIGMA_DATA * LCM_SIGMA_DATA / norm, of_x0 = t / sqrt (norm);

  inq_solver_predict (step, x, out, state->x0, state->n);
  for (gsize i = 0; i < state->n; i++) {
    double picture = of_x0 * state->x0[i] + of_x * x[i];
    x[i] = (float) (step->noise ? step->next->alpha * picture + step->next->sigma * step->noise[i] : picture);
  }
}

/* "Strategic stochastic sampling" (Zheng et al. 2024, algorithm 4): along the noise to a level below the next one, and
 * back up to it with fresh noise. */
void
inq_solver_tcd (InqSolverState *state, const InqSolverStep *step, float *x, const float *out)
{
  const InqLevel *level = step->level, *next = step->next, *via = step->via;
  double up = next->alpha / via->alpha;
  double of_fresh = sqrt (MAX (0, next->sigma * next->sigma - up * up * via->sigma * via->sigma));

  inq_solver_predict (step, x, out, state->x0, state->n);
  for (gsize i = 0; i < state->n; i++) {
    double noise = (x[i] - level->alpha * state->x0[i]) / level->sigma;
    double below = via->alpha * state->x0[i] + via->sigma * noise;
    x[i] = (float) (step->noise ? up * below + of_fresh * step->noise[i] : below);
  }
}
