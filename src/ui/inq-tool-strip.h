/* Inquadra - the drawing tools at the stage's left edge.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "inq-stage.h"

G_BEGIN_DECLS

#define INQ_TYPE_TOOL_STRIP (inq_tool_strip_get_type ())
G_DECLARE_FINAL_TYPE (InqToolStrip, inq_tool_strip, INQ, TOOL_STRIP, AdwBin)

/* The stage whose tool, colour and width the strip holds; what is chosen is kept in the settings. Once. */
void inq_tool_strip_set_stage (InqToolStrip *self, InqStageView *stage);
/* 1 to 7: a tool; 8, 9, 0: black, blue, red. */
void inq_tool_strip_digit (InqToolStrip *self, int digit);
/* One step thicker (1) or thinner (-1). */
void inq_tool_strip_change_width (InqToolStrip *self, int steps);

G_END_DECLS
