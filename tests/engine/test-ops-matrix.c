/* Inquadra - matrix kernels against the C reference, on devices that have cooperative matrices. Few shapes: a processor
 * that plays a graphics card takes seconds to compile one of these kernels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops.h"
#include "ops-util.h"
#include "ref-ops.h"

typedef struct {
  int n, h, w, c, out, k; /* k 0: linear */
  InqConv conv;
  InqDtype dtype;
  InqActivation act;
  guint epilogue; /* 1 bias, 2 channel bias, 4 residual */
  int parts;
} Case;

static const Case cases[] = {
  /* every edge: rows, columns, a depth that is no multiple of anything */
  { 1, 1, 37, 24, 40, 0, { 0 }, INQ_DTYPE_F16, INQ_ACT_NONE, 1, 1 },
  { 2, 3, 5, 13, 21, 0, { 0 }, INQ_DTYPE_F32, INQ_ACT_GELU, 7, 1 },
  { 1, 1, 33, 136, 50, 0, { 0 }, INQ_DTYPE_BF16, INQ_ACT_NONE, 5, 4 },
  { 1, 5, 7, 16, 24, 3, { 1, 1, 1, FALSE }, INQ_DTYPE_F16, INQ_ACT_SILU, 7, 1 },
  { 2, 6, 4, 40, 24, 3, { 2, 0, 1, FALSE }, INQ_DTYPE_F16, INQ_ACT_NONE, 3, 1 },
  { 1, 5, 3, 24, 16, 3, { 1, 1, 1, TRUE }, INQ_DTYPE_F16, INQ_ACT_NONE, 5, 2 },
};

static void
check (const Case *s)
{
  g_autoptr (TestTable) t = test_table_new ();
  const float *weight = s->k ? test_table_add (t, "m.weight", s->dtype, 1, 4, s->out, s->c, s->k, s->k)
                             : test_table_add (t, "m.weight", s->dtype, 1, 2, s->out, s->c);
  const float *bias = s->epilogue & 1 ? test_table_add (t, "m.bias", s->dtype, 1, 1, s->out) : NULL;
  g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
  gsize count = (gsize) s->n * s->h * s->w * s->c;
  gint64 oh = s->h, ow = s->w;
  g_autofree float *x = test_random (count, 1, 1), *cb = test_random ((gsize) s->n * s->out, 1, 2), *res = NULL;
  g_autofree float *want = NULL, *got = NULL, *plain = NULL;
  g_autofree char *what = g_strdup_printf ("%s %dx%dx%dx%d -> %d, %s, epilogue %u, parts %d", s->k ? "conv" : "linear",
                                           s->n, s->h, s->w, s->c, s->out, inq_dtype_name (s->dtype), s->epilogue,
                                           s->parts);
  InqEpilogue e = { .act = s->act };
  TestInput inputs[3] = { { "x", x, count } };
  guint n_inputs = 1;
  InqTensor *in = test_input (g, "x", s->n, s->h, s->w, s->c);

  if (s->k)
    plain = ref_conv (x, s->n, s->h, s->w, s->c, weight, s->out, s->k, s->k, &s->conv, NULL, NULL, INQ_ACT_NONE, NULL,
                      &oh, &ow);
  count = (gsize) (s->n * oh * ow * s->out);
  res = test_random (count, 1, 3);
  if (s->epilogue & 2) {
    e.channel_bias = inq_graph_input (g, "cb", s->n, 1, 1, s->out);
    inputs[n_inputs++] = (TestInput){ "cb", cb, (gsize) s->n * s->out };
  }
  if (s->epilogue & 4) {
    e.residual = test_input (g, "res", s->n, oh, ow, s->out);
    inputs[n_inputs++] = (TestInput){ "res", res, count };
  }
  if (s->k)
    want = ref_conv (x, s->n, s->h, s->w, s->c, weight, s->out, s->k, s->k, &s->conv, bias, s->epilogue & 2 ? cb : NULL,
                     s->act, s->epilogue & 4 ? res : NULL, &oh, &ow);
  else
    want = ref_linear (x, s->n, (gint64) s->h * s->w, s->c, weight, s->out, FALSE, bias, s->epilogue & 2 ? cb : NULL,
                       s->act, s->epilogue & 4 ? res : NULL);
  test_output (g, s->k ? inq_op_conv (g, in, "m", &s->conv, &e) : inq_op_linear (g, in, "m", &e), "y");
  test_parts = s->parts;
  got = test_run_graph (g, t, inputs, n_inputs, &count);
  test_compare (what, got, want, count, 4e-3);
}

static void
test_gemm (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check (&cases[i]);
}

/* @rising: each key's scores are larger than those before, so that what was summed is scaled down again and again. */
static void
check_attention (int n, int tq, int tk, int heads, int d, gboolean causal, gboolean halves, gboolean rising)
{
  g_autoptr (TestTable) t = test_table_new ();
  g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
  int c = heads * d;
  gsize nq = (gsize) n * tq * c, nk = (gsize) n * tk * c, count;
  g_autofree float *q = test_random (nq, 2, 13), *k = test_random (nk, 2, 14), *v = test_random (nk, 1, 15);
  g_autofree float *want = NULL, *got = NULL;
  TestInput inputs[] = { { "q", q, nq }, { "k", k, nk }, { "v", v, nk } };
  g_autofree char *what = g_strdup_printf ("attention n %d, %d queries, %d keys, %d heads of %d%s%s, shape %d", n, tq,
                                           tk, heads, d, causal ? ", causal" : "", rising ? ", rising" : "",
                                           test_attention_tile);
  InqTensor *y = inq_op_attention (g, (halves ? test_input : inq_graph_input) (g, "q", n, 1, tq, c),
                                   (halves ? test_input : inq_graph_input) (g, "k", n, 1, tk, c),
                                   (halves ? test_input : inq_graph_input) (g, "v", n, 1, tk, c), heads, causal);

  for (gsize i = 0; rising && i < nk; i++)
    k[i] *= 1 + 8 * (float) (i / (gsize) c % (gsize) tk) / (float) tk;
  if (rising)
    test_round (k, nk, INQ_DTYPE_F16);
  want = ref_attention (q, k, v, n, tq, tk, heads, d, causal);
  (halves ? test_output : inq_graph_output) (g, y, "y");
  got = test_run_graph (g, t, inputs, 3, &count);
  test_compare (what, got, want, count, 6e-3);
}

static void
test_attention (void)
{
  check_attention (2, 37, 45, 2, 24, FALSE, TRUE, FALSE); /* padded to 32 channels; edges of queries and keys */
  check_attention (1, 35, 35, 1, 16, TRUE, FALSE, FALSE);
  check_attention (1, 19, 77, 1, 16, FALSE, TRUE, TRUE);
  check_attention (1, 35, 35, 1, 16, TRUE, TRUE, TRUE);
}

/* Two rows of matrices a subgroup, and the trial that tells whether a shape is right. */
static void
test_attention_tall (void)
{
  g_autoptr (GError) error = NULL;
  guint tall = 0;

  for (guint i = 0; i < inq_attention_n_tiles && tall == 0; i++)
    if (inq_attention_tiles[i].kind == INQ_ATTENTION_SUBGROUP && inq_attention_tiles[i].queries == 2
        && inq_attention_tiles[i].warps == 2)
      tall = i;
  g_assert_cmpuint (tall, >, 0);
  if (inq_gpu_get_facts (test_gpu ())->matrix_m == 0) {
    g_test_skip ("this device has no cooperative matrices");
    return;
  }
  inq_attention_verify (test_gpu (), tall, 24, &error);
  g_assert_no_error (error);
}

static void
test_attention_long (void)
{
  check_attention (1, 9, 45, 1, 160, FALSE, TRUE, FALSE);
}

/* Heads whose channels the subgroups divide: the last one's only in part, and no edge of queries or keys a whole
 * matrix. */
static void
test_attention_longer (void)
{
  int before = test_attention_tile;
  guint done = 0; /* a bit for each number of matrices: a processor takes the other numbers of a shape smaller */

  for (guint i = 0; i < inq_attention_n_tiles; i++) {
    const InqAttentionTile *tile = &inq_attention_tiles[i];

    if (tile->kind != INQ_ATTENTION_LONG
        || (inq_gpu_get_facts (test_gpu ())->kind == INQ_GPU_KIND_SOFTWARE && done & 1u << tile->queries))
      continue;
    done |= 1u << tile->queries;
    test_attention_tile = (int) i;
    check_attention (2, 21, 45, 2, 200, FALSE, TRUE, FALSE);
    check_attention (1, 35, 70, 1, 168, FALSE, FALSE, TRUE);
  }
  test_attention_tile = before;
}

/* The whole length, and the trial that has to pass before a card takes it. */
static void
test_attention_longest (void)
{
  g_autoptr (GError) error = NULL;
  guint tile = 0;
  int before = test_attention_tile;

  while (inq_attention_tiles[tile].kind != INQ_ATTENTION_LONG)
    tile++;
  test_attention_tile = (int) tile;
  check_attention (1, 33, 100, 1, 512, FALSE, TRUE, TRUE);
  test_attention_tile = before;
  if (inq_gpu_get_facts (test_gpu ())->matrix_m == 0) {
    g_test_skip ("this device has no cooperative matrices");
    return;
  }
  inq_attention_verify (test_gpu (), tile, 512, &error);
  g_assert_no_error (error);
}

/* Every shape that a card has for shorter heads, those that no software device has above all: edges of queries, keys
 * and channels, one step of keys and several, results scaled down. */
static void
test_attention_shapes (void)
{
  int before = test_attention_tile;

  for (guint i = 0; i < inq_attention_n_tiles; i++) {
    const InqGpuFacts *facts = inq_gpu_get_facts (test_gpu ());
    InqGpuPipelineDesc desc;
    guint queries;

    if (inq_attention_tiles[i].kind == INQ_ATTENTION_LONG || facts->matrix_m == 0
        || (inq_attention_tiles[i].kind == INQ_ATTENTION_SUBGROUP && facts->kind == INQ_GPU_KIND_SOFTWARE)
        || !inq_attention_describe (i, 24, FALSE, 15, facts, &desc, &queries))
      continue;
    test_attention_tile = (int) i;
    check_attention (2, 37, 45, 2, 24, FALSE, TRUE, FALSE);
    check_attention (1, 301, 333, 3, 40, FALSE, TRUE, TRUE);
    check_attention (1, 133, 77, 2, 64, FALSE, TRUE, FALSE);
  }
  test_attention_tile = before;
}

/* Measuring chooses shapes that there are for the heads they are chosen for. */
static void
test_attention_measure (void)
{
  g_autoptr (GError) error = NULL;
  InqGemmSpeeds s = { 0 };

  inq_attention_measure (test_gpu (), &s, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < INQ_ATTENTION_CLASSES; i++) {
    g_test_message ("class %u: %" G_GUINT64_FORMAT, i, s.attention[i]);
    if (s.attention[i] > 0)
      g_assert_true ((inq_attention_tiles[s.attention[i]].kind == INQ_ATTENTION_LONG)
                     == (i >= INQ_ATTENTION_CLASSES - 3));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_kernels = INQ_KERNELS_MATRIX;
  test_precision = INQ_PRECISION_F16;
  test_parse_kernels (argc, argv);
  if (inq_gpu_get_facts (test_gpu ())->matrix_m == 0)
    g_test_message ("this device has no cooperative matrices: shared memory is used instead");
  g_test_add_func ("/matrix/gemm", test_gemm);
  g_test_add_func ("/matrix/attention", test_attention);
  g_test_add_func ("/matrix/attention-tall", test_attention_tall);
  g_test_add_func ("/matrix/attention-shapes", test_attention_shapes);
  g_test_add_func ("/matrix/attention-longer", test_attention_longer);
  g_test_add_func ("/matrix/attention-longest", test_attention_longest);
  if (g_test_slow ()) {
    g_test_add_func ("/matrix/attention-long", test_attention_long);
    g_test_add_func ("/matrix/attention-measure", test_attention_measure);
  }
  return test_gpu_run ();
}
