/* Inquadra - the words that the house model was trained on, and the nearest of them for one that it was not.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-vocabulary.h"

#include <inq-engine.h>
#include <inq-terms.h>
#include <string.h>

/* Longer words are not of any language; the distance below is quadratic. */
#define MAX_LETTERS 40
/* Places of terms looked for in one prompt: each look reads all of it. */
#define MAX_TERMS 32

struct _InqVocabulary {
  gatomicrefcount refs;
  GHashTable *known;    /* (owned utf8, lower case) */
  GHashTable *synonyms; /* (owned utf8 -> owned utf8) */
};

/* Neither drawn nor missed. */
static const char *const small_words[] = {
  "a",     "about", "all",   "an",  "and",   "are",    "as",      "at",    "be",    "been", "but",   "by",    "for",
  "from",  "has",   "have",  "he",  "her",   "him",    "his",     "if",    "in",    "into", "is",    "it",    "its",
  "just",  "no",    "not",   "of",  "off",   "on",     "onto",    "or",    "our",   "out",  "over",  "shot",  "she",
  "so",    "some",  "that",  "the", "their", "them",   "then",    "there", "they",  "this", "to",    "up",    "very",
  "was",   "were",  "while", "who", "with",  "within", "without", "you",   "break", "ai",   "al",    "alla",  "alle",
  "allo",  "che",   "chi",   "ci",  "con",   "da",     "dal",     "dalla", "dei",   "del",  "della", "delle", "dello",
  "di",    "e",     "ed",    "gli", "ha",    "hanno",  "i",       "il",    "la",    "le",   "lei",   "lo",    "loro",
  "lui",   "ma",    "nei",   "nel", "nella", "nelle",  "non",     "o",     "per",   "più",  "se",    "si",    "sono",
  "sua",   "sue",   "sui",   "sul", "sulla", "sulle",  "suo",     "suoi",  "tra",   "fra",  "un",    "una",   "uno",
  "verso", "è",     "est",   "int", "ext",   NULL
};

InqVocabulary *
inq_vocabulary_new (const char *text)
{
  InqVocabulary *self = g_new0 (InqVocabulary, 1);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  g_atomic_ref_count_init (&self->refs);
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->synonyms = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; lines[i] != NULL; i++) {
    if (lines[i][0] == '#' || !g_utf8_validate (lines[i], -1, NULL))
      continue;
    g_auto (GStrv) parts = g_strsplit (lines[i], "=", 2);
    char *word = parts[0] != NULL ? g_strstrip (parts[0]) : NULL;
    if (word == NULL || *word == '\0')
      continue;
    if (parts[1] != NULL)
      g_hash_table_insert (self->synonyms, g_utf8_strdown (word, -1), g_utf8_strdown (g_strstrip (parts[1]), -1));
    else
      g_hash_table_add (self->known, g_utf8_strdown (word, -1));
  }
  return self;
}

InqVocabulary *
inq_vocabulary_load (void)
{
  g_autofree char *house = inq_house_model_path ();
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  if (house == NULL)
    return NULL;
  folder = g_file_test (house, G_FILE_TEST_IS_DIR) ? g_strdup (house) : g_path_get_dirname (house);
  path = g_build_filename (folder, "words.txt", NULL);
  return g_file_get_contents (path, &text, NULL, NULL) ? inq_vocabulary_new (text) : NULL;
}

InqVocabulary *
inq_vocabulary_ref (InqVocabulary *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
inq_vocabulary_unref (InqVocabulary *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  g_hash_table_unref (self->known);
  g_hash_table_unref (self->synonyms);
  g_free (self);
}

static gboolean
knows_folded (InqVocabulary *self, const char *word)
{
  return g_hash_table_contains (self->known, word) || g_strv_contains (small_words, word)
         || g_utf8_strlen (word, -1) < 2;
}

gboolean
inq_vocabulary_knows (InqVocabulary *self, const char *word)
{
  g_autofree char *folded = g_utf8_strdown (word, -1);

  if (knows_folded (self, folded))
    return TRUE;
  g_auto (GStrv) parts = g_strsplit_set (folded, "-'", -1);
  if (parts[0] == NULL || parts[1] == NULL)
    return FALSE;
  for (guint i = 0; parts[i] != NULL; i++)
    if (!knows_folded (self, parts[i]))
      return FALSE;
  return TRUE;
}

/* Letters inserted, left out, changed, or two neighbours swapped (optimal string alignment), more than @most is enough
 * said. */
static int
distance (const gunichar *a, int n, const gunichar *b, int m, int most)
{
  int rows[3][MAX_LETTERS + 1];

  if (ABS (n - m) > most)
    return most + 1;
  for (int j = 0; j <= m; j++)
    rows[0][j] = j;
  for (int i = 1; i <= n; i++) {
    int *row = rows[i % 3], *above = rows[(i - 1) % 3], *before = rows[(i + 1) % 3], least = G_MAXINT;
    row[0] = i;
    for (int j = 1; j <= m; j++) {
      row[j] = MIN (MIN (above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = MIN (row[j], before[j - 2] + 1);
      least = MIN (least, row[j]);
    }
    if (least > most)
      return most + 1;
  }
  return rows[n % 3][m];
}

const char *
inq_vocabulary_nearest (InqVocabulary *self, const char *word)
{
  g_autofree char *folded = g_utf8_strdown (word, -1);
  const char *best = g_hash_table_lookup (self->synonyms, folded);
  GHashTableIter iter;
  gpointer key;
  glong n, m;
  int best_score = G_MAXINT;

  if (best != NULL)
    return best;
  g_autofree gunichar *letters = g_utf8_to_ucs4_fast (folded, -1, &n);
  int most = MIN (n / 3, 3);
  if (n > MAX_LETTERS || most < 1)
    return NULL;
  g_hash_table_iter_init (&iter, self->known);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    g_autofree gunichar *other = g_utf8_to_ucs4_fast (key, -1, &m);
    if (m > MAX_LETTERS || m < 3)
      continue;
    int d = distance (letters, n, other, m, most), prefix = 0;
    if (d > most)
      continue;
    while (prefix < MIN (n, m) && letters[prefix] == other[prefix])
      prefix++;
    /* A word that begins with another letter is seldom the one that was meant. */
    if (prefix == 0 && d > 1)
      continue;
    int score = d * 64 - MIN (prefix, 15) * 2;
    if (score < best_score || (score == best_score && best != NULL && strcmp (key, best) < 0)) {
      best_score = score;
      best = key;
    }
  }
  return best;
}

/* ---- a prompt ---- */

static void
strange_free (gpointer data)
{
  g_free (((InqStrangeWord *) data)->word);
  g_free (data);
}

static gboolean
is_name (const char *word)
{
  const char *rest = g_utf8_next_char (word);
  if (!g_unichar_isupper (g_utf8_get_char (word)) || *rest == '\0')
    return FALSE;
  for (; *rest != '\0'; rest = g_utf8_next_char (rest))
    if (g_unichar_isupper (g_utf8_get_char (rest)))
      return FALSE;
  return TRUE;
}

static gboolean
joins (const char *at)
{
  gunichar next = *at != '\0' ? g_utf8_get_char (g_utf8_next_char (at)) : 0;
  gunichar c = g_utf8_get_char (at);
  return (c == '-' || c == '\'' || c == 0x2019) && g_unichar_isalpha (next);
}

/* @seen: words in small letters, of those that are strange the first place in @found (borrowed), else NULL. */
static void
check_word (InqVocabulary *self, GPtrArray *found, GHashTable *seen, char *word, int start, int end)
{
  g_autofree char *owned = word;
  g_autofree char *key = g_utf8_strdown (word, -1);
  const InqStrangeWord *first = g_hash_table_lookup (seen, key);

  if (first == NULL && (g_hash_table_contains (seen, key) || inq_vocabulary_knows (self, owned))) {
    g_hash_table_insert (seen, g_steal_pointer (&key), NULL);
    return;
  }
  const char *nearest = first != NULL ? first->nearest : inq_vocabulary_nearest (self, owned);
  if (nearest == NULL && is_name (owned))
    return;
  InqStrangeWord *strange = g_new0 (InqStrangeWord, 1);
  if (first == NULL)
    g_hash_table_insert (seen, g_steal_pointer (&key), strange);
  strange->nearest = nearest;
  strange->start = start;
  strange->end = end;
  strange->word = g_steal_pointer (&owned);
  g_ptr_array_add (found, strange);
}

static gboolean
knows_all (InqVocabulary *self, const char *words)
{
  g_auto (GStrv) parts = g_strsplit (words, " ", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0' && !inq_vocabulary_knows (self, parts[i]))
      return FALSE;
  return TRUE;
}

/* What the trade says in several words, of which the model knows others: "primo piano" is a close-up, and neither first
 * nor a floor. (transfer full) array of InqStrangeWord */
static GPtrArray *
check_terms (InqVocabulary *self, const char *prompt)
{
  static const InqTerm *const lists[] = { inq_shot_sizes, inq_angles, inq_times_of_day };
  GPtrArray *found = g_ptr_array_new_with_free_func (strange_free);

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_autofree char *rest = g_strdup (prompt); /* with commas where a term was found */
    const InqTerm *term;
    gsize start, end;
    for (int n = 0; n < MAX_TERMS && (term = inq_term_said (lists[i], rest, &start, &end)) != NULL; n++) {
      g_autofree char *words = g_strndup (prompt + start, end - start);
      memset (rest + start, ',', end - start);
      if (strchr (words, ' ') == NULL || knows_all (self, words) || !knows_all (self, term->prompt))
        continue;
      InqStrangeWord *strange = g_new0 (InqStrangeWord, 1);
      strange->start = g_utf8_pointer_to_offset (prompt, prompt + start);
      strange->end = g_utf8_pointer_to_offset (prompt, prompt + end);
      strange->word = g_steal_pointer (&words);
      strange->nearest = term->prompt;
      g_ptr_array_add (found, strange);
    }
  }
  return found;
}

/* The term that begins at @start, taken out of @terms. (transfer full) (nullable) */
static InqStrangeWord *
take_term (GPtrArray *terms, int start)
{
  for (guint i = 0; i < terms->len; i++)
    if (((InqStrangeWord *) terms->pdata[i])->start == start)
      return g_ptr_array_steal_index (terms, i);
  return NULL;
}

GPtrArray *
inq_vocabulary_check (InqVocabulary *self, const char *prompt)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (strange_free);
  g_autoptr (GPtrArray) terms = check_terms (self, prompt);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean line_begins = TRUE;
  int at = 0;

  for (const char *p = prompt; *p != '\0';) {
    gunichar c = g_utf8_get_char (p);
    const char *stop = NULL;
    if (line_begins && g_str_has_prefix (p, "//"))
      stop = strchr (p, '\n') != NULL ? strchr (p, '\n') : p + strlen (p);
    else if (c == '<' && g_ascii_strncasecmp (p, "<lora:", 6) == 0 && strchr (p, '>') != NULL)
      stop = strchr (p, '>') + 1;
    if (stop != NULL) {
      at += g_utf8_strlen (p, stop - p);
      p = stop;
      continue;
    }
    line_begins = c == '\n' || (line_begins && g_unichar_isspace (c));
    if (!g_unichar_isalpha (c)) {
      p = g_utf8_next_char (p);
      at++;
      continue;
    }
    const char *word = p;
    int start = at;
    InqStrangeWord *term = take_term (terms, at);
    if (term != NULL) {
      g_ptr_array_add (found, term);
      p = g_utf8_offset_to_pointer (p, term->end - at);
      at = term->end;
      continue;
    }
    while (*p != '\0' && (g_unichar_isalpha (g_utf8_get_char (p)) || joins (p))) {
      p = g_utf8_next_char (p);
      at++;
    }
    check_word (self, found, seen, g_strndup (word, p - word), start, at);
  }
  return found;
}
