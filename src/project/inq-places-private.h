/* Inquadra - where rows lie among others: sparse positions in scenes, shots and panels
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-document-private.h"

G_BEGIN_DECLS

/* Distance of neighbours among fresh positions: twenty rows fit in the same place before a renumbering. */
#define INQ_PLACE_GAP ((gint64) 1 << 20)

typedef enum { INQ_LEVEL_SCENE, INQ_LEVEL_SHOT, INQ_LEVEL_PANEL } InqLevel;

/* All within an act. */

/* A free position beside the row @anchor of @level; @parent: its shot or scene, for scenes 1. */
gboolean inq_make_place (InqDocument *document, InqLevel level, gint64 parent, gint64 anchor, InqPlace place,
                         gint64 *position, GError **error);
/* The new row's id; 0 with @error. */
gint64 inq_insert_scene (InqDocument *document, gint64 position, const char *title, GError **error);
gint64 inq_insert_shot (InqDocument *document, gint64 scene, gint64 position, GError **error);
/* FALSE with NO_ROW unless @panel is on the board. */
gboolean inq_shot_and_scene (InqDocument *document, gint64 panel, gint64 *shot, gint64 *scene, GError **error);
/* The first (BEFORE) or last live panel; 0 on an empty board. */
gboolean inq_end_panel (InqDocument *document, InqPlace place, gint64 *panel, GError **error);
/* The @n panels in board order (element-type gint64); NULL with NO_ROW if one is not on the board or named twice. */
GArray *inq_panels_in_order (InqDocument *document, const gint64 *panels, gsize n, GError **error);

G_END_DECLS
