/* Inquadra - number formats of weights: to f32 and to f16.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sources may lie at any address; destinations are aligned. Thread-safety: pure functions.
 */
#pragma once

#include <glib.h>
#include <inq-weights.h>

G_BEGIN_DECLS

float inq_f16_to_f32 (guint16 half);
/* To the nearest f16, ties to even; too large becomes infinity, NaN stays NaN. */
guint16 inq_f32_to_f16 (float value);

/* @n elements of @dtype at @from to f32. Integers over 2^24 are rounded; BOOL gives 0 or 1. Of block types @n must be
 * whole blocks. */
void inq_convert_to_f32 (InqDtype dtype, const void *from, float *to, gsize n);
/* Blocks of a quantised type; FALSE when @dtype is none. */
gboolean inq_convert_blocks_to_f32 (InqDtype dtype, const void *from, float *to, gsize n_blocks);

/**
 * InqQuantSplit: how a quantised type's numbers come apart.
 * @bits: of a number, 4, 6 or 8: what its q fit into
 * @group: consecutive elements of one scale
 * @minima: scale * q - minimum, else scale * (q - offset)
 * @exact: scales are halves in the file
 */
typedef struct {
  guint bits, group, offset;
  gboolean minima, exact;
} InqQuantSplit;

/* FALSE when @dtype is no block type. */
gboolean inq_quant_get_split (InqDtype dtype, InqQuantSplit *split);
/* Whole blocks at @from as @n numbers, and a scale and (of minima) a minimum for each group of them. */
void inq_quant_split (InqDtype dtype, const void *from, gsize n, guint8 *q, float *scales, float *minima);
/* At least every |scale| and |minimum| of @n elements, read from the blocks' heads; may be NaN or infinite. */
float inq_quant_bound (InqDtype dtype, const void *from, gsize n);

void inq_convert_f32_to_f16 (const float *from, guint16 *to, gsize n);

G_END_DECLS
