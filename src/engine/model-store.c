/* Inquadra - where models lie: the house model, the user's folders, adding and removing, and hashes that are kept.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-lora.h"
#include "inq-model.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

/* ---- where models lie ---- */

static gboolean
is_model (const char *path)
{
  g_autofree char *file = NULL, *folder = NULL;
  if (!g_file_test (path, G_FILE_TEST_IS_DIR)) {
    g_autofree char *base = g_path_get_basename (path);
    return inq_has_weights_extension (base) && !inq_is_part_name (base) && g_file_test (path, G_FILE_TEST_IS_REGULAR);
  }
  return inq_model_resolve (path, &file, &folder, NULL);
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
    if (name[0] != '.' && is_model (path))
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

/* ---- adding ---- */

/* A file to copy, and its name below the target. */
typedef struct {
  char *from, *to;
  goffset size;
} Item;

typedef struct {
  GArray *items; /* of Item */
  goffset done, total;
  GCancellable *cancellable;
  GFileProgressCallback progress;
  gpointer data;
} Copy;

static void
item_clear (gpointer item)
{
  g_free (((Item *) item)->from);
  g_free (((Item *) item)->to);
}

static void
copy_clear (Copy *copy)
{
  g_clear_pointer (&copy->items, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Copy, copy_clear)

static void
copy_add (Copy *copy, const char *from, const char *to)
{
  GStatBuf st;
  Item item = { g_strdup (from), g_strdup (to), g_stat (from, &st) == 0 ? st.st_size : 0 };
  for (guint i = 0; i < copy->items->len; i++)
    if (g_str_equal (g_array_index (copy->items, Item, i).to, to)) {
      item_clear (&item);
      return;
    }
  copy->total += item.size;
  g_array_append_val (copy->items, item);
}

/* The small files of a model's folder: configurations, word lists, licences. Weights are named one by one. */
static void
copy_add_texts (Copy *copy, const char *folder, const char *below, guint depth)
{
  static const char *const endings[] = { ".json", ".txt", ".md" };
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_autofree char *to = below ? g_build_filename (below, name, NULL) : g_strdup (name);
    GStatBuf st;
    if (name[0] == '.' || g_stat (path, &st) != 0)
      continue;
    if (S_ISDIR (st.st_mode) && depth > 0 && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
      copy_add_texts (copy, path, to, depth - 1);
    for (guint i = 0; S_ISREG (st.st_mode) && st.st_size <= 32 << 20 && i < G_N_ELEMENTS (endings); i++)
      if (g_str_has_suffix (name, endings[i]))
        copy_add (copy, path, to);
  }
  g_clear_pointer (&dir, g_dir_close);
}

static void
progress_cb (goffset done, goffset total, gpointer data)
{
  Copy *copy = data;
  if (copy->progress)
    copy->progress (copy->done + done, copy->total, copy->data);
}

static void
remove_tree (const char *path)
{
  GDir *dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *inner = g_build_filename (path, name, NULL);
    remove_tree (inner);
  }
  g_clear_pointer (&dir, g_dir_close);
  g_remove (path);
}

static gboolean
make_folder (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0755) == 0)
    return TRUE;
  int saved = errno;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), _ ("Cannot make the folder %s: %s"), path,
               g_strerror (saved));
  return FALSE;
}

/* Every item into the folder @part. */
static gboolean
copy_items (Copy *copy, const char *part, GError **error)
{
  for (guint i = 0; i < copy->items->len; i++) {
    const Item *item = &g_array_index (copy->items, Item, i);
    g_autofree char *target = g_build_filename (part, item->to, NULL);
    g_autofree char *parent = g_path_get_dirname (target);
    g_autoptr (GFile) from = g_file_new_for_path (item->from);
    g_autoptr (GFile) to = g_file_new_for_path (target);
    if (!make_folder (parent, error)
        || !g_file_copy (from, to, G_FILE_COPY_OVERWRITE | G_FILE_COPY_TARGET_DEFAULT_PERMS, copy->cancellable,
                         progress_cb, copy, error))
      return FALSE;
    copy->done += item->size;
  }
  return TRUE;
}

static gboolean
refuse_existing (const char *path, const char *name, const char *folder, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return FALSE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _ ("There is already a model named %s in %s"), name, folder);
  return TRUE;
}

/* Copies all items into FOLDER/NAME, a folder (@whole), or beside each other into FOLDER, where the first item is the
 * model. Nothing is seen there before everything was copied. (transfer full) paths: the folder, or every file, the
 * model first */
static char **
copy_run (Copy *copy, const char *folder, const char *name, gboolean whole, GError **error)
{
  g_autofree char *hidden = g_strconcat (".", name, ".part", NULL);
  g_autofree char *part = g_build_filename (folder, hidden, NULL);
  g_autofree char *target = g_build_filename (folder, name, NULL);
  if (!make_folder (folder, error) || (whole && refuse_existing (target, name, folder, error)))
    return NULL;
  for (guint i = 0; !whole && i < copy->items->len; i++) {
    const char *to = g_array_index (copy->items, Item, i).to;
    g_autofree char *path = g_build_filename (folder, to, NULL);
    if (refuse_existing (path, to, folder, error))
      return NULL;
  }
  remove_tree (part);
  if (!copy_items (copy, part, error) || g_cancellable_set_error_if_cancelled (copy->cancellable, error)) {
    remove_tree (part);
    return NULL;
  }
  guint n = whole ? 1 : copy->items->len, at = n;
  g_auto (GStrv) paths = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    paths[i] = whole ? g_strdup (target) : g_build_filename (folder, g_array_index (copy->items, Item, i).to, NULL);
  gboolean moved = TRUE;
  while (moved && at > 0) { /* the model last */
    const char *to = g_array_index (copy->items, Item, --at).to;
    g_autofree char *from = whole ? g_strdup (part) : g_build_filename (part, to, NULL);
    moved = g_rename (from, paths[at]) == 0;
  }
  if (!moved) {
    int saved = errno;
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), _ ("“%s” cannot be written: %s"), paths[at],
                 g_strerror (saved));
    while (++at < n)
      g_remove (paths[at]);
  }
  remove_tree (part);
  return moved ? g_steal_pointer (&paths) : NULL;
}

/* What a model is made of, below its folder in the user's. @whole: it gets a folder of its own. */
static gboolean
collect (Copy *copy, const InqModelFiles *files, gboolean xl, gboolean *whole)
{
  gboolean folder = g_file_test (files->file, G_FILE_TEST_IS_DIR);
  g_autofree char *base = g_path_get_basename (files->file);
  g_autofree char *stem = folder ? g_strdup (base) : inq_strip_extension (g_strdup (base));
  g_autofree char *merges = g_build_filename (files->folder, "tokenizer", "merges.txt", NULL);
  gboolean own = folder || g_str_equal (stem, "model");
  *whole = own || g_file_test (merges, G_FILE_TEST_IS_REGULAR);
  gsize prefix = strlen (files->folder) + 1;
  if (!folder) {
    const char *ending = base + strlen (stem);
    g_autofree char *main = *whole ? g_strconcat ("model", ending, NULL) : g_strdup (base);
    copy_add (copy, files->file, main);
  }
  for (guint i = 0; folder && i < inq_weights_get_n_files (files->weights); i++) {
    const char *path = inq_weights_get_path (inq_weights_get_file (files->weights, i));
    if (path && g_str_has_prefix (path, files->folder))
      copy_add (copy, path, path + prefix);
  }
  g_auto (GStrv) beside = inq_model_files_beside (files->file);
  for (guint i = 0; beside[i]; i++) {
    g_autofree char *name = g_path_get_basename (beside[i]);
    const char *to = name;
    if (*whole && !own && g_str_has_prefix (name, stem)) /* NAME.vae.safetensors -> vae.safetensors */
      to = name + strlen (stem) + 1;
    copy_add (copy, beside[i], g_str_equal (to, "json") ? "inquadra.json" : to);
  }
  /* A decoder for previews that serves every model in its folder comes along as this one's own. */
  g_autofree char *tiny = inq_model_find_tiny (files->file, xl);
  if (tiny && !g_strv_contains ((const char *const *) beside, tiny)) {
    const char *ending = strrchr (tiny, '.');
    g_autofree char *to = *whole ? g_strconcat ("taesd", ending, NULL) : g_strconcat (stem, ".taesd", ending, NULL);
    copy_add (copy, tiny, to);
  }
  if (folder)
    copy_add_texts (copy, files->folder, NULL, 1);
  else if (*whole) {
    g_autofree char *words = g_path_get_dirname (merges);
    copy_add_texts (copy, words, "tokenizer", 0);
  }
  return copy->items->len > 0;
}

static gboolean
check_kind (const char *path, const InqModelInfo *info, GError **error)
{
  if (g_str_equal (info->kind, "checkpoint") || g_str_equal (info->kind, "lora"))
    return TRUE;
  if (g_str_equal (info->kind, "vae") || g_str_equal (info->kind, "tower"))
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING,
                 g_str_equal (info->kind, "vae")
                     ? _ ("%s is an autoencoder alone, not a model to draw with: put it beside the model NAME as"
                          " NAME.vae.safetensors")
                     : _ ("%s is a text tower alone, not a model to draw with: put it beside the model NAME as"
                          " NAME.tower.safetensors"),
                 path);
  else
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING, _ ("%s is not a model to draw with: %s"), path,
                 info->missing ? info->missing[0] : info->kind);
  return FALSE;
}

char **
inq_models_add_listed (const char *path, GCancellable *cancellable, GFileProgressCallback progress, gpointer data,
                       GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_auto (InqModelFiles) files = { 0 };
  g_auto (Copy) copy = { .cancellable = cancellable, .progress = progress, .data = data };
  if (!inq_model_files_open (absolute, NULL, &files, error))
    return NULL;
  g_autoptr (InqModelSpec) spec = inq_model_spec_new (files.weights);
  g_autoptr (InqModelInfo) info = inq_model_info_new (absolute, &files, spec);
  if (!check_kind (path, info, error))
    return NULL;
  copy.items = g_array_new (FALSE, TRUE, sizeof (Item));
  g_array_set_clear_func (copy.items, item_clear);
  g_autofree char *base = g_path_get_basename (files.file);
  if (g_str_equal (info->kind, "lora")) {
    g_autoptr (InqLora) lora = inq_lora_new (files.weights, error);
    g_autofree char *loras = inq_loras_folder ();
    if (!lora)
      return NULL;
    copy_add (&copy, files.file, base);
    return copy_run (&copy, loras, base, FALSE, error);
  }
  gboolean whole;
  collect (&copy, &files, spec->family->size_ids, &whole);
  g_autofree char *models = user_models_folder ();
  g_autofree char *name = g_strdup (base);
  if (whole && !g_file_test (files.file, G_FILE_TEST_IS_DIR)) {
    inq_strip_extension (name);
    if (g_str_equal (name, "model")) {
      g_free (name);
      name = g_path_get_basename (files.folder);
    }
  }
  return copy_run (&copy, models, name, whole, error);
}

char *
inq_models_add (const char *path, GCancellable *cancellable, GFileProgressCallback progress, gpointer data,
                GError **error)
{
  g_auto (GStrv) paths = inq_models_add_listed (path, cancellable, progress, data, error);
  return paths ? g_strdup (paths[0]) : NULL;
}

/* ---- removing ---- */

/* Whether @path lies in @folder, which may not exist. */
static gboolean
lies_in (const char *path, const char *folder)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *parent = g_canonicalize_filename (folder, NULL);
  gsize n = strlen (parent);
  return strncmp (absolute, parent, n) == 0 && absolute[n] == G_DIR_SEPARATOR && absolute[n + 1];
}

static gboolean
check_is_ours (const char *path, GError **error)
{
  g_autofree char *models = user_models_folder ();
  g_autofree char *loras = inq_loras_folder ();
  if (lies_in (path, models) || lies_in (path, loras))
    return TRUE;
  g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID,
               _ ("%s is not in the folders %s and %s: only what lies there is removed"), path, models, loras);
  return FALSE;
}

gboolean
inq_models_discard (const char *const *paths, GError **error)
{
  for (guint i = 0; paths[i]; i++)
    if (!check_is_ours (paths[i], error))
      return FALSE;
  for (guint i = 0; paths[i]; i++) { /* the model first: without it the others are nothing that is listed */
    GStatBuf st;
    remove_tree (paths[i]);
    if (g_lstat (paths[i], &st) == 0) {
      g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO, _ ("%s cannot be deleted: it stays"), paths[i]);
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
inq_models_remove (const char *path, GError **error)
{
  g_autofree char *models = user_models_folder ();
  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO, _ ("There is no model at %s"), path);
    return FALSE;
  }
  if (!check_is_ours (path, error))
    return FALSE;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *base = inq_strip_extension (g_path_get_basename (path));
  if (g_str_equal (base, "model") && lies_in (parent, models)) { /* the file in a model's own folder stands for it */
    g_ptr_array_add (paths, g_strdup (parent));
  } else {
    g_ptr_array_add (paths, g_strdup (path));
    if (!g_file_test (path, G_FILE_TEST_IS_DIR) && lies_in (path, models)) {
      g_auto (GStrv) beside = inq_model_files_beside (path);
      for (guint i = 0; beside[i]; i++)
        g_ptr_array_add (paths, g_strdup (beside[i]));
    }
  }
  for (guint i = 0; i < paths->len; i++) {
    g_autoptr (GFile) file = g_file_new_for_path (paths->pdata[i]);
    if (!g_file_trash (file, NULL, error)) {
      g_prefix_error (error, _ ("%s cannot be put into the trash, and nothing is deleted for good: "),
                      (char *) paths->pdata[i]);
      return FALSE;
    }
  }
  return TRUE;
}

/* ---- hashes ---- */

/* Hashing gigabytes takes seconds: for large files the result is kept, for as long as size and time stay. */
#define HASH_KEPT_FROM (64 << 20)

static char *
hash_cache_path (void)
{
  return g_build_filename (g_get_user_cache_dir (), "inquadra", "model-hashes", NULL);
}

/* What must be the same for a kept hash to hold; NULL for a small file. */
static char *
stamp_of (InqWeights *file)
{
  GStatBuf st;
  /* of what is read: another file may have its name by now */
  if (!inq_weights_get_path (file) || !inq_weights_stat (file, &st) || st.st_size < HASH_KEPT_FROM)
    return NULL;
  return g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld", (gint64) st.st_size,
                          (gint64) st.st_mtim.tv_sec, (long) st.st_mtim.tv_nsec);
}

static GKeyFile *
load_hashes (void)
{
  g_autofree char *cache = hash_cache_path ();
  GKeyFile *keys = g_key_file_new ();
  g_key_file_load_from_file (keys, cache, G_KEY_FILE_NONE, NULL);
  return keys;
}

/* (nullable) */
static char *
find_hash (GKeyFile *keys, InqWeights *file, const char *stamp)
{
  g_autofree char *group = g_compute_checksum_for_string (G_CHECKSUM_SHA1, inq_weights_get_path (file), -1);
  g_autofree char *known = g_key_file_get_string (keys, group, "stamp", NULL);
  g_autofree char *hash = g_strcmp0 (known, stamp) == 0 ? g_key_file_get_string (keys, group, "sha256", NULL) : NULL;
  return hash && strlen (hash) == 64 ? g_steal_pointer (&hash) : NULL;
}

static void
keep_hash (InqWeights *file, const char *stamp)
{
  g_autoptr (GKeyFile) keys = load_hashes ();
  g_autofree char *cache = hash_cache_path ();
  g_autofree char *parent = g_path_get_dirname (cache);
  /* a path may hold brackets */
  g_autofree char *group = g_compute_checksum_for_string (G_CHECKSUM_SHA1, inq_weights_get_path (file), -1);
  g_key_file_set_string (keys, group, "stamp", stamp);
  g_key_file_set_string (keys, group, "sha256", inq_weights_get_hash (file));
  g_mkdir_with_parents (parent, 0755);
  g_key_file_save_to_file (keys, cache, NULL); /* a cache that cannot be written costs time, no more */
}

typedef struct {
  GCancellable *cancellable;
  GFileProgressCallback progress;
  gpointer data;
  goffset done, total;
} Hashing;

static gboolean
hashing_cb (gsize done, gpointer data)
{
  Hashing *h = data;
  if (h->progress)
    h->progress (h->done + (goffset) done, h->total, h->data);
  return !g_cancellable_is_cancelled (h->cancellable);
}

gboolean
inq_hash_files (InqWeights *weights, GCancellable *cancellable, GFileProgressCallback progress, gpointer data,
                GError **error)
{
  Hashing h = { cancellable, progress, data, 0, (goffset) inq_weights_get_size (weights) };
  g_autoptr (GKeyFile) keys = load_hashes ();
  for (guint i = 0; i < inq_weights_get_n_files (weights); i++) {
    InqWeights *file = inq_weights_get_file (weights, i);
    g_autofree char *stamp = stamp_of (file);
    g_autofree char *known = stamp ? find_hash (keys, file, stamp) : NULL;
    if (known)
      inq_weights_set_hash (file, known);
    else if (!inq_weights_hash (file, hashing_cb, &h)) {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Reading the model was cancelled"));
      return FALSE;
    } else if (stamp)
      keep_hash (file, stamp);
    h.done += (goffset) inq_weights_get_size (file);
  }
  return TRUE;
}

const char *
inq_model_get_hash (InqModel *model)
{
  if (!model->hash) {
    inq_hash_files (model->weights, NULL, NULL, NULL, NULL);
    model->hash = g_strdup (inq_weights_get_hash (model->weights));
  }
  return model->hash;
}

char *
inq_model_hash (const char *path, GCancellable *cancellable, GFileProgressCallback progress, gpointer data,
                GError **error)
{
  g_auto (InqModelFiles) files = { 0 };
  if (!inq_model_files_open (path, NULL, &files, error)
      || !inq_hash_files (files.weights, cancellable, progress, data, error))
    return NULL;
  return g_strdup (inq_weights_get_hash (files.weights));
}
