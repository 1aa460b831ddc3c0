#version 450
/* Inquadra - GEGLU: first half times gelu of the second half (Shazeer 2020).
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
};

void main ()
{
  uint i = inq_linear_id ();

  if (QUADS) {
    uint q = c / 4, row = i / q, k = i % q;

    if (row >= rows)
      return;
    vec4 gate = x4[(row * 2 + 1) * q + k];
    y4[i] = x4[row * 2 * q + k] * inq_activate (gate, ACT_GELU);
  } else {
    uint row = i / c, k = i % c;

    if (row >= rows)
      return;
    y[i] = x[row * 2 * c + k] * inq_gelu (x[(row * 2 + 1) * c + k]);
  }
}
