/* Inquadra - the LoRAs of a board: a switch, a name and a weight each, and a menu of those installed.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "inq-drawing.h"

G_BEGIN_DECLS

#define INQ_TYPE_LORA_LIST (inq_lora_list_get_type ())
G_DECLARE_FINAL_TYPE (InqLoraList, inq_lora_list, INQ, LORA_LIST, GtkBox)

/**
 * InqLoraList:
 *
 * Signals: "changed" (InqLoraList *): the user changed something; see inq_lora_list_take()
 */
GtkWidget *inq_lora_list_new (void);

/* Shows the LoRAs of @drawing; rows that show the same already are left alone, with the focus in them. */
void inq_lora_list_show (InqLoraList *self, const InqDrawing *drawing);
/* Puts what the rows say into @drawing. */
void inq_lora_list_take (InqLoraList *self, InqDrawing *drawing);

G_END_DECLS
