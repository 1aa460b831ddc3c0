#version 450
/* Inquadra - attention with online softmax for devices with shared memory: 64 queries of one head a group.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * 256 invocations go through the keys 32 at a time: scores as a small matrix product (channels of queries and keys 32 at
 * a time through shared memory), softmax of each row with a running maximum, then the product with the values, whose sums
 * stay in registers: 8 of 64 x 32 for each 32 channels. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "common.glsl"

layout (constant_id = 1) const uint D = 32; /* channels of a head */
layout (constant_id = 2) const bool CAUSAL = false;
layout (constant_id = 3) const uint HALVES = 0; /* of y only when D is even */

/* all [n][tokens][heads * D] */
layout (set = 0, binding = 0) readonly buffer Q { float q[]; };
layout (set = 0, binding = 0) readonly buffer QHalf { uint q_half[]; };
layout (set = 0, binding = 1) readonly buffer K { float k[]; };
layout (set = 0, binding = 1) readonly buffer KHalf { uint k_half[]; };
layout (set = 0, binding = 2) readonly buffer V { float v[]; };
layout (set = 0, binding = 2) readonly buffer VHalf { uint v_half[]; };
layout (set = 0, binding = 3) writeonly buffer Y { float y[]; };
layout (set = 0, binding = 3) writeonly buffer YHalf { uint y_half[]; };

layout (push_constant) uniform Push
{
  uint n, heads, tq, tk;
  float scale;
};

#define LOAD(name, binding, at) \
  (INQ_HALVES (binding) ? unpackHalf2x16 (name##_half[(at) >> 1])[(at)&1] : name[at])

#define QUERIES 64
#define KEYS 32
#define PART 32 /* channels at a time */
const uint PARTS = (D + PART - 1) / PART;

shared float part_q[PART][QUERIES];
shared float part_k[PART][KEYS + 1]; /* keys, or values as [key][channel] */
shared float score[QUERIES][KEYS + 1];
shared float row_peak[QUERIES], row_keep[QUERIES], row_total[QUERIES];
shared float reduce[QUERIES][4];

void main ()
{
  uint lane = gl_LocalInvocationID.x;
  uint tiles = (tq + QUERIES - 1) / QUERIES;
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint first = group % tiles * QUERIES, head = group / tiles % heads, b = group / tiles / heads;
  uint pitch = heads * D;

  if (b >= n) /* the whole group */
    return;
  uint q_at = b * tq * pitch + head * D, k_at = b * tk * pitch + head * D;
  /* four queries by two keys of the scores; four queries by two channels of each part of the result */
  uint tx = lane % 16, ty = lane / 16;
  vec2 acc[PARTS][4];

  [[unroll]] for (uint i = 0; i < PARTS; i++)
    [[unroll]] for (uint r = 0; r < 4; r++)
      acc[i][r] = vec2 (0.0);
  if (lane < QUERIES) {
    row_peak[lane] = -3.0e38;
    row_total[lane] = 0.0;
  }

  uint keys = CAUSAL ? min (tk, first + QUERIES) : tk;

  for (uint j0 = 0; j0 < keys; j0 += KEYS) {
    vec2 s[4];

    [[unroll]] for (uint r = 0; r < 4; r++)
      s[r] = vec2 (0.0);
    for (uint part = 0; part < PARTS; part++) {
      barrier ();
      for (uint i = lane; i < QUERIES * PART; i += 256) {
        uint row = i / PART, ch = i % PART, t = first + row;

        part_q[ch][row] = t < tq && part * PART + ch < D ? LOAD (q, 0, q_at + t * pitch + part * PART + ch) * scale : 0.0;
      }
      for (uint i = lane; i < KEYS * PART; i += 256) {
        uint row = i / PART, ch = i % PART, t = j0 + row;

        part_k[ch][row] = t < tk && part * PART + ch < D ? LOAD (k, 1, k_at + t * pitch + part * PART + ch) : 0.0;
      }
      barrier ();
      [[unroll]] for (uint ch = 0; ch < PART; ch++)
      {
        vec2 key = vec2 (part_k[ch][2 * tx], part_k[ch][2 * tx + 1]);

        [[unroll]] for (uint r = 0; r < 4; r++)
          s[r] += part_q[ch][4 * ty + r] * key;
      }
    }
    [[unroll]] for (uint r = 0; r < 4; r++)
    {
      [[unroll]] for (uint i = 0; i < 2; i++)
      {
        uint j = j0 + 2 * tx + i;
        bool seen = j < tk && (!CAUSAL || j <= first + 4 * ty + r);

        score[4 * ty + r][2 * tx + i] = seen ? s[r][i] : -3.0e38;
      }
    }
    barrier ();

    /* softmax: four invocations a row */
    uint row = lane / 4, eighth = lane % 4 * 8;
    float higher = -3.0e38, sum = 0.0;

    for (uint j = 0; j < 8; j++)
      higher = max (higher, score[row][eighth + j]);
    reduce[row][lane % 4] = higher;
    barrier ();
    higher = max (row_peak[row], max (max (reduce[row][0], reduce[row][1]), max (reduce[row][2], reduce[row][3])));
    barrier ();
    for (uint j = 0; j < 8; j++) {
      float p = exp (score[row][eighth + j] - higher);

      score[row][eighth + j] = p;
      sum += p;
    }
    reduce[row][lane % 4] = sum;
    barrier ();
    if (lane % 4 == 0) {
      float keep = exp (row_peak[row] - higher);

      row_keep[row] = keep;
      row_total[row] = row_total[row] * keep + ((reduce[row][0] + reduce[row][1]) + (reduce[row][2] + reduce[row][3]));
      row_peak[row] = higher;
    }

    [[unroll]] for (uint part = 0; part < PARTS; part++)
    {
      barrier ();
      for (uint i = lane; i < KEYS * PART; i += 256) {
        uint key = i / PART, ch = i % PART, t = j0 + key;

        part_k[key][ch] = t < tk && part * PART + ch < D ? LOAD (v, 2, k_at + t * pitch + part * PART + ch) : 0.0;
      }
      barrier ();
      [[unroll]] for (uint r = 0; r < 4; r++)
        acc[part][r] *= row_keep[4 * ty + r];
      for (uint j = 0; j < KEYS; j++) {
        vec2 value = vec2 (part_k[j][2 * tx], part_k[j][2 * tx + 1]);

        [[unroll]] for (uint r = 0; r < 4; r++)
          acc[part][r] += score[4 * ty + r][j] * value;
      }
    }
  }

  [[unroll]] for (uint part = 0; part < PARTS; part++)
  {
    [[unroll]] for (uint r = 0; r < 4; r++)
    {
      uint t = first + 4 * ty + r, ch = part * PART + 2 * tx;
      vec2 o = acc[part][r] / row_total[4 * ty + r];

      uint to = q_at + t * pitch + ch;

      if (INQ_HALVES (3)) {
        if (t < tq && ch < D)
          y_half[to >> 1] = inq_pack4 (vec4 (o, 0.0, 0.0)).x;
      } else {
        if (t < tq && ch < D)
          y[to] = o.x;
        if (t < tq && ch + 1 < D)
          y[to + 1] = o.y;
      }
    }
  }
}
