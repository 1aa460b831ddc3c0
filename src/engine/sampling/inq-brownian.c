/* Inquadra - Brownian motion over noise levels, the same path however finely it is walked.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-brownian.h"

#include <math.h>

/* Leaves are 1/4096 of the path in log sigma (0.15 % of sigma for Stable Diffusion's): less than any two points of a
 * run of 150 steps are apart, so no two share a leaf. */
#define DEPTH 12

/* Adds the bridge's value at @at, between the values @a at @from and @b at @to, to @out. */
static void
bridge (const float *a, const float *b, const float *z, double from, double to, double at, float *out, gsize n)
{
  double w = (at - from) / (to - from), spread = sqrt (MAX (0, (at - from) * (to - at) / (to - from)));

  for (gsize i = 0; i < n; i++)
    out[i] = (float) (a[i] + w * (b[i] - a[i]) + spread * z[i]);
}

/* @at lies within the path's ends. */
static void
value_at (const InqBrownian *path, double at, float *out, gsize n)
{
  double from = path->low, to = path->high;
  g_autofree float *a = g_new0 (float, n);
  g_autofree float *b = g_new (float, n);
  g_autofree float *z = g_new (float, n);
  guint32 node = 1;

  path->noise (1, b, n, path->data);
  for (gsize i = 0; i < n; i++)
    b[i] = (float) (sqrt (to - from) * b[i]);
  for (int depth = 0; depth < DEPTH; depth++) {
    double middle = sqrt (from * to);
    gboolean above = at >= middle;
    float *end = above ? a : b;
    path->noise (node + 1, z, n, path->data);
    bridge (a, b, z, from, to, middle, end, n);
    if (above)
      from = middle;
    else
      to = middle;
    node = 2 * node + above;
  }
  path->noise (node + 1, z, n, path->data);
  bridge (a, b, z, from, to, at, out, n);
}

void
inq_brownian_increment (const InqBrownian *path, double from, double to, float *out, gsize n)
{
  double high = CLAMP (from, path->low, path->high), low = CLAMP (to, path->low, path->high);
  g_autofree float *below = g_new (float, n);
  double scale = high > low ? 1 / sqrt (high - low) : 0;

  value_at (path, high, out, n);
  value_at (path, low, below, n);
  for (gsize i = 0; i < n; i++)
    out[i] = (float) (scale * (out[i] - below[i]));
}
