/* Inquadra - what the op and plan tests share: a device, tables of random weights, running and comparing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops-util.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static InqGpu *gpu;
InqKernels test_kernels;
int test_tile = -1, test_attention_tile = -1, test_parts;
InqPrecision test_precision = INQ_PRECISION_F32;

void
test_parse_kernels (int argc, char **argv)
{
  for (int i = 1; i < argc; i++) {
    if (g_str_equal (argv[i], "--shared"))
      test_kernels = INQ_KERNELS_SHARED;
    else if (g_str_equal (argv[i], "--register"))
      test_kernels = INQ_KERNELS_REGISTER;
    else if (g_str_equal (argv[i], "--matrix"))
      test_kernels = INQ_KERNELS_MATRIX;
    else if (g_str_has_prefix (argv[i], "--tile="))
      test_tile = atoi (argv[i] + 7);
    else if (g_str_has_prefix (argv[i], "--attention="))
      test_attention_tile = atoi (argv[i] + 12);
    else if (g_str_has_prefix (argv[i], "--parts="))
      test_parts = atoi (argv[i] + 8);
    else if (g_str_equal (argv[i], "--halves"))
      test_precision = INQ_PRECISION_F16;
  }
}

static void
log_cb (GLogLevelFlags level, const char *message, gpointer data)
{
  if (level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR))
    g_test_message ("%s", message);
}

InqGpu *
test_gpu (void)
{
  g_autoptr (GError) error = NULL;
  InqGpuOptions options = { .log = log_cb };

  if (gpu)
    return gpu;
  gpu = inq_gpu_new (&options, &error);
  if (!gpu && g_error_matches (error, INQ_GPU_ERROR, INQ_GPU_ERROR_NO_VULKAN)) {
    g_print ("1..0 # SKIP %s\n", error->message);
    exit (0); /* meson takes 77 of a TAP program for a failure */
  }
  g_assert_no_error (error);
  return gpu;
}

int
test_gpu_run (void)
{
  int result = g_test_run ();
  guint messages = gpu ? inq_gpu_get_validation_count (gpu) : 0;

  g_clear_pointer (&gpu, inq_gpu_unref);
  if (messages > 0) {
    g_printerr ("%u validation messages\n", messages);
    return 1;
  }
  return result;
}

float *
test_random (gsize count, float scale, guint32 seed)
{
  float *data = g_new (float, count);
  guint32 state = seed * 2654435761u + 12345u;

  for (gsize i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    data[i] = ((float) (state >> 8) / 8388608.0f - 1.0f) * scale;
    if (test_precision == INQ_PRECISION_F16)
      data[i] = (float) (_Float16) data[i];
  }
  return data;
}

static guint16
to_bf16 (float x)
{
  guint32 bits;

  memcpy (&bits, &x, 4);
  return (guint16) ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

void
test_round (float *data, gsize count, InqDtype dtype)
{
  for (gsize i = 0; i < count; i++) {
    if (dtype == INQ_DTYPE_F16) {
      data[i] = (float) (_Float16) data[i];
    } else if (dtype == INQ_DTYPE_BF16) {
      guint32 bits = (guint32) to_bf16 (data[i]) << 16;

      memcpy (&data[i], &bits, 4);
    }
  }
}

/* ---- tables ---- */

struct _TestTable {
  GString *header;
  GByteArray *bytes;
  GPtrArray *arrays;
  InqWeights *weights;
  guint32 seed;
};

TestTable *
test_table_new (void)
{
  TestTable *t = g_new0 (TestTable, 1);

  t->header = g_string_new ("{");
  t->bytes = g_byte_array_new ();
  t->arrays = g_ptr_array_new_with_free_func (g_free);
  return t;
}

TestTable *
test_table_wrap (InqWeights *weights)
{
  TestTable *t = test_table_new ();

  t->weights = weights;
  return t;
}

void
test_table_free (TestTable *t)
{
  g_string_free (t->header, TRUE);
  g_byte_array_unref (t->bytes);
  g_ptr_array_unref (t->arrays);
  g_clear_pointer (&t->weights, inq_weights_unref);
  g_free (t);
}

const float *
test_table_add (TestTable *t, const char *name, InqDtype dtype, float scale, guint n_dims, ...)
{
  gsize count = 1, begin = t->bytes->len;
  g_autoptr (GString) shape = g_string_new ("");
  float *data;
  va_list args;

  g_assert_null (t->weights);
  va_start (args, n_dims);
  for (guint i = 0; i < n_dims; i++) {
    int dim = va_arg (args, int);

    g_string_append_printf (shape, "%s%d", i ? "," : "", dim);
    count *= (gsize) dim;
  }
  va_end (args);
  data = test_random (count, scale, ++t->seed * 77);
  test_round (data, count, dtype);
  g_ptr_array_add (t->arrays, data);
  for (gsize i = 0; i < count; i++) {
    _Float16 half = (_Float16) data[i];
    guint16 brain = to_bf16 (data[i]);

    if (dtype == INQ_DTYPE_F16)
      g_byte_array_append (t->bytes, (const guint8 *) &half, 2);
    else if (dtype == INQ_DTYPE_BF16)
      g_byte_array_append (t->bytes, (const guint8 *) &brain, 2);
    else
      g_byte_array_append (t->bytes, (const guint8 *) &data[i], 4);
  }
  g_string_append_printf (t->header,
                          "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%" G_GSIZE_FORMAT ",%u]}",
                          t->header->len > 1 ? "," : "", name,
                          dtype == INQ_DTYPE_F16    ? "F16"
                          : dtype == INQ_DTYPE_BF16 ? "BF16"
                                                    : "F32",
                          shape->str, begin, t->bytes->len);
  return data;
}

InqWeights *
test_table_weights (TestTable *t)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) file = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint64 length;

  if (t->weights)
    return t->weights;
  if (t->bytes->len == 0)
    test_table_add (t, "nothing", INQ_DTYPE_F32, 1, 1, 1);
  g_string_append_c (t->header, '}');
  while (t->header->len % 8)
    g_string_append_c (t->header, ' ');
  length = GUINT64_TO_LE (t->header->len);
  file = g_byte_array_new ();
  g_byte_array_append (file, (const guint8 *) &length, 8);
  g_byte_array_append (file, (const guint8 *) t->header->str, (guint) t->header->len);
  g_byte_array_append (file, t->bytes->data, t->bytes->len);
  bytes = g_bytes_new (file->data, file->len);
  t->weights = inq_weights_new_from_bytes (bytes, "test", &error);
  g_assert_no_error (error);
  return t->weights;
}

/* ---- running ---- */

InqTensor *
test_input (InqGraph *g, const char *name, gint64 n, gint64 h, gint64 w, gint64 c)
{
  InqTensor *x = inq_graph_input (g, name, n, h, w, c);

  return test_precision == INQ_PRECISION_F16 ? inq_op_scale (g, x, 1, 0) : x;
}

void
test_output (InqGraph *g, InqTensor *y, const char *name)
{
  inq_graph_output (g, test_precision == INQ_PRECISION_F16 ? inq_op_scale (g, y, 1, 0) : y, name);
}

float *
test_run_graph (InqGraph *graph, TestTable *t, const TestInput *inputs, guint n_inputs, gsize *count)
{
  g_autoptr (GError) error = NULL;
  InqDeviceWeights *dw = inq_device_weights_new (test_gpu (), test_table_weights (t));
  g_autoptr (InqPlan) plan = NULL;
  const gint64 *dims;
  float *out;

  inq_graph_set_kernels (graph, test_kernels);
  inq_graph_set_precision (graph, test_precision);
  inq_graph_set_gemm (graph, test_tile, test_parts);
  inq_graph_set_attention (graph, test_attention_tile);
  plan = inq_plan_new (test_gpu (), graph, dw, FALSE, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n_inputs; i++) {
    inq_plan_write (plan, inputs[i].name, inputs[i].data, inputs[i].count, &error);
    g_assert_no_error (error);
  }
  inq_plan_run (plan, NULL, NULL, &error);
  g_assert_no_error (error);
  dims = inq_plan_get_dims (plan, "y");
  g_assert_nonnull (dims);
  *count = (gsize) (dims[0] * dims[1] * dims[2] * dims[3]);
  out = g_new (float, *count);
  inq_plan_read (plan, "y", out, *count, &error);
  g_assert_no_error (error);
  g_clear_pointer (&plan, inq_plan_free);
  inq_device_weights_free (dw);
  return out;
}

void
test_compare (const char *what, const float *got, const float *want, gsize count, double tolerance)
{
  double mean = 0, squares = 0, worst = 0, deviation;
  gsize at = 0;

  if (test_precision == INQ_PRECISION_F16) /* some roundings to 11 bits */
    tolerance = MAX (tolerance, 4e-3);
  for (gsize i = 0; i < count; i++)
    mean += want[i];
  mean /= (double) count;
  for (gsize i = 0; i < count; i++)
    squares += (want[i] - mean) * (want[i] - mean);
  /* a single value has no deviation of its own */
  deviation = count < 4 ? fabs (mean) + 1e-2 : MAX (sqrt (squares / (double) count), 1e-3 * fabs (mean) + 1e-6);
  for (gsize i = 0; i < count; i++) {
    double off = fabs ((double) got[i] - want[i]);

    if (!isfinite (got[i]))
      off = INFINITY;
    if (off > worst) {
      worst = off;
      at = i;
    }
  }
  if (!(worst / deviation <= tolerance))
    g_error ("%s: element %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " is %g, not %g: off by %g deviations, %g allowed",
             what, at, count, got[at], want[at], worst / deviation, tolerance);
}
