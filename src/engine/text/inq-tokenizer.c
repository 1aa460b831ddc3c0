/* Inquadra - text to token ids: CLIP's byte-pair encoding, over CLIP's own or any other merge list of its format.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-tokenizer.h"
#include "inq-engine.h"
#include "inq-merges.h"
#include "inq-words.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Text after this is not looked at: no prompt comes near, and it keeps every index in 32 bits. */
#define MAX_TEXT (16 * 1024 * 1024)

struct _InqTokenizer {
  gatomicrefcount ref_count;
  InqMerges *merges;
};

InqTokenizer *
inq_tokenizer_new_from_bytes (GBytes *bytes, const char *label, GError **error)
{
  InqMerges *merges = inq_merges_new (bytes, label, error);

  if (!merges)
    return NULL;
  InqTokenizer *tokenizer = g_new0 (InqTokenizer, 1);
  g_atomic_ref_count_init (&tokenizer->ref_count);
  tokenizer->merges = merges;
  return tokenizer;
}

InqTokenizer *
inq_tokenizer_open (const char *path, GError **error)
{
  g_autofree char *label = g_filename_display_basename (path);
  g_autofree char *data = NULL;
  gsize size = 0;
  g_autoptr (GError) problem = NULL;

  if (!g_file_get_contents (path, &data, &size, &problem)) {
    g_set_error_literal (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO, problem->message);
    return NULL;
  }
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_steal_pointer (&data), size);
  return inq_tokenizer_new_from_bytes (bytes, label, error);
}

InqTokenizer *
inq_tokenizer_ref (InqTokenizer *tokenizer)
{
  g_atomic_ref_count_inc (&tokenizer->ref_count);
  return tokenizer;
}

void
inq_tokenizer_unref (InqTokenizer *tokenizer)
{
  if (!tokenizer || !g_atomic_ref_count_dec (&tokenizer->ref_count))
    return;
  inq_merges_free (tokenizer->merges);
  g_free (tokenizer);
}

char *
inq_tokenizer_own_place (const char *model_path)
{
  g_autofree char *folder = g_file_test (model_path, G_FILE_TEST_IS_DIR) ? g_strdup (model_path)
                                                                         : g_path_get_dirname (model_path);

  return g_build_filename (folder, "tokenizer", "merges.txt", NULL);
}

char *
inq_tokenizer_find (const char *model_path, GError **error)
{
  g_autofree char *beside = model_path ? inq_tokenizer_own_place (model_path) : NULL, *user = NULL;
  const char *variable = g_getenv ("INQ_CLIP_BPE");

  user = g_build_filename (g_get_user_data_dir (), "inquadra", "clip", "bpe_simple_vocab_16e6.txt.gz", NULL);

  const char *places[] = { beside, INQ_CLIP_BPE, variable, user };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (places[i] && *places[i] && g_file_test (places[i], G_FILE_TEST_IS_REGULAR))
      return g_strdup (places[i]);

  g_set_error (
      error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NO_TOKENIZER,
      _ ("The model's word list is not here. Put CLIP's bpe_simple_vocab_16e6.txt.gz (from "
         "github.com/openai/CLIP, folder clip) at “%s”, or name it in the environment variable INQ_CLIP_BPE, or "
         "put the model's own merges.txt at “%s”"),
      user, beside ? beside : "tokenizer/merges.txt");
  return NULL;
}

guint
inq_tokenizer_get_n_ids (InqTokenizer *tokenizer)
{
  return 512 + inq_merges_get_count (tokenizer->merges) + 2;
}

gint32
inq_tokenizer_get_start_id (InqTokenizer *tokenizer)
{
  return (gint32) inq_tokenizer_get_n_ids (tokenizer) - 2;
}

gint32
inq_tokenizer_get_end_id (InqTokenizer *tokenizer)
{
  return (gint32) inq_tokenizer_get_n_ids (tokenizer) - 1;
}

/* ---- joining ---- */

/* The letters of a word, chained: joining drops the right one. */
typedef struct {
  gint32 symbol; /* -1: joined to its left neighbour */
  guint32 prev;
  guint32 next; /* the word's length for the last */
} Letter;

/* A pair that could be joined, as it was when found: stale when its letters have changed since. */
typedef struct {
  guint32 rank;
  guint32 at;
  guint32 right;
  gint32 left_symbol;
  gint32 right_symbol;
  gint32 joined;
} Pair;

typedef struct {
  InqMerges *merges;
  GArray *letters; /* of Letter */
  GArray *heap;    /* of Pair, binary heap by rank, then place */
  GArray *found;   /* of Pair, to go into the heap after this round */
  GArray *ids;     /* of gint32, the result */
} Joiner;

#define HEAP(joiner, i) g_array_index ((joiner)->heap, Pair, i)

static gboolean
pair_before (const Pair *a, const Pair *b)
{
  return a->rank != b->rank ? a->rank < b->rank : a->at < b->at;
}

static void
heap_push (Joiner *joiner, const Pair *pair)
{
  guint i = joiner->heap->len;

  g_array_append_vals (joiner->heap, pair, 1);
  for (; i > 0 && pair_before (pair, &HEAP (joiner, (i - 1) / 2)); i = (i - 1) / 2)
    HEAP (joiner, i) = HEAP (joiner, (i - 1) / 2);
  HEAP (joiner, i) = *pair;
}

static Pair
heap_pop (Joiner *joiner)
{
  Pair top = HEAP (joiner, 0), last = HEAP (joiner, joiner->heap->len - 1);
  guint n = joiner->heap->len - 1, i = 0;

  g_array_set_size (joiner->heap, n);
  if (n == 0)
    return top;
  for (guint child; (child = 2 * i + 1) < n; i = child) {
    if (child + 1 < n && pair_before (&HEAP (joiner, child + 1), &HEAP (joiner, child)))
      child++;
    if (!pair_before (&HEAP (joiner, child), &last))
      break;
    HEAP (joiner, i) = HEAP (joiner, child);
  }
  HEAP (joiner, i) = last;
  return top;
}

static gboolean
find_pair (Joiner *joiner, guint32 at, Pair *pair)
{
  const Letter *letters = (const Letter *) joiner->letters->data;
  guint32 right = letters[at].next;

  if (right >= joiner->letters->len)
    return FALSE;
  *pair = (Pair){ .at = at, .right = right };
  pair->left_symbol = letters[at].symbol;
  pair->right_symbol = letters[right].symbol;
  return inq_merges_lookup (joiner->merges, pair->left_symbol, pair->right_symbol, &pair->rank, &pair->joined);
}

/* Joins @pair unless one of its letters has changed since it was found. */
static void
join_pair (Joiner *joiner, const Pair *pair)
{
  Letter *letters = (Letter *) joiner->letters->data;
  Letter *left = &letters[pair->at], *right = &letters[pair->right];
  Pair found;

  if (left->symbol != pair->left_symbol || right->symbol != pair->right_symbol || left->next != pair->right)
    return;
  left->symbol = pair->joined;
  left->next = right->next;
  right->symbol = -1;
  if (left->next < joiner->letters->len)
    letters[left->next].prev = pair->at;

  if (pair->at > 0 && find_pair (joiner, left->prev, &found))
    g_array_append_val (joiner->found, found);
  if (find_pair (joiner, pair->at, &found))
    g_array_append_val (joiner->found, found);
}

/* Each round takes the pair of lowest rank and joins it wherever it stands, from left to right; pairs that come up
 * thereby wait for the next round, as in CLIP's bpe(). With a heap a word of n letters takes n log n, where CLIP's loop
 * takes n squared: a prompt may be one word of a megabyte. */
static void
join_word (Joiner *joiner, const char *word, gsize size)
{
  Pair pair;

  g_array_set_size (joiner->letters, 0);
  g_array_set_size (joiner->heap, 0);
  for (gsize i = 0; i < size; i++) {
    Letter letter = { .symbol = inq_merges_get_byte (joiner->merges, (guint8) word[i], i + 1 == size),
                      .prev = (guint32) i - 1,
                      .next = (guint32) i + 1 };
    g_array_append_val (joiner->letters, letter);
  }
  for (gsize i = 0; i < size; i++)
    if (find_pair (joiner, (guint32) i, &pair))
      heap_push (joiner, &pair);

  while (joiner->heap->len > 0) {
    guint32 rank = HEAP (joiner, 0).rank;
    g_array_set_size (joiner->found, 0);
    while (joiner->heap->len > 0 && HEAP (joiner, 0).rank == rank) {
      pair = heap_pop (joiner);
      join_pair (joiner, &pair);
    }
    for (guint i = 0; i < joiner->found->len; i++)
      heap_push (joiner, &g_array_index (joiner->found, Pair, i));
  }

  for (guint32 i = 0; i < joiner->letters->len; i = g_array_index (joiner->letters, Letter, i).next) {
    gint32 id = inq_merges_get_id (joiner->merges, g_array_index (joiner->letters, Letter, i).symbol);
    g_array_append_val (joiner->ids, id);
  }
}

GArray *
inq_tokenizer_tokenize (InqTokenizer *tokenizer, const char *text, InqTokenizeReport *report)
{
  Joiner joiner = { .merges = tokenizer->merges,
                    .letters = g_array_new (FALSE, FALSE, sizeof (Letter)),
                    .heap = g_array_new (FALSE, FALSE, sizeof (Pair)),
                    .found = g_array_new (FALSE, FALSE, sizeof (Pair)),
                    .ids = g_array_new (FALSE, FALSE, sizeof (gint32)) };
  gboolean replaced = FALSE;
  g_autofree char *cut = NULL;

  if (!text)
    text = "";
  if (strlen (text) > MAX_TEXT) {
    const char *end = g_utf8_find_prev_char (text, text + MAX_TEXT);
    text = cut = g_strndup (text, end ? (gsize) (end - text) : MAX_TEXT);
  }

  g_autofree char *clean = inq_text_clean (text, &replaced);
  const char *p = clean, *word;
  gsize size;
  for (InqWordKind kind; (kind = inq_text_next_word (&p, &word, &size)) != INQ_WORD_NONE;) {
    if (kind == INQ_WORD_TEXT) {
      join_word (&joiner, word, size);
    } else {
      gint32 id = kind == INQ_WORD_START_MARKER ? inq_tokenizer_get_start_id (tokenizer)
                                                : inq_tokenizer_get_end_id (tokenizer);
      g_array_append_val (joiner.ids, id);
    }
  }
  g_array_unref (joiner.letters);
  g_array_unref (joiner.heap);
  g_array_unref (joiner.found);
  if (report)
    *report = (InqTokenizeReport){ .n_tokens = joiner.ids->len, .replaced_invalid = replaced };
  return joiner.ids;
}

void
inq_tokenizer_encode (InqTokenizer *tokenizer, const char *text, guint n_ctx, gint32 pad_id, gint32 *ids,
                      InqTokenizeReport *report)
{
  g_return_if_fail (n_ctx >= 2);

  InqTokenizeReport all;
  g_autoptr (GArray) tokens = inq_tokenizer_tokenize (tokenizer, text, &all);
  gint32 end = inq_tokenizer_get_end_id (tokenizer);
  guint n = MIN (tokens->len, n_ctx - 2);

  all.n_dropped = tokens->len - n;
  ids[0] = inq_tokenizer_get_start_id (tokenizer);
  if (n > 0)
    memcpy (ids + 1, tokens->data, n * sizeof *ids);
  ids[n + 1] = end;
  for (guint i = n + 2; i < n_ctx; i++)
    ids[i] = pad_id == INQ_TOKENIZER_PAD_END ? end : pad_id;
  if (report)
    *report = all;
}

char *
inq_tokenizer_dup_token (InqTokenizer *tokenizer, gint32 id)
{
  if (id < 0 || (guint) id >= inq_tokenizer_get_n_ids (tokenizer))
    return NULL;
  if (id == inq_tokenizer_get_start_id (tokenizer))
    return g_strdup ("<|startoftext|>");
  if (id == inq_tokenizer_get_end_id (tokenizer))
    return g_strdup ("<|endoftext|>");
  return g_strdup (inq_merges_get_text (tokenizer->merges, id));
}
