/* Inquadra - where the scene plays: a chip that tells it and opens the board's places.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>
#include <inq-board.h>

G_BEGIN_DECLS

#define INQ_TYPE_LOCATION (inq_location_get_type ())
G_DECLARE_FINAL_TYPE (InqLocation, inq_location, INQ, LOCATION, GtkWidget)

/* Shows the location of @panel's scene; both nullable. */
void inq_location_set_panel (InqLocation *self, InqBoard *board, InqPanel *panel);

/* The panels whose scenes a choice speaks for (element-type gint64), the shown one among them; NULL: its own. (transfer
 * none) (nullable) */
void inq_location_set_group (InqLocation *self, GArray *panels);

/* How many places the open list shows; -1 before they were read. For tests. */
int inq_location_get_n_rows (InqLocation *self);
/* The popover with the list and the form. (transfer none) */
GtkPopover *inq_location_get_popover (InqLocation *self);

G_END_DECLS
