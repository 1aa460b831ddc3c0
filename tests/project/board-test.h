/* Inquadra - a sample board open on the main thread, for tests
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project-test.h"

#include "inq-board-acts.h"
#include "inq-board-reads.h"

typedef struct {
  char *path;
  InqBoard *board;
  GPtrArray *mirror; /* what someone who only listens to items-changed believes */
  guint failures, undone;
  gint64 undone_panel;
} BoardFixture;

typedef struct {
  GAsyncResult *result;
} BoardWait;

/* Begins to mirror the board by its signals. */
void board_watch (BoardFixture *f);
void board_set_up (BoardFixture *f, gconstpointer data);
/* Gives two panels a word that no other has: "inquadrata". */
void board_mark_two (BoardFixture *f);
/* Iterates until every act is done. */
void board_drain (BoardFixture *f);
/* The list says what the file says. */
void board_assert_true_to_file (BoardFixture *f);
void board_tear_down (BoardFixture *f, gconstpointer data);
gint64 board_id_at (BoardFixture *f, guint index);
void board_wait_cb (GObject *source, GAsyncResult *result, gpointer data);
/* Iterates until board_wait_cb() was called with @wait; (transfer full). */
GAsyncResult *board_wait_for (BoardWait *wait);
