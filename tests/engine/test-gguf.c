/* Inquadra - tests of the GGUF loader: what it reads, and everything it must refuse.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gguf-writer.h"
#include "inq-weights.h"

#include <math.h>
#include <string.h>

static InqWeights *
read_back (GgufWriter *w, GError **error)
{
  g_autoptr (GBytes) bytes = gguf_finish (w);
  return inq_weights_new_from_bytes (bytes, "mini.gguf", error);
}

static void
test_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *values = g_new (float, 256 * 3);
  for (int i = 0; i < 256 * 3; i++)
    values[i] = (float) (i % 17) - 8;
  GgufWriter *w = gguf_new (3);
  gguf_add_string (w, "general.name", "Mini \xc3\xa9");
  gguf_add_u32 (w, "general.file_type", 7);
  gguf_add_ints (w, "comfy.gguf.orig_shape.c", (gint64[]){ 4, 16, 2, 2 }, 4);
  gguf_add_tensor (w, "a", INQ_DTYPE_F32, (gint64[]){ 3, 256 }, 2, values);
  gguf_add_tensor (w, "b", INQ_DTYPE_F16, (gint64[]){ 3, 8, 4, 2 }, 4, values);
  gguf_add_tensor (w, "c", INQ_DTYPE_Q8_0, (gint64[]){ 1, 256 }, 2, values);
  gguf_add_tensor (w, "d", INQ_DTYPE_Q4_0, (gint64[]){ 24, 32 }, 2, values);
  gguf_add_tensor (w, "e", INQ_DTYPE_BF16, (gint64[]){ 5 }, 1, values);
  g_autoptr (InqWeights) weights = read_back (w, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (inq_weights_get_format (weights), ==, "gguf");
  g_assert_cmpstr (inq_weights_get_metadata (weights, "general.name"), ==, "Mini \xc3\xa9");
  g_assert_cmpstr (inq_weights_get_metadata (weights, "general.file_type"), ==, "7");
  g_assert_cmpuint (inq_weights_get_count (weights), ==, 5);
  const InqWeight *a = inq_weights_lookup (weights, "a"), *b = inq_weights_lookup (weights, "b");
  g_assert_true (a->n_dims == 2 && a->dims[0] == 3 && a->dims[1] == 256);
  g_assert_true (b->n_dims == 4 && b->dims[0] == 3 && b->dims[1] == 8 && b->dims[2] == 4 && b->dims[3] == 2);
  const InqWeight *c = inq_weights_lookup (weights, "c"); /* the shape it had */
  g_assert_true (c->n_dims == 4 && c->dims[0] == 4 && c->dims[1] == 16 && c->dims[3] == 2);
  for (guint i = 0; i < 5; i++) {
    const InqWeight *t = inq_weights_get (weights, i);
    gsize n = inq_weight_count (t);
    g_autofree float *got = g_new (float, n);
    inq_weight_to_f32 (t, got);
    float step = t->dtype == INQ_DTYPE_Q4_0 ? 1.01f : t->dtype == INQ_DTYPE_Q8_0 ? 0.04f : 0;
    for (gsize k = 0; k < n; k++)
      g_assert_cmpfloat_with_epsilon (got[k], values[k], step + 1e-6f);
  }
}

/* Both versions, other alignments, no tensors at all. */
static void
test_variants (void)
{
  for (guint32 version = 2; version <= 3; version++)
    for (guint32 alignment = 1; alignment <= 4096; alignment *= 8) {
      g_autoptr (GError) error = NULL;
      const float values[3] = { 1, 2, 3 };
      GgufWriter *w = gguf_new (version);
      gguf_set_alignment (w, alignment);
      if (alignment > 1)
        gguf_add_tensor (w, "x", INQ_DTYPE_F32, (gint64[]){ 3 }, 1, values);
      g_autoptr (InqWeights) weights = read_back (w, &error);
      g_assert_no_error (error);
      if (alignment > 1)
        g_assert_cmpmem (inq_weights_lookup (weights, "x")->data, 12, values, 12);
    }
}

static void
assert_refused (GBytes *bytes, InqLoaderError code, const char *says)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqWeights) weights = inq_weights_new_from_bytes (bytes, "bad.gguf", &error);
  g_assert_null (weights);
  g_assert_error (error, INQ_LOADER_ERROR, code);
  if (!strstr (error->message, says))
    g_error ("“%s” does not say “%s”", error->message, says);
}

/* A file with one tensor "x" of 64 Q8_0 elements, of which @at in the tensor's record is @value. */
static GBytes *
patched (gsize at, guint64 value, gsize size)
{
  float values[64] = { 0 };
  GgufWriter *w = gguf_new (3);
  gguf_add_tensor (w, "x", INQ_DTYPE_Q8_0, (gint64[]){ 2, 32 }, 2, values);
  g_autoptr (GBytes) bytes = gguf_finish (w);
  gsize n;
  guint8 *copy = g_memdup2 (g_bytes_get_data (bytes, &n), g_bytes_get_size (bytes));
  n = g_bytes_get_size (bytes);
  value = GUINT64_TO_LE (value);
  memcpy (copy + at, &value, size);
  return g_bytes_new_take (copy, n);
}

static void
test_refused (void)
{
  /* 0 magic, 4 version, 8 tensors, 16 pairs, 24 name's length, 32 "x", 33 n_dims, 37 dims, 53 type, 57 offset */
  static const struct {
    gsize at;
    guint64 value;
    gsize size;
    InqLoaderError code;
    const char *says;
  } cases[] = {
    { 4, 1, 4, INQ_LOADER_ERROR_UNSUPPORTED, "another version" },
    { 4, 0x03000000, 4, INQ_LOADER_ERROR_UNSUPPORTED, "big-endian" },
    { 8, 2, 8, INQ_LOADER_ERROR_CORRUPT, "" },
    { 8, G_MAXUINT64, 8, INQ_LOADER_ERROR_CORRUPT, "more tensors than bytes" },
    { 16, G_MAXUINT64, 8, INQ_LOADER_ERROR_CORRUPT, "more pairs than bytes" },
    { 16, 1, 8, INQ_LOADER_ERROR_CORRUPT, "" },
    { 24, G_MAXUINT64, 8, INQ_LOADER_ERROR_CORRUPT, "a text longer than the file" },
    { 24, 0, 8, INQ_LOADER_ERROR_CORRUPT, "a name that is empty" },
    { 32, 0, 1, INQ_LOADER_ERROR_CORRUPT, "not text" },
    { 33, 6, 4, INQ_LOADER_ERROR_CORRUPT, "more than five dimensions" },
    { 37, 31, 8, INQ_LOADER_ERROR_CORRUPT, "no whole blocks" },
    { 37, G_MAXUINT64, 8, INQ_LOADER_ERROR_CORRUPT, "larger than any memory" },
    { 37, G_GUINT64_CONSTANT (1) << 62, 8, INQ_LOADER_ERROR_CORRUPT, "larger than any memory" },
    { 45, 3, 8, INQ_LOADER_ERROR_CORRUPT, "bytes of data" },
    { 53, 16, 4, INQ_LOADER_ERROR_UNSUPPORTED, "IQ2_XXS" },
    { 53, 4, 4, INQ_LOADER_ERROR_UNSUPPORTED, "number format 4" },
    { 57, 32, 8, INQ_LOADER_ERROR_CORRUPT, "bytes of data" },
    { 57, 1, 8, INQ_LOADER_ERROR_CORRUPT, "multiple of 32" },
    { 57, G_MAXUINT64 - 31, 8, INQ_LOADER_ERROR_CORRUPT, "bytes of data" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GBytes) bytes = patched (cases[i].at, cases[i].value, cases[i].size);
    assert_refused (bytes, cases[i].code, cases[i].says);
  }
  /* Cut short anywhere. */
  g_autoptr (GBytes) whole = patched (0, 0x46554747, 4);
  for (gsize n = 4; n < g_bytes_get_size (whole); n++) {
    g_autoptr (GBytes) bytes = g_bytes_new_from_bytes (whole, 0, n);
    assert_refused (bytes, INQ_LOADER_ERROR_CORRUPT, "damaged");
  }
}

static void
test_contradictions (void)
{
  float values[64] = { 0 };
  g_autoptr (GBytes) twice = NULL, overlap = NULL, shape = NULL, pair = NULL, alignment = NULL;
  GgufWriter *w = gguf_new (3);
  gguf_add_tensor (w, "x", INQ_DTYPE_F32, (gint64[]){ 8 }, 1, values);
  gguf_add_tensor (w, "x", INQ_DTYPE_F32, (gint64[]){ 8 }, 1, values);
  twice = gguf_finish (w);
  assert_refused (twice, INQ_LOADER_ERROR_CORRUPT, "listed twice");
  w = gguf_new (3);
  gguf_add_tensor (w, "x", INQ_DTYPE_F32, (gint64[]){ 16 }, 1, values);
  gguf_set_offset (w, 32); /* within x, which has 64 bytes */
  gguf_add_tensor (w, "y", INQ_DTYPE_F32, (gint64[]){ 8 }, 1, values);
  overlap = gguf_finish (w);
  assert_refused (overlap, INQ_LOADER_ERROR_CORRUPT, "overlap");
  w = gguf_new (3);
  gguf_add_ints (w, "comfy.gguf.orig_shape.x", (gint64[]){ 3, 3 }, 2);
  gguf_add_tensor (w, "x", INQ_DTYPE_F32, (gint64[]){ 8 }, 1, values);
  shape = gguf_finish (w);
  assert_refused (shape, INQ_LOADER_ERROR_CORRUPT, "is not its size");
  w = gguf_new (3);
  gguf_add_u32 (w, "k", 1);
  gguf_add_u32 (w, "k", 2);
  pair = gguf_finish (w);
  assert_refused (pair, INQ_LOADER_ERROR_CORRUPT, "a key given twice");
  w = gguf_new (3);
  gguf_add_u32 (w, "general.alignment", 3);
  alignment = gguf_finish (w);
  assert_refused (alignment, INQ_LOADER_ERROR_CORRUPT, "its alignment is 3");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gguf/read", test_read);
  g_test_add_func ("/gguf/variants", test_variants);
  g_test_add_func ("/gguf/refused", test_refused);
  g_test_add_func ("/gguf/contradictions", test_contradictions);
  return g_test_run ();
}
