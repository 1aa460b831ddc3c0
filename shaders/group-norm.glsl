/* Inquadra - shapes of the three group norm kernels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
layout (push_constant) uniform Push
{
  uint n, positions, c, groups; /* x is [n][positions][c] */
  uint chunk, chunks;           /* positions of a chunk; chunks of a picture */
  float eps;
};
