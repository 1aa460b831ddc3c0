/* Inquadra - what the stage's files share.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "inq-ink.h"
#include "inq-shown.h"
#include "inq-stage.h"

G_BEGIN_DECLS

struct _InqStageView {
  GtkWidget parent_instance;

  /* what it shows */
  InqBoard *board;
  InqPanel *panel;
  InqTextures *textures; /* of the board */
  GSignalGroup *panel_signals;
  GSignalGroup *board_signals;
  GSignalGroup *texture_signals;
  InqShown shown;
  int asked_width; /* device pixels of the frame, when last drawn */
  int asked_height;
  int width_before, height_before; /* units, as last allocated */
  guint settle_id;                 /* a new size is asked for when it has held still */

  /* ink */
  InqInk *ink;
  InqInk *ink_before, *ink_after; /* of the neighbours, while the onion skin is on */
  InqInkLive *live;
  gboolean erasing;
  double last_x, last_y; /* device pixels over the frame */

  /* the hand */
  GtkGesture *drag;
  GdkRGBA color;
  double width;
  int tool;
  double hover_x, hover_y; /* where the pointer is, units */
  gboolean hovering;

  /* a note being written */
  GtkWidget *editor; /* GtkTextView */
  GtkCssProvider *editor_css;
  InqPoint editor_at;
  guint editor_keep_id;
  float editor_size; /* as InqStroke.width */
  guint32 editor_colour;

  /* a mask being painted */
  gboolean masking, mask_live, mask_erasing;
  GPtrArray *mask_strokes, *mask_undone;
  cairo_surface_t *mask_surface; /* what is painted so far; NULL: to be drawn anew */
  GdkTexture *veil;              /* of it; NULL: to be made anew */
  int mask_feather;

  gboolean interactive;
  gboolean backdrop;
  gboolean onion;
};

/* The frame in the widget's units, on whole device pixels. FALSE: no panel, or no room. */
gboolean inq_stage_get_frame (InqStageView *self, graphene_rect_t *frame);

/* The panel @by places further on, or NULL. */
InqPanel *inq_stage_get_neighbour (InqStageView *self, int by);

/* inq-stage-draw.c */
void inq_stage_snapshot (GtkWidget *widget, GtkSnapshot *snapshot);

/* inq-stage-input.c */
void inq_stage_input_init (InqStageView *self);
void inq_stage_input_update (InqStageView *self); /* tool, interactive or panel changed */
gboolean inq_stage_can_draw (InqStageView *self);
/* Radius in units of what the tool would draw with a mouse; 0: no ring. */
double inq_stage_tip_radius (InqStageView *self, const graphene_rect_t *frame);
/* The pen goes down at, moves to, leaves a place of the widget. What the gestures call. */
gboolean inq_stage_pen_down (InqStageView *self, double x, double y, double pressure, gboolean eraser_tip);
void inq_stage_pen_move (InqStageView *self, double x, double y, double pressure, gboolean straight);
void inq_stage_pen_up (InqStageView *self, gboolean keep);

/* inq-stage-mask.c */
void inq_stage_mask_init (InqStageView *self);
void inq_stage_mask_clear (InqStageView *self);
gboolean inq_stage_mask_down (InqStageView *self, double x, double y, gboolean eraser_tip);
void inq_stage_mask_move (InqStageView *self, double x, double y);
void inq_stage_mask_up (InqStageView *self, gboolean keep);
double inq_stage_mask_radius (InqStageView *self, const graphene_rect_t *frame);
void inq_stage_mask_snapshot (InqStageView *self, GtkSnapshot *snapshot, const graphene_rect_t *frame);

/* inq-stage-text.c */
void inq_stage_text_begin (InqStageView *self, double x, double y);
void inq_stage_text_allocate (InqStageView *self);

G_END_DECLS
