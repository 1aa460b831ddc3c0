/* Inquadra - tests: models added to the user's folder and removed from it, with what belongs to them.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "files-fixture.h"

#include <inq-key-map.h>
#include <inq-model.h>
#include <string.h>

static char *tmp;

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
  g_autofree char *whole = files_model (tmp, "sd1", 0);
  g_autofree char *folder = files_folder (tmp, "to-add");
  g_autofree char *models = g_build_filename (g_get_user_data_dir (), "inquadra", "models", NULL);
  g_autofree char *file = g_build_filename (folder, "ink.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  goffset last[2] = { 0, 0 };
  files_copy (whole, folder, "ink.safetensors");
  files_extract (whole, INQ_VAE_PREFIX, folder, "ink.vae.safetensors");
  files_text (folder, "ink.json", "{\"steps\": 9}");
  files_text (folder, "other.json", "{}");
  g_autofree char *added = inq_models_add (file, NULL, progress_cb, last, &error);
  g_assert_no_error (error);
  g_assert_true (last[0] == last[1] && last[1] > 0);
  g_assert_true (has (models, "ink.safetensors") && has (models, "ink.vae.safetensors") && has (models, "ink.json"));
  g_assert_false (has (models, "other.json"));
  g_autoptr (InqModelInfo) info = files_inspect (added);
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
  g_autofree char *words = files_folder (tmp, "with-words");
  g_autofree char *second = g_build_filename (words, "brush.safetensors", NULL);
  files_copy (whole, words, "brush.safetensors");
  files_text (words, "tokenizer/merges.txt", "#version: 0.2\nt h\n");
  files_text (words, "brush.json", "{\"steps\": 8}");
  g_autofree char *brush = inq_models_add (second, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (has (brush, "model.safetensors") && has (brush, "tokenizer/merges.txt"));
  g_autoptr (InqModelInfo) brush_info = files_inspect (brush);
  g_assert_cmpstr (brush_info->name, ==, "brush");
  g_assert_cmpint (brush_info->default_steps, ==, 8);
  g_autofree char *plain = inq_model_hash (whole, NULL, NULL, NULL, NULL); /* settings are not the weights */
  g_autofree char *with_settings = inq_model_hash (brush, NULL, NULL, NULL, NULL);
  g_assert_cmpstr (plain, ==, with_settings);

  /* A diffusers folder, without what is not read of it. */
  g_autofree char *out = g_build_filename (tmp, "drawer", NULL);
  if (files_diffusers (whole, "sd1", out)) {
    g_autofree char *drawer = inq_models_add (out, NULL, NULL, NULL, &error);
    g_assert_no_error (error);
    g_assert_true (has (drawer, "model_index.json") && has (drawer, "unet/config.json"));
    g_assert_true (has (drawer, "vae/diffusion_pytorch_model.fp16.safetensors"));
    g_assert_false (has (drawer, "vae/diffusion_pytorch_model.safetensors"));
    files_compare (whole, drawer);
    g_autofree char *a = inq_model_hash (out, NULL, NULL, NULL, NULL);
    g_autofree char *b = inq_model_hash (drawer, NULL, NULL, NULL, NULL);
    g_assert_cmpstr (a, ==, b);
  }

  /* Cancelling leaves nothing. */
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_cancellable_cancel (cancelled);
  files_copy (whole, folder, "late.safetensors");
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
  g_autofree char *whole = files_model (tmp, "sd1", 0);
  g_autofree char *folder = files_folder (tmp, "to-discard");
  g_autofree char *models = g_build_filename (tmp, "inquadra", "models", NULL);
  g_autofree char *file = g_build_filename (folder, "owl.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  files_copy (whole, folder, "owl.safetensors");
  files_text (folder, "owl.json", "{\"steps\": 9}");
  files_text (models, "owl.vae.safetensors", "there before, and nobody's model");
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
  files_text (folder, "tokenizer/merges.txt", "#version: 0.2\nt h\n");
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
  g_autofree char *whole = files_model (tmp, "sd1", 0);
  g_autofree char *folder = files_folder (tmp, "along"), *models = g_build_filename (tmp, "inquadra", "models", NULL);
  g_autofree char *fox = g_build_filename (folder, "fox.safetensors", NULL);
  g_autofree char *words = g_build_filename (folder, "tokenizer", NULL);
  g_autofree char *vae = g_build_filename (folder, "only.vae.safetensors", NULL);
  files_copy (whole, folder, "fox.safetensors");
  fixture_tiny (folder, 0);
  g_autofree char *added = inq_models_add (fox, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (has (models, "fox.safetensors") && has (models, "fox.taesd.safetensors"));
  g_assert_false (has (models, "taesd_decoder.safetensors")); /* other models' previews stay as they are */
  g_autofree char *tiny = inq_model_find_tiny (added, FALSE);
  g_assert_nonnull (tiny);

  files_extract (whole, INQ_VAE_PREFIX, folder, "only.vae.safetensors");
  g_autofree char *decoder = g_build_filename (folder, "taesd_decoder.safetensors", NULL);
  g_autoptr (InqModelInfo) vae_info = files_inspect (vae), tiny_info = files_inspect (decoder);
  g_assert_nonnull (strstr (vae_info->missing[0], "NAME.vae.safetensors"));
  g_assert_nonnull (strstr (tiny_info->missing[0], "NAME.taesd.safetensors"));
  files_text (folder, "tokenizer/merges.txt", "#version: 0.2\nt h\n");
  g_assert_null (inq_models_add (words, NULL, NULL, NULL, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING);
  g_assert_nonnull (strstr (error->message, "called tokenizer"));
}

static void
test_add_lora (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = files_folder (tmp, "lora");
  g_autofree char *path = g_build_filename (folder, "line.safetensors", NULL);
  const char *const stem = "lora_unet_down_blocks_0_attentions_0_proj_in";
  g_autofree char *down = g_strconcat (stem, ".lora_down.weight", NULL);
  g_autofree char *up = g_strconcat (stem, ".lora_up.weight", NULL);
  const InqWeightOut tensors[] = { { down, 2, { 2, 4 }, (float[8]){ 0 } }, { up, 2, { 4, 2 }, (float[8]){ 0 } } };
  inq_weights_write (path, tensors, 2, &error);
  g_assert_no_error (error);
  g_autoptr (InqModelInfo) info = files_inspect (path);
  g_assert_cmpstr (info->kind, ==, "lora");
  g_autofree char *added = inq_models_add (path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *loras = inq_loras_folder ();
  g_assert_true (g_str_has_prefix (added, loras) && has (loras, "line.safetensors"));
}

int
main (int argc, char **argv)
{
  tmp = fixture_folder_new ();
  g_setenv ("XDG_DATA_HOME", tmp, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/add", test_add);
  g_test_add_func ("/store/discard", test_discard);
  g_test_add_func ("/store/add-along", test_add_along);
  g_test_add_func ("/store/add-lora", test_add_lora);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}
