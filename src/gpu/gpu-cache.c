/* Inquadra - the pipeline cache file: one per device and driver, checked before the driver sees it, replaced
 * atomically. SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Layout, little endian: Header, then the bytes of vkGetPipelineCacheData. Drivers are not written for damaged cache
 * data, so a file whose length, device or checksum is off is ignored and written anew.
 */
#include "config.h"

#include "inq-gpu-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define MAGIC "INQPIPE1"
/* No sane cache of some hundred compute pipelines is larger; a file that is was not written by us. */
#define MAX_CACHE ((gsize) 256 << 20)

typedef struct {
  char magic[8];
  guint32 vendor_id;
  guint32 device_id;
  guint32 driver_version;
  guint8 uuid[16];
  guint8 sha256[32]; /* of the data */
  guint64 size;      /* of the data */
} Header;

static void
digest (const guint8 *data, gsize size, guint8 out[32])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize n = 32;

  g_checksum_update (checksum, data, size);
  g_checksum_get_digest (checksum, out, &n);
}

static void
fill_header (InqGpu *gpu, Header *header, const guint8 *data, gsize size)
{
  memset (header, 0, sizeof *header);
  memcpy (header->magic, MAGIC, 8);
  header->vendor_id = GUINT32_TO_LE (gpu->facts->vendor_id);
  header->device_id = GUINT32_TO_LE (gpu->facts->device_id);
  header->driver_version = GUINT32_TO_LE (gpu->facts->driver_version);
  memcpy (header->uuid, gpu->facts->pipeline_cache_uuid, 16);
  digest (data, size, header->sha256);
  header->size = GUINT64_TO_LE (size);
}

/* The data of the file at gpu->pipelines.path inside @bytes, or NULL. */
static const guint8 *
read_file (InqGpu *gpu, GBytes **bytes, gsize *size)
{
  const char *path = gpu->pipelines.path;
  g_autoptr (GMappedFile) file = NULL;
  Header expected;
  const guint8 *data;
  gsize length;

  file = path ? g_mapped_file_new (path, FALSE, NULL) : NULL;
  length = file ? g_mapped_file_get_length (file) : 0;
  if (length == 0)
    return NULL;
  if (length >= sizeof (Header) && length <= MAX_CACHE) {
    *bytes = g_bytes_new (g_mapped_file_get_contents (file), length);
    data = (const guint8 *) g_bytes_get_data (*bytes, NULL) + sizeof (Header);
    *size = length - sizeof (Header);
    fill_header (gpu, &expected, data, *size);
    if (memcmp (data - sizeof (Header), &expected, sizeof (Header)) == 0)
      return data;
    g_clear_pointer (bytes, g_bytes_unref);
  }
  inq_gpu_log (gpu, G_LOG_LEVEL_MESSAGE, "The pipeline cache %s is damaged or another device's: ignored", path);
  return NULL;
}

VkPipelineCache
inq_cache_load (InqGpu *gpu)
{
  g_autoptr (GBytes) bytes = NULL;
  VkPipelineCacheCreateInfo info = { .sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO };
  VkPipelineCache cache = VK_NULL_HANDLE;
  gsize size = 0;

  info.pInitialData = read_file (gpu, &bytes, &size);
  info.initialDataSize = info.pInitialData ? size : 0;
  if (gpu->vk.CreatePipelineCache (gpu->device, &info, NULL, &cache) != VK_SUCCESS)
    cache = VK_NULL_HANDLE;
  if (!cache && info.pInitialData) {
    info.pInitialData = NULL;
    info.initialDataSize = 0;
    if (gpu->vk.CreatePipelineCache (gpu->device, &info, NULL, &cache) != VK_SUCCESS)
      cache = VK_NULL_HANDLE;
  }
  return cache;
}

gsize
inq_cache_get_size (InqGpu *gpu)
{
  gsize size = 0;

  if (!gpu->pipelines.cache
      || gpu->vk.GetPipelineCacheData (gpu->device, gpu->pipelines.cache, &size, NULL) != VK_SUCCESS)
    return 0;
  return size;
}

void
inq_gpu_save_cache (InqGpu *gpu)
{
  InqPipelines *pipelines = &gpu->pipelines;
  g_autofree guint8 *file = NULL;
  g_autofree char *dir = NULL;
  g_autoptr (GError) error = NULL;
  gsize size = inq_cache_get_size (gpu);

  pipelines->saved_time = g_get_monotonic_time ();
  if (pipelines->dirty)
    inq_warmer_save (pipelines->warmer);
  if (!pipelines->dirty || !pipelines->path || size <= sizeof (VkPipelineCacheHeaderVersionOne) || gpu->lost)
    return;
  pipelines->dirty = FALSE;
  file = g_try_malloc (sizeof (Header) + size);
  if (!file
      || gpu->vk.GetPipelineCacheData (gpu->device, pipelines->cache, &size, file + sizeof (Header)) != VK_SUCCESS)
    return;
  fill_header (gpu, (Header *) file, file + sizeof (Header), size);
  dir = g_path_get_dirname (pipelines->path);
  if (g_mkdir_with_parents (dir, 0700) != 0
      || !g_file_set_contents_full (pipelines->path, (char *) file, sizeof (Header) + size,
                                    G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    inq_gpu_log (gpu, G_LOG_LEVEL_MESSAGE, "The pipeline cache cannot be written: %s",
                 error ? error->message : g_strerror (errno));
}

const char *
inq_gpu_test_get_cache_path (InqGpu *gpu)
{
  return gpu->pipelines.path;
}
