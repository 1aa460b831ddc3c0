/* Inquadra - times the tiles of the matrix product on a device.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Kernels are dispatched by themselves, one after the other, over scratch buffers of small numbers: what counts is how
 * long they take. What a kernel took so far tells how far its curve can go without keeping the device from showing the
 * desktop; it should reach where a device goes through its units several times, since beyond it there is no telling. */
#include "config.h"

#include "attention.h"

/* A submission measured takes no longer, about. */
#define MAX_PASS_NS 40e6
/* No more tiles are begun after so long; their kernels' compilation counts, and is most of it: an H200's driver took 20
 * s for three quarters of them. */
#define MAX_US (20 * G_USEC_PER_SEC)
#define RUNS   4
/* Of everything: the first round wakes the device up. */
#define MAX_ROUNDS    8
#define WORTH_A_ROUND 0.02
/* Of a picture, for convolutions. */
#define WIDTH 32

typedef struct {
  InqGpu *gpu;
  InqGpuBuffer *x, *w, *y;
  guint max_groups;
} Bench;

static void
bench_clear (Bench *b)
{
  g_clear_pointer (&b->x, inq_gpu_buffer_free);
  g_clear_pointer (&b->w, inq_gpu_buffer_free);
  g_clear_pointer (&b->y, inq_gpu_buffer_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

/* Columns of tiles for @groups: as square as it goes, W not the larger side. */
static guint
tile_columns (guint groups)
{
  guint n = 1;

  while (4 * n * n <= groups && groups % (2 * n) == 0)
    n *= 2;
  return n;
}

static InqGemmPush
shape (gboolean plain, guint depth, guint m, guint n, guint groups)
{
  guint columns = tile_columns (groups) * n, rows = groups / tile_columns (groups) * m;
  guint c = plain ? depth : depth / 9;

  return (InqGemmPush){
    .rows = rows,
    .columns = columns,
    .pitch = columns,
    .c = c,
    .ih = plain ? 1 : rows / WIDTH,
    .iw = plain ? rows : WIDTH,
    .oh = plain ? 1 : rows / WIDTH,
    .ow = plain ? rows : WIDTH,
    .kh = plain ? 1 : 3,
    .kw = plain ? 1 : 3,
    .stride = 1,
    .pad = plain ? 0 : 1,
    .part = c,
  };
}

static gboolean
fits (const Bench *b, const InqGemmPush *push, gboolean halves)
{
  guint64 element = halves ? 2 : 4;

  return (guint64) push->rows * push->c * element <= inq_gpu_buffer_get_size (b->x)
         && (guint64) push->c * push->kh * push->kw * push->pitch * 2 <= inq_gpu_buffer_get_size (b->w)
         && (guint64) push->rows * push->columns * element <= inq_gpu_buffer_get_size (b->y);
}

/* Submits @pass @runs times; the least of each of its dispatches' times. */
static gboolean
time_pass (InqGpu *gpu, InqGpuPass *pass, guint runs, guint64 *ns, guint n, GError **error)
{
  for (guint run = 0; run < runs; run++) {
    g_autoptr (GArray) timings = NULL;

    if (inq_gpu_submit (gpu, pass, error) == 0)
      return FALSE;
    timings = inq_gpu_pass_get_timings (pass, error);
    if (!timings)
      return FALSE;
    for (guint i = 0; i < MIN (n, timings->len); i++) {
      guint64 now = (guint64) MAX (g_array_index (timings, InqGpuTiming, i).ns, 1);

      ns[i] = run == 0 ? now : MIN (ns[i], now);
    }
  }
  return TRUE;
}

/* One kernel at the knots from @begin to @end, both depths. */
static gboolean
measure_knots (Bench *b, InqGpuPipeline *pipeline, const InqGemmVariant *v, guint m, guint n, guint begin, guint end,
               guint runs, InqGemmCurve *curve, GError **error)
{
  const InqGpuFacts *facts = inq_gpu_get_facts (b->gpu);
  g_autoptr (InqGpuPass) pass = inq_gpu_pass_new (b->gpu, TRUE, error);
  guint64 ns[INQ_GEMM_N_DEPTHS * INQ_GEMM_N_KNOTS] = { 0 };
  guint count = 0;

  if (!pass)
    return FALSE;
  for (guint d = 0; d < INQ_GEMM_N_DEPTHS; d++)
    for (guint k = begin; k < end; k++) {
      guint groups = inq_gemm_knots[k];
      InqGemmPush push = shape (v->plain, inq_gemm_depths[v->plain][d], m, n, groups);
      const InqGpuBinding bindings[INQ_GEMM_BINDINGS] = {
        { b->x, 0, MIN (inq_gpu_buffer_get_size (b->x), facts->max_storage_range) },
        { b->w, 0, MIN (inq_gpu_buffer_get_size (b->w), facts->max_storage_range) },
        { b->y, 0, MIN (inq_gpu_buffer_get_size (b->y), facts->max_storage_range) },
        { b->w, 0, 256 },
        { b->w, 0, 256 },
        { b->w, 0, 256 },
      };

      inq_gpu_pass_barrier (pass);
      inq_gpu_pass_dispatch (pass, pipeline, bindings, &push, groups, 1, 1, "tune");
      count++;
    }
  if (!inq_gpu_pass_end (pass, error) || !time_pass (b->gpu, pass, runs, ns, count, error))
    return FALSE;
  count = 0;
  for (guint d = 0; d < INQ_GEMM_N_DEPTHS; d++)
    for (guint k = begin; k < end; k++)
      curve->ns[d][k] = ns[count++];
  return TRUE;
}

/* The least of what is measured now and what was before. */
static gboolean
measure_tile (Bench *b, gint64 tile, gboolean plain, gboolean halves, InqGemmSpeeds *s, GError **error)
{
  const InqGpuFacts *facts = inq_gpu_get_facts (b->gpu);
  InqGemmCurve *curve = &s->curves[plain][inq_gemm_curve_index (tile)], measured = { 0 };
  InqGemmVariant v = { .tile = tile, .weights = 1 /* halves */, .plain = plain, .halves = halves ? 5 : 0 };
  InqGpuPipelineDesc desc;
  InqGpuPipeline *pipeline;
  guint m, n, knots;

  v.c = v.columns = 64; /* multiples of eight, all of them */
  inq_gemm_describe (&v, facts, &desc, &m, &n);
  pipeline = inq_gpu_get_pipeline (b->gpu, &desc, error);
  if (!pipeline)
    return FALSE;
  for (knots = 0; knots < INQ_GEMM_N_KNOTS && inq_gemm_knots[knots] <= b->max_groups; knots++) {
    InqGemmPush push = shape (plain, inq_gemm_depths[plain][INQ_GEMM_N_DEPTHS - 1], m, n, inq_gemm_knots[knots]);

    if (!fits (b, &push, halves))
      break;
  }
  /* once to compile, once for the time */
  if (knots == 0 || !measure_knots (b, pipeline, &v, m, n, 0, 1, 2, &measured, error))
    return knots == 0;
  /* The next ones as if the last one had kept the whole device busy: a bound, a loose one where it did not. */
  for (guint last = 0; measured.n < knots; last = measured.n - 1) {
    double total = 0;
    guint end = measured.n;

    while (end < knots
           && (total += (double) (measured.ns[0][last] + measured.ns[1][last]) * inq_gemm_knots[end]
                        / inq_gemm_knots[last])
                  <= MAX_PASS_NS)
      end++;
    if (end == measured.n && end > 0)
      break;
    end = MAX (end, 1);
    if (!measure_knots (b, pipeline, &v, m, n, measured.n, end, RUNS, &measured, error))
      return FALSE;
    measured.n = end;
  }
  inq_gemm_curve_add (curve, &measured);
  return TRUE;
}

static gboolean
measure_merge (Bench *b, gboolean halves, InqGemmSpeeds *s, GError **error)
{
  static const guint rows[2] = { 64, 2048 };
  const guint local = 64, parts = 4, columns = 640;
  g_autoptr (InqGpuPass) pass = inq_gpu_pass_new (b->gpu, TRUE, error);
  InqGemmVariant v = { .columns = columns, .halves = halves ? 4 : 0 };
  InqGpuPipelineDesc desc;
  InqGpuPipeline *pipeline;
  guint64 ns[2];
  double mib[2];

  inq_gemm_describe_merge (&v, local, &desc);
  pipeline = pass ? inq_gpu_get_pipeline (b->gpu, &desc, error) : NULL;
  if (!pipeline)
    return FALSE;
  for (guint i = 0; i < 2; i++) {
    gsize bytes = (gsize) parts * rows[i] * columns * 4;
    InqGemmPush push = { .rows = rows[i], .columns = columns, .pitch = columns, .oh = 1, .ow = rows[i], .part = parts };
    const InqGpuBinding bindings[INQ_GEMM_BINDINGS] = {
      { b->y, 0, bytes }, { b->w, 0, 256 }, { b->x, 0, (gsize) rows[i] * columns * 4 },
      { b->w, 0, 256 },   { b->w, 0, 256 }, { b->w, 0, 256 },
    };

    mib[i] = (double) bytes / 1048576;
    inq_gpu_pass_barrier (pass);
    inq_gpu_pass_dispatch (pass, pipeline, bindings, &push, rows[i] * (columns / 4) / local, 1, 1, "tune");
  }
  if (!inq_gpu_pass_end (pass, error) || !time_pass (b->gpu, pass, RUNS, ns, 2, error))
    return FALSE;
  s->merge_mib_ns = ns[1] > ns[0] ? (guint64) ((double) (ns[1] - ns[0]) / (mib[1] - mib[0])) : 0;
  s->merge_ns = (guint64) MAX ((double) ns[0] - (double) s->merge_mib_ns * mib[0], 0);
  return TRUE;
}

/* Scratch of small numbers: pairs of halves, 2^-5 and 2^-6, or f32 a little over 2^-31. */
static gboolean
fill (Bench *b, GError **error)
{
  g_autoptr (InqGpuPass) pass = inq_gpu_pass_new (b->gpu, FALSE, error);
  InqGpuBuffer *const buffers[] = { b->x, b->w, b->y };
  guint64 ticket;

  if (!pass)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (buffers); i++)
    inq_gpu_pass_fill (pass, buffers[i], 0, inq_gpu_buffer_get_size (buffers[i]), 0x28002400);
  if (!inq_gpu_pass_end (pass, error))
    return FALSE;
  ticket = inq_gpu_submit (b->gpu, pass, error);
  return ticket != 0 && inq_gpu_wait (b->gpu, ticket, NULL, NULL, error);
}

static gboolean
measure_round (Bench *b, const InqGemmMeasure *how, guint round, gint64 begin, InqGemmSpeeds *s, GError **error)
{
  const InqGpuFacts *facts = inq_gpu_get_facts (b->gpu);
  gboolean matrix = facts->matrix_m > 0 && !how->shared_only;

  /* where there are matrices, the shared kernels are for stages in f32 */
  for (guint large = 0; large < (how->small_only ? 1 : 2); large++)
    for (guint plain = how->small_only; plain < 2; plain++)
      if (!measure_tile (b, large ? -INQ_GEMM_SHARED_LARGE : -INQ_GEMM_SHARED_SMALL, plain, facts->matrix_m == 0, s,
                         error))
        return FALSE;
  for (guint t = 0; matrix && t < 3 * inq_gemm_n_tiles; t++)
    for (guint plain = 0; plain < 2; plain++) {
      /* the likeliest to win first, for time may end; those of whole groups compile for longest */
      guint i = t % inq_gemm_n_tiles, turn = t / inq_gemm_n_tiles;
      gboolean due = inq_gemm_tiles[i].kind == (turn < 2 ? INQ_GEMM_SUBGROUP : INQ_GEMM_GROUP)
                     && (turn == 2 || inq_gemm_tiles[i].early == (turn == 0));
      g_autoptr (GError) refused = NULL;
      gboolean begun = round > 0 ? s->curves[plain][i].n > 0 : g_get_monotonic_time () - begin < MAX_US;

      /* a kernel that this driver cannot make is not chosen */
      if (!begun || !due || !inq_gemm_tile_fits (&inq_gemm_tiles[i], facts))
        continue;
      /* what the driver makes of it may be wrong */
      if ((round > 0 || inq_gemm_verify (b->gpu, i, plain, &refused)) && measure_tile (b, i, plain, TRUE, s, &refused))
        continue;
      s->curves[plain][i].n = 0;
      if (g_error_matches (refused, INQ_GPU_ERROR, INQ_GPU_ERROR_DEVICE_LOST)) {
        g_propagate_error (error, g_steal_pointer (&refused));
        return FALSE;
      }
    }
  return TRUE;
}

/* Of all that was measured. */
static double
sum_of (const InqGemmSpeeds *s)
{
  double sum = 0;

  for (guint plain = 0; plain < 2; plain++)
    for (guint i = 0; i < INQ_GEMM_MAX_CURVES; i++)
      for (guint k = 0; k < s->curves[plain][i].n; k++)
        sum += (double) s->curves[plain][i].ns[0][k] + (double) s->curves[plain][i].ns[1][k];
  return sum;
}

gboolean
inq_gemm_measure (InqGpu *gpu, const InqGemmMeasure *how, InqGemmSpeeds *s, GError **error)
{
  const InqGpuFacts *facts = inq_gpu_get_facts (gpu);
  static const InqGemmMeasure all = { .max_groups = G_MAXUINT };
  g_auto (Bench) b = { .gpu = gpu };
  gsize unit = facts->kind == INQ_GPU_KIND_SOFTWARE ? (gsize) 8 << 20 : (gsize) 32 << 20;
  gint64 begin = g_get_monotonic_time ();
  double before = 0;

  how = how ? how : &all;
  *s = (InqGemmSpeeds){ 0 };
  b.max_groups = how->max_groups;
  if (!facts->timestamps) {
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_UNSUITABLE, "%s does not tell the time", facts->name);
    return FALSE;
  }
  b.x = inq_gpu_buffer_new (gpu, unit, INQ_GPU_MEMORY_DEVICE, error);
  b.w = b.x ? inq_gpu_buffer_new (gpu, unit, INQ_GPU_MEMORY_DEVICE, error) : NULL;
  b.y = b.w ? inq_gpu_buffer_new (gpu, MAX (2 * unit, (gsize) 21 << 20), INQ_GPU_MEMORY_DEVICE, error) : NULL;
  if (!b.y || !fill (&b, error) || !measure_merge (&b, TRUE, s, error))
    return FALSE;
  /* Until a round finds next to nothing faster: what else is on the device takes its time in some of them only. */
  for (guint round = 0; round < (how->max_rounds ? how->max_rounds : MAX_ROUNDS); round++) {
    double after;

    if (!measure_round (&b, how, round, begin, s, error))
      return FALSE;
    after = sum_of (s);
    if (round > 0 && after > before * (1 - WORTH_A_ROUND))
      break;
    before = after;
  }
  return how->shared_only || inq_attention_measure (gpu, s, error);
}
