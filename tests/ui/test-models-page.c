/* Inquadra - tests: the preferences' page of models: listed, added with progress, removed and taken back.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <glib/gstdio.h>
#include <inq-engine.h>
#include <inq-import.h>
#include <inq-model-infos.h>
#include <inq-models-page.h>
#include <inq-preferences.h>
#include <inq-settings.h>
#include <string.h>

#include "ui-test.h"

static int
n_rows (GtkWidget *root)
{
  int n = 0;
  for (int i = 0;; i++) {
    GtkWidget *row = ui_find_nth (root, "AdwActionRow", i);
    if (row == NULL)
      return n;
    n += g_object_get_data (G_OBJECT (row), "inq-path") != NULL && gtk_widget_get_visible (row);
  }
}

static GtkWidget *
find_row (GtkWidget *root, const char *part)
{
  for (int i = 0;; i++) {
    GtkWidget *row = ui_find_nth (root, "AdwActionRow", i);
    if (row == NULL)
      return NULL;
    const char *path = g_object_get_data (G_OBJECT (row), "inq-path");
    if (path != NULL && strstr (path, part) != NULL)
      return row;
  }
}

static gboolean
one_row (gpointer data)
{
  return n_rows (data) == 1;
}

static gboolean
two_rows (gpointer data)
{
  return n_rows (data) == 2;
}

static gboolean
says_it_fits (gpointer data)
{
  GtkWidget *row = find_row (data, "");
  return row != NULL && strstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), "device") != NULL;
}

static char *
house_file (void)
{
  g_autofree char *house = inq_house_model_path ();
  return house != NULL ? g_build_filename (house, "model.safetensors", NULL) : NULL;
}

static char *
models_file (const char *name)
{
  return g_build_filename (g_get_user_data_dir (), "inquadra", "models", name, NULL);
}

static GtkWidget *
find_button (GtkWidget *root, const char *icon)
{
  for (int i = 0;; i++) {
    GtkWidget *button = ui_find_nth (root, "GtkButton", i);
    if (button == NULL || g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (button)), icon) == 0)
      return button;
  }
}

typedef struct {
  InqWindow *window;
  GtkWidget *preferences, *page;
  char *other; /* a copy of the house model under another name: small, and it draws; NULL: there is none */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *file = house_file ();
  g_autofree char *bytes = NULL;
  gsize size;

  if (file == NULL || !g_file_get_contents (file, &bytes, &size, NULL)) {
    g_test_skip ("no house model beside the build");
    return;
  }
  f->other = ui_path ("mine.safetensors");
  g_assert_true (g_file_set_contents (f->other, bytes, (gssize) size, NULL));
  f->window = ui_window_with_board (1);
  f->preferences = inq_preferences_present (GTK_WINDOW (f->window));
  f->page = ui_find (f->preferences, "InqModelsPage");
  adw_preferences_window_set_visible_page (ADW_PREFERENCES_WINDOW (f->preferences), ADW_PREFERENCES_PAGE (f->page));
  ui_wait (one_row, f->page);
}

/* Not everywhere: a container may have no trash. */
static gboolean
has_trash (void)
{
  g_autofree char *probe = models_file ("probe");
  g_assert_true (g_file_set_contents (probe, "", 0, NULL));
  g_autoptr (GFile) file = g_file_new_for_path (probe);
  gboolean works = g_file_trash (file, NULL, NULL);
  g_unlink (probe);
  return works;
}

static gboolean
no_bar (gpointer data)
{
  return ui_find (data, "GtkProgressBar") == NULL;
}

static gboolean
has_any_toast (gpointer data)
{
  return ui_find (data, "AdwToastWidget") != NULL;
}

static gboolean
is_away (gpointer path)
{
  return !g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *mine = models_file ("mine.safetensors");

  if (f->other == NULL)
    return;
  if (f->preferences != NULL)
    gtk_window_destroy (GTK_WINDOW (f->preferences));
  ui_settle (f->window);
  ui_window_close (f->window);
  g_unlink (mine);
  g_free (f->other);
}

/* What is listed says whether it fits; chosen, it is the model that draws; removed, it leaves the list at once, and the
 * file goes with the page, not before. */
static void
test_page (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) devices = inq_gpu_list (NULL);
  g_autofree char *broken = ui_path ("broken.safetensors");

  if (f->other == NULL)
    return;
  if (devices != NULL)
    ui_wait (says_it_fits, f->page);
  inq_models_page_add (INQ_MODELS_PAGE (f->page), f->other);
  ui_wait (two_rows, f->page);
  GtkWidget *row = find_row (f->page, "mine");
  g_assert_nonnull (row);
  ui_shot (f->preferences, "models-page", 1);

  GtkWidget *radio = ui_find (row, "GtkCheckButton");
  if (gtk_widget_get_sensitive (radio)) {
    gtk_check_button_set_active (GTK_CHECK_BUTTON (radio), TRUE);
    g_autofree char *model = g_settings_get_string (inq_settings_get (), "model");
    g_assert_cmpstr (model, ==, g_object_get_data (G_OBJECT (row), "inq-path"));
    g_settings_reset (inq_settings_get (), "model");
  }

  /* A file that is no model says so and leaves nothing. */
  g_assert_true (g_file_set_contents (broken, "nothing of the kind", -1, NULL));
  inq_models_page_add (INQ_MODELS_PAGE (f->page), broken);
  ui_wait (no_bar, f->page);
  ui_wait (has_any_toast, f->preferences);
  ui_wait (two_rows, f->page);
  row = find_row (f->page, "mine");
  g_assert_nonnull (row);

  g_autofree char *path = g_strdup (g_object_get_data (G_OBJECT (row), "inq-path"));
  g_signal_emit_by_name (find_button (row, "user-trash-symbolic"), "clicked");
  g_assert_false (gtk_widget_get_visible (row));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  gboolean to_trash = has_trash ();
  gtk_window_destroy (GTK_WINDOW (g_steal_pointer (&f->preferences)));
  if (to_trash)
    ui_wait (is_away, path);
}

static GtkWidget *
toast_button (gpointer data)
{
  GtkWidget *toast = ui_find (data, "AdwToastWidget");
  return toast != NULL ? ui_find (toast, "GtkButton") : NULL;
}

static gboolean
has_toast (gpointer data)
{
  return toast_button (data) != NULL;
}

/* Dropped on the page; removed and taken back, the file is where it was. */
static void
test_drop_and_undo (Fixture *f, gconstpointer data)
{
  g_autofree char *mine = models_file ("mine.safetensors");
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;

  if (f->other == NULL)
    return;
  g_autoptr (GFile) file = g_file_new_for_path (f->other);
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (f->page);
  GSList files = { .data = file };
  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_set_boxed (&value, &files);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
    if (GTK_IS_DROP_TARGET (controller))
      g_signal_emit_by_name (controller, "drop", &value, 10.0, 10.0, &taken);
  }
  g_assert_true (taken);
  ui_wait (two_rows, f->page);
  g_assert_true (g_file_test (mine, G_FILE_TEST_EXISTS));

  g_signal_emit_by_name (find_button (find_row (f->page, "mine"), "user-trash-symbolic"), "clicked");
  g_assert_cmpint (n_rows (f->page), ==, 1);
  ui_wait (has_toast, f->preferences);
  g_signal_emit_by_name (toast_button (f->preferences), "clicked"); /* before it goes again */
  ui_wait (two_rows, f->page);
  ui_shot (f->preferences, "models-page-kept", 1);
  gtk_window_destroy (GTK_WINDOW (g_steal_pointer (&f->preferences)));
  ui_settle (f->window);
  g_assert_true (g_file_test (mine, G_FILE_TEST_EXISTS));
}

static void
press_stop (Fixture *f)
{
  GtkWidget *bar = ui_find (f->page, "GtkProgressBar");
  g_assert_nonnull (bar);
  g_signal_emit_by_name (find_button (gtk_widget_get_ancestor (bar, ADW_TYPE_ACTION_ROW), "process-stop-symbolic"),
                         "clicked");
  ui_wait (no_bar, f->page);
}

static gboolean
is_in_place (gpointer path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Cancelled while its row shows, nothing of it stays: neither when it is still copied, nor when the copy is complete
 * and only the window has not heard of it. */
static void
test_cancel_adding (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = models_file (NULL);
  g_autofree char *mine = models_file ("mine.safetensors");

  if (f->other == NULL)
    return;
  for (guint late = 0; late < 2; late++) {
    inq_models_page_add (INQ_MODELS_PAGE (f->page), f->other);
    while (late && !is_in_place (mine)) /* the main loop stands still */
      g_thread_yield ();
    press_stop (f);
    ui_wait (one_row, f->page);
    g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
    g_assert_true (dir == NULL || g_dir_read_name (dir) == NULL);
  }
  ui_settle (f->window);
  g_assert_cmpint (n_rows (f->page), ==, 1);
  g_assert_false (has_any_toast (f->preferences));
}

static gboolean
not_checking (gpointer check)
{
  return !gtk_spinner_get_spinning (GTK_SPINNER (ui_find (check, "GtkSpinner")));
}

/* The graphics card is checked, and the check can be stopped. */
static void
test_check (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) devices = inq_gpu_list (NULL);

  if (f->other == NULL)
    return;
  AdwActionRow *check = ADW_ACTION_ROW (ui_find (f->page, "InqDeviceCheck"));
  GtkWidget *row = GTK_WIDGET (check), *start = ui_find_nth (row, "GtkButton", 0),
            *stop = ui_find_nth (row, "GtkButton", 1), *icon = NULL;
  for (int i = 0; icon == NULL; i++) {
    GtkWidget *image = ui_find_nth (row, "GtkImage", i);
    g_assert_nonnull (image);
    icon = gtk_widget_get_parent (image) != NULL && gtk_image_get_storage_type (GTK_IMAGE (image)) == GTK_IMAGE_EMPTY
                   && !gtk_widget_get_visible (image)
               ? image
               : NULL;
  }
  g_autofree char *before = g_strdup (adw_action_row_get_subtitle (check));
  g_signal_emit_by_name (start, "clicked");
  g_assert_false (gtk_widget_get_visible (start));
  g_assert_true (gtk_widget_get_visible (stop));
  g_signal_emit_by_name (stop, "clicked");
  ui_wait (not_checking, row);
  g_assert_true (gtk_widget_get_visible (start));
  g_assert_cmpstr (adw_action_row_get_subtitle (check), ==, before);
  if (devices == NULL)
    return;
  g_signal_emit_by_name (start, "clicked");
  ui_shot (f->preferences, "models-page-checking", 1);
  ui_wait (not_checking, row);
  g_assert_true (gtk_widget_get_visible (icon));
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (check), "can be trusted"));
  g_assert_cmpstr (gtk_image_get_icon_name (GTK_IMAGE (icon)), ==, "emblem-ok-symbolic");
  ui_shot (f->preferences, "models-page-checked", 1);
}

/* What was looked at is not read again until its file is another. */
static void
test_remembered (void)
{
  g_autofree char *file = house_file ();
  g_autofree char *copy = ui_path ("known.safetensors");
  g_autofree char *bytes = NULL;
  gsize size;

  if (file == NULL || !g_file_get_contents (file, &bytes, &size, NULL)) {
    g_test_skip ("no house model beside the build");
    return;
  }
  g_assert_true (g_file_set_contents (copy, bytes, (gssize) size, NULL));
  g_assert_null (inq_model_infos_peek (copy));
  g_autoptr (InqModelFound) first = inq_model_infos_look (copy);
  g_assert_nonnull (first->info);
  g_autoptr (InqModelFound) again = inq_model_infos_look (copy);
  g_assert_true (again == first);
  g_assert_true (g_file_set_contents (copy, bytes, (gssize) size / 2, NULL));
  g_assert_null (inq_model_infos_peek (copy));
  g_autoptr (InqModelFound) cut = inq_model_infos_look (copy);
  g_assert_null (cut->info);
  g_assert_nonnull (cut->error);
  g_assert_cmpint (g_unlink (copy), ==, 0);
  g_assert_null (inq_model_infos_peek (copy));
}

/* Whoever closes the preferences waits for no check. */
static void
test_check_left (Fixture *f, gconstpointer data)
{
  if (f->other == NULL)
    return;
  g_autoptr (GtkWidget) row = g_object_ref (ui_find (f->page, "InqDeviceCheck"));
  g_autofree char *before = g_strdup (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)));
  g_autoptr (GtkWidget) stop = g_object_ref (ui_find_nth (row, "GtkButton", 1));

  g_signal_emit_by_name (ui_find_nth (row, "GtkButton", 0), "clicked");
  g_assert_true (gtk_widget_get_visible (stop));
  gtk_window_destroy (GTK_WINDOW (f->preferences));
  f->preferences = NULL;
  ui_wait (not_checking, row);
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), ==, before);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/models-page/remembered", test_remembered);
  g_test_add ("/models-page/page", Fixture, NULL, set_up, test_page, tear_down);
  g_test_add ("/models-page/drop-and-undo", Fixture, NULL, set_up, test_drop_and_undo, tear_down);
  g_test_add ("/models-page/cancel-adding", Fixture, NULL, set_up, test_cancel_adding, tear_down);
  g_test_add ("/models-page/check", Fixture, NULL, set_up, test_check, tear_down);
  g_test_add ("/models-page/check-left", Fixture, NULL, set_up, test_check_left, tear_down);
  return ui_test_run ();
}
