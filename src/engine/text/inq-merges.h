/* Inquadra - a merge list: the vocabulary of a byte-pair encoding and its joining rules.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: immutable once made.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _InqMerges InqMerges;

/* @bytes: a list as inq_tokenizer_open() describes, gzipped or not. */
InqMerges *inq_merges_new (GBytes *bytes, const char *label, GError **error);
void inq_merges_free (InqMerges *merges);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqMerges, inq_merges_free)

/* Merges in the list; ids are 512 + this, then the two markers. */
guint inq_merges_get_count (InqMerges *merges);
/* Symbol of a byte, within a word or (@last) at its end. */
gint32 inq_merges_get_byte (InqMerges *merges, guint8 byte, gboolean last);
/* Whether symbols @left and @right may be joined; *@rank: the lower the earlier, *@joined: the symbol they become. */
gboolean inq_merges_lookup (InqMerges *merges, gint32 left, gint32 right, guint32 *rank, gint32 *joined);
/* The id of a symbol. They differ where a list makes one text in two ways: words are joined by text, and the later
 * line's id stands for both. */
gint32 inq_merges_get_id (InqMerges *merges, gint32 symbol);
/* The text of an id below 512 + count. (transfer none) */
const char *inq_merges_get_text (InqMerges *merges, gint32 id);

G_END_DECLS
