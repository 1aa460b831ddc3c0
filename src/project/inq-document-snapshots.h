/* Inquadra - saved versions of a board, kept in its file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-document.h"

G_BEGIN_DECLS

/**
 * InqSnapshotRow:
 *
 * A version that was saved: everything that undo knows of (settings, order, text, picks, ink, cast, locations) as it
 * was then. Pictures are not copied: while a version that shows one exists it is not deleted. What two versions have in
 * common is kept once.
 */
typedef struct {
  gint64 id;
  char *name;
  gint64 created; /* Unix time, microseconds */
  gint n_panels;
  gint64 frames; /* length of the board then, at @rate */
  InqRate rate;
  gint64 cover_image; /* picture of the first panel that had one; 0 for none */
} InqSnapshotRow;

void inq_snapshot_row_free (InqSnapshotRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqSnapshotRow, inq_snapshot_row_free)

/* Saves the board as it is now under @name (INVALID if it is blank; several may have the same). Not an undo step: it
 * changes nothing the artist could want back. Returns its id, 0 on failure. */
gint64 inq_document_save_snapshot (InqDocument *document, const char *name, GError **error);
/* (element-type InqSnapshotRow), newest first. */
GPtrArray *inq_document_list_snapshots (InqDocument *document, GError **error);
/* The newest one named @name, else the one with this 1-based place in the list ("1" is the newest); 0 with NO_ROW. */
gint64 inq_document_find_snapshot (InqDocument *document, const char *name, GError **error);

/* Each of the following is one undo step; NO_ROW if there is no such version. */

/* Makes the board what it was: panels, variations and ink that came later go (undo brings them back), those that were
 * deleted return. Jobs go on. */
gboolean inq_document_restore_snapshot (InqDocument *document, gint64 snapshot, GError **error);
gboolean inq_document_rename_snapshot (InqDocument *document, gint64 snapshot, const char *name, GError **error);
gboolean inq_document_delete_snapshot (InqDocument *document, gint64 snapshot, GError **error);

G_END_DECLS
