/* Inquadra - the words of the trade: shot sizes, angles, moves, times of day
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-terms.h"

#include <glib/gi18n-lib.h>
#include <string.h>

const InqTerm inq_shot_sizes[] = {
  { "ELS", N_ ("Extreme long shot"), "extreme long shot", "extreme wide shot|very wide shot|campo lunghissimo|cll" },
  { "LS", N_ ("Long shot"), "long shot", "wide shot|full shot|full figure|campo lungo|campo totale|figura intera" },
  { "MLS", N_ ("Medium long shot"), "medium long shot",
    "cowboy shot|american shot|three-quarter shot|medium wide shot|piano americano" },
  { "MS", N_ ("Medium shot"), "medium shot", "mid shot|waist shot|waist up|mezza figura|piano medio" },
  { "MCU", N_ ("Medium close-up"), "medium close-up",
    "medium close up|chest shot|head and shoulders|mezzo primo piano|mezzo busto|mezzobusto" },
  { "CU", N_ ("Close-up"), "close-up", "close up|closeup|face shot|close shot|primo piano" },
  { "BCU", N_ ("Big close-up"), "big close-up", "big close up|tight close-up|primo piano stretto" },
  { "ECU", N_ ("Extreme close-up"), "extreme close-up",
    "extreme close up|eyes only|primissimo piano|dettaglio degli occhi" },
  { "EST", N_ ("Establishing shot"), "establishing shot", "establishing|inquadratura d'ambiente|totale d'ambiente" },
  { "OTS L", N_ ("Over the left shoulder"), "over the left shoulder shot",
    "over the left shoulder|over the shoulder|over-the-shoulder|di quinta|di quinta, spalla sinistra|quinta a sinistra|"
    "sopra la spalla sinistra" },
  { "OTS R", N_ ("Over the right shoulder"), "over the right shoulder shot",
    "over the right shoulder|over the shoulder|over-the-shoulder|di quinta|di quinta, spalla destra|quinta a destra|"
    "sopra la spalla destra" },
  { "2S", N_ ("Two-shot"), "two-shot", "two shot|piano a due" },
  { "POV", N_ ("Point of view"), "point of view shot", "point of view|soggettiva" },
  { "INS", N_ ("Insert"), "insert shot", "insert|inserto|dettaglio" },
  { NULL, NULL, NULL, NULL },
};

const InqTerm inq_angles[] = {
  { "bird", N_ ("Bird’s-eye"), "bird's-eye view", "bird's eye|bird's-eye|top shot|overhead|a piombo|a volo d'uccello" },
  { "high", N_ ("High angle"), "high angle", "high-angle|from above|dall'alto|plongée" },
  { "eye", N_ ("Eye level"), "eye level", "eye-level|straight on|altezza occhi" },
  { "low", N_ ("Low angle"), "low angle", "low-angle|from below|dal basso|contre-plongée" },
  { "worm", N_ ("Worm’s-eye"), "worm's-eye view", "worm's eye|worm's-eye|rasoterra" },
  { "dutch", N_ ("Dutch angle"), "dutch angle",
    "dutch tilt|canted angle|tilted frame|inquadratura obliqua|inquadratura inclinata|olandese" },
  { NULL, NULL, NULL, NULL },
};

const InqTerm inq_moves[] = {
  { "static", N_ ("Static"), "static camera" },
  { "pan", N_ ("Pan"), "pan" },
  { "tilt", N_ ("Tilt"), "tilt" },
  { "dolly", N_ ("Dolly"), "dolly" },
  { "truck", N_ ("Truck"), "truck" },
  { "crane", N_ ("Crane"), "crane shot" },
  { "zoom", N_ ("Zoom"), "zoom" },
  { "track", N_ ("Track"), "tracking shot" },
  { "handheld", N_ ("Handheld"), "handheld camera" },
  { "rack", N_ ("Rack focus"), "rack focus" },
  { NULL, NULL, NULL, NULL },
};

const InqTerm inq_times_of_day[] = {
  { "day", N_ ("Day"), "day", "daytime|daylight|by day|giorno|di giorno" },
  { "night", N_ ("Night"), "night", "nighttime|at night|by night|notte|di notte" },
  { "dawn", N_ ("Dawn"), "dawn", "sunrise|alba|all'alba" },
  { "dusk", N_ ("Dusk"), "dusk", "sunset|twilight|tramonto|crepuscolo" },
  { NULL, NULL, NULL, NULL },
};

const InqTerm inq_styles[] = {
  { "pencil", N_ ("Pencil"), N_ ("pencil drawing"), "pencil sketch|disegno a matita|a matita" },
  { "ink", N_ ("Ink"), N_ ("ink drawing"), "ink sketch|disegno a inchiostro|a china" },
  { "wash", N_ ("Marker wash"), N_ ("marker wash"), "grey wash|acquerello a pennarello|a pennarello" },
  { "blue", N_ ("Blue pencil"), N_ ("blue pencil"), "non-photo blue|matita blu|a matita blu" },
  { NULL, NULL, NULL, NULL },
};

const InqTerm *
inq_term_find (const InqTerm *terms, const char *code)
{
  for (; code != NULL && terms->code != NULL; terms++)
    if (g_ascii_strcasecmp (terms->code, code) == 0)
      return terms;
  return NULL;
}

static gboolean
is_letter (const char *at)
{
  gunichar c = g_utf8_get_char (at);
  return g_unichar_isalnum (c) || c == '-';
}

/* Small, and one apostrophe for both. */
static gunichar
fold (const char *at)
{
  gunichar c = g_unichar_tolower (g_utf8_get_char (at));
  return c == 0x2019 ? '\'' : c;
}

/* @words in @text whatever their case, as whole words. */
static gboolean
find_words (const char *text, const char *words, gsize length, gsize *start, gsize *end)
{
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at)) {
    const char *p = at, *w = words;
    if (at > text && is_letter (g_utf8_prev_char (at)))
      continue;
    while (w < words + length && *p != '\0' && fold (p) == fold (w)) {
      p = g_utf8_next_char (p);
      w = g_utf8_next_char (w);
    }
    if (w < words + length || (*p != '\0' && is_letter (p)))
      continue;
    if (start != NULL)
      *start = at - text;
    if (end != NULL)
      *end = p - text;
    return TRUE;
  }
  return FALSE;
}

/* Where @text says @words, if that is longer than @start to @end. */
static gboolean
find_longer (const char *text, const char *words, gsize length, gsize *start, gsize *end)
{
  gsize from, to;
  if (!find_words (text, words, length, &from, &to) || to - from <= *end - *start)
    return FALSE;
  *start = from;
  *end = to;
  return TRUE;
}

const InqTerm *
inq_term_said (const InqTerm *terms, const char *text, gsize *start, gsize *end)
{
  const InqTerm *said = NULL;
  gsize from = 0, to = 0;

  if (!g_utf8_validate (text, -1, NULL))
    return NULL;
  for (; terms->code != NULL; terms++) {
    const char *translated = _ (terms->prompt);
    if (find_longer (text, terms->prompt, strlen (terms->prompt), &from, &to))
      said = terms;
    if (find_longer (text, translated, strlen (translated), &from, &to))
      said = terms;
    for (const char *also = terms->also; also != NULL && *also != '\0';) {
      const char *stop = strchrnul (also, '|');
      if (find_longer (text, also, stop - also, &from, &to))
        said = terms;
      also = *stop == '|' ? stop + 1 : stop;
    }
  }
  if (said != NULL && start != NULL)
    *start = from;
  if (said != NULL && end != NULL)
    *end = to;
  return said;
}
