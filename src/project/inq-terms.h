/* Inquadra - the words of the trade: shot sizes, angles, moves, times of day
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a panel's size, angle, move and time fields hold is the @code, never translated ("CU", "low", "dolly in",
 * "night"). Other text is allowed there too: an artist's own word is kept as typed. */
typedef struct {
  const char *code;   /* stored and printed: "MCU" */
  const char *name;   /* msgid of the full name: "Medium close-up"; pass through _() */
  const char *prompt; /* English words that a diffusion model reads: "medium close-up shot" */
  const char *also;   /* (nullable) other ways to say it, English and Italian, in small letters, "|" between */
} InqTerm;

/* Static arrays, ended by a NULL code. Thread-safety: constants. */
extern const InqTerm inq_shot_sizes[];
extern const InqTerm inq_angles[];
extern const InqTerm inq_moves[];
extern const InqTerm inq_times_of_day[];
/* Of the line. No field holds it: the words stand in the prompt itself. */
extern const InqTerm inq_styles[];

/* The term of @code in @terms (ASCII case ignored), or NULL. */
const InqTerm *inq_term_find (const InqTerm *terms, const char *code);

/* The one of @terms that @text says in the most words of all its ways, as whole words, and where: byte offsets into
 * @text, nullable. "medium close-up" is no "close-up"; of equally long ones the first of @terms. NULL: none. */
const InqTerm *inq_term_said (const InqTerm *terms, const char *text, gsize *start, gsize *end);

G_END_DECLS
