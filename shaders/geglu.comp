#version 450
/* Inquadra - GEGLU: first half times gelu of the second half (Shazeer 2020). A lane takes one channel, or four, of a run
 * of rows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout (constant_id = 1) const bool QUADS = false; /* c % 4 == 0 */

layout (set = 0, binding = 0) readonly buffer X { float x[]; };
layout (set = 0, binding = 0) readonly buffer X4 { vec4 x4[]; };
layout (set = 0, binding = 1) writeonly buffer Y { float y[]; };
layout (set = 0, binding = 1) writeonly buffer Y4 { vec4 y4[]; };

layout (push_constant) uniform Push
{
  uint rows; /* x is [rows][2 c], y is [rows][c] */
  uint c;
  uint run;
};

void main ()
{
  uint i = inq_linear_id ();
  uint width = QUADS ? c / 4 : c;
  uint k = i % width, first = i / width * run, last = min (first + run, rows);

  for (uint row = first; row < last; row++) {
    if (QUADS)
      y4[row * width + k] = x4[row * 2 * width + k] * inq_activate (x4[(row * 2 + 1) * width + k], ACT_GELU);
    else
      y[row * width + k] = x[row * 2 * width + k] * inq_gelu (x[(row * 2 + 1) * width + k]);
  }
}
