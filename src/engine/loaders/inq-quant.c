/* Inquadra - block-quantised number formats (GGML's) to f32.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Layouts as llama.cpp's ggml-common.h gives them: a block is a run of 32 (Q) or 256 (K) consecutive elements of a row
 * with one or two f16 scales d and m; the K types scale each run of 16 or 32 within it again by small integers. Every
 * value here is one or two f32 operations on exact integers, in the order of the reference (gguf-py's quants.py), so
 * results are equal to it bit for bit. */
#include "config.h"

#include "inq-convert.h"

#include <string.h>

#define QK 256 /* elements of a K block */

static inline float
half_at (const guint8 *p)
{
  guint16 h;
  memcpy (&h, p, sizeof h);
  return inq_f16_to_f32 (GUINT16_FROM_LE (h));
}

static inline guint32
word_at (const guint8 *p)
{
  guint32 w;
  memcpy (&w, p, sizeof w);
  return GUINT32_FROM_LE (w);
}

/* d, 32 int8 */
static void
block_q8_0 (const guint8 *b, float *out)
{
  float d = half_at (b);
  for (int i = 0; i < 32; i++)
    out[i] = d * (float) (gint8) b[2 + i];
}

/* d, 16 bytes: low nibbles are elements 0..15, high ones 16..31 */
static void
block_q4_0 (const guint8 *b, float *out)
{
  float d = half_at (b);
  for (int i = 0; i < 16; i++) {
    out[i] = d * (float) ((b[2 + i] & 15) - 8);
    out[i + 16] = d * (float) ((b[2 + i] >> 4) - 8);
  }
}

/* d, m, nibbles */
static void
block_q4_1 (const guint8 *b, float *out)
{
  float d = half_at (b), m = half_at (b + 2);
  for (int i = 0; i < 16; i++) {
    out[i] = d * (float) (b[4 + i] & 15) + m;
    out[i + 16] = d * (float) (b[4 + i] >> 4) + m;
  }
}

/* d, 32 fifth bits, nibbles */
static void
block_q5_0 (const guint8 *b, float *out)
{
  float d = half_at (b);
  guint32 high = word_at (b + 2);
  for (int i = 0; i < 16; i++) {
    out[i] = d * (float) ((int) ((b[6 + i] & 15) | (high >> i & 1) << 4) - 16);
    out[i + 16] = d * (float) ((int) ((b[6 + i] >> 4) | (high >> (i + 16) & 1) << 4) - 16);
  }
}

/* d, m, 32 fifth bits, nibbles */
static void
block_q5_1 (const guint8 *b, float *out)
{
  float d = half_at (b), m = half_at (b + 2);
  guint32 high = word_at (b + 4);
  for (int i = 0; i < 16; i++) {
    out[i] = d * (float) ((b[8 + i] & 15) | (high >> i & 1) << 4) + m;
    out[i + 16] = d * (float) ((b[8 + i] >> 4) | (high >> (i + 16) & 1) << 4) + m;
  }
}

/* 16 bytes: scale and minimum of each 16 elements as nibbles; 64 bytes of two-bit values; d; m. Bits 2s..2s+1 of 32
 * bytes are 32 consecutive elements. */
static void
block_q2_k (const guint8 *b, float *out)
{
  const guint8 *scales = b, *q = b + 16;
  float d = half_at (b + 80), m = half_at (b + 82);
  for (int i = 0; i < QK; i++) {
    guint8 s = scales[i / 16];
    float dl = d * (float) (s & 15), ml = m * (float) (s >> 4);
    out[i] = dl * (float) (q[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3) - ml;
  }
}

/* 32 bytes of third bits (set: no offset of -4), 64 bytes of two-bit values, 16 six-bit scales in 12 bytes, d. */
static void
block_q3_k (const guint8 *b, float *out)
{
  const guint8 *high = b, *q = b + 32, *s = b + 96;
  float d = half_at (b + 108), dl[16];
  for (int i = 0; i < 16; i++) {
    int low = i < 8 ? s[i] & 15 : s[i - 8] >> 4;
    int top = s[8 + i % 4] >> (i / 4 * 2) & 3;
    dl[i] = d * (float) ((low | top << 4) - 32);
  }
  for (int i = 0; i < QK; i++) {
    int v = q[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
    out[i] = dl[i / 16] * (float) (high[i % 32] >> (i / 32) & 1 ? v : v - 4);
  }
}

/* Eight six-bit scales and eight minima in 12 bytes. */
static void
scales_k4 (const guint8 *s, int i, int *scale, int *minimum)
{
  if (i < 4) {
    *scale = s[i] & 63;
    *minimum = s[i + 4] & 63;
  } else {
    *scale = (s[i + 4] & 15) | (s[i - 4] >> 6) << 4;
    *minimum = s[i + 4] >> 4 | (s[i] >> 6) << 4;
  }
}

/* d, m, scales, 128 bytes: of 32 bytes the low nibbles are 32 elements, the high ones the next 32. */
static void
block_q4_k (const guint8 *b, float *out)
{
  float d = half_at (b), m = half_at (b + 2);
  for (int i = 0; i < QK / 32; i++) {
    const guint8 *q = b + 16 + i / 2 * 32;
    int scale, minimum;
    scales_k4 (b + 4, i, &scale, &minimum);
    float dl = d * (float) scale, ml = m * (float) minimum;
    for (int k = 0; k < 32; k++)
      out[i * 32 + k] = dl * (float) (q[k] >> (i % 2 * 4) & 15) - ml;
  }
}

/* As q4_k with 32 bytes of fifth bits before the nibbles: bit i of byte k is element 32 i + k. */
static void
block_q5_k (const guint8 *b, float *out)
{
  float d = half_at (b), m = half_at (b + 2);
  const guint8 *high = b + 16;
  for (int i = 0; i < QK / 32; i++) {
    const guint8 *q = b + 48 + i / 2 * 32;
    int scale, minimum;
    scales_k4 (b + 4, i, &scale, &minimum);
    float dl = d * (float) scale, ml = m * (float) minimum;
    for (int k = 0; k < 32; k++)
      out[i * 32 + k] = dl * (float) ((q[k] >> (i % 2 * 4) & 15) | (high[k] >> i & 1) << 4) - ml;
  }
}

/* 128 bytes of low nibbles, 64 of high pairs, 16 int8 scales, d. */
static void
block_q6_k (const guint8 *b, float *out)
{
  const guint8 *low = b, *high = b + 128;
  float d = half_at (b + 208);
  for (int i = 0; i < QK; i++) {
    int half = i / 128, in = i % 128;
    int v = low[half * 64 + in % 64] >> (in / 64 * 4) & 15;
    v |= (high[half * 32 + in % 32] >> (in / 32 * 2) & 3) << 4;
    out[i] = d * (float) (gint8) b[192 + i / 16] * (float) (v - 32);
  }
}

typedef void (*BlockFunc) (const guint8 *b, float *out);

static BlockFunc
block_func (InqDtype dtype)
{
  switch (dtype) {
  case INQ_DTYPE_Q8_0:
    return block_q8_0;
  case INQ_DTYPE_Q4_0:
    return block_q4_0;
  case INQ_DTYPE_Q4_1:
    return block_q4_1;
  case INQ_DTYPE_Q5_0:
    return block_q5_0;
  case INQ_DTYPE_Q5_1:
    return block_q5_1;
  case INQ_DTYPE_Q2_K:
    return block_q2_k;
  case INQ_DTYPE_Q3_K:
    return block_q3_k;
  case INQ_DTYPE_Q4_K:
    return block_q4_k;
  case INQ_DTYPE_Q5_K:
    return block_q5_k;
  case INQ_DTYPE_Q6_K:
    return block_q6_k;
  default:
    return NULL;
  }
}

gboolean
inq_convert_blocks_to_f32 (InqDtype dtype, const void *from, float *to, gsize n_blocks)
{
  BlockFunc func = block_func (dtype);
  gsize elements, bytes;

  if (!func)
    return FALSE;
  inq_dtype_block (dtype, &elements, &bytes);
  for (gsize i = 0; i < n_blocks; i++)
    func ((const guint8 *) from + i * bytes, to + i * elements);
  return TRUE;
}
