#version 450
/* Inquadra - element-wise: activation, sum, scale and shift. Four elements an invocation.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout (constant_id = 1) const uint KIND = 0; /* 0 activate, 1 add, 2 scale */
layout (constant_id = 2) const uint ACT = 0;

layout (constant_id = 3) const uint HALVES = 0;

layout (set = 0, binding = 0) readonly buffer A { vec4 a[]; };
layout (set = 0, binding = 0) readonly buffer AHalf { uvec2 a_half[]; };
layout (set = 0, binding = 1) writeonly buffer Y { vec4 y[]; };
layout (set = 0, binding = 1) writeonly buffer YHalf { uvec2 y_half[]; };
layout (set = 0, binding = 2) readonly buffer B { vec4 b[]; };
layout (set = 0, binding = 2) readonly buffer BHalf { uvec2 b_half[]; };

layout (push_constant) uniform Push
{
  uint quads;
  float scale;
  float shift;
};

void main ()
{
  uint i = inq_linear_id ();

  if (i >= quads)
    return;
  vec4 x = INQ_HALVES (0) ? inq_unpack4 (a_half[i]) : a[i];
  if (KIND == 0)
    x = inq_activate (x, ACT);
  else if (KIND == 1)
    x += INQ_HALVES (2) ? inq_unpack4 (b_half[i]) : b[i];
  else
    x = x * scale + shift;
  if (INQ_HALVES (1))
    y_half[i] = inq_pack4 (x);
  else
    y[i] = x;
}
