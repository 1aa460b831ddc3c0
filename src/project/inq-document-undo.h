/* Inquadra - undo and redo over everything the artist does
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-document.h"

G_BEGIN_DECLS

/* The log lives in the file and survives a restart; INQ_UNDO_DEPTH steps are kept. A new act drops the redo side. What
 * a job brings (its state, its variations) is no step: undoing an edit never takes a generated picture away. Undoing
 * the making of a panel hides it with all that arrived since; redoing brings all of it back. */
#define INQ_UNDO_DEPTH 5000

/* msgid of what the next undo / redo would take back or do again ("Edit prompt"); NULL: nothing. Valid until the next
 * act. */
const char *inq_document_get_undo_label (InqDocument *document);
const char *inq_document_get_redo_label (InqDocument *document);

/* @panel (nullable) takes the panel the step touched first (still alive, or 0), to show it. With nothing to undo: TRUE,
 * no change. Not between begin and commit. */
gboolean inq_document_undo (InqDocument *document, gint64 *panel, GError **error);
gboolean inq_document_redo (InqDocument *document, gint64 *panel, GError **error);

G_END_DECLS
