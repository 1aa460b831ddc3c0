/* Inquadra - samplers: from noise to latents by calling a network a few times.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-sampler.h"
#include "inq-engine.h"
#include "inq-solver.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_STEPS 150

typedef struct {
  const char *name;
  InqSpacing spacing;
  gboolean exploding;
  InqSolverFunc solve;
} Kind;

static const Kind kinds[] = {
  { "euler", INQ_SPACING_LINSPACE, TRUE, inq_solver_ddim },
  { "euler_karras", INQ_SPACING_KARRAS, TRUE, inq_solver_ddim },
  { "euler_trailing", INQ_SPACING_TRAILING, TRUE, inq_solver_ddim },
  { "ddim", INQ_SPACING_LEADING, FALSE, inq_solver_ddim },
  { "dpmpp_2m_karras", INQ_SPACING_KARRAS_WHOLE, FALSE, inq_solver_dpmpp_2m },
  { "unipc", INQ_SPACING_LINSPACE_WHOLE, FALSE, inq_solver_unipc },
};
static const char *const kind_names[] = { "euler", "euler_karras", "euler_trailing", "ddim", "dpmpp_2m_karras", "unipc",
                                          NULL };
G_STATIC_ASSERT (G_N_ELEMENTS (kind_names) == G_N_ELEMENTS (kinds) + 1);

static const char *const predictions[] = { "epsilon", "v", "flow" };

struct _InqSampler {
  InqSamplerParams params;
  const Kind *kind;
  gboolean exploding;
  GArray *levels; /* of InqLevel: [first + n_steps + 1] */
  guint first;    /* steps of the schedule that img2img leaves out */
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

const char *const *
inq_samplers (void)
{
  return kind_names;
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
                                .shift = 1 };
}

static const Kind *
find_kind (const char *name, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (name, kinds[i].name) == 0)
      return &kinds[i];
  g_autofree char *names = g_strjoinv (", ", (char **) kind_names);
  g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID, _ ("There is no sampler “%s”. Choose one of: %s"),
               name ? name : "", names);
  return NULL;
}

static gboolean
check_params (const InqSamplerParams *params, GError **error)
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
  if (!problem)
    return TRUE;
  g_set_error_literal (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID, problem);
  return FALSE;
}

InqSampler *
inq_sampler_new (const InqSamplerParams *params, GError **error)
{
  const Kind *kind = find_kind (params->name, error);

  if (!kind || !check_params (params, error))
    return NULL;

  gboolean flow = params->prediction == INQ_PREDICTION_FLOW;
  InqSampler *sampler = g_new0 (InqSampler, 1);
  sampler->params = *params;
  sampler->params.name = kind->name;
  sampler->kind = kind;
  sampler->exploding = kind->exploding && !flow;
  InqScheduleParams schedule = { .spacing = flow ? INQ_SPACING_FLOW : kind->spacing,
                                 .exploding = sampler->exploding,
                                 .steps = MIN (params->steps, params->n_train),
                                 .n_train = params->n_train,
                                 .beta_start = params->beta_start,
                                 .beta_end = params->beta_end,
                                 .shift = params->shift };
  sampler->levels = inq_schedule_new (&schedule);

  guint n_steps = sampler->levels->len - 1;
  guint n_run = CLAMP ((guint) (n_steps * params->strength), 1, n_steps);
  sampler->first = n_steps - n_run;
  return sampler;
}

void
inq_sampler_free (InqSampler *sampler)
{
  if (!sampler)
    return;
  g_array_unref (sampler->levels);
  inq_solver_state_clear (&sampler->state);
  g_free (sampler);
}

/* @step counts from the first one that is run; n_steps is where the run ends. */
static const InqLevel *
level_of (InqSampler *sampler, guint step)
{
  g_return_val_if_fail (sampler->first + step < sampler->levels->len, &g_array_index (sampler->levels, InqLevel, 0));
  return &g_array_index (sampler->levels, InqLevel, sampler->first + step);
}

static InqSolverStep
solver_step (InqSampler *sampler, guint step)
{
  return (InqSolverStep){ .prediction = sampler->params.prediction,
                          .level = level_of (sampler, step),
                          .next = level_of (sampler, step + 1),
                          .steps_left = inq_sampler_get_n_steps (sampler) - step,
                          .n_steps = sampler->levels->len - 1 };
}

guint
inq_sampler_get_n_steps (InqSampler *sampler)
{
  return sampler->levels->len - 1 - sampler->first;
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

  inq_solver_state_reset (&sampler->state, n);
  for (gsize i = 0; i < n; i++)
    x[i] = (float) (of_noise * x[i] + (x0 ? level->alpha * x0[i] : 0));
}

void
inq_sampler_step (InqSampler *sampler, guint step, float *x, const float *out, gsize n)
{
  g_return_if_fail (n == sampler->state.n);

  InqSolverStep solver = solver_step (sampler, step);
  sampler->kind->solve (&sampler->state, &solver, x, out);
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
