/* Inquadra - speed of ops at the sizes of a model: bench-ops [--house | --sd15 | --sdxl] [--runs N] [--first] [FILTER],
 * and what ops-util.h says: --register, --shared, --matrix, --halves, --tile=N, --parts=N; --tiles=A-B: each of these
 * tiles of the matrix product in turn, with its result compared to that of the shared kernels (WRONG where they
 * differ);
 * --tuned: with tiles measured on this device (INQ_TUNE), as pictures are made
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prints ms and GFLOP/s (or GB/s) of each shape: the fastest of N runs, device timestamps where there are any; and
 * the least processor time, which a busy machine disturbs less when the device is the processor. */
#include "config.h"

#include "ops.h"
#include "ops-util.h"
#include "tuning.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef enum {
  LINEAR,
  CONV,
  DOWN,
  UP,
  ATTENTION,
  GROUP_NORM,
  LAYER_NORM,
  GEGLU,
  CONCAT,
} Kind;

typedef struct {
  Kind kind;
  int n, h, w, c;
  int out; /* or keys, or groups, or channels of the second part */
  int k;   /* kernel, or heads */
} Shape;

static const char *const kind_names[] = { "linear",     "conv",       "conv down", "conv up", "attention",
                                          "group norm", "layer norm", "geglu",     "concat" };

/* Four pictures of 512x288: the UNet's two levels, then the decoder's. */
static const Shape house[] = {
  { CONV, 4, 18, 32, 32, 64, 3 },      { CONV, 4, 18, 32, 64, 64, 3 },       { DOWN, 4, 18, 32, 64, 64, 3 },
  { CONV, 4, 9, 16, 64, 160, 3 },      { CONV, 4, 9, 16, 160, 160, 3 },      { CONV, 1, 9, 16, 160, 160, 3 },
  { CONV, 4, 9, 16, 320, 160, 3 },     { CONV, 4, 9, 16, 320, 160, 1 },      { UP, 4, 9, 16, 160, 64, 3 },
  { CONV, 4, 18, 32, 128, 64, 3 },     { LINEAR, 4, 9, 16, 160, 160, 0 },    { LINEAR, 1, 9, 16, 160, 160, 0 },
  { LINEAR, 4, 1, 48, 128, 160, 0 },   { LINEAR, 4, 9, 16, 160, 640, 0 },    { LINEAR, 4, 9, 16, 320, 160, 0 },
  { LINEAR, 4, 1, 1, 64, 256, 0 },     { LINEAR, 4, 1, 1, 256, 160, 0 },     { ATTENTION, 4, 9, 16, 160, 144, 5 },
  { ATTENTION, 4, 9, 16, 160, 48, 5 }, { GROUP_NORM, 4, 18, 32, 64, 16, 0 }, { GROUP_NORM, 4, 9, 16, 160, 16, 0 },
  { LAYER_NORM, 4, 9, 16, 160, 0, 0 }, { GEGLU, 4, 9, 16, 320, 0, 0 },       { CONCAT, 4, 9, 16, 160, 160, 0 },
  { CONCAT, 4, 18, 32, 64, 64, 0 },    { CONV, 1, 36, 64, 8, 80, 3 },        { CONV, 1, 36, 64, 80, 80, 3 },
  { CONV, 1, 36, 64, 80, 48, 3 },      { UP, 1, 36, 64, 48, 48, 3 },         { CONV, 1, 72, 128, 48, 48, 3 },
  { CONV, 1, 72, 128, 48, 16, 3 },     { GROUP_NORM, 1, 36, 64, 80, 16, 0 }, { GROUP_NORM, 1, 72, 128, 48, 16, 0 },
};

static const Shape sd15[] = {
  { LINEAR, 1, 64, 64, 4096, 4096, 0 }, { CONV, 2, 64, 64, 320, 320, 3 },       { CONV, 2, 32, 32, 640, 640, 3 },
  { CONV, 2, 16, 16, 1280, 1280, 3 },   { CONV, 2, 8, 8, 1280, 1280, 3 },       { LINEAR, 2, 64, 64, 320, 320, 0 },
  { LINEAR, 2, 64, 64, 320, 2560, 0 },  { LINEAR, 2, 32, 32, 640, 5120, 0 },    { ATTENTION, 2, 64, 64, 320, 4096, 8 },
  { ATTENTION, 2, 64, 64, 320, 77, 8 }, { ATTENTION, 2, 32, 32, 640, 1024, 8 }, { GROUP_NORM, 2, 64, 64, 320, 32, 0 },
  { LAYER_NORM, 2, 64, 64, 320, 0, 0 }, { GEGLU, 2, 64, 64, 1280, 0, 0 },       { CONV, 1, 128, 128, 512, 512, 3 },
};

/* What no matrix product is of a step of XL at 1024x1024, and the attention of its autoencoder. */
static const Shape sdxl[] = {
  { ATTENTION, 2, 64, 64, 640, 4096, 10 },   { ATTENTION, 2, 64, 64, 640, 77, 10 },
  { ATTENTION, 2, 32, 32, 1280, 1024, 20 },  { ATTENTION, 2, 32, 32, 1280, 77, 20 },
  { ATTENTION, 1, 128, 128, 512, 16384, 1 }, { LAYER_NORM, 2, 32, 32, 1280, 0, 0 },
  { LAYER_NORM, 2, 64, 64, 640, 0, 0 },      { GROUP_NORM, 2, 32, 32, 1280, 32, 0 },
  { GROUP_NORM, 2, 128, 128, 320, 32, 0 },   { GEGLU, 2, 32, 32, 5120, 0, 0 },
};

static int runs = 7;
static gboolean first; /* tell the first run's processor time too: with kernel compilation */

static int first_tile = -1, last_tile = -1; /* --tiles */

/* What a card needs to be busy for until its clock is up again: it fell to a sixth while a kernel was compiled. */
#define AWAKE_NS  200e6
#define MAX_AWAKE 2000 /* runs */

static InqTensor *
build (InqGraph *g, const Shape *s, InqTensor *x)
{
  InqConv conv = {
    .stride = s->kind == DOWN ? 2 : 1, .pad_before = s->k / 2, .pad_after = s->k / 2, .upsample2 = s->kind == UP
  };
  InqTensor *t = inq_op_reshape (g, x, s->n, 1, (gint64) s->h * s->w, inq_tensor_dims (x)[3]);

  switch (s->kind) {
  case LINEAR:
    return inq_op_linear (g, x, "w", NULL);
  case ATTENTION: {
    InqTensor *kv = test_input (g, "kv", s->n, 1, s->out, s->c);

    return inq_op_attention (g, t, kv, kv, s->k, FALSE);
  }
  case GROUP_NORM:
    return inq_op_group_norm (g, x, "norm", s->out, 1e-5f, INQ_ACT_SILU);
  case LAYER_NORM:
    return inq_op_layer_norm (g, x, "norm", 1e-5f);
  case GEGLU:
    return inq_op_geglu (g, x);
  case CONCAT:
    return inq_op_concat (g, x, inq_graph_input (g, "b", s->n, s->h, s->w, s->out));
  default:
    return inq_op_conv (g, x, "w", &conv, NULL);
  }
}

static void
bench (const Shape *s, const char *filter)
{
  g_autoptr (TestTable) t = test_table_new ();
  g_autoptr (InqGraph) g = NULL;
  g_autoptr (InqPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strdup_printf ("%-10s %dx%dx%dx%-4d -> %-4d %s%d", kind_names[s->kind], s->n, s->h, s->w,
                                           s->c, s->out, s->kind == ATTENTION ? "heads " : "k", s->k);
  g_autofree float *in = NULL;
  InqDeviceWeights *dw;
  InqTensor *x, *y;
  double best = G_MAXDOUBLE, best_cpu = G_MAXDOUBLE, flops, bytes;
  gsize count = (gsize) s->n * s->h * s->w * s->c * (s->kind == GEGLU ? 2 : 1);

  if (filter && !strstr (name, filter))
    return;
  if (s->kind <= UP) {
    if (s->kind == LINEAR)
      test_table_add (t, "w.weight", INQ_DTYPE_F16, 0.1f, 2, s->out, s->c);
    else
      test_table_add (t, "w.weight", INQ_DTYPE_F16, 0.1f, 4, s->out, s->c, s->k, s->k);
    test_table_add (t, "w.bias", INQ_DTYPE_F16, 1, 1, s->out);
  }
  test_table_add (t, "norm.weight", INQ_DTYPE_F16, 1, 1, s->c);
  test_table_add (t, "norm.bias", INQ_DTYPE_F16, 1, 1, s->c);
  g = inq_graph_new (test_table_weights (t));
  dw = inq_device_weights_new (test_gpu (), test_table_weights (t));
  x = test_input (g, "x", s->n, s->h, s->w, s->c * (s->kind == GEGLU ? 2 : 1));
  y = build (g, s, x);
  test_output (g, y, "y");
  bytes = y ? 4.0
                  * (double) (count
                              + (gsize) (inq_tensor_dims (y)[0] * inq_tensor_dims (y)[1] * inq_tensor_dims (y)[2]
                                         * inq_tensor_dims (y)[3]))
            : 0;
  inq_graph_set_kernels (g, test_kernels);
  inq_graph_set_precision (g, test_precision);
  inq_graph_set_gemm (g, test_tile, test_parts);
  inq_graph_set_attention (g, test_attention_tile);
  plan = inq_plan_new (test_gpu (), g, dw, TRUE, &error);
  if (!plan)
    g_error ("%s: %s", name, error->message);
  in = test_random (count, 1, 1);
  inq_plan_write (plan, "x", in, count, NULL);
  flops = inq_plan_get_flops (plan);
  for (int run = 0; run <= runs; run++) {
    gint64 start = g_get_monotonic_time ();
    clock_t cpu = clock ();
    g_autoptr (GArray) timings = NULL;
    double ns = 0;

    if (!inq_plan_run (plan, NULL, NULL, &error))
      g_error ("%s: %s", name, error->message);
    cpu = clock () - cpu;
    timings = inq_plan_get_timings (plan, NULL);
    for (guint i = 0; timings && i < timings->len; i++)
      if (!g_str_has_prefix (g_array_index (timings, InqGpuTiming, i).label, "scale")) /* copies to and from halves */
        ns += g_array_index (timings, InqGpuTiming, i).ns;
    if (!timings || ns <= 0)
      ns = (double) (g_get_monotonic_time () - start) * 1e3;
    if (run == 0 && first)
      g_print ("first %.0f ms ", (double) cpu / CLOCKS_PER_SEC * 1e3);
    if (run > 0) /* the first one compiles */
      best = MIN (best, ns);
    if (run > 0)
      best_cpu = MIN (best_cpu, (double) cpu / CLOCKS_PER_SEC * 1e9);
  }
  if (flops > 0)
    g_print ("%-44s %9.3f ms %8.1f GFLOP/s   cpu %9.3f ms\n", name, best / 1e6, flops / best, best_cpu / 1e6);
  else
    g_print ("%-44s %9.3f ms %8.1f GB/s      cpu %9.3f ms\n", name, best / 1e6, bytes / best, best_cpu / 1e6);
  g_clear_pointer (&plan, inq_plan_free);
  inq_device_weights_free (dw);
}

/* One run of @s with @kernels and @tile: its result, and the least time of a run in *ns. NULL where it cannot. */
static float *
run_tile (const Shape *s, TestTable *t, InqDeviceWeights *dw, const float *in, gsize n_in, InqKernels kernels, int tile,
          double *ns, double *gflop, gsize *count, GError **error)
{
  g_autoptr (InqGraph) g = inq_graph_new (test_table_weights (t));
  g_autoptr (InqPlan) plan = NULL;
  g_autofree float *out = NULL;
  const gint64 *dims;

  /* as between the ops of a model: halves */
  test_precision = INQ_PRECISION_F16;
  test_output (g, build (g, s, test_input (g, "x", s->n, s->h, s->w, s->c)), "y");
  inq_graph_set_kernels (g, kernels);
  inq_graph_set_precision (g, INQ_PRECISION_F16);
  if (s->kind == ATTENTION)
    inq_graph_set_attention (g, tile);
  else
    inq_graph_set_gemm (g, tile, test_parts);
  plan = inq_plan_new (test_gpu (), g, dw, TRUE, error);
  if (!plan || !inq_plan_write (plan, "x", in, n_in, error))
    return NULL;
  if (s->kind == ATTENTION) {
    gsize n_kv = (gsize) s->n * s->out * s->c;
    g_autofree float *kv = test_random (n_kv, 2, 2);

    if (!inq_plan_write (plan, "kv", kv, n_kv, error))
      return NULL;
  }
  *gflop = inq_plan_get_flops (plan);
  *ns = G_MAXDOUBLE;
  gboolean card = inq_gpu_get_facts (test_gpu ())->kind == INQ_GPU_KIND_DISCRETE;
  int last = kernels == INQ_KERNELS_SHARED ? 0 : runs;
  double busy = 0;

  for (int run = 0; run <= last; run++) {
    g_autoptr (GArray) timings = NULL;
    double now = 0;

    if (!inq_plan_run (plan, NULL, NULL, error))
      return NULL;
    timings = inq_plan_get_timings (plan, NULL);
    for (guint i = 0; timings && i < timings->len; i++)
      if (!g_str_has_prefix (g_array_index (timings, InqGpuTiming, i).label, "scale"))
        now += g_array_index (timings, InqGpuTiming, i).ns;
    if (run > 0)
      *ns = MIN (*ns, now);
    busy += run > 0 ? now : 0;
    if (card && run == last && last > 0 && busy < AWAKE_NS && last < MAX_AWAKE)
      last++;
  }
  dims = inq_plan_get_dims (plan, "y");
  *count = (gsize) (dims[0] * dims[1] * dims[2] * dims[3]);
  out = g_new (float, *count);
  return inq_plan_read (plan, "y", out, *count, error) ? g_steal_pointer (&out) : NULL;
}

/* Largest difference over the deviation of @want. */
static double
difference (const float *got, const float *want, gsize count)
{
  double squares = 0, worst = 0;

  for (gsize i = 0; i < count; i++) {
    double d = fabs ((double) got[i] - want[i]);

    squares += (double) want[i] * want[i];
    worst = d <= worst ? worst : isfinite (d) ? d : G_MAXDOUBLE;
  }
  return worst / (sqrt (squares / (double) count) + 1e-9);
}

/* NULL where there is no such tile, or the device cannot. */
static char *
tile_name (const Shape *s, int i)
{
  static const char *const kinds[] = { "subgroup", "group", "tensor" };
  static const char *const attentions[] = { "subgroup", "rows", "group", "long" };
  const InqGemmTile *tile = &inq_gemm_tiles[i];
  InqGpuPipelineDesc desc;
  guint queries;

  if (s->kind == ATTENTION)
    return i < (int) inq_attention_n_tiles
                   && inq_attention_describe ((guint) i, (guint) (s->c / s->k), FALSE, 15,
                                              inq_gpu_get_facts (test_gpu ()), &desc, &queries)
               ? g_strdup_printf ("%s %u warps %ux%u part %u", attentions[inq_attention_tiles[i].kind],
                                  inq_attention_tiles[i].warps, inq_attention_tiles[i].queries,
                                  inq_attention_tiles[i].keys, inq_attention_tiles[i].part)
               : NULL;
  if (i >= (int) inq_gemm_n_tiles || !inq_gemm_tile_fits (tile, inq_gpu_get_facts (test_gpu ())))
    return NULL;
  return g_strdup_printf ("%s %ux%u k%u %ux%u s%u%s", kinds[tile->kind], tile->m, tile->n, tile->k, tile->warp_m,
                          tile->warp_n, tile->stages, tile->early ? " early" : "");
}

/* Every tile of --tiles that fits the device, on one shape. */
static void
bench_tiles (const Shape *s, const char *filter)
{
  g_autofree char *name = g_strdup_printf ("%s %dx%dx%dx%d -> %d k%d", kind_names[s->kind], s->n, s->h, s->w, s->c,
                                           s->out, s->k);
  g_autoptr (TestTable) t = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree float *in = NULL, *want = NULL;
  gsize n_in = (gsize) s->n * s->h * s->w * s->c, count;
  InqDeviceWeights *dw;
  double ns, gflop;

  if (s->kind > ATTENTION || (filter && !strstr (name, filter)))
    return;
  t = test_table_new ();
  if (s->kind == LINEAR || s->kind == ATTENTION)
    test_table_add (t, "w.weight", INQ_DTYPE_F16, 0.1f, 2, s->out, s->c);
  else
    test_table_add (t, "w.weight", INQ_DTYPE_F16, 0.1f, 4, s->out, s->c, s->k, s->k);
  test_table_add (t, "w.bias", INQ_DTYPE_F16, 1, 1, s->out);
  dw = inq_device_weights_new (test_gpu (), test_table_weights (t));
  in = test_random (n_in, 1, 1);
  g_print ("%s\n", name);
  want = run_tile (s, t, dw, in, n_in, INQ_KERNELS_SHARED, -1, &ns, &gflop, &count, &error);
  if (!want)
    g_error ("%s: %s", name, error->message);
  for (int i = first_tile; i <= last_tile; i++) {
    g_autofree char *what = tile_name (s, i);
    g_autofree float *got = NULL;
    gint64 start = g_get_monotonic_time ();
    double off;

    if (!what)
      continue;
    g_print ("  %2d %-32s ", i, what);
    g_clear_error (&error);
    got = run_tile (s, t, dw, in, n_in, INQ_KERNELS_MATRIX, i, &ns, &gflop, &count, &error);
    off = got ? difference (got, want, count) : 0;
    if (!got)
      g_print ("%s\n", error->message);
    else
      g_print ("%9.3f ms %9.1f GFLOP/s  off %.4f  %4.1f s %s\n", ns / 1e6, gflop / ns, off,
               (double) (g_get_monotonic_time () - start) / 1e6, off < 0.02 ? "" : "WRONG");
    fflush (stdout);
  }
  inq_device_weights_free (dw);
}

static void
print_group_matrices (const InqGpuFacts *f)
{
  g_print ("shared memory %u; matrices of groups at most %u, %u bytes kept:", f->max_shared_memory, f->group_matrix_max,
           f->group_matrix_shared);
  for (guint i = 0; i < f->n_group_matrices; i++)
    g_print (" %u invocations %ux%ux%u", f->group_matrices[i].invocations, f->group_matrices[i].m,
             f->group_matrices[i].n, f->group_matrices[i].k);
  g_print ("\n");
}

int
main (int argc, char **argv)
{
  const Shape *shapes = house;
  guint n = G_N_ELEMENTS (house);
  const char *filter = NULL;
  gboolean tuned = FALSE;
  g_autoptr (GError) error = NULL;
  InqTuning tuning;

  for (int i = 1; i < argc; i++) {
    if (g_str_equal (argv[i], "--sd15")) {
      shapes = sd15;
      n = G_N_ELEMENTS (sd15);
    } else if (g_str_equal (argv[i], "--sdxl")) {
      shapes = sdxl;
      n = G_N_ELEMENTS (sdxl);
    } else if (g_str_equal (argv[i], "--runs") && i + 1 < argc) {
      int wanted = atoi (argv[++i]);

      runs = MAX (1, wanted);
    } else if (g_str_has_prefix (argv[i], "--tiles=")) {
      if (sscanf (argv[i] + 8, "%d-%d", &first_tile, &last_tile) == 1)
        last_tile = first_tile;
    } else if (g_str_equal (argv[i], "--first")) {
      first = TRUE;
    } else if (g_str_equal (argv[i], "--tuned")) {
      tuned = TRUE;
    } else if (!g_str_equal (argv[i], "--house") && !g_str_has_prefix (argv[i], "--")) {
      filter = argv[i];
    }
  }
  test_parse_kernels (argc, argv);
  if (tuned && !inq_tune (test_gpu (), &tuning, &error))
    g_error ("%s", error->message);
  if (tuned)
    g_print ("tiles: %s\n", inq_tuning_name (tuning));
  g_print ("%s, %s\n", inq_gpu_get_facts (test_gpu ())->name, inq_gpu_get_facts (test_gpu ())->driver);
  if (first_tile >= 0)
    print_group_matrices (inq_gpu_get_facts (test_gpu ()));
  for (guint i = 0; i < n; i++)
    if (first_tile >= 0)
      bench_tiles (&shapes[i], filter);
    else
      bench (&shapes[i], filter);
  return 0;
}
