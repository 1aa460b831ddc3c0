/* Inquadra - tests: drawing on the stage, each stroke an undo step, pictures pixel for pixel.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <glib/gstdio.h>
#include <inq-resample.h>
#include <inq-stage-private.h>
#include <math.h>

#include "ui-test.h"

static InqStageView *
get_stage (InqWindow *window)
{
  return INQ_STAGE (ui_find (GTK_WIDGET (window), "InqStageView"));
}

static gboolean
ink_settled (InqStageView *stage)
{
  return inq_ink_is_settled (stage->ink)
         && (int) inq_ink_get_strokes (stage->ink)->len == inq_panel_get_row (stage->panel)->n_strokes;
}

static void
settle (InqWindow *window)
{
  InqStageView *stage = get_stage (window);
  ui_settle (window);
  ui_next_frame (GTK_WIDGET (stage));
  ui_wait (ink_settled, stage);
  ui_next_frame (GTK_WIDGET (stage));
}

/* A place of the frame, shares 0..1, in the widget. */
static void
place (InqStageView *stage, double u, double v, double *x, double *y)
{
  graphene_rect_t frame;
  g_assert_true (inq_stage_get_frame (stage, &frame));
  *x = frame.origin.x + u * frame.size.width;
  *y = frame.origin.y + v * frame.size.height;
}

static void
draw_line (InqStageView *stage, double u0, double v0, double u1, double v1, gboolean straight)
{
  double x, y;
  place (stage, u0, v0, &x, &y);
  g_assert_true (inq_stage_pen_down (stage, x, y, 0.5, FALSE));
  for (int i = 1; i <= 40; i++) {
    double t = i / 40.0;
    place (stage, u0 + (u1 - u0) * t, v0 + (v1 - v0) * t + (straight ? 0.1 * sin (t * 9) * (1 - t) : 0), &x, &y);
    inq_stage_pen_move (stage, x, y, 0.3 + 0.7 * t, straight);
  }
  inq_stage_pen_up (stage, TRUE);
}

/* Darkness 0..255 of what the widget shows at a place of the frame. */
static int
darkness (InqStageView *stage, double u, double v)
{
  GtkWidget *widget = GTK_WIDGET (stage);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GTK_WIDGET_GET_CLASS (widget)->snapshot (widget, snapshot);
  GskRenderNode *node = gtk_snapshot_free_to_node (snapshot);
  g_autoptr (GdkTexture) texture = gsk_renderer_render_texture (
      gtk_native_get_renderer (gtk_widget_get_native (widget)), node, &GRAPHENE_RECT_INIT (0, 0, width, height));
  gsk_render_node_unref (node);
  g_autofree guint8 *pixels = g_malloc ((gsize) width * height * 4);
  gdk_texture_download (texture, pixels, (gsize) width * 4);
  double x, y;
  place (stage, u, v, &x, &y);
  const guint8 *p = pixels + ((gsize) y * width + (gsize) x) * 4;
  return 255 - (p[0] + p[1] + p[2]) / 3;
}

static int
n_strokes (InqWindow *window)
{
  return inq_panel_get_row (inq_window_get_panel (window))->n_strokes;
}

static void
test_pen (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqStageView *stage = get_stage (window);
  settle (window);

  inq_stage_set_tool (stage, INQ_STAGE_TOOL_BRUSH);
  g_assert_cmpint (darkness (stage, 0.5, 0.5), ==, 0);
  draw_line (stage, 0.2, 0.5, 0.8, 0.5, FALSE);
  /* It shows at once, long before the file has it. */
  g_assert_cmpint (darkness (stage, 0.5, 0.5), >, 150);
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 1);
  g_assert_cmpint (darkness (stage, 0.5, 0.5), >, 150);
  const InqStroke *stroke = inq_ink_get_strokes (stage->ink)->pdata[0];
  g_assert_cmpint (stroke->tool, ==, INQ_TOOL_PEN);
  g_assert_cmpint (stroke->n_points, >, 20);
  g_assert_cmpfloat_with_epsilon (stroke->points[0].x, 0.2, 0.002);
  g_assert_cmpfloat_with_epsilon (stroke->points[stroke->n_points - 1].x, 0.8, 0.002);
  g_assert_cmpfloat (stroke->points[stroke->n_points - 1].pressure, >, stroke->points[0].pressure + 0.2);

  draw_line (stage, 0.2, 0.2, 0.8, 0.2, FALSE);
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 2);
  ui_activate (window, "undo");
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 1);
  g_assert_cmpint (darkness (stage, 0.5, 0.2), ==, 0);
  g_assert_cmpint (darkness (stage, 0.5, 0.5), >, 150);
  ui_activate (window, "redo");
  settle (window);
  g_assert_cmpint (darkness (stage, 0.5, 0.2), >, 150);

  /* Escape in the middle of a stroke leaves nothing. */
  double x, y;
  place (stage, 0.5, 0.8, &x, &y);
  inq_stage_pen_down (stage, x, y, 1, FALSE);
  inq_stage_pen_move (stage, x + 50, y, 1, FALSE);
  g_assert_true (inq_stage_cancel (stage));
  g_assert_false (inq_stage_cancel (stage));
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 2);
  g_assert_cmpint (darkness (stage, 0.5, 0.8), ==, 0);

  /* A dot is a stroke too. */
  inq_stage_pen_down (stage, x, y, 1, FALSE);
  inq_stage_pen_up (stage, TRUE);
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 3);
  g_assert_cmpint (darkness (stage, 0.5, 0.8), >, 100);

  ui_activate (window, "ink-clear");
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 0);
  ui_activate (window, "undo");
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 3);

  /* Nothing draws while presenting or with no tool. */
  inq_stage_set_interactive (stage, FALSE);
  g_assert_false (inq_stage_pen_down (stage, x, y, 1, FALSE));
  inq_stage_set_interactive (stage, TRUE);
  inq_stage_set_tool (stage, INQ_STAGE_TOOL_NONE);
  g_assert_false (inq_stage_pen_down (stage, x, y, 1, FALSE));
  ui_window_close (window);
}

/* Where two tiles meet nothing shows: a broad black line is black all along. */
static void
test_seams (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqStageView *stage = get_stage (window);
  graphene_rect_t frame;
  settle (window);
  g_assert_true (inq_stage_get_frame (stage, &frame));
  inq_stage_set_color (stage, &(GdkRGBA){ 0, 0, 0, 1 });
  inq_stage_set_tool (stage, INQ_STAGE_TOOL_BRUSH);
  draw_line (stage, 0.05, 0.5, 0.95, 0.5, FALSE);
  for (int after = 0; after < 2; after++) {
    int seam = 256 / gtk_widget_get_scale_factor (GTK_WIDGET (stage));
    for (int x = seam - 6; x < seam + 6; x++)
      g_assert_cmpint (darkness (stage, (x + 0.5) / frame.size.width, 0.5), ==, 255);
    settle (window);
  }
  ui_window_close (window);
}

/* A line half as clear as black stays so where it crosses itself, under the pen and after. */
static void
test_tone (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqStageView *stage = get_stage (window);
  double x, y;
  settle (window);
  inq_stage_set_color (stage, &(GdkRGBA){ 0, 0, 0, 1 });
  inq_stage_set_tool (stage, INQ_STAGE_TOOL_TONE);

  place (stage, 0.2, 0.5, &x, &y);
  inq_stage_pen_down (stage, x, y, 1, FALSE);
  for (int i = 0; i <= 120; i++) {
    double back = i <= 60 ? i / 60.0 : 2 - i / 60.0;
    place (stage, 0.2 + 0.6 * back, 0.5, &x, &y);
    inq_stage_pen_move (stage, x, y, 1, FALSE);
  }
  int under_pen = darkness (stage, 0.5, 0.5);
  inq_stage_pen_up (stage, TRUE);
  settle (window);
  g_assert_cmpint (under_pen, >, 60);
  g_assert_cmpint (under_pen, <, 95);
  g_assert_cmpint (ABS (darkness (stage, 0.5, 0.5) - under_pen), <=, 2);
  ui_window_close (window);
}

static void
test_arrow_and_eraser (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqStageView *stage = get_stage (window);
  double x, y;
  settle (window);

  inq_stage_set_tool (stage, INQ_STAGE_TOOL_ARROW);
  draw_line (stage, 0.2, 0.3, 0.8, 0.3, TRUE);
  settle (window);
  const InqStroke *arrow = inq_ink_get_strokes (stage->ink)->pdata[0];
  g_assert_cmpint (arrow->tool, ==, INQ_TOOL_ARROW);
  g_assert_cmpint (arrow->n_points, ==, 2); /* Shift: straight */
  g_assert_cmpint (darkness (stage, 0.5, 0.3), >, 150);

  inq_stage_set_tool (stage, INQ_STAGE_TOOL_PEN);
  draw_line (stage, 0.2, 0.5, 0.8, 0.5, FALSE);
  draw_line (stage, 0.2, 0.7, 0.8, 0.7, FALSE);
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 3);

  /* Down through the first two, not as far as the third: one step removes both. */
  inq_stage_set_tool (stage, INQ_STAGE_TOOL_ERASER);
  place (stage, 0.5, 0.1, &x, &y);
  inq_stage_pen_down (stage, x, y, 1, FALSE);
  place (stage, 0.5, 0.6, &x, &y);
  inq_stage_pen_move (stage, x, y, 1, FALSE);
  inq_stage_pen_up (stage, TRUE);
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 1);
  g_assert_cmpint (darkness (stage, 0.5, 0.3), ==, 0);
  g_assert_cmpint (darkness (stage, 0.5, 0.7), >, 100);
  ui_activate (window, "undo");
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 3);
  g_assert_cmpint (darkness (stage, 0.5, 0.3), >, 150);

  /* Left halfway: all is back. */
  place (stage, 0.5, 0.1, &x, &y);
  inq_stage_pen_down (stage, x, y, 1, FALSE);
  place (stage, 0.5, 0.9, &x, &y);
  inq_stage_pen_move (stage, x, y, 1, FALSE);
  g_assert_true (inq_stage_cancel (stage));
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 3);
  g_assert_cmpint (darkness (stage, 0.5, 0.7), >, 100);

  /* The other end of a pen erases whatever the tool. */
  inq_stage_set_tool (stage, INQ_STAGE_TOOL_PEN);
  place (stage, 0.5, 0.7, &x, &y);
  inq_stage_pen_down (stage, x, y - 3, 1, TRUE);
  inq_stage_pen_move (stage, x, y + 3, 1, FALSE);
  inq_stage_pen_up (stage, TRUE);
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 2);
  ui_window_close (window);
}

static void
test_text (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqStageView *stage = get_stage (window);
  double x, y;
  settle (window);

  inq_stage_set_tool (stage, INQ_STAGE_TOOL_TEXT);
  place (stage, 0.3, 0.4, &x, &y);
  inq_stage_pen_down (stage, x, y, 1, FALSE);
  g_assert_nonnull (stage->editor);
  ui_next_frame (GTK_WIDGET (stage));
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (stage->editor)), "slow push in", -1);
  g_assert_true (inq_stage_text_end (stage));
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 1);
  const InqStroke *note = inq_ink_get_strokes (stage->ink)->pdata[0];
  g_assert_cmpstr (note->text, ==, "slow push in");
  g_assert_cmpfloat_with_epsilon (note->points[0].x, 0.3, 0.002);

  /* A click on it changes it. */
  place (stage, 0.31, 0.4, &x, &y);
  inq_stage_pen_down (stage, x, y, 1, FALSE);
  g_assert_nonnull (stage->editor);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (stage->editor));
  GtkTextIter begin, end;
  gtk_text_buffer_get_bounds (buffer, &begin, &end);
  g_autofree char *before = gtk_text_buffer_get_text (buffer, &begin, &end, FALSE);
  g_assert_cmpstr (before, ==, "slow push in");
  gtk_text_buffer_set_text (buffer, "fast", -1);
  inq_stage_text_end (stage);
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 1);
  note = inq_ink_get_strokes (stage->ink)->pdata[0];
  g_assert_cmpstr (note->text, ==, "fast");
  ui_activate (window, "undo");
  settle (window);
  note = inq_ink_get_strokes (stage->ink)->pdata[0];
  g_assert_cmpstr (note->text, ==, "slow push in");

  /* Escape keeps, too, and Undo takes it back; nothing typed is nothing; an emptied note goes. */
  place (stage, 0.6, 0.8, &x, &y);
  inq_stage_pen_down (stage, x, y, 1, FALSE);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (stage->editor)),
                            "a long note that stays on one line", -1);
  g_assert_true (inq_stage_cancel (stage));
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 2);
  ui_activate (window, "undo");
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 1);
  inq_stage_pen_down (stage, x, y, 1, FALSE);
  inq_stage_text_end (stage);
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 1);
  place (stage, 0.31, 0.4, &x, &y);
  inq_stage_pen_down (stage, x, y, 1, FALSE);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (stage->editor)), "  ", -1);
  inq_stage_text_end (stage);
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 0);
  ui_window_close (window);
}

static GtkTextBuffer *
note_buffer (InqStageView *stage)
{
  return gtk_text_view_get_buffer (GTK_TEXT_VIEW (stage->editor));
}

static gboolean
type_cb (gpointer buffer)
{
  gtk_text_buffer_insert_at_cursor (buffer, "o", -1);
  return G_SOURCE_CONTINUE;
}

static gboolean
ink_shows (InqStageView *stage)
{
  graphene_rect_t frame;
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  inq_stage_get_frame (stage, &frame);
  inq_ink_snapshot (stage->ink, snapshot, frame.size.width, frame.size.height,
                    gtk_widget_get_scale_factor (GTK_WIDGET (stage)));
  GskRenderNode *node = gtk_snapshot_free_to_node (snapshot);
  gboolean shows = node != NULL;
  g_clear_pointer (&node, gsk_render_node_unref);
  return shows;
}

static gboolean
has_note (InqWindow *window)
{
  return n_strokes (window) == 1;
}

/* What is typed is in the file while it is typed, however long one types without a pause, and not on the picture twice;
 * the whole note is one undo step. */
static void
test_text_kept (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqStageView *stage = get_stage (window);
  InqBoard *board = inq_window_get_board (window);
  g_autofree char *label = g_strdup (inq_board_get_undo_label (board));
  double x, y;
  settle (window);

  inq_stage_set_tool (stage, INQ_STAGE_TOOL_TEXT);
  inq_stage_set_color (stage, &(GdkRGBA){ 0, 0, 0, 1 });
  place (stage, 0.3, 0.4, &x, &y);
  inq_stage_pen_down (stage, x, y, 1, FALSE);
  guint typing = g_timeout_add (10, type_cb, note_buffer (stage));
  ui_wait (has_note, window);
  g_source_remove (typing);
  gtk_text_buffer_set_text (note_buffer (stage), "MMMM", -1);
  settle (window);
  g_assert_nonnull (stage->editor);
  const InqStroke *note = inq_ink_get_strokes (stage->ink)->pdata[0];
  g_assert_cmpstr (note->text, !=, "");
  g_assert_false (ink_shows (stage));

  /* Undo is about the note as it stands, and takes all of it back. */
  ui_activate (window, "undo-board");
  settle (window);
  g_assert_null (stage->editor);
  g_assert_cmpint (n_strokes (window), ==, 0);
  g_assert_cmpstr (inq_board_get_undo_label (board), ==, label);
  ui_activate (window, "redo");
  settle (window);
  note = inq_ink_get_strokes (stage->ink)->pdata[0];
  g_assert_cmpstr (note->text, ==, "MMMM");
  g_assert_true (ink_shows (stage));

  /* Leaving the board keeps it, too. */
  g_autofree char *path = g_strdup (inq_board_get_path (board));
  inq_stage_pen_down (stage, x + 2, y, 1, FALSE);
  gtk_text_buffer_set_text (note_buffer (stage), "to the end", -1);
  ui_window_close (window);
  g_autoptr (GError) error = NULL;
  g_autoptr (InqDocument) document = inq_document_open (path, INQ_OPEN_READ_ONLY, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) panels = inq_document_list_panels (document, NULL);
  g_autoptr (GPtrArray) strokes = inq_document_list_strokes (document, ((InqPanelRow *) panels->pdata[0])->id, NULL);
  g_assert_cmpuint (strokes->len, ==, 1);
  g_assert_cmpstr (((InqStroke *) strokes->pdata[0])->text, ==, "to the end");
}

static gboolean
picture_shown (InqStageView *stage)
{
  graphene_rect_t frame;
  ui_next_frame (GTK_WIDGET (stage));
  return inq_stage_get_frame (stage, &frame) && stage->shown.texture != NULL
         && stage->shown.image == inq_panel_get_cover_image (stage->panel)
         && gdk_texture_get_width (stage->shown.texture)
                == (int) (frame.size.width * gtk_widget_get_scale_factor (GTK_WIDGET (stage)) + 0.5);
}

static void
test_picture (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqStageView *stage = get_stage (window);
  graphene_rect_t frame;

  ui_add_picture (window, 200, TRUE);
  ui_wait (picture_shown, stage);
  g_assert_true (inq_stage_get_frame (stage, &frame));
  g_assert_cmpfloat_with_epsilon (frame.size.width / frame.size.height, 16 / 9.0, 0.01);
  g_assert_cmpfloat (frame.origin.x, ==, floorf (frame.origin.x));
  /* The picture as it is, then ink over it. */
  g_assert_cmpint (ABS (darkness (stage, 0.5, 0.2) - 55), <=, 1);
  inq_stage_set_tool (stage, INQ_STAGE_TOOL_BRUSH);
  draw_line (stage, 0.3, 0.2, 0.7, 0.2, FALSE);
  settle (window);
  g_assert_cmpint (darkness (stage, 0.5, 0.2), >, 200);
  ui_window_close (window);
}

static void
test_resample (void)
{
  const int w = 64, h = 48;
  g_autofree guint8 *in = g_malloc (w * h * 4);
  for (int i = 0; i < w * h; i++)
    memcpy (in + i * 4, (guint8[]){ i * 7, i * 3, i, 255 }, 4);

  /* Its own size is itself; a flat field stays flat, at any size. */
  g_autofree guint8 *same = inq_resample (in, w, h, w * 4, w, h);
  g_assert_cmpmem (same, w * h * 4, in, w * h * 4);
  memset (in, 99, w * h * 4);
  const int sizes[][2] = { { 13, 7 }, { 200, 131 }, { 1, 1 }, { 65, 47 } };
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    int n = sizes[i][0] * sizes[i][1] * 4;
    g_autofree guint8 *out = inq_resample (in, w, h, w * 4, sizes[i][0], sizes[i][1]);
    for (int k = 0; k < n; k++)
      g_assert_cmpint (out[k], ==, 99);
  }
  /* A line one pixel thin keeps its weight at half the size. */
  memset (in, 255, w * h * 4);
  for (int y = 0; y < h; y++)
    memset (in + (y * w + 31) * 4, 0, 3);
  g_autofree guint8 *half = inq_resample (in, w, h, w * 4, w / 2, h / 2);
  int dark = 0;
  for (int x = 0; x < w / 2; x++)
    dark += 255 - half[(h / 4 * (w / 2) + x) * 4];
  g_assert_cmpint (dark, >, 100);

  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) junk = g_bytes_new_static ("not a picture", 13);
  g_assert_null (inq_texture_decode (junk, 0, 0, &error));
  g_assert_nonnull (error);
}

static gboolean
add_strokes (InqDocument *document, gpointer data, GError **error)
{
  const InqStroke *like = data;
  InqPoint points[120];
  for (int i = 0; i < 500; i++) {
    InqStroke stroke = *like;
    for (int k = 0; k < 120; k++)
      points[k] = (InqPoint){ 0.1f + 0.8f * k / 120, 0.1f + 0.8f * i / 500 + 0.02f * (float) sin (k * 0.3 + i),
                              0.5f + 0.5f * (float) sin (k * 0.1) };
    stroke.points = points;
    stroke.n_points = 120;
    if (inq_document_add_stroke (document, &stroke, error) == 0)
      return FALSE;
  }
  return TRUE;
}

static gboolean
has_500 (InqWindow *window)
{
  return n_strokes (window) == 500;
}

/* Over five hundred strokes a new one is drawn without drawing those again: the tiles stay the same objects. */
static void
test_many (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqStageView *stage = get_stage (window);
  InqStroke like = { .panel = inq_panel_get_id (inq_window_get_panel (window)), .colour = 0x1a1a1aff, .width = 0.004f };
  double x, y;

  settle (window);
  inq_board_act (inq_window_get_board (window), "Draw", add_strokes, &like, NULL, NULL, NULL);
  ui_wait (has_500, window);
  settle (window);
  inq_stage_set_tool (stage, INQ_STAGE_TOOL_PEN);
  place (stage, 0.1, 0.9, &x, &y);
  inq_stage_pen_down (stage, x, y, 0.5, FALSE);
  gint64 worst = 0, begin = g_get_monotonic_time ();
  for (int i = 1; i <= 300; i++) {
    gint64 move = g_get_monotonic_time ();
    place (stage, 0.1 + 0.8 * i / 300, 0.9 - 0.8 * i / 300, &x, &y);
    inq_stage_pen_move (stage, x, y, 0.5, FALSE);
    GtkSnapshot *snapshot = gtk_snapshot_new ();
    GTK_WIDGET_GET_CLASS (stage)->snapshot (GTK_WIDGET (stage), snapshot);
    g_clear_pointer (&(GskRenderNode *){ gtk_snapshot_free_to_node (snapshot) }, gsk_render_node_unref);
    worst = MAX (worst, g_get_monotonic_time () - move);
  }
  g_test_message ("300 moves over 500 strokes: %.3f ms each, worst %.3f ms", (g_get_monotonic_time () - begin) / 300e3,
                  worst / 1e3);
  inq_stage_pen_up (stage, TRUE);
  /* Until a drawing in a thread has it, the line goes on showing. */
  g_assert_false (inq_ink_is_settled (stage->ink));
  g_assert_cmpint (darkness (stage, 0.5, 0.5), >, 100);
  settle (window);
  g_assert_cmpint (n_strokes (window), ==, 501);
  ui_window_close (window);
}

static void
test_shots (void)
{
  InqWindow *window = ui_window_with_board (2);
  InqStageView *stage = get_stage (window);
  const double bend[] = { 0.15, 0.2, 0.3, 0.55, 0.75 };
  settle (window);
  ui_activate (window, "first-panel");
  settle (window);
  for (int i = 0; i < 5; i++) {
    double x, y;
    inq_stage_set_tool (stage, i % 4 + 1);
    place (stage, 0.08, bend[i], &x, &y);
    inq_stage_pen_down (stage, x, y, 0.1, FALSE);
    for (int k = 1; k <= 90; k++) {
      double t = k / 90.0;
      place (stage, 0.08 + 0.6 * t, bend[i] + 0.1 * sin (t * 12) * (1 - t), &x, &y);
      inq_stage_pen_move (stage, x, y, sin (t * G_PI), FALSE);
    }
    inq_stage_pen_up (stage, TRUE);
  }
  inq_stage_set_tool (stage, INQ_STAGE_TOOL_ARROW);
  inq_stage_set_color (stage, &(GdkRGBA){ 0.85f, 0.22f, 0.17f, 1 });
  double x, y;
  place (stage, 0.6, 0.9, &x, &y);
  inq_stage_pen_down (stage, x, y, 1, FALSE);
  for (int k = 1; k <= 60; k++) {
    double a = k / 60.0 * 2.2;
    place (stage, 0.75 - 0.15 * cos (a), 0.9 - 0.4 * sin (a), &x, &y);
    inq_stage_pen_move (stage, x, y, 1, FALSE);
  }
  inq_stage_pen_up (stage, TRUE);
  inq_stage_set_tool (stage, INQ_STAGE_TOOL_TEXT);
  place (stage, 0.7, 0.25, &x, &y);
  inq_stage_pen_down (stage, x, y, 1, FALSE);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (stage->editor)), "dolly in,\nslowly", -1);
  ui_next_frame (GTK_WIDGET (stage));
  ui_shot (GTK_WIDGET (window), "stage-note", 1);
  inq_stage_text_end (stage);
  settle (window);
  ui_shot (GTK_WIDGET (window), "stage-ink", 1);
  ui_activate (window, "next-panel");
  g_assert_true (ui_press (window, "o"));
  settle (window);
  ui_add_picture (window, 230, TRUE);
  ui_wait (picture_shown, stage);
  ui_next_frame (GTK_WIDGET (stage));
  ui_shot (GTK_WIDGET (window), "stage-onion", 1);
  g_assert_true (inq_stage_get_onion (stage));
  g_assert_true (ui_press (window, "o"));
  g_assert_false (inq_stage_get_onion (stage));
  ui_window_close (window);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/stage/pen", test_pen);
  g_test_add_func ("/stage/seams", test_seams);
  g_test_add_func ("/stage/tone", test_tone);
  g_test_add_func ("/stage/arrow-and-eraser", test_arrow_and_eraser);
  g_test_add_func ("/stage/text", test_text);
  g_test_add_func ("/stage/text/kept", test_text_kept);
  g_test_add_func ("/stage/picture", test_picture);
  g_test_add_func ("/stage/resample", test_resample);
  g_test_add_func ("/stage/many", test_many);
  g_test_add_func ("/stage/shots", test_shots);
  return ui_test_run ();
}
