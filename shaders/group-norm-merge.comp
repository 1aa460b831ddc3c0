#version 450
/* Inquadra - group norm, step 2: moments of the chunks to mean and 1 / deviation of a group (Chan et al. 1979).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "group-norm.glsl"


layout (set = 0, binding = 0) readonly buffer Partial { float partial[]; }; /* [n][chunks][groups][2] */
layout (set = 0, binding = 1) writeonly buffer Stats { float stats[]; };    /* [n][groups][2] */

void main ()
{
  uint i = inq_linear_id ();
  uint group = i % groups, b = i / groups;
  float width = float (c / groups);

  if (b >= n)
    return;
  float count = 0.0, mean = 0.0, squares = 0.0;
  for (uint part = 0; part < chunks; part++) {
    uint at = 2 * ((b * chunks + part) * groups + group);
    float more = float (min (chunk, positions - part * chunk)) * width;
    float delta = partial[at] - mean, total = count + more;

    mean += delta * (more / total);
    squares += partial[at + 1] + delta * delta * (count * more / total);
    count = total;
  }
  stats[2 * i] = mean;
  stats[2 * i + 1] = inversesqrt (squares / count + eps);
}
