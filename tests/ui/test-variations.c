/* Inquadra - tests: the grid of variations: order, shape, keys, commands, what runs and what failed.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-board-acts.h>
#include <inq-recipe-text.h>
#include <inq-variation-cell.h>
#include <inq-variations-grid.h>
#include <inq-variations-places.h>
#include <inq-variations.h>

#include "ui-test.h"

static InqVariations *
get_variations (InqWindow *window)
{
  return INQ_VARIATIONS (ui_find (GTK_WIDGET (window), "InqVariations"));
}

/* The grey a variation was made of is its seed. */
static char *
seeds (InqVariations *variations)
{
  GString *text = g_string_new (NULL);
  for (guint i = 1; i <= 20; i++) {
    InqVariation *variation = inq_variations_get_nth (variations, i);
    if (variation != NULL)
      g_string_append_printf (text, "%d%s ", (int) inq_variation_get_row (variation)->seed,
                              inq_variation_get_row (variation)->rejected ? "x"
                              : inq_variation_get_row (variation)->picked ? "p"
                                                                          : "");
  }
  return g_string_free (text, FALSE);
}

typedef struct {
  InqVariations *variations;
  const char *seeds;
} Wanted;

static gboolean
shows (Wanted *wanted)
{
  g_autofree char *now = seeds (wanted->variations);
  return g_str_equal (now, wanted->seeds);
}

static void
wait_seeds (InqWindow *window, const char *expected)
{
  Wanted wanted = { get_variations (window), expected };
  ui_wait (shows, &wanted);
}

static void
key (InqVariations *variations, guint keyval)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (variations));
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
    gboolean taken;
    if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
      g_signal_emit_by_name (controller, "key-pressed", keyval, 0, 0, &taken);
  }
}

static int
current_seed (InqVariations *variations)
{
  InqVariation *current = inq_variations_get_current (variations);
  return current != NULL ? (int) inq_variation_get_row (current)->seed : -1;
}

static void
test_choose (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqVariations *variations = get_variations (window);

  g_assert_true (inq_variations_get_empty (variations));
  g_assert_null (inq_variations_get_current (variations));
  for (int i = 0; i < 4; i++)
    ui_add_picture (window, 100 + 30 * i, FALSE);
  wait_seeds (window, "190 160 130 100 "); /* newest first */
  g_assert_false (inq_variations_get_empty (variations));

  ui_activate (window, "toggle-view");
  ui_next_frame (GTK_WIDGET (variations));
  ui_settle (window);
  g_assert_true (gtk_widget_grab_focus (GTK_WIDGET (variations)));
  g_assert_cmpint (current_seed (variations), ==, 190);
  key (variations, GDK_KEY_Right);
  g_assert_cmpint (current_seed (variations), ==, 160);
  key (variations, GDK_KEY_Down); /* 2 x 2 */
  g_assert_cmpint (current_seed (variations), ==, 100);
  key (variations, GDK_KEY_Right); /* the edge holds */
  g_assert_cmpint (current_seed (variations), ==, 100);
  key (variations, GDK_KEY_Left);
  g_assert_cmpint (current_seed (variations), ==, 130);
  key (variations, GDK_KEY_Up);
  g_assert_cmpint (current_seed (variations), ==, 190);

  g_assert_true (ui_press (window, "2"));
  wait_seeds (window, "190 160p 130 100 ");
  key (variations, GDK_KEY_Return);
  wait_seeds (window, "190p 160 130 100 ");
  g_assert_true (ui_press (window, "s"));
  ui_settle (window);

  /* A rejected one goes behind the others, dimmed; the focus stays where it was: on the next. */
  key (variations, GDK_KEY_Right);
  g_assert_true (ui_press (window, "x"));
  wait_seeds (window, "190p 130 100 160x ");
  ui_next_frame (GTK_WIDGET (variations));
  g_assert_cmpint (current_seed (variations), ==, 130);
  ui_shot (GTK_WIDGET (window), "variations-rejected", 1);
  ui_activate (window, "undo");
  wait_seeds (window, "190p 160 130 100 ");
  g_object_set (variations, "show-rejected", FALSE, NULL);
  ui_press (window, "x"); /* 130 has the focus */
  wait_seeds (window, "190p 160 100 ");
  ui_window_close (window);
}

static void
test_shape (void)
{
  static const struct {
    int n, width, height, columns;
    double aspect;
  } cases[] = {
    { 1, 900, 500, 1, 16 / 9.0 }, { 2, 1200, 400, 2, 16 / 9.0 }, { 2, 500, 900, 1, 16 / 9.0 },
    { 4, 970, 530, 2, 16 / 9.0 }, { 6, 970, 530, 3, 16 / 9.0 },  { 9, 970, 560, 3, 16 / 9.0 },
    { 4, 970, 530, 4, 9 / 16.0 }, { 4, 970, 530, 2, 2.39 },      { 16, 1600, 900, 4, 16 / 9.0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    GtkWidget *grid = g_object_ref_sink (inq_variations_grid_new ());
    g_autoptr (GPtrArray) cells = g_ptr_array_new ();
    int minimum;
    for (int k = 0; k < cases[i].n; k++) {
      GtkWidget *cell = inq_variation_cell_new ();
      gtk_widget_set_parent (cell, grid);
      g_ptr_array_add (cells, cell);
    }
    inq_variations_grid_set_shape (INQ_VARIATIONS_GRID (grid), cases[i].aspect, 8);
    inq_variations_grid_set_order (INQ_VARIATIONS_GRID (grid), cells);
    gtk_widget_measure (grid, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
    gtk_widget_measure (grid, GTK_ORIENTATION_VERTICAL, cases[i].width, &minimum, NULL, NULL, NULL);
    int height = MAX (cases[i].height, minimum);
    gtk_widget_allocate (grid, cases[i].width, height, -1, NULL);
    g_assert_cmpint (inq_variations_grid_get_columns (INQ_VARIATIONS_GRID (grid)), ==, cases[i].columns);
    /* Whole within the room, none over another. */
    for (guint a = 0; a < cells->len; a++) {
      graphene_rect_t box, other, common;
      g_assert_true (gtk_widget_compute_bounds (cells->pdata[a], grid, &box));
      g_assert_true (graphene_rect_contains_rect (&GRAPHENE_RECT_INIT (0, 0, cases[i].width, height), &box));
      for (guint b = 0; b < a; b++) {
        g_assert_true (gtk_widget_compute_bounds (cells->pdata[b], grid, &other));
        g_assert_false (graphene_rect_intersection (&box, &other, &common) && common.size.width > 0
                        && common.size.height > 0);
      }
    }
    g_object_unref (grid);
  }
}

static InqVariationCell *
find_job_cell (InqWindow *window, InqJobState state)
{
  for (int i = 0;; i++) {
    GtkWidget *cell = ui_find_nth (GTK_WIDGET (window), "InqVariationCell", i);
    if (cell == NULL)
      return NULL;
    InqJob *job = inq_variation_cell_get_job (INQ_VARIATION_CELL (cell));
    if (gtk_widget_get_visible (cell) && job != NULL && inq_job_get_state (job) == state)
      return INQ_VARIATION_CELL (cell);
  }
}

static gboolean
has_failed (InqWindow *window)
{
  return find_job_cell (window, INQ_JOB_FAILED) != NULL;
}

static void
note_command (InqVariations *variations, int command, InqVariation *variation, InqJob *job, int *seen)
{
  *seen = command;
  g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_FAILED);
}

/* A job of a model that is not there: its place says so and offers to try again. */
static void
test_failed (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqVariations *variations = get_variations (window);
  InqJobRequest request = { .panel_id = inq_panel_get_id (inq_window_get_panel (window)),
                            .prompt = "two people",
                            .model = "/nowhere/model.safetensors",
                            .seed = 7,
                            .count = 4,
                            .steps = 4,
                            .width = 512,
                            .height = 288 };
  int seen = -1;

  ui_activate (window, "toggle-view");
  inq_jobs_enqueue (inq_window_get_jobs (window), &request);
  g_assert_false (inq_variations_get_empty (variations));
  /* Four places at once, before the file or the engine know. */
  g_autoptr (GArray)
      places = inq_variations_list_places (NULL, inq_window_get_jobs (window), inq_window_get_panel (window), TRUE);
  g_assert_cmpuint (places->len, ==, 4);
  ui_wait (has_failed, window);
  ui_next_frame (GTK_WIDGET (variations));
  ui_shot (GTK_WIDGET (window), "variations-failed", 1);
  g_autoptr (GArray)
      after = inq_variations_list_places (NULL, inq_window_get_jobs (window), inq_window_get_panel (window), TRUE);
  g_assert_cmpuint (after->len, ==, 1);

  g_signal_connect (variations, "command", G_CALLBACK (note_command), &seen);
  InqVariationCell *cell = find_job_cell (window, INQ_JOB_FAILED);
  g_signal_emit_by_name (cell, "command", INQ_VARIATION_RETRY);
  g_assert_cmpint (seen, ==, INQ_VARIATION_RETRY);
  ui_wait (has_failed, window);
  ui_window_close (window);
}

static gboolean
has_preview (InqWindow *window)
{
  InqVariationCell *cell = find_job_cell (window, INQ_JOB_RUNNING);
  return cell != NULL && inq_job_get_preview (inq_variation_cell_get_job (cell), 0) != NULL;
}

static gboolean
job_is_over (InqJob *job)
{
  return inq_job_get_state (job) != INQ_JOB_QUEUED && inq_job_get_state (job) != INQ_JOB_RUNNING;
}

/* The house model draws two: previews grow in the places where the pictures then stay. */
static void
test_running (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqVariations *variations = get_variations (window);
  InqPanel *panel = inq_window_get_panel (window);
  InqJobRequest request = { .panel_id = inq_panel_get_id (panel),
                            .prompt = "long shot, two people, forest, night",
                            .seed = 11,
                            .count = 2,
                            .steps = 6,
                            .width = 512,
                            .height = 288 };

  ui_activate (window, "toggle-view");
  ui_hold (window, INQ_JOBS_HOLD_STORE); /* it does not end before it was looked at */
  InqJob *job = g_object_ref (inq_jobs_enqueue (inq_window_get_jobs (window), &request));
  /* A software device beside other work may take minutes: the program's own time limit is the limit. */
  while (!has_preview (window) && !job_is_over (job))
    g_main_context_iteration (NULL, TRUE);
  if (job_is_over (job)) {
    g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_FAILED);
    g_test_skip (inq_job_get_error (job));
  } else {
    GtkWidget *first = ui_find (GTK_WIDGET (window), "InqVariationCell");
    ui_next_frame (GTK_WIDGET (variations));
    ui_shot (GTK_WIDGET (window), "variations-running", 1);
    ui_hold (window, INQ_JOBS_HOLD_NOTHING);
    while (!job_is_over (job))
      g_main_context_iteration (NULL, TRUE);
    g_assert_cmpint (inq_job_get_state (job), ==, INQ_JOB_DONE);
    wait_seeds (window, "11 12 ");
    g_assert_true (ui_find (GTK_WIDGET (window), "InqVariationCell") == first);
    g_assert_cmpint (inq_panel_get_row (panel)->n_variations, ==, 2);
    ui_next_frame (GTK_WIDGET (variations));
    ui_settle (window);
    ui_shot (GTK_WIDGET (window), "variations-done", 1);
  }
  g_object_unref (job);
  ui_window_close (window);
}

static void
test_recipe (void)
{
  InqVariationRow row = { .id = 1,
                          .width = 512,
                          .height = 288,
                          .seed = 42,
                          .recipe = (char *) "{\"prompt\":\"a house\",\"negative\":\"\",\"seed\":42,\"steps\":12,"
                                             "\"sampler\":\"euler\",\"model\":\"/x/house\"}" };
  g_autofree char *text = inq_recipe_describe (&row);
  g_assert_cmpstr (text, ==, "Prompt: a house\nSeed: 42\nSteps: 12\nSampler: euler\nModel: house\n512 × 288 pixels");
  row.recipe = (char *) "{}";
  g_autofree char *drawn = inq_recipe_describe (&row);
  g_assert_cmpstr (drawn, ==, "Drawn or added by hand\n512 × 288 pixels");
  row.recipe = (char *) "{\"prompt\": 5, \"steps\": \"x\"}";
  g_autofree char *odd = inq_recipe_describe (&row);
  g_assert_cmpstr (odd, ==, "Seed: 42\n512 × 288 pixels");
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/variations/choose", test_choose);
  g_test_add_func ("/variations/shape", test_shape);
  g_test_add_func ("/variations/failed", test_failed);
  g_test_add_func ("/variations/running", test_running);
  g_test_add_func ("/variations/recipe", test_recipe);
  return ui_test_run ();
}
