/* Inquadra - what artists write into prompts besides words.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: pure functions.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *name;
  double weight;
} InqPromptLora;

/* Takes "<lora:NAME>" and "<lora:NAME:0.8>" ("lyco:" means the same) out of a prompt: an InqPromptLora each is added to
 * @loras (an array made by inq_prompt_loras_new()), what is left is returned. (transfer full) A weight that is no
 * number, or a tag without end, is INQ_ENGINE_ERROR_INVALID. A prompt without tags comes back as it is. */
char *inq_prompt_take_loras (const char *prompt, GArray *loras, GError **error);
GArray *inq_prompt_loras_new (void);

/* Whether inq_prompt_resolve() depends on the seed. */
gboolean inq_prompt_has_choices (const char *prompt);

G_END_DECLS
