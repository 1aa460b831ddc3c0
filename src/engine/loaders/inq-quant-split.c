/* Inquadra - block-quantised number formats (GGML's) as small numbers, scales and minima, for kernels that widen them.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Layouts are those of inq-quant.c; in f32, scale * (q - offset) or scale * q - minimum is what that makes. */
#include "config.h"

#include "inq-convert.h"

#include <math.h>
#include <string.h>

#define QK 256 /* elements of a K block */

static inline float
half_at (const guint8 *p)
{
  guint16 h;
  memcpy (&h, p, sizeof h);
  return inq_f16_to_f32 (GUINT16_FROM_LE (h));
}

typedef void (*SplitFunc) (const guint8 *b, guint8 *q, float *scales, float *minima);

static void
split_q8_0 (const guint8 *b, guint8 *q, float *scales, float *minima)
{
  *scales = half_at (b);
  for (int i = 0; i < 32; i++)
    q[i] = b[2 + i] ^ 0x80;
}

static void
nibbles (const guint8 *b, guint8 *q)
{
  for (int i = 0; i < 16; i++) {
    q[i] = b[i] & 15;
    q[i + 16] = b[i] >> 4;
  }
}

static void
fifth_bits (const guint8 *b, guint8 *q)
{
  for (int i = 0; i < 32; i++)
    q[i] |= (b[i / 8] >> (i % 8) & 1) << 4;
}

static void
split_q4_0 (const guint8 *b, guint8 *q, float *scales, float *minima)
{
  *scales = half_at (b);
  nibbles (b + 2, q);
}

static void
split_q4_1 (const guint8 *b, guint8 *q, float *scales, float *minima)
{
  *scales = half_at (b);
  *minima = -half_at (b + 2);
  nibbles (b + 4, q);
}

static void
split_q5_0 (const guint8 *b, guint8 *q, float *scales, float *minima)
{
  *scales = half_at (b);
  nibbles (b + 6, q);
  fifth_bits (b + 2, q);
}

static void
split_q5_1 (const guint8 *b, guint8 *q, float *scales, float *minima)
{
  *scales = half_at (b);
  *minima = -half_at (b + 2);
  nibbles (b + 8, q);
  fifth_bits (b + 4, q);
}

static void
split_q2_k (const guint8 *b, guint8 *q, float *scales, float *minima)
{
  float d = half_at (b + 80), m = half_at (b + 82);
  for (int i = 0; i < QK / 16; i++) {
    scales[i] = d * (float) (b[i] & 15);
    minima[i] = m * (float) (b[i] >> 4);
  }
  for (int i = 0; i < QK; i++)
    q[i] = b[16 + i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
}

static void
split_q3_k (const guint8 *b, guint8 *q, float *scales, float *minima)
{
  const guint8 *s = b + 96;
  float d = half_at (b + 108);
  for (int i = 0; i < 16; i++) {
    int low = i < 8 ? s[i] & 15 : s[i - 8] >> 4;
    int top = s[8 + i % 4] >> (i / 4 * 2) & 3;
    scales[i] = d * (float) ((low | top << 4) - 32);
  }
  for (int i = 0; i < QK; i++)
    q[i] = (b[32 + i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3) | (b[i % 32] >> (i / 32) & 1) << 2;
}

static void
scales_k4 (const guint8 *b, float *scales, float *minima)
{
  const guint8 *s = b + 4;
  float d = half_at (b), m = half_at (b + 2);
  for (int i = 0; i < 8; i++) {
    int scale = i < 4 ? s[i] & 63 : (s[i + 4] & 15) | (s[i - 4] >> 6) << 4;
    int minimum = i < 4 ? s[i + 4] & 63 : s[i + 4] >> 4 | (s[i] >> 6) << 4;
    scales[i] = d * (float) scale;
    minima[i] = m * (float) minimum;
  }
}

static void
nibbles_k (const guint8 *b, guint8 *q)
{
  for (int i = 0; i < QK; i++)
    q[i] = b[i / 64 * 32 + i % 32] >> (i / 32 % 2 * 4) & 15;
}

static void
split_q4_k (const guint8 *b, guint8 *q, float *scales, float *minima)
{
  scales_k4 (b, scales, minima);
  nibbles_k (b + 16, q);
}

static void
split_q5_k (const guint8 *b, guint8 *q, float *scales, float *minima)
{
  scales_k4 (b, scales, minima);
  nibbles_k (b + 48, q);
  for (int i = 0; i < QK; i++)
    q[i] |= (b[16 + i % 32] >> (i / 32) & 1) << 4;
}

static void
split_q6_k (const guint8 *b, guint8 *q, float *scales, float *minima)
{
  float d = half_at (b + 208);
  for (int i = 0; i < QK / 16; i++)
    scales[i] = d * (float) (gint8) b[192 + i];
  for (int i = 0; i < QK; i++) {
    int half = i / 128, in = i % 128;
    q[i] = (b[half * 64 + in % 64] >> (in / 64 * 4) & 15) | (b[128 + half * 32 + in % 32] >> (in / 32 * 2) & 3) << 4;
  }
}

/* @d, @m: where a block has its scale and its minimum, -1: nowhere; @most: what a K type scales them by again */
static const struct {
  InqDtype dtype;
  InqQuantSplit split;
  SplitFunc func;
  int d, m;
  float most;
} types[] = {
  { INQ_DTYPE_Q8_0, { 8, 32, 128, FALSE, TRUE }, split_q8_0, 0, -1, 1 },
  { INQ_DTYPE_Q4_0, { 4, 32, 8, FALSE, TRUE }, split_q4_0, 0, -1, 1 },
  { INQ_DTYPE_Q4_1, { 4, 32, 0, TRUE, TRUE }, split_q4_1, 0, 2, 1 },
  { INQ_DTYPE_Q5_0, { 6, 32, 16, FALSE, TRUE }, split_q5_0, 0, -1, 1 },
  { INQ_DTYPE_Q5_1, { 6, 32, 0, TRUE, TRUE }, split_q5_1, 0, 2, 1 },
  { INQ_DTYPE_Q2_K, { 4, 16, 0, TRUE, FALSE }, split_q2_k, 80, 82, 15 },
  { INQ_DTYPE_Q3_K, { 4, 16, 4, FALSE, FALSE }, split_q3_k, 108, -1, 32 },
  { INQ_DTYPE_Q4_K, { 4, 32, 0, TRUE, FALSE }, split_q4_k, 0, 2, 63 },
  { INQ_DTYPE_Q5_K, { 6, 32, 0, TRUE, FALSE }, split_q5_k, 0, 2, 63 },
  { INQ_DTYPE_Q6_K, { 6, 16, 32, FALSE, FALSE }, split_q6_k, 208, -1, 128 },
};

static int
find_type (InqDtype dtype)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].dtype == dtype)
      return (int) i;
  return -1;
}

gboolean
inq_quant_get_split (InqDtype dtype, InqQuantSplit *split)
{
  int type = find_type (dtype);

  if (type < 0)
    return FALSE;
  *split = types[type].split;
  return TRUE;
}

void
inq_quant_split (InqDtype dtype, const void *from, gsize n, guint8 *q, float *scales, float *minima)
{
  int type = find_type (dtype);
  gsize elements, bytes;

  g_return_if_fail (type >= 0);
  inq_dtype_block (dtype, &elements, &bytes);
  for (gsize i = 0; i < n / elements; i++) {
    gsize group = i * (elements / types[type].split.group);

    types[type].func ((const guint8 *) from + i * bytes, q + i * elements, scales + group, minima + group);
  }
}

float
inq_quant_bound (InqDtype dtype, const void *from, gsize n)
{
  int type = find_type (dtype);
  gsize elements, bytes;
  float most = 0;

  g_return_val_if_fail (type >= 0, 0);
  inq_dtype_block (dtype, &elements, &bytes);
  for (gsize i = 0; i < n / elements; i++) {
    const guint8 *b = (const guint8 *) from + i * bytes;
    float d = fabsf (half_at (b + types[type].d)), m = types[type].m < 0 ? 0 : fabsf (half_at (b + types[type].m));

    /* comparisons that a NaN wins */
    if (!(d <= most))
      most = d;
    if (!(m <= most))
      most = m;
  }
  return most * types[type].most;
}
