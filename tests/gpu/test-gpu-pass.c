/* Inquadra - tests of passes and submission: dispatch, constants, replay, barriers, copies, timings, cancel, lost.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "gpu-fixture.h"

#include <string.h>

typedef struct {
  guint32 n;
  float scale;
} Axpy;

/* Flags every test of this program runs under in turn: the ways a device can differ. */
static const struct {
  const char *name;
  InqGpuTestFlags flags;
} ways[] = {
  { "default", 0 },
  { "sets", INQ_GPU_TEST_NO_PUSH_DESCRIPTORS },
  { "staging", INQ_GPU_TEST_STAGING },
};

static InqGpuBuffer *
new_floats (InqGpu *gpu, guint n, float start, float step)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *values = g_new (float, n);
  InqGpuBuffer *buffer = inq_gpu_buffer_new (gpu, n * sizeof (float), INQ_GPU_MEMORY_DEVICE, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    values[i] = start + step * i;
  g_assert_true (inq_gpu_buffer_write (buffer, 0, values, n * sizeof (float), &error));
  g_assert_no_error (error);
  return buffer;
}

static void
assert_floats (InqGpuBuffer *buffer, guint n, float start, float step)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *values = g_new (float, n);

  g_assert_true (inq_gpu_buffer_read (buffer, 0, values, n * sizeof (float), &error));
  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat (values[i], ==, start + step * i);
}

static void
record_axpy (InqGpu *gpu, InqGpuPass *pass, InqGpuBuffer *x, InqGpuBuffer *y, guint n, float scale, guint factor)
{
  const InqGpuBinding bindings[] = { { x, 0, n * sizeof (float) }, { y, 0, n * sizeof (float) } };

  inq_gpu_pass_dispatch (pass, fixture_axpy (gpu, 32, factor), bindings, &(Axpy){ n, scale }, (n + 31) / 32, 1, 1,
                         "axpy");
}

static void
test_dispatch (gconstpointer data)
{
  const guint sizes[] = { 1, 31, 32, 33, 1000 };
  g_autoptr (GError) error = NULL;
  InqGpu *gpu;

  inq_gpu_test_set_flags (GPOINTER_TO_UINT (data));
  gpu = fixture_open ();
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    const guint n = sizes[i];
    InqGpuBuffer *x = new_floats (gpu, n, 1, 2), *y = new_floats (gpu, n + 1, 10, 1);
    InqGpuPass *pass = inq_gpu_pass_new (gpu, FALSE, &error);
    float after;

    record_axpy (gpu, pass, x, y, n, 3, 5); /* 3 (1 + 2i) + 5 (10 + i) = 53 + 11 i */
    g_assert_true (inq_gpu_pass_end (pass, &error));
    fixture_run (gpu, pass);
    assert_floats (y, n, 53, 11);
    g_assert_true (inq_gpu_buffer_read (y, n * sizeof (float), &after, sizeof after, &error));
    g_assert_cmpfloat (after, ==, 10 + (float) n); /* untouched */
    inq_gpu_pass_free (pass);
    inq_gpu_buffer_free (x);
    inq_gpu_buffer_free (y);
  }
  fixture_close (gpu);
}

/* A chain of dependent dispatches, more than fit one descriptor pool, replayed without waiting between. */
static void
test_replay (gconstpointer data)
{
  enum { N = 100, CHAIN = 300, REPLAYS = 3 };
  g_autoptr (GError) error = NULL;
  InqGpuBuffer *x, *y;
  InqGpuPass *pass;
  guint64 ticket = 0;
  InqGpu *gpu;

  inq_gpu_test_set_flags (GPOINTER_TO_UINT (data));
  gpu = fixture_open ();
  x = new_floats (gpu, N, 1, 0);
  y = new_floats (gpu, N, 0, 1);
  pass = inq_gpu_pass_new (gpu, FALSE, &error);
  for (guint i = 0; i < CHAIN; i++) {
    record_axpy (gpu, pass, x, y, N, 2, 1);
    inq_gpu_pass_barrier (pass);
  }
  g_assert_true (inq_gpu_pass_end (pass, &error));
  for (guint i = 0; i < REPLAYS; i++) {
    guint64 next = inq_gpu_submit (gpu, pass, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (next, >, ticket);
    ticket = next;
  }
  g_assert_true (inq_gpu_wait (gpu, ticket, NULL, NULL, &error));
  assert_floats (y, N, 2 * CHAIN * REPLAYS, 1);
  inq_gpu_pass_free (pass);
  inq_gpu_buffer_free (x);
  inq_gpu_buffer_free (y);
  fixture_close (gpu);
}

static void
test_offsets (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  InqGpuBuffer *y;
  InqGpuPass *pass;
  InqGpu *gpu;

  inq_gpu_test_set_flags (GPOINTER_TO_UINT (data));
  gpu = fixture_open ();
  y = new_floats (gpu, 256, 0, 1);
  pass = inq_gpu_pass_new (gpu, FALSE, &error);
  { /* x and y are slices of one buffer: floats 64.. and 128.. */
    const InqGpuBinding bindings[] = { { y, 256, 256 }, { y, 512, 256 } };

    inq_gpu_pass_dispatch (pass, fixture_axpy (gpu, 64, 1), bindings, &(Axpy){ 64, 1000 }, 1, 1, 1, "slices");
  }
  g_assert_true (inq_gpu_pass_end (pass, &error));
  fixture_run (gpu, pass);
  for (guint i = 0; i < 256; i++) {
    float value;

    g_assert_true (inq_gpu_buffer_read (y, i * sizeof value, &value, sizeof value, &error));
    g_assert_cmpfloat (value, ==, i >= 128 && i < 192 ? 1000.f * (i - 64) + i : (float) i);
  }
  inq_gpu_pass_free (pass);
  inq_gpu_buffer_free (y);
  fixture_close (gpu);
}

static void
test_fill_copy (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  InqGpuBuffer *a, *b;
  InqGpuPass *pass;
  guint8 bytes[1000];
  InqGpu *gpu;

  inq_gpu_test_set_flags (GPOINTER_TO_UINT (data));
  gpu = fixture_open ();
  a = inq_gpu_buffer_new (gpu, sizeof bytes, INQ_GPU_MEMORY_DEVICE, &error);
  b = inq_gpu_buffer_new (gpu, sizeof bytes, INQ_GPU_MEMORY_READBACK, &error);
  g_assert_nonnull (inq_gpu_buffer_get_map (b));
  pass = inq_gpu_pass_new (gpu, FALSE, &error);
  inq_gpu_pass_fill (pass, a, 0, 1000, 0x11111111);
  inq_gpu_pass_fill (pass, b, 0, 1000, 0x22222222);
  inq_gpu_pass_barrier (pass);
  inq_gpu_pass_copy (pass, a, 3, b, 7, 501);
  g_assert_true (inq_gpu_pass_end (pass, &error));
  fixture_run (gpu, pass);
  memcpy (bytes, inq_gpu_buffer_get_map (b), sizeof bytes);
  for (guint i = 0; i < sizeof bytes; i++)
    g_assert_cmpuint (bytes[i], ==, i >= 7 && i < 508 ? 0x11 : 0x22);
  inq_gpu_pass_free (pass);
  inq_gpu_buffer_free (a);
  inq_gpu_buffer_free (b);
  fixture_close (gpu);
}

/* More dispatches than one query pool holds; labels come back in order, times are plausible. */
static void
test_timings (gconstpointer data)
{
  enum { N = 300 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) timings = NULL;
  InqGpuBuffer *x, *y;
  InqGpuPass *pass;
  InqGpu *gpu;
  double sum = 0;

  inq_gpu_test_set_flags (GPOINTER_TO_UINT (data));
  gpu = fixture_open ();
  x = new_floats (gpu, 64, 1, 0);
  y = new_floats (gpu, 64, 0, 0);
  pass = inq_gpu_pass_new (gpu, TRUE, &error);
  for (guint i = 0; i < N; i++) {
    const InqGpuBinding bindings[] = { { x, 0, 256 }, { y, 0, 256 } };

    inq_gpu_pass_dispatch (pass, fixture_axpy (gpu, 64, 1), bindings, &(Axpy){ 64, 1 }, 1, 1, 1,
                           i % 2 ? "odd" : "even");
    inq_gpu_pass_barrier (pass);
  }
  g_assert_true (inq_gpu_pass_end (pass, &error));
  g_assert_null (inq_gpu_pass_get_timings (pass, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED); /* not submitted */
  g_clear_error (&error);
  for (guint run = 0; run < 2; run++) {
    fixture_run (gpu, pass);
    g_clear_pointer (&timings, g_array_unref);
    timings = inq_gpu_pass_get_timings (pass, &error);
    if (!inq_gpu_get_facts (gpu)->timestamps) {
      g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED);
      g_clear_error (&error);
      continue;
    }
    g_assert_no_error (error);
    g_assert_cmpuint (timings->len, ==, N);
    for (guint i = 0; i < N; i++) {
      const InqGpuTiming *timing = &g_array_index (timings, InqGpuTiming, i);

      g_assert_cmpstr (timing->label, ==, i % 2 ? "odd" : "even");
      g_assert_cmpfloat (timing->ns, >=, 0);
      g_assert_cmpfloat (timing->ns, <, 60e9);
      sum += timing->ns;
    }
    g_assert_cmpfloat (sum, >, 0);
  }
  assert_floats (y, 64, 2 * N, 0);
  inq_gpu_pass_free (pass);
  inq_gpu_buffer_free (x);
  inq_gpu_buffer_free (y);
  fixture_close (gpu);
}

static void
test_record_errors (void)
{
  g_autoptr (GError) error = NULL;
  InqGpu *gpu;
  InqGpuBuffer *x;
  const Axpy push = { 64, 1 };

  inq_gpu_test_set_flags (0);
  gpu = fixture_open ();
  x = new_floats (gpu, 64, 1, 0);
  for (guint fault = 0; fault < 8; fault++) {
    InqGpuPass *pass = inq_gpu_pass_new (gpu, FALSE, &error);
    InqGpuBinding bindings[] = { { x, 0, 256 }, { x, 0, 256 } };
    guint gx = 1;

    if (fault == 0)
      bindings[1].offset = 4;
    else if (fault == 1)
      bindings[0].range = 257;
    else if (fault == 2)
      bindings[0].range = 0;
    else if (fault == 3)
      gx = G_MAXUINT;
    else if (fault == 4)
      bindings[1] = (InqGpuBinding){ x, G_MAXSIZE - 255, 512 };
    if (fault < 5)
      inq_gpu_pass_dispatch (pass, fixture_axpy (gpu, 64, 1), bindings, &push, gx, 1, 1, NULL);
    else if (fault == 5)
      inq_gpu_pass_fill (pass, x, 1, 4, 0);
    else if (fault == 6)
      inq_gpu_pass_copy (pass, x, 0, x, 16, 32);
    else
      inq_gpu_pass_copy (pass, x, 200, x, 0, 57);
    inq_gpu_pass_barrier (pass);
    g_assert_false (inq_gpu_pass_end (pass, &error));
    g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED);
    g_clear_error (&error);
    g_assert_cmpuint (inq_gpu_submit (gpu, pass, &error), ==, 0);
    g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED);
    g_clear_error (&error);
    inq_gpu_pass_free (pass);
  }
  g_assert_false (inq_gpu_wait (gpu, 1000000, NULL, NULL, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED);
  assert_floats (x, 64, 1, 0);
  inq_gpu_buffer_free (x);
  fixture_close (gpu);
}

static gboolean
cancel_at_third_look (gpointer data)
{
  return ++*(guint *) data >= 3;
}

/* Cancels while the device is busy, frees everything at once, and goes on. */
static void
test_cancel (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  InqGpuBuffer *busy, *x;
  InqGpuPass *pass;
  guint looks = 0;
  guint32 rounds = 1u << 16;
  guint64 ticket = 0;
  InqGpu *gpu;

  inq_gpu_test_set_flags (GPOINTER_TO_UINT (data));
  gpu = fixture_open ();
  /* Doubles the work until it outlasts three looks, however fast the device is. */
  for (;; rounds *= 2) {
    const guint size = 64 * 64 * 4;

    busy = inq_gpu_buffer_new (gpu, size, INQ_GPU_MEMORY_DEVICE, &error);
    pass = inq_gpu_pass_new (gpu, FALSE, &error);
    inq_gpu_pass_fill (pass, busy, 0, size, 0);
    for (guint i = 0; i < 4; i++) {
      inq_gpu_pass_barrier (pass);
      inq_gpu_pass_dispatch (pass, fixture_spin (gpu), &(InqGpuBinding){ busy, 0, size }, &rounds, 64, 1, 1, NULL);
    }
    g_assert_true (inq_gpu_pass_end (pass, &error));
    ticket = inq_gpu_submit (gpu, pass, &error);
    g_assert_no_error (error);
    looks = 0;
    if (!inq_gpu_wait (gpu, ticket, cancel_at_third_look, &looks, &error))
      break;
    inq_gpu_pass_free (pass);
    inq_gpu_buffer_free (busy);
    g_assert_cmpuint (rounds, <, 1u << 31);
  }
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpuint (looks, ==, 3);
  inq_gpu_pass_free (pass); /* still running */
  inq_gpu_buffer_free (busy);
  x = new_floats (gpu, 1000, 5, 1);
  assert_floats (x, 1000, 5, 1);
  g_assert_true (inq_gpu_wait (gpu, ticket, NULL, NULL, &error));
  inq_gpu_buffer_free (x);
  fixture_close (gpu);
}

/* Frees and closes with work in flight that nobody waited for. */
static void
test_free_in_flight (void)
{
  g_autoptr (GError) error = NULL;
  guint64 current = 1;

  inq_gpu_test_set_flags (0);
  for (guint i = 0; i < 3; i++) {
    InqGpu *gpu = fixture_open ();
    InqGpuBuffer *busy = inq_gpu_buffer_new (gpu, 64 * 256, INQ_GPU_MEMORY_DEVICE, &error);
    InqGpuPass *pass = inq_gpu_pass_new (gpu, i == 1, &error);
    guint32 rounds = 1u << 16;
    guint64 ticket;

    inq_gpu_pass_dispatch (pass, fixture_spin (gpu), &(InqGpuBinding){ busy, 0, 64 * 256 }, &rounds, 64, 1, 1, NULL);
    g_assert_true (inq_gpu_pass_end (pass, &error));
    ticket = inq_gpu_submit (gpu, pass, &error);
    if (i == 1) {
      ticket = inq_gpu_submit (gpu, pass, &error);
      g_assert_no_error (error);
    }
    inq_gpu_buffer_free (busy);
    inq_gpu_pass_free (pass);
    if (i == 2) {
      g_assert_true (inq_gpu_wait (gpu, ticket, NULL, NULL, &error));
      inq_gpu_pass_free (inq_gpu_pass_new (gpu, FALSE, &error)); /* collects */
      inq_gpu_get_memory (gpu, &current, NULL);
      g_assert_cmpuint (current, ==, 0);
    }
    fixture_close (gpu);
  }
}

static void
test_lost (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const gboolean after_submit = GPOINTER_TO_UINT (data);
  InqGpu *gpu;
  InqGpuBuffer *x, *y;
  InqGpuPass *pass;
  guint64 ticket = 0;
  float value;

  inq_gpu_test_set_flags (0);
  gpu = fixture_open ();
  x = new_floats (gpu, 100, 1, 0);
  y = new_floats (gpu, 100, 1, 0);
  pass = inq_gpu_pass_new (gpu, FALSE, &error);
  record_axpy (gpu, pass, x, y, 100, 1, 1);
  g_assert_true (inq_gpu_pass_end (pass, &error));
  if (after_submit) {
    ticket = inq_gpu_submit (gpu, pass, &error);
    g_assert_no_error (error);
    inq_gpu_test_inject_lost (gpu, 0);
    g_assert_false (inq_gpu_wait (gpu, ticket, NULL, NULL, &error));
  } else {
    inq_gpu_test_inject_lost (gpu, 2);
    fixture_run (gpu, pass);
    fixture_run (gpu, pass);
    g_assert_cmpuint (inq_gpu_submit (gpu, pass, &error), ==, 0);
  }
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_DEVICE_LOST);
  g_clear_error (&error);
  g_assert_null (inq_gpu_buffer_new (gpu, 100, INQ_GPU_MEMORY_DEVICE, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_DEVICE_LOST);
  g_clear_error (&error);
  g_assert_false (inq_gpu_buffer_read (x, 0, &value, sizeof value, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_DEVICE_LOST);
  g_clear_error (&error);
  inq_gpu_pass_free (pass);
  inq_gpu_buffer_free (x);
  inq_gpu_buffer_free (y);
  fixture_close (gpu);

  gpu = fixture_open (); /* a new one works */
  x = new_floats (gpu, 100, 1, 1);
  assert_floats (x, 100, 1, 1);
  inq_gpu_buffer_free (x);
  fixture_close (gpu);
}

int
main (int argc, char **argv)
{
  const struct {
    const char *name;
    GTestDataFunc func;
  } tests[] = {
    { "dispatch", test_dispatch },   { "replay", test_replay },   { "offsets", test_offsets },
    { "fill-copy", test_fill_copy }, { "timings", test_timings }, { "cancel", test_cancel },
  };

  g_test_init (&argc, &argv, NULL);
  if (!fixture_have_device ())
    return 0; /* the plan says why */
  for (guint t = 0; t < G_N_ELEMENTS (tests); t++)
    for (guint w = 0; w < G_N_ELEMENTS (ways); w++) {
      g_autofree char *path = g_strdup_printf ("/gpu/pass/%s/%s", tests[t].name, ways[w].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (ways[w].flags), tests[t].func);
    }
  g_test_add_data_func ("/gpu/pass/timings/none", GUINT_TO_POINTER (INQ_GPU_TEST_NO_TIMESTAMPS), test_timings);
  g_test_add_func ("/gpu/pass/record-errors", test_record_errors);
  g_test_add_func ("/gpu/pass/free-in-flight", test_free_in_flight);
  g_test_add_data_func ("/gpu/pass/lost/at-submit", GUINT_TO_POINTER (FALSE), test_lost);
  g_test_add_data_func ("/gpu/pass/lost/at-wait", GUINT_TO_POINTER (TRUE), test_lost);
  return g_test_run ();
}
