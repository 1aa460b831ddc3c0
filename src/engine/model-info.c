/* Inquadra - finding models and saying what they are, without a device.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-key-map.h"
#include "inq-lora.h"
#include "inq-model.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static char *
name_from_path (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    inq_strip_extension (base);
  if (g_str_equal (base, "model")) {
    g_autofree char *folder = g_path_get_dirname (path);
    return g_path_get_basename (folder);
  }
  return g_utf8_make_valid (base, -1);
}

static int
compare_bytes (gconstpointer a, gconstpointer b, gpointer bytes)
{
  guint64 x = ((const guint64 *) bytes)[*(const int *) a], y = ((const guint64 *) bytes)[*(const int *) b];
  return x != y ? (x < y ? 1 : -1) : *(const int *) a - *(const int *) b;
}

/* "q8_0 + f32": what takes most bytes first */
static char *
describe_dtypes (InqWeights *weights)
{
  guint64 bytes[INQ_DTYPE_Q6_K + 1] = { 0 };
  int order[G_N_ELEMENTS (bytes)];
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < inq_weights_get_count (weights); i++)
    bytes[inq_weights_get (weights, i)->dtype] += inq_weights_get (weights, i)->size;
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    order[i] = (int) i;
  g_qsort_with_data (order, G_N_ELEMENTS (order), sizeof *order, compare_bytes, bytes);
  for (guint i = 0; i < G_N_ELEMENTS (order) && bytes[order[i]] > 0; i++)
    g_string_append_printf (text, "%s%s", i ? " + " : "", inq_dtype_name (order[i]));
  g_string_ascii_down (text);
  return g_string_free (text, FALSE);
}

static const char *
kind_of (InqWeights *weights, const InqModelSpec *spec)
{
  if (spec->has_unet)
    return "checkpoint";
  switch (inq_keys_recognise (weights)) {
  case INQ_KEYS_VAE:
  case INQ_KEYS_VAE_DIFFUSERS:
    return "vae";
  case INQ_KEYS_TOWER_HF:
  case INQ_KEYS_TOWER_OPENCLIP:
    return "tower";
  case INQ_KEYS_TINY:
    return "tiny";
  case INQ_KEYS_LDM:
    return spec->n_towers > 0 ? "tower" : inq_weights_has_any (weights, INQ_VAE_PREFIX) ? "vae" : "unknown";
  default:
    break;
  }
  for (guint i = 0; i < inq_weights_get_count (weights); i++)
    if (inq_lora_is_part (inq_weights_get (weights, i)->name))
      return "lora";
  return "unknown";
}

/* (nullable) strv of @strings and @more (nullable) */
static char **
dup_strings (GPtrArray *strings, const char *more)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  for (guint i = 0; i < strings->len; i++)
    g_ptr_array_add (all, g_strdup (g_ptr_array_index (strings, i)));
  if (more)
    g_ptr_array_add (all, g_strdup (more));
  if (all->len == 0)
    return NULL;
  g_ptr_array_add (all, NULL);
  return (char **) g_ptr_array_steal (all, NULL);
}

/* (nullable) What is to be done with a file that is no model of its own. */
static const char *
stands_for (const char *kind)
{
  static const struct {
    const char *kind, *says;
  } table[] = {
    { "lora", N_ ("this is a LoRA, which changes a model: choose the model, and the LoRA beside it") },
    { "vae", N_ ("this is an autoencoder alone: put it beside the model NAME as NAME.vae.safetensors") },
    { "tower", N_ ("this is a text tower alone: put it beside the model NAME as NAME.tower.safetensors") },
    { "tiny", N_ ("this is a decoder for previews alone: put it beside the model NAME as NAME.taesd.safetensors") },
  };
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (table[i].kind, kind))
      return _ (table[i].says);
  return NULL;
}

/* A smaller table is not that of CLIP's merge list, the one list looked for away from the model. */
#define CLIP_WORDS 49408

InqModelInfo *
inq_model_info_new (const char *path, const InqModelFiles *files, const InqModelSpec *spec)
{
  InqWeights *weights = files->weights;
  InqModelInfo *info = g_new0 (InqModelInfo, 1);
  const char *name = inq_weights_get_metadata (weights, "inquadra.name");
  const char *license = inq_weights_get_metadata (weights, "inquadra.license");
  if (!license)
    license = inq_weights_get_metadata (weights, "modelspec.license");
  info->path = g_strdup (path);
  info->name = name && *name ? g_strdup (name) : name_from_path (files->file);
  info->kind = g_strdup (kind_of (weights, spec));
  info->format = g_strdup (inq_weights_get_format (weights));
  info->dtypes = describe_dtypes (weights);
  info->inpaint = spec->inpaint;
  info->distilled = spec->distilled;
  info->zero_terminal_snr = spec->zero_terminal_snr;
  info->family = g_strdup (spec->family->id);
  info->prediction = g_strdup (inq_prediction_name (spec->prediction));
  info->license = g_strdup (license);
  info->n_tensors = inq_weights_get_count (weights);
  for (guint i = 0; i < info->n_tensors; i++)
    info->n_parameters += inq_weight_count (inq_weights_get (weights, i));
  info->size = inq_weights_get_size (weights);
  info->parts = g_strdupv (files->parts);
  info->width = spec->width;
  info->height = spec->height;
  info->size_multiple = inq_model_spec_get_multiple (spec);
  info->latent_channels = spec->latent_channels;
  info->context_tokens = spec->n_towers > 0 ? spec->towers[0].positions : 0;
  info->default_steps = spec->steps;
  info->default_cfg = spec->cfg;
  info->default_sampler = g_strdup (spec->sampler);
  info->has_text = spec->n_towers > 0 && spec->n_towers == spec->family->n_towers;
  info->has_unet = spec->has_unet;
  info->has_vae = spec->has_decoder;
  g_autoptr (GError) tokenizer_error = NULL;
  g_autofree char *merges = inq_tokenizer_find (path, &tokenizer_error), *own = inq_tokenizer_own_place (path);
  if (merges && spec->n_towers > 0 && spec->towers[0].n_ids < CLIP_WORDS && !g_str_equal (merges, own)) {
    g_clear_pointer (&merges, g_free);
    g_set_error (
        &tokenizer_error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NO_TOKENIZER,
        _ ("The model has %d words of its own, and the list of them is not beside its file. Put it at “%s”, or add"
           " the folder the model came in instead of its file alone"),
        spec->towers[0].n_ids, own);
  }
  info->has_tokenizer = merges != NULL;
  if (stands_for (info->kind) && !(spec->n_towers > 0 && spec->has_decoder)) { /* not what a model would need */
    g_ptr_array_set_size (spec->missing, 0);
    g_ptr_array_add (spec->missing, g_strdup (stands_for (info->kind)));
  }
  info->missing = dup_strings (spec->missing, !merges && info->has_text ? tokenizer_error->message : NULL);
  info->notes = dup_strings (spec->notes, NULL);
  return info;
}

void
inq_model_info_free (InqModelInfo *info)
{
  if (!info)
    return;
  g_free (info->path);
  g_free (info->name);
  g_free (info->kind);
  g_free (info->format);
  g_free (info->dtypes);
  g_strfreev (info->parts);
  g_free (info->family);
  g_free (info->prediction);
  g_free (info->license);
  g_free (info->default_sampler);
  g_strfreev (info->missing);
  g_strfreev (info->notes);
  g_free (info);
}

InqModelInfo *
inq_model_inspect (const char *path, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_auto (InqModelFiles) files = { 0 };
  if (!inq_model_files_open (absolute, NULL, &files, error))
    return NULL;
  g_autoptr (InqModelSpec) spec = inq_model_spec_new (files.weights);
  return inq_model_info_new (absolute, &files, spec);
}
