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
inq_quantised_kind (InqDtype dtype, gint64 inputs, gint64 taps)
{
  InqQuantSplit s;

  if (!inq_quant_get_split (dtype, &s) || inputs * taps % s.group != 0 || inputs % 4 != 0)
    return INQ_WEIGHT_F32;
  return s.bits | s.group << 4 | (s.minima ? 1u << 10 : 0) | s.offset << 12;
}

typedef struct {
  const InqQuantisedMatrix *m;
  InqQuantSplit split;
  gsize elements, bytes; /* of a block */
  gint64 terms;
  float shrink; /* 1 / unit */
  guint8 *numbers, *high;
  guint16 *scales, *minima;
} Pack;

static gsize
numbers_bytes (guint bits, gint64 terms, gint64 columns)
{
  return (gsize) (terms * columns) / (bits == 8 ? 1 : 2);
}

static gsize
high_bytes (guint bits, gint64 terms, gint64 columns)
{
  return bits == 6 ? (gsize) (terms * columns) / 4 : 0;
}

gsize
inq_quantised_bytes (InqWeightKind kind, gint64 terms, gint64 columns)
{
  guint bits = kind & 15, group = kind >> 4 & 63;
  gsize scales = (gsize) (terms / group * columns) * 2;

  return numbers_bytes (bits, terms, columns) + high_bytes (bits, terms, columns) + scales * (kind >> 10 & 1 ? 2 : 1)
         + UNIT_SIZE;
}

/* @q: [BAND][terms] in the file's order */
static void
pack_numbers (const Pack *p, const guint8 *q, gint64 first)
{
  gint64 columns = p->m->columns;

  for (gint64 k = 0; k < p->terms; k++) {
    gint64 from = k % p->m->inputs * p->m->taps + k / p->m->inputs;
    guint8 line[BAND];

    for (int j = 0; j < BAND; j++)
      line[j] = q[j * p->terms + from];
    if (p->split.bits == 8) {
      memcpy (p->numbers + k * columns + first, line, BAND);
    } else {
      guint8 low[BAND / 2], high[BAND / 4];

      for (int j = 0; j < BAND / 2; j++)
        low[j] = (line[2 * j] & 15) | (line[2 * j + 1] & 15) << 4;
      memcpy (p->numbers + (k * columns + first) / 2, low, sizeof low);
      if (p->split.bits != 6)
        continue;
      for (int j = 0; j < BAND / 4; j++)
        high[j] = line[4 * j] >> 4 | line[4 * j + 1] >> 4 << 2 | line[4 * j + 2] >> 4 << 4 | line[4 * j + 3] >> 4 << 6;
      memcpy (p->high + (k * columns + first) / 4, high, sizeof high);
    }
  }
}

static void
pack_scales (const Pack *p, const float *values, gint64 first, guint16 *out)
{
  gint64 groups = p->terms / p->split.group;

  for (gint64 g = 0; g < groups; g++)
    for (int j = 0; j < BAND; j++)
      out[g * p->m->columns + first + j] = GUINT16_TO_LE (inq_f32_to_f16 (values[j * groups + g] * p->shrink));
}

/* The blocks that hold any of @rows rows from @first. */
static const guint8 *
blocks_of (const Pack *p, gint64 first, gint64 rows, gsize *offset, gsize *count)
{
  gsize begin = (gsize) (first * p->terms), end = begin + (gsize) (rows * p->terms);

  *offset = begin % p->elements;
  *count = (end + p->elements - 1) / p->elements - begin / p->elements;
  return (const guint8 *) p->m->data + begin / p->elements * p->bytes;
}

static void
pack_band (guint i, gpointer data)
{
  const Pack *p = data;
  gint64 first = (gint64) i * BAND, rows = MIN (BAND, p->m->rows - first), groups = p->terms / p->split.group;
  gsize offset, n, room;
  const guint8 *in = blocks_of (p, p->m->first + first, rows, &offset, &n);
  g_autofree guint8 *q = NULL;
  g_autofree float *scales = NULL, *minima = NULL;

  /* columns that are none: scale 0. Bands are taken apart whole, for a block may hold the end of one row and the
   * beginning of the next; groups never do. */
  room = MAX (n * p->elements, offset + (gsize) (BAND * p->terms));
  q = g_malloc0 (room);
  scales = g_new0 (float, room / p->split.group);
  minima = g_new0 (float, room / p->split.group);
  inq_quant_split (p->m->dtype, in, n * p->elements, q, scales, minima);
  for (gint64 g = rows * groups; g < BAND * groups; g++)
    scales[offset / p->split.group + (gsize) g] = minima[offset / p->split.group + (gsize) g] = 0;
  pack_numbers (p, q + offset, first);
  pack_scales (p, scales + offset / p->split.group, first, p->scales);
  if (p->split.minima)
    pack_scales (p, minima + offset / p->split.group, first, p->minima);
}

/* A power of two that brings the largest scale near the largest half. */
static float
find_unit (const Pack *p)
{
  gsize offset, n;
  const guint8 *in = blocks_of (p, p->m->first, p->m->rows, &offset, &n);
  float most = p->split.exact ? 0 : inq_quant_bound (p->m->dtype, in, n * p->elements);
  int exponent;

  if (p->split.exact || !isfinite (most) || most == 0)
    return 1;
  frexpf (most / LARGEST, &exponent);
  return ldexpf (1, exponent);
}

void
inq_quantised_pack (const InqQuantisedMatrix *m, void *out)
{
  Pack p = { .m = m, .terms = m->inputs * m->taps, .numbers = out };
  gsize scales;
  float unit;
  guint32 word[UNIT_SIZE / 4] = { 0 };

  inq_quant_get_split (m->dtype, &p.split);
  inq_dtype_block (m->dtype, &p.elements, &p.bytes);
  scales = (gsize) (p.terms / p.split.group * m->columns);
  p.high = p.numbers + numbers_bytes (p.split.bits, p.terms, m->columns);
  p.scales = (guint16 *) (p.high + high_bytes (p.split.bits, p.terms, m->columns));
  p.minima = p.scales + scales;
  unit = find_unit (&p);
  p.shrink = 1 / unit;
  unit = ldexpf (unit, -m->shift);
  memcpy (word, &unit, sizeof unit);
  memcpy (p.scales + scales * (p.split.minima ? 2 : 1), word, sizeof word);
  inq_parallel_for ((guint) (m->columns / BAND), (gsize) (m->rows * p.terms), pack_band, &p);
}
