/* Inquadra - the preferences' page of models: what is installed, what fits this device, adding, removing, checking.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define INQ_TYPE_MODELS_PAGE (inq_models_page_get_type ())
G_DECLARE_FINAL_TYPE (InqModelsPage, inq_models_page, INQ, MODELS_PAGE, AdwPreferencesPage)

/**
 * InqModelsPage:
 *
 * Models are looked at, and planned for the chosen device, in a thread. A removed one goes to the trash when the toast
 * that takes it back is gone, or with the page.
 */
GtkWidget *inq_models_page_new (void);

/* Adds a file or folder; its row shows how far it is. */
void inq_models_page_add (InqModelsPage *self, const char *path);

G_END_DECLS
