/* Inquadra - the side pane: what is in the shot, how it is framed, what is said and done.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>
#include <inq-board.h>
#include <inq-jobs.h>

G_BEGIN_DECLS

#define INQ_TYPE_INSPECTOR (inq_inspector_get_type ())
G_DECLARE_FINAL_TYPE (InqInspector, inq_inspector, INQ, INSPECTOR, AdwBin)

/**
 * InqInspector:
 *
 * Edits one panel of a board through its acts; everything typed is on the disk within a second, one undo step per stay
 * in a field. Its buttons activate the window's actions ("win.generate", "win.cancel-panel").
 *
 * Properties: "board" (InqBoard, nullable), "panel" (InqPanel, nullable), "jobs" (InqJobs, nullable), "count" (int, 1
 * to 8: variations at a time), "keep-seed" (gboolean: generate with the seed of the picture looked at)
 */
GtkWidget *inq_inspector_new (void);

/* Set panel to NULL, then board, then a panel of it. What was typed for the old panel is kept first. */
void inq_inspector_set_board (InqInspector *self, InqBoard *board);
void inq_inspector_set_panel (InqInspector *self, InqPanel *panel);
void inq_inspector_set_jobs (InqInspector *self, InqJobs *jobs);
/* Several panels are selected, the current one among them (element-type gint64): what is said of length and framing is
 * said of all. NULL: the current one only. */
void inq_inspector_set_group (InqInspector *self, GArray *ids);
/* Hands everything typed so far to the board. */
void inq_inspector_flush (InqInspector *self);
/* The texts as they stand in the fields now. (transfer full) */
char *inq_inspector_dup_prompt (InqInspector *self); /* with what the cast looks like */
char *inq_inspector_dup_negative (InqInspector *self);
void inq_inspector_focus_prompt (InqInspector *self);
void inq_inspector_type (InqInspector *self, const char *text); /* into the prompt, as if by hand */
int inq_inspector_get_count (InqInspector *self);
gboolean inq_inspector_get_keep_seed (InqInspector *self);

G_END_DECLS
