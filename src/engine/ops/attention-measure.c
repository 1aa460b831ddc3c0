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

/* No more shapes of a class are begun after so long; their kernels' compilation counts. */
#define MAX_US (5 * G_USEC_PER_SEC)
/* Every shape is run so often in each of so many rounds. Kernels are compiled before the first: a card that waits for
 * that falls to a fraction of its clock, and whichever was compiled last would be the slowest. */
#define RUNS   2
#define ROUNDS 4
/* What another shape has to win to be taken. */
#define WORTH 0.97

/* Numbers of keys that are told apart. */
enum { MANY, SOME, FEW, N_KEYS };
#define MANY_KEYS 2048 /* from here on */
#define SOME_KEYS 256
#define FEW_KEYS  77 /* that few are measured as, with the queries of some */

/* Classes of heads: up to @last channels, measured with @d of them. @tokens: queries and keys, where those are many and
 * some. 64 is as in SDXL, 512 are heads of autoencoders. */
static const struct {
  guint d, last, heads, tokens[2];
} classes[INQ_ATTENTION_CLASSES / N_KEYS] = { { 40, 48, 8, { 4096, 1024 } },
                                              { 64, 64, 10, { 4096, 1024 } },
                                              { 80, 96, 8, { 2048, 1024 } },
                                              { 160, 160, 8, { 2048, 256 } },
                                              { 512, G_MAXUINT, 2, { 2048, 1024 } } };

/* The kernel without matrices, among the shapes. */
#define SHARED G_MAXUINT

#define N            2
#define N_SOME_HEADS 2   /* times as many heads where keys are no longer many, as UNets have them */
#define EDGE         201 /* queries and keys of the trial */
#define EDGE_HEADS   3
#define FAR_APART    12.0f
#define GUARD        1024 /* halves behind the trial's result that have to stay as they were */

static guint
class_of (guint d)
{
  guint class = 0;

  while (d > classes[class].last)
    class ++;
  return class;
}

guint
inq_attention_choose (const InqGemmSpeeds *s, guint d, gint64 keys)
{
  return s ? s->attention[N_KEYS * class_of (d) + (keys >= MANY_KEYS ? MANY : keys >= SOME_KEYS ? SOME : FEW)] : 0;
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

  if (tile == SHARED) {
    inq_attention_describe_shared (d, FALSE, 15, &desc, &queries);
  } else if (!inq_attention_describe (tile, d, FALSE, 15, inq_gpu_get_facts (b->gpu), &desc, &queries)) {
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

/* What others have to make the same as, and are compared with: the first one that can do heads of @d. */
static guint
first_for (Bench *b, guint d)
{
  InqGpuPipelineDesc desc;
  guint queries;

  return inq_attention_describe (0, d, FALSE, 15, inq_gpu_get_facts (b->gpu), &desc, &queries) ? 0 : SHARED;
}

/* Whether @tile makes what the first one does, with scores of @times their size. */
static gboolean
agrees_at (Bench *b, guint tile, guint d, float times, GError **error)
{
  const InqAttentionPush push = { N, EDGE_HEADS, EDGE, EDGE, times / sqrtf ((float) d) };
  gsize used = (gsize) N * EDGE * EDGE_HEADS * d, count = used + GUARD;
  g_autofree guint16 *want = g_new (guint16, count), *got = g_new (guint16, count);
  double ns;

  if (!inq_gpu_buffer_write (b->y, 0, memset (want, 0x7c, count * 2), count * 2, error)
      || !run (b, first_for (b, d), d, &push, 1, &ns, want, count, error)
      || !inq_gpu_buffer_write (b->y, 0, memset (got, 0x7c, count * 2), count * 2, error)
      || !run (b, tile, d, &push, 1, &ns, got, count, error))
    return FALSE;
  if (!inq_gemm_alike (got, want, used) || memcmp (got + used, want + used, (count - used) * 2) != 0) {
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_UNSUITABLE, "attention's shape %u goes wrong", tile);
    return FALSE;
  }
  return TRUE;
}

/* Whether @tile makes what the first one does, where neither queries nor keys fill it; touches nothing behind. Once
 * with all keys counting, once with scores so far apart that a row's maximum goes on rising. */
static gboolean
agrees (Bench *b, guint tile, guint d, GError **error)
{
  return agrees_at (b, tile, d, 1, error) && agrees_at (b, tile, d, FAR_APART, error);
}

/* The queries and keys that @class is measured with where keys are @how. */
static InqAttentionPush
push_of (Bench *b, guint class, guint how)
{
  guint tokens = classes[class].tokens[how != MANY];

  if (inq_gpu_get_facts (b->gpu)->kind == INQ_GPU_KIND_SOFTWARE)
    tokens /= 16;
  return (InqAttentionPush){ .n = N,
                             .heads = classes[class].heads * (how != MANY ? N_SOME_HEADS : 1),
                             .tq = tokens,
                             .tk = how == FEW ? FEW_KEYS : tokens,
                             .scale = 1 / sqrtf ((float) classes[class].d) };
}

/* Heads like those of @class, with any number of keys. */
static gboolean
measure_class (Bench *b, guint class, InqGemmSpeeds *s, GError **error)
{
  guint d = classes[class].d, first = first_for (b, d), n_shapes = 0;
  gint64 begin = g_get_monotonic_time ();
  g_autofree guint *shapes = g_new (guint, inq_attention_n_tiles + 1);
  g_autofree double (*best)[N_KEYS] = g_malloc_n (inq_attention_n_tiles + 1, sizeof *best);

  shapes[n_shapes++] = first;
  for (guint tile = first == 0; tile < inq_attention_n_tiles && g_get_monotonic_time () - begin < MAX_US; tile++) {
    g_autoptr (GError) refused = NULL;

    if (agrees (b, tile, d, &refused)) {
      shapes[n_shapes++] = tile;
    } else if (g_error_matches (refused, INQ_GPU_ERROR, INQ_GPU_ERROR_DEVICE_LOST)) {
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }
  }
  if (n_shapes == 1)
    return TRUE; /* nothing to choose from */
  for (guint i = 0; i < n_shapes; i++)
    for (guint how = 0; how < N_KEYS; how++)
      best[i][how] = G_MAXDOUBLE;
  for (guint round = 0; round < ROUNDS; round++)
    for (guint i = 0; i < n_shapes; i++)
      for (guint how = 0; how < N_KEYS; how++) {
        g_autoptr (GError) refused = NULL;
        const InqAttentionPush push = push_of (b, class, how);
        double ns;

        if (run (b, shapes[i], d, &push, RUNS, &ns, NULL, 0, &refused)) {
          best[i][how] = MIN (best[i][how], ns);
        } else if (g_error_matches (refused, INQ_GPU_ERROR, INQ_GPU_ERROR_DEVICE_LOST)) {
          g_propagate_error (error, g_steal_pointer (&refused));
          return FALSE;
        }
      }
  for (guint how = 0; how < N_KEYS; how++) {
    double least = best[0][how] * WORTH;

    for (guint i = 1; i < n_shapes; i++)
      if (best[i][how] < least) {
        least = best[i][how];
        s->attention[N_KEYS * class + how] = shapes[i];
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
  g_auto (Bench) b = { .gpu = gpu };
  gsize room = (gsize) N * EDGE * EDGE_HEADS * classes[G_N_ELEMENTS (classes) - 1].d + GUARD; /* of the largest trial */

  if (inq_gpu_get_facts (gpu)->matrix_m == 0)
    return TRUE;
  for (guint class = 0; class < G_N_ELEMENTS (classes); class ++)
    for (guint how = 0; how < N_KEYS; how++) {
      const InqAttentionPush push = push_of (&b, class, how);

      room = MAX (room, (gsize) N * push.heads * MAX (push.tq, push.tk) * classes[class].d);
    }
  if (!bench_room (&b, room, error))
    return FALSE;
  for (guint class = 0; class < G_N_ELEMENTS (classes); class ++)
    if (!measure_class (&b, class, s, error))
      return FALSE;
  return TRUE;
}
