/* Inquadra - what the side pane's files share.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "inq-cast.h"
#include "inq-chips.h"
#include "inq-how.h"
#include "inq-inspector.h"
#include "inq-location.h"
#include "inq-prompt-notes.h"
#include "inq-text.h"

G_BEGIN_DECLS

/* The text fields and chips, by the panel's field. */
static const InqPanelField inq_text_fields[] = { INQ_FIELD_PROMPT, INQ_FIELD_NEGATIVE, INQ_FIELD_DIALOGUE,
                                                 INQ_FIELD_ACTION, INQ_FIELD_NOTES };
static const InqPanelField inq_chip_fields[] = { INQ_FIELD_SIZE, INQ_FIELD_ANGLE, INQ_FIELD_MOVE, INQ_FIELD_TIME };

struct _InqInspector {
  AdwBin parent_instance;

  /* template */
  GtkWidget *fields;
  GtkLabel *number;
  GtkLabel *several;
  GtkEditable *scene;
  GtkEditable *duration;
  InqText *texts[INQ_N_FIELDS];
  InqChips *chips[INQ_N_FIELDS];
  InqChips *style; /* in the prompt's own words */
  InqCast *cast;
  InqLocation *location;
  InqHow *how;
  InqPromptNotes *notes_on_prompt;
  GtkExpander *negative_expander;
  GtkStack *footer;
  GtkButton *generate;
  GtkToggleButton *keep_seed;
  GtkSpinButton *count;
  GtkLabel *progress_label;
  GtkProgressBar *progress_bar;

  /* owned */
  InqBoard *board;
  InqPanel *panel;
  InqJobs *jobs;
  GArray *group;           /* (nullable) ids of several panels that are selected, the current one among them */
  InqJob *job;             /* of this panel, queued or running */
  GSignalGroup *job_group; /* on job */
  GSignalGroup *jobs_group;
  GSignalGroup *panel_group;
  GSignalGroup *board_group;

  guint64 session; /* of the field now edited: its edits are one undo step */
  gpointer session_field;
  guint scene_keep_id;
  gboolean scene_due; /* its title was undone and nothing written since: left as it stands it would be written again */
  char *duration_shown; /* what the field says unless somebody writes there */
};

/* inq-inspector-edit.c: what is written and chosen goes to the board. */
void inq_inspector_edit_init (InqInspector *self);
/* What is edited next is another undo step. */
void inq_inspector_end_session (InqInspector *self);
void inq_inspector_show_duration (InqInspector *self, gint64 frames);
/* Where something else is written than what is shown. */
void inq_inspector_duration_apply (InqInspector *self);
void inq_inspector_scene_apply (InqInspector *self);
/* Follows the board, and forgets what was written before. */
void inq_inspector_show_scene (InqInspector *self, const char *title);

G_END_DECLS
