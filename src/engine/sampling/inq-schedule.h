/* Inquadra - noise schedules: which timesteps a sampler visits, and how noisy the latents are at each.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: immutable once made.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How steps are spread over 0..n_train - 1, or over the ratios sigma / alpha there. Lin et al. 2023 ("Common Diffusion
 * Noise Schedules and Sample Steps are Flawed", table 2), Karras et al. 2022 ("Elucidating the Design Space", eq. 5
 * with rho 7), Sabour et al. 2024 ("Align Your Steps"), Luo et al. 2023 ("Latent Consistency Models"). In the order of
 * inq_schedules(). */
typedef enum {
  INQ_SPACING_LINSPACE,    /* even from n_train - 1 down to 0, both visited, fractional */
  INQ_SPACING_LEADING,     /* k * floor (n_train / n), one later */
  INQ_SPACING_TRAILING,    /* n_train - k * n_train / n, rounded, one earlier */
  INQ_SPACING_KARRAS,      /* ratio^(1/7) even */
  INQ_SPACING_EXPONENTIAL, /* logarithm of the ratio even */
  INQ_SPACING_SGM_UNIFORM, /* even from n_train - 1 towards 0, which is the end */
  INQ_SPACING_AYS,         /* the published ratios, even in their logarithms for other numbers of steps */
  INQ_SPACING_LCM,         /* of 50 trailing ones, as evenly as they go: what consistency models were distilled with */
} InqSpacing;

/* What stands for "no signal" where a ratio must stay finite: the ratio is then 4096. */
#define INQ_SCHEDULE_LEAST_BAR 0x1p-24f

/* Where a step begins, or (the last) where the run ends: latents = alpha x0 + sigma noise. */
typedef struct {
  double timestep; /* what the network is fed; of the last point of no meaning */
  double alpha;
  double sigma;
} InqLevel;

/**
 * InqScheduleParams:
 * @flow: alpha = 1 - sigma, sigma even from 1 to 0 and shifted; @spacing and the betas mean nothing
 * @exploding: alpha is 1 and sigma the ratio sigma / alpha (Euler's terms), ending at no noise; else the run ends at
 * timestep 0, which still has a little
 * @whole: timesteps are rounded to whole ones, and those that coincide count once
 * @steps: 1 or more
 * @zero_snr: betas are rescaled so that the last timestep is noise alone (Lin et al. 2023, algorithm 1)
 * @least_bar: with @zero_snr alpha^2 of the last timestep, where a solver cannot take 0
 * @ays_xl: the AYS ratios for SDXL; else those for Stable Diffusion 1.5
 * @shift: flow only
 */
typedef struct {
  InqSpacing spacing;
  gboolean flow;
  gboolean exploding;
  gboolean whole;
  int steps;
  int n_train;
  double beta_start;
  double beta_end;
  gboolean zero_snr;
  double least_bar;
  gboolean ays_xl;
  double shift;
} InqScheduleParams;

typedef struct {
  InqScheduleParams params;
  float *bars;     /* (nullable) [n_train] alpha^2 */
  double *ratios;  /* (nullable) [n_train] sigma / alpha, finite */
  InqLevel *steps; /* [n_steps + 1] one per step and one for the end */
  guint n_steps;   /* at most params.steps */
} InqSchedule;

InqSchedule *inq_schedule_new (const InqScheduleParams *params);
void inq_schedule_free (InqSchedule *schedule);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqSchedule, inq_schedule_free)

/* The level of @timestep, which is rounded down where only whole ones have one. */
InqLevel inq_schedule_at (const InqSchedule *schedule, double timestep);
/* The level whose ratio is the geometric mean of @a's and @b's: half-way in log signal to noise. Both have noise and
 * signal; not for whole timesteps. */
InqLevel inq_schedule_between (const InqSchedule *schedule, const InqLevel *a, const InqLevel *b);

/* alpha^2 for each of @n_train timesteps, (transfer full): products of 1 - beta, where sqrt (beta) is even from
 * sqrt (@beta_start) to sqrt (@beta_end) (Rombach et al. 2022's "scaled linear"). Rounded to f32 where training code
 * rounds, since networks were trained with those values. */
float *inq_schedule_alpha_bars (int n_train, double beta_start, double beta_end);
/* The same moved and stretched, in place: sqrt (alpha^2) reaches 0 at the end and keeps its first value. */
void inq_schedule_rescale_zero_snr (float *bars, int n_train);

G_END_DECLS
