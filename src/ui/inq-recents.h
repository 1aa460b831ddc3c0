/* Inquadra - the boards opened lately, shared with the desktop's list of recent files.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: main thread.
 */
#pragma once

#include <gtk/gtk.h>
#include <inq-board.h>

G_BEGIN_DECLS

#define INQ_BOARD_MIME_TYPE "application/x-inquadra"

typedef struct {
  char *uri;
  char *title;
  char *folder;    /* display name of where it lies, "" for the folder new boards are made in */
  char *thumbnail; /* path of a PNG, or NULL */
  gint64 when;     /* Unix time it was last opened, or changed if that is later */
} InqRecent;

void inq_recent_free (InqRecent *recent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqRecent, inq_recent_free)

/* Local boards that still exist, newest first, at most @most. (transfer full) (element-type InqRecent) */
GPtrArray *inq_recents_list (guint most);
/* Puts @board at the top. */
void inq_recents_add (InqBoard *board);
/* Keeps the picture of the board's first drawn panel for the start page, if it is in memory. */
void inq_recents_keep_thumbnail (InqBoard *board);
/* Where one was in @board, kept beside the user's settings: looking is no change of a board. */
void inq_recents_keep_panel (InqBoard *board, InqPanel *panel);
/* That panel; NULL if it is not known or not there any more. (transfer none) (nullable) */
InqPanel *inq_recents_find_panel (InqBoard *board);
/* Takes a board out of the list; its file stays. */
void inq_recents_forget (const char *uri);
/* The folder new boards are made in: "Inquadra" in the user's documents; made if it is not there. (transfer full) */
char *inq_boards_folder (void);

G_END_DECLS
