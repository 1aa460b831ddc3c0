/* Inquadra - a picture an artist brings, from a file or the clipboard, made fit for the board.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: pure; takes long, for worker threads.
 */
#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

/* Pixels a side that a board keeps: more than any screen shows. Larger ones are made smaller. */
#define INQ_PICTURE_MOST 4096

/* Reads a file of any kind GDK knows as PNG. A file that is cut off or too large to be read at all is refused in words
 * fit for a toast. @smaller: (out): whether it was made smaller. (transfer full) */
GBytes *inq_picture_file_read (const char *path, gboolean *smaller, GError **error);
/* The same for pixels at hand. (transfer full) */
GBytes *inq_picture_from_texture (GdkTexture *texture, gboolean *smaller, GError **error);

G_END_DECLS
