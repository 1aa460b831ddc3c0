/* Inquadra - the page a window starts on: recent boards, a new one, the sample, and how it goes.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define INQ_TYPE_START_PAGE (inq_start_page_get_type ())
G_DECLARE_FINAL_TYPE (InqStartPage, inq_start_page, INQ, START_PAGE, AdwBin)

/* Property "menu-model" (GMenuModel, write-only): the primary menu. */

/* Reads the recent boards anew. */
void inq_start_page_reload (InqStartPage *self);
/* A board is on its way: the page takes no clicks, and shows so if it takes longer. */
void inq_start_page_set_busy (InqStartPage *self, gboolean busy);

G_END_DECLS
