#version 450
/* Inquadra - attention with online softmax: one query of one head an invocation.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "common.glsl"

layout (constant_id = 1) const uint D = 32; /* channels of a head */
layout (constant_id = 2) const bool CAUSAL = false;

/* all [n][tokens][heads * D] */
layout (set = 0, binding = 0) readonly buffer Q { float q[]; };
layout (set = 0, binding = 0) readonly buffer Q4 { vec4 q4[]; };
layout (set = 0, binding = 1) readonly buffer K { float k[]; };
layout (set = 0, binding = 1) readonly buffer K4 { vec4 k4[]; };
layout (set = 0, binding = 2) readonly buffer V { float v[]; };
layout (set = 0, binding = 2) readonly buffer V4 { vec4 v4[]; };
layout (set = 0, binding = 3) writeonly buffer Y { float y[]; };
layout (set = 0, binding = 3) writeonly buffer Y4 { vec4 y4[]; };

layout (push_constant) uniform Push
{
  uint n, heads, tq, tk;
  float scale;
};

const uint QUADS = (D + 3) / 4;
const bool WHOLE = D % 4 == 0;

#define LOAD4(name, at, i)                                                                                             \
  (WHOLE ? name##4[((at) >> 2) + (i)]                                                                                  \
         : vec4 (name[(at) + 4 * (i)], 4 * (i) + 1 < D ? name[(at) + 4 * (i) + 1] : 0.0,                               \
                 4 * (i) + 2 < D ? name[(at) + 4 * (i) + 2] : 0.0, 4 * (i) + 3 < D ? name[(at) + 4 * (i) + 3] : 0.0))

void main ()
{
  uint id = inq_linear_id ();
  uint t = id % tq, head = id / tq % heads, b = id / tq / heads;
  uint pitch = heads * D;

  if (b >= n)
    return;
  uint q_at = (b * tq + t) * pitch + head * D;
  vec4 query[QUADS], acc[QUADS];

  [[unroll]] for (uint i = 0; i < QUADS; i++)
  {
    query[i] = LOAD4 (q, q_at, i) * scale;
    acc[i] = vec4 (0.0);
  }
  uint keys = CAUSAL ? min (tk, t + 1) : tk;
  uint at = b * tk * pitch + head * D;
  float peak = -3.0e38, total = 0.0;

  for (uint j = 0; j < keys; j++) {
    vec4 dots = vec4 (0.0);

    [[unroll]] for (uint i = 0; i < QUADS; i++)
      dots += query[i] * LOAD4 (k, at, i);
    float s = (dots.x + dots.y) + (dots.z + dots.w);
    float higher = max (peak, s), keep = exp (peak - higher), p = exp (s - higher);

    peak = higher;
    total = total * keep + p;
    [[unroll]] for (uint i = 0; i < QUADS; i++)
      acc[i] = acc[i] * keep + LOAD4 (v, at, i) * p;
    at += pitch;
  }
  float over = 1.0 / total;
  [[unroll]] for (uint i = 0; i < QUADS; i++)
  {
    vec4 o = acc[i] * over;

    if (WHOLE) {
      y4[(q_at >> 2) + i] = o;
    } else {
      y[q_at + 4 * i] = o.x;
      if (4 * i + 1 < D)
        y[q_at + 4 * i + 1] = o.y;
      if (4 * i + 2 < D)
        y[q_at + 4 * i + 2] = o.z;
      if (4 * i + 3 < D)
        y[q_at + 4 * i + 3] = o.w;
    }
  }
}
