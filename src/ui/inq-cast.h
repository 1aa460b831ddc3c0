/* Inquadra - who is in the panel: a chip for each of the board's cast, and one to add somebody.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>
#include <inq-board.h>

G_BEGIN_DECLS

#define INQ_TYPE_CAST (inq_cast_get_type ())
G_DECLARE_FINAL_TYPE (InqCast, inq_cast, INQ, CAST, GtkWidget)

/* Shows the cast of @board with those in @panel chosen; both nullable. Reads off the main thread. */
void inq_cast_set_panel (InqCast *self, InqBoard *board, InqPanel *panel);
/* The panels that a chip speaks for (element-type gint64), the shown one among them; NULL: that one alone. (transfer
 * none) (nullable) */
void inq_cast_set_group (InqCast *self, GArray *panels);
/* What the prompt says of those chosen, e.g. "Marta, an old woman in a raincoat". (transfer full), "" for nobody */
char *inq_cast_dup_words (InqCast *self);

G_END_DECLS
