/* Inquadra - writes tensors to a .safetensors file, whole or not at all.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-weights.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

static void
append_json_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const guchar *p = (const guchar *) text; *p; p++)
    if (*p < 0x20 || *p == '"' || *p == '\\')
      g_string_append_printf (out, "\\u%04x", *p);
    else
      g_string_append_c (out, (char) *p);
  g_string_append_c (out, '"');
}

static gsize
tensor_bytes (const InqWeightOut *tensor)
{
  gsize bytes = sizeof (float);

  for (guint i = 0; i < tensor->n_dims; i++)
    bytes *= tensor->dims[i];
  return bytes;
}

/* Length and JSON, padded with spaces so that the data begins at a multiple of 8. */
static GString *
make_header (const InqWeightOut *tensors, guint n_tensors)
{
  GString *header = g_string_new_len ("\0\0\0\0\0\0\0\0", 8);
  guint64 at = 0;

  g_string_append_c (header, '{');
  for (guint i = 0; i < n_tensors; i++) {
    const InqWeightOut *tensor = &tensors[i];
    guint64 end = at + tensor_bytes (tensor);

    if (i > 0)
      g_string_append_c (header, ',');
    append_json_string (header, tensor->name);
    g_string_append (header, ":{\"dtype\":\"F32\",\"shape\":[");
    for (guint d = 0; d < tensor->n_dims; d++)
      g_string_append_printf (header, "%s%" G_GINT64_FORMAT, d ? "," : "", tensor->dims[d]);
    g_string_append_printf (header, "],\"data_offsets\":[%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "]}", at, end);
    at = end;
  }
  g_string_append_c (header, '}');
  while (header->len % 8)
    g_string_append_c (header, ' ');
  guint64 size = GUINT64_TO_LE (header->len - 8);
  memcpy (header->str, &size, sizeof size);
  return header;
}

static gboolean
write_all (FILE *file, const InqWeightOut *tensors, guint n_tensors)
{
  g_autoptr (GString) header = make_header (tensors, n_tensors);

  if (fwrite (header->str, 1, header->len, file) != header->len)
    return FALSE;
  for (guint i = 0; i < n_tensors; i++) {
    gsize bytes = tensor_bytes (&tensors[i]);
    if (bytes > 0 && fwrite (tensors[i].data, 1, bytes, file) != bytes)
      return FALSE;
  }
  return fflush (file) == 0 && fsync (fileno (file)) == 0;
}

gboolean
inq_weights_write (const char *path, const InqWeightOut *tensors, guint n_tensors, GError **error)
{
  g_autofree char *temporary = g_strconcat (path, ".XXXXXX", NULL);
  int fd = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0666);
  FILE *file = fd < 0 ? NULL : fdopen (fd, "wb");
  int code = 0;

  if (!file || !write_all (file, tensors, n_tensors))
    code = errno;
  if (file) {
    if (fclose (file) != 0 && code == 0)
      code = errno;
  } else if (fd >= 0) {
    close (fd);
  }
  if (code == 0 && g_rename (temporary, path) != 0)
    code = errno;
  if (code == 0)
    return TRUE;

  if (fd >= 0)
    g_unlink (temporary);
  g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO, _ ("“%s” cannot be written: %s"), path, g_strerror (code));
  return FALSE;
}
