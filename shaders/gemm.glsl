/* Inquadra - operands and epilogue of the matrix product kernels. The including shader declares WEIGHTS, OUT_QUADS, ACT,
 * RESIDUAL and HALVES.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Quantised weights (inq-quantised.h) are numbers of a few bits that share a scale, and may share a minimum, along runs
 * of GROUP terms of a column in the file's order, (channel, tap): scale * (q - OFFSET) or scale * q - minimum. They lie
 * as kernels read them: rows (tap, channel), the columns of a row side by side; low bits first, then high pairs, scales,
 * minima, and the unit of both.
 *
 * With SIBLINGS defined one dispatch makes up to three products of the same x and shape. Their matrices, results and biases
 * lie in the same three buffers, each where the push constants say; a group works on one of them. */

/* x is [n][ih][iw][c], W [kh][kw][c][pitch] */
#ifdef TEXELS /* x in fours */
layout (set = 0, binding = 0) uniform usamplerBuffer x_texels;
layout (set = 0, binding = 1) uniform usamplerBuffer w_texels;
layout (set = 0, binding = 3) uniform usamplerBuffer bias;
layout (set = 0, binding = 4) uniform usamplerBuffer cbias4;
layout (set = 0, binding = 5) uniform usamplerBuffer residual4;
#else
layout (set = 0, binding = 0) readonly buffer X { float x[]; };
layout (set = 0, binding = 0) readonly buffer X4 { vec4 x4[]; };
layout (set = 0, binding = 0) readonly buffer XHalf { uvec2 x_half[]; };
layout (set = 0, binding = 1) readonly buffer W { uvec4 w_half[]; };
layout (set = 0, binding = 1) readonly buffer W2 { uvec2 w_half2[]; };
layout (set = 0, binding = 1) readonly buffer W1 { uint w_word[]; };
layout (set = 0, binding = 3) readonly buffer Bias { vec4 bias[]; };          /* [columns padded] */
layout (set = 0, binding = 4) readonly buffer ChannelBias { float cbias[]; }; /* [n][columns] */
layout (set = 0, binding = 4) readonly buffer ChannelBias4 { vec4 cbias4[]; };
layout (set = 0, binding = 5) readonly buffer Residual { float residual[]; };
layout (set = 0, binding = 5) readonly buffer Residual4 { vec4 residual4[]; };
layout (set = 0, binding = 5) readonly buffer ResidualHalf { uvec2 residual_half[]; };
#endif
layout (set = 0, binding = 2) writeonly buffer Y { float y[]; }; /* [rows][columns] */
layout (set = 0, binding = 2) writeonly buffer Y4 { vec4 y4[]; };
layout (set = 0, binding = 2) writeonly buffer YHalf { uvec2 y_half[]; };
layout (set = 0, binding = 2) writeonly buffer YHalf8 { uvec4 y_half8[]; };

layout (push_constant) uniform Push
{
  uint rows, columns, pitch;
  uint c, ih, iw;
  uint oh, ow;
  uint kh, kw;
  uint stride, pad;
  uint upsample; /* 0, or 1: x is read as if twice as large */
  uint flags;    /* 1 bias, 2 channel bias; from bit 8 on: siblings beside the first */
  uint part;     /* channels that work groups of one z sum over */
  uint w_at0, w_at1, w_at2; /* where each sibling's W, y and bias begin, in 16 bytes */
  uint y_at0, y_at1, y_at2;
  uint bias_at0, bias_at1, bias_at2;
};

#ifdef SIBLINGS
/* of the one this invocation works on */
uint w_from, y_from, bias_from;

void inq_take_sibling (uint which)
{
  w_from = which == 0 ? w_at0 : which == 1 ? w_at1 : w_at2;
  y_from = which == 0 ? y_at0 : which == 1 ? y_at1 : y_at2;
  bias_from = which == 0 ? bias_at0 : which == 1 ? bias_at1 : bias_at2;
}
#else
const uint w_from = 0u, y_from = 0u, bias_from = 0u;
#endif

/* WEIGHTS: 0 for f32, 1 for pairs of halves, else quantised, as INQ_WEIGHT_... in inq-graph-private.h */
const bool HALF = WEIGHTS == 1u, QUANTISED = WEIGHTS > 1u;
const uint BITS = WEIGHTS & 15u, GROUP = WEIGHTS > 1u ? WEIGHTS >> 4 & 63u : 16u, OFFSET = WEIGHTS >> 12;
const bool MINIMA = (WEIGHTS >> 10 & 1u) != 0u;

/* The @i-th four of x; the @i-th 16, 8 and 4 bytes of W. */
#ifdef TEXELS
vec4 inq_x4 (uint i)
{
  return inq_texel4 (x_texels, i);
}

uvec4 inq_w16 (uint i)
{
  return texelFetch (w_texels, int (i));
}

uvec2 inq_w8 (uint i)
{
  uvec4 t = inq_w16 (i / 2);

  return (i & 1) != 0 ? t.zw : t.xy;
}

uint inq_w4 (uint i)
{
  return inq_w16 (i / 4)[i % 4];
}
#else
vec4 inq_x4 (uint i)
{
  return INQ_HALVES (0) ? inq_unpack4 (x_half[i]) : x4[i];
}

uvec4 inq_w16 (uint i)
{
  return w_half[i + w_from];
}

uvec2 inq_w8 (uint i)
{
  return w_half2[i + 2 * w_from];
}

uint inq_w4 (uint i)
{
  return w_word[i + 4 * w_from];
}
#endif

/* Eight weights, the @i-th eight of W. */
void inq_weights8 (uint i, out vec4 a, out vec4 b)
{
  if (HALF) {
    uvec4 h = inq_w16 (i);

    a = vec4 (unpackHalf2x16 (h.x), unpackHalf2x16 (h.y));
    b = vec4 (unpackHalf2x16 (h.z), unpackHalf2x16 (h.w));
  } else {
    a = uintBitsToFloat (inq_w16 (2 * i));
    b = uintBitsToFloat (inq_w16 (2 * i + 1));
  }
}

/* The @i-th four of W. */
vec4 inq_weights4 (uint i)
{
  if (HALF) {
    uvec2 h = inq_w8 (i);

    return vec4 (unpackHalf2x16 (h.x), unpackHalf2x16 (h.y));
  }
  return uintBitsToFloat (inq_w16 (i));
}

/* ---- quantised weights: terms are a multiple of GROUP, pitch of 16 ---- */

uint inq_quant_terms ()
{
  return c * kh * kw;
}

/* Where the scale of channel @k lies that is multiplied at tap @tap. */
uint inq_quant_group (uint k, uint tap)
{
  return (k * (kh * kw) + tap) / GROUP;
}

/* Words before the high pairs and the scales. */
uint inq_quant_low ()
{
  return inq_quant_terms () * pitch / (BITS == 8 ? 4 : 8);
}

uint inq_quant_scales ()
{
  return inq_quant_low () + (BITS == 6 ? inq_quant_terms () * pitch / 16 : 0);
}

float inq_quant_unit ()
{
  return uintBitsToFloat (inq_w4 (inq_quant_scales () + inq_quant_terms () / GROUP * pitch / 2 * (MINIMA ? 2 : 1)));
}

/* Four columns from @col, a multiple of 4, of row @row. */
vec4 inq_quant_numbers (uint row, uint col)
{
  uint at = row * pitch + col;

  if (BITS == 8)
    return vec4 (uvec4 (inq_w4 (at / 4)) >> uvec4 (0, 8, 16, 24) & 255u);
  uvec4 q = uvec4 (inq_w4 (at / 8)) >> (at % 8 * 4 + uvec4 (0, 4, 8, 12)) & 15u;

  if (BITS == 6)
    q |= (uvec4 (inq_w4 (inq_quant_low () + at / 16)) >> (at % 16 * 2 + uvec4 (0, 2, 4, 6)) & 3u) << 4;
  return vec4 (q);
}

/* What the numbers of a group are multiplied with, and what is taken from the product. */
void inq_quant_scale (uint group, uint col, float unit, out vec4 scale, out vec4 minus)
{
  uint at = (group * pitch + col) / 4, scales = inq_quant_scales () / 2;
  uvec2 h = inq_w8 (scales + at);

  scale = unit * vec4 (unpackHalf2x16 (h.x), unpackHalf2x16 (h.y));
  if (MINIMA) {
    h = inq_w8 (scales + inq_quant_terms () / GROUP * pitch / 4 + at);
    minus = unit * vec4 (unpackHalf2x16 (h.x), unpackHalf2x16 (h.y));
  } else {
    minus = scale * float (OFFSET);
  }
}

/* Four columns of channel @k at tap @tap. */
vec4 inq_quant4 (uint k, uint tap, uint col, float unit)
{
  vec4 scale, minus;

  inq_quant_scale (inq_quant_group (k, tap), col, unit, scale, minus);
  return scale * inq_quant_numbers (tap * c + k, col) - minus;
}

/* Bias and channel bias of four columns of picture @b. */
vec4 inq_bias4 (uint col, uint b)
{
  vec4 add = vec4 (0.0);

  if ((flags & 1) != 0)
    add += INQ_AT4 (bias, col / 4 + bias_from);
  if ((flags & 2) != 0) {
    uint at = b * columns + col;

    if (OUT_QUADS)
      add += INQ_AT4 (cbias4, at / 4);
    else
      for (uint i = 0; i < min (columns - col, 4); i++)
        add[i] += INQ_AT (cbias, cbias4, at + i);
  }
  return add;
}

vec4 inq_residual4 (uint i)
{
#ifndef TEXELS
  if (INQ_HALVES (5))
    return inq_unpack4 (residual_half[i]);
#endif
  return INQ_AT4 (residual4, i);
}

/* Four columns of one row, those that exist. */
void inq_store4 (uint row, uint col, vec4 sum, vec4 add)
{
  uint at = row * columns + col;
  vec4 o = inq_activate (sum + add, ACT);

  if (OUT_QUADS) {
    if (RESIDUAL)
      o += inq_residual4 (at / 4);
    if (INQ_HALVES (2))
      y_half[at / 4 + 2 * y_from] = inq_pack4 (o);
    else
      y4[at / 4 + y_from] = o;
  } else {
    for (uint i = 0; i < 4; i++) {
      if (col + i < columns)
        y[at + i + 4 * y_from] = RESIDUAL ? o[i] + INQ_AT (residual, residual4, at + i) : o[i];
    }
  }
}

/* Eight columns of one row, those that exist, with their bias. */
void inq_store8 (uint row, uint col, vec4 a, vec4 b)
{
  uint picture = row / (oh * ow);

  if (INQ_HALVES (2) && col < columns) { /* columns % 8 == 0 */
    uint at = row * columns + col;

    a = inq_activate (a + inq_bias4 (col, picture), ACT);
    b = inq_activate (b + inq_bias4 (col + 4, picture), ACT);
    if (RESIDUAL) {
      a += inq_residual4 (at / 4);
      b += inq_residual4 (at / 4 + 1);
    }
    y_half8[at / 8 + y_from] = uvec4 (inq_pack4 (a), inq_pack4 (b));
  } else {
    if (col < columns)
      inq_store4 (row, col, a, inq_bias4 (col, picture));
    if (col + 4 < columns)
      inq_store4 (row, col + 4, b, inq_bias4 (col + 4, picture));
  }
}

/* Eight columns of one row of y, which has half as many as W: values @a, @b times gelu of gates @c, @d. */
void inq_store8_gated (uint row, uint col, vec4 a, vec4 b, vec4 c, vec4 d)
{
  uint half_columns = columns / 2, at = row * half_columns + col; /* multiples of 8 */

  a = (a + inq_bias4 (col, 0)) * inq_activate (c + inq_bias4 (half_columns + col, 0), ACT_GELU);
  b = (b + inq_bias4 (col + 4, 0)) * inq_activate (d + inq_bias4 (half_columns + col + 4, 0), ACT_GELU);
  if (INQ_HALVES (2)) {
    y_half8[at / 8 + y_from] = uvec4 (inq_pack4 (a), inq_pack4 (b));
  } else {
    y4[at / 4 + y_from] = a;
    y4[at / 4 + 1 + y_from] = b;
  }
}
