/* Inquadra - classifier-free guidance, and its rescaling.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-guidance.h"

#include <math.h>

static double
deviation (const float *values, gsize n)
{
  double mean = 0, squares = 0;

  for (gsize i = 0; i < n; i++)
    mean += values[i];
  mean /= (double) n;
  for (gsize i = 0; i < n; i++)
    squares += (values[i] - mean) * (values[i] - mean);
  return sqrt (squares / (double) n);
}

void
inq_guide (const float *uncond, const float *cond, float *out, gsize n, double cfg, double rescale)
{
  float scale = (float) cfg, factor;
  double wanted = rescale > 0 && n > 0 ? deviation (cond, n) : 0, is;

  for (gsize i = 0; i < n; i++)
    out[i] = uncond[i] + scale * (cond[i] - uncond[i]);
  if (!(rescale > 0) || n == 0)
    return;
  is = deviation (out, n);
  if (!(is > 0))
    return;
  factor = (float) (rescale * wanted / is + (1 - rescale));
  for (gsize i = 0; i < n; i++)
    out[i] *= factor;
}
