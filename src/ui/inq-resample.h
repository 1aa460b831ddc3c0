/* Inquadra - pictures at the size they are shown, pixel for pixel.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

/**
 * inq_resample:
 * @pixels: 8-bit, four channels a pixel, premultiplied (GDK_MEMORY_DEFAULT)
 *
 * Separable Catmull-Rom, widened when it makes smaller, so that thin ink stays thin and no line drops out. Both sizes
 * are 1 to 32767 a side. Returns packed rows of @to_width * 4 bytes, freed with g_free().
 *
 * Thread-safety: pure.
 */
guint8 *inq_resample (const guint8 *pixels, int width, int height, gsize stride, int to_width, int to_height);

/* Decodes PNG bytes and brings the picture to exactly @width x @height device pixels; 0 keeps its own size. Takes long:
 * for worker threads. (transfer full), NULL with @error for bytes that are no picture. Thread-safety: pure. */
GdkTexture *inq_texture_decode (GBytes *png, int width, int height, GError **error);

G_END_DECLS
