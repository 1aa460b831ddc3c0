/* Inquadra - text to token ids: CLIP's byte-pair encoding, over CLIP's own or any other merge list of its format.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The algorithm is that of Radford et al. 2021 ("Learning Transferable Visual Models From Natural Language
 * Supervision", section 2.4; clip/simple_tokenizer.py in openai/CLIP, MIT): clean the text, cut it into words, write
 * each word's UTF-8 bytes as letters, mark the last one with </w>, and join the pair of lowest rank until none is left.
 *
 * Vocabulary of n merges, in this order: 256 bytes, 256 bytes with </w>, the merges in the order of the list,
 * <|startoftext|>, <|endoftext|>: 514 + n ids.
 *
 * Thread-safety: immutable after opening; any thread may encode. Reference counted atomically.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _InqTokenizer InqTokenizer;

/* Opens a merge list, gzipped or plain: an optional line with "#version", then one pair a line, of any length. Of
 * CLIP's bpe_simple_vocab_16e6.txt (told by its first line) the first 48,894 pairs are used, as CLIP does. Errors:
 * INQ_LOADER_ERROR_IO, INQ_LOADER_ERROR_CORRUPT. */
InqTokenizer *inq_tokenizer_open (const char *path, GError **error);
/* Same from bytes; @label names it in messages. */
InqTokenizer *inq_tokenizer_new_from_bytes (GBytes *bytes, const char *label, GError **error);
InqTokenizer *inq_tokenizer_ref (InqTokenizer *tokenizer);
void inq_tokenizer_unref (InqTokenizer *tokenizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqTokenizer, inq_tokenizer_unref)

/* Finds the merge list of the model at @model_path (a folder or a file; nullable). Looked for in this order:
 *   1. tokenizer/merges.txt in the model's folder (for a file: beside it)
 *   2. the path given to the build with -Dclip_bpe
 *   3. $INQ_CLIP_BPE
 *   4. inquadra/clip/bpe_simple_vocab_16e6.txt.gz in the user's data folder ($XDG_DATA_HOME, ~/.local/share)
 * (transfer full); NULL with INQ_ENGINE_ERROR_NO_TOKENIZER, which names these places. */
char *inq_tokenizer_find (const char *model_path, GError **error);
/* Where a list of the model's own belongs, the first of these places. (transfer full) */
char *inq_tokenizer_own_place (const char *model_path);

guint inq_tokenizer_get_n_ids (InqTokenizer *tokenizer);
gint32 inq_tokenizer_get_start_id (InqTokenizer *tokenizer);
gint32 inq_tokenizer_get_end_id (InqTokenizer *tokenizer);
/* What is written after the end marker: the end marker itself for CLIP-L, 0 for the OpenCLIP towers. */
#define INQ_TOKENIZER_PAD_END (-1)

/* What happened to a text on its way to tokens. */
typedef struct {
  guint n_tokens;            /* tokens the whole text has, without markers */
  guint n_dropped;           /* of those, tokens that did not fit */
  gboolean replaced_invalid; /* bytes that are not UTF-8 were replaced by U+FFFD */
} InqTokenizeReport;

/* Encodes @text (NULL or "" for none) as start marker, tokens, end marker, padding: exactly @n_ctx (at least 2) ids to
 * @ids. @pad_id: INQ_TOKENIZER_PAD_END or an id. @report is nullable. Tokens over n_ctx - 2 are dropped from the end,
 * the end marker stays. Of texts over 16 MiB only the first 16 MiB count. Time: n log n in the length of the text. */
void inq_tokenizer_encode (InqTokenizer *tokenizer, const char *text, guint n_ctx, gint32 pad_id, gint32 *ids,
                           InqTokenizeReport *report);
/* The tokens of @text without markers or padding: (transfer full) array of gint32. */
GArray *inq_tokenizer_tokenize (InqTokenizer *tokenizer, const char *text, InqTokenizeReport *report);
/* The text of one token as it stands in the vocabulary, "</w>" included. (transfer full) (nullable) for an id out of
 * range. */
char *inq_tokenizer_dup_token (InqTokenizer *tokenizer, gint32 id);

G_END_DECLS
