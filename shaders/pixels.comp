#version 450
/* Inquadra - pixel unshuffle, pixel shuffle (channel order of torch: c * r * r + dy * r + dx), nearest x2.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout (constant_id = 1) const uint KIND = 0; /* 0 unshuffle, 1 shuffle, 2 upsample */
layout (constant_id = 2) const uint HALVES = 0; /* of x only */

layout (set = 0, binding = 0) readonly buffer X { float x[]; };
layout (set = 0, binding = 0) readonly buffer XHalf { uvec2 x_half[]; };
layout (set = 0, binding = 1) writeonly buffer Y { float y[]; };

layout (push_constant) uniform Push
{
  uint n, h, w, c; /* of y */
  uint ih, iw, ic;
  uint r;
};

void main ()
{
  uint i = inq_linear_id ();
  uint k = i % c, col = i / c % w, row = i / c / w % h, b = i / c / w / h;
  uint iy, ix, ik;

  if (b >= n)
    return;
  if (KIND == 0) {
    uint tap = k % (r * r);

    ik = k / (r * r);
    iy = row * r + tap / r;
    ix = col * r + tap % r;
  } else if (KIND == 1) {
    iy = row / r;
    ix = col / r;
    ik = k * r * r + row % r * r + col % r;
  } else {
    iy = row / 2;
    ix = col / 2;
    ik = k;
  }
  uint at = ((b * ih + iy) * iw + ix) * ic + ik;

  y[i] = INQ_HALVES (0) ? inq_unpack4 (x_half[at / 4])[at % 4] : x[at];
}
