/* Inquadra - under the prompt: words the house model does not know, or how another model reads what is written.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the house model, words that training never saw are underlined in the field, and beside the nearest known one a
 * button puts that in. For models that read emphasis, a quiet button shows the prompt as read: strengths, chunks,
 * choices, LoRAs.
 */
#pragma once

#include "inq-text.h"

G_BEGIN_DECLS

#define INQ_TYPE_PROMPT_NOTES (inq_prompt_notes_get_type ())
G_DECLARE_FINAL_TYPE (InqPromptNotes, inq_prompt_notes, INQ, PROMPT_NOTES, GtkBox)

/* The field it follows. Once. */
void inq_prompt_notes_set_text (InqPromptNotes *self, InqText *text);
/* Whether the house model draws. */
void inq_prompt_notes_set_house (InqPromptNotes *self, gboolean house);

/* Whether the model that draws was trained on all of @words. FALSE while the list is being read, TRUE for models
 * without one. */
gboolean inq_prompt_notes_knows (InqPromptNotes *self, const char *words);

/* What a model that reads emphasis makes of @prompt, as Pango markup. @loras (nullable): names of those installed.
 * (transfer full). Any thread. */
char *inq_prompt_describe (const char *prompt, const char *const *loras);

G_END_DECLS
