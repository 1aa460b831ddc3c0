/* Inquadra - the saved versions of a board: save one, look at what there is, go back to one.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>
#include <inq-board.h>

G_BEGIN_DECLS

#define INQ_TYPE_VERSIONS (inq_versions_get_type ())
G_DECLARE_FINAL_TYPE (InqVersions, inq_versions, INQ, VERSIONS, AdwPreferencesWindow)

/**
 * InqVersions:
 *
 * Signals: "restored" (InqVersions *, const char *name): the board is as it was in that version; the window closes.
 */

/* Shows the versions of @board over @parent. @save: with the focus in the name of a new one. (transfer none) */
GtkWidget *inq_versions_present (GtkWindow *parent, InqBoard *board, gboolean save);
/* How many rows it shows; -1 before they were read. */
int inq_versions_get_n_rows (InqVersions *self);

G_END_DECLS
