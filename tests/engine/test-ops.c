/* Inquadra - norms, attention, element-wise and shape ops against the C reference.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops-util.h"
#include "ref-ops.h"

#include <math.h>

/* One input "x", one op, compared. @want is taken. */
static void
check_one (const char *what, TestTable *t, InqGraph *g, InqTensor *y, const float *x, gsize x_count, float *want,
           double tolerance)
{
  g_autofree float *owned = want, *got = NULL;
  TestInput input = { "x", x, x_count };
  gsize count;

  if (inq_graph_get_error (g))
    g_error ("%s: %s", what, inq_graph_get_error (g)->message);
  test_output (g, y, "y");
  got = test_run_graph (g, t, &input, 1, &count);
  test_compare (what, got, owned, count, tolerance);
}

/* @offset is added to every value */
static void
check_group_norm (int n, int h, int w, int c, int groups, InqActivation act, float scale, float offset,
                  double tolerance)
{
  g_autoptr (TestTable) t = test_table_new ();
  const float *weight = test_table_add (t, "n.weight", INQ_DTYPE_F16, 1, 1, c);
  const float *bias = test_table_add (t, "n.bias", INQ_DTYPE_F32, 1, 1, c);
  g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
  gsize count = (gsize) n * h * w * c;
  g_autofree float *x = test_random (count, scale, 11);
  g_autofree char *what = g_strdup_printf ("group norm %dx%dx%dx%d, %d groups, act %d, %g + %g", n, h, w, c, groups,
                                           act, (double) offset, (double) scale);

  for (gsize i = 0; i < count; i++)
    x[i] += offset;
  check_one (what, t, g, inq_op_group_norm (g, test_input (g, "x", n, h, w, c), "n", groups, 1e-5f, act), x, count,
             ref_group_norm (x, n, (gint64) h * w, c, groups, weight, bias, 1e-5f, act), tolerance);
}

static void
test_group_norm (void)
{
  static const int sizes[][5] = {
    { 1, 1, 1, 2, 1 },     { 1, 1, 1, 8, 2 },     { 1, 3, 3, 3, 3 },    { 2, 7, 5, 12, 4 },
    { 3, 9, 16, 64, 16 },  { 1, 13, 7, 33, 11 },  { 2, 18, 32, 20, 5 }, { 1, 33, 31, 24, 8 },
    { 1, 36, 64, 80, 16 }, { 1, 9, 16, 160, 32 }, { 1, 40, 40, 6, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    check_group_norm (sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3], sizes[i][4], INQ_ACT_NONE, 1, 0, 2e-5);
    check_group_norm (sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3], sizes[i][4], INQ_ACT_SILU, 10, 3, 5e-5);
  }
}

/* The naive E[x^2] - E[x]^2 would lose everything here. */
static void
test_group_norm_stable (void)
{
  if (test_precision == INQ_PRECISION_F32) { /* halves of 1000 have no fraction */
    check_group_norm (1, 36, 64, 32, 4, INQ_ACT_NONE, 1, 1000, 2e-3);
    check_group_norm (1, 36, 64, 32, 4, INQ_ACT_NONE, 1, -4000, 6e-3);
  }
  check_group_norm (1, 9, 16, 32, 4, INQ_ACT_NONE, 60000, 0, 2e-5);
  check_group_norm (1, 9, 16, 32, 4, INQ_ACT_NONE, 0, 5, 2e-5); /* no deviation at all: bias comes out */
}

/* A stream of numbers beyond what halves hold (asserted), as of SDXL's autoencoder: every op that reads or writes it.
 */
static void
test_scaled (void)
{
  enum { H = 7, W = 5, C = 16, OUT = 24, COUNT = H * W * OUT };
  static const InqConv pad = { .pad_before = 1, .pad_after = 1 };
  g_autoptr (TestTable) t = test_table_new ();
  const float *a = test_table_add (t, "a.weight", INQ_DTYPE_F16, 1, 4, OUT, C, 3, 3);
  const float *a_bias = test_table_add (t, "a.bias", INQ_DTYPE_F32, 3e4f, 1, OUT);
  const float *b = test_table_add (t, "b.weight", INQ_DTYPE_F32, 0.4f, 2, OUT, OUT);
  const float *b_bias = test_table_add (t, "b.bias", INQ_DTYPE_F16, 3e4f, 1, OUT);
  const float *norm = test_table_add (t, "n.weight", INQ_DTYPE_F32, 1, 1, OUT);
  const float *norm_bias = test_table_add (t, "n.bias", INQ_DTYPE_F32, 1, 1, OUT);
  const float *c = test_table_add (t, "c.weight", INQ_DTYPE_F32, 2e4f, 4, OUT, OUT, 3, 3);
  g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
  g_autofree float *x = test_random (H * W * C, 3e4f, 3);
  gint64 oh, ow;
  g_autofree float *s0 = ref_conv (x, 1, H, W, C, a, OUT, 3, 3, &pad, a_bias, NULL, INQ_ACT_NONE, NULL, &oh, &ow);
  g_autofree float *s1 = ref_linear (s0, 1, H * W, OUT, b, OUT, FALSE, b_bias, NULL, INQ_ACT_NONE, NULL);
  g_autofree float *n1 = ref_group_norm (s1, 1, H * W, OUT, 4, norm, norm_bias, 1e-6f, INQ_ACT_SILU);
  g_autofree float *s2 = ref_conv (n1, 1, H, W, OUT, c, OUT, 3, 3, &pad, NULL, NULL, INQ_ACT_NONE, s1, &oh, &ow);
  float most[2] = { 0, 0 };
  for (int i = 0; i < COUNT; i++) {
    most[0] = MAX (most[0], fabsf (s1[i]));
    most[1] = MAX (most[1], fabsf (s2[i]));
  }
  g_assert_true (most[0] > 65504 && most[1] > 65504);
  InqTensor *y = inq_op_conv (g, test_input (g, "x", 1, H, W, C), "a", &pad, &(InqEpilogue){ .scaled = TRUE });
  y = inq_op_linear (g, y, "b", &(InqEpilogue){ .scaled = TRUE });
  y = inq_op_conv (g, inq_op_group_norm (g, y, "n", 4, 1e-6f, INQ_ACT_SILU), "c", &pad,
                   &(InqEpilogue){ .residual = y, .scaled = TRUE });
  check_one ("scaled stream", t, g, inq_op_group_norm (g, y, "n", 4, 1e-6f, INQ_ACT_NONE), x, H * W * C,
             ref_group_norm (s2, 1, H * W, OUT, 4, norm, norm_bias, 1e-6f, INQ_ACT_NONE),
             test_precision == INQ_PRECISION_F16 ? 2e-2 : 1e-4);

  /* What would be read for what it is not. */
  g_autoptr (InqGraph) wrong = inq_graph_new (test_table_weights (t));
  y = inq_op_conv (wrong, inq_graph_input (wrong, "x", 1, H, W, C), "a", &pad, &(InqEpilogue){ .scaled = TRUE });
  inq_graph_output (wrong, y, "y");
  g_assert_error (inq_graph_get_error (wrong), INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE);
  for (int scaled = 0; scaled < 2; scaled++) { /* a residual of the other kind */
    g_autoptr (InqGraph) mixed = inq_graph_new (test_table_weights (t));
    InqTensor *in = inq_graph_input (mixed, "x", 1, H, W, C);
    InqTensor *skip = inq_op_conv (mixed, in, "a", &pad, &(InqEpilogue){ .scaled = !scaled });

    g_assert_nonnull (skip);
    g_assert_null (inq_op_linear (mixed, skip, "b", &(InqEpilogue){ .residual = skip, .scaled = scaled }));
    g_assert_error (inq_graph_get_error (mixed), INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE);
  }
}

static void
test_layer_norm (void)
{
  static const int sizes[][3] = { { 1, 1, 2 },
                                  { 2, 7, 13 },
                                  { 1, 77, 48 },
                                  { 3, 33, 160 },
                                  { 1, 5, 1280 },
                                  { 1, 144, 67 },
                                  /* whole eights that fill no subgroup; an odd number of rows, two at a time */
                                  { 1, 3, 8 },
                                  { 2, 3, 1000 },
                                  { 1, 3, 1288 },
                                  { 1, 2049, 72 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (int shifted = 0; shifted < (test_precision == INQ_PRECISION_F32 ? 2 : 1); shifted++) {
      int n = sizes[i][0], tokens = sizes[i][1], c = sizes[i][2];
      g_autoptr (TestTable) t = test_table_new ();
      const float *weight = test_table_add (t, "n.weight", INQ_DTYPE_BF16, 1, 1, c);
      const float *bias = test_table_add (t, "n.bias", INQ_DTYPE_F16, 1, 1, c);
      g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
      gsize count = (gsize) n * tokens * c;
      g_autofree float *x = test_random (count, 2, 12);

      for (gsize k = 0; shifted && k < count; k++)
        x[k] += 500;
      check_one ("layer norm", t, g, inq_op_layer_norm (g, test_input (g, "x", n, 1, tokens, c), "n", 1e-5f), x, count,
                 ref_layer_norm (x, (gint64) n * tokens, c, weight, bias, 1e-5f), shifted ? 2e-3 : 2e-5);
    }
}

static void
check_attention (int n, int tq, int tk, int heads, int d, gboolean causal, float scale, double tolerance)
{
  g_autoptr (TestTable) t = test_table_new ();
  g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
  int c = heads * d;
  gsize nq = (gsize) n * tq * c, nk = (gsize) n * tk * c, count;
  g_autofree float *q = test_random (nq, scale, 13), *k = test_random (nk, scale, 14), *v = test_random (nk, 1, 15);
  g_autofree float *want = ref_attention (q, k, v, n, tq, tk, heads, d, causal), *got = NULL;
  TestInput inputs[] = { { "q", q, nq }, { "k", k, nk }, { "v", v, nk } };
  g_autofree char *what = g_strdup_printf ("attention n %d, %d queries, %d keys, %d heads of %d%s, scale %g", n, tq, tk,
                                           heads, d, causal ? ", causal" : "", (double) scale);

  test_output (g,
               inq_op_attention (g, test_input (g, "q", n, 1, tq, c), test_input (g, "k", n, 1, tk, c),
                                 test_input (g, "v", n, 1, tk, c), heads, causal),
               "y");
  got = test_run_graph (g, t, inputs, 3, &count);
  test_compare (what, got, want, count, tolerance);
}

static void
test_attention (void)
{
  static const int sizes[][5] = {
    { 1, 1, 1, 1, 1 },     { 1, 3, 7, 1, 3 },     { 2, 13, 5, 2, 12 },    { 1, 33, 33, 3, 40 },
    { 1, 144, 48, 5, 32 }, { 3, 7, 77, 8, 10 },   { 1, 144, 144, 2, 32 }, { 1, 9, 65, 1, 80 },
    { 2, 33, 66, 2, 64 },  { 1, 20, 20, 1, 160 }, { 1, 36, 36, 1, 512 },  { 1, 5, 9, 1, 509 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    check_attention (sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3], sizes[i][4], FALSE, 1, 3e-5);
}

static void
test_attention_causal (void)
{
  check_attention (1, 1, 1, 1, 4, TRUE, 1, 3e-5);
  check_attention (2, 48, 48, 4, 32, TRUE, 1, 3e-5);
  check_attention (1, 77, 77, 4, 12, TRUE, 2, 3e-5);
  check_attention (1, 5, 9, 2, 7, TRUE, 1, 3e-5);
  check_attention (1, 9, 5, 2, 8, TRUE, 1, 3e-5);
}

/* Scores in the thousands: exp overflows without the running maximum. */
static void
test_attention_large (void)
{
  check_attention (1, 33, 33, 2, 16, FALSE, 40, 5e-3);
  check_attention (1, 17, 70, 1, 64, TRUE, 30, 5e-3);
}

static void
test_geglu (void)
{
  static const int sizes[][2] = { { 1, 1 }, { 7, 13 }, { 144, 64 }, { 33, 6 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    int rows = sizes[i][0], c = sizes[i][1];
    g_autoptr (TestTable) t = test_table_new ();
    g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
    gsize count = (gsize) rows * c * 2;
    g_autofree float *x = test_random (count, 8, 16);

    check_one ("geglu", t, g, inq_op_geglu (g, test_input (g, "x", 1, 1, rows, 2 * c)), x, count,
               ref_geglu (x, rows, c), 2e-5);
  }
}

static void
test_activate (void)
{
  for (InqActivation act = INQ_ACT_NONE; act <= INQ_ACT_TANH3; act++)
    for (int size = 1; size < 40; size += 6)
      for (int large = 0; large < 2; large++) {
        g_autoptr (TestTable) t = test_table_new ();
        g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
        gsize count = (gsize) size * 3;
        g_autofree float *x = test_random (count, large ? 300 : 4, 17), *want = g_new (float, count);

        for (gsize i = 0; i < count; i++)
          want[i] = ref_activate (x[i], act);
        check_one ("activate", t, g, inq_op_activate (g, test_input (g, "x", 1, 1, 3, size), act), x, count,
                   g_steal_pointer (&want), 2e-5);
      }
}

static void
test_add_scale (void)
{
  for (int size = 1; size < 70; size += 11) {
    g_autoptr (TestTable) t = test_table_new ();
    g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
    gsize count = (gsize) size * 2;
    g_autofree float *x = test_random (count, 4, 18), *want = g_new (float, count);
    InqTensor *xt = test_input (g, "x", 2, 1, 1, size);

    for (gsize i = 0; i < count; i++)
      want[i] = x[i] + (x[i] * -0.5f + 3);
    check_one ("add and scale", t, g, inq_op_add (g, xt, inq_op_scale (g, xt, -0.5f, 3)), x, count,
               g_steal_pointer (&want), 1e-6);
  }
}

static void
test_channels (void)
{
  static const int sizes[][4] = { { 1, 1, 1, 1 }, { 2, 3, 5, 7 }, { 1, 9, 8, 12 }, { 3, 2, 4, 3 }, { 1, 33, 16, 4 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    int n = sizes[i][0], h = sizes[i][1], a = sizes[i][2], b = sizes[i][3];
    g_autoptr (TestTable) t = test_table_new ();
    g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
    gsize rows = (gsize) n * h * 3, count = rows * (gsize) (a + b);
    g_autofree float *x = test_random (count, 1, 19), *want = g_new (float, count);
    InqTensor *xt = test_input (g, "x", n, h, 3, a + b);

    /* the two parts change places */
    for (gsize r = 0; r < rows; r++)
      for (int k = 0; k < a + b; k++)
        want[r * (gsize) (a + b) + (gsize) k] = x[r * (gsize) (a + b) + (gsize) (k < b ? k + a : k - b)];
    check_one ("slice and concat", t, g,
               inq_op_concat (g, inq_op_slice_channels (g, xt, a, b), inq_op_slice_channels (g, xt, 0, a)), x, count,
               g_steal_pointer (&want), 0);
  }
}

static void
test_take_rows (void)
{
  static const int sizes[][5] = { { 2, 1, 1, 1, 1 }, { 3, 2, 5, 7, 2 }, { 2, 9, 16, 12, 1 }, { 5, 3, 3, 4, 3 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    int n = sizes[i][0], h = sizes[i][1], w = sizes[i][2], c = sizes[i][3], first = sizes[i][4];
    g_autoptr (TestTable) t = test_table_new ();
    g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
    gsize row = (gsize) h * (gsize) w * (gsize) c, count = row * (gsize) n;
    g_autofree float *x = test_random (count, 1, 21), *want = g_new (float, count);
    InqTensor *xt = test_input (g, "x", n, h, w, c);

    for (gsize k = 0; k < count; k++)
      want[k] = k < row * (gsize) first ? x[k] : -2 * x[k];
    check_one ("take rows", t, g, inq_op_take_rows (g, xt, inq_op_scale (g, xt, -2, 0), first), x, count,
               g_steal_pointer (&want), 0);
  }
}

static void
test_pixels (void)
{
  static const int sizes[][5] = {
    { 1, 2, 2, 1, 2 }, { 2, 6, 4, 3, 2 }, { 1, 8, 12, 1, 4 }, { 1, 9, 3, 5, 3 }, { 3, 1, 1, 7, 1 }
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    int n = sizes[i][0], h = sizes[i][1], w = sizes[i][2], c = sizes[i][3], r = sizes[i][4];
    gsize count = (gsize) n * h * w * c;
    g_autofree float *x = test_random (count, 1, 20);
    g_autoptr (TestTable) t = test_table_new ();
    g_autoptr (InqGraph) a = inq_graph_new (test_table_weights (t)), b = inq_graph_new (test_table_weights (t));
    g_autoptr (InqGraph) u = inq_graph_new (test_table_weights (t));

    check_one ("pixel unshuffle", t, a, inq_op_pixel_unshuffle (a, test_input (a, "x", n, h, w, c), r), x, count,
               ref_pixel_unshuffle (x, n, h, w, c, r), 0);
    check_one ("upsample", t, u, inq_op_upsample2 (u, test_input (u, "x", n, h, w, c)), x, count,
               ref_upsample2 (x, n, h, w, c), 0);
    if (h > 1) { /* without the last row and column */
      g_autofree float *whole = ref_upsample2 (x, n, h, w, c);
      float *cut = g_new (float, (gsize) n *(2 * h - 1) * (2 * w - 1) * c);
      g_autoptr (InqGraph) v = inq_graph_new (test_table_weights (t));
      for (int row = 0; row < n * (2 * h - 1); row++)
        memcpy (cut + (gsize) row * (2 * w - 1) * c,
                whole + ((gsize) (row / (2 * h - 1)) * 2 * h + row % (2 * h - 1)) * 2 * w * c,
                sizeof (float) * (gsize) (2 * w - 1) * c);
      check_one ("upsample to odd sides", t, v,
                 inq_op_upsample2_to (v, test_input (v, "x", n, h, w, c), 2 * h - 1, 2 * w - 1), x, count, cut, 0);
    }
    check_one ("pixel shuffle", t, b, inq_op_pixel_shuffle (b, test_input (b, "x", n, h / r, w / r, c * r * r), r), x,
               count, ref_pixel_shuffle (x, n, h / r, w / r, (gint64) c * r * r, r), 0);
  }
}

static void
test_embed (void)
{
  for (int dtype = INQ_DTYPE_F32; dtype <= INQ_DTYPE_BF16; dtype++)
    for (int with_position = 0; with_position < 2; with_position++) {
      g_autoptr (TestTable) t = test_table_new ();
      const float *table = test_table_add (t, "table", dtype, 1, 2, 50, 13);
      const float *position = test_table_add (t, "position", dtype, 1, 2, 9, 13);
      g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
      guint32 ids[2 * 7];
      TestInput input = { "ids", ids, G_N_ELEMENTS (ids) };
      g_autofree float *want = g_new (float, G_N_ELEMENTS (ids) * 13), *got = NULL;
      gsize count;

      for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
        ids[i] = i == 3 ? 49 : i * 17 % 50;
        for (guint k = 0; k < 13; k++)
          want[i * 13 + k] = table[ids[i] * 13 + k] + (with_position ? position[i % 7 * 13 + k] : 0);
      }
      test_output (
          g, inq_op_embed (g, inq_graph_input_ids (g, "ids", 2, 7), "table", with_position ? "position" : NULL), "y");
      got = test_run_graph (g, t, &input, 1, &count);
      test_compare ("embed", got, want, count, 0);
    }
}

static void
test_timestep (void)
{
  static const float t[] = { 0, 1, 500.25f, 999 };

  for (int c = 2; c < 400; c = c * 3 + 2) {
    g_autoptr (TestTable) table = test_table_new ();
    g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (table));

    if (c % 2)
      c++;
    check_one ("timestep", table, g, inq_op_timestep (g, inq_graph_input (g, "x", 4, 1, 1, 1), c), t, 4,
               ref_timestep (t, 4, c), 2e-4); /* the argument is f32, as in LDM: 999 has an ulp of 6e-5 */
  }
}

static void
test_reshape (void)
{
  g_autoptr (TestTable) t = test_table_new ();
  g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
  g_autofree float *x = test_random (60, 1, 21), *want = g_new (float, 60);
  InqTensor *xt = test_input (g, "x", 1, 3, 4, 5);

  for (int i = 0; i < 60; i++)
    want[i] = x[i] * 2;
  check_one ("reshape", t, g,
             inq_op_reshape (g, inq_op_scale (g, inq_op_reshape (g, xt, 5, 1, 12, 1), 2, 0), 3, 1, 2, 10), x, 60,
             g_steal_pointer (&want), 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_parse_kernels (argc, argv);
  test_gpu ();
  g_test_add_func ("/ops/group-norm", test_group_norm);
  g_test_add_func ("/ops/group-norm-stable", test_group_norm_stable);
  g_test_add_func ("/ops/scaled", test_scaled);
  g_test_add_func ("/ops/layer-norm", test_layer_norm);
  g_test_add_func ("/ops/attention", test_attention);
  g_test_add_func ("/ops/attention-causal", test_attention_causal);
  g_test_add_func ("/ops/attention-large", test_attention_large);
  g_test_add_func ("/ops/geglu", test_geglu);
  g_test_add_func ("/ops/activate", test_activate);
  g_test_add_func ("/ops/add-scale", test_add_scale);
  g_test_add_func ("/ops/channels", test_channels);
  g_test_add_func ("/ops/take-rows", test_take_rows);
  g_test_add_func ("/ops/pixels", test_pixels);
  g_test_add_func ("/ops/embed", test_embed);
  g_test_add_func ("/ops/timestep", test_timestep);
  g_test_add_func ("/ops/reshape", test_reshape);
  return test_gpu_run ();
}
