/* Inquadra - Vulkan compute: device, memory, pipelines, one submission path.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The engine sees only this header; no Vulkan type leaves src/gpu. Nothing here aborts, exits or prints:
 * failures come back as GError in the INQ_GPU_ERROR domain, messages go to the log callback.
 *
 * Thread-safety: an InqGpu and everything made from it belong to one thread at a time (the engine's worker). Listing
 * devices and reading facts is safe from any thread. inq_gpu_unref() must come last, from the thread that used it.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define INQ_GPU_ERROR (inq_gpu_error_quark ())
GQuark inq_gpu_error_quark (void);

/**
 * InqGpuError:
 * @INQ_GPU_ERROR_NO_VULKAN: no Vulkan loader or no device; the message names the Debian package that brings one
 * @INQ_GPU_ERROR_UNSUITABLE: the device asked for does not exist or lacks what compute needs
 * @INQ_GPU_ERROR_OUT_OF_MEMORY: device (or pinned host) memory ran out; the InqGpu stays usable
 * @INQ_GPU_ERROR_DEVICE_LOST: the device is gone; every object of this InqGpu is dead, drop it and open anew
 * @INQ_GPU_ERROR_CANCELLED: the cancellable given to a wait was cancelled; the submission still runs to its end
 * @INQ_GPU_ERROR_FAILED: anything else Vulkan reported, with the call and the result in the message
 */
typedef enum {
  INQ_GPU_ERROR_NO_VULKAN,
  INQ_GPU_ERROR_UNSUITABLE,
  INQ_GPU_ERROR_OUT_OF_MEMORY,
  INQ_GPU_ERROR_DEVICE_LOST,
  INQ_GPU_ERROR_CANCELLED,
  INQ_GPU_ERROR_FAILED,
} InqGpuError;

typedef enum {
  INQ_GPU_KIND_DISCRETE,
  INQ_GPU_KIND_INTEGRATED,
  INQ_GPU_KIND_VIRTUAL,
  INQ_GPU_KIND_SOFTWARE,
} InqGpuKind;

#define INQ_GPU_MAX_GROUP_MATRICES 8
#define INQ_GPU_VENDOR_INTEL       0x8086

/**
 * InqGpuFacts:
 * What the engine may know of a device. Sizes in bytes. Strings are owned by the struct.
 */
typedef struct {
  char *name;   /* "NVIDIA H200", "llvmpipe (LLVM 15.0.6, 256 bits)" */
  char *driver; /* "NVIDIA 550.54", "Mesa 22.3.6" */
  InqGpuKind kind;
  guint32 vendor_id;
  guint32 device_id;
  guint32 driver_version;
  guint8 pipeline_cache_uuid[16];
  guint32 api_version;       /* VK_MAKE_API_VERSION of the device */
  guint64 memory_total;      /* of the device-local heaps */
  guint64 memory_budget;     /* what VK_EXT_memory_budget says is free for us now, or memory_total without it;
                             software: the host's */
  guint64 max_storage_range; /* maxStorageBufferRange */
  guint64 max_allocation;    /* maxMemoryAllocationSize */
  guint32 max_shared_memory; /* maxComputeSharedMemorySize */
  guint32 max_invocations;   /* maxComputeWorkGroupInvocations */
  guint32 max_groups[3];     /* maxComputeWorkGroupCount */
  guint32 subgroup_size;
  gboolean unified_memory;     /* device-local memory can be mapped: no staging copies needed */
  gboolean storage_f16;        /* 16-bit storage buffers */
  gboolean arithmetic_f16;     /* shaderFloat16 */
  gboolean push_descriptors;   /* VK_KHR_push_descriptor */
  gboolean buffer_address;     /* bufferDeviceAddress */
  gboolean cooperative_matrix; /* VK_KHR_cooperative_matrix */
  gboolean timestamps;
  double timestamp_period_ns;
  guint32 max_group_size[3];          /* maxComputeWorkGroupSize */
  gboolean subgroup_arithmetic;       /* subgroupAdd and friends in compute shaders */
  gboolean storage_i8;                /* 8-bit storage buffers */
  gboolean arithmetic_i8;             /* shaderInt8 */
  gboolean arithmetic_i16;            /* shaderInt16 */
  gboolean arithmetic_i64;            /* shaderInt64 */
  gboolean vulkan_memory_model;       /* vulkanMemoryModel */
  guint32 subgroup_min, subgroup_max; /* sizes a pipeline may ask for, where subgroup_control */
  gboolean subgroup_control;          /* VK_EXT_subgroup_size_control, full subgroups included */
  gboolean subgroup_shuffle;          /* subgroupShuffleXor in compute shaders */
  gboolean subgroup_vote;             /* subgroupAny in compute shaders */
  gboolean texel_reads;     /* software that reads texel buffers faster than storage buffers (INQ_TEXELS=0: not) */
  gboolean texel_subgroups; /* and fastest when lanes read for each other (INQ_TEXELS=2, or 1: not) */
  guint32 max_texels;       /* maxTexelBufferElements */
  /* Rows, columns and depth of the cooperative matrices of halves that sum in f32, within a subgroup of matrix_subgroup
   * invocations: the largest the device has; 0 where there are none that can be used. */
  guint32 matrix_m, matrix_n, matrix_k, matrix_subgroup;
  /* Matrices of a whole work group (VK_NV_cooperative_matrix2), halves summed in f32, with tensor addressing: groups of
   * so many invocations hold matrices of multiples of so many rows, columns and depth; n_group_matrices 0 where there
   * are none. */
  struct {
    guint32 invocations, m, n, k;
  } group_matrices[INQ_GPU_MAX_GROUP_MATRICES];
  guint32 n_group_matrices;
  guint32 group_matrix_max;    /* rows, columns or depth */
  guint32 group_matrix_shared; /* bytes of shared memory that the driver keeps for itself */
  char *unusable;              /* why this device cannot be opened ("its driver knows Vulkan 1.1, …"), or NULL */
} InqGpuFacts;

typedef struct _InqGpu InqGpu;
typedef struct _InqGpuBuffer InqGpuBuffer;
typedef struct _InqGpuPipeline InqGpuPipeline;
typedef struct _InqGpuPass InqGpuPass;

typedef void (*InqGpuLogFunc) (GLogLevelFlags level, const char *message, gpointer user_data);

/**
 * InqGpuOptions:
 * @device: (nullable): index into inq_gpu_list(), or part of a device name, or %NULL: $INQ_DEVICE (same syntax) if set,
 * else the first discrete, integrated, virtual, software device in that order
 * @cache_dir: (nullable): folder of the VkPipelineCache file; %NULL: "inquadra" in the user's cache folder; "" for none
 * @max_memory: bytes of device memory to stay within, 0 for what the device has; see inq_gpu_set_memory_limit()
 * @validation: turn on VK_LAYER_KHRONOS_validation when it is installed ($INQ_VALIDATION=1 does too); its messages go
 * to @log as warnings and are counted, see inq_gpu_get_validation_count()
 * @log: (nullable): where messages go
 */
typedef struct {
  const char *device;
  const char *cache_dir;
  guint64 max_memory;
  gboolean validation;
  InqGpuLogFunc log;
  gpointer log_data;
} InqGpuOptions;

/* Every device of this machine in order of preference. (transfer full) array of InqGpuFacts (free with
 * inq_gpu_facts_free, set as the free func); %NULL with @error when there is no loader or no device. */
GPtrArray *inq_gpu_list (GError **error);
void inq_gpu_facts_free (InqGpuFacts *facts);

/* Opens a device. (transfer full) @options may be %NULL. */
InqGpu *inq_gpu_new (const InqGpuOptions *options, GError **error);
InqGpu *inq_gpu_ref (InqGpu *gpu);
/* Waits for the device to be idle, writes the pipeline cache (atomically: new file, then rename), frees everything. */
void inq_gpu_unref (InqGpu *gpu);
/* (transfer none). memory_budget is read anew at each call. */
const InqGpuFacts *inq_gpu_get_facts (InqGpu *gpu);
/* How many validation messages (warnings and errors) came so far; 0 without the layer. */
guint inq_gpu_get_validation_count (InqGpu *gpu);
gboolean inq_gpu_has_validation (InqGpu *gpu);
/* Bytes of device memory allocated now, and the most it ever was. */
void inq_gpu_get_memory (InqGpu *gpu, guint64 *current, guint64 *peak);
/* Upper limit for the sum of allocations made through this InqGpu, 0 for none; beyond it allocations fail with
 * OUT_OF_MEMORY. InqGpuOptions.max_memory sets it from the start. Staging buffers made from now on are sized to it. */
void inq_gpu_set_memory_limit (InqGpu *gpu, guint64 bytes);
/* Bytes that everything made through this InqGpu together may take now: what the device has free and what is already
 * ours, or the limit if that is less. Without a limit a share is left to the driver and to others. Read anew at each
 * call. */
guint64 inq_gpu_get_budget (InqGpu *gpu);
/* Bytes of the staging buffers that carry host bytes to memory the host cannot map: part of what is allocated, from the
 * first copies on. 0 where nothing is staged. */
guint64 inq_gpu_get_staging_size (InqGpu *gpu);
/* What of that is not allocated yet. */
guint64 inq_gpu_get_staging_left (InqGpu *gpu);
/* Waits until the kernels of all pipelines asked for so far are machine code, where the driver leaves that to their
 * first use (lavapipe: seconds, once per machine; threads are at it since they were asked for). inq_gpu_submit() waits
 * too, but cannot be cancelled; @cancelled as in inq_gpu_wait(). */
gboolean inq_gpu_prepare (InqGpu *gpu, gboolean (*cancelled) (gpointer), gpointer data, GError **error);
/* Pipelines created through this InqGpu, and how many of those no earlier run had compiled: neither the cache file nor,
 * for drivers that keep machine code in a cache of their own, the list of kernels beside it knew them (0 on a second
 * run). */
void inq_gpu_get_pipeline_stats (InqGpu *gpu, guint *created, guint *compiled);
/* Milliseconds spent so far in making pipelines. */
double inq_gpu_get_pipeline_time (InqGpu *gpu);
/* Writes the pipeline cache now if anything was compiled since it was written last. */
void inq_gpu_save_cache (InqGpu *gpu);
/* Where something known of this device and driver may be kept, beside the pipeline cache: "@what-DEVICE-DRIVER@suffix"
 * in its folder, which need not exist. (transfer full) %NULL where nothing is kept. */
char *inq_gpu_dup_cache_path (InqGpu *gpu, const char *what, const char *suffix);
/* One thing that the user of @gpu keeps with it: freed with it, or when another is set. */
void inq_gpu_set_data (InqGpu *gpu, gpointer data, GDestroyNotify destroy);
gpointer inq_gpu_get_data (InqGpu *gpu);

/* ---- buffers ---- */

typedef enum {
  INQ_GPU_MEMORY_DEVICE,   /* fastest for shaders; mapped only on unified memory */
  INQ_GPU_MEMORY_UPLOAD,   /* host writes, device reads */
  INQ_GPU_MEMORY_READBACK, /* device writes, host reads (cached) */
} InqGpuMemory;

/* A storage buffer of @size bytes (rounded up to 256), zeroed contents not promised. @size over max_storage_range is
 * allowed: bind slices. */
InqGpuBuffer *inq_gpu_buffer_new (InqGpu *gpu, gsize size, InqGpuMemory memory, GError **error);
void inq_gpu_buffer_free (InqGpuBuffer *buffer);
gsize inq_gpu_buffer_get_size (InqGpuBuffer *buffer);
/* The mapped bytes, or %NULL when the memory is not host visible. UPLOAD and READBACK always map; coherent or made so
 * by submit and wait. */
void *inq_gpu_buffer_get_map (InqGpuBuffer *buffer);
/* Copies host bytes into / out of any buffer, through a staging ring where needed; blocks until done. Offsets and sizes
 * are checked. */
gboolean inq_gpu_buffer_write (InqGpuBuffer *buffer, gsize offset, const void *data, gsize size, GError **error);
gboolean inq_gpu_buffer_read (InqGpuBuffer *buffer, gsize offset, void *data, gsize size, GError **error);

/* As write, but only until @data may be reused: submissions made later see the bytes. @ticket (nullable) is set to what
 * to wait for before mapping or freeing matters to the caller, 0 when the bytes are there already. */
gboolean inq_gpu_buffer_upload (InqGpuBuffer *buffer, gsize offset, const void *data, gsize size, guint64 *ticket,
                                GError **error);
/* The same for bytes that no submission still running reads or writes: it waits for none of them, and where the device
 * has a queue for copies they come beside what is computed. */
gboolean inq_gpu_buffer_upload_ahead (InqGpuBuffer *buffer, gsize offset, const void *data, gsize size, GError **error);

/* ---- pipelines ---- */

#define INQ_GPU_MAX_BINDINGS 8
#define INQ_GPU_MAX_PUSH     128
#define INQ_GPU_MAX_SPEC     24

/**
 * InqGpuPipelineDesc:
 * @name: for messages, debug names and timings; static string
 * @spirv: (array length=spirv_size): words, borrowed for the call. Entry point "main", set 0, bindings 0..n_bindings-1
 * all storage buffers
 * @push_size: bytes of push constants, at most INQ_GPU_MAX_PUSH
 * @spec: specialisation constants 0..n_spec-1
 * @texels: a bit for each binding that the kernel reads as a uniform texel buffer of 16-byte texels, not as a storage
 * buffer: uvec4, see InqGpuFacts.texel_reads
 * @subgroup_size: what the kernel needs, in full subgroups (facts: subgroup_control); 0 for the driver's choice
 */
typedef struct {
  const char *name;
  const guint32 *spirv;
  gsize spirv_size; /* bytes */
  guint n_bindings;
  guint push_size;
  guint n_spec;
  guint32 spec[INQ_GPU_MAX_SPEC];
  guint subgroup_size;
  guint32 texels;
} InqGpuPipelineDesc;

/* The pipeline for @desc, made on first use and kept until the InqGpu goes. (transfer none) */
InqGpuPipeline *inq_gpu_get_pipeline (InqGpu *gpu, const InqGpuPipelineDesc *desc, GError **error);

/* ---- recording and submission ---- */

typedef struct {
  InqGpuBuffer *buffer;
  gsize offset; /* multiple of 256 */
  gsize range;  /* bytes the shader may touch, at most max_storage_range */
} InqGpuBinding;

/* A command list recorded once and submitted as often as wanted. Buffers and pipelines it names must outlive it. */
InqGpuPass *inq_gpu_pass_new (InqGpu *gpu, gboolean timed, GError **error);
void inq_gpu_pass_free (InqGpuPass *pass);
/* Records one dispatch of @gx * @gy * @gz work groups. @label (static or interned) names it in the timings. Errors
 * stick to the pass and come back from inq_gpu_pass_end(). No barrier is implied. */
void inq_gpu_pass_dispatch (InqGpuPass *pass, InqGpuPipeline *pipeline, const InqGpuBinding *bindings, const void *push,
                            guint gx, guint gy, guint gz, const char *label);
/* Everything recorded later sees the memory writes of everything recorded before (compute and transfer). */
void inq_gpu_pass_barrier (InqGpuPass *pass);
void inq_gpu_pass_copy (InqGpuPass *pass, InqGpuBuffer *from, gsize from_offset, InqGpuBuffer *to, gsize to_offset,
                        gsize size);
void inq_gpu_pass_fill (InqGpuPass *pass, InqGpuBuffer *buffer, gsize offset, gsize size, guint32 value);
gboolean inq_gpu_pass_end (InqGpuPass *pass, GError **error);

/* Submits @pass on the device's one queue; returns the timeline value it will signal, 0 on error. */
guint64 inq_gpu_submit (InqGpu *gpu, InqGpuPass *pass, GError **error);
/* Blocks until the timeline reaches @ticket. @cancelled (nullable) is polled every few milliseconds; when it turns true
 * the wait returns INQ_GPU_ERROR_CANCELLED while the device finishes on its own (later waits and frees are safe). */
gboolean inq_gpu_wait (InqGpu *gpu, guint64 ticket, gboolean (*cancelled) (gpointer), gpointer data, GError **error);

typedef struct {
  const char *label;
  double ns;
} InqGpuTiming;
/* Time of each dispatch of the last finished submission of a timed pass, in order. (transfer full) array of
 * InqGpuTiming. */
GArray *inq_gpu_pass_get_timings (InqGpuPass *pass, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqGpu, inq_gpu_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqGpuBuffer, inq_gpu_buffer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqGpuPass, inq_gpu_pass_free)

G_END_DECLS
