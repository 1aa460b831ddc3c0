/* Inquadra - writes small GGUF files for tests.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gguf-writer.h"

#include <inq-convert.h>
#include <math.h>
#include <string.h>

struct _GgufWriter {
  guint32 version, alignment;
  guint64 n_pairs, n_tensors, next;
  GByteArray *pairs, *infos, *data;
};

static void
put (GByteArray *to, const void *data, gsize n)
{
  g_byte_array_append (to, data, (guint) n);
}

static void
put_u32 (GByteArray *to, guint32 v)
{
  v = GUINT32_TO_LE (v);
  put (to, &v, 4);
}

static void
put_u64 (GByteArray *to, guint64 v)
{
  v = GUINT64_TO_LE (v);
  put (to, &v, 8);
}

static void
put_string (GByteArray *to, const char *text)
{
  put_u64 (to, strlen (text));
  put (to, text, strlen (text));
}

GgufWriter *
gguf_new (guint32 version)
{
  GgufWriter *w = g_new0 (GgufWriter, 1);
  w->version = version;
  w->alignment = 32;
  w->next = G_MAXUINT64;
  w->pairs = g_byte_array_new ();
  w->infos = g_byte_array_new ();
  w->data = g_byte_array_new ();
  return w;
}

void
gguf_add_string (GgufWriter *w, const char *key, const char *value)
{
  put_string (w->pairs, key);
  put_u32 (w->pairs, 8);
  put_string (w->pairs, value);
  w->n_pairs++;
}

void
gguf_add_u32 (GgufWriter *w, const char *key, guint32 value)
{
  put_string (w->pairs, key);
  put_u32 (w->pairs, 4);
  put_u32 (w->pairs, value);
  w->n_pairs++;
}

void
gguf_add_ints (GgufWriter *w, const char *key, const gint64 *values, guint n)
{
  put_string (w->pairs, key);
  put_u32 (w->pairs, 9);
  put_u32 (w->pairs, 5);
  put_u64 (w->pairs, n);
  for (guint i = 0; i < n; i++)
    put_u32 (w->pairs, (guint32) values[i]);
  w->n_pairs++;
}

void
gguf_set_alignment (GgufWriter *w, guint32 alignment)
{
  w->alignment = alignment;
  gguf_add_u32 (w, "general.alignment", alignment);
}

void
gguf_set_offset (GgufWriter *w, guint64 offset)
{
  w->next = offset;
}

/* As GGML's reference quantisers do for these two. */
static void
put_block (GByteArray *to, InqDtype dtype, const float *x)
{
  guint8 block[34];
  guint16 half;
  float most = 0, d;
  for (int i = 0; i < 32; i++)
    if (fabsf (x[i]) > fabsf (most))
      most = x[i];
  d = dtype == INQ_DTYPE_Q8_0 ? fabsf (most) / 127 : most / -8;
  inq_convert_f32_to_f16 (&d, &half, 1);
  memcpy (block, &half, 2);
  float inverse = d != 0 ? 1 / d : 0;
  if (dtype == INQ_DTYPE_Q8_0) {
    for (int i = 0; i < 32; i++)
      block[2 + i] = (guint8) (gint8) lrintf (x[i] * inverse);
    put (to, block, 34);
  } else {
    for (int i = 0; i < 16; i++) {
      int low = CLAMP ((int) (x[i] * inverse + 8.5f), 0, 15), high = CLAMP ((int) (x[i + 16] * inverse + 8.5f), 0, 15);
      block[2 + i] = (guint8) (low | high << 4);
    }
    put (to, block, 18);
  }
}

void
gguf_add_tensor (GgufWriter *w, const char *name, InqDtype dtype, const gint64 *dims, guint n_dims, const void *values)
{
  static const struct {
    InqDtype dtype;
    guint32 id;
  } ids[] = { { INQ_DTYPE_F32, 0 },   { INQ_DTYPE_F16, 1 },   { INQ_DTYPE_Q4_0, 2 },  { INQ_DTYPE_Q8_0, 8 },
              { INQ_DTYPE_Q4_1, 3 },  { INQ_DTYPE_Q5_0, 6 },  { INQ_DTYPE_Q5_1, 7 },  { INQ_DTYPE_Q2_K, 10 },
              { INQ_DTYPE_Q3_K, 11 }, { INQ_DTYPE_Q4_K, 12 }, { INQ_DTYPE_Q5_K, 13 }, { INQ_DTYPE_Q6_K, 14 },
              { INQ_DTYPE_BF16, 30 } };
  gsize n = 1, elements, bytes;
  while (w->data->len % w->alignment)
    put (w->data, "", 1);
  put_string (w->infos, name);
  put_u32 (w->infos, n_dims);
  for (guint i = n_dims; i-- > 0;) {
    put_u64 (w->infos, (guint64) dims[i]);
    n *= (gsize) dims[i];
  }
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    if (ids[i].dtype == dtype)
      put_u32 (w->infos, ids[i].id);
  put_u64 (w->infos, w->next != G_MAXUINT64 ? w->next : w->data->len);
  w->next = G_MAXUINT64;
  w->n_tensors++;
  inq_dtype_block (dtype, &elements, &bytes);
  if (dtype == INQ_DTYPE_F16) {
    g_autofree guint16 *halves = g_new (guint16, n);
    inq_convert_f32_to_f16 (values, halves, n);
    put (w->data, halves, n * 2);
  } else if (dtype == INQ_DTYPE_BF16) {
    for (gsize i = 0; i < n; i++)
      put (w->data, (const guint8 *) values + i * 4 + 2, 2); /* the upper half, of numbers that fit */
  } else if (dtype == INQ_DTYPE_Q8_0 || dtype == INQ_DTYPE_Q4_0) {
    for (gsize i = 0; i < n; i += 32)
      put_block (w->data, dtype, (const float *) values + i);
  } else {
    put (w->data, values, n / elements * bytes);
  }
}

GBytes *
gguf_finish (GgufWriter *w)
{
  GByteArray *file = g_byte_array_new ();
  put (file, "GGUF", 4);
  put_u32 (file, w->version);
  put_u64 (file, w->n_tensors);
  put_u64 (file, w->n_pairs);
  put (file, w->pairs->data, w->pairs->len);
  put (file, w->infos->data, w->infos->len);
  while (file->len % w->alignment && w->n_tensors)
    put (file, "", 1);
  put (file, w->data->data, w->data->len);
  g_byte_array_unref (w->pairs);
  g_byte_array_unref (w->infos);
  g_byte_array_unref (w->data);
  g_free (w);
  return g_byte_array_free_to_bytes (file);
}

void
gguf_convert (const char *from, const char *to, InqDtype dtype, const char *strip)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqWeights) weights = inq_weights_open (from, &error);
  g_assert_no_error (error);
  GgufWriter *w = gguf_new (3);
  for (guint i = 0; i < inq_weights_get_count (weights); i++) {
    const InqWeight *t = inq_weights_get (weights, i);
    if (strip && !g_str_has_prefix (t->name, strip))
      continue;
    g_autofree float *values = g_new (float, inq_weight_count (t));
    inq_weight_to_f32 (t, values);
    const char *name = t->name + (strip ? strlen (strip) : 0);
    gboolean blocks = t->n_dims >= 2 && t->dims[t->n_dims - 1] % 32 == 0;
    const gint64 rows[] = { (gint64) inq_weight_count (t) / 256, 256 };
    gboolean flat = !blocks && t->n_dims == 4 && inq_weight_count (t) % 256 == 0;
    InqDtype as = blocks || flat ? dtype : t->n_dims < 2 ? INQ_DTYPE_F32 : INQ_DTYPE_F16;
    if (flat) {
      g_autofree char *key = g_strconcat ("comfy.gguf.orig_shape.", name, NULL);
      gguf_add_ints (w, key, t->dims, t->n_dims);
    }
    gguf_add_tensor (w, name, as, flat ? rows : t->dims, flat ? 2 : t->n_dims, values);
  }
  g_autoptr (GBytes) bytes = gguf_finish (w);
  gsize n;
  const char *data = g_bytes_get_data (bytes, &n);
  g_file_set_contents (to, data, (gssize) n, &error);
  g_assert_no_error (error);
}
