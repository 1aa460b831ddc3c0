#version 450
/* Inquadra - attention with online softmax: TQ queries of one head an invocation, so that a key read serves them all.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A head of more than 128 channels is too much for registers (and for a compiler that unrolls): its queries are read
 * again for each key, and an invocation makes only a part of the channels of the result. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#ifdef SUBGROUPS
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_ballot : require
#endif
#include "common.glsl"

layout (constant_id = 1) const uint D = 32; /* channels of a head */
layout (constant_id = 2) const bool CAUSAL = false;
layout (constant_id = 3) const uint TQ = 1;
layout (constant_id = 4) const uint HALVES = 0; /* of y only when D % 4 == 0 */

/* all [n][tokens][heads * D] */
#ifdef TEXELS /* InqGpuFacts.texel_reads; f32, D % 4 == 0 */
layout (set = 0, binding = 0) uniform usamplerBuffer q_texels;
layout (set = 0, binding = 1) uniform usamplerBuffer k_texels;
layout (set = 0, binding = 2) uniform usamplerBuffer v_texels;
#else
layout (set = 0, binding = 0) readonly buffer Q { float q[]; };
layout (set = 0, binding = 0) readonly buffer Q4 { vec4 q4[]; };
layout (set = 0, binding = 0) readonly buffer QHalf { uvec2 q_half[]; };
layout (set = 0, binding = 1) readonly buffer K { float k[]; };
layout (set = 0, binding = 1) readonly buffer K4 { vec4 k4[]; };
layout (set = 0, binding = 1) readonly buffer KHalf { uvec2 k_half[]; };
layout (set = 0, binding = 2) readonly buffer V { float v[]; };
layout (set = 0, binding = 2) readonly buffer V4 { vec4 v4[]; };
layout (set = 0, binding = 2) readonly buffer VHalf { uvec2 v_half[]; };
#endif
layout (set = 0, binding = 3) writeonly buffer Y { float y[]; };
layout (set = 0, binding = 3) writeonly buffer Y4 { vec4 y4[]; };
layout (set = 0, binding = 3) writeonly buffer YHalf { uvec2 y_half[]; };

layout (push_constant) uniform Push
{
  uint n, heads, tq, tk;
  float scale;
};

const uint QUADS = (D + 3) / 4;
const bool WHOLE = D % 4 == 0;
const bool LONG = D > 128;
const uint HELD = LONG ? 1 : QUADS;   /* of a query */
const uint PART = LONG ? 16 : QUADS;  /* of the result */
const uint PARTS = (QUADS + PART - 1) / PART;

#ifdef TEXELS
#define DECLARE_LOAD(name, half)                                                                                       \
  vec4 load_##name (uint at, uint i)                                                                                   \
  {                                                                                                                    \
    return uintBitsToFloat (texelFetch (name##_texels, int ((at >> 2) + i)));                                          \
  }
#else
#define SCALAR(name, half, at) (half ? inq_unpack4 (name##_half[(at) >> 2])[(at)&3] : name[at])
#define DECLARE_LOAD(name, half)                                                                                       \
  vec4 load_##name (uint at, uint i)                                                                                   \
  {                                                                                                                    \
    if (WHOLE)                                                                                                         \
      return half ? inq_unpack4 (name##_half[(at >> 2) + i]) : name##4[(at >> 2) + i];                                 \
    at += 4 * i;                                                                                                       \
    return vec4 (SCALAR (name, half, at), 4 * i + 1 < D ? SCALAR (name, half, at + 1) : 0.0,                           \
                 4 * i + 2 < D ? SCALAR (name, half, at + 2) : 0.0, 4 * i + 3 < D ? SCALAR (name, half, at + 3) : 0.0); \
  }
#endif
DECLARE_LOAD (q, INQ_HALVES (0))
DECLARE_LOAD (k, INQ_HALVES (1))
DECLARE_LOAD (v, INQ_HALVES (2))
#define LOAD4(name, at, i) load_##name (at, i)

void main ()
{
  uint tiles = (tq + TQ - 1) / TQ;
#ifdef SUBGROUPS
  /* a subgroup takes one head, so that its lanes can read keys and values for each other; not LONG */
  uint lanes = gl_WorkGroupSize.x, tile_groups = (tiles + lanes - 1) / lanes, lane = gl_SubgroupInvocationID & 7u;
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, group_first = group % tile_groups * lanes * TQ;
  uint first = group_first + gl_LocalInvocationID.x * TQ, head = group / tile_groups % heads;
  uint b = group / tile_groups / heads, part = 0;
#else
  uint id = inq_linear_id ();
  uint first = id % tiles * TQ, head = id / tiles % heads, b = id / tiles / heads, part = 0;
#endif
  uint pitch = heads * D;

  if (LONG) {
    part = b % PARTS * PART;
    b /= PARTS;
  }
  if (b >= n)
    return;
  vec4 query[TQ][HELD], acc[TQ][PART];
  float peak[TQ], total[TQ];

  [[unroll]] for (uint t = 0; t < TQ; t++)
  {
    uint at = (b * tq + min (first + t, tq - 1)) * pitch + head * D;

    [[unroll]] for (uint i = 0; i < PART; i++)
    {
      if (!LONG)
        query[t][i] = LOAD4 (q, at, i) * scale;
      acc[t][i] = vec4 (0.0);
    }
    peak[t] = -3.0e38;
    total[t] = 0.0;
  }
#ifdef SUBGROUPS
  uint keys = CAUSAL ? min (tk, group_first + lanes * TQ) : tk; /* the same for all */
#else
  uint keys = CAUSAL ? min (tk, first + TQ) : tk;
#endif
  uint at = b * tk * pitch + head * D;

  for (uint j = 0; j < keys; j++) {
    vec4 dots[TQ];
    float keep[TQ], p[TQ];

#ifdef SUBGROUPS
    vec4 row[(QUADS + 7) / 8]; /* of keys, then of values */

    [[unroll]] for (uint i = 0; i < QUADS; i += 8)
      row[i / 8] = LOAD4 (k, at, min (i + lane, QUADS - 1));
#endif
    [[unroll]] for (uint t = 0; t < TQ; t++)
      dots[t] = vec4 (0.0);
    if (LONG) {
      for (uint i = 0; i < QUADS; i++) {
        vec4 key = LOAD4 (k, at, i) * scale;

        [[unroll]] for (uint t = 0; t < TQ; t++)
        {
          uint from = (b * tq + min (first + t, tq - 1)) * pitch + head * D;

          dots[t] += LOAD4 (q, from, i) * key;
        }
      }
    } else {
      [[unroll]] for (uint i = 0; i < QUADS; i++)
      {
#ifdef SUBGROUPS
        vec4 key = subgroupBroadcast (row[i / 8], i % 8);
#else
        vec4 key = LOAD4 (k, at, i);
#endif

        [[unroll]] for (uint t = 0; t < TQ; t++)
          dots[t] += query[t][i] * key;
      }
    }
    [[unroll]] for (uint t = 0; t < TQ; t++)
    {
      float s = (dots[t].x + dots[t].y) + (dots[t].z + dots[t].w);

      if (CAUSAL) /* key 0 is never masked, so the peak is a real score by the first one that is */
        s = j <= first + t ? s : -3.0e38;
      /* one of exp (peak - higher) and exp (s - higher) is 1 */
      bool rises = s > peak[t];
      float e = exp (-abs (s - peak[t]));

      keep[t] = rises ? e : 1.0;
      p[t] = rises ? 1.0 : e;
      peak[t] = max (peak[t], s);
      total[t] = total[t] * keep[t] + p[t];
    }
#ifdef SUBGROUPS
    [[unroll]] for (uint i = 0; i < QUADS; i += 8)
      row[i / 8] = LOAD4 (v, at, min (i + lane, QUADS - 1));
#endif
    [[unroll]] for (uint i = 0; i < PART; i++)
    {
#ifdef SUBGROUPS
      vec4 value = subgroupBroadcast (row[i / 8], i % 8);
#else
      vec4 value = !LONG || part + i < QUADS ? LOAD4 (v, at, part + i) : vec4 (0.0);
#endif

      [[unroll]] for (uint t = 0; t < TQ; t++)
        acc[t][i] = acc[t][i] * keep[t] + value * p[t];
    }
    at += pitch;
  }

  [[unroll]] for (uint t = 0; t < TQ; t++)
  {
    if (first + t < tq) {
      uint to = (b * tq + first + t) * pitch + head * D;
      float over = 1.0 / total[t];

      [[unroll]] for (uint i = 0; i < PART; i++)
      {
        vec4 o = acc[t][i] * over;
        uint ch = 4 * (part + i);

        if (WHOLE) {
          if (!LONG || part + i < QUADS) {
            if (INQ_HALVES (3))
              y_half[(to >> 2) + part + i] = inq_pack4 (o);
            else
              y4[(to >> 2) + part + i] = o;
          }
        } else {
          [[unroll]] for (uint u = 0; u < 4; u++)
          {
            if (ch + u < D)
              y[to + ch + u] = o[u];
          }
        }
      }
    }
  }
}
