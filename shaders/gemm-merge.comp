#version 450
/* Inquadra - the parts of a split sum added in order, with what follows a matrix product: bias, activation, residual.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * No atomics: the result does not depend on which part was done first. An invocation takes four channels. */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout (constant_id = 1) const uint ACT = 0;
layout (constant_id = 2) const bool RESIDUAL = false;
layout (constant_id = 3) const bool OUT_QUADS = false; /* columns % 4 == 0 */
layout (constant_id = 4) const uint HALVES = 0;        /* y and the residual; x is the parts, f32 [sibling][part][rows][pitch] */
const uint WEIGHTS = 0;

#define SIBLINGS
#include "gemm.glsl"

void main ()
{
  uint i = inq_linear_id (), quads = pitch / 4;
  uint which = i / (rows * quads), row = i / quads - which * rows, col = i % quads * 4;

  if (which > flags >> 8 || col >= columns)
    return;
  inq_take_sibling (which);
  vec4 sum = vec4 (0.0);

  for (uint p = 0; p < part; p++) /* here: how many there are */
    sum += x4[((which * part + p) * rows + row) * quads + col / 4];
  inq_store4 (row, col, sum, inq_bias4 (col, row / (oh * ow)));
}
