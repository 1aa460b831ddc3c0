/* Inquadra - tests: drawing from what is there: a sketch, a picture, within a mask, more like a variation, larger.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-board-acts.h>
#include <inq-board-reads.h>
#include <inq-drawing.h>
#include <inq-engine.h>
#include <inq-flatten.h>
#include <inq-stage-private.h>

#include "ui-test.h"

static InqJob *
job_of_panel (InqWindow *window)
{
  return inq_jobs_find_for_panel (inq_window_get_jobs (window), inq_panel_get_id (inq_window_get_panel (window)));
}

static gboolean
has_job (gpointer data)
{
  InqJob *job = job_of_panel (data);
  return job != NULL && inq_job_get_id (job) != 0;
}

static gboolean
no_job (gpointer data)
{
  return job_of_panel (data) == NULL;
}

static void
cancel (InqWindow *window)
{
  ui_activate (window, "cancel-panel");
  ui_wait (no_job, window);
  ui_settle (window);
}

static InqStageView *
stage_of (InqWindow *window)
{
  return INQ_STAGE (ui_find (GTK_WIDGET (window), "InqStageView"));
}

/* A place of the frame, 0 to 1, in units of the stage. */
static void
place (InqStageView *stage, double u, double v, double *x, double *y)
{
  graphene_rect_t frame;
  g_assert_true (inq_stage_get_frame (stage, &frame));
  *x = frame.origin.x + u * frame.size.width;
  *y = frame.origin.y + v * frame.size.height;
}

static gboolean
is_laid_out (gpointer data)
{
  graphene_rect_t frame;
  return inq_stage_get_frame (stage_of (data), &frame);
}

static void
line (InqWindow *window, double u0, double v0, double u1, double v1)
{
  InqStageView *stage = stage_of (window);
  double x, y;
  ui_wait (is_laid_out, window);
  place (stage, u0, v0, &x, &y);
  g_assert_true (inq_stage_pen_down (stage, x, y, 1, FALSE));
  for (int i = 1; i <= 10; i++) {
    place (stage, u0 + (u1 - u0) * i / 10, v0 + (v1 - v0) * i / 10, &x, &y);
    inq_stage_pen_move (stage, x, y, 1, FALSE);
  }
  inq_stage_pen_up (stage, TRUE);
}

static gboolean
has_ink (gpointer data)
{
  return inq_panel_get_row (inq_window_get_panel (data))->n_strokes > 0;
}

/* ---- what the job's row refers to ---- */

typedef struct {
  GPtrArray *jobs;
  GBytes *bytes;
} Read;

static void
jobs_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ((Read *) data)->jobs = inq_board_read_array_finish (INQ_BOARD (source), result, NULL);
}

static void
image_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ((Read *) data)->bytes = inq_board_read_bytes_finish (INQ_BOARD (source), result, NULL);
}

static gboolean
jobs_read (gpointer data)
{
  return ((Read *) data)->jobs != NULL;
}

static gboolean
bytes_read (gpointer data)
{
  return ((Read *) data)->bytes != NULL;
}

static void
read_job (InqWindow *window, gint64 *init, gint64 *mask)
{
  Read read = { NULL };
  inq_board_read_jobs (inq_window_get_board (window), TRUE, NULL, jobs_cb, &read);
  ui_wait (jobs_read, &read);
  gint64 id = inq_job_get_id (job_of_panel (window));
  *init = *mask = -1;
  for (guint i = 0; i < read.jobs->len; i++) {
    const InqJobRow *row = read.jobs->pdata[i];
    if (row->id == id) {
      *init = row->init;
      *mask = row->mask;
    }
  }
  g_ptr_array_unref (read.jobs);
  g_assert_cmpint (*init, >=, 0);
}

static InqPicture *
read_picture (InqWindow *window, gint64 image)
{
  g_autoptr (GError) error = NULL;
  Read read = { NULL };
  inq_board_read_image (inq_window_get_board (window), image, NULL, image_cb, &read);
  ui_wait (bytes_read, &read);
  InqPicture *picture = inq_picture_from_png (read.bytes, &error);
  g_assert_no_error (error);
  g_bytes_unref (read.bytes);
  return picture;
}

static int
grey_at (const InqPicture *picture, double u, double v)
{
  return picture->rgb[3 * ((int) (v * (picture->height - 1)) * picture->width + (int) (u * (picture->width - 1)))];
}

/* ---- tests ---- */

/* A rough sketch on an empty panel, over white paper; what was drawn a moment ago is in it. */
static void
test_sketch (void)
{
  InqWindow *window = ui_window_with_board (1);
  gint64 init, mask;

  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
  ui_activate (window, "escape");
  g_assert_false (ui_enabled (window, "draw-from"));
  g_assert_false (ui_enabled (window, "repaint"));
  inq_stage_set_tool (stage_of (window), INQ_STAGE_TOOL_BRUSH);
  line (window, 0.25, 0.5, 0.75, 0.5);
  ui_wait (has_ink, window);
  line (window, 0.5, 0.2, 0.5, 0.8);
  g_assert_true (ui_press (window, "f"));
  ui_wait (has_job, window);

  const InqJobParams *params = inq_job_get_params (job_of_panel (window));
  g_assert_true (params->init);
  g_assert_false (params->mask);
  g_assert_cmpfloat_with_epsilon (params->strength, 0.6, 1e-9);
  read_job (window, &init, &mask);
  g_assert_cmpint (mask, ==, 0);
  g_autoptr (InqPicture) picture = read_picture (window, init);
  g_assert_cmpfloat_with_epsilon ((double) picture->width / picture->height, 16.0 / 9, 0.01);
  g_assert_cmpint (grey_at (picture, 0.5, 0.5), <, 90);
  g_assert_cmpint (grey_at (picture, 0.5, 0.25), <, 90);
  g_assert_cmpint (grey_at (picture, 0.1, 0.1), ==, 255);
  cancel (window);
  ui_window_close (window);
}

/* A panel with a picture and no ink hands on the picture itself, not a copy. */
static void
test_picture (void)
{
  InqWindow *window = ui_window_with_board (1);
  gint64 init, mask;

  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
  ui_add_picture (window, 180, TRUE);
  ui_activate (window, "draw-from");
  ui_wait (has_job, window);
  read_job (window, &init, &mask);
  g_assert_cmpint (init, ==, inq_panel_get_cover_image (inq_window_get_panel (window)));
  cancel (window);

  /* In the variations it is the one looked at. */
  ui_activate (window, "toggle-view");
  g_assert_true (ui_enabled (window, "draw-from"));
  ui_activate (window, "draw-from");
  ui_wait (has_job, window);
  read_job (window, &init, &mask);
  g_assert_cmpint (init, ==, inq_panel_get_cover_image (inq_window_get_panel (window)));
  cancel (window);
  ui_window_close (window);
}

static void
test_mask (void)
{
  InqWindow *window = ui_window_with_board (2);
  InqStageView *stage = stage_of (window);
  gint64 init, mask;

  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
  ui_activate (window, "first-panel");
  ui_add_picture (window, 180, TRUE);
  ui_activate (window, "escape");
  g_assert_true (ui_press (window, "m"));
  g_assert_true (inq_stage_get_masking (stage));
  g_assert_false (inq_stage_mask_can_undo (stage));

  /* Nothing painted: nothing is asked for. */
  ui_activate (window, "generate");
  g_assert_null (job_of_panel (window));
  g_assert_true (inq_stage_get_masking (stage));

  line (window, 0.2, 0.5, 0.4, 0.5);
  line (window, 0.6, 0.5, 0.8, 0.5);
  g_assert_true (ui_enabled (window, "undo"));
  ui_shot (GTK_WIDGET (window), "mask", 1);
  ui_activate (window, "undo");
  g_assert_true (inq_stage_mask_can_redo (stage));
  ui_activate (window, "redo");
  ui_activate (window, "undo");
  /* The board's own undo was not touched, nor was ink made. */
  g_assert_cmpint (inq_panel_get_row (inq_window_get_panel (window))->n_variations, ==, 1);
  g_assert_cmpint (inq_panel_get_row (inq_window_get_panel (window))->n_strokes, ==, 0);

  ui_activate (window, "generate");
  ui_wait (has_job, window);
  const InqJobParams *params = inq_job_get_params (job_of_panel (window));
  g_assert_true (params->init && params->mask);
  g_assert_cmpint (params->mask_feather, ==, INQ_DRAWING_FEATHER);
  read_job (window, &init, &mask);
  g_assert_cmpint (init, ==, inq_panel_get_cover_image (inq_window_get_panel (window)));
  g_autoptr (InqPicture) picture = read_picture (window, mask);
  g_assert_cmpint (grey_at (picture, 0.3, 0.5), ==, 255);
  g_assert_cmpint (grey_at (picture, 0.7, 0.5), ==, 0);
  g_assert_cmpint (grey_at (picture, 0.3, 0.1), ==, 0);
  g_assert_false (inq_stage_get_masking (stage));
  g_assert_cmpstr (inq_window_get_view (window), ==, "variations");
  cancel (window);

  /* Escape leaves, another panel too, and what was painted is forgotten. */
  ui_activate (window, "repaint");
  g_assert_cmpstr (inq_window_get_view (window), ==, "stage");
  line (window, 0.2, 0.5, 0.4, 0.5);
  g_assert_true (ui_press (window, "Escape"));
  g_assert_false (inq_stage_get_masking (stage));
  ui_activate (window, "repaint");
  g_assert_false (inq_stage_mask_can_undo (stage));
  ui_activate (window, "next-panel");
  g_assert_false (inq_stage_get_masking (stage));
  g_assert_false (ui_enabled (window, "repaint"));
  ui_window_close (window);
}

/* Erasing takes away from the veil. */
static void
test_mask_erase (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqStageView *stage = stage_of (window);

  ui_add_picture (window, 180, TRUE);
  ui_activate (window, "escape");
  ui_activate (window, "repaint");
  line (window, 0.2, 0.5, 0.8, 0.5);
  inq_stage_set_mask_erasing (stage, TRUE);
  line (window, 0.5, 0.4, 0.5, 0.6);
  g_autoptr (GBytes) png = inq_stage_dup_mask (stage);
  g_autoptr (InqPicture) mask = inq_picture_from_png (png, NULL);
  g_assert_cmpint (grey_at (mask, 0.3, 0.5), ==, 255);
  g_assert_cmpint (grey_at (mask, 0.5, 0.5), ==, 0);
  line (window, 0.1, 0.5, 0.9, 0.5);
  g_assert_null (inq_stage_dup_mask (stage)); /* all of it */
  ui_window_close (window);
}

static void
add_drawn (InqWindow *window, const char *recipe, guint64 seed)
{
  g_autoptr (GBytes) png = ui_png (512, 288, 140);
  InqNewVariation variation = { .png = png, .seed = seed, .recipe = recipe, .model = "hash" };
  inq_board_add_variation (inq_window_get_board (window), inq_panel_get_id (inq_window_get_panel (window)), &variation,
                           FALSE, NULL, NULL);
  ui_settle (window);
}

#define RECIPE                                                                                                         \
  "{\"prompt\":\"close-up, a sailor\",\"negative\":\"fog\",\"seed\":77,\"steps\":9,\"cfg\":3.5,\"sampler\":\"euler\"," \
  "\"width\":512,\"height\":288}"

static gboolean
has_current (gpointer data)
{
  return ui_enabled (data, "more");
}

/* More like it: its words, not those in the field now; its seed, turned a little towards others. */
static void
test_more_like (void)
{
  InqWindow *window = ui_window_with_board (1);

  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
  add_drawn (window, RECIPE, 77);
  g_object_set (ui_find (GTK_WIDGET (window), "InqInspector"), "count", 4, NULL);
  ui_activate (window, "toggle-view");
  ui_wait (has_current, window);
  g_assert_true (ui_press (window, "r"));
  ui_wait (has_job, window);
  const InqJobParams *params = inq_job_get_params (job_of_panel (window));
  g_assert_cmpstr (params->prompt, ==, "close-up, a sailor");
  g_assert_cmpstr (params->negative, ==, "fog");
  g_assert_cmpuint (params->seed, ==, 77);
  g_assert_cmpint (params->steps, ==, 9);
  g_assert_cmpfloat (params->cfg, ==, 3.5);
  g_assert_cmpint (params->count, ==, 4);
  g_assert_cmpfloat_with_epsilon (params->variation_strength, INQ_DRAWING_LIKE, 1e-9);
  g_assert_cmpuint (params->variation_seed, !=, 0);
  cancel (window);

  /* Once larger: one picture, the same in all else. */
  g_assert_true (ui_press (window, "l"));
  ui_wait (has_job, window);
  params = inq_job_get_params (job_of_panel (window));
  g_assert_cmpfloat (params->hires_scale, ==, 2);
  g_assert_cmpint (params->count, ==, 1);
  g_assert_cmpuint (params->seed, ==, 77);
  g_assert_cmpfloat (params->variation_strength, ==, 0);
  cancel (window);
  ui_window_close (window);
}

/* A picture without a recipe is drawn from itself. */
static void
test_more_like_drawn (void)
{
  InqWindow *window = ui_window_with_board (1);
  gint64 init, mask;

  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
  ui_add_picture (window, 100, TRUE);
  ui_activate (window, "toggle-view");
  ui_wait (has_current, window);
  ui_activate (window, "more");
  ui_wait (has_job, window);
  read_job (window, &init, &mask);
  g_assert_cmpint (init, ==, inq_panel_get_cover_image (inq_window_get_panel (window)));
  cancel (window);
  ui_window_close (window);
}

static gboolean
offers_lora (gpointer list)
{
  for (int i = 0;; i++) {
    GtkWidget *button = ui_find_nth (list, "GtkButton", i);
    if (button == NULL)
      return FALSE;
    if (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (button)), "people/anna") == 0)
      return TRUE;
  }
}

static GtkWidget *
find_labelled (GtkWidget *root, const char *label)
{
  for (int i = 0;; i++) {
    GtkWidget *button = ui_find_nth (root, "GtkButton", i);
    if (button == NULL || g_strcmp0 (gtk_button_get_label (GTK_BUTTON (button)), label) == 0)
      return button;
  }
}

/* Its rows: off, away, and one of those installed added; what is done in one go is one step back. */
static void
use_lora_rows (InqWindow *window, GtkWidget *list)
{
  InqBoard *board = inq_window_get_board (window);
  g_autofree char *folder = inq_loras_folder ();
  g_autofree char *people = g_build_filename (folder, "people", NULL);
  g_autofree char *file = g_build_filename (people, "anna.safetensors", NULL);

  gtk_check_button_set_active (GTK_CHECK_BUTTON (ui_find (list, "GtkCheckButton")), FALSE);
  ui_settle (window);
  g_autoptr (InqDrawing) off = inq_drawing_of_board (board);
  g_assert_false (g_array_index (off->loras, InqDrawingLora, 0).on);

  GtkWidget *first = gtk_widget_get_parent (ui_find (list, "GtkCheckButton"));
  g_signal_emit_by_name (gtk_widget_get_last_child (first), "clicked");
  ui_settle (window);
  g_autoptr (InqDrawing) away = inq_drawing_of_board (board);
  g_assert_cmpuint (away->loras->len, ==, 1);
  g_assert_cmpstr (g_array_index (away->loras, InqDrawingLora, 0).name, ==, "other");

  g_mkdir_with_parents (people, 0755);
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  GtkWidget *menu = ui_find (list, "GtkMenuButton");
  gtk_menu_button_popup (GTK_MENU_BUTTON (menu));
  ui_wait (offers_lora, list);
  g_signal_emit_by_name (find_labelled (list, "people/anna"), "clicked");
  ui_settle (window);
  g_autoptr (InqDrawing) added = inq_drawing_of_board (board);
  g_assert_cmpuint (added->loras->len, ==, 2);
  g_assert_cmpstr (g_array_index (added->loras, InqDrawingLora, 1).name, ==, "people/anna");
  g_assert_cmpfloat (g_array_index (added->loras, InqDrawingLora, 1).weight, ==, 1);
  ui_shot (GTK_WIDGET (window), "loras", 1);
  ui_activate (window, "undo-board");
  ui_settle (window);
  g_autoptr (InqDrawing) back = inq_drawing_of_board (board);
  g_assert_cmpuint (back->loras->len, ==, 2);
  g_assert_true (g_array_index (back->loras, InqDrawingLora, 0).on);
  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (ui_find (list, "GtkCheckButton"))));
}

/* What is kept with the board reaches the job, and is undone. */
static void
test_board (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqBoard *board = inq_window_get_board (window);
  g_autoptr (InqDrawing) drawing = inq_drawing_new ();

  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
  inq_drawing_add_lora (drawing, "ink-wash", 0.8, TRUE);
  inq_drawing_add_lora (drawing, "other", 1, FALSE);
  drawing->steps = 11;
  drawing->strength = 0.35;
  inq_drawing_save (drawing, board, 0);
  ui_settle (window);
  ui_activate (window, "generate");
  ui_wait (has_job, window);
  const InqJobParams *params = inq_job_get_params (job_of_panel (window));
  g_assert_cmpuint (params->loras->len, ==, 1);
  g_assert_cmpstr (g_array_index (params->loras, InqJobLora, 0).path, ==, "ink-wash");
  g_assert_cmpfloat_with_epsilon (g_array_index (params->loras, InqJobLora, 0).weight, 0.8, 1e-9);
  g_assert_cmpint (params->steps, ==, 11);
  cancel (window);

  /* The side pane shows it and writes it. */
  GtkWidget *how = ui_find (GTK_WIDGET (window), "InqHow");
  gtk_expander_set_expanded (GTK_EXPANDER (ui_find (how, "GtkExpander")), TRUE);
  ui_settle (window);
  ui_shot (GTK_WIDGET (window), "advanced", 1);
  /* After the two LoRAs' and the steps': a guidance that nobody set says whose it is. */
  GtkWidget *guidance = ui_find_nth (how, "GtkSpinButton", 3);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (guidance)), ==, "Model’s own");
  GtkWidget *list = ui_find (how, "InqLoraList");
  GtkWidget *weight = ui_find (list, "GtkSpinButton");
  g_assert_cmpfloat_with_epsilon (gtk_spin_button_get_value (GTK_SPIN_BUTTON (weight)), 0.8, 1e-9);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (weight), 0.5);
  ui_settle (window);
  g_autoptr (InqDrawing) now = inq_drawing_of_board (board);
  g_assert_cmpfloat_with_epsilon (g_array_index (now->loras, InqDrawingLora, 0).weight, 0.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (now->strength, 0.35, 1e-9);
  g_assert_cmpuint (now->loras->len, ==, 2);
  ui_activate (window, "undo-board");
  ui_settle (window);
  g_autoptr (InqDrawing) before = inq_drawing_of_board (board);
  g_assert_cmpfloat_with_epsilon (g_array_index (before->loras, InqDrawingLora, 0).weight, 0.8, 1e-9);
  /* Nor does it come back while something else is on its way to the file. */
  inq_board_set_text (board, inq_panel_get_id (inq_window_get_panel (window)), INQ_FIELD_NOTES, "meanwhile", 0);
  g_assert_cmpuint (inq_board_get_n_waiting (board), >, 0);
  g_autoptr (InqDrawing) meanwhile = inq_drawing_of_board (board);
  g_assert_cmpfloat_with_epsilon (g_array_index (meanwhile->loras, InqDrawingLora, 0).weight, 0.8, 1e-9);
  g_assert_cmpfloat_with_epsilon (gtk_spin_button_get_value (GTK_SPIN_BUTTON (weight)), 0.8, 1e-9);
  use_lora_rows (window, list);
  ui_window_close (window);
}

static void
test_drawing_json (void)
{
  static const char *const odd[] = { "", "[]", "7", "{\"loras\":7}", "{\"loras\":[7,{}],\"like\":\"x\",\"steps\":-4}" };
  for (guint i = 0; i < G_N_ELEMENTS (odd); i++) {
    g_autoptr (InqDrawing) drawing = inq_drawing_from_json (odd[i]);
    g_assert_cmpuint (drawing->loras->len, ==, 0);
    g_assert_cmpint (drawing->steps, ==, 0);
    g_assert_cmpfloat (drawing->like, ==, INQ_DRAWING_LIKE);
  }
  g_autoptr (InqDrawing) plain = inq_drawing_new ();
  g_autofree char *json = inq_drawing_to_json (plain);
  g_assert_cmpstr (json, ==, "{}");

  /* A frame of the model's own shape is left to the model; others have its pixels. */
  int width, height;
  inq_drawing_get_size (plain, 16.0 / 9, 0, 0, 32, &width, &height);
  g_assert_cmpint (width, ==, 0);
  inq_drawing_get_size (plain, 16.0 / 9, 512, 512, 8, &width, &height);
  g_assert_cmpint (width, ==, 680);
  g_assert_cmpint (height, ==, 384);
  inq_drawing_get_size (plain, 2.39, 512, 512, 8, &width, &height);
  g_assert_cmpint (width, ==, 792);
  g_assert_cmpint (height, ==, 328);
  plain->pixels = 1024;
  inq_drawing_get_size (plain, 1, 512, 512, 8, &width, &height);
  g_assert_cmpint (width, ==, 1024);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/draw-from/json", test_drawing_json);
  g_test_add_func ("/draw-from/sketch", test_sketch);
  g_test_add_func ("/draw-from/picture", test_picture);
  g_test_add_func ("/draw-from/mask", test_mask);
  g_test_add_func ("/draw-from/mask-erase", test_mask_erase);
  g_test_add_func ("/draw-from/more-like", test_more_like);
  g_test_add_func ("/draw-from/more-like-drawn", test_more_like_drawn);
  g_test_add_func ("/draw-from/board", test_board);
  return ui_test_run ();
}
