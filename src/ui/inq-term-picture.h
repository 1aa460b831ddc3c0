/* Inquadra - the little drawing of what a word of the trade means: a size, an angle, a move, a time, a style.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum {
  INQ_TERM_SIZE,
  INQ_TERM_ANGLE,
  INQ_TERM_MOVE,
  INQ_TERM_TIME,
  INQ_TERM_STYLE,
} InqTermKind;

#define INQ_TERM_PICTURE_WIDTH  36
#define INQ_TERM_PICTURE_HEIGHT 24

/* A widget of that size in its parent's text colour, read from dark as from light. @code as in inq-terms.h; NULL when
 * there is no drawing of it. It is silent to assistive technology: the chip it is on has the name. */
GtkWidget *inq_term_picture_new (InqTermKind kind, const char *code);

/* Draws over @width x @height with the source that is set. FALSE: no drawing of it. */
gboolean inq_term_draw (cairo_t *cr, InqTermKind kind, const char *code, double width, double height);

G_END_DECLS
