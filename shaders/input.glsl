/* Inquadra - x of the element-wise and norm kernels, at binding 0. The including shader declares HALVES, and QUADS where
 * x is read in fours.
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifdef TEXELS /* only with QUADS */
layout (set = 0, binding = 0) uniform usamplerBuffer x4;
#else
layout (set = 0, binding = 0) readonly buffer X { float x[]; };
layout (set = 0, binding = 0) readonly buffer X4 { vec4 x4[]; };
layout (set = 0, binding = 0) readonly buffer XHalf { uvec2 x_half[]; };
#endif

vec4 inq_x4 (uint i)
{
#ifndef TEXELS
  if (INQ_HALVES (0))
    return inq_unpack4 (x_half[i]);
#endif
  return INQ_AT4 (x4, i);
}

float inq_x (uint i)
{
  return INQ_AT (x, x4, i);
}
