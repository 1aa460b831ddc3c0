/* Inquadra - tests: the saved versions of a board in the window.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-board-acts.h>
#include <inq-versions.h>

#include "ui-test.h"

static InqVersions *
find_versions (void)
{
  g_autoptr (GListModel) toplevels = g_object_ref (gtk_window_get_toplevels ());
  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++) {
    g_autoptr (GObject) toplevel = g_list_model_get_item (toplevels, i);
    if (INQ_IS_VERSIONS (toplevel))
      return INQ_VERSIONS (toplevel);
  }
  return NULL;
}

static void
dismissed_cb (gboolean *gone)
{
  *gone = TRUE;
}

typedef struct {
  int n;
} Rows;

static gboolean
shows_rows (gpointer data)
{
  Rows *rows = data;
  InqVersions *versions = find_versions ();
  return versions != NULL && inq_versions_get_n_rows (versions) == rows->n;
}

static void
wait_rows (int n)
{
  Rows rows = { n };
  ui_wait (shows_rows, &rows);
}

static gboolean
no_versions (gpointer data)
{
  return find_versions () == NULL;
}

static GtkWidget *
button (const char *label, int n)
{
  for (int i = 0;; i++) {
    GtkWidget *widget = ui_find_nth (GTK_WIDGET (find_versions ()), "GtkButton", i);
    if (widget == NULL)
      g_error ("no button “%s”", label);
    const char *own = gtk_button_get_label (GTK_BUTTON (widget));
    const char *icon = gtk_button_get_icon_name (GTK_BUTTON (widget));
    if ((g_strcmp0 (own, label) == 0 || g_strcmp0 (icon, label) == 0) && n-- == 0)
      return widget;
  }
}

static void
click (const char *label, int n)
{
  g_signal_emit_by_name (button (label, n), "clicked");
}

static void
save (const char *name)
{
  GtkWidget *entry = ui_find (GTK_WIDGET (find_versions ()), "AdwEntryRow");
  gtk_editable_set_text (GTK_EDITABLE (entry), name);
  g_signal_emit_by_name (entry, "entry-activated");
}

static void
close_versions (void)
{
  gtk_window_close (GTK_WINDOW (find_versions ()));
  ui_wait (no_versions, NULL);
}

static gboolean
has_three (gpointer data)
{
  return inq_board_get_n_panels (inq_window_get_board (data)) == 3;
}

static gboolean
has_two (gpointer data)
{
  return inq_board_get_n_panels (inq_window_get_board (data)) == 2;
}

static gboolean
has_toast (gpointer root)
{
  return ui_find (root, "AdwToastWidget") != NULL;
}

/* Watches the toast that shows under @root: *@gone is TRUE once it was dismissed. */
static void
watch_toast (GtkWidget *root, gboolean *gone)
{
  g_autoptr (AdwToast) toast = NULL;

  ui_wait (has_toast, root);
  g_object_get (ui_find (root, "AdwToastWidget"), "toast", &toast, NULL);
  *gone = FALSE;
  g_assert_cmpstr (adw_toast_get_button_label (toast), ==, "_Undo");
  g_signal_connect_data (toast, "dismissed", G_CALLBACK (dismissed_cb), gone, NULL, G_CONNECT_SWAPPED);
}

/* By keyboard: Ctrl+S, a name, Enter; later back to it, and that undone. */
static void
test_versions (void)
{
  InqWindow *window = ui_window_with_board (2);
  gboolean gone;
  ui_add_picture (window, 90, TRUE);
  ui_activate (window, "save-version");
  wait_rows (0);
  /* The focus is in the name. */
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (find_versions ()));
  g_assert_true (GTK_IS_TEXT (focus));
  save ("   ");
  save ("First cut");
  wait_rows (1);
  close_versions ();

  ui_activate (window, "new-panel");
  ui_wait (has_three, window);
  ui_activate (window, "escape");
  ui_activate (window, "versions");
  wait_rows (1);
  save ("Second cut");
  wait_rows (2);
  ui_settle (window);
  ui_shot (GTK_WIDGET (find_versions ()), "versions", 1);
  click ("_Restore", 1);
  /* Watched as soon as it is there: an Undo that would be about something else goes. */
  watch_toast (GTK_WIDGET (window), &gone);
  ui_wait (no_versions, NULL);
  ui_wait (has_two, window);
  g_assert_cmpstr (inq_board_get_undo_label (inq_window_get_board (window)), ==, "Go back to a version");
  ui_activate (window, "undo-board");
  ui_wait (has_three, window);
  ui_settle (window);
  g_assert_true (gone);

  ui_activate (window, "versions");
  wait_rows (2);
  click ("user-trash-symbolic", 0);
  watch_toast (GTK_WIDGET (find_versions ()), &gone);
  wait_rows (1);
  /* The toast's Undo. */
  gtk_widget_activate_action (GTK_WIDGET (find_versions ()), "versions.undo", NULL);
  wait_rows (2);
  click ("user-trash-symbolic", 0);
  wait_rows (1);
  g_assert_true (gone);
  close_versions ();
  ui_window_close (window);
}

/* Closing the board while its versions are shown leaves nothing behind. */
static void
test_closed_meanwhile (void)
{
  InqWindow *window = ui_window_with_board (1);
  ui_activate (window, "versions");
  gtk_window_destroy (GTK_WINDOW (find_versions ()));
  ui_window_close (window);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/versions/window", test_versions);
  g_test_add_func ("/versions/closed-meanwhile", test_closed_meanwhile);
  return ui_test_run ();
}
