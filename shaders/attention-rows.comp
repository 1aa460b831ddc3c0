#version 450
/* Inquadra - attention with online softmax on matrices of subgroups whose rows the driver reduces
 * (VK_NV_cooperative_matrix2; Dao 2023, FlashAttention-2).
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * As attention-matrix.comp: a subgroup makes TALL * MM queries of one head, which stay in matrices; KEYS keys and values at
 * a time come through shared memory, one step or two. But scores never leave their matrices: maxima and sums of rows are
 * reductions, repeated along their row, and probabilities become the other operand as they are. Subgroups wait for each
 * other only where keys and values change hands. The maximum that probabilities are relative to stays where it is until a
 * score is SLACK above it, so results are rarely rescaled; sums are of an element's column until the end.
 * Scores, maxima and sums are f32, scores in units of log 2; all tensors are halves. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_EXT_shader_explicit_arithmetic_types_int32 : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_vote : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_NV_cooperative_matrix2 : require
#include "common.glsl"

layout (constant_id = 1) const uint D = 64; /* channels of a head, a multiple of 8 */
layout (constant_id = 2) const uint WARPS = 4;
layout (constant_id = 3) const uint TALL = 1;
layout (constant_id = 4) const uint KEYS = 64; /* a multiple of MN */
layout (constant_id = 5) const uint STAGES = 2;
layout (constant_id = 6) const uint MM = 16;
layout (constant_id = 7) const uint MN = 16; /* and the depth of matrices */
layout (constant_id = 8) const uint SUBGROUP = 32;

/* all [n][tokens][heads * D] */
layout (set = 0, binding = 0) readonly buffer Q { uvec4 q8[]; };
layout (set = 0, binding = 1) readonly buffer K { uvec4 k8[]; };
layout (set = 0, binding = 2) readonly buffer V { uvec4 v8[]; };
layout (set = 0, binding = 3) writeonly buffer Y { uvec4 y8[]; };

layout (push_constant) uniform Push
{
  uint n, heads, tq, tk;
  float scale;
};

#define LOWEST (-3.0e38)
#define SLACK 8.0 /* probabilities are 2^8 at most, which halves hold as well as 1 */

const uint LOCAL = WARPS * SUBGROUP, ROWS = TALL * MM, QUERIES = WARPS * ROWS;
const uint DP = (D + 15) / 16 * 16, EIGHTS = DP / 8, PD = EIGHTS + 1; /* PD: pitch in 16 bytes */
const uint STAGE = 2 * KEYS * PD, STEPS = STAGES * STAGE, POOL = STEPS > QUERIES * PD ? STEPS : QUERIES * PD;

shared uvec4 pool[POOL];

float larger (const in float a, const in float b)
{
  return max (a, b);
}

float plus (const in float a, const in float b)
{
  return a + b;
}

float larger_of (const in uint32_t row, const in uint32_t column, const in float a, const in float b)
{
  return max (a, b);
}

/* The maximum that counts from here on, in units of log 2. */
float raised (const in uint32_t row, const in uint32_t column, const in float score, const in float peak,
              const in float factor)
{
  return score * factor > peak + SLACK ? score * factor : peak;
}

float power (const in uint32_t row, const in uint32_t column, const in float a)
{
  return exp2 (a);
}

float probability (const in uint32_t row, const in uint32_t column, const in float score, const in float peak,
                   const in float factor)
{
  return exp2 (score * factor - peak);
}

float inverse (const in uint32_t row, const in uint32_t column, const in float a)
{
  return 1.0 / a;
}

/* Key 0 is never masked, so the peak is a real score by the first one that is. */
float mask (const in uint32_t row, const in uint32_t column, const in float a, const in uint32_t first)
{
  return first + column >= tk ? LOWEST : a;
}

/* what an invocation fetches of keys, and of values, in eights */
const uint FETCH = (KEYS * EIGHTS + LOCAL - 1) / LOCAL;

uvec4 next_k[FETCH], next_v[FETCH];

/* Keys and values from @j0 of the picture and head at @at on their way into registers; not there: zero. All in eights. */
void fetch (uint at, uint j0, uint pitch)
{
  [[unroll]] for (uint f = 0; f < FETCH; f++)
  {
    uint i = gl_LocalInvocationID.x + f * LOCAL, r = i / EIGHTS, e = i % EIGHTS;
    bool there = i < KEYS * EIGHTS && j0 + r < tk && e * 8 < D;
    uint from = there ? at + (j0 + r) * pitch + e : 0;
    uvec4 key = k8[from], value = v8[from];

    next_k[f] = there ? key : uvec4 (0);
    next_v[f] = there ? value : uvec4 (0);
  }
}

void put (uint stage)
{
  [[unroll]] for (uint f = 0; f < FETCH; f++)
  {
    uint i = gl_LocalInvocationID.x + f * LOCAL, r = i / EIGHTS, e = i % EIGHTS;

    if (i < KEYS * EIGHTS) {
      pool[stage + r * PD + e] = next_k[f];
      pool[stage + (KEYS + r) * PD + e] = next_v[f];
    }
  }
}

void main ()
{
  uint lane = gl_LocalInvocationID.x, sublane = gl_SubgroupInvocationID, warp = gl_SubgroupID;
  uint tiles = (tq + QUERIES - 1) / QUERIES;
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint first = group % tiles * QUERIES, head = group / tiles % heads, b = group / tiles / heads;
  uint pitch = heads * (D / 8);

  if (b >= n) /* the whole group */
    return;
  uint q_at = b * tq * pitch + head * (D / 8), k_at = b * tk * pitch + head * (D / 8);
  float factor = scale * 1.4426950408889634; /* powers of two from here on */

  fetch (k_at, 0, pitch);
  for (uint i = lane; i < QUERIES * EIGHTS; i += LOCAL) {
    uint r = i / EIGHTS, e = i % EIGHTS;
    bool there = first + r < tq && e * 8 < D;
    uvec4 got = q8[there ? q_at + (first + r) * pitch + e : 0];

    pool[r * PD + e] = there ? got : uvec4 (0);
  }
  barrier ();
  coopmat<float16_t, gl_ScopeSubgroup, MM, MN, gl_MatrixUseA> held[TALL][DP / MN];
  coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> acc[TALL][DP / MN], peak[TALL], total[TALL];

  [[unroll]] for (uint t = 0; t < TALL; t++)
  {
    [[unroll]] for (uint i = 0; i < DP / MN; i++)
    {
      coopMatLoad (held[t][i], pool, (warp * ROWS + t * MM) * PD + i * (MN / 8), PD, gl_CooperativeMatrixLayoutRowMajor);
      acc[t][i] = coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> (0.0);
    }
    peak[t] = coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> (LOWEST);
    total[t] = coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> (0.0);
  }
  barrier ();
  if (STAGES == 2) {
    put (0);
    barrier ();
  }

  [[dont_unroll]] for (uint j0 = 0; j0 < tk; j0 += KEYS) {
    uint at = STAGES == 2 ? j0 / KEYS % 2 * STAGE : 0;
    bool more = j0 + KEYS < tk;

    if (STAGES == 1) {
      put (0);
      barrier ();
    }
    if (more)
      fetch (k_at, j0 + KEYS, pitch);

    coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> s[TALL][KEYS / MN];
    coopmat<float16_t, gl_ScopeSubgroup, MM, MN, gl_MatrixUseA> weight[TALL][KEYS / MN];

    [[unroll]] for (uint j = 0; j < KEYS / MN; j++)
    {
      [[unroll]] for (uint t = 0; t < TALL; t++)
        s[t][j] = coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> (0.0);
      [[unroll]] for (uint i = 0; i < DP / MN; i++)
      {
        coopmat<float16_t, gl_ScopeSubgroup, MN, MN, gl_MatrixUseB> key;

        coopMatLoad (key, pool, at + j * MN * PD + i * (MN / 8), PD, gl_CooperativeMatrixLayoutColumnMajor);
        [[unroll]] for (uint t = 0; t < TALL; t++)
          s[t][j] = coopMatMulAdd (held[t][i], key, s[t][j]);
      }
    }

    [[unroll]] for (uint t = 0; t < TALL; t++)
    {
      coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> row, higher, grown;
      bool moved = false;

      if (j0 + KEYS > tk) {
        [[unroll]] for (uint j = 0; j < KEYS / MN; j++)
          coopMatPerElementNV (s[t][j], s[t][j], mask, j0 + j * MN);
      }
      higher = s[t][0];
      [[unroll]] for (uint j = 1; j < KEYS / MN; j++)
        coopMatPerElementNV (higher, higher, larger_of, s[t][j]);
      coopMatReduceNV (row, higher, gl_CooperativeMatrixReduceRowNV, larger);
      coopMatPerElementNV (higher, row, raised, peak[t], factor);
      grown = peak[t] - higher;
      [[unroll]] for (uint i = 0; i < grown.length (); i++)
        moved = moved || grown[i] != 0.0;
      if (j0 == 0) {
        peak[t] = higher; /* nothing was summed yet */
      } else if (subgroupAny (moved)) {
        coopMatPerElementNV (grown, grown, power);
        total[t] = total[t] * grown;
        [[unroll]] for (uint d = 0; d < DP / MN; d++)
          acc[t][d] = acc[t][d] * grown;
        peak[t] = higher;
      }
      [[unroll]] for (uint j = 0; j < KEYS / MN; j++)
      {
        coopMatPerElementNV (s[t][j], s[t][j], probability, peak[t], factor);
        total[t] = total[t] + s[t][j];
        weight[t][j] = coopmat<float16_t, gl_ScopeSubgroup, MM, MN, gl_MatrixUseA> (s[t][j]);
      }
    }

    [[unroll]] for (uint j = 0; j < KEYS / MN; j++)
      [[unroll]] for (uint d = 0; d < DP / MN; d++)
      {
        coopmat<float16_t, gl_ScopeSubgroup, MN, MN, gl_MatrixUseB> value;

        coopMatLoad (value, pool, at + (KEYS + j * MN) * PD + d * (MN / 8), PD, gl_CooperativeMatrixLayoutRowMajor);
        [[unroll]] for (uint t = 0; t < TALL; t++)
          acc[t][d] = coopMatMulAdd (weight[t][j], value, acc[t][d]);
      }
    /* the other step was read before the last barrier */
    if (STAGES == 2 && more)
      put (STAGE - at);
    barrier ();
  }

  /* where the queries lay: a subgroup's own part */
  [[unroll]] for (uint t = 0; t < TALL; t++)
  {
    coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> over;

    coopMatReduceNV (over, total[t], gl_CooperativeMatrixReduceRowNV, plus);
    coopMatPerElementNV (over, over, inverse);
    [[unroll]] for (uint d = 0; d < DP / MN; d++)
    {
      acc[t][d] = acc[t][d] * over;
      coopmat<float16_t, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> rounded =
          coopmat<float16_t, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> (acc[t][d]);

      coopMatStore (rounded, pool, (warp * ROWS + t * MM) * PD + d * (MN / 8), PD, gl_CooperativeMatrixLayoutRowMajor);
    }
  }
  subgroupMemoryBarrierShared ();
  subgroupBarrier ();
  for (uint i = sublane; i < ROWS * EIGHTS; i += SUBGROUP) {
    uint r = warp * ROWS + i / EIGHTS, e = i % EIGHTS;

    if (first + r < tq && e * 8 < D)
      y8[q_at + (first + r) * pitch + e] = pool[r * PD + e];
  }
}
