/* Inquadra - fuzzer of what artists write into prompts: choices, comments, LoRA tags, emphasis, chunks.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: eight bytes, the seed; the prompt. */
#include "config.h"

#include "inq-engine.h"
#include "inq-prompt.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define MAX_WEIGHT 10 /* as the header says */

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* No byte is made up: what the parser returns was in the prompt, in that order. */
static void
check_order (GPtrArray *parts, const char *prompt)
{
  for (guint i = 0; i < parts->len; i++) {
    const InqPromptPart *part = parts->pdata[i];
    for (const char *at = part->text; *at; at++) {
      prompt = strchr (prompt, *at);
      g_assert_nonnull (prompt);
      prompt++;
    }
  }
}

static void
check_parts (const char *prompt)
{
  g_autoptr (GPtrArray) parts = inq_prompt_parse (prompt);
  gboolean utf8 = g_utf8_validate (prompt, -1, NULL);

  for (guint i = 0; i < parts->len; i++) {
    const InqPromptPart *part = parts->pdata[i];
    g_assert_true (fabs (part->weight) <= MAX_WEIGHT);
    g_assert_true (!utf8 || g_utf8_validate (part->text, -1, NULL));
    if (i > 0 && !part->begins_chunk)
      g_assert_true (part->weight != ((const InqPromptPart *) parts->pdata[i - 1])->weight);
  }
  check_order (parts, prompt);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint64 seed;

  if (size < sizeof seed)
    return 0;
  memcpy (&seed, data, sizeof seed);
  g_autofree char *prompt = g_strndup ((const char *) data + sizeof seed, size - sizeof seed);
  g_autofree char *resolved = inq_prompt_resolve (prompt, seed), *again = inq_prompt_resolve (prompt, seed);
  g_assert_cmpstr (resolved, ==, again);
  g_assert_true (strlen (resolved) <= strlen (prompt));
  if (!inq_prompt_has_choices (prompt)) {
    g_autofree char *other = inq_prompt_resolve (prompt, ~seed);
    g_assert_cmpstr (resolved, ==, other);
  }

  g_autoptr (GArray) loras = inq_prompt_loras_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *rest = inq_prompt_take_loras (resolved, loras, &error);
  g_assert_true ((rest != NULL) == (error == NULL));
  if (error)
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  for (guint i = 0; i < loras->len; i++) {
    const InqPromptLora *lora = &g_array_index (loras, InqPromptLora, i);
    g_assert_true (lora->name[0] != '\0' && isfinite (lora->weight));
  }
  check_parts (rest ? rest : resolved);
  return 0;
}
