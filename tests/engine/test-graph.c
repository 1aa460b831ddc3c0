/* Inquadra - arena planning, barriers, replay, errors and out of memory of the graph.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-planner.h"
#include "inq-weight-stream.h"
#include "ops-util.h"

#include <inq-gpu-test.h>
#include <inq-repack.h>
#include "ref-ops.h"

#include <string.h>

/* ---- the planner alone ---- */

static void
check_arena (InqLifetime *items, guint n, gsize limit)
{
  g_autoptr (GArray) chunks = g_array_new (FALSE, FALSE, sizeof (gsize));

  g_assert_cmpint (inq_arena_plan (items, n, limit, chunks), ==, -1);
  for (guint i = 0; i < n; i++) {
    if (items[i].size == 0)
      continue;
    g_assert_cmpuint (items[i].offset % INQ_ARENA_ALIGN, ==, 0);
    g_assert_cmpuint (items[i].chunk, <, chunks->len);
    g_assert_cmpuint (items[i].offset + items[i].size, <=, g_array_index (chunks, gsize, items[i].chunk));
    for (guint k = 0; k < i; k++) {
      gboolean together = items[i].first <= items[k].last && items[k].first <= items[i].last;
      gboolean overlap = items[i].chunk == items[k].chunk && items[i].offset < items[k].offset + items[k].size
                         && items[k].offset < items[i].offset + items[i].size;

      g_assert_false (together && overlap && items[k].size > 0);
    }
  }
}

static void
test_planner_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (int round = 0; round < 200; round++) {
    InqLifetime items[80] = { 0 };
    guint n = (guint) g_rand_int_range (rand, 1, 80);

    for (guint i = 0; i < n; i++) {
      items[i].size = g_rand_int_range (rand, 0, 10) == 0 ? 0 : (gsize) g_rand_int_range (rand, 1, 5000);
      items[i].first = g_rand_int_range (rand, 0, 60);
      items[i].last = items[i].first + g_rand_int_range (rand, 0, 12);
    }
    check_arena (items, n, round % 2 ? G_MAXSIZE / 2 : 8192);
  }
}

/* A chain of equal tensors, each read by the next, needs two places. */
static void
test_planner_chain (void)
{
  g_autoptr (GArray) chunks = g_array_new (FALSE, FALSE, sizeof (gsize));
  InqLifetime items[20];

  for (int i = 0; i < 20; i++)
    items[i] = (InqLifetime){ .size = 1000, .first = i, .last = i + 1 };
  g_assert_cmpint (inq_arena_plan (items, 20, G_MAXSIZE / 2, chunks), ==, -1);
  g_assert_cmpuint (chunks->len, ==, 1);
  g_assert_cmpuint (g_array_index (chunks, gsize, 0), ==, 2048);
}

static void
test_planner_too_large (void)
{
  g_autoptr (GArray) chunks = g_array_new (FALSE, FALSE, sizeof (gsize));
  InqLifetime items[] = { { .size = 100, .last = 1 }, { .size = 5000, .last = 1 } };

  g_assert_cmpint (inq_arena_plan (items, 2, 4096, chunks), ==, 1);
}

/* ---- graphs ---- */

/* A random graph of sums and scalings with skips: every intermediate reuses memory of dead ones, so a wrong lifetime or
 * a missing barrier shows as a wrong sum. */
static void
test_random_graphs (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (42);

  for (int round = 0; round < 12; round++) {
    g_autoptr (TestTable) t = test_table_new ();
    g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
    g_autoptr (GError) error = NULL;
    g_autoptr (InqPlan) plan = NULL;
    g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
    InqDeviceWeights *dw = inq_device_weights_new (test_gpu (), test_table_weights (t));
    gsize size = (gsize) g_rand_int_range (rand, 1, 3000);
    InqTensor *nodes[41];
    g_autofree float *got = g_new (float, size);
    int kept = g_rand_int_range (rand, 1, 40);

    nodes[0] = inq_graph_input (g, "x", 1, 1, 1, (gint64) size);
    g_ptr_array_add (values, test_random (size, 1, (guint32) round));
    for (int i = 1; i <= 40; i++) {
      int a = g_rand_int_range (rand, MAX (0, i - 4), i), b = g_rand_int_range (rand, 0, i);
      const float *va = values->pdata[a], *vb = values->pdata[b];
      float *v = g_new (float, size);

      if (g_rand_boolean (rand)) {
        nodes[i] = inq_op_add (g, inq_op_scale (g, nodes[a], 0.5f, 0.25f), nodes[b]);
        for (gsize k = 0; k < size; k++)
          v[k] = (va[k] * 0.5f + 0.25f) + vb[k];
      } else {
        nodes[i] = inq_op_scale (g, nodes[a], -0.75f, 0.125f);
        for (gsize k = 0; k < size; k++)
          v[k] = va[k] * -0.75f + 0.125f;
      }
      g_ptr_array_add (values, v);
    }
    inq_graph_output (g, nodes[40], "y");
    inq_graph_output (g, nodes[kept], "kept");
    plan = inq_plan_new (test_gpu (), g, dw, FALSE, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (inq_plan_get_arena_size (plan), <, 41 * ((size * 4 + 255) & ~(gsize) 255));
    g_assert_true (inq_plan_write (plan, "x", values->pdata[0], size, &error));
    for (int again = 0; again < 2; again++) {
      g_assert_true (inq_plan_run (plan, NULL, NULL, &error));
      g_assert_true (inq_plan_read (plan, "y", got, size, &error));
      test_compare ("random graph", got, values->pdata[40], size, 1e-4);
      g_assert_true (inq_plan_read (plan, "kept", got, size, &error));
      test_compare ("random graph, kept output", got, values->pdata[kept], size, 1e-4);
    }
    g_clear_pointer (&plan, inq_plan_free);
    inq_device_weights_free (dw);
  }
}

/* Two plans of different size on the same weights, each replayed with new inputs after the graph is gone. */
static void
test_replay (void)
{
  g_autoptr (TestTable) t = test_table_new ();
  const float *w1 = test_table_add (t, "a.weight", INQ_DTYPE_F16, 1, 2, 24, 12);
  const float *b1 = test_table_add (t, "a.bias", INQ_DTYPE_F16, 1, 1, 24);
  const float *w2 = test_table_add (t, "b.weight", INQ_DTYPE_F16, 1, 2, 5, 24);
  InqDeviceWeights *dw = inq_device_weights_new (test_gpu (), test_table_weights (t));
  g_autoptr (GError) error = NULL;
  InqPlan *plans[2];
  gsize uploaded = 0;

  for (int i = 0; i < 2; i++) {
    g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
    InqEpilogue e = { .act = INQ_ACT_SILU };

    inq_graph_output (
        g, inq_op_linear (g, inq_op_linear (g, inq_graph_input (g, "x", 1, 1, 10 + i * 7, 12), "a", &e), "b", NULL),
        "y");
    plans[i] = inq_plan_new (test_gpu (), g, dw, TRUE, &error);
    g_assert_no_error (error);
    if (i == 0)
      uploaded = inq_device_weights_get_size (dw);
    g_assert_cmpuint (inq_device_weights_get_size (dw), ==, uploaded);
    g_assert_cmpfloat (inq_plan_get_flops (plans[i]), ==, 2.0 * (10 + i * 7) * (12 * 24 + 24 * 5));
  }
  for (guint32 round = 0; round < 6; round++) {
    InqPlan *plan = plans[round % 2];
    gint64 rows = 10 + round % 2 * 7;
    g_autofree float *x = test_random ((gsize) rows * 12, 1, 30 + round);
    g_autofree float *h = ref_linear (x, 1, rows, 12, w1, 24, FALSE, b1, NULL, INQ_ACT_SILU, NULL);
    g_autofree float *want = ref_linear (h, 1, rows, 24, w2, 5, FALSE, NULL, NULL, INQ_ACT_NONE, NULL);
    g_autofree float *got = g_new (float, rows * 5), *again = g_new (float, rows * 5);
    g_autoptr (GArray) timings = NULL;

    g_assert_true (inq_plan_write (plan, "x", x, (gsize) rows * 12, &error));
    g_assert_true (inq_plan_run (plan, NULL, NULL, &error));
    g_assert_true (inq_plan_read (plan, "y", got, (gsize) rows * 5, &error));
    test_compare ("replay", got, want, (gsize) rows * 5, 2e-5);
    /* the input is kept, and the same input gives the same bytes */
    g_assert_true (inq_plan_run (plan, NULL, NULL, &error));
    g_assert_true (inq_plan_read (plan, "y", again, (gsize) rows * 5, &error));
    g_assert_cmpmem (got, (gsize) rows * 20, again, (gsize) rows * 20);
    timings = inq_plan_get_timings (plan, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (timings->len, ==, 2);
    g_assert_true (g_str_has_prefix (g_array_index (timings, InqGpuTiming, 0).label, "linear:"));
  }
  for (int i = 0; i < 2; i++)
    inq_plan_free (plans[i]);
  inq_device_weights_free (dw);
}

static void
count_pass (gpointer data)
{
  ++*(guint *) data;
}

/* A submission has no more work than a kernel's watchdog lets pass, and the result is that of one. */
static void
test_work (void)
{
  const double per_layer = 2.0 * 10 * 24 * 24;
  g_autoptr (TestTable) t = test_table_new ();
  g_autofree float *x = test_random (10 * 24, 1, 77);
  float results[2][10 * 24];
  g_autoptr (GError) error = NULL;
  InqDeviceWeights *dw;

  for (guint i = 0; i < 5; i++) {
    g_autofree char *name = g_strdup_printf ("l%u.weight", i);

    test_table_add (t, name, INQ_DTYPE_F16, 1, 2, 24, 24);
  }
  dw = inq_device_weights_new (test_gpu (), test_table_weights (t));
  for (guint cut = 0; cut < 2; cut++) {
    g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
    InqTensor *y = inq_graph_input (g, "x", 1, 1, 10, 24);
    guint passes = 0;
    InqPlan *plan;

    for (guint i = 0; i < 5; i++) {
      g_autofree char *name = g_strdup_printf ("l%u", i);

      y = inq_op_linear (g, y, name, NULL);
    }
    inq_graph_output (g, y, "y");
    inq_weight_stream_test_set_work (cut ? 2.5 * per_layer : 0); /* two layers, two, one */
    plan = inq_plan_new (test_gpu (), g, dw, FALSE, &error);
    inq_weight_stream_test_set_work (0);
    g_assert_no_error (error);
    g_assert_true (inq_plan_write (plan, "x", x, 10 * 24, &error));
    inq_gpu_test_watch (test_gpu (), count_pass, &passes);
    g_assert_true (inq_plan_run (plan, NULL, NULL, &error));
    inq_gpu_test_watch (test_gpu (), NULL, NULL);
    g_assert_true (inq_plan_read (plan, "y", results[cut], 10 * 24, &error));
    g_assert_cmpuint (passes, ==, cut ? 3 : 1);
    inq_plan_free (plan);
  }
  g_assert_cmpmem (results[0], sizeof results[0], results[1], sizeof results[1]);
  inq_device_weights_free (dw);
}

static void
assert_graph_error (TestTable *t, InqGraph *g, int code, const char *first, const char *second)
{
  g_autoptr (GError) error = NULL;
  InqDeviceWeights *dw = inq_device_weights_new (test_gpu (), test_table_weights (t));

  g_assert_null (inq_plan_new (test_gpu (), g, dw, FALSE, &error));
  g_assert_error (error, INQ_LOADER_ERROR, code);
  g_assert_nonnull (strstr (error->message, first));
  g_assert_nonnull (strstr (error->message, second));
  inq_device_weights_free (dw);
}

#define WITH_GRAPH(expression, code, first, second)                                                                    \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));                                                   \
    InqTensor *x = inq_graph_input (g, "x", 1, 4, 4, 8);                                                               \
    InqTensor *y = expression;                                                                                         \
                                                                                                                       \
    g_assert_null (y);                                                                                                 \
    inq_graph_output (g, inq_op_add (g, x, inq_op_geglu (g, y)), "y"); /* NULL passes through, the error stays */      \
    assert_graph_error (t, g, code, first, second);                                                                    \
  }                                                                                                                    \
  G_STMT_END

static gboolean
change_all (const InqWeight *weight, gpointer data)
{
  return TRUE;
}

/* Twice the numbers. */
static void
change_apply (const InqWeight *weight, gint64 first, gint64 count, float *values, gpointer data)
{
  for (gsize i = 0; i < (gsize) (count * weight->dims[1]); i++)
    values[i] *= 2;
}

static gboolean
change_touches (const InqWeight *weight, gpointer data)
{
  return TRUE;
}

static void
check_kept (InqPlan *plan, const float *x, const float *c, const float *w, float factor)
{
  g_autoptr (GError) error = NULL;
  float got[24], want[24];

  inq_plan_write (plan, "x", x, 24, &error);
  g_assert_no_error (error);
  inq_plan_write (plan, "c", c, 24, &error);
  g_assert_no_error (error);
  inq_plan_run (plan, NULL, NULL, &error);
  g_assert_no_error (error);
  inq_plan_read (plan, "y", got, 24, &error);
  g_assert_no_error (error);
  for (guint row = 0; row < 3; row++)
    for (guint k = 0; k < 8; k++) {
      float sum = 0;

      for (guint i = 0; i < 8; i++)
        sum += (c[row * 8 + i] * 0.5f + 1) * w[k * 8 + i] * factor;
      want[row * 8 + k] = sum + 3 * x[row * 8 + k];
    }
  test_compare ("kept", got, want, 24, 1e-5);
}

/* What follows from an input that is kept is right whatever changed: nothing, the other input, it, or the weights; and
 * it is not computed anew without need. */
static void
test_kept (void)
{
  const InqWeightPatch patch = { .touches = change_touches, .apply = change_apply };
  g_autoptr (TestTable) t = test_table_new ();
  const float *w = test_table_add (t, "w.weight", INQ_DTYPE_F32, 1, 2, 8, 8);
  g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
  g_autoptr (InqPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) timings = NULL;
  InqDeviceWeights *dw = inq_device_weights_new (test_gpu (), test_table_weights (t));
  g_autofree float *x = test_random (24, 1, 1), *c = test_random (24, 1, 2), *other = test_random (24, 1, 3);
  InqTensor *in = inq_graph_input (g, "x", 1, 1, 3, 8), *context = inq_graph_input (g, "c", 1, 1, 3, 8), *y;
  gsize arena;

  inq_graph_keep (g, context);
  y = inq_op_scale (g, in, 3, 0); /* room that what is kept must not share */
  y = inq_op_add (g, inq_op_linear (g, inq_op_scale (g, context, 0.5f, 1), "w", NULL), y);
  inq_graph_output (g, y, "y");
  plan = inq_plan_new (test_gpu (), g, dw, TRUE, &error);
  g_assert_no_error (error);
  check_kept (plan, x, c, w, 1);
  timings = inq_plan_get_timings (plan, NULL);
  if (timings)
    g_assert_cmpuint (timings->len, ==, 2);
  check_kept (plan, x, c, w, 1);
  check_kept (plan, other, c, w, 1);
  check_kept (plan, other, x, w, 1);
  check_kept (plan, x, c, w, 1);
  inq_device_weights_set_patch (dw, &patch);
  inq_device_weights_reload (dw, change_all, NULL, &error);
  g_assert_no_error (error);
  check_kept (plan, x, c, w, 2);
  check_kept (plan, x, c, w, 2);
  arena = inq_plan_get_arena_size (plan);
  g_clear_pointer (&plan, inq_plan_free);
  /* for want of memory all of it at each run */
  inq_graph_set_anew (g, TRUE);
  plan = inq_plan_new (test_gpu (), g, dw, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (inq_plan_get_arena_size (plan), <, arena);
  check_kept (plan, x, c, w, 2);
  check_kept (plan, other, x, w, 2);
  g_clear_pointer (&timings, g_array_unref);
  timings = inq_plan_get_timings (plan, NULL);
  if (timings)
    g_assert_cmpuint (timings->len, ==, 4);
  g_clear_pointer (&plan, inq_plan_free);
  inq_device_weights_free (dw);
}

static void
test_errors (void)
{
  g_autoptr (TestTable) t = test_table_new ();
  InqConv pad = { .pad_before = 1, .pad_after = 1 };
  InqEpilogue e = { 0 };

  test_table_add (t, "l.weight", INQ_DTYPE_F32, 1, 2, 6, 7);
  test_table_add (t, "b.weight", INQ_DTYPE_F32, 1, 2, 6, 8);
  test_table_add (t, "b.bias", INQ_DTYPE_F32, 1, 1, 5);
  test_table_add (t, "c.weight", INQ_DTYPE_F32, 1, 4, 6, 9, 3, 3);
  test_table_add (t, "d.weight", INQ_DTYPE_F32, 1, 4, 6, 8, 5, 5);
  test_table_add (t, "n.weight", INQ_DTYPE_F32, 1, 1, 8);
  test_table_weights (t);

  WITH_GRAPH (inq_op_linear (g, x, "none", NULL), INQ_LOADER_ERROR_MISSING, "none.weight", "test");
  WITH_GRAPH (inq_op_linear (g, x, "l", NULL), INQ_LOADER_ERROR_SHAPE, "l.weight", "[6, 7]");
  WITH_GRAPH (inq_op_linear (g, x, "b", NULL), INQ_LOADER_ERROR_SHAPE, "b.bias", "[5]");
  WITH_GRAPH (inq_op_linear_rows (g, x, "b.weight", NULL, 3, 4, NULL), INQ_LOADER_ERROR_SHAPE, "b.weight", "[6, 8]");
  WITH_GRAPH (inq_op_matmul_weight (g, x, "b.weight"), INQ_LOADER_ERROR_SHAPE, "b.weight", "8 rows");
  WITH_GRAPH (inq_op_conv (g, x, "c", &pad, NULL), INQ_LOADER_ERROR_SHAPE, "c.weight", "[6, 9, 3, 3]");
  WITH_GRAPH (inq_op_conv (g, x, "d", NULL, NULL), INQ_LOADER_ERROR_SHAPE, "'d'", "[1, 4, 4, 8]");
  WITH_GRAPH (inq_op_layer_norm (g, x, "n", 1e-5f), INQ_LOADER_ERROR_MISSING, "n.bias", "test");
  WITH_GRAPH (inq_op_group_norm (g, x, "n", 3, 1e-5f, 0), INQ_LOADER_ERROR_SHAPE, "'n'", "3 groups");
  WITH_GRAPH (inq_op_add (g, x, inq_graph_input (g, "z", 1, 4, 4, 7)), INQ_LOADER_ERROR_SHAPE, "[1, 4, 4, 8]",
              "[1, 4, 4, 7]");
  WITH_GRAPH (inq_op_concat (g, x, inq_graph_input (g, "z", 1, 2, 8, 8)), INQ_LOADER_ERROR_SHAPE, "[1, 4, 4, 8]",
              "[1, 2, 8, 8]");
  WITH_GRAPH (inq_op_slice_channels (g, x, 5, 4), INQ_LOADER_ERROR_SHAPE, "slice", "[1, 4, 4, 8]");
  WITH_GRAPH (inq_op_take_rows (g, x, x, 1), INQ_LOADER_ERROR_SHAPE, "take rows", "[1, 4, 4, 8]");
  WITH_GRAPH (inq_op_pixel_shuffle (g, x, 3), INQ_LOADER_ERROR_SHAPE, "pixel shuffle", "[1, 4, 4, 8]");
  WITH_GRAPH (inq_op_pixel_unshuffle (g, x, 3), INQ_LOADER_ERROR_SHAPE, "pixel unshuffle", "[1, 4, 4, 8]");
  WITH_GRAPH (inq_op_reshape (g, x, 1, 1, 1, 5), INQ_LOADER_ERROR_SHAPE, "[1, 4, 4, 8]", "[1, 1, 1, 5]");
  WITH_GRAPH (inq_op_embed (g, x, "b.weight", NULL), INQ_LOADER_ERROR_SHAPE, "b.weight", "ids");
  WITH_GRAPH (inq_op_timestep (g, x, 8), INQ_LOADER_ERROR_SHAPE, "timestep", "[1, 4, 4, 8]");
  WITH_GRAPH (inq_op_attention (g, x, x, x, 2, FALSE), INQ_LOADER_ERROR_SHAPE, "attention", "[1, 4, 4, 8]");
  WITH_GRAPH (inq_op_scale (g, inq_graph_input (g, "big", 1 << 20, 1 << 20, 1 << 20, 8), 1, 1), INQ_LOADER_ERROR_SHAPE,
              "1048576", "too large");
  e.channel_bias = NULL;
  {
    g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));

    e.residual = inq_graph_input (g, "res", 1, 4, 4, 5);
    e.no_bias = TRUE;
    g_assert_null (inq_op_linear (g, inq_graph_input (g, "x", 1, 4, 4, 8), "b", &e));
    assert_graph_error (t, g, INQ_LOADER_ERROR_SHAPE, "[1, 4, 4, 6]", "[1, 4, 4, 5]");
  }
  {
    g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));

    inq_graph_fail (g, INQ_LOADER_ERROR_MISSING, "no %s here", "tower");
    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "second");
    assert_graph_error (t, g, INQ_LOADER_ERROR_MISSING, "no tower here", "tower");
  }
}

static void
test_write_errors (void)
{
  g_autoptr (TestTable) t = test_table_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (InqGraph) g = NULL;
  g_autoptr (InqPlan) plan = NULL;
  InqDeviceWeights *dw;
  guint32 ids[] = { 1, 10 };
  float f[16] = { 0 };

  test_table_add (t, "table", INQ_DTYPE_F32, 1, 2, 10, 8);
  g = inq_graph_new (test_table_weights (t));
  dw = inq_device_weights_new (test_gpu (), test_table_weights (t));
  inq_graph_output (g, inq_op_scale (g, inq_op_embed (g, inq_graph_input_ids (g, "ids", 1, 2), "table", NULL), 2, 0),
                    "y");
  plan = inq_plan_new (test_gpu (), g, dw, FALSE, &error);
  g_assert_no_error (error);
  g_assert_false (inq_plan_write (plan, "ids", ids, 2, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "token 10"));
  g_clear_error (&error);
  g_assert_false (inq_plan_write (plan, "ids", ids, 3, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (inq_plan_write (plan, "nothing", ids, 2, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (inq_plan_read (plan, "y", f, 15, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED);
  g_assert_null (inq_plan_get_dims (plan, "nothing"));
  g_clear_pointer (&plan, inq_plan_free);
  inq_device_weights_free (dw);
}

/* Too little memory for the arena, then for the weights: an error with the bytes wanted, nothing leaks, and it works
 * with enough. */
static void
test_out_of_memory (void)
{
  g_autoptr (TestTable) t = test_table_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (InqGraph) g = NULL;
  g_autoptr (InqPlan) plan = NULL;
  InqDeviceWeights *dw;
  guint64 before, now, peak;
  InqGraphNeeds needs;
  gsize arena, weights;
  InqTensor *x;

  test_table_add (t, "l.weight", INQ_DTYPE_F32, 1, 2, 512, 512);
  g = inq_graph_new (test_table_weights (t));
  dw = inq_device_weights_new (test_gpu (), test_table_weights (t));
  x = inq_graph_input (g, "x", 1, 1, 256, 512);
  inq_graph_output (g, inq_op_linear (g, inq_op_linear (g, x, "l", NULL), "l", NULL), "y");
  g_assert_true (inq_graph_measure (g, test_gpu (), dw, G_MAXSIZE, &needs, &error));
  g_assert_no_error (error);
  arena = needs.arena;
  weights = needs.weights;
  g_assert_true (needs.bindable);
  g_assert_cmpuint (weights, ==, 512 * 512 * 4); /* read twice, there once */
  g_assert_cmpuint (needs.missing, ==, weights);
  g_assert_cmpuint (needs.largest, ==, weights);
  inq_gpu_get_memory (test_gpu (), &before, &peak);

  inq_gpu_set_memory_limit (test_gpu (), before + arena / 2);
  g_assert_null (inq_plan_new (test_gpu (), g, dw, FALSE, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY);
  {
    g_autofree char *bytes = g_strdup_printf ("%" G_GSIZE_FORMAT, arena);

    g_assert_nonnull (strstr (error->message, bytes));
  }
  g_clear_error (&error);
  inq_gpu_get_memory (test_gpu (), &now, &peak);
  g_assert_cmpuint (now, ==, before);

  inq_gpu_set_memory_limit (test_gpu (), before + arena + 1024);
  g_assert_null (inq_plan_new (test_gpu (), g, dw, FALSE, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY);
  g_assert_nonnull (strstr (error->message, "Weights"));
  g_clear_error (&error);
  inq_gpu_get_memory (test_gpu (), &now, &peak);
  g_assert_cmpuint (now, ==, before);
  g_assert_cmpuint (inq_device_weights_get_size (dw), ==, 0);

  inq_gpu_set_memory_limit (test_gpu (), 0);
  plan = inq_plan_new (test_gpu (), g, dw, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (inq_plan_get_arena_size (plan), ==, arena);
  g_assert_cmpuint (inq_device_weights_get_size (dw), >=, 512 * 512 * 4);
  g_assert_true (inq_plan_run (plan, NULL, NULL, &error));
  g_clear_pointer (&plan, inq_plan_free);
  inq_device_weights_free (dw);
  inq_gpu_get_memory (test_gpu (), &now, &peak);
  g_assert_cmpuint (now, ==, before);
}

/* Any shape, from any address, against the definition; columns beyond the rows are zeros. */
static void
check_repack (gsize element, gint64 rows, gint64 inputs, gint64 taps, gint64 columns, gsize shift)
{
  gsize count = (gsize) (rows * inputs * taps), n_out = (gsize) (taps * inputs * columns);
  g_autofree guint8 *file = g_malloc (count * element + shift);
  g_autofree guint8 *out = g_malloc (n_out * element);
  const guint8 *in = file + shift;

  for (gsize i = 0; i < count * element + shift; i++)
    file[i] = (guint8) (i * 167 + (i >> 8) * 13 + 1);
  memset (out, 0xee, n_out * element);
  inq_repack (in, out, element, rows, inputs, taps, columns);
  for (gint64 t = 0; t < taps; t++)
    for (gint64 k = 0; k < inputs; k++)
      for (gint64 r = 0; r < columns; r++) {
        const guint8 *got = out + (gsize) ((t * inputs + k) * columns + r) * element;
        const guint8 zero[4] = { 0 };

        g_assert_cmpmem (got, element, r < rows ? in + (gsize) ((r * inputs + k) * taps + t) * element : zero, element);
      }

  /* in parts, from the last one */
  g_autofree guint8 *parts = g_malloc (n_out * element);
  memset (parts, 0xee, n_out * element);
  for (gint64 at_once = 1 + rows / 3, first = (rows - 1) / at_once * at_once; first >= 0; first -= at_once)
    inq_repack_rows (in, parts, element, first, MIN (at_once, rows - first), rows, inputs, taps, columns);
  g_assert_cmpmem (parts, n_out * element, out, n_out * element);
}

static void
test_repack (void)
{
  static const struct {
    gint64 rows, inputs, taps, columns;
    gsize shift;
  } shapes[] = {
    { 1, 1, 1, 16, 0 },        { 64, 40, 1, 64, 1 },   { 77, 13, 9, 80, 3 },
    { 16, 7, 1, 16, 2 },       { 320, 70, 9, 320, 0 }, /* large enough for threads */
    { 1001, 257, 1, 1008, 1 },
  };

  for (gsize element = 2; element <= 4; element += 2)
    for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
      check_repack (element, shapes[i].rows, shapes[i].inputs, shapes[i].taps, shapes[i].columns, shapes[i].shift);
}

static void
test_layout (void)
{
  g_autofree float *x = test_random (2 * 3 * 5 * 7, 1, 50), *y = g_new (float, 210), *z = g_new (float, 210);

  inq_nchw_to_nhwc (x, y, 2, 3, 5, 7);
  g_assert_cmpfloat (y[((1 * 5 + 2) * 7 + 4) * 3 + 2], ==, x[((1 * 3 + 2) * 5 + 2) * 7 + 4]);
  inq_nhwc_to_nchw (y, z, 2, 3, 5, 7);
  g_assert_cmpmem (x, 840, z, 840);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_gpu ();
  g_test_add_func ("/planner/random", test_planner_random);
  g_test_add_func ("/planner/chain", test_planner_chain);
  g_test_add_func ("/planner/too-large", test_planner_too_large);
  g_test_add_func ("/graph/random", test_random_graphs);
  g_test_add_func ("/graph/replay", test_replay);
  g_test_add_func ("/graph/work", test_work);
  g_test_add_func ("/graph/kept", test_kept);
  g_test_add_func ("/graph/errors", test_errors);
  g_test_add_func ("/graph/write-errors", test_write_errors);
  g_test_add_func ("/graph/out-of-memory", test_out_of_memory);
  g_test_add_func ("/graph/repack", test_repack);
  g_test_add_func ("/graph/layout", test_layout);
  return test_gpu_run ();
}
