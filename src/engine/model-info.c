/* Inquadra - finding models and saying what they are, without a device.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-lora.h"
#include "inq-model.h"

#include <glib/gstdio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define WEIGHTS_NAME "model.safetensors"

gboolean
inq_model_resolve (const char *path, char **file, char **folder, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO, _ ("There is no model at %s"), path);
    return FALSE;
  }
  if (!g_file_test (path, G_FILE_TEST_IS_DIR)) {
    *file = g_strdup (path);
    *folder = g_path_get_dirname (path);
    return TRUE;
  }
  g_autofree char *inside = g_build_filename (path, WEIGHTS_NAME, NULL);
  if (!g_file_test (inside, G_FILE_TEST_EXISTS)) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING, _ ("The folder %s holds no %s"), path,
                 WEIGHTS_NAME);
    return FALSE;
  }
  *file = g_steal_pointer (&inside);
  *folder = g_strdup (path);
  return TRUE;
}

static char *
name_from_path (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  if (g_str_has_suffix (base, ".safetensors"))
    base[strlen (base) - strlen (".safetensors")] = '\0';
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
  if (spec->has_decoder || inq_weights_has (weights, "decoder.conv_in.weight"))
    return "vae";
  if (inq_weights_has (weights, "1.weight") && inq_weights_has (weights, "3.conv.0.weight"))
    return "tiny";
  if (spec->n_towers > 0)
    return "tower";
  for (guint i = 0; i < inq_weights_get_count (weights); i++)
    if (inq_lora_is_part (inq_weights_get (weights, i)->name))
      return "lora";
  return "unknown";
}

InqModelInfo *
inq_model_info_new (const char *path, const char *file, InqWeights *weights, const InqModelSpec *spec)
{
  InqModelInfo *info = g_new0 (InqModelInfo, 1);
  const char *name = inq_weights_get_metadata (weights, "inquadra.name");
  const char *license = inq_weights_get_metadata (weights, "inquadra.license");
  if (!license)
    license = inq_weights_get_metadata (weights, "modelspec.license");
  info->path = g_strdup (path);
  info->name = name && *name ? g_strdup (name) : name_from_path (file);
  info->kind = g_strdup (kind_of (weights, spec));
  info->format = g_strdup ("safetensors");
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
  GStatBuf st;
  if (g_stat (file, &st) == 0)
    info->size = (guint64) st.st_size;
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
  g_autofree char *merges = inq_tokenizer_find (path, &tokenizer_error);
  info->has_tokenizer = merges != NULL;
  GPtrArray *missing = g_ptr_array_new ();
  for (guint i = 0; i < spec->missing->len; i++)
    g_ptr_array_add (missing, g_strdup (g_ptr_array_index (spec->missing, i)));
  if (!merges && info->has_text)
    g_ptr_array_add (missing, g_strdup (tokenizer_error->message));
  if (missing->len > 0) {
    g_ptr_array_add (missing, NULL);
    info->missing = (char **) g_ptr_array_free (missing, FALSE);
  } else {
    g_ptr_array_free (missing, TRUE);
  }
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
  g_free (info);
}

InqModelInfo *
inq_model_inspect (const char *path, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *file = NULL, *folder = NULL;
  if (!inq_model_resolve (absolute, &file, &folder, error))
    return NULL;
  g_autoptr (InqWeights) weights = inq_weights_open (file, error);
  if (!weights)
    return NULL;
  g_autoptr (InqModelSpec) spec = inq_model_spec_new (weights);
  return inq_model_info_new (absolute, file, weights, spec);
}

/* ---- hashes ---- */

/* Hashing gigabytes takes seconds: for large files the result is kept, for as long as size and time stay. */
#define HASH_KEPT_FROM (64 << 20)

static char *
hash_cache_path (void)
{
  return g_build_filename (g_get_user_cache_dir (), "inquadra", "model-hashes", NULL);
}

const char *
inq_model_get_hash (InqModel *model)
{
  if (model->hash)
    return model->hash;
  g_autofree char *file = NULL, *folder = NULL;
  GStatBuf st;
  if (!inq_model_resolve (model->path, &file, &folder, NULL) || g_stat (file, &st) != 0 || st.st_size < HASH_KEPT_FROM)
    return model->hash = g_strdup (inq_weights_get_hash (model->weights));

  g_autofree char *stamp = g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld", (gint64) st.st_size,
                                            (gint64) st.st_mtim.tv_sec, (long) st.st_mtim.tv_nsec);
  g_autofree char *cache = hash_cache_path ();
  g_autofree char *group = g_compute_checksum_for_string (G_CHECKSUM_SHA1, file, -1); /* a path may hold brackets */
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_key_file_load_from_file (keys, cache, G_KEY_FILE_NONE, NULL);
  g_autofree char *known = g_key_file_get_string (keys, group, "stamp", NULL);
  if (g_strcmp0 (known, stamp) == 0)
    model->hash = g_key_file_get_string (keys, group, "sha256", NULL);
  if (model->hash && strlen (model->hash) == 64)
    return model->hash;
  g_free (model->hash);
  model->hash = g_strdup (inq_weights_get_hash (model->weights));
  g_key_file_set_string (keys, group, "stamp", stamp);
  g_key_file_set_string (keys, group, "sha256", model->hash);
  g_autofree char *parent = g_path_get_dirname (cache);
  g_mkdir_with_parents (parent, 0755);
  g_key_file_save_to_file (keys, cache, NULL); /* a cache that cannot be written costs time, no more */
  return model->hash;
}

/* ---- where models lie ---- */

static gboolean
is_model (const char *path)
{
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_str_has_suffix (path, ".safetensors") && g_file_test (path, G_FILE_TEST_IS_REGULAR);
  g_autofree char *inside = g_build_filename (path, WEIGHTS_NAME, NULL);
  return g_file_test (inside, G_FILE_TEST_EXISTS);
}

char *
inq_house_model_path (void)
{
  const char *chosen = g_getenv ("INQ_HOUSE_MODEL");
  if (chosen && *chosen)
    return is_model (chosen) ? g_canonicalize_filename (chosen, NULL) : NULL;
  g_autofree char *installed = g_build_filename (INQ_DATADIR, "models", "house", NULL);
  g_autofree char *source = g_build_filename (INQ_SOURCE_DATADIR, "models", "house", NULL);
  /* INQ_DATADIR is PREFIX/share/inquadra: a program under PREFIX is an installed one. */
  g_autofree char *share = g_path_get_dirname (INQ_DATADIR);
  g_autofree char *prefix = g_path_get_dirname (share);
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  gsize n = strlen (prefix);
  gboolean is_installed = self && strncmp (self, prefix, n) == 0 && self[n] == '/';
  if (!is_installed && is_model (source))
    return g_steal_pointer (&source);
  if (is_model (installed))
    return g_steal_pointer (&installed);
  return is_model (source) ? g_steal_pointer (&source) : NULL;
}

static char *
user_models_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "inquadra", "models", NULL);
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

char **
inq_models_list (void)
{
  GPtrArray *paths = g_ptr_array_new ();
  g_autofree char *folder = user_models_folder ();
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    if (name[0] != '.' && !g_str_has_prefix (name, "taesd_") && is_model (path))
      g_ptr_array_add (paths, g_steal_pointer (&path));
  }
  g_clear_pointer (&dir, g_dir_close);
  g_ptr_array_sort (paths, compare_paths);
  char *house = inq_house_model_path ();
  if (house)
    g_ptr_array_insert (paths, 0, house);
  g_ptr_array_add (paths, NULL);
  return (char **) g_ptr_array_free (paths, FALSE);
}

char *
inq_models_add (const char *path, GCancellable *cancellable, GFileProgressCallback progress, gpointer data,
                GError **error)
{
  g_autoptr (InqModelInfo) info = inq_model_inspect (path, error);
  if (!info)
    return NULL;
  if (info->missing && !info->has_unet) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING, _ ("%s is not a model to draw with: %s"), path,
                 info->missing[0]);
    return NULL;
  }
  if (g_file_test (path, G_FILE_TEST_IS_DIR)) {
    g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID,
                 _ ("%s is a folder: give the .safetensors file inside it"), path);
    return NULL;
  }
  g_autofree char *folder = user_models_folder ();
  g_autofree char *base = g_path_get_basename (info->path);
  g_autofree char *target = g_build_filename (folder, base, NULL);
  if (g_mkdir_with_parents (folder, 0755) != 0) {
    int saved = errno;
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), _ ("Cannot make the folder %s: %s"), folder,
                 g_strerror (saved));
    return NULL;
  }
  g_autofree char *partial = g_strconcat (folder, G_DIR_SEPARATOR_S, ".", base, ".part", NULL);
  g_autoptr (GFile) from = g_file_new_for_path (info->path);
  g_autoptr (GFile) part = g_file_new_for_path (partial);
  g_autoptr (GFile) to = g_file_new_for_path (target);
  if (g_file_test (target, G_FILE_TEST_EXISTS)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _ ("There is already a model named %s in %s"), base, folder);
    return NULL;
  }
  if (!g_file_copy (from, part, G_FILE_COPY_OVERWRITE | G_FILE_COPY_TARGET_DEFAULT_PERMS, cancellable, progress, data,
                    error)
      || !g_file_move (part, to, G_FILE_COPY_NONE, cancellable, NULL, NULL, error)) {
    g_unlink (partial);
    return NULL;
  }
  return g_steal_pointer (&target);
}

/* Whether @path lies in @folder, which may not exist. */
static gboolean
lies_in (const char *path, const char *folder)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *parent = g_canonicalize_filename (folder, NULL);
  gsize n = strlen (parent);
  return strncmp (absolute, parent, n) == 0 && absolute[n] == G_DIR_SEPARATOR && absolute[n + 1];
}

gboolean
inq_models_remove (const char *path, GError **error)
{
  g_autofree char *models = user_models_folder ();
  g_autofree char *loras = inq_loras_folder ();
  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO, _ ("There is no model at %s"), path);
    return FALSE;
  }
  if (!lies_in (path, models) && !lies_in (path, loras)) {
    g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID,
                 _ ("%s is not in the folders %s and %s: only what lies there is removed"), path, models, loras);
    return FALSE;
  }
  g_autoptr (GFile) file = g_file_new_for_path (path);
  if (g_file_trash (file, NULL, error))
    return TRUE;
  g_prefix_error (error, _ ("%s cannot be put into the trash, and nothing is deleted for good: "), path);
  return FALSE;
}
