/* Inquadra - what the tests of the window share: an application, boards in a temporary folder, waiting, keys, pictures.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <inq-application.h>
#include <inq-jobs-private.h>
#include <inq-window.h>

/* Starts g_test and GTK; skips the whole program where there is no display. Every path of the user's (data, cache,
 * documents) is in a temporary folder. */
void ui_test_init (int *argc, char ***argv);
/* g_test_run(), then removes the temporary folder. */
int ui_test_run (void);

/* The one application of the program. (transfer none) */
InqApplication *ui_application (void);
/* A path in the temporary folder. (transfer full) */
char *ui_path (const char *name);

/* Runs the main loop until @done returns TRUE. Fails the test after a long while (ten minutes) with @what. */
void ui_wait_for (gboolean (*done) (gpointer), gpointer data, const char *what);
#define ui_wait(done, data) ui_wait_for ((gboolean (*) (gpointer)) (done), (data), #done)
/* Until nothing is to be done any more and every act of @window's board is on the disk. */
void ui_settle (InqWindow *window);

/* A window with an empty board; with @n panels on it. */
InqWindow *ui_window_with_board (int n);
/* Closes it and waits. */
void ui_window_close (InqWindow *window);

/* Holds what is drawn where a test wants it, however fast the engine is: with INQ_JOBS_HOLD_CLAIM jobs stay queued,
 * with INQ_JOBS_HOLD_STORE one that runs goes on running; INQ_JOBS_HOLD_NOTHING lets go. Cancelling and leaving do too.
 */
void ui_hold (InqWindow *window, InqJobsHold hold);

void ui_activate (InqWindow *window, const char *action);
gboolean ui_enabled (InqWindow *window, const char *action);
/* Presses a key as the board's shortcut controller sees it: @trigger as in gtk_shortcut_trigger_parse_string(). TRUE if
 * it was taken. */
gboolean ui_press (InqWindow *window, const char *trigger);
/* Until @widget was drawn anew. */
void ui_next_frame (GtkWidget *widget);
/* First widget under @root whose type name is @type, depth first. */
GtkWidget *ui_find (GtkWidget *root, const char *type);
/* The n-th (from 0). */
GtkWidget *ui_find_nth (GtkWidget *root, const char *type, int n);
/* Whether the toast in @window says @words, whole. */
gboolean ui_toast_says (gpointer window, const char *words);

/* A PNG of @width x @height, grey with a cross. (transfer full) */
GBytes *ui_png (int width, int height, guint8 grey);
/* Adds a picture to the current panel and waits until it shows. Picks it with @pick. */
void ui_add_picture (InqWindow *window, guint8 grey, gboolean pick);

/* Draws @window into $INQ_SHOTS/@name.png at @scale; nothing without $INQ_SHOTS. */
void ui_shot (GtkWidget *window, const char *name, double scale);
