#version 450
/* Inquadra - matrix product and implicit-GEMM convolution on cooperative matrices (VK_KHR_cooperative_matrix):
 * y = act(x W + bias + channel bias) + residual, or a part of the sum, or GEGLU of x W + bias.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A group makes BM positions by BN output channels; each of its subgroups WM x WN of them, in accumulators of f32. Input
 * channels come BK at a time through shared memory as halves: while the matrices of one step are multiplied the next
 * step's bytes are on their way into registers, and STAGES 2 keeps two steps in shared memory for one barrier a step. With
 * EARLY the next step's bytes are stored and those of the one after it loaded between the multiplications of this step,
 * without a branch: what is beyond the last step is zero and lands where nothing reads it.
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
layout (constant_id = 19) const bool GATED = false; /* y has half of the columns: values times gelu of gates */
layout (constant_id = 20) const bool EARLY = false; /* STAGES 2: bytes are moved during a step, not around it */

#define SIBLINGS
#include "gemm.glsl"

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

/* columns of matrices that a subgroup goes through in a step, and what an invocation moves meanwhile */
const uint TURNS = BK / MK * (WN / MN), MOVES = FETCH_X + FETCH_W;

#include "gemm-fetch.glsl"

void main ()
{
  uint warp = gl_SubgroupID, sublane = gl_SubgroupInvocationID;
  uint row_tiles = (rows + BM - 1) / BM, own_tiles = (columns + BN - 1) / BN;
  uint siblings = 1 + (flags >> 8), column_tiles = own_tiles * siblings; /* side by side */
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint band = group / (BAND * column_tiles) * BAND, within = group % (BAND * column_tiles);
  uint band_rows = min (row_tiles - min (band, row_tiles), BAND);

  if (band_rows == 0) /* the whole group */
    return;
  row_tile = (band + within % band_rows) * BM;
  uint which = within / band_rows / own_tiles;

  if (which >= siblings) /* the whole group */
    return;
  column_tile = (within / band_rows - which * own_tiles) * BN;
  inq_take_sibling (which);
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
  if (EARLY) {
    fetch_begin ();
    [[unroll]] for (uint i = 0; i < FETCH_X; i++)
      fetch_x (i, steps > 1);
    [[unroll]] for (uint i = 0; i < FETCH_W; i++)
      fetch_w (i, steps > 1);
    fetch_end ();
  }
  barrier ();
  for (uint s = 0; EARLY && s < steps; s++) {
    uint from = s % 2 * STAGE, to = STAGE - from;
    bool any = s + 2 < steps;
    coopmat<float16_t, gl_ScopeSubgroup, MM, MK, gl_MatrixUseA> a[WM / MM];
    coopmat<float16_t, gl_ScopeSubgroup, MK, MN, gl_MatrixUseB> b, next_b;

    fetch_begin ();
    coopMatLoad (b, pool, from + TILE_W + warp_column / 8, PW, gl_CooperativeMatrixLayoutRowMajor);
    [[unroll]] for (uint t = 0; t < TURNS; t++)
    {
      uint j = t % (WN / MN), k = t / (WN / MN), next_j = (t + 1) % (WN / MN), next_k = (t + 1) / (WN / MN);

      if (j == 0) {
        [[unroll]] for (uint i = 0; i < WM / MM; i++)
          coopMatLoad (a[i], pool, from + (warp_row + i * MM) * PX + k * (MK / 8), PX,
                       gl_CooperativeMatrixLayoutRowMajor);
      }
      if (t + 1 < TURNS)
        coopMatLoad (next_b, pool, from + TILE_W + next_k * MK * PW + (warp_column + next_j * MN) / 8, PW,
                     gl_CooperativeMatrixLayoutRowMajor);
      [[unroll]] for (uint i = 0; i < MOVES; i++)
      {
        if (i * TURNS / MOVES == t) {
          if (i < FETCH_X) {
            put_x (to, i);
            fetch_x (i, any);
          } else {
            put_w (to, i - FETCH_X);
            fetch_w (i - FETCH_X, any);
          }
        }
      }
      [[unroll]] for (uint i = 0; i < WM / MM; i++)
        acc[i][j] = coopMatMulAdd (a[i], b, acc[i][j]);
      b = next_b;
    }
    fetch_end ();
    barrier ();
  }
  for (uint s = 0; !EARLY && s < steps; s++) {
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

  uint strip = warp * MM * PS; /* a subgroup's own */

  if (!EARLY)
    barrier ();
  [[unroll]] for (uint i = 0; i < WM / MM; i++)
  {
    if (i > 0)
      subgroupBarrier ();
    [[unroll]] for (uint j = 0; j < WN / MN; j++)
      coopMatStore (acc[i][j], pool, strip + j * (MN / 4), PS, gl_CooperativeMatrixLayoutRowMajor);
    subgroupBarrier ();
    for (uint q = sublane; GATED && q < MM * WN / 16; q += SUBGROUP) {
      uint r = q / (WN / 16), col = q % (WN / 16) * 8, at = strip + r * PS + col / 4;
      uint row = row_tile + warp_row + i * MM + r;

      col += (column_tile + warp_column) / 2;
      if (row < rows && col < columns / 2)
        inq_store8_gated (row, col, uintBitsToFloat (pool[at]), uintBitsToFloat (pool[at + 1]),
                          uintBitsToFloat (pool[at + WN / 8]), uintBitsToFloat (pool[at + WN / 8 + 1]));
    }
    for (uint q = sublane; !GATED && q < MM * WN / 8; q += SUBGROUP) {
      uint r = q / (WN / 8), col = q % (WN / 8) * 8;
      vec4 a = uintBitsToFloat (pool[strip + r * PS + col / 4]), b = uintBitsToFloat (pool[strip + r * PS + col / 4 + 1]);
      uint row = row_tile + warp_row + i * MM + r;

      col += column_tile + warp_column;
      if (row < rows) {
        if (PART) {
          uint at = ((gl_WorkGroupID.z * rows + row) * pitch + col) / 4;

          if (col < pitch) {
            y4[at + y_from] = a;
            y4[at + 1 + y_from] = b;
          }
        } else {
          inq_store8 (row, col, a, b);
        }
      }
    }
  }
}
