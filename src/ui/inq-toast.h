/* Inquadra - toasts that can be read to their end.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A toast that says @message, plain text, on as many lines as it takes and for as long as it takes to read it.
 * (transfer full), as adw_toast_new() */
AdwToast *inq_toast_new (const char *message);

G_END_DECLS
