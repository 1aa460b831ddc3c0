/* Inquadra - a picture made ready for the file before the transaction begins
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-document-images.h"

G_BEGIN_DECLS

typedef struct {
  GBytes *png, *thumbnail;
  char *sha256;
  gint width, height;
} InqPreparedImage;

/* Checks, hashes and scales @png down; INVALID if it cannot be decoded. */
gboolean inq_prepared_image_init (InqPreparedImage *prepared, GBytes *png, GError **error);
void inq_prepared_image_clear (InqPreparedImage *prepared);

/* Within an act: the id of the picture, stored once per content; 0 with @error. */
gint64 inq_document_store_image (InqDocument *document, const InqPreparedImage *prepared, GError **error);
/* FALSE with NO_ROW if there is no such picture. */
gboolean inq_document_check_image (InqDocument *document, gint64 image, GError **error);

/* Stores the picture once and a row for it; within an act. @alive: the row lives at once and undo knows nothing of it.
 */
gint64 inq_document_insert_variation (InqDocument *document, gint64 panel, const InqNewVariation *variation,
                                      const InqPreparedImage *prepared, gint64 job, gboolean alive, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (InqPreparedImage, inq_prepared_image_clear)

G_END_DECLS
