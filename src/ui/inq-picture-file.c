/* Inquadra - a picture an artist brings, from a file or the clipboard, made fit for the board.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-picture-file.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n.h>
#include <string.h>

#include "inq-resample.h"

/* What decoding may take: 4 bytes each. */
#define MAX_PIXELS (100 * 1000 * 1000)

static gboolean
check_size (int width, int height, GError **error)
{
  if ((gint64) width * height <= MAX_PIXELS)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
               _ ("it is %d × %d pixels, too large to be read. Make it smaller and add it again."), width, height);
  return FALSE;
}

static gboolean
is_jpeg (const guint8 *data, gsize size)
{
  return size >= 4 && data[0] == 0xff && data[1] == 0xd8;
}

/* Upright: cameras say in the Exif data how they were held, which GdkTexture does not look at. */
static GdkTexture *
read_jpeg (GBytes *bytes, GError **error)
{
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr (GdkPixbuf) held = gdk_pixbuf_new_from_stream (stream, NULL, error);
  g_autoptr (GdkPixbuf) upright = held != NULL ? gdk_pixbuf_apply_embedded_orientation (held) : NULL;

  if (held != NULL && upright == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _ ("there is not enough memory for it."));
  return upright != NULL ? gdk_texture_new_for_pixbuf (upright) : NULL;
}

/* A JPEG whose pixels end before its end mark: decoders fill the rest with grey and say nothing. Headers are skipped by
 * their lengths, since a thumbnail in them has marks of its own (ITU-T T.81, B.1.1). */
static gboolean
jpeg_is_cut (const guint8 *data, gsize size)
{
  gsize at = 2;

  if (!is_jpeg (data, size))
    return FALSE;
  while (at + 4 <= size && data[at] == 0xff && data[at + 1] != 0xda)
    at += data[at + 1] == 0xff ? 1 : 2 + (data[at + 2] << 8 | data[at + 3]);
  /* From the first scan on a mark is 0xff and what is neither 0 nor a restart. */
  while (at + 2 <= size) {
    const guint8 *mark = memchr (data + at, 0xff, size - at - 1);
    if (mark == NULL)
      return TRUE;
    if (mark[1] == 0xd9)
      return FALSE;
    at = mark - data + 1;
  }
  return TRUE;
}

GBytes *
inq_picture_from_texture (GdkTexture *texture, gboolean *smaller, GError **error)
{
  int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);
  int most = MAX (width, height);

  *smaller = most > INQ_PICTURE_MOST;
  if (!check_size (width, height, error))
    return NULL;
  if (!*smaller)
    return gdk_texture_save_to_png_bytes (texture);
  int to_width = MAX (1, (int) ((gint64) width * INQ_PICTURE_MOST / most));
  int to_height = MAX (1, (int) ((gint64) height * INQ_PICTURE_MOST / most));
  gsize stride = (gsize) width * 4;
  g_autofree guint8 *pixels = g_try_malloc (stride * height);
  if (pixels == NULL) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _ ("there is not enough memory for it."));
    return NULL;
  }
  gdk_texture_download (texture, pixels, stride);
  g_autoptr (GBytes) bytes = g_bytes_new_take (inq_resample (pixels, width, height, stride, to_width, to_height),
                                               (gsize) to_width * to_height * 4);
  g_autoptr (GdkTexture)
      small = gdk_memory_texture_new (to_width, to_height, GDK_MEMORY_DEFAULT, bytes, (gsize) to_width * 4);
  return gdk_texture_save_to_png_bytes (small);
}

GBytes *
inq_picture_file_read (const char *path, gboolean *smaller, GError **error)
{
  int width = 0, height = 0;

  /* From the header alone: what does not fit is not decoded. */
  if (gdk_pixbuf_get_file_info (path, &width, &height) != NULL && !check_size (width, height, error))
    return NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);
  if (file == NULL)
    return NULL;
  g_autoptr (GBytes) bytes = g_mapped_file_get_bytes (file);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  if (jpeg_is_cut (data, size)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                         _ ("the file is cut off, its end is missing. Copy it here once more."));
    return NULL;
  }
  g_autoptr (GdkTexture) texture = is_jpeg (data, size) ? read_jpeg (bytes, error)
                                                        : gdk_texture_new_from_bytes (bytes, error);
  return texture != NULL ? inq_picture_from_texture (texture, smaller, error) : NULL;
}
