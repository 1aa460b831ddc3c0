/* Inquadra - passes: command lists recorded once and submitted often.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-gpu-private.h"

#define SETS_PER_POOL 256

void
inq_cmd_barrier (InqGpu *gpu, VkCommandBuffer cmd)
{
  const VkPipelineStageFlags stages = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
  const VkMemoryBarrier barrier = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
    .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
    .dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_READ_BIT
                     | VK_ACCESS_TRANSFER_WRITE_BIT,
  };

  gpu->vk.CmdPipelineBarrier (cmd, stages, stages, 0, 1, &barrier, 0, NULL, 0, NULL);
}

void
inq_cmd_barrier_host (InqGpu *gpu, VkCommandBuffer cmd)
{
  const VkMemoryBarrier barrier = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
    .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
    .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
  };

  gpu->vk.CmdPipelineBarrier (cmd, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
                              VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL, 0, NULL);
}

/* ---- life ---- */

static void
pass_destroy (gpointer data)
{
  InqGpuPass *pass = data;
  InqGpu *gpu = pass->gpu;

  if (pass->pool)
    gpu->vk.DestroyCommandPool (gpu->device, pass->pool, NULL);
  for (guint i = 0; i < pass->set_pools->len; i++)
    gpu->vk.DestroyDescriptorPool (gpu->device, g_array_index (pass->set_pools, VkDescriptorPool, i), NULL);
  for (guint i = 0; i < pass->views->len; i++)
    gpu->vk.DestroyBufferView (gpu->device, g_array_index (pass->views, VkBufferView, i), NULL);
  for (guint i = 0; i < pass->query_pools->len; i++)
    gpu->vk.DestroyQueryPool (gpu->device, g_array_index (pass->query_pools, VkQueryPool, i), NULL);
  g_array_unref (pass->set_pools);
  g_array_unref (pass->views);
  g_array_unref (pass->query_pools);
  g_array_unref (pass->labels);
  g_ptr_array_unref (pass->buffers);
  g_clear_error (&pass->error);
  g_free (pass);
}

InqGpuPass *
inq_gpu_pass_new (InqGpu *gpu, gboolean timed, GError **error)
{
  VkCommandPoolCreateInfo pool = { .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                   .queueFamilyIndex = gpu->family };
  VkCommandBufferAllocateInfo alloc = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
    .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
    .commandBufferCount = 1,
  };
  VkCommandBufferBeginInfo begin = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
    .flags = VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT, /* a step may be submitted before the last one is done */
  };
  InqGpuPass *pass;

  if (!inq_gpu_check_alive (gpu, error))
    return NULL;
  inq_gpu_collect (gpu, FALSE);
  pass = g_new0 (InqGpuPass, 1);
  pass->gpu = gpu;
  pass->timed = timed && gpu->facts->timestamps;
  pass->serial = ++gpu->pass_serial;
  pass->set_pools = g_array_new (FALSE, FALSE, sizeof (VkDescriptorPool));
  pass->views = g_array_new (FALSE, FALSE, sizeof (VkBufferView));
  pass->query_pools = g_array_new (FALSE, FALSE, sizeof (VkQueryPool));
  pass->labels = g_array_new (FALSE, FALSE, sizeof (char *));
  pass->buffers = g_ptr_array_new ();
  if (!inq_gpu_check (gpu, gpu->vk.CreateCommandPool (gpu->device, &pool, NULL, &pass->pool), "vkCreateCommandPool",
                      error))
    goto error;
  alloc.commandPool = pass->pool;
  if (!inq_gpu_check (gpu, gpu->vk.AllocateCommandBuffers (gpu->device, &alloc, &pass->cmd), "vkAllocateCommandBuffers",
                      error)
      || !inq_gpu_check (gpu, gpu->vk.BeginCommandBuffer (pass->cmd, &begin), "vkBeginCommandBuffer", error))
    goto error;
  inq_cmd_barrier (gpu, pass->cmd); /* against what was submitted before */
  gpu->n_objects++;
  return pass;

error:
  pass_destroy (pass);
  return NULL;
}

void
inq_gpu_pass_free (InqGpuPass *pass)
{
  if (!pass)
    return;
  pass->gpu->n_objects--;
  inq_gpu_retire (pass->gpu, pass->ticket, pass_destroy, pass);
}

/* ---- recording ---- */

static void pass_fail (InqGpuPass *pass, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
pass_fail (InqGpuPass *pass, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (!pass->error)
    pass->error = g_error_new_valist (INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED, format, args);
  va_end (args);
}

/* TRUE when @size bytes at @offset lie inside of @buffer; notes that the pass uses it. */
static gboolean
pass_use (InqGpuPass *pass, InqGpuBuffer *buffer, gsize offset, gsize size, const char *what)
{
  if (offset > buffer->size || size > buffer->size - offset) {
    pass_fail (pass, "%s: %" G_GSIZE_FORMAT " bytes at %" G_GSIZE_FORMAT " are outside of a buffer of %" G_GSIZE_FORMAT,
               what, size, offset, buffer->size);
    return FALSE;
  }
  if (buffer->pass_serial != pass->serial) {
    buffer->pass_serial = pass->serial;
    g_ptr_array_add (pass->buffers, buffer);
  }
  return TRUE;
}

static gboolean
allocate_set (InqGpuPass *pass, InqGpuPipeline *pipeline, VkDescriptorSet *set)
{
  InqGpu *gpu = pass->gpu;
  VkDescriptorPoolSize sizes[] = {
    { VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, SETS_PER_POOL * INQ_GPU_MAX_BINDINGS },
    { VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, SETS_PER_POOL * INQ_GPU_MAX_BINDINGS },
  };
  VkDescriptorPoolCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
    .maxSets = SETS_PER_POOL,
    .poolSizeCount = gpu->facts->texel_reads ? 2 : 1,
    .pPoolSizes = sizes,
  };
  VkDescriptorSetAllocateInfo alloc = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
    .descriptorSetCount = 1,
    .pSetLayouts = &pipeline->set_layout,
  };
  VkDescriptorPool pool;

  if (pass->sets_left == 0) {
    if (!inq_gpu_check (gpu, gpu->vk.CreateDescriptorPool (gpu->device, &info, NULL, &pool), "vkCreateDescriptorPool",
                        &pass->error))
      return FALSE;
    g_array_append_val (pass->set_pools, pool);
    pass->sets_left = SETS_PER_POOL;
  }
  alloc.descriptorPool = g_array_index (pass->set_pools, VkDescriptorPool, pass->set_pools->len - 1);
  pass->sets_left--;
  return inq_gpu_check (gpu, gpu->vk.AllocateDescriptorSets (gpu->device, &alloc, set), "vkAllocateDescriptorSets",
                        &pass->error);
}

/* A view of @binding, which lives as long as the pass. */
static gboolean
make_view (InqGpuPass *pass, const InqGpuBinding *binding, VkBufferView *view)
{
  InqGpu *gpu = pass->gpu;
  VkBufferViewCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO,
    .buffer = binding->buffer->handle,
    .format = VK_FORMAT_R32G32B32A32_UINT,
    .offset = binding->offset,
    .range = binding->range & ~(gsize) 15,
  };

  if (info.range == 0 || info.range / 16 > gpu->facts->max_texels) {
    pass_fail (pass, "%" G_GSIZE_FORMAT " bytes are too few or too many for a texel buffer", binding->range);
    return FALSE;
  }
  if ((info.range >> 8 & 0xff) == 0
      && info.offset + info.range + INQ_GPU_TEXEL_TAIL <= binding->buffer->size + binding->buffer->tail)
    info.range += INQ_GPU_TEXEL_TAIL;
  if (!inq_gpu_check (gpu, gpu->vk.CreateBufferView (gpu->device, &info, NULL, view), "vkCreateBufferView",
                      &pass->error))
    return FALSE;
  g_array_append_val (pass->views, *view);
  return TRUE;
}

static gboolean
bind_buffers (InqGpuPass *pass, InqGpuPipeline *pipeline, const InqGpuBinding *bindings)
{
  InqGpu *gpu = pass->gpu;
  VkDescriptorBufferInfo infos[INQ_GPU_MAX_BINDINGS];
  VkWriteDescriptorSet writes[INQ_GPU_MAX_BINDINGS];
  VkBufferView views[INQ_GPU_MAX_BINDINGS];
  VkDescriptorSet set = VK_NULL_HANDLE;
  const guint n = pipeline->n_bindings;

  if (n == 0)
    return TRUE;
  if (!gpu->push_descriptors && !allocate_set (pass, pipeline, &set))
    return FALSE;
  for (guint i = 0; i < n; i++) {
    infos[i] = (VkDescriptorBufferInfo){ bindings[i].buffer->handle, bindings[i].offset, bindings[i].range };
    writes[i] = (VkWriteDescriptorSet){
      .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
      .dstSet = set,
      .dstBinding = i,
      .descriptorCount = 1,
      .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
      .pBufferInfo = &infos[i],
    };
    if (!(pipeline->texels >> i & 1))
      continue;
    if (!make_view (pass, &bindings[i], &views[i]))
      return FALSE;
    writes[i].descriptorType = VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER;
    writes[i].pBufferInfo = NULL;
    writes[i].pTexelBufferView = &views[i];
  }
  if (gpu->push_descriptors) {
    gpu->vk.CmdPushDescriptorSetKHR (pass->cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline->layout, 0, n, writes);
  } else {
    gpu->vk.UpdateDescriptorSets (gpu->device, n, writes, 0, NULL);
    gpu->vk.CmdBindDescriptorSets (pass->cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline->layout, 0, 1, &set, 0, NULL);
  }
  return TRUE;
}

/* Two queries for the next dispatch; FALSE when there is no pool for them. */
static gboolean
next_queries (InqGpuPass *pass, VkQueryPool *pool, guint *first)
{
  InqGpu *gpu = pass->gpu;
  VkQueryPoolCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
    .queryType = VK_QUERY_TYPE_TIMESTAMP,
    .queryCount = INQ_PASS_QUERIES,
  };

  *first = pass->labels->len * 2 % INQ_PASS_QUERIES;
  if (*first == 0) {
    if (!inq_gpu_check (gpu, gpu->vk.CreateQueryPool (gpu->device, &info, NULL, pool), "vkCreateQueryPool",
                        &pass->error))
      return FALSE;
    g_array_append_val (pass->query_pools, *pool);
    gpu->vk.CmdResetQueryPool (pass->cmd, *pool, 0, INQ_PASS_QUERIES);
  }
  *pool = g_array_index (pass->query_pools, VkQueryPool, pass->query_pools->len - 1);
  return TRUE;
}

static gboolean
check_dispatch (InqGpuPass *pass, InqGpuPipeline *pipeline, const InqGpuBinding *bindings, guint gx, guint gy, guint gz)
{
  const InqGpuFacts *facts = pass->gpu->facts;

  if (gx > facts->max_groups[0] || gy > facts->max_groups[1] || gz > facts->max_groups[2]) {
    pass_fail (pass, "%s: %u x %u x %u work groups are more than the device allows", pipeline->name, gx, gy, gz);
    return FALSE;
  }
  for (guint i = 0; i < pipeline->n_bindings; i++) {
    if (bindings[i].offset % INQ_GPU_ALIGN != 0 || bindings[i].range == 0
        || bindings[i].range > facts->max_storage_range) {
      pass_fail (pass,
                 "%s: binding %u at %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes is misaligned, empty or too "
                 "large",
                 pipeline->name, i, bindings[i].offset, bindings[i].range);
      return FALSE;
    }
    if (!pass_use (pass, bindings[i].buffer, bindings[i].offset, bindings[i].range, pipeline->name))
      return FALSE;
  }
  return TRUE;
}

void
inq_gpu_pass_dispatch (InqGpuPass *pass, InqGpuPipeline *pipeline, const InqGpuBinding *bindings, const void *push,
                       guint gx, guint gy, guint gz, const char *label)
{
  InqGpu *gpu = pass->gpu;
  VkQueryPool queries = VK_NULL_HANDLE;
  guint first = 0;

  g_return_if_fail (!pass->ended);
  if (pass->error || !check_dispatch (pass, pipeline, bindings, gx, gy, gz)
      || (pass->timed && !next_queries (pass, &queries, &first)))
    return;
  if (pass->pipeline != pipeline)
    gpu->vk.CmdBindPipeline (pass->cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline->handle);
  pass->pipeline = pipeline;
  if (!bind_buffers (pass, pipeline, bindings))
    return;
  if (pipeline->push_size > 0)
    gpu->vk.CmdPushConstants (pass->cmd, pipeline->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, pipeline->push_size, push);
  if (pass->timed)
    gpu->vk.CmdWriteTimestamp (pass->cmd, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, queries, first);
  if (gx > 0 && gy > 0 && gz > 0)
    gpu->vk.CmdDispatch (pass->cmd, gx, gy, gz);
  if (pass->timed)
    gpu->vk.CmdWriteTimestamp (pass->cmd, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, queries, first + 1);
  if (!label)
    label = pipeline->name;
  g_array_append_val (pass->labels, label);
}

gboolean
inq_pass_dispatch_nothing (InqGpuPass *pass, InqGpuPipeline *pipeline, InqGpuBuffer *buffer)
{
  static const guint8 push[INQ_GPU_MAX_PUSH];
  InqGpu *gpu = pass->gpu;
  InqGpuBinding bindings[INQ_GPU_MAX_BINDINGS];

  for (guint i = 0; i < pipeline->n_bindings; i++)
    bindings[i] = (InqGpuBinding){ buffer, 0, buffer->size };
  gpu->vk.CmdBindPipeline (pass->cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline->handle);
  if (!bind_buffers (pass, pipeline, bindings))
    return FALSE;
  if (pipeline->push_size > 0)
    gpu->vk.CmdPushConstants (pass->cmd, pipeline->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, pipeline->push_size, push);
  gpu->vk.CmdDispatch (pass->cmd, 0, 1, 1);
  return TRUE;
}

void
inq_gpu_pass_barrier (InqGpuPass *pass)
{
  g_return_if_fail (!pass->ended);
  inq_cmd_barrier (pass->gpu, pass->cmd);
}

void
inq_gpu_pass_copy (InqGpuPass *pass, InqGpuBuffer *from, gsize from_offset, InqGpuBuffer *to, gsize to_offset,
                   gsize size)
{
  VkBufferCopy region = { from_offset, to_offset, size };

  g_return_if_fail (!pass->ended);
  if (pass->error || size == 0 || !pass_use (pass, from, from_offset, size, "copy")
      || !pass_use (pass, to, to_offset, size, "copy"))
    return;
  if (from == to && from_offset < to_offset + size && to_offset < from_offset + size) {
    pass_fail (pass, "copy: the ranges overlap");
    return;
  }
  pass->gpu->vk.CmdCopyBuffer (pass->cmd, from->handle, to->handle, 1, &region);
}

void
inq_gpu_pass_fill (InqGpuPass *pass, InqGpuBuffer *buffer, gsize offset, gsize size, guint32 value)
{
  g_return_if_fail (!pass->ended);
  if (pass->error || size == 0 || !pass_use (pass, buffer, offset, size, "fill"))
    return;
  if (offset % 4 != 0 || size % 4 != 0) {
    pass_fail (pass, "fill: offset and size must be multiples of 4");
    return;
  }
  pass->gpu->vk.CmdFillBuffer (pass->cmd, buffer->handle, offset, size, value);
}

gboolean
inq_gpu_pass_end (InqGpuPass *pass, GError **error)
{
  g_return_val_if_fail (!pass->ended, FALSE);
  if (pass->error) {
    g_propagate_error (error, g_error_copy (pass->error));
    return FALSE;
  }
  inq_cmd_barrier_host (pass->gpu, pass->cmd);
  if (!inq_gpu_check (pass->gpu, pass->gpu->vk.EndCommandBuffer (pass->cmd), "vkEndCommandBuffer", error))
    return FALSE;
  pass->ended = TRUE;
  return TRUE;
}
