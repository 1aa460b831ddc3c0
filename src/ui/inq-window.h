/* Inquadra - the window: start page and editor of one board.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>
#include <inq-board.h>
#include <inq-jobs.h>

G_BEGIN_DECLS

#define INQ_TYPE_WINDOW (inq_window_get_type ())
G_DECLARE_FINAL_TYPE (InqWindow, inq_window, INQ, WINDOW, AdwApplicationWindow)

/**
 * InqWindow:
 *
 * Shows the start page until a board is open. Everything it does is an action in its "win" group (inq-window-*.c).
 *
 * Properties: "board" (InqBoard, nullable), "panel" (InqPanel, nullable: the current one), "view" (string: "stage" or
 * "variations")
 */
InqWindow *inq_window_new (GtkApplication *application);

/* Opens a board; on failure a toast says what to do and the page stays. Returns at once. */
void inq_window_open (InqWindow *self, GFile *file);
/* Makes a board in the user's boards folder and opens it. */
void inq_window_new_board (InqWindow *self);
/* Opens the sample board, made when there is none yet. */
void inq_window_open_sample (InqWindow *self);
/* On the start page and not about to leave it. */
gboolean inq_window_is_free (InqWindow *self);
/* The board's file, or the one being opened. (transfer none) (nullable) */
GFile *inq_window_get_file (InqWindow *self);
/* A window that is on its way out, waiting for the engine to let go of its board, stays: with @reopen its board is
 * opened again where one was, else it comes to the start page. Nothing for any other window. */
void inq_window_come_back (InqWindow *self, gboolean reopen);
/* (transfer none) (nullable) */
InqBoard *inq_window_get_board (InqWindow *self);
InqPanel *inq_window_get_panel (InqWindow *self);
InqJobs *inq_window_get_jobs (InqWindow *self);
void inq_window_set_panel (InqWindow *self, InqPanel *panel);
const char *inq_window_get_view (InqWindow *self);
/* A toast. @button and @action, a detailed name that may have a target, nullable. */
void inq_window_toast (InqWindow *self, const char *message, const char *button, const char *action);

G_END_DECLS
