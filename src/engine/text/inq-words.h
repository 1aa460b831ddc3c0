/* Inquadra - cleans a prompt and cuts it into the words that byte-pair encoding works on.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: pure functions.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* As CLIP's fast tokenizer does it: NFC, runs of white space to one space, lower case. The result does not depend on
 * the locale (in a Turkish one g_utf8_strdown() would turn I into a dotless i, and the same prompt into another
 * picture). Bytes that are not UTF-8 become U+FFFD each; @replaced (nullable) tells whether there were any. */
char *inq_text_clean (const char *text, gboolean *replaced);

typedef enum {
  INQ_WORD_NONE, /* the end of the text */
  INQ_WORD_TEXT,
  INQ_WORD_START_MARKER, /* <|startoftext|> written out */
  INQ_WORD_END_MARKER,   /* <|endoftext|> written out */
} InqWordKind;

/* The next word at or after *@p, cut as CLIP's expression does:
 *   <|startoftext|> | <|endoftext|> | 's | 't | 're | 've | 'm | 'll | 'd | letters | one digit | anything else but
 * space
 * @text: cleaned, valid UTF-8. *@p moves behind the word, which lies at *@word, *@size bytes long. */
InqWordKind inq_text_next_word (const char **p, const char **word, gsize *size);

G_END_DECLS
