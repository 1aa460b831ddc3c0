/* Inquadra - the stroke under the pen.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Takes positions as they come from the device, steadies them, and draws each new piece of the line once into small
 * tiles, of which only the touched ones go to the graphics card again. So a move of the pen costs the same whether the
 * line is a hair or has gone on for a minute, and whatever is under it.
 *
 * Thread-safety: main thread only.
 */
#pragma once

#include <gtk/gtk.h>

#include "inq-ink-shape.h"

G_BEGIN_DECLS

typedef struct _InqInkLive InqInkLive;

/* @stroke: tool, colour, width, panel and layer of the line to come; copied. @width and @height: the frame in device
 * pixels. @steadying: 0 takes positions as they are, up to 0.9. */
InqInkLive *inq_ink_live_new (const InqStroke *stroke, int width, int height, double steadying);
void inq_ink_live_free (InqInkLive *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqInkLive, inq_ink_live_free)

/* The pen is at (x, y), shares of the frame. */
void inq_ink_live_add (InqInkLive *self, double x, double y, double pressure);
/* From now on (or no more) the line is straight from its first point to the last position. */
void inq_ink_live_set_straight (InqInkLive *self, gboolean straight);
/* The pen is lifted: the line ends where it really was. Returns the stroke as it is to be kept. (transfer full) */
InqStroke *inq_ink_live_finish (InqInkLive *self);
gsize inq_ink_live_get_n_points (InqInkLive *self);

/* Draws it with the frame's top left at the origin, @scale device pixels a unit. */
void inq_ink_live_snapshot (InqInkLive *self, GtkSnapshot *snapshot, double scale);

G_END_DECLS
