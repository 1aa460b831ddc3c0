/* Inquadra - one variation, or one picture of a generation under way.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>
#include <inq-board.h>
#include <inq-jobs.h>

G_BEGIN_DECLS

#define INQ_TYPE_VARIATION_CELL (inq_variation_cell_get_type ())
G_DECLARE_FINAL_TYPE (InqVariationCell, inq_variation_cell, INQ, VARIATION_CELL, GtkWidget)

/* Room around the picture, for its frame. */
#define INQ_VARIATION_CELL_PAD 8

/**
 * InqVariationCell:
 *
 * Signals: "command" (InqVariationCell *, int InqVariationCommand): a button of the cell was pressed
 */
GtkWidget *inq_variation_cell_new (void);

/* Shows a finished variation. @digit: the key that picks it, 0 for none. */
void inq_variation_cell_set_variation (InqVariationCell *self, InqBoard *board, InqVariation *variation, int digit);
/* Shows picture @index of @job, or why the job failed. @first: the one that speaks for the whole job. */
void inq_variation_cell_set_job (InqVariationCell *self, InqBoard *board, InqJob *job, int index, gboolean first);
/* The cell that commands from the keyboard concern. */
void inq_variation_cell_set_current (InqVariationCell *self, gboolean current);
void inq_variation_cell_image_loaded (InqVariationCell *self, gint64 image);

/* (transfer none) (nullable) */
InqVariation *inq_variation_cell_get_variation (InqVariationCell *self);
InqJob *inq_variation_cell_get_job (InqVariationCell *self);
int inq_variation_cell_get_index (InqVariationCell *self);
int inq_variation_cell_get_digit (InqVariationCell *self);

G_END_DECLS
