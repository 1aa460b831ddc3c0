/* Inquadra - a panel and a variation as the window sees them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "inq-document-images.h"
#include "inq-document-panels.h"

G_BEGIN_DECLS

#define INQ_TYPE_PANEL (inq_panel_get_type ())
G_DECLARE_FINAL_TYPE (InqPanel, inq_panel, INQ, PANEL, GObject)

/**
 * InqPanel:
 *
 * Item of an #InqBoard; the same object for the panel's whole life on the board. Main thread only. All properties are
 * read-only and notify; write through inq-board-acts.h.
 *
 * Properties: "id" (int64), "index" (uint, place in the board), "number", "scene-number", "shot-number",
 * "scene-title", "location" (string), "first-in-shot", "first-in-scene" (boolean), "duration" (int, frames),
 * "start-frame" (int64), "prompt" "negative" "dialogue" "action" "notes" "size" "angle" "move" "time" (string),
 * "picked" (int64 variation), "picked-image", "cover-image" (int64), "n-variations", "n-strokes", "jobs-queued",
 * "jobs-running", "jobs-failed" (int), "variations-revision" and "strokes-revision" (uint: grow when it is time to read
 * them again).
 */
gint64 inq_panel_get_id (InqPanel *panel);
guint inq_panel_get_index (InqPanel *panel);
gint64 inq_panel_get_start_frame (InqPanel *panel);
gint inq_panel_get_duration (InqPanel *panel);
gboolean inq_panel_get_first_in_shot (InqPanel *panel);
gboolean inq_panel_get_first_in_scene (InqPanel *panel);
const char *inq_panel_get_number (InqPanel *panel);
const char *inq_panel_get_text (InqPanel *panel, InqPanelField field);
gint64 inq_panel_get_cover_image (InqPanel *panel);
/* Everything else; valid until the panel's next change. */
const InqPanelRow *inq_panel_get_row (InqPanel *panel);

#define INQ_TYPE_VARIATION (inq_variation_get_type ())
G_DECLARE_FINAL_TYPE (InqVariation, inq_variation, INQ, VARIATION, GObject)

/* A variation in a list; immutable. */
InqVariation *inq_variation_new (const InqVariationRow *row); /* copies */
const InqVariationRow *inq_variation_get_row (InqVariation *variation);

G_END_DECLS
