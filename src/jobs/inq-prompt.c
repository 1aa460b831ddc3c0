/* Inquadra - from a panel's fields to the prompt a model reads
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-prompt.h"

#include <inq-terms.h>
#include <string.h>

static gboolean
is_word_char (const char *at)
{
  gunichar c = g_utf8_get_char (at);

  return g_unichar_isalnum (c) || c == '-';
}

/* Whether folded @words stand in folded @text as whole words. */
static gboolean
says (const char *text, const char *words)
{
  size_t length = strlen (words);

  if (length == 0)
    return FALSE;
  for (const char *at = strstr (text, words); at != NULL; at = strstr (g_utf8_next_char (at), words)) {
    const char *before = at > text ? g_utf8_prev_char (at) : NULL;

    if ((before == NULL || !is_word_char (before)) && (at[length] == '\0' || !is_word_char (at + length)))
      return TRUE;
  }
  return FALSE;
}

static gboolean
says_folded (const char *text, const char *words)
{
  g_autofree char *folded = g_utf8_casefold (words, -1);

  return says (text, folded);
}

/* Any of the words between "|"s. */
static gboolean
says_one_of (const char *text, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words != NULL ? words : "", "|", -1);

  for (guint i = 0; list[i] != NULL; i++)
    if (says_folded (text, list[i]))
      return TRUE;
  return FALSE;
}

/* Does the prompt name any of @terms itself? What the artist typed wins over the field. Codes count where they are
 * abbreviations ("MCU"): "low" alone may be the light. */
static gboolean
names_one_of (const char *text, const InqTerm *terms)
{
  for (const InqTerm *term = terms; term->code != NULL; term++)
    if ((g_ascii_isupper (term->code[0]) && says_folded (text, term->code)) || says_folded (text, term->name)
        || says_folded (text, term->prompt) || says_one_of (text, term->also))
      return TRUE;
  return FALSE;
}

static void
append (GString *out, const char *words)
{
  if (*words == '\0')
    return;
  if (out->len > 0)
    g_string_append (out, ", ");
  g_string_append (out, words);
}

static void
append_term (GString *out, const char *folded, const InqTerm *terms, const char *code)
{
  const InqTerm *term;

  if (code == NULL || *code == '\0' || names_one_of (folded, terms))
    return;
  term = inq_term_find (terms, code);
  if (term != NULL || !says_folded (folded, code))
    append (out, term != NULL ? term->prompt : code);
}

char *
inq_prompt_compose (const char *prompt, const char *size, const char *angle, const char *time)
{
  g_autofree char *words = g_strstrip (g_strdup (prompt != NULL ? prompt : ""));
  g_autofree char *folded = g_utf8_casefold (words, -1);
  GString *out = g_string_new (NULL);

  append_term (out, folded, inq_shot_sizes, size);
  append_term (out, folded, inq_angles, angle);
  append (out, words);
  append_term (out, folded, inq_times_of_day, time);
  return g_string_free (out, FALSE);
}

static void
append_unsaid (GString *out, const char *words)
{
  g_autofree char *folded = g_utf8_casefold (out->str, -1);

  if (!says_folded (folded, words))
    append (out, words);
}

char *
inq_prompt_add_setting (const char *prompt, const char *cast, const char *location)
{
  GString *out = g_string_new (NULL);
  g_autofree char *words = g_strstrip (g_strdup (prompt != NULL ? prompt : ""));

  append (out, words);
  if (cast != NULL)
    append_unsaid (out, cast);
  if (location != NULL)
    append_unsaid (out, location);
  return g_string_free (out, FALSE);
}

char *
inq_prompt_compose_row (const InqPanelRow *row)
{
  g_autofree char *words = inq_prompt_add_setting (row->text[INQ_FIELD_PROMPT], row->cast_words, row->location_words);

  return inq_prompt_compose (words, row->text[INQ_FIELD_SIZE], row->text[INQ_FIELD_ANGLE], row->text[INQ_FIELD_TIME]);
}
