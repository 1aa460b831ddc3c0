/* Inquadra - quantised weights as kernels read them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-quantised.h"

#include "inq-convert.h"
#include "inq-repack.h"

#include <math.h>
#include <string.h>

#define BAND      INQ_WEIGHT_PAD /* columns of a task */
#define UNIT_SIZE 16
/* Largest scale as a half, with room for rounding. */
#define LARGEST 16384.0f

InqWeightKind
inq_quantised_kind (InqDtype dtype, gint64 depth)
{
  gsize elements, bytes;
  InqQuantSplit s;

  if (!inq_quant_get_split (dtype, &s) || !inq_dtype_block (dtype, &elements, &bytes) || depth % (gint64) elements != 0
      || depth % 32 != 0)
    return INQ_WEIGHT_F32;
  return s.bits | s.group << 4 | (s.minima ? 1u << 10 : 0) | s.offset << 12;
}

typedef struct {
  InqDtype dtype;
  InqQuantSplit split;
  const guint8 *in;
  gsize row_bytes;
  gint64 rows, depth, columns;
  float shrink; /* 1 / unit */
  guint8 *numbers, *high;
  guint16 *scales, *minima;
} Pack;

static gsize
numbers_bytes (guint bits, gint64 depth, gint64 columns)
{
  return (gsize) (depth * columns) / (bits == 8 ? 1 : 2);
}

static gsize
high_bytes (guint bits, gint64 depth, gint64 columns)
{
  return bits == 6 ? (gsize) (depth * columns) / 4 : 0;
}

gsize
inq_quantised_bytes (InqWeightKind kind, gint64 depth, gint64 columns)
{
  guint bits = kind & 15, group = kind >> 4 & 63;
  gsize scales = (gsize) (depth / group * columns) * 2;

  return numbers_bytes (bits, depth, columns) + high_bytes (bits, depth, columns) + scales * (kind >> 10 & 1 ? 2 : 1)
         + UNIT_SIZE;
}

/* @q: [BAND][depth] */
static void
pack_numbers (const Pack *p, const guint8 *q, gint64 first)
{
  for (gint64 k = 0; k < p->depth; k++) {
    guint8 line[BAND];

    for (int j = 0; j < BAND; j++)
      line[j] = q[j * p->depth + k];
    if (p->split.bits == 8) {
      memcpy (p->numbers + k * p->columns + first, line, BAND);
    } else {
      guint8 low[BAND / 2], high[BAND / 4];

      for (int j = 0; j < BAND / 2; j++)
        low[j] = (line[2 * j] & 15) | (line[2 * j + 1] & 15) << 4;
      memcpy (p->numbers + (k * p->columns + first) / 2, low, sizeof low);
      if (p->split.bits != 6)
        continue;
      for (int j = 0; j < BAND / 4; j++)
        high[j] = line[4 * j] >> 4 | line[4 * j + 1] >> 4 << 2 | line[4 * j + 2] >> 4 << 4 | line[4 * j + 3] >> 4 << 6;
      memcpy (p->high + (k * p->columns + first) / 4, high, sizeof high);
    }
  }
}

static void
pack_scales (const Pack *p, const float *values, gint64 first, guint16 *out)
{
  gint64 groups = p->depth / p->split.group;

  for (gint64 g = 0; g < groups; g++)
    for (int j = 0; j < BAND; j++)
      out[g * p->columns + first + j] = GUINT16_TO_LE (inq_f32_to_f16 (values[j * groups + g] * p->shrink));
}

static void
pack_band (guint i, gpointer data)
{
  const Pack *p = data;
  gint64 first = (gint64) i * BAND, groups = p->depth / p->split.group;
  g_autofree guint8 *q = g_malloc0 ((gsize) (BAND * p->depth));
  g_autofree float *scales = g_new0 (float, BAND *groups), *minima = g_new0 (float, BAND *groups);

  /* columns that are none: scale 0 */
  for (gint64 j = 0; j < BAND && first + j < p->rows; j++)
    inq_quant_split (p->dtype, p->in + (gsize) (first + j) * p->row_bytes, (gsize) p->depth, q + j * p->depth,
                     scales + j * groups, minima + j * groups);
  pack_numbers (p, q, first);
  pack_scales (p, scales, first, p->scales);
  if (p->split.minima)
    pack_scales (p, minima, first, p->minima);
}

/* A power of two that brings the largest scale near the largest half. */
static float
find_unit (const Pack *p)
{
  float most = p->split.exact ? 0 : inq_quant_bound (p->dtype, p->in, (gsize) (p->rows * p->depth));
  int exponent;

  if (p->split.exact || !isfinite (most) || most == 0)
    return 1;
  frexpf (most / LARGEST, &exponent);
  return ldexpf (1, exponent);
}

void
inq_quantised_pack (InqDtype dtype, const void *in, gint64 rows, gint64 depth, gint64 columns, void *out)
{
  Pack p = { .dtype = dtype, .in = in, .rows = rows, .depth = depth, .columns = columns, .numbers = out };
  gsize elements, bytes, scales;
  float unit;
  guint32 word[UNIT_SIZE / 4] = { 0 };

  inq_quant_get_split (dtype, &p.split);
  inq_dtype_block (dtype, &elements, &bytes);
  p.row_bytes = (gsize) depth / elements * bytes;
  scales = (gsize) (depth / p.split.group * columns);
  p.high = p.numbers + numbers_bytes (p.split.bits, depth, columns);
  p.scales = (guint16 *) (p.high + high_bytes (p.split.bits, depth, columns));
  p.minima = p.scales + scales;
  unit = find_unit (&p);
  p.shrink = 1 / unit;
  memcpy (word, &unit, sizeof unit);
  memcpy (p.scales + scales * (p.split.minima ? 2 : 1), word, sizeof word);
  inq_parallel_for ((guint) (columns / BAND), (gsize) (rows * depth), pack_band, &p);
}
