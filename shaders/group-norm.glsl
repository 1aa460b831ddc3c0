/* Inquadra - shapes of the three group norm kernels.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A lane takes one channel, or four neighbouring ones (UNIT 4, c % 4 == 0), of a run of positions: no division per
 * element, and neighbouring lanes read neighbouring bytes. */
layout (push_constant) uniform Push
{
  uint n, positions, c, groups; /* x is [n][positions][c] */
  uint chunk, chunks;           /* positions whose moments are taken together; chunks of a picture */
  uint run;                     /* positions of one invocation of the last step */
  float eps;
};
