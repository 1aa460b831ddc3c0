/* Inquadra - one step of each solver, on f32 latents with f64 coefficients.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-solver.h"

#include <math.h>
#include <string.h>

void
inq_solver_state_clear (InqSolverState *state)
{
  g_free (state->x0);
  g_free (state->x0_before);
  g_free (state->x0_older);
  g_free (state->x_begin);
  *state = (InqSolverState){ 0 };
}

void
inq_solver_state_reset (InqSolverState *state, gsize n)
{
  inq_solver_state_clear (state);
  state->n = n;
  state->x0 = g_new0 (float, n);
  state->x0_before = g_new0 (float, n);
  state->x0_older = g_new0 (float, n);
  state->x_begin = g_new0 (float, n);
}

void
inq_solver_weights (const InqSolverStep *step, double *of_x, double *of_out)
{
  double alpha = step->level->alpha, sigma = step->level->sigma;

  switch (step->prediction) {
  case INQ_PREDICTION_EPSILON:
    *of_x = 1 / alpha;
    *of_out = -sigma / alpha;
    break;
  case INQ_PREDICTION_V: {
    /* With alpha^2 + sigma^2 = 1 this is alpha x - sigma v. Euler's latents are those divided by alpha, which the norm
     * takes back. */
    double norm = sqrt (alpha * alpha + sigma * sigma);
    *of_x = alpha / (norm * norm);
    *of_out = -sigma / norm;
    break;
  }
  case INQ_PREDICTION_FLOW:
  default:
    *of_x = 1;
    *of_out = -sigma;
    break;
  }
}

void
inq_solver_predict (const InqSolverStep *step, const float *x, const float *out, float *x0, gsize n)
{
  double of_x, of_out;

  inq_solver_weights (step, &of_x, &of_out);
  for (gsize i = 0; i < n; i++)
    x0[i] = (float) (of_x * x[i] + of_out * out[i]);
}

/* Along the straight line through x and its promised x0 to the next level: DDIM (Song et al. 2021, "Denoising Diffusion
 * Implicit Models", eq. 12 with eta 0), which in Euler's terms is Euler's step (Karras et al. 2022, algorithm 2 without
 * churn) and for flows that of Liu et al. 2022. */
void
inq_solver_ddim (InqSolverState *state, const InqSolverStep *step, float *x, const float *out)
{
  const InqLevel *level = step->level, *next = step->next;
  double ratio = next->sigma / level->sigma;
  double of_x0 = next->alpha - level->alpha * ratio;

  inq_solver_predict (step, x, out, state->x0, state->n);
  for (gsize i = 0; i < state->n; i++)
    x[i] = (float) (ratio * x[i] + of_x0 * state->x0[i]);
}

double
inq_solver_lambda (const InqLevel *level)
{
  return log (level->alpha) - log (level->sigma);
}

void
inq_solver_remember (InqSolverState *state, const InqLevel *level)
{
  float *swap = state->x0_before;

  state->x0_before = state->x0;
  state->x0 = swap;
  state->levels[1] = state->levels[0];
  state->levels[0] = *level;
  state->n_run++;
}

/* Second order over two steps: DPM-Solver++(2M) (Lu et al. 2022, "DPM-Solver++", algorithm 2, midpoint form). The first
 * step, the last of a short run and one that ends without noise are of first order. */
void
inq_solver_dpmpp_2m (InqSolverState *state, const InqSolverStep *step, float *x, const float *out)
{
  const InqLevel *level = step->level, *next = step->next;
  double lambda = inq_solver_lambda (level), h = inq_solver_lambda (next) - lambda;
  double ratio = next->sigma / level->sigma, of_x0 = -next->alpha * expm1 (-h), of_difference = 0;
  gboolean first_order = state->n_run == 0 || (step->steps_left == 1 && step->n_steps < 15) || isinf (h);

  inq_solver_predict (step, x, out, state->x0, state->n);
  if (!first_order)
    of_difference = 0.5 * of_x0 * h / (lambda - inq_solver_lambda (&state->levels[0]));
  for (gsize i = 0; i < state->n; i++)
    x[i] = (float) (ratio * x[i] + of_x0 * state->x0[i] + of_difference * (state->x0[i] - state->x0_before[i]));
  inq_solver_remember (state, level);
}

/* Weights of the differences to an older x0 (@old, taken at @back steps of h before) and to the newest in UniC: the
 * solution of rho_old + rho_new = b_1, back rho_old + rho_new = b_2 (Zhao et al. 2023, "UniPC", theorem 3.1, with
 * B(h) = B_2(h) = e^-h - 1 and data prediction). */
static void
unic_weights (double h, double back, double *old, double *newest)
{
  double b_h = expm1 (-h), phi = b_h / -h - 1, b1 = phi / b_h;
  double b2 = 2 * (phi / -h - 0.5) / b_h;

  *old = (b1 - b2) / (1 - back);
  *newest = b1 - *old;
}

/* Where the older x0 lies, seen from the step that begins at @from and is @h long: negative. */
static double
steps_back (const InqLevel *older, const InqLevel *from, double h)
{
  return (inq_solver_lambda (older) - inq_solver_lambda (from)) / h;
}

/* UniC: now that the network has seen where the step before ended, that end is computed again. state->x0 is what the
 * network promises there, x0_before what it did where that step began. */
static void
unipc_correct (InqSolverState *state, const InqLevel *level, const float *x0_older, float *x)
{
  const InqLevel *from = &state->levels[0];
  double h = inq_solver_lambda (level) - inq_solver_lambda (from), b_h = expm1 (-h), ratio = level->sigma / from->sigma;
  double old = 0, newest = 0.5;

  if (state->order == 2) {
    double back = steps_back (&state->levels[1], from, h);
    unic_weights (h, back, &old, &newest);
    old /= back;
  }
  for (gsize i = 0; i < state->n; i++) {
    double m0 = state->x0_before[i];
    double differences = newest * (state->x0[i] - m0) + (state->order == 2 ? old * (x0_older[i] - m0) : 0);
    x[i] = (float) (ratio * state->x_begin[i] - level->alpha * b_h * (m0 + differences));
  }
}

/* Predictor and corrector of second order: UniPC-2 (Zhao et al. 2023, algorithms 1 and 2). The last step is of first
 * order. */
void
inq_solver_unipc (InqSolverState *state, const InqSolverStep *step, float *x, const float *out)
{
  const InqLevel *level = step->level, *next = step->next;
  double h = inq_solver_lambda (next) - inq_solver_lambda (level), b_h = expm1 (-h), ratio = next->sigma / level->sigma,
         of_before = 0;

  /* The third x0 in play, the oldest, is overwritten last. */
  memcpy (state->x0_older, state->x0, sizeof (float) * state->n);
  inq_solver_predict (step, x, out, state->x0, state->n);
  if (state->n_run > 0)
    unipc_correct (state, level, state->x0_older, x);

  state->order = MIN (MIN (2, step->steps_left), state->n_run + 1);
  memcpy (state->x_begin, x, sizeof (float) * state->n);
  if (state->order == 2)
    of_before = 0.5 / steps_back (&state->levels[0], level, h);
  for (gsize i = 0; i < state->n; i++) {
    double m0 = state->x0[i];
    x[i] = (float) (ratio * x[i] - next->alpha * b_h * (m0 + of_before * (state->x0_before[i] - m0)));
  }
  inq_solver_remember (state, level);
}
