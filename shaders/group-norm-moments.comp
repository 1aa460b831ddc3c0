#version 450
/* Inquadra - group norm, step 1: mean and sum of squared deviations of a chunk of positions of one group.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "group-norm.glsl"


layout (set = 0, binding = 0) readonly buffer X { float x[]; };
layout (set = 0, binding = 1) writeonly buffer Partial { float partial[]; }; /* [n][chunks][groups][2] */

void main ()
{
  uint i = inq_linear_id ();
  uint group = i % groups, part = i / groups % chunks, b = i / groups / chunks;
  uint width = c / groups;

  if (b >= n)
    return;
  uint first = part * chunk, last = min (first + chunk, positions);
  uint at = (b * positions + first) * c + group * width;
  /* sums about a value of the chunk: a large common mean cancels nothing */
  float origin = x[at], sum = 0.0, squares = 0.0;

  for (uint p = first; p < last; p++) {
    for (uint k = 0; k < width; k++) {
      float d = x[at + k] - origin;

      sum += d;
      squares += d * d;
    }
    at += c;
  }
  float count = float ((last - first) * width), mean = sum / count;

  partial[2 * i] = origin + mean;
  partial[2 * i + 1] = max (squares - sum * mean, 0.0);
}
