/* Inquadra - tests: the preferences' page of models: listed, added with progress, removed and taken back.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <glib/gstdio.h>
#include <inq-engine.h>
#include <inq-import.h>
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

/* A copy of the house model under another name: small, and it draws. */
static void
test_page (void)
{
  InqWindow *window = ui_window_with_board (1);
  g_autofree char *file = house_file ();
  g_autofree char *other = ui_path ("mine.safetensors");
  g_autofree char *bytes = NULL;
  g_autofree char *house = inq_house_model_path ();
  gsize size;

  if (file == NULL || !g_file_get_contents (file, &bytes, &size, NULL)) {
    g_test_skip ("no house model beside the build");
    ui_window_close (window);
    return;
  }
  g_assert_true (g_file_set_contents (other, bytes, size, NULL));
  GtkWidget *preferences = inq_preferences_present (GTK_WINDOW (window));
  GtkWidget *page = ui_find (preferences, "InqModelsPage");
  adw_preferences_window_set_visible_page (ADW_PREFERENCES_WINDOW (preferences), ADW_PREFERENCES_PAGE (page));
  ui_wait (one_row, page);
  g_autoptr (GPtrArray) devices = inq_gpu_list (NULL);
  if (devices != NULL)
    ui_wait (says_it_fits, page);

  inq_models_page_add (INQ_MODELS_PAGE (page), other);
  ui_wait (two_rows, page);
  GtkWidget *row = find_row (page, "mine");
  g_assert_nonnull (row);
  ui_shot (preferences, "models-page", 1);

  /* Chosen, it is the model that draws. */
  GtkWidget *radio = ui_find (row, "GtkCheckButton");
  if (gtk_widget_get_sensitive (radio)) {
    gtk_check_button_set_active (GTK_CHECK_BUTTON (radio), TRUE);
    g_autofree char *model = g_settings_get_string (inq_settings_get (), "model");
    g_assert_cmpstr (model, ==, g_object_get_data (G_OBJECT (row), "inq-path"));
    g_settings_reset (inq_settings_get (), "model");
  }

  /* A file that is no model says so and leaves nothing. */
  g_autofree char *broken = ui_path ("broken.safetensors");
  g_assert_true (g_file_set_contents (broken, "nothing of the kind", -1, NULL));
  inq_models_page_add (INQ_MODELS_PAGE (page), broken);
  ui_settle (window);

  /* Removed, it leaves the list at once; the file goes with the page, not before. */
  g_autofree char *path = g_strdup (g_object_get_data (G_OBJECT (row), "inq-path"));
  GtkWidget *remove = NULL;
  for (int i = 0; remove == NULL; i++) {
    GtkWidget *button = ui_find_nth (row, "GtkButton", i);
    g_assert_nonnull (button);
    if (g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (button)), "user-trash-symbolic") == 0)
      remove = button;
  }
  g_signal_emit_by_name (remove, "clicked");
  g_assert_false (gtk_widget_get_visible (row));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  gtk_window_destroy (GTK_WINDOW (preferences));
  for (int i = 0; i < 20000 && g_file_test (path, G_FILE_TEST_EXISTS); i++) {
    g_main_context_iteration (NULL, FALSE);
    g_thread_yield ();
  }
  ui_settle (window);
  ui_window_close (window);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/models-page/page", test_page);
  return ui_test_run ();
}
