/* Inquadra - the preferences: which device and model draw, how many at a time, light or dark.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @parent: (nullable). Devices and models are looked for off the main thread. */
GtkWidget *inq_preferences_present (GtkWindow *parent);

G_END_DECLS
