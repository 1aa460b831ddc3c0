/* Inquadra - a strict, allocation-light reader of the little JSON that safetensors headers are made of.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It reads objects, arrays, strings and non-negative integers, as asked for by its caller, never deeper than the caller
 * goes; it never reads outside of its bytes. Errors stick: after the first one every call returns FALSE.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  const char *p;
  const char *end;
  const char *begin;
  const char *problem; /* (nullable) what was wrong first, static */
  gsize problem_at;    /* byte offset of that */
} InqJsonScan;

void inq_json_scan_init (InqJsonScan *scan, const char *text, gsize size);
/* Notes @problem at the present place; returns FALSE. */
gboolean inq_json_scan_fail (InqJsonScan *scan, const char *problem);
/* Skips white space, then takes @c or fails with @problem. */
gboolean inq_json_scan_expect (InqJsonScan *scan, char c, const char *problem);
/* Skips white space, then takes @c if it is there. Not an error when not. */
gboolean inq_json_scan_accept (InqJsonScan *scan, char c);
/* A string, unescaped, to @out (emptied first). Valid UTF-8 without NUL or it fails. */
gboolean inq_json_scan_string (InqJsonScan *scan, GString *out);
/* A plain integer of 0..G_MAXINT64. */
gboolean inq_json_scan_uint (InqJsonScan *scan, gint64 *out);
/* Whether nothing but white space is left. */
gboolean inq_json_scan_at_end (InqJsonScan *scan);

G_END_DECLS
