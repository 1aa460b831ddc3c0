/* Inquadra - test shader: keeps the device busy; every invocation does `rounds` dependent steps.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#version 450
layout (local_size_x = 64) in;
layout (std430, set = 0, binding = 0) buffer Y { uint y[]; };
layout (push_constant) uniform Push { uint rounds; } p;

void
main ()
{
  uint v = y[gl_GlobalInvocationID.x];

  for (uint i = 0; i < p.rounds; i++)
    v = v * 1664525u + 1013904223u;
  y[gl_GlobalInvocationID.x] = v;
}
