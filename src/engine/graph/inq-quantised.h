/* Inquadra - quantised weights as kernels read them: a file's blocks taken apart, columns side by side.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Of a matrix of @depth input channels and @columns (padded to 16) output channels, one after the other:
 *   numbers     [depth][columns] of 8 bits; or of 4, then for numbers of 6 bits their high pairs [depth][columns] of 2
 *   scales      [depth / group][columns] halves
 *   minima      the same, of types that have them
 *   unit        f32 that scales and minima are multiplied with, a power of two: K types have products of a half and a
 *               small integer for scales, which as halves would be too large or too small; then 12 bytes of nothing
 * Their precision is a half's; of types whose scales are halves in the file they are those. q5 types take 6 bits, q2_k
 * and q3_k take 4.
 *
 * Thread-safety: pure functions; they use threads of a shared pool for large matrices. */
#pragma once

#include "inq-graph-private.h"

G_BEGIN_DECLS

/* Bits, group << 4, minima << 10, offset << 12 of @dtype; INQ_WEIGHT_F32 when it is not quantised or its blocks do not
 * divide rows of @depth. */
InqWeightKind inq_quantised_kind (InqDtype dtype, gint64 depth);
gsize inq_quantised_bytes (InqWeightKind kind, gint64 depth, gint64 columns);
/* @in: @rows rows of @depth elements; @out: inq_quantised_bytes() */
void inq_quantised_pack (InqDtype dtype, const void *in, gint64 rows, gint64 depth, gint64 columns, void *out);

G_END_DECLS
