/* Inquadra - what a stroke looks like, at any size.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Strokes are kept as points over the frame (0 to 1); here they become shapes over @width x @height pixels. A pen line
 * runs through its points as a chordal Catmull-Rom curve and is as wide as the pressure says; it is one filled shape,
 * so that ink that is half transparent does not darken where a line crosses itself.
 *
 * Thread-safety: pure functions, called from workers too.
 */
#pragma once

#include <cairo.h>
#include <inq-document-strokes.h>

G_BEGIN_DECLS

/* A place on the smoothed line, in pixels. */
typedef struct {
  float x, y, radius;
} InqInkNode;

/* Radius in pixels of a pen line of @width (share of the frame's width) at @pressure. */
float inq_ink_radius (float width, float pressure, double frame_width);

/**
 * inq_ink_smooth:
 * @from, @to: indexes of the first and last point whose span is wanted; the curve knows all @n points
 *
 * Appends the nodes of the curve from point @from to point @to, both included, to @nodes.
 */
void inq_ink_smooth (const InqPoint *points, gsize n, gsize from, gsize to, float width, double frame_width,
                     double frame_height, GArray *nodes);

/* Adds the outline of a line through @nodes to @cr's path; fill it with the winding rule. */
void inq_ink_outline (cairo_t *cr, const InqInkNode *nodes, gsize n);

/* Draws a whole stroke over a frame whose top left is at the origin. */
void inq_ink_draw (cairo_t *cr, const InqStroke *stroke, double width, double height);

/* What inq_ink_draw() may touch, in whole pixels. */
void inq_ink_bounds (const InqStroke *stroke, double width, double height, cairo_rectangle_int_t *bounds);

/* TRUE when a round tip of @radius pixels going from (x0, y0) to (x1, y1) touches the stroke. */
gboolean inq_ink_hit (const InqStroke *stroke, double width, double height, double x0, double y0, double x1, double y1,
                      double radius);

/* Font size in pixels of a text stroke's letters. */
double inq_ink_font_size (const InqStroke *stroke, double height);

G_END_DECLS
