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

/* Whether the code stands in @typed as an abbreviation: "MCU" and "mcu" do, "Ms Anna" is not a medium shot and "low"
 * alone may be the light. "EST." heads a scene outdoors in Italian and "est" is the east (and French for "is"): that
 * one counts in capitals without a stop. */
static gboolean
says_code (const char *typed, const char *code)
{
  size_t length = strlen (code);
  gboolean est = strcmp (code, "EST") == 0;

  if (!g_ascii_isupper (code[0]))
    return FALSE;
  for (const char *at = typed; *at != '\0'; at = g_utf8_next_char (at)) {
    if (g_ascii_strncasecmp (at, code, length) != 0 || (at > typed && is_word_char (g_utf8_prev_char (at)))
        || (at[length] != '\0' && is_word_char (at + length)))
      continue;
    if (est ? strncmp (at, code, length) == 0 && at[length] != '.'
            : !(g_ascii_isupper (at[0]) && g_ascii_islower (at[1])))
      return TRUE;
  }
  return FALSE;
}

/* Does the prompt name any of @terms itself? What the artist typed wins over the field. */
static gboolean
names_one_of (const char *typed, const InqTerm *terms)
{
  for (const InqTerm *term = terms; term->code != NULL; term++)
    if (says_code (typed, term->code))
      return TRUE;
  return inq_term_said (terms, typed, NULL, NULL) != NULL;
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
append_term (GString *out, const char *typed, const char *folded, const InqTerm *terms, const char *code)
{
  const InqTerm *term;

  if (code == NULL || *code == '\0' || names_one_of (typed, terms))
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

  append_term (out, words, folded, inq_shot_sizes, size);
  append_term (out, words, folded, inq_angles, angle);
  append (out, words);
  append_term (out, words, folded, inq_times_of_day, time);
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
