/* Inquadra - quantised weights as kernels read them: a file's blocks taken apart, columns side by side.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Of a matrix of @columns (padded to 16) output channels and @terms = taps * inputs terms of each, one after the other:
 *   numbers     [taps][inputs][columns] of 8 bits; or of 4, then for numbers of 6 bits their high pairs, likewise of 2
 *   scales      [terms / group][columns] halves; groups are runs of the file's order [inputs][taps]
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

/* Bits, group << 4, minima << 10, offset << 12 of @dtype; INQ_WEIGHT_F32 when it is not quantised, its groups do not
 * divide rows of @inputs * @taps, or channels do not come in fours. */
InqWeightKind inq_quantised_kind (InqDtype dtype, gint64 inputs, gint64 taps);
gsize inq_quantised_bytes (InqWeightKind kind, gint64 terms, gint64 columns);

/**
 * InqQuantisedMatrix: rows of a tensor to be packed. inq_quantised_kind() must have accepted it.
 * @data: [rows of the tensor][inputs][taps], blocks one after the other; those of K types may reach into the next row
 * @first, @rows: which of its rows
 * @columns: @rows padded to 16
 * @shift: the numbers are divided by so many powers of two
 */
typedef struct {
  InqDtype dtype;
  const void *data;
  gint64 first, rows;
  gint64 inputs, taps;
  gint64 columns;
  int shift;
} InqQuantisedMatrix;
/* @out: inq_quantised_bytes() */
void inq_quantised_pack (const InqQuantisedMatrix *matrix, void *out);

G_END_DECLS
