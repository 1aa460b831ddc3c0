/* Inquadra - tests of the safetensors loader: what it reads, and everything it must refuse.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-convert.h"
#include "inq-weights.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

/* A file of @json as header and @data_size bytes 0, 1, 2, .. */
static GBytes *
make_file (const char *json, gsize data_size)
{
  GByteArray *file = g_byte_array_new ();
  guint64 size = GUINT64_TO_LE (strlen (json));

  g_byte_array_append (file, (const guint8 *) &size, 8);
  g_byte_array_append (file, (const guint8 *) json, strlen (json));
  for (gsize i = 0; i < data_size; i++) {
    guint8 byte = (guint8) i;
    g_byte_array_append (file, &byte, 1);
  }
  return g_byte_array_free_to_bytes (file);
}

static void
test_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = make_file ("{\"b\\u00e9\":{\"dtype\":\"F16\",\"shape\":[2, 3],\"data_offsets\":[4,16]},"
                                        "\"__metadata__\":{\"format\":\"pt\",\"a\\\"\":\"\\ud83d\\ude00\"},\n"
                                        "\"a\":{\"shape\":[],\"data_offsets\":[0,4],\"dtype\":\"F32\"},"
                                        "\"none\":{\"dtype\":\"I64\",\"shape\":[0,7],\"data_offsets\":[16,16]}}   ",
                                        16);
  g_autoptr (InqWeights) weights = inq_weights_new_from_bytes (bytes, "mini", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (inq_weights_get_count (weights), ==, 3);
  g_assert_cmpstr (inq_weights_get (weights, 0)->name, ==, "a");
  g_assert_cmpuint (inq_weights_get (weights, 0)->n_dims, ==, 0);
  g_assert_cmpuint (inq_weight_count (inq_weights_get (weights, 0)), ==, 1);
  const InqWeight *b = inq_weights_lookup (weights, "b\xc3\xa9");
  g_assert_nonnull (b);
  g_assert_true (b == inq_weights_get (weights, 1));
  g_assert_cmpint (b->dtype, ==, INQ_DTYPE_F16);
  g_assert_cmpuint (b->n_dims, ==, 2);
  g_assert_cmpint (b->dims[0], ==, 2);
  g_assert_cmpint (b->dims[1], ==, 3);
  g_assert_cmpuint (b->size, ==, 12);
  g_assert_cmpuint (((const guint8 *) b->data)[0], ==, 4);
  g_assert_cmpuint (inq_weight_count (inq_weights_lookup (weights, "none")), ==, 0);
  g_assert_null (inq_weights_lookup (weights, "c"));
  g_assert_cmpstr (inq_weights_get_metadata (weights, "format"), ==, "pt");
  g_assert_cmpstr (inq_weights_get_metadata (weights, "a\""), ==, "\xf0\x9f\x98\x80");
  g_assert_null (inq_weights_get_metadata (weights, "other"));
  g_assert_cmpstr (inq_weights_get_label (weights), ==, "mini");
  g_assert_true (inq_weights_check (weights, &error));

  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  g_assert_cmpstr (inq_weights_get_hash (weights), ==, hash);
}

typedef struct {
  const char *name;
  const char *json;
  gsize data_size;
  InqLoaderError code;
  const char *says;
} Refused;

#define T(dtype, shape, offsets) "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static const Refused refused[] = {
  { "overlap", "{\"a\":" T ("F32", "[2]", "[0,8]") ",\"b\":" T ("F32", "[2]", "[4,12]") "}", 12,
    INQ_LOADER_ERROR_CORRUPT, "“a” and “b” overlap" },
  { "same-place", "{\"a\":" T ("F32", "[2]", "[0,8]") ",\"b\":" T ("F32", "[2]", "[0,8]") "}", 8,
    INQ_LOADER_ERROR_CORRUPT, "overlap" },
  { "gap", "{\"a\":" T ("F32", "[2]", "[0,8]") ",\"b\":" T ("F32", "[1]", "[12,16]") "}", 16, INQ_LOADER_ERROR_CORRUPT,
    "4 bytes before tensor “b”" },
  { "truncated", "{\"a\":" T ("F32", "[2]", "[0,8]") ",\"b\":" T ("F32", "[2]", "[8,16]") "}", 15,
    INQ_LOADER_ERROR_CORRUPT, "“b” ends at byte 16, but there are only 15" },
  { "oversized", "{\"a\":" T ("F32", "[2]", "[0,8]") "}", 9, INQ_LOADER_ERROR_CORRUPT, "1 bytes after the last" },
  { "backwards", "{\"a\":" T ("F32", "[1]", "[8,4]") "}", 8, INQ_LOADER_ERROR_CORRUPT, "before it begins" },
  { "wrong-size", "{\"a\":" T ("F32", "[3]", "[0,8]") "}", 8, INQ_LOADER_ERROR_CORRUPT, "need 12" },
  { "overflow", "{\"a\":" T ("F32", "[4294967296,4294967296]", "[0,0]") "}", 0, INQ_LOADER_ERROR_CORRUPT,
    "larger than any memory" },
  { "overflow-zero", "{\"a\":" T ("F32", "[9223372036854775807,2,0]", "[0,0]") "}", 0, INQ_LOADER_ERROR_CORRUPT,
    "larger than any memory" },
  { "huge-number", "{\"a\":" T ("F32", "[99999999999999999999]", "[0,0]") "}", 0, INQ_LOADER_ERROR_CORRUPT,
    "too large" },
  { "negative", "{\"a\":" T ("F32", "[-1]", "[0,0]") "}", 0, INQ_LOADER_ERROR_CORRUPT, "0 or more" },
  { "fraction", "{\"a\":" T ("F32", "[1.5]", "[0,0]") "}", 0, INQ_LOADER_ERROR_CORRUPT, "not whole" },
  { "six-dims", "{\"a\":" T ("U8", "[1,1,1,1,1,1]", "[0,1]") "}", 1, INQ_LOADER_ERROR_CORRUPT, "five dimensions" },
  { "twice", "{\"a\":" T ("U8", "[1]", "[0,1]") ",\"\\u0061\":" T ("U8", "[1]", "[1,2]") "}", 2,
    INQ_LOADER_ERROR_CORRUPT, "“a” is listed twice" },
  { "field-twice", "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
    INQ_LOADER_ERROR_CORRUPT, "given twice" },
  { "field-missing", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, INQ_LOADER_ERROR_CORRUPT, "without dtype" },
  { "metadata-twice", "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, INQ_LOADER_ERROR_CORRUPT, "given twice" },
  { "unknown-dtype", "{\"a\":" T ("F8_E4M3", "[1]", "[0,1]") "}", 1, INQ_LOADER_ERROR_UNSUPPORTED, "F8_E4M3" },
  { "trailing", "{} {", 0, INQ_LOADER_ERROR_CORRUPT, "more text after its end at byte 11" },
  { "unfinished", "{\"a\":{\"dtype\":\"F3", 0, INQ_LOADER_ERROR_CORRUPT, "unfinished string" },
  { "not-utf8", "{\"\xff\":" T ("U8", "[1]", "[0,1]") "}", 1, INQ_LOADER_ERROR_CORRUPT, "not UTF-8" },
  { "nul", "{\"\\u0000\":" T ("U8", "[1]", "[0,1]") "}", 1, INQ_LOADER_ERROR_CORRUPT, "cannot hold" },
  { "half-pair", "{\"\\ud800\":" T ("U8", "[1]", "[0,1]") "}", 1, INQ_LOADER_ERROR_CORRUPT, "half of a surrogate" },
  { "not-object", "[1]", 0, INQ_LOADER_ERROR_UNSUPPORTED, "does not begin with" },
};

static void
test_refused (gconstpointer data)
{
  const Refused *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = make_file (row->json, row->data_size);
  g_autoptr (InqWeights) weights = inq_weights_new_from_bytes (bytes, "bad.safetensors", &error);

  g_assert_null (weights);
  g_assert_error (error, INQ_LOADER_ERROR, (int) row->code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "bad.safetensors"));
  g_assert_nonnull (strstr (error->message, row->says));
}

static void
assert_raw_refused (const void *data, gsize size, InqLoaderError code, const char *says)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (InqWeights) weights = inq_weights_new_from_bytes (bytes, "x", &error);

  g_assert_null (weights);
  g_assert_error (error, INQ_LOADER_ERROR, (int) code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_formats (void)
{
  guint8 tar[512] = "archive/data.pkl";

  memcpy (tar + 257, "ustar", 5);
  assert_raw_refused ("", 0, INQ_LOADER_ERROR_CORRUPT, "0 bytes");
  assert_raw_refused ("1234567", 7, INQ_LOADER_ERROR_CORRUPT, "7 bytes");
  assert_raw_refused ("PK\003\004\024\0\0\0\0\0\0", 11, INQ_LOADER_ERROR_UNSUPPORTED, "pickle");
  assert_raw_refused ("\200\002}q\0(X", 7, INQ_LOADER_ERROR_UNSUPPORTED, "pickle");
  assert_raw_refused (tar, sizeof tar, INQ_LOADER_ERROR_UNSUPPORTED, "pickle");
  assert_raw_refused ("GGUF\3\0\0\0\0\0", 10, INQ_LOADER_ERROR_CORRUPT, "an end before its time");
  assert_raw_refused ("version https://git-lfs.github.com/spec/v1", 42, INQ_LOADER_ERROR_UNSUPPORTED, "git lfs pull");
  assert_raw_refused ("<!DOCTYPE html><html>", 21, INQ_LOADER_ERROR_UNSUPPORTED, "web page");
  assert_raw_refused ("\377\377\377\377\377\377\377\377{}", 10, INQ_LOADER_ERROR_UNSUPPORTED, "100 MB");
  assert_raw_refused ("\0\0\0\001\0\0\0\0{}", 10, INQ_LOADER_ERROR_CORRUPT,
                      "16777216 bytes, but the file ends after 2");
  assert_raw_refused ("\0\0\0\0\0\0\0\0", 8, INQ_LOADER_ERROR_UNSUPPORTED, "does not begin");
}

/* Every prefix of a good file is refused, and none makes the loader read beyond it. */
static void
test_every_prefix (void)
{
  g_autoptr (GBytes) bytes = make_file (
      "{\"__metadata__\":{\"k\":\"v\\n\"},\"a\":" T ("BF16", "[2]", "[0,4]") ",\"b\":" T ("F32", "[1,1]", "[4,8]") "}",
      8);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  for (gsize n = 0; n <= size; n++) {
    g_autofree guint8 *exact = g_memdup2 (data, MAX (n, 1));
    g_autoptr (GBytes) part = g_bytes_new_static (exact, n);
    g_autoptr (GError) error = NULL;
    g_autoptr (InqWeights) weights = inq_weights_new_from_bytes (part, "part", &error);
    if (n == size)
      g_assert_no_error (error);
    else
      g_assert_nonnull (error);
  }
}

static void
test_write (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("inq-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, "out.safetensors", NULL);
  const float a[] = { 1, -2.5f, INFINITY, 1e-40f }, b[] = { 7 };
  const InqWeightOut tensors[] = {
    { "quote\" and \\ and \n", 2, { 2, 2 }, a },
    { "scalar", 0, { 0 }, b },
    { "empty", 2, { 0, 3 }, NULL },
  };

  g_assert_true (inq_weights_write (path, tensors, G_N_ELEMENTS (tensors), &error));
  g_assert_no_error (error);
  {
    g_autoptr (InqWeights) weights = inq_weights_open (path, &error);
    float back[4];
    g_assert_no_error (error);
    g_assert_cmpuint (inq_weights_get_count (weights), ==, 3);
    const InqWeight *w = inq_weights_lookup (weights, tensors[0].name);
    g_assert_nonnull (w);
    g_assert_cmpuint ((guintptr) w->data % 8, ==, 0);
    inq_weight_to_f32 (w, back);
    g_assert_cmpmem (back, sizeof back, a, sizeof a);
    inq_weight_to_f32 (inq_weights_lookup (weights, "scalar"), back);
    g_assert_cmpfloat (back[0], ==, 7);

    /* Cut short while mapped: noticed before anyone reads the data. */
    g_assert_true (inq_weights_check (weights, &error));
    g_assert_cmpint (truncate (path, 100), ==, 0);
    g_assert_false (inq_weights_check (weights, &error));
    g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO);
    g_clear_error (&error);
  }
  g_assert_null (inq_weights_open (path, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT);
  g_clear_error (&error);
  g_assert_null (inq_weights_open (folder, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO);
  g_clear_error (&error);

  g_autofree char *nowhere = g_build_filename (folder, "no", "where", NULL);
  g_assert_false (inq_weights_write (nowhere, tensors, 1, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO);
  g_clear_error (&error);
  g_assert_null (inq_weights_open (nowhere, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO);

  /* Nothing but the file itself was left behind. */
  g_unlink (path);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* All 65536 halves against the definition, and back. */
static void
test_half (void)
{
  g_autofree guint16 *halves = g_new (guint16, 65536);
  g_autofree guint16 *again = g_new (guint16, 65536);
  g_autofree float *floats = g_new (float, 65536);

  for (guint i = 0; i < 65536; i++)
    halves[i] = (guint16) i;
  inq_convert_to_f32 (INQ_DTYPE_F16, halves, floats, 65536);
  inq_convert_f32_to_f16 (floats, again, 65536);
  for (guint i = 0; i < 65536; i++) {
    int exponent = (i >> 10) & 31, mantissa = i & 1023;
    double expected = exponent == 0 ? ldexp (mantissa, -24) : ldexp (1024 + mantissa, exponent - 25);
    float one = inq_f16_to_f32 ((guint16) i);
    if (exponent == 31) {
      g_assert_true (mantissa ? isnan (floats[i]) : isinf (floats[i]));
      g_assert_true (mantissa ? isnan (one) : isinf (one));
      g_assert_cmpuint (again[i] & 0xfc00, ==, i & 0xfc00);
      g_assert_true (mantissa ? (again[i] & 1023) != 0 : again[i] == i);
      continue;
    }
    g_assert_cmpfloat (floats[i], ==, i & 0x8000 ? -expected : expected);
    g_assert_cmpfloat (one, ==, floats[i]);
    g_assert_cmpuint (again[i], ==, i);
    g_assert_cmpuint (inq_f32_to_f16 (floats[i]), ==, i);
  }
}

static void
test_half_rounding (void)
{
  const struct {
    double value;
    guint16 half;
  } rows[] = {
    { 1 + 0x1p-11, 0x3c00 },     /* tie, to even */
    { 1 + 3 * 0x1p-11, 0x3c02 }, /* tie, to even */
    { 1 + 0x1p-11 + 0x1p-20, 0x3c01 },
    { 65519.99, 0x7bff },
    { 65520, 0x7c00 },
    { -1e30, 0xfc00 },
    { 0x1p-25, 0 }, /* tie at the smallest denormal */
    { 0x1.8p-25, 1 },
    { 0x1p-14 - 0x1p-26, 0x0400 },
    { -0.0, 0x8000 },
    { 1e-30, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    float value = (float) rows[i].value;
    float eight[8] = { value, value, value, value, value, value, value, value };
    guint16 halves[8];
    g_assert_cmpuint (inq_f32_to_f16 (value), ==, rows[i].half);
    inq_convert_f32_to_f16 (eight, halves, 8);
    g_assert_cmpuint (halves[3], ==, rows[i].half);
  }
}

static void
test_other_types (void)
{
  const guint8 raw[17] = { 9, 0x80, 0x3f, 0x00, 0xc0, 0xff, 0x01, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f };
  float out[8];

  /* From an odd address, as a file may have it. */
  inq_convert_to_f32 (INQ_DTYPE_BF16, raw + 1, out, 2);
  g_assert_cmpfloat (out[0], ==, 1);
  g_assert_cmpfloat (out[1], ==, -2);
  inq_convert_to_f32 (INQ_DTYPE_I8, raw + 5, out, 1);
  g_assert_cmpfloat (out[0], ==, -1);
  inq_convert_to_f32 (INQ_DTYPE_U8, raw + 5, out, 1);
  g_assert_cmpfloat (out[0], ==, 255);
  inq_convert_to_f32 (INQ_DTYPE_BOOL, raw + 5, out, 3);
  g_assert_cmpfloat (out[0], ==, 1);
  g_assert_cmpfloat (out[2], ==, 0);
  inq_convert_to_f32 (INQ_DTYPE_I16, raw + 7, out, 1);
  g_assert_cmpfloat (out[0], ==, -32768);
  inq_convert_to_f32 (INQ_DTYPE_I32, raw + 6, out, 1);
  g_assert_cmpfloat (out[0], ==, 0x800001);
  inq_convert_to_f32 (INQ_DTYPE_I64, raw + 6, out, 1);
  g_assert_cmpfloat (out[0], ==, 0x800001);
  inq_convert_to_f32 (INQ_DTYPE_F64, raw + 9, out, 1);
  g_assert_cmpfloat (out[0], ==, 1);
}

static void
test_reference (void)
{
  static const char *const models[] = { "sd15-mini", "sd2-mini", "sdxl-mini" };
  const char *reference = g_getenv ("INQ_REFERENCE");

  if (!reference || !g_file_test (reference, G_FILE_TEST_IS_DIR)) {
    g_test_skip ("no reference data ($INQ_REFERENCE)");
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (models); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *path = g_build_filename (reference, models[i], "model.safetensors", NULL);
    g_autoptr (InqWeights) weights = inq_weights_open (path, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (inq_weights_get_count (weights), >, 900);
    g_assert_cmpstr (inq_weights_get_metadata (weights, "format"), ==, "pt");
    const InqWeight *w = inq_weights_lookup (weights, "model.diffusion_model.input_blocks.0.0.weight");
    g_assert_nonnull (w);
    g_assert_cmpuint (w->n_dims, ==, 4);
    g_assert_cmpint (w->dims[1], ==, 4);
    g_autofree float *values = g_new (float, inq_weight_count (w));
    inq_weight_to_f32 (w, values);
    for (gsize k = 0; k < inq_weight_count (w); k++)
      g_assert_true (isfinite (values[k]));
  }
}

/* Bytes of the file @path that are in this process's memory. */
static gsize
mapped_bytes (const char *path)
{
  g_autofree char *text = NULL;
  gsize total = 0;
  gboolean ours = FALSE;

  if (!g_file_get_contents ("/proc/self/smaps", &text, NULL, NULL))
    return 0;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++) {
    if (g_ascii_isxdigit (lines[i][0]) && strchr (lines[i], '-'))
      ours = g_str_has_suffix (lines[i], path);
    else if (ours && g_str_has_prefix (lines[i], "Rss:"))
      total += g_ascii_strtoull (lines[i] + strlen ("Rss:"), NULL, 10) * 1024;
  }
  return total;
}

/* Small tensors with large ones between them, each read and let go: nothing of the file stays, not what the system
 * mapped around them either. */
static void
test_release (void)
{
  const guint n = 128, vector = 1 << 10, matrix = 63 << 10; /* bytes */
  g_autoptr (GString) json = g_string_new ("{");
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  for (guint i = 0; i < n; i++) {
    guint at = i * (vector + matrix);
    g_string_append_printf (json,
                            "%s\"v%u\":{\"dtype\":\"U8\",\"shape\":[%u],\"data_offsets\":[%u,%u]},"
                            "\"m%u\":{\"dtype\":\"U8\",\"shape\":[%u],\"data_offsets\":[%u,%u]}",
                            i ? "," : "", i, vector, at, at + vector, i, matrix, at + vector, at + vector + matrix);
  }
  g_string_append_c (json, '}');
  g_autoptr (GBytes) bytes = make_file (json->str, n * (vector + matrix));
  int fd = g_file_open_tmp ("inquadra-XXXXXX.safetensors", &path, &error);
  g_assert_no_error (error);
  close (fd);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), &error));
  g_autoptr (InqWeights) weights = inq_weights_open (path, &error);
  g_assert_no_error (error);
  float *values = g_new (float, vector);
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("v%u", i);
    const InqWeight *w = inq_weights_lookup (weights, name);
    inq_weight_to_f32 (w, values);
    if (i == 0)
      g_assert_cmpuint (mapped_bytes (path), >, 0);
    inq_weights_release (weights, w);
  }
  g_assert_cmpuint (mapped_bytes (path), <, g_bytes_get_size (bytes) / 4);
  g_free (values);
  g_unlink (path);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/safetensors/read", test_read);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autofree char *path = g_strdup_printf ("/safetensors/refused/%s", refused[i].name);
    g_test_add_data_func (path, &refused[i], test_refused);
  }
  g_test_add_func ("/safetensors/formats", test_formats);
  g_test_add_func ("/safetensors/every-prefix", test_every_prefix);
  g_test_add_func ("/safetensors/write", test_write);
  g_test_add_func ("/safetensors/release", test_release);
  g_test_add_func ("/safetensors/reference", test_reference);
  g_test_add_func ("/convert/half", test_half);
  g_test_add_func ("/convert/half-rounding", test_half_rounding);
  g_test_add_func ("/convert/other-types", test_other_types);
  return g_test_run ();
}
