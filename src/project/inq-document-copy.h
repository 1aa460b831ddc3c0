/* Inquadra - panels copied within a board, and taken from board to board
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-document-panels.h"

G_BEGIN_DECLS

/* A copy has everything of its panel: text, duration, strokes, review marks, who is in it, every variation with recipe,
 * rating, star, rejection and what its job was drawn from, and the pick. A number of the artist's own comes along where
 * no other panel of the board has it.
 *
 * Copies lie in their order after @anchor. Panels of one shot come into the shot of the anchor. Panels of several shots
 * stay apart: their shots come after its shot. Those of several scenes bring their scenes (title, location), after its
 * scene. On an empty board their shots and scenes always come along.
 *
 * Each that makes panels is one undo step and returns their ids in order, (element-type gint64) (transfer full); NULL
 * with @error. */

/* After the last of them. */
GArray *inq_document_duplicate_panels (InqDocument *document, const gint64 *panels, gsize n, GError **error);

/* Beside @anchor, as inq_document_move_panels() would bring the panels there. */
GArray *inq_document_copy_panels (InqDocument *document, const gint64 *panels, gsize n, gint64 anchor, InqPlace place,
                                  GError **error);

/* A small board with copies of @panels (NO_ROW if one is not on the board), as the bytes of its file: what a clipboard
 * holds. They are mapped from a file that has no name any more: they take no memory and leave nothing behind. Works on
 * a document that is only looked at. Every error is one that trying again would not mend. */
GBytes *inq_document_pack_panels (InqDocument *document, const gint64 *panels, gsize n, GError **error);

/**
 * inq_document_unpack_panels:
 * @path: a file with such bytes, which may come from anywhere
 * @anchor: a panel, or 0: the end of the board
 *
 * The file is checked as one that is opened (NOT_A_BOARD, NEWER, CORRUPT) and every picture is decoded (INVALID).
 * Durations keep their seconds where the rates differ. Characters and locations are those of the board where it has
 * them by the same name, else they come along.
 */
GArray *inq_document_unpack_panels (InqDocument *document, const char *path, gint64 anchor, GError **error);

/* Deletes the files in a temporary folder that held such a file, and the folder. */
void inq_remove_folder (const char *path);

G_END_DECLS
