/* Inquadra - from a panel's fields to the prompt a model reads
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: plain functions over their arguments.
 */
#pragma once

#include <inq-document-panels.h>

G_BEGIN_DECLS

/* "medium close-up shot, low angle, a woman at the bar, at night": the trade words of size, angle and time are said in
 * English around the artist's own words, except those the prompt says already (the code "MCU", its name, or its words).
 * Moves are not drawn and stay out. An empty prompt with fields gives the fields alone. (transfer full) */
char *inq_prompt_compose (const char *prompt, const char *size, const char *angle, const char *time);
/* @prompt and then what is to be said of the cast and of the location (each nullable), unless the prompt says it
 * itself: the words for inq_prompt_compose(). (transfer full) */
char *inq_prompt_add_setting (const char *prompt, const char *cast, const char *location);
/* Both for a panel as it is in the file. */
char *inq_prompt_compose_row (const InqPanelRow *row);

G_END_DECLS
