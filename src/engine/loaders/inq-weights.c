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

G_DEFINE_QUARK (inq - loader - error - quark, inq_loader_error)

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
  return TRUE;
}

InqWeights *
inq_weights_open (const char *path, GError **error)
{
  g_return_val_if_fail (path, NULL);

  g_autofree char *label = g_path_get_basename (path);
  g_autoptr (InqWeights) weights = weights_new (label);
  if (!map_file (weights, path, error) || !inq_safetensors_parse (weights, error))
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
  if (!inq_safetensors_parse (weights, error))
    return NULL;
  return g_steal_pointer (&weights);
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
  if (!weights->bytes && weights->data)
    munmap ((void *) weights->data, weights->size);
  if (weights->fd >= 0)
    close (weights->fd);
  g_clear_pointer (&weights->bytes, g_bytes_unref);
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

  if (weights->fd < 0)
    return TRUE;
  if (fstat (weights->fd, &info) < 0) {
    set_io_error (error, weights->label, errno);
    return FALSE;
  }
  if ((guint64) info.st_size >= weights->size)
    return TRUE;
  g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO,
               _ ("“%s” became shorter while it was in use. Wait until whatever writes it is done, then try again"),
               weights->label);
  return FALSE;
}

const char *
inq_weights_get_hash (InqWeights *weights)
{
  g_mutex_lock (&weights->hash_lock);
  if (!weights->hash) {
    g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
    /* In pieces: g_checksum_update() counts in gssize. */
    for (gsize at = 0; at < weights->size; at += 1 << 20)
      g_checksum_update (checksum, weights->data + at, MIN (weights->size - at, 1 << 20));
    weights->hash = g_strdup (g_checksum_get_string (checksum));
  }
  g_mutex_unlock (&weights->hash_lock);
  return weights->hash;
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
