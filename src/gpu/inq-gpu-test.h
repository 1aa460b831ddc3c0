/* Inquadra - hooks for tests of src/gpu and of what stands on it; the application never calls them.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "inq-gpu.h"

G_BEGIN_DECLS

typedef enum {
  INQ_GPU_TEST_NO_PUSH_DESCRIPTORS = 1 << 0, /* take the descriptor pool path even where push descriptors exist */
  INQ_GPU_TEST_STAGING = 1 << 1,             /* DEVICE buffers are not mapped: writes and reads take the staging ring */
  INQ_GPU_TEST_BUFFER_ADDRESS = 1 << 2,      /* allocate so that inq_gpu_test_buffer_address() works */
  INQ_GPU_TEST_NO_TIMESTAMPS = 1 << 3,       /* as on a queue without timestamps */
  INQ_GPU_TEST_COPIES = 1 << 4,              /* with STAGING: as if the device had a queue for copies; the same queue */
  INQ_GPU_TEST_UNCACHED = 1 << 5,            /* the host maps memory without a cache, as AMD's integrated devices do */
} InqGpuTestFlags;

/* Holds for every InqGpu opened from now on. */
void inq_gpu_test_set_flags (InqGpuTestFlags flags);
/* Opens @path instead of libvulkan.so.1 from now on; %NULL for the default. $INQ_VULKAN_LOADER does the same. */
void inq_gpu_test_set_loader (const char *path);
/* The device counts as lost once @after more submissions were made (0: at once): from then on every call that can
 * fails with INQ_GPU_ERROR_DEVICE_LOST, as after a real VK_ERROR_DEVICE_LOST. Staging copies count as submissions. */
void inq_gpu_test_inject_lost (InqGpu *gpu, guint after);
/* The allocation after @after more fails with INQ_GPU_ERROR_OUT_OF_MEMORY, as after VK_ERROR_OUT_OF_DEVICE_MEMORY, and
 * so do the @times - 1 that follow it. -1 for @after: none from now on. */
void inq_gpu_test_inject_oom (InqGpu *gpu, int after, guint times);
/* Allocations asked for so far, refused ones included. */
guint inq_gpu_test_get_allocations (InqGpu *gpu);
/* @func (nullable) is called at each pass that was submitted. */
void inq_gpu_test_watch (InqGpu *gpu, void (*func) (gpointer data), gpointer data);
/* The GPU address of a buffer's first byte; needs INQ_GPU_TEST_BUFFER_ADDRESS and the buffer_address fact, else 0. */
guint64 inq_gpu_test_buffer_address (InqGpuBuffer *buffer);
/* The pipeline cache file of @gpu, %NULL when it keeps none. (transfer none) */
const char *inq_gpu_test_get_cache_path (InqGpu *gpu);

G_END_DECLS
