/* Inquadra - frames to time code and back
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Frames per second as a fraction, e.g. 24/1, 24000/1001, 30000/1001. Time is counted in whole frames everywhere;
 * seconds exist only in what people read. Thread-safety: pure functions. */
typedef struct {
  gint num, den;
} InqRate;

#define INQ_RATE_DEFAULT ((InqRate){ 24, 1 })
/* "HH:MM:SS:FF" with room for 64-bit hours. */
#define INQ_TIMECODE_LENGTH 40

/* The rates offered: 12, 15, 23.976, 24, 25, 29.97, 30, 50, 59.94, 60; @n takes their number. */
const InqRate *inq_rates (gsize *n);
gboolean inq_rate_is_valid (InqRate rate);      /* 1 <= rate <= 1000 frames per second, num and den positive */
gboolean inq_rate_equal (InqRate a, InqRate b); /* as fractions: 48/2 equals 24/1 */
/* Whole frames counted per time-code second: 24 for 24000/1001. */
gint inq_rate_timebase (InqRate rate);
/* TRUE for 30000/1001 and 60000/1001, whose time code drops numbers (not frames) to keep to the clock. */
gboolean inq_rate_is_drop_frame (InqRate rate);
/* "24", "23.976", "29.97" in the C locale; free with g_free. */
char *inq_rate_to_string (InqRate rate);
/* Reads "24", "23.976", "24000/1001", "29,97" (nearest NTSC rate within 0.01). FALSE if it is no rate. */
gboolean inq_rate_from_string (const char *text, InqRate *rate);

/* Time code of frame number @frame (0 is 00:00:00:00). Drop-frame codes are written with ';' before the frames.
 * Negative frames get a leading '-'. Writes into @out (INQ_TIMECODE_LENGTH bytes) and returns it. */
const char *inq_timecode_format (gint64 frame, InqRate rate, char *out);
/* Frame number of "HH:MM:SS:FF" ("MM:SS:FF" and "SS:FF" too; ':' ';' and '.' part the frames). FALSE where the text is
 * malformed, a part is out of range, or a drop-frame number does not exist (00:01:00;00). */
gboolean inq_timecode_parse (const char *text, InqRate rate, gint64 *frame);
/* A length for people: "27 s", "2.5 s", "1:05", "1:02:03" (rounded to tenths under a minute, to seconds above). g_free.
 */
char *inq_duration_format (gint64 frames, InqRate rate);
/* Reads what people type as a duration: "2" or "2.5" or "2s" (seconds), "48f" (frames), "0:02:12" (m:s:frames is time
 * code). At least one frame. FALSE if it is none. */
gboolean inq_duration_parse (const char *text, InqRate rate, gint64 *frames);
gint64 inq_frames_from_seconds (double seconds, InqRate rate); /* nearest frame */
/* The frame on screen @us microseconds after frame 0 came: in whole numbers, so that hours of playing drift by none. */
gint64 inq_frames_from_us (gint64 us, InqRate rate);
double inq_frames_to_seconds (gint64 frames, InqRate rate);

G_END_DECLS
