/* Inquadra - bench: the same GEMM with storage buffers (push descriptors, sets) and with buffer addresses.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-bindings [M N K]; defaults to 512 1280 1280. Checks every result against the others; prints one line per way.
 */
#include "config.h"

#include "inq-gpu-test.h"
#include "inq-gpu.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench-gemm-address.spv.h"
#include "bench-gemm.spv.h"

enum { RUNS = 15, DISPATCHES = 2000 };

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

static void
bench (const char *name, InqGpuTestFlags flags, const Shape *shape)
{
  const gboolean address = (flags & INQ_GPU_TEST_BUFFER_ADDRESS) != 0;
  GError *error = NULL;
  InqGpu *gpu;
  InqGpuBuffer *a, *b, *c;
  InqGpuPass *pass;
  double first, best = 1e9, sum = 0, record, replay;
  g_autofree float *result = g_new (float, shape->m * shape->n);
  gint64 start;

  inq_gpu_test_set_flags (flags);
  gpu = inq_gpu_new (&(InqGpuOptions){ .cache_dir = "" }, &error);
  fail_on (error);
  if (address && !inq_gpu_get_facts (gpu)->buffer_address) {
    printf ("%-8s the device has no buffer addresses\n", name);
    inq_gpu_unref (gpu);
    return;
  }
  a = new_matrix (gpu, shape->m, shape->k, 1);
  b = new_matrix (gpu, shape->k, shape->n, 2);
  c = new_matrix (gpu, shape->m, shape->n, 3);
  {
    const InqGpuBinding bindings[] = { { a, 0, inq_gpu_buffer_get_size (a) },
                                       { b, 0, inq_gpu_buffer_get_size (b) },
                                       { c, 0, inq_gpu_buffer_get_size (c) } };
    const Push push = { shape->m,
                        shape->n,
                        shape->k,
                        0,
                        inq_gpu_test_buffer_address (a),
                        inq_gpu_test_buffer_address (b),
                        inq_gpu_test_buffer_address (c) };
    InqGpuPipeline *pipeline = get_pipeline (gpu, shape, address);

    pass = inq_gpu_pass_new (gpu, FALSE, &error);
    inq_gpu_pass_dispatch (pass, pipeline, bindings, &push, shape->n / (shape->lanes * shape->tn), shape->m / shape->tm,
                           1, NULL);
    inq_gpu_pass_end (pass, &error);
    fail_on (error);
    first = run (gpu, pass);
    for (guint i = 0; i < RUNS; i++)
      best = MIN (best, run (gpu, pass));
    inq_gpu_pass_free (pass);
    inq_gpu_buffer_read (c, 0, result, sizeof (float) * shape->m * shape->n, &error);
    fail_on (error);
    for (guint i = 0; i < shape->m * shape->n; i++)
      sum += result[i] * (double) (i % 7);

    /* What binding itself costs: many dispatches of one group, k = 0. */
    start = g_get_monotonic_time ();
    pass = inq_gpu_pass_new (gpu, FALSE, &error);
    for (guint i = 0; i < DISPATCHES; i++) {
      Push none = push;

      none.k = 0;
      inq_gpu_pass_dispatch (pass, pipeline, bindings, &none, 1, 1, 1, NULL);
    }
    inq_gpu_pass_end (pass, &error);
    fail_on (error);
    record = (g_get_monotonic_time () - start) * 1.0 / DISPATCHES;
    run (gpu, pass);
    replay = run (gpu, pass) * 1e6 / DISPATCHES;
    inq_gpu_pass_free (pass);
  }
  printf ("%-8s tile %2ux%-2u lanes %2u: %6.2f GFLOP/s, first run %5.0f ms more, record %.2f us, replay %.2f us a "
          "dispatch, sum %.3f\n",
          name, shape->tm, shape->tn, shape->lanes, 2e-9 * shape->m * shape->n * shape->k / best, (first - best) * 1e3,
          record, replay, sum);
  inq_gpu_buffer_free (a);
  inq_gpu_buffer_free (b);
  inq_gpu_buffer_free (c);
  inq_gpu_unref (gpu);
}

int
main (int argc, char **argv)
{
  static const guint tiles[][3] = { { 8, 4, 16 }, { 8, 8, 8 }, { 8, 16, 4 }, { 64, 4, 4 } };
  Shape shape = { 512, 1280, 1280 };
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
    bench ("push", 0, &shape);
    bench ("sets", INQ_GPU_TEST_NO_PUSH_DESCRIPTORS, &shape);
    bench ("address", INQ_GPU_TEST_BUFFER_ADDRESS, &shape);
  }
  return 0;
}
