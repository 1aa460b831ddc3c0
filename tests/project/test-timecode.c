/* Inquadra - tests of time code and durations
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-timecode.h"

#include <math.h>
#include <string.h>

static const InqRate ntsc24 = { 24000, 1001 }, ntsc30 = { 30000, 1001 }, ntsc60 = { 60000, 1001 };

/* Counts labels one by one as SMPTE 12M says it: at each minute but the tenth, the first numbers are left out. */
static void
test_against_counting (void)
{
  gsize n;
  const InqRate *rates = inq_rates (&n);

  for (gsize r = 0; r < n; r++) {
    const gint base = inq_rate_timebase (rates[r]);
    const gint drop = inq_rate_equal (rates[r], ntsc30) ? 2 : inq_rate_equal (rates[r], ntsc60) ? 4 : 0;
    gint h = 0, m = 0, s = 0, f = 0;

    for (gint64 frame = 0; frame < 26 * 60 * base; frame++) {
      char expected[64], got[INQ_TIMECODE_LENGTH];
      gint64 back = -1;

      g_snprintf (expected, sizeof expected, "%02d:%02d:%02d%c%02d", h, m, s, drop > 0 ? ';' : ':', f);
      g_assert_cmpstr (inq_timecode_format (frame, rates[r], got), ==, expected);
      g_assert_true (inq_timecode_parse (got, rates[r], &back));
      g_assert_cmpint (back, ==, frame);
      if (++f == base) {
        f = 0;
        if (++s == 60) {
          s = 0;
          if (++m == 60) {
            m = 0;
            h++;
          }
          if (m % 10 != 0)
            f = drop;
        }
      }
    }
  }
}

static void
test_known (void)
{
  static const struct {
    InqRate rate;
    gint64 frame;
    const char *code;
  } known[] = {
    { { 24, 1 }, 0, "00:00:00:00" },
    { { 24, 1 }, 27 * 24, "00:00:27:00" },
    { { 25, 1 }, 90000, "01:00:00:00" },
    { { 30000, 1001 }, 1799, "00:00:59;29" },
    { { 30000, 1001 }, 1800, "00:01:00;02" },
    { { 30000, 1001 }, 17982, "00:10:00;00" },
    { { 30000, 1001 }, 107892, "01:00:00;00" },
    { { 60000, 1001 }, 215784, "01:00:00;00" },
    { { 60000, 1001 }, 3600, "00:01:00;04" },
    { { 24000, 1001 }, 86400, "01:00:00:00" },
    { { 24, 1 }, -25, "-00:00:01:01" },
    { { 24, 1 }, 24LL * 3600 * 100, "100:00:00:00" },
  };
  char out[INQ_TIMECODE_LENGTH];

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++) {
    gint64 frame = 0;

    g_assert_cmpstr (inq_timecode_format (known[i].frame, known[i].rate, out), ==, known[i].code);
    g_assert_true (inq_timecode_parse (known[i].code, known[i].rate, &frame));
    g_assert_cmpint (frame, ==, known[i].frame);
  }
  /* an hour of drop-frame code is an hour of clock to within two frames */
  g_assert_cmpfloat (fabs (inq_frames_to_seconds (107892, ntsc30) - 3600), <, 2 / 29.97);
  inq_timecode_format (G_MAXINT64, ntsc60, out);
  inq_timecode_format (G_MININT64, ntsc30, out);
  g_assert_cmpuint (strlen (out), <, INQ_TIMECODE_LENGTH);
}

static void
test_refused (void)
{
  static const char *const bad[] = {
    "",          ":",         "1",      "aa:bb", "00:00:00:24", "00:60:00:00",      "00:00:60:00",
    "1:2:3:4:5", "00:00:00:", "1 2:03", "-",     "+1:00",       "00:00:00:1234567", "0x1:00"
  };
  gint64 frame;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (inq_timecode_parse (bad[i], INQ_RATE_DEFAULT, &frame));
  g_assert_false (inq_timecode_parse (NULL, INQ_RATE_DEFAULT, &frame));
  /* numbers that do not exist */
  g_assert_false (inq_timecode_parse ("00:01:00;00", ntsc30, &frame));
  g_assert_false (inq_timecode_parse ("00:01:00;01", ntsc30, &frame));
  g_assert_true (inq_timecode_parse ("00:01:00;02", ntsc30, &frame));
  g_assert_true (inq_timecode_parse ("00:10:00;00", ntsc30, &frame));
  g_assert_false (inq_timecode_parse ("00:09:00;03", ntsc60, &frame));
  g_assert_true (inq_timecode_parse (" 02:12 ", INQ_RATE_DEFAULT, &frame));
  g_assert_cmpint (frame, ==, 60);
}

static void
test_rates (void)
{
  gsize n;
  const InqRate *rates = inq_rates (&n);
  InqRate rate;

  for (gsize i = 0; i < n; i++) {
    g_autofree char *text = inq_rate_to_string (rates[i]);

    g_assert_true (inq_rate_from_string (text, &rate));
    g_assert_true (inq_rate_equal (rate, rates[i]));
  }
  g_assert_true (inq_rate_from_string ("23.98", &rate) && inq_rate_equal (rate, ntsc24));
  g_assert_true (inq_rate_from_string ("29,97", &rate) && inq_rate_equal (rate, ntsc30));
  g_assert_true (inq_rate_from_string ("60000/1001", &rate) && inq_rate_equal (rate, ntsc60));
  g_assert_true (inq_rate_from_string ("48/2", &rate) && inq_rate_equal (rate, INQ_RATE_DEFAULT));
  g_assert_true (inq_rate_from_string ("12.5", &rate) && inq_rate_equal (rate, (InqRate){ 25, 2 }));
  g_assert_false (inq_rate_from_string ("0", &rate));
  g_assert_false (inq_rate_from_string ("24/0", &rate));
  g_assert_false (inq_rate_from_string ("abc", &rate));
  g_assert_false (inq_rate_from_string ("1/2/3", &rate));
  g_assert_false (inq_rate_from_string ("nan", &rate));
  g_assert_false (inq_rate_from_string ("100000", &rate));
  g_assert_false (inq_rate_is_valid ((InqRate){ 0, 1 }));
  g_assert_false (inq_rate_is_valid ((InqRate){ 24, -1 }));
  g_assert_false (inq_rate_is_valid ((InqRate){ G_MAXINT, 1 }));
  g_assert_true (inq_rate_is_drop_frame (ntsc30));
  g_assert_false (inq_rate_is_drop_frame (ntsc24));
}

static void
assert_duration (gint64 frames, InqRate rate, const char *expected)
{
  g_autofree char *text = inq_duration_format (frames, rate);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_durations (void)
{
  gint64 frames;

  assert_duration (48, INQ_RATE_DEFAULT, "2 s");
  assert_duration (60, INQ_RATE_DEFAULT, "2.5 s");
  assert_duration (648, INQ_RATE_DEFAULT, "27 s");
  assert_duration (0, INQ_RATE_DEFAULT, "0 s");
  assert_duration (1439, INQ_RATE_DEFAULT, "1:00");
  assert_duration (65 * 24, INQ_RATE_DEFAULT, "1:05");
  assert_duration (3723 * 24, INQ_RATE_DEFAULT, "1:02:03");
  assert_duration (107892, ntsc30, "1:00:00");
  assert_duration (G_MAXINT64 / 4, ntsc60, "10685874315846:47:41");
  g_assert_true (inq_duration_parse ("2", INQ_RATE_DEFAULT, &frames) && frames == 48);
  g_assert_true (inq_duration_parse ("2.5 s", INQ_RATE_DEFAULT, &frames) && frames == 60);
  g_assert_true (inq_duration_parse ("2,5", INQ_RATE_DEFAULT, &frames) && frames == 60);
  g_assert_true (inq_duration_parse ("37f", INQ_RATE_DEFAULT, &frames) && frames == 37);
  g_assert_true (inq_duration_parse ("0:02:12", INQ_RATE_DEFAULT, &frames) && frames == 60);
  g_assert_true (inq_duration_parse ("0.001", INQ_RATE_DEFAULT, &frames) && frames == 1);
  g_assert_false (inq_duration_parse ("0", INQ_RATE_DEFAULT, &frames));
  g_assert_false (inq_duration_parse ("-2", INQ_RATE_DEFAULT, &frames));
  g_assert_false (inq_duration_parse ("2.5f", INQ_RATE_DEFAULT, &frames));
  g_assert_false (inq_duration_parse ("2x", INQ_RATE_DEFAULT, &frames));
  g_assert_false (inq_duration_parse ("1e9", INQ_RATE_DEFAULT, &frames));
  g_assert_false (inq_duration_parse ("0:00:00", INQ_RATE_DEFAULT, &frames));
}

/* The first microsecond of each frame shows that frame, the one before it the frame before: at the start, after ten
 * hours, after a year. */
static void
test_playing (void)
{
  static const InqRate played[] = {
    { 24, 1 }, { 25, 1 }, { 24000, 1001 }, { 30000, 1001 }, { 60000, 1001 }, { 12, 1 }
  };
  static const gint64 hours[] = { 0, 1, 10, 24 * 366 };

  for (guint r = 0; r < G_N_ELEMENTS (played); r++)
    for (guint h = 0; h < G_N_ELEMENTS (hours); h++) {
      gint64 first = hours[h] * 3600 * played[r].num / played[r].den;

      for (gint64 frame = first; frame < first + 200; frame++) {
        /* ceil (frame * den * 1e6 / num), in 128 bits */
        __int128 begins = ((__int128) frame * played[r].den * G_USEC_PER_SEC + played[r].num - 1) / played[r].num;

        g_assert_cmpint (inq_frames_from_us ((gint64) begins, played[r]), ==, frame);
        if (frame > 0)
          g_assert_cmpint (inq_frames_from_us ((gint64) begins - 1, played[r]), ==, frame - 1);
      }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timecode/counting", test_against_counting);
  g_test_add_func ("/timecode/known", test_known);
  g_test_add_func ("/timecode/refused", test_refused);
  g_test_add_func ("/timecode/rates", test_rates);
  g_test_add_func ("/timecode/durations", test_durations);
  g_test_add_func ("/timecode/playing", test_playing);
  return g_test_run ();
}
