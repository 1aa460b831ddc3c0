/* Inquadra - the variations of a panel, large, beside what is being generated now.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A grid of cells (2x2, then more) over a panel's variations, newest generation first and in the order of their seeds.
 * Cells of jobs still queued or running come before them and show each picture's own preview growing, time left and a
 * cancel button. It changes nothing by itself: cells ask through "command", the window acts.
 */
#pragma once

#include <gtk/gtk.h>
#include <inq-board.h>
#include <inq-jobs.h>

G_BEGIN_DECLS

/**
 * InqVariationCommand:
 * What a cell's buttons, menu and keys ask for. CANCEL and RETRY concern the job of a cell, AGAIN the whole panel; for
 * these the variation is %NULL.
 */
typedef enum {
  INQ_VARIATION_PICK,
  INQ_VARIATION_REJECT,
  INQ_VARIATION_STAR,
  INQ_VARIATION_MORE,
  INQ_VARIATION_FROM,   /* draw from this picture */
  INQ_VARIATION_LARGER, /* finish it larger */
  INQ_VARIATION_AGAIN,
  INQ_VARIATION_CANCEL,
  INQ_VARIATION_RETRY,
} InqVariationCommand;

#define INQ_TYPE_VARIATIONS (inq_variations_get_type ())
G_DECLARE_FINAL_TYPE (InqVariations, inq_variations, INQ, VARIATIONS, GtkWidget)

/**
 * InqVariations:
 *
 * Properties:
 * - "board" (InqBoard, nullable, read-write)
 * - "panel" (InqPanel, nullable, read-write)
 * - "jobs" (InqJobs, nullable, read-write): where previews and progress come from
 * - "current" (InqVariation, nullable, read-only, notifies): the cell with the focus, else the one under the pointer,
 *   else the picked one, else the first. Commands from the keyboard (X, S, R) concern it
 * - "empty" (gboolean, read-only, notifies): neither variations nor jobs; the window then shows its teaching page
 * - "show-rejected" (gboolean, read-write, %TRUE): rejected ones stand dimmed behind the others rather than hidden
 *
 * Signals:
 * - "command" (InqVariations *, int InqVariationCommand, InqVariation *, InqJob *job): @job is %NULL where none is
 *   meant
 */
GtkWidget *inq_variations_new (void);

void inq_variations_set_board (InqVariations *self, InqBoard *board);
void inq_variations_set_panel (InqVariations *self, InqPanel *panel);
void inq_variations_set_jobs (InqVariations *self, InqJobs *jobs);
/* (transfer none) (nullable) */
InqVariation *inq_variations_get_current (InqVariations *self);
/* The variation with the digit @n (from 1) in its corner. (transfer none) (nullable) */
InqVariation *inq_variations_get_nth (InqVariations *self, guint n);
gboolean inq_variations_get_empty (InqVariations *self);

G_END_DECLS
