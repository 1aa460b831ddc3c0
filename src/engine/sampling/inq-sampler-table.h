/* Inquadra - the table of samplers: a solver, what it needs, and the schedule it takes unless told otherwise.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: immutable.
 */
#pragma once

#include "inq-solver.h"

G_BEGIN_DECLS

typedef enum {
  INQ_NOISE_NONE,
  INQ_NOISE_DRAWS, /* one draw a step that does not end without noise: step k's is draw k + 1 */
  INQ_NOISE_PATH,  /* increments of one path over sigma */
} InqSolverNoise;

/**
 * InqSamplerRow:
 * @exploding: works in Euler's terms at fractional timesteps; else at whole ones
 * @two_calls: the network is called again within each step, but the last
 * @middle: ... half-way; else where the step ends
 * @via: has a level below the next one (TCD)
 * @no_signal: takes a level without any signal (alpha 0)
 */
typedef struct {
  const char *name;
  InqSpacing spacing;
  InqSolverFunc solve;
  InqSolverNoise noise;
  gboolean exploding;
  gboolean two_calls;
  gboolean middle;
  gboolean via;
  gboolean no_signal;
} InqSamplerRow;

/* The row and spacing that @name ("euler", "euler_karras") means, or NULL. */
const InqSamplerRow *inq_sampler_row_find (const char *name, InqSpacing *spacing);
/* FALSE where @name is none of inq_schedules(). */
gboolean inq_spacing_from_name (const char *name, InqSpacing *spacing);

G_END_DECLS
