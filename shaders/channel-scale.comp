#version 450
/* Inquadra - y = act((x - mean) * scale + shift), each of one number a channel: group norm whose moments are known.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout (constant_id = 1) const bool QUADS = false;
layout (constant_id = 2) const uint ACT = 0;

layout (set = 0, binding = 0) readonly buffer X { float x[]; };
layout (set = 0, binding = 0) readonly buffer X4 { vec4 x4[]; };
layout (set = 0, binding = 1) readonly buffer How { float how[]; }; /* [3][c]: mean, scale, shift */
layout (set = 0, binding = 1) readonly buffer How4 { vec4 how4[]; };
layout (set = 0, binding = 2) writeonly buffer Y { float y[]; };
layout (set = 0, binding = 2) writeonly buffer Y4 { vec4 y4[]; };

layout (push_constant) uniform Push
{
  uint positions, c;
  uint run; /* positions of one invocation */
};

void main ()
{
  uint i = inq_linear_id ();
  uint width = QUADS ? c / 4 : c;
  uint k = i % width, first = i / width * run, last = min (first + run, positions);
  uint at = first * width + k;

  if (QUADS) {
    vec4 mean = how4[k], scale = how4[width + k], shift = how4[2 * width + k];

    for (uint p = first; p < last; p++) {
      y4[at] = inq_activate ((x4[at] - mean) * scale + shift, ACT);
      at += width;
    }
  } else {
    float mean = how[k], scale = how[width + k], shift = how[2 * width + k];

    for (uint p = first; p < last; p++) {
      y[at] = inq_activate ((x[at] - mean) * scale + shift, ACT);
      at += width;
    }
  }
}
