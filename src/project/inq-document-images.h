/* Inquadra - variations of a panel, their pictures and thumbnails
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-document.h"

G_BEGIN_DECLS

/* Widest a thumbnail gets, in pixels; its height is at most twice that. Smaller pictures keep their size. */
#define INQ_THUMBNAIL_WIDTH 288

/* One picture of a panel. Immutable by convention once shared. */
typedef struct {
  gint64 id, panel, image;
  gint width, height; /* pixels of the picture */
  guint64 seed;
  char *recipe; /* JSON object: everything that makes the same picture again; "{}" for drawn and imported ones */
  char *model;  /* hash of the model, "" for drawn and imported ones */
  gint rating;  /* 0 (none) to 5 */
  gboolean starred, rejected, picked;
  gint64 job;     /* that made it, or 0 */
  gint64 created; /* Unix time, microseconds */
} InqVariationRow;

InqVariationRow *inq_variation_row_copy (const InqVariationRow *row);
void inq_variation_row_free (InqVariationRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqVariationRow, inq_variation_row_free)

/* A picture to add. @png is a whole PNG file, checked and stored as it is, once per content; @seed, @recipe (NULL:
 * "{}"; must be a JSON object) and @model (NULL: "") as above. Borrowed during the call. */
typedef struct {
  GBytes *png;
  guint64 seed;
  const char *recipe;
  const char *model;
} InqNewVariation;

/* (element-type InqVariationRow), oldest first, rejected included. */
GPtrArray *inq_document_list_variations (InqDocument *document, gint64 panel, GError **error);
InqVariationRow *inq_document_get_variation (InqDocument *document, gint64 variation, GError **error);

/* The artist adds a picture (drops a file, draws): one undo step "Add picture"; @pick: and picks it. Returns its id, 0
 * on failure. What jobs bring goes through inq_document_finish_job(), which is no step. */
gint64 inq_document_add_variation (InqDocument *document, gint64 panel, const InqNewVariation *variation, gboolean pick,
                                   GError **error);

/* One undo step each. @variation 0 takes the pick away. Picking a rejected one lifts the rejection; rejecting the
 * picked one keeps the pick away from it too. */
gboolean inq_document_pick (InqDocument *document, gint64 panel, gint64 variation, GError **error);
gboolean inq_document_set_rating (InqDocument *document, gint64 variation, gint rating, GError **error);
gboolean inq_document_set_starred (InqDocument *document, gint64 variation, gboolean starred, GError **error);
gboolean inq_document_set_rejected (InqDocument *document, gint64 variation, gboolean rejected, GError **error);
gboolean inq_document_delete_variations (InqDocument *document, const gint64 *variations, gsize n, GError **error);

/* The PNG as stored; NO_ROW if there is no such picture. @width, @height nullable. */
GBytes *inq_document_get_image (InqDocument *document, gint64 image, gint *width, gint *height, GError **error);
/* Its small PNG, at most INQ_THUMBNAIL_WIDTH wide. Made when the picture came; made now (and kept, if the board can be
 * written) where one is missing. */
GBytes *inq_document_get_thumbnail (InqDocument *document, gint64 image, GError **error);

/* Scales a PNG down to at most @max_width pixels, twice that in height (box filter in linear light), any PNG kind, at
 * most 16384 x 16384. Pure. */
GBytes *inq_png_make_thumbnail (GBytes *png, gint max_width, GError **error);
/* Size from the header, INVALID if it is no PNG. Pure. */
gboolean inq_png_get_size (GBytes *png, gint *width, gint *height, GError **error);
/* Encodes 8-bit pixels (channels 1 grey, 3 RGB, 4 RGBA straight) as PNG. Pure. */
GBytes *inq_png_encode (const guint8 *pixels, gint width, gint height, gint channels, gsize stride, GError **error);

G_END_DECLS
