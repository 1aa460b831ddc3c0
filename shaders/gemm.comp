#version 450
/* Inquadra - matrix product and implicit-GEMM convolution: y = act(x W + bias + channel bias) + residual.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An invocation makes a tile of TM positions by 16 output channels in registers; no shared memory, no barriers: the
 * variant for devices that are processors. The sum runs over kernel taps outside and input channels inside, so the
 * address of a position is worked out once a tap; padding reads as zero. What a processor pays for is the loads (each
 * lane's goes alone), so both operands are read as wide as they come. docs/kernels.md has the measurements. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#ifdef SUBGROUPS
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_ballot : require
#endif
#include "common.glsl"

layout (constant_id = 1) const uint WEIGHTS = 0;   /* how W is kept */
layout (constant_id = 2) const bool QUADS = false;     /* c % 4 == 0: x is read four channels at a time */
layout (constant_id = 3) const bool CONV = false;      /* else one tap, stride 1, no padding */
layout (constant_id = 4) const uint ACT = 0;
layout (constant_id = 5) const bool RESIDUAL = false;
layout (constant_id = 6) const bool SPLIT_BIAS = false; /* a tile may reach into the next picture's channel bias */
layout (constant_id = 7) const bool OUT_QUADS = false; /* columns % 4 == 0: y is written four channels at a time */
layout (constant_id = 8) const uint TM = 4;            /* positions of a tile */
layout (constant_id = 9) const uint HALVES = 0;        /* x, y and the residual */

#include "gemm.glsl"

vec4 bytes (uint word)
{
  return vec4 (uvec4 (word) >> uvec4 (0, 8, 16, 24) & 255u);
}

uvec4 nibbles (uint word)
{
  return uvec4 (word) >> uvec4 (0, 4, 8, 12) & 15u;
}

uvec4 pairs (uint word)
{
  return (uvec4 (word) >> uvec4 (0, 2, 4, 6) & 3u) << 4;
}

/* The 16 columns from @col, a multiple of 16, of row @row: fewer and wider loads than four at a time. */
void inq_quant_numbers16 (uint row, uint col, out vec4 w0, out vec4 w1, out vec4 w2, out vec4 w3)
{
  uint at = row * pitch + col;

  if (BITS == 8) {
    uvec4 q = inq_w16 (at / 16);

    w0 = bytes (q.x);
    w1 = bytes (q.y);
    w2 = bytes (q.z);
    w3 = bytes (q.w);
  } else {
    uvec2 q = inq_w8 (at / 16);
    uint high = BITS == 6 ? inq_w4 (inq_quant_low () + at / 16) : 0;

    w0 = vec4 (nibbles (q.x) | pairs (high));
    w1 = vec4 (nibbles (q.x >> 16) | pairs (high >> 8));
    w2 = vec4 (nibbles (q.y) | pairs (high >> 16));
    w3 = vec4 (nibbles (q.y >> 16) | pairs (high >> 24));
  }
}

void scales16 (uint at, out vec4 s[4])
{
  [[unroll]] for (uint i = 0; i < 2; i++)
  {
    uvec4 h = inq_w16 (at + i);

    s[2 * i] = vec4 (unpackHalf2x16 (h.x), unpackHalf2x16 (h.y));
    s[2 * i + 1] = vec4 (unpackHalf2x16 (h.z), unpackHalf2x16 (h.w));
  }
}

/* inq_quant_scale() of 16 columns, without the unit, which sums are multiplied with; @minus without an offset. */
void inq_quant_scale16 (uint group, uint col, inout vec4 scale[4], inout vec4 minus[4])
{
  uint at = inq_quant_scales () / 4 + (group * pitch + col) / 8;

  scales16 (at, scale);
  if (MINIMA)
    scales16 (at + inq_quant_terms () / GROUP * pitch / 8, minus);
}

vec4 inq_quant_apply (vec4 numbers, vec4 scale, vec4 minus)
{
  return MINIMA ? scale * numbers - minus : scale * (numbers - float (OFFSET));
}

#ifdef SUBGROUPS
/* Eight lanes fetch the weights of four channels and 16 columns: lane l eight columns from 8 (l % 2) of channel l / 2. */
void inq_weights_lane (uint w_row, uint k, uint tap, uint column, out vec4 a, out vec4 b)
{
  uint lane = gl_SubgroupInvocationID & 7u, channel = 4 * k + lane / 2, col = column + lane % 2 * 8;
  uint at = (w_row + channel) * pitch + col;

  if (!QUANTISED) {
    inq_weights8 (at / 8, a, b);
    return;
  }
  if (BITS == 8) {
    uvec2 q = inq_w8 (at / 8);

    a = bytes (q.x);
    b = bytes (q.y);
  } else {
    uint q = inq_w4 (at / 8), high = BITS == 6 ? inq_w4 (inq_quant_low () + at / 16) >> (at % 16 * 2) : 0;

    a = vec4 (nibbles (q) | pairs (high));
    b = vec4 (nibbles (q >> 16) | pairs (high >> 8));
  }
  uint from = inq_quant_scales () / 4 + (inq_quant_group (channel, tap) * pitch + col) / 8;
  uvec4 h = inq_w16 (from);
  vec4 scale_a = inq_unpack4 (h.xy), scale_b = inq_unpack4 (h.zw), minus_a = vec4 (0.0), minus_b = vec4 (0.0);

  if (MINIMA) {
    h = inq_w16 (from + inq_quant_terms () / GROUP * pitch / 8);
    minus_a = inq_unpack4 (h.xy);
    minus_b = inq_unpack4 (h.zw);
  }
  a = inq_quant_apply (a, scale_a, minus_a);
  b = inq_quant_apply (b, scale_b, minus_b);
}
#endif

void main ()
{
  uint row_tiles = (rows + TM - 1) / TM;
#ifdef SUBGROUPS
  /* a subgroup takes the same columns, its lanes neighbouring positions */
  uint row_groups = (row_tiles + gl_WorkGroupSize.x - 1) / gl_WorkGroupSize.x;
  uint group_id = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint column = group_id / row_groups * 16;
  uint row = (group_id % row_groups * gl_WorkGroupSize.x + gl_LocalInvocationID.x) * TM;
#else
  /* neighbouring lanes take neighbouring positions and the same columns */
  uint id = inq_linear_id ();
  uint column = id / row_tiles * 16, row = id % row_tiles * TM;
#endif

  if (column >= columns)
    return;
  vec4 acc[TM][4];
  uint image[TM];                /* first position of the picture in x */
  int y0[TM], x0[TM];            /* of the kernel's first tap, may be negative */
  uint base[TM];                 /* of the position's channels in x, in units of what is read at once */
  bool inside[TM];               /* false in the padding */
  uint unit = QUADS ? c / 4 : c; /* a position of x in those units */

  [[unroll]] for (uint r = 0; r < TM; r++)
  {
    uint p = min (row + r, rows - 1);

    [[unroll]] for (uint j = 0; j < 4; j++)
      acc[r][j] = vec4 (0.0);
    if (CONV) {
      uint line = p / ow, b = line / oh;

      image[r] = b * ih * iw;
      y0[r] = int ((line - b * oh) * stride) - int (pad);
      x0[r] = int ((p - line * ow) * stride) - int (pad);
    } else {
      base[r] = p * unit;
    }
  }

  uint w_at = column / 8, w_step = pitch / 8;
  uint taps_y = CONV ? kh : 1, taps_x = CONV ? kw : 1;
  vec4 scale[4], minus[4]; /* of quantised weights, of a group */
  uint group = 0xFFFFFFFFu, w_row = 0;

  for (uint ky = 0; ky < taps_y; ky++) {
    for (uint kx = 0; kx < taps_x; kx++) {
      if (CONV) {
        [[unroll]] for (uint r = 0; r < TM; r++)
        {
          int iy = y0[r] + int (ky), ix = x0[r] + int (kx);

          inside[r] = uint (iy) < ih << upsample && uint (ix) < iw << upsample;
          base[r] = inside[r] ? (image[r] + uint (iy >> upsample) * iw + uint (ix >> upsample)) * unit : 0;
        }
      }
      for (uint k = 0; k < unit; k++) {
        vec4 xs[TM], w[4][4];

        [[unroll]] for (uint r = 0; r < TM; r++)
        {
          if (QUADS)
            xs[r] = inq_x4 (base[r] + k);
#ifndef TEXELS
          else
            xs[r].x = x[base[r] + k];
#endif
          if (CONV)
            xs[r] = inside[r] ? xs[r] : vec4 (0.0);
        }
#ifdef SUBGROUPS
        vec4 wa, wb;

        inq_weights_lane (w_row, k, ky * kw + kx, column, wa, wb);
#else
        if (QUANTISED && !CONV && k % (GROUP / 4) == 0)
          inq_quant_scale16 (4 * k / GROUP, column, scale, minus);
#endif
        [[unroll]] for (uint u = 0; u < (QUADS ? 4 : 1); u++)
        {
          vec4 w0, w1, w2, w3;

#ifdef SUBGROUPS
          w0 = subgroupBroadcast (wa, 2 * u);
          w1 = subgroupBroadcast (wb, 2 * u);
          w2 = subgroupBroadcast (wa, 2 * u + 1);
          w3 = subgroupBroadcast (wb, 2 * u + 1);
#else
          if (QUANTISED) {
            if (CONV) { /* every few channels, since taps lie closest in the file */
              uint now = inq_quant_group (4 * k + u, ky * kw + kx);

              if (now != group) {
                group = now;
                inq_quant_scale16 (group, column, scale, minus);
              }
            }
            inq_quant_numbers16 (w_row + 4 * k + u, column, w0, w1, w2, w3);
            w0 = inq_quant_apply (w0, scale[0], minus[0]);
            w1 = inq_quant_apply (w1, scale[1], minus[1]);
            w2 = inq_quant_apply (w2, scale[2], minus[2]);
            w3 = inq_quant_apply (w3, scale[3], minus[3]);
          } else {
            inq_weights8 (w_at, w0, w1);
            inq_weights8 (w_at + 1, w2, w3);
          }
#endif
          w[u] = vec4[4] (w0, w1, w2, w3);
          w_at += w_step;
        }
        /* a sum stays in its register for the four channels */
        [[unroll]] for (uint r = 0; r < TM; r++)
          [[unroll]] for (uint j = 0; j < 4; j++)
            [[unroll]] for (uint u = 0; u < (QUADS ? 4 : 1); u++)
              acc[r][j] += xs[r][u] * w[u][j];
      }
      w_row += c;
    }
  }

  if (QUANTISED) {
    float unit = inq_quant_unit ();

    [[unroll]] for (uint r = 0; r < TM; r++)
      [[unroll]] for (uint j = 0; j < 4; j++)
        acc[r][j] *= unit;
  }
  [[unroll]] for (uint j = 0; j < 4; j++)
  {
    uint col = column + 4 * j;

    if (col < columns) {
      vec4 add = inq_bias4 (col, min (row, rows - 1) / (oh * ow));

      [[unroll]] for (uint r = 0; r < TM; r++)
      {
        if (row + r < rows)
          inq_store4 (row + r, col, acc[r][j], SPLIT_BIAS ? inq_bias4 (col, (row + r) / (oh * ow)) : add);
      }
    }
  }
}
