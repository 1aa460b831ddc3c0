/* Inquadra - what artists write into prompts besides words.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-prompt.h"

#include "inq-engine.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static void
lora_clear (gpointer data)
{
  g_free (((InqPromptLora *) data)->name);
}

GArray *
inq_prompt_loras_new (void)
{
  GArray *loras = g_array_new (FALSE, TRUE, sizeof (InqPromptLora));
  g_array_set_clear_func (loras, lora_clear);
  return loras;
}

static gboolean
invalid_tag (GError **error, const char *tag, gsize n, const char *why)
{
  g_autofree char *shown = g_utf8_make_valid (tag, (gssize) MIN (n, 60));
  g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID, _ ("“%s” in the prompt: %s"), shown, why);
  return FALSE;
}

/* @tag: @n bytes from "<" to ">" */
static gboolean
parse_tag (const char *tag, gsize n, GArray *loras, GError **error)
{
  g_autofree char *body = g_strndup (tag + 1, n - 2);
  g_auto (GStrv) parts = g_strsplit (body, ":", -1);
  guint n_parts = g_strv_length (parts);
  double weight = 1;
  g_strstrip (parts[1]);
  if (parts[1][0] == '\0')
    return invalid_tag (error, tag, n, _ ("the name of the LoRA is missing"));
  for (guint i = 2; i < n_parts; i++) {
    char *end;
    g_strstrip (parts[i]);
    double value = g_ascii_strtod (parts[i], &end);
    if (end == parts[i] || *end != '\0' || !isfinite (value))
      return invalid_tag (error, tag, n, _ ("the weight is not a number; write <lora:NAME:0.8>"));
    if (i > 2 && value != weight)
      return invalid_tag (error, tag, n, _ ("different weights for parts of a LoRA are not supported"));
    weight = value;
  }
  InqPromptLora lora = { g_strdup (parts[1]), weight };
  g_array_append_val (loras, lora);
  return TRUE;
}

static const char *
find_tag (const char *text)
{
  for (const char *at = strchr (text, '<'); at; at = strchr (at + 1, '<'))
    if (g_str_has_prefix (at, "<lora:") || g_str_has_prefix (at, "<lyco:"))
      return at;
  return NULL;
}

char *
inq_prompt_take_loras (const char *prompt, GArray *loras, GError **error)
{
  GString *rest = g_string_new (NULL);
  const char *tag;
  while ((tag = find_tag (prompt))) {
    const char *end = strchr (tag, '>');
    g_string_append_len (rest, prompt, tag - prompt);
    if (!end)
      invalid_tag (error, tag, strlen (tag), _ ("the “>” at its end is missing"));
    if (!end || !parse_tag (tag, (gsize) (end + 1 - tag), loras, error)) {
      g_string_free (rest, TRUE);
      return NULL;
    }
    prompt = end + 1;
  }
  return g_string_free (g_string_append (rest, prompt), FALSE);
}
