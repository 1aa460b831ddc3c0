/* Inquadra - the named tensors of a model, mapped from its files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-convert.h"
#include "inq-weights-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The name is the text of the domain; clang-format takes it for a subtraction. */
/* clang-format off */
G_DEFINE_QUARK (inq-loader-error-quark, inq_loader_error)
/* clang-format on */

static const struct {
  const char *name;
  gsize elements, bytes; /* of a block; 1 element for plain types */
} dtypes[] = {
  [INQ_DTYPE_F32] = { "F32", 1, 4 },       [INQ_DTYPE_F16] = { "F16", 1, 2 },
  [INQ_DTYPE_BF16] = { "BF16", 1, 2 },     [INQ_DTYPE_F64] = { "F64", 1, 8 },
  [INQ_DTYPE_I8] = { "I8", 1, 1 },         [INQ_DTYPE_U8] = { "U8", 1, 1 },
  [INQ_DTYPE_I16] = { "I16", 1, 2 },       [INQ_DTYPE_I32] = { "I32", 1, 4 },
  [INQ_DTYPE_I64] = { "I64", 1, 8 },       [INQ_DTYPE_BOOL] = { "BOOL", 1, 1 },
  [INQ_DTYPE_Q8_0] = { "Q8_0", 32, 34 },   [INQ_DTYPE_Q4_0] = { "Q4_0", 32, 18 },
  [INQ_DTYPE_Q4_1] = { "Q4_1", 32, 20 },   [INQ_DTYPE_Q5_0] = { "Q5_0", 32, 22 },
  [INQ_DTYPE_Q5_1] = { "Q5_1", 32, 24 },   [INQ_DTYPE_Q2_K] = { "Q2_K", 256, 84 },
  [INQ_DTYPE_Q3_K] = { "Q3_K", 256, 110 }, [INQ_DTYPE_Q4_K] = { "Q4_K", 256, 144 },
  [INQ_DTYPE_Q5_K] = { "Q5_K", 256, 176 }, [INQ_DTYPE_Q6_K] = { "Q6_K", 256, 210 },
};

gsize
inq_dtype_size (InqDtype dtype)
{
  g_return_val_if_fail (dtype >= 0 && dtype < G_N_ELEMENTS (dtypes), 0);
  return dtypes[dtype].elements == 1 ? dtypes[dtype].bytes : 0;
}

gboolean
inq_dtype_block (InqDtype dtype, gsize *elements, gsize *bytes)
{
  *elements = *bytes = 1;
  g_return_val_if_fail (dtype >= 0 && dtype < G_N_ELEMENTS (dtypes), FALSE);
  *elements = dtypes[dtype].elements;
  *bytes = dtypes[dtype].bytes;
  return *elements > 1;
}

const char *
inq_dtype_name (InqDtype dtype)
{
  g_return_val_if_fail (dtype >= 0 && dtype < G_N_ELEMENTS (dtypes), "?");
  return dtypes[dtype].name;
}

static InqWeights *
weights_new (const char *label)
{
  InqWeights *weights = g_new0 (InqWeights, 1);

  weights->format = "safetensors";
  g_atomic_ref_count_init (&weights->ref_count);
  weights->label = g_utf8_make_valid (label, -1);
  weights->fd = -1;
  weights->names = g_string_chunk_new (16384);
  weights->tensors = g_array_new (FALSE, TRUE, sizeof (InqWeight));
  weights->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  weights->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_mutex_init (&weights->hash_lock);
  return weights;
}

static void
set_io_error (GError **error, const char *label, int code)
{
  g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO, _ ("“%s” cannot be read: %s"), label, g_strerror (code));
}

static gboolean
map_file (InqWeights *weights, const char *path, GError **error)
{
  struct stat info;

  /* Without O_NONBLOCK a named pipe would keep us waiting. */
  weights->fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (weights->fd < 0 || fstat (weights->fd, &info) < 0) {
    set_io_error (error, weights->label, errno);
    return FALSE;
  }
  if (!S_ISREG (info.st_mode)) {
    set_io_error (error, weights->label, S_ISDIR (info.st_mode) ? EISDIR : EINVAL);
    return FALSE;
  }
  weights->size = info.st_size;
  if (weights->size == 0)
    return TRUE;
  void *map = mmap (NULL, weights->size, PROT_READ, MAP_PRIVATE, weights->fd, 0);
  if (map == MAP_FAILED) {
    set_io_error (error, weights->label, errno);
    return FALSE;
  }
  weights->data = map;
  weights->guard = inq_map_guard_new (map, weights->size);
  return TRUE;
}

static gboolean
parse (InqWeights *weights, GError **error)
{
  if (weights->size >= 4 && memcmp (weights->data, "GGUF", 4) == 0 ? !inq_gguf_parse (weights, error)
                                                                   : !inq_safetensors_parse (weights, error))
    return FALSE;
  return inq_weights_check (weights, error); /* the header may have been read past a new end */
}

InqWeights *
inq_weights_open (const char *path, GError **error)
{
  g_return_val_if_fail (path, NULL);

  g_autofree char *label = g_path_get_basename (path);
  return inq_weights_open_labelled (path, label, error);
}

InqWeights *
inq_weights_open_labelled (const char *path, const char *label, GError **error)
{
  g_return_val_if_fail (path && label, NULL);

  g_autoptr (InqWeights) weights = weights_new (label);
  weights->path = g_canonicalize_filename (path, NULL);
  if (!map_file (weights, path, error) || !parse (weights, error))
    return NULL;
  return g_steal_pointer (&weights);
}

InqWeights *
inq_weights_new_from_bytes (GBytes *bytes, const char *label, GError **error)
{
  g_return_val_if_fail (bytes && label, NULL);

  g_autoptr (InqWeights) weights = weights_new (label);
  weights->bytes = g_bytes_ref (bytes);
  weights->data = g_bytes_get_data (bytes, &weights->size);
  if (!parse (weights, error))
    return NULL;
  return g_steal_pointer (&weights);
}

InqWeights *
inq_weights_new_table (const InqWeight *tensors, guint n, GBytes *bytes, const char *label)
{
  InqWeights *weights = weights_new (label);

  weights->bytes = g_bytes_ref (bytes);
  weights->hash = g_strdup (label);
  for (guint i = 0; i < n; i++) {
    InqWeight w = tensors[i];

    w.name = g_string_chunk_insert (weights->names, w.name);
    weights->size += w.size;
    g_array_append_val (weights->tensors, w);
    g_hash_table_insert (weights->by_name, (gpointer) w.name, GUINT_TO_POINTER (weights->tensors->len));
  }
  return weights;
}

/* ---- several files ---- */

InqWeights *
inq_weights_new_joined (const char *label, const char *format)
{
  InqWeights *weights = weights_new (label);

  weights->format = format;
  weights->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_weights_unref);
  return weights;
}

gboolean
inq_weights_join (InqWeights *joined, InqWeights *part, InqRename rename, gpointer data, gboolean replace,
                  GError **error)
{
  g_return_val_if_fail (joined->parts && !part->parts, FALSE);

  g_ptr_array_add (joined->parts, inq_weights_ref (part));
  joined->size += part->size;
  for (guint i = 0; i < part->tensors->len; i++) {
    InqWeight w = g_array_index (part->tensors, InqWeight, i);
    char name[INQ_MAX_NAME + 1];
    if (rename && !rename (&w, name, data))
      continue;
    guint index = GPOINTER_TO_UINT (g_hash_table_lookup (joined->by_name, rename ? name : w.name));
    if (index && !replace) {
      g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT,
                   _ ("“%s” has the tensor “%s” that another file of the model has too"), part->label, w.name);
      return FALSE;
    }
    if (index) {
      w.name = g_array_index (joined->tensors, InqWeight, index - 1).name;
      g_array_index (joined->tensors, InqWeight, index - 1) = w;
      continue;
    }
    w.name = g_string_chunk_insert (joined->names, rename ? name : w.name);
    g_array_append_val (joined->tensors, w);
    g_hash_table_insert (joined->by_name, (gpointer) w.name, GUINT_TO_POINTER (joined->tensors->len));
  }
  return TRUE;
}

void
inq_weights_set_metadata (InqWeights *weights, const char *key, const char *value)
{
  g_hash_table_replace (weights->metadata, g_strdup (key), g_strdup (value));
}

GHashTable *
inq_weights_get_all_metadata (InqWeights *weights)
{
  return weights->metadata;
}

const char *
inq_weights_get_format (InqWeights *weights)
{
  return weights->format;
}

guint
inq_weights_get_n_files (InqWeights *weights)
{
  return weights->parts ? weights->parts->len : 1;
}

InqWeights *
inq_weights_get_file (InqWeights *weights, guint i)
{
  return weights->parts ? g_ptr_array_index (weights->parts, i) : weights;
}

const char *
inq_weights_get_path (InqWeights *weights)
{
  return weights->path;
}

gboolean
inq_weights_stat (InqWeights *weights, GStatBuf *info)
{
  return weights->fd >= 0 && fstat (weights->fd, info) == 0;
}

InqWeights *
inq_weights_ref (InqWeights *weights)
{
  g_atomic_ref_count_inc (&weights->ref_count);
  return weights;
}

void
inq_weights_unref (InqWeights *weights)
{
  if (!weights || !g_atomic_ref_count_dec (&weights->ref_count))
    return;
  inq_map_guard_free (weights->guard);
  if (!weights->bytes && weights->data)
    munmap ((void *) weights->data, weights->size);
  if (weights->fd >= 0)
    close (weights->fd);
  g_clear_pointer (&weights->bytes, g_bytes_unref);
  g_clear_pointer (&weights->parts, g_ptr_array_unref);
  g_free (weights->path);
  g_hash_table_unref (weights->by_name);
  g_hash_table_unref (weights->metadata);
  g_array_unref (weights->tensors);
  g_string_chunk_free (weights->names);
  g_mutex_clear (&weights->hash_lock);
  g_free (weights->hash);
  g_free (weights->label);
  g_free (weights);
}

const InqWeight *
inq_weights_lookup (InqWeights *weights, const char *name)
{
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (weights->by_name, name));
  return index ? &g_array_index (weights->tensors, InqWeight, index - 1) : NULL;
}

guint
inq_weights_get_count (InqWeights *weights)
{
  return weights->tensors->len;
}

const InqWeight *
inq_weights_get (InqWeights *weights, guint i)
{
  g_return_val_if_fail (i < weights->tensors->len, NULL);
  return &g_array_index (weights->tensors, InqWeight, i);
}

const char *
inq_weights_get_metadata (InqWeights *weights, const char *key)
{
  return g_hash_table_lookup (weights->metadata, key);
}

const char *
inq_weights_get_label (InqWeights *weights)
{
  return weights->label;
}

gsize
inq_weights_get_size (InqWeights *weights)
{
  return weights->size;
}

gboolean
inq_weights_check (InqWeights *weights, GError **error)
{
  struct stat info;

  for (guint i = 0; weights->parts && i < weights->parts->len; i++)
    if (!inq_weights_check (g_ptr_array_index (weights->parts, i), error))
      return FALSE;
  if (weights->fd < 0)
    return TRUE;
  if (fstat (weights->fd, &info) < 0) {
    set_io_error (error, weights->label, errno);
    return FALSE;
  }
  if ((guint64) info.st_size >= weights->size && !inq_map_guard_is_hurt (weights->guard))
    return TRUE;
  g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO,
               _ ("“%s” became shorter while it was in use. Wait until whatever writes it is done, then try again"),
               weights->label);
  return FALSE;
}

/* A fault of a mapped file maps what lies around it in the page cache too, so much at once (Linux's
 * fault_around_bytes): a model's thousands of small vectors would keep as many pieces of the file in the program's
 * memory. */
#define AROUND ((guintptr) 64 << 10)

void
inq_weights_release (InqWeights *weights, const InqWeight *weight)
{
  guintptr page = (guintptr) sysconf (_SC_PAGESIZE), at = (guintptr) weight->data;

  for (guint i = 0; i < inq_weights_get_n_files (weights); i++) {
    InqWeights *file = inq_weights_get_file (weights, i);
    guintptr data = (guintptr) file->data, end = data + file->size;
    if (file->fd < 0 || at < data || at >= end || inq_map_guard_is_hurt (file->guard))
      continue;
    /* neighbours that are read meanwhile are only mapped again */
    guintptr from = MAX (data, at & ~(AROUND - 1));
    guintptr to = MIN ((end + page - 1) & ~(page - 1), (at + weight->size + AROUND - 1) & ~(AROUND - 1));
    madvise ((void *) from, to - from, MADV_DONTNEED);
  }
}

/* ---- zeros ---- */

/* @n bytes at @at of one file; what is not there is not blank. */
static gboolean
is_blank (InqWeights *file, gsize at, gsize n)
{
  guint8 piece[4096];

  while (n > 0) {
    gssize got = (gssize) MIN (n, sizeof piece);
    const guint8 *data = piece;
    if (file->fd >= 0)
      got = pread (file->fd, piece, (gsize) got, (off_t) at);
    else
      data = file->data + at;
    if (got <= 0)
      return FALSE;
    for (gssize i = 0; i < got; i++)
      if (data[i])
        return FALSE;
    at += (gsize) got;
    n -= (gsize) got;
  }
  return TRUE;
}

gboolean
inq_weights_is_blank (InqWeights *weights, const InqWeight *weight, gsize look)
{
  if (!weight) {
    look = MIN (look, weights->size);
    return !weights->parts && is_blank (weights, weights->size - look, look);
  }
  look = MIN (look, weight->size);
  for (guint i = 0; i < inq_weights_get_n_files (weights); i++) {
    InqWeights *file = inq_weights_get_file (weights, i);
    const guint8 *data = weight->data;
    if (data < file->data || data >= file->data + file->size)
      continue;
    gsize at = (gsize) (data - file->data);
    return is_blank (file, at, look) && is_blank (file, at + weight->size - look, look);
  }
  return FALSE;
}

/* ---- hashes ---- */

/* Through read() and not the map: nothing of the file stays in the program's memory, and a file that gets shorter only
 * ends early. */
static gboolean
hash_file (InqWeights *weights, GChecksum *checksum, gboolean (*each) (gsize done, gpointer data), gpointer data)
{
  gsize size = 1 << 20;
  g_autofree guint8 *buffer = weights->fd >= 0 ? g_malloc (size) : NULL;
  gsize at = 0;
  for (;;) {
    gssize n = weights->fd >= 0 ? pread (weights->fd, buffer, size, (off_t) at)
                                : (gssize) MIN (weights->size - at, size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return TRUE;
    g_checksum_update (checksum, buffer ? buffer : weights->data + at, n); /* in pieces: it counts in gssize */
    at += (gsize) n;
    if (each && !each (at, data))
      return FALSE;
  }
}

static int
compare_labels (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(InqWeights *const *) a)->label, (*(InqWeights *const *) b)->label);
}

static void
hash_parts (InqWeights *weights, GChecksum *checksum)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_copy (weights->parts, NULL, NULL);
  g_ptr_array_set_free_func (parts, NULL);
  g_ptr_array_sort (parts, compare_labels);
  for (guint i = 0; i < parts->len; i++) {
    InqWeights *part = g_ptr_array_index (parts, i);
    g_autofree char *line = g_strdup_printf ("%s  %s\n", inq_weights_get_hash (part), part->label);
    g_checksum_update (checksum, (const guchar *) line, (gssize) strlen (line));
  }
}

gboolean
inq_weights_hash (InqWeights *weights, gboolean (*each) (gsize done, gpointer data), gpointer data)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  if (weights->parts && weights->parts->len == 1) { /* a file with settings beside it is that file */
    inq_weights_set_hash (weights, inq_weights_get_hash (weights->parts->pdata[0]));
    return TRUE;
  }
  if (weights->parts)
    hash_parts (weights, checksum);
  else if (!hash_file (weights, checksum, each, data))
    return FALSE;
  inq_weights_set_hash (weights, g_checksum_get_string (checksum));
  return TRUE;
}

const char *
inq_weights_get_hash (InqWeights *weights)
{
  g_mutex_lock (&weights->hash_lock);
  gboolean known = weights->hash != NULL;
  g_mutex_unlock (&weights->hash_lock);
  if (!known)
    inq_weights_hash (weights, NULL, NULL); /* two threads at once both compute the same */
  return weights->hash;
}

void
inq_weights_set_hash (InqWeights *weights, const char *hash)
{
  g_mutex_lock (&weights->hash_lock);
  if (!weights->hash)
    weights->hash = g_strdup (hash);
  g_mutex_unlock (&weights->hash_lock);
}

gsize
inq_weight_count (const InqWeight *weight)
{
  gsize elements, bytes;
  inq_dtype_block (weight->dtype, &elements, &bytes);
  return weight->size / bytes * elements;
}

void
inq_weight_to_f32 (const InqWeight *weight, float *out)
{
  inq_convert_to_f32 (weight->dtype, weight->data, out, inq_weight_count (weight));
}

void
inq_weight_slice_to_f32 (const InqWeight *weight, gsize first, gsize count, float *out)
{
  gsize elements, bytes, total = inq_weight_count (weight);
  const guint8 *data = weight->data;

  g_return_if_fail (first <= total && count <= total - first);
  inq_dtype_block (weight->dtype, &elements, &bytes);
  while (count > 0) {
    gsize block = first / elements, in = first % elements, n = count;
    if (in == 0 && count >= elements) {
      n -= count % elements;
      inq_convert_to_f32 (weight->dtype, data + block * bytes, out, n);
    } else {
      float values[256];
      n = MIN (count, elements - in);
      inq_convert_to_f32 (weight->dtype, data + block * bytes, values, elements);
      memcpy (out, values + in, n * sizeof (float));
    }
    first += n;
    out += n;
    count -= n;
  }
}
