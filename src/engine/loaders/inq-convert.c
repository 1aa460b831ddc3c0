/* Inquadra - number formats of weights: to f32 and to f16.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-convert.h"

#include <string.h>
#ifdef __F16C__
#include <immintrin.h>
#endif

static inline float
bits_to_float (guint32 bits)
{
  float f;
  memcpy (&f, &bits, sizeof f);
  return f;
}

static inline guint32
float_to_bits (float f)
{
  guint32 bits;
  memcpy (&bits, &f, sizeof bits);
  return bits;
}

/* Exponent and mantissa moved into place and rescaled by 2^112 (the difference of the biases 127 and 15): exact, also
 * for denormals, and without a branch, so that the loop below is vectorised. */
static inline float
half_to_float (guint16 half)
{
  guint32 magnitude = (guint32) (half & 0x7fff) << 13;
  guint32 bits = float_to_bits (bits_to_float (magnitude) * 0x1p112f);
  bits |= magnitude >= 0x0f800000 ? 0x7f800000 : 0; /* infinity and NaN keep their mantissa */
  return bits_to_float (bits | (guint32) (half & 0x8000) << 16);
}

float
inq_f16_to_f32 (guint16 half)
{
  return half_to_float (half);
}

guint16
inq_f32_to_f16 (float value)
{
  guint32 bits = float_to_bits (value);
  guint16 sign = (bits >> 16) & 0x8000;
  guint32 magnitude = bits & 0x7fffffff;

  if (magnitude > 0x7f800000)
    return sign | 0x7e00 | ((magnitude >> 13) & 0x1ff);
  if (magnitude >= 0x477ff000) /* 65520 and more round to infinity */
    return sign | 0x7c00;
  if (magnitude < 0x38800000) /* below 2^-14: adding 0.5 lets the FPU round at 2^-24 */
    return sign | (guint16) (float_to_bits (bits_to_float (magnitude) + 0.5f) - 0x3f000000);
  return sign | (guint16) ((magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1)) >> 13);
}

static void
convert_f16 (const guint8 *from, float *to, gsize n)
{
  gsize i = 0;
#ifdef __F16C__
  for (; i + 8 <= n; i += 8) {
    __m128i h = _mm_loadu_si128 ((const __m128i *) (from + i * 2));
    _mm256_storeu_ps (to + i, _mm256_cvtph_ps (h));
  }
#endif
  for (; i < n; i++) {
    guint16 h;
    memcpy (&h, from + i * 2, sizeof h);
    to[i] = half_to_float (h);
  }
}

static void
convert_bf16 (const guint8 *from, float *to, gsize n)
{
  for (gsize i = 0; i < n; i++) {
    guint16 h;
    memcpy (&h, from + i * 2, sizeof h);
    to[i] = bits_to_float ((guint32) h << 16);
  }
}

#define CONVERT(type)                                                                                                  \
  for (gsize i = 0; i < n; i++) {                                                                                      \
    type v;                                                                                                            \
    memcpy (&v, (const guint8 *) from + i * sizeof v, sizeof v);                                                       \
    to[i] = (float) v;                                                                                                 \
  }

void
inq_convert_to_f32 (InqDtype dtype, const void *from, float *to, gsize n)
{
  gsize elements, bytes;

  if (inq_dtype_block (dtype, &elements, &bytes)) {
    inq_convert_blocks_to_f32 (dtype, from, to, n / elements);
    return;
  }
  switch (dtype) {
  case INQ_DTYPE_F32:
    if (n > 0)
      memcpy (to, from, n * sizeof (float));
    break;
  case INQ_DTYPE_F16:
    convert_f16 (from, to, n);
    break;
  case INQ_DTYPE_BF16:
    convert_bf16 (from, to, n);
    break;
  case INQ_DTYPE_F64:
    CONVERT (double);
    break;
  case INQ_DTYPE_I8:
    CONVERT (gint8);
    break;
  case INQ_DTYPE_U8:
    CONVERT (guint8);
    break;
  case INQ_DTYPE_I16:
    CONVERT (gint16);
    break;
  case INQ_DTYPE_I32:
    CONVERT (gint32);
    break;
  case INQ_DTYPE_I64:
    CONVERT (gint64);
    break;
  case INQ_DTYPE_BOOL:
    for (gsize i = 0; i < n; i++)
      to[i] = ((const guint8 *) from)[i] != 0;
    break;
  default:
    g_assert_not_reached ();
  }
}

void
inq_convert_f32_to_f16 (const float *from, guint16 *to, gsize n)
{
  gsize i = 0;
#ifdef __F16C__
  for (; i + 8 <= n; i += 8)
    _mm_storeu_si128 ((__m128i *) (to + i), _mm256_cvtps_ph (_mm256_loadu_ps (from + i), _MM_FROUND_TO_NEAREST_INT));
#endif
  for (; i < n; i++)
    to[i] = inq_f32_to_f16 (from[i]);
}
