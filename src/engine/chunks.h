/* Inquadra - a prompt as rows of tokens with weights, as many rows as it needs.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: as inq-engine.h.
 */
#pragma once

#include "inq-model.h"

G_BEGIN_DECLS

typedef struct {
  guint n;
  gint32 *ids;        /* [n, positions], markers and padding included */
  float *weights;     /* [n, positions]; 1 for markers and padding */
  gboolean *weighted; /* [n]: whether any weight of the row is not 1 */
} InqChunks;

/* @text for @tower. Families with a short memory for text of their own get one row, cut; CLIP's read emphasis, and go
 * on in another row where one is full or BREAK says so. @report is nullable. */
gboolean inq_chunks_init (InqChunks *chunks, InqModel *model, guint tower, const char *text, InqTokenizeReport *report,
                          GError **error);
void inq_chunks_clear (InqChunks *chunks);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (InqChunks, inq_chunks_clear)

/* Scales each row of @hidden [rows, width] by its weight and brings the mean of all back to what it was. */
void inq_weigh_hidden (float *hidden, const float *weights, int rows, int width);

G_END_DECLS
