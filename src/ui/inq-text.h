/* Inquadra - a text field of several lines that grows with what is in it, with a placeholder.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A crash takes no more of what was typed than this, however long one types without a pause: of any text of a board. */
#define INQ_TEXT_KEEP_MS 300

#define INQ_TYPE_TEXT (inq_text_get_type ())
G_DECLARE_FINAL_TYPE (InqText, inq_text, INQ, TEXT, GtkWidget)

/**
 * InqText:
 *
 * Properties:
 * - "placeholder" (string): dim, while the field is empty
 * - "label" (string): accessible name
 * - "min-lines" (int, 2), "max-lines" (int, 10): height in lines of text; beyond the most it scrolls
 *
 * Signals:
 * - "edited" (InqText *): the user changed the text, at every key
 * - "committed" (InqText *, const char *text): to be written to the board: a few times a second while one types, when
 *   the focus leaves, and at inq_text_commit(). Emitted only when the text differs from what was last set or committed
 */
GtkWidget *inq_text_new (void);

/* Replaces the text; emits nothing and forgets the field's own undo history. Leaves the field alone while it holds
 * exactly @text. %NULL is "". */
void inq_text_set_text (InqText *self, const char *text);
/* The same for a field that is about something else from now on: what was written before is nothing to undo here,
 * though the text may be equal. */
void inq_text_begin (InqText *self, const char *text);
/* (transfer full) */
char *inq_text_dup_text (InqText *self);
/* Emits "committed" now if something is waiting. */
void inq_text_commit (InqText *self);
gboolean inq_text_get_dirty (InqText *self);
/* The GtkTextView inside. (transfer none) */
GtkTextView *inq_text_get_view (InqText *self);

/* Shows @text (%NULL is "") in an entry as if it had always stood there: nothing of before can be undone. An entry that
 * holds exactly @text keeps its cursor. */
void inq_editable_begin (GtkEditable *editable, const char *text);

G_END_DECLS
