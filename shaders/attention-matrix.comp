#version 450
/* Inquadra - attention with online softmax on cooperative matrices (VK_KHR_cooperative_matrix; Dao et al. 2022).
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A group makes WARPS * TALL * MM queries of one head, a subgroup TALL * MM of them; its queries stay in matrices
 * throughout, and a matrix of keys or values that was loaded serves all of them. KEYS keys and values at a time come through
 * shared memory as halves, padded with zeros to a multiple of 16 channels; the next ones travel into registers meanwhile.
 * Scores pass through a strip of shared memory that belongs to the subgroup, MM queries at a time, because what a matrix's
 * element belongs to is the driver's secret: SUBGROUP / MM invocations make the softmax of a row, put the probabilities
 * back as halves. The maximum that these are relative to stays where it is until a score of the row is SLACK above it; then
 * what the row's sums are scaled by is put beside them, repeated over a matrix. Scores, maxima and sums are f32, scores in
 * units of log 2. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_KHR_shader_subgroup_vote : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#include "common.glsl"

layout (constant_id = 1) const uint D = 64; /* channels of a head, a multiple of 8 */
layout (constant_id = 2) const bool CAUSAL = false;
layout (constant_id = 3) const uint HALVES = 0;
layout (constant_id = 4) const uint WARPS = 4;
layout (constant_id = 5) const uint KEYS = 32; /* a multiple of 16; all queries fit into the pool */
layout (constant_id = 6) const uint MM = 16;
layout (constant_id = 7) const uint MN = 16;
layout (constant_id = 8) const uint MK = 16;
layout (constant_id = 9) const uint SUBGROUP = 32;
layout (constant_id = 10) const uint TALL = 1;

/* all [n][tokens][heads * D] */
layout (set = 0, binding = 0) readonly buffer Q { vec4 q4[]; };
layout (set = 0, binding = 0) readonly buffer QHalf { uvec4 q_half[]; };
layout (set = 0, binding = 1) readonly buffer K { vec4 k4[]; };
layout (set = 0, binding = 1) readonly buffer KHalf { uvec4 k_half[]; };
layout (set = 0, binding = 2) readonly buffer V { vec4 v4[]; };
layout (set = 0, binding = 2) readonly buffer VHalf { uvec4 v_half[]; };
layout (set = 0, binding = 3) writeonly buffer Y { vec4 y4[]; };
layout (set = 0, binding = 3) writeonly buffer YHalf { uvec4 y_half[]; };

layout (push_constant) uniform Push
{
  uint n, heads, tq, tk;
  float scale;
};

#define LOWEST (-3.0e38)
#define SLACK 8.0 /* probabilities are 2^8 at most, which halves hold as well as 1 */

const uint LOCAL = WARPS * SUBGROUP, ROWS = TALL * MM, QUERIES = WARPS * ROWS;
const uint DP = (D + 15) / 16 * 16, EIGHTS = DP / 8;
/* invocations of a row of scores, and what each of them has in fours */
const uint SHARE = SUBGROUP / MM, FOURS = KEYS / SHARE / 4;
/* pitches in 16 bytes: of queries, keys, values as halves; of a strip as f32 */
const uint PD = DP / 8 + 1, PS = KEYS / 4 + 1;
const uint VALUES = KEYS * PD, STRIPS = 2 * KEYS * PD, POOL = STRIPS + WARPS * MM * PS;

shared uvec4 pool[POOL];

#define DECLARE_LOAD(name, binding)                                                                                    \
  uvec4 load_##name (uint at)                                                                                          \
  {                                                                                                                    \
    return INQ_HALVES (binding) ? name##_half[at / 8]                                                                  \
                                : uvec4 (inq_pack4 (name##4[at / 4]), inq_pack4 (name##4[at / 4 + 1]));                \
  }
DECLARE_LOAD (q, 0)
DECLARE_LOAD (k, 1)
DECLARE_LOAD (v, 2)

/* The strip of a subgroup changes hands between its matrices and its invocations. */
void sync_strip ()
{
  subgroupMemoryBarrierShared ();
  subgroupBarrier ();
}

/* what an invocation fetches of keys, and of values, in eights */
const uint FETCH = (KEYS * EIGHTS + LOCAL - 1) / LOCAL;

uvec4 next_k[FETCH], next_v[FETCH];

/* Keys and values from @j0 of the picture and head at @at on their way into registers; not there: zero. */
void fetch (uint at, uint j0, uint pitch)
{
  [[unroll]] for (uint f = 0; f < FETCH; f++)
  {
    uint i = gl_LocalInvocationID.x + f * LOCAL, r = i / EIGHTS, e = i % EIGHTS;
    bool there = i < KEYS * EIGHTS && j0 + r < tk && e * 8 < D;
    uint from = there ? at + (j0 + r) * pitch + e * 8 : 0;
    uvec4 key = load_k (from), value = load_v (from);

    next_k[f] = there ? key : uvec4 (0);
    next_v[f] = there ? value : uvec4 (0);
  }
}

void put ()
{
  [[unroll]] for (uint f = 0; f < FETCH; f++)
  {
    uint i = gl_LocalInvocationID.x + f * LOCAL, r = i / EIGHTS, e = i % EIGHTS;

    if (i < KEYS * EIGHTS) {
      pool[r * PD + e] = next_k[f];
      pool[VALUES + r * PD + e] = next_v[f];
    }
  }
}

void main ()
{
  uint lane = gl_LocalInvocationID.x, sublane = gl_SubgroupInvocationID, warp = gl_SubgroupID;
  uint tiles = (tq + QUERIES - 1) / QUERIES;
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint first = group % tiles * QUERIES, head = group / tiles % heads, b = group / tiles / heads;
  uint pitch = heads * D;

  if (b >= n) /* the whole group */
    return;
  uint q_at = b * tq * pitch + head * D, k_at = b * tk * pitch + head * D;
  uint strip = STRIPS + warp * MM * PS;
  uint row = sublane / SHARE, share = sublane % SHARE, query = first + warp * ROWS + row;
  float factor_of = scale * 1.4426950408889634; /* powers of two from here on */

  for (uint i = lane; i < QUERIES * EIGHTS; i += LOCAL) {
    uint r = i / EIGHTS, e = i % EIGHTS;

    pool[r * PD + e] = first + r < tq && e * 8 < D ? load_q (q_at + (first + r) * pitch + e * 8) : uvec4 (0);
  }
  fetch (k_at, 0, pitch);
  barrier ();
  coopmat<float16_t, gl_ScopeSubgroup, MM, MK, gl_MatrixUseA> held[TALL][DP / MK];
  coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> acc[TALL][DP / MN];
  float peak[TALL], total[TALL];

  [[unroll]] for (uint t = 0; t < TALL; t++)
  {
    [[unroll]] for (uint i = 0; i < DP / MK; i++)
      coopMatLoad (held[t][i], pool, (warp * ROWS + t * MM) * PD + i * (MK / 8), PD, gl_CooperativeMatrixLayoutRowMajor);
    [[unroll]] for (uint i = 0; i < DP / MN; i++)
      acc[t][i] = coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> (0.0);
    peak[t] = LOWEST;
    total[t] = 0.0;
  }
  uint keys = CAUSAL ? min (tk, first + QUERIES) : tk;

  for (uint j0 = 0; j0 < keys; j0 += KEYS) {
    barrier ();
    put ();
    barrier ();
    if (j0 + KEYS < keys)
      fetch (k_at, j0 + KEYS, pitch);

    coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> s[TALL][KEYS / MN];
    coopmat<float16_t, gl_ScopeSubgroup, MM, MK, gl_MatrixUseA> weight[TALL][KEYS / MK];

    [[unroll]] for (uint j = 0; j < KEYS / MN; j++)
    {
      [[unroll]] for (uint t = 0; t < TALL; t++)
        s[t][j] = coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> (0.0);
      [[unroll]] for (uint i = 0; i < DP / MK; i++)
      {
        coopmat<float16_t, gl_ScopeSubgroup, MK, MN, gl_MatrixUseB> key;

        coopMatLoad (key, pool, j * MN * PD + i * (MK / 8), PD, gl_CooperativeMatrixLayoutColumnMajor);
        [[unroll]] for (uint t = 0; t < TALL; t++)
          s[t][j] = coopMatMulAdd (held[t][i], key, s[t][j]);
      }
    }

    [[unroll]] for (uint t = 0; t < TALL; t++)
    {
      vec4 p[FOURS];
      float highest = LOWEST, sum = 0.0;

      [[unroll]] for (uint j = 0; j < KEYS / MN; j++)
        coopMatStore (s[t][j], pool, strip + j * (MN / 4), PS, gl_CooperativeMatrixLayoutRowMajor);
      sync_strip ();
      [[unroll]] for (uint i = 0; i < FOURS; i++)
        p[i] = uintBitsToFloat (pool[strip + row * PS + share * FOURS + i]);
      if (j0 + KEYS > tk || (CAUSAL && j0 + KEYS > first)) {
        [[unroll]] for (uint i = 0; i < FOURS; i++)
        {
          uint j = j0 + (share * FOURS + i) * 4;

          /* key 0 is never masked, so the peak is a real score by the first one that is */
          [[unroll]] for (uint u = 0; u < 4; u++)
            if (j + u >= tk || (CAUSAL && j + u > query + t * MM))
              p[i][u] = LOWEST;
        }
      }
      [[unroll]] for (uint i = 0; i < FOURS; i++)
        highest = max (max (highest, max (p[i].x, p[i].y)), max (p[i].z, p[i].w));
      [[unroll]] for (uint m = 1; m < SHARE; m *= 2)
        highest = max (highest, subgroupShuffleXor (highest, m));
      highest *= factor_of;
      float higher = highest > peak[t] + SLACK ? highest : peak[t], keep = exp2 (peak[t] - higher);
      bool moved = j0 > 0 && subgroupAny (higher != peak[t]); /* nothing was summed before the first step */

      [[unroll]] for (uint i = 0; i < FOURS; i++)
      {
        p[i] = exp2 (p[i] * factor_of - higher);
        sum += (p[i].x + p[i].y) + (p[i].z + p[i].w);
      }
      [[unroll]] for (uint m = 1; m < SHARE; m *= 2)
        sum += subgroupShuffleXor (sum, m);
      peak[t] = higher;
      total[t] = total[t] * keep + sum;
      sync_strip ();
      [[unroll]] for (uint i = 0; i < FOURS / 2; i++)
        pool[strip + row * PS + share * (FOURS / 2) + i] = 
          uvec4 (inq_pack4_small (p[2 * i]), inq_pack4_small (p[2 * i + 1]));
      if (moved)
        for (uint i = share; i < MN / 4; i += SHARE)
          pool[strip + row * PS + KEYS / 8 + i] = floatBitsToUint (vec4 (keep));
      sync_strip ();
      if (moved) {
        coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> factor;

        coopMatLoad (factor, pool, strip + KEYS / 8, PS, gl_CooperativeMatrixLayoutRowMajor);
        [[unroll]] for (uint d = 0; d < DP / MN; d++)
          acc[t][d] = acc[t][d] * factor;
      }
      [[unroll]] for (uint j = 0; j < KEYS / MK; j++)
        coopMatLoad (weight[t][j], pool, strip + j * (MK / 8), PS, gl_CooperativeMatrixLayoutRowMajor);
      sync_strip ();
    }

    [[unroll]] for (uint j = 0; j < KEYS / MK; j++)
      [[unroll]] for (uint d = 0; d < DP / MN; d++)
      {
        coopmat<float16_t, gl_ScopeSubgroup, MK, MN, gl_MatrixUseB> value;

        coopMatLoad (value, pool, VALUES + j * MK * PD + d * (MN / 8), PD, gl_CooperativeMatrixLayoutRowMajor);
        [[unroll]] for (uint t = 0; t < TALL; t++)
          acc[t][d] = coopMatMulAdd (weight[t][j], value, acc[t][d]);
      }
  }

  /* KEYS channels at a time through the strip */
  [[unroll]] for (uint t = 0; t < TALL; t++)
  {
    float over = 1.0 / total[t];

    [[unroll]] for (uint d0 = 0; d0 < DP; d0 += KEYS)
    {
      sync_strip ();
      [[unroll]] for (uint d = 0; d < KEYS / MN; d++)
      {
        if (d0 + d * MN < DP)
          coopMatStore (acc[t][d0 / MN + d], pool, strip + d * (MN / 4), PS, gl_CooperativeMatrixLayoutRowMajor);
      }
      sync_strip ();
      for (uint e = share; e < KEYS / 8; e += SHARE) {
        uint ch = d0 + e * 8, at = (q_at + (query + t * MM) * pitch + ch) / 8;
        vec4 low = uintBitsToFloat (pool[strip + row * PS + 2 * e]) * over;
        vec4 high = uintBitsToFloat (pool[strip + row * PS + 2 * e + 1]) * over;

        if (query + t * MM >= tq || ch >= D)
          continue;
        if (INQ_HALVES (3)) {
          y_half[at] = uvec4 (inq_pack4 (low), inq_pack4 (high));
        } else {
          y4[2 * at] = low;
          y4[2 * at + 1] = high;
        }
      }
    }
  }
}
