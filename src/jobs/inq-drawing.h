/* Inquadra - how the pictures of a board are drawn: LoRAs, sampler, how far to leave what is drawn from.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The JSON object that a board keeps (inq_board_get_drawing()), as a struct. Members that this version does not know
 * are lost when another is changed; values out of range are clamped.
 *
 * Thread-safety: plain values.
 */
#pragma once

#include <inq-board-acts.h>
#include <inq-jobs.h>

G_BEGIN_DECLS

/* What the sliders start at. */
#define INQ_DRAWING_LIKE     0.3  /* noise turned: "more like this" */
#define INQ_DRAWING_STRENGTH 0.6  /* how far to leave a picture or a sketch */
#define INQ_DRAWING_REPAINT  0.85 /* the same within a mask */
#define INQ_DRAWING_FEATHER  12   /* pixels over which a mask's edge fades */

typedef struct {
  char *name; /* of a file in the user's folder, or a path */
  double weight;
  gboolean on;
} InqDrawingLora;

typedef struct {
  char *sampler, *schedule; /* "" for the model's own */
  int steps;                /* 0: the model's own */
  double cfg;               /* 0: the model's own */
  int pixels;               /* side of a square with as many pixels as a picture gets; 0: the model's own */
  double like, strength, repaint;
  int feather;
  GArray *loras; /* of InqDrawingLora, never NULL */
} InqDrawing;

InqDrawing *inq_drawing_new (void);
/* Of JSON that may be anything. */
InqDrawing *inq_drawing_from_json (const char *json);
/* As last saved or asked to be saved; @board is nullable. */
InqDrawing *inq_drawing_of_board (InqBoard *board);
/* @session as in inq_board_set_drawing(). */
void inq_drawing_save (const InqDrawing *drawing, InqBoard *board, guint64 session);
/* Only what is not as in inq_drawing_new() is written. (transfer full) */
char *inq_drawing_to_json (const InqDrawing *drawing);
void inq_drawing_add_lora (InqDrawing *drawing, const char *name, double weight, gboolean on);
void inq_drawing_free (InqDrawing *drawing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqDrawing, inq_drawing_free)

/* Sides for a frame of @aspect: 0 by 0 leaves a frame of the model's own shape to the model; other shapes keep about as
 * many pixels as the model draws, whose native size is @native_width x @native_height (0: the house model's, which
 * has frames of its own for the usual aspects), in multiples of @multiple. */
void inq_drawing_get_size (const InqDrawing *drawing, double aspect, int native_width, int native_height, int multiple,
                           int *width, int *height);

/* Fills sampler, schedule, steps, guidance and LoRAs of @params, and the size that its model draws for a frame of
 * @aspect. @info: of that model, NULL while it is not known; the house model's is not asked for. */
void inq_drawing_apply (const InqDrawing *drawing, double aspect, const InqModelInfo *info, InqJobParams *params);

G_END_DECLS
