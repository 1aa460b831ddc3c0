/* Inquadra - opens and closes a device; errors, lost devices and deferred frees.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-gpu-private.h"

#include <glib/gi18n-lib.h>

/* ---- errors ---- */

static const char *
result_name (VkResult result)
{
  switch (result) {
  case VK_ERROR_OUT_OF_HOST_MEMORY:
    return "VK_ERROR_OUT_OF_HOST_MEMORY";
  case VK_ERROR_OUT_OF_DEVICE_MEMORY:
    return "VK_ERROR_OUT_OF_DEVICE_MEMORY";
  case VK_ERROR_INITIALIZATION_FAILED:
    return "VK_ERROR_INITIALIZATION_FAILED";
  case VK_ERROR_DEVICE_LOST:
    return "VK_ERROR_DEVICE_LOST";
  case VK_ERROR_MEMORY_MAP_FAILED:
    return "VK_ERROR_MEMORY_MAP_FAILED";
  case VK_ERROR_EXTENSION_NOT_PRESENT:
    return "VK_ERROR_EXTENSION_NOT_PRESENT";
  case VK_ERROR_FEATURE_NOT_PRESENT:
    return "VK_ERROR_FEATURE_NOT_PRESENT";
  case VK_ERROR_TOO_MANY_OBJECTS:
    return "VK_ERROR_TOO_MANY_OBJECTS";
  case VK_ERROR_INVALID_SHADER_NV:
    return "VK_ERROR_INVALID_SHADER_NV";
  case VK_ERROR_OUT_OF_POOL_MEMORY:
    return "VK_ERROR_OUT_OF_POOL_MEMORY";
  default:
    return "VkResult";
  }
}

gboolean
inq_gpu_check (InqGpu *gpu, VkResult result, const char *call, GError **error)
{
  switch (result) {
  case VK_SUCCESS:
    return TRUE;
  case VK_ERROR_DEVICE_LOST:
    gpu->lost = TRUE;
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_DEVICE_LOST,
                 _ ("The graphics device was lost (%s). Make fewer or smaller pictures at once, or update its driver."),
                 call);
    break;
  case VK_ERROR_OUT_OF_DEVICE_MEMORY:
  case VK_ERROR_OUT_OF_HOST_MEMORY:
  case VK_ERROR_OUT_OF_POOL_MEMORY:
  case VK_ERROR_TOO_MANY_OBJECTS:
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY,
                 _ ("The graphics device is out of memory (%s: %s)."), call, result_name (result));
    break;
  default:
    /* Translators: what a graphics driver answered: a function's name, the name and number of its error */
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED,
                 _ ("The graphics driver failed (%s: %s, %d). Update it, or choose another device in the preferences."),
                 call, result_name (result), result);
    break;
  }
  inq_gpu_log (gpu, G_LOG_LEVEL_MESSAGE, "%s failed: %s (%d)", call, result_name (result), result);
  return FALSE;
}

gboolean
inq_gpu_check_alive (InqGpu *gpu, GError **error)
{
  if (gpu->lost)
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_DEVICE_LOST, _ ("The graphics device was lost."));
  return !gpu->lost;
}

void
inq_gpu_test_inject_lost (InqGpu *gpu, guint after)
{
  gpu->lose_after = after;
  if (after == 0)
    gpu->lost = TRUE;
}

/* ---- things freed while the device still uses them ---- */

void
inq_gpu_retire (InqGpu *gpu, guint64 ticket, void (*destroy) (gpointer), gpointer data)
{
  InqZombie zombie = { ticket, destroy, data };

  if (inq_gpu_is_done (gpu, ticket))
    destroy (data);
  else
    g_array_append_val (gpu->zombies, zombie);
}

gboolean
inq_gpu_collect (InqGpu *gpu, gboolean wait)
{
  gboolean any = FALSE;

  for (guint i = 0; i < gpu->zombies->len;) {
    InqZombie zombie = g_array_index (gpu->zombies, InqZombie, i);

    if (wait && !gpu->lost && !inq_gpu_is_done (gpu, zombie.ticket))
      inq_gpu_wait (gpu, zombie.ticket, NULL, NULL, NULL);
    if (!inq_gpu_is_done (gpu, zombie.ticket)) {
      i++;
      continue;
    }
    g_array_remove_index_fast (gpu->zombies, i);
    zombie.destroy (zombie.data);
    any = TRUE;
  }
  return any;
}

static void
bury_zombies (InqGpu *gpu)
{
  while (gpu->zombies->len > 0) {
    InqZombie zombie = g_array_index (gpu->zombies, InqZombie, gpu->zombies->len - 1);

    g_array_set_size (gpu->zombies, gpu->zombies->len - 1);
    zombie.destroy (zombie.data);
  }
}

/* ---- open and close ---- */

static gboolean
create_device (InqGpu *gpu, GError **error)
{
  const InqGpuFacts *facts = gpu->facts;
  const char *extensions[12];
  guint n_extensions = 0;
  float priority = 0.5f;
  VkPhysicalDeviceCooperativeMatrixFeaturesKHR matrix = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR,
    .cooperativeMatrix = VK_TRUE,
  };
  VkPhysicalDeviceMaintenance4Features maintenance4 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_FEATURES,
    .maintenance4 = VK_TRUE, /* sizes of groups as specialisation constants, in SPIR-V 1.6 */
  };
  VkPhysicalDeviceCooperativeMatrix2FeaturesNV matrix2 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_2_FEATURES_NV,
    .pNext = &maintenance4,
    .cooperativeMatrixWorkgroupScope = VK_TRUE,
    .cooperativeMatrixFlexibleDimensions = VK_TRUE,
    .cooperativeMatrixReductions = VK_TRUE,
    .cooperativeMatrixConversions = VK_TRUE,
    .cooperativeMatrixPerElementOperations = VK_TRUE,
    .cooperativeMatrixTensorAddressing = VK_TRUE,
  };
  VkPhysicalDeviceSubgroupSizeControlFeaturesEXT control = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES_EXT,
    .subgroupSizeControl = VK_TRUE,
    .computeFullSubgroups = VK_TRUE,
  };
  VkPhysicalDeviceVulkan12Features v12 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
    .timelineSemaphore = VK_TRUE,
    .storageBuffer8BitAccess = facts->storage_i8,
    .shaderFloat16 = facts->arithmetic_f16,
    .shaderInt8 = facts->arithmetic_i8,
    .bufferDeviceAddress = facts->buffer_address,
    .vulkanMemoryModel = facts->vulkan_memory_model,
  };
  VkPhysicalDeviceVulkan11Features v11 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES,
    .pNext = &v12,
    .storageBuffer16BitAccess = facts->storage_f16,
  };
  VkPhysicalDeviceFeatures2 features = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
    .pNext = &v11,
    .features = { .shaderInt16 = facts->arithmetic_i16, .shaderInt64 = facts->arithmetic_i64 },
  };
  const gboolean copies = gpu->copy_family != gpu->family;
  VkDeviceQueueCreateInfo queues[2];
  VkDeviceCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
    .pNext = &features,
    .queueCreateInfoCount = copies ? 2 : 1,
    .pQueueCreateInfos = queues,
  };
  VkSemaphoreTypeCreateInfo timeline = { .sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
                                         .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE };
  VkSemaphoreCreateInfo semaphore = { .sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, .pNext = &timeline };

  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    queues[i] = (VkDeviceQueueCreateInfo){
      .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
      .queueFamilyIndex = i == 0 ? gpu->family : gpu->copy_family,
      .queueCount = 1,
      .pQueuePriorities = &priority,
    };
  if (gpu->push_descriptors)
    extensions[n_extensions++] = VK_KHR_PUSH_DESCRIPTOR_EXTENSION_NAME;
  if (gpu->memory_budget_ext)
    extensions[n_extensions++] = VK_EXT_MEMORY_BUDGET_EXTENSION_NAME;
  if (gpu->feedback_ext)
    extensions[n_extensions++] = VK_EXT_PIPELINE_CREATION_FEEDBACK_EXTENSION_NAME;
  if (facts->cooperative_matrix) {
    extensions[n_extensions++] = VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME;
    v12.pNext = &matrix;
  }
  if (facts->n_group_matrices > 0) {
    extensions[n_extensions++] = VK_NV_COOPERATIVE_MATRIX_2_EXTENSION_NAME;
    maintenance4.pNext = v12.pNext;
    v12.pNext = &matrix2;
  }
  if (facts->subgroup_control) {
    extensions[n_extensions++] = VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME;
    control.pNext = v12.pNext;
    v12.pNext = &control;
  }
  info.enabledExtensionCount = n_extensions;
  info.ppEnabledExtensionNames = extensions;

  if (!inq_gpu_check (gpu, gpu->vk.CreateDevice (gpu->physical, &info, NULL, &gpu->device), "vkCreateDevice", error))
    return FALSE;
  inq_vk_load_device (&gpu->vk, gpu->device);
  gpu->vk.GetDeviceQueue (gpu->device, gpu->family, 0, &gpu->queue);
  if (!inq_gpu_check (gpu, gpu->vk.CreateSemaphore (gpu->device, &semaphore, NULL, &gpu->timeline), "vkCreateSemaphore",
                      error))
    return FALSE;
  if (!copies && !(gpu->test_flags & INQ_GPU_TEST_COPIES))
    return TRUE;
  gpu->vk.GetDeviceQueue (gpu->device, gpu->copy_family, 0, &gpu->copy_queue);
  return inq_gpu_check (gpu, gpu->vk.CreateSemaphore (gpu->device, &semaphore, NULL, &gpu->copy_timeline),
                        "vkCreateSemaphore", error);
}

static gboolean
open_device (InqGpu *gpu, const char *wanted, GError **error)
{
  g_autoptr (GArray) found = inq_gpu_find (&gpu->vk, error);
  InqGpuFound *chosen;
  int index;

  if (!found)
    return FALSE;
  index = inq_gpu_choose (found, wanted, error);
  if (index < 0)
    return FALSE;
  chosen = &g_array_index (found, InqGpuFound, index);
  gpu->facts = g_steal_pointer (&chosen->facts);
  gpu->physical = chosen->physical;
  gpu->memory_budget_ext = chosen->memory_budget_ext;
  gpu->feedback_ext = chosen->feedback_ext;
  gpu->family = chosen->family;
  gpu->copy_family = chosen->copy_family >= 0 && !(gpu->flags & INQ_GPU_PLAIN) ? chosen->copy_family : chosen->family;
  gpu->timestamp_bits = chosen->timestamp_bits;
  gpu->push_descriptors = gpu->facts->push_descriptors && !(gpu->test_flags & INQ_GPU_TEST_NO_PUSH_DESCRIPTORS);
  if (gpu->test_flags & INQ_GPU_TEST_STAGING)
    gpu->facts->unified_memory = FALSE;
  if (gpu->test_flags & INQ_GPU_TEST_NO_TIMESTAMPS)
    gpu->facts->timestamps = FALSE;
  return create_device (gpu, error);
}

static gboolean
wants_validation (const InqGpuOptions *options)
{
  const char *env = g_getenv ("INQ_VALIDATION");

  return options->validation || (env && *env && !g_str_equal (env, "0"));
}

InqGpu *
inq_gpu_open (const InqGpuOptions *options, guint flags, GError **error)
{
  static const InqGpuOptions defaults = { NULL };
  InqGpu *gpu = g_new0 (InqGpu, 1);

  if (!options)
    options = &defaults;
  g_atomic_ref_count_init (&gpu->ref_count);
  gpu->lose_after = -1;
  gpu->flags = flags;
  gpu->test_flags = flags & INQ_GPU_PLAIN ? 0 : inq_gpu_test_flags;
  gpu->vk.log = options->log;
  gpu->vk.log_data = options->log_data;
  gpu->zombies = g_array_new (FALSE, FALSE, sizeof (InqZombie));
  if (!inq_vk_open (&gpu->vk, !(flags & INQ_GPU_PLAIN) && wants_validation (options), error)
      || !open_device (gpu, options->device, error)) {
    inq_gpu_unref (gpu);
    return NULL;
  }
  inq_arena_init (gpu);
  gpu->arena.limit = options->max_memory;
  inq_pipelines_init (gpu, options->cache_dir);
  inq_gpu_log (gpu, G_LOG_LEVEL_INFO, "Device %s (%s)", gpu->facts->name, gpu->facts->driver);
  return gpu;
}

InqGpu *
inq_gpu_new (const InqGpuOptions *options, GError **error)
{
  return inq_gpu_open (options, 0, error);
}

InqGpu *
inq_gpu_ref (InqGpu *gpu)
{
  g_atomic_ref_count_inc (&gpu->ref_count);
  return gpu;
}

void
inq_gpu_unref (InqGpu *gpu)
{
  if (!gpu || !g_atomic_ref_count_dec (&gpu->ref_count))
    return;
  if (gpu->device) {
    gpu->vk.DeviceWaitIdle (gpu->device);
    inq_pipelines_clear (gpu);
    inq_staging_clear (gpu);
    bury_zombies (gpu);
    if (gpu->n_objects > 0)
      inq_gpu_log (gpu, G_LOG_LEVEL_CRITICAL, "%u buffers or passes outlive their device", gpu->n_objects);
    inq_arena_clear (gpu);
    if (gpu->timeline)
      gpu->vk.DestroySemaphore (gpu->device, gpu->timeline, NULL);
    if (gpu->copy_timeline)
      gpu->vk.DestroySemaphore (gpu->device, gpu->copy_timeline, NULL);
    gpu->vk.DestroyDevice (gpu->device, NULL);
  }
  inq_gpu_set_data (gpu, NULL, NULL);
  inq_vk_close (&gpu->vk);
  g_clear_pointer (&gpu->facts, inq_gpu_facts_free);
  g_array_unref (gpu->zombies);
  g_free (gpu);
}

const InqGpuFacts *
inq_gpu_get_facts (InqGpu *gpu)
{
  inq_gpu_facts_read_budget (&gpu->vk, gpu->physical, gpu->memory_budget_ext, gpu->facts);
  if (gpu->arena.limit > 0)
    gpu->facts->memory_budget = MIN (gpu->facts->memory_budget,
                                     gpu->arena.limit - MIN (gpu->arena.limit, gpu->arena.current));
  return gpu->facts;
}

void
inq_gpu_set_data (InqGpu *gpu, gpointer data, GDestroyNotify destroy)
{
  gpointer old = gpu->data;
  GDestroyNotify old_destroy = gpu->data_destroy;

  gpu->data = data;
  gpu->data_destroy = destroy;
  if (old && old_destroy)
    old_destroy (old);
}

gpointer
inq_gpu_get_data (InqGpu *gpu)
{
  return gpu->data;
}

guint
inq_gpu_get_validation_count (InqGpu *gpu)
{
  return g_atomic_int_get (&gpu->vk.n_messages);
}

gboolean
inq_gpu_has_validation (InqGpu *gpu)
{
  return gpu->vk.validation;
}
