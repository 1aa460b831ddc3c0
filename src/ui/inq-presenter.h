/* Inquadra - the board on a full screen, panel by panel, for a room.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>
#include <inq-board.h>

G_BEGIN_DECLS

#define INQ_TYPE_PRESENTER (inq_presenter_get_type ())
G_DECLARE_FINAL_TYPE (InqPresenter, inq_presenter, INQ, PRESENTER, GtkWindow)

/* Shows @board full screen over @parent from @panel (nullable: the first). On another monitor than @parent's
 * where there is one. Keys: Page Up and Down, arrows, Enter, Home and End go; Space plays at the board's time and
 * stops, L plays round and round; B or full stop is black; C shows what is said, T the time code; Escape, F5 or Q end.
 * Clicking goes on. */
GtkWidget *inq_presenter_present (GtkWindow *parent, InqBoard *board, InqPanel *panel);
/* (transfer none) */
InqPanel *inq_presenter_get_panel (InqPresenter *self);
gboolean inq_presenter_get_black (InqPresenter *self);
gboolean inq_presenter_get_playing (InqPresenter *self);
gint64 inq_presenter_get_frame (InqPresenter *self); /* on screen */
/* What the frame clock does while playing: shows what belongs on screen at its time @now, microseconds. */
void inq_presenter_tick (InqPresenter *self, gint64 now);

G_END_DECLS
