/* Inquadra - pictures at the size they are shown, pixel for pixel.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-resample.h"

#include <math.h>

/* What one output sample takes from the input: @n weights from @first, summing to 1. */
typedef struct {
  int first, n;
  float *weights;
} Tap;

/* Keys 1981, a = -0.5. */
static double
catmull_rom (double x)
{
  x = fabs (x);
  if (x < 1)
    return 1 + x * x * (1.5 * x - 2.5);
  if (x < 2)
    return 2 + x * (-4 + x * (2.5 - 0.5 * x));
  return 0;
}

static Tap *
make_taps (int from, int to, float **weights)
{
  double ratio = (double) from / to, spread = MAX (1, ratio);
  int most = (int) ceil (4 * spread) + 2;
  Tap *taps = g_new (Tap, to);

  *weights = g_new (float, (gsize) to *most);
  for (int i = 0; i < to; i++) {
    double centre = (i + 0.5) * ratio - 0.5, sum = 0;
    int first = MAX (0, (int) ceil (centre - 2 * spread)), last = MIN (from - 1, (int) floor (centre + 2 * spread));
    Tap *tap = &taps[i];
    tap->first = first;
    tap->n = last - first + 1;
    tap->weights = *weights + (gsize) i * most;
    for (int j = 0; j < tap->n; j++)
      sum += tap->weights[j] = catmull_rom ((first + j - centre) / spread);
    for (int j = 0; j < tap->n; j++)
      tap->weights[j] /= sum;
  }
  return taps;
}

/* Resamples @lines rows; a pixel's four channels sit together, pixels @step bytes apart, lines @stride. */
static void
pass (const guint8 *in, gsize in_step, gsize in_stride, guint8 *out, gsize out_step, gsize out_stride, const Tap *taps,
      int n, int lines)
{
  for (int line = 0; line < lines; line++) {
    const guint8 *row = in + line * in_stride;
    guint8 *to = out + line * out_stride;
    for (int i = 0; i < n; i++, to += out_step) {
      const guint8 *from = row + taps[i].first * in_step;
      float sum[4] = { 0.5f, 0.5f, 0.5f, 0.5f };
      for (int j = 0; j < taps[i].n; j++, from += in_step)
        for (int c = 0; c < 4; c++)
          sum[c] += taps[i].weights[j] * from[c];
      for (int c = 0; c < 4; c++)
        to[c] = CLAMP (sum[c], 0, 255);
    }
  }
}

guint8 *
inq_resample (const guint8 *pixels, int width, int height, gsize stride, int to_width, int to_height)
{
  g_return_val_if_fail (width > 0 && height > 0 && to_width > 0 && to_height > 0, NULL);

  g_autofree float *across_weights = NULL;
  g_autofree float *down_weights = NULL;
  g_autofree Tap *across = make_taps (width, to_width, &across_weights);
  g_autofree Tap *down = make_taps (height, to_height, &down_weights);
  g_autofree guint8 *middle = g_malloc ((gsize) to_width * height * 4);
  guint8 *out = g_malloc ((gsize) to_width * to_height * 4);
  gsize to_stride = (gsize) to_width * 4;

  pass (pixels, 4, stride, middle, 4, to_stride, across, to_width, height);
  pass (middle, to_stride, 4, out, to_stride, 4, down, to_height, to_width);
  return out;
}

GdkTexture *
inq_texture_decode (GBytes *png, int width, int height, GError **error)
{
  g_return_val_if_fail (png != NULL, NULL);

  g_autoptr (GdkTexture) texture = gdk_texture_new_from_bytes (png, error);
  if (texture == NULL)
    return NULL;
  int w = gdk_texture_get_width (texture), h = gdk_texture_get_height (texture);
  gsize stride = (gsize) w * 4;
  g_autofree guint8 *pixels = g_malloc (stride * h);
  gdk_texture_download (texture, pixels, stride);

  int to_width = width > 0 ? width : w, to_height = height > 0 ? height : h;
  guint8 *shown = to_width == w && to_height == h ? g_steal_pointer (&pixels)
                                                  : inq_resample (pixels, w, h, stride, to_width, to_height);
  g_autoptr (GBytes) bytes = g_bytes_new_take (shown, (gsize) to_width * to_height * 4);
  return gdk_memory_texture_new (to_width, to_height, GDK_MEMORY_DEFAULT, bytes, (gsize) to_width * 4);
}
