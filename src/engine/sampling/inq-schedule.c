/* Inquadra - noise schedules: which timesteps a sampler visits, and how noisy the latents are at each.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-schedule.h"

#include <math.h>

#define KARRAS_RHO 7.0
#define LCM_STEPS  50

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

void
inq_schedule_rescale_zero_snr (float *bars, int n_train)
{
  g_autofree float *betas = g_new (float, n_train);
  float first = sqrtf (bars[0]), last = sqrtf (bars[n_train - 1]), before = 1;
  double product = 1;

  /* By way of the betas, as the code that models were trained with. */
  for (int t = 0; t < n_train; t++) {
    float root = (sqrtf (bars[t]) - last) * (first / (first - last));
    float bar = root * root;
    betas[t] = 1 - (t == 0 ? bar : bar / before);
    before = bar;
  }
  for (int t = 0; t < n_train; t++) {
    product *= 1.0f - betas[t];
    bars[t] = (float) product;
  }
}

/* sigma / alpha of each timestep, [n_train]; where there is no signal at all, as if there were the least. */
static double *
ratios_new (const float *bars, int n_train)
{
  double *ratios = g_new (double, n_train);

  for (int t = 0; t < n_train; t++) {
    float bar = MAX (bars[t], INQ_SCHEDULE_LEAST_BAR);
    ratios[t] = (float) sqrt ((1.0f - bar) / bar);
  }
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

/* Sabour et al. 2024's ratios for ten steps, as published with the paper; the last is where the last step ends. */
#define AYS_POINTS 11
static const double ays_sd15[AYS_POINTS] = { 14.615, 6.475, 3.861, 2.697, 1.886, 1.396,
                                             0.963,  0.652, 0.399, 0.152, 0.029 };
static const double ays_sdxl[AYS_POINTS] = { 14.615, 6.315, 3.771, 2.181, 1.342, 0.862,
                                             0.555,  0.380, 0.234, 0.113, 0.029 };

static double
ays_ratio (const double *table, int step, int steps)
{
  double logs[AYS_POINTS];

  for (int i = 0; i < AYS_POINTS; i++)
    logs[i] = log (table[i]);
  return exp (interpolate (logs, AYS_POINTS, (double) step * (AYS_POINTS - 1) / steps));
}

/* Of the spacings that are even in some function of the ratio; 0 for the others. */
static double
spaced_ratio (const InqSchedule *schedule, int step)
{
  const InqScheduleParams *params = &schedule->params;
  double least = schedule->ratios[0], most = schedule->ratios[params->n_train - 1];
  double ramp = params->steps > 1 ? (double) step / (params->steps - 1) : 0;

  switch (params->spacing) {
  case INQ_SPACING_KARRAS:
    most = pow (most, 1 / KARRAS_RHO);
    return pow (most + ramp * (pow (least, 1 / KARRAS_RHO) - most), KARRAS_RHO);
  case INQ_SPACING_EXPONENTIAL:
    return exp (log (most) + ramp * (log (least) - log (most)));
  case INQ_SPACING_AYS:
    return ays_ratio (params->ays_xl ? ays_sdxl : ays_sd15, step, params->steps);
  default:
    return 0;
  }
}

/* Of LCM_STEPS evenly spread timesteps every few: Luo et al. 2023, section 4.3. */
static double
lcm_timestep (int n_train, int i, int steps)
{
  int of = MAX (MIN (LCM_STEPS, n_train), steps);

  return (double) (of - (gint64) of * i / steps) * (n_train / of) - 1;
}

/* The timestep that step @i begins at. */
static double
spaced_timestep (const InqSchedule *schedule, int i)
{
  const InqScheduleParams *params = &schedule->params;
  int n = params->n_train, steps = params->steps;

  switch (params->spacing) {
  case INQ_SPACING_LINSPACE:
    /* A single step must begin with noise, where this and the next would put it at the other end. */
    return steps == 1 ? n - 1 : (float) ((double) (n - 1) * (steps - 1 - i) / (steps - 1));
  case INQ_SPACING_LEADING:
    return steps == 1 ? n - 1 : MIN ((steps - 1 - i) * (n / steps) + 1, n - 1);
  case INQ_SPACING_TRAILING:
    return MAX (rint (n - i * ((double) n / steps)) - 1, 0);
  case INQ_SPACING_SGM_UNIFORM:
    return (double) (n - 1) * (steps - i) / steps;
  case INQ_SPACING_LCM:
    return CLAMP (lcm_timestep (n, i, steps), 0, n - 1);
  case INQ_SPACING_KARRAS:
  case INQ_SPACING_EXPONENTIAL:
  case INQ_SPACING_AYS:
  default:
    return timestep_of_ratio (schedule->ratios, n, spaced_ratio (schedule, i));
  }
}

static InqLevel
flow_level (const InqScheduleParams *params, double sigma)
{
  return (InqLevel){ .timestep = params->n_train * sigma, .alpha = 1 - sigma, .sigma = sigma };
}

InqLevel
inq_schedule_at (const InqSchedule *schedule, double timestep)
{
  const InqScheduleParams *params = &schedule->params;

  if (params->flow)
    return flow_level (params, CLAMP (timestep / params->n_train, 0, 1));
  if (params->exploding)
    return (InqLevel){ .timestep = timestep,
                       .alpha = 1,
                       .sigma = interpolate (schedule->ratios, params->n_train, timestep) };
  double bar = schedule->bars[CLAMP ((int) timestep, 0, params->n_train - 1)];
  return (InqLevel){ .timestep = timestep, .alpha = sqrt (bar), .sigma = sqrt (1 - bar) };
}

InqLevel
inq_schedule_between (const InqSchedule *schedule, const InqLevel *a, const InqLevel *b)
{
  double ratio = sqrt (a->sigma / a->alpha * (b->sigma / b->alpha));

  if (schedule->params.flow)
    return flow_level (&schedule->params, ratio / (1 + ratio));
  return (InqLevel){ .timestep = timestep_of_ratio (schedule->ratios, schedule->params.n_train, ratio),
                     .alpha = 1,
                     .sigma = ratio };
}

static void
space_flow (InqSchedule *schedule)
{
  const InqScheduleParams *params = &schedule->params;

  schedule->n_steps = (guint) params->steps;
  for (int i = 0; i <= params->steps; i++) {
    double t = (double) (params->steps - i) / params->steps;
    schedule->steps[i] = flow_level (params, params->shift * t / (1 + (params->shift - 1) * t));
  }
}

static InqLevel
spaced_level (const InqSchedule *schedule, int i)
{
  const InqScheduleParams *params = &schedule->params;
  double timestep = spaced_timestep (schedule, i), ratio = spaced_ratio (schedule, i);
  InqLevel level = inq_schedule_at (schedule, params->whole ? rint (timestep) : timestep);

  if (params->exploding && ratio > 0)
    level.sigma = ratio;
  else if (params->exploding && params->spacing == INQ_SPACING_SGM_UNIFORM) {
    /* between timesteps even in the logarithm, as the code this spacing comes from has it */
    int low = CLAMP ((int) floor (timestep), 0, params->n_train - 2);
    double from = log (schedule->ratios[low]), to = log (schedule->ratios[low + 1]);
    level.sigma = exp (from + (timestep - low) * (to - from));
  }
  return level;
}

InqSchedule *
inq_schedule_new (const InqScheduleParams *params)
{
  g_return_val_if_fail (params->steps >= 1 && params->n_train >= 2, NULL);

  InqSchedule *schedule = g_new0 (InqSchedule, 1);
  int n = params->n_train;
  schedule->params = *params;
  schedule->steps = g_new0 (InqLevel, params->steps + 1);
  if (params->flow) {
    space_flow (schedule);
    return schedule;
  }

  schedule->bars = inq_schedule_alpha_bars (n, params->beta_start, params->beta_end);
  if (params->zero_snr) {
    inq_schedule_rescale_zero_snr (schedule->bars, n);
    schedule->bars[n - 1] = (float) params->least_bar;
  }
  schedule->ratios = ratios_new (schedule->bars, n);
  for (int i = 0; i < params->steps; i++) {
    InqLevel level = spaced_level (schedule, i);
    if (params->whole && i > 0 && level.timestep == schedule->steps[schedule->n_steps - 1].timestep)
      continue;
    schedule->steps[schedule->n_steps++] = level;
  }

  InqLevel end = inq_schedule_at (schedule, 0);
  if (params->exploding)
    end.sigma = 0;
  schedule->steps[schedule->n_steps] = end;
  return schedule;
}

void
inq_schedule_free (InqSchedule *schedule)
{
  g_free (schedule->bars);
  g_free (schedule->ratios);
  g_free (schedule->steps);
  g_free (schedule);
}
