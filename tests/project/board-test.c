/* Inquadra - a sample board open on the main thread, for tests
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "board-test.h"

#include "inq-sample-board.h"

static void
items_changed_cb (GListModel *list, guint at, guint removed, guint added, BoardFixture *f)
{
  g_assert_cmpuint (at + removed, <=, f->mirror->len);
  if (removed > 0)
    g_ptr_array_remove_range (f->mirror, at, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (f->mirror, (gint) (at + i), g_list_model_get_item (list, at + i));
  g_assert_cmpuint (f->mirror->len, ==, g_list_model_get_n_items (list));
}

static void
act_failed_cb (InqBoard *board, GError *error, BoardFixture *f)
{
  g_assert_nonnull (error);
  f->failures++;
}

static void
undone_cb (InqBoard *board, gint64 panel, BoardFixture *f)
{
  f->undone++;
  f->undone_panel = panel;
}

void
board_watch (BoardFixture *f)
{
  f->mirror = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < inq_board_get_n_panels (f->board); i++)
    g_ptr_array_add (f->mirror, g_object_ref (inq_board_get_panel (f->board, i)));
  g_signal_connect (f->board, "items-changed", G_CALLBACK (items_changed_cb), f);
  g_signal_connect (f->board, "act-failed", G_CALLBACK (act_failed_cb), f);
  g_signal_connect (f->board, "undone", G_CALLBACK (undone_cb), f);
}

void
board_set_up (BoardFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->path = test_path_new ("board.inquadra");
  g_assert_true (inq_sample_board_create (f->path, &error));
  f->board = inq_board_open (f->path, INQ_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  board_watch (f);
}

/* Gives two panels a word that no other has. */
void
board_mark_two (BoardFixture *f)
{
  for (guint i = 2; i < 4; i++)
    inq_board_set_text (f->board, inq_panel_get_id (inq_board_get_panel (f->board, i)), INQ_FIELD_NOTES, "inquadrata",
                        0);
}

void
board_drain (BoardFixture *f)
{
  while (inq_board_get_n_waiting (f->board) > 0)
    g_main_context_iteration (NULL, TRUE);
}

/* The list says what the file says. */
void
board_assert_true_to_file (BoardFixture *f)
{
  InqDocument *d = test_open (f->path, INQ_OPEN_READ_ONLY);
  g_autoptr (GPtrArray) rows = inq_document_list_panels (d, NULL);
  gint64 frame = 0;

  g_assert_cmpuint (rows->len, ==, inq_board_get_n_panels (f->board));
  g_assert_cmpuint (rows->len, ==, f->mirror->len);
  for (guint i = 0; i < rows->len; i++) {
    InqPanelRow *row = rows->pdata[i];
    InqPanel *panel = inq_board_get_panel (f->board, i);
    const InqPanelRow *shown = inq_panel_get_row (panel);

    g_assert_true (f->mirror->pdata[i] == panel);
    g_assert_true (inq_board_find_panel (f->board, row->id) == panel);
    g_assert_cmpint (inq_panel_get_id (panel), ==, row->id);
    g_assert_cmpuint (inq_panel_get_index (panel), ==, i);
    g_assert_cmpint (inq_panel_get_start_frame (panel), ==, frame);
    g_assert_true (inq_board_panel_at_frame (f->board, frame) == panel);
    g_assert_true (inq_board_panel_at_frame (f->board, frame + row->duration - 1) == panel);
    g_assert_cmpstr (shown->number, ==, row->number);
    g_assert_cmpstr (shown->scene_title, ==, row->scene_title);
    for (guint k = 0; k < INQ_N_FIELDS; k++)
      g_assert_cmpstr (shown->text[k], ==, row->text[k]);
    g_assert_cmpint (shown->picked, ==, row->picked);
    g_assert_cmpint (shown->cover_image, ==, row->cover_image);
    g_assert_cmpint (shown->n_variations, ==, row->n_variations);
    g_assert_cmpint (shown->n_strokes, ==, row->n_strokes);
    g_assert_cmpint (shown->jobs_queued, ==, row->jobs_queued);
    g_assert_cmpint (shown->jobs_failed, ==, row->jobs_failed);
    g_assert_cmpint (inq_panel_get_first_in_shot (panel), ==,
                     i == 0 || ((InqPanelRow *) rows->pdata[i - 1])->shot != row->shot);
    frame += row->duration;
  }
  g_assert_cmpint (inq_board_get_total_frames (f->board), ==, frame);
  g_assert_null (inq_board_panel_at_frame (f->board, frame));
  g_assert_null (inq_board_panel_at_frame (f->board, -1));
  g_assert_cmpstr (inq_board_get_undo_label (f->board), ==, inq_document_get_undo_label (d));
  g_assert_cmpstr (inq_board_get_redo_label (f->board), ==, inq_document_get_redo_label (d));
  test_close (d);
}

void
board_tear_down (BoardFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *wal = g_strconcat (f->path, "-wal", NULL);

  if (f->board != NULL) {
    board_drain (f);
    board_assert_true_to_file (f);
    g_assert_true (inq_board_close (f->board, FALSE, &error));
    g_assert_no_error (error);
    g_assert_finalize_object (f->board);
  }
  g_clear_pointer (&f->mirror, g_ptr_array_unref);
  g_assert_false (g_file_test (wal, G_FILE_TEST_EXISTS));
  test_path_free (f->path);
}

gint64
board_id_at (BoardFixture *f, guint index)
{
  return inq_panel_get_id (inq_board_get_panel (f->board, index));
}

void
board_wait_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ((BoardWait *) data)->result = g_object_ref (result);
}

GAsyncResult *
board_wait_for (BoardWait *wait)
{
  while (wait->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (&wait->result);
}
