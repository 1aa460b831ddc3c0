/* Inquadra - tests: the files that models lie in.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "files-fixture.h"

#include <glib/gstdio.h>
#include <inq-key-map.h>
#include <string.h>

char *
files_folder (const char *parent, const char *name)
{
  char *folder = g_build_filename (parent, name, NULL);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  return folder;
}

char *
files_model (const char *parent, const char *family, FixtureFlags flags)
{
  g_autofree char *folder = fixture_model (parent, family, flags);
  return g_build_filename (folder, "model.safetensors", NULL);
}

void
files_copy (const char *from, const char *folder, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GFile) a = g_file_new_for_path (from);
  g_autoptr (GFile) b = g_file_new_for_path (path);
  g_file_copy (a, b, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

void
files_text (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

void
files_extract (const char *from, const char *prefix, const char *folder, const char *name)
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

InqModelInfo *
files_inspect (const char *path)
{
  g_autoptr (GError) error = NULL;
  InqModelInfo *info = inq_model_inspect (path, &error);
  g_assert_no_error (error);
  return info;
}

gboolean
files_diffusers (const char *model, const char *family, const char *out)
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

void
files_compare (const char *file, const char *folder)
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
