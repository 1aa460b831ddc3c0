/* Inquadra - noise schedules: which timesteps a sampler visits, and how noisy the latents are at each.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: tables are immutable once made.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How timesteps are spread over 0..n_train - 1 (Lin et al. 2023, "Common Diffusion Noise Schedules and Sample Steps are
 * Flawed", table 2, and Karras et al. 2022, "Elucidating the Design Space", eq. 5 with rho 7). */
typedef enum {
  INQ_SPACING_LEADING,        /* k * floor (n_train / n), one later */
  INQ_SPACING_LINSPACE,       /* even from n_train - 1 down to 0, both visited, fractional */
  INQ_SPACING_LINSPACE_WHOLE, /* even from n_train - 1 towards 0, which is the end; rounded */
  INQ_SPACING_TRAILING,       /* n_train - k * n_train / n, rounded, one earlier */
  INQ_SPACING_KARRAS,         /* sigma^(1/7) even, fractional timesteps */
  INQ_SPACING_KARRAS_WHOLE,   /* the same, rounded to whole timesteps; those that coincide count once */
  INQ_SPACING_FLOW,           /* sigma even from 1 to 0, then shifted */
} InqSpacing;

/* Where a step begins, or (the last) where the run ends: latents = alpha x0 + sigma noise. */
typedef struct {
  double timestep; /* what the network is fed; of the last point of no meaning */
  double alpha;
  double sigma;
} InqLevel;

typedef struct {
  InqSpacing spacing;
  gboolean exploding; /* alpha is 1 and sigma the ratio sigma / alpha (Euler's terms), ending at no noise */
  int steps;          /* 1 or more */
  int n_train;
  double beta_start;
  double beta_end;
  double shift; /* flow only */
} InqScheduleParams;

/* (transfer full) array of InqLevel: one per step and one for the end. */
GArray *inq_schedule_new (const InqScheduleParams *params);

/* alpha^2 for each of @n_train timesteps, (transfer full): products of 1 - beta, where sqrt (beta) is even from
 * sqrt (@beta_start) to sqrt (@beta_end) (Rombach et al. 2022's "scaled linear"). Rounded to f32 where training code
 * rounds, since networks were trained with those values. */
float *inq_schedule_alpha_bars (int n_train, double beta_start, double beta_end);

G_END_DECLS
