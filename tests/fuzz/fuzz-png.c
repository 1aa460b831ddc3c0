/* Inquadra - fuzzer of the PNG reader: an error or a picture that survives being written and read again.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-engine.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

/* Larger ones are slow, not interesting. */
#define MAX_PIXELS (1 << 18)

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate (uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator (uint8_t *data, size_t size, size_t max_size, unsigned int seed);

static guint32
get_32 (const uint8_t *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_BE (value);
}

/* Every chunk's checksum is put right again, so that mutations get beyond it. */
size_t
LLVMFuzzerCustomMutator (uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
  size = LLVMFuzzerMutate (data, size, max_size);
  for (size_t at = 8; at + 12 <= size && get_32 (data + at) <= size - at - 12;) {
    size_t length = get_32 (data + at);
    guint32 crc = GUINT32_TO_BE ((guint32) crc32 (0, data + at + 4, (uInt) (length + 4)));
    memcpy (data + at + 8 + length, &crc, 4);
    at += 12 + length;
  }
  return size;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size >= 24 && (guint64) get_32 (data + 16) * get_32 (data + 20) > MAX_PIXELS)
    return 0;

  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (InqPicture) picture = inq_picture_from_png (bytes, &error);
  g_assert_true ((picture != NULL) == (error == NULL));
  if (!picture)
    return 0;

  g_autoptr (GBytes) written = inq_picture_to_png (picture, "fuzz", &error);
  g_assert_no_error (error);
  g_autoptr (InqPicture) back = inq_picture_from_png (written, &error);
  g_assert_no_error (error);
  g_assert_true (back->width == picture->width && back->height == picture->height);
  g_assert_true (memcmp (back->rgb, picture->rgb, (gsize) back->width * back->height * 3) == 0);
  g_autoptr (InqPicture) scaled = inq_picture_scale (picture, 16, 9);
  g_assert_nonnull (scaled);
  return 0;
}
