/* Inquadra - compute pipelines: made on first use, kept by content, counted by whether the cache served them.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-gpu-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* ---- the key ---- */

/* FNV-1a over words in four interleaved strands, so that a multiplication does not wait for the one before: a graph of
 * some hundred dispatches looks up as many kernels of 25 KB. Our own shaders, not hostile input. */
static guint64
hash_words (const guint32 *words, gsize n)
{
  const guint64 prime = G_GUINT64_CONSTANT (1099511628211);
  guint64 hash[4] = { G_GUINT64_CONSTANT (14695981039346656037), 1, 2, 3 };
  gsize i;

  for (i = 0; i + 4 <= n; i += 4)
    for (guint k = 0; k < 4; k++)
      hash[k] = (hash[k] ^ words[i + k]) * prime;
  for (; i < n; i++)
    hash[0] = (hash[0] ^ words[i]) * prime;
  for (guint k = 1; k < 4; k++)
    hash[0] = (hash[0] ^ hash[k] ^ (hash[k] >> 29)) * prime;
  return hash[0];
}

static guint64
key_hash64 (const InqGpuPipeline *key)
{
  guint64 hash = key->hash;

  for (guint i = 0; i < key->n_spec; i++)
    hash = (hash ^ key->spec[i]) * G_GUINT64_CONSTANT (1099511628211);
  return hash ^ key->subgroup_size ^ (guint64) key->texels << 32;
}

static guint
key_hash (gconstpointer data)
{
  guint64 hash = key_hash64 (data);

  return hash ^ (hash >> 32);
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  const InqGpuPipeline *x = a, *y = b;

  return x->hash == y->hash && x->spirv_size == y->spirv_size && x->n_bindings == y->n_bindings
         && x->push_size == y->push_size && x->n_spec == y->n_spec && x->subgroup_size == y->subgroup_size
         && x->texels == y->texels && memcmp (x->spec, y->spec, x->n_spec * sizeof x->spec[0]) == 0;
}

/* ---- life ---- */

static void
pipeline_destroy (InqGpu *gpu, InqGpuPipeline *pipeline)
{
  if (pipeline->handle)
    gpu->vk.DestroyPipeline (gpu->device, pipeline->handle, NULL);
  if (pipeline->layout)
    gpu->vk.DestroyPipelineLayout (gpu->device, pipeline->layout, NULL);
  g_free (pipeline);
}

char *
inq_gpu_dup_cache_path (InqGpu *gpu, const char *what, const char *suffix)
{
  const InqGpuFacts *facts = gpu->facts;
  g_autoptr (GString) uuid = g_string_new (NULL);
  g_autofree char *name = NULL;

  if (!*gpu->pipelines.dir)
    return NULL;
  for (guint i = 0; i < 16; i++)
    g_string_append_printf (uuid, "%02x", facts->pipeline_cache_uuid[i]);
  name = g_strdup_printf ("%s-%04x-%04x-%08x-%s%s", what, facts->vendor_id, facts->device_id, facts->driver_version,
                          uuid->str, suffix);
  return g_build_filename (gpu->pipelines.dir, name, NULL);
}

void
inq_pipelines_init (InqGpu *gpu, const char *cache_dir)
{
  gpu->pipelines.pipelines = g_hash_table_new (key_hash, key_equal);
  gpu->pipelines.set_layouts = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  gpu->pipelines.dir = cache_dir ? g_strdup (cache_dir) : g_build_filename (g_get_user_cache_dir (), "inquadra", NULL);
  gpu->pipelines.path = inq_gpu_dup_cache_path (gpu, "pipelines", ".bin");
  gpu->pipelines.cache = inq_cache_load (gpu);
  gpu->pipelines.warmer = inq_warmer_new (gpu);
}

/* The device is idle. */
void
inq_pipelines_clear (InqGpu *gpu)
{
  InqPipelines *pipelines = &gpu->pipelines;
  GHashTableIter iter;
  gpointer pipeline;

  if (!pipelines->pipelines)
    return;
  g_clear_pointer (&pipelines->warmer, inq_warmer_free);
  inq_gpu_save_cache (gpu);
  g_hash_table_iter_init (&iter, pipelines->pipelines);
  while (g_hash_table_iter_next (&iter, &pipeline, NULL))
    pipeline_destroy (gpu, pipeline);
  g_clear_pointer (&pipelines->pipelines, g_hash_table_unref);
  g_hash_table_iter_init (&iter, pipelines->set_layouts);
  while (g_hash_table_iter_next (&iter, NULL, &pipeline))
    gpu->vk.DestroyDescriptorSetLayout (gpu->device, *(VkDescriptorSetLayout *) pipeline, NULL);
  g_hash_table_unref (pipelines->set_layouts);
  if (pipelines->cache)
    gpu->vk.DestroyPipelineCache (gpu->device, pipelines->cache, NULL);
  g_free (pipelines->path);
  g_free (pipelines->dir);
}

static gboolean
get_set_layout (InqGpu *gpu, guint n_bindings, guint32 texels, VkDescriptorSetLayout *out, GError **error)
{
  VkDescriptorSetLayoutBinding bindings[INQ_GPU_MAX_BINDINGS] = { 0 };
  VkDescriptorSetLayoutCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
    .flags = gpu->push_descriptors ? VK_DESCRIPTOR_SET_LAYOUT_CREATE_PUSH_DESCRIPTOR_BIT_KHR : 0,
    .bindingCount = n_bindings,
    .pBindings = bindings,
  };
  gpointer key = GUINT_TO_POINTER (n_bindings | texels << 8), kept;

  for (guint i = 0; i < n_bindings; i++)
    bindings[i] = (VkDescriptorSetLayoutBinding){
      .binding = i,
      .descriptorType = texels >> i & 1 ? VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER : VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
      .descriptorCount = 1,
      .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
    };
  kept = g_hash_table_lookup (gpu->pipelines.set_layouts, key);
  if (kept) {
    *out = *(VkDescriptorSetLayout *) kept;
    return TRUE;
  }
  if (!inq_gpu_check (gpu, gpu->vk.CreateDescriptorSetLayout (gpu->device, &info, NULL, out),
                      "vkCreateDescriptorSetLayout", error))
    return FALSE;
  g_hash_table_insert (gpu->pipelines.set_layouts, key, g_memdup2 (out, sizeof *out));
  return TRUE;
}

static gboolean
create_layout (InqGpu *gpu, InqGpuPipeline *pipeline, GError **error)
{
  VkPushConstantRange push = { VK_SHADER_STAGE_COMPUTE_BIT, 0, pipeline->push_size };
  VkPipelineLayoutCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
    .setLayoutCount = 1,
    .pSetLayouts = &pipeline->set_layout,
    .pushConstantRangeCount = pipeline->push_size > 0,
    .pPushConstantRanges = &push,
  };

  return get_set_layout (gpu, pipeline->n_bindings, pipeline->texels, &pipeline->set_layout, error)
         && inq_gpu_check (gpu, gpu->vk.CreatePipelineLayout (gpu->device, &info, NULL, &pipeline->layout),
                           "vkCreatePipelineLayout", error);
}

static gboolean
create_handle (InqGpu *gpu, InqGpuPipeline *pipeline, const InqGpuPipelineDesc *desc, VkShaderModule module,
               GError **error)
{
  InqPipelines *pipelines = &gpu->pipelines;
  VkSpecializationMapEntry entries[INQ_GPU_MAX_SPEC];
  VkSpecializationInfo spec = { pipeline->n_spec, entries, pipeline->n_spec * sizeof pipeline->spec[0],
                                pipeline->spec };
  VkPipelineCreationFeedbackEXT whole = { 0 }, stage = { 0 };
  VkPipelineCreationFeedbackCreateInfoEXT feedback = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_CREATION_FEEDBACK_CREATE_INFO_EXT,
    .pPipelineCreationFeedback = &whole,
    .pipelineStageCreationFeedbackCount = 1,
    .pPipelineStageCreationFeedbacks = &stage,
  };
  VkPipelineShaderStageRequiredSubgroupSizeCreateInfoEXT subgroup = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO_EXT,
    .requiredSubgroupSize = pipeline->subgroup_size,
  };
  VkComputePipelineCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
    .pNext = gpu->feedback_ext ? &feedback : NULL,
    .stage = {
      .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
      .stage = VK_SHADER_STAGE_COMPUTE_BIT,
      .module = module,
      .pName = "main",
      .pSpecializationInfo = pipeline->n_spec > 0 ? &spec : NULL,
    },
    .layout = pipeline->layout,
  };
  gsize cache_before = inq_cache_get_size (gpu);
  gint64 start = g_get_monotonic_time ();
  gboolean served;

  if (pipeline->subgroup_size > 0) {
    info.stage.pNext = &subgroup;
    info.stage.flags = VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT_EXT;
  }
  for (guint i = 0; i < pipeline->n_spec; i++)
    entries[i] = (VkSpecializationMapEntry){ i, i * sizeof pipeline->spec[0], sizeof pipeline->spec[0] };
  if (!inq_gpu_check (gpu,
                      gpu->vk.CreateComputePipelines (gpu->device, pipelines->cache, 1, &info, NULL, &pipeline->handle),
                      "vkCreateComputePipelines", error)) {
    g_prefix_error (error, "%s: ", pipeline->name);
    return FALSE;
  }
  pipelines->compile_us += g_get_monotonic_time () - start;

  /* A driver that tells is believed; of one that does not, growing cache data says that it compiled, and a driver
   * whose cache never holds anything compiles always, unless it keeps the code elsewhere. */
  if (whole.flags & VK_PIPELINE_CREATION_FEEDBACK_VALID_BIT_EXT)
    served = (whole.flags & VK_PIPELINE_CREATION_FEEDBACK_APPLICATION_PIPELINE_CACHE_HIT_BIT_EXT) != 0;
  else
    served = cache_before > sizeof (VkPipelineCacheHeaderVersionOne) && inq_cache_get_size (gpu) == cache_before;
  if (pipelines->warmer)
    served = !inq_warmer_push (pipelines->warmer, desc, key_hash64 (pipeline));
  pipelines->created++;
  if (!served) {
    pipelines->compiled++;
    pipelines->dirty = TRUE;
  }
  return TRUE;
}

static void
set_debug_name (InqGpu *gpu, InqGpuPipeline *pipeline)
{
  VkDebugUtilsObjectNameInfoEXT info = {
    .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT,
    .objectType = VK_OBJECT_TYPE_PIPELINE,
    .objectHandle = (guint64) (gsize) pipeline->handle,
    .pObjectName = pipeline->name,
  };

  if (gpu->vk.SetDebugUtilsObjectNameEXT)
    gpu->vk.SetDebugUtilsObjectNameEXT (gpu->device, &info);
}

static gboolean
check_desc (const InqGpuPipelineDesc *desc, GError **error)
{
  if (desc->spirv && desc->spirv_size >= 20 && desc->spirv_size % 4 == 0 && desc->spirv[0] == 0x07230203
      && desc->n_bindings <= INQ_GPU_MAX_BINDINGS && desc->push_size <= INQ_GPU_MAX_PUSH && desc->push_size % 4 == 0
      && desc->n_spec <= INQ_GPU_MAX_SPEC)
    return TRUE;
  g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED,
               "Pipeline %s: not SPIR-V, or more bindings or constants than "
               "allowed",
               desc->name ? desc->name : "(no name)");
  return FALSE;
}

InqGpuPipeline *
inq_gpu_get_pipeline (InqGpu *gpu, const InqGpuPipelineDesc *desc, GError **error)
{
  VkShaderModuleCreateInfo info = { .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
                                    .codeSize = desc->spirv_size,
                                    .pCode = desc->spirv };
  InqGpuPipeline key = { 0 }, *pipeline;
  VkShaderModule module = VK_NULL_HANDLE;

  if (!check_desc (desc, error))
    return NULL;
  key.hash = hash_words (desc->spirv, desc->spirv_size / 4);
  key.spirv_size = desc->spirv_size;
  key.n_bindings = desc->n_bindings;
  key.push_size = desc->push_size;
  key.n_spec = desc->n_spec;
  key.subgroup_size = desc->subgroup_size;
  key.texels = desc->texels;
  memcpy (key.spec, desc->spec, desc->n_spec * sizeof key.spec[0]);
  pipeline = g_hash_table_lookup (gpu->pipelines.pipelines, &key);
  if (pipeline)
    return pipeline;

  if (!inq_gpu_check_alive (gpu, error))
    return NULL;
  pipeline = g_memdup2 (&key, sizeof key);
  pipeline->name = g_intern_string (desc->name ? desc->name : "compute");
  if (!inq_gpu_check (gpu, gpu->vk.CreateShaderModule (gpu->device, &info, NULL, &module), "vkCreateShaderModule",
                      error)
      || !create_layout (gpu, pipeline, error) || !create_handle (gpu, pipeline, desc, module, error))
    goto error;
  gpu->vk.DestroyShaderModule (gpu->device, module, NULL);
  set_debug_name (gpu, pipeline);
  g_hash_table_add (gpu->pipelines.pipelines, pipeline);
  return pipeline;

error:
  if (module)
    gpu->vk.DestroyShaderModule (gpu->device, module, NULL);
  pipeline_destroy (gpu, pipeline);
  return NULL;
}

gboolean
inq_gpu_prepare (InqGpu *gpu, gboolean (*cancelled) (gpointer), gpointer data, GError **error)
{
  if (!inq_gpu_check_alive (gpu, error))
    return FALSE;
  if (!gpu->pipelines.warmer || inq_warmer_wait (gpu->pipelines.warmer, cancelled, data))
    return TRUE;
  g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_CANCELLED, _ ("Cancelled"));
  return FALSE;
}

void
inq_gpu_get_pipeline_stats (InqGpu *gpu, guint *created, guint *compiled)
{
  if (created)
    *created = gpu->pipelines.created;
  if (compiled)
    *compiled = gpu->pipelines.compiled;
}

double
inq_gpu_get_pipeline_time (InqGpu *gpu)
{
  return gpu->pipelines.compile_us / 1000.0;
}
