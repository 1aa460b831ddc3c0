/* Inquadra - the picture a place shows: the best there is of it now, kept until the next is decoded.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-shown.h"

void
inq_shown_clear (InqShown *shown)
{
  g_clear_object (&shown->texture);
  shown->image = 0;
}

void
inq_shown_set_texture (InqShown *shown, GdkTexture *texture)
{
  g_set_object (&shown->texture, texture);
  shown->image = 0;
}

gboolean
inq_shown_update (InqShown *shown, InqTextures *textures, gint64 image, int width, int height, gboolean ask)
{
  gboolean broken;

  if (image == 0) {
    inq_shown_clear (shown);
    return TRUE;
  }
  GdkTexture *texture = ask ? inq_textures_load (textures, image, width, height, FALSE) : NULL;
  broken = inq_textures_is_broken (textures, image);
  if (texture == NULL && (shown->image != image || broken))
    texture = inq_textures_peek (textures, image);
  /* A thumbnail blown up is worse than the last picture for a moment. */
  if (texture != NULL && (shown->texture == NULL || broken || gdk_texture_get_width (texture) * 2 >= width)) {
    g_set_object (&shown->texture, texture);
    shown->image = image;
  }
  if (texture == NULL && broken) {
    inq_shown_clear (shown);
    return FALSE;
  }
  return TRUE;
}

void
inq_texture_append (GtkSnapshot *snapshot, GdkTexture *texture, const graphene_rect_t *frame, int scale)
{
  int w, h, width = frame->size.width * scale + 0.5, height = frame->size.height * scale + 0.5;
  inq_fit ((double) gdk_texture_get_width (texture) / gdk_texture_get_height (texture), width, height, &w, &h);
  graphene_rect_t rect = GRAPHENE_RECT_INIT (frame->origin.x + (float) ((width - w) / 2) / scale,
                                             frame->origin.y + (float) ((height - h) / 2) / scale, (float) w / scale,
                                             (float) h / scale);
  if (w < width - 1 || h < height - 1)
    gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0.1f, 0.1f, 0.1f, 1 }, frame);
  gtk_snapshot_append_texture (snapshot, texture, &rect);
}
