#version 450
/* Inquadra - attention of long heads on cooperative matrices, with online softmax (Milakov and Gimelshein 2018).
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A group makes QUERIES queries of one head, whose channels its subgroups divide: each has PART of them, of queries, keys,
 * values and results alike. So no key and no value serves two subgroups: it comes through shared memory that belongs to
 * one of them, and its matrices never wait for the others'. They wait twice for each KEYS keys: scores are sums over all
 * channels, so what each subgroup's channels give (f32) lies in its own shared memory until the invocations have added
 * it up, row by row, and the probabilities (halves) until all have multiplied with them.
 * Queries stay in matrices throughout. The maximum that probabilities are relative to stays where it is until a score is
 * SLACK above it (powers of two; Dao's FlashAttention-4 does so), so results are rarely rescaled.
 * Scores, maxima and sums are f32, scores in units of log 2. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#include "common.glsl"

layout (constant_id = 1) const uint D = 512; /* channels of a head, a multiple of 8 */
layout (constant_id = 2) const uint HALVES = 0;
layout (constant_id = 3) const uint WARPS = 8; /* WARPS * PART >= D */
layout (constant_id = 4) const uint PART = 64; /* a multiple of 16, MN and MK */
layout (constant_id = 5) const uint KEYS = 32; /* a multiple of 16, MN and MK; 4 * SUBGROUP at most */
layout (constant_id = 6) const uint TALL = 2;  /* QUERIES in matrices */
layout (constant_id = 7) const uint MM = 16;
layout (constant_id = 8) const uint MN = 16;
layout (constant_id = 9) const uint MK = 16;
layout (constant_id = 10) const uint SUBGROUP = 32;

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

const uint QUERIES = TALL * MM, EIGHTS = PART / 8;
/* invocations of a row of scores, four each; rows of a subgroup at once, and how often until all are done */
const uint SHARE = KEYS / 4, ABREAST = SUBGROUP / SHARE, ROUNDS = (QUERIES / ABREAST + WARPS - 1) / WARPS;
/* pitches in 16 bytes: of queries, keys, values as halves; of scores; of probabilities with the factor of their row */
const uint PC = EIGHTS + 1, PS = KEYS / 4 + 1, FACTOR = KEYS / 8, PP = FACTOR + MN / 4 + 1;
const uint LINES = (KEYS > MM ? KEYS : MM) * PC, REGION = LINES > QUERIES * PS ? LINES : QUERIES * PS;
const uint WEIGHTS = WARPS * REGION, POOL = WEIGHTS + QUERIES * PP;

shared uvec4 pool[POOL];
shared uint rescaled; /* the last step in which a row's maximum moved, from 1 */

#define DECLARE_LOAD(name, binding)                                                                                    \
  uvec4 load_##name (uint at)                                                                                          \
  {                                                                                                                    \
    return INQ_HALVES (binding) ? name##_half[at / 8]                                                                  \
                                : uvec4 (inq_pack4 (name##4[at / 4]), inq_pack4 (name##4[at / 4 + 1]));                \
  }
DECLARE_LOAD (q, 0)
DECLARE_LOAD (k, 1)
DECLARE_LOAD (v, 2)

/* A subgroup's own part of the pool changes hands between its matrices and its invocations. */
void sync_region ()
{
  subgroupMemoryBarrierShared ();
  subgroupBarrier ();
}

/* what an invocation fetches of keys, or of values, in eights: KEYS * EIGHTS is a multiple of SUBGROUP */
const uint FETCH = KEYS * EIGHTS / SUBGROUP;

uvec4 next[FETCH];

#define DECLARE_FETCH(name)                                                                                            \
  /* The subgroup's channels from @j0 on, of the picture and head at @at, on their way; not there: zero. */            \
  void fetch_##name (uint at, uint j0, uint pitch)                                                                     \
  {                                                                                                                    \
    [[unroll]] for (uint f = 0; f < FETCH; f++)                                                                        \
    {                                                                                                                  \
      uint i = gl_SubgroupInvocationID + f * SUBGROUP, r = i / EIGHTS, ch = gl_SubgroupID * PART + i % EIGHTS * 8;     \
      bool there = j0 + r < tk && ch < D;                                                                              \
      uvec4 got = load_##name (there ? at + (j0 + r) * pitch + ch : 0);                                                \
                                                                                                                       \
      next[f] = there ? got : uvec4 (0);                                                                               \
    }                                                                                                                  \
  }
DECLARE_FETCH (k)
DECLARE_FETCH (v)

void put (uint region)
{
  [[unroll]] for (uint f = 0; f < FETCH; f++)
  {
    uint i = gl_SubgroupInvocationID + f * SUBGROUP;

    pool[region + i / EIGHTS * PC + i % EIGHTS] = next[f];
  }
}

void main ()
{
  uint lane = gl_SubgroupInvocationID, warp = gl_SubgroupID;
  uint tiles = (tq + QUERIES - 1) / QUERIES;
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint first = group % tiles * QUERIES, head = group / tiles % heads, b = group / tiles / heads;
  uint pitch = heads * D;

  if (b >= n) /* the whole group */
    return;
  uint q_at = b * tq * pitch + head * D, k_at = b * tk * pitch + head * D;
  uint region = warp * REGION, row_of = lane / SHARE, share = lane % SHARE;
  float factor_of = scale * 1.4426950408889634; /* powers of two from here on */

  fetch_k (k_at, 0, pitch);
  coopmat<float16_t, gl_ScopeSubgroup, MM, MK, gl_MatrixUseA> held[TALL][PART / MK];
  coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> acc[TALL][PART / MN];
  float peak[ROUNDS], total[ROUNDS];

  [[unroll]] for (uint t = 0; t < TALL; t++)
  {
    sync_region ();
    for (uint i = lane; i < MM * EIGHTS; i += SUBGROUP) {
      uint query = first + t * MM + i / EIGHTS, ch = warp * PART + i % EIGHTS * 8;
      bool there = query < tq && ch < D;
      uvec4 got = load_q (there ? q_at + query * pitch + ch : 0);

      pool[region + i / EIGHTS * PC + i % EIGHTS] = there ? got : uvec4 (0);
    }
    sync_region ();
    [[unroll]] for (uint i = 0; i < PART / MK; i++)
      coopMatLoad (held[t][i], pool, region + i * (MK / 8), PC, gl_CooperativeMatrixLayoutRowMajor);
    [[unroll]] for (uint i = 0; i < PART / MN; i++)
      acc[t][i] = coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> (0.0);
  }
  [[unroll]] for (uint i = 0; i < ROUNDS; i++)
  {
    peak[i] = LOWEST;
    total[i] = 0.0;
  }
  if (gl_LocalInvocationID.x == 0)
    rescaled = 0; /* seen by all after the first barrier */

  for (uint j0 = 0; j0 < tk; j0 += KEYS) {
    uint step_of = j0 / KEYS + 1;
    coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> s[TALL][KEYS / MN];
    coopmat<float16_t, gl_ScopeSubgroup, MM, MK, gl_MatrixUseA> weight[TALL][KEYS / MK];

    sync_region ();
    put (region);
    sync_region ();
    fetch_v (k_at, j0, pitch);
    [[unroll]] for (uint j = 0; j < KEYS / MN; j++)
    {
      [[unroll]] for (uint t = 0; t < TALL; t++)
        s[t][j] = coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> (0.0);
      [[unroll]] for (uint i = 0; i < PART / MK; i++)
      {
        coopmat<float16_t, gl_ScopeSubgroup, MK, MN, gl_MatrixUseB> key;

        coopMatLoad (key, pool, region + j * MN * PC + i * (MK / 8), PC, gl_CooperativeMatrixLayoutColumnMajor);
        [[unroll]] for (uint t = 0; t < TALL; t++)
          s[t][j] = coopMatMulAdd (held[t][i], key, s[t][j]);
      }
    }
    sync_region ();
    [[unroll]] for (uint t = 0; t < TALL; t++)
      [[unroll]] for (uint j = 0; j < KEYS / MN; j++)
        coopMatStore (s[t][j], pool, region + t * MM * PS + j * (MN / 4), PS, gl_CooperativeMatrixLayoutRowMajor);
    barrier ();

    [[unroll]] for (uint i = 0; i < ROUNDS; i++)
    {
      uint row = (warp + i * WARPS) * ABREAST + row_of; /* those of a subgroup are there or not as one */

      if (row < QUERIES) {
        vec4 p = vec4 (0.0);

        [[unroll]] for (uint w = 0; w < WARPS; w++)
          p += uintBitsToFloat (pool[w * REGION + row * PS + share]);
        if (j0 + KEYS > tk) {
          /* key 0 is never masked, so the peak is a real score by the first one that is */
          [[unroll]] for (uint u = 0; u < 4; u++)
            if (j0 + share * 4 + u >= tk)
              p[u] = LOWEST;
        }
        float higher = max (max (p.x, p.y), max (p.z, p.w));

        [[unroll]] for (uint m = 1; m < SHARE; m *= 2)
          higher = max (higher, subgroupShuffleXor (higher, m));
        higher *= factor_of;
        higher = higher > peak[i] + SLACK ? higher : peak[i];
        p = exp2 (p * factor_of - higher);
        float sum = (p.x + p.y) + (p.z + p.w), keep = exp2 (peak[i] - higher);

        [[unroll]] for (uint m = 1; m < SHARE; m *= 2)
          sum += subgroupShuffleXor (sum, m);
        total[i] = total[i] * keep + sum;
        if (higher != peak[i] && share == 0)
          atomicMax (rescaled, step_of);
        peak[i] = higher;
        /* word by word: the other half of the sixteen bytes is another invocation's */
        uvec2 packed = inq_pack4_small (p);

        pool[WEIGHTS + row * PP + share / 2][2 * (share % 2)] = packed.x;
        pool[WEIGHTS + row * PP + share / 2][2 * (share % 2) + 1] = packed.y;
        if (share < MN / 4)
          pool[WEIGHTS + row * PP + FACTOR + share] = floatBitsToUint (vec4 (keep));
      }
    }
    barrier ();

    put (region);
    if (j0 + KEYS < tk)
      fetch_k (k_at, j0 + KEYS, pitch);
    if (j0 > 0 && rescaled == step_of) { /* the whole group; nothing was summed before the first step */
      [[unroll]] for (uint t = 0; t < TALL; t++)
      {
        coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> factor;

        coopMatLoad (factor, pool, WEIGHTS + t * MM * PP + FACTOR, PP, gl_CooperativeMatrixLayoutRowMajor);
        [[unroll]] for (uint d = 0; d < PART / MN; d++)
          acc[t][d] = acc[t][d] * factor;
      }
    }
    [[unroll]] for (uint t = 0; t < TALL; t++)
      [[unroll]] for (uint j = 0; j < KEYS / MK; j++)
        coopMatLoad (weight[t][j], pool, WEIGHTS + t * MM * PP + j * (MK / 8), PP, gl_CooperativeMatrixLayoutRowMajor);
    sync_region ();
    [[unroll]] for (uint j = 0; j < KEYS / MK; j++)
      [[unroll]] for (uint d = 0; d < PART / MN; d++)
      {
        coopmat<float16_t, gl_ScopeSubgroup, MK, MN, gl_MatrixUseB> value;

        coopMatLoad (value, pool, region + j * MK * PC + d * (MN / 8), PC, gl_CooperativeMatrixLayoutRowMajor);
        [[unroll]] for (uint t = 0; t < TALL; t++)
          acc[t][d] = coopMatMulAdd (weight[t][j], value, acc[t][d]);
      }
  }

  /* what a row's sums are divided by, where its factor was */
  barrier ();
  [[unroll]] for (uint i = 0; i < ROUNDS; i++)
  {
    uint row = (warp + i * WARPS) * ABREAST + row_of;

    if (row < QUERIES && share < MN / 4)
      pool[WEIGHTS + row * PP + FACTOR + share] = floatBitsToUint (vec4 (1.0 / total[i]));
  }
  barrier ();
  [[unroll]] for (uint t = 0; t < TALL; t++)
  {
    coopmat<float, gl_ScopeSubgroup, MM, MN, gl_MatrixUseAccumulator> factor;

    coopMatLoad (factor, pool, WEIGHTS + t * MM * PP + FACTOR, PP, gl_CooperativeMatrixLayoutRowMajor);
    /* KEYS channels at a time */
    [[unroll]] for (uint d0 = 0; d0 < PART; d0 += KEYS)
    {
      sync_region ();
      [[unroll]] for (uint d = 0; d < KEYS / MN; d++)
      {
        if (d0 + d * MN < PART) {
          acc[t][d0 / MN + d] = acc[t][d0 / MN + d] * factor;
          coopMatStore (acc[t][d0 / MN + d], pool, region + d * (MN / 4), PS, gl_CooperativeMatrixLayoutRowMajor);
        }
      }
      sync_region ();
      for (uint i = lane; i < MM * (KEYS / 8); i += SUBGROUP) {
        uint r = i / (KEYS / 8), e = i % (KEYS / 8), query = first + t * MM + r;
        uint within = d0 + e * 8, ch = warp * PART + within, at = (q_at + query * pitch + ch) / 8;
        vec4 low = uintBitsToFloat (pool[region + r * PS + 2 * e]);
        vec4 high = uintBitsToFloat (pool[region + r * PS + 2 * e + 1]);

        if (query >= tq || within >= PART || ch >= D)
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
