/* Inquadra - inside of the tensor table, for the readers of its file formats.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-map-guard.h"
#include "inq-weights.h"

G_BEGIN_DECLS

struct _InqWeights {
  gatomicrefcount ref_count;
  char *label;
  char *path;         /* (nullable) of a file */
  const char *format; /* static */

  /* A file: mapped (fd >= 0) or given as bytes. */
  int fd;
  InqMapGuard *guard;
  GBytes *bytes;
  const guint8 *data;
  gsize size;
  /* Or several: their tensors under new names. */
  GPtrArray *parts; /* (nullable) of InqWeights */

  GStringChunk *names;
  GArray *tensors;      /* of InqWeight, in the order of the file */
  GHashTable *by_name;  /* borrowed name -> index + 1 */
  GHashTable *metadata; /* owned strings */

  GMutex hash_lock;
  char *hash;
};

/* Fill tensors and metadata from weights->data, checking everything. */
gboolean inq_safetensors_parse (InqWeights *weights, GError **error);
gboolean inq_gguf_parse (InqWeights *weights, GError **error);

G_END_DECLS
