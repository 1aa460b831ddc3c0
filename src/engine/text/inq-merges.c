/* Inquadra - a merge list: the vocabulary of a byte-pair encoding and its joining rules.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-merges.h"
#include "inq-weights.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <zlib.h>

/* CLIP's list holds 262,144 merges; its vocabulary of 49,152 + 256 ids uses these first ones. */
#define CLIP_MARK   "\"bpe_simple_vocab_16e6.txt#version"
#define CLIP_MERGES (49152 - 256 - 2)
/* CLIP's list unpacks to 3 MB. */
#define MAX_TEXT   (64 * 1024 * 1024)
#define MAX_MERGES (4 * 1024 * 1024)

typedef struct {
  guint64 key; /* left << 32 | right, plus 1 so that 0 means empty */
  guint32 rank;
  gint32 joined;
} Rule;

struct _InqMerges {
  guint n_merges;
  GStringChunk *chunk;
  GPtrArray *texts; /* [512 + n_merges], borrowed from chunk */
  GArray *ids;      /* of gint32, [512 + n_merges]: symbol -> id, see inq_merges_get_id() */
  guint8 byte_ids[256];
  Rule *rules; /* open addressing, n_slots a power of two, at most half full */
  guint32 n_slots;
};

static gboolean set_corrupt (GError **error, const char *label, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
set_corrupt (GError **error, const char *label, const char *format, ...)
{
  va_list args;
  g_autofree char *what = NULL;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT,
               _ ("The merge list “%s” is damaged: %s. Download or copy it again"), label, what);
  return FALSE;
}

static char *
inflate_text (const guint8 *data, gsize size, const char *label, gsize *out_size, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  z_stream z = { .next_in = (Bytef *) data, .avail_in = (uInt) size };
  guint8 block[65536];
  int result = inflateInit2 (&z, 15 + 16);

  while (result == Z_OK) {
    z.next_out = block;
    z.avail_out = sizeof block;
    result = inflate (&z, Z_NO_FLUSH);
    g_byte_array_append (out, block, (guint) (sizeof block - z.avail_out));
    if (out->len > MAX_TEXT)
      result = Z_BUF_ERROR;
  }
  inflateEnd (&z);
  if (result != Z_STREAM_END) {
    set_corrupt (error, label, "%s",
                 out->len > MAX_TEXT ? _ ("it unpacks to over 64 MB") : _ ("it cannot be unpacked to its end"));
    return NULL;
  }
  *out_size = out->len;
  g_byte_array_append (out, (const guint8 *) "", 1);
  return (char *) g_byte_array_free (g_steal_pointer (&out), FALSE);
}

/* CLIP writes every byte as a printable character (bytes_to_unicode() of GPT-2): those that print stand for
 * themselves, the others for U+0100 and on; ids follow this order. */
static void
add_bytes (InqMerges *merges, GHashTable *symbols)
{
  guint id = 0, moved = 0;

  for (int pass = 0; pass < 2; pass++)
    for (guint b = 0; b < 256; b++) {
      gboolean prints = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
      if (prints != (pass == 0))
        continue;
      char text[8] = { 0 };
      g_unichar_to_utf8 (prints ? b : 256 + moved++, text);
      merges->byte_ids[b] = id++;
      g_ptr_array_add (merges->texts, g_string_chunk_insert (merges->chunk, text));
    }
  for (guint i = 0; i < 256; i++) {
    char text[16];
    g_snprintf (text, sizeof text, "%s</w>", (const char *) merges->texts->pdata[i]);
    g_ptr_array_add (merges->texts, g_string_chunk_insert (merges->chunk, text));
  }
  for (gint32 i = 0; i < 512; i++) {
    g_hash_table_insert (symbols, merges->texts->pdata[i], GINT_TO_POINTER (i));
    g_array_append_val (merges->ids, i);
  }
}

static guint64
rule_key (gint32 left, gint32 right)
{
  return ((guint64) left << 32 | (guint32) right) + 1;
}

static Rule *
find_rule (InqMerges *merges, gint32 left, gint32 right)
{
  guint64 key = rule_key (left, right);
  guint64 hash = key * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  guint32 slot = (guint32) (hash >> 32) & (merges->n_slots - 1);

  while (merges->rules[slot].key != 0 && merges->rules[slot].key != key)
    slot = (slot + 1) & (merges->n_slots - 1);
  return &merges->rules[slot];
}

/* The part's symbol: a byte or the result of an earlier line. -1 for none. */
static gint32
part_symbol (GHashTable *symbols, const char *part)
{
  gpointer symbol;

  return g_hash_table_lookup_extended (symbols, part, NULL, &symbol) ? GPOINTER_TO_INT (symbol) : -1;
}

/* @line: "left right", modified. */
static gboolean
add_merge (InqMerges *merges, GHashTable *symbols, char *line, guint number, const char *label, GError **error)
{
  char *right_part = strchr (line, ' ');

  if (!right_part || right_part == line || !right_part[1] || strchr (right_part + 1, ' '))
    return set_corrupt (error, label, _ ("line %u is not two pieces with a space between"), number);
  *right_part++ = '\0';

  gint32 left = part_symbol (symbols, line), right = part_symbol (symbols, right_part);
  if (left < 0 || right < 0) {
    g_autofree char *piece = g_utf8_substring (left < 0 ? line : right_part, 0,
                                               MIN (32, g_utf8_strlen (left < 0 ? line : right_part, -1)));
    return set_corrupt (error, label, _ ("“%s” in line %u is not made by an earlier line"), piece, number);
  }

  Rule *rule = find_rule (merges, left, right);
  if (rule->key != 0)
    return set_corrupt (error, label, _ ("line %u repeats an earlier one"), number);

  g_autofree char *joined = g_strconcat (line, right_part, NULL);
  char *text = g_string_chunk_insert (merges->chunk, joined);
  gint32 id = (gint32) merges->texts->len, symbol = part_symbol (symbols, text);
  g_ptr_array_add (merges->texts, text);
  g_array_append_val (merges->ids, id);
  if (symbol < 0) {
    symbol = id;
    g_hash_table_insert (symbols, text, GINT_TO_POINTER (symbol));
  }
  g_array_index (merges->ids, gint32, symbol) = id;
  *rule = (Rule){ rule_key (left, right), merges->n_merges++, symbol };
  return TRUE;
}

static guint
count_lines (const char *text)
{
  guint n = 1;

  for (const char *p = strchr (text, '\n'); p; p = strchr (p + 1, '\n'))
    n++;
  return n;
}

/* @text is cut up on the way. */
static gboolean
parse_text (InqMerges *merges, char *text, const char *label, GError **error)
{
  g_autoptr (GHashTable) symbols = g_hash_table_new (g_str_hash, g_str_equal);
  guint limit = MIN (count_lines (text), MAX_MERGES), number = 0;
  gboolean ended = FALSE;

  if (g_str_has_prefix (text, CLIP_MARK))
    limit = CLIP_MERGES;
  for (merges->n_slots = 1024; merges->n_slots < limit * 2;)
    merges->n_slots *= 2;
  merges->rules = g_new0 (Rule, merges->n_slots);
  add_bytes (merges, symbols);

  for (char *line = text, *next; line && merges->n_merges < limit; line = next) {
    next = strchr (line, '\n');
    if (next)
      *next++ = '\0';
    g_strchomp (line);
    number++;
    if (number == 1 && strstr (line, "#version"))
      continue;
    if (!*line) { /* only the end of the file may be empty */
      ended = TRUE;
      continue;
    }
    if (ended)
      return set_corrupt (error, label, _ ("line %u follows an empty one"), number);
    if (!add_merge (merges, symbols, line, number, label, error))
      return FALSE;
  }
  return TRUE;
}

InqMerges *
inq_merges_new (GBytes *bytes, const char *label, GError **error)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = NULL;

  if (size > MAX_TEXT) {
    set_corrupt (error, label, "%s", _ ("it has over 64 MB"));
    return NULL;
  }
  if (size >= 2 && data[0] == 0x1f && data[1] == 0x8b)
    text = inflate_text (data, size, label, &size, error);
  else
    text = g_strndup ((const char *) data, size);
  if (!text)
    return NULL;
  if (strlen (text) != size || !g_utf8_validate (text, -1, NULL)) {
    set_corrupt (error, label, "%s", _ ("it is not text in UTF-8"));
    return NULL;
  }

  g_autoptr (InqMerges) merges = g_new0 (InqMerges, 1);
  merges->chunk = g_string_chunk_new (65536);
  merges->texts = g_ptr_array_new ();
  merges->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  if (!parse_text (merges, text, label, error))
    return NULL;
  return g_steal_pointer (&merges);
}

void
inq_merges_free (InqMerges *merges)
{
  if (!merges)
    return;
  g_string_chunk_free (merges->chunk);
  g_ptr_array_unref (merges->texts);
  g_array_unref (merges->ids);
  g_free (merges->rules);
  g_free (merges);
}

guint
inq_merges_get_count (InqMerges *merges)
{
  return merges->n_merges;
}

gint32
inq_merges_get_byte (InqMerges *merges, guint8 byte, gboolean last)
{
  return merges->byte_ids[byte] + (last ? 256 : 0);
}

gboolean
inq_merges_lookup (InqMerges *merges, gint32 left, gint32 right, guint32 *rank, gint32 *joined)
{
  const Rule *rule = find_rule (merges, left, right);

  if (rule->key == 0)
    return FALSE;
  *rank = rule->rank;
  *joined = rule->joined;
  return TRUE;
}

gint32
inq_merges_get_id (InqMerges *merges, gint32 symbol)
{
  return g_array_index (merges->ids, gint32, symbol);
}

const char *
inq_merges_get_text (InqMerges *merges, gint32 id)
{
  g_return_val_if_fail (id >= 0 && (guint) id < merges->texts->len, NULL);
  return merges->texts->pdata[id];
}
