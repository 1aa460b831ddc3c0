/* Inquadra - tests: numbers and times as people read them.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-format.h>
#include <locale.h>

static void
check_duration (gint64 frames, InqRate rate, const char *expect)
{
  g_autofree char *text = inq_format_duration_field (frames, rate);
  gint64 back = 0;
  g_assert_cmpstr (text, ==, expect);
  /* Whatever stands in the entry reads back as the same frames. */
  g_assert_true (inq_duration_parse (text, rate, &back));
  g_assert_cmpint (back, ==, frames);
}

static void
test_duration (void)
{
  InqRate film = { 24, 1 }, ntsc = { 30000, 1001 };
  check_duration (48, film, "2 s");
  check_duration (60, film, "2.5 s");
  check_duration (1, film, "1f");
  check_duration (53, film, "2.2 s");
  check_duration (49, film, "49f");
  check_duration (24 * 3600, film, "3600 s");
  check_duration (60, ntsc, "2 s");
  for (gint64 frames = 1; frames < 3000; frames++) {
    g_autofree char *text = inq_format_duration_field (frames, ntsc);
    gint64 back = 0;
    g_assert_true (inq_duration_parse (text, ntsc, &back));
    g_assert_cmpint (back, ==, frames);
  }
}

static void
test_when (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) old = g_date_time_new_local (2020, 3, 12, 14, 3, 0);
  g_autoptr (GDateTime) three = g_date_time_add_days (now, -3);
  g_autofree char *today = inq_format_when (g_date_time_to_unix (now));
  g_autofree char *ago = inq_format_when (g_date_time_to_unix (three));
  g_autofree char *date = inq_format_when (g_date_time_to_unix (old));
  g_autofree char *never = inq_format_when (0);
  g_assert_true (g_str_has_prefix (today, "Today"));
  g_assert_cmpstr (ago, ==, "3 days ago");
  g_assert_cmpstr (date, ==, "12 March 2020");
  g_assert_cmpstr (never, ==, "");
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/format/duration", test_duration);
  g_test_add_func ("/format/when", test_when);
  return g_test_run ();
}
