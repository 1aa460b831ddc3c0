#version 450
/* Inquadra - group norm, step 1: mean and sum of squared deviations of every channel over a chunk of positions.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "group-norm.glsl"

layout (constant_id = 1) const bool QUADS = false;
layout (constant_id = 2) const uint HALVES = 0; /* of x, only with QUADS */

#include "input.glsl"
layout (set = 0, binding = 1) writeonly buffer Partial { float partial[]; }; /* [n][chunks][2][c] */
layout (set = 0, binding = 1) writeonly buffer Partial4 { vec4 partial4[]; };

void main ()
{
  uint i = inq_linear_id ();
  uint width = QUADS ? c / 4 : c;
  uint k = i % width, part = i / width;

  if (part >= n * chunks)
    return;
  uint b = part / chunks;
  uint first = (part - b * chunks) * chunk, last = min (first + chunk, positions);
  uint at = (b * positions + first) * width + k;
  /* sums about a value of the chunk: a large common mean cancels nothing */
  vec4 origin = QUADS ? inq_x4 (at) : vec4 (inq_x (at)), sum = vec4 (0.0), squares = vec4 (0.0);

  for (uint p = first; p < last; p++) {
    vec4 d = (QUADS ? inq_x4 (at) : vec4 (inq_x (at))) - origin;

    sum += d;
    squares += d * d;
    at += width;
  }
  vec4 mean = sum / float (last - first);

  squares = max (squares - sum * mean, 0.0);
  if (QUADS) {
    partial4[2 * part * width + k] = origin + mean;
    partial4[(2 * part + 1) * width + k] = squares;
  } else {
    partial[2 * part * width + k] = origin.x + mean.x;
    partial[(2 * part + 1) * width + k] = squares.x;
  }
}
