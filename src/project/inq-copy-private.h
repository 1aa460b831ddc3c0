/* Inquadra - copying a panel: what hangs on it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-places-private.h"

G_BEGIN_DECLS

/* Panels on their way from one document to another, or within one. */
typedef struct {
  InqDocument *to, *from;
  gboolean trusted; /* pictures of @from need not be decoded to be believed */
  InqRate to_rate, from_rate;

  /* where the next panel goes: after @panel (0: first of @shot), its last copied neighbour being of these */
  gint64 scene, shot, panel;
  gint64 from_scene, from_shot;
  gboolean new_shots, new_scenes;

  GHashTable *images, *jobs, *cast, *locations; /* ids in @from -> ids in @to; made as needed */
} InqCopy;

void inq_copy_clear (InqCopy *copy);

/* All within an act on @to; FALSE with @error, which is not nullable. */

/* What @from did wrong must not look like what @to's own disk may yet do: such errors become CORRUPT. Returns FALSE. */
gboolean inq_copy_blame (InqCopy *copy, GError **error);
/* What hangs on panel @row of @from, for the panel @id of @to, which is not alive yet. */
gboolean inq_copy_strokes (InqCopy *copy, gint64 row, gint64 id, GError **error);
gboolean inq_copy_marks (InqCopy *copy, gint64 row, gint64 id, GError **error);
gboolean inq_copy_cast (InqCopy *copy, gint64 row, gint64 id, GError **error);
gboolean inq_copy_variations (InqCopy *copy, gint64 row, gint64 id, gint64 *picked, GError **error);
/* The location of the board that @location of @from is; 0: none. */
gboolean inq_copy_location (InqCopy *copy, gint64 location, gint64 *id, GError **error);
/* The artist's own number of a scene, shot or panel, unless another has it. */
gboolean inq_copy_own_number (InqCopy *copy, InqLevel level, gint64 row, gint64 id, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (InqCopy, inq_copy_clear)

G_END_DECLS
