/* Inquadra - the words that the house model was trained on, and the nearest of them for one that it was not.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: immutable once made; may be shared between threads.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _InqVocabulary InqVocabulary;

/* Of the text of a words.txt (training/words.py): a word a line, "unknown = known" what to say instead, "#" a remark.
 * Anything else is passed over. */
InqVocabulary *inq_vocabulary_new (const char *text);
/* Of the file beside the house model; NULL when there is none. Reads the disk. */
InqVocabulary *inq_vocabulary_load (void);
InqVocabulary *inq_vocabulary_ref (InqVocabulary *vocabulary);
void inq_vocabulary_unref (InqVocabulary *vocabulary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqVocabulary, inq_vocabulary_unref)

/* Case does not matter. Small words that say nothing to a picture (the, her, della), numbers and single letters count
 * as known, and so does a word in parts that are (half-light). */
gboolean inq_vocabulary_knows (InqVocabulary *vocabulary, const char *word);

/* What to say instead: the synonym of the trade that the file gives, else the known word with the fewest letters
 * changed (at most a third of them), of several the one that begins alike. (transfer none) (nullable): nothing is near
 */
const char *inq_vocabulary_nearest (InqVocabulary *vocabulary, const char *word);

/* A word of a prompt that the model does not know, or a term of the trade in several words, of which it knows others.
 */
typedef struct {
  int start, end;      /* characters */
  char *word;          /* as typed */
  const char *nearest; /* (nullable) of the vocabulary */
} InqStrangeWord;

/* (transfer full) array of InqStrangeWord, in order, every place of a word. What is written like a name (a capital
 * first, the rest small, nothing near it) is left out, and so are comments and "<lora:...>". */
GPtrArray *inq_vocabulary_check (InqVocabulary *vocabulary, const char *prompt);

G_END_DECLS
