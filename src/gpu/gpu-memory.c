/* Inquadra - device memory: large blocks cut into aligned ranges, best fit, memory types with fallbacks.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-gpu-private.h"

#include <glib/gi18n-lib.h>
#include <sys/mman.h>

#define MIB          ((gsize) 1 << 20)
#define BLOCK_DEVICE (64 * MIB)
#define BLOCK_HOST   (16 * MIB)

typedef struct {
  gsize offset;
  gsize size;
} Range;

struct _InqBlock {
  VkDeviceMemory memory;
  guint8 *map; /* NULL when the type is not host visible */
  gsize size;
  guint type;
  gboolean dedicated; /* made for one allocation larger than half a block */
  GArray *free;       /* Range, by offset, never touching each other */
};

VkDeviceMemory
inq_block_get_memory (InqBlock *block)
{
  return block->memory;
}

guint8 *
inq_block_get_map (InqBlock *block)
{
  return block->map;
}

static gboolean
is_cached (InqGpu *gpu, guint type)
{
  return (gpu->arena.props.memoryTypes[type].propertyFlags & VK_MEMORY_PROPERTY_HOST_CACHED_BIT) != 0
         && !(gpu->test_flags & INQ_GPU_TEST_UNCACHED);
}

gboolean
inq_block_is_cached (InqGpu *gpu, InqBlock *block)
{
  return is_cached (gpu, block->type);
}

void
inq_arena_init (InqGpu *gpu)
{
  VkPhysicalDeviceMemoryProperties2 memory = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2 };

  gpu->vk.GetPhysicalDeviceMemoryProperties2 (gpu->physical, &memory);
  gpu->arena.props = memory.memoryProperties;
  gpu->arena.blocks = g_ptr_array_new ();
  gpu->arena.fail_after = -1;
}

static void
block_free (InqGpu *gpu, InqBlock *block)
{
  gpu->vk.FreeMemory (gpu->device, block->memory, NULL); /* unmaps */
  gpu->arena.held -= block->size;
  g_array_unref (block->free);
  g_free (block);
}

void
inq_arena_clear (InqGpu *gpu)
{
  if (!gpu->arena.blocks)
    return;
  for (guint i = 0; i < gpu->arena.blocks->len; i++)
    block_free (gpu, gpu->arena.blocks->pdata[i]);
  g_clear_pointer (&gpu->arena.blocks, g_ptr_array_unref);
}

static gboolean
block_is_empty (InqBlock *block)
{
  return block->free->len == 1 && g_array_index (block->free, Range, 0).size == block->size;
}

/* What the driver says this process may still take of a heap; without VK_EXT_memory_budget the driver itself refuses.
 */
static guint64
heap_left (InqGpu *gpu, guint heap)
{
  VkPhysicalDeviceMemoryBudgetPropertiesEXT budget = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT
  };
  VkPhysicalDeviceMemoryProperties2 memory = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2,
                                               .pNext = &budget };

  guint64 total, available;

  if (!gpu->memory_budget_ext)
    return gpu->facts->kind == INQ_GPU_KIND_SOFTWARE && inq_host_memory (&total, &available) ? available : G_MAXUINT64;
  gpu->vk.GetPhysicalDeviceMemoryProperties2 (gpu->physical, &memory);
  return budget.heapBudget[heap] > budget.heapUsage[heap] ? budget.heapBudget[heap] - budget.heapUsage[heap] : 0;
}

/* A software device's memory is the process's own. In pages of 2 MiB it is there sooner (a fault for each 512 of the
 * small ones), and rows far apart are found without walking page tables. */
static void
use_large_pages (void *map, gsize size)
{
#ifdef MADV_HUGEPAGE
  const gsize large = 2 * MIB;
  guint8 *begin = (guint8 *) (((gsize) map + large - 1) / large * large), *end = (guint8 *) map + size;

  if (begin < end && (gsize) (end - begin) >= large)
    madvise (begin, (gsize) (end - begin) / large * large, MADV_HUGEPAGE); /* a wish: whatever comes of it */
#endif
}

static VkResult
block_new (InqGpu *gpu, guint type, gsize size, gboolean dedicated, InqBlock **out)
{
  VkMemoryAllocateFlagsInfo flags = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO,
    .flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT,
  };
  VkMemoryAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    .pNext = (gpu->test_flags & INQ_GPU_TEST_BUFFER_ADDRESS) && gpu->facts->buffer_address ? &flags : NULL,
    .allocationSize = size,
    .memoryTypeIndex = type,
  };
  const VkMemoryType *kind = &gpu->arena.props.memoryTypes[type];
  Range all = { 0, size };
  VkDeviceMemory memory;
  void *map = NULL;
  InqBlock *block;
  VkResult result;

  if (size > heap_left (gpu, kind->heapIndex))
    return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  result = gpu->vk.AllocateMemory (gpu->device, &info, NULL, &memory);
  if (result != VK_SUCCESS)
    return result;
  if (kind->propertyFlags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) {
    result = gpu->vk.MapMemory (gpu->device, memory, 0, VK_WHOLE_SIZE, 0, &map);
    if (result != VK_SUCCESS) {
      gpu->vk.FreeMemory (gpu->device, memory, NULL);
      return result;
    }
  }
  if (gpu->facts->kind == INQ_GPU_KIND_SOFTWARE && map)
    use_large_pages (map, size);
  block = g_new0 (InqBlock, 1);
  block->memory = memory;
  block->map = map;
  block->size = size;
  block->type = type;
  block->dedicated = dedicated;
  block->free = g_array_new (FALSE, FALSE, sizeof (Range));
  gpu->arena.held += size;
  g_array_append_val (block->free, all);
  g_ptr_array_add (gpu->arena.blocks, block);
  *out = block;
  return VK_SUCCESS;
}

/* The smallest free range of @type that holds @size; sizes and offsets are all multiples of @align. */
static gboolean
take_range (InqGpu *gpu, guint type, gsize size, gsize align, InqAllocation *out)
{
  InqBlock *best_block = NULL;
  Range *range;
  guint best = 0;
  gsize best_size = G_MAXSIZE, pad;

  for (guint b = 0; b < gpu->arena.blocks->len; b++) {
    InqBlock *block = gpu->arena.blocks->pdata[b];

    if (block->type != type)
      continue;
    for (guint i = 0; i < block->free->len; i++) {
      range = &g_array_index (block->free, Range, i);
      pad = (align - range->offset % align) % align;
      if (range->size >= pad + size && range->size < best_size) {
        best_block = block;
        best = i;
        best_size = range->size;
      }
    }
  }
  if (!best_block)
    return FALSE;

  range = &g_array_index (best_block->free, Range, best);
  pad = (align - range->offset % align) % align;
  *out = (InqAllocation){ best_block, range->offset + pad, size };
  if (pad > 0) {
    Range rest = { range->offset + pad + size, range->size - pad - size };

    range->size = pad;
    if (rest.size > 0)
      g_array_insert_val (best_block->free, best + 1, rest);
  } else {
    range->offset += size;
    range->size -= size;
    if (range->size == 0)
      g_array_remove_index (best_block->free, best);
  }
  return TRUE;
}

static void
trim (InqGpu *gpu)
{
  for (guint i = gpu->arena.blocks->len; i-- > 0;) {
    InqBlock *block = gpu->arena.blocks->pdata[i];

    if (block_is_empty (block)) {
      g_ptr_array_remove_index_fast (gpu->arena.blocks, i);
      block_free (gpu, block);
    }
  }
}

static VkResult
alloc_type (InqGpu *gpu, guint type, gsize size, gsize align, InqGpuMemory memory, InqAllocation *out)
{
  gsize block_size = memory == INQ_GPU_MEMORY_DEVICE ? BLOCK_DEVICE : BLOCK_HOST;
  guint64 heap = gpu->arena.props.memoryHeaps[gpu->arena.props.memoryTypes[type].heapIndex].size;
  VkResult result = VK_ERROR_OUT_OF_DEVICE_MEMORY;
  InqBlock *block;

  if (take_range (gpu, type, size, align, out))
    return VK_SUCCESS;
  if (gpu->arena.limit > 0)
    heap = MIN (heap, gpu->arena.limit); /* what blocks hold in reserve counts to whoever set it */
  while (block_size > heap / 16 && block_size > MIB)
    block_size /= 2;
  if (size <= block_size / 2)
    result = block_new (gpu, type, block_size, FALSE, &block);
  if (result != VK_SUCCESS)
    result = block_new (gpu, type, size, TRUE, &block);
  if (result == VK_SUCCESS && !take_range (gpu, type, size, align, out))
    result = VK_ERROR_UNKNOWN;
  return result;
}

/* How much a memory type suits @memory: 0 not at all. */
static guint
type_score (InqGpu *gpu, InqGpuMemory memory, VkMemoryPropertyFlags flags)
{
  const gboolean local = (flags & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT) != 0;
  const gboolean cached = (flags & VK_MEMORY_PROPERTY_HOST_CACHED_BIT) != 0;
  const gboolean mapped = (flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT)
                          && (flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT);
  const gboolean visible = (flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) != 0;
  const gboolean unified = gpu->facts->unified_memory;

  if (flags
      & (VK_MEMORY_PROPERTY_PROTECTED_BIT | VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT
         | VK_MEMORY_PROPERTY_DEVICE_COHERENT_BIT_AMD))
    return 0;
  switch (memory) {
  case INQ_GPU_MEMORY_DEVICE:
    if (unified)
      return 1 + 4 * local + 2 * mapped + cached;
    /* Spilling over the bus would be slower than a smaller batch: only where the device has nothing of its own. */
    return local ? 2 + !visible : 0;
  case INQ_GPU_MEMORY_UPLOAD:
    return mapped ? 2 + (unified ? local : !local) : 0;
  default:
    return mapped ? 2 + 4 * cached + (unified ? local : !local) : 0;
  }
}

gboolean
inq_arena_is_cached (InqGpu *gpu)
{
  guint best = 0;
  gboolean cached = FALSE;

  for (guint type = 0; type < gpu->arena.props.memoryTypeCount; type++) {
    guint score = type_score (gpu, INQ_GPU_MEMORY_DEVICE, gpu->arena.props.memoryTypes[type].propertyFlags);

    if (score > best) {
      best = score;
      cached = is_cached (gpu, type);
    }
  }
  return cached;
}

static VkResult
alloc_best (InqGpu *gpu, const VkMemoryRequirements *needs, gsize size, gsize align, InqGpuMemory memory,
            InqAllocation *out)
{
  const VkPhysicalDeviceMemoryProperties *props = &gpu->arena.props;
  VkResult result = VK_ERROR_OUT_OF_DEVICE_MEMORY;

  for (guint score = 8; score > 0; score--)
    for (guint type = 0; type < props->memoryTypeCount; type++) {
      if (!(needs->memoryTypeBits & (1u << type))
          || type_score (gpu, memory, props->memoryTypes[type].propertyFlags) != score)
        continue;
      result = alloc_type (gpu, type, size, align, memory, out);
      if (result != VK_ERROR_OUT_OF_DEVICE_MEMORY && result != VK_ERROR_OUT_OF_HOST_MEMORY)
        return result;
    }
  return result;
}

/* The test hook says that this allocation fails. */
static gboolean
is_failing (InqArena *arena)
{
  arena->asked++;
  if (arena->fail_after < 0)
    return FALSE;
  if (arena->fail_after > 0) {
    arena->fail_after--;
    return FALSE;
  }
  if (arena->fail_times > 0)
    arena->fail_times--;
  if (arena->fail_times == 0)
    arena->fail_after = -1;
  return TRUE;
}

static gboolean
over_limit (InqGpu *gpu, gsize size)
{
  const InqArena *arena = &gpu->arena;

  return arena->limit > 0 && (arena->current > arena->limit || size > arena->limit - arena->current);
}

gboolean
inq_arena_alloc (InqGpu *gpu, const VkMemoryRequirements *needs, gsize tail, InqGpuMemory memory, InqAllocation *out,
                 GError **error)
{
  gsize align = MAX (needs->alignment, INQ_GPU_ALIGN);
  gsize size = (needs->size + align - 1) / align * align;
  VkResult result = VK_ERROR_OUT_OF_DEVICE_MEMORY;
  gboolean failing = is_failing (&gpu->arena);

  inq_gpu_collect (gpu, FALSE);
  for (guint attempt = 0; !failing && attempt < 3 && result == VK_ERROR_OUT_OF_DEVICE_MEMORY; attempt++) {
    if (attempt == 1 && !inq_gpu_collect (gpu, TRUE)) /* what was freed but is still in use */
      continue;
    if (attempt == 2)
      trim (gpu);
    if (!over_limit (gpu, size - tail) && size <= gpu->facts->max_allocation)
      result = alloc_best (gpu, needs, size, align, memory, out);
    if (result == VK_ERROR_OUT_OF_HOST_MEMORY)
      result = VK_ERROR_OUT_OF_DEVICE_MEMORY;
  }
  if (result == VK_ERROR_OUT_OF_DEVICE_MEMORY) {
    guint64 left = inq_gpu_get_facts (gpu)->memory_budget;

    if (gpu->arena.limit > 0)
      left = MIN (left, gpu->arena.limit - MIN (gpu->arena.limit, gpu->arena.current));
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY,
                 _ ("Out of graphics memory: %.1f MiB more are needed, %.1f MiB are in use, %.1f MiB are free."),
                 size / 1048576.0, gpu->arena.current / 1048576.0, left / 1048576.0);
    return FALSE;
  }
  if (!inq_gpu_check (gpu, result, "vkAllocateMemory", error))
    return FALSE;
  out->counted = out->size - tail;
  gpu->arena.current += out->counted;
  gpu->arena.peak = MAX (gpu->arena.peak, gpu->arena.current);
  return TRUE;
}

void
inq_arena_free (InqGpu *gpu, InqAllocation *allocation)
{
  InqBlock *block = allocation->block;
  Range range = { allocation->offset, allocation->size };
  guint at = 0;

  if (!block)
    return;
  gpu->arena.current -= allocation->counted;
  allocation->block = NULL;
  while (at < block->free->len && g_array_index (block->free, Range, at).offset < range.offset)
    at++;
  g_array_insert_val (block->free, at, range);
  if (at + 1 < block->free->len) {
    Range *here = &g_array_index (block->free, Range, at), *next = here + 1;

    if (here->offset + here->size == next->offset) {
      here->size += next->size;
      g_array_remove_index (block->free, at + 1);
    }
  }
  if (at > 0) {
    Range *here = &g_array_index (block->free, Range, at), *before = here - 1;

    if (before->offset + before->size == here->offset) {
      before->size += here->size;
      g_array_remove_index (block->free, at);
    }
  }
  if (block->dedicated && block_is_empty (block)) {
    g_ptr_array_remove_fast (gpu->arena.blocks, block);
    block_free (gpu, block);
  }
}

void
inq_gpu_get_memory (InqGpu *gpu, guint64 *current, guint64 *peak)
{
  if (current)
    *current = gpu->arena.current;
  if (peak)
    *peak = gpu->arena.peak;
}

void
inq_gpu_set_memory_limit (InqGpu *gpu, guint64 bytes)
{
  gpu->arena.limit = bytes;
}

guint64
inq_gpu_get_budget (InqGpu *gpu)
{
  guint64 limit = gpu->arena.limit, free_bytes;

  gpu->arena.limit = 0; /* what the device itself says */
  free_bytes = inq_gpu_get_facts (gpu)->memory_budget;
  gpu->arena.limit = limit;
  if (gpu->memory_budget_ext || gpu->facts->kind == INQ_GPU_KIND_SOFTWARE)
    free_bytes += gpu->arena.held; /* else it is the heap's size, ours included */
  free_bytes -= free_bytes / 16;   /* command lists, descriptors, pipelines, and what others take meanwhile */
  return limit > 0 ? MIN (limit, free_bytes) : free_bytes;
}

void
inq_gpu_test_inject_oom (InqGpu *gpu, int after, guint times)
{
  gpu->arena.fail_after = after;
  gpu->arena.fail_times = times;
}

guint
inq_gpu_test_get_allocations (InqGpu *gpu)
{
  return gpu->arena.asked;
}
