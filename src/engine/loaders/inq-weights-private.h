/* Inquadra - inside of the tensor table, for the readers of its file formats.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-weights.h"

G_BEGIN_DECLS

struct _InqWeights {
  gatomicrefcount ref_count;
  char *label;

  /* The file: mapped (fd >= 0) or given as bytes. */
  int fd;
  GBytes *bytes;
  const guint8 *data;
  gsize size;

  GStringChunk *names;
  GArray *tensors;      /* of InqWeight, in the order of the file */
  GHashTable *by_name;  /* borrowed name -> index + 1 */
  GHashTable *metadata; /* owned strings */

  GMutex hash_lock;
  char *hash;
};

/* Fills tensors and metadata from weights->data, checking everything. */
gboolean inq_safetensors_parse (InqWeights *weights, GError **error);

G_END_DECLS
