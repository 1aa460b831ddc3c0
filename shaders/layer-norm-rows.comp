#version 450
/* Inquadra - layer norm on cards: a subgroup makes ROWS rows, which it reads once and keeps in registers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Eight channels at a time, 128 bits as halves; an invocation has every SUBGROUP-th eight of a row. No shared memory, no
 * barriers: sums go round the subgroup, always in the same order. Weights and biases that were loaded serve all rows. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
#include "common.glsl"

layout (constant_id = 1) const uint SUBGROUP = 32; /* a power of two */
layout (constant_id = 2) const uint EIGHTS = 160;  /* of a row */
layout (constant_id = 3) const uint ROWS = 1;
layout (constant_id = 4) const uint HALVES = 0;

layout (set = 0, binding = 0) readonly buffer X { vec4 x4[]; };
layout (set = 0, binding = 0) readonly buffer XHalf { uvec4 x_half[]; };
layout (set = 0, binding = 1) readonly buffer Weight { vec4 weight4[]; };
layout (set = 0, binding = 2) readonly buffer Bias { vec4 bias4[]; };
layout (set = 0, binding = 3) writeonly buffer Y { vec4 y4[]; };
layout (set = 0, binding = 3) writeonly buffer YHalf { uvec4 y_half[]; };

layout (push_constant) uniform Push
{
  uint rows;
  float eps;
};

const uint WORDS = (EIGHTS + SUBGROUP - 1) / SUBGROUP; /* eights that an invocation keeps of a row */

/* Halves lie in held alone. */
uvec4 held[ROWS][WORDS], more[ROWS][WORDS];

vec4 low_four (uint r, uint w)
{
  return INQ_HALVES (0) ? inq_unpack4 (held[r][w].xy) : uintBitsToFloat (held[r][w]);
}

vec4 high_four (uint r, uint w)
{
  return INQ_HALVES (0) ? inq_unpack4 (held[r][w].zw) : uintBitsToFloat (more[r][w]);
}

void main ()
{
  uint lane = gl_SubgroupInvocationID;
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint first = (group * (gl_WorkGroupSize.x / SUBGROUP) + gl_SubgroupID) * ROWS;

  if (first >= rows) /* the whole subgroup */
    return;
  float origin[ROWS], mean[ROWS], scale[ROWS];

  /* everything is on its way before anything is waited for */
  [[unroll]] for (uint r = 0; r < ROWS; r++)
  {
    uint base = min (first + r, rows - 1) * EIGHTS;

    [[unroll]] for (uint w = 0; w < WORDS; w++)
    {
      uint e = base + min (w * SUBGROUP + lane, EIGHTS - 1);

      if (INQ_HALVES (0)) {
        held[r][w] = x_half[e];
      } else {
        held[r][w] = floatBitsToUint (x4[2 * e]);
        more[r][w] = floatBitsToUint (x4[2 * e + 1]);
      }
    }
    /* sums about the row's first value */
    origin[r] = INQ_HALVES (0) ? unpackHalf2x16 (x_half[base].x).x : x4[2 * base].x;
  }
  [[unroll]] for (uint r = 0; r < ROWS; r++)
  {
    float sum = 0.0, squares = 0.0;

    [[unroll]] for (uint w = 0; w < WORDS; w++)
    {
      vec4 a = low_four (r, w) - origin[r], b = high_four (r, w) - origin[r];

      if (w * SUBGROUP + lane < EIGHTS) {
        sum += ((a.x + a.y) + (a.z + a.w)) + ((b.x + b.y) + (b.z + b.w));
        squares += dot (a, a) + dot (b, b);
      }
    }
    [[unroll]] for (uint m = 1; m < SUBGROUP; m *= 2)
    {
      sum += subgroupShuffleXor (sum, m);
      squares += subgroupShuffleXor (squares, m);
    }
    float off = sum / float (EIGHTS * 8);

    scale[r] = inversesqrt (max (squares - sum * off, 0.0) / float (EIGHTS * 8) + eps);
    mean[r] = origin[r] + off;
  }
  [[unroll]] for (uint w = 0; w < WORDS; w++)
  {
    uint e = w * SUBGROUP + lane;

    if (e < EIGHTS) {
      vec4 weight_low = weight4[2 * e], weight_high = weight4[2 * e + 1];
      vec4 bias_low = bias4[2 * e], bias_high = bias4[2 * e + 1];

      [[unroll]] for (uint r = 0; r < ROWS; r++)
      {
        vec4 a = (low_four (r, w) - mean[r]) * scale[r] * weight_low + bias_low;
        vec4 b = (high_four (r, w) - mean[r]) * scale[r] * weight_high + bias_high;
        uint to = (first + r) * EIGHTS + e;

        if (first + r < rows) {
          if (INQ_HALVES (3)) {
            y_half[to] = uvec4 (inq_pack4 (a), inq_pack4 (b));
          } else {
            y4[2 * to] = a;
            y4[2 * to + 1] = b;
          }
        }
      }
    }
  }
}
