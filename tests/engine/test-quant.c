/* Inquadra - tests of the block-quantised number formats: equal to gguf-py's numbers, whole and in slices.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-convert.h"
#include "inq-weights.h"

#include <math.h>
#include <string.h>

static void
test_reference (void)
{
  const char *data = g_getenv ("INQ_TEST_DATA");
  g_autofree char *path = g_build_filename (data ? data : "", "files", "quants.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (InqWeights) weights = inq_weights_open (path, &error);
  g_assert_no_error (error);
  for (int dtype = INQ_DTYPE_Q8_0; dtype <= INQ_DTYPE_Q6_K; dtype++) {
    g_autofree char *blocks_name = g_strconcat (inq_dtype_name (dtype), ".blocks", NULL);
    g_autofree char *values_name = g_strconcat (inq_dtype_name (dtype), ".values", NULL);
    const InqWeight *blocks = inq_weights_lookup (weights, blocks_name);
    const InqWeight *values = inq_weights_lookup (weights, values_name);
    g_assert_true (blocks && values);
    gsize elements, bytes, n = inq_weight_count (values);
    g_assert_true (inq_dtype_block (dtype, &elements, &bytes));
    g_assert_cmpuint (inq_dtype_size (dtype), ==, 0);
    InqWeight quantised = *blocks;
    quantised.dtype = dtype;
    g_assert_cmpuint (inq_weight_count (&quantised), ==, n);

    g_autofree float *expected = g_new (float, n);
    g_autofree float *got = g_new (float, n);
    inq_weight_to_f32 (values, expected);
    inq_weight_to_f32 (&quantised, got);
    for (gsize i = 0; i < n; i++)
      if (memcmp (&got[i], &expected[i], 4) != 0 && !(got[i] == 0 && expected[i] == 0))
        g_error ("%s[%zu] is %g, gguf-py has %g", inq_dtype_name (dtype), i, got[i], expected[i]);
    for (gsize first = 0; first < n; first += 7)
      for (gsize count = 0; first + count <= n; count += 1 + count * 2) {
        memset (got, 0xff, n * sizeof *got);
        inq_weight_slice_to_f32 (&quantised, first, count, got);
        g_assert_cmpmem (got, count * 4, expected + first, count * 4);
        g_assert_true (count == n || isnan (got[count]));
      }
  }
}

/* Plain types go through the same functions. */
static void
test_plain (void)
{
  guint16 halves[5];
  const float numbers[5] = { 1, -2, 0.5f, 65504, 0 };
  inq_convert_f32_to_f16 (numbers, halves, 5);
  InqWeight w = { .dtype = INQ_DTYPE_F16, .n_dims = 1, .dims = { 5 }, .data = halves, .size = sizeof halves };
  gsize elements, bytes;
  float out[3];
  g_assert_false (inq_dtype_block (INQ_DTYPE_F16, &elements, &bytes));
  g_assert_true (elements == 1 && bytes == 2);
  inq_weight_slice_to_f32 (&w, 1, 3, out);
  g_assert_cmpmem (out, sizeof out, numbers + 1, sizeof out);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quant/reference", test_reference);
  g_test_add_func ("/quant/plain", test_plain);
  return g_test_run ();
}
