/* Inquadra - the autoencoder in tiles: any size of picture in little device memory, without seams.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tools that cut a picture into overlapping tiles and blend them leave traces, because group norm and the attention in
 * the middle look at the whole picture. Here the network is gone through one convolution at a time, over the whole
 * picture: activations wait in the host's memory, bands of their rows (with the neighbouring rows a kernel reaches)
 * pass through the device, and the moments of each group norm are taken over all of them. The result is that of the
 * whole picture at once, but for the rounding of those moments.
 *
 * Host memory: two or three activations of the widest level, f32 (1 GiB for 512x512 with the autoencoder of Stable
 * Diffusion).
 *
 * Thread-safety: as inq-engine.h.
 */
#pragma once

#include "inq-model.h"

G_BEGIN_DECLS

/* Device bytes. @activations: of the largest step; @both: of the largest step, its own weights included. */
typedef struct {
  guint64 activations;
  guint64 both;
} InqTileNeeds;

/* What INQ_PART_DECODER (@h, @w: latents) or _ENCODER (pixels) takes in tiles of about @tile bytes; less is not
 * possible than a few rows of the widest step. */
gboolean inq_tiles_measure (InqModel *model, InqPart part, gint64 h, gint64 w, gsize tile, InqTileNeeds *needs,
                            GError **error);

/* As inq_model_run_decoder() and inq_model_run_encoder(). */
gboolean inq_tiles_decode (InqModel *model, const InqPartMode *mode, gint64 h, gint64 w, const float *z, float *image,
                           GCancellable *cancellable, GError **error);
gboolean inq_tiles_encode (InqModel *model, const InqPartMode *mode, gint64 h, gint64 w, const float *image,
                           float *moments, GCancellable *cancellable, GError **error);

G_END_DECLS
