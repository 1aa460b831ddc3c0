/* Inquadra - tiles of ink drawn in a thread.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "inq-ink-shape.h"

G_BEGIN_DECLS

/* Device pixels a side. */
#define INQ_INK_TILE 256

/* What a thread is to draw: owned by its task. */
typedef struct {
  int width, height, columns, n; /* of the whole frame; tiles in a row; tiles to draw */
  int *index;                    /* which ones */
  GdkTexture **result;           /* one each, NULL where nothing is */
  GPtrArray *strokes;            /* copies, in drawing order */
  guint64 serial;                /* state of the strokes */
  gboolean whole;                /* all tiles of a new size */
} InqInkDrawing;

void inq_ink_drawing_free (gpointer drawing);
/* A GTaskThreadFunc: task data is the drawing; returns TRUE with the results in it. */
void inq_ink_drawing_thread (GTask *task, gpointer source, gpointer drawing, GCancellable *cancellable);

G_END_DECLS
