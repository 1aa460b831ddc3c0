#version 450
/* Inquadra - matrix product and implicit-GEMM convolution for devices with shared memory:
 * y = act(x W + bias + channel bias) + residual.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A group of 16 x 16 invocations makes a tile of 16 RM positions by 16 RN output channels, DEPTH input channels at a
 * time through shared memory. The sum runs over kernel taps outside and channels inside; each invocation fetches for
 * always the same positions, so their address is worked out once a tap. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "common.glsl"

layout (constant_id = 1) const uint WEIGHTS = 0;   /* how W is kept */
layout (constant_id = 2) const bool QUADS = false; /* c % 4 == 0: x is read four channels at a time */
layout (constant_id = 3) const bool CONV = false;  /* else one tap, stride 1, no padding */
layout (constant_id = 4) const uint ACT = 0;
layout (constant_id = 5) const bool RESIDUAL = false;
layout (constant_id = 6) const bool OUT_QUADS = false; /* columns % 4 == 0: y is written four channels at a time */
layout (constant_id = 7) const uint RM = 4;            /* positions of an invocation, a multiple of 4 */
layout (constant_id = 8) const uint RN = 4;            /* output channels of an invocation, a multiple of 4 */
layout (constant_id = 9) const uint HALVES = 0;        /* x, y and the residual */
layout (constant_id = 10) const bool PART = false;     /* one of several parts of the sum, f32 [part][rows][pitch] */

#include "gemm.glsl"

#define DEPTH 16
const uint BM = 16 * RM, BN = 16 * RN;
const uint QM = RM / 4, QN = RN / 4;

shared vec4 tile_x[DEPTH][BM / 4 + 1]; /* [channel][position / 4] */
shared vec4 tile_w[DEPTH][BN / 4];     /* [channel][column / 4] */

void main ()
{
  uint lane = gl_LocalInvocationID.x;
  uint column_tiles = (columns + BN - 1) / BN;
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint row_tile = group / column_tiles * BM, column_tile = group % column_tiles * BN;
  /* what it computes */
  uint tx = lane % 16, ty = lane / 16;
  /* what it fetches: QM positions 64 apart, four channels; QN columns of four 64 apart, one channel */
  uint fetch_p = lane / 4, fetch_k = lane % 4 * 4;
  uint fetch_c = lane % 16 * 4, fetch_d = lane / 16;

  if (row_tile >= rows) /* the whole group */
    return;
  vec4 acc[RM][QN];
  uint image[QM];
  int y0[QM], x0[QM];
  uint base[QM];
  bool inside[QM];

  [[unroll]] for (uint r = 0; r < RM; r++)
    [[unroll]] for (uint j = 0; j < QN; j++)
      acc[r][j] = vec4 (0.0);
  [[unroll]] for (uint i = 0; i < QM; i++)
  {
    uint p = min (row_tile + fetch_p + 64 * i, rows - 1);

    inside[i] = true;
    base[i] = p * c;
    if (CONV) {
      uint line = p / ow, b = line / oh;

      image[i] = b * ih * iw;
      y0[i] = int ((line - b * oh) * stride) - int (pad);
      x0[i] = int ((p - line * ow) * stride) - int (pad);
    }
  }

  uint first_k = gl_WorkGroupID.z * part, last_k = min (first_k + part, c);
  uint taps_y = CONV ? kh : 1, taps_x = CONV ? kw : 1, w_row = 0;
  float unit = QUANTISED ? inq_quant_unit () : 1.0;

  for (uint ky = 0; ky < taps_y; ky++) {
    for (uint kx = 0; kx < taps_x; kx++) {
      if (CONV) {
        [[unroll]] for (uint i = 0; i < QM; i++)
        {
          int iy = y0[i] + int (ky), ix = x0[i] + int (kx);

          inside[i] = uint (iy) < ih << upsample && uint (ix) < iw << upsample;
          base[i] = inside[i] ? (image[i] + uint (iy >> upsample) * iw + uint (ix >> upsample)) * c : 0;
        }
      }
      for (uint k0 = first_k; k0 < last_k; k0 += DEPTH) {
        barrier ();
        [[unroll]] for (uint i = 0; i < QM; i++)
        {
          uint k = k0 + fetch_k, p = fetch_p + 64 * i;
          vec4 v = vec4 (0.0);

          if (inside[i] && k < last_k) {
            if (QUADS)
              v = inq_x4 ((base[i] + k) / 4);
            else
              v = vec4 (x[base[i] + k], k + 1 < c ? x[base[i] + k + 1] : 0.0, k + 2 < c ? x[base[i] + k + 2] : 0.0,
                        k + 3 < c ? x[base[i] + k + 3] : 0.0);
          }
          [[unroll]] for (uint u = 0; u < 4; u++)
            tile_x[fetch_k + u][p / 4][p % 4] = v[u];
        }
        [[unroll]] for (uint i = 0; i < QN; i++)
        {
          uint col = column_tile + fetch_c + 64 * i;
          bool there = k0 + fetch_d < last_k && col < pitch;

          if (QUANTISED)
            tile_w[fetch_d][fetch_c / 4 + 16 * i]
                = there ? inq_quant4 (k0 + fetch_d, ky * kw + kx, col, unit) : vec4 (0.0);
          else
            tile_w[fetch_d][fetch_c / 4 + 16 * i]
                = there ? inq_weights4 (((w_row + k0 + fetch_d) * pitch + col) / 4) : vec4 (0.0);
        }
        barrier ();
        [[unroll]] for (uint k = 0; k < DEPTH; k++)
        {
          vec4 b[QN];

          [[unroll]] for (uint j = 0; j < QN; j++)
            b[j] = tile_w[k][tx + 16 * j];
          [[unroll]] for (uint i = 0; i < QM; i++)
          {
            vec4 a = tile_x[k][ty + 16 * i];

            [[unroll]] for (uint u = 0; u < 4; u++)
              [[unroll]] for (uint j = 0; j < QN; j++)
                acc[4 * i + u][j] += a[u] * b[j];
          }
        }
      }
      w_row += c;
    }
  }

  [[unroll]] for (uint i = 0; i < QM; i++)
  {
    [[unroll]] for (uint u = 0; u < 4; u++)
    {
      uint row = row_tile + 4 * (ty + 16 * i) + u;

      [[unroll]] for (uint j = 0; j < QN; j++)
      {
        uint col = column_tile + 4 * (tx + 16 * j);

        if (PART) {
          if (row < rows && col < pitch)
            y4[((gl_WorkGroupID.z * rows + row) * pitch + col) / 4] = acc[4 * i + u][j];
        } else if (row < rows && col < columns)
          inq_store4 (row, col, acc[4 * i + u][j], inq_bias4 (col, row / (oh * ow)));
      }
    }
  }
}
