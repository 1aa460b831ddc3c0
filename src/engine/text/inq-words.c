/* Inquadra - cleans a prompt and cuts it into the words that byte-pair encoding works on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-words.h"

#include <string.h>

/* g_utf8_normalize() sorts each run of combining marks by bubbling, in time that grows with the square of its length.
 * No script stacks more than a few; like UAX 15's stream-safe format, runs are cut here. */
#define MAX_MARKS 30

/* Unicode's White_Space, which \s means in CLIP's expression; g_unichar_isspace() lacks two of it. */
static gboolean
is_space (gunichar c)
{
  return g_unichar_isspace (c) || c == 0x0b || c == 0x85;
}

static gboolean
is_number (gunichar c)
{
  switch (g_unichar_type (c)) {
  case G_UNICODE_DECIMAL_NUMBER:
  case G_UNICODE_LETTER_NUMBER:
  case G_UNICODE_OTHER_NUMBER:
    return TRUE;
  default:
    return FALSE;
  }
}

/* Unicode's simple lower case. GLib knows that of letters only; Roman numerals and letters in circles have one too. */
static gunichar
to_lower (gunichar c)
{
  if (c >= 0x2160 && c <= 0x216f)
    return c + 0x10;
  if (c >= 0x24b6 && c <= 0x24cf)
    return c + 0x1a;
  return g_unichar_tolower (c);
}

static char *
normalize (const char *text)
{
  g_autoptr (GString) out = g_string_new (NULL);
  const char *piece = text;
  guint marks = 0;

  for (const char *p = text; *p; p = g_utf8_next_char (p)) {
    marks = g_unichar_combining_class (g_utf8_get_char (p)) ? marks + 1 : 0;
    if (marks > MAX_MARKS) {
      g_autofree char *normal = g_utf8_normalize (piece, p - piece, G_NORMALIZE_NFC);
      g_string_append (out, normal);
      piece = p;
      marks = 1;
    }
  }
  g_autofree char *rest = g_utf8_normalize (piece, -1, G_NORMALIZE_NFC);
  g_string_append (out, rest);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
inq_text_clean (const char *text, gboolean *replaced)
{
  gboolean valid = g_utf8_validate (text, -1, NULL);
  g_autofree char *utf8 = valid ? NULL : g_utf8_make_valid (text, -1);
  g_autofree char *normal = normalize (valid ? text : utf8);
  GString *out = g_string_sized_new (strlen (normal));
  gboolean space = FALSE;

  if (replaced)
    *replaced = !valid;
  for (const char *p = normal; *p; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);
    if (is_space (c)) {
      space = TRUE;
      continue;
    }
    if (space && out->len > 0)
      g_string_append_c (out, ' ');
    space = FALSE;
    /* The one letter whose lower case is two characters whatever the language (SpecialCasing.txt). */
    if (c == 0x130)
      g_string_append (out, "i\xcc\x87");
    else
      g_string_append_unichar (out, to_lower (c));
  }
  return g_string_free (out, FALSE);
}

/* Bytes of the contraction at @p, 0 for none. */
static gsize
contraction (const char *p)
{
  static const char *const endings[] = { "'s", "'t", "'re", "'ve", "'m", "'ll", "'d" };

  for (guint i = 0; *p == '\'' && i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_prefix (p, endings[i]))
      return strlen (endings[i]);
  return 0;
}

static const char *
skip_letters (const char *p)
{
  while (*p && g_unichar_isalpha (g_utf8_get_char (p)))
    p = g_utf8_next_char (p);
  return p;
}

static const char *
skip_others (const char *p)
{
  while (*p) {
    gunichar c = g_utf8_get_char (p);
    if (is_space (c) || g_unichar_isalpha (c) || is_number (c))
      break;
    p = g_utf8_next_char (p);
  }
  return p;
}

InqWordKind
inq_text_next_word (const char **p, const char **word, gsize *size)
{
  const char *at = *p;

  while (*at && is_space (g_utf8_get_char (at)))
    at = g_utf8_next_char (at);
  *word = at;
  *size = 0;
  *p = at;
  if (!*at)
    return INQ_WORD_NONE;

  InqWordKind kind = INQ_WORD_TEXT;
  gunichar c = g_utf8_get_char (at);
  if (g_str_has_prefix (at, "<|startoftext|>")) {
    kind = INQ_WORD_START_MARKER;
    *size = strlen ("<|startoftext|>");
  } else if (g_str_has_prefix (at, "<|endoftext|>")) {
    kind = INQ_WORD_END_MARKER;
    *size = strlen ("<|endoftext|>");
  } else if (contraction (at) > 0) {
    *size = contraction (at);
  } else if (g_unichar_isalpha (c)) {
    *size = skip_letters (at) - at;
  } else if (is_number (c)) {
    *size = g_utf8_next_char (at) - at;
  } else {
    *size = skip_others (at) - at;
  }
  *p = at + *size;
  return kind;
}
