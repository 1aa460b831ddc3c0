/* Inquadra - one layer of the autoencoder over a picture that is in the host's memory, a band of rows at a time.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: as inq-engine.h.
 */
#pragma once

#include "inq-model.h"
#include "vae-tiles.h"

G_BEGIN_DECLS

/* An activation of the whole picture. @data is NULL while only measuring. */
typedef struct {
  gint64 h, w, c;
  float *data; /* [h, w, c] */
} InqPlane;

InqPlane *inq_plane_new (gint64 h, gint64 w, gint64 c, gboolean data);
void inq_plane_free (InqPlane *plane);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqPlane, inq_plane_free)
static inline gsize
inq_plane_count (const InqPlane *plane)
{
  return (gsize) (plane->h * plane->w * plane->c);
}

/**
 * InqTiles:
 * @tile: bytes of activations a band should take
 * @drop: weights go after each step
 * @measured: (nullable) nothing is run, needs are noted here
 */
typedef struct {
  InqModel *model;
  InqPart part;
  gsize tile;
  gboolean drop;
  GCancellable *cancellable;
  InqTileNeeds *measured;
  /* moments of the last plane that a norm looked at, [groups] */
  double *mean, *variance;
} InqTiles;
void inq_tiles_clear (InqTiles *tiles);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (InqTiles, inq_tiles_clear)

/**
 * InqTileStep: y = layer (act (norm (x))) + residual
 * @norm: (nullable) group norm before, then @act
 * @conv or @linear: a 3x3 convolution or a layer of single positions, by name
 * @up: the convolution reads twice as many rows and columns, nearest neighbours
 * @down: stride 2, padded at the end
 * @residual: (nullable) of the result's size; through @shortcut (nullable, linear) when its channels differ
 */
typedef struct {
  const char *norm;
  InqActivation act;
  const char *conv;
  const char *linear;
  gboolean up, down;
  const InqPlane *residual;
  const char *shortcut;
} InqTileStep;

/* (transfer full) */
InqPlane *inq_tiles_step (InqTiles *tiles, const InqPlane *x, const InqTileStep *step, GError **error);
/* One head as wide as the channels, over all positions. (transfer full) */
InqPlane *inq_tiles_attention (InqTiles *tiles, const InqPlane *q, const InqPlane *k, const InqPlane *v,
                               GError **error);

G_END_DECLS
