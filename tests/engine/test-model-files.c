/* Inquadra - tests: models in several files. Diffusers folders, parts and settings beside a model, what a file is for,
 * adding and removing, files that change or are too large.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "model-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <inq-key-map.h>
#include <inq-model.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *tmp;

static char *
folder_new (const char *name)
{
  char *folder = g_build_filename (tmp, name, NULL);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  return folder;
}

static char *
fixture_file (const char *family, FixtureFlags flags)
{
  g_autofree char *folder = fixture_model (tmp, family, flags);
  return g_build_filename (folder, "model.safetensors", NULL);
}

static void
copy_file (const char *from, const char *folder, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GFile) a = g_file_new_for_path (from);
  g_autoptr (GFile) b = g_file_new_for_path (path);
  g_file_copy (a, b, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
write_text (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* The tensors of @from whose names begin with @prefix, without it, each as f32. */
static void
extract (const char *from, const char *prefix, const char *folder, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqWeights) weights = inq_weights_open (from, &error);
  g_assert_no_error (error);
  g_autoptr (GArray) out = g_array_new (FALSE, FALSE, sizeof (InqWeightOut));
  g_autoptr (GPtrArray) data = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < inq_weights_get_count (weights); i++) {
    const InqWeight *w = inq_weights_get (weights, i);
    if (!g_str_has_prefix (w->name, prefix))
      continue;
    InqWeightOut t = { .name = w->name + strlen (prefix), .n_dims = w->n_dims };
    memcpy (t.dims, w->dims, sizeof t.dims);
    float *values = g_new (float, inq_weight_count (w));
    inq_weight_to_f32 (w, values);
    t.data = values;
    g_ptr_array_add (data, values);
    g_array_append_val (out, t);
  }
  g_autofree char *path = g_build_filename (folder, name, NULL);
  inq_weights_write (path, (const InqWeightOut *) out->data, out->len, &error);
  g_assert_no_error (error);
}

static InqModelInfo *
inspect (const char *path)
{
  g_autoptr (GError) error = NULL;
  InqModelInfo *info = inq_model_inspect (path, &error);
  g_assert_no_error (error);
  return info;
}

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

/* By the script in tests/data; FALSE where there is no Python. */
static gboolean
make_diffusers (const char *model, const char *family, const char *out)
{
  g_autofree char *python = g_find_program_in_path ("python3");
  g_autofree char *script = g_build_filename (g_getenv ("INQ_TEST_DATA"), "files", "make-diffusers.py", NULL);
  g_autoptr (GError) error = NULL;
  int status;
  if (!python) {
    g_test_skip ("no python3 to write a diffusers folder with");
    return FALSE;
  }
  const char *argv[] = { python, script, model, family, out, NULL };
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
  return TRUE;
}

/* Every tensor of the networks has the name and the bytes it has in the single file. */
static void
compare_networks (const char *file, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_auto (InqModelFiles) joined = { 0 };
  g_autoptr (InqWeights) single = inq_weights_open (file, &error);
  g_assert_true (inq_model_files_open (folder, NULL, &joined, &error));
  g_assert_no_error (error);
  guint n = 0, there = 0;
  for (guint i = 0; i < inq_weights_get_count (single); i++) {
    const InqWeight *a = inq_weights_get (single, i);
    if (!g_str_has_prefix (a->name, INQ_UNET_PREFIX) && !g_str_has_prefix (a->name, INQ_VAE_PREFIX))
      continue;
    const InqWeight *b = inq_weights_lookup (joined.weights, a->name);
    if (!b)
      g_error ("%s is not in the folder", a->name);
    g_assert_cmpmem (a->data, a->size, b->data, b->size);
    n++;
  }
  for (guint i = 0; i < inq_weights_get_count (joined.weights); i++) {
    const char *name = inq_weights_get (joined.weights, i)->name;
    there += g_str_has_prefix (name, INQ_UNET_PREFIX) || g_str_has_prefix (name, INQ_VAE_PREFIX);
  }
  g_assert_cmpuint (n, ==, there);
  g_assert_cmpuint (n, >, 100);
  g_autoptr (InqModelSpec) a = inq_model_spec_new (single), b = inq_model_spec_new (joined.weights);
  g_assert_true (a->family == b->family);
  g_assert_cmpint (a->prediction, ==, b->prediction);
  g_assert_cmpuint (a->n_towers, ==, b->n_towers);
  g_assert_cmpint (a->unet_heads, ==, b->unet_heads);
  if (a->unet_heads == 0)
    g_assert_cmpint (a->unet_head_dim, ==, b->unet_head_dim);
  g_assert_cmpfloat (a->vae_scale, ==, b->vae_scale);
  for (guint i = 0; i < a->n_towers; i++) {
    g_assert_cmpint (a->towers[i].width, ==, b->towers[i].width);
    g_assert_cmpint (a->towers[i].pooled_width, ==, b->towers[i].pooled_width);
    g_assert_cmpint (a->towers[i].heads, ==, b->towers[i].heads);
    g_assert_cmpint (a->towers[i].facts.act, ==, b->towers[i].facts.act);
  }
  g_assert_cmpuint (a->missing->len, ==, b->missing->len);
}

static void
test_diffusers (void)
{
  g_autofree char *file = fixture_file ("sd1", 0);
  g_autofree char *out = g_build_filename (tmp, "painter", NULL);
  if (!make_diffusers (file, "sd1", out))
    return;
  compare_networks (file, out);
  g_autoptr (InqModelInfo) info = inspect (out);
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
  copy_file (file, unet, "diffusion_pytorch_model-00002-of-00002.safetensors");
  assert_refused (out, INQ_LOADER_ERROR_CORRUPT, "does not hold");
  g_assert_cmpint (g_rename (away, shard), ==, 0);
  write_text (out, "unet/config.json", "{\"a\": [1, ");
  assert_refused (out, INQ_LOADER_ERROR_CORRUPT, "config.json");
  write_text (out, "unet/config.json", "{}");
  write_text (out, "model_index.json", "{\"_class_name\": \"FluxPipeline\"}");
  assert_refused (out, INQ_LOADER_ERROR_UNSUPPORTED, "FluxPipeline");
  write_text (out, "model_index.json", "{}");
  const char *const evil[] = { "../vae/diffusion_pytorch_model.fp16.safetensors", "/etc/passwd", ".safetensors", "" };
  for (guint i = 0; i < G_N_ELEMENTS (evil); i++) {
    g_autofree char *index = g_strdup_printf ("{\"weight_map\": {\"a\": \"%s\"}}", evil[i]);
    write_text (out, "unet/diffusion_pytorch_model.safetensors.index.json", index);
    assert_refused (out, INQ_LOADER_ERROR_CORRUPT, "it names a file");
  }
  write_text (out, "unet/diffusion_pytorch_model.safetensors.index.json", "{\"weight_map\": 3}");
  assert_refused (out, INQ_LOADER_ERROR_CORRUPT, "lists no files");
  g_autoptr (GString) deep = g_string_new ("{\"a\":");
  for (int i = 0; i < 100000; i++)
    g_string_append_c (deep, '[');
  write_text (out, "unet/diffusion_pytorch_model.safetensors.index.json", deep->str);
  assert_refused (out, INQ_LOADER_ERROR_CORRUPT, "nested");
  g_autofree char *index = g_build_filename (unet, "diffusion_pytorch_model.safetensors.index.json", NULL);
  g_remove (index);
  write_text (out, "unet/diffusion_pytorch_model.bin", "PK");
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
    if (!make_diffusers (file, sets[i][1], out))
      return;
    compare_networks (file, out);
  }
}

/* ---- parts beside a model ---- */

static void
test_parts (void)
{
  g_autofree char *whole = fixture_file ("sd1", 0);
  g_autofree char *folder = folder_new ("parts");
  g_autofree char *bare = g_build_filename (folder, "bare.safetensors", NULL);
  extract (whole, INQ_UNET_PREFIX, folder, "bare.safetensors");
  write_text (folder, "tokenizer/merges.txt", "#version: 0.2\nt h\n");
  g_autoptr (InqModelInfo) alone = inspect (bare);
  g_assert_cmpstr (alone->kind, ==, "checkpoint");
  g_assert_true (alone->has_unet && !alone->has_vae && !alone->has_text);
  g_assert_nonnull (alone->missing);

  extract (whole, INQ_VAE_PREFIX, folder, "bare.vae.safetensors");
  extract (whole, "cond_stage_model.transformer.", folder, "bare.clip_l.safetensors");
  g_autoptr (InqModelInfo) info = inspect (bare);
  g_assert_true (info->has_unet && info->has_vae && info->has_text);
  g_assert_null (info->missing);
  g_assert_cmpuint (g_strv_length (info->parts), ==, 2);
  g_autofree char *vae = g_build_filename (folder, "bare.vae.safetensors", NULL);
  g_autofree char *tower = g_build_filename (folder, "bare.clip_l.safetensors", NULL);
  g_autoptr (InqModelInfo) vae_info = inspect (vae), tower_info = inspect (tower);
  g_assert_cmpstr (vae_info->kind, ==, "vae");
  g_assert_cmpstr (tower_info->kind, ==, "tower");

  /* A separate autoencoder comes before the one in the file. */
  g_autofree char *own = folder_new ("own");
  g_autofree char *model = g_build_filename (own, "model.safetensors", NULL);
  copy_file (whole, own, "model.safetensors");
  float zero = 0;
  g_auto (InqModelFiles) before = { 0 }, after = { 0 };
  g_assert_true (inq_model_files_open (own, NULL, &before, NULL));
  extract (whole, "first_stage_model.decoder.", own, "half.safetensors");
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
  g_autoptr (InqModelInfo) unfit = inspect (own);
  g_assert_nonnull (unfit->missing);
  g_assert_nonnull (strstr (unfit->missing[0], "16 latent channels, the network 4"));
  copy_file (tower, own, "vae.safetensors");
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
  g_autofree char *whole = fixture_file ("sd1", 0);
  g_autofree char *folder = folder_new ("named");
  write_text (folder, "tokenizer/merges.txt", "#version: 0.2\nt h\n");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *base = g_strconcat (cases[i].name, ".safetensors", NULL);
    g_autofree char *path = g_build_filename (folder, base, NULL);
    g_autofree char *json = g_strconcat (cases[i].name, ".json", NULL);
    copy_file (whole, folder, base);
    if (cases[i].settings)
      write_text (folder, json, cases[i].settings);
    g_autoptr (InqModelInfo) info = inspect (path);
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
    copy_file (whole, folder, base);
    write_text (folder, json, "{\"family\": \"sd2\"}");
    g_autoptr (InqModelInfo) info = inspect (path);
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

/* ---- adding and removing ---- */

static gboolean
has (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
progress_cb (goffset done, goffset total, gpointer data)
{
  goffset *last = data;
  g_assert_true (done >= last[0] && done <= total);
  last[0] = done;
  last[1] = total;
}

static void
cancel_at_end_cb (goffset done, goffset total, gpointer cancellable)
{
  if (done == total)
    g_cancellable_cancel (cancellable);
}

static void
test_add (void)
{
  g_autofree char *whole = fixture_file ("sd1", 0);
  g_autofree char *folder = folder_new ("to-add");
  g_autofree char *models = g_build_filename (g_get_user_data_dir (), "inquadra", "models", NULL);
  g_autofree char *file = g_build_filename (folder, "ink.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  goffset last[2] = { 0, 0 };
  copy_file (whole, folder, "ink.safetensors");
  extract (whole, INQ_VAE_PREFIX, folder, "ink.vae.safetensors");
  write_text (folder, "ink.json", "{\"steps\": 9}");
  write_text (folder, "other.json", "{}");
  g_autofree char *added = inq_models_add (file, NULL, progress_cb, last, &error);
  g_assert_no_error (error);
  g_assert_true (last[0] == last[1] && last[1] > 0);
  g_assert_true (has (models, "ink.safetensors") && has (models, "ink.vae.safetensors") && has (models, "ink.json"));
  g_assert_false (has (models, "other.json"));
  g_autoptr (InqModelInfo) info = inspect (added);
  g_assert_cmpint (info->default_steps, ==, 9);
  g_auto (GStrv) list = inq_models_list ();
  guint n = 0;
  for (guint i = 0; list[i]; i++)
    n += strstr (list[i], "/ink.") != NULL;
  g_assert_cmpuint (n, ==, 1); /* a part is no model */
  g_assert_null (inq_models_add (file, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);

  /* With a word list of its own it gets a folder of its own. */
  g_autofree char *words = folder_new ("with-words");
  g_autofree char *second = g_build_filename (words, "brush.safetensors", NULL);
  copy_file (whole, words, "brush.safetensors");
  write_text (words, "tokenizer/merges.txt", "#version: 0.2\nt h\n");
  write_text (words, "brush.json", "{\"steps\": 8}");
  g_autofree char *brush = inq_models_add (second, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (has (brush, "model.safetensors") && has (brush, "tokenizer/merges.txt"));
  g_autoptr (InqModelInfo) brush_info = inspect (brush);
  g_assert_cmpstr (brush_info->name, ==, "brush");
  g_assert_cmpint (brush_info->default_steps, ==, 8);

  /* A diffusers folder, without what is not read of it. */
  g_autofree char *out = g_build_filename (tmp, "drawer", NULL);
  if (make_diffusers (whole, "sd1", out)) {
    g_autofree char *drawer = inq_models_add (out, NULL, NULL, NULL, &error);
    g_assert_no_error (error);
    g_assert_true (has (drawer, "model_index.json") && has (drawer, "unet/config.json"));
    g_assert_true (has (drawer, "vae/diffusion_pytorch_model.fp16.safetensors"));
    g_assert_false (has (drawer, "vae/diffusion_pytorch_model.safetensors"));
    compare_networks (whole, drawer);
    g_autofree char *a = inq_model_hash (out, NULL, NULL, NULL, NULL);
    g_autofree char *b = inq_model_hash (drawer, NULL, NULL, NULL, NULL);
    g_assert_cmpstr (a, ==, b);
  }

  /* Cancelling leaves nothing. */
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_cancellable_cancel (cancelled);
  copy_file (whole, folder, "late.safetensors");
  g_autofree char *late = g_build_filename (folder, "late.safetensors", NULL);
  g_assert_null (inq_models_add (late, cancelled, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (has (models, "late.safetensors") || has (models, ".late.safetensors.part"));

  /* Up to the last byte. */
  g_autoptr (GCancellable) last_moment = g_cancellable_new ();
  g_assert_null (inq_models_add (late, last_moment, cancel_at_end_cb, last_moment, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (has (models, "late.safetensors") || has (models, ".late.safetensors.part"));

  /* Parts alone are no models. */
  g_autofree char *vae = g_build_filename (folder, "ink.vae.safetensors", NULL);
  g_assert_null (inq_models_add (vae, NULL, NULL, NULL, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING);
  g_assert_nonnull (strstr (error->message, "NAME.vae.safetensors"));
  g_clear_error (&error);

  /* Removing: only what is the user's, and into the trash, or not at all. */
  g_assert_false (inq_models_remove (file, &error));
  g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
  g_clear_error (&error);
  gboolean gone = inq_models_remove (added, &error);
  g_assert_cmpint (gone, ==, !has (models, "ink.safetensors"));
  g_assert_cmpint (gone, ==, !has (models, "ink.vae.safetensors"));
  if (!gone)
    g_test_message ("no trash here: %s", error->message);
}

/* What was copied is taken back, that alone, and only from the user's folders. */
static void
test_discard (void)
{
  g_autofree char *whole = fixture_file ("sd1", 0);
  g_autofree char *folder = folder_new ("to-discard");
  g_autofree char *models = g_build_filename (tmp, "inquadra", "models", NULL);
  g_autofree char *file = g_build_filename (folder, "owl.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  copy_file (whole, folder, "owl.safetensors");
  write_text (folder, "owl.json", "{\"steps\": 9}");
  write_text (models, "owl.vae.safetensors", "there before, and nobody's model");
  g_auto (GStrv) copied = inq_models_add_listed (file, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (copied), ==, 2);
  g_assert_true (has (models, "owl.safetensors") && has (models, "owl.json"));

  const char *const theirs[] = { copied[0], file, NULL };
  g_assert_false (inq_models_discard (theirs, &error));
  g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_true (has (models, "owl.safetensors") && has (folder, "owl.safetensors"));

  for (guint i = 0; i < 2; i++) { /* the second time there is nothing left to do */
    g_assert_true (inq_models_discard ((const char *const *) copied, &error));
    g_assert_no_error (error);
    g_assert_false (has (models, "owl.safetensors") || has (models, "owl.json"));
  }
  g_assert_true (has (models, "owl.vae.safetensors"));
  g_assert_true (has (folder, "owl.safetensors") && has (folder, "owl.json"));

  /* A folder of its own goes whole. */
  write_text (folder, "tokenizer/merges.txt", "#version: 0.2\nt h\n");
  g_auto (GStrv) own = inq_models_add_listed (file, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (own), ==, 1);
  g_assert_true (has (own[0], "tokenizer/merges.txt"));
  g_assert_true (inq_models_discard ((const char *const *) own, &error));
  g_assert_no_error (error);
  g_assert_false (has (models, "owl"));
}

/* What serves every model of a folder comes along; what is no model says where it belongs. */
static void
test_add_along (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = fixture_file ("sd1", 0);
  g_autofree char *folder = folder_new ("along"), *models = g_build_filename (tmp, "inquadra", "models", NULL);
  g_autofree char *fox = g_build_filename (folder, "fox.safetensors", NULL);
  g_autofree char *words = g_build_filename (folder, "tokenizer", NULL);
  g_autofree char *vae = g_build_filename (folder, "only.vae.safetensors", NULL);
  copy_file (whole, folder, "fox.safetensors");
  fixture_tiny (folder, 0);
  g_autofree char *added = inq_models_add (fox, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (has (models, "fox.safetensors") && has (models, "fox.taesd.safetensors"));
  g_assert_false (has (models, "taesd_decoder.safetensors")); /* other models' previews stay as they are */
  g_autofree char *tiny = inq_model_find_tiny (added, FALSE);
  g_assert_nonnull (tiny);

  extract (whole, INQ_VAE_PREFIX, folder, "only.vae.safetensors");
  g_autofree char *decoder = g_build_filename (folder, "taesd_decoder.safetensors", NULL);
  g_autoptr (InqModelInfo) vae_info = inspect (vae), tiny_info = inspect (decoder);
  g_assert_nonnull (strstr (vae_info->missing[0], "NAME.vae.safetensors"));
  g_assert_nonnull (strstr (tiny_info->missing[0], "NAME.taesd.safetensors"));
  write_text (folder, "tokenizer/merges.txt", "#version: 0.2\nt h\n");
  g_assert_null (inq_models_add (words, NULL, NULL, NULL, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING);
  g_assert_nonnull (strstr (error->message, "called tokenizer"));
}

static void
test_add_lora (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = folder_new ("lora");
  g_autofree char *path = g_build_filename (folder, "line.safetensors", NULL);
  const char *const stem = "lora_unet_down_blocks_0_attentions_0_proj_in";
  g_autofree char *down = g_strconcat (stem, ".lora_down.weight", NULL);
  g_autofree char *up = g_strconcat (stem, ".lora_up.weight", NULL);
  const InqWeightOut tensors[] = { { down, 2, { 2, 4 }, (float[8]){ 0 } }, { up, 2, { 4, 2 }, (float[8]){ 0 } } };
  inq_weights_write (path, tensors, 2, &error);
  g_assert_no_error (error);
  g_autoptr (InqModelInfo) info = inspect (path);
  g_assert_cmpstr (info->kind, ==, "lora");
  g_autofree char *added = inq_models_add (path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *loras = inq_loras_folder ();
  g_assert_true (g_str_has_prefix (added, loras) && has (loras, "line.safetensors"));
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
  g_autofree char *whole = fixture_file ("sd1", 0);
  g_autofree char *folder = folder_new ("shrinks");
  g_autofree char *path = g_build_filename (folder, "s.safetensors", NULL);
  for (int round = 0; round < 3; round++) {
    g_autoptr (GError) error = NULL;
    copy_file (whole, folder, "s.safetensors");
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
  g_autofree char *folder = folder_new ("huge");
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
  gsize before = resident ();
  g_autoptr (GError) error = NULL;
  g_autoptr (InqModelInfo) info = inspect (path);
  g_assert_cmpuint (info->size, >, bytes);
  g_autoptr (InqWeights) weights = inq_weights_open (path, &error);
  g_assert_no_error (error);
  g_autoptr (InqGpu) gpu = inq_gpu_new (NULL, NULL);
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
  g_test_add_func ("/files/add", test_add);
  g_test_add_func ("/files/discard", test_discard);
  g_test_add_func ("/files/add-along", test_add_along);
  g_test_add_func ("/files/add-lora", test_add_lora);
  g_test_add_func ("/files/shrinks", test_shrinks);
  g_test_add_func ("/files/huge", test_huge);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}
