/* Inquadra - a row of chips, at most one of them chosen: shot size, angle, move, time of day.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define INQ_TYPE_CHIPS (inq_chips_get_type ())
G_DECLARE_FINAL_TYPE (InqChips, inq_chips, INQ, CHIPS, GtkWidget)

/**
 * InqChips:
 *
 * Properties:
 * - "value" (string, read-write, never %NULL): the chosen chip's id, "" when none is. A value no chip has is kept, and
 *   shown as a chip of its own, so that what a file says is neither hidden nor lost
 *
 * Signals:
 * - "chosen" (InqChips *, const char *value): the user chose, or took back, a chip; setting "value" does not emit it
 */
GtkWidget *inq_chips_new (void);

/* Adds a chip. @label is on it, @tooltip (nullable) says it in full and is its accessible name. */
void inq_chips_add (InqChips *self, const char *id, const char *label, const char *tooltip);
/* The same with a drawing above the label. @picture is (transfer full) (nullable). */
void inq_chips_add_picture (InqChips *self, const char *id, const char *label, const char *tooltip, GtkWidget *picture);
void inq_chips_set_value (InqChips *self, const char *value);
/* (transfer none) */
const char *inq_chips_get_value (InqChips *self);

G_END_DECLS
