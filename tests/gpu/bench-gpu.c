/* Inquadra - bench: what the Vulkan layer itself costs: opening, pipelines, first dispatch, recording, submitting,
 * copies. SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each line is the least of several runs, except what can only be seen once (open, pipeline, first dispatch).
 */
#include "config.h"

#include "gpu-fixture.h"

#include <stdio.h>

enum { N = 2000, RUNS = 9, BYTES = 64 << 20 };

static double
since (gint64 start)
{
  return g_get_monotonic_time () - start;
}

static InqGpuPass *
record (InqGpu *gpu, InqGpuBuffer *buffer, guint n, gboolean barriers, gboolean timed, double *us)
{
  const InqGpuBinding bindings[] = { { buffer, 0, 256 }, { buffer, 256, 256 } };
  const struct {
    guint32 n;
    float scale;
  } push = { 64, 1 };
  InqGpuPipeline *pipeline = fixture_axpy (gpu, 64, 1);
  gint64 start = g_get_monotonic_time ();
  InqGpuPass *pass = inq_gpu_pass_new (gpu, timed, NULL);

  for (guint i = 0; i < n; i++) {
    inq_gpu_pass_dispatch (pass, pipeline, bindings, &push, 1, 1, 1, NULL);
    if (barriers)
      inq_gpu_pass_barrier (pass);
  }
  inq_gpu_pass_end (pass, NULL);
  *us = since (start);
  return pass;
}

static void
bench_passes (InqGpu *gpu, InqGpuBuffer *buffer)
{
  const struct {
    const char *name;
    guint n;
    gboolean barriers, timed;
  } cases[] = {
    { "empty pass", 0, FALSE, FALSE },
    { "2000 dispatches", N, FALSE, FALSE },
    { "2000 dispatches, barriers", N, TRUE, FALSE },
    { "2000 dispatches, barriers, timed", N, TRUE, TRUE },
  };

  for (guint c = 0; c < G_N_ELEMENTS (cases); c++) {
    double least_record = 1e9, least_submit = 1e9, least_all = 1e9, us;
    const guint n = MAX (1, cases[c].n);

    for (guint i = 0; i < RUNS; i++) {
      InqGpuPass *pass = record (gpu, buffer, cases[c].n, cases[c].barriers, cases[c].timed, &us);

      least_record = MIN (least_record, us);
      for (guint replay = 0; replay < 3; replay++) {
        gint64 start = g_get_monotonic_time ();
        guint64 ticket = inq_gpu_submit (gpu, pass, NULL);

        least_submit = MIN (least_submit, since (start));
        inq_gpu_wait (gpu, ticket, NULL, NULL, NULL);
        least_all = MIN (least_all, since (start));
      }
      inq_gpu_pass_free (pass);
    }
    printf ("%-34s record %8.2f us each, submit returns after %6.0f us, submit + wait %9.2f us each\n", cases[c].name,
            least_record / n, least_submit, least_all / n);
  }
}

static void
bench_copies (const char *name, InqGpuTestFlags flags)
{
  g_autofree guint8 *bytes = g_malloc0 (BYTES);
  double up = 1e9, down = 1e9;
  InqGpu *gpu;
  InqGpuBuffer *buffer;

  inq_gpu_test_set_flags (flags);
  gpu = fixture_open ();
  buffer = inq_gpu_buffer_new (gpu, BYTES, INQ_GPU_MEMORY_DEVICE, NULL);
  for (guint i = 0; i < RUNS; i++) {
    gint64 start = g_get_monotonic_time ();

    inq_gpu_buffer_write (buffer, 0, bytes, BYTES, NULL);
    up = MIN (up, since (start));
    start = g_get_monotonic_time ();
    inq_gpu_buffer_read (buffer, 0, bytes, BYTES, NULL);
    down = MIN (down, since (start));
  }
  printf ("64 MiB %-27s write %.1f GB/s, read %.1f GB/s\n", name, BYTES / up / 1e3, BYTES / down / 1e3);
  inq_gpu_buffer_free (buffer);
  inq_gpu_unref (gpu);
}

int
main (int argc, char **argv)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = inq_gpu_list (&error);
  InqGpuBuffer *buffer;
  InqGpuPass *pass;
  double us;
  InqGpu *gpu;

  g_test_init (&argc, &argv, NULL);
  if (!list) {
    fprintf (stderr, "bench-gpu: %s\n", error->message);
    return 77;
  }
  printf ("%s, %s\n", ((InqGpuFacts *) list->pdata[0])->name, ((InqGpuFacts *) list->pdata[0])->driver);
  printf ("list devices (loads the drivers)   %8.2f ms\n", since (start) / 1e3);
  start = g_get_monotonic_time ();
  gpu = fixture_open ();
  printf ("open a device                      %8.2f ms\n", since (start) / 1e3);
  buffer = inq_gpu_buffer_new (gpu, 65536, INQ_GPU_MEMORY_DEVICE, NULL);
  start = g_get_monotonic_time ();
  fixture_axpy (gpu, 64, 1);
  printf ("make a small pipeline              %8.2f ms\n", since (start) / 1e3);
  pass = record (gpu, buffer, 1, FALSE, FALSE, &us);
  start = g_get_monotonic_time ();
  fixture_run (gpu, pass);
  printf ("first dispatch of it               %8.2f ms\n", since (start) / 1e3);
  start = g_get_monotonic_time ();
  fixture_run (gpu, pass);
  printf ("second dispatch of it              %8.2f ms\n", since (start) / 1e3);
  inq_gpu_pass_free (pass);
  bench_passes (gpu, buffer);
  inq_gpu_buffer_free (buffer);
  start = g_get_monotonic_time ();
  inq_gpu_unref (gpu);
  printf ("close                              %8.2f ms\n", since (start) / 1e3);
  bench_copies ("mapped", 0);
  bench_copies ("through the staging ring", INQ_GPU_TEST_STAGING);
  return 0;
}
