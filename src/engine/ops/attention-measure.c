/* Inquadra - which shape of attention's matrix kernels is the fastest on a device.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A few classes, of heads and of keys, each measured at one shape. A shape is taken only if it makes what the first one
 * makes, edges included: matrices of whole groups are a driver's work in large part, and no software device has them.
 */
#include "config.h"

#include "attention.h"
#include "inq-convert.h"

#include <math.h>

/* No more shapes are begun after so long; their kernels' compilation counts. */
#define MAX_US (10 * G_USEC_PER_SEC)
#define RUNS   4
/* What another shape has to win to be taken. */
#define WORTH 0.97

/* Classes of a head's channels up to @d, measured with @d of them and @tokens queries: keys as many, or few. */
static const struct {
  guint d, tokens;
} classes[INQ_ATTENTION_CLASSES / 2] = { { 40, 2048 }, { 64, 2048 }, { 80, 1024 }, { 160, 256 } };
static const guint class_ends[INQ_ATTENTION_CLASSES / 2] = { 48, 64, 96, G_MAXUINT };

/* What was best on an NVIDIA H100 for heads of the first class. */
#define MANY_NARROW 2
#define FEW_NARROW  1

#define FEW_KEYS   77
#define MANY_KEYS  256 /* from here on */
#define N          2
#define HEADS      8
#define EDGE       201 /* queries and keys of the trial */
#define EDGE_HEADS 3
#define GUARD      1024 /* halves behind the trial's result that have to stay as they were */

guint
inq_attention_choose (const InqGemmSpeeds *s, guint d, gint64 keys)
{
  guint class = 0;

  while (d > class_ends[class])
    class ++;
  return s ? s->attention[2 * class + (keys < MANY_KEYS)] : 0;
}

typedef struct {
  InqGpu *gpu;
  InqGpuBuffer *q, *k, *v, *y;
} Bench;

static void
bench_clear (Bench *b)
{
  g_clear_pointer (&b->q, inq_gpu_buffer_free);
  g_clear_pointer (&b->k, inq_gpu_buffer_free);
  g_clear_pointer (&b->v, inq_gpu_buffer_free);
  g_clear_pointer (&b->y, inq_gpu_buffer_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

static InqGpuBuffer *
random_buffer (InqGpu *gpu, gsize count, guint32 state, GError **error)
{
  g_autofree guint16 *data = g_new (guint16, count);
  g_autoptr (InqGpuBuffer) buffer = inq_gpu_buffer_new (gpu, count * 2, INQ_GPU_MEMORY_DEVICE, error);

  for (gsize i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    data[i] = inq_f32_to_f16 ((float) (state >> 8) / 4194304.0f - 2);
  }
  return buffer && inq_gpu_buffer_write (buffer, 0, data, count * 2, error) ? g_steal_pointer (&buffer) : NULL;
}

/* Runs @tile @runs times at @push. The least time in *ns; the result in @out, if wanted. */
static gboolean
run (Bench *b, guint tile, guint d, const InqAttentionPush *push, guint runs, double *ns, guint16 *out, gsize count,
     GError **error)
{
  g_autoptr (InqGpuPass) pass = NULL;
  InqGpuPipelineDesc desc;
  InqGpuPipeline *pipeline;
  guint queries;
  const InqGpuBinding bindings[] = { { b->q, 0, inq_gpu_buffer_get_size (b->q) },
                                     { b->k, 0, inq_gpu_buffer_get_size (b->k) },
                                     { b->v, 0, inq_gpu_buffer_get_size (b->v) },
                                     { b->y, 0, inq_gpu_buffer_get_size (b->y) } };

  if (!inq_attention_describe (tile, d, FALSE, 15, inq_gpu_get_facts (b->gpu), &desc, &queries)) {
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_UNSUITABLE, "attention's shape %u does not fit", tile);
    return FALSE;
  }
  pipeline = inq_gpu_get_pipeline (b->gpu, &desc, error);
  pass = pipeline ? inq_gpu_pass_new (b->gpu, inq_gpu_get_facts (b->gpu)->timestamps, error) : NULL;
  if (!pass)
    return FALSE;
  inq_gpu_pass_dispatch (pass, pipeline, bindings, push, push->n * push->heads * ((push->tq + queries - 1) / queries),
                         1, 1, "tune");
  if (!inq_gpu_pass_end (pass, error))
    return FALSE;
  *ns = G_MAXDOUBLE;
  for (guint i = 0; i < runs; i++) {
    g_autoptr (GArray) timings = NULL;
    guint64 ticket = inq_gpu_submit (b->gpu, pass, error);

    if (ticket == 0 || !inq_gpu_wait (b->gpu, ticket, NULL, NULL, error))
      return FALSE;
    timings = inq_gpu_pass_get_timings (pass, NULL);
    if (timings && timings->len > 0)
      *ns = MIN (*ns, g_array_index (timings, InqGpuTiming, 0).ns);
  }
  return !out || inq_gpu_buffer_read (b->y, 0, out, count * 2, error);
}

/* Whether @tile makes what the first one does, where neither queries nor keys fill it; touches nothing behind. */
static gboolean
agrees (Bench *b, guint tile, guint d, GError **error)
{
  const InqAttentionPush push = { N, EDGE_HEADS, EDGE, EDGE, 1 / sqrtf ((float) d) };
  gsize used = (gsize) N * EDGE * EDGE_HEADS * d, count = used + GUARD;
  g_autofree guint16 *want = g_new (guint16, count), *got = g_new (guint16, count);
  double ns;

  if (!inq_gpu_buffer_write (b->y, 0, memset (want, 0x7c, count * 2), count * 2, error)
      || !run (b, 0, d, &push, 1, &ns, want, count, error)
      || !inq_gpu_buffer_write (b->y, 0, memset (got, 0x7c, count * 2), count * 2, error)
      || !run (b, tile, d, &push, 1, &ns, got, count, error))
    return FALSE;
  if (!inq_gemm_alike (got, want, used) || memcmp (got + used, want + used, (count - used) * 2) != 0) {
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_UNSUITABLE, "attention's shape %u goes wrong", tile);
    return FALSE;
  }
  return TRUE;
}

/* Both classes of heads like @class: many keys and few. */
static gboolean
measure_class (Bench *b, guint class, gint64 begin, InqGemmSpeeds *s, GError **error)
{
  guint d = classes[class].d;
  double best[2] = { G_MAXDOUBLE, G_MAXDOUBLE };

  for (guint tile = 0; tile < inq_attention_n_tiles && (tile == 0 || g_get_monotonic_time () - begin < MAX_US);
       tile++) {
    g_autoptr (GError) refused = NULL;
    double ns[2];
    gboolean ok;

    ok = tile == 0 || agrees (b, tile, d, &refused);

    for (guint few = 0; ok && few < 2; few++) {
      const InqAttentionPush push = { N, HEADS, classes[class].tokens, few ? FEW_KEYS : classes[class].tokens,
                                      1 / sqrtf ((float) d) };

      ok = run (b, tile, d, &push, RUNS, &ns[few], NULL, 0, &refused);
    }
    if (refused && g_error_matches (refused, INQ_GPU_ERROR, INQ_GPU_ERROR_DEVICE_LOST)) {
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }
    if (!ok && tile == 0)
      return TRUE; /* these heads are not for the matrix kernels */
    for (guint few = 0; ok && few < 2; few++)
      if (ns[few] < best[few] * (tile == 0 ? 1 : WORTH)) {
        best[few] = ns[few];
        s->attention[2 * class + few] = tile;
      }
  }
  return TRUE;
}

/* Room for @count halves in each tensor. */
static gboolean
bench_room (Bench *b, gsize count, GError **error)
{
  b->q = random_buffer (b->gpu, count, 1, error);
  b->k = b->q ? random_buffer (b->gpu, count, 2, error) : NULL;
  b->v = b->k ? random_buffer (b->gpu, count, 3, error) : NULL;
  b->y = b->v ? inq_gpu_buffer_new (b->gpu, count * 2, INQ_GPU_MEMORY_DEVICE, error) : NULL;
  return b->y != NULL;
}

gboolean
inq_attention_verify (InqGpu *gpu, guint tile, guint d, GError **error)
{
  g_auto (Bench) b = { .gpu = gpu };

  return bench_room (&b, (gsize) N * EDGE * EDGE_HEADS * d + GUARD, error) && agrees (&b, tile, d, error);
}

gboolean
inq_attention_measure (InqGpu *gpu, InqGemmSpeeds *s, GError **error)
{
  gint64 begin = g_get_monotonic_time ();
  g_auto (Bench) b = { .gpu = gpu };

  if (inq_gpu_get_facts (gpu)->matrix_m == 0)
    return TRUE;
  /* the largest class; the trial is smaller */
  if (!bench_room (&b, (gsize) N * 2048 * HEADS * 64, error))
    return FALSE;
  for (guint class = 0; class < G_N_ELEMENTS (classes); class ++)
    if (!measure_class (&b, class, begin, s, error))
      return FALSE;
  return TRUE;
}
