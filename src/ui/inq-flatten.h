/* Inquadra - a panel's picture and ink as one picture, over white paper, for the engine to draw from.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <inq-board-acts.h>

G_BEGIN_DECLS

/**
 * inq_flatten_async:
 * @callback: ends with inq_flatten_finish()
 *
 * What is on @panel: its picture, fitted into the frame, and its strokes above, as one PNG of the board's aspect, about
 * 1024 pixels wide. A panel that has a picture and no ink is not drawn anew: the image itself is meant. Acts asked for
 * before (a stroke just drawn) are in it. Main thread; the work is done elsewhere.
 */
void inq_flatten_async (InqBoard *board, gint64 panel, GAsyncReadyCallback callback, gpointer data);
/* What to draw from: @images->init or @images->init_png (transfer full) is set. FALSE with @error: NO_ROW when there is
 * neither picture nor ink. */
gboolean inq_flatten_finish (GAsyncResult *result, InqJobImages *images, GError **error);

/* The panel as one sees it, at the board's frame size in pixels, to take elsewhere. Ends with
 * inq_flatten_look_finish(), a PNG (transfer full); NO_ROW when nothing is on it. */
void inq_flatten_look_async (InqBoard *board, gint64 panel, GAsyncReadyCallback callback, gpointer data);
GBytes *inq_flatten_look_finish (GAsyncResult *result, GError **error);

/* Strokes over white paper, or over @picture (nullable, a PNG), as PNG. Any thread. */
GBytes *inq_flatten (GBytes *picture, GPtrArray *strokes, int width, int height, GError **error);

G_END_DECLS
