/* Inquadra - channel order of host arrays.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-graph.h"

void
inq_nchw_to_nhwc (const float *in, float *out, gint64 n, gint64 c, gint64 h, gint64 w)
{
  gint64 area = h * w;

  for (gint64 b = 0; b < n; b++, in += c * area, out += c * area)
    for (gint64 k = 0; k < c; k++)
      for (gint64 p = 0; p < area; p++)
        out[p * c + k] = in[k * area + p];
}

void
inq_nhwc_to_nchw (const float *in, float *out, gint64 n, gint64 c, gint64 h, gint64 w)
{
  gint64 area = h * w;

  for (gint64 b = 0; b < n; b++, in += c * area, out += c * area)
    for (gint64 k = 0; k < c; k++)
      for (gint64 p = 0; p < area; p++)
        out[k * area + p] = in[p * c + k];
}
