/* Inquadra - how long a large board takes: bench-board [PANELS]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "project-test.h"

#include "inq-board-acts.h"
#include "inq-board-reads.h"

#include <stdlib.h>

static void
report (const char *what, gint64 since, guint n)
{
  double ms = (g_get_monotonic_time () - since) / 1000.;

  if (n > 1)
    g_print ("%-44s %9.2f ms  %8.3f ms each\n", what, ms, ms / n);
  else
    g_print ("%-44s %9.2f ms\n", what, ms);
}

static void
fill (const char *path, guint n)
{
  InqDocument *d = test_new (path);
  gint64 panel = 0, since = g_get_monotonic_time ();

  g_assert_true (inq_document_begin (d, NULL, NULL, NULL));
  for (guint i = 0; i < n; i++) {
    g_autoptr (GBytes) png = test_png (512, 288, i);
    InqNewVariation added = { .png = png, .seed = i };

    panel = i % 5 == 0 ? inq_document_add_shot (d, panel, INQ_PLACE_AFTER, NULL)
                       : inq_document_add_panel (d, panel, INQ_PLACE_AFTER, NULL);
    inq_document_set_text (d, panel, INQ_FIELD_PROMPT, "wide shot, two people walk through a forest at night, rain", 0,
                           NULL);
    inq_document_set_text (d, panel, INQ_FIELD_ACTION, "They stop. Something moves between the trees.", 0, NULL);
    inq_document_add_variation (d, panel, &added, TRUE, NULL);
  }
  g_assert_true (inq_document_commit (d, NULL));
  report ("make the board, one picture a panel", since, n);
  since = g_get_monotonic_time ();
  test_close (d);
  report ("close it (collect, fold the log)", since, 1);
}

static gint64 longest;

/* Iterates the main loop, noting the longest dispatch. */
static void
spin (InqBoard *board, guint *pending)
{
  GMainContext *context = g_main_context_default ();

  while (inq_board_get_n_waiting (board) > 0 || (pending != NULL && *pending > 0)) {
    gint priority, timeout, n;
    GPollFD fds[16];
    gint64 since;

    g_assert_true (g_main_context_acquire (context));
    g_main_context_prepare (context, &priority);
    n = g_main_context_query (context, priority, &timeout, fds, G_N_ELEMENTS (fds));
    g_poll (fds, (guint) n, timeout);
    g_main_context_check (context, priority, fds, n);
    since = g_get_monotonic_time ();
    g_main_context_dispatch (context);
    longest = MAX (longest, g_get_monotonic_time () - since);
    g_main_context_release (context);
  }
}

static void
got_cb (GObject *board, GAsyncResult *result, gpointer data)
{
  g_autoptr (GBytes) png = inq_board_read_bytes_finish (INQ_BOARD (board), result, NULL);

  g_assert_nonnull (png);
  --*(guint *) data;
}

int
main (int argc, char **argv)
{
  guint n = argc > 1 ? (guint) atoi (argv[1]) : 2000, pending = 0;
  char *path = test_path_new_on_disk ("bench.inquadra");
  g_autoptr (InqBoard) board = NULL;
  gint64 since, panel;

  g_return_val_if_fail (n > 0, 1);
  fill (path, n);
  since = g_get_monotonic_time ();
  board = inq_board_open (path, INQ_OPEN_DEFAULT, NULL);
  report ("open", since, 1);

  since = g_get_monotonic_time ();
  for (guint i = 0; i < n; i++, pending++)
    inq_board_read_thumbnail (board, inq_panel_get_cover_image (inq_board_get_panel (board, i)), NULL, got_cb,
                              &pending);
  spin (board, &pending);
  report ("read every thumbnail", since, n);

  panel = inq_panel_get_id (inq_board_get_panel (board, n / 2));
  since = g_get_monotonic_time ();
  for (guint i = 0; i < 50; i++) {
    g_autofree char *text = g_strdup_printf ("key %u", i);

    inq_board_set_text (board, panel, INQ_FIELD_NOTES, text, 1);
    spin (board, NULL);
  }
  report ("write one key press, 50 times", since, 50);
  since = g_get_monotonic_time ();
  for (guint i = 0; i < 20; i++) {
    inq_board_add_panel (board, panel, INQ_PLACE_AFTER, NULL, NULL);
    spin (board, NULL);
  }
  report ("add a panel in the middle, 20 times", since, 20);
  since = g_get_monotonic_time ();
  for (guint i = 0; i < 20; i++) {
    gint64 first = inq_panel_get_id (inq_board_get_panel (board, 0));

    inq_board_move_panels (board, &first, 1, panel, INQ_PLACE_AFTER, NULL, NULL);
    spin (board, NULL);
  }
  report ("drag a panel to the middle, 20 times", since, 20);
  since = g_get_monotonic_time ();
  for (guint i = 0; i < 41; i++) {
    inq_board_undo (board, NULL, NULL);
    spin (board, NULL);
  }
  report ("undo, 41 times", since, 41);
  g_print ("%-44s %9.2f ms\n", "longest step of the main thread", longest / 1000.);
  since = g_get_monotonic_time ();
  g_assert_true (inq_board_close (board, FALSE, NULL));
  report ("close", since, 1);
  test_path_free (path);
  return 0;
}
