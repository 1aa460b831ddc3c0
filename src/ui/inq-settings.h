/* Inquadra - the user's settings, found installed or beside the build.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: main thread.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Finds the schema: installed, in $GSETTINGS_SCHEMA_DIR, or in the build folder this program lies in. FALSE with @error
 * saying what to do when there is none; nothing below may be called then. */
gboolean inq_settings_init (GError **error);
/* The application's settings. (transfer none), kept until the process ends. */
GSettings *inq_settings_get (void);

G_END_DECLS
