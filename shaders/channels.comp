#version 450
/* Inquadra - copies a run of channels of every row: concat and slice.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout (constant_id = 1) const bool QUADS = false; /* every number below but rows is a multiple of 4 */

layout (set = 0, binding = 0) readonly buffer X { float x[]; };
layout (set = 0, binding = 0) readonly buffer X4 { vec4 x4[]; };
layout (set = 0, binding = 1) writeonly buffer Y { float y[]; };
layout (set = 0, binding = 1) writeonly buffer Y4 { vec4 y4[]; };

layout (push_constant) uniform Push
{
  uint rows, count;
  uint from_pitch, from_first;
  uint to_pitch, to_first;
};

void main ()
{
  uint i = inq_linear_id ();
  uint run = QUADS ? count / 4 : count;
  uint row = i / run, k = i % run;

  if (row >= rows)
    return;
  if (QUADS)
    y4[(row * to_pitch + to_first) / 4 + k] = x4[(row * from_pitch + from_first) / 4 + k];
  else
    y[row * to_pitch + to_first + k] = x[row * from_pitch + from_first + k];
}
