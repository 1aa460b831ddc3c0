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
  float *x_begin;     /* [n] UniPC: what the step before began with, corrected; two calls: what this one did */
  guint order;        /* UniPC: order of the step before */
  InqLevel levels[2]; /* where the step before, and the one before that, began */
} InqSolverState;

void inq_solver_state_reset (InqSolverState *state, gsize n);
void inq_solver_state_clear (InqSolverState *state);

/* What a network call is to its step: all of it, or the first or second of two. */
typedef enum {
  INQ_PART_WHOLE,
  INQ_PART_FIRST,
  INQ_PART_SECOND,
} InqSolverPart;

/**
 * InqSolverStep:
 * @level: where the network was called; @next: where the call leads to; @begin: where the step began (@level but in a
 * second part)
 * @via: TCD: the less noisy level it jumps to before it adds noise
 * @n_steps: of the whole schedule
 * @noise: (nullable) [n] unit noise over @begin to @next, for those that add some
 */
typedef struct {
  InqPrediction prediction;
  InqSolverPart part;
  const InqLevel *level;
  const InqLevel *next;
  const InqLevel *begin;
  const InqLevel *via;
  const float *noise;
  guint steps_left; /* this one included */
  guint n_steps;
} InqSolverStep;

/* The picture is @of_x times the latents plus @of_out times the network's output. */
void inq_solver_weights (const InqSolverStep *step, double *of_x, double *of_out);
/* What the network's output @out at latents @x says the picture is. @x0 may be @out or @x. */
void inq_solver_predict (const InqSolverStep *step, const float *x, const float *out, float *x0, gsize n);

typedef void (*InqSolverFunc) (InqSolverState *state, const InqSolverStep *step, float *x, const float *out);

void inq_solver_ddim (InqSolverState *state, const InqSolverStep *step, float *x, const float *out);
void inq_solver_dpmpp_2m (InqSolverState *state, const InqSolverStep *step, float *x, const float *out);
void inq_solver_unipc (InqSolverState *state, const InqSolverStep *step, float *x, const float *out);
/* ---- inq-solver-sde.c: two calls a step, or noise added ---- */
void inq_solver_heun (InqSolverState *state, const InqSolverStep *step, float *x, const float *out);
void inq_solver_euler_a (InqSolverState *state, const InqSolverStep *step, float *x, const float *out);
void inq_solver_dpmpp_sde (InqSolverState *state, const InqSolverStep *step, float *x, const float *out);
void inq_solver_dpmpp_2m_sde (InqSolverState *state, const InqSolverStep *step, float *x, const float *out);
void inq_solver_lcm (InqSolverState *state, const InqSolverStep *step, float *x, const float *out);
void inq_solver_tcd (InqSolverState *state, const InqSolverStep *step, float *x, const float *out);

/* The step is done: its x0 and level become those of the step before. */
void inq_solver_remember (InqSolverState *state, const InqLevel *level);
/* log (alpha / sigma) */
double inq_solver_lambda (const InqLevel *level);

G_END_DECLS
