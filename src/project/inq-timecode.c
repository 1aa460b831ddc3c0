/* Inquadra - frames to time code and back
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-timecode.h"

#include <math.h>
#include <string.h>

static const InqRate rates[] = {
  { 12, 1 },       { 15, 1 }, { 24000, 1001 }, { 24, 1 },       { 25, 1 },
  { 30000, 1001 }, { 30, 1 }, { 50, 1 },       { 60000, 1001 }, { 60, 1 },
};

const InqRate *
inq_rates (gsize *n)
{
  if (n != NULL)
    *n = G_N_ELEMENTS (rates);
  return rates;
}

gboolean
inq_rate_is_valid (InqRate rate)
{
  return rate.num > 0 && rate.den > 0 && rate.num >= rate.den && rate.num / 1000 <= rate.den
         && (gint64) rate.num <= (gint64) rate.den * 1000;
}

gboolean
inq_rate_equal (InqRate a, InqRate b)
{
  return (gint64) a.num * b.den == (gint64) b.num * a.den;
}

gint
inq_rate_timebase (InqRate rate)
{
  return (rate.num + rate.den / 2) / rate.den;
}

gboolean
inq_rate_is_drop_frame (InqRate rate)
{
  return inq_rate_equal (rate, (InqRate){ 30000, 1001 }) || inq_rate_equal (rate, (InqRate){ 60000, 1001 });
}

char *
inq_rate_to_string (InqRate rate)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  char *end;

  if (rate.num % rate.den == 0)
    return g_strdup_printf ("%d", rate.num / rate.den);
  g_ascii_formatd (text, sizeof text, "%.3f", (double) rate.num / rate.den);
  for (end = text + strlen (text); end > text && end[-1] == '0';)
    *--end = 0;
  return g_strdup (text);
}

gboolean
inq_rate_from_string (const char *text, InqRate *rate)
{
  g_auto (GStrv) parts = NULL;
  g_autofree char *trimmed = g_strstrip (g_strdup (text != NULL ? text : ""));
  char *end = NULL;
  double value;

  parts = g_strsplit (trimmed, "/", 3);
  if (g_strv_length (parts) == 2) {
    guint64 num, den;

    if (!g_ascii_string_to_unsigned (parts[0], 10, 1, G_MAXINT / 2, &num, NULL)
        || !g_ascii_string_to_unsigned (parts[1], 10, 1, G_MAXINT / 2, &den, NULL))
      return FALSE;
    *rate = (InqRate){ (gint) num, (gint) den };
    return inq_rate_is_valid (*rate);
  }
  g_strdelimit (trimmed, ",", '.');
  if (!g_ascii_isdigit (*trimmed))
    return FALSE;
  value = g_ascii_strtod (trimmed, &end);
  if (end == trimmed || *end != 0 || !isfinite (value) || value < 1 || value > 1000)
    return FALSE;
  if (value == floor (value)) {
    *rate = (InqRate){ (gint) value, 1 };
    return TRUE;
  }
  /* 23.98, 23.976, 29.97, 47.952, 59.94 ...: a whole rate slowed by 1000/1001 */
  *rate = (InqRate){ (gint) ceil (value) * 1000, 1001 };
  if (fabs ((double) rate->num / rate->den - value) <= 0.01)
    return TRUE;
  *rate = (InqRate){ (gint) lround (value * 1000), 1000 };
  return inq_rate_is_valid (*rate);
}

/* Numbers skipped at the begin of every minute but the tenth: 2 at 29.97, 4 at 59.94 (SMPTE 12M). */
static gint
dropped (InqRate rate)
{
  return inq_rate_is_drop_frame (rate) ? inq_rate_timebase (rate) / 15 : 0;
}

const char *
inq_timecode_format (gint64 frame, InqRate rate, char *out)
{
  const gint base = inq_rate_timebase (rate);
  const gint drop = dropped (rate);
  const char *sign = frame < 0 ? "-" : "";
  guint64 n = frame < 0 ? -(guint64) frame : (guint64) frame;

  if (drop > 0) {
    const guint64 per_minute = 60 * base - drop;
    const guint64 per_ten = 10 * per_minute + drop;
    const guint64 tens = n / per_ten, rest = n % per_ten;

    n += tens * 9 * drop;
    if (rest >= per_minute + drop)
      n += drop * ((rest - drop) / per_minute);
  }
  g_snprintf (out, INQ_TIMECODE_LENGTH, "%s%02" G_GUINT64_FORMAT ":%02u:%02u%c%02u", sign, n / base / 3600,
              (guint) (n / base / 60 % 60), (guint) (n / base % 60), drop > 0 ? ';' : ':', (guint) (n % base));
  return out;
}

/* Up to four unsigned numbers parted by any of : ; . */
static gint
read_parts (const char *text, guint64 parts[4])
{
  gint n = 0;

  for (;; text++) {
    guint digits = 0;

    if (n == 4)
      return -1;
    for (parts[n] = 0; g_ascii_isdigit (*text); text++, digits++)
      parts[n] = parts[n] * 10 + (guint64) (*text - '0');
    if (digits < 1 || digits > 6)
      return -1;
    n++;
    if (*text == 0)
      return n;
    if (strchr (":;.", *text) == NULL)
      return -1;
  }
}

gboolean
inq_timecode_parse (const char *text, InqRate rate, gint64 *frame)
{
  const gint base = inq_rate_timebase (rate);
  const gint drop = dropped (rate);
  g_autofree char *trimmed = g_strstrip (g_strdup (text != NULL ? text : ""));
  guint64 parts[4], hours, minutes, seconds, frames, n;
  gboolean negative = *trimmed == '-';
  gint count = read_parts (trimmed + negative, parts);

  if (count < 2)
    return FALSE;
  hours = count == 4 ? parts[0] : 0;
  minutes = count >= 3 ? parts[count - 3] : 0;
  seconds = parts[count - 2];
  frames = parts[count - 1];
  if (minutes > 59 || seconds > 59 || frames >= base)
    return FALSE;
  if (drop > 0 && minutes % 10 != 0 && seconds == 0 && frames < drop)
    return FALSE;
  n = ((hours * 60 + minutes) * 60 + seconds) * base + frames;
  if (drop > 0) {
    const guint64 all = hours * 60 + minutes;

    n -= drop * (all - all / 10);
  }
  *frame = negative ? -(gint64) n : (gint64) n;
  return TRUE;
}

char *
inq_duration_format (gint64 frames, InqRate rate)
{
  /* tenths of a second, to the nearest */
  const gint64 tenths = (gint64) (((__int128) frames * rate.den * 20 + rate.num) / ((__int128) rate.num * 2));
  const gint64 seconds = (gint64) (((__int128) frames * rate.den * 2 + rate.num) / ((__int128) rate.num * 2));

  if (tenths < 600 && tenths % 10 != 0)
    return g_strdup_printf ("%d.%d s", (int) (tenths / 10), (int) (tenths % 10));
  if (tenths < 600)
    return g_strdup_printf ("%d s", (int) (tenths / 10));
  if (seconds < 3600)
    return g_strdup_printf ("%d:%02d", (int) (seconds / 60), (int) (seconds % 60));
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%02d:%02d", seconds / 3600, (int) (seconds / 60 % 60),
                          (int) (seconds % 60));
}

gboolean
inq_duration_parse (const char *text, InqRate rate, gint64 *frames)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text != NULL ? text : ""));
  char *end = NULL;
  double value;

  if (strpbrk (trimmed, ":;") != NULL)
    return inq_timecode_parse (trimmed, rate, frames) && *frames >= 1;
  g_strdelimit (trimmed, ",", '.');
  if (!g_ascii_isdigit (*trimmed) && *trimmed != '.')
    return FALSE;
  value = g_ascii_strtod (trimmed, &end);
  if (end == trimmed || !isfinite (value) || value > 1e6)
    return FALSE;
  while (*end == ' ')
    end++;
  if (g_str_equal (end, "f"))
    *frames = value == floor (value) ? (gint64) value : 0;
  else if (*end == 0 || g_str_equal (end, "s"))
    *frames = value > 0 ? MAX (1, inq_frames_from_seconds (value, rate)) : 0;
  else
    return FALSE;
  return *frames >= 1;
}

gint64
inq_frames_from_seconds (double seconds, InqRate rate)
{
  return llround (seconds * rate.num / rate.den);
}

gint64
inq_frames_from_us (gint64 us, InqRate rate)
{
  const gint64 second = G_USEC_PER_SEC * (gint64) rate.den;
  gint64 whole = us / second, rest = us % second;

  /* us * num would pass 2^63 after some months; this does not */
  return whole * rate.num + rest * rate.num / second;
}

double
inq_frames_to_seconds (gint64 frames, InqRate rate)
{
  return (double) frames * rate.den / rate.num;
}
