/* Inquadra - the files a model is made of, found and put together.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "model-files.h"

#include "inq-diffusers.h"
#include "inq-family.h"
#include "inq-json-file.h"
#include "inq-key-map.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

static const char *const extensions[] = { ".safetensors", ".gguf" };

/* What a part is called beside NAME.safetensors ("NAME.vae.safetensors") or in a model's folder ("vae.safetensors"). */
static const struct {
  const char *name;
  gboolean is_vae;
  guint tower;
} part_names[] = {
  { "vae", TRUE, 0 }, { "tower", FALSE, 0 }, { "tower2", FALSE, 1 }, { "clip_l", FALSE, 0 }, { "clip_g", FALSE, 1 },
};

/* Every place that a tower's tensors have in single files; those of a tower that is replaced are left out. */
static const char *const tower_places[2][5] = {
  { "cond_stage_model.transformer.", "cond_stage_model.model.", "conditioner.embedders.0.", NULL },
  { "cond_stage_model.1.", "conditioner.embedders.1.", NULL },
};

/* Settings beside a model, and the metadata they stand for (inq-family.c). */
static const struct {
  const char *name, *key;
} settings[] = {
  { "name", "inquadra.name" },
  { "license", "inquadra.license" },
  { "family", "inquadra.family" },
  { "prediction", "inquadra.prediction" },
  { "zero_terminal_snr", "inquadra.zero_terminal_snr" },
  { "distilled", "inquadra.distilled" },
  { "steps", "inquadra.steps" },
  { "cfg", "inquadra.cfg" },
  { "negative_cfg", "inquadra.negative_cfg" },
  { "sampler", "inquadra.sampler" },
  { "perturb", "inquadra.perturb" },
  { "guidance_end", "inquadra.guidance_end" },
  { "guide_start", "inquadra.guide_start" },
  { "guide_cfg", "inquadra.guide_cfg" },
  { "size", "inquadra.size" },
  { "vae_scale", "inquadra.vae.scale" },
  { "vae_shift", "inquadra.vae.shift" },
};

void
inq_model_files_clear (InqModelFiles *files)
{
  g_clear_pointer (&files->file, g_free);
  g_clear_pointer (&files->folder, g_free);
  g_clear_pointer (&files->weights, inq_weights_unref);
  g_clear_pointer (&files->parts, g_strfreev);
}

/* ---- names ---- */

gboolean
inq_has_weights_extension (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (extensions); i++)
    if (g_str_has_suffix (name, extensions[i]) && strlen (name) > strlen (extensions[i]))
      return TRUE;
  return FALSE;
}

char *
inq_strip_extension (char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (extensions); i++)
    if (g_str_has_suffix (name, extensions[i])) {
      name[strlen (name) - strlen (extensions[i])] = '\0';
      break;
    }
  return name;
}

gboolean
inq_is_part_name (const char *name)
{
  g_autofree char *stem = inq_strip_extension (g_strdup (name));
  if (g_str_has_prefix (stem, "taesd"))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (part_names); i++) {
    g_autofree char *suffix = g_strconcat (".", part_names[i].name, NULL);
    if (g_str_has_suffix (stem, suffix) || g_str_equal (stem, part_names[i].name))
      return TRUE;
  }
  return g_str_has_suffix (stem, ".taesd");
}

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
  if (inq_is_diffusers (path)) {
    *file = g_strdup (path);
    *folder = g_strdup (path);
    return TRUE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (extensions); i++) {
    g_autofree char *name = g_strconcat ("model", extensions[i], NULL);
    g_autofree char *inside = g_build_filename (path, name, NULL);
    if (g_file_test (inside, G_FILE_TEST_EXISTS)) {
      *file = g_steal_pointer (&inside);
      *folder = g_strdup (path);
      return TRUE;
    }
  }
  g_autofree char *words = g_build_filename (path, "merges.txt", NULL);
  if (g_file_test (words, G_FILE_TEST_IS_REGULAR)) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING,
                 _ ("The folder %s is a vocabulary alone: put it beside the model, as a folder called tokenizer"),
                 path);
    return FALSE;
  }
  g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING,
               _ ("The folder %s holds no model.safetensors, model.gguf or model_index.json"), path);
  return FALSE;
}

/* The stem that parts of @file are named after: "DIR/NAME." beside a file, "DIR/" in a model's own folder. */
static char *
stem_of (const char *file)
{
  if (g_file_test (file, G_FILE_TEST_IS_DIR))
    return g_strconcat (file, G_DIR_SEPARATOR_S, NULL);
  g_autofree char *stem = inq_strip_extension (g_strdup (file));
  g_autofree char *base = g_path_get_basename (stem);
  if (g_str_equal (base, "model"))
    return g_strndup (stem, strlen (stem) - strlen (base));
  return g_strconcat (stem, ".", NULL);
}

/* (nullable) the part's file beside @stem */
static char *
find_part (const char *stem, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (extensions); i++) {
    char *path = g_strconcat (stem, name, extensions[i], NULL);
    if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
      return path;
    g_free (path);
  }
  return NULL;
}

/* (nullable) NAME.json beside a file, inquadra.json in a model's own folder */
static char *
find_settings (const char *stem)
{
  char *path = g_str_has_suffix (stem, ".") ? g_strconcat (stem, "json", NULL)
                                            : g_strconcat (stem, "inquadra.json", NULL);
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return path;
  g_free (path);
  return NULL;
}

char *
inq_model_find_tiny (const char *file, gboolean xl)
{
  g_autofree char *stem = stem_of (file);
  gboolean own = !g_str_has_suffix (stem, ".");
  g_autofree char *folder = own ? g_strdup (stem) : g_path_get_dirname (file);
  g_autofree char *shared = g_strconcat (folder, own ? "" : G_DIR_SEPARATOR_S, NULL);
  char *path = find_part (stem, "taesd");
  if (!path)
    path = find_part (shared, xl ? "taesdxl_decoder" : "taesd_decoder");
  if (!path && own)
    path = find_part (stem, "taesd_decoder");
  return path;
}

char **
inq_model_files_beside (const char *file)
{
  static const char *const tiny[] = { "taesd", "taesd_decoder", "taesdxl_decoder", "taesd_encoder", "taesdxl_encoder" };
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  g_autofree char *stem = stem_of (file);
  char *path;
  for (guint i = 0; i < G_N_ELEMENTS (part_names); i++)
    if ((path = find_part (stem, part_names[i].name)))
      g_ptr_array_add (paths, path);
  for (guint i = 0; i < G_N_ELEMENTS (tiny); i++)
    if ((path = find_part (stem, tiny[i])))
      g_ptr_array_add (paths, path);
  if ((path = find_settings (stem)))
    g_ptr_array_add (paths, path);
  g_ptr_array_add (paths, NULL);
  return (char **) g_ptr_array_steal (paths, NULL);
}

static void
add_stamp (GString *print, const char *path, int depth)
{
  GStatBuf st;
  const char *name;
  if (g_stat (path, &st) != 0)
    return;
  g_string_append_printf (print, "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld %" G_GUINT64_FORMAT "\n", path,
                          (gint64) st.st_size, (gint64) st.st_mtim.tv_sec, (long) st.st_mtim.tv_nsec,
                          (guint64) st.st_ino);
  g_autoptr (GDir) dir = S_ISDIR (st.st_mode) && depth > 0 ? g_dir_open (path, 0, NULL) : NULL;
  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *inner = g_build_filename (path, name, NULL);
    add_stamp (print, inner, depth - 1);
  }
}

char *
inq_model_files_print (const char *path, const char *const *beside)
{
  g_autofree char *file = NULL, *folder = NULL;
  GString *print = g_string_new (NULL);
  if (!inq_model_resolve (path, &file, &folder, NULL))
    return g_string_free (print, FALSE);
  add_stamp (print, file, 2); /* of a diffusers model the folders of its parts too */
  g_auto (GStrv) parts = inq_model_files_beside (file);
  for (guint i = 0; parts[i]; i++)
    add_stamp (print, parts[i], 0);
  for (guint i = 0; beside && beside[i]; i++)
    add_stamp (print, beside[i], 0);
  return g_string_free (print, FALSE);
}

/* ---- putting together ---- */

typedef struct {
  InqWeights *vae;       /* (nullable) */
  InqWeights *towers[2]; /* (nullable) */
  GPtrArray *paths;
} Parts;

static void
parts_clear (Parts *parts)
{
  g_clear_pointer (&parts->vae, inq_weights_unref);
  g_clear_pointer (&parts->towers[0], inq_weights_unref);
  g_clear_pointer (&parts->towers[1], inq_weights_unref);
  g_clear_pointer (&parts->paths, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

static gboolean
is_vae_style (InqKeyStyle style, InqWeights *weights)
{
  if (style == INQ_KEYS_LDM) /* an autoencoder saved with the prefix, and nothing else */
    for (guint i = 0; i < inq_weights_get_count (weights); i++)
      if (!g_str_has_prefix (inq_weights_get (weights, i)->name, INQ_VAE_PREFIX))
        return FALSE;
  return style == INQ_KEYS_VAE || style == INQ_KEYS_VAE_DIFFUSERS || style == INQ_KEYS_LDM;
}

/* Opens a part and sees what it is. @tower: which tower it is when it is one, -1 to find the next free place. */
static gboolean
parts_add (Parts *parts, const char *path, gboolean must_be_vae, int tower, GError **error)
{
  g_autoptr (InqWeights) weights = inq_weights_open (path, error);
  if (!weights)
    return FALSE;
  InqKeyStyle style = inq_keys_recognise (weights);
  InqWeights **place = NULL;
  if (is_vae_style (style, weights))
    place = must_be_vae || tower < 0 ? &parts->vae : NULL;
  else if ((style == INQ_KEYS_TOWER_HF || style == INQ_KEYS_TOWER_OPENCLIP) && !must_be_vae)
    place = &parts->towers[tower >= 0 ? tower : parts->towers[0] ? 1 : 0];
  if (!place) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED,
                 must_be_vae ? _ ("“%s” should be the model's autoencoder and is something else")
                             : _ ("“%s” should be a text tower or an autoencoder and is something else"),
                 inq_weights_get_label (weights));
    return FALSE;
  }
  if (*place)
    return TRUE; /* what was named first counts */
  *place = g_steal_pointer (&weights);
  g_ptr_array_add (parts->paths, g_canonicalize_filename (path, NULL));
  return TRUE;
}

static gboolean
find_parts (Parts *parts, const char *file, const char *const *beside, GError **error)
{
  g_autofree char *stem = stem_of (file);
  parts->paths = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; beside && beside[i]; i++)
    if (!parts_add (parts, beside[i], FALSE, -1, error))
      return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (part_names); i++) {
    g_autofree char *path = find_part (stem, part_names[i].name);
    if (path && !parts_add (parts, path, part_names[i].is_vae, (int) part_names[i].tower, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_settings (InqWeights *weights, const char *path, GError **error)
{
  g_autoptr (JsonObject) object = inq_json_load (path, error);
  if (!object)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    JsonNode *node = json_object_get_member (object, settings[i].name);
    if (!node || !JSON_NODE_HOLDS_VALUE (node))
      continue;
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    const char *text = NULL;
    if (json_node_get_value_type (node) == G_TYPE_STRING)
      text = json_node_get_string (node);
    else if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
      text = json_node_get_boolean (node) ? "true" : "false";
    else
      text = g_ascii_dtostr (number, sizeof number, json_node_get_double (node));
    inq_weights_set_metadata (weights, settings[i].key, text);
    if (g_str_equal (settings[i].name, "vae_scale") && inq_weights_get_metadata (weights, INQ_OTHER_VAE)) {
      inq_weights_set_metadata (weights, INQ_OTHER_VAE_SCALE, text);
      inq_weights_set_metadata (weights, INQ_OTHER_VAE_FAMILY, "");
    }
  }
  return TRUE;
}

static void
copy_metadata (InqWeights *from, InqWeights *to)
{
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, inq_weights_get_all_metadata (from));
  while (g_hash_table_iter_next (&iter, &key, &value))
    inq_weights_set_metadata (to, key, value);
}

static gboolean
join_one (InqWeights *joined, InqWeights *part, guint tower, const char *const *drop, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  g_ptr_array_add (files, part);
  return inq_keys_join (joined, files, inq_keys_recognise (part), tower, drop, error);
}

/* The main file and its parts as one table. */
static InqWeights *
join (const char *file, InqWeights *main, const Parts *parts, GError **error)
{
  const char *drop[16] = { NULL };
  guint n = 0;
  if (parts->vae)
    drop[n++] = INQ_VAE_PREFIX;
  for (guint t = 0; t < 2; t++)
    for (guint i = 0; parts->towers[t] && tower_places[t][i]; i++)
      drop[n++] = tower_places[t][i];
  g_autoptr (InqWeights) joined = NULL;
  if (main) {
    g_autofree char *folder = g_path_get_dirname (file);
    g_autofree char *own = g_path_get_basename (folder);
    gboolean named = !g_str_has_prefix (inq_weights_get_label (main),
                                        "model."); /* else the folder's name is the model's */
    joined = inq_weights_new_joined (named ? inq_weights_get_label (main) : own, inq_weights_get_format (main));
    copy_metadata (main, joined);
    if (!join_one (joined, main, 0, drop, error))
      return NULL;
  } else {
    joined = inq_diffusers_open (file, drop, error);
    if (!joined)
      return NULL;
  }
  for (guint t = 0; t < 2; t++)
    if (parts->towers[t] && !join_one (joined, parts->towers[t], t, NULL, error))
      return NULL;
  if (parts->vae && !join_one (joined, parts->vae, 0, NULL, error))
    return NULL;
  if (parts->vae)
    inq_model_describe_vae (joined, parts->vae);
  return g_steal_pointer (&joined);
}

gboolean
inq_model_files_open (const char *path, const char *const *beside, InqModelFiles *out, GError **error)
{
  g_auto (InqModelFiles) files = { 0 };
  g_auto (Parts) parts = { 0 };
  g_autoptr (InqWeights) main = NULL;
  if (!inq_model_resolve (path, &files.file, &files.folder, error))
    return FALSE;
  if (!g_file_test (files.file, G_FILE_TEST_IS_DIR) && !(main = inq_weights_open (files.file, error)))
    return FALSE;
  InqKeyStyle style = main ? inq_keys_recognise (main) : INQ_KEYS_UNKNOWN;
  /* Parts and LoRAs looked at on their own have no parts themselves. */
  gboolean network = !main || style == INQ_KEYS_LDM || style == INQ_KEYS_UNET || style == INQ_KEYS_UNET_DIFFUSERS;
  if (network && !find_parts (&parts, files.file, beside, error))
    return FALSE;
  g_autofree char *stem = stem_of (files.file);
  g_autofree char *set = network ? find_settings (stem) : NULL;
  if (!network || (style == INQ_KEYS_LDM && parts.paths->len == 0 && !set))
    files.weights = g_steal_pointer (&main);
  else
    files.weights = join (files.file, main, &parts, error);
  if (!files.weights || (set && !read_settings (files.weights, set, error)))
    return FALSE;
  if (set)
    g_ptr_array_add (parts.paths, g_strdup (set));
  if (parts.paths && parts.paths->len > 0) {
    g_ptr_array_add (parts.paths, NULL);
    files.parts = (char **) g_ptr_array_steal (parts.paths, NULL);
  }
  *out = files;
  files = (InqModelFiles){ 0 };
  return TRUE;
}
