/* Inquadra - a board's pictures as textures: decoded in threads, kept while there is room.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One cache per board, shared by timeline, stage and variations. A picture is asked for at the size in device pixels it
 * will have on screen, so what is drawn is never scaled again. Recently shown ones stay, up to a number of bytes.
 *
 * Thread-safety: main thread only; it starts its own workers.
 */
#pragma once

#include <gtk/gtk.h>
#include <inq-board.h>

G_BEGIN_DECLS

#define INQ_TYPE_TEXTURES (inq_textures_get_type ())
G_DECLARE_FINAL_TYPE (InqTextures, inq_textures, INQ, TEXTURES, GObject)

/* Bytes of decoded pictures kept, whoever asked for them. */
#define INQ_TEXTURES_BUDGET (160u << 20)

/**
 * InqTextures:
 *
 * Signals: "loaded" (InqTextures *, gint64 image): a size of this picture came, or it cannot be shown (peek tells)
 */

/* The cache of @board, made on the first call and freed with the board. (transfer none) */
InqTextures *inq_textures_get (InqBoard *board);

/**
 * inq_textures_load:
 * @width, @height: device pixels the picture shall fill; its own aspect is kept within them
 * @thumbnail: the stored thumbnail is good enough for this size
 *
 * The texture if it is there, else %NULL and it is on its way: "loaded" tells. Newest wishes go first and old ones are
 * dropped when too many wait, so ask again while still showing the place. (transfer none) (nullable)
 */
GdkTexture *inq_textures_load (InqTextures *self, gint64 image, int width, int height, gboolean thumbnail);

/* The largest size of @image in the cache, to have something to show meanwhile. (transfer none) (nullable) */
GdkTexture *inq_textures_peek (InqTextures *self, gint64 image);
/* TRUE when reading or decoding @image failed. */
gboolean inq_textures_is_broken (InqTextures *self, gint64 image);
/* Bytes in the cache now. */
gsize inq_textures_get_bytes (InqTextures *self);

/* The largest size within @width x @height of something shaped @aspect, at least 1 x 1; the whole of it where only a
 * pixel or two of rounding is missing. Pure. */
void inq_fit (double aspect, int width, int height, int *fit_width, int *fit_height);

G_END_DECLS
