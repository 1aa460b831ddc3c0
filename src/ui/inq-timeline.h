/* Inquadra - the timeline: every panel as a thumbnail in time, with number, duration and state.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A horizontal strip over a board's panels. It shows and edits the board itself: dragging a thumbnail moves the panel,
 * dragging its right edge changes its duration, each as one undo step; several that are selected move and change
 * together. With Ctrl a copy is dragged. It makes widgets for what is visible only, so a
 * board of 2,000 panels costs what a screenful costs. The context menu activates the window's actions ("win.duplicate"
 * and so on) after making the clicked panel the current one.
 */
#pragma once

#include <gtk/gtk.h>
#include <inq-board.h>
#include <inq-jobs.h>

G_BEGIN_DECLS

#define INQ_TYPE_TIMELINE (inq_timeline_get_type ())
G_DECLARE_FINAL_TYPE (InqTimeline, inq_timeline, INQ, TIMELINE, GtkWidget)

/**
 * InqTimeline:
 *
 * Properties:
 * - "board" (InqBoard, nullable, read-write): what to show; %NULL shows nothing
 * - "panel" (InqPanel, nullable, read-write): the current panel, outlined and kept in view. Clicking a thumbnail (and
 *   the arrow keys while the strip has the focus) sets it, so bind it in both directions. Never a panel of another
 * board
 * - "n-selected" (uint, read-only): how many are selected, the current one among them; notified when it may be others
 * - "playhead" (gint64, read-write): frame from the start of the board where the playhead stands, -1 for none. While
 *   the animatic plays the window sets it at each frame
 *
 * Signals:
 * - "panel-activated" (InqTimeline *, InqPanel *): double click or Enter on a thumbnail
 * - "copied" (InqTimeline *, GArray *ids): dragging made these panels (element-type gint64), in order
 * - "seek" (InqTimeline *, gint64 frame): the ruler was clicked or the playhead dragged
 */
GtkWidget *inq_timeline_new (void);

/* @board: (nullable) (transfer none) */
void inq_timeline_set_board (InqTimeline *self, InqBoard *board);
/* (transfer none) (nullable) */
InqBoard *inq_timeline_get_board (InqTimeline *self);
/* @panel: (nullable) (transfer none) */
void inq_timeline_set_panel (InqTimeline *self, InqPanel *panel);
/* (transfer none) (nullable) */
InqPanel *inq_timeline_get_panel (InqTimeline *self);
void inq_timeline_set_playhead (InqTimeline *self, gint64 frame);
/* Where the progress of generations comes from. @jobs: (nullable) (transfer none) */
void inq_timeline_set_jobs (InqTimeline *self, InqJobs *jobs);
/* Ids of the panels chosen with Shift, Ctrl or Ctrl+A, in board order; the current one where no more are. (transfer
 * full) (element-type gint64) */
GArray *inq_timeline_get_selected (InqTimeline *self);

guint inq_timeline_get_n_selected (InqTimeline *self);
/* @panels of the board, the current one among them; others are left out. */
void inq_timeline_select (InqTimeline *self, const gint64 *panels, gsize n);
void inq_timeline_select_all (InqTimeline *self);
/* Back to the current panel alone; FALSE: it was. */
gboolean inq_timeline_unselect (InqTimeline *self);
/* Shift and an arrow: the current panel is the one @by further, and those from where it began are selected. */
void inq_timeline_extend (InqTimeline *self, int by);

G_END_DECLS
