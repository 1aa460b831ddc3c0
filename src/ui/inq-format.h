/* Inquadra - numbers, times and states as people read them in the window.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything here is translated and (transfer full).
 */
#pragma once

#include <gio/gio.h>
#include <inq-board.h>
#include <inq-jobs.h>
#include <inq-timecode.h>

G_BEGIN_DECLS

/* A duration as it stands in the entry, exact: "2.5 s" where the frames make tenths of seconds, else "53f". */
char *inq_format_duration_field (gint64 frames, InqRate rate);
/* "Drawing 2 of 4 · 8 s left", "Waiting for its turn". */
char *inq_format_job (InqJob *job);
/* "Today, 14:03", "Yesterday", "3 days ago", "12 March 2026". @unix_time in seconds, 0 gives "". */
char *inq_format_when (gint64 unix_time);
/* "8 panels · 27 s" */
char *inq_format_board (InqBoard *board);

G_END_DECLS
