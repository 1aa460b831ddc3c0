/* Inquadra - pictures to and from PNG.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libpng reports errors by longjmp. Everything that must survive one lives in a struct that the caller of setjmp holds,
 * never in locals that the jump would leave undefined; the callbacks never return to libpng after an error. */
#include "config.h"

#include "inq-engine.h"

#include <glib/gi18n-lib.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>

#define MAX_SIDE 16384
/* A picture of 16384 x 16384 takes 800 MB; more pixels than these no panel has. */
#define MAX_PIXELS (128 * 1000 * 1000)
/* For what compressed texts and profiles may unfold to. */
#define MAX_CHUNK (8 * 1024 * 1024)

typedef struct {
  png_structp png;
  png_infop info;
  char message[128];
  /* writing */
  GByteArray *out;
  /* reading */
  const guint8 *data;
  gsize left;
  png_bytep rgba; /* one row */
  InqPicture *picture;
} Job;

static void
error_cb (png_structp png, png_const_charp message)
{
  Job *job = png_get_error_ptr (png);

  g_strlcpy (job->message, message, sizeof job->message);
  longjmp (png_jmpbuf (png), 1);
}

static void
warning_cb (png_structp png, png_const_charp message)
{
}

/* ---- writing ---- */

static void
write_cb (png_structp png, png_bytep data, size_t size)
{
  Job *job = png_get_io_ptr (png);

  g_byte_array_append (job->out, data, (guint) size);
}

static void
flush_cb (png_structp png)
{
}

static gboolean
write_png (Job *job, const InqPicture *picture, const char *text)
{
  if (setjmp (png_jmpbuf (job->png)))
    return FALSE;
  png_set_write_fn (job->png, job, write_cb, flush_cb);
  png_set_IHDR (job->png, job->info, picture->width, picture->height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  /* Spelt out, so that the same picture gives the same bytes whatever the library's defaults become. Drawings pack as
   * tightly at 6 as at 9, in a third of the time. */
  png_set_compression_level (job->png, 6);
  png_set_filter (job->png, PNG_FILTER_TYPE_BASE, PNG_ALL_FILTERS);
  if (text) {
    png_text chunk = { 0 };
    chunk.compression = PNG_ITXT_COMPRESSION_NONE;
    chunk.key = (png_charp) "parameters";
    chunk.text = (png_charp) text;
    chunk.itxt_length = strlen (text);
    png_set_text (job->png, job->info, &chunk, 1);
  }
  png_write_info (job->png, job->info);
  for (int y = 0; y < picture->height; y++)
    png_write_row (job->png, picture->rgb + (gsize) y * picture->width * 3);
  png_write_end (job->png, job->info);
  return TRUE;
}

GBytes *
inq_picture_to_png (const InqPicture *picture, const char *text, GError **error)
{
  Job job = { .out = g_byte_array_new () };
  g_autofree char *valid = text ? g_utf8_make_valid (text, -1) : NULL;

  job.png = png_create_write_struct (PNG_LIBPNG_VER_STRING, &job, error_cb, warning_cb);
  job.info = job.png ? png_create_info_struct (job.png) : NULL;
  if (!job.info || !write_png (&job, picture, valid)) {
    g_clear_pointer (&job.out, g_byte_array_unref);
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The picture cannot be written as PNG: %s"),
                 job.message[0] ? job.message : _ ("out of memory"));
  }
  png_destroy_write_struct (&job.png, &job.info);
  return job.out ? g_byte_array_free_to_bytes (job.out) : NULL;
}

/* ---- reading ---- */

static void
read_cb (png_structp png, png_bytep out, size_t size)
{
  Job *job = png_get_io_ptr (png);

  if (size > job->left)
    png_error (png, "the file ends too early");
  memcpy (out, job->data, size);
  job->data += size;
  job->left -= size;
}

static void
blend_row (Job *job, int y)
{
  const png_byte *from = job->rgba;
  guint8 *to = job->picture->rgb + (gsize) y * job->picture->width * 3;

  for (int x = 0; x < job->picture->width; x++, from += 4, to += 3)
    for (int c = 0; c < 3; c++)
      to[c] = (guint8) ((from[c] * from[3] + 255 * (255 - from[3]) + 127) / 255);
}

static void
read_header (Job *job)
{
  png_set_read_fn (job->png, job, read_cb);
  png_set_user_limits (job->png, MAX_SIDE, MAX_SIDE);
  png_set_chunk_cache_max (job->png, 64);
  png_set_chunk_malloc_max (job->png, MAX_CHUNK);
  png_read_info (job->png, job->info);

  /* Everything to 8-bit RGBA, whatever the file holds. */
  png_set_scale_16 (job->png);
  png_set_expand (job->png);
  png_set_gray_to_rgb (job->png);
  png_set_add_alpha (job->png, 0xff, PNG_FILLER_AFTER);
}

/* Interlaced files give their pixels in seven passes: kept whole as RGBA in between. */
static void
read_interlaced (Job *job, int passes)
{
  gsize stride = (gsize) job->picture->width * 4;
  png_bytep all = png_malloc (job->png, stride * job->picture->height);

  job->rgba = all;
  memset (all, 0, stride * job->picture->height);
  for (int pass = 0; pass < passes; pass++)
    for (int y = 0; y < job->picture->height; y++)
      png_read_row (job->png, all + stride * y, NULL);
  for (int y = 0; y < job->picture->height; y++) {
    job->rgba = all + stride * y;
    blend_row (job, y);
  }
  job->rgba = all;
}

static gboolean
read_png (Job *job)
{
  if (setjmp (png_jmpbuf (job->png)))
    return FALSE;
  read_header (job);
  int passes = png_set_interlace_handling (job->png);
  png_read_update_info (job->png, job->info);
  int width = (int) png_get_image_width (job->png, job->info);
  int height = (int) png_get_image_height (job->png, job->info);
  if (png_get_rowbytes (job->png, job->info) != (gsize) width * 4)
    png_error (job->png, "its rows have an unexpected size");

  job->picture = inq_picture_new (width, height);
  if (passes > 1) {
    read_interlaced (job, passes);
  } else {
    job->rgba = png_malloc (job->png, (gsize) width * 4);
    for (int y = 0; y < height; y++) {
      png_read_row (job->png, job->rgba, NULL);
      blend_row (job, y);
    }
  }
  png_read_end (job->png, NULL);
  return TRUE;
}

/* Looks at the header before libpng does: its own message would be "Invalid IHDR data". */
static gboolean
too_large (const guint8 *data, gsize size, GError **error)
{
  guint32 sides[2];

  if (size < 24)
    return FALSE;
  memcpy (sides, data + 16, sizeof sides);
  guint32 width = GUINT32_FROM_BE (sides[0]), height = GUINT32_FROM_BE (sides[1]);
  if (width <= MAX_SIDE && height <= MAX_SIDE && (guint64) width * height <= MAX_PIXELS)
    return FALSE;
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
      _ ("The PNG file has %u × %u pixels. At most %d a side and %d million in all are read: scale it down first"),
      width, height, MAX_SIDE, MAX_PIXELS / 1000000);
  return TRUE;
}

InqPicture *
inq_picture_from_png (GBytes *png, GError **error)
{
  Job job = { 0 };

  job.data = g_bytes_get_data (png, &job.left);
  if (job.left < 8 || png_sig_cmp (job.data, 0, 8) != 0) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("The picture is not a PNG file. Save it as PNG first"));
    return NULL;
  }
  if (too_large (job.data, job.left, error))
    return NULL;
  job.png = png_create_read_struct (PNG_LIBPNG_VER_STRING, &job, error_cb, warning_cb);
  job.info = job.png ? png_create_info_struct (job.png) : NULL;
  if (!job.info || !read_png (&job)) {
    g_clear_pointer (&job.picture, inq_picture_free);
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("The PNG file is damaged: %s. Save or copy it again"),
                 job.message[0] ? job.message : _ ("out of memory"));
  }
  if (job.png && job.rgba)
    png_free (job.png, job.rgba);
  png_destroy_read_struct (&job.png, &job.info, NULL);
  return job.picture;
}
