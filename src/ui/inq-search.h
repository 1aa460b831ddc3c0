/* Inquadra - finding panels by what is written in them.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>
#include <inq-board.h>

G_BEGIN_DECLS

#define INQ_TYPE_SEARCH (inq_search_get_type ())
G_DECLARE_FINAL_TYPE (InqSearch, inq_search, INQ, SEARCH, AdwBin)

/**
 * InqSearch:
 *
 * An entry with a count and buttons for the previous and next find; Enter and Shift+Enter do the same. Signal "found"
 * (InqSearch *, InqPanel *): show this one.
 */
void inq_search_set_board (InqSearch *self, InqBoard *board);
/* (transfer none) */
GtkEditable *inq_search_get_entry (InqSearch *self);

G_END_DECLS
