/* Inquadra - small PNG helpers for the board file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-images.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <png.h>
#include <string.h>

#define MAX_PIXELS (100 * 1000 * 1000)

static gboolean
fail (GError **error, const char *why)
{
  g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID, _ ("The picture is not a PNG that can be read: %s"),
               why);
  return FALSE;
}

gboolean
inq_png_get_size (GBytes *png, gint *width, gint *height, GError **error)
{
  static const guint8 start[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R' };
  gsize size;
  const guint8 *data = g_bytes_get_data (png, &size);
  guint32 w, h;

  if (size < 33 || memcmp (data, start, sizeof start) != 0)
    return fail (error, _ ("no PNG header"));
  memcpy (&w, data + 16, 4);
  memcpy (&h, data + 20, 4);
  w = GUINT32_FROM_BE (w);
  h = GUINT32_FROM_BE (h);
  if (w == 0 || h == 0)
    return fail (error, _ ("no size"));
  if (w > G_MAXINT32 || h > G_MAXINT32 || (guint64) w * h > MAX_PIXELS)
    return fail (error, _ ("larger than 100 megapixels"));
  if (width != NULL)
    *width = w;
  if (height != NULL)
    *height = h;
  return TRUE;
}

/* 8-bit sRGB to linear light and back (IEC 61966-2-1). */
static float to_linear[256];
static guint8 from_linear[4096]; /* by linear light x 4095 */

static void
init_tables (void)
{
  static gsize once;

  if (!g_once_init_enter (&once))
    return;
  for (int i = 0; i < 256; i++) {
    double v = i / 255.0;

    to_linear[i] = v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
  }
  for (int i = 0; i < 4096; i++) {
    double v = i / 4095.0;

    from_linear[i] = lround (255 * (v <= 0.0031308 ? v * 12.92 : 1.055 * pow (v, 1 / 2.4) - 0.055));
  }
  g_once_init_leave (&once, 1);
}

/* Adds the share @weight of a source row to @sums (out_width x channels + alpha weights), spread over the columns by
 * area. Colour counts as much as it is opaque. */
static void
add_row (float *sums, const guint8 *row, gint width, gint out_width, gint channels, float weight)
{
  const double step = (double) out_width / width;

  for (gint x = 0; x < width; x++) {
    double left = x * step, right = (x + 1) * step;
    gint first = (gint) left, last = MIN ((gint) ceil (right), out_width);
    const float alpha = channels == 4 ? row[4 * x + 3] / 255.f : 1.f;

    for (gint o = first; o < last; o++) {
      float share = weight * (float) (MIN (right, o + 1.0) - MAX (left, o));
      float *sum = sums + o * 4;

      if (channels == 1)
        sum[0] += share * to_linear[row[x]];
      else
        for (gint c = 0; c < 3; c++)
          sum[c] += share * alpha * to_linear[row[channels * x + c]];
      sum[3] += share * alpha;
    }
  }
}

static void
put_row (guint8 *out, const float *sums, gint out_width, gint channels)
{
  for (gint o = 0; o < out_width; o++) {
    const float *sum = sums + o * 4;
    const float alpha = sum[3];

    for (gint c = 0; c < MIN (channels, 3); c++) {
      float v = alpha > 1e-6f ? sum[c] / alpha : 0;

      out[o * channels + c] = from_linear[(gint) (CLAMP (v, 0.f, 1.f) * 4095.f + .5f)];
    }
    if (channels == 4)
      out[o * 4 + 3] = (guint8) (CLAMP (alpha, 0.f, 1.f) * 255.f + .5f);
  }
}

static guint8 *
scale (const guint8 *pixels, gint width, gint height, gint channels, gint out_width, gint out_height)
{
  guint8 *out = g_malloc ((gsize) out_width * out_height * channels);
  g_autofree float *sums = g_new (float, (gsize) out_width * 4);
  const double step = (double) height / out_height;

  for (gint y = 0; y < out_height; y++) {
    double top = y * step, bottom = (y + 1) * step;
    gint last = MIN ((gint) ceil (bottom), height);

    memset (sums, 0, sizeof (float) * out_width * 4);
    for (gint s = (gint) top; s < last; s++) {
      double part = MIN (bottom, s + 1.0) - MAX (top, s);

      add_row (sums, pixels + (gsize) s * width * channels, width, out_width, channels, (float) (part / step));
    }
    put_row (out + (gsize) y * out_width * channels, sums, out_width, channels);
  }
  return out;
}

GBytes *
inq_png_encode (const guint8 *pixels, gint width, gint height, gint channels, gsize stride, GError **error)
{
  png_image image = { .version = PNG_IMAGE_VERSION, .width = width, .height = height };
  png_alloc_size_t size;
  guint8 *data;

  g_return_val_if_fail (width > 0 && height > 0 && (channels == 1 || channels == 3 || channels == 4), NULL);
  image.format = channels == 1 ? PNG_FORMAT_GRAY : channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
  size = PNG_IMAGE_PNG_SIZE_MAX (image);
  data = g_malloc (size);
  if (!png_image_write_to_memory (&image, data, &size, 0, pixels, (png_int_32) stride, NULL)) {
    fail (error, image.message);
    g_free (data);
    return NULL;
  }
  return g_bytes_new_take (g_realloc (data, size), size);
}

/* At most @max_width wide and twice that high, the shape kept. */
static void
fit (gint width, gint height, gint max_width, gint *out_width, gint *out_height)
{
  double ratio = MIN (1, MIN ((double) max_width / width, 2. * max_width / height));

  *out_width = MAX (1, (gint) lround (width * ratio));
  *out_height = MAX (1, (gint) lround (height * ratio));
}

GBytes *
inq_png_make_thumbnail (GBytes *png, gint max_width, GError **error)
{
  png_image image = { .version = PNG_IMAGE_VERSION };
  g_autofree guint8 *pixels = NULL;
  g_autofree guint8 *small = NULL;
  gint width, height, channels, out_width, out_height;
  gsize size;
  const void *data = g_bytes_get_data (png, &size);

  g_return_val_if_fail (max_width > 0, NULL);
  if (!inq_png_get_size (png, &width, &height, error))
    return NULL;
  if (!png_image_begin_read_from_memory (&image, data, size)) {
    fail (error, image.message);
    png_image_free (&image);
    return NULL;
  }
  if (image.width != width || image.height != height) {
    fail (error, _ ("contradictory sizes"));
    png_image_free (&image);
    return NULL;
  }
  if (image.format & PNG_FORMAT_FLAG_ALPHA)
    image.format = PNG_FORMAT_RGBA;
  else
    image.format = image.format & PNG_FORMAT_FLAG_COLOR ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  channels = PNG_IMAGE_PIXEL_CHANNELS (image.format);
  pixels = g_malloc ((gsize) width * height * channels);
  /* A damaged end is an error as much as a damaged begin: what is stored shall be whole. */
  if (!png_image_finish_read (&image, NULL, pixels, width * channels, NULL)) {
    fail (error, image.message);
    png_image_free (&image);
    return NULL;
  }
  png_image_free (&image);
  fit (width, height, max_width, &out_width, &out_height);
  if (out_width == width && out_height == height)
    return inq_png_encode (pixels, width, height, channels, (gsize) width * channels, error);
  init_tables ();
  small = scale (pixels, width, height, channels, out_width, out_height);
  return inq_png_encode (small, out_width, out_height, channels, (gsize) out_width * channels, error);
}
