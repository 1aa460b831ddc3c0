/* Inquadra - samplers: from noise to latents by calling a network a few times.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-sampler.h"
#include "inq-brownian.h"
#include "inq-engine.h"
#include "inq-sampler-table.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_STEPS 150
#define TCD_ETA   0.3 /* gamma in Zheng et al. 2024, "Trajectory Consistency Distillation", section 4.2 */

static const char *const predictions[] = { "epsilon", "v", "flow" };

/* One network call. */
typedef struct {
  InqSolverPart part;
  InqLevel level; /* where it is made */
  InqLevel next;  /* where it leads to */
  InqLevel begin; /* where its step began */
  InqLevel via;   /* TCD */
} Call;

struct _InqSampler {
  InqSamplerParams params;
  const InqSamplerRow *row;
  gboolean exploding;
  InqSchedule *schedule;
  GArray *calls; /* of Call */
  InqLevel end;
  InqNoiseFunc noise;
  gpointer noise_data;
  float *drawn; /* (nullable) [state.n] */
  InqSolverState state;
};

const char *
inq_prediction_name (InqPrediction prediction)
{
  g_return_val_if_fail (prediction <= INQ_PREDICTION_FLOW, "?");
  return predictions[prediction];
}

gboolean
inq_prediction_from_name (const char *name, InqPrediction *prediction)
{
  for (guint i = 0; i < G_N_ELEMENTS (predictions); i++)
    if (g_strcmp0 (name, predictions[i]) == 0) {
      *prediction = i;
      return TRUE;
    }
  return FALSE;
}

void
inq_sampler_params_init (InqSamplerParams *params)
{
  *params = (InqSamplerParams){ .name = "euler",
                                .prediction = INQ_PREDICTION_EPSILON,
                                .steps = 20,
                                .strength = 1,
                                .n_train = 1000,
                                .beta_start = 0.00085,
                                .beta_end = 0.012,
                                .shift = 1,
                                .eta = -1 };
}

static const InqSamplerRow *
find_row (const InqSamplerParams *params, InqSpacing *spacing, GError **error)
{
  const InqSamplerRow *row = inq_sampler_row_find (params->name, spacing);
  gboolean spaced = !params->schedule || !*params->schedule || inq_spacing_from_name (params->schedule, spacing);

  if (row && spaced)
    return row;
  g_autofree char *names = g_strjoinv (", ", (char **) (row ? inq_schedules () : inq_samplers ()));
  if (row)
    g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID, _ ("There is no schedule “%s”. Choose one of: %s"),
                 params->schedule, names);
  else
    g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID, _ ("There is no sampler “%s”. Choose one of: %s"),
                 params->name ? params->name : "", names);
  return NULL;
}

static gboolean
check_params (const InqSamplerParams *params, const InqSamplerRow *row, GError **error)
{
  const char *problem = NULL;

  if (params->steps < 1 || params->steps > MAX_STEPS)
    problem = _ ("The number of steps must be between 1 and 150");
  else if (!(params->strength >= 0 && params->strength <= 1))
    problem = _ ("The strength must be between 0 and 1");
  else if (params->n_train < 2 || params->n_train > 1000000)
    problem = _ ("The model's noise schedule must have between 2 and 1,000,000 steps");
  else if (!(params->beta_start > 0 && params->beta_start <= params->beta_end && params->beta_end < 1))
    problem = _ ("The model's noise schedule must rise within 0 and 1");
  else if (!(params->shift > 0 && params->shift <= 100))
    problem = _ ("The model's flow shift must be above 0 and at most 100");
  else if (!(params->eta <= 1))
    problem = _ ("Eta must be between 0 and 1");
  else if (params->eta >= 0 && !row->via)
    problem = _ ("Only the sampler tcd has an eta");
  if (!problem)
    return TRUE;
  g_set_error_literal (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID, problem);
  return FALSE;
}

static void
default_noise (guint32 draw, float *out, gsize n, gpointer data)
{
  inq_noise_fill (0, draw, out, n);
}

/* The level TCD jumps to before it goes back up to @next. */
static InqLevel
via_of (InqSampler *sampler, const InqLevel *next)
{
  double timestep = (1 - sampler->params.eta) * next->timestep;

  return inq_schedule_at (sampler->schedule,
                          sampler->params.prediction == INQ_PREDICTION_FLOW ? timestep : floor (timestep));
}

/* The network calls of the steps from @first on. */
static void
plan_calls (InqSampler *sampler, guint first)
{
  const InqSamplerRow *row = sampler->row;
  const InqSchedule *schedule = sampler->schedule;

  for (guint i = first; i < schedule->n_steps; i++) {
    const InqLevel *level = &schedule->steps[i], *next = &schedule->steps[i + 1];
    Call call = { .level = *level, .next = *next, .begin = *level };
    if (row->via)
      call.via = via_of (sampler, next);
    /* No second call without noise to remove, nor half-way from no signal at all. */
    if (row->two_calls && next->sigma > 0 && !(row->middle && level->alpha == 0)) {
      Call second = { .part = INQ_PART_SECOND, .level = *next, .next = *next, .begin = *level };
      if (row->middle)
        second.level = inq_schedule_between (schedule, level, next);
      call.part = INQ_PART_FIRST;
      call.next = second.level;
      g_array_append_val (sampler->calls, call);
      g_array_append_val (sampler->calls, second);
    } else {
      g_array_append_val (sampler->calls, call);
    }
  }
  sampler->end = schedule->steps[schedule->n_steps];
}

InqSampler *
inq_sampler_new (const InqSamplerParams *params, GError **error)
{
  InqSpacing spacing;
  const InqSamplerRow *row = find_row (params, &spacing, error);

  if (!row || !check_params (params, row, error))
    return NULL;

  gboolean flow = params->prediction == INQ_PREDICTION_FLOW;
  gboolean no_signal = row->no_signal && params->prediction != INQ_PREDICTION_EPSILON;
  InqSampler *sampler = g_new0 (InqSampler, 1);
  sampler->params = *params;
  sampler->params.name = row->name;
  sampler->params.schedule = NULL;
  if (!(params->eta >= 0))
    sampler->params.eta = row->via ? TCD_ETA : -1;
  sampler->row = row;
  sampler->exploding = row->exploding && !flow;
  sampler->noise = default_noise;
  const InqScheduleParams schedule = { .spacing = spacing,
                                       .flow = flow,
                                       .exploding = sampler->exploding,
                                       .whole = !row->exploding,
                                       .steps = MIN (params->steps, params->n_train),
                                       .n_train = params->n_train,
                                       .beta_start = params->beta_start,
                                       .beta_end = params->beta_end,
                                       .zero_snr = params->zero_snr,
                                       .least_bar = no_signal ? 0 : INQ_SCHEDULE_LEAST_BAR,
                                       .ays_xl = params->ays_xl,
                                       .shift = params->shift };
  sampler->schedule = inq_schedule_new (&schedule);
  guint n_steps = sampler->schedule->n_steps;
  InqLevel *end = &sampler->schedule->steps[n_steps];
  /* A last step that begins at timestep 0 ends without noise; but diffusers 0.21.4's DPM-Solver++ with Karras' spacing
   * stays where it is. */
  gboolean stays = row->solve == inq_solver_dpmpp_2m && spacing == INQ_SPACING_KARRAS;
  if (!row->exploding && !flow && !stays && end[-1].timestep == 0)
    *end = (InqLevel){ .alpha = 1 };

  sampler->calls = g_array_new (FALSE, FALSE, sizeof (Call));
  plan_calls (sampler, n_steps - CLAMP ((guint) (n_steps * params->strength), 1, n_steps));
  return sampler;
}

void
inq_sampler_free (InqSampler *sampler)
{
  if (!sampler)
    return;
  g_array_unref (sampler->calls);
  inq_schedule_free (sampler->schedule);
  inq_solver_state_clear (&sampler->state);
  g_free (sampler->drawn);
  g_free (sampler);
}

static const Call *
call_of (InqSampler *sampler, guint step)
{
  g_return_val_if_fail (step < sampler->calls->len, &g_array_index (sampler->calls, Call, 0));
  return &g_array_index (sampler->calls, Call, step);
}

/* @step may be n_steps: where the run ends. */
static const InqLevel *
level_of (InqSampler *sampler, guint step)
{
  return step == sampler->calls->len ? &sampler->end : &call_of (sampler, step)->level;
}

static InqSolverStep
solver_step (InqSampler *sampler, guint step)
{
  const Call *call = call_of (sampler, step);

  return (InqSolverStep){ .prediction = sampler->params.prediction,
                          .part = call->part,
                          .level = &call->level,
                          .next = &call->next,
                          .begin = &call->begin,
                          .via = &call->via,
                          .steps_left = inq_sampler_get_n_steps (sampler) - step,
                          .n_steps = sampler->schedule->n_steps };
}

guint
inq_sampler_get_n_steps (InqSampler *sampler)
{
  return sampler->calls->len;
}

double
inq_sampler_get_eta (InqSampler *sampler)
{
  return sampler->params.eta;
}

gboolean
inq_sampler_is_stochastic (InqSampler *sampler)
{
  return sampler->row->noise != INQ_NOISE_NONE;
}

void
inq_sampler_set_noise (InqSampler *sampler, InqNoiseFunc noise, gpointer data)
{
  sampler->noise = noise;
  sampler->noise_data = data;
}

/* What @step adds, to sampler->drawn; NULL where it adds nothing. */
static const float *
draw_noise (InqSampler *sampler, guint step)
{
  const Call *call = call_of (sampler, step);
  const InqSchedule *schedule = sampler->schedule;
  gsize n = sampler->state.n;
  /* The last step of the consistency models ends at the picture, though timestep 0 has a little noise. */
  gboolean last = step + 1 == sampler->calls->len;

  if (!inq_sampler_is_stochastic (sampler) || call->next.sigma == 0 || last)
    return NULL;
  if (!sampler->drawn)
    sampler->drawn = g_new (float, n);
  if (sampler->row->noise == INQ_NOISE_DRAWS) {
    sampler->noise (step + 1, sampler->drawn, n, sampler->noise_data);
    return sampler->drawn;
  }
  /* Over all of a model's levels, whatever the run's; a flow's end at 1 and are above a thousandth of that, but for
   * extreme shifts. */
  InqBrownian path = { .low = MIN (1e-3, schedule->steps[schedule->n_steps - 1].sigma),
                       .high = 1,
                       .noise = sampler->noise,
                       .data = sampler->noise_data };
  if (schedule->ratios) {
    path.low = schedule->ratios[0];
    path.high = schedule->ratios[schedule->params.n_train - 1];
  }
  inq_brownian_increment (&path, call->begin.sigma, call->next.sigma, sampler->drawn, n);
  return sampler->drawn;
}

double
inq_sampler_get_timestep (InqSampler *sampler, guint step)
{
  return level_of (sampler, step)->timestep;
}

double
inq_sampler_get_input_scale (InqSampler *sampler, guint step)
{
  double sigma = level_of (sampler, step)->sigma;

  return sampler->exploding ? 1 / sqrt (sigma * sigma + 1) : 1;
}

void
inq_sampler_get_levels (InqSampler *sampler, guint step, double *alpha, double *sigma)
{
  *alpha = level_of (sampler, step)->alpha;
  *sigma = level_of (sampler, step)->sigma;
}

void
inq_sampler_start (InqSampler *sampler, float *x, const float *x0, gsize n)
{
  const InqLevel *level = level_of (sampler, 0);
  double of_noise = x0 || sampler->exploding ? level->sigma : 1;

  /* Where diffusers' Euler does not begin at the noisiest level, what it begins with has a picture's share in it. */
  if (!x0 && sampler->exploding && sampler->row->solve == inq_solver_ddim
      && sampler->schedule->params.spacing == INQ_SPACING_LEADING)
    of_noise = sqrt (level->sigma * level->sigma + 1);
  inq_solver_state_reset (&sampler->state, n);
  g_clear_pointer (&sampler->drawn, g_free);
  for (gsize i = 0; i < n; i++)
    x[i] = (float) (of_noise * x[i] + (x0 ? level->alpha * x0[i] : 0));
}

void
inq_sampler_step (InqSampler *sampler, guint step, float *x, const float *out, gsize n)
{
  g_return_if_fail (n == sampler->state.n);

  InqSolverStep solver = solver_step (sampler, step);
  solver.noise = draw_noise (sampler, step);
  sampler->row->solve (&sampler->state, &solver, x, out);
}

void
inq_sampler_keep (InqSampler *sampler, guint step, float *x, const float *x0, const float *noise, gsize n,
                  const float *mask, gsize n_mask)
{
  g_return_if_fail (n_mask > 0 && n % n_mask == 0);

  const InqLevel *next = level_of (sampler, step + 1);
  gboolean last = step + 1 == inq_sampler_get_n_steps (sampler);
  double of_x0 = last ? 1 : next->alpha, of_noise = last ? 0 : next->sigma;

  for (gsize i = 0; i < n; i++) {
    double repaint = mask[i % n_mask];
    x[i] = (float) (repaint * x[i] + (1 - repaint) * (of_x0 * x0[i] + of_noise * noise[i]));
  }
}

void
inq_sampler_predict (InqSampler *sampler, guint step, const float *x, const float *out, float *x0, gsize n)
{
  InqSolverStep solver = solver_step (sampler, step);

  inq_solver_predict (&solver, x, out, x0, n);
}
