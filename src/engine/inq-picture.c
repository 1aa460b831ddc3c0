/* Inquadra - 8-bit RGB pictures in memory: making, copying, scaling.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-engine.h"

#include <math.h>
#include <string.h>

/* What a picture's side may be: that of inq_picture_from_png(). */
#define MAX_SIDE 16384

InqPicture *
inq_picture_new (int width, int height)
{
  g_return_val_if_fail (width > 0 && width <= MAX_SIDE && height > 0 && height <= MAX_SIDE, NULL);

  InqPicture *picture = g_new0 (InqPicture, 1);
  picture->width = width;
  picture->height = height;
  picture->rgb = g_malloc0 ((gsize) width * height * 3);
  return picture;
}

InqPicture *
inq_picture_copy (const InqPicture *picture)
{
  InqPicture *copy = inq_picture_new (picture->width, picture->height);

  memcpy (copy->rgb, picture->rgb, (gsize) picture->width * picture->height * 3);
  return copy;
}

void
inq_picture_free (InqPicture *picture)
{
  if (!picture)
    return;
  g_free (picture->rgb);
  g_free (picture);
}

/* The source pixels one destination pixel is made of. */
typedef struct {
  int first;
  int n;
  float *weights; /* [n], sum 1 */
} Span;

typedef struct {
  Span *spans; /* [to] */
  float *weights;
} Axis;

/* Cubic of Catmull and Rom (1974): Keys 1981 with a = -0.5. */
static double
cubic (double x)
{
  x = fabs (x);
  if (x < 1)
    return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2)
    return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

/* Weight of source pixel @i in destination pixel @o: by covered area going down, cubic going up. */
static double
axis_weight (int from, int to, int o, int i)
{
  double scale = (double) from / to;

  if (to < from)
    return MAX (0, MIN (i + 1, (o + 1) * scale) - MAX (i, o * scale));
  return cubic ((o + 0.5) * scale - 0.5 - i);
}

static void
axis_init (Axis *axis, int from, int to)
{
  double scale = (double) from / to;
  int most = to < from ? (int) ceil (scale) + 2 : 4;

  axis->spans = g_new0 (Span, to);
  axis->weights = g_new0 (float, (gsize) to *most);
  for (int o = 0; o < to; o++) {
    Span *span = &axis->spans[o];
    int first = to < from ? (int) floor (o * scale) : (int) floor ((o + 0.5) * scale - 0.5) - 1;
    double sum = 0;

    span->weights = axis->weights + (gsize) o * most;
    span->first = CLAMP (first, 0, from - 1);
    for (int k = 0; k < most; k++) {
      double weight = axis_weight (from, to, o, first + k);
      /* Beyond the edge the edge's pixel stands in. */
      int i = CLAMP (first + k, 0, from - 1);
      span->weights[i - span->first] += (float) weight;
      span->n = MAX (span->n, i - span->first + 1);
      sum += weight;
    }
    for (int k = 0; k < span->n; k++)
      span->weights[k] = (float) (span->weights[k] / sum);
  }
}

static void
axis_clear (Axis *axis)
{
  g_free (axis->spans);
  g_free (axis->weights);
}

InqPicture *
inq_picture_scale (const InqPicture *picture, int width, int height)
{
  g_return_val_if_fail (width > 0 && width <= MAX_SIDE && height > 0 && height <= MAX_SIDE, NULL);

  if (width == picture->width && height == picture->height)
    return inq_picture_copy (picture);

  Axis x_axis, y_axis;
  InqPicture *out = inq_picture_new (width, height);
  g_autofree float *row = g_new (float, (gsize) picture->width * 3);

  axis_init (&x_axis, picture->width, width);
  axis_init (&y_axis, picture->height, height);
  for (int y = 0; y < height; y++) {
    const Span *ys = &y_axis.spans[y];
    guint8 *to = out->rgb + (gsize) y * width * 3;

    /* One row [picture->width, 3] mixed of the source rows, then squeezed or stretched sideways. */
    memset (row, 0, sizeof (float) * picture->width * 3);
    for (int k = 0; k < ys->n; k++) {
      const guint8 *from = picture->rgb + (gsize) (ys->first + k) * picture->width * 3;
      for (gsize i = 0; i < (gsize) picture->width * 3; i++)
        row[i] += ys->weights[k] * from[i];
    }
    for (int x = 0; x < width; x++) {
      const Span *xs = &x_axis.spans[x];
      float sum[3] = { 0, 0, 0 };
      for (int k = 0; k < xs->n; k++)
        for (int c = 0; c < 3; c++)
          sum[c] += xs->weights[k] * row[(gsize) (xs->first + k) * 3 + c];
      for (int c = 0; c < 3; c++)
        to[x * 3 + c] = (guint8) CLAMP (sum[c] + 0.5f, 0, 255);
    }
  }
  axis_clear (&x_axis);
  axis_clear (&y_axis);
  return out;
}
