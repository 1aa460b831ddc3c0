/* Inquadra - prompts with emphasis, chunks, choices and comments.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The notation is the one artists know from Stable Diffusion's web interfaces: (word) is 1.1 times as strong, [word]
 * 1 / 1.1 times, (word:1.3) as the number says; they nest. \( \) \[ \] are the characters. BREAK begins a new chunk.
 */
#include "config.h"

#include "inq-prompt.h"

#include "inq-engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EMPHASIS   1.1
#define MAX_WEIGHT 10.0
#define MAX_NEST   32

/* ---- choices and comments ---- */

/* Steele et al. 2014, "Fast Splittable Pseudorandom Number Generators": SplitMix64's finaliser. */
static guint64
mix (guint64 x)
{
  x += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return x ^ (x >> 31);
}

typedef struct {
  const char *open;  /* "{" */
  const char *close; /* "}" */
  guint n;           /* alternatives */
} Choice;

/* The first {a|b} of @text..@end at the outermost level. Braces without a bar are text. */
static gboolean
find_choice (const char *text, const char *end, Choice *choice)
{
  guint open = 0;
  for (const char *at = text; at < end; at++) {
    if (*at == '\\' && at + 1 < end) {
      at++;
      continue;
    }
    if (*at != '{')
      continue;
    int depth = 0;
    *choice = (Choice){ .open = at, .n = 1 };
    for (const char *p = at; p < end && !choice->close; p++) {
      if (*p == '\\' && p + 1 < end)
        p++;
      else if (*p == '{')
        depth++;
      else if (*p == '|' && depth == 1)
        choice->n++;
      else if (*p == '}' && --depth == 0)
        choice->close = p;
    }
    if (!choice->close) { /* a word like others; one further in may close */
      if (++open > MAX_NEST)
        return FALSE;
      continue;
    }
    if (choice->n > 1)
      return TRUE;
  }
  return FALSE;
}

/* Alternative @index of @choice. */
static void
get_alternative (const Choice *choice, guint index, const char **begin, const char **end)
{
  int depth = 0;
  *begin = choice->open + 1;
  for (const char *p = choice->open; p <= choice->close; p++) {
    if (*p == '\\' && p < choice->close) {
      p++;
      continue;
    }
    if (*p == '{')
      depth++;
    gboolean ends = (*p == '|' && depth == 1) || p == choice->close;
    if (*p == '}')
      depth--;
    if (!ends)
      continue;
    *end = p;
    if (index-- == 0)
      return;
    *begin = p + 1;
  }
}

static void
roll (const char *text, const char *end, guint64 seed, guint *count, int nest, GString *out)
{
  Choice choice;
  while (nest < MAX_NEST && find_choice (text, end, &choice)) {
    const char *a = choice.open, *b = a;
    g_string_append_len (out, text, choice.open - text);
    get_alternative (&choice, (guint) (mix (seed ^ mix ((*count)++)) % choice.n), &a, &b);
    roll (a, b, seed, count, nest + 1, out);
    text = choice.close + 1;
  }
  g_string_append_len (out, text, end - text);
}

/* Without lines that begin with two slashes. (transfer full) */
static char *
drop_comments (const char *prompt)
{
  GString *out = g_string_new (NULL);
  while (*prompt) {
    const char *newline = strchr (prompt, '\n'), *first = prompt;
    gsize n = newline ? (gsize) (newline + 1 - prompt) : strlen (prompt);
    while (*first == ' ' || *first == '\t')
      first++;
    if (!g_str_has_prefix (first, "//"))
      g_string_append_len (out, prompt, (gssize) n);
    prompt += n;
  }
  return g_string_free (out, FALSE);
}

gboolean
inq_prompt_has_choices (const char *prompt)
{
  g_autofree char *text = drop_comments (prompt); /* whose braces do not count */
  Choice choice;
  return find_choice (text, text + strlen (text), &choice);
}

char *
inq_prompt_resolve (const char *prompt, guint64 seed)
{
  g_autofree char *text = drop_comments (prompt);
  GString *out = g_string_new (NULL);
  guint count = 0;
  roll (text, text + strlen (text), seed, &count, 0, out);
  return g_string_free (out, FALSE);
}

/* ---- emphasis and chunks ---- */

static void
part_free (InqPromptPart *part)
{
  g_free (part->text);
  g_free (part);
}

typedef struct {
  GPtrArray *parts;       /* InqPromptPart */
  GString *text;          /* since the last part */
  gboolean chunk;         /* the next part begins a chunk */
  GArray *round, *square; /* guint: parts there were when a bracket opened */
} Parser;

static void
flush (Parser *p)
{
  if (p->text->len == 0 && !p->chunk)
    return;
  InqPromptPart *part = g_new (InqPromptPart, 1);
  *part = (InqPromptPart){ g_strdup (p->text->str), 1, p->chunk };
  g_ptr_array_add (p->parts, part);
  g_string_truncate (p->text, 0);
  p->chunk = FALSE;
}

/* Parts from @first on become @factor times as strong. */
static void
scale (Parser *p, guint first, double factor)
{
  for (guint i = first; i < p->parts->len; i++) {
    InqPromptPart *part = p->parts->pdata[i];
    part->weight = CLAMP (part->weight * factor, -MAX_WEIGHT, MAX_WEIGHT);
  }
}

static void
open_bracket (Parser *p, GArray *stack)
{
  flush (p);
  g_array_append_val (stack, p->parts->len);
}

static gboolean
close_bracket (Parser *p, GArray *stack, double factor)
{
  if (stack->len == 0)
    return FALSE;
  flush (p);
  scale (p, g_array_index (stack, guint, stack->len - 1), factor);
  g_array_set_size (stack, stack->len - 1);
  return TRUE;
}

/* ":1.2)" at @at: the byte after it and the number. */
static const char *
read_weight (const char *at, double *weight)
{
  char *end;
  const char *p = at + 1;
  while (*p == ' ')
    p++;
  if (!g_ascii_isdigit (*p) && *p != '.' && *p != '-' && *p != '+')
    return NULL;
  *weight = g_ascii_strtod (p, &end);
  if (end == p || !isfinite (*weight))
    return NULL;
  while (*end == ' ')
    end++;
  return *end == ')' ? end + 1 : NULL;
}

static gboolean
is_word_edge (char c)
{
  return !g_ascii_isalnum (c) && c != '_' && !((guchar) c & 0x80);
}

/* Neighbours of the same weight become one. */
static void
join_parts (GPtrArray *parts)
{
  for (guint i = 1; i < parts->len;) {
    InqPromptPart *a = parts->pdata[i - 1], *b = parts->pdata[i];
    if (b->begins_chunk || a->weight != b->weight) {
      i++;
      continue;
    }
    char *text = g_strconcat (a->text, b->text, NULL);
    g_free (a->text);
    a->text = text;
    g_ptr_array_remove_index (parts, i);
  }
}

GPtrArray *
inq_prompt_parse (const char *prompt)
{
  Parser p = { .parts = g_ptr_array_new_with_free_func ((GDestroyNotify) part_free),
               .text = g_string_new (NULL),
               .round = g_array_new (FALSE, FALSE, sizeof (guint)),
               .square = g_array_new (FALSE, FALSE, sizeof (guint)) };
  const char *at = prompt;
  while (*at) {
    double weight = 1;
    const char *after = NULL;
    if (*at == '\\' && at[1] && strchr ("()[]{}|\\", at[1])) {
      g_string_append_c (p.text, at[1]);
      at += 2;
    } else if (*at == '\\') { /* alone it is left out, as in AUTOMATIC1111's interface */
      at++;
    } else if (*at == '(') {
      open_bracket (&p, p.round);
      at++;
    } else if (*at == '[') {
      open_bracket (&p, p.square);
      at++;
    } else if (*at == ':' && p.round->len > 0 && (after = read_weight (at, &weight))) {
      close_bracket (&p, p.round, weight);
      at = after;
    } else if ((*at == ')' && close_bracket (&p, p.round, EMPHASIS))
               || (*at == ']' && close_bracket (&p, p.square, 1 / EMPHASIS))) {
      at++;
    } else if (g_str_has_prefix (at, "BREAK") && is_word_edge (at[5]) && (at == prompt || is_word_edge (at[-1]))) {
      flush (&p);
      p.chunk = TRUE;
      at += strlen ("BREAK");
    } else {
      g_string_append_c (p.text, *at++);
    }
  }
  flush (&p);
  /* What never closes acts to the end. */
  while (p.round->len > 0)
    close_bracket (&p, p.round, EMPHASIS);
  while (p.square->len > 0)
    close_bracket (&p, p.square, 1 / EMPHASIS);
  join_parts (p.parts);
  g_string_free (p.text, TRUE);
  g_array_unref (p.round);
  g_array_unref (p.square);
  return p.parts;
}
