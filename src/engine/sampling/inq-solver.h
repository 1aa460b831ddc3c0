/* Inquadra - one step of each solver, on f32 latents with f64 coefficients.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: none of its own; see InqSampler.
 */
#pragma once

#include "inq-sampler.h"
#include "inq-schedule.h"

G_BEGIN_DECLS

/* What a solver remembers of one picture. */
typedef struct {
  gsize n;            /* elements; 0 before the first step */
  guint n_run;        /* steps run so far */
  float *x0;          /* [n] promised by the network at this step */
  float *x0_before;   /* [n] .. at the step before */
  float *x0_older;    /* [n] .. and at the one before that */
  float *x_begin;     /* [n] UniPC: what the step before began with, corrected */
  guint order;        /* UniPC: order of the step before */
  InqLevel levels[2]; /* where the step before, and the one before that, began */
} InqSolverState;

void inq_solver_state_reset (InqSolverState *state, gsize n);
void inq_solver_state_clear (InqSolverState *state);

/* @level: where the step begins; @next: where it ends; @n_steps: of the whole schedule. */
typedef struct {
  InqPrediction prediction;
  const InqLevel *level;
  const InqLevel *next;
  guint steps_left; /* this one included */
  guint n_steps;
} InqSolverStep;

/* What the network's output @out at latents @x says the picture is. @x0 may be @out or @x. */
void inq_solver_predict (const InqSolverStep *step, const float *x, const float *out, float *x0, gsize n);

typedef void (*InqSolverFunc) (InqSolverState *state, const InqSolverStep *step, float *x, const float *out);

void inq_solver_ddim (InqSolverState *state, const InqSolverStep *step, float *x, const float *out);
void inq_solver_dpmpp_2m (InqSolverState *state, const InqSolverStep *step, float *x, const float *out);
void inq_solver_unipc (InqSolverState *state, const InqSolverStep *step, float *x, const float *out);

G_END_DECLS
