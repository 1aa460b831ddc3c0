/* Inquadra - numbers, times and states as people read them in the window.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-format.h"

#include <glib/gi18n.h>
#include <math.h>

char *
inq_format_duration_field (gint64 frames, InqRate rate)
{
  double seconds = inq_frames_to_seconds (frames, rate);
  double tenths = round (seconds * 10) / 10;
  if (inq_frames_from_seconds (tenths, rate) != frames)
    return g_strdup_printf ("%" G_GINT64_FORMAT "f", frames);
  /* The entry reads a point whatever the locale, so it writes one. */
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (number, sizeof number, fabs (tenths - round (tenths)) < 0.01 ? "%.0f" : "%.1f", tenths);
  return g_strdup_printf ("%s s", number);
}

static char *
time_left (double seconds)
{
  if (seconds < 0)
    return NULL;
  if (seconds < 60) {
    int s = MAX (1, (int) ceil (seconds));
    return g_strdup_printf (g_dngettext (NULL, "%d s left", "%d s left", s), s);
  }
  int minutes = (int) ceil (seconds / 60);
  return g_strdup_printf (g_dngettext (NULL, "%d minute left", "%d minutes left", minutes), minutes);
}

char *
inq_format_job (InqJob *job)
{
  g_return_val_if_fail (INQ_IS_JOB (job), NULL);

  switch (inq_job_get_state (job)) {
  case INQ_JOB_QUEUED:
    return g_strdup (_ ("Waiting for its turn"));
  case INQ_JOB_DONE:
    return g_strdup (_ ("Done"));
  case INQ_JOB_CANCELLED:
    return g_strdup (_ ("Cancelled"));
  case INQ_JOB_FAILED: {
    const char *error = inq_job_get_error (job);
    return g_strdup (error != NULL && *error != '\0' ? error : _ ("Failed"));
  }
  case INQ_JOB_RUNNING:
    break;
  }

  g_autofree char *left = time_left (inq_job_get_seconds_left (job));
  int count = inq_job_get_count (job);
  int index = CLAMP (inq_job_get_index (job), 0, MAX (count - 1, 0));
  const char *stage = inq_job_get_stage (job);
  g_autofree char *what = NULL;
  if (inq_job_get_progress (job) <= 0 && stage != NULL && *stage != '\0')
    what = g_strdup (stage);
  else if (count > 1)
    what = g_strdup_printf (_ ("Drawing %d of %d"), index + 1, count);
  else
    what = g_strdup (_ ("Drawing"));
  return left != NULL ? g_strdup_printf ("%s · %s", what, left) : g_steal_pointer (&what);
}

char *
inq_format_when (gint64 unix_time)
{
  if (unix_time <= 0)
    return g_strdup ("");

  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (unix_time);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  if (then == NULL)
    return g_strdup ("");
  GDate day_then, day_now;
  g_date_clear (&day_then, 1);
  g_date_clear (&day_now, 1);
  g_date_set_dmy (&day_then, g_date_time_get_day_of_month (then), g_date_time_get_month (then),
                  g_date_time_get_year (then));
  g_date_set_dmy (&day_now, g_date_time_get_day_of_month (now), g_date_time_get_month (now),
                  g_date_time_get_year (now));
  int days = g_date_days_between (&day_then, &day_now);
  if (days <= 0)
    /* Translators: a strftime pattern for a time of today */
    return g_date_time_format (then, _ ("Today, %H:%M"));
  if (days == 1)
    return g_strdup (_ ("Yesterday"));
  if (days < 7)
    return g_strdup_printf (g_dngettext (NULL, "%d day ago", "%d days ago", days), days);
  /* Translators: a strftime pattern for a day */
  return g_date_time_format (then, _ ("%-d %B %Y"));
}

char *
inq_format_board (InqBoard *board)
{
  g_return_val_if_fail (INQ_IS_BOARD (board), NULL);

  guint n = inq_board_get_n_panels (board);
  if (n == 0)
    return g_strdup (_ ("No panels yet"));
  g_autofree char *length = inq_duration_format (inq_board_get_total_frames (board), inq_board_get_rate (board));
  g_autofree char *panels = g_strdup_printf (g_dngettext (NULL, "%u panel", "%u panels", n), n);
  return g_strdup_printf ("%s · %s", panels, length);
}
