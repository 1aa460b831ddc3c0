/* Inquadra - tests of opening devices: the list, the choice by name, no loader, facts, validation, the pipeline cache.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "gpu-fixture.h"

#include "inq-gpu-private.h"

#include <string.h>

static gboolean have_device;

static void
need_device (void)
{
  inq_gpu_test_set_flags (0);
  if (!have_device)
    g_test_skip ("no Vulkan device");
}

static void
write_number (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* Files that a container has read count as used there, and make room when others want it. */
static void
test_host_memory (void)
{
  g_autofree char *folder = g_dir_make_tmp ("inq-cgroup-XXXXXX", NULL);
  guint64 total, available, all, all_available;

  g_assert_true (inq_host_memory_at ("/nowhere", &all, &all_available));
  write_number (folder, "memory.max", "1073741824\n");
  write_number (folder, "memory.current", "1073741824\n");
  g_assert_true (inq_host_memory_at (folder, &total, &available));
  g_assert_cmpuint (total, ==, MIN (all, (guint64) 1 << 30));
  g_assert_cmpuint (available, ==, 0);
  write_number (folder, "memory.stat",
                "anon 268435456\nfile 805306368\ninactive_file 536870912\nactive_file 268435456\n");
  g_assert_true (inq_host_memory_at (folder, &total, &available));
  g_assert_cmpuint (available, >, 0);
  g_assert_cmpuint (available, <=, (guint64) 768 << 20);
  write_number (folder, "memory.max", "max\n");
  g_assert_true (inq_host_memory_at (folder, &total, &available));
  g_assert_cmpuint (total, ==, all);
}

static void
test_list (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = NULL;
  gboolean unusable = FALSE;

  need_device ();
  if (!have_device)
    return;
  list = inq_gpu_list (&error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, >, 0);
  for (guint i = 0; i < list->len; i++) {
    const InqGpuFacts *facts = list->pdata[i];

    g_assert_nonnull (facts->name);
    g_assert_nonnull (facts->driver);
    g_assert_cmpuint (facts->max_storage_range, >=, 1u << 27); /* the least Vulkan allows */
    g_assert_cmpuint (facts->max_invocations, >=, 128);
    if (i > 0 && !facts->unusable && !unusable)
      g_assert_cmpint (facts->kind, >=, ((const InqGpuFacts *) list->pdata[i - 1])->kind);
    unusable = unusable || facts->unusable;
    if (facts->unusable)
      continue;
    g_assert_cmpuint (facts->memory_total, >, 0);
    g_assert_cmpuint (facts->max_allocation, >=, 1u << 30);
    g_assert_cmpuint (facts->subgroup_size, >, 0);
  }
}

static InqGpu *
open_named (const char *name, GError **error)
{
  return inq_gpu_new (&(InqGpuOptions){ .device = name, .cache_dir = "" }, error);
}

static void
test_open_by_name (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autofree char *part = NULL, *upper = NULL;
  const char *names[3];

  need_device ();
  if (!have_device)
    return;
  list = inq_gpu_list (&error);
  part = g_utf8_substring (((InqGpuFacts *) list->pdata[0])->name, 1, 5);
  upper = g_utf8_strup (part, -1);
  names[0] = part;
  names[1] = upper;
  names[2] = "0";
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (InqGpu) gpu = open_named (names[i], &error);

    g_assert_no_error (error);
    g_assert_cmpstr (inq_gpu_get_facts (gpu)->name, ==, ((InqGpuFacts *) list->pdata[0])->name);
    g_assert_cmpuint (inq_gpu_get_facts (gpu)->memory_budget, >, 0);
  }
}

static void
test_open_bad_name (void)
{
  const char *names[] = { "no such card", "4711", "-1", "\xff\xfe" };
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL;

  need_device ();
  if (!have_device)
    return;
  list = inq_gpu_list (&error);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_assert_null (open_named (names[i], &error));
    g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_UNSUITABLE);
    g_assert_nonnull (strstr (error->message, ((InqGpuFacts *) list->pdata[0])->name)); /* says what there is */
    g_clear_error (&error);
  }
  g_setenv ("INQ_DEVICE", "no such card", TRUE);
  g_assert_null (open_named (NULL, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_UNSUITABLE);
  g_clear_error (&error);
  inq_gpu_unref (open_named ("0", &error)); /* an explicit choice comes before the variable */
  g_assert_no_error (error);
  g_unsetenv ("INQ_DEVICE");
}

static void
test_no_loader (void)
{
  g_autoptr (GError) error = NULL;

  inq_gpu_test_set_loader ("/nonexistent/libvulkan.so.1");
  g_assert_null (open_named (NULL, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_NO_VULKAN);
  g_assert_nonnull (strstr (error->message, "libvulkan1"));
  g_assert_nonnull (strstr (error->message, "mesa-vulkan-drivers"));
  g_clear_error (&error);
  g_assert_null (inq_gpu_list (&error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_NO_VULKAN);
  g_clear_error (&error);
  inq_gpu_test_set_loader (NULL);
}

/* A library that is no Vulkan loader. */
static void
test_wrong_loader (void)
{
  g_autoptr (GError) error = NULL;

  inq_gpu_test_set_loader ("libz.so.1");
  g_assert_null (open_named (NULL, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_NO_VULKAN);
  inq_gpu_test_set_loader (NULL);
}

/* The loader without any driver; in a process of its own because the loader reads its environment when it likes. */
static void
test_no_driver (void)
{
  g_autoptr (GError) error = NULL;

  if (g_test_subprocess ()) {
    g_assert_null (open_named (NULL, &error));
    g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_NO_VULKAN);
    g_assert_nonnull (strstr (error->message, "mesa-vulkan-drivers"));
    return;
  }
  need_device ();
  if (!have_device)
    return;
  g_setenv ("VK_ICD_FILENAMES", "/nonexistent.json", TRUE);
  g_setenv ("VK_DRIVER_FILES", "/nonexistent.json", TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_unsetenv ("VK_ICD_FILENAMES");
  g_unsetenv ("VK_DRIVER_FILES");
  g_test_trap_assert_passed ();
}

static void
test_bad_pipelines (void)
{
  const guint32 text[] = { 0x6c6c6568, 0x6f77206f, 0x00646c72, 0, 0 };
  g_autoptr (GError) error = NULL;
  InqGpu *gpu;

  need_device ();
  if (!have_device)
    return;
  gpu = fixture_open ();
  for (guint fault = 0; fault < 6; fault++) {
    InqGpuPipelineDesc desc = fixture_axpy_desc ();

    if (fault == 0)
      desc.spirv = text, desc.spirv_size = sizeof text;
    else if (fault == 1)
      desc.spirv_size = 8;
    else if (fault == 2)
      desc.spirv_size -= 1;
    else if (fault == 3)
      desc.n_bindings = INQ_GPU_MAX_BINDINGS + 1;
    else if (fault == 4)
      desc.push_size = INQ_GPU_MAX_PUSH + 4;
    else
      desc.n_spec = INQ_GPU_MAX_SPEC + 1;
    g_assert_null (inq_gpu_get_pipeline (gpu, &desc, &error));
    g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED);
    g_clear_error (&error);
  }
  g_assert_true (fixture_axpy (gpu, 64, 1) == fixture_axpy (gpu, 64, 1));
  g_assert_true (fixture_axpy (gpu, 64, 1) != fixture_axpy (gpu, 64, 2));
  fixture_close (gpu);
}

/* The counter that other tests hold at zero does count. */
static void
test_validation (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqGpu) gpu = NULL;
  InqGpuPipelineDesc desc = fixture_axpy_desc ();

  need_device ();
  if (!have_device)
    return;
  gpu = inq_gpu_new (&(InqGpuOptions){ .validation = TRUE, .cache_dir = "" }, &error);
  g_assert_no_error (error);
  if (!inq_gpu_has_validation (gpu)) {
    g_test_skip ("vulkan-validationlayers is not installed");
    return;
  }
  g_assert_cmpuint (inq_gpu_get_validation_count (gpu), ==, 0);
  desc.n_bindings = 1; /* the shader has two */
  inq_gpu_get_pipeline (gpu, &desc, NULL);
  g_assert_cmpuint (inq_gpu_get_validation_count (gpu), >, 0);
}

static void
count_log_cb (GLogLevelFlags level, const char *message, gpointer user_data)
{
  if (strstr (message, "pipeline cache"))
    ++*(guint *) user_data;
}

static InqGpu *
open_cached (const char *dir, guint *complaints)
{
  g_autoptr (GError) error = NULL;
  InqGpu *gpu = inq_gpu_new (&(InqGpuOptions){ .cache_dir = dir, .log = count_log_cb, .log_data = complaints }, &error);

  g_assert_no_error (error);
  return gpu;
}

/* Writes a cache, damages it in many ways, and opens it each time. Where the driver fills no cache there is no file:
 * damaged ones are then made up. */
static void
test_cache (void)
{
  g_autofree char *path = NULL, *good = NULL;
  char *dir = NULL;
  gsize size = 0;
  guint complaints = 0, created, compiled;
  InqGpu *gpu;

  need_device ();
  if (!have_device)
    return;
  dir = fixture_dir ();
  gpu = open_cached (dir, &complaints);
  path = g_strdup (inq_gpu_test_get_cache_path (gpu));
  fixture_axpy (gpu, 64, 3);
  inq_gpu_get_pipeline_stats (gpu, &created, &compiled);
  g_assert_cmpuint (created, ==, 1);
  g_assert_cmpuint (compiled, ==, 1);
  fixture_close (gpu);
  g_assert_cmpuint (complaints, ==, 0);

  if (g_file_get_contents (path, &good, &size, NULL)) {
    gpu = open_cached (dir, &complaints);
    fixture_axpy (gpu, 64, 3);
    inq_gpu_get_pipeline_stats (gpu, &created, &compiled);
    g_assert_cmpuint (created, ==, 1);
    g_assert_cmpuint (compiled, ==, 0);
    fixture_close (gpu);
    g_assert_cmpuint (complaints, ==, 0);
  } else {
    g_test_message ("This driver keeps nothing in a VkPipelineCache");
    size = 4096;
    good = g_malloc0 (size);
  }
  for (guint damage = 0; damage < 6; damage++) {
    g_autofree char *bad = g_memdup2 (good, size);
    gsize bad_size = size;

    complaints = 0;
    if (damage == 0)
      bad_size = 10;
    else if (damage == 1)
      bad_size -= 1;
    else if (damage == 2)
      bad[size - 1] ^= 1;
    else if (damage == 3)
      bad[0] ^= 1;
    else if (damage == 4)
      bad[12] ^= 1;
    else
      memset (bad, 0xff, size);
    g_assert_true (g_file_set_contents (path, bad, bad_size, NULL));
    gpu = open_cached (dir, &complaints);
    g_assert_cmpuint (complaints, ==, 1);
    fixture_axpy (gpu, 64, 10 + damage);
    inq_gpu_get_pipeline_stats (gpu, NULL, &compiled);
    g_assert_cmpuint (compiled, ==, 1);
    fixture_close (gpu);
  }
  fixture_remove (dir);
}

/* A cache folder that cannot be made is no reason not to work. */
static void
test_cache_unwritable (void)
{
  guint complaints = 0;
  InqGpu *gpu;

  need_device ();
  if (!have_device)
    return;
  gpu = open_cached ("/proc/inquadra", &complaints);
  g_assert_nonnull (fixture_axpy (gpu, 64, 3));
  fixture_close (gpu);
}

/* Kernels of one run: made, compiled ahead where the driver would compile late, run, right. Returns how many were
 * compiled. */
static guint
run_kernels (const char *dir, guint n)
{
  g_autoptr (GError) error = NULL;
  const InqGpuBinding none = { NULL };
  guint complaints = 0, compiled;
  InqGpu *gpu = open_cached (dir, &complaints);
  InqGpuBuffer *buffer = inq_gpu_buffer_new (gpu, 512, INQ_GPU_MEMORY_DEVICE, &error);
  InqGpuPass *pass = inq_gpu_pass_new (gpu, FALSE, &error);
  InqGpuBinding bindings[2] = { none, none };
  float values[128];
  const struct {
    guint32 n;
    float scale;
  } push = { 64, 1 };

  for (guint i = 0; i < 128; i++)
    values[i] = i < 64 ? 1 : 0;
  g_assert_true (inq_gpu_buffer_write (buffer, 0, values, sizeof values, &error));
  bindings[0] = (InqGpuBinding){ buffer, 0, 256 };
  bindings[1] = (InqGpuBinding){ buffer, 256, 256 };
  for (guint i = 0; i < n; i++) { /* y = 1 + (i % 2) y, a kernel each */
    inq_gpu_pass_dispatch (pass, fixture_axpy (gpu, 8 << i / 2 % 4, i % 2), bindings, &push, 8, 1, 1, NULL);
    inq_gpu_pass_barrier (pass);
  }
  g_assert_true (inq_gpu_pass_end (pass, &error));
  g_assert_true (inq_gpu_prepare (gpu, NULL, NULL, &error));
  fixture_run (gpu, pass);
  g_assert_true (inq_gpu_buffer_read (buffer, 0, values, sizeof values, &error));
  for (guint i = 64; i < 128; i++)
    g_assert_cmpfloat (values[i], ==, 2); /* the last two: 1, then 1 + 1 */
  inq_gpu_get_pipeline_stats (gpu, NULL, &compiled);
  inq_gpu_pass_free (pass);
  inq_gpu_buffer_free (buffer);
  fixture_close (gpu);
  return compiled;
}

static void
test_compile_ahead (void)
{
  g_autoptr (GDir) files = NULL;
  const char *name;
  char *dir;

  need_device ();
  if (!have_device)
    return;
  dir = fixture_dir ();
  g_assert_cmpuint (run_kernels (dir, 8), ==, 8);
  files = g_dir_open (dir, 0, NULL);
  name = g_dir_read_name (files);
  if (name) { /* a cache, or a list of kernels: a second run compiles nothing, a damaged one is no harm */
    g_autofree char *path = g_build_filename (dir, name, NULL);

    g_assert_cmpuint (run_kernels (dir, 8), ==, 0);
    g_assert_true (g_file_set_contents (path, "\xff\x00zzz\n\nzz\n", 9, NULL));
    g_assert_cmpuint (run_kernels (dir, 8), ==, 8);
    g_assert_cmpuint (run_kernels (dir, 8), ==, 0);
  }
  fixture_remove (dir);
}

static gboolean
always (gpointer data)
{
  return TRUE;
}

/* Closes the device while kernels wait to be compiled. */
static void
test_compile_ahead_cancel (void)
{
  g_autoptr (GError) error = NULL;
  guint complaints = 0;
  char *dir;
  InqGpu *gpu;

  need_device ();
  if (!have_device)
    return;
  dir = fixture_dir ();
  gpu = open_cached (dir, &complaints);
  for (guint i = 0; i < 30; i++)
    fixture_axpy (gpu, 8, 100 + i);
  if (!inq_gpu_prepare (gpu, always, NULL, &error))
    g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_CANCELLED);
  fixture_close (gpu);
  fixture_remove (dir);
}

/* Kernels in Mesa's cache, where that is a file each. */
static guint
count_kernels (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("MESA_SHADER_CACHE_DIR"), "mesa_shader_cache", NULL);
  g_autoptr (GDir) folders = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while (folders && (name = g_dir_read_name (folders))) {
    g_autofree char *folder = g_build_filename (path, name, NULL);
    g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
    const char *file;

    while (files && (file = g_dir_read_name (files)))
      n += !g_str_has_suffix (file, ".tmp");
  }
  return n;
}

/* In a process of its own, where nothing else is compiled: one kernel over texel buffers of every kind of size is
 * compiled once (inq-gpu-private.h says why it might not be), and reads right. */
static void
test_compile_once_inside (void)
{
  static const gsize sizes[] = { 256, 768, 65536, 65536 + 256, 65536 + 64, 262144 };
  InqGpu *gpu = fixture_open ();
  InqGpuPipeline *pipeline = fixture_texels (gpu);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sizes) && inq_gpu_get_facts (gpu)->texel_reads; i++) {
    g_autoptr (GError) error = NULL;
    guint32 n_texels = sizes[i] / 16, *values = g_malloc (sizes[i]), *read = g_malloc0 (sizes[i]);
    InqGpuBuffer *from = inq_gpu_buffer_new (gpu, sizes[i], INQ_GPU_MEMORY_DEVICE, &error);
    InqGpuBuffer *to = inq_gpu_buffer_new (gpu, sizes[i], INQ_GPU_MEMORY_DEVICE, &error);
    InqGpuBinding bindings[] = { { from, 0, sizes[i] }, { to, 0, sizes[i] } };
    InqGpuPass *pass = inq_gpu_pass_new (gpu, FALSE, &error);

    for (guint k = 0; k < n_texels * 4; k++)
      values[k] = k * 2654435761u;
    g_assert_true (inq_gpu_buffer_write (from, 0, values, sizes[i], &error));
    inq_gpu_pass_dispatch (pass, pipeline, bindings, &n_texels, (n_texels + 7) / 8, 1, 1, NULL);
    g_assert_true (inq_gpu_pass_end (pass, &error));
    fixture_run (gpu, pass);
    g_assert_true (inq_gpu_buffer_read (to, 0, read, sizes[i], &error));
    g_assert_cmpmem (read, sizes[i], values, sizes[i]);
    inq_gpu_pass_free (pass);
    inq_gpu_buffer_free (from);
    inq_gpu_buffer_free (to);
    g_free (values);
    g_free (read);
  }
  fixture_close (gpu);
  for (guint still = 0; still < 50; still++) { /* Mesa writes on a thread of its own */
    guint now = count_kernels ();

    still = now == n ? still : 0;
    n = now;
    g_usleep (2000);
  }
  g_assert_cmpuint (n, <=, 1);
}

static void
test_compile_once (void)
{
  need_device ();
  if (!have_device)
    return;
  g_test_trap_subprocess ("/gpu/device/compile-once/subprocess", 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

static gpointer
list_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 5; i++) {
    g_autoptr (GPtrArray) list = inq_gpu_list (&error);

    g_assert_no_error (error);
    g_assert_cmpuint (list->len, >, 0);
  }
  return NULL;
}

static void
test_list_threads (void)
{
  GThread *threads[3];

  need_device ();
  if (!have_device)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("list", list_thread, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  char *mesa;
  int result;

  g_test_init (&argc, &argv, NULL);
  mesa = fixture_dir (); /* kernels of earlier runs shall not be known */
  g_setenv ("MESA_SHADER_CACHE_DIR", mesa, TRUE);
  if (!g_test_subprocess ()) {
    g_autoptr (GPtrArray) list = inq_gpu_list (NULL);

    have_device = list && !((InqGpuFacts *) list->pdata[0])->unusable;
  }
  g_test_add_func ("/gpu/device/no-loader", test_no_loader);
  g_test_add_func ("/gpu/device/wrong-loader", test_wrong_loader);
  g_test_add_func ("/gpu/device/no-driver", test_no_driver);
  g_test_add_func ("/gpu/device/host-memory", test_host_memory);
  g_test_add_func ("/gpu/device/list", test_list);
  g_test_add_func ("/gpu/device/list-threads", test_list_threads);
  g_test_add_func ("/gpu/device/open-by-name", test_open_by_name);
  g_test_add_func ("/gpu/device/open-bad-name", test_open_bad_name);
  g_test_add_func ("/gpu/device/bad-pipelines", test_bad_pipelines);
  g_test_add_func ("/gpu/device/validation", test_validation);
  g_test_add_func ("/gpu/device/cache", test_cache);
  g_test_add_func ("/gpu/device/cache-unwritable", test_cache_unwritable);
  g_test_add_func ("/gpu/device/compile-ahead", test_compile_ahead);
  g_test_add_func ("/gpu/device/compile-ahead-cancel", test_compile_ahead_cancel);
  g_test_add_func ("/gpu/device/compile-once", test_compile_once);
  g_test_add_func ("/gpu/device/compile-once/subprocess", test_compile_once_inside);
  result = g_test_run ();
  fixture_remove (mesa);
  return result;
}
