/* Inquadra - files an artist drops on the window: boards, pictures, models.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "inq-window.h"

G_BEGIN_DECLS

/* Does with @file what its kind asks for: opens a board, adds a picture to the current panel, adds a model. Otherwise a
 * toast says what can be dropped. Returns at once. */
void inq_import_file (InqWindow *window, GFile *file);
/* Reads a picture of any kind GDK knows off the main thread and adds it, picked, to @panel. */
void inq_import_picture (InqWindow *window, GFile *file, gint64 panel);
/* The same for one that was copied. */
void inq_import_texture (InqWindow *window, GdkTexture *texture, gint64 panel);

G_END_DECLS
