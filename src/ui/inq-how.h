/* Inquadra - the side pane's part on how pictures are drawn: from what is there, with which LoRAs and sampler.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All of it is kept with the board (inq-drawing.h), undoable, a stay at one control one step.
 */
#pragma once

#include <gtk/gtk.h>
#include <inq-board.h>

G_BEGIN_DECLS

#define INQ_TYPE_HOW (inq_how_get_type ())
G_DECLARE_FINAL_TYPE (InqHow, inq_how, INQ, HOW, GtkBox)

/* NULL: nothing to show. */
void inq_how_set_board (InqHow *self, InqBoard *board);

G_END_DECLS
