#version 450
/* Inquadra - group norm, step 2: moments of the chunks to mean and weight / deviation of every channel (Chan et al. 1979).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "group-norm.glsl"

layout (set = 0, binding = 0) readonly buffer Partial { float partial[]; }; /* [n][chunks][2][c] */
layout (set = 0, binding = 1) readonly buffer Weight { float weight[]; };
layout (set = 0, binding = 2) writeonly buffer Stats { float stats[]; }; /* [n][2][c] */

void main ()
{
  uint i = inq_linear_id ();
  uint group = i % groups, b = i / groups;
  uint width = c / groups;

  if (b >= n)
    return;
  float count = 0.0, mean = 0.0, squares = 0.0;
  for (uint part = 0; part < chunks; part++) {
    uint at = 2 * (b * chunks + part) * c + group * width;
    float more = float (min (chunk, positions - part * chunk));

    for (uint k = 0; k < width; k++) {
      float delta = partial[at + k] - mean, total = count + more, share = more / total;

      mean += delta * share;
      squares += partial[at + c + k] + delta * delta * count * share;
      count = total;
    }
  }
  float scale = inversesqrt (squares / count + eps);

  for (uint k = group * width; k < (group + 1) * width; k++) {
    stats[2 * b * c + k] = mean;
    stats[(2 * b + 1) * c + k] = scale * weight[k];
  }
}
