/* Inquadra - cells of one shape, as large as the room allows.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define INQ_TYPE_VARIATIONS_GRID (inq_variations_grid_get_type ())
G_DECLARE_FINAL_TYPE (InqVariationsGrid, inq_variations_grid, INQ, VARIATIONS_GRID, GtkWidget)

/* Lays its children out in as many columns as make the pictures largest. Where they would get too small to judge it
 * grows downwards instead, for a scrolled window to show; children out of sight are not drawn. */
GtkWidget *inq_variations_grid_new (void);
/* Width over height of a picture, and the room a cell takes around it. */
void inq_variations_grid_set_shape (InqVariationsGrid *self, double aspect, int pad);
/* Children in the order given; those not in it are hidden. (transfer none) (element-type GtkWidget) */
void inq_variations_grid_set_order (InqVariationsGrid *self, GPtrArray *cells);
/* The scrolled window's. (transfer none) */
void inq_variations_grid_set_adjustment (InqVariationsGrid *self, GtkAdjustment *adjustment);
/* Index of the cell reached from @index by an arrow key, -1 at the edge. */
int inq_variations_grid_step (InqVariationsGrid *self, int index, GtkDirectionType direction);
int inq_variations_grid_get_columns (InqVariationsGrid *self);

G_END_DECLS
