/* Inquadra - bench shader: C = A B in f32, one register tile of TM x TN per invocation; buffers bound, or by address.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A is m x k, B k x n, C m x n, row-major. The columns of a tile lie LANES apart, so that neighbours read neighbours.
 */
#version 450
#ifdef ADDRESS
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference_uvec2 : require
#endif

layout (local_size_x_id = 0) in;
layout (constant_id = 0) const uint LANES = 64;
layout (constant_id = 1) const uint TM = 4;
layout (constant_id = 2) const uint TN = 4;

#ifdef ADDRESS
layout (buffer_reference, std430, buffer_reference_align = 16) readonly buffer In { float v[]; };
layout (buffer_reference, std430, buffer_reference_align = 16) writeonly buffer Out { float v[]; };
layout (push_constant) uniform Push { uint m, n, k, pad; uvec2 a, b, c; } p;
#define A In (p.a)
#define B In (p.b)
#define C Out (p.c)
#else
layout (std430, set = 0, binding = 0) readonly buffer BufferA { float v[]; } A;
layout (std430, set = 0, binding = 1) readonly buffer BufferB { float v[]; } B;
layout (std430, set = 0, binding = 2) writeonly buffer BufferC { float v[]; } C;
layout (push_constant) uniform Push { uint m, n, k; } p;
#endif

void
main ()
{
  uint column = gl_WorkGroupID.x * LANES * TN + gl_LocalInvocationID.x;
  uint row = gl_WorkGroupID.y * TM;
  float sum[TM][TN];

  for (uint i = 0; i < TM; i++)
    for (uint j = 0; j < TN; j++)
      sum[i][j] = 0.0;
  for (uint k = 0; k < p.k; k++) {
    float b[TN];

    for (uint j = 0; j < TN; j++)
      b[j] = B.v[k * p.n + column + j * LANES];
    for (uint i = 0; i < TM; i++) {
      float a = A.v[(row + i) * p.k + k];

      for (uint j = 0; j < TN; j++)
        sum[i][j] += a * b[j];
    }
  }
  for (uint i = 0; i < TM; i++)
    for (uint j = 0; j < TN; j++)
      C.v[(row + i) * p.n + column + j * LANES] = sum[i][j];
}
