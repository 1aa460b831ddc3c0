#version 450
/* Inquadra - copies some channels of every row: concat and slice. A lane takes one channel, or four, of a run of rows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout (constant_id = 1) const bool QUADS = false; /* counts, pitches and first channels are multiples of 4 */
layout (constant_id = 2) const uint HALVES = 0;    /* y only with QUADS */

#include "input.glsl"
layout (set = 0, binding = 1) writeonly buffer Y { float y[]; };
layout (set = 0, binding = 1) writeonly buffer Y4 { vec4 y4[]; };
layout (set = 0, binding = 1) writeonly buffer YHalf { uvec2 y_half[]; };

layout (push_constant) uniform Push
{
  uint rows, count;
  uint from_pitch, from_first;
  uint to_pitch, to_first;
  uint run;
};

void main ()
{
  uint i = inq_linear_id ();
  uint unit = QUADS ? 4 : 1, width = count / unit;
  uint k = i % width, first = i / width * run, last = min (first + run, rows);

  for (uint row = first; row < last; row++) {
    uint from = (row * from_pitch + from_first) / unit + k, to = (row * to_pitch + to_first) / unit + k;

    if (QUADS) {
#ifndef TEXELS
      if (INQ_HALVES (0) && INQ_HALVES (1)) {
        y_half[to] = x_half[from];
        continue;
      }
#endif
      if (INQ_HALVES (1))
        y_half[to] = inq_pack4 (inq_x4 (from));
      else
        y4[to] = inq_x4 (from);
    } else {
      y[to] = INQ_HALVES (0) ? inq_x4 (from / 4)[from % 4] : inq_x (from);
    }
  }
}
