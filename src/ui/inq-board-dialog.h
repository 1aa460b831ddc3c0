/* Inquadra - what holds for a whole board: title, frame, rate.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>
#include <inq-board.h>

G_BEGIN_DECLS

/* Shows the board's settings over @parent; every change is written at once and can be undone. */
GtkWidget *inq_board_dialog_present (GtkWindow *parent, InqBoard *board);

G_END_DECLS
