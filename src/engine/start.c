/* Inquadra - what a picture is made on: a size, its noise, and the picture and mask it starts from there.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "start.h"

#include "inq-noise.h"

#include <math.h>
#include <string.h>

/* ---- canvas ---- */

void
inq_canvas_init (InqCanvas *canvas, const InqModelSpec *spec, int width, int height)
{
  *canvas = (InqCanvas){ .width = width, .height = height };
  canvas->h = height / spec->vae_down;
  canvas->w = width / spec->vae_down;
  canvas->per = (gsize) (canvas->h * canvas->w) * (gsize) spec->latent_channels;
}

void
inq_canvas_clear (InqCanvas *canvas)
{
  g_clear_pointer (&canvas->init, inq_picture_free);
  g_clear_pointer (&canvas->mask, inq_picture_free);
  g_clear_pointer (&canvas->x0, g_free);
  g_clear_pointer (&canvas->latent_mask, g_free);
  g_clear_pointer (&canvas->masked, g_free);
}

/* One direction of a blur by @weights [2 radius + 1]; beyond the edge the edge's value stands in. */
static void
blur_line (const float *from, float *to, int n, gsize stride, const float *weights, int radius)
{
  for (int i = 0; i < n; i++) {
    float sum = 0;
    for (int k = -radius; k <= radius; k++)
      sum += weights[k + radius] * from[(gsize) CLAMP (i + k, 0, n - 1) * stride];
    to[(gsize) i * stride] = sum;
  }
}

/* A Gaussian of which 95 % lies within @feather either way. */
static void
feather_mask (InqPicture *mask, double feather)
{
  double sigma = feather / 2;
  int radius = (int) ceil (3 * sigma), width = mask->width, height = mask->height;
  gsize pixels = (gsize) width * (gsize) height;
  g_autofree float *weights = g_new (float, 2 * radius + 1);
  g_autofree float *a = g_new (float, pixels);
  g_autofree float *b = g_new (float, pixels);
  double total = 0;

  for (int k = -radius; k <= radius; k++)
    total += exp (-0.5 * k * k / (sigma * sigma));
  for (int k = -radius; k <= radius; k++)
    weights[k + radius] = (float) (exp (-0.5 * k * k / (sigma * sigma)) / total);
  for (gsize i = 0; i < pixels; i++)
    a[i] = mask->rgb[3 * i];
  for (int y = 0; y < height; y++)
    blur_line (a + (gsize) y * (gsize) width, b + (gsize) y * (gsize) width, width, 1, weights, radius);
  for (int x = 0; x < width; x++)
    blur_line (b + x, a + x, height, (gsize) width, weights, radius);
  for (gsize i = 0; i < pixels; i++)
    memset (mask->rgb + 3 * i, (int) lrintf (CLAMP (a[i], 0, 255)), 3);
}

/* Latents under any pixel that is more white than black are painted anew: a fade keeps its middle where the edge was.
 * (transfer full) [h, w] */
static float *
shrink_mask (const InqCanvas *canvas, int down)
{
  float *mask = g_new0 (float, canvas->h * canvas->w);

  for (int y = 0; y < canvas->height; y++)
    for (int x = 0; x < canvas->width; x++)
      if (canvas->mask->rgb[3 * ((gsize) y * (gsize) canvas->width + (gsize) x)] >= 128)
        mask[(y / down) * canvas->w + x / down] = 1;
  return mask;
}

static InqPicture *
at_size (const InqCanvas *canvas, const InqPicture *picture)
{
  return picture ? inq_picture_scale (picture, canvas->width, canvas->height) : NULL;
}

void
inq_canvas_set_start (InqCanvas *canvas, const InqModelSpec *spec, const InqPicture *init, const InqPicture *mask,
                      double feather)
{
  inq_canvas_clear (canvas);
  canvas->init = at_size (canvas, init);
  canvas->mask = at_size (canvas, mask);
  if (!canvas->mask)
    return;
  if (feather > 0)
    feather_mask (canvas->mask, feather);
  canvas->latent_mask = shrink_mask (canvas, spec->vae_down);
}

/* As the published pipelines do: mid-grey where it is painted anew. Without a mask, or without a picture, that is
 * everywhere. */
static gboolean
encode_masked (InqCanvas *canvas, InqModel *model, GCancellable *cancellable, GError **error)
{
  g_autoptr (InqPicture) all = NULL;
  const InqPicture *mask = canvas->mask;

  if (!model->spec->inpaint || canvas->masked || canvas->width == 0)
    return TRUE;
  if (!canvas->init || !mask) {
    mask = all = inq_picture_new (canvas->width, canvas->height);
    memset (all->rgb, 255, 3 * (gsize) all->width * (gsize) all->height);
  }
  canvas->masked = inq_model_encode (model, canvas->init ? canvas->init : mask, mask, cancellable, error);
  return canvas->masked != NULL;
}

gboolean
inq_canvas_encode (InqCanvas *canvas, InqModel *model, GCancellable *cancellable, GError **error)
{
  if (canvas->init && !canvas->x0)
    canvas->x0 = inq_model_encode (model, canvas->init, NULL, cancellable, error);
  return (!canvas->init || canvas->x0) && encode_masked (canvas, model, cancellable, error);
}

void
inq_canvas_keep_pixels (const InqCanvas *canvas, InqPicture *picture)
{
  if (!canvas->mask)
    return;
  for (gsize i = 0; i < (gsize) canvas->width * (gsize) canvas->height; i++) {
    int m = canvas->mask->rgb[i * 3];
    for (int c = 0; c < 3; c++) {
      guint8 *p = &picture->rgb[i * 3 + (gsize) c];
      *p = (guint8) ((m * *p + (255 - m) * canvas->init->rgb[i * 3 + (gsize) c] + 127) / 255);
    }
  }
}

/* ---- noise ---- */

void
inq_latent_noise (const InqNoiseOf *of, guint32 draw, gint64 h, gint64 w, int channels, float *out)
{
  gsize n = (gsize) (h * w) * (gsize) channels;
  g_autofree float *planes = g_new (float, n);

  inq_noise_fill (of->seed, draw, planes, n);
  if (of->variation_strength > 0) {
    g_autofree float *other = g_new (float, n);
    inq_noise_fill (of->variation_seed, draw, other, n);
    inq_noise_turn (planes, other, of->variation_strength, channels, h, w);
  }
  inq_nchw_to_nhwc (planes, out, 1, channels, h, w);
}

/* ---- another size ---- */

/* Keys 1981 with PyTorch's a. */
static double
cubic (double x)
{
  const double a = -0.75;

  x = fabs (x);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2)
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

/* Where value @at of @to comes from in @n: four places and their weights. */
static void
taps (gint64 at, gint64 n, gint64 to, gboolean bicubic, gint64 from[4], double weights[4])
{
  double place = (at + 0.5) * (double) n / (double) to - 0.5;
  gint64 first;
  double part;

  if (!bicubic)
    place = MAX (place, 0);
  first = (gint64) floor (place);
  part = place - (double) first;
  for (int k = 0; k < 4; k++) {
    from[k] = CLAMP (first + k - 1, 0, n - 1);
    weights[k] = bicubic ? cubic (part - (k - 1)) : k == 1 ? 1 - part : k == 2 ? part : 0;
  }
}

float *
inq_latents_resize (const float *x, gint64 h, gint64 w, int channels, gint64 to_h, gint64 to_w, gboolean bicubic)
{
  float *out = g_new (float, (gsize) (to_h * to_w) * (gsize) channels);
  gint64 rows[4], columns[4];
  double of_rows[4], of_columns[4];

  for (gint64 i = 0; i < to_h; i++) {
    taps (i, h, to_h, bicubic, rows, of_rows);
    for (gint64 j = 0; j < to_w; j++) {
      taps (j, w, to_w, bicubic, columns, of_columns);
      for (int c = 0; c < channels; c++) {
        double sum = 0;
        for (int r = 0; r < 4; r++)
          for (int k = 0; k < 4; k++)
            sum += of_rows[r] * of_columns[k] * x[(rows[r] * w + columns[k]) * channels + c];
        out[(i * to_w + j) * channels + c] = (float) sum;
      }
    }
  }
  return out;
}
