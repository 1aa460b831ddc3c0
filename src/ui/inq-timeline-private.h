/* Inquadra - what the timeline's files share.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>
#include <inq-board-acts.h>
#include <inq-board-panels.h>

#include "inq-textures.h"
#include "inq-timeline-cell.h"
#include "inq-timeline.h"

G_BEGIN_DECLS

#define INQ_TYPE_TIMELINE_STRIP (inq_timeline_strip_get_type ())
G_DECLARE_FINAL_TYPE (InqTimelineStrip, inq_timeline_strip, INQ, TIMELINE_STRIP, GtkWidget)

/* The scrolled content: a GtkScrollable that is laid out by its own arithmetic and has widgets for what is visible. */
struct _InqTimelineStrip {
  GtkWidget parent_instance;

  /* borrowed */
  InqTimeline *timeline;
  GtkWidget *add; /* child: the place after the last panel */

  /* owned */
  InqBoard *board;
  InqJobs *jobs;
  GSignalGroup *board_signals;
  GSignalGroup *texture_signals;
  GSignalGroup *jobs_signals;
  GPtrArray *panels; /* as in the board, to disconnect from what has gone */
  GPtrArray *cells;  /* children; panel i is shown by cell i modulo their number */
  guint first, end;  /* visible panels */
  double *x;         /* left of each panel, and the end of the last */
  GtkAdjustment *adjustment[2];
  guint policy[2];

  /* in units */
  int thumb_height, cell_width, cell_height, ruler_height;

  InqPanel *current;
  GHashTable *selected; /* gint64 set: empty, or two and more with the current panel among them */
  gint64 anchor;        /* panel from which Shift selects */
  gint64 playhead;
  gboolean layout_due;

  /* hands */
  int drop; /* place before which a drop would go, -1 none */
  gint64 drop_anchor;
  InqPlace drop_place;
  gboolean drop_copy;
  double drag_scroll; /* units a second while something is dragged near an end */
  guint scroll_tick;
  InqPanel *stretched; /* its right edge is being dragged */
  int stretched_from;  /* frames before */
  guint64 stretch_session;
  gboolean seeking;
  gint64 pressed; /* a panel pressed that may be dragged: what the click says of the selection waits for the release */
  gboolean pressed_toggles;
  AdwAnimation *scroll;
};

/* inq-timeline-strip.c */
GtkWidget *inq_timeline_strip_new (InqTimeline *timeline);
void inq_timeline_strip_set_board (InqTimelineStrip *self, InqBoard *board);
void inq_timeline_strip_set_jobs (InqTimelineStrip *self, InqJobs *jobs);
void inq_timeline_strip_set_current (InqTimelineStrip *self, InqPanel *panel);
void inq_timeline_strip_set_playhead (InqTimelineStrip *self, gint64 frame);
void inq_timeline_strip_update_cells (InqTimelineStrip *self);
/* The panel at @x of the widget, -1 before the first and outside of cells; @into (nullable) takes 0..1 across it. */
int inq_timeline_strip_index_at (InqTimelineStrip *self, double x, double *into);
/* Left of panel @index in the widget, now. */
double inq_timeline_strip_get_left (InqTimelineStrip *self, int index);
/* The frame under @x of the ruler. */
gint64 inq_timeline_strip_frame_at (InqTimelineStrip *self, double x);
void inq_timeline_strip_reveal (InqTimelineStrip *self, int index, gboolean animate);
guint inq_timeline_strip_get_n_panels (InqTimelineStrip *self);

/* inq-timeline-input.c */
void inq_timeline_input_init (InqTimelineStrip *self);
/* What is dragged would fall under @x, itself or as a copy; and it falls. */
void inq_timeline_strip_aim (InqTimelineStrip *self, double x, InqPanel *dragged, gboolean copy);
void inq_timeline_strip_drop (InqTimelineStrip *self, InqPanel *panel);

/* inq-timeline-select.c */

/* What a click or key on panel @index means with these modifiers. */
void inq_timeline_strip_choose (InqTimelineStrip *self, int index, gboolean extend, gboolean toggle);
void inq_timeline_strip_select_all (InqTimelineStrip *self);
/* Those of @ids that are on the board, around the current panel, which must be one of them. */
void inq_timeline_strip_select (InqTimelineStrip *self, const gint64 *ids, gsize n);
/* Back to the current panel alone; FALSE: it was. */
gboolean inq_timeline_strip_unselect (InqTimelineStrip *self);
/* Is it one of several that are selected? */
gboolean inq_timeline_strip_is_grouped (InqTimelineStrip *self, InqPanel *panel);
/* Ids to act on together with @panel, in board order. (transfer full) */
GArray *inq_timeline_strip_get_group (InqTimelineStrip *self, InqPanel *panel);
/* At least 1 where there is a panel. */
guint inq_timeline_strip_get_n_selected (InqTimelineStrip *self);
/* The board or the current panel is another: what cannot be selected any more is not. */
void inq_timeline_strip_check_selected (InqTimelineStrip *self);

/* inq-timeline.c */
void inq_timeline_selection_changed (InqTimeline *self);
void inq_timeline_show_menu (InqTimeline *self, double x, double y);

G_END_DECLS
