/* Inquadra - tests: models in several files. Diffusers folders, parts and settings beside a model, what a file is for,
 * files that change or are too large.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "files-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <inq-key-map.h>
#include <inq-model.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *tmp;

static void
assert_refused (const char *path, InqLoaderError code, const char *says)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqModelInfo) info = inq_model_inspect (path, &error);
  g_assert_null (info);
  g_assert_error (error, INQ_LOADER_ERROR, code);
  if (!strstr (error->message, says))
    g_error ("“%s” does not say “%s”", error->message, says);
}

/* ---- diffusers folders ---- */

static void
test_diffusers (void)
{
  g_autofree char *file = files_model (tmp, "sd1", 0);
  g_autofree char *out = g_build_filename (tmp, "painter", NULL);
  if (!files_diffusers (file, "sd1", out))
    return;
  files_compare (file, out);
  g_autoptr (InqModelInfo) info = files_inspect (out);
  g_assert_cmpstr (info->name, ==, "painter");
  g_assert_cmpstr (info->format, ==, "diffusers");
  g_assert_cmpstr (info->kind, ==, "checkpoint");
  g_assert_cmpstr (info->dtypes, ==, "f32");
  g_autofree char *single_hash = inq_model_hash (file, NULL, NULL, NULL, NULL);
  g_autofree char *hash = inq_model_hash (out, NULL, NULL, NULL, NULL);
  g_assert_cmpstr (hash, !=, single_hash);
  g_assert_cmpuint (strlen (hash), ==, 64);

  /* What can be wrong with one. */
  g_autofree char *unet = g_build_filename (out, "unet", NULL);
  g_autofree char *shard = g_build_filename (unet, "diffusion_pytorch_model-00002-of-00002.safetensors", NULL);
  g_autofree char *away = g_strconcat (shard, ".away", NULL);
  g_assert_cmpint (g_rename (shard, away), ==, 0);
  assert_refused (out, INQ_LOADER_ERROR_MISSING,
                  "diffusion_pytorch_model-00002-of-00002.safetensors, which is not there");
  files_copy (file, unet, "diffusion_pytorch_model-00002-of-00002.safetensors");
  assert_refused (out, INQ_LOADER_ERROR_CORRUPT, "does not hold");
  g_assert_cmpint (g_rename (away, shard), ==, 0);
  files_text (out, "unet/config.json", "{\"a\": [1, ");
  assert_refused (out, INQ_LOADER_ERROR_CORRUPT, "config.json");
  files_text (out, "unet/config.json", "{}");
  files_text (out, "model_index.json", "{\"_class_name\": \"FluxPipeline\"}");
  assert_refused (out, INQ_LOADER_ERROR_UNSUPPORTED, "FluxPipeline");
  files_text (out, "model_index.json", "{}");
  const char *const evil[] = { "../vae/diffusion_pytorch_model.fp16.safetensors", "/etc/passwd", ".safetensors", "" };
  for (guint i = 0; i < G_N_ELEMENTS (evil); i++) {
    g_autofree char *index = g_strdup_printf ("{\"weight_map\": {\"a\": \"%s\"}}", evil[i]);
    files_text (out, "unet/diffusion_pytorch_model.safetensors.index.json", index);
    assert_refused (out, INQ_LOADER_ERROR_CORRUPT, "it names a file");
  }
  files_text (out, "unet/diffusion_pytorch_model.safetensors.index.json", "{\"weight_map\": 3}");
  assert_refused (out, INQ_LOADER_ERROR_CORRUPT, "lists no files");
  g_autoptr (GString) deep = g_string_new ("{\"a\":");
  for (int i = 0; i < 100000; i++)
    g_string_append_c (deep, '[');
  files_text (out, "unet/diffusion_pytorch_model.safetensors.index.json", deep->str);
  assert_refused (out, INQ_LOADER_ERROR_CORRUPT, "nested");
  g_autofree char *index = g_build_filename (unet, "diffusion_pytorch_model.safetensors.index.json", NULL);
  g_remove (index);
  files_text (out, "unet/diffusion_pytorch_model.bin", "PK");
  assert_refused (out, INQ_LOADER_ERROR_UNSUPPORTED, "pickle");
}

/* The published layouts of all families, of real depth. */
static void
test_diffusers_reference (void)
{
  static const char *const sets[][2] = { { "sd15-mini", "sd1" }, { "sd2-mini", "sd2" }, { "sdxl-mini", "sdxl" } };
  const char *reference = g_getenv ("INQ_REFERENCE");
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++) {
    g_autofree char *file = g_build_filename (reference ? reference : "", sets[i][0], "model.safetensors", NULL);
    g_autofree char *out = g_build_filename (tmp, sets[i][0], NULL);
    if (!g_file_test (file, G_FILE_TEST_EXISTS)) {
      g_test_skip ("the reference is not at hand");
      return;
    }
    if (!files_diffusers (file, sets[i][1], out))
      return;
    files_compare (file, out);
  }
}

/* ---- parts beside a model ---- */

static void
test_parts (void)
{
  g_autofree char *whole = files_model (tmp, "sd1", 0);
  g_autofree char *folder = files_folder (tmp, "parts");
  g_autofree char *bare = g_build_filename (folder, "bare.safetensors", NULL);
  files_extract (whole, INQ_UNET_PREFIX, folder, "bare.safetensors");
  files_text (folder, "tokenizer/merges.txt", "#version: 0.2\nt h\n");
  g_autoptr (InqModelInfo) alone = files_inspect (bare);
  g_assert_cmpstr (alone->kind, ==, "checkpoint");
  g_assert_true (alone->has_unet && !alone->has_vae && !alone->has_text);
  g_assert_nonnull (alone->missing);

  files_extract (whole, INQ_VAE_PREFIX, folder, "bare.vae.safetensors");
  files_extract (whole, "cond_stage_model.transformer.", folder, "bare.clip_l.safetensors");
  g_autoptr (InqModelInfo) info = files_inspect (bare);
  g_assert_true (info->has_unet && info->has_vae && info->has_text);
  g_assert_null (info->missing);
  g_assert_cmpuint (g_strv_length (info->parts), ==, 2);
  g_autofree char *vae = g_build_filename (folder, "bare.vae.safetensors", NULL);
  g_autofree char *tower = g_build_filename (folder, "bare.clip_l.safetensors", NULL);
  g_autoptr (InqModelInfo) vae_info = files_inspect (vae), tower_info = files_inspect (tower);
  g_assert_cmpstr (vae_info->kind, ==, "vae");
  g_assert_cmpstr (tower_info->kind, ==, "tower");

  /* A separate autoencoder comes before the one in the file. */
  g_autofree char *own = files_folder (tmp, "own");
  g_autofree char *model = g_build_filename (own, "model.safetensors", NULL);
  files_copy (whole, own, "model.safetensors");
  float zero = 0;
  g_auto (InqModelFiles) before = { 0 }, after = { 0 };
  g_assert_true (inq_model_files_open (own, NULL, &before, NULL));
  files_extract (whole, "first_stage_model.decoder.", own, "half.safetensors");
  const char *const beside[] = { vae, NULL };
  g_assert_true (inq_model_files_open (model, beside, &after, NULL));
  const char *const name = "first_stage_model.decoder.conv_in.weight";
  g_assert_true (inq_weights_lookup (before.weights, name)->data != inq_weights_lookup (after.weights, name)->data);
  g_assert_cmpuint (inq_weights_get_n_files (after.weights), ==, 2);
  g_assert_cmpstr (inq_weights_get_hash (before.weights), !=, inq_weights_get_hash (after.weights));

  /* What does not fit says so. */
  g_autoptr (GError) error = NULL;
  const InqWeightOut wrong[] = { { "decoder.conv_in.weight", 4, { 1, 16, 1, 1 }, (float[16]){ 0 } },
                                 { "decoder.conv_out.weight", 4, { 3, 1, 1, 1 }, (float[3]){ 0 } },
                                 { "decoder.mid.block_1.norm1.weight", 1, { 1 }, &zero } };
  g_autofree char *other = g_build_filename (own, "vae.safetensors", NULL);
  inq_weights_write (other, wrong, G_N_ELEMENTS (wrong), &error);
  g_assert_no_error (error);
  g_autoptr (InqModelInfo) unfit = files_inspect (own);
  g_assert_nonnull (unfit->missing);
  g_assert_nonnull (strstr (unfit->missing[0], "16 latent channels, the network 4"));
  files_copy (tower, own, "vae.safetensors");
  assert_refused (own, INQ_LOADER_ERROR_UNSUPPORTED, "should be the model's autoencoder");
}

/* ---- what it was made for ---- */

static void
test_detection (void)
{
  static const struct {
    const char *name, *settings;
    const char *prediction;
    gboolean zero_snr, distilled;
    int steps;
  } cases[] = {
    { "plain", NULL, "epsilon", FALSE, FALSE, 20 },
    { "sd_xl_turbo_1.0_fp16", NULL, "epsilon", FALSE, TRUE, 4 },
    { "DreamShaperXL-Lightning-8steps", NULL, "epsilon", FALSE, TRUE, 8 },
    { "realTurbovision", NULL, "epsilon", FALSE, TRUE, 4 },
    { "paint_LCM", NULL, "epsilon", FALSE, TRUE, 6 },
    { "welcome", NULL, "epsilon", FALSE, FALSE, 20 }, /* "lcm" within a word is nothing */
    { "hyperrealistic", NULL, "epsilon", FALSE, FALSE, 20 },
    { "hyper_12steps", NULL, "epsilon", FALSE, TRUE, 12 },
    { "turbo-not", "{\"distilled\": false}", "epsilon", FALSE, FALSE, 20 },
    { "own", "{\"prediction\": \"v\", \"zero_terminal_snr\": true, \"steps\": 7, \"cfg\": 3.5, \"size\": \"64x128\"}",
      "v", TRUE, FALSE, 7 },
    { "own-turbo", "{\"steps\": 2}", "epsilon", FALSE, TRUE, 2 },
    { "odd", "{\"prediction\": \"sample\"}", "epsilon", FALSE, FALSE, 20 },
  };
  g_autofree char *whole = files_model (tmp, "sd1", 0);
  g_autofree char *folder = files_folder (tmp, "named");
  files_text (folder, "tokenizer/merges.txt", "#version: 0.2\nt h\n");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *base = g_strconcat (cases[i].name, ".safetensors", NULL);
    g_autofree char *path = g_build_filename (folder, base, NULL);
    g_autofree char *json = g_strconcat (cases[i].name, ".json", NULL);
    files_copy (whole, folder, base);
    if (cases[i].settings)
      files_text (folder, json, cases[i].settings);
    g_autoptr (InqModelInfo) info = files_inspect (path);
    g_test_message ("%s: %s, %d steps of %s at cfg %g", cases[i].name, info->prediction, info->default_steps,
                    info->default_sampler, info->default_cfg);
    g_assert_cmpstr (info->prediction, ==, cases[i].prediction);
    g_assert_cmpint (info->zero_terminal_snr, ==, cases[i].zero_snr);
    g_assert_cmpint (info->distilled, ==, cases[i].distilled);
    g_assert_cmpint (info->default_steps, ==, cases[i].steps);
    if (info->distilled)
      g_assert_cmpfloat (info->default_cfg, ==, 1);
    if (g_str_equal (cases[i].name, "odd"))
      g_assert_true (info->missing && strstr (info->missing[0], "sample"));
    else
      g_assert_null (info->missing);
    if (g_str_equal (cases[i].name, "own"))
      g_assert_true (info->width == 64 && info->height == 128 && info->default_cfg == 3.5);
    g_remove (path);
  }
  /* The two kinds of Stable Diffusion 2 have the same tensors: settings make the fixture one of them. */
  static const char *const small[] = { "v2-1_768-ema-pruned", "v2-1_512-ema-pruned", "sd_turbo" };
  for (guint i = 0; i < G_N_ELEMENTS (small); i++) {
    g_autofree char *base = g_strconcat (small[i], ".safetensors", NULL);
    g_autofree char *json = g_strconcat (small[i], ".json", NULL);
    g_autofree char *path = g_build_filename (folder, base, NULL);
    files_copy (whole, folder, base);
    files_text (folder, json, "{\"family\": \"sd2\"}");
    g_autoptr (InqModelInfo) info = files_inspect (path);
    g_assert_cmpstr (info->prediction, ==, i == 0 ? "v" : "epsilon");
    g_assert_cmpint (info->width, ==, i == 0 ? 768 : 512);
    g_remove (path);
  }
  /* Marks among the tensors, and Stability's metadata. */
  g_autoptr (GError) error = NULL;
  g_auto (InqModelFiles) files = { 0 };
  g_assert_true (inq_model_files_open (whole, NULL, &files, &error));
  g_autoptr (InqWeights) marks = inq_weights_new_joined ("marks", "safetensors");
  g_autofree char *mark = g_build_filename (folder, "mark.safetensors", NULL);
  float none = 0;
  const InqWeightOut tensors[] = { { "v_pred", 1, { 0 }, &none }, { "ztsnr", 1, { 0 }, &none } };
  inq_weights_write (mark, tensors, 2, &error);
  g_assert_no_error (error);
  g_autoptr (InqWeights) extra = inq_weights_open (mark, &error);
  g_assert_true (inq_weights_join (marks, files.weights, NULL, NULL, FALSE, &error)
                 && inq_weights_join (marks, extra, NULL, NULL, FALSE, &error));
  g_autoptr (InqModelSpec) spec = inq_model_spec_new (marks);
  g_assert_true (spec->prediction == INQ_PREDICTION_V && spec->zero_terminal_snr);
  inq_weights_set_metadata (marks, "modelspec.prediction_type", "epsilon");
  g_autoptr (InqModelSpec) told = inq_model_spec_new (marks);
  g_assert_true (told->prediction == INQ_PREDICTION_EPSILON);
}

/* ---- files that change or are too large ---- */

static gsize
resident (void)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    return 0;
  g_auto (GStrv) parts = g_strsplit (text, " ", 3);
  return (gsize) g_ascii_strtoull (parts[1], NULL, 10) * (gsize) sysconf (_SC_PAGESIZE);
}

/* Reading what is no longer there gives zeros and an error, again and again. */
static void
test_shrinks (void)
{
  g_autofree char *whole = files_model (tmp, "sd1", 0);
  g_autofree char *folder = files_folder (tmp, "shrinks");
  g_autofree char *path = g_build_filename (folder, "s.safetensors", NULL);
  for (int round = 0; round < 3; round++) {
    g_autoptr (GError) error = NULL;
    files_copy (whole, folder, "s.safetensors");
    g_autoptr (InqWeights) weights = inq_weights_open (path, &error);
    g_assert_no_error (error);
    const InqWeight *last = inq_weights_get (weights, inq_weights_get_count (weights) - 1);
    g_autofree float *values = g_new (float, inq_weight_count (last));
    g_assert_true (inq_weights_check (weights, &error));
    g_assert_cmpint (truncate (path, 4096), ==, 0);
    inq_weight_to_f32 (last, values);
    for (gsize i = 0; i < inq_weight_count (last); i++)
      g_assert_true (values[i] == 0);
    g_assert_false (inq_weights_check (weights, &error));
    g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO);
    g_clear_error (&error);
    /* Grown again it is still another file than was read. */
    g_assert_cmpint (truncate (path, (off_t) inq_weights_get_size (weights)), ==, 0);
    g_assert_false (inq_weights_check (weights, &error));
  }
}

/* 40 GB of nothing: opened, looked at and refused without reading it. */
static void
test_huge (void)
{
  g_autofree char *folder = files_folder (tmp, "huge");
  g_autofree char *path = g_build_filename (folder, "huge.safetensors", NULL);
  const guint64 bytes = G_GUINT64_CONSTANT (40) << 30;
  g_autofree char *json = g_strdup_printf ("{\"" INQ_UNET_PREFIX "l.weight\":{\"dtype\":\"F16\",\"shape\":[%d,%d],"
                                           "\"data_offsets\":[0,%" G_GUINT64_FORMAT "]}}",
                                           1 << 17, (int) (bytes / 2 >> 17), bytes);
  guint64 header = GUINT64_TO_LE (strlen (json));
  int fd = g_open (path, O_RDWR | O_CREAT, 0600);
  g_assert_cmpint (write (fd, &header, 8), ==, 8);
  g_assert_cmpint (write (fd, json, strlen (json)), ==, strlen (json));
  if (ftruncate (fd, (off_t) (8 + strlen (json) + bytes)) != 0) {
    close (fd);
    g_test_skip ("this file system has no sparse files of 40 GB");
    return;
  }
  close (fd);
  g_autoptr (GError) error = NULL;
  g_autoptr (InqGpu) gpu = inq_gpu_new (NULL, NULL);
  if (gpu)
    inq_gpu_set_memory_limit (gpu, 1 << 30); /* some machines have room for it */
  gsize before = resident ();
  g_autoptr (InqModelInfo) info = files_inspect (path);
  g_assert_cmpuint (info->size, >, bytes);
  g_autoptr (InqWeights) weights = inq_weights_open (path, &error);
  g_assert_no_error (error);
  if (gpu) {
    g_autoptr (InqGraph) graph = inq_graph_new (weights);
    InqDeviceWeights *dw = inq_device_weights_new (gpu, weights);
    InqTensor *x = inq_graph_input (graph, "x", 1, 1, 1, (gint64) (bytes / 2 >> 17));
    inq_graph_output (graph, inq_op_linear (graph, x, INQ_UNET_PREFIX "l", NULL), "y");
    g_assert_no_error (inq_graph_get_error (graph));
    g_autoptr (InqPlan) plan = inq_plan_new (gpu, graph, dw, FALSE, &error);
    g_assert_null (plan);
    g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY);
    inq_device_weights_free (dw);
  }
  g_assert_cmpuint (resident (), <, before + (256 << 20));
  g_remove (path);
}

int
main (int argc, char **argv)
{
  tmp = fixture_folder_new ();
  g_setenv ("XDG_DATA_HOME", tmp, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/diffusers", test_diffusers);
  g_test_add_func ("/files/diffusers-reference", test_diffusers_reference);
  g_test_add_func ("/files/parts", test_parts);
  g_test_add_func ("/files/detection", test_detection);
  g_test_add_func ("/files/shrinks", test_shrinks);
  g_test_add_func ("/files/huge", test_huge);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}
