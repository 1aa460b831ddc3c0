/* Inquadra - reads the header of a GGUF file and checks every claim it makes.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Format (github.com/ggml-org/ggml/blob/master/docs/gguf.md), versions 2 and 3, little-endian: "GGUF", u32 version, u64
 * tensors, u64 pairs; per pair a string key, u32 type, value; per tensor a string name, u32 dimensions, u64 each
 * (innermost first, reversed here), u32 type, u64 offset in the data; the data begins at the next multiple of
 * general.alignment (32) and so does each tensor. A string is a u64 length and its bytes.
 *
 * Pairs become metadata as text; lists of few integers as "320,4,3,3". Writers may leave gaps between tensors; overlaps
 * are refused. ComfyUI's writers store tensors whose rows are no whole blocks as rows of 256 and keep the shape they
 * had in "comfy.gguf.orig_shape.NAME". */
#include "config.h"

#include "inq-weights-private.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#define MAX_NAME      255
#define MAX_TEXT      65536 /* longer values are not kept */
#define MAX_LIST      16    /* nor longer lists */
#define MAX_DEPTH     4     /* of lists in lists */
#define ORIG_SHAPE    "comfy.gguf.orig_shape."
#define MIN_PAIR      13 /* bytes of the shortest pair and tensor */
#define MIN_TENSOR    24
#define MAX_ALIGNMENT 65536

enum { U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, U64, I64, F64, N_TYPES };

static const gsize type_sizes[N_TYPES] = {
  [U8] = 1,  [I8] = 1,   [U16] = 2, [I16] = 2, [U32] = 4, [I32] = 4,
  [F32] = 4, [BOOL] = 1, [U64] = 8, [I64] = 8, [F64] = 8,
};

/* GGML's numbers of the types that are read, and names of those that are not. */
static const struct {
  guint32 id;
  InqDtype dtype;
} types[] = {
  { 0, INQ_DTYPE_F32 },   { 1, INQ_DTYPE_F16 },   { 2, INQ_DTYPE_Q4_0 },  { 3, INQ_DTYPE_Q4_1 },
  { 6, INQ_DTYPE_Q5_0 },  { 7, INQ_DTYPE_Q5_1 },  { 8, INQ_DTYPE_Q8_0 },  { 10, INQ_DTYPE_Q2_K },
  { 11, INQ_DTYPE_Q3_K }, { 12, INQ_DTYPE_Q4_K }, { 13, INQ_DTYPE_Q5_K }, { 14, INQ_DTYPE_Q6_K },
  { 24, INQ_DTYPE_I8 },   { 25, INQ_DTYPE_I16 },  { 26, INQ_DTYPE_I32 },  { 27, INQ_DTYPE_I64 },
  { 28, INQ_DTYPE_F64 },  { 30, INQ_DTYPE_BF16 },
};

static const struct {
  guint32 id;
  const char *name;
} unread[] = {
  { 9, "Q8_1" },   { 15, "Q8_K" },   { 16, "IQ2_XXS" }, { 17, "IQ2_XS" }, { 18, "IQ3_XXS" },
  { 19, "IQ1_S" }, { 20, "IQ4_NL" }, { 21, "IQ3_S" },   { 22, "IQ2_S" },  { 23, "IQ4_XS" },
  { 29, "IQ1_M" }, { 34, "TQ1_0" },  { 35, "TQ2_0" },   { 39, "MXFP4" },
};

typedef struct {
  InqWeights *weights;
  const guint8 *p, *end;
  const char *problem; /* (nullable) static */
  gsize problem_at;
} Reader;

typedef struct {
  InqWeight weight;
  guint64 offset;
} Entry;

static gboolean
fail (Reader *r, const char *problem)
{
  if (!r->problem) {
    r->problem = problem;
    r->problem_at = (gsize) (r->p - r->weights->data);
  }
  return FALSE;
}

static gboolean
take (Reader *r, gsize n, const guint8 **at)
{
  if (r->problem || n > (gsize) (r->end - r->p))
    return fail (r, "an end before its time");
  *at = r->p;
  r->p += n;
  return TRUE;
}

static gboolean
take_u32 (Reader *r, guint32 *value)
{
  const guint8 *at;
  if (!take (r, 4, &at))
    return FALSE;
  memcpy (value, at, 4);
  *value = GUINT32_FROM_LE (*value);
  return TRUE;
}

static gboolean
take_u64 (Reader *r, guint64 *value)
{
  const guint8 *at;
  if (!take (r, 8, &at))
    return FALSE;
  memcpy (value, at, 8);
  *value = GUINT64_FROM_LE (*value);
  return TRUE;
}

/* The bytes of a string in the file. */
static gboolean
take_string (Reader *r, const char **text, gsize *size)
{
  guint64 n;
  const guint8 *at;
  if (!take_u64 (r, &n))
    return FALSE;
  if (n > (guint64) (r->end - r->p))
    return fail (r, "a text longer than the file");
  if (!take (r, (gsize) n, &at))
    return FALSE;
  *text = (const char *) at;
  *size = (gsize) n;
  return TRUE;
}

static gboolean
take_name (Reader *r, char name[MAX_NAME + 1])
{
  const char *text;
  gsize size;
  if (!take_string (r, &text, &size))
    return FALSE;
  if (size == 0 || size > MAX_NAME || !g_utf8_validate_len (text, size, NULL))
    return fail (r, "a name that is empty, too long or not text");
  memcpy (name, text, size);
  name[size] = '\0';
  return TRUE;
}

/* One number as text. */
static void
print_number (GString *out, guint32 type, const guint8 *at)
{
  guint64 bits = 0;
  memcpy (&bits, at, type_sizes[type]);
  bits = GUINT64_FROM_LE (bits);
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  switch (type) {
  case I8:
    g_string_append_printf (out, "%d", (gint8) bits);
    break;
  case I16:
    g_string_append_printf (out, "%d", (gint16) bits);
    break;
  case I32:
    g_string_append_printf (out, "%d", (gint32) bits);
    break;
  case I64:
    g_string_append_printf (out, "%" G_GINT64_FORMAT, (gint64) bits);
    break;
  case F32: {
    guint32 low = (guint32) bits;
    float value;
    memcpy (&value, &low, 4);
    g_string_append (out, g_ascii_dtostr (text, sizeof text, (double) value));
    break;
  }
  case F64: {
    double value;
    memcpy (&value, &bits, 8);
    g_string_append (out, g_ascii_dtostr (text, sizeof text, value));
    break;
  }
  case BOOL:
    g_string_append (out, bits & 0xff ? "true" : "false");
    break;
  default:
    g_string_append_printf (out, "%" G_GUINT64_FORMAT, bits);
    break;
  }
}

static gboolean take_value (Reader *r, guint32 type, guint depth, GString *out);

static gboolean
take_list (Reader *r, guint depth, GString *out)
{
  guint32 type;
  guint64 n;
  const guint8 *at;
  if (!take_u32 (r, &type) || !take_u64 (r, &n))
    return FALSE;
  if (type >= N_TYPES || depth >= MAX_DEPTH)
    return fail (r, type >= N_TYPES ? "a value of an unknown type" : "lists in lists in lists");
  if (type_sizes[type]) {
    if (n > (guint64) (r->end - r->p) / type_sizes[type])
      return fail (r, "a list longer than the file");
    if (!take (r, (gsize) n * type_sizes[type], &at))
      return FALSE;
    for (guint64 i = 0; n <= MAX_LIST && i < n; i++) {
      if (i > 0)
        g_string_append_c (out, ',');
      print_number (out, type, at + i * type_sizes[type]);
    }
    return TRUE;
  }
  /* A text or a list has a length of 8 bytes. */
  if (n > (guint64) (r->end - r->p) / 8)
    return fail (r, "a list longer than the file");
  for (guint64 i = 0; i < n; i++) {
    gsize before = out->len;
    if (!take_value (r, type, depth + 1, out))
      return FALSE;
    g_string_truncate (out, before);
  }
  return TRUE;
}

/* A value as text to the end of @out; what is too long leaves nothing there. */
static gboolean
take_value (Reader *r, guint32 type, guint depth, GString *out)
{
  const guint8 *at;
  if (type >= N_TYPES)
    return fail (r, "a value of an unknown type");
  if (type == ARRAY)
    return take_list (r, depth, out);
  if (type == STRING) {
    const char *text;
    gsize size;
    if (!take_string (r, &text, &size))
      return FALSE;
    if (size <= MAX_TEXT && g_utf8_validate_len (text, size, NULL))
      g_string_append_len (out, text, (gssize) size);
    return TRUE;
  }
  if (!take (r, type_sizes[type], &at))
    return FALSE;
  print_number (out, type, at);
  return TRUE;
}

static gboolean corrupt (InqWeights *weights, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
corrupt (InqWeights *weights, GError **error, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT, _ ("“%s” is damaged: %s. Download or copy it again"),
               weights->label, what);
  return FALSE;
}

static gboolean
read_pairs (Reader *r, guint64 n)
{
  g_autoptr (GString) text = g_string_new (NULL);
  if (n > (guint64) (r->end - r->p) / MIN_PAIR)
    return fail (r, "more pairs than bytes");
  for (guint64 i = 0; i < n; i++) {
    char key[MAX_NAME + 1];
    guint32 type;
    g_string_truncate (text, 0);
    if (!take_name (r, key) || !take_u32 (r, &type) || !take_value (r, type, 0, text))
      return FALSE;
    if (g_hash_table_contains (r->weights->metadata, key))
      return fail (r, "a key given twice");
    g_hash_table_insert (r->weights->metadata, g_strdup (key), g_strdup (text->str));
  }
  return TRUE;
}

/* Type and size, from the dimensions as they are stored (innermost first in @dims). */
static gboolean
check_type (InqWeights *weights, Entry *entry, guint32 type, const guint64 *dims, GError **error)
{
  InqWeight *w = &entry->weight;
  gboolean known = FALSE;
  for (guint i = 0; !known && i < G_N_ELEMENTS (types); i++)
    if ((known = types[i].id == type))
      w->dtype = types[i].dtype;
  if (!known) {
    const char *name = NULL;
    for (guint i = 0; !name && i < G_N_ELEMENTS (unread); i++)
      name = unread[i].id == type ? unread[i].name : NULL;
    g_autofree char *number = g_strdup_printf ("%u", type);
    g_set_error (
        error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED,
        _ ("“%s”: tensor “%s” has the number format %s, which is not read. Get the model in Q8_0, Q4_K or F16"),
        weights->label, w->name, name ? name : number);
    return FALSE;
  }
  gsize elements, bytes, count = 1;
  inq_dtype_block (w->dtype, &elements, &bytes);
  gboolean overflow = FALSE;
  for (guint i = 0; i < w->n_dims; i++) {
    overflow |= dims[i] > G_MAXINT64 || !g_size_checked_mul (&count, count, (gsize) dims[i]);
    w->dims[w->n_dims - 1 - i] = (gint64) dims[i];
  }
  if (overflow || count > G_MAXINT64)
    return corrupt (weights, error, _ ("the shape of tensor “%s” is larger than any memory"), w->name);
  if ((w->n_dims ? dims[0] : 1) % elements != 0)
    return corrupt (weights, error, _ ("the rows of tensor “%s” are no whole blocks of %s"), w->name,
                    inq_dtype_name (w->dtype));
  if (!g_size_checked_mul (&w->size, count / elements, bytes))
    return corrupt (weights, error, _ ("the shape of tensor “%s” is larger than any memory"), w->name);
  return TRUE;
}

/* The shape that ComfyUI's writers remember. */
static gboolean
restore_shape (InqWeights *weights, InqWeight *w, GError **error)
{
  g_autofree char *key = g_strconcat (ORIG_SHAPE, w->name, NULL);
  const char *text = g_hash_table_lookup (weights->metadata, key);
  if (!text)
    return TRUE;
  gint64 dims[INQ_MAX_DIMS];
  gsize count = 1;
  guint n = 0;
  g_auto (GStrv) parts = g_strsplit (text, ",", INQ_MAX_DIMS + 1);
  gboolean good = parts[0] != NULL;
  for (; good && parts[n]; n++) {
    gint64 value = 0;
    good = n < INQ_MAX_DIMS && g_ascii_string_to_signed (parts[n], 10, 0, G_MAXINT64, &value, NULL)
           && g_size_checked_mul (&count, count, (gsize) value);
    if (good)
      dims[n] = value;
  }
  if (!good || count != inq_weight_count (w))
    return corrupt (weights, error, _ ("the shape that tensor “%s” should have had is not its size"), w->name);
  memcpy (w->dims, dims, sizeof dims[0] * n);
  w->n_dims = n;
  return TRUE;
}

static gboolean
read_tensors (Reader *r, guint64 n, GArray *entries, GError **error)
{
  if (n > (guint64) (r->end - r->p) / MIN_TENSOR)
    return fail (r, "more tensors than bytes");
  for (guint64 i = 0; i < n; i++) {
    Entry entry = { 0 };
    char name[MAX_NAME + 1];
    guint64 dims[INQ_MAX_DIMS];
    guint32 type, n_dims;
    if (!take_name (r, name) || !take_u32 (r, &n_dims))
      return FALSE;
    if (n_dims > INQ_MAX_DIMS)
      return fail (r, "a shape of more than five dimensions");
    for (guint d = 0; d < n_dims; d++)
      if (!take_u64 (r, &dims[d]))
        return FALSE;
    if (!take_u32 (r, &type) || !take_u64 (r, &entry.offset))
      return FALSE;
    entry.weight.name = g_string_chunk_insert (r->weights->names, name);
    entry.weight.n_dims = n_dims;
    if (g_hash_table_contains (r->weights->by_name, name))
      return corrupt (r->weights, error, _ ("tensor “%s” is listed twice"), name);
    if (!check_type (r->weights, &entry, type, dims, error) || !restore_shape (r->weights, &entry.weight, error))
      return FALSE;
    g_hash_table_insert (r->weights->by_name, (gpointer) entry.weight.name, GUINT_TO_POINTER (1));
    g_array_append_val (entries, entry);
  }
  return TRUE;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;
  if (x->offset != y->offset)
    return x->offset < y->offset ? -1 : 1;
  return x->weight.size < y->weight.size ? -1 : x->weight.size > y->weight.size;
}

static gboolean
place_tensors (InqWeights *weights, GArray *entries, gsize data_at, gsize alignment, GError **error)
{
  guint64 at = 0, data_size = weights->size - data_at;
  const char *before = NULL;
  g_array_sort (entries, compare_entries);
  for (guint i = 0; i < entries->len; i++) {
    Entry *entry = &g_array_index (entries, Entry, i);
    InqWeight *w = &entry->weight;
    if (entry->offset % alignment != 0)
      return corrupt (weights, error, _ ("tensor “%s” does not begin at a multiple of %llu bytes"), w->name,
                      (unsigned long long) alignment);
    if (entry->offset > data_size || w->size > data_size - entry->offset)
      return corrupt (weights, error, _ ("tensor “%s” ends at byte %llu, but there are only %llu bytes of data"),
                      w->name, (unsigned long long) entry->offset + w->size, (unsigned long long) data_size);
    if (entry->offset < at)
      return corrupt (weights, error, _ ("tensors “%s” and “%s” overlap"), before, w->name);
    at = entry->offset + w->size;
    before = w->name;
    w->data = weights->data + data_at + entry->offset;
    g_array_append_val (weights->tensors, *w);
    g_hash_table_insert (weights->by_name, (gpointer) w->name, GUINT_TO_POINTER (i + 1));
  }
  return TRUE;
}

gboolean
inq_gguf_parse (InqWeights *weights, GError **error)
{
  Reader r = { .weights = weights, .p = weights->data + 4, .end = weights->data + weights->size };
  g_autoptr (GArray) entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  g_autoptr (GError) problem = NULL;
  guint32 version = 0;
  guint64 n_tensors = 0, n_pairs = 0;

  weights->format = "gguf";
  if (take_u32 (&r, &version) && version != 2 && version != 3) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED,
                 GUINT32_SWAP_LE_BE (version) <= 3
                     ? _ ("“%s” is a GGUF file for big-endian machines, which is not read. Get the usual one")
                     : _ ("“%s” is a GGUF file of another version than 2 and 3, which is not read. Convert it again"),
                 weights->label);
    return FALSE;
  }
  if (!take_u64 (&r, &n_tensors) || !take_u64 (&r, &n_pairs) || !read_pairs (&r, n_pairs)
      || !read_tensors (&r, n_tensors, entries, &problem)) {
    if (problem)
      g_propagate_error (error, g_steal_pointer (&problem));
    else
      corrupt (weights, error, _ ("its header has %s at byte %llu"), r.problem, (unsigned long long) r.problem_at);
    return FALSE;
  }
  const char *text = g_hash_table_lookup (weights->metadata, "general.alignment");
  guint64 alignment = text ? g_ascii_strtoull (text, NULL, 10) : 32;
  if (alignment == 0 || alignment > MAX_ALIGNMENT || (alignment & (alignment - 1)) != 0)
    return corrupt (weights, error, _ ("its alignment is %s"), text);
  gsize data_at = (gsize) (r.p - weights->data);
  gsize rest = data_at % alignment;
  data_at = MIN (data_at + (rest ? alignment - rest : 0), weights->size); /* a file without data may end here */
  return place_tensors (weights, entries, data_at, alignment, error);
}
