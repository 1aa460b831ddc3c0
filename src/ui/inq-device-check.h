/* Inquadra - a row that checks the graphics card: runs known pictures on it and says whether it can be trusted.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define INQ_TYPE_DEVICE_CHECK (inq_device_check_get_type ())
G_DECLARE_FINAL_TYPE (InqDeviceCheck, inq_device_check, INQ, DEVICE_CHECK, AdwActionRow)

/* Of the device chosen in the settings. The check runs in a thread, can be cancelled, and ends with the row. */
GtkWidget *inq_device_check_new (void);

G_END_DECLS
