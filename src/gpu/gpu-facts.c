/* Inquadra - which devices there are, what they can do, and which of them is meant.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-gpu-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct {
  VkPhysicalDeviceFeatures2 base;
  VkPhysicalDeviceVulkan11Features v11;
  VkPhysicalDeviceVulkan12Features v12;
  VkPhysicalDeviceCooperativeMatrixFeaturesKHR matrix;
  VkPhysicalDeviceCooperativeMatrix2FeaturesNV matrix2;
  VkPhysicalDeviceMaintenance4Features maintenance4;
  VkPhysicalDeviceSubgroupSizeControlFeaturesEXT control;
} Features;

void
inq_gpu_facts_free (InqGpuFacts *facts)
{
  if (!facts)
    return;
  g_free (facts->name);
  g_free (facts->driver);
  g_free (facts->unusable);
  g_free (facts);
}

static gboolean
has_extension (const VkExtensionProperties *extensions, guint n, const char *name)
{
  for (guint i = 0; i < n; i++)
    if (g_str_equal (extensions[i].extensionName, name))
      return TRUE;
  return FALSE;
}

static InqGpuKind
kind_of (VkPhysicalDeviceType type)
{
  switch (type) {
  case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
    return INQ_GPU_KIND_DISCRETE;
  case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
    return INQ_GPU_KIND_INTEGRATED;
  case VK_PHYSICAL_DEVICE_TYPE_CPU:
    return INQ_GPU_KIND_SOFTWARE;
  default:
    return INQ_GPU_KIND_VIRTUAL;
  }
}

void
inq_gpu_facts_read_budget (InqVk *vk, VkPhysicalDevice physical, gboolean budget_ext, InqGpuFacts *facts)
{
  VkPhysicalDeviceMemoryBudgetPropertiesEXT budget = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT,
  };
  VkPhysicalDeviceMemoryProperties2 memory = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2,
    .pNext = budget_ext ? &budget : NULL,
  };
  guint64 total = 0, left = 0;

  vk->GetPhysicalDeviceMemoryProperties2 (physical, &memory);
  for (guint i = 0; i < memory.memoryProperties.memoryHeapCount; i++) {
    const VkMemoryHeap *heap = &memory.memoryProperties.memoryHeaps[i];

    if (!(heap->flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT))
      continue;
    total += heap->size;
    if (budget_ext)
      left += budget.heapBudget[i] > budget.heapUsage[i] ? budget.heapBudget[i] - budget.heapUsage[i] : 0;
    else
      left += heap->size;
  }
  if (facts->kind == INQ_GPU_KIND_SOFTWARE && !budget_ext)
    inq_host_memory (&total, &left);
  facts->memory_total = total;
  facts->memory_budget = left;
}

/* Device-local memory that the host can map, where that is as good as any: not across a bus. */
static gboolean
is_unified (InqVk *vk, VkPhysicalDevice physical, InqGpuKind kind)
{
  const VkMemoryPropertyFlags wanted = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT
                                       | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  VkPhysicalDeviceMemoryProperties2 memory = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2 };

  if (kind == INQ_GPU_KIND_DISCRETE || kind == INQ_GPU_KIND_VIRTUAL)
    return FALSE;
  vk->GetPhysicalDeviceMemoryProperties2 (physical, &memory);
  for (guint i = 0; i < memory.memoryProperties.memoryTypeCount; i++)
    if ((memory.memoryProperties.memoryTypes[i].propertyFlags & wanted) == wanted)
      return TRUE;
  return FALSE;
}

/* A family that computes; one without graphics, which leaves the desktop its own, before others. -1: none. */
static int
find_family (InqVk *vk, VkPhysicalDevice physical, guint32 *timestamp_bits)
{
  g_autofree VkQueueFamilyProperties *families = NULL;
  guint32 n = 0;
  int best = -1;

  vk->GetPhysicalDeviceQueueFamilyProperties (physical, &n, NULL);
  families = g_new0 (VkQueueFamilyProperties, n + 1);
  vk->GetPhysicalDeviceQueueFamilyProperties (physical, &n, families);
  for (guint i = 0; i < n; i++) {
    if (!(families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) || !families[i].queueCount)
      continue;
    if (best < 0 || (families[best].queueFlags & VK_QUEUE_GRAPHICS_BIT & ~families[i].queueFlags))
      best = i;
  }
  if (best >= 0)
    *timestamp_bits = families[best].timestampValidBits;
  return best;
}

/* A family that copies and does nothing else: a card's engine for copies. */
static int
find_copy_family (InqVk *vk, VkPhysicalDevice physical)
{
  g_autofree VkQueueFamilyProperties *families = NULL;
  guint32 n = 0;

  vk->GetPhysicalDeviceQueueFamilyProperties (physical, &n, NULL);
  families = g_new0 (VkQueueFamilyProperties, n + 1);
  vk->GetPhysicalDeviceQueueFamilyProperties (physical, &n, families);
  for (guint i = 0; i < n; i++)
    if (families[i].queueCount > 0
        && (families[i].queueFlags & ~(VkQueueFlags) VK_QUEUE_SPARSE_BINDING_BIT) == VK_QUEUE_TRANSFER_BIT)
      return (int) i;
  return -1;
}

static void
read_limits (InqGpuFacts *facts, const VkPhysicalDeviceProperties *props)
{
  const VkPhysicalDeviceLimits *limits = &props->limits;

  facts->name = g_strdup (props->deviceName);
  facts->kind = kind_of (props->deviceType);
  facts->vendor_id = props->vendorID;
  facts->device_id = props->deviceID;
  facts->driver_version = props->driverVersion;
  facts->api_version = props->apiVersion;
  memcpy (facts->pipeline_cache_uuid, props->pipelineCacheUUID, 16);
  facts->max_storage_range = limits->maxStorageBufferRange;
  facts->max_texels = limits->maxTexelBufferElements;
  facts->texel_reads = facts->kind == INQ_GPU_KIND_SOFTWARE && g_strcmp0 (g_getenv ("INQ_TEXELS"), "0") != 0;
  facts->max_shared_memory = limits->maxComputeSharedMemorySize;
  facts->max_invocations = limits->maxComputeWorkGroupInvocations;
  memcpy (facts->max_groups, limits->maxComputeWorkGroupCount, sizeof facts->max_groups);
  memcpy (facts->max_group_size, limits->maxComputeWorkGroupSize, sizeof facts->max_group_size);
  facts->timestamp_period_ns = limits->timestampPeriod;
}

/* lavapipe since Mesa 24 calls a function for every texel read: 25 and 26 were measured (docs/kernels.md). */
static void
read_texel_subgroups (InqGpuFacts *facts, const VkPhysicalDeviceVulkan11Properties *v11)
{
  const char *env = g_getenv ("INQ_TEXELS");
  guint mesa = 0;

  if (!facts->texel_reads || facts->subgroup_size < 8 || !(v11->subgroupSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT)
      || !(v11->subgroupSupportedOperations & VK_SUBGROUP_FEATURE_BALLOT_BIT))
    return;
  if (g_str_has_prefix (facts->driver, "Mesa "))
    mesa = (guint) g_ascii_strtoull (facts->driver + strlen ("Mesa "), NULL, 10);
  facts->texel_subgroups = env && *env ? g_str_equal (env, "2") : mesa >= 24;
}

/* The largest cooperative matrices of halves that sum in f32, and the subgroup they want. */
static void
read_matrices (InqVk *vk, VkPhysicalDevice physical, InqGpuFacts *facts)
{
  g_autofree VkCooperativeMatrixPropertiesKHR *all = NULL;
  guint32 n = 0, best = 0, wanted;

  if (!facts->cooperative_matrix || !facts->arithmetic_f16 || !facts->subgroup_control
      || !vk->GetPhysicalDeviceCooperativeMatrixPropertiesKHR
      || vk->GetPhysicalDeviceCooperativeMatrixPropertiesKHR (physical, &n, NULL) != VK_SUCCESS)
    return;
  all = g_new0 (VkCooperativeMatrixPropertiesKHR, n + 1);
  for (guint i = 0; i < n; i++)
    all[i].sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR;
  if (vk->GetPhysicalDeviceCooperativeMatrixPropertiesKHR (physical, &n, all) < 0)
    return;
  for (guint i = 0; i < n; i++) {
    const VkCooperativeMatrixPropertiesKHR *p = &all[i];

    if (p->AType != VK_COMPONENT_TYPE_FLOAT16_KHR || p->BType != VK_COMPONENT_TYPE_FLOAT16_KHR
        || p->CType != VK_COMPONENT_TYPE_FLOAT32_KHR || p->ResultType != VK_COMPONENT_TYPE_FLOAT32_KHR
        || p->scope != VK_SCOPE_SUBGROUP_KHR || p->saturatingAccumulation || p->MSize % 8 || p->NSize % 8
        || p->KSize % 8 || p->MSize > 16 || p->NSize > 16 || p->KSize > 16 || p->MSize * p->NSize * p->KSize <= best)
      continue;
    best = p->MSize * p->NSize * p->KSize;
    facts->matrix_m = p->MSize;
    facts->matrix_n = p->NSize;
    facts->matrix_k = p->KSize;
  }
  /* Intel's units are as wide as the matrices have columns; elsewhere the narrowest of 32 and more is the native one */
  wanted = facts->vendor_id == INQ_GPU_VENDOR_INTEL ? facts->matrix_n
           : facts->subgroup_size > 32              ? 32
                                                    : facts->subgroup_size;
  facts->matrix_subgroup = CLAMP (wanted, facts->subgroup_min, facts->subgroup_max);
}

/* Matrices of whole groups that sum halves in f32; called where the device has every feature that their kernels use. */
static void
read_group_matrices (InqVk *vk, VkPhysicalDevice physical, InqGpuFacts *facts)
{
  g_autofree VkCooperativeMatrixFlexibleDimensionsPropertiesNV *all = NULL;
  guint32 n = 0;

  if (facts->matrix_m == 0 || !facts->storage_f16 || !facts->vulkan_memory_model
      || !vk->GetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV
      || vk->GetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV (physical, &n, NULL) != VK_SUCCESS)
    return;
  all = g_new0 (VkCooperativeMatrixFlexibleDimensionsPropertiesNV, n + 1);
  for (guint i = 0; i < n; i++)
    all[i].sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_FLEXIBLE_DIMENSIONS_PROPERTIES_NV;
  if (vk->GetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV (physical, &n, all) < 0)
    return;
  for (guint i = 0; i < n && facts->n_group_matrices < INQ_GPU_MAX_GROUP_MATRICES; i++) {
    const VkCooperativeMatrixFlexibleDimensionsPropertiesNV *p = &all[i];

    if (p->AType != VK_COMPONENT_TYPE_FLOAT16_KHR || p->BType != VK_COMPONENT_TYPE_FLOAT16_KHR
        || p->CType != VK_COMPONENT_TYPE_FLOAT32_KHR || p->ResultType != VK_COMPONENT_TYPE_FLOAT32_KHR
        || p->scope != VK_SCOPE_WORKGROUP_KHR || p->saturatingAccumulation || p->MGranularity == 0
        || p->NGranularity == 0 || p->KGranularity == 0)
      continue;
    facts->group_matrices[facts->n_group_matrices].invocations = p->workgroupInvocations;
    facts->group_matrices[facts->n_group_matrices].m = p->MGranularity;
    facts->group_matrices[facts->n_group_matrices].n = p->NGranularity;
    facts->group_matrices[facts->n_group_matrices++].k = p->KGranularity;
  }
}

static void
read_features (InqVk *vk, InqGpuFound *found, const VkExtensionProperties *extensions, guint n_extensions)
{
  InqGpuFacts *facts = found->facts;
  gboolean group_matrices;
  VkPhysicalDeviceDriverProperties driver = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES };
  VkPhysicalDeviceSubgroupSizeControlPropertiesEXT sizes = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES_EXT,
  };
  VkPhysicalDeviceCooperativeMatrix2PropertiesNV matrix2 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_2_PROPERTIES_NV,
  };
  VkPhysicalDeviceVulkan11Properties v11 = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES,
                                             .pNext = &driver };
  VkPhysicalDeviceProperties2 props = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &v11 };
  Features features = {
    .base = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &features.v11 },
    .v11 = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES, .pNext = &features.v12 },
    .v12 = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES },
    .matrix = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR },
    .matrix2 = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_2_FEATURES_NV },
    .maintenance4 = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_FEATURES },
    .control = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES_EXT },
  };

  if (has_extension (extensions, n_extensions, VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME))
    features.v12.pNext = &features.matrix;
  if (has_extension (extensions, n_extensions, VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME)) {
    features.control.pNext = features.v12.pNext;
    features.v12.pNext = &features.control;
    driver.pNext = &sizes;
  }
  group_matrices = features.v12.pNext && facts->api_version >= VK_API_VERSION_1_3
                   && has_extension (extensions, n_extensions, VK_NV_COOPERATIVE_MATRIX_2_EXTENSION_NAME);
  if (group_matrices) {
    features.matrix2.pNext = &features.maintenance4;
    features.maintenance4.pNext = features.v12.pNext;
    features.v12.pNext = &features.matrix2;
    matrix2.pNext = driver.pNext;
    driver.pNext = &matrix2;
  }
  vk->GetPhysicalDeviceProperties2 (found->physical, &props);
  vk->GetPhysicalDeviceFeatures2 (found->physical, &features.base);

  if (g_str_has_prefix (driver.driverInfo, "Mesa"))
    facts->driver = g_strdup (driver.driverInfo);
  else
    facts->driver = g_strdup_printf ("%s %s", driver.driverName, driver.driverInfo);
  facts->max_allocation = v11.maxMemoryAllocationSize;
  facts->subgroup_size = v11.subgroupSize;
  facts->subgroup_arithmetic = (v11.subgroupSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT)
                               && (v11.subgroupSupportedOperations & VK_SUBGROUP_FEATURE_ARITHMETIC_BIT);
  read_texel_subgroups (facts, &v11);
  facts->storage_f16 = features.v11.storageBuffer16BitAccess;
  facts->storage_i8 = features.v12.storageBuffer8BitAccess;
  facts->arithmetic_f16 = features.v12.shaderFloat16;
  facts->arithmetic_i8 = features.v12.shaderInt8;
  facts->arithmetic_i16 = features.base.features.shaderInt16;
  facts->arithmetic_i64 = features.base.features.shaderInt64;
  facts->buffer_address = features.v12.bufferDeviceAddress;
  facts->vulkan_memory_model = features.v12.vulkanMemoryModel;
  facts->cooperative_matrix = features.matrix.cooperativeMatrix;
  facts->subgroup_shuffle = (v11.subgroupSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT)
                            && (v11.subgroupSupportedOperations & VK_SUBGROUP_FEATURE_SHUFFLE_BIT);
  facts->subgroup_vote = (v11.subgroupSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT)
                         && (v11.subgroupSupportedOperations & VK_SUBGROUP_FEATURE_VOTE_BIT);
  facts->subgroup_control = features.control.subgroupSizeControl && features.control.computeFullSubgroups
                            && (sizes.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT);
  facts->subgroup_min = sizes.minSubgroupSize;
  facts->subgroup_max = sizes.maxSubgroupSize;
  read_matrices (vk, found->physical, facts);
  if (group_matrices && features.maintenance4.maintenance4 && features.matrix2.cooperativeMatrixWorkgroupScope
      && features.matrix2.cooperativeMatrixFlexibleDimensions && features.matrix2.cooperativeMatrixConversions
      && features.matrix2.cooperativeMatrixReductions && features.matrix2.cooperativeMatrixPerElementOperations
      && features.matrix2.cooperativeMatrixTensorAddressing) {
    facts->group_matrix_max = matrix2.cooperativeMatrixFlexibleDimensionsMaxDimension;
    facts->group_matrix_shared = matrix2.cooperativeMatrixWorkgroupScopeReservedSharedMemory;
    read_group_matrices (vk, found->physical, facts);
  }
  facts->push_descriptors = has_extension (extensions, n_extensions, VK_KHR_PUSH_DESCRIPTOR_EXTENSION_NAME);
  found->memory_budget_ext = has_extension (extensions, n_extensions, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
  found->feedback_ext = has_extension (extensions, n_extensions, VK_EXT_PIPELINE_CREATION_FEEDBACK_EXTENSION_NAME);
  if (!features.v12.timelineSemaphore)
    facts->unusable = g_strdup (_ ("its driver has no timeline semaphores"));
}

static void
read_device (InqVk *vk, VkPhysicalDevice physical, InqGpuFound *found)
{
  g_autofree VkExtensionProperties *extensions = NULL;
  VkPhysicalDeviceProperties props;
  InqGpuFacts *facts = g_new0 (InqGpuFacts, 1);
  guint32 n = 0, timestamp_bits = 0;

  found->physical = physical;
  found->facts = facts;
  vk->GetPhysicalDeviceProperties (physical, &props);
  read_limits (facts, &props);
  if (props.apiVersion < VK_API_VERSION_1_2) {
    facts->driver = g_strdup ("");
    facts->unusable = g_strdup_printf (_ ("its driver knows Vulkan %u.%u, Inquadra needs 1.2"),
                                       VK_API_VERSION_MAJOR (props.apiVersion),
                                       VK_API_VERSION_MINOR (props.apiVersion));
    return;
  }

  vk->EnumerateDeviceExtensionProperties (physical, NULL, &n, NULL);
  extensions = g_new0 (VkExtensionProperties, n + 1);
  vk->EnumerateDeviceExtensionProperties (physical, NULL, &n, extensions);
  read_features (vk, found, extensions, n);
  inq_gpu_facts_read_budget (vk, physical, found->memory_budget_ext, facts);
  facts->unified_memory = is_unified (vk, physical, facts->kind);
  found->family = find_family (vk, physical, &timestamp_bits);
  found->copy_family = facts->unified_memory ? -1 : find_copy_family (vk, physical);
  if (found->family < 0 && !facts->unusable)
    facts->unusable = g_strdup (_ ("it cannot compute"));
  found->timestamp_bits = timestamp_bits;
  facts->timestamps = timestamp_bits > 0 && facts->timestamp_period_ns > 0;
}

static gint
compare_found (gconstpointer a, gconstpointer b)
{
  const InqGpuFacts *x = ((const InqGpuFound *) a)->facts, *y = ((const InqGpuFound *) b)->facts;

  if (!x->unusable != !y->unusable)
    return x->unusable ? 1 : -1;
  return (gint) x->kind - (gint) y->kind;
}

static void
clear_found (gpointer data)
{
  inq_gpu_facts_free (((InqGpuFound *) data)->facts);
}

GArray *
inq_gpu_find (InqVk *vk, GError **error)
{
  g_autoptr (GArray) found = g_array_new (FALSE, TRUE, sizeof (InqGpuFound));
  g_autofree VkPhysicalDevice *physical = NULL;
  guint32 n = 0;

  g_array_set_clear_func (found, clear_found);
  if (vk->EnumeratePhysicalDevices (vk->instance, &n, NULL) != VK_SUCCESS)
    n = 0;
  physical = g_new0 (VkPhysicalDevice, n + 1);
  if (n > 0 && vk->EnumeratePhysicalDevices (vk->instance, &n, physical) < 0)
    n = 0;
  if (n == 0) {
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_NO_VULKAN,
                 _ ("Vulkan finds no device. Install the package mesa-vulkan-drivers "
                    "(apt install libvulkan1 mesa-vulkan-drivers), or the driver of your graphics card."));
    return NULL;
  }
  g_array_set_size (found, n);
  for (guint i = 0; i < n; i++)
    read_device (vk, physical[i], &g_array_index (found, InqGpuFound, i));
  g_array_sort (found, compare_found); /* stable: merge sort */
  return g_steal_pointer (&found);
}

static gboolean
name_contains (const char *name, const char *part)
{
  g_autofree char *a = g_utf8_casefold (name, -1), *b = NULL;

  if (!g_utf8_validate (part, -1, NULL))
    return FALSE;
  b = g_utf8_casefold (part, -1);
  return strstr (a, b) != NULL;
}

int
inq_gpu_choose (GArray *found, const char *wanted, GError **error)
{
  g_autoptr (GString) names = NULL;
  guint64 index;
  int best = -1;

  if (!wanted || !*wanted)
    wanted = g_getenv ("INQ_DEVICE");
  if (!wanted || !*wanted)
    best = 0;
  else if (g_ascii_string_to_unsigned (wanted, 10, 0, G_MAXUINT, &index, NULL) && index < found->len)
    best = index;
  else
    for (guint i = 0; best < 0 && i < found->len; i++)
      if (name_contains (g_array_index (found, InqGpuFound, i).facts->name, wanted))
        best = i;

  if (best < 0) {
    names = g_string_new (NULL);
    for (guint i = 0; i < found->len; i++)
      g_string_append_printf (names, "%s%u: %s", i ? ", " : "", i, g_array_index (found, InqGpuFound, i).facts->name);
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_UNSUITABLE,
                 _ ("There is no device “%s” (the device set in the preferences, or INQ_DEVICE). Found: %s."), wanted,
                 names->str);
  } else if (g_array_index (found, InqGpuFound, best).facts->unusable) {
    const InqGpuFacts *facts = g_array_index (found, InqGpuFound, best).facts;

    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_UNSUITABLE, _ ("The device “%s” cannot be used: %s."), facts->name,
                 facts->unusable);
    best = -1;
  }
  return best;
}

GPtrArray *
inq_gpu_list (GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_gpu_facts_free);
  g_autoptr (GArray) found = NULL;
  InqVk vk = { NULL };

  if (!inq_vk_open (&vk, FALSE, error))
    return NULL;
  found = inq_gpu_find (&vk, error);
  for (guint i = 0; found && i < found->len; i++)
    g_ptr_array_add (list, g_steal_pointer (&g_array_index (found, InqGpuFound, i).facts));
  inq_vk_close (&vk);
  return found ? g_steal_pointer (&list) : NULL;
}
