/* Inquadra - models of published size with random weights, made in memory: to measure an engine without a checkpoint.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: pure functions. */
#pragma once

#include <inq-weights.h>

G_BEGIN_DECLS

/* Names that inq_shape_new() takes: "sd15", "sd2", "sdxl". NULL-terminated. */
const char *const *inq_shape_names (void);
/**
 * inq_shape_new:
 * @name: of inq_shape_names()
 * @dtype: F16, or Q8_0 or Q4_0 for the linear layers of the network and the towers
 *
 * Every tensor of the single-file layout under its published name and shape, its numbers read from one pool of noise:
 * the host needs room for the largest tensor only. Activations keep their size, about, from layer to layer.
 *
 * Returns: (transfer full): the tensors; NULL for another name
 */
InqWeights *inq_shape_new (const char *name, InqDtype dtype, GError **error);

G_END_DECLS
