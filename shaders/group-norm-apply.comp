#version 450
/* Inquadra - group norm, step 3: y = act((x - mean) * (weight / deviation) + bias).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "group-norm.glsl"

layout (constant_id = 1) const bool QUADS = false;
layout (constant_id = 2) const uint ACT = 0;
layout (constant_id = 3) const uint HALVES = 0; /* of x and y, only with QUADS */

#include "input.glsl"

#ifdef TEXELS
layout (set = 0, binding = 1) uniform usamplerBuffer stats4; /* [n][2][c] */
layout (set = 0, binding = 2) uniform usamplerBuffer bias4;
#else
layout (set = 0, binding = 1) readonly buffer Stats { float stats[]; }; /* [n][2][c] */
layout (set = 0, binding = 1) readonly buffer Stats4 { vec4 stats4[]; };
layout (set = 0, binding = 2) readonly buffer Bias { float bias[]; };
layout (set = 0, binding = 2) readonly buffer Bias4 { vec4 bias4[]; };
#endif
layout (set = 0, binding = 3) writeonly buffer Y { float y[]; };
layout (set = 0, binding = 3) writeonly buffer Y4 { vec4 y4[]; };
layout (set = 0, binding = 3) writeonly buffer YHalf { uvec2 y_half[]; };

void main ()
{
  uint i = inq_linear_id ();
  uint width = QUADS ? c / 4 : c, runs = (positions + run - 1) / run;
  uint k = i % width, part = i / width;

  if (part >= n * runs)
    return;
  uint b = part / runs;
  uint first = (part - b * runs) * run, last = min (first + run, positions);
  uint at = (b * positions + first) * width + k;

  if (QUADS) {
    vec4 mean = INQ_AT4 (stats4, 2 * b * width + k), scale = INQ_AT4 (stats4, (2 * b + 1) * width + k);
    vec4 shift = INQ_AT4 (bias4, k);

    for (uint p = first; p < last; p++) {
      vec4 v = inq_x4 (at);

      v = inq_activate ((v - mean) * scale + shift, ACT);
      if (INQ_HALVES (3))
        y_half[at] = inq_pack4 (v);
      else
        y4[at] = v;
      at += width;
    }
  } else {
    float mean = INQ_AT (stats, stats4, 2 * b * width + k), scale = INQ_AT (stats, stats4, (2 * b + 1) * width + k);
    float shift = INQ_AT (bias, bias4, k);

    for (uint p = first; p < last; p++) {
      y[at] = inq_activate ((inq_x (at) - mean) * scale + shift, ACT);
      at += width;
    }
  }
}
