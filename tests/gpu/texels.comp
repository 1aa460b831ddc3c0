/* Inquadra - test shader: y = x, read as texels of 16 bytes.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#version 450
layout (local_size_x = 8) in;

layout (set = 0, binding = 0) uniform usamplerBuffer x;
layout (std430, set = 0, binding = 1) writeonly buffer Y { uvec4 y[]; };
layout (push_constant) uniform Push { uint n; } p;

void
main ()
{
  uint i = gl_GlobalInvocationID.x;

  if (i < p.n)
    y[i] = texelFetch (x, int (i));
}
