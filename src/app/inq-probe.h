/* Inquadra - measures start time and main-loop stalls for ./dev bench
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Does nothing unless $INQ_PROBE names a file. Then it writes there, whenever the application shuts down, one JSON
 * object: "first_frame_ms": process start to the window's first painted frame; "stall_ms": the longest time the main
 * loop did not come round after that frame, "stalls_over_50ms": how often it took longer than 50 ms; "frames",
 * "frame_gap_ms": painted frames, and the longest gap between two while the clock was asked to run. Main thread. */
void inq_probe_attach (GtkApplication *app, GtkWindow *window);

G_END_DECLS
