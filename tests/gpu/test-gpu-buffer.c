/* Inquadra - tests of buffers and device memory: odd sizes, bounds, staging, the arena under random use, limits.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "gpu-fixture.h"

#include <string.h>

static guint8
pattern (gsize i, guint seed)
{
  return (i * 2654435761u + seed * 40503u) >> 13;
}

static void
write_pattern (InqGpuBuffer *buffer, gsize offset, gsize size, guint seed)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *bytes = g_malloc (size + 1);

  for (gsize i = 0; i < size; i++)
    bytes[i] = pattern (offset + i, seed);
  g_assert_true (inq_gpu_buffer_write (buffer, offset, bytes, size, &error));
  g_assert_no_error (error);
}

static void
assert_pattern (InqGpuBuffer *buffer, gsize offset, gsize size, guint seed)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *bytes = g_malloc0 (size + 1);
  gsize wrong = 0;

  g_assert_true (inq_gpu_buffer_read (buffer, offset, bytes, size, &error));
  g_assert_no_error (error);
  for (gsize i = 0; i < size; i++)
    wrong += bytes[i] != pattern (offset + i, seed);
  g_assert_cmpuint (wrong, ==, 0);
}

static void
test_write_read (gconstpointer data)
{
  const gsize sizes[] = { 1, 3, 255, 256, 257, 4097, 1000003, (8 << 20) + 1, (17 << 20) + 5 };
  g_autoptr (GError) error = NULL;
  InqGpu *gpu;

  inq_gpu_test_set_flags (GPOINTER_TO_UINT (data));
  gpu = fixture_open ();
  for (guint memory = INQ_GPU_MEMORY_DEVICE; memory <= INQ_GPU_MEMORY_READBACK; memory++)
    for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
      const gsize size = sizes[i];
      InqGpuBuffer *buffer = inq_gpu_buffer_new (gpu, size, memory, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (inq_gpu_buffer_get_size (buffer), ==, (size + 255) / 256 * 256);
      if (memory != INQ_GPU_MEMORY_DEVICE)
        g_assert_nonnull (inq_gpu_buffer_get_map (buffer));
      write_pattern (buffer, 0, size, i);
      assert_pattern (buffer, 0, size, i);
      write_pattern (buffer, size / 3, size / 2, i + 100);
      assert_pattern (buffer, 0, size / 3, i);
      assert_pattern (buffer, size / 3, size / 2, i + 100);
      assert_pattern (buffer, size / 3 + size / 2, size - size / 3 - size / 2, i);
      inq_gpu_buffer_free (buffer);
    }
  fixture_close (gpu);
}

static void
test_bounds (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  InqGpuBuffer *buffer;
  guint8 byte = 0;
  InqGpu *gpu;
  const struct {
    gsize offset;
    gsize size;
  } bad[] = { { 0, 257 }, { 256, 1 }, { 257, 0 }, { G_MAXSIZE, 1 }, { 1, G_MAXSIZE }, { G_MAXSIZE, G_MAXSIZE } };

  inq_gpu_test_set_flags (GPOINTER_TO_UINT (data));
  gpu = fixture_open ();
  buffer = inq_gpu_buffer_new (gpu, 100, INQ_GPU_MEMORY_DEVICE, &error);
  write_pattern (buffer, 0, 256, 0);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_assert_false (inq_gpu_buffer_write (buffer, bad[i].offset, &byte, bad[i].size, &error));
    g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED);
    g_clear_error (&error);
    g_assert_false (inq_gpu_buffer_read (buffer, bad[i].offset, &byte, bad[i].size, &error));
    g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED);
    g_clear_error (&error);
  }
  g_assert_true (inq_gpu_buffer_write (buffer, 256, NULL, 0, &error));
  g_assert_true (inq_gpu_buffer_read (buffer, 0, NULL, 0, &error));
  assert_pattern (buffer, 0, 256, 0);
  inq_gpu_buffer_free (buffer);
  inq_gpu_buffer_free (NULL);
  fixture_close (gpu);
}

/* Uploads that nobody waits for, then a pass: it sees the bytes. */
static void
test_upload (gconstpointer data)
{
  enum { SIZE = 20 << 20, PART = 700001 };
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *part = g_malloc (PART);
  InqGpuBuffer *from, *to;
  InqGpuPass *pass;
  InqGpu *gpu;

  inq_gpu_test_set_flags (GPOINTER_TO_UINT (data));
  gpu = fixture_open ();
  from = inq_gpu_buffer_new (gpu, SIZE, INQ_GPU_MEMORY_DEVICE, &error);
  to = inq_gpu_buffer_new (gpu, SIZE, INQ_GPU_MEMORY_DEVICE, &error);
  for (gsize at = 0; at < SIZE; at += PART) {
    const gsize n = MIN (PART, SIZE - at);

    for (gsize i = 0; i < n; i++)
      part[i] = pattern (at + i, 7);
    g_assert_true (inq_gpu_buffer_upload (from, at, part, n, NULL, &error));
    memset (part, 0, PART); /* ours again */
  }
  pass = inq_gpu_pass_new (gpu, FALSE, &error);
  inq_gpu_pass_copy (pass, from, 0, to, 0, SIZE);
  g_assert_true (inq_gpu_pass_end (pass, &error));
  fixture_run (gpu, pass);
  assert_pattern (to, 0, SIZE, 7);
  inq_gpu_pass_free (pass);
  inq_gpu_buffer_free (from);
  inq_gpu_buffer_free (to);
  fixture_close (gpu);
}

static void
upload_ahead (InqGpuBuffer *buffer, gsize at, gsize size, guint seed)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = pattern (at + i, seed);
  g_assert_true (inq_gpu_buffer_upload_ahead (buffer, at, bytes, size, &error));
  g_assert_no_error (error);
}

/* Bytes that come while passes use other bytes of the same buffer: whatever is submitted later sees them, and nothing
 * is freed under a copy. */
static void
test_upload_ahead (gconstpointer data)
{
  enum { HALF = 12 << 20 };
  g_autoptr (GError) error = NULL;
  InqGpuBuffer *from, *to, *other;
  InqGpuPass *passes[2];
  guint64 ticket = 0;
  guint8 byte = 0;
  InqGpu *gpu;

  inq_gpu_test_set_flags (GPOINTER_TO_UINT (data));
  gpu = fixture_open ();
  from = inq_gpu_buffer_new (gpu, 2 * HALF, INQ_GPU_MEMORY_DEVICE, &error);
  to = inq_gpu_buffer_new (gpu, 2 * HALF, INQ_GPU_MEMORY_DEVICE, &error);
  for (guint k = 0; k < 2; k++) {
    passes[k] = inq_gpu_pass_new (gpu, FALSE, &error);
    inq_gpu_pass_copy (passes[k], from, k * HALF, to, k * HALF, HALF);
    g_assert_true (inq_gpu_pass_end (passes[k], &error));
  }
  for (guint run = 0; run < 3; run++) {
    for (guint k = 0; k < 2; k++) {
      upload_ahead (from, k * HALF, HALF, run);
      ticket = inq_gpu_submit (gpu, passes[k], &error);
      g_assert_no_error (error);
    }
    g_assert_true (inq_gpu_wait (gpu, ticket, NULL, NULL, &error));
    assert_pattern (to, 0, 2 * HALF, run);
  }
  upload_ahead (from, 100, 1000, 9); /* with nothing submitted after: read, written over, freed */
  assert_pattern (from, 100, 1000, 9);
  upload_ahead (from, 100, 1000, 10);
  g_assert_true (inq_gpu_buffer_write (from, 100, &byte, 1, &error));
  assert_pattern (from, 101, 999, 10);
  upload_ahead (from, 0, HALF, 11);
  inq_gpu_pass_free (passes[0]);
  inq_gpu_pass_free (passes[1]);
  inq_gpu_buffer_free (from);
  inq_gpu_set_memory_limit (gpu, 5 * HALF + inq_gpu_get_staging_size (gpu)); /* its room is needed, and comes */
  other = inq_gpu_buffer_new (gpu, 2 * HALF, INQ_GPU_MEMORY_DEVICE, &error);
  g_assert_no_error (error);
  upload_ahead (other, 0, 2 * HALF, 12);
  assert_pattern (other, 0, 2 * HALF, 12);
  assert_pattern (to, 0, 2 * HALF, 2);
  upload_ahead (other, 0, 256, 13);
  g_assert_false (inq_gpu_buffer_upload_ahead (other, 2 * HALF, &byte, 1, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED);
  inq_gpu_buffer_free (other);
  inq_gpu_buffer_free (to);
  fixture_close (gpu);
}

/* Many buffers come and go; each keeps its own bytes, and nothing is left at the end. */
static void
test_arena (void)
{
  enum { SLOTS = 40, ROUNDS = 600 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (20240229);
  InqGpuBuffer *buffers[SLOTS] = { NULL };
  guint seeds[SLOTS], seed = 0;
  guint64 current, peak, sum = 0, most = 0;
  InqGpu *gpu;

  inq_gpu_test_set_flags (0);
  gpu = fixture_open ();
  for (guint round = 0; round < ROUNDS; round++) {
    const guint slot = g_rand_int_range (rand, 0, SLOTS);

    if (buffers[slot]) {
      const gsize size = inq_gpu_buffer_get_size (buffers[slot]);

      assert_pattern (buffers[slot], 0, MIN (size, 512), seeds[slot]);
      assert_pattern (buffers[slot], size - MIN (size, 512), MIN (size, 512), seeds[slot]);
      sum -= size;
      inq_gpu_buffer_free (g_steal_pointer (&buffers[slot]));
    } else {
      gsize size = (gsize) 1 << g_rand_int_range (rand, 0, 25);

      size += g_rand_int_range (rand, 0, size + 1);
      buffers[slot] = inq_gpu_buffer_new (gpu, size, g_rand_int_range (rand, 0, 3), &error);
      g_assert_no_error (error);
      size = inq_gpu_buffer_get_size (buffers[slot]);
      seeds[slot] = ++seed;
      write_pattern (buffers[slot], 0, MIN (size, 512), seed);
      write_pattern (buffers[slot], size - MIN (size, 512), MIN (size, 512), seed);
      sum += size;
      most = MAX (most, sum);
    }
    inq_gpu_get_memory (gpu, &current, &peak);
    g_assert_cmpuint (current, >=, sum);
    g_assert_cmpuint (peak, >=, most);
  }
  for (guint slot = 0; slot < SLOTS; slot++)
    inq_gpu_buffer_free (buffers[slot]);
  inq_gpu_get_memory (gpu, &current, NULL);
  if (inq_gpu_get_facts (gpu)->unified_memory) /* no staging ring */
    g_assert_cmpuint (current, ==, 0);
  fixture_close (gpu);
}

static void
test_limit (gconstpointer data)
{
  const guint64 limit = 64 << 20;
  g_autoptr (GError) error = NULL;
  InqGpuBuffer *a, *b;
  InqGpu *gpu;

  inq_gpu_test_set_flags (GPOINTER_TO_UINT (data));
  gpu = fixture_open ();
  inq_gpu_set_memory_limit (gpu, limit);
  a = inq_gpu_buffer_new (gpu, 20 << 20, INQ_GPU_MEMORY_DEVICE, &error);
  g_assert_no_error (error);
  g_assert_null (inq_gpu_buffer_new (gpu, 60 << 20, INQ_GPU_MEMORY_DEVICE, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY);
  g_clear_error (&error);
  g_assert_null (inq_gpu_buffer_new (gpu, 60 << 20, INQ_GPU_MEMORY_UPLOAD, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY);
  g_clear_error (&error);
  write_pattern (a, 1000, 3000000, 1); /* still works */
  assert_pattern (a, 1000, 3000000, 1);
  inq_gpu_set_memory_limit (gpu, 0);
  b = inq_gpu_buffer_new (gpu, 60 << 20, INQ_GPU_MEMORY_DEVICE, &error);
  g_assert_no_error (error);
  write_pattern (b, 12345, 1000, 2);
  assert_pattern (b, 12345, 1000, 2);
  assert_pattern (a, 1000, 3000000, 1);
  inq_gpu_buffer_free (a);
  inq_gpu_buffer_free (b);
  fixture_close (gpu);
}

/* The staging ring itself does not fit. */
static void
test_limit_staging (void)
{
  g_autoptr (GError) error = NULL;
  InqGpuBuffer *a;
  guint8 byte = 1;
  InqGpu *gpu;

  inq_gpu_test_set_flags (INQ_GPU_TEST_STAGING);
  gpu = fixture_open ();
  inq_gpu_set_memory_limit (gpu, 64 << 10);
  a = inq_gpu_buffer_new (gpu, 1000, INQ_GPU_MEMORY_DEVICE, &error);
  g_assert_no_error (error);
  g_assert_false (inq_gpu_buffer_write (a, 0, &byte, 1, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY);
  g_clear_error (&error);
  inq_gpu_set_memory_limit (gpu, 0);
  write_pattern (a, 0, 1000, 3);
  assert_pattern (a, 0, 1000, 3);
  inq_gpu_buffer_free (a);
  fixture_close (gpu);
}

/* What the host reads through the ring, where it has no cache on what the device writes, is counted before it is taken.
 */
static void
test_uncached (void)
{
  const gsize size = 1 << 20;
  g_autoptr (GError) error = NULL;
  guint64 before, after, ring;
  InqGpuBuffer *a;
  InqGpu *gpu;

  inq_gpu_test_set_flags (INQ_GPU_TEST_UNCACHED);
  gpu = fixture_open ();
  ring = inq_gpu_get_staging_left (gpu);
  g_assert_cmpuint (ring, >, 0);
  a = inq_gpu_buffer_new (gpu, size, INQ_GPU_MEMORY_DEVICE, &error);
  g_assert_no_error (error);
  inq_gpu_get_memory (gpu, &before, NULL);
  write_pattern (a, 0, size, 5);
  assert_pattern (a, 0, size, 5);
  inq_gpu_get_memory (gpu, &after, NULL);
  g_assert_cmpuint (after, >, before);
  g_assert_cmpuint (after - before, <=, ring);
  inq_gpu_buffer_free (a);
  fixture_close (gpu);
  inq_gpu_test_set_flags (0);
}

/* Allocations fail where a test says, whatever is free, and the device works on. */
static void
test_inject_oom (void)
{
  g_autoptr (GError) error = NULL;
  InqGpuBuffer *a, *b;
  guint64 before, after;
  InqGpu *gpu;

  inq_gpu_test_set_flags (0);
  gpu = fixture_open ();
  a = inq_gpu_buffer_new (gpu, 1000, INQ_GPU_MEMORY_DEVICE, &error);
  g_assert_no_error (error);
  inq_gpu_get_memory (gpu, &before, NULL);
  inq_gpu_test_inject_oom (gpu, 1, 2);
  b = inq_gpu_buffer_new (gpu, 1000, INQ_GPU_MEMORY_DEVICE, &error);
  g_assert_no_error (error);
  inq_gpu_buffer_free (b);
  for (guint i = 0; i < 2; i++) {
    g_assert_null (inq_gpu_buffer_new (gpu, 1000, INQ_GPU_MEMORY_DEVICE, &error));
    g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY);
    g_clear_error (&error);
  }
  inq_gpu_get_memory (gpu, &after, NULL);
  g_assert_cmpuint (after, ==, before);
  b = inq_gpu_buffer_new (gpu, 1000, INQ_GPU_MEMORY_DEVICE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (inq_gpu_test_get_allocations (gpu), ==, 5);
  inq_gpu_buffer_free (a);
  inq_gpu_buffer_free (b);
  fixture_close (gpu);
}

/* A limit given when the device is opened is its budget; without one the device's own is. */
static void
test_budget (void)
{
  const guint64 limit = 8 << 20;
  g_autoptr (GError) error = NULL;
  InqGpuOptions options = { .cache_dir = "", .max_memory = limit };
  InqGpu *gpu;

  inq_gpu_test_set_flags (INQ_GPU_TEST_STAGING);
  gpu = inq_gpu_new (&options, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (inq_gpu_get_budget (gpu), ==, limit);
  g_assert_null (inq_gpu_buffer_new (gpu, limit + 1, INQ_GPU_MEMORY_DEVICE, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY);
  g_clear_error (&error);
  InqGpuBuffer *a = inq_gpu_buffer_new (gpu, 3 << 20, INQ_GPU_MEMORY_DEVICE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (inq_gpu_get_budget (gpu), ==, limit); /* what is ours counts as well */
  write_pattern (a, 0, 3 << 20, 4);
  assert_pattern (a, 0, 3 << 20, 4);
  guint64 current;
  inq_gpu_get_memory (gpu, &current, NULL);
  g_assert_cmpuint (current, ==, (3 << 20) + inq_gpu_get_staging_size (gpu));
  g_assert_cmpuint (inq_gpu_get_staging_size (gpu), <=, limit / 16);
  inq_gpu_set_memory_limit (gpu, 0);
  g_assert_cmpuint (inq_gpu_get_budget (gpu), >, limit);
  g_assert_cmpuint (inq_gpu_get_budget (gpu), <=, inq_gpu_get_facts (gpu)->memory_total);
  inq_gpu_buffer_free (a);
  inq_gpu_unref (gpu);
}

static void
test_too_large (void)
{
  const gsize sizes[] = { G_MAXSIZE, G_MAXSIZE / 2, (gsize) 1 << 50 };
  g_autoptr (GError) error = NULL;
  guint64 current;
  InqGpu *gpu;

  inq_gpu_test_set_flags (0);
  gpu = fixture_open ();
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_assert_null (inq_gpu_buffer_new (gpu, sizes[i], INQ_GPU_MEMORY_DEVICE, &error));
    g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY);
    g_clear_error (&error);
  }
  inq_gpu_get_memory (gpu, &current, NULL);
  g_assert_cmpuint (current, ==, 0);
  fixture_close (gpu);
}

/* Memory freed while in use comes back before an allocation fails. */
static void
test_reuse_in_flight (void)
{
  const gsize size = 32 << 20;
  g_autoptr (GError) error = NULL;
  guint32 rounds = 1 << 14;
  InqGpu *gpu;

  inq_gpu_test_set_flags (0);
  gpu = fixture_open ();
  inq_gpu_set_memory_limit (gpu, size);
  for (guint i = 0; i < 5; i++) {
    InqGpuBuffer *busy = inq_gpu_buffer_new (gpu, size, INQ_GPU_MEMORY_DEVICE, &error);
    InqGpuPass *pass = inq_gpu_pass_new (gpu, FALSE, &error);

    g_assert_no_error (error);
    inq_gpu_pass_dispatch (pass, fixture_spin (gpu), &(InqGpuBinding){ busy, 0, 65536 }, &rounds, 256, 1, 1, NULL);
    g_assert_true (inq_gpu_pass_end (pass, &error));
    g_assert_cmpuint (inq_gpu_submit (gpu, pass, &error), >, 0);
    inq_gpu_pass_free (pass);
    inq_gpu_buffer_free (busy);
  }
  fixture_close (gpu);
}

int
main (int argc, char **argv)
{
  const gpointer mapped = GUINT_TO_POINTER (0), staged = GUINT_TO_POINTER (INQ_GPU_TEST_STAGING);
  const gpointer copies = GUINT_TO_POINTER (INQ_GPU_TEST_STAGING | INQ_GPU_TEST_COPIES);

  g_test_init (&argc, &argv, NULL);
  if (!fixture_have_device ())
    return 0; /* the plan says why */
  g_test_add_data_func ("/gpu/buffer/write-read", mapped, test_write_read);
  g_test_add_data_func ("/gpu/buffer/write-read/staging", staged, test_write_read);
  g_test_add_data_func ("/gpu/buffer/bounds", mapped, test_bounds);
  g_test_add_data_func ("/gpu/buffer/bounds/staging", staged, test_bounds);
  g_test_add_data_func ("/gpu/buffer/upload", mapped, test_upload);
  g_test_add_data_func ("/gpu/buffer/upload/staging", staged, test_upload);
  g_test_add_data_func ("/gpu/buffer/upload-ahead", mapped, test_upload_ahead);
  g_test_add_data_func ("/gpu/buffer/upload-ahead/staging", staged, test_upload_ahead);
  g_test_add_data_func ("/gpu/buffer/upload-ahead/copies", copies, test_upload_ahead);
  g_test_add_data_func ("/gpu/buffer/limit", mapped, test_limit);
  g_test_add_data_func ("/gpu/buffer/limit/staging", staged, test_limit);
  g_test_add_func ("/gpu/buffer/limit-staging", test_limit_staging);
  g_test_add_func ("/gpu/buffer/uncached", test_uncached);
  g_test_add_func ("/gpu/buffer/inject-oom", test_inject_oom);
  g_test_add_func ("/gpu/buffer/budget", test_budget);
  g_test_add_func ("/gpu/buffer/too-large", test_too_large);
  g_test_add_func ("/gpu/buffer/arena", test_arena);
  g_test_add_func ("/gpu/buffer/reuse-in-flight", test_reuse_in_flight);
  return g_test_run ();
}
