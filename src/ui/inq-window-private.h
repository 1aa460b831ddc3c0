/* Inquadra - what the window's files share.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "inq-inspector.h"
#include "inq-mask-bar.h"
#include "inq-queue-button.h"
#include "inq-search.h"
#include "inq-stage.h"
#include "inq-start-page.h"
#include "inq-timeline.h"
#include "inq-tool-strip.h"
#include "inq-variations.h"
#include "inq-window.h"

G_BEGIN_DECLS

/* What the line over the board is about; what the board says itself goes when it no longer holds. */
typedef enum {
  INQ_NOTICE_OTHER,
  INQ_NOTICE_LOOK_ONLY,
  INQ_NOTICE_SAVE,
  INQ_NOTICE_GONE,
} InqNoticeAbout;

typedef struct {
  InqNoticeAbout about;
  char *text; /* owned; NULL: none */
  const char *button, *action;
} InqNotice;

struct _InqWindow {
  AdwApplicationWindow parent_instance;

  /* template */
  AdwToastOverlay *toasts;
  GtkStack *pages;
  InqStartPage *start_page;
  GtkWidget *header;
  AdwWindowTitle *title;
  GtkWidget *new_button;
  GtkWidget *undo_button;
  GtkWidget *redo_button;
  InqQueueButton *queue;
  GtkRevealer *notice_revealer;
  GtkLabel *notice;
  GtkButton *notice_button;
  GtkSearchBar *search_bar;
  InqSearch *search;
  AdwFlap *flap;
  GtkStack *middle;
  GtkStack *views;
  InqToolStrip *tools;
  InqStageView *stage;
  GtkWidget *stage_hint;
  InqMaskBar *mask_bar;
  GtkStack *variations_stack;
  InqVariations *variations;
  GtkWidget *view_bar;
  GtkButton *play_button;
  GtkLabel *clock;
  GtkButton *variations_button;
  GtkLabel *hint;
  InqInspector *inspector;
  GtkRevealer *timeline_revealer;
  InqTimeline *timeline;

  /* owned */
  GFile *file;    /* open, or being opened */
  gboolean fresh; /* made by this window, and where it made it */
  InqBoard *board;
  InqJobs *jobs;
  InqPanel *panel;
  InqModelInfo *model_info; /* of the model that draws, NULL while it is looked at or cannot be read */
  guint panel_index;        /* where the current panel was, to find its neighbour when it goes */
  GSignalGroup *board_group;
  GSignalGroup *panel_group;
  GSignalGroup *jobs_group;
  AdwToast *undo_toast;
  InqNotice next_notice; /* that shows, or will when the pen is lifted */
  InqNoticeAbout notice_about;
  gboolean notice_due;
  gint64 select_id;         /* a panel made but not yet in the list */
  gboolean select_edit;     /* and then write its prompt */
  gboolean ahead;           /* a panel to write in is being made */
  GtkWidget *ahead_focus;   /* where one was then (weak) */
  GString *ahead_text;      /* what was typed for it */
  const char *ahead_action; /* and asked for; NULL: nothing */
  gboolean leaving;         /* the board is being closed */
  gboolean leaving_discard; /* with what cannot be saved given up */
  gboolean reopening;       /* to open it again and edit it */
  gint64 reopen_panel;      /* where one was */
  guint place_id;
  gboolean closing; /* to close the window */
  gboolean closed;  /* and is */

  /* playing */
  guint tick_id;
  gint64 play_start_us; /* frame clock time of play_start_frame; 0 before the first tick */
  gint64 play_start_frame;
};

/* inq-window.c */
void inq_window_set_board (InqWindow *self, InqBoard *board); /* NULL: the start page */
/* Everything that is being written goes to the board as it stands. */
void inq_window_flush (InqWindow *self);
/* Where one is, for when the board is opened again. */
void inq_window_keep_place (InqWindow *self);
void inq_window_set_view (InqWindow *self, const char *view);
void inq_window_update_title (InqWindow *self);
void inq_window_update_hint (InqWindow *self); /* the line of keys under the picture */
/* Where the current panel begins, and the length of the board. */
void inq_window_update_clock (InqWindow *self);
void inq_window_select_later (InqWindow *self, gint64 id, gboolean edit);
/* The queue of the board: stopped before the board closes, started anew when closing failed. Stopping returns at once;
 * @callback (nullable; the source is the queue) comes when the engine has let go of the board. */
void inq_window_start_jobs (InqWindow *self);
void inq_window_stop_jobs (InqWindow *self, GAsyncReadyCallback callback, gpointer data);

/* inq-window-ahead.c */
void inq_window_ahead_init (InqWindow *self);
/* A panel is being made and its prompt will be written: until _end() or _drop() what is typed is kept for it. */
void inq_window_ahead_begin (InqWindow *self);
/* Its prompt has the focus: types there what was typed, and then does what was asked for. */
void inq_window_ahead_end (InqWindow *self);
void inq_window_ahead_drop (InqWindow *self);
/* TRUE: @action (static) is done at the end instead of now. */
gboolean inq_window_ahead_action (InqWindow *self, const char *action);

/* inq-window-actions.c */
void inq_window_actions_init (InqWindow *self);
void inq_window_update_actions (InqWindow *self);
/* Nothing while the action is not there yet. */
void inq_window_enable (InqWindow *self, const char *action, gboolean enabled);
/* Puts the focus on the stage or the variations. */
void inq_window_focus_board (InqWindow *self);

/* inq-window-file.c */
void inq_window_file_init (InqWindow *self);
void inq_window_close_board (InqWindow *self, gboolean discard);

/* @title of the chooser; @name suggests one, without its ending. (transfer full) */
GtkFileChooserNative *inq_window_board_chooser (InqWindow *self, const char *title, const char *name);
/* The path chosen, with its ending. (transfer full) (nullable) */
char *inq_window_chosen_board (GtkFileChooser *chooser);

/* inq-window-notice.c */
void inq_window_notice_init (InqWindow *self);
void inq_window_show_notice (InqWindow *self, const char *text); /* NULL hides it */
/* Says what the board and its queue have to say: not saved, gone, only to be looked at. */
void inq_window_update_notice (InqWindow *self);
void inq_window_saved_state_changed (InqWindow *self);
/* A board whose file is gone is saved anew, where it was or beside what stands there now. */
void inq_window_save_again (InqWindow *self);

/* inq-window-generate.c */
void inq_window_generate_init (InqWindow *self);
void inq_window_generate_update (InqWindow *self);
void inq_window_generate_pick_nth (InqWindow *self, guint n);

/* Shows the variations of a panel in which something was just asked for. */
void inq_window_generate_show (InqWindow *self);

/* inq-window-draw.c: everything that is drawn from something else */
void inq_window_draw_init (InqWindow *self);
void inq_window_draw_update (InqWindow *self);
/* What is in the fields now, and how the board is drawn; no seed yet. (transfer full) */
InqJobParams *inq_window_make_params (InqWindow *self);
/* The same for any panel of the board. (transfer full) */
InqJobParams *inq_window_make_params_for (InqWindow *self, InqPanel *panel);
void inq_window_more_like (InqWindow *self, InqVariation *variation);
void inq_window_draw_from_variation (InqWindow *self, InqVariation *variation);
void inq_window_finish_larger (InqWindow *self, InqVariation *variation);
/* Draws what is under the veil anew. FALSE unless the stage is masking. */
gboolean inq_window_repaint (InqWindow *self);

/* inq-window-panels.c: acts on the selected panels */
void inq_window_panels_init (InqWindow *self);
/* A toast that offers to undo what was just done, and goes when something else was done since. */
void inq_window_toast_undo (InqWindow *self, const char *title);
void inq_window_panels_update (InqWindow *self);
/* Deletes panels (element-type gint64) and offers to undo it; @title says what was done. */
void inq_window_delete_panels (InqWindow *self, GArray *ids, const char *title);
/* Selects panels that were just made (element-type gint64), the first of them the current one. */
void inq_window_show_made (InqWindow *self, GArray *ids);

/* inq-window-clipboard.c */
void inq_window_clipboard_init (InqWindow *self);
void inq_window_clipboard_update (InqWindow *self);

/* inq-window-picture.c */
void inq_window_picture_init (InqWindow *self);
/* The current panel as one sees it, as a PNG at @file. */
void inq_window_save_picture (InqWindow *self, GFile *file);

/* inq-window-play.c */
void inq_window_play_init (InqWindow *self);
void inq_window_play_stop (InqWindow *self);
gboolean inq_window_play_is_playing (InqWindow *self);

G_END_DECLS
