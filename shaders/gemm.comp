#version 450
/* Inquadra - matrix product and implicit-GEMM convolution: y = act(x W + bias + channel bias) + residual.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An invocation makes a tile of TM positions by 16 output channels in registers. The sum runs over kernel taps outside and
 * input channels inside, so the address of a position is worked out once a tap; padding reads as zero. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "common.glsl"

layout (constant_id = 1) const bool HALF = false;  /* W is pairs of halves */
layout (constant_id = 2) const bool QUADS = false; /* c % 4 == 0: x is read four channels at a time */
layout (constant_id = 3) const bool CONV = false;  /* else one tap, stride 1, no padding */
layout (constant_id = 4) const bool UPSAMPLE = false;
layout (constant_id = 5) const uint ACT = 0;
layout (constant_id = 6) const bool BIAS = false;
layout (constant_id = 7) const bool CHANNEL_BIAS = false;
layout (constant_id = 8) const bool RESIDUAL = false;

layout (set = 0, binding = 0) readonly buffer X { float x[]; }; /* [n][ih][iw][c] */
layout (set = 0, binding = 0) readonly buffer X4 { vec4 x4[]; };
layout (set = 0, binding = 1) readonly buffer W { vec4 w[]; }; /* [kh][kw][c][pitch] */
layout (set = 0, binding = 1) readonly buffer WHalf { uvec2 w_half[]; };
layout (set = 0, binding = 2) writeonly buffer Y { float y[]; }; /* [rows][columns] */
layout (set = 0, binding = 2) writeonly buffer Y4 { vec4 y4[]; };
layout (set = 0, binding = 3) readonly buffer Bias { vec4 bias[]; };         /* [columns padded] */
layout (set = 0, binding = 4) readonly buffer ChannelBias { float cbias[]; }; /* [n][columns] */
layout (set = 0, binding = 5) readonly buffer Residual { float residual[]; };
layout (set = 0, binding = 5) readonly buffer Residual4 { vec4 residual4[]; };

layout (push_constant) uniform Push
{
  uint rows, columns, pitch;
  uint c, ih, iw;
  uint oh, ow;
  uint kh, kw;
  uint stride, pad;
};

#define TM 4

vec4 weight (uint i)
{
  if (HALF) {
    uvec2 h = w_half[i];

    return vec4 (unpackHalf2x16 (h.x), unpackHalf2x16 (h.y));
  }
  return w[i];
}

void main ()
{
  uint tiles = (columns + 15) / 16;
  uint id = inq_linear_id ();
  uint column = id % tiles * 16, row = id / tiles * TM;

  if (row >= rows)
    return;
  vec4 acc[TM][4];
  uint base[TM];    /* of the position's channels in x */
  float inside[TM]; /* 0 in the padding */

  [[unroll]] for (uint r = 0; r < TM; r++)
    [[unroll]] for (uint j = 0; j < 4; j++)
      acc[r][j] = vec4 (0.0);

  uint w_at = column / 4, w_step = pitch / 4;
  uint taps_y = CONV ? kh : 1, taps_x = CONV ? kw : 1;

  for (uint ky = 0; ky < taps_y; ky++) {
    for (uint kx = 0; kx < taps_x; kx++) {
      [[unroll]] for (uint r = 0; r < TM; r++)
      {
        uint p = min (row + r, rows - 1);

        inside[r] = 1.0;
        if (CONV) {
          uint b = p / (oh * ow), rest = p % (oh * ow);
          int iy = int (rest / ow * stride + ky) - int (pad), ix = int (rest % ow * stride + kx) - int (pad);
          int limit_y = int (UPSAMPLE ? 2 * ih : ih), limit_x = int (UPSAMPLE ? 2 * iw : iw);
          bool valid = iy >= 0 && ix >= 0 && iy < limit_y && ix < limit_x;

          iy = clamp (iy, 0, limit_y - 1);
          ix = clamp (ix, 0, limit_x - 1);
          if (UPSAMPLE) {
            iy >>= 1;
            ix >>= 1;
          }
          inside[r] = valid ? 1.0 : 0.0;
          base[r] = ((b * ih + uint (iy)) * iw + uint (ix)) * c;
        } else {
          base[r] = p * c;
        }
      }
      if (QUADS) {
        for (uint k = 0; k < c; k += 4) {
          vec4 xs[TM];

          [[unroll]] for (uint r = 0; r < TM; r++)
          {
            xs[r] = x4[(base[r] + k) >> 2];
            if (CONV)
              xs[r] = inside[r] != 0.0 ? xs[r] : vec4 (0.0);
          }
          [[unroll]] for (uint u = 0; u < 4; u++)
          {
            vec4 w0 = weight (w_at), w1 = weight (w_at + 1), w2 = weight (w_at + 2), w3 = weight (w_at + 3);

            [[unroll]] for (uint r = 0; r < TM; r++)
            {
              acc[r][0] += xs[r][u] * w0;
              acc[r][1] += xs[r][u] * w1;
              acc[r][2] += xs[r][u] * w2;
              acc[r][3] += xs[r][u] * w3;
            }
            w_at += w_step;
          }
        }
      } else {
        for (uint k = 0; k < c; k++) {
          vec4 w0 = weight (w_at), w1 = weight (w_at + 1), w2 = weight (w_at + 2), w3 = weight (w_at + 3);

          [[unroll]] for (uint r = 0; r < TM; r++)
          {
            float v = x[base[r] + k];

            if (CONV)
              v = inside[r] != 0.0 ? v : 0.0;
            acc[r][0] += v * w0;
            acc[r][1] += v * w1;
            acc[r][2] += v * w2;
            acc[r][3] += v * w3;
          }
          w_at += w_step;
        }
      }
    }
  }

  [[unroll]] for (uint r = 0; r < TM; r++)
  {
    if (row + r < rows) {
      uint b = CHANNEL_BIAS ? (row + r) / (oh * ow) * columns : 0;

      [[unroll]] for (uint j = 0; j < 4; j++)
      {
        uint col = column + 4 * j, at = (row + r) * columns + col;
        vec4 o = acc[r][j];

        if (BIAS)
          o += bias[col / 4];
        if (columns % 4 == 0) {
          if (col < columns) {
            if (CHANNEL_BIAS)
              o += vec4 (cbias[b + col], cbias[b + col + 1], cbias[b + col + 2], cbias[b + col + 3]);
            o = inq_activate (o, ACT);
            if (RESIDUAL)
              o += residual4[at / 4];
            y4[at / 4] = o;
          }
        } else {
          [[unroll]] for (uint i = 0; i < 4; i++)
          {
            if (col + i < columns) {
              float s = o[i];

              if (CHANNEL_BIAS)
                s += cbias[b + col + i];
              s = inq_activate (s, ACT);
              if (RESIDUAL)
                s += residual[at + i];
              y[at + i] = s;
            }
          }
        }
      }
    }
  }
}
