/* Inquadra - thumbnails kept in memory, the least lately used dropped
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-thumbnail-cache.h"

#define MAX_BYTES ((gsize) 64 << 20)

typedef struct {
  gint64 image;
  GBytes *png;
  GList link; /* data: this */
} Entry;

struct _InqThumbnailCache {
  GHashTable *entries; /* (image in the entry -> Entry) */
  GQueue used;         /* latest at the head */
  gsize bytes;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_bytes_unref (entry->png);
  g_free (entry);
}

InqThumbnailCache *
inq_thumbnail_cache_new (void)
{
  InqThumbnailCache *cache = g_new0 (InqThumbnailCache, 1);

  cache->entries = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, entry_free);
  return cache;
}

void
inq_thumbnail_cache_free (InqThumbnailCache *cache)
{
  g_hash_table_unref (cache->entries);
  g_free (cache);
}

GBytes *
inq_thumbnail_cache_get (InqThumbnailCache *cache, gint64 image)
{
  Entry *entry = g_hash_table_lookup (cache->entries, &image);

  if (entry == NULL)
    return NULL;
  g_queue_unlink (&cache->used, &entry->link);
  g_queue_push_head_link (&cache->used, &entry->link);
  return g_bytes_ref (entry->png);
}

void
inq_thumbnail_cache_put (InqThumbnailCache *cache, gint64 image, GBytes *png)
{
  Entry *entry;

  if (g_hash_table_contains (cache->entries, &image))
    return;
  entry = g_new0 (Entry, 1);
  entry->image = image;
  entry->png = g_bytes_ref (png);
  entry->link.data = entry;
  g_hash_table_insert (cache->entries, &entry->image, entry);
  g_queue_push_head_link (&cache->used, &entry->link);
  cache->bytes += g_bytes_get_size (png);
  while (cache->bytes > MAX_BYTES && cache->used.length > 1) {
    Entry *oldest = cache->used.tail->data;

    g_queue_unlink (&cache->used, &oldest->link);
    cache->bytes -= g_bytes_get_size (oldest->png);
    g_hash_table_remove (cache->entries, &oldest->image);
  }
}
