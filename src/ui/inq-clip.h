/* Inquadra - panels in the clipboard.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>
#include <inq-board.h>

G_BEGIN_DECLS

/* The bytes of inq_document_pack_panels(), which any Inquadra takes. */
#define INQ_CLIP_MIME_TYPE "application/x-inquadra-panels"

#define INQ_TYPE_CLIP (inq_clip_get_type ())
G_DECLARE_FINAL_TYPE (InqClip, inq_clip, INQ, CLIP, GdkContentProvider)

/**
 * inq_clip_new:
 * @panels: of @board, as they are now, with what was asked for before
 * @callback: ends with inq_clip_finish(), once the panels are packed
 *
 * A content provider for a GdkClipboard. It can be given away at once: who asks for the panels before they are packed
 * waits. A single panel with something on it is offered as a PNG too, as one sees it.
 */
InqClip *inq_clip_new (InqBoard *board, const gint64 *panels, gsize n, GAsyncReadyCallback callback, gpointer data);
gboolean inq_clip_finish (InqClip *self, GAsyncResult *result, GError **error);

G_END_DECLS
