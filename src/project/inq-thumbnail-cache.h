/* Inquadra - thumbnails kept in memory, the least lately used dropped
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Main thread only. Pictures never change, so neither do their thumbnails. */
typedef struct _InqThumbnailCache InqThumbnailCache;

InqThumbnailCache *inq_thumbnail_cache_new (void);
void inq_thumbnail_cache_free (InqThumbnailCache *cache);
/* (transfer full) (nullable) */
GBytes *inq_thumbnail_cache_get (InqThumbnailCache *cache, gint64 image);
void inq_thumbnail_cache_put (InqThumbnailCache *cache, gint64 image, GBytes *png);

G_END_DECLS
