/* Inquadra - what the tests of src/gpu share.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "gpu-fixture.h"

#include <glib/gstdio.h>
#include <stdint.h>
#include <stdio.h>

#include "axpy.spv.h"
#include "spin.spv.h"
#include "texels.spv.h"

static void
log_cb (GLogLevelFlags level, const char *message, gpointer user_data)
{
  g_test_message ("%s", message);
}

gboolean
fixture_have_device (void)
{
  g_autoptr (GError) error = NULL;
  InqGpu *gpu = inq_gpu_new (&(InqGpuOptions){ .cache_dir = "" }, &error);

  if (!gpu)
    printf ("1..0 # SKIP %s\n", error->message);
  inq_gpu_unref (gpu);
  return gpu != NULL;
}

InqGpu *
fixture_open (void)
{
  g_autoptr (GError) error = NULL;
  InqGpu *gpu = inq_gpu_new (&(InqGpuOptions){ .cache_dir = "", .log = log_cb }, &error);

  g_assert_no_error (error);
  g_assert_nonnull (gpu);
  return gpu;
}

void
fixture_close (InqGpu *gpu)
{
  g_assert_cmpuint (inq_gpu_get_validation_count (gpu), ==, 0);
  inq_gpu_unref (gpu);
}

InqGpuPipelineDesc
fixture_axpy_desc (void)
{
  return (InqGpuPipelineDesc){
    .name = "axpy",
    .spirv = inq_test_axpy_spv,
    .spirv_size = sizeof inq_test_axpy_spv,
    .n_bindings = 2,
    .push_size = 8,
  };
}

InqGpuPipeline *
fixture_axpy (InqGpu *gpu, guint local_size, guint factor)
{
  g_autoptr (GError) error = NULL;
  InqGpuPipelineDesc desc = fixture_axpy_desc ();
  InqGpuPipeline *pipeline;

  desc.n_spec = 2;
  desc.spec[0] = local_size;
  desc.spec[1] = factor;
  pipeline = inq_gpu_get_pipeline (gpu, &desc, &error);
  g_assert_no_error (error);
  return pipeline;
}

InqGpuPipeline *
fixture_spin (InqGpu *gpu)
{
  g_autoptr (GError) error = NULL;
  InqGpuPipelineDesc desc = {
    .name = "spin",
    .spirv = inq_test_spin_spv,
    .spirv_size = sizeof inq_test_spin_spv,
    .n_bindings = 1,
    .push_size = 4,
  };
  InqGpuPipeline *pipeline = inq_gpu_get_pipeline (gpu, &desc, &error);

  g_assert_no_error (error);
  return pipeline;
}

InqGpuPipeline *
fixture_texels (InqGpu *gpu)
{
  g_autoptr (GError) error = NULL;
  InqGpuPipelineDesc desc = {
    .name = "texels",
    .spirv = inq_test_texels_spv,
    .spirv_size = sizeof inq_test_texels_spv,
    .n_bindings = 2,
    .push_size = 4,
    .texels = 1,
  };
  InqGpuPipeline *pipeline = inq_gpu_get_pipeline (gpu, &desc, &error);

  g_assert_no_error (error);
  return pipeline;
}

void
fixture_run (InqGpu *gpu, InqGpuPass *pass)
{
  g_autoptr (GError) error = NULL;
  guint64 ticket = inq_gpu_submit (gpu, pass, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (ticket, >, 0);
  g_assert_true (inq_gpu_wait (gpu, ticket, NULL, NULL, &error));
  g_assert_no_error (error);
}

char *
fixture_dir (void)
{
  g_autoptr (GError) error = NULL;
  char *dir = g_dir_make_tmp ("inq-gpu-XXXXXX", &error);

  g_assert_no_error (error);
  return dir;
}

void
fixture_remove (char *dir)
{
  GDir *files = g_dir_open (dir, 0, NULL);
  const char *name;

  while (files && (name = g_dir_read_name (files))) {
    g_autofree char *path = g_build_filename (dir, name, NULL);

    if (g_unlink (path) != 0)
      fixture_remove (g_steal_pointer (&path)); /* a folder */
  }
  if (files)
    g_dir_close (files);
  g_rmdir (dir);
  g_free (dir);
}
