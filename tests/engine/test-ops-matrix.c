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

/* How many nodes of @g others make as well. */
static guint
count_joined (InqGraph *g)
{
  guint n = 0;

  for (guint i = 0; i < g->nodes->len; i++)
    n += ((const InqNode *) g->nodes->pdata[i])->into != NULL;
  return n;
}

static const char *const names[] = { "a", "b", "c", "d" };

/* Layers "a", "b" ... of one x, their results beside each other. */
static InqGraph *
layers_new (TestTable *t, int rows, int c, int n, InqActivation act)
{
  InqGraph *g = inq_graph_new (test_table_weights (t));
  InqTensor *in = test_input (g, "x", 1, 1, rows, c), *y[4], *all;

  for (int i = 0; i < n; i++)
    y[i] = inq_op_linear (g, in, names[i], &(InqEpilogue){ .act = act });
  all = y[0];
  for (int i = 1; i < n; i++)
    all = inq_op_concat (g, all, y[i]);
  test_output (g, all, "y");
  return g;
}

/* What they make against the reference, and that it is what each makes alone, to the byte. */
static void
check_siblings (int rows, int c, int out, int n, InqDtype dtype, InqActivation act, gboolean biased, int parts)
{
  g_autoptr (TestTable) t = test_table_new ();
  g_autoptr (InqGraph) g = NULL, alone = NULL;
  gsize n_x = (gsize) rows * c, count;
  TestInput input = { "x", NULL, n_x };
  g_autofree float *apart = NULL;
  g_autofree float *x = test_random (n_x, 1, 1), *want = g_new (float, (gsize) rows *out *n), *got = NULL;
  g_autofree char *what = g_strdup_printf ("%d layers %d x %d -> %d, %s, parts %d", n, rows, c, out,
                                           inq_dtype_name (dtype), parts);
  const float *weights[4], *biases[4] = { NULL };

  input.data = x;
  for (int i = 0; i < n; i++) {
    g_autofree char *weight = g_strconcat (names[i], ".weight", NULL), *bias = g_strconcat (names[i], ".bias", NULL);

    weights[i] = test_table_add (t, weight, dtype, 1, 2, out, c);
    if (biased)
      biases[i] = test_table_add (t, bias, dtype, 1, 1, out);
  }
  for (int i = 0; i < n; i++) {
    g_autofree float *one = ref_linear (x, 1, rows, c, weights[i], out, FALSE, biases[i], NULL, act, NULL);

    for (gsize k = 0; k < (gsize) rows * (gsize) out; k++)
      want[k / (gsize) out * (gsize) (out * n) + (gsize) (i * out) + k % (gsize) out] = one[k];
  }
  test_parts = parts;
  g = layers_new (t, rows, c, n, act);
  got = test_run_graph (g, t, &input, 1, &count);
  test_compare (what, got, want, count, 4e-3);
  alone = layers_new (t, rows, c, n, act);
  inq_graph_set_apart (alone, TRUE);
  apart = test_run_graph (alone, t, &input, 1, &count);
  g_assert_cmpmem (got, count * sizeof (float), apart, count * sizeof (float));
  g_assert_cmpuint (count_joined (alone), ==, 0);
  if (inq_gpu_get_facts (test_gpu ())->matrix_m > 0) /* three at a time */
    g_assert_cmpuint (count_joined (g), ==, n == 4 ? 2 : n - 1);
}

static void
test_siblings (void)
{
  check_siblings (37, 24, 40, 3, INQ_DTYPE_F16, INQ_ACT_NONE, FALSE, 1);
  check_siblings (37, 24, 40, 3, INQ_DTYPE_F16, INQ_ACT_NONE, TRUE, 1);
  check_siblings (19, 136, 50, 2, INQ_DTYPE_F16, INQ_ACT_GELU, TRUE, 3); /* in f32: 50 channels */
  check_siblings (19, 72, 48, 3, INQ_DTYPE_F32, INQ_ACT_NONE, TRUE, 2);
  check_siblings (150, 16, 33, 4, INQ_DTYPE_BF16, INQ_ACT_NONE, FALSE, 1);
}

/* Weights of which some stay and some pass through a slot lie in two buffers: each layer for itself then. */
static void
test_siblings_streamed (void)
{
  const gsize bytes = 24 * 48 * 2;
  g_autoptr (TestTable) t = test_table_new ();
  g_autofree float *x = test_random (20 * 24, 1, 1), *want = NULL;
  g_autoptr (InqGraph) whole = NULL;
  gsize count;

  for (int i = 0; i < 3; i++) {
    g_autofree char *weight = g_strconcat (names[i], ".weight", NULL);

    test_table_add (t, weight, INQ_DTYPE_F16, 1, 2, 48, 24);
  }
  whole = layers_new (t, 20, 24, 3, INQ_ACT_NONE);
  test_parts = 2;
  want = test_run_graph (whole, t, &(TestInput){ "x", x, 20 * 24 }, 1, &count);
  for (guint stay = 0; stay < 3; stay++) {
    g_autoptr (InqGraph) g = layers_new (t, 20, 24, 3, INQ_ACT_NONE);
    InqDeviceWeights *dw = inq_device_weights_new (test_gpu (), test_table_weights (t));
    g_autofree float *got = g_new (float, count);
    g_autoptr (GError) error = NULL;
    InqPlan *plan;

    inq_graph_set_kernels (g, test_kernels);
    inq_graph_set_precision (g, test_precision);
    inq_graph_set_gemm (g, test_tile, test_parts);
    plan = inq_plan_new_streamed (test_gpu (), g, dw, FALSE, stay * bytes, 3 * bytes + 768, &error);
    g_assert_no_error (error);
    inq_plan_write (plan, "x", x, 20 * 24, &error);
    g_assert_no_error (error);
    inq_plan_run (plan, NULL, NULL, &error);
    g_assert_no_error (error);
    inq_plan_read (plan, "y", got, count, &error);
    g_assert_no_error (error);
    g_assert_cmpmem (got, count * sizeof (float), want, count * sizeof (float));
    inq_plan_free (plan);
    inq_device_weights_free (dw);
  }
}

/* What looks like siblings and is not: another shape, another x, an epilogue of its own. */
static void
test_siblings_not (void)
{
  g_autoptr (TestTable) t = test_table_new ();
  g_autoptr (InqGraph) g = NULL;
  g_autofree float *x = test_random (20 * 24, 1, 1), *got = NULL, *want = g_new (float, 20 * 24);
  const float *a = test_table_add (t, "a.weight", INQ_DTYPE_F16, 1, 2, 24, 24), *b, *c;
  g_autofree float *one = ref_linear (x, 1, 20, 24, a, 24, FALSE, NULL, NULL, INQ_ACT_NONE, NULL), *two = NULL;
  g_autofree float *three = NULL;
  gsize count;
  InqTensor *in, *first, *second;

  b = test_table_add (t, "b.weight", INQ_DTYPE_F16, 1, 2, 32, 24);
  c = test_table_add (t, "c.weight", INQ_DTYPE_F16, 1, 2, 24, 32);
  g = inq_graph_new (test_table_weights (t));
  in = test_input (g, "x", 1, 1, 20, 24);
  first = inq_op_linear (g, in, "a", NULL);
  second = inq_op_linear (g, in, "b", NULL);
  second = inq_op_linear (g, second, "c", NULL);
  second = inq_op_linear (g, in, "a", &(InqEpilogue){ .residual = second });
  test_output (g, inq_op_add (g, first, second), "y");
  two = ref_linear (x, 1, 20, 24, b, 32, FALSE, NULL, NULL, INQ_ACT_NONE, NULL);
  three = ref_linear (two, 1, 20, 32, c, 24, FALSE, NULL, NULL, INQ_ACT_NONE, NULL);
  for (guint i = 0; i < 20 * 24; i++)
    want[i] = 2 * one[i] + three[i];
  test_parts = 1;
  got = test_run_graph (g, t, &(TestInput){ "x", x, 20 * 24 }, 1, &count);
  test_compare ("no siblings", got, want, count, 8e-3);
  g_assert_cmpuint (count_joined (g), ==, 0);
}

/* A product and its GEGLU in one dispatch, against the reference. */
static void
check_geglu (int rows, int c, int out, InqDtype dtype, gboolean biased, gboolean joins)
{
  g_autoptr (TestTable) t = test_table_new ();
  const float *weight = test_table_add (t, "m.weight", dtype, 1, 2, 2 * out, c), *bias = NULL;
  g_autoptr (InqGraph) g = NULL;
  gsize n_x = (gsize) rows * c, count;
  g_autofree float *x = test_random (n_x, 1, 1), *wide = NULL, *want = NULL, *got = NULL;
  g_autofree char *what = g_strdup_printf ("geglu of linear %d x %d -> %d, %s", rows, c, 2 * out,
                                           inq_dtype_name (dtype));
  const InqNode *last;

  if (biased)
    bias = test_table_add (t, "m.bias", dtype, 1, 1, 2 * out);
  g = inq_graph_new (test_table_weights (t));
  test_output (g, inq_op_geglu (g, inq_op_linear (g, test_input (g, "x", 1, 1, rows, c), "m", NULL)), "y");
  wide = ref_linear (x, 1, rows, c, weight, 2 * out, FALSE, bias, NULL, INQ_ACT_NONE, NULL);
  want = ref_geglu (wide, rows, out);
  test_parts = 1;
  got = test_run_graph (g, t, &(TestInput){ "x", x, n_x }, 1, &count);
  test_compare (what, got, want, count, 6e-3); /* apart, the product is rounded too */
  last = g->nodes->pdata[g->nodes->len - 2];
  g_assert_true (last->op == &inq_geglu_op);
  if (inq_gpu_get_facts (test_gpu ())->matrix_m > 0)
    g_assert_cmpint (last->into != NULL, ==, joins);
}

static void
test_geglu (void)
{
  check_geglu (37, 24, 40, INQ_DTYPE_F16, TRUE, TRUE);
  check_geglu (19, 72, 24, INQ_DTYPE_F32, FALSE, TRUE);
  check_geglu (130, 13, 16, INQ_DTYPE_BF16, TRUE, TRUE);
  check_geglu (19, 24, 20, INQ_DTYPE_F16, TRUE, FALSE); /* not in eights */
}

/* The product has another reader, so it must be there. */
static void
test_geglu_not (void)
{
  g_autoptr (TestTable) t = test_table_new ();
  const float *weight = test_table_add (t, "m.weight", INQ_DTYPE_F16, 1, 2, 32, 24);
  g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
  g_autofree float *x = test_random (20 * 24, 1, 1), *got = NULL, *want = g_new (float, 20 * 48);
  g_autofree float *wide = ref_linear (x, 1, 20, 24, weight, 32, FALSE, NULL, NULL, INQ_ACT_NONE, NULL);
  g_autofree float *gated = ref_geglu (wide, 20, 16);
  InqTensor *product = inq_op_linear (g, test_input (g, "x", 1, 1, 20, 24), "m", NULL);
  gsize count;

  test_output (g, inq_op_concat (g, inq_op_geglu (g, product), product), "y");
  for (guint row = 0; row < 20; row++) {
    memcpy (want + row * 48, gated + row * 16, 16 * sizeof (float));
    memcpy (want + row * 48 + 16, wide + row * 32, 32 * sizeof (float));
  }
  test_parts = 1;
  got = test_run_graph (g, t, &(TestInput){ "x", x, 20 * 24 }, 1, &count);
  test_compare ("geglu and its product", got, want, count, 6e-3);
  g_assert_cmpuint (count_joined (g), ==, 0);
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
  g_test_add_func ("/matrix/siblings", test_siblings);
  g_test_add_func ("/matrix/siblings-streamed", test_siblings_streamed);
  g_test_add_func ("/matrix/siblings-not", test_siblings_not);
  g_test_add_func ("/matrix/geglu", test_geglu);
  g_test_add_func ("/matrix/geglu-not", test_geglu_not);
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
