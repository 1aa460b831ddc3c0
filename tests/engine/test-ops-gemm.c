/* Inquadra - linear layers and convolutions against the C reference, over odd sizes and weight types.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops-util.h"
#include "ref-ops.h"

#include <math.h>

static const InqDtype dtypes[] = { INQ_DTYPE_F32, INQ_DTYPE_F16, INQ_DTYPE_BF16 };

/* @epilogue: bits: 1 bias, 2 channel bias, 4 residual */
static void
check_linear (int n, int h, int w, int in, int out, InqDtype dtype, InqActivation act, guint epilogue)
{
  g_autoptr (TestTable) t = test_table_new ();
  const float *weight = test_table_add (t, "l.weight", dtype, 1, 2, out, in);
  const float *bias = epilogue & 1 ? test_table_add (t, "l.bias", dtype, 1, 1, out) : NULL;
  g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
  gsize rows = (gsize) n * h * w, count;
  g_autofree float *x = test_random (rows * in, 1, 1), *cb = test_random ((gsize) n * out, 1, 2);
  g_autofree float *res = test_random (rows * out, 1, 3), *want = NULL, *got = NULL;
  InqEpilogue e = { .act = act };
  TestInput inputs[3] = { { "x", x, rows * in } };
  guint n_inputs = 1;
  g_autofree char *what = g_strdup_printf ("linear %dx%dx%dx%d -> %d, %s, act %d, epilogue %u", n, h, w, in, out,
                                           inq_dtype_name (dtype), act, epilogue);
  InqTensor *xt = test_input (g, "x", n, h, w, in);

  if (epilogue & 2) {
    e.channel_bias = test_input (g, "cb", n, 1, 1, out);
    inputs[n_inputs++] = (TestInput){ "cb", cb, (gsize) n * out };
  }
  if (epilogue & 4) {
    e.residual = test_input (g, "res", n, h, w, out);
    inputs[n_inputs++] = (TestInput){ "res", res, rows * out };
  }
  test_output (g, inq_op_linear (g, xt, "l", &e), "y");
  want = ref_linear (x, n, (gint64) h * w, in, weight, out, FALSE, bias, epilogue & 2 ? cb : NULL, act,
                     epilogue & 4 ? res : NULL);
  got = test_run_graph (g, t, inputs, n_inputs, &count);
  g_assert_cmpuint (count, ==, rows * out);
  test_compare (what, got, want, count, 2e-5);
}

static void
test_linear (void)
{
  static const int sizes[][5] = {
    { 1, 1, 1, 1, 1 },     { 1, 1, 1, 3, 7 },     { 2, 1, 1, 64, 256 },  { 1, 3, 5, 13, 33 },
    { 1, 1, 77, 48, 48 },  { 3, 7, 1, 33, 13 },   { 1, 9, 16, 160, 64 }, { 2, 5, 3, 20, 4 },
    { 1, 1, 33, 64, 130 }, { 1, 1, 65, 129, 66 }, { 1, 8, 8, 4, 128 },   { 2, 1, 130, 96, 65 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint d = 0; d < 2; d++)
      check_linear (sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3], sizes[i][4], dtypes[(i + d) % 3], INQ_ACT_NONE,
                    i * 3 + d);
  for (guint e = 0; e < 8; e += 3)
    check_linear (2, 3, 3, 12, 20, INQ_DTYPE_F32, INQ_ACT_GELU, e);
  check_linear (2, 3, 5, 7, 13, INQ_DTYPE_F16, INQ_ACT_SILU, 7);
  check_linear (1, 1, 5, 8, 6, INQ_DTYPE_F32, INQ_ACT_QUICK_GELU, 7);
  check_linear (1, 1, 5, 8, 6, INQ_DTYPE_F32, INQ_ACT_RELU, 7);
  check_linear (1, 1, 5, 8, 6, INQ_DTYPE_F32, INQ_ACT_TANH3, 7);
}

/* Large enough for the larger tile of the shared-memory kernel, with an edge both ways. */
static void
test_linear_wide (void)
{
  check_linear (1, 79, 80, 5, 130, INQ_DTYPE_F16, INQ_ACT_NONE, 5);
}

/* A sum over many terms: f32 accumulation in a fixed order stays within what f32 can do. */
static void
test_linear_deep (void)
{
  check_linear (1, 1, 3, 5000, 17, INQ_DTYPE_F16, INQ_ACT_NONE, 1);
  check_linear (1, 1, 18, 2560, 32, INQ_DTYPE_F32, INQ_ACT_NONE, 0);
}

static void
test_linear_rows (void)
{
  for (guint d = 0; d < G_N_ELEMENTS (dtypes); d++) {
    for (int part = 0; part < 3; part++) {
      g_autoptr (TestTable) t = test_table_new ();
      const float *weight = test_table_add (t, "in_proj_weight", dtypes[d], 1, 2, 39, 13);
      const float *bias = test_table_add (t, "in_proj_bias", dtypes[d], 1, 1, 39);
      g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
      g_autofree float *x = test_random (2 * 5 * 13, 1, 4), *want = NULL, *got = NULL;
      TestInput input = { "x", x, 2 * 5 * 13 };
      gsize count;

      test_output (g,
                   inq_op_linear_rows (g, test_input (g, "x", 2, 1, 5, 13), "in_proj_weight", "in_proj_bias", part * 13,
                                       13, NULL),
                   "y");
      want = ref_linear (x, 2, 5, 13, weight + part * 13 * 13, 13, FALSE, bias + part * 13, NULL, INQ_ACT_NONE, NULL);
      got = test_run_graph (g, t, &input, 1, &count);
      test_compare ("linear rows", got, want, count, 2e-5);
    }
  }
}

static void
test_matmul_weight (void)
{
  static const int sizes[][3] = { { 1, 1, 1 }, { 3, 7, 13 }, { 77, 48, 40 }, { 2, 33, 65 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint d = 0; d < G_N_ELEMENTS (dtypes); d++) {
      int rows = sizes[i][0], in = sizes[i][1], out = sizes[i][2];
      g_autoptr (TestTable) t = test_table_new ();
      const float *weight = test_table_add (t, "p", dtypes[d], 1, 2, in, out);
      g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
      g_autofree float *x = test_random ((gsize) rows * in, 1, 5), *want = NULL, *got = NULL;
      TestInput input = { "x", x, (gsize) rows * in };
      gsize count;

      test_output (g, inq_op_matmul_weight (g, test_input (g, "x", 1, 1, rows, in), "p"), "y");
      want = ref_linear (x, 1, rows, in, weight, out, TRUE, NULL, NULL, INQ_ACT_NONE, NULL);
      got = test_run_graph (g, t, &input, 1, &count);
      test_compare ("matmul weight", got, want, count, 2e-5);
    }
}

static void
check_conv (int n, int h, int w, int c, int out, int kh, int kw, InqConv conv, InqDtype dtype, InqActivation act,
            guint epilogue)
{
  g_autoptr (TestTable) t = test_table_new ();
  const float *weight = test_table_add (t, "c.weight", dtype, 1, 4, out, c, kh, kw);
  const float *bias = epilogue & 1 ? test_table_add (t, "c.bias", dtype, 1, 1, out) : NULL;
  g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
  gsize in_count = (gsize) n * h * w * c, count;
  g_autofree float *x = test_random (in_count, 1, 6), *cb = test_random ((gsize) n * out, 1, 7);
  g_autofree float *res = NULL, *want = NULL, *got = NULL, *plain = NULL;
  InqEpilogue e = { .act = act };
  TestInput inputs[3] = { { "x", x, in_count } };
  guint n_inputs = 1;
  gint64 oh, ow;
  g_autofree char *what = g_strdup_printf (
      "conv %dx%dx%dx%d -> %d, %dx%d, stride %d, pad %d %d, up %d, %s, act %d, epilogue %u", n, h, w, c, out, kh, kw,
      conv.stride, conv.pad_before, conv.pad_after, conv.upsample2, inq_dtype_name (dtype), act, epilogue);
  InqTensor *xt = test_input (g, "x", n, h, w, c), *y;

  plain = ref_conv (x, n, h, w, c, weight, out, kh, kw, &conv, NULL, NULL, INQ_ACT_NONE, NULL, &oh, &ow);
  res = test_random ((gsize) (n * oh * ow * out), 1, 8);
  want = ref_conv (x, n, h, w, c, weight, out, kh, kw, &conv, bias, epilogue & 2 ? cb : NULL, act,
                   epilogue & 4 ? res : NULL, &oh, &ow);
  if (epilogue & 2) {
    e.channel_bias = test_input (g, "cb", n, 1, 1, out);
    inputs[n_inputs++] = (TestInput){ "cb", cb, (gsize) n * out };
  }
  if (epilogue & 4) {
    e.residual = test_input (g, "res", n, oh, ow, out);
    inputs[n_inputs++] = (TestInput){ "res", res, (gsize) (n * oh * ow * out) };
  }
  y = inq_op_conv (g, xt, "c", &conv, &e);
  g_assert_nonnull (y);
  g_assert_cmpint (inq_tensor_dims (y)[1], ==, oh);
  g_assert_cmpint (inq_tensor_dims (y)[2], ==, ow);
  test_output (g, y, "y");
  got = test_run_graph (g, t, inputs, n_inputs, &count);
  g_assert_cmpuint (count, ==, n * oh * ow * out);
  test_compare (what, got, want, count, 2e-5);
}

static void
test_conv (void)
{
  static const InqConv convs[] = {
    { 1, 1, 1, FALSE }, { 0, 0, 0, FALSE }, { 2, 1, 1, FALSE }, { 2, 0, 1, FALSE },
    { 1, 1, 1, TRUE },  { 1, 2, 0, FALSE }, { 3, 1, 2, FALSE }, { 2, 1, 1, TRUE },
  };
  static const int sizes[][5] = {
    { 1, 3, 3, 1, 1 },  { 1, 7, 5, 3, 4 },    { 2, 4, 6, 8, 13 },   { 1, 13, 7, 4, 33 },
    { 3, 5, 3, 7, 16 }, { 1, 9, 16, 32, 20 }, { 1, 6, 11, 12, 66 }, { 2, 3, 4, 16, 5 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint k = 0; k < G_N_ELEMENTS (convs); k++)
      check_conv (sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3], sizes[i][4], 3, 3, convs[k], dtypes[i % 3],
                  INQ_ACT_NONE, i + k);
}

static void
test_conv_kernels (void)
{
  /* 1x1, with and without stride; even and oblong kernels; an input smaller than the kernel with its padding */
  check_conv (1, 5, 7, 12, 24, 1, 1, (InqConv){ 0 }, INQ_DTYPE_F16, INQ_ACT_NONE, 7);
  check_conv (2, 5, 7, 6, 9, 1, 1, (InqConv){ .stride = 2 }, INQ_DTYPE_F32, INQ_ACT_NONE, 3);
  check_conv (1, 4, 4, 5, 6, 1, 1, (InqConv){ .pad_before = 1, .pad_after = 1 }, INQ_DTYPE_F32, INQ_ACT_RELU, 5);
  check_conv (1, 6, 6, 4, 8, 2, 2, (InqConv){ .stride = 2 }, INQ_DTYPE_F16, INQ_ACT_NONE, 1);
  check_conv (1, 6, 9, 4, 8, 1, 3, (InqConv){ .pad_before = 1, .pad_after = 1 }, INQ_DTYPE_F32, INQ_ACT_NONE, 1);
  check_conv (1, 8, 8, 3, 6, 5, 5, (InqConv){ .pad_before = 2, .pad_after = 2 }, INQ_DTYPE_BF16, INQ_ACT_NONE, 1);
  check_conv (1, 1, 1, 8, 8, 3, 3, (InqConv){ .pad_before = 1, .pad_after = 1 }, INQ_DTYPE_F32, INQ_ACT_NONE, 1);
  check_conv (1, 1, 2, 8, 8, 3, 3, (InqConv){ .pad_before = 1, .pad_after = 1, .upsample2 = TRUE }, INQ_DTYPE_F32,
              INQ_ACT_NONE, 1);
}

/* Sizes of the house model: many tiles, every one full. */
static void
test_conv_house (void)
{
  check_conv (1, 9, 16, 160, 160, 3, 3, (InqConv){ .pad_before = 1, .pad_after = 1 }, INQ_DTYPE_F16, INQ_ACT_NONE, 7);
  check_conv (2, 18, 32, 64, 64, 3, 3, (InqConv){ .pad_before = 1, .pad_after = 1 }, INQ_DTYPE_F32, INQ_ACT_SILU, 3);
}

/* Padding must read as zero even where the clamped address holds something that zero times would not make zero. */
static void
test_conv_padding_inf (void)
{
  g_autoptr (TestTable) t = test_table_new ();
  float x[3 * 3 * 4] = { 0 };
  TestInput input = { "x", x, G_N_ELEMENTS (x) };
  g_autofree float *got = NULL;
  gsize count;

  test_table_add (t, "c.weight", INQ_DTYPE_F32, 1, 4, 4, 4, 3, 3);
  x[0] = INFINITY; /* a corner: reaches the four outputs around it */
  {
    g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
    InqConv conv = { .pad_before = 1, .pad_after = 1 };

    test_output (g, inq_op_conv (g, test_input (g, "x", 1, 3, 3, 4), "c", &conv, NULL), "y");
    got = test_run_graph (g, t, &input, 1, &count);
  }
  g_assert_false (isfinite (got[0]));
  for (int k = 0; k < 4; k++) {
    g_assert_cmpfloat (got[(0 * 3 + 2) * 4 + k], ==, 0);
    g_assert_cmpfloat (got[(2 * 3 + 2) * 4 + k], ==, 0);
  }
}

/* What a file stores in two bytes a number takes no more on the device. */
static void
test_weight_bytes (void)
{
  gsize bytes[2];

  for (guint i = 0; i < 2; i++) {
    g_autoptr (TestTable) t = test_table_new ();
    g_autoptr (InqGraph) g = NULL;
    g_autoptr (GError) error = NULL;
    InqDeviceWeights *dw;
    InqPlan *plan;

    test_table_add (t, "m.weight", i ? INQ_DTYPE_BF16 : INQ_DTYPE_F16, 1, 2, 256, 1024);
    g = inq_graph_new (test_table_weights (t));
    inq_graph_output (g, inq_op_linear (g, inq_graph_input (g, "x", 1, 1, 2, 1024), "m", NULL), "y");
    dw = inq_device_weights_new (test_gpu (), test_table_weights (t));
    plan = inq_plan_new (test_gpu (), g, dw, FALSE, &error);
    g_assert_no_error (error);
    bytes[i] = inq_device_weights_get_size (dw);
    inq_plan_free (plan);
    inq_device_weights_free (dw);
  }
  g_assert_cmpuint (bytes[0], >=, 256 * 1024 * 2);
  g_assert_cmpuint (bytes[1], ==, bytes[0]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_parse_kernels (argc, argv);
  test_gpu ();
  g_test_add_func ("/ops/linear", test_linear);
  g_test_add_func ("/ops/linear-wide", test_linear_wide);
  g_test_add_func ("/ops/linear-deep", test_linear_deep);
  g_test_add_func ("/ops/linear-rows", test_linear_rows);
  g_test_add_func ("/ops/matmul-weight", test_matmul_weight);
  g_test_add_func ("/ops/conv", test_conv);
  g_test_add_func ("/ops/conv-kernels", test_conv_kernels);
  g_test_add_func ("/ops/conv-house", test_conv_house);
  g_test_add_func ("/ops/conv-padding-inf", test_conv_padding_inf);
  g_test_add_func ("/ops/weight-bytes", test_weight_bytes);
  return test_gpu_run ();
}
