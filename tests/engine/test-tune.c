/* Inquadra - tiles measured and kept: what their file holds, what is chosen by it, and when it is made anew.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "attention.h"
#include "inq-engine.h"
#include "ops-util.h"
#include "ops.h"
#include "tuning.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

/* Tiles whose time is @ns for each group, whatever the number, and more for longer sums. */
static void
add_curve (InqGemmSpeeds *s, gint64 tile, guint64 ns)
{
  for (guint plain = 0; plain < 2; plain++) {
    InqGemmCurve *curve = &s->curves[plain][inq_gemm_curve_index (tile)];

    curve->n = INQ_GEMM_N_KNOTS;
    for (guint d = 0; d < INQ_GEMM_N_DEPTHS; d++)
      for (guint k = 0; k < INQ_GEMM_N_KNOTS; k++)
        curve->ns[d][k] = ns * inq_gemm_knots[k] * inq_gemm_depths[plain][d];
  }
}

static void
test_text (void)
{
  InqGemmSpeeds s = { .merge_ns = 3000, .merge_mib_ns = 700, .attention = { [1] = 2, [6] = 1 } }, back;
  g_autofree char *text = NULL, *again = NULL;

  add_curve (&s, 2, 5);
  add_curve (&s, -INQ_GEMM_SHARED_LARGE, 9);
  s.curves[1][2].n = 5; /* a slow device's ends early */
  memset (&s.curves[1][2].ns[0][5], 0, (INQ_GEMM_N_KNOTS - 5) * sizeof (guint64));
  memset (&s.curves[1][2].ns[1][5], 0, (INQ_GEMM_N_KNOTS - 5) * sizeof (guint64));
  text = inq_gemm_speeds_format (&s, "10de:2330");
  g_assert_true (inq_gemm_speeds_parse (text, "10de:2330", &back));
  g_assert_cmpmem (&s, sizeof s, &back, sizeof back);
  g_assert_true (inq_gemm_speeds_parse (text, NULL, &back));
  again = inq_gemm_speeds_format (&back, "10de:2330");
  g_assert_cmpstr (text, ==, again);
  g_assert_false (inq_gemm_speeds_parse (text, "10de:2331", &back));
  /* no prefix of it, and no other byte in it, is taken */
  for (gsize n = 0; n + 1 < strlen (text); n++) {
    g_autofree char *part = g_strndup (text, n);

    g_assert_false (inq_gemm_speeds_parse (part, NULL, &back));
  }
  for (gsize i = 0; i < strlen (text); i++) {
    g_autofree char *other = g_strdup (text);

    other[i] ^= 1;
    g_assert_false (inq_gemm_speeds_parse (other, NULL, &back));
  }
}

/* A checksum that fits does not make nonsense acceptable. */
static void
test_nonsense (void)
{
  static const char *const lines[] = {
    "",
    "curve 2 0 1 5 5",
    "curve 0 64 1 5 5",
    "curve 0 0 14 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "curve 0 0 0",
    "curve 0 0 1 5 5\nattention 15 0",
    "curve 0 0 1 5 5\nattention 0 999",
    "curve 0 0 1 5 5\nattention 0",
    "curve 0 0 2 5 5 5",
    "curve 0 0 1 5 0",
    "curve 0 0 1 5 -5",
    "curve 0 0 1 5 99999999999999999999999",
    "curve 0 0 1 5 5 5",
    "curve 0 0 1 5 5\nmerge 1",
    "curve 0 0 1 5 5\nother",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autofree char *body = g_strdup_printf ("inquadra-tiles 1\nkey k\n%s\n", lines[i]);
    g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, body, -1);
    g_autofree char *text = g_strdup_printf ("%ssum %s\n", body, sum);
    InqGemmSpeeds s;

    g_assert_false (inq_gemm_speeds_parse (text, NULL, &s));
  }
}

static void
test_estimate (void)
{
  InqGemmSpeeds s = { .merge_ns = 1000, .merge_mib_ns = 10 };

  add_curve (&s, 3, 2);
  g_assert_cmpfloat_with_epsilon (inq_gemm_speeds_estimate (&s, 3, TRUE, 16, 320), 2. * 16 * 320, 1);
  g_assert_cmpfloat_with_epsilon (inq_gemm_speeds_estimate (&s, 3, TRUE, 7, 320), 2. * 16 * 320, 1); /* never less */
  g_assert_cmpfloat_with_epsilon (inq_gemm_speeds_estimate (&s, 3, TRUE, 80, 800), 2. * 80 * 800, 1);
  g_assert_cmpfloat_with_epsilon (inq_gemm_speeds_estimate (&s, 3, FALSE, 5000, 11520), 2. * 5000 * 11520, 1);
  g_assert_cmpfloat (inq_gemm_speeds_estimate (&s, 3, TRUE, 64, 8), >=, 2. * 64 * 80); /* a short sum costs something */
  g_assert_cmpfloat (inq_gemm_speeds_estimate (&s, 4, TRUE, 64, 320), ==, G_MAXDOUBLE);
  g_assert_cmpfloat_with_epsilon (inq_gemm_speeds_estimate_merge (&s, 4 << 20), 1040, 1e-6);
}

/* What a round that was disturbed ends early does not take what others found. */
static void
test_rounds (void)
{
  InqGemmCurve curve = { 0 };
  const InqGemmCurve rounds[] = {
    { .n = 2, .ns = { { 9, 20 }, { 30, 40 } } },
    { .n = 3, .ns = { { 10, 11, 12 }, { 20, 50, 60 } } },
    { .n = 1, .ns = { { 8 }, { 21 } } },
  };
  const InqGemmCurve want = { .n = 3, .ns = { { 8, 11, 12 }, { 20, 40, 60 } } };

  for (guint i = 0; i < G_N_ELEMENTS (rounds); i++)
    inq_gemm_curve_add (&curve, &rounds[i]);
  g_assert_cmpmem (&curve, sizeof curve, &want, sizeof want);
}

/* What a plan with shared kernels says that it took, with 64 x 64 or 128 x 128 the faster one. */
static gint64
choice (gboolean large_is_fast, guint64 merge_ns, gint64 *parts)
{
  g_autoptr (TestTable) t = test_table_new ();
  g_autoptr (InqGraph) g = NULL;
  InqGemmSpeeds s = { .merge_ns = merge_ns };
  InqDeviceWeights *dw;
  InqTensor *y;

  /* four groups of 64 x 64, or one of 128 x 128; the knots begin at 16, so splitting costs nothing but merging */
  add_curve (&s, -INQ_GEMM_SHARED_SMALL, large_is_fast ? 100 : 5);
  add_curve (&s, -INQ_GEMM_SHARED_LARGE, large_is_fast ? 5 : 100);
  inq_gemm_set_speeds (test_gpu (), &s);
  test_table_add (t, "m.weight", INQ_DTYPE_F16, 1, 2, 128, 1024);
  g = inq_graph_new (test_table_weights (t));
  y = inq_op_linear (g, inq_graph_input (g, "x", 1, 1, 128, 1024), "m", NULL);
  inq_graph_output (g, y, "y");
  inq_graph_set_kernels (g, INQ_KERNELS_SHARED);
  dw = inq_device_weights_new (test_gpu (), test_table_weights (t));
  inq_graph_settle (g, test_gpu (), dw);
  inq_device_weights_free (dw);
  inq_gemm_set_speeds (test_gpu (), NULL);
  for (guint i = 0; i < g->nodes->len; i++) {
    const InqNode *node = g->nodes->pdata[i];

    if (node->op == &inq_linear_op) {
      *parts = node->i[GEMM_PARTS];
      return node->i[GEMM_TILE];
    }
  }
  g_assert_not_reached ();
}

static void
test_choice (void)
{
  gint64 parts;

  g_assert_cmpint (choice (TRUE, 0, &parts), ==, -INQ_GEMM_SHARED_LARGE);
  g_assert_cmpint (parts, >, 1);
  g_assert_cmpint (choice (FALSE, 0, &parts), ==, -INQ_GEMM_SHARED_SMALL);
  g_assert_cmpint (choice (FALSE, 1000 * 1000 * 1000, &parts), ==, -INQ_GEMM_SHARED_SMALL);
  g_assert_cmpint (parts, ==, 1); /* adding parts takes longer than the sum */
}

/* The one kernel that a processor compiles quickly enough. */
static void
test_measure (void)
{
  const InqGemmMeasure how = { .shared_only = TRUE, .small_only = TRUE, .max_groups = 16, .max_rounds = 1 };
  InqGemmSpeeds s;
  g_autoptr (GError) error = NULL;
  guint curves = 0;

  if (!inq_gpu_get_facts (test_gpu ())->timestamps) {
    g_test_skip ("the device does not tell the time");
    return;
  }
  inq_gemm_measure (test_gpu (), &how, &s, &error);
  g_assert_no_error (error);
  for (guint plain = 0; plain < 2; plain++)
    for (guint i = 0; i < INQ_GEMM_MAX_CURVES; i++)
      curves += s.curves[plain][i].n > 0;
  g_assert_cmpuint (curves, ==, 1);
  for (guint d = 0; d < INQ_GEMM_N_DEPTHS; d++)
    g_assert_cmpuint (s.curves[1][inq_gemm_curve_index (-INQ_GEMM_SHARED_SMALL)].ns[d][0], >, 0);
}

/* By length of heads, and by whether there are many keys. */
static void
test_attention_choice (void)
{
  const InqGemmSpeeds s = { .attention = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } };

  g_assert_cmpuint (inq_attention_choose (NULL, 64, 4096), ==, 0);
  g_assert_cmpuint (inq_attention_choose (&s, 40, 4096), ==, 1);
  g_assert_cmpuint (inq_attention_choose (&s, 40, 77), ==, 3);
  g_assert_cmpuint (inq_attention_choose (&s, 64, 2048), ==, 4);
  g_assert_cmpuint (inq_attention_choose (&s, 64, 1024), ==, 5);
  g_assert_cmpuint (inq_attention_choose (&s, 64, 256), ==, 5);
  g_assert_cmpuint (inq_attention_choose (&s, 80, 77), ==, 9);
  g_assert_cmpuint (inq_attention_choose (&s, 160, 255), ==, 12);
  g_assert_cmpuint (inq_attention_choose (&s, 168, 16384), ==, 13);
  g_assert_cmpuint (inq_attention_choose (&s, 512, 1024), ==, 14);
}

/* A tile is offered where the sums of its subgroups fit an invocation's registers. */
static void
test_fits (void)
{
  InqGpuFacts nvidia = { .vendor_id = 0x10de,
                         .matrix_m = 16,
                         .matrix_n = 16,
                         .matrix_k = 16,
                         .matrix_subgroup = 32,
                         .max_shared_memory = 48 << 10,
                         .max_invocations = 1024,
                         .max_group_size = { 1024 } };
  InqGpuFacts intel = { .vendor_id = INQ_GPU_VENDOR_INTEL,
                        .matrix_m = 8,
                        .matrix_n = 8,
                        .matrix_k = 16,
                        .matrix_subgroup = 8,
                        .max_shared_memory = 64 << 10,
                        .max_invocations = 1024,
                        .max_group_size = { 1024 } };

  for (guint i = 0; i < inq_gemm_n_tiles; i++) {
    const InqGemmTile *t = &inq_gemm_tiles[i];

    if (t->kind != INQ_GEMM_SUBGROUP)
      continue;
    if (t->warp_m * t->warp_n > 64 * 8)
      g_assert_false (inq_gemm_tile_fits (t, &intel));
  }
  g_assert_true (inq_gemm_tile_fits (&inq_gemm_tiles[2], &nvidia));
  g_assert_true (inq_gemm_tile_fits (&inq_gemm_tiles[8], &nvidia));
  for (guint i = 0; i < inq_gemm_n_tiles; i++) /* within 48 KiB, all of them */
    if (inq_gemm_tiles[i].early && inq_gemm_tiles[i].m >= 64)
      g_assert_true (inq_gemm_tile_fits (&inq_gemm_tiles[i], &nvidia));
  g_assert_true (inq_gemm_tile_fits (&inq_gemm_tiles[8], &intel));
}

static void
test_verify (void)
{
  const guint16 one = 0x3c00, about = 0x3c01, off = 0x3d00, nan = 0x7e00;
  g_autoptr (GError) error = NULL;

  g_assert_true (inq_gemm_alike (&about, &one, 1));
  g_assert_false (inq_gemm_alike (&off, &one, 1));
  g_assert_false (inq_gemm_alike (&nan, &one, 1));
  g_assert_false (inq_gemm_alike (&one, &nan, 1));
  inq_gemm_verify (test_gpu (), -INQ_GEMM_SHARED_SMALL, TRUE, &error);
  g_assert_no_error (error);
  for (guint tile = 0; tile < inq_gemm_n_tiles; tile++) {
    /* a processor compiles the large ones for minutes */
    if (inq_gemm_tiles[tile].m > 16 || !inq_gemm_tile_fits (&inq_gemm_tiles[tile], inq_gpu_get_facts (test_gpu ())))
      continue;
    inq_gemm_verify (test_gpu (), tile, TRUE, &error);
    g_assert_no_error (error);
    inq_gemm_verify (test_gpu (), tile, FALSE, &error);
    g_assert_no_error (error);
  }
}

static void
test_kept (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = inq_gpu_dup_cache_path (test_gpu (), "tiles", ".txt"), *key = inq_gemm_dup_key (test_gpu ());
  g_autofree char *text = NULL, *dir = NULL;
  InqGemmSpeeds s = { .merge_ns = 1 };
  InqTuning tuning;
  gboolean software = inq_gpu_get_facts (test_gpu ())->kind == INQ_GPU_KIND_SOFTWARE;

  add_curve (&s, 0, 3);
  text = inq_gemm_speeds_format (&s, key);
  g_assert_nonnull (path);
  dir = g_path_get_dirname (path);
  g_assert_no_errno (g_mkdir_with_parents (dir, 0700));
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  /* a processor never asks; a card finds it */
  g_unsetenv ("INQ_TUNE");
  g_assert_true (inq_tune (test_gpu (), &tuning, &error));
  g_assert_cmpint (tuning, ==, software ? INQ_TUNING_NONE : INQ_TUNING_KEPT);
  /* named, it is taken on every device */
  g_setenv ("INQ_TUNE", path, TRUE);
  g_assert_true (inq_tune (test_gpu (), &tuning, &error));
  g_assert_cmpint (tuning, ==, INQ_TUNING_KEPT);
  g_assert_cmpmem (&s, sizeof s, inq_gemm_get_speeds (test_gpu ()), sizeof s);
  g_setenv ("INQ_TUNE", "0", TRUE);
  g_assert_true (inq_tune (test_gpu (), &tuning, &error));
  g_assert_cmpint (tuning, ==, INQ_TUNING_NONE);
  g_assert_null (inq_gemm_get_speeds (test_gpu ()));
  g_setenv ("INQ_TUNE", "/nowhere/at/all", TRUE);
  g_assert_false (inq_tune (test_gpu (), &tuning, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_unsetenv ("INQ_TUNE");
  g_unlink (path);
}

/* A model as small as the house model's takes the estimate, unless told otherwise, whatever the one before took. */
static void
test_small_model (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqEngine) engine = inq_engine_new (NULL, &error);
  g_autofree char *model = inq_house_model_path (), *key = inq_gemm_dup_key (test_gpu ()), *dir = NULL, *path = NULL;
  g_autofree char *again = NULL, *text = NULL;
  InqGemmSpeeds s = { .merge_ns = 1 };

  g_assert_no_error (error);
  g_assert_nonnull (model);
  add_curve (&s, 0, 3);
  text = inq_gemm_speeds_format (&s, key);
  dir = g_dir_make_tmp ("inq-small-XXXXXX", NULL);
  path = g_build_filename (dir, "tiles.txt", NULL);
  again = g_build_filename (model, "model.safetensors", NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_setenv ("INQ_TUNE", path, TRUE);
  g_assert_nonnull (inq_engine_load (engine, model, &error));
  g_assert_cmpstr (inq_engine_get_tuning (engine), ==, "kept");
  g_assert_nonnull (inq_gemm_get_speeds (inq_engine_get_gpu (engine)));
  g_unsetenv ("INQ_TUNE");
  g_assert_nonnull (inq_engine_load (engine, again, &error));
  g_assert_cmpstr (inq_engine_get_tuning (engine), ==, "estimated");
  g_assert_null (inq_gemm_get_speeds (inq_engine_get_gpu (engine)));
  /* tiles that cannot be had: the model before stays */
  g_setenv ("INQ_TUNE", "/nowhere/at/all", TRUE);
  g_assert_null (inq_engine_load (engine, model, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_unsetenv ("INQ_TUNE");
  g_clear_error (&error);
  g_assert_nonnull (inq_engine_load (engine, again, &error));
  g_unlink (path);
  g_rmdir (dir);
}

int
main (int argc, char **argv)
{
  g_autofree char *cache = g_dir_make_tmp ("inq-tune-XXXXXX", NULL);

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tune/text", test_text);
  g_test_add_func ("/tune/nonsense", test_nonsense);
  g_test_add_func ("/tune/estimate", test_estimate);
  g_test_add_func ("/tune/rounds", test_rounds);
  g_test_add_func ("/tune/choice", test_choice);
  g_test_add_func ("/tune/measure", test_measure);
  g_test_add_func ("/tune/attention", test_attention_choice);
  g_test_add_func ("/tune/fits", test_fits);
  g_test_add_func ("/tune/verify", test_verify);
  g_test_add_func ("/tune/kept", test_kept);
  g_test_add_func ("/tune/small-model", test_small_model);
  return test_gpu_run ();
}
