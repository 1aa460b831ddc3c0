/* Inquadra - reads the header of a .safetensors file and checks every claim it makes.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Format (huggingface.co/docs/safetensors): 8 bytes, little-endian: length of the header; the header, JSON:
 * {"__metadata__": {text: text}, NAME: {"dtype": "F16", "shape": [..], "data_offsets": [begin, end]}, ..}, padded with
 * spaces; then the data, which the tensors cover without gap or overlap. As the format's own reader does, a header over
 * 100 MB, a name given twice, gaps, overlaps and left-over bytes are refused: each would mean that two readers may see
 * two different models in one file. */
#include "config.h"

#include "inq-json-scan.h"
#include "inq-weights-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_HEADER (100 * 1000 * 1000)

typedef struct {
  InqWeight weight;
  guint64 begin;
  guint64 end;
} Entry;

static gboolean
lookup_dtype (const char *name, InqDtype *dtype)
{
  for (int i = INQ_DTYPE_F32; i <= INQ_DTYPE_BOOL; i++)
    if (strcmp (name, inq_dtype_name (i)) == 0) {
      *dtype = i;
      return TRUE;
    }
  return FALSE;
}

static gboolean
starts_with (InqWeights *weights, const char *magic, gsize size)
{
  return weights->size >= size && memcmp (weights->data, magic, size) == 0;
}

/* Says what a file is that is not a safetensors one, where that can be told from its first bytes. */
static gboolean
refuse_other_formats (InqWeights *weights, GError **error)
{
  const char *kind = NULL;

  if (weights->size > 8 && weights->data[8] == '{')
    return TRUE;
  if (starts_with (weights, "PK\003\004", 4) || starts_with (weights, "PK\005\006", 4)
      || (weights->size >= 2 && weights->data[0] == 0x80 && weights->data[1] >= 2 && weights->data[1] <= 5)
      || (weights->size >= 262 && memcmp (weights->data + 257, "ustar", 5) == 0))
    kind = _ ("“%s” is a pickle (the .ckpt, .pt and .bin files of PyTorch). Such a file can run any program when it is "
              "opened, so it is not read. Get the model's .safetensors file, or convert this one on a machine you can "
              "afford to lose");
  else if (starts_with (weights, "version https://git-lfs", 23))
    kind = _ ("“%s” is only a pointer of Git LFS, not the model itself. Run “git lfs pull” in its folder, or download "
              "the file from the model's page");
  else if (weights->size >= 6
           && (g_ascii_strncasecmp ((const char *) weights->data, "<!doct", 6) == 0
               || g_ascii_strncasecmp ((const char *) weights->data, "<html>", 6) == 0))
    kind = _ ("“%s” is a web page, not a model: the download was answered with a message. Open it in a browser to see "
              "what the site wants, often a login");
  if (!kind)
    return TRUE;
  g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED, kind, weights->label);
  return FALSE;
}

static gboolean corrupt (InqWeights *weights, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* "what: where" and what to do. */
static gboolean
corrupt (InqWeights *weights, GError **error, const char *format, ...)
{
  va_list args;
  g_autofree char *what = NULL;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT, _ ("“%s” is damaged: %s. Download or copy it again"),
               weights->label, what);
  return FALSE;
}

static gboolean
scan_metadata (InqWeights *weights, InqJsonScan *scan, GString *text)
{
  if (!inq_json_scan_expect (scan, '{', "metadata that is not an object"))
    return FALSE;
  if (inq_json_scan_accept (scan, '}'))
    return TRUE;
  do {
    if (!inq_json_scan_string (scan, text))
      return FALSE;
    g_autofree char *key = g_strdup (text->str);
    if (g_hash_table_contains (weights->metadata, key))
      return inq_json_scan_fail (scan, "a metadata key given twice");
    if (!inq_json_scan_expect (scan, ':', "a missing colon") || !inq_json_scan_string (scan, text))
      return FALSE;
    g_hash_table_insert (weights->metadata, g_steal_pointer (&key), g_strdup (text->str));
  } while (inq_json_scan_accept (scan, ','));
  return inq_json_scan_expect (scan, '}', "metadata without an end");
}

static gboolean
scan_shape (InqJsonScan *scan, InqWeight *weight)
{
  if (!inq_json_scan_expect (scan, '[', "a shape that is not a list"))
    return FALSE;
  if (inq_json_scan_accept (scan, ']'))
    return TRUE;
  do {
    if (weight->n_dims == INQ_MAX_DIMS)
      return inq_json_scan_fail (scan, "a shape of more than five dimensions");
    if (!inq_json_scan_uint (scan, &weight->dims[weight->n_dims]))
      return FALSE;
    weight->n_dims++;
  } while (inq_json_scan_accept (scan, ','));
  return inq_json_scan_expect (scan, ']', "a shape without an end");
}

/* @dtype gets the type's name: it may be one we do not know. */
static gboolean
scan_tensor (InqJsonScan *scan, Entry *entry, GString *text, GString *dtype)
{
  gboolean has_dtype = FALSE, has_shape = FALSE, has_offsets = FALSE;
  gint64 begin = 0, end = 0;

  if (!inq_json_scan_expect (scan, '{', "a tensor that is not an object"))
    return FALSE;
  if (!inq_json_scan_accept (scan, '}')) {
    do {
      if (!inq_json_scan_string (scan, text) || !inq_json_scan_expect (scan, ':', "a missing colon"))
        return FALSE;
      if (strcmp (text->str, "dtype") == 0 && !has_dtype) {
        has_dtype = TRUE;
        if (!inq_json_scan_string (scan, dtype))
          return FALSE;
      } else if (strcmp (text->str, "shape") == 0 && !has_shape) {
        has_shape = TRUE;
        if (!scan_shape (scan, &entry->weight))
          return FALSE;
      } else if (strcmp (text->str, "data_offsets") == 0 && !has_offsets) {
        has_offsets = TRUE;
        if (!inq_json_scan_expect (scan, '[', "data_offsets that are not a list") || !inq_json_scan_uint (scan, &begin)
            || !inq_json_scan_expect (scan, ',', "data_offsets that are not two numbers")
            || !inq_json_scan_uint (scan, &end)
            || !inq_json_scan_expect (scan, ']', "data_offsets that are not two numbers"))
          return FALSE;
      } else {
        return inq_json_scan_fail (scan, "a tensor with an unknown field, or with one given twice");
      }
    } while (inq_json_scan_accept (scan, ','));
    if (!inq_json_scan_expect (scan, '}', "a tensor without an end"))
      return FALSE;
  }
  if (!has_dtype || !has_shape || !has_offsets)
    return inq_json_scan_fail (scan, "a tensor without dtype, shape or data_offsets");
  entry->begin = begin;
  entry->end = end;
  return TRUE;
}

/* Type, size and place of one tensor. */
static gboolean
check_tensor (InqWeights *weights, Entry *entry, const char *dtype, guint64 data_size, GError **error)
{
  const char *name = entry->weight.name;

  if (!lookup_dtype (dtype, &entry->weight.dtype)) {
    g_autofree char *printable = g_strescape (dtype, NULL);
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED,
                 _ ("“%s”: tensor “%s” has the number format “%.32s”, which is not read. Get the model in F16 or BF16"),
                 weights->label, name, printable);
    return FALSE;
  }
  if (entry->begin > entry->end)
    return corrupt (weights, error, _ ("tensor “%s” ends at byte %llu, before it begins at %llu"), name,
                    (unsigned long long) entry->end, (unsigned long long) entry->begin);
  if (entry->end > data_size)
    return corrupt (weights, error, _ ("tensor “%s” ends at byte %llu, but there are only %llu bytes of data"), name,
                    (unsigned long long) entry->end, (unsigned long long) data_size);

  gsize need = inq_dtype_size (entry->weight.dtype);
  gboolean overflow = FALSE;
  for (guint i = 0; i < entry->weight.n_dims; i++)
    overflow |= !g_size_checked_mul (&need, need, (gsize) entry->weight.dims[i]);
  /* A zero later in the shape would hide an overflow before it; no such tensor is of use. */
  if (overflow)
    return corrupt (weights, error, _ ("the shape of tensor “%s” is larger than any memory"), name);
  if (need != entry->end - entry->begin)
    return corrupt (weights, error, _ ("tensor “%s” has %llu bytes where its shape and type need %llu"), name,
                    (unsigned long long) (entry->end - entry->begin), (unsigned long long) need);
  entry->weight.size = need;
  return TRUE;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  return x->end < y->end ? -1 : x->end > y->end;
}

/* The tensors, sorted by place, must follow each other without gap or overlap to the last byte. */
static gboolean
check_cover (InqWeights *weights, GArray *entries, guint64 data_size, GError **error)
{
  const char *before = NULL;
  guint64 at = 0;

  for (guint i = 0; i < entries->len; i++) {
    const Entry *entry = &g_array_index (entries, Entry, i);
    if (entry->begin < at)
      return corrupt (weights, error, _ ("tensors “%s” and “%s” overlap"), before, entry->weight.name);
    if (entry->begin > at)
      return corrupt (weights, error, _ ("%llu bytes before tensor “%s” belong to none"),
                      (unsigned long long) (entry->begin - at), entry->weight.name);
    at = entry->end;
    before = entry->weight.name;
  }
  if (at != data_size)
    return corrupt (weights, error, _ ("%llu bytes after the last tensor belong to none"),
                    (unsigned long long) (data_size - at));
  return TRUE;
}

static gboolean
scan_header (InqWeights *weights, InqJsonScan *scan, GArray *entries, guint64 data_size, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) dtype = g_string_new (NULL);
  gboolean has_metadata = FALSE;

  if (!inq_json_scan_expect (scan, '{', "no object"))
    return FALSE;
  if (!inq_json_scan_accept (scan, '}')) {
    do {
      if (!inq_json_scan_string (scan, text) || !inq_json_scan_expect (scan, ':', "a missing colon"))
        return FALSE;
      if (strcmp (text->str, "__metadata__") == 0) {
        if (has_metadata)
          return inq_json_scan_fail (scan, "metadata given twice");
        has_metadata = TRUE;
        if (!scan_metadata (weights, scan, text))
          return FALSE;
        continue;
      }
      if (g_hash_table_contains (weights->by_name, text->str))
        return corrupt (weights, error, _ ("tensor “%s” is listed twice"), text->str);
      Entry entry = { .weight.name = g_string_chunk_insert (weights->names, text->str) };
      if (!scan_tensor (scan, &entry, text, dtype) || !check_tensor (weights, &entry, dtype->str, data_size, error))
        return FALSE;
      g_hash_table_insert (weights->by_name, (gpointer) entry.weight.name, GUINT_TO_POINTER (1));
      g_array_append_val (entries, entry);
    } while (inq_json_scan_accept (scan, ','));
    if (!inq_json_scan_expect (scan, '}', "no end of the object"))
      return FALSE;
  }
  return inq_json_scan_at_end (scan) || inq_json_scan_fail (scan, "more text after its end");
}

gboolean
inq_safetensors_parse (InqWeights *weights, GError **error)
{
  guint64 header_size;
  InqJsonScan scan;

  weights->format = "safetensors";
  if (!refuse_other_formats (weights, error))
    return FALSE;
  if (weights->size < 8)
    return corrupt (weights, error, _ ("it has %llu bytes, fewer than the shortest model"),
                    (unsigned long long) weights->size);
  memcpy (&header_size, weights->data, sizeof header_size);
  header_size = GUINT64_FROM_LE (header_size);
  if (header_size > MAX_HEADER) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED,
                 _ ("“%s” is not a .safetensors file: its header would be over 100 MB. Choose a .safetensors file"),
                 weights->label);
    return FALSE;
  }
  if (header_size > weights->size - 8)
    return corrupt (weights, error, _ ("its header should have %llu bytes, but the file ends after %llu"),
                    (unsigned long long) header_size, (unsigned long long) (weights->size - 8));
  if (header_size == 0 || weights->data[8] != '{') {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED,
                 _ ("“%s” is not a .safetensors file: its header does not begin with “{”. Choose a .safetensors file"),
                 weights->label);
    return FALSE;
  }

  const guint8 *data = weights->data + 8 + header_size;
  guint64 data_size = weights->size - 8 - header_size;
  g_autoptr (GArray) entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  g_autoptr (GError) problem = NULL;

  inq_json_scan_init (&scan, (const char *) weights->data + 8, header_size);
  if (!scan_header (weights, &scan, entries, data_size, &problem)) {
    if (problem)
      g_propagate_error (error, g_steal_pointer (&problem));
    else
      corrupt (weights, error, _ ("its header has %s at byte %llu"), scan.problem,
               (unsigned long long) (scan.problem_at + 8));
    return FALSE;
  }
  g_array_sort (entries, compare_entries);
  if (!check_cover (weights, entries, data_size, error))
    return FALSE;

  for (guint i = 0; i < entries->len; i++) {
    Entry *entry = &g_array_index (entries, Entry, i);
    entry->weight.data = data + entry->begin;
    g_array_append_val (weights->tensors, entry->weight);
    g_hash_table_insert (weights->by_name, (gpointer) entry->weight.name, GUINT_TO_POINTER (i + 1));
  }
  return TRUE;
}
