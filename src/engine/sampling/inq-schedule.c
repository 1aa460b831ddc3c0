/* Inquadra - noise schedules: which timesteps a sampler visits, and how noisy the latents are at each.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-schedule.h"

#include <math.h>

#define KARRAS_RHO 7.0

float *
inq_schedule_alpha_bars (int n_train, double beta_start, double beta_end)
{
  float *bars = g_new (float, n_train);
  float first = (float) sqrt (beta_start), last = (float) sqrt (beta_end);
  float step = n_train > 1 ? (last - first) / (float) (n_train - 1) : 0;
  double product = 1;

  for (int t = 0; t < n_train; t++) {
    /* torch.linspace() counts from the nearer end. */
    float root = t < n_train / 2 ? first + step * (float) t : last - step * (float) (n_train - 1 - t);
    float beta = root * root;
    product *= 1.0f - beta;
    bars[t] = (float) product;
  }
  return bars;
}

/* sigma / alpha of each timestep, [n_train]. */
static double *
ratios_new (const float *bars, int n_train)
{
  double *ratios = g_new (double, n_train);

  for (int t = 0; t < n_train; t++)
    ratios[t] = (float) sqrt ((1.0f - bars[t]) / bars[t]);
  return ratios;
}

static double
interpolate (const double *table, int n, double at)
{
  int low = CLAMP ((int) floor (at), 0, n - 1), high = MIN (low + 1, n - 1);
  double w = CLAMP (at - low, 0, 1);

  return table[low] + (table[high] - table[low]) * w;
}

/* The fractional timestep whose noise ratio is @ratio: even in its logarithm between two neighbours. */
static double
timestep_of_ratio (const double *ratios, int n, double ratio)
{
  int low = 0;

  for (int high = n - 1; high - low > 1;) {
    int middle = (low + high) / 2;
    if (ratios[middle] <= ratio)
      low = middle;
    else
      high = middle;
  }
  if (n == 1)
    return 0;
  double w = (log (ratio) - log (ratios[low])) / (log (ratios[low + 1]) - log (ratios[low]));
  return low + CLAMP (w, 0, 1);
}

static double
karras_ratio (const double *ratios, int n_train, int step, int steps)
{
  double ramp = steps > 1 ? (double) step / (steps - 1) : 0;
  double most = pow (ratios[n_train - 1], 1 / KARRAS_RHO), least = pow (ratios[0], 1 / KARRAS_RHO);

  return pow (most + ramp * (least - most), KARRAS_RHO);
}

/* The timestep that step @i of @steps begins at. */
static double
spaced_timestep (const InqScheduleParams *params, const double *ratios, int i)
{
  int n = params->n_train, steps = params->steps;

  /* A single step must begin with noise, where some spacings would put it at the other end. */
  if (steps == 1)
    return n - 1;
  switch (params->spacing) {
  case INQ_SPACING_LEADING:
    return MIN ((steps - 1 - i) * (n / steps) + 1, n - 1);
  case INQ_SPACING_LINSPACE:
    return (float) ((double) (n - 1) * (steps - 1 - i) / (steps - 1));
  case INQ_SPACING_LINSPACE_WHOLE:
    return rint ((double) (n - 1) * (steps - i) / steps);
  case INQ_SPACING_TRAILING:
    return MAX (rint (n - i * ((double) n / steps)) - 1, 0);
  case INQ_SPACING_KARRAS:
    return timestep_of_ratio (ratios, n, karras_ratio (ratios, n, i, steps));
  case INQ_SPACING_KARRAS_WHOLE:
    return rint (timestep_of_ratio (ratios, n, karras_ratio (ratios, n, i, steps)));
  case INQ_SPACING_FLOW:
  default:
    g_assert_not_reached ();
  }
}

/* Level at @timestep; whole ones are read from the table, others interpolated. */
static InqLevel
level_at (const InqScheduleParams *params, const float *bars, const double *ratios, double timestep)
{
  InqLevel level = { .timestep = timestep };

  if (params->exploding) {
    level.alpha = 1;
    level.sigma = interpolate (ratios, params->n_train, timestep);
  } else {
    double bar = bars[(int) timestep];
    level.alpha = sqrt (bar);
    level.sigma = sqrt (1 - bar);
  }
  return level;
}

static GArray *
flow_schedule (const InqScheduleParams *params)
{
  GArray *levels = g_array_new (FALSE, FALSE, sizeof (InqLevel));

  for (int i = 0; i <= params->steps; i++) {
    double t = (double) (params->steps - i) / params->steps;
    double sigma = params->shift * t / (1 + (params->shift - 1) * t);
    InqLevel level = { .timestep = params->n_train * sigma, .alpha = 1 - sigma, .sigma = sigma };
    g_array_append_val (levels, level);
  }
  return levels;
}

GArray *
inq_schedule_new (const InqScheduleParams *params)
{
  g_return_val_if_fail (params->steps >= 1 && params->n_train >= 1, NULL);

  if (params->spacing == INQ_SPACING_FLOW)
    return flow_schedule (params);

  g_autofree float *bars = inq_schedule_alpha_bars (params->n_train, params->beta_start, params->beta_end);
  g_autofree double *ratios = ratios_new (bars, params->n_train);
  GArray *levels = g_array_new (FALSE, FALSE, sizeof (InqLevel));
  double before = -1;

  for (int i = 0; i < params->steps; i++) {
    double timestep = spaced_timestep (params, ratios, i);
    InqLevel level = level_at (params, bars, ratios, timestep);
    if (params->spacing == INQ_SPACING_KARRAS_WHOLE && i > 0 && timestep == before)
      continue;
    if (params->spacing == INQ_SPACING_KARRAS)
      level.sigma = karras_ratio (ratios, params->n_train, i, params->steps);
    g_array_append_val (levels, level);
    before = timestep;
  }

  /* Where the last step ends: without noise in Euler's terms, else at timestep 0, which still has a little. */
  InqLevel end = level_at (params, bars, ratios, 0);
  if (params->exploding)
    end.sigma = 0;
  g_array_append_val (levels, end);
  return levels;
}
