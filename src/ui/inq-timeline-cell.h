/* Inquadra - one panel in the timeline.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>
#include <inq-board.h>
#include <inq-jobs.h>

G_BEGIN_DECLS

#define INQ_TYPE_TIMELINE_CELL (inq_timeline_cell_get_type ())
G_DECLARE_FINAL_TYPE (InqTimelineCell, inq_timeline_cell, INQ, TIMELINE_CELL, GtkWidget)

/* Room around the thumbnail, for the outline of the current panel. */
#define INQ_TIMELINE_CELL_PAD 4

GtkWidget *inq_timeline_cell_new (void);
/* What to show; both NULL rest. @thumb_height in logical pixels. (transfer none) */
void inq_timeline_cell_bind (InqTimelineCell *self, InqBoard *board, InqPanel *panel, int thumb_height);
void inq_timeline_cell_set_state (InqTimelineCell *self, gboolean current, gboolean selected, gboolean focused);
/* What a screen reader hears: the current panel, or one of several. */
gboolean inq_timeline_cell_get_selected (InqTimelineCell *self);
/* The running or waiting job of the panel, for its progress. (nullable) (transfer none) */
void inq_timeline_cell_set_job (InqTimelineCell *self, InqJob *job);
/* (transfer none) (nullable) */
InqPanel *inq_timeline_cell_get_panel (InqTimelineCell *self);
/* Draws anew when it shows @image. */
void inq_timeline_cell_image_loaded (InqTimelineCell *self, gint64 image);
/* "Panel 1A, 2 seconds, three variations, none picked" (transfer full) */
char *inq_timeline_cell_describe (InqBoard *board, InqPanel *panel);

/* Size of the thumbnail and of the cell around it. */
void inq_timeline_cell_sizes (GtkWidget *widget, InqBoard *board, int thumb_height, int *thumb_width, int *width,
                              int *height);

G_END_DECLS
