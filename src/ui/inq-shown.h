/* Inquadra - the picture a place shows: the best there is of it now, kept until the next is decoded.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: main thread only.
 */
#pragma once

#include "inq-textures.h"

G_BEGIN_DECLS

/* Zeroed: nothing. @texture is owned; @image is what it is of, 0 for one that is not the board's (a preview). */
typedef struct {
  GdkTexture *texture;
  gint64 image;
} InqShown;

void inq_shown_clear (InqShown *shown);
/* Shows @texture, of no picture of the board. */
void inq_shown_set_texture (InqShown *shown, GdkTexture *texture);

/**
 * inq_shown_update:
 * @width, @height: of the place, device pixels
 * @ask: ask for it at this size; %FALSE while the size changes with every frame
 *
 * What was shown stays until something of @image is there that is not blurred beyond it. FALSE where @image cannot be
 * read and nothing of it is there: nothing is shown then. 0 for @image shows nothing.
 */
gboolean inq_shown_update (InqShown *shown, InqTextures *textures, gint64 image, int width, int height, gboolean ask);

/* Draws @texture centred in @frame on whole device pixels, nothing cropped, dark where it does not reach. */
void inq_texture_append (GtkSnapshot *snapshot, GdkTexture *texture, const graphene_rect_t *frame, int scale);

G_END_DECLS
