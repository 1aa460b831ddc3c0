/* Inquadra - what the tests of src/gpu share: opening a device, the test pipelines, the log they watch.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "inq-gpu-test.h"
#include "inq-gpu.h"

/* A device without a cache file; messages go to the test log. Never NULL. */
InqGpu *fixture_open (void);
/* Frees the device and fails the test where the validation layer had something to say. */
void fixture_close (InqGpu *gpu);
/* y = scale * x + factor * y over n floats: bindings x, y; push { uint n; float scale; }. */
InqGpuPipeline *fixture_axpy (InqGpu *gpu, guint local_size, guint factor);
/* What fixture_axpy() makes, without constants. */
InqGpuPipelineDesc fixture_axpy_desc (void);
/* Bindings { y }, push { uint rounds }: 64 invocations a group, each busy for rounds steps. */
InqGpuPipeline *fixture_spin (InqGpu *gpu);
/* y = x in values of 16 bytes, x (binding 0) as a texel buffer; push: guint32 n; 8 invocations to a group. */
InqGpuPipeline *fixture_texels (InqGpu *gpu);
/* Submits @pass and waits. */
void fixture_run (InqGpu *gpu, InqGpuPass *pass);
/* A folder of this test, removed by fixture_remove(). (transfer full) */
char *fixture_dir (void);
void fixture_remove (char *dir);
/* TRUE for test programs that can go on; otherwise prints a TAP plan that skips all and says why (meson takes status 77
 * of a TAP program for a failure). */
gboolean fixture_have_device (void);
