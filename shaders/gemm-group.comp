#version 450
/* Inquadra - matrix product and implicit-GEMM convolution on matrices of a whole group (VK_NV_cooperative_matrix2):
 * y = act(x W + bias + channel bias) + residual, or a part of the sum.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A group makes BM positions by BN output channels in one matrix of f32 that the driver divides among its subgroups. With
 * TENSOR it also fetches: x and W are described as tensors, of which a step takes a block, and what lies outside (padding,
 * edges) is zero. A convolution's block of x is TN pictures x TH lines x TW positions, moved by the tap. Otherwise the group
 * fetches through shared memory as gemm-matrix.comp does, which serves every shape and form of weights. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_EXT_shader_explicit_arithmetic_types_int32 : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_NV_cooperative_matrix2 : require
#include "common.glsl"

layout (constant_id = 1) const uint WEIGHTS = 0;   /* how W is kept */
layout (constant_id = 2) const bool EIGHTS = false; /* c % 8 == 0: x is read eight channels at a time */
layout (constant_id = 3) const bool CONV = false;   /* else one tap, stride 1, no padding */
layout (constant_id = 4) const uint ACT = 0;
layout (constant_id = 5) const bool RESIDUAL = false;
layout (constant_id = 6) const bool OUT_QUADS = false; /* columns % 4 == 0 */
layout (constant_id = 7) const bool PART = false;      /* one of several parts of the sum, f32 [part][rows][pitch] */
layout (constant_id = 8) const uint HALVES = 0;        /* x, y and the residual */
layout (constant_id = 9) const uint BM = 64;
layout (constant_id = 10) const uint BN = 64;
layout (constant_id = 11) const uint BK = 32;
layout (constant_id = 12) const bool TENSOR = false; /* x and W are halves, c % 8 == 0, stride 1, oh = ih, ow = iw */
layout (constant_id = 13) const uint LOCAL = 256;
layout (constant_id = 14) const uint STAGES = 1;

const bool GATED = false;
const uint WN = BN;

#define SIBLINGS
#include "gemm.glsl"

layout (set = 0, binding = 0) readonly buffer X16 { float16_t x16[]; };
layout (set = 0, binding = 1) readonly buffer W16 { float16_t w16[]; };
layout (set = 0, binding = 2) writeonly buffer Y16 { float16_t y16[]; };
layout (set = 0, binding = 5) readonly buffer Residual16 { float16_t residual16[]; };

/* pitches of the tiles in 16 bytes */
const uint PX = BK / 8 + 1, PW = BN / 8 + 1;
const uint TILE_W = BM * PX, STAGE = TILE_W + BK * PW;
const uint FETCH_X = TENSOR ? 1 : BM * BK / 8 / LOCAL, FETCH_W = TENSOR ? 1 : BK * BN / 8 / LOCAL;
const uint POOL = TENSOR ? 1 : STAGES * STAGE;
#define BAND 8

shared uvec4 pool[POOL];

/* of a convolution's block */
uint tn, th, tw;

#include "gemm-fetch.glsl"

/* Position of row @r of a block at picture @b, line @y, column @x; rows or more outside of the picture. */
uint position (uint r, uint b, uint iy, uint ix)
{
  uint px = ix + r % tw, py = iy + r / tw % th, p = b + r / (tw * th);

  return px < ow && py < oh ? (p * oh + py) * ow + px : 0xFFFFFFFFu;
}

/* Bias, activation and residual of one element, @row of the whole. */
float finish (uint row, uint col, float sum)
{
  if (row >= rows || col >= columns)
    return 0.0;
  if ((flags & 1) != 0)
    sum += bias[col / 4 + bias_from][col % 4];
  if ((flags & 2) != 0)
    sum += cbias[row / (oh * ow) * columns + col];
  sum = inq_activate (sum, ACT);
  if (RESIDUAL)
    sum += INQ_HALVES (5) ? float (residual16[row * columns + col]) : residual[row * columns + col];
  return sum;
}

float finish_row (const in uint32_t r, const in uint32_t c, const in float sum, const in uint32_t row0,
                  const in uint32_t col0)
{
  return finish (row0 + r, col0 + c, sum);
}

float finish_block (const in uint32_t r, const in uint32_t c, const in float sum, const in uint32_t b,
                    const in uint32_t y0, const in uint32_t x0, const in uint32_t col0)
{
  return finish (position (r, b, y0, x0), col0 + c, sum);
}

void main ()
{
  uint pictures = rows / (oh * ow);

  if (CONV && TENSOR) {
    uint fill = 1u << uint (findMSB (2 * pictures - 1)); /* pictures, rounded up to a power of two */

    tw = min (max (ow & -ow, 8), BM);
    th = min (oh & -oh, BM / tw);
    if (BM / (tw * th) > fill)
      th = BM / (tw * fill);
    tn = BM / (tw * th);
  } else {
    tw = th = tn = 1;
  }
  uint across = (ow + tw - 1) / tw, down = (oh + th - 1) / th;
  uint row_tiles = CONV && TENSOR ? (pictures + tn - 1) / tn * down * across : (rows + BM - 1) / BM;
  uint own_tiles = (columns + BN - 1) / BN;
  uint siblings = 1 + (flags >> 8), column_tiles = own_tiles * siblings; /* side by side */
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint band = group / (BAND * column_tiles) * BAND, within = group % (BAND * column_tiles);
  uint band_rows = min (row_tiles - min (band, row_tiles), BAND);

  if (band_rows == 0) /* the whole group */
    return;
  uint tile = band + within % band_rows;

  row_tile = tile * BM;
  uint which = within / band_rows / own_tiles;

  if (which >= siblings) /* the whole group */
    return;
  column_tile = (within / band_rows - which * own_tiles) * BN;
  inq_take_sibling (which);
  uint block_x = tile % across * tw, block_y = tile / across % down * th, block_b = tile / (across * down) * tn;
  first_k = gl_WorkGroupID.z * part;
  last_k = min (first_k + part, c);
  uint c8 = c & ~7u, pitch8 = pitch & ~15u;

  coopmat<float, gl_ScopeWorkgroup, BM, BN, gl_MatrixUseAccumulator> acc =
      coopmat<float, gl_ScopeWorkgroup, BM, BN, gl_MatrixUseAccumulator> (0.0);

  if (TENSOR) {
    if (CONV) {
      tensorLayoutNV<4, gl_CooperativeMatrixClampModeConstantNV> lx =
          createTensorLayoutNV (4, gl_CooperativeMatrixClampModeConstantNV);

      lx = setTensorLayoutDimensionNV (lx, pictures, ih, iw, last_k);
      lx = setTensorLayoutStrideNV (lx, ih * iw * c8, iw * c8, c8, 1);
      uint w_row = 0;

      for (uint ky = 0; ky < kh; ky++)
        for (uint kx = 0; kx < kw; kx++) {
          tensorLayoutNV<2, gl_CooperativeMatrixClampModeConstantNV> lw =
              createTensorLayoutNV (2, gl_CooperativeMatrixClampModeConstantNV);

          lw = setTensorLayoutDimensionNV (lw, w_row + last_k, pitch8);
          for (uint k0 = first_k; k0 < last_k; k0 += BK) {
            coopmat<float16_t, gl_ScopeWorkgroup, BM, BK, gl_MatrixUseA> a;
            coopmat<float16_t, gl_ScopeWorkgroup, BK, BN, gl_MatrixUseB> b;

            coopMatLoadTensorNV (a, x16, 0,
                                 sliceTensorLayoutNV (lx, block_b, tn, int (block_y + ky) - int (pad), th,
                                                      int (block_x + kx) - int (pad), tw, k0, BK));
            coopMatLoadTensorNV (b, w16, 8 * w_from, sliceTensorLayoutNV (lw, w_row + k0, BK, column_tile, BN));
            acc = coopMatMulAdd (a, b, acc);
          }
          w_row += c;
        }
    } else if (row_tile + BM <= rows && column_tile + BN <= pitch && (last_k - first_k) % BK == 0) {
      tensorLayoutNV<2> lx = createTensorLayoutNV (2);
      tensorLayoutNV<2> lw = createTensorLayoutNV (2);

      lx = setTensorLayoutStrideNV (setTensorLayoutDimensionNV (lx, rows, c8), c8, 1);
      lw = setTensorLayoutStrideNV (setTensorLayoutDimensionNV (lw, c8, pitch8), pitch8, 1);
      uint from = first_k & ~7u;

      for (uint k0 = from; k0 < last_k; k0 += BK) {
        coopmat<float16_t, gl_ScopeWorkgroup, BM, BK, gl_MatrixUseA> a;
        coopmat<float16_t, gl_ScopeWorkgroup, BK, BN, gl_MatrixUseB> b;

        coopMatLoadTensorNV (a, x16, 0, sliceTensorLayoutNV (lx, row_tile, BM, k0, BK));
        coopMatLoadTensorNV (b, w16, 8 * w_from, sliceTensorLayoutNV (lw, k0, BK, column_tile, BN));
        acc = coopMatMulAdd (a, b, acc);
      }
    } else {
      tensorLayoutNV<2, gl_CooperativeMatrixClampModeConstantNV> lx =
          createTensorLayoutNV (2, gl_CooperativeMatrixClampModeConstantNV);
      tensorLayoutNV<2, gl_CooperativeMatrixClampModeConstantNV> lw =
          createTensorLayoutNV (2, gl_CooperativeMatrixClampModeConstantNV);

      lx = setTensorLayoutStrideNV (setTensorLayoutDimensionNV (lx, rows, last_k), c8, 1);
      lw = setTensorLayoutDimensionNV (lw, last_k, pitch8);
      for (uint k0 = first_k; k0 < last_k; k0 += BK) {
        coopmat<float16_t, gl_ScopeWorkgroup, BM, BK, gl_MatrixUseA> a;
        coopmat<float16_t, gl_ScopeWorkgroup, BK, BN, gl_MatrixUseB> b;

        coopMatLoadTensorNV (a, x16, 0, sliceTensorLayoutNV (lx, row_tile, BM, k0, BK));
        coopMatLoadTensorNV (b, w16, 8 * w_from, sliceTensorLayoutNV (lw, k0, BK, column_tile, BN));
        acc = coopMatMulAdd (a, b, acc);
      }
    }
  } else {
    uint steps = (last_k - first_k + BK - 1) / BK * (CONV ? kh * kw : 1);

    begin_fetching ();
    fetch ();
    put (0);
    barrier ();
    for (uint s = 0; s < steps; s++) {
      uint from = STAGES == 1 ? 0 : s % STAGES * STAGE;
      bool more = s + 1 < steps;
      coopmat<float16_t, gl_ScopeWorkgroup, BM, BK, gl_MatrixUseA> a;
      coopmat<float16_t, gl_ScopeWorkgroup, BK, BN, gl_MatrixUseB> b;

      if (more)
        fetch ();
      coopMatLoad (a, pool, from, PX, gl_CooperativeMatrixLayoutRowMajor);
      coopMatLoad (b, pool, from + TILE_W, PW, gl_CooperativeMatrixLayoutRowMajor);
      acc = coopMatMulAdd (a, b, acc);
      if (more) {
        if (STAGES == 1)
          barrier ();
        put (STAGES == 1 ? 0 : (s + 1) % STAGES * STAGE);
        barrier ();
      }
    }
  }

  if (CONV && TENSOR) {
    tensorLayoutNV<4, gl_CooperativeMatrixClampModeConstantNV> ly =
        createTensorLayoutNV (4, gl_CooperativeMatrixClampModeConstantNV);
    uint width = PART ? pitch8 : columns;

    ly = setTensorLayoutDimensionNV (ly, pictures, oh, ow, width);
    ly = sliceTensorLayoutNV (ly, block_b, tn, block_y, th, block_x, tw, column_tile, BN);
    if (PART) {
      coopMatStoreTensorNV (acc, y, 4 * y_from + gl_WorkGroupID.z * rows * pitch, ly);
    } else {
      coopMatPerElementNV (acc, acc, finish_block, block_b, block_y, block_x, column_tile);
      if (INQ_HALVES (2)) {
        coopmat<float16_t, gl_ScopeWorkgroup, BM, BN, gl_MatrixUseAccumulator> half_acc =
            coopmat<float16_t, gl_ScopeWorkgroup, BM, BN, gl_MatrixUseAccumulator> (acc);

        coopMatStoreTensorNV (half_acc, y16, 8 * y_from, ly);
      } else {
        coopMatStoreTensorNV (acc, y, 4 * y_from, ly);
      }
    }
  } else {
    tensorLayoutNV<2, gl_CooperativeMatrixClampModeConstantNV> ly =
        createTensorLayoutNV (2, gl_CooperativeMatrixClampModeConstantNV);

    ly = setTensorLayoutDimensionNV (ly, rows, PART ? pitch8 : columns);
    ly = sliceTensorLayoutNV (ly, row_tile, BM, column_tile, BN);
    if (PART) {
      coopMatStoreTensorNV (acc, y, 4 * y_from + gl_WorkGroupID.z * rows * pitch, ly);
    } else {
      coopMatPerElementNV (acc, acc, finish_row, row_tile, column_tile);
      if (INQ_HALVES (2)) {
        coopmat<float16_t, gl_ScopeWorkgroup, BM, BN, gl_MatrixUseAccumulator> half_acc =
            coopmat<float16_t, gl_ScopeWorkgroup, BM, BN, gl_MatrixUseAccumulator> (acc);

        coopMatStoreTensorNV (half_acc, y16, 8 * y_from, ly);
      } else {
        coopMatStoreTensorNV (acc, y, 4 * y_from, ly);
      }
    }
  }
}
