/* Inquadra - Brownian motion over noise levels, the same path however finely it is walked.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stochastic DPM-Solvers add noise over overlapping intervals of sigma: what they add must be one path's
 * increments. The path is a binary tree over log sigma of Brownian bridges (Levy's construction; Li et al. 2020,
 * "Scalable Gradients for Stochastic Differential Equations", section 4, use such a tree). A point's value depends on
 * the seed and on sigma alone, so more steps refine a picture instead of making another. It is our own path, not the
 * one of PyTorch's torchsde, whose bits come from another generator.
 *
 * Thread-safety: one thread at a time.
 */
#pragma once

#include "inq-noise.h"

G_BEGIN_DECLS

typedef struct {
  double low, high; /* sigma; 0 < low < high. The path is 0 at low */
  InqNoiseFunc noise;
  gpointer data;
} InqBrownian;

/* What the path adds from sigma @from down to @to, over the square root of their distance: [n] unit normals. Draw 1 is
 * the whole path's, draw k + 1 that of node k of the tree (1 at the root, children 2k below and 2k + 1 above). Where
 * the two coincide (beyond the path's ends) the noise is 0. */
void inq_brownian_increment (const InqBrownian *path, double from, double to, float *out, gsize n);

G_END_DECLS
