/* Inquadra - under the stage while one paints over what is to change: brush, edge, how much, and go.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "inq-stage.h"

G_BEGIN_DECLS

#define INQ_TYPE_MASK_BAR (inq_mask_bar_get_type ())
G_DECLARE_FINAL_TYPE (InqMaskBar, inq_mask_bar, INQ, MASK_BAR, AdwBin)

/* Shows itself while @stage is masking; edge and amount are kept with the board that the stage shows. Once. */
void inq_mask_bar_set_stage (InqMaskBar *self, InqStageView *stage);

G_END_DECLS
