/* Inquadra - tests of pictures: PNG there and back, hostile PNGs, scaling.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-engine.h"

#include <png.h>
#include <string.h>

static InqPicture *
make_picture (int width, int height)
{
  InqPicture *picture = inq_picture_new (width, height);

  for (int i = 0; i < width * height * 3; i++)
    picture->rgb[i] = (guint8) (i * 7 + i / 50);
  return picture;
}

static void
assert_same (const InqPicture *a, const InqPicture *b)
{
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpmem (a->rgb, (gsize) a->width * a->height * 3, b->rgb, (gsize) b->width * b->height * 3);
}

static void
test_round_trip (void)
{
  static const int sizes[][2] = { { 1, 1 }, { 3, 2 }, { 64, 48 }, { 511, 1 }, { 1, 300 } };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (InqPicture) picture = make_picture (sizes[i][0], sizes[i][1]);
    g_autoptr (GBytes) png = inq_picture_to_png (picture, NULL, &error);
    g_assert_no_error (error);
    g_autoptr (GBytes) again = inq_picture_to_png (picture, NULL, &error);
    g_assert_true (g_bytes_equal (png, again));
    g_autoptr (InqPicture) back = inq_picture_from_png (png, &error);
    g_assert_no_error (error);
    assert_same (picture, back);
    g_autoptr (InqPicture) copy = inq_picture_copy (picture);
    assert_same (picture, copy);
    g_assert_true (copy->rgb != picture->rgb);
  }
}

static void
test_text (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqPicture) picture = make_picture (8, 8);
  g_autoptr (GBytes) png = inq_picture_to_png (picture, "caf\xc3\xa9 {\"seed\": 1}\nSteps: 20", &error);
  g_autoptr (GBytes) invalid = inq_picture_to_png (picture, "bad \xff byte", &error);
  g_autoptr (InqPicture) back = inq_picture_from_png (png, &error);
  gsize size;
  const char *data = g_bytes_get_data (png, &size);
  static const char chunk[] = "iTXtparameters\0\0\0\0\0caf\xc3\xa9 {\"seed\": 1}\nSteps: 20";

  g_assert_no_error (error);
  g_assert_nonnull (memmem (data, size, chunk, sizeof chunk - 1));
  data = g_bytes_get_data (invalid, &size);
  g_assert_nonnull (memmem (data, size, "bad \xef\xbf\xbd byte", 12));
  assert_same (picture, back);
}

/* ---- PNGs of other kinds, written with libpng itself ---- */

static void
append_cb (png_structp png, png_bytep data, size_t size)
{
  g_byte_array_append (png_get_io_ptr (png), data, (guint) size);
}

static void
flush_cb (png_structp png)
{
}

typedef struct {
  const char *name;
  int color, depth, interlace;
  gsize row_bytes;
  guint8 row[16]; /* two pixels */
  guint8 expected[2][3];
} Kind;

static const Kind kinds[] = {
  { "grey-1", PNG_COLOR_TYPE_GRAY, 1, PNG_INTERLACE_NONE, 1, { 0x40 }, { { 0, 0, 0 }, { 255, 255, 255 } } },
  { "grey-16",
    PNG_COLOR_TYPE_GRAY,
    16,
    PNG_INTERLACE_NONE,
    4,
    { 0x80, 0x80, 0xff, 0xff },
    { { 128, 128, 128 }, { 255, 255, 255 } } },
  { "grey-alpha",
    PNG_COLOR_TYPE_GRAY_ALPHA,
    8,
    PNG_INTERLACE_NONE,
    4,
    { 0, 255, 0, 0 },
    { { 0, 0, 0 }, { 255, 255, 255 } } },
  { "rgb-16",
    PNG_COLOR_TYPE_RGB,
    16,
    PNG_INTERLACE_NONE,
    12,
    { 1, 1, 2, 2, 3, 3, 255, 255, 0, 0, 9, 9 },
    { { 1, 2, 3 }, { 255, 0, 9 } } },
  { "rgba",
    PNG_COLOR_TYPE_RGB_ALPHA,
    8,
    PNG_INTERLACE_NONE,
    8,
    { 255, 0, 0, 128, 1, 2, 3, 0 },
    { { 255, 127, 127 }, { 255, 255, 255 } } },
  { "rgba-interlaced",
    PNG_COLOR_TYPE_RGB_ALPHA,
    8,
    PNG_INTERLACE_ADAM7,
    8,
    { 255, 0, 0, 128, 1, 2, 3, 255 },
    { { 255, 127, 127 }, { 1, 2, 3 } } },
  { "palette", PNG_COLOR_TYPE_PALETTE, 8, PNG_INTERLACE_NONE, 2, { 1, 0 }, { { 10, 20, 30 }, { 255, 255, 255 } } },
};

static GBytes *
write_kind (const Kind *kind)
{
  GByteArray *out = g_byte_array_new ();
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (png);
  static const png_color palette[] = { { 200, 0, 0 }, { 10, 20, 30 } };
  static const png_byte alpha[] = { 0 };

  png_set_write_fn (png, out, append_cb, flush_cb);
  png_set_IHDR (png, info, 2, 3, kind->depth, kind->color, kind->interlace, PNG_COMPRESSION_TYPE_DEFAULT,
                PNG_FILTER_TYPE_DEFAULT);
  if (kind->color == PNG_COLOR_TYPE_PALETTE) {
    png_set_PLTE (png, info, palette, 2);
    png_set_tRNS (png, info, alpha, 1, NULL);
  }
  png_write_info (png, info);
  png_bytep rows[3] = { (png_bytep) kind->row, (png_bytep) kind->row, (png_bytep) kind->row };
  png_write_image (png, rows);
  png_write_end (png, info);
  png_destroy_write_struct (&png, &info);
  return g_byte_array_free_to_bytes (out);
}

static void
test_kind (gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = write_kind (kind);
  g_autoptr (InqPicture) picture = inq_picture_from_png (png, &error);

  g_assert_no_error (error);
  g_assert_cmpint (picture->width, ==, 2);
  g_assert_cmpint (picture->height, ==, 3);
  for (int y = 0; y < 3; y++)
    g_assert_cmpmem (picture->rgb + y * 6, 6, kind->expected, 6);
}

/* Every prefix, and every byte changed in turn: an error or a picture, never a crash. */
static void
test_hostile (void)
{
  g_autoptr (InqPicture) picture = make_picture (9, 7);
  g_autoptr (GBytes) png = inq_picture_to_png (picture, "text", NULL);
  gsize size;
  const guint8 *data = g_bytes_get_data (png, &size);

  for (gsize n = 0; n < size; n++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) part = g_bytes_new (data, n);
    g_autoptr (InqPicture) back = inq_picture_from_png (part, &error);
    g_assert_null (back);
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  }
  for (gsize at = 0; at < size; at++) {
    g_autoptr (GError) error = NULL;
    g_autofree guint8 *changed = g_memdup2 (data, size);
    changed[at] ^= 0x55;
    g_autoptr (GBytes) bytes = g_bytes_new (changed, size);
    g_autoptr (InqPicture) back = inq_picture_from_png (bytes, &error);
    g_assert_true ((back != NULL) == (error == NULL));
  }
}

static void
put_32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (at, &value, 4);
}

/* A header that promises more than there can be. */
static void
assert_size_refused (guint32 width, guint32 height)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqPicture) picture = make_picture (2, 2);
  g_autoptr (GBytes) png = inq_picture_to_png (picture, NULL, NULL);
  gsize size;
  g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (png, &size), g_bytes_get_size (png));

  put_32 (data + 16, width);
  put_32 (data + 20, height);
  guint32 crc = 0xffffffff;
  for (int i = 12; i < 29; i++) {
    crc ^= data[i];
    for (int k = 0; k < 8; k++)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  put_32 (data + 29, ~crc);
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_assert_null (inq_picture_from_png (bytes, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_test_message ("%s", error->message);
}

static void
test_limits (void)
{
  assert_size_refused (16385, 1);
  assert_size_refused (1, 16385);
  assert_size_refused (16384, 16384);
  assert_size_refused (0x7fffffff, 0x7fffffff);
  assert_size_refused (0, 1);
}

static void
test_scale_flat (void)
{
  static const int sizes[][2] = { { 1, 1 }, { 7, 5 }, { 31, 97 }, { 200, 3 } };

  for (guint from = 0; from < G_N_ELEMENTS (sizes); from++)
    for (guint to = 0; to < G_N_ELEMENTS (sizes); to++) {
      g_autoptr (InqPicture) picture = inq_picture_new (sizes[from][0], sizes[from][1]);
      memset (picture->rgb, 201, (gsize) picture->width * picture->height * 3);
      g_autoptr (InqPicture) scaled = inq_picture_scale (picture, sizes[to][0], sizes[to][1]);
      g_assert_cmpint (scaled->width, ==, sizes[to][0]);
      g_assert_cmpint (scaled->height, ==, sizes[to][1]);
      for (int i = 0; i < scaled->width * scaled->height * 3; i++)
        g_assert_cmpint (scaled->rgb[i], ==, 201);
    }
}

static void
test_scale_values (void)
{
  /* Halving is the mean of each 2 x 2; 3 to 2 weighs by area. */
  g_autoptr (InqPicture) picture = inq_picture_new (4, 2);
  for (int x = 0; x < 8; x++)
    memset (picture->rgb + x * 3, x * 10, 3);
  g_autoptr (InqPicture) half = inq_picture_scale (picture, 2, 1);
  g_assert_cmpint (half->rgb[0], ==, 25);
  g_assert_cmpint (half->rgb[5], ==, 45);

  g_autoptr (InqPicture) three = inq_picture_new (3, 1);
  memset (three->rgb + 3, 90, 3);
  g_autoptr (InqPicture) two = inq_picture_scale (three, 2, 1);
  g_assert_cmpint (two->rgb[0], ==, 30);
  g_assert_cmpint (two->rgb[3], ==, 30);

  /* Up: a ramp stays a ramp in the middle, an edge does not wrap around. */
  g_autoptr (InqPicture) ramp = inq_picture_new (8, 1);
  for (int x = 0; x < 8; x++)
    memset (ramp->rgb + x * 3, x * 16, 3);
  g_autoptr (InqPicture) twice = inq_picture_scale (ramp, 16, 1);
  for (int x = 4; x < 12; x++)
    g_assert_cmpint (twice->rgb[x * 3], ==, x * 8 - 4);
  g_autoptr (InqPicture) edge = inq_picture_new (2, 1);
  memset (edge->rgb + 3, 255, 3);
  g_autoptr (InqPicture) wide = inq_picture_scale (edge, 64, 1);
  g_assert_cmpint (wide->rgb[0], <=, 1);
  g_assert_cmpint (wide->rgb[63 * 3], >=, 254);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/picture/round-trip", test_round_trip);
  g_test_add_func ("/picture/text", test_text);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autofree char *path = g_strdup_printf ("/picture/kind/%s", kinds[i].name);
    g_test_add_data_func (path, &kinds[i], test_kind);
  }
  g_test_add_func ("/picture/hostile", test_hostile);
  g_test_add_func ("/picture/limits", test_limits);
  g_test_add_func ("/picture/scale-flat", test_scale_flat);
  g_test_add_func ("/picture/scale-values", test_scale_values);
  return g_test_run ();
}
