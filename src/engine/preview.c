/* Inquadra - small pictures of latents while they grow.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A latent is close to a linear function of the colours under it. The function is fitted once per model by least
 * squares: the model's own encoder reads a drawn test card, and each latent is matched with the mean colour of its
 * patch of the card. That costs one small encoder run and works for any autoencoder. Where a tiny decoder (TAESD) lies
 * beside the model and time allows, it is used instead.
 */
#include "config.h"

#include "inq-model.h"

#include <math.h>
#include <string.h>

#define CARD_LATENTS 24 /* the card is 24 x 24 latents */
#define ENLARGE      4  /* pixels a latent becomes in a preview, smoothed */

static guint32
next_random (guint32 *state)
{
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

/* Smooth ramps, flat patches of many sizes and thin strokes: what latents of real pictures are made of. */
static InqPicture *
draw_card (int side)
{
  InqPicture *card = inq_picture_new (side, side);
  guint32 state = 7;
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++) {
      guint8 *p = card->rgb + 3 * (y * side + x);
      p[0] = (guint8) (255 * x / side);
      p[1] = (guint8) (255 * y / side);
      p[2] = (guint8) (127 + 127 * sin (0.02 * (x + y)));
    }
  for (int i = 0; i < 90; i++) {
    gboolean stroke = i % 3 == 2;
    int w = stroke ? (int) (2 + next_random (&state) % 3) : (int) (6 + next_random (&state) % (guint) (side / 4));
    int h = (int) (6 + next_random (&state) % (guint) (side / (stroke ? 2 : 4)));
    int x0 = (int) (next_random (&state) % (guint) side), y0 = (int) (next_random (&state) % (guint) side);
    guint8 color[3];
    for (int c = 0; c < 3; c++)
      color[c] = (guint8) (next_random (&state) & 255);
    if (i % 2) /* half of them grey, ink to paper */
      color[1] = color[2] = color[0];
    for (int y = y0; y < MIN (y0 + h, side); y++)
      for (int x = x0; x < MIN (x0 + w, side); x++)
        memcpy (card->rgb + 3 * (y * side + x), color, 3);
  }
  return card;
}

/* Solves a[n][n] b = rhs[n][3] in place by elimination with pivoting; FALSE when singular. */
static gboolean
solve (double *a, double *rhs, int n)
{
  for (int i = 0; i < n; i++) {
    int pivot = i;
    for (int r = i + 1; r < n; r++)
      if (fabs (a[r * n + i]) > fabs (a[pivot * n + i]))
        pivot = r;
    if (!(fabs (a[pivot * n + i]) > 1e-12))
      return FALSE;
    for (int k = 0; pivot != i && k < n; k++) {
      double t = a[i * n + k];
      a[i * n + k] = a[pivot * n + k];
      a[pivot * n + k] = t;
    }
    for (int k = 0; pivot != i && k < 3; k++) {
      double t = rhs[i * 3 + k];
      rhs[i * 3 + k] = rhs[pivot * 3 + k];
      rhs[pivot * 3 + k] = t;
    }
    for (int r = 0; r < n; r++) {
      if (r == i)
        continue;
      double f = a[r * n + i] / a[i * n + i];
      for (int k = i; k < n; k++)
        a[r * n + k] -= f * a[i * n + k];
      for (int k = 0; k < 3; k++)
        rhs[r * 3 + k] -= f * rhs[i * 3 + k];
    }
  }
  for (int i = 0; i < n; i++)
    for (int k = 0; k < 3; k++)
      rhs[i * 3 + k] /= a[i * n + i];
  return TRUE;
}

/* Least squares with a little ridge: (ZtZ + e I) M = Zt colours, Z [positions, c + 1]. */
static float *
fit (const float *latents, const InqPicture *colors, int c)
{
  int n = c + 1;
  gsize positions = (gsize) colors->width * colors->height;
  g_autofree double *a = g_new0 (double, n *n);
  g_autofree double *rhs = g_new0 (double, n * 3);
  g_autofree double *z = g_new (double, n);
  for (gsize i = 0; i < positions; i++) {
    for (int k = 0; k < c; k++)
      z[k] = latents[i * (gsize) c + k];
    z[c] = 1;
    for (int r = 0; r < n; r++) {
      for (int k = 0; k < n; k++)
        a[r * n + k] += z[r] * z[k];
      for (int k = 0; k < 3; k++)
        rhs[r * 3 + k] += z[r] * colors->rgb[i * 3 + k];
    }
  }
  double trace = 0;
  for (int r = 0; r < n; r++)
    trace += a[r * n + r];
  for (int r = 0; r < c; r++)
    a[r * n + r] += 1e-4 * trace / n;
  if (!solve (a, rhs, n))
    return NULL;
  float *matrix = g_new (float, n * 3);
  for (int i = 0; i < n * 3; i++)
    matrix[i] = (float) rhs[i];
  return matrix;
}

static void
make_grey (InqPicture *picture)
{
  for (gsize i = 0; i < (gsize) picture->width * picture->height; i++) {
    guint8 *p = picture->rgb + 3 * i;
    p[0] = p[1] = p[2] = (guint8) lrint (0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]);
  }
}

static void
prepare (InqModel *model, GCancellable *cancellable)
{
  InqPreviewProjection *projection = &model->projection;
  const InqModelSpec *spec = model->spec;
  if (projection->tried || !spec->has_encoder)
    return;
  int side = CARD_LATENTS * spec->vae_down;
  g_autoptr (InqPicture) card = draw_card (side);
  g_autofree float *latents = inq_model_encode (model, card, cancellable, NULL);
  if (g_cancellable_is_cancelled (cancellable))
    return;
  projection->tried = TRUE;
  if (!latents)
    return;
  g_autoptr (InqPicture) colors = inq_picture_scale (card, CARD_LATENTS, CARD_LATENTS);
  if (spec->vae_channels == 1)
    make_grey (colors);
  projection->channels = spec->latent_channels;
  projection->matrix = fit (latents, colors, spec->latent_channels);
}

static guint8
to_byte (float v)
{
  return isfinite (v) ? (guint8) lrintf (CLAMP (v, 0, 255)) : 0;
}

static InqPicture *
project (InqModel *model, gint64 h, gint64 w, const float *latents)
{
  const float *m = model->projection.matrix;
  int c = model->projection.channels;
  g_autoptr (InqPicture) small = inq_picture_new ((int) w, (int) h);
  for (gint64 i = 0; i < h * w; i++)
    for (int k = 0; k < 3; k++) {
      float v = m[c * 3 + k];
      for (int j = 0; j < c; j++)
        v += latents[i * c + j] * m[j * 3 + k];
      small->rgb[i * 3 + k] = to_byte (v);
    }
  return inq_picture_scale (small, (int) w * ENLARGE, (int) h * ENLARGE);
}

InqPicture *
inq_model_preview (InqModel *model, gint64 h, gint64 w, const float *latents, gboolean rich, GCancellable *cancellable)
{
  if (rich && inq_model_has_tiny (model)) {
    gint64 height = h * model->spec->vae_down, width = w * model->spec->vae_down;
    g_autofree float *image = g_new (float, height *width * 3);
    if (inq_model_run_tiny_decoder (model, h, w, latents, image, cancellable, NULL)) {
      InqPicture *picture = inq_picture_new ((int) width, (int) height);
      for (gint64 i = 0; i < height * width * 3; i++)
        picture->rgb[i] = to_byte (image[i] * 255);
      return picture;
    }
  }
  prepare (model, cancellable);
  return model->projection.matrix ? project (model, h, w, latents) : NULL;
}
