#version 450
/* Inquadra - matrix product and implicit-GEMM convolution on cooperative matrices (VK_KHR_cooperative_matrix):
 * y = act(x W + bias + channel bias) + residual, or a part of the sum.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A group makes BM positions by BN output channels; each of its subgroups WM x WN of them, in accumulators of f32. Input
 * channels come BK at a time through shared memory as halves: while the matrices of one step are multiplied the next
 * step's bytes are on their way into registers, and STAGES 2 keeps two steps in shared memory for one barrier a step.
 * Rows of a tile are 16 bytes longer than their contents, so that the rows of a matrix lie in different banks. The sum
 * runs over kernel taps outside and channels inside: an invocation fetches for always the same positions, whose address
 * is worked out once a tap. What a matrix's element belongs to is the driver's secret, so results pass through shared
 * memory on their way out, where bias, activation and residual are applied eight channels at a time. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#include "common.glsl"

layout (constant_id = 1) const uint WEIGHTS = 0;   /* how W is kept */
layout (constant_id = 2) const bool EIGHTS = false; /* c % 8 == 0: x is read eight channels at a time */
layout (constant_id = 3) const bool CONV = false;   /* else one tap, stride 1, no padding */
layout (constant_id = 4) const uint ACT = 0;
layout (constant_id = 5) const bool RESIDUAL = false;
layout (constant_id = 6) const bool OUT_QUADS = false; /* columns % 4 == 0: y is written four channels at a time */
layout (constant_id = 7) const bool PART = false;      /* one of several parts of the sum, f32 [part][rows][pitch] */
layout (constant_id = 8) const uint HALVES = 0;        /* x, y and the residual */
layout (constant_id = 9) const uint BM = 64;
layout (constant_id = 10) const uint BN = 64;
layout (constant_id = 11) const uint BK = 32;
layout (constant_id = 12) const uint WM = 32;
layout (constant_id = 13) const uint WN = 32;
layout (constant_id = 14) const uint STAGES = 1;
layout (constant_id = 15) const uint MM = 16; /* of the device's matrices: rows, columns, depth; multiples of 8 */
layout (constant_id = 16) const uint MN = 16;
layout (constant_id = 17) const uint MK = 16;
layout (constant_id = 18) const uint SUBGROUP = 32;

#include "gemm.glsl"

layout (set = 0, binding = 0) readonly buffer XHalf8 { uvec4 x_half8[]; };

const uint WARPS_N = BN / WN, WARPS = BM / WM * WARPS_N, LOCAL = WARPS * SUBGROUP;
/* pitches of the tiles in 16 bytes: eight halves, or four f32 of the strip */
const uint PX = BK / 8 + 1, PW = BN / 8 + 1, PS = WN / 4 + 1;
const uint TILE_W = BM * PX, STAGE = TILE_W + BK * PW, STRIPS = WARPS * MM * PS;
/* what an invocation fetches of a step, in eights */
const uint FETCH_X = BM * BK / 8 / LOCAL, FETCH_W = BK * BN / 8 / LOCAL;
/* neighbouring groups share columns of W and rows of x in the cache: they go through bands of so many row tiles */
#define BAND 8

const uint POOL = STAGES * STAGE > STRIPS ? STAGES * STAGE : STRIPS;

shared uvec4 pool[POOL];

uvec4 pack8 (vec4 a, vec4 b)
{
  return uvec4 (inq_pack4 (a), inq_pack4 (b));
}

/* Eight channels of x from element @at, @k of c. */
uvec4 load_x (uint at, uint k)
{
  if (EIGHTS)
    return INQ_HALVES (0) ? x_half8[at / 8] : pack8 (x4[at / 4], x4[at / 4 + 1]);
  vec4 a, b;

  [[unroll]] for (uint u = 0; u < 4; u++)
  {
    a[u] = k + u < c ? x[at + u] : 0.0;
    b[u] = k + 4 + u < c ? x[at + 4 + u] : 0.0;
  }
  return pack8 (a, b);
}

/* What an invocation fetches: channels fetch_k of FETCH_X positions, FETCH_W rows of W; where of the sum it is. */
uint fetch_p, fetch_k, fetch_d, fetch_c, row_tile, column_tile;
uint first_k, last_k, k0, ky, kx, w_row;
float quant_unit;
uint image[FETCH_X];
int y0[FETCH_X], x0[FETCH_X];
uint base[FETCH_X];
bool inside[FETCH_X];
uvec4 next_x[FETCH_X], next_w[FETCH_W];
bool is_x[FETCH_X], is_w[FETCH_W]; /* else zero */

void begin_fetching ()
{
  uint lane = gl_LocalInvocationID.x;

  fetch_p = lane / (BK / 8);
  fetch_k = lane % (BK / 8) * 8;
  fetch_d = lane / (BN / 8);
  fetch_c = lane % (BN / 8) * 8;
  ky = kx = w_row = 0;
  k0 = first_k;
  quant_unit = QUANTISED ? inq_quant_unit () : 1.0;
  [[unroll]] for (uint i = 0; i < FETCH_X; i++)
  {
    uint p = row_tile + fetch_p + i * (LOCAL / (BK / 8));

    inside[i] = p < rows;
    p = min (p, rows - 1);
    base[i] = p * c;
    if (CONV) {
      uint line = p / ow, b = line / oh;

      image[i] = b * ih * iw;
      y0[i] = inside[i] ? int ((line - b * oh) * stride) - int (pad) : -0x40000000;
      x0[i] = int ((p - line * ow) * stride) - int (pad);
    }
  }
}

/* The bytes of a step on their way into registers. Every invocation loads something, zero is chosen on arrival: a load
 * that is not behind a branch is waited for only where it is used. */
void fetch ()
{
  if (CONV && k0 == first_k) {
    [[unroll]] for (uint i = 0; i < FETCH_X; i++)
    {
      int iy = y0[i] + int (ky), ix = x0[i] + int (kx);

      inside[i] = uint (iy) < ih << upsample && uint (ix) < iw << upsample;
      base[i] = inside[i] ? (image[i] + uint (iy >> upsample) * iw + uint (ix >> upsample)) * c : 0;
    }
  }
  [[unroll]] for (uint i = 0; i < FETCH_X; i++)
  {
    is_x[i] = inside[i] && k0 + fetch_k < last_k;
    next_x[i] = load_x (is_x[i] ? base[i] + k0 + fetch_k : 0, k0 + fetch_k);
  }
  [[unroll]] for (uint i = 0; i < FETCH_W; i++)
  {
    uint k = k0 + fetch_d + i * (LOCAL / (BN / 8)), col = column_tile + fetch_c;

    is_w[i] = k < last_k && col < pitch;
    if (HALF) {
      next_w[i] = w_half[is_w[i] ? ((w_row + k) * pitch + col) / 8 : 0];
    } else if (is_w[i]) {
      vec4 a, b;

      if (QUANTISED) {
        a = inq_quant4 (k, col, quant_unit);
        b = inq_quant4 (k, col + 4, quant_unit);
      } else {
        inq_weights8 (((w_row + k) * pitch + col) / 8, a, b);
      }
      next_w[i] = pack8 (a, b);
    }
  }
  k0 += BK;
  if (k0 >= last_k) {
    k0 = first_k;
    w_row += c;
    kx++;
    if (kx == kw) {
      kx = 0;
      ky++;
    }
  }
}

/* What was fetched, into the stage at @to of shared memory. */
void put (uint to)
{
  [[unroll]] for (uint i = 0; i < FETCH_X; i++)
    pool[to + (fetch_p + i * (LOCAL / (BK / 8))) * PX + fetch_k / 8] = is_x[i] ? next_x[i] : uvec4 (0);
  [[unroll]] for (uint i = 0; i < FETCH_W; i++)
    pool[to + TILE_W + (fetch_d + i * (LOCAL / (BN / 8))) * PW + fetch_c / 8] = is_w[i] ? next_w[i] : uvec4 (0);
}

void main ()
{
  uint warp = gl_SubgroupID, sublane = gl_SubgroupInvocationID;
  uint row_tiles = (rows + BM - 1) / BM, column_tiles = (columns + BN - 1) / BN;
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint band = group / (BAND * column_tiles) * BAND, within = group % (BAND * column_tiles);
  uint band_rows = min (row_tiles - min (band, row_tiles), BAND);

  if (band_rows == 0) /* the whole group */
    return;
  row_tile = (band + within % band_rows) * BM;
  column_tile = within / band_rows * BN;
  if (column_tile >= columns) /* the whole group */
    return;
  uint warp_row = warp / WARPS_N * WM, warp_column = warp % WARPS_N * WN;

  first_k = gl_WorkGroupID.z * part;
  last_k = min (first_k + part, c);
  uint steps = (last_k - first_k + BK - 1) / BK * (CONV ? kh * kw : 1);

  coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> acc[WM / MM][WN / MN];

  [[unroll]] for (uint i = 0; i < WM / MM; i++)
    [[unroll]] for (uint j = 0; j < WN / MN; j++)
      acc[i][j] = coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> (0.0);

  begin_fetching ();
  fetch ();
  put (0);
  barrier ();
  for (uint s = 0; s < steps; s++) {
    uint from = STAGES == 1 ? 0 : s % STAGES * STAGE;
    bool more = s + 1 < steps;

    if (more)
      fetch ();
    [[unroll]] for (uint k = 0; k < BK / MK; k++)
    {
      coopmat<float16_t, gl_ScopeSubgroup, MM, MK, gl_MatrixUseA> a[WM / MM];

      [[unroll]] for (uint i = 0; i < WM / MM; i++)
        coopMatLoad (a[i], pool, from + (warp_row + i * MM) * PX + k * (MK / 8), PX,
                     gl_CooperativeMatrixLayoutRowMajor);
      [[unroll]] for (uint j = 0; j < WN / MN; j++)
      {
        coopmat<float16_t, gl_ScopeSubgroup, MK, MN, gl_MatrixUseB> b;

        coopMatLoad (b, pool, from + TILE_W + k * MK * PW + (warp_column + j * MN) / 8, PW,
                     gl_CooperativeMatrixLayoutRowMajor);
        [[unroll]] for (uint i = 0; i < WM / MM; i++)
          acc[i][j] = coopMatMulAdd (a[i], b, acc[i][j]);
      }
    }
    if (more) {
      if (STAGES == 1)
        barrier ();
      put (STAGES == 1 ? 0 : (s + 1) % STAGES * STAGE);
      barrier ();
    }
  }

  uint strip = warp * MM * PS;

  [[unroll]] for (uint i = 0; i < WM / MM; i++)
  {
    barrier ();
    [[unroll]] for (uint j = 0; j < WN / MN; j++)
      coopMatStore (acc[i][j], pool, strip + j * (MN / 4), PS, gl_CooperativeMatrixLayoutRowMajor);
    barrier ();
    for (uint q = sublane; q < MM * WN / 8; q += SUBGROUP) {
      uint r = q / (WN / 8), col = q % (WN / 8) * 8;
      vec4 a = uintBitsToFloat (pool[strip + r * PS + col / 4]), b = uintBitsToFloat (pool[strip + r * PS + col / 4 + 1]);
      uint row = row_tile + warp_row + i * MM + r;

      col += column_tile + warp_column;
      if (row < rows) {
        if (PART) {
          uint at = ((gl_WorkGroupID.z * rows + row) * pitch + col) / 4;

          if (col < pitch) {
            y4[at] = a;
            y4[at + 1] = b;
          }
        } else {
          inq_store8 (row, col, a, b);
        }
      }
    }
  }
}
