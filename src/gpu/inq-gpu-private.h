/* Inquadra - what the sources of src/gpu share: the Vulkan entry points and the structs behind the opaque types.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "inq-gpu-compat.h"
#include "inq-gpu-test.h"
#include "inq-gpu.h"

/* llvmpipe makes machine code of its own for each mixture of texel buffers whose buffer's size is a power of two or
 * not, and whose view's size has a zero second byte or not (it takes that for the mip level of an image). So that a
 * kernel is compiled once, and what gpu-warm.c compiled is what is asked for, no buffer has such a size and no view
 * such a range: so many bytes lie behind every buffer there (but one as large as the device allows) for a view to grow
 * into. They are a few of the process's and are not counted as memory in use. */
#define INQ_GPU_TEXEL_TAIL 256
#define INQ_GPU_ALIGN      256 /* of buffers and of binding offsets; the largest minStorageBufferOffsetAlignment allowed */

/* ---- entry points, fetched at run time so that the program starts where there is no Vulkan loader ---- */

#define INQ_VK_GLOBAL(X)                                                                                               \
  X (CreateInstance) X (EnumerateInstanceExtensionProperties) X (EnumerateInstanceLayerProperties)
#define INQ_VK_INSTANCE(X)                                                                                             \
  X (CreateDevice)                                                                                                     \
  X (DestroyInstance)                                                                                                  \
  X (EnumerateDeviceExtensionProperties)                                                                               \
  X (EnumeratePhysicalDevices)                                                                                         \
  X (GetDeviceProcAddr)                                                                                                \
  X (GetPhysicalDeviceFeatures2)                                                                                       \
  X (GetPhysicalDeviceMemoryProperties2)                                                                               \
  X (GetPhysicalDeviceProperties)                                                                                      \
  X (GetPhysicalDeviceProperties2)                                                                                     \
  X (GetPhysicalDeviceQueueFamilyProperties)
#define INQ_VK_DEVICE(X)                                                                                               \
  X (AllocateCommandBuffers)                                                                                           \
  X (AllocateDescriptorSets)                                                                                           \
  X (AllocateMemory)                                                                                                   \
  X (BeginCommandBuffer)                                                                                               \
  X (BindBufferMemory)                                                                                                 \
  X (CmdBindDescriptorSets)                                                                                            \
  X (CmdBindPipeline)                                                                                                  \
  X (CmdCopyBuffer)                                                                                                    \
  X (CmdDispatch)                                                                                                      \
  X (CmdFillBuffer)                                                                                                    \
  X (CmdPipelineBarrier)                                                                                               \
  X (CmdPushConstants)                                                                                                 \
  X (CmdResetQueryPool)                                                                                                \
  X (CmdWriteTimestamp)                                                                                                \
  X (CreateBuffer)                                                                                                     \
  X (CreateBufferView)                                                                                                 \
  X (CreateCommandPool)                                                                                                \
  X (CreateComputePipelines)                                                                                           \
  X (CreateDescriptorPool)                                                                                             \
  X (CreateDescriptorSetLayout)                                                                                        \
  X (CreatePipelineCache)                                                                                              \
  X (CreatePipelineLayout)                                                                                             \
  X (CreateQueryPool)                                                                                                  \
  X (CreateSemaphore)                                                                                                  \
  X (CreateShaderModule)                                                                                               \
  X (DestroyBuffer)                                                                                                    \
  X (DestroyBufferView)                                                                                                \
  X (DestroyCommandPool)                                                                                               \
  X (DestroyDescriptorPool)                                                                                            \
  X (DestroyDescriptorSetLayout)                                                                                       \
  X (DestroyDevice)                                                                                                    \
  X (DestroyPipeline)                                                                                                  \
  X (DestroyPipelineCache)                                                                                             \
  X (DestroyPipelineLayout)                                                                                            \
  X (DestroyQueryPool)                                                                                                 \
  X (DestroySemaphore)                                                                                                 \
  X (DestroyShaderModule)                                                                                              \
  X (DeviceWaitIdle)                                                                                                   \
  X (EndCommandBuffer)                                                                                                 \
  X (FreeMemory)                                                                                                       \
  X (GetBufferDeviceAddress)                                                                                           \
  X (GetBufferMemoryRequirements)                                                                                      \
  X (GetDeviceQueue)                                                                                                   \
  X (GetPipelineCacheData)                                                                                             \
  X (GetQueryPoolResults)                                                                                              \
  X (GetSemaphoreCounterValue)                                                                                         \
  X (MapMemory)                                                                                                        \
  X (QueueSubmit)                                                                                                      \
  X (UpdateDescriptorSets)                                                                                             \
  X (WaitSemaphores)

#define INQ_VK_MEMBER(name) PFN_vk##name name;

/* An instance and the entry points reached through it. Its address must not change while it is open. */
typedef struct {
  PFN_vkGetInstanceProcAddr GetInstanceProcAddr;
  INQ_VK_GLOBAL (INQ_VK_MEMBER)
  INQ_VK_INSTANCE (INQ_VK_MEMBER)
  INQ_VK_DEVICE (INQ_VK_MEMBER)
  /* of extensions, NULL without them */
  PFN_vkCreateDebugUtilsMessengerEXT CreateDebugUtilsMessengerEXT;
  PFN_vkDestroyDebugUtilsMessengerEXT DestroyDebugUtilsMessengerEXT;
  PFN_vkSetDebugUtilsObjectNameEXT SetDebugUtilsObjectNameEXT;
  PFN_vkCmdPushDescriptorSetKHR CmdPushDescriptorSetKHR;
  PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR GetPhysicalDeviceCooperativeMatrixPropertiesKHR;
  PFN_vkGetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV
      GetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV;

  VkInstance instance;
  gboolean owned; /* else shared by the process */
  VkDebugUtilsMessengerEXT messenger;
  gboolean validation;
  guint n_messages; /* atomic: layers call from any thread */
  InqGpuLogFunc log;
  gpointer log_data;
} InqVk;

gboolean inq_vk_open (InqVk *vk, gboolean validation, GError **error);
void inq_vk_load_device (InqVk *vk, VkDevice device);
void inq_vk_close (InqVk *vk);
void inq_vk_log (InqVk *vk, GLogLevelFlags level, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* ---- devices found ---- */

typedef struct {
  VkPhysicalDevice physical;
  InqGpuFacts *facts;
  gboolean memory_budget_ext;
  gboolean feedback_ext;
  int family;      /* of the queue, -1: none */
  int copy_family; /* of a queue that only copies, beside what computes; -1: none */
  guint32 timestamp_bits;
} InqGpuFound;

/* Usable devices first, in order of preference. Array of InqGpuFound; frees its facts. */
GArray *inq_gpu_find (InqVk *vk, GError **error);
/* Index into @found for what the user asked for (NULL: $INQ_DEVICE, else the best); -1 with @error. */
int inq_gpu_choose (GArray *found, const char *wanted, GError **error);
void inq_gpu_facts_read_budget (InqVk *vk, VkPhysicalDevice physical, gboolean budget_ext, InqGpuFacts *facts);

/* Of this machine, or of the container we are in; FALSE when unknown. */
gboolean inq_host_memory (guint64 *total, guint64 *available);
/* For tests: with the control group that @cgroup names. */
gboolean inq_host_memory_at (const char *cgroup, guint64 *total, guint64 *available);

/* ---- memory ---- */

typedef struct _InqBlock InqBlock;

typedef struct {
  InqBlock *block; /* NULL: nothing held */
  gsize offset;
  gsize size;
  gsize counted; /* of @size, as memory in use: what the driver wants behind a buffer is not */
} InqAllocation;

typedef struct {
  VkPhysicalDeviceMemoryProperties props;
  GPtrArray *blocks; /* InqBlock, owned */
  guint64 limit;     /* 0: none */
  guint64 current;   /* bytes handed out */
  guint64 peak;
  guint64 held;   /* bytes of the blocks, handed out or not */
  int fail_after; /* test hook: allocations until @fail_times fail, -1 never */
  guint fail_times;
  guint asked; /* allocations */
} InqArena;

void inq_arena_init (InqGpu *gpu);
void inq_arena_clear (InqGpu *gpu);
gboolean inq_arena_alloc (InqGpu *gpu, const VkMemoryRequirements *needs, gsize tail, InqGpuMemory memory,
                          InqAllocation *out, GError **error);
void inq_arena_free (InqGpu *gpu, InqAllocation *allocation);
VkDeviceMemory inq_block_get_memory (InqBlock *block);
guint8 *inq_block_get_map (InqBlock *block);
gboolean inq_block_is_cached (InqGpu *gpu, InqBlock *block);
/* Whether the memory that INQ_GPU_MEMORY_DEVICE takes first is cached by the host where it is mapped. */
gboolean inq_arena_is_cached (InqGpu *gpu);

struct _InqGpuBuffer {
  InqGpu *gpu;
  VkBuffer handle;
  InqAllocation memory;
  gsize size;
  gsize tail;          /* bytes behind them, see INQ_GPU_TEXEL_TAIL */
  guint8 *map;         /* NULL when not mapped */
  gboolean cached;     /* reading through @map is fast */
  guint64 ticket;      /* last submission that names it */
  guint64 pass_serial; /* last pass that recorded it, so that a pass lists it once */
};

/* One half of the staging ring. */
typedef struct {
  InqGpuBuffer *buffer;
  VkCommandBuffer cmd;
  guint64 ticket;
  /* of the queue that copies, where there is one */
  VkCommandBuffer copy_cmd;
  guint64 copy;
} InqStage;

typedef struct {
  VkCommandPool pool, copy_pool;
  InqStage up[2];
  InqStage down[2];
  guint next_up;
  gsize up_size, down_size; /* of one half; 0 until the first copy */
} InqStaging;

void inq_staging_clear (InqGpu *gpu);
/* @ahead: as inq_gpu_buffer_upload_ahead() */
gboolean inq_staging_write (InqGpuBuffer *buffer, gsize offset, const guint8 *data, gsize size, gboolean ahead,
                            guint64 *ticket, GError **error);
gboolean inq_staging_read (InqGpuBuffer *buffer, gsize offset, guint8 *data, gsize size, GError **error);

/* ---- pipelines ---- */

struct _InqGpuPipeline {
  VkPipeline handle;
  VkPipelineLayout layout;
  const char *name; /* interned */
  guint n_bindings;
  guint push_size;
  /* the key */
  guint64 hash; /* of the SPIR-V */
  gsize spirv_size;
  guint n_spec;
  guint32 spec[INQ_GPU_MAX_SPEC];
  guint subgroup_size;
  guint32 texels;
  VkDescriptorSetLayout set_layout; /* shared */
};

/* Compiles kernels of software devices ahead; gpu-warm.c. */
typedef struct _InqWarmer InqWarmer;

/* NULL where it would bring nothing. */
InqWarmer *inq_warmer_new (InqGpu *gpu);
/* FALSE when an earlier run compiled the kernel of this @key already. */
gboolean inq_warmer_push (InqWarmer *warmer, const InqGpuPipelineDesc *desc, guint64 key);
/* FALSE when @cancelled (nullable) turned true before everything pushed was compiled. */
gboolean inq_warmer_wait (InqWarmer *warmer, gboolean (*cancelled) (gpointer), gpointer data);
void inq_warmer_save (InqWarmer *warmer);
void inq_warmer_free (InqWarmer *warmer);

typedef struct {
  InqWarmer *warmer;
  GHashTable *pipelines;   /* InqGpuPipeline as key and value, owned */
  GHashTable *set_layouts; /* bindings and which are texels -> VkDescriptorSetLayout, owned */
  VkPipelineCache cache;
  char *dir;         /* of what is kept; "": nothing is */
  char *path;        /* of the cache file; NULL: none */
  gsize saved_size;  /* of the cache data the file holds */
  gint64 saved_time; /* monotonic µs of the last write */
  gboolean dirty;    /* something was compiled since */
  guint created;
  guint compiled;
  gint64 compile_us;
} InqPipelines;

void inq_pipelines_init (InqGpu *gpu, const char *cache_dir);
void inq_pipelines_clear (InqGpu *gpu);
VkPipelineCache inq_cache_load (InqGpu *gpu);
gsize inq_cache_get_size (InqGpu *gpu);

/* ---- passes ---- */

struct _InqGpuPass {
  InqGpu *gpu;
  gboolean timed;
  gboolean ended;
  GError *error; /* first error of the recording */
  guint64 serial;
  guint64 ticket; /* last submission */
  VkCommandPool pool;
  VkCommandBuffer cmd;
  GArray *set_pools;        /* VkDescriptorPool, without push descriptors */
  guint sets_left;          /* in the last of them */
  GArray *views;            /* VkBufferView of texel buffers */
  GPtrArray *buffers;       /* InqGpuBuffer recorded, each about once */
  GArray *query_pools;      /* VkQueryPool of INQ_PASS_QUERIES each, two per dispatch */
  GArray *labels;           /* const char *, one per dispatch */
  InqGpuPipeline *pipeline; /* bound now */
};

#define INQ_PASS_QUERIES 512

/* Records a dispatch of no work groups with @buffer at every binding: drivers that compile late compile. */
gboolean inq_pass_dispatch_nothing (InqGpuPass *pass, InqGpuPipeline *pipeline, InqGpuBuffer *buffer);

/* Everything before (compute, transfer) happens before and is seen by everything after. */
void inq_cmd_barrier (InqGpu *gpu, VkCommandBuffer cmd);
void inq_cmd_barrier_host (InqGpu *gpu, VkCommandBuffer cmd);

/* ---- the device ---- */

typedef struct {
  guint64 ticket;
  void (*destroy) (gpointer data);
  gpointer data;
} InqZombie;

struct _InqGpu {
  gatomicrefcount ref_count;
  InqVk vk;
  InqGpuFacts *facts;
  VkPhysicalDevice physical;
  gboolean memory_budget_ext;
  gboolean feedback_ext;
  gboolean push_descriptors; /* used, not only there */
  gboolean timestamps;
  InqGpuTestFlags test_flags;
  guint flags; /* INQ_GPU_PLAIN */
  VkDevice device;
  guint32 family;
  guint32 timestamp_bits;
  VkQueue queue;
  VkSemaphore timeline;
  guint64 submitted; /* last ticket given out */
  guint64 completed; /* last ticket known to be done */
  /* A queue for copies from the host while the other computes, with a timeline of its own; NULL: there is none. What is
   * submitted on the other waits for all copies submitted before it. */
  VkQueue copy_queue;
  guint32 copy_family;
  VkSemaphore copy_timeline;
  guint64 copies;        /* submitted */
  guint64 copies_waited; /* of them, those that the other queue's last submission waits for */
  GArray *zombies;       /* InqZombie: freed by their owner while the device still used them */
  gboolean lost;
  int lose_after;                /* test hook: submissions until the device counts as lost, -1 never */
  void (*watch) (gpointer data); /* test hook: told of passes submitted */
  gpointer watch_data;
  guint64 pass_serial;
  guint n_objects; /* buffers and passes alive */
  InqArena arena;
  InqStaging staging;
  InqPipelines pipelines;
  gpointer data; /* inq_gpu_set_data() */
  GDestroyNotify data_destroy;
};

/* inq_gpu_new() with more to say. INQ_GPU_PLAIN: without test flags, validation and threads of its own. */
#define INQ_GPU_PLAIN 1
InqGpu *inq_gpu_open (const InqGpuOptions *options, guint flags, GError **error);

extern InqGpuTestFlags inq_gpu_test_flags;
extern char *inq_gpu_test_loader;

/* TRUE for VK_SUCCESS; else sets @error from @result and notes a lost device. @call names the Vulkan function. */
gboolean inq_gpu_check (InqGpu *gpu, VkResult result, const char *call, GError **error);
/* FALSE with DEVICE_LOST set once the device is gone. */
gboolean inq_gpu_check_alive (InqGpu *gpu, GError **error);
void inq_gpu_log (InqGpu *gpu, GLogLevelFlags level, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Submits @cmd (NULL: nothing but waiting for copies); the ticket it signals, 0 with @error. */
guint64 inq_gpu_submit_cmd (InqGpu *gpu, VkCommandBuffer cmd, GError **error);
/* The same on the queue that copies, at once; what is submitted later on the other waits for it. */
guint64 inq_gpu_submit_copy (InqGpu *gpu, VkCommandBuffer cmd, GError **error);
gboolean inq_gpu_wait_copy (InqGpu *gpu, guint64 copy, GError **error);
/* TRUE when the device is done with @ticket; asks the device only when it must. */
gboolean inq_gpu_is_done (InqGpu *gpu, guint64 ticket);
/* Calls @destroy now, or once @ticket is reached. */
void inq_gpu_retire (InqGpu *gpu, guint64 ticket, void (*destroy) (gpointer), gpointer data);
/* Destroys what is no longer used. @wait: waits for what still is. TRUE when anything was destroyed. */
gboolean inq_gpu_collect (InqGpu *gpu, gboolean wait);
