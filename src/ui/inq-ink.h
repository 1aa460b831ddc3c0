/* Inquadra - the ink of one panel, ready to be shown.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Follows a panel's strokes in the board and keeps them as tiles of the size they are shown at. Tiles are drawn in a
 * thread, only those that changed; until they are there the old ones stay. Own acts show at once, before the file has
 * them.
 *
 * Thread-safety: main thread only; it starts its own workers.
 */
#pragma once

#include "inq-ink-live.h"

#include <inq-board-acts.h>
#include <inq-board-reads.h>

G_BEGIN_DECLS

#define INQ_TYPE_INK (inq_ink_get_type ())
G_DECLARE_FINAL_TYPE (InqInk, inq_ink, INQ, INK, GObject)

/**
 * InqInk:
 *
 * Signals: "changed": draw it anew
 */
InqInk *inq_ink_new (void);

/* Whose ink; both NULL show none. (transfer none) */
void inq_ink_set_panel (InqInk *self, InqBoard *board, InqPanel *panel);

/* Draws the ink over a frame of @width x @height units with its top left at the origin, @scale device pixels a unit. */
void inq_ink_snapshot (InqInk *self, GtkSnapshot *snapshot, double width, double height, double scale);

/* (transfer none) (element-type InqStroke), in drawing order; those the file has not yet have id 0. */
GPtrArray *inq_ink_get_strokes (InqInk *self);
/* The panel's strokes are read, drawn at the size last shown, and nothing is under way. */
gboolean inq_ink_is_settled (InqInk *self);

/* Adds a stroke to the panel as one undo step. @live (nullable) goes on showing until the tiles have it. Takes both. */
void inq_ink_add (InqInk *self, InqStroke *stroke, InqInkLive *live);

/* Takes what a round tip of @radius touches on its way from (x0, y0) to (x1, y1) out of sight; all in device
 * pixels over the frame. TRUE if something new was touched. */
gboolean inq_ink_erase (InqInk *self, double x0, double y0, double x1, double y1, double radius);
/* Ends erasing: what was touched is removed as one undo step, or shown again. */
void inq_ink_erase_finish (InqInk *self, gboolean keep);

/* The uppermost text under a place in device pixels over the frame. (transfer none) (nullable) */
const InqStroke *inq_ink_find_text (InqInk *self, double x, double y);

/* A note that is being written: out of sight, for its editor shows it, and in the file as often as it is written there.
 * From begin to end it is one undo step; one without words is none. @note: the text stroke that is changed, or with id
 * 0 what the new one is to be. */
void inq_ink_note_begin (InqInk *self, const InqStroke *note);
void inq_ink_note_write (InqInk *self, const char *text);
void inq_ink_note_end (InqInk *self);

G_END_DECLS
