/* Inquadra - the board on a full screen, panel by panel, for a room.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>
#include <inq-board.h>

G_BEGIN_DECLS

#define INQ_TYPE_PRESENTER (inq_presenter_get_type ())
G_DECLARE_FINAL_TYPE (InqPresenter, inq_presenter, INQ, PRESENTER, GtkWindow)

/* Shows @board full screen over @parent from @panel (nullable: the first). Keys: Page Up and Down, arrows, Space,
 * Enter, Home and End go; B or full stop is black; C shows what is said; Escape, F5 or Q end. Clicking goes on. */
GtkWidget *inq_presenter_present (GtkWindow *parent, InqBoard *board, InqPanel *panel);
/* (transfer none) */
InqPanel *inq_presenter_get_panel (InqPresenter *self);
gboolean inq_presenter_get_black (InqPresenter *self);

G_END_DECLS
