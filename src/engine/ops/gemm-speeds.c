/* Inquadra - what was measured of the matrix product's kernels on a device: estimates from it, and its text form.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A kernel's time depends on how many groups there are and over how many terms each sums. It is measured at some
 * numbers of groups and at two lengths of the sum; between them lie straight lines, so the steps that a device's number
 * of units makes come out as measured, whatever that number is. Everything is whole nanoseconds, and what was just
 * measured is read back from its text before it is used: a choice is the same in the run that measured and in every
 * later one. */
#include "config.h"

#include "attention.h"

#include <string.h>

const guint inq_gemm_knots[INQ_GEMM_N_KNOTS] = { 16, 32, 64, 96, 128, 160, 192, 256, 320, 384, 512, 768, 1024 };
const guint inq_gemm_depths[2][INQ_GEMM_N_DEPTHS] = { { 576, 2304 }, { 320, 1280 } };

#define MAGIC "inquadra-tiles 1"
/* No dispatch measured takes longer. */
#define MAX_NS (G_GUINT64_CONSTANT (1000000000) * 1000)

guint
inq_gemm_curve_index (gint64 tile)
{
  if (tile >= 0)
    return (guint) tile;
  return inq_gemm_n_tiles + (tile == -INQ_GEMM_SHARED_LARGE);
}

void
inq_gemm_curve_add (InqGemmCurve *curve, const InqGemmCurve *more)
{
  for (guint d = 0; d < INQ_GEMM_N_DEPTHS; d++)
    for (guint k = 0; k < more->n; k++)
      curve->ns[d][k] = k < curve->n ? MIN (more->ns[d][k], curve->ns[d][k]) : more->ns[d][k];
  curve->n = MAX (curve->n, more->n);
}

/* At @groups on the line through the knots of one depth. */
static double
along (const InqGemmCurve *curve, guint depth, double groups)
{
  const guint64 *ns = curve->ns[depth];
  guint last = curve->n - 1, i = 0;

  if (groups <= inq_gemm_knots[0])
    return (double) ns[0];
  if (groups >= inq_gemm_knots[last])
    return (double) ns[last] * groups / inq_gemm_knots[last];
  while (groups > inq_gemm_knots[i + 1])
    i++;
  return (double) ns[i]
         + ((double) ns[i + 1] - (double) ns[i]) * (groups - inq_gemm_knots[i])
               / (inq_gemm_knots[i + 1] - inq_gemm_knots[i]);
}

double
inq_gemm_speeds_estimate (const InqGemmSpeeds *s, gint64 tile, gboolean plain, gint64 groups, double terms)
{
  guint index = inq_gemm_curve_index (tile);
  const InqGemmCurve *curve = &s->curves[plain != FALSE][index];
  const guint *depths = inq_gemm_depths[plain != FALSE];
  double brief, lengthy;

  if (index >= INQ_GEMM_MAX_CURVES || curve->n == 0)
    return G_MAXDOUBLE;
  brief = along (curve, 0, (double) groups);
  lengthy = along (curve, 1, (double) groups);
  /* noise may make the longer sum the faster one, and very short sums cost something */
  return MAX (brief + (lengthy - brief) * (terms - depths[0]) / (depths[1] - depths[0]), brief / 4);
}

double
inq_gemm_speeds_estimate_merge (const InqGemmSpeeds *s, double bytes)
{
  return (double) s->merge_ns + (double) s->merge_mib_ns * bytes / 1048576;
}

/* ---- text ---- */

char *
inq_gemm_speeds_format (const InqGemmSpeeds *s, const char *key)
{
  GString *text = g_string_new (MAGIC "\n");
  g_autofree char *sum = NULL;

  g_string_append_printf (text, "key %s\nmerge %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", key, s->merge_ns,
                          s->merge_mib_ns);
  for (guint plain = 0; plain < 2; plain++)
    for (guint i = 0; i < INQ_GEMM_MAX_CURVES; i++) {
      const InqGemmCurve *curve = &s->curves[plain][i];

      if (curve->n == 0)
        continue;
      g_string_append_printf (text, "curve %u %u %u", plain, i, curve->n);
      for (guint d = 0; d < INQ_GEMM_N_DEPTHS; d++)
        for (guint k = 0; k < curve->n; k++)
          g_string_append_printf (text, " %" G_GUINT64_FORMAT, curve->ns[d][k]);
      g_string_append_c (text, '\n');
    }
  for (guint i = 0; i < INQ_ATTENTION_CLASSES; i++)
    if (s->attention[i] > 0)
      g_string_append_printf (text, "attention %u %" G_GUINT64_FORMAT "\n", i, s->attention[i]);
  sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str, (gssize) text->len);
  g_string_append_printf (text, "sum %s\n", sum);
  return g_string_free (text, FALSE);
}

/* Reads a number of at most @max at *@at and moves behind it. */
static gboolean
number (const char **at, guint64 max, guint64 *value)
{
  char *end;

  if (**at != ' ' || !g_ascii_isdigit ((*at)[1]))
    return FALSE;
  *value = g_ascii_strtoull (*at + 1, &end, 10);
  *at = end;
  return *value <= max;
}

static gboolean
parse_attention (const char *at, InqGemmSpeeds *s)
{
  guint64 class, tile;

  if (!number (&at, INQ_ATTENTION_CLASSES - 1, &class) || !number (&at, inq_attention_n_tiles - 1, &tile) || *at)
    return FALSE;
  s->attention[class] = tile;
  return TRUE;
}

static gboolean
parse_curve (const char *at, InqGemmSpeeds *s)
{
  guint64 plain, index, n;
  InqGemmCurve *curve;

  if (!number (&at, 1, &plain) || !number (&at, INQ_GEMM_MAX_CURVES - 1, &index) || !number (&at, INQ_GEMM_N_KNOTS, &n)
      || n == 0)
    return FALSE;
  curve = &s->curves[plain][index];
  for (guint d = 0; d < INQ_GEMM_N_DEPTHS; d++)
    for (guint k = 0; k < n; k++)
      if (!number (&at, MAX_NS, &curve->ns[d][k]) || curve->ns[d][k] == 0)
        return FALSE;
  curve->n = (guint) n;
  return *at == '\0';
}

gboolean
inq_gemm_speeds_parse (const char *text, const char *key, InqGemmSpeeds *s)
{
  const char *end = strstr (text, "\nsum ");
  g_autofree char *sum = NULL, *expected = NULL;
  g_auto (GStrv) lines = NULL;
  guint curves = 0;

  memset (s, 0, sizeof *s);
  if (!end)
    return FALSE;
  sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, (gsize) (end + 1 - text));
  expected = g_strdup_printf ("sum %s\n", sum);
  if (!g_str_equal (end + 1, expected))
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  if (!g_str_equal (lines[0], MAGIC) || !lines[1] || !g_str_has_prefix (lines[1], "key ")
      || (key && !g_str_equal (lines[1] + 4, key)))
    return FALSE;
  for (guint i = 2; lines[i] && !g_str_has_prefix (lines[i], "sum "); i++) {
    const char *at = lines[i];

    if (g_str_has_prefix (at, "curve ")) {
      if (!parse_curve (at + 5, s))
        return FALSE;
      curves++;
    } else if (g_str_has_prefix (at, "attention ")) {
      if (!parse_attention (at + 9, s))
        return FALSE;
    } else if (g_str_has_prefix (at, "merge ")) {
      at += 5;
      if (!number (&at, MAX_NS, &s->merge_ns) || !number (&at, MAX_NS, &s->merge_mib_ns) || *at)
        return FALSE;
    } else {
      return FALSE;
    }
  }
  return curves > 0;
}

/* ---- of a device ---- */

const InqGemmSpeeds *
inq_gemm_get_speeds (InqGpu *gpu)
{
  return inq_gpu_get_data (gpu);
}

void
inq_gemm_set_speeds (InqGpu *gpu, const InqGemmSpeeds *s)
{
  inq_gpu_set_data (gpu, s ? g_memdup2 (s, sizeof *s) : NULL, g_free);
}

char *
inq_gemm_dup_key (InqGpu *gpu)
{
  const InqGpuFacts *facts = inq_gpu_get_facts (gpu);
  g_autofree char *kernels = inq_gemm_dup_kernels_id ();
  GString *key = g_string_new (NULL);

  g_string_append_printf (key, "%04x:%04x:%08x:", facts->vendor_id, facts->device_id, facts->driver_version);
  for (guint i = 0; i < 16; i++)
    g_string_append_printf (key, "%02x", facts->pipeline_cache_uuid[i]);
  g_string_append_printf (key, ":%ux%ux%u/%u:%s", facts->matrix_m, facts->matrix_n, facts->matrix_k,
                          facts->matrix_subgroup, kernels);
  return g_string_free (key, FALSE);
}
