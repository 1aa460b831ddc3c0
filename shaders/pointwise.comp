#version 450
/* Inquadra - element-wise: activation, sum, scale and shift. Four elements an invocation.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout (constant_id = 1) const uint KIND = 0; /* 0 activate, 1 add, 2 scale */
layout (constant_id = 2) const uint ACT = 0;

layout (set = 0, binding = 0) readonly buffer A { vec4 a[]; };
layout (set = 0, binding = 1) writeonly buffer Y { vec4 y[]; };
layout (set = 0, binding = 2) readonly buffer B { vec4 b[]; };

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
  vec4 x = a[i];
  if (KIND == 0)
    x = inq_activate (x, ACT);
  else if (KIND == 1)
    x += b[i];
  else
    x = x * scale + shift;
  y[i] = x;
}
