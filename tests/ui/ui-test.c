/* Inquadra - what the tests of the window share: an application, boards in a temporary folder, waiting, keys, pictures.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "ui-test.h"

#include <dlfcn.h>
#include <glib/gstdio.h>
#include <inq-board-acts.h>
#include <inq-settings.h>
#include <stdlib.h>

#define LONG_WHILE_S  600 /* bounds a hang: under a sanitizer on a busy machine a window takes a minute */
#define LOOK_AGAIN_MS 20

static InqApplication *application;
static char *folder;

#ifdef __SANITIZE_ADDRESS__
/* What a module allocated for the life of the process counts as lost once the module is unloaded: keep all of them. */
int
dlclose (void *handle)
{
  return 0;
}
#endif

/* GTK loads icons in threads. One whose widget went meanwhile is finalized there, and until that is over the main
 * thread may still find it in the icon theme's cache: a critical, in GTK's own code. Here icons are loaded where they
 * are asked for. */
void
g_task_run_in_thread (GTask *task, GTaskThreadFunc func)
{
  static void (*real) (GTask *, GTaskThreadFunc);
  gpointer source = g_task_get_source_object (task);

  if (real == NULL)
    real = (void (*) (GTask *, GTaskThreadFunc)) dlsym (RTLD_NEXT, "g_task_run_in_thread");
  if (source != NULL && GTK_IS_ICON_PAINTABLE (source))
    func (task, source, g_task_get_task_data (task), g_task_get_cancellable (task));
  else
    real (task, func);
}

/* ---- start and end ---- */

static void
set_folder (const char *variable, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_mkdir_with_parents (path, 0700);
  g_setenv (variable, path, TRUE);
}

void
ui_test_init (int *argc, char ***argv)
{
  g_autoptr (GError) error = NULL;

  folder = g_dir_make_tmp ("inq-ui-XXXXXX", &error);
  g_assert_no_error (error);
  set_folder ("HOME", "home");
  set_folder ("XDG_DATA_HOME", "data");
  set_folder ("XDG_CONFIG_HOME", "config");
  /* The shader cache of the engine stays where it is: compiling anew for each program would take minutes. */
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_setenv ("GTK_A11Y", "test", FALSE);

  if (g_getenv ("DISPLAY") == NULL && g_getenv ("WAYLAND_DISPLAY") == NULL) {
    g_print ("1..0 # SKIP no display: run under run-display.sh\n");
    exit (0); /* meson takes 77 of a TAP program for a failure */
  }
  if (!gtk_init_check ())
    g_error ("the display %s cannot be opened", g_getenv ("DISPLAY"));
  g_test_init (argc, argv, NULL);
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  g_assert_true (inq_settings_init (&error));
  g_assert_no_error (error);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);
    if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
      remove_tree (child);
    else
      g_unlink (child);
  }
  g_rmdir (path);
}

int
ui_test_run (void)
{
  int result = g_test_run ();
  if (application != NULL)
    while (gtk_application_get_windows (GTK_APPLICATION (application)) != NULL)
      gtk_window_destroy (gtk_application_get_windows (GTK_APPLICATION (application))->data);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&application);
  remove_tree (folder);
  g_free (folder);
  return result;
}

InqApplication *
ui_application (void)
{
  if (application == NULL) {
    g_autoptr (GError) error = NULL;
    application = inq_application_new ();
    g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
    g_application_register (G_APPLICATION (application), NULL, &error);
    g_assert_no_error (error);
    g_application_set_default (G_APPLICATION (application));
  }
  return application;
}

char *
ui_path (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* ---- waiting ---- */

static gboolean
look_again_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
ui_wait_for (gboolean (*done) (gpointer), gpointer data, const char *what)
{
  const gint64 until = g_get_monotonic_time () + LONG_WHILE_S * G_USEC_PER_SEC;
  /* What a thread does to a file or a lock wakes no main loop: it is looked at again. */
  guint id = g_timeout_add (LOOK_AGAIN_MS, look_again_cb, NULL);
  while (!done (data)) {
    if (g_get_monotonic_time () > until)
      g_error ("waited in vain: %s", what);
    g_main_context_iteration (NULL, TRUE);
  }
  g_source_remove (id);
}

static gboolean
is_settled (InqWindow *window)
{
  InqBoard *board = inq_window_get_board (window);
  return (board == NULL || inq_board_get_n_waiting (board) == 0) && !g_main_context_pending (NULL);
}

void
ui_settle (InqWindow *window)
{
  ui_wait (is_settled, window);
}

/* ---- windows ---- */

static gboolean
has_board (InqWindow *window)
{
  return inq_window_get_board (window) != NULL;
}

typedef struct {
  InqWindow *window;
  guint n;
} HasPanels;

static gboolean
has_panels (gpointer data)
{
  HasPanels *wanted = data;
  return inq_board_get_n_panels (inq_window_get_board (wanted->window)) == wanted->n;
}

InqWindow *
ui_window_with_board (int n)
{
  InqWindow *window = inq_window_new (GTK_APPLICATION (ui_application ()));
  gtk_window_set_default_size (GTK_WINDOW (window), 1366, 768);
  gtk_window_present (GTK_WINDOW (window));
  inq_window_new_board (window);
  ui_wait (has_board, window);
  for (int i = 0; i < n; i++) {
    HasPanels wanted = { window, i + 1 };
    ui_activate (window, "new-panel");
    ui_wait (has_panels, &wanted);
    ui_settle (window);
  }
  ui_activate (window, "escape");
  return window;
}

static gboolean
is_gone (gpointer data)
{
  return *(gpointer *) data == NULL;
}

void
ui_window_close (InqWindow *window)
{
  gpointer weak = window;
  g_object_add_weak_pointer (G_OBJECT (window), &weak);
  gtk_window_close (GTK_WINDOW (window));
  ui_wait (is_gone, &weak);
}

void
ui_hold (InqWindow *window, InqJobsHold hold)
{
  inq_jobs_worker_hold (inq_window_get_jobs (window)->worker, hold);
}

void
ui_activate (InqWindow *window, const char *action)
{
  g_assert_true (g_action_group_has_action (G_ACTION_GROUP (window), action));
  if (!g_action_group_get_action_enabled (G_ACTION_GROUP (window), action))
    g_error ("action %s is not enabled", action);
  g_action_group_activate_action (G_ACTION_GROUP (window), action, NULL);
}

gboolean
ui_enabled (InqWindow *window, const char *action)
{
  return g_action_group_get_action_enabled (G_ACTION_GROUP (window), action);
}

/* ---- keys ---- */

static gboolean
has_alternative (GtkShortcutTrigger *trigger, GtkShortcutTrigger *wanted)
{
  if (GTK_IS_ALTERNATIVE_TRIGGER (trigger))
    return has_alternative (gtk_alternative_trigger_get_first (GTK_ALTERNATIVE_TRIGGER (trigger)), wanted)
           || has_alternative (gtk_alternative_trigger_get_second (GTK_ALTERNATIVE_TRIGGER (trigger)), wanted);
  return gtk_shortcut_trigger_equal (trigger, wanted);
}

gboolean
ui_press (InqWindow *window, const char *trigger)
{
  g_autoptr (GtkShortcutTrigger) wanted = gtk_shortcut_trigger_parse_string (trigger);
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (window));
  gboolean taken = FALSE;

  g_assert_nonnull (wanted);
  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !taken; i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
    if (g_strcmp0 (gtk_event_controller_get_name (controller), "inq-board-keys") != 0)
      continue;
    for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (controller)) && !taken; j++) {
      g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), j);
      if (has_alternative (gtk_shortcut_get_trigger (shortcut), wanted))
        taken = gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0, GTK_WIDGET (window), NULL);
    }
  }
  return taken;
}

/* ---- widgets ---- */

static GtkWidget *
find (GtkWidget *root, const char *type, int *n)
{
  if (g_str_equal (G_OBJECT_TYPE_NAME (root), type) && (*n)-- == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = find (child, type, n);
    if (found != NULL)
      return found;
  }
  return NULL;
}

GtkWidget *
ui_find_nth (GtkWidget *root, const char *type, int n)
{
  return find (root, type, &n);
}

GtkWidget *
ui_find (GtkWidget *root, const char *type)
{
  return ui_find_nth (root, type, 0);
}

/* ---- pictures ---- */

GBytes *
ui_png (int width, int height, guint8 grey)
{
  g_autofree guint8 *rgb = g_malloc ((gsize) width * height * 3);
  g_autoptr (GError) error = NULL;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      gboolean cross = ABS (x * height - y * width) < 3 * width || ABS (x * height - (height - y) * width) < 3 * width;
      memset (rgb + ((gsize) y * width + x) * 3, cross ? 40 : grey, 3);
    }
  GBytes *png = inq_png_encode (rgb, width, height, 3, (gsize) width * 3, &error);
  g_assert_no_error (error);
  return png;
}

typedef struct {
  InqPanel *panel;
  int n;
} HasVariations;

static gboolean
has_variations (gpointer data)
{
  HasVariations *wanted = data;
  return inq_panel_get_row (wanted->panel)->n_variations == wanted->n;
}

void
ui_add_picture (InqWindow *window, guint8 grey, gboolean pick)
{
  InqPanel *panel = inq_window_get_panel (window);
  g_autoptr (GBytes) png = ui_png (512, 288, grey);
  InqNewVariation variation = { .png = png, .seed = grey };
  HasVariations wanted = { panel, inq_panel_get_row (panel)->n_variations + 1 };
  inq_board_add_variation (inq_window_get_board (window), inq_panel_get_id (panel), &variation, pick, NULL, NULL);
  ui_wait (has_variations, &wanted);
  ui_settle (window);
}

gboolean
ui_toast_says (gpointer data, const char *words)
{
  GtkWidget *toast = ui_find (data, "AdwToastWidget");
  GtkLabel *label = toast != NULL ? GTK_LABEL (ui_find (toast, "GtkLabel")) : NULL;
  if (label == NULL || strstr (gtk_label_get_label (label), words) == NULL)
    return FALSE;
  /* What is longer than a line is not cut off. */
  g_assert_true (gtk_label_get_wrap (label) || g_utf8_strlen (gtk_label_get_label (label), -1) < 60);
  return TRUE;
}

void
ui_shot (GtkWidget *window, const char *name, double scale)
{
  const char *shots = g_getenv ("INQ_SHOTS");
  if (shots == NULL)
    return;
  GskRenderNode *node = NULL;
  int width = 0, height = 0;
  /* A widget whose layout is due paints nothing until the next frame. */
  while (node == NULL) {
    g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
    /* Its own size, so that a pixel is a pixel. */
    width = gdk_paintable_get_intrinsic_width (paintable);
    height = gdk_paintable_get_intrinsic_height (paintable);
    GtkSnapshot *snapshot = gtk_snapshot_new ();
    gtk_snapshot_scale (snapshot, scale, scale);
    gdk_paintable_snapshot (paintable, snapshot, width, height);
    node = gtk_snapshot_free_to_node (snapshot);
    if (node == NULL) {
      gtk_widget_queue_draw (window);
      g_main_context_iteration (NULL, TRUE);
    }
  }
  g_autoptr (GdkTexture)
      texture = gsk_renderer_render_texture (gtk_native_get_renderer (gtk_widget_get_native (window)), node,
                                             &GRAPHENE_RECT_INIT (0, 0, width * scale, height * scale));
  gsk_render_node_unref (node);
  g_autofree char *file = g_strconcat (name, ".png", NULL);
  g_autofree char *path = g_build_filename (shots, file, NULL);
  g_mkdir_with_parents (shots, 0755);
  g_assert_true (gdk_texture_save_to_png (texture, path));
}

void
ui_next_frame (GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  gint64 frame = gdk_frame_clock_get_frame_counter (clock);
  while (gdk_frame_clock_get_frame_counter (clock) < frame + 2) {
    gtk_widget_queue_draw (widget);
    g_main_context_iteration (NULL, TRUE);
  }
}
