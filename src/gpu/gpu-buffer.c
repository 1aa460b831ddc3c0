/* Inquadra - storage buffers, and the staging ring that carries host bytes to memory the host cannot map.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-gpu-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define STAGE_UP   ((gsize) 8 << 20)
#define STAGE_DOWN ((gsize) 4 << 20)
#define STAGE_MIN  ((gsize) 64 << 10)

/* ---- buffers ---- */

static void
buffer_destroy (gpointer data)
{
  InqGpuBuffer *buffer = data;
  InqGpu *gpu = buffer->gpu;

  if (buffer->handle)
    gpu->vk.DestroyBuffer (gpu->device, buffer->handle, NULL);
  inq_arena_free (gpu, &buffer->memory);
  g_free (buffer);
}

static gboolean
is_power_of_two (gsize n)
{
  return (n & (n - 1)) == 0;
}

InqGpuBuffer *
inq_gpu_buffer_new (InqGpu *gpu, gsize size, InqGpuMemory memory, GError **error)
{
  InqGpuBuffer *buffer = NULL;
  VkMemoryRequirements needs;
  VkBufferCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
    .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT,
    .sharingMode = VK_SHARING_MODE_EXCLUSIVE,
  };
  const guint32 families[] = { gpu->family, gpu->copy_family };

  if (!inq_gpu_check_alive (gpu, error))
    return NULL;
  if (size > G_MAXSIZE / 2 || size > gpu->facts->max_allocation) {
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY,
                 _ ("Out of graphics memory: %.1f MiB in one piece are more than the device allows (%.1f MiB)."),
                 size / 1048576.0, gpu->facts->max_allocation / 1048576.0);
    return NULL;
  }
  buffer = g_new0 (InqGpuBuffer, 1);
  buffer->gpu = gpu;
  buffer->size = MAX (1, (size + INQ_GPU_ALIGN - 1) / INQ_GPU_ALIGN) * INQ_GPU_ALIGN;
  info.size = buffer->size;
  if (gpu->copy_family != gpu->family) { /* no passing of ownership: buffers cost nothing for it */
    info.sharingMode = VK_SHARING_MODE_CONCURRENT;
    info.queueFamilyIndexCount = G_N_ELEMENTS (families);
    info.pQueueFamilyIndices = families;
  }
  if (gpu->facts->texel_reads) {
    info.usage |= VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT;
    if (buffer->size + 2 * INQ_GPU_TEXEL_TAIL <= gpu->facts->max_allocation)
      info.size += INQ_GPU_TEXEL_TAIL << (is_power_of_two (buffer->size + INQ_GPU_TEXEL_TAIL) ? 1 : 0);
  }
  buffer->tail = info.size - buffer->size;
  if ((gpu->test_flags & INQ_GPU_TEST_BUFFER_ADDRESS) && gpu->facts->buffer_address)
    info.usage |= VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
  if (!inq_gpu_check (gpu, gpu->vk.CreateBuffer (gpu->device, &info, NULL, &buffer->handle), "vkCreateBuffer", error))
    goto error;
  gpu->vk.GetBufferMemoryRequirements (gpu->device, buffer->handle, &needs);
  if (!inq_arena_alloc (gpu, &needs, buffer->tail, memory, &buffer->memory, error))
    goto error;
  if (!inq_gpu_check (gpu,
                      gpu->vk.BindBufferMemory (gpu->device, buffer->handle,
                                                inq_block_get_memory (buffer->memory.block), buffer->memory.offset),
                      "vkBindBufferMemory", error))
    goto error;
  if (inq_block_get_map (buffer->memory.block) && !(memory == INQ_GPU_MEMORY_DEVICE && !gpu->facts->unified_memory)) {
    buffer->map = inq_block_get_map (buffer->memory.block) + buffer->memory.offset;
    buffer->cached = inq_block_is_cached (gpu, buffer->memory.block);
  }
  gpu->n_objects++;
  return buffer;

error:
  buffer_destroy (buffer);
  return NULL;
}

void
inq_gpu_buffer_free (InqGpuBuffer *buffer)
{
  if (!buffer)
    return;
  buffer->gpu->n_objects--;
  inq_gpu_retire (buffer->gpu, buffer->ticket, buffer_destroy, buffer);
}

gsize
inq_gpu_buffer_get_size (InqGpuBuffer *buffer)
{
  return buffer->size;
}

void *
inq_gpu_buffer_get_map (InqGpuBuffer *buffer)
{
  return buffer->map;
}

guint64
inq_gpu_test_buffer_address (InqGpuBuffer *buffer)
{
  InqGpu *gpu = buffer->gpu;
  VkBufferDeviceAddressInfo info = { .sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO, .buffer = buffer->handle };

  if (!(gpu->test_flags & INQ_GPU_TEST_BUFFER_ADDRESS) || !gpu->facts->buffer_address)
    return 0;
  return gpu->vk.GetBufferDeviceAddress (gpu->device, &info);
}

static gboolean
check_range (InqGpuBuffer *buffer, gsize offset, gsize size, GError **error)
{
  if (!inq_gpu_check_alive (buffer->gpu, error))
    return FALSE;
  if (offset > buffer->size || size > buffer->size - offset) {
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED,
                 "Bytes %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT " are outside of a buffer of %" G_GSIZE_FORMAT, offset,
                 offset + size, buffer->size);
    return FALSE;
  }
  return TRUE;
}

gboolean
inq_gpu_buffer_write (InqGpuBuffer *buffer, gsize offset, const void *data, gsize size, GError **error)
{
  guint64 ticket = 0;

  return inq_gpu_buffer_upload (buffer, offset, data, size, &ticket, error)
         && (ticket == 0 || inq_gpu_wait (buffer->gpu, ticket, NULL, NULL, error));
}

gboolean
inq_gpu_buffer_upload (InqGpuBuffer *buffer, gsize offset, const void *data, gsize size, guint64 *ticket,
                       GError **error)
{
  guint64 last = 0;

  if (!check_range (buffer, offset, size, error))
    return FALSE;
  if (size == 0) {
    /* nothing to copy */
  } else if (buffer->map) {
    if (buffer->ticket && !inq_gpu_wait (buffer->gpu, buffer->ticket, NULL, NULL, error))
      return FALSE;
    memcpy (buffer->map + offset, data, size);
  } else if (!inq_staging_write (buffer, offset, data, size, FALSE, &last, error)) {
    return FALSE;
  }
  if (ticket)
    *ticket = last;
  return TRUE;
}

gboolean
inq_gpu_buffer_upload_ahead (InqGpuBuffer *buffer, gsize offset, const void *data, gsize size, GError **error)
{
  guint64 last;

  if (!check_range (buffer, offset, size, error))
    return FALSE;
  if (size > 0 && buffer->map)
    memcpy (buffer->map + offset, data, size);
  return size == 0 || buffer->map || inq_staging_write (buffer, offset, data, size, TRUE, &last, error);
}

gboolean
inq_gpu_buffer_read (InqGpuBuffer *buffer, gsize offset, void *data, gsize size, GError **error)
{
  if (!check_range (buffer, offset, size, error))
    return FALSE;
  if (size == 0)
    return TRUE;
  /* Uncached mappings read at a hundredth of the speed: let the device copy. */
  if (!buffer->map || (!buffer->cached && size > 4096))
    return inq_staging_read (buffer, offset, data, size, error);
  if (buffer->ticket && !inq_gpu_wait (buffer->gpu, buffer->ticket, NULL, NULL, error))
    return FALSE;
  memcpy (data, buffer->map + offset, size);
  return TRUE;
}

/* ---- staging ring ---- */

/* Under a limit the ring takes a small share of it. */
static void
size_stages (InqGpu *gpu)
{
  gsize share = gpu->arena.limit > 0 ? (gsize) (gpu->arena.limit / 64) / STAGE_MIN * STAGE_MIN : STAGE_UP;

  if (gpu->staging.up_size > 0)
    return;
  gpu->staging.up_size = CLAMP (share, STAGE_MIN, STAGE_UP);
  gpu->staging.down_size = CLAMP (share / 2, STAGE_MIN, STAGE_DOWN);
}

guint64
inq_gpu_get_staging_size (InqGpu *gpu)
{
  InqStaging sizes = gpu->staging;
  guint64 total;

  size_stages (gpu);
  if (!gpu->facts->unified_memory)
    total = 2 * (guint64) (gpu->staging.up_size + gpu->staging.down_size);
  else /* written where they lie, and read there where that is not slow */
    total = inq_arena_is_cached (gpu) ? 0 : 2 * (guint64) gpu->staging.down_size;
  gpu->staging.up_size = sizes.up_size;
  gpu->staging.down_size = sizes.down_size;
  return total;
}

guint64
inq_gpu_get_staging_left (InqGpu *gpu)
{
  const InqStage *stages[] = { &gpu->staging.up[0], &gpu->staging.up[1], &gpu->staging.down[0], &gpu->staging.down[1] };
  guint64 left = inq_gpu_get_staging_size (gpu);

  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    if (stages[i]->buffer)
      left -= MIN (left, stages[i]->buffer->size);
  return left;
}

/* A command list for one of the queues, from its pool; both are made when there are none. */
static gboolean
stage_list (InqGpu *gpu, guint32 family, VkCommandPool *pool, VkCommandBuffer *cmd, GError **error)
{
  VkCommandPoolCreateInfo pool_info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
    .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT | VK_COMMAND_POOL_CREATE_TRANSIENT_BIT,
    .queueFamilyIndex = family,
  };
  VkCommandBufferAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
    .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
    .commandBufferCount = 1,
  };

  if (!*pool
      && !inq_gpu_check (gpu, gpu->vk.CreateCommandPool (gpu->device, &pool_info, NULL, pool), "vkCreateCommandPool",
                         error))
    return FALSE;
  info.commandPool = *pool;
  return *cmd
         || inq_gpu_check (gpu, gpu->vk.AllocateCommandBuffers (gpu->device, &info, cmd), "vkAllocateCommandBuffers",
                           error);
}

/* @copies: for the queue that copies */
static gboolean
stage_ready (InqGpu *gpu, InqStage *stage, gsize size, InqGpuMemory memory, gboolean copies, GError **error)
{
  if (copies ? !stage_list (gpu, gpu->copy_family, &gpu->staging.copy_pool, &stage->copy_cmd, error)
             : !stage_list (gpu, gpu->family, &gpu->staging.pool, &stage->cmd, error))
    return FALSE;
  if (!stage->buffer) {
    stage->buffer = inq_gpu_buffer_new (gpu, size, memory, error);
    if (!stage->buffer)
      return FALSE;
    gpu->n_objects--; /* ours, not the caller's to free */
  }
  return (stage->ticket == 0 || inq_gpu_wait (gpu, stage->ticket, NULL, NULL, error))
         && (stage->copy == 0 || inq_gpu_wait_copy (gpu, stage->copy, error));
}

static gboolean
stage_copy (InqGpu *gpu, InqStage *stage, VkBuffer from, gsize from_offset, VkBuffer to, gsize to_offset, gsize size,
            GError **error)
{
  VkCommandBufferBeginInfo begin = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
    .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT,
  };
  VkBufferCopy region = { from_offset, to_offset, size };

  if (!inq_gpu_check (gpu, gpu->vk.BeginCommandBuffer (stage->cmd, &begin), "vkBeginCommandBuffer", error))
    return FALSE;
  inq_cmd_barrier (gpu, stage->cmd);
  gpu->vk.CmdCopyBuffer (stage->cmd, from, to, 1, &region);
  inq_cmd_barrier_host (gpu, stage->cmd);
  if (!inq_gpu_check (gpu, gpu->vk.EndCommandBuffer (stage->cmd), "vkEndCommandBuffer", error))
    return FALSE;
  stage->ticket = inq_gpu_submit_cmd (gpu, stage->cmd, error);
  return stage->ticket != 0;
}

/* The same from the host on the queue that copies. No barrier: copies that are under way together touch other bytes,
 * and whoever reads these waits for the timeline. */
static gboolean
stage_copy_ahead (InqGpu *gpu, InqStage *stage, VkBuffer to, gsize to_offset, gsize size, GError **error)
{
  VkCommandBufferBeginInfo begin = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
    .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT,
  };
  VkBufferCopy region = { 0, to_offset, size };

  if (!inq_gpu_check (gpu, gpu->vk.BeginCommandBuffer (stage->copy_cmd, &begin), "vkBeginCommandBuffer", error))
    return FALSE;
  gpu->vk.CmdCopyBuffer (stage->copy_cmd, stage->buffer->handle, to, 1, &region);
  if (!inq_gpu_check (gpu, gpu->vk.EndCommandBuffer (stage->copy_cmd), "vkEndCommandBuffer", error))
    return FALSE;
  stage->copy = inq_gpu_submit_copy (gpu, stage->copy_cmd, error);
  return stage->copy != 0;
}

gboolean
inq_staging_write (InqGpuBuffer *buffer, gsize offset, const guint8 *data, gsize size, gboolean ahead, guint64 *ticket,
                   GError **error)
{
  InqGpu *gpu = buffer->gpu;
  const gboolean copies = ahead && gpu->copy_queue;

  size_stages (gpu);
  while (size > 0) {
    InqStage *stage = &gpu->staging.up[gpu->staging.next_up++ % 2];
    gsize part = MIN (size, gpu->staging.up_size);

    if (!stage_ready (gpu, stage, gpu->staging.up_size, INQ_GPU_MEMORY_UPLOAD, copies, error))
      return FALSE;
    memcpy (stage->buffer->map, data, part);
    if (copies ? !stage_copy_ahead (gpu, stage, buffer->handle, offset, part, error)
               : !stage_copy (gpu, stage, stage->buffer->handle, 0, buffer->handle, offset, part, error))
      return FALSE;
    /* the other queue's next submission waits for the copy */
    buffer->ticket = *ticket = copies ? gpu->submitted + 1 : stage->ticket;
    offset += part;
    data += part;
    size -= part;
  }
  return TRUE;
}

/* While the host copies one half out, the device fills the other. */
gboolean
inq_staging_read (InqGpuBuffer *buffer, gsize offset, guint8 *data, gsize size, GError **error)
{
  InqGpu *gpu = buffer->gpu;
  gsize asked = 0, got = 0;

  size_stages (gpu);
  for (guint i = 0; got < size; i++) {
    InqStage *stage = &gpu->staging.down[i % 2], *before = &gpu->staging.down[(i + 1) % 2];
    gsize part = MIN (size - asked, gpu->staging.down_size);

    if (part > 0) {
      if (!stage_ready (gpu, stage, gpu->staging.down_size, INQ_GPU_MEMORY_READBACK, FALSE, error)
          || !stage_copy (gpu, stage, buffer->handle, offset + asked, stage->buffer->handle, 0, part, error))
        return FALSE;
      buffer->ticket = stage->ticket;
      asked += part;
    }
    if (i > 0) {
      gsize ready = MIN (size - got, gpu->staging.down_size);

      if (!inq_gpu_wait (gpu, before->ticket, NULL, NULL, error))
        return FALSE;
      memcpy (data + got, before->buffer->map, ready);
      got += ready;
    }
  }
  return TRUE;
}

/* The device is idle. */
void
inq_staging_clear (InqGpu *gpu)
{
  InqStage *stages[] = { &gpu->staging.up[0], &gpu->staging.up[1], &gpu->staging.down[0], &gpu->staging.down[1] };

  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    g_clear_pointer (&stages[i]->buffer, buffer_destroy);
  if (gpu->staging.pool)
    gpu->vk.DestroyCommandPool (gpu->device, gpu->staging.pool, NULL);
  if (gpu->staging.copy_pool)
    gpu->vk.DestroyCommandPool (gpu->device, gpu->staging.copy_pool, NULL);
  gpu->staging = (InqStaging){ 0 };
}
