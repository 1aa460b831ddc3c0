#version 450
/* Inquadra - attention with online softmax on matrices of a whole group (VK_NV_cooperative_matrix2; Dao et al. 2022).
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A group makes QUERIES queries of one head, KEYS keys at a time. Scores, probabilities and sums stay in matrices that the
 * driver divides among the subgroups: maxima and sums of rows are reductions, repeated along their row. Scores, maxima and
 * sums are f32; probabilities are rounded to halves for the product with the values. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_EXT_shader_explicit_arithmetic_types_int32 : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_NV_cooperative_matrix2 : require
#include "common.glsl"

layout (constant_id = 1) const uint D = 64; /* channels of a head, a multiple of 8 */
layout (constant_id = 2) const bool CAUSAL = false;
layout (constant_id = 3) const uint DP = 64; /* D as the matrices need it */
layout (constant_id = 4) const uint QUERIES = 64;
layout (constant_id = 5) const uint KEYS = 64;

/* all [n][tokens][heads * D] */
layout (set = 0, binding = 0) readonly buffer Q { float16_t q[]; };
layout (set = 0, binding = 1) readonly buffer K { float16_t k[]; };
layout (set = 0, binding = 2) readonly buffer V { float16_t v[]; };
layout (set = 0, binding = 3) writeonly buffer Y { float16_t y[]; };

layout (push_constant) uniform Push
{
  uint n, heads, tq, tk;
  float scale;
};

#define LOWEST (-1.0e30)

float larger (const in float a, const in float b)
{
  return max (a, b);
}

float plus (const in float a, const in float b)
{
  return a + b;
}

/* Of a row whose elements are all the same. */
float either (const in float a, const in float b)
{
  return a;
}

float larger_of (const in uint32_t row, const in uint32_t column, const in float a, const in float b)
{
  return max (a, b);
}

float power (const in uint32_t row, const in uint32_t column, const in float a)
{
  return exp2 (a);
}

float inverse (const in uint32_t row, const in uint32_t column, const in float a)
{
  return a > 0.0 ? 1.0 / a : 0.0;
}

float mask (const in uint32_t row, const in uint32_t column, const in float a, const in uint32_t first,
            const in uint32_t j0)
{
  return j0 + column >= tk || (CAUSAL && j0 + column > first + row) ? LOWEST : a;
}

void main ()
{
  uint tiles = (tq + QUERIES - 1) / QUERIES;
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint first = group % tiles * QUERIES, head = group / tiles % heads, b = group / tiles / heads;
  uint pitch = (heads * D) & ~7u;

  if (b >= n) /* the whole group */
    return;
  uint q_at = (b * tq * pitch + head * D) & ~7u, k_at = (b * tk * pitch + head * D) & ~7u;
  float factor = scale * 1.4426950408889634; /* powers of two from here on */

  tensorLayoutNV<2, gl_CooperativeMatrixClampModeConstantNV> lq =
      createTensorLayoutNV (2, gl_CooperativeMatrixClampModeConstantNV);
  tensorLayoutNV<2, gl_CooperativeMatrixClampModeConstantNV> lk =
      createTensorLayoutNV (2, gl_CooperativeMatrixClampModeConstantNV);
  tensorViewNV<2, false, 1, 0> turned = createTensorViewNV (2, false, 1, 0);

  lq = setTensorLayoutStrideNV (setTensorLayoutDimensionNV (lq, tq, D), pitch, 1);
  lk = setTensorLayoutStrideNV (setTensorLayoutDimensionNV (lk, tk, D), pitch, 1);

  coopmat<float16_t, gl_ScopeWorkgroup, QUERIES, DP, gl_MatrixUseA> queries;
  coopmat<float, gl_ScopeWorkgroup, QUERIES, DP, gl_MatrixUseAccumulator> acc =
      coopmat<float, gl_ScopeWorkgroup, QUERIES, DP, gl_MatrixUseAccumulator> (0.0);
  coopmat<float, gl_ScopeWorkgroup, QUERIES, KEYS, gl_MatrixUseAccumulator> peak =
      coopmat<float, gl_ScopeWorkgroup, QUERIES, KEYS, gl_MatrixUseAccumulator> (LOWEST);
  coopmat<float, gl_ScopeWorkgroup, QUERIES, KEYS, gl_MatrixUseAccumulator> total =
      coopmat<float, gl_ScopeWorkgroup, QUERIES, KEYS, gl_MatrixUseAccumulator> (0.0);

  coopMatLoadTensorNV (queries, q, q_at, sliceTensorLayoutNV (lq, first, QUERIES, 0, DP));
  uint keys = CAUSAL ? min (tk, first + QUERIES) : tk;

  [[dont_unroll]] for (uint j0 = 0; j0 < keys; j0 += KEYS) {
    coopmat<float16_t, gl_ScopeWorkgroup, DP, KEYS, gl_MatrixUseB> key;
    coopmat<float16_t, gl_ScopeWorkgroup, KEYS, DP, gl_MatrixUseB> value;
    coopmat<float, gl_ScopeWorkgroup, QUERIES, KEYS, gl_MatrixUseAccumulator> s =
        coopmat<float, gl_ScopeWorkgroup, QUERIES, KEYS, gl_MatrixUseAccumulator> (0.0);
    coopmat<float, gl_ScopeWorkgroup, QUERIES, KEYS, gl_MatrixUseAccumulator> row, before = peak, keep;
    coopmat<float, gl_ScopeWorkgroup, QUERIES, DP, gl_MatrixUseAccumulator> keep_wide;

    coopMatLoadTensorNV (key, k, k_at, sliceTensorLayoutNV (lk, j0, KEYS, 0, DP), turned);
    s = coopMatMulAdd (queries, key, s);
    s = s * factor;
    if (j0 + KEYS > tk || (CAUSAL && j0 + KEYS > first))
      coopMatPerElementNV (s, s, mask, first, j0);
    coopMatReduceNV (row, s, gl_CooperativeMatrixReduceRowNV, larger);
    coopMatPerElementNV (peak, row, larger_of, before);
    keep = before - peak;
    coopMatPerElementNV (keep, keep, power);
    s = s - peak;
    coopMatPerElementNV (s, s, power);
    coopMatReduceNV (row, s, gl_CooperativeMatrixReduceRowNV, plus);
    total = total * keep + row;
    coopMatReduceNV (keep_wide, keep, gl_CooperativeMatrixReduceRowNV, either);
    acc = acc * keep_wide;
    coopmat<float16_t, gl_ScopeWorkgroup, QUERIES, KEYS, gl_MatrixUseA> weight =
        coopmat<float16_t, gl_ScopeWorkgroup, QUERIES, KEYS, gl_MatrixUseA> (s);

    coopMatLoadTensorNV (value, v, k_at, sliceTensorLayoutNV (lk, j0, KEYS, 0, DP));
    acc = coopMatMulAdd (weight, value, acc);
  }

  coopmat<float, gl_ScopeWorkgroup, QUERIES, DP, gl_MatrixUseAccumulator> over;

  coopMatReduceNV (over, total, gl_CooperativeMatrixReduceRowNV, either);
  coopMatPerElementNV (over, over, inverse);
  acc = acc * over;
  coopmat<float16_t, gl_ScopeWorkgroup, QUERIES, DP, gl_MatrixUseAccumulator> half_acc =
      coopmat<float16_t, gl_ScopeWorkgroup, QUERIES, DP, gl_MatrixUseAccumulator> (acc);

  coopMatStoreTensorNV (half_acc, y, q_at, sliceTensorLayoutNV (lq, first, QUERIES, 0, DP));
}
