/* Inquadra - small pictures of latents while they grow.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A picture is close to a linear function of the latents around each of its parts. The function is fitted once per
 * model by least squares: the model's own encoder reads a drawn test card, and the 4 x 4 parts of each latent's patch
 * are matched with the 3 x 3 latents there. That costs one small encoder run and works for any autoencoder. Where a
 * tiny decoder (TAESD) lies beside the model and time allows, it is used instead.
 */
#include "config.h"

#include "inq-model.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define CARD_LATENTS 32 /* the card is 32 x 32 latents */
#define RIDGE        1e-4
#define SUB          4 /* a latent becomes at most 4 x 4 pixels of a preview */

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

/* Solves a[n][n] m = rhs[n][k] in place by elimination with pivoting; FALSE when singular. */
static gboolean
solve (double *a, double *rhs, int n, int k)
{
  for (int i = 0; i < n; i++) {
    int pivot = i;
    for (int r = i + 1; r < n; r++)
      if (fabs (a[r * n + i]) > fabs (a[pivot * n + i]))
        pivot = r;
    if (!(fabs (a[pivot * n + i]) > 1e-12))
      return FALSE;
    for (int j = 0; pivot != i && j < n; j++) {
      double t = a[i * n + j];
      a[i * n + j] = a[pivot * n + j];
      a[pivot * n + j] = t;
    }
    for (int j = 0; pivot != i && j < k; j++) {
      double t = rhs[i * k + j];
      rhs[i * k + j] = rhs[pivot * k + j];
      rhs[pivot * k + j] = t;
    }
    for (int r = 0; r < n; r++) {
      double f = r == i ? 0 : a[r * n + i] / a[i * n + i];
      for (int j = i; f != 0 && j < n; j++)
        a[r * n + j] -= f * a[i * n + j];
      for (int j = 0; f != 0 && j < k; j++)
        rhs[r * k + j] -= f * rhs[i * k + j];
    }
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < k; j++)
      rhs[i * k + j] /= a[i * n + i];
  return TRUE;
}

/* Where output @output (part, then colour) of the latent at (@x, @y) lies in a picture @width latents wide. */
static gsize
pixel_index (const InqPreviewProjection *p, int width, int x, int y, int output)
{
  int at = output / 3, channel = output % 3;
  return 3 * ((gsize) (y * p->sub + at / p->sub) * (gsize) (width * p->sub) + (gsize) (x * p->sub + at % p->sub))
         + (gsize) channel;
}

/* What a preview pixel is told from: the 3 x 3 latents around (@x, @y), edges repeated, and a one. */
static void
gather (const float *latents, int w, int h, int c, int x, int y, float *features)
{
  for (int dy = -1; dy <= 1; dy++)
    for (int dx = -1; dx <= 1; dx++, features += c)
      memcpy (features, latents + (CLAMP (y + dy, 0, h - 1) * w + CLAMP (x + dx, 0, w - 1)) * c,
              sizeof (float) * (gsize) c);
  *features = 1;
}

/* Least squares with a little ridge: (ZtZ + e I) M = Zt colours, Z [positions, features]. */
static float *
fit (const InqPreviewProjection *p, const float *latents, const InqPicture *colors)
{
  int n = p->features, k = p->outputs;
  g_autofree double *a = g_new0 (double, n *n);
  g_autofree double *rhs = g_new0 (double, n *k);
  g_autofree float *z = g_new (float, n);
  for (int y = 0; y < CARD_LATENTS; y++)
    for (int x = 0; x < CARD_LATENTS; x++) {
      gather (latents, CARD_LATENTS, CARD_LATENTS, p->channels, x, y, z);
      for (int r = 0; r < n; r++) {
        for (int j = 0; j < n; j++)
          a[r * n + j] += (double) z[r] * z[j];
        for (int j = 0; j < k; j++)
          rhs[r * k + j] += (double) z[r] * colors->rgb[pixel_index (p, CARD_LATENTS, x, y, j)];
      }
    }
  double trace = 0;
  for (int r = 0; r < n; r++)
    trace += a[r * n + r];
  for (int r = 0; r + 1 < n; r++)
    a[r * n + r] += RIDGE * trace / n;
  if (!solve (a, rhs, n, k))
    return NULL;
  float *matrix = g_new (float, n *k);
  for (int i = 0; i < n * k; i++)
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
prepare (InqModel *model, GCancellable *cancellable, GError **error)
{
  InqPreviewProjection *projection = &model->projection;
  const InqModelSpec *spec = model->spec;
  if (projection->tried || !spec->has_encoder)
    return;
  int side = CARD_LATENTS * spec->vae_down;
  g_autoptr (InqPicture) card = draw_card (side);
  g_autofree float *latents = inq_model_encode (model, card, NULL, cancellable, error);
  if (g_cancellable_is_cancelled (cancellable))
    return;
  projection->tried = TRUE;
  if (!latents)
    return;
  projection->sub = MIN (SUB, spec->vae_down);
  projection->channels = spec->latent_channels;
  projection->features = 9 * spec->latent_channels + 1;
  projection->outputs = 3 * projection->sub * projection->sub;
  g_autoptr (InqPicture)
      colors = inq_picture_scale (card, CARD_LATENTS * projection->sub, CARD_LATENTS * projection->sub);
  if (spec->vae_channels == 1)
    make_grey (colors);
  projection->matrix = fit (projection, latents, colors);
}

static guint8
to_byte (float v)
{
  return (guint8) lrintf (CLAMP (v, 0, 255));
}

static InqPicture *
project (InqModel *model, int h, int w, const float *latents)
{
  const InqPreviewProjection *p = &model->projection;
  InqPicture *picture = inq_picture_new (w * p->sub, h * p->sub);
  g_autofree float *z = g_new (float, p->features);
  g_autofree float *out = g_new (float, p->outputs);
  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++) {
      gather (latents, w, h, p->channels, x, y, z);
      memset (out, 0, sizeof (float) * (gsize) p->outputs);
      for (int j = 0; j < p->features; j++)
        for (int k = 0; k < p->outputs; k++)
          out[k] += z[j] * p->matrix[j * p->outputs + k];
      for (int k = 0; k < p->outputs; k++)
        picture->rgb[pixel_index (p, w, x, y, k)] = to_byte (out[k]);
    }
  return picture;
}

/* (nullable) at full size; with @error when its numbers are worth nothing, and then it is given up. */
static InqPicture *
decode_tiny (InqModel *model, gint64 h, gint64 w, const float *latents, GCancellable *cancellable, GError **error)
{
  gint64 height = h * model->spec->vae_down, width = w * model->spec->vae_down;
  gsize n = (gsize) (height * width) * 3;
  g_autofree float *image = g_new (float, n);
  if (!inq_model_run_tiny_decoder (model, h, w, latents, image, cancellable, NULL))
    return NULL;
  if (inq_find_not_finite (image, n) >= 0) {
    g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NOT_FINITE,
                 _ ("The decoder for previews, “%s”, produced a number that is not finite and is not used any more:"
                    " download it again"),
                 inq_weights_get_label (model->tiny));
    inq_model_drop_part (model, INQ_PART_TINY);
    g_clear_pointer (&model->tiny, inq_weights_unref); /* stays looked for */
    return NULL;
  }
  InqPicture *picture = inq_picture_new ((int) width, (int) height);
  for (gsize i = 0; i < n; i++)
    picture->rgb[i] = to_byte (image[i] * 255);
  return picture;
}

InqPicture *
inq_model_preview (InqModel *model, gint64 h, gint64 w, const float *latents, gboolean rich, GCancellable *cancellable,
                   GError **error)
{
  if (inq_find_not_finite (latents, (gsize) (h * w) * model->spec->latent_channels) >= 0)
    return NULL; /* the step that comes will say so */
  if (rich && inq_model_has_tiny (model)) {
    g_autoptr (GError) local = NULL;
    InqPicture *picture = decode_tiny (model, h, w, latents, cancellable, &local);
    if (local)
      g_propagate_error (error, g_steal_pointer (&local));
    if (picture || !inq_model_has_tiny (model))
      return picture;
  }
  prepare (model, cancellable, error);
  return model->projection.matrix ? project (model, (int) h, (int) w, latents) : NULL;
}
