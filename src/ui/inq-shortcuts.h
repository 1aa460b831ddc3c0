/* Inquadra - every key of the program: the application's accelerators and the board's single keys.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys with Ctrl and function keys are accelerators and work anywhere in the window. Single keys belong to the board:
 * they act only while no text is being typed, and arrows, Space and Tab only while the focus is on the board (stage,
 * variations, timeline) or nowhere, so that the side pane and the header keep their ordinary keyboard.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Registers the accelerators. Once, at startup. */
void inq_shortcuts_install (GtkApplication *application);
/* Shows the window that lists all keys. @parent: (nullable) */
void inq_shortcuts_present (GtkWindow *parent);

/**
 * InqKeyScope:
 * @INQ_KEY_NONE: the focus is in a text: no single key acts
 * @INQ_KEY_LETTERS: it is on a control: letters and digits act, arrows, Space, Tab and Delete do not
 * @INQ_KEY_BOARD: on the board or nowhere: all act
 */
typedef enum {
  INQ_KEY_NONE,
  INQ_KEY_LETTERS,
  INQ_KEY_BOARD,
} InqKeyScope;

/* Adds the board's keys to @window; @scope is asked at each key. */
void inq_shortcuts_add_board_keys (GtkWidget *window, InqKeyScope (*scope) (GtkWidget *window));

G_END_DECLS
