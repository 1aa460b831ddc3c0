#version 450
/* Inquadra - GEGLU: first half times gelu of the second half (Shazeer 2020). A lane takes one channel, or four, of a run
 * of rows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout (constant_id = 1) const bool QUADS = false; /* c % 4 == 0 */
layout (constant_id = 2) const uint HALVES = 0;    /* only with QUADS */

#include "input.glsl"
layout (set = 0, binding = 1) writeonly buffer Y { float y[]; };
layout (set = 0, binding = 1) writeonly buffer Y4 { vec4 y4[]; };
layout (set = 0, binding = 1) writeonly buffer YHalf { uvec2 y_half[]; };

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
    if (QUADS) {
      vec4 o = inq_x4 (row * 2 * width + k) * inq_activate (inq_x4 ((row * 2 + 1) * width + k), ACT_GELU);

      if (INQ_HALVES (1))
        y_half[row * width + k] = inq_pack4 (o);
      else
        y4[row * width + k] = o;
    } else
      y[row * width + k] = inq_x (row * 2 * width + k) * inq_gelu (inq_x ((row * 2 + 1) * width + k));
  }
}
