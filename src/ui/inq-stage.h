/* Inquadra - the stage: one panel, large, and the ink drawn on it.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shows the picked picture of a panel inside the board's frame, fitted, never cropped, whole device pixels where it
 * can, with its strokes above. Pen, touch and mouse draw with the current tool; each stroke is one undo step of the
 * board. While the panel changes the last picture stays until the new one is decoded (off the main thread).
 */
#pragma once

#include <gtk/gtk.h>
#include <inq-board-acts.h>
#include <inq-board-reads.h>

G_BEGIN_DECLS

/**
 * InqStageTool:
 * What is in the artist's hand; keys 1 to 7 in this order. Pencil, pen, brush and tone are pens of the board file
 * (INQ_TOOL_PEN) with their own width and opacity. NONE (not on a key): the pointer does not draw.
 */
typedef enum {
  INQ_STAGE_TOOL_NONE,
  INQ_STAGE_TOOL_PENCIL,
  INQ_STAGE_TOOL_PEN,
  INQ_STAGE_TOOL_BRUSH,
  INQ_STAGE_TOOL_TONE,
  INQ_STAGE_TOOL_ARROW,
  INQ_STAGE_TOOL_TEXT,
  INQ_STAGE_TOOL_ERASER,
} InqStageTool;

#define INQ_TYPE_STAGE (inq_stage_get_type ())
G_DECLARE_FINAL_TYPE (InqStageView, inq_stage, INQ, STAGE, GtkWidget)

/**
 * InqStageView:
 *
 * Properties:
 * - "board" (InqBoard, nullable, read-write)
 * - "panel" (InqPanel, nullable, read-write): what to show
 * - "tool" (int of InqStageTool, read-write, NONE)
 * - "color" (GdkRGBA, read-write): of the next stroke
 * - "width" (double, read-write, 1): factor on the tool's own width, 0.25 to 8
 * - "interactive" (gboolean, read-write, %TRUE): %FALSE shows the ink and takes no input, as while presenting
 * - "backdrop" (gboolean, read-write, %TRUE): draws the soft frame around the picture; %FALSE for presenting
 * - "onion" (gboolean, read-write, %FALSE): the previous panel shines through in blue, the next one in red
 * - "masking" (gboolean, read-only, notifies): the brush paints over what is to change, see inq_stage_set_masking()
 *
 * Signals:
 * - "mask-changed" (InqStageView *): a stroke of the mask was added or taken back
 */
GtkWidget *inq_stage_new (void);

void inq_stage_set_board (InqStageView *self, InqBoard *board);
void inq_stage_set_panel (InqStageView *self, InqPanel *panel);
InqPanel *inq_stage_get_panel (InqStageView *self);
void inq_stage_set_tool (InqStageView *self, InqStageTool tool);
InqStageTool inq_stage_get_tool (InqStageView *self);
void inq_stage_set_color (InqStageView *self, const GdkRGBA *color);
void inq_stage_set_width (InqStageView *self, double width);
void inq_stage_set_interactive (InqStageView *self, gboolean interactive);
void inq_stage_set_backdrop (InqStageView *self, gboolean backdrop);
void inq_stage_set_onion (InqStageView *stage, gboolean onion);
gboolean inq_stage_get_onion (InqStageView *stage);
/* Painting a mask over what is to change. Begins empty; leaving, another panel or tool forgets it. */
void inq_stage_set_masking (InqStageView *self, gboolean masking);
gboolean inq_stage_get_masking (InqStageView *self);
/* The brush takes away from the mask. */
void inq_stage_set_mask_erasing (InqStageView *self, gboolean erasing);
/* How soft the veil's edge is shown, in pixels of a picture 512 wide. */
void inq_stage_set_mask_feather (InqStageView *self, int pixels);
/* The last stroke of the mask; FALSE when there is none. */
gboolean inq_stage_mask_undo (InqStageView *self);
gboolean inq_stage_mask_redo (InqStageView *self);
gboolean inq_stage_mask_can_undo (InqStageView *self);
gboolean inq_stage_mask_can_redo (InqStageView *self);
/* The mask as a grey PNG of the frame's shape, white where the picture may change, edges hard. (transfer full)
 * (nullable): nothing is painted. */
GBytes *inq_stage_dup_mask (InqStageView *self);
/* Removes every stroke of the panel as one undo step; nothing happens when there is none. */
void inq_stage_clear (InqStageView *self);
/* Keeps the note being written and leaves it. FALSE when there is none. */
gboolean inq_stage_text_end (InqStageView *self);
/* Drops the stroke being drawn, leaves painting a mask, or ends the note being written. FALSE when there was none of
 * these. */
gboolean inq_stage_cancel (InqStageView *self);

/* TRUE while the pen is down: nothing should move under it. "pen-lifted" tells when it is up again. */
gboolean inq_stage_is_busy (InqStageView *self);

G_END_DECLS
