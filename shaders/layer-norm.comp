#version 450
/* Inquadra - layer norm of a row: by one invocation (CPU) or by a work group (GPU).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout (constant_id = 1) const uint LANES = 1; /* 1, or the local size */
layout (constant_id = 2) const bool QUADS = false;
layout (constant_id = 3) const uint HALVES = 0; /* of x and y, only with QUADS */

#include "input.glsl"

#ifdef TEXELS
layout (set = 0, binding = 1) uniform usamplerBuffer weight4;
layout (set = 0, binding = 2) uniform usamplerBuffer bias4;
#else
layout (set = 0, binding = 1) readonly buffer Weight { float weight[]; };
layout (set = 0, binding = 1) readonly buffer Weight4 { vec4 weight4[]; };
layout (set = 0, binding = 2) readonly buffer Bias { float bias[]; };
layout (set = 0, binding = 2) readonly buffer Bias4 { vec4 bias4[]; };
#endif
layout (set = 0, binding = 3) writeonly buffer Y { float y[]; };
layout (set = 0, binding = 3) writeonly buffer Y4 { vec4 y4[]; };
layout (set = 0, binding = 3) writeonly buffer YHalf { uvec2 y_half[]; };

layout (push_constant) uniform Push
{
  uint rows, c;
  float eps;
};

shared vec2 moments[LANES];

void main ()
{
  uint id = inq_linear_id ();
  uint row = id / LANES, lane = id % LANES;

  if (row >= rows) /* whole groups only when LANES > 1, so barriers below stay uniform */
    return;
  uint step4 = QUADS ? c / 4 : c, base = row * step4;
  /* sums about the row's first value */
  float origin = QUADS ? inq_x4 (base).x : inq_x (row * c), sum = 0.0, squares = 0.0;

  for (uint k = lane; k < step4; k += LANES) {
    if (QUADS) {
      vec4 d = inq_x4 (base + k) - origin;

      sum += d.x + d.y + d.z + d.w;
      squares += dot (d, d);
    } else {
      float d = inq_x (base + k) - origin;

      sum += d;
      squares += d * d;
    }
  }
  if (LANES > 1) {
    moments[lane] = vec2 (sum, squares);
    barrier ();
    for (uint width = LANES / 2; width > 0; width /= 2) {
      if (lane < width)
        moments[lane] += moments[lane + width];
      barrier ();
    }
    sum = moments[0].x;
    squares = moments[0].y;
  }
  float mean = sum / float (c);
  float scale = inversesqrt (max (squares - sum * mean, 0.0) / float (c) + eps);

  mean += origin;
  for (uint k = lane; k < step4; k += LANES) {
    if (QUADS) {
      vec4 o = (inq_x4 (base + k) - mean) * scale * INQ_AT4 (weight4, k) + INQ_AT4 (bias4, k);

      if (INQ_HALVES (3))
        y_half[base + k] = inq_pack4 (o);
      else
        y4[base + k] = o;
    } else
      y[base + k] = (inq_x (base + k) - mean) * scale * INQ_AT (weight, weight4, k) + INQ_AT (bias, bias4, k);
  }
}
