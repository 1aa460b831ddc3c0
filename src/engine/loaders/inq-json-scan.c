/* Inquadra - a strict, allocation-light reader of the little JSON that safetensors headers are made of.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-json-scan.h"

void
inq_json_scan_init (InqJsonScan *scan, const char *text, gsize size)
{
  *scan = (InqJsonScan){ .p = text, .end = text + size, .begin = text };
}

gboolean
inq_json_scan_fail (InqJsonScan *scan, const char *problem)
{
  if (!scan->problem) {
    scan->problem = problem;
    scan->problem_at = scan->p - scan->begin;
    scan->p = scan->end;
  }
  return FALSE;
}

static void
skip_space (InqJsonScan *scan)
{
  while (scan->p < scan->end && (*scan->p == ' ' || *scan->p == '\n' || *scan->p == '\t' || *scan->p == '\r'))
    scan->p++;
}

gboolean
inq_json_scan_accept (InqJsonScan *scan, char c)
{
  if (scan->problem)
    return FALSE;
  skip_space (scan);
  if (scan->p >= scan->end || *scan->p != c)
    return FALSE;
  scan->p++;
  return TRUE;
}

gboolean
inq_json_scan_expect (InqJsonScan *scan, char c, const char *problem)
{
  return inq_json_scan_accept (scan, c) || inq_json_scan_fail (scan, problem);
}

gboolean
inq_json_scan_at_end (InqJsonScan *scan)
{
  skip_space (scan);
  return !scan->problem && scan->p == scan->end;
}

static gboolean
scan_hex4 (InqJsonScan *scan, gunichar *out)
{
  if (scan->end - scan->p < 4)
    return inq_json_scan_fail (scan, "an unfinished \\u escape");
  *out = 0;
  for (int i = 0; i < 4; i++) {
    int digit = g_ascii_xdigit_value (*scan->p);
    if (digit < 0)
      return inq_json_scan_fail (scan, "a \\u escape that is not four hexadecimal digits");
    *out = *out << 4 | (gunichar) digit;
    scan->p++;
  }
  return TRUE;
}

static gboolean
scan_escape (InqJsonScan *scan, GString *out)
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  gunichar c = 0, low = 0; /* gcc does not see that a failed scan_hex4() ends this */

  if (scan->p >= scan->end)
    return inq_json_scan_fail (scan, "an unfinished string");
  char e = *scan->p++;
  for (gsize i = 0; i < sizeof from - 1; i++)
    if (e == from[i]) {
      g_string_append_c (out, to[i]);
      return TRUE;
    }
  if (e != 'u')
    return inq_json_scan_fail (scan, "an unknown escape in a string");
  if (!scan_hex4 (scan, &c))
    return FALSE;
  if (c >= 0xd800 && c < 0xdc00) {
    if (scan->end - scan->p < 6 || scan->p[0] != '\\' || scan->p[1] != 'u')
      return inq_json_scan_fail (scan, "half of a surrogate pair");
    scan->p += 2;
    if (!scan_hex4 (scan, &low))
      return FALSE;
    if (low < 0xdc00 || low >= 0xe000)
      return inq_json_scan_fail (scan, "half of a surrogate pair");
    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
  }
  if (c == 0 || (c >= 0xd800 && c < 0xe000))
    return inq_json_scan_fail (scan, "a character that text cannot hold");
  g_string_append_unichar (out, c);
  return TRUE;
}

gboolean
inq_json_scan_string (InqJsonScan *scan, GString *out)
{
  g_string_truncate (out, 0);
  if (!inq_json_scan_expect (scan, '"', "something else where a string should be"))
    return FALSE;
  for (;;) {
    const char *run = scan->p;
    while (scan->p < scan->end && *scan->p != '"' && *scan->p != '\\' && (guchar) *scan->p >= 0x20)
      scan->p++;
    g_string_append_len (out, run, scan->p - run);
    if (scan->p >= scan->end)
      return inq_json_scan_fail (scan, "an unfinished string");
    char c = *scan->p++;
    if (c == '"')
      break;
    if (c != '\\')
      return inq_json_scan_fail (scan, "a control character in a string");
    if (!scan_escape (scan, out))
      return FALSE;
  }
  if (!g_utf8_validate_len (out->str, out->len, NULL))
    return inq_json_scan_fail (scan, "a string that is not UTF-8");
  return TRUE;
}

gboolean
inq_json_scan_uint (InqJsonScan *scan, gint64 *out)
{
  gint64 value = 0;

  if (scan->problem)
    return FALSE;
  skip_space (scan);
  if (scan->p >= scan->end || !g_ascii_isdigit (*scan->p))
    return inq_json_scan_fail (scan, "something else where a number of 0 or more should be");
  if (*scan->p == '0' && scan->end - scan->p > 1 && g_ascii_isdigit (scan->p[1]))
    return inq_json_scan_fail (scan, "a number with a leading zero");
  for (; scan->p < scan->end && g_ascii_isdigit (*scan->p); scan->p++) {
    int digit = *scan->p - '0';
    if (value > (G_MAXINT64 - digit) / 10)
      return inq_json_scan_fail (scan, "a number that is too large");
    value = value * 10 + digit;
  }
  if (scan->p < scan->end && (*scan->p == '.' || *scan->p == 'e' || *scan->p == 'E'))
    return inq_json_scan_fail (scan, "a number that is not whole");
  *out = value;
  return TRUE;
}
