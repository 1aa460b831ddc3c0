/* Inquadra - bench: the same GEMM with storage buffers (push descriptors, sets) and with buffer addresses.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-bindings [M N K]; defaults to 256 1280 640. Prints one line per way, least time of several runs; results are
 * compared.
 */
#include "config.h"

#include "inq-gpu-test.h"
#include "inq-gpu.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench-gemm-address.spv.h"
#include "bench-gemm.spv.h"

enum { RUNS = 24, DISPATCHES = 1000 };

typedef struct {
  guint m, n, k;
  guint lanes, tm, tn;
} Shape;

typedef struct {
  guint32 m, n, k, pad;
  guint64 a, b, c;
} Push;

static void
fail_on (GError *error)
{
  if (error) {
    fprintf (stderr, "bench-bindings: %s\n", error->message);
    exit (error->code == INQ_GPU_ERROR_NO_VULKAN ? 77 : 1);
  }
}

static InqGpuPipeline *
get_pipeline (InqGpu *gpu, const Shape *shape, gboolean address)
{
  InqGpuPipelineDesc desc = {
    .name = address ? "gemm-address" : "gemm",
    .spirv = address ? inq_test_bench_gemm_address_spv : inq_test_bench_gemm_spv,
    .spirv_size = address ? sizeof inq_test_bench_gemm_address_spv : sizeof inq_test_bench_gemm_spv,
    .n_bindings = address ? 0 : 3,
    .push_size = address ? sizeof (Push) : 12,
    .n_spec = 3,
    .spec = { shape->lanes, shape->tm, shape->tn },
  };
  GError *error = NULL;
  InqGpuPipeline *pipeline = inq_gpu_get_pipeline (gpu, &desc, &error);

  fail_on (error);
  return pipeline;
}

static InqGpuBuffer *
new_matrix (InqGpu *gpu, guint rows, guint columns, guint seed)
{
  GError *error = NULL;
  gsize size = (gsize) rows * columns * sizeof (float);
  g_autofree float *values = g_malloc (size);
  InqGpuBuffer *buffer = inq_gpu_buffer_new (gpu, size, INQ_GPU_MEMORY_DEVICE, &error);

  fail_on (error);
  for (guint i = 0; i < rows * columns; i++)
    values[i] = (float) ((i * 2654435761u + seed) >> 24) / 256 - 0.5f;
  inq_gpu_buffer_write (buffer, 0, values, size, &error);
  fail_on (error);
  return buffer;
}

static double
run (InqGpu *gpu, InqGpuPass *pass)
{
  GError *error = NULL;
  gint64 start = g_get_monotonic_time ();
  guint64 ticket = inq_gpu_submit (gpu, pass, &error);

  fail_on (error);
  inq_gpu_wait (gpu, ticket, NULL, NULL, &error);
  fail_on (error);
  return (g_get_monotonic_time () - start) / 1e6;
}

/* One way to reach buffers, with a device of its own. */
typedef struct {
  const char *name;
  InqGpuTestFlags flags;
  InqGpu *gpu;
  InqGpuBuffer *a, *b, *c;
  InqGpuPass *gemm, *many;
  double first, best, replay, record; /* seconds */
} Way;

static InqGpuPass *
record (Way *way, const Shape *shape, guint k, guint gx, guint gy, guint times)
{
  const InqGpuBinding bindings[] = { { way->a, 0, inq_gpu_buffer_get_size (way->a) },
                                     { way->b, 0, inq_gpu_buffer_get_size (way->b) },
                                     { way->c, 0, inq_gpu_buffer_get_size (way->c) } };
  const Push push = { shape->m,
                      shape->n,
                      k,
                      0,
                      inq_gpu_test_buffer_address (way->a),
                      inq_gpu_test_buffer_address (way->b),
                      inq_gpu_test_buffer_address (way->c) };
  InqGpuPipeline *pipeline = get_pipeline (way->gpu, shape, (way->flags & INQ_GPU_TEST_BUFFER_ADDRESS) != 0);
  GError *error = NULL;
  InqGpuPass *pass = inq_gpu_pass_new (way->gpu, FALSE, &error);

  fail_on (error);
  for (guint i = 0; i < times; i++)
    inq_gpu_pass_dispatch (pass, pipeline, bindings, &push, gx, gy, 1, NULL);
  inq_gpu_pass_end (pass, &error);
  fail_on (error);
  return pass;
}

static gboolean
way_open (Way *way, const Shape *shape)
{
  GError *error = NULL;
  gint64 start;

  inq_gpu_test_set_flags (way->flags);
  way->gpu = inq_gpu_new (&(InqGpuOptions){ .cache_dir = "" }, &error);
  fail_on (error);
  if ((way->flags & INQ_GPU_TEST_BUFFER_ADDRESS) && !inq_gpu_get_facts (way->gpu)->buffer_address) {
    g_clear_pointer (&way->gpu, inq_gpu_unref);
    return FALSE;
  }
  way->a = new_matrix (way->gpu, shape->m, shape->k, 1);
  way->b = new_matrix (way->gpu, shape->k, shape->n, 2);
  way->c = new_matrix (way->gpu, shape->m, shape->n, 3);
  way->gemm = record (way, shape, shape->k, shape->n / (shape->lanes * shape->tn), shape->m / shape->tm, 1);
  start = g_get_monotonic_time ();
  way->many = record (way, shape, 0, 1, 1, DISPATCHES);
  way->record = (g_get_monotonic_time () - start) / 1e6;
  way->first = run (way->gpu, way->gemm);
  way->best = way->replay = 1e9;
  return TRUE;
}

static void
way_close (Way *way)
{
  inq_gpu_pass_free (way->gemm);
  inq_gpu_pass_free (way->many);
  inq_gpu_buffer_free (way->a);
  inq_gpu_buffer_free (way->b);
  inq_gpu_buffer_free (way->c);
  inq_gpu_unref (way->gpu);
}

static double
checksum (Way *way, const Shape *shape)
{
  const gsize n = (gsize) shape->m * shape->n;
  g_autofree float *result = g_new (float, n);
  GError *error = NULL;
  double sum = 0;

  run (way->gpu, way->gemm); /* the pass with k = 0 wrote zeros */
  inq_gpu_buffer_read (way->c, 0, result, sizeof (float) * n, &error);
  fail_on (error);
  for (gsize i = 0; i < n; i++)
    sum += result[i] * (double) (i % 7);
  return sum;
}

/* The ways take turns, so that whatever else the machine does meets all of them. */
static void
bench (const Shape *shape)
{
  Way ways[] = {
    { "push", 0 },
    { "sets", INQ_GPU_TEST_NO_PUSH_DESCRIPTORS },
    { "address", INQ_GPU_TEST_BUFFER_ADDRESS },
  };
  guint n = G_N_ELEMENTS (ways);
  double expected = 0;

  for (guint w = 0; w < n; w++)
    if (!way_open (&ways[w], shape))
      n = w; /* address, the last */
  for (guint i = 0; i < RUNS; i++)
    for (guint w = 0; w < n; w++) {
      ways[w].best = MIN (ways[w].best, run (ways[w].gpu, ways[w].gemm));
      if (i % 4 == 0)
        ways[w].replay = MIN (ways[w].replay, run (ways[w].gpu, ways[w].many));
    }
  for (guint w = 0; w < n; w++) {
    double sum = checksum (&ways[w], shape);

    if (w == 0)
      expected = sum;
    printf (
        "%-8s tile %2ux%-2u lanes %2u: %6.2f GFLOP/s, record %.2f us, replay %5.1f us a dispatch, first %4.0f ms%s\n",
        ways[w].name, shape->tm, shape->tn, shape->lanes, 2e-9 * shape->m * shape->n * shape->k / ways[w].best,
        ways[w].record * 1e6 / DISPATCHES, ways[w].replay * 1e6 / DISPATCHES, ways[w].first * 1e3,
        sum == expected ? "" : ", WRONG");
    way_close (&ways[w]);
  }
}

int
main (int argc, char **argv)
{
  static const guint tiles[][3] = { { 8, 4, 16 }, { 8, 8, 8 }, { 8, 16, 4 }, { 64, 4, 4 } };
  Shape shape = { 256, 1280, 640 };
  GError *error = NULL;
  g_autoptr (GPtrArray) list = inq_gpu_list (&error);

  fail_on (error);
  if (argc == 4) {
    shape.m = MAX (16, atoi (argv[1]) / 16 * 16);
    shape.n = MAX (256, atoi (argv[2]) / 256 * 256);
    shape.k = MAX (1, atoi (argv[3]));
  }
  printf ("%s, %s; m %u n %u k %u\n", ((InqGpuFacts *) list->pdata[0])->name, ((InqGpuFacts *) list->pdata[0])->driver,
          shape.m, shape.n, shape.k);
  for (guint i = 0; i < G_N_ELEMENTS (tiles); i++) {
    shape.lanes = tiles[i][0];
    shape.tm = tiles[i][1];
    shape.tn = tiles[i][2];
    bench (&shape);
  }
  return 0;
}
