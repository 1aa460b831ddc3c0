#version 450
/* Inquadra - group norm, step 2 on cards: as group-norm-merge.comp, a work group for each group of channels.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * There are many chunks, so that step 1 keeps a card busy. Two passes over their moments: the mean of all, then the squares
 * about it; each sum in a fixed order. */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "group-norm.glsl"

layout (constant_id = 1) const uint LOCAL = 256; /* a power of two */

layout (set = 0, binding = 0) readonly buffer Partial { float partial[]; }; /* [n][chunks][2][c] */
layout (set = 0, binding = 1) readonly buffer Weight { float weight[]; };
layout (set = 0, binding = 2) writeonly buffer Stats { float stats[]; }; /* [n][2][c] */

shared float sums[LOCAL];

/* Sum of @mine of all invocations, told to all of them. */
float add_up (float mine)
{
  uint lane = gl_LocalInvocationID.x;

  barrier ();
  sums[lane] = mine;
  for (uint half_of = LOCAL / 2; half_of > 0; half_of /= 2) {
    barrier ();
    if (lane < half_of)
      sums[lane] += sums[lane + half_of];
  }
  barrier ();
  return sums[0];
}

void main ()
{
  uint lane = gl_LocalInvocationID.x;
  uint i = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  uint group = i % groups, b = i / groups;
  uint width = c / groups, items = chunks * width;

  if (b >= n) /* the whole group */
    return;
  uint base = 2 * b * chunks * c + group * width;
  float origin = partial[base], sum = 0.0;

  for (uint j = lane; j < items; j += LOCAL) {
    uint part = j / width;

    sum += (partial[base + 2 * part * c + j - part * width] - origin) * float (min (chunk, positions - part * chunk));
  }
  float count = float (positions) * float (width), mean = origin + add_up (sum) / count, squares = 0.0;

  for (uint j = lane; j < items; j += LOCAL) {
    uint part = j / width, at = base + 2 * part * c + j - part * width;
    float delta = partial[at] - mean;

    squares += partial[at + c] + delta * delta * float (min (chunk, positions - part * chunk));
  }
  float scale = inversesqrt (add_up (squares) / count + eps);

  for (uint k = group * width + lane; k < (group + 1) * width; k += LOCAL) {
    stats[2 * b * c + k] = mean;
    stats[(2 * b + 1) * c + k] = scale * weight[k];
  }
}
