/* Inquadra - what a picture is made on: a size, its noise, and the picture and mask it starts from there.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: as inq-engine.h.
 */
#pragma once

#include "inq-model.h"

G_BEGIN_DECLS

/* A size pictures are made at, and what they start from at that size. */
typedef struct {
  int width, height;  /* pixels; 0 for none */
  gint64 h, w;        /* latents */
  gsize per;          /* values of one picture's latents */
  InqPicture *init;   /* (nullable) */
  InqPicture *mask;   /* (nullable) grey: how far each pixel may change */
  float *x0;          /* (nullable) [h, w, c] latents of @init, once encoded */
  float *latent_mask; /* (nullable) [h, w] 1 where latents are painted anew */
  float *masked;      /* (nullable) [h, w, c] networks that inpaint: latents of @init, grey where @mask is white */
} InqCanvas;

void inq_canvas_init (InqCanvas *canvas, const InqModelSpec *spec, int width, int height);
void inq_canvas_clear (InqCanvas *canvas);
/* Copies of @init and @mask (both nullable) at the canvas' size, the mask's edge faded over @feather pixels either way.
 */
void inq_canvas_set_start (InqCanvas *canvas, const InqModelSpec *spec, const InqPicture *init, const InqPicture *mask,
                           double feather);
/* Encodes what there is to encode, once: the start picture, and for networks that inpaint what of it stays. */
gboolean inq_canvas_encode (InqCanvas *canvas, InqModel *model, GCancellable *cancellable, GError **error);
/* What the mask keeps is the start picture's own pixels, not what the autoencoder made of them. */
void inq_canvas_keep_pixels (const InqCanvas *canvas, InqPicture *picture);

/* Unit noise [h, w, channels], drawn in PyTorch's order (channels first). */
void inq_latent_noise (const InqNoiseOf *of, guint32 draw, gint64 h, gint64 w, int channels, float *out);

/* Latents [h, w, channels] at another size, (transfer full) [to_h, to_w, channels], as PyTorch's interpolate() with
 * align_corners off: bilinear, or bicubic with a = -0.75. */
float *inq_latents_resize (const float *x, gint64 h, gint64 w, int channels, gint64 to_h, gint64 to_w,
                           gboolean bicubic);

G_END_DECLS
