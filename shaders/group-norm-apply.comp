#version 450
/* Inquadra - group norm, step 3: y = act((x - mean) / deviation * weight + bias).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "group-norm.glsl"

layout (constant_id = 1) const uint ACT = 0;
layout (constant_id = 2) const bool QUADS = false; /* c % 4 == 0 */

layout (set = 0, binding = 0) readonly buffer X { float x[]; };
layout (set = 0, binding = 0) readonly buffer X4 { vec4 x4[]; };
layout (set = 0, binding = 1) readonly buffer Stats { vec2 stats[]; }; /* [n][groups] mean, 1 / deviation */
layout (set = 0, binding = 2) readonly buffer Weight { float weight[]; };
layout (set = 0, binding = 2) readonly buffer Weight4 { vec4 weight4[]; };
layout (set = 0, binding = 3) readonly buffer Bias { float bias[]; };
layout (set = 0, binding = 3) readonly buffer Bias4 { vec4 bias4[]; };
layout (set = 0, binding = 4) writeonly buffer Y { float y[]; };
layout (set = 0, binding = 4) writeonly buffer Y4 { vec4 y4[]; };

void main ()
{
  uint i = inq_linear_id ();
  uint per = QUADS ? c / 4 : c; /* items of a row */
  uint k = i % per, b = i / per / positions;
  uint width = c / groups;

  if (b >= n)
    return;
  if (QUADS) {
    /* a group may begin inside the four */
    uint g = b * groups, ch = 4 * k;
    uint g0 = ch / width, g3 = (ch + 3) / width;
    vec2 a = stats[g + g0], d = a, s1 = a, s2 = a;

    if (g3 != g0) {
      s1 = stats[g + (ch + 1) / width];
      s2 = stats[g + (ch + 2) / width];
      d = stats[g + g3];
    }
    vec4 v = (x4[i] - vec4 (a.x, s1.x, s2.x, d.x)) * vec4 (a.y, s1.y, s2.y, d.y);
    y4[i] = inq_activate (v * weight4[k] + bias4[k], ACT);
  } else {
    vec2 s = stats[b * groups + k / width];

    y[i] = inq_activate ((x[i] - s.x) * s.y * weight[k] + bias[k], ACT);
  }
}
