/* Inquadra - linear layers and convolutions with quantised weights that kernels widen, against the C reference; and
 * what is kept of them. SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gguf-writer.h"
#include "inq-convert.h"
#include "inq-quantised.h"
#include "ops-util.h"
#include "ref-ops.h"

#include <math.h>
#include <string.h>

/* Random blocks whose halves, at @d and @m, are about 0.01 / @most: those of GGML's layouts. */
static const struct {
  InqDtype dtype;
  int d, m;
  float most;
  gboolean always; /* in quick runs too: a processor compiles a kernel for each */
} types[] = {
  { INQ_DTYPE_Q8_0, 0, -1, 127, TRUE },    { INQ_DTYPE_Q4_0, 0, -1, 8, TRUE },
  { INQ_DTYPE_Q4_K, 0, 2, 63 * 15, TRUE }, { INQ_DTYPE_Q6_K, 208, -1, 127 * 32, TRUE },
  { INQ_DTYPE_Q5_1, 0, 2, 31, FALSE },     { INQ_DTYPE_Q4_1, 0, 2, 15, FALSE },
  { INQ_DTYPE_Q5_0, 0, -1, 16, FALSE },    { INQ_DTYPE_Q2_K, 80, 82, 45, FALSE },
  { INQ_DTYPE_Q3_K, 108, -1, 128, FALSE }, { INQ_DTYPE_Q5_K, 0, 2, 63 * 31, FALSE },
};

static void
put_half (guint8 *at, float value)
{
  guint16 half = GUINT16_TO_LE (inq_f32_to_f16 (value));

  memcpy (at, &half, sizeof half);
}

/* @rows rows of @depth elements */
static guint8 *
random_blocks (guint type, gsize count, float scale, gsize *size)
{
  gsize elements, bytes;
  guint32 state = 99 + type;
  guint8 *data;

  g_assert_true (inq_dtype_block (types[type].dtype, &elements, &bytes));
  g_assert_cmpuint (count % elements, ==, 0);
  *size = count / elements * bytes;
  data = g_malloc (*size);
  for (gsize i = 0; i < *size; i++) {
    state = state * 1664525u + 1013904223u;
    data[i] = (guint8) (state >> 24);
  }
  for (gsize b = 0; b < count / elements; b++) {
    float d = scale / types[type].most * (float) (1 + b % 5) * (b % 3 ? 1 : -1);

    put_half (data + b * bytes + types[type].d, d);
    if (types[type].m >= 0)
      put_half (data + b * bytes + types[type].m, d * 4);
  }
  return data;
}

/* [out, in] where @k is 0, else [out, in, k, k]; in rows of 256 where their own are no whole blocks: as ComfyUI's
 * writers do. */
static InqWeights *
make_weights (guint type, int out, int in, int k, float scale)
{
  gsize size, count = (gsize) out * in * MAX (k * k, 1), elements, block_bytes;
  g_autofree guint8 *blocks = random_blocks (type, count, scale, &size);
  g_autofree float *values = g_new (float, count), *bias = test_random ((gsize) out, 1, 5);
  const gint64 dims[] = { out, in, k, k }, rows[] = { (gint64) count / 256, 256 };
  guint n_dims = k > 0 ? 4 : 2;
  GgufWriter *w = gguf_new (3);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  InqWeights *weights;
  gboolean rounds = types[type].dtype == INQ_DTYPE_Q8_0 || types[type].dtype == INQ_DTYPE_Q4_0, flat;

  inq_dtype_block (types[type].dtype, &elements, &block_bytes);
  flat = dims[n_dims - 1] % (gint64) elements != 0;
  if (flat) {
    g_assert_cmpuint (count % 256, ==, 0);
    gguf_add_ints (w, "comfy.gguf.orig_shape.l.weight", dims, n_dims);
  }
  g_assert_true (inq_convert_blocks_to_f32 (types[type].dtype, blocks, values, count / elements));
  gguf_add_tensor (w, "l.weight", types[type].dtype, flat ? rows : dims, flat ? 2 : n_dims,
                   rounds ? (const void *) values : (const void *) blocks);
  gguf_add_tensor (w, "l.bias", INQ_DTYPE_F32, (gint64[]){ out }, 1, bias);
  bytes = gguf_finish (w);
  weights = inq_weights_new_from_bytes (bytes, "quantised", &error);
  g_assert_no_error (error);
  return weights;
}

/* scales of K types are rounded to 11 bits */
static double
tolerance (guint type)
{
  return test_kernels == INQ_KERNELS_MATRIX ? 4e-3 : types[type].dtype >= INQ_DTYPE_Q2_K ? 3e-3 : 2e-5;
}

static void
check (guint type, int rows, int in, int out, int first, int count, float scale)
{
  g_autoptr (TestTable) t = test_table_wrap (make_weights (type, out, in, 0, scale));
  const InqWeight *w = inq_weights_lookup (test_table_weights (t), "l.weight");
  const InqWeight *b = inq_weights_lookup (test_table_weights (t), "l.bias");
  g_autofree float *x = test_random ((gsize) rows * in, 1, 1), *plain = g_new (float, out *in),
                   *bias = g_new (float, out);
  g_autofree float *want = NULL, *got = NULL;
  g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
  TestInput input = { "x", x, (gsize) rows * in };
  gboolean part = first > 0 || count < out;
  g_autofree char *what = g_strdup_printf ("%s, %d x %d -> %d of %d", inq_dtype_name (types[type].dtype), rows, in,
                                           count, out);
  InqTensor *xt = test_input (g, "x", 1, 1, rows, in);
  gsize n;

  g_assert_cmpuint (inq_quantised_kind (w->dtype, in, 1), >, INQ_WEIGHT_F16);
  inq_weight_to_f32 (w, plain);
  inq_weight_to_f32 (b, bias);
  test_output (
      g, part ? inq_op_linear_rows (g, xt, "l.weight", "l.bias", first, count, NULL) : inq_op_linear (g, xt, "l", NULL),
      "y");
  want = ref_linear (x, 1, rows, in, plain + first * in, count, FALSE, bias + first, NULL, INQ_ACT_NONE, NULL);
  got = test_run_graph (g, t, &input, 1, &n);
  g_assert_cmpuint (n, ==, (gsize) rows * count);
  test_compare (what, got, want, n, tolerance (type));
}

/* @kept: the kernel reads them as they are in the file */
static void
check_conv (guint type, int n, int h, int w, int in, int out, int k, InqConv conv, gboolean kept)
{
  g_autoptr (TestTable) t = test_table_wrap (make_weights (type, out, in, k, 1));
  const InqWeight *weight = inq_weights_lookup (test_table_weights (t), "l.weight");
  gsize count = (gsize) n * h * w * in, got_count;
  g_autofree float *x = test_random (count, 1, 1), *plain = g_new (float, (gsize) out *in *k *k),
                   *bias = g_new (float, out), *want = NULL, *got = NULL;
  g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
  TestInput input = { "x", x, count };
  InqWeightRef ref = { weight, INQ_FORM_CONV, 0, out };
  InqDeviceWeights *dw = inq_device_weights_new (test_gpu (), test_table_weights (t));
  g_autofree char *what = g_strdup_printf ("%s, %d x %d x %d x %d -> %d, %d x %d", inq_dtype_name (weight->dtype), n, h,
                                           w, in, out, k, k);
  gint64 oh, ow;

  g_assert_cmpint (inq_device_weights_kind (dw, &ref) > INQ_WEIGHT_F16, ==, kept);
  inq_device_weights_free (dw);
  inq_weight_to_f32 (weight, plain);
  inq_weight_to_f32 (inq_weights_lookup (test_table_weights (t), "l.bias"), bias);
  test_output (g, inq_op_conv (g, test_input (g, "x", n, h, w, in), "l", &conv, NULL), "y");
  want = ref_conv (x, n, h, w, in, plain, out, k, k, &conv, bias, NULL, INQ_ACT_NONE, NULL, &oh, &ow);
  got = test_run_graph (g, t, &input, 1, &got_count);
  g_assert_cmpuint (got_count, ==, (gsize) (n * oh * ow * out));
  test_compare (what, got, want, got_count, kept ? tolerance (type) : MAX (tolerance (type), 1e-3));
}

static void
test_linear (void)
{
  for (guint type = 0; type < G_N_ELEMENTS (types); type++) {
    int block = types[type].dtype >= INQ_DTYPE_Q2_K ? 256 : 32;

    if (!types[type].always && !g_test_slow ())
      continue;
    check (type, 37, 3 * block, 44, 0, 44, 1);
    check (type, 1, block, 20, 0, 20, 1e-4f); /* small enough for products of halves to vanish */
    check (type, 70, 5 * block, 132, 60, 68, 100);
  }
  check (0, 9, 64, 7, 0, 7, 1); /* columns that are no multiple of four */
  /* blocks of 256 that begin in one row and end in the next, and rows taken from the middle of one */
  check (2, 9, 96, 40, 0, 40, 1);
  check (3, 9, 48, 48, 17, 20, 1);
}

static void
test_conv (void)
{
  const InqConv same = { .pad_before = 1, .pad_after = 1 };

  for (guint type = 0; type < G_N_ELEMENTS (types); type++) {
    if (!types[type].always && !g_test_slow ())
      continue;
    check_conv (type, 2, 5, 7, 32, 24, 3, same, TRUE); /* of K types a block reaches into the next row */
    check_conv (type, 1, 6, 5, 96, 40, 3, (InqConv){ .stride = 2, .pad_after = 1 }, TRUE);
    check_conv (type, 1, 3, 4, 64, 8, 3, (InqConv){ 1, 1, 1, TRUE }, TRUE);
    check_conv (type, 2, 5, 3, 256, 20, 1, (InqConv){ .stride = 2 }, TRUE);
  }
  check_conv (0, 1, 5, 6, 8, 16, 4, same, TRUE); /* two channels of 16 taps share a scale */
  check_conv (3, 1, 5, 6, 16, 32, 3, same, TRUE);
  /* becomes halves: groups reach into the next row; fewer channels than kernels read at once */
  check_conv (0, 1, 5, 6, 16, 32, 3, same, FALSE);
  check_conv (0, 1, 5, 6, 2, 16, 4, same, FALSE);
}

/* Parts put together again are the numbers that inq-quant.c makes, to the last bit. */
static void
test_split (void)
{
  for (guint type = 0; type < G_N_ELEMENTS (types); type++) {
    enum { N = 1024 };
    gsize size, elements, bytes;
    g_autofree guint8 *blocks = random_blocks (type, N, 1, &size), *q = g_new (guint8, N);
    g_autofree float *want = g_new (float, N), *scales = g_new0 (float, N), *minima = g_new0 (float, N);
    InqQuantSplit s;
    float bound;

    g_assert_true (inq_quant_get_split (types[type].dtype, &s));
    inq_dtype_block (types[type].dtype, &elements, &bytes);
    inq_convert_blocks_to_f32 (types[type].dtype, blocks, want, N / elements);
    inq_quant_split (types[type].dtype, blocks, N, q, scales, minima);
    bound = inq_quant_bound (types[type].dtype, blocks, N);
    for (int i = 0; i < N; i++) {
      float scale = scales[i / s.group], minimum = minima[i / s.group];
      float got = s.minima ? scale * q[i] - minimum : scale * ((int) q[i] - (int) s.offset);

      g_assert_cmpuint (q[i], <, 1u << s.bits);
      g_assert_cmpfloat (got, ==, want[i]);
      g_assert_cmpfloat (fabsf (scale), <=, bound);
      g_assert_cmpfloat (fabsf (minimum), <=, bound);
    }
  }
  {
    InqQuantSplit s;

    g_assert_false (inq_quant_get_split (INQ_DTYPE_F16, &s));
    g_assert_cmpuint (inq_quantised_kind (INQ_DTYPE_Q4_K, 128, 1), >, INQ_WEIGHT_F16); /* half a block, whole groups */
    g_assert_cmpuint (inq_quantised_kind (INQ_DTYPE_Q4_K, 48, 1), ==, INQ_WEIGHT_F32);
    g_assert_cmpuint (inq_quantised_kind (INQ_DTYPE_Q6_K, 48, 1), >, INQ_WEIGHT_F16);
    g_assert_cmpuint (inq_quantised_kind (INQ_DTYPE_Q8_0, 4, 9), ==, INQ_WEIGHT_F32);
    g_assert_cmpuint (inq_quantised_kind (INQ_DTYPE_F16, 256, 1), ==, INQ_WEIGHT_F32);
  }
}

static gsize
weights_of (guint type, const char *how)
{
  g_autoptr (TestTable) t = test_table_wrap (make_weights (type, 64, 1024, 0, 1));
  g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
  g_autoptr (GError) error = NULL;
  InqGraphNeeds needs;
  InqDeviceWeights *dw;

  if (how)
    g_setenv ("INQ_WEIGHTS", how, TRUE);
  else
    g_unsetenv ("INQ_WEIGHTS");
  dw = inq_device_weights_new (test_gpu (), test_table_weights (t));
  g_unsetenv ("INQ_WEIGHTS");
  inq_graph_output (
      g, inq_op_linear (g, inq_graph_input (g, "x", 1, 1, 4, 1024), "l", &(InqEpilogue){ .no_bias = TRUE }), "y");
  g_assert_true (inq_graph_measure (g, test_gpu (), dw, G_MAXSIZE, &needs, &error));
  inq_device_weights_free (dw);
  return needs.weights;
}

/* The memory that is planned for falls with the file's. */
static void
test_memory (void)
{
  const gsize halves = 64 * 1024 * 2;

  for (guint type = 0; type < 4; type++)
    g_assert_cmpuint (weights_of (type, "wide"), ==, halves);
  g_assert_cmpuint (weights_of (0, NULL), <=, halves * 54 / 100); /* 8 bits and a half every 32 */
  g_assert_cmpuint (weights_of (1, NULL), <=, halves * 29 / 100);
  g_assert_cmpuint (weights_of (2, NULL), <=, halves * 32 / 100); /* and a minimum */
  g_assert_cmpuint (weights_of (3, NULL), <=, halves * 45 / 100); /* 6 bits and a half every 16 */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_parse_kernels (argc, argv);
  g_test_add_func ("/quantised/split", test_split);
  g_test_add_func ("/quantised/memory", test_memory);
  g_test_add_func ("/quantised/linear", test_linear);
  g_test_add_func ("/quantised/conv", test_conv);
  return test_gpu_run ();
}
