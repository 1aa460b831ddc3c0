/* Inquadra - fuzzer of the JSON files of a diffusers folder: index, configurations, scheduler.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: one byte, which file; its text. The rest of the folder is small and good. */
#include "config.h"

#include "inq-diffusers.h"
#include "inq-json-file.h"

#include <glib/gstdio.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char *const names[] = {
  "model_index.json",         "unet/diffusion_pytorch_model.safetensors.index.json",
  "unet/config.json",         "vae/config.json",
  "text_encoder/config.json", "scheduler/scheduler_config.json",
};
static char *folder;

static void
put (const char *name, const void *data, gsize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_mkdir_with_parents (parent, 0700);
  g_assert_true (g_file_set_contents_full (path, data, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
put_weights (const char *name, const char *tensor)
{
  g_autofree char *json = g_strdup_printf ("{\"%s\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", tensor);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  guint64 size = GUINT64_TO_LE ((guint64) strlen (json));
  g_byte_array_append (file, (const guint8 *) &size, 8);
  g_byte_array_append (file, (const guint8 *) json, (guint) strlen (json));
  g_byte_array_append (file, (const guint8 *) "", 1);
  put (name, file->data, file->len);
}

static void
forget (void)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", folder);
  g_assert_true (system (command) == 0);
}

static void
prepare (void)
{
  folder = g_dir_make_tmp ("inquadra-fuzz-XXXXXX", NULL);
  g_assert_nonnull (folder);
  atexit (forget);
  put_weights ("unet/a.safetensors", "down_blocks.0.resnets.0.conv1.weight");
  put_weights ("unet/b.safetensors", "up_blocks.0.resnets.0.conv1.weight");
  put_weights ("vae/diffusion_pytorch_model.safetensors", "decoder.mid_block.resnets.0.conv1.weight");
  put_weights ("text_encoder/model.safetensors", "text_model.encoder.layers.0.layer_norm1.weight");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char good_index[] = "{\"weight_map\":{\"down_blocks.0.resnets.0.conv1.weight\":\"a.safetensors\","
                                   "\"up_blocks.0.resnets.0.conv1.weight\":\"b.safetensors\"}}";
  if (size < 1)
    return 0;
  if (!folder)
    prepare ();
  guint which = data[0] % G_N_ELEMENTS (names);
  static gboolean bad[G_N_ELEMENTS (names)] = { TRUE, TRUE, TRUE, TRUE, TRUE, TRUE }; /* not yet, or no longer good */
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (i != which && bad[i]) {
      put (names[i], i == 1 ? good_index : "{}", i == 1 ? strlen (good_index) : 2);
      bad[i] = FALSE;
    }
  put (names[which], data + 1, size - 1);
  bad[which] = TRUE;

  g_autoptr (GError) error = NULL;
  g_autoptr (InqWeights) weights = inq_diffusers_open (folder, NULL, &error);
  g_assert_true ((weights != NULL) == (error == NULL));
  if (error) {
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    return 0;
  }
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, inq_weights_get_all_metadata (weights));
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_assert_true (g_utf8_validate (value, -1, NULL));
  return 0;
}
