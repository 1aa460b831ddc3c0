/* Inquadra - the application: one process per session, its windows and its application-wide actions.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define INQ_TYPE_APPLICATION (inq_application_get_type ())
G_DECLARE_FINAL_TYPE (InqApplication, inq_application, INQ, APPLICATION, AdwApplication)

InqApplication *inq_application_new (void);

G_END_DECLS
