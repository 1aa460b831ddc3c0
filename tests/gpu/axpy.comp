/* Inquadra - test shader: y = scale * x + y * SPEC, one element per invocation.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#version 450
layout (local_size_x = 64, local_size_x_id = 0) in;
layout (constant_id = 1) const int FACTOR = 1;

layout (std430, set = 0, binding = 0) readonly buffer X { float x[]; };
layout (std430, set = 0, binding = 1) buffer Y { float y[]; };
layout (push_constant) uniform Push { uint n; float scale; } p;

void
main ()
{
  uint i = gl_GlobalInvocationID.x;

  if (i < p.n)
    y[i] = p.scale * x[i] + float (FACTOR) * y[i];
}
