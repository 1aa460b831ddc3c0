/* Inquadra - tests: what the window's actions do to the board.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-board-acts.h>
#include <inq-board-dialog.h>
#include <inq-inspector.h>
#include <inq-text.h>

#include "ui-test.h"

static guint
n_panels (InqWindow *window)
{
  return inq_board_get_n_panels (inq_window_get_board (window));
}

static guint
current (InqWindow *window)
{
  g_assert_nonnull (inq_window_get_panel (window));
  return inq_panel_get_index (inq_window_get_panel (window));
}

typedef struct {
  InqWindow *window;
  guint n;
} Count;

static gboolean
has_toast (gpointer data)
{
  return ui_find (data, "AdwToastWidget") != NULL;
}

static gboolean
has_count (gpointer data)
{
  Count *count = data;
  return n_panels (count->window) == count->n;
}

static void
act (InqWindow *window, const char *action, guint expect)
{
  Count count = { window, expect };
  ui_activate (window, action);
  ui_wait_for (has_count, &count, action);
  ui_settle (window);
}

/* The text field of the inspector with this placeholder's place: 0 is the prompt. */
static InqText *
text_field (InqWindow *window, int n)
{
  return INQ_TEXT (ui_find_nth (ui_find (GTK_WIDGET (window), "InqInspector"), "InqText", n));
}

static void
type (InqText *text, const char *words)
{
  gtk_text_buffer_insert_at_cursor (gtk_text_view_get_buffer (inq_text_get_view (text)), words, -1);
}

static void
test_panels (void)
{
  InqWindow *window = ui_window_with_board (0);
  g_assert_null (inq_window_get_panel (window));
  g_assert_false (ui_enabled (window, "delete"));
  g_assert_false (ui_enabled (window, "generate"));
  g_assert_false (ui_enabled (window, "undo"));

  act (window, "new-panel", 1);
  act (window, "new-panel", 2);
  g_assert_cmpuint (current (window), ==, 1);
  act (window, "new-panel-before", 3);
  g_assert_cmpuint (current (window), ==, 1);
  act (window, "duplicate", 4);
  g_assert_cmpuint (current (window), ==, 2);
  act (window, "new-shot", 5);
  g_assert_true (inq_panel_get_first_in_shot (inq_window_get_panel (window)));
  act (window, "new-scene", 6);
  g_assert_true (inq_panel_get_first_in_scene (inq_window_get_panel (window)));

  ui_activate (window, "first-panel");
  g_assert_cmpuint (current (window), ==, 0);
  ui_activate (window, "previous-panel");
  g_assert_cmpuint (current (window), ==, 0);
  ui_activate (window, "next-panel");
  g_assert_cmpuint (current (window), ==, 1);
  ui_activate (window, "last-panel");
  g_assert_cmpuint (current (window), ==, 5);
  ui_activate (window, "previous-scene");
  g_assert_cmpuint (current (window), ==, 0);
  ui_activate (window, "next-scene");
  g_assert_true (inq_panel_get_first_in_scene (inq_window_get_panel (window)));
  ui_window_close (window);
}

static void
test_move (void)
{
  InqWindow *window = ui_window_with_board (3);
  ui_activate (window, "first-panel");
  InqPanel *panel = inq_window_get_panel (window);
  g_assert_false (ui_enabled (window, "move-left"));
  ui_activate (window, "move-right");
  ui_settle (window);
  g_assert_true (inq_window_get_panel (window) == panel);
  g_assert_cmpuint (inq_panel_get_index (panel), ==, 1);
  ui_activate (window, "move-right");
  ui_settle (window);
  g_assert_cmpuint (inq_panel_get_index (panel), ==, 2);
  g_assert_false (ui_enabled (window, "move-right"));
  ui_activate (window, "undo");
  ui_settle (window);
  g_assert_cmpuint (inq_panel_get_index (panel), ==, 1);
  ui_window_close (window);
}

static void
test_delete_undo (void)
{
  InqWindow *window = ui_window_with_board (3);
  ui_activate (window, "first-panel");
  ui_activate (window, "next-panel");
  gint64 id = inq_panel_get_id (inq_window_get_panel (window));
  ui_activate (window, "delete");
  ui_wait (has_toast, window); /* before it goes again */
  ui_settle (window);
  g_assert_cmpuint (n_panels (window), ==, 2);
  /* The neighbour that took its place. */
  g_assert_cmpuint (current (window), ==, 1);
  act (window, "undo-board", 3);
  g_assert_cmpint (inq_panel_get_id (inq_window_get_panel (window)), ==, id);
  ui_activate (window, "redo");
  ui_settle (window);
  g_assert_cmpuint (n_panels (window), ==, 2);
  act (window, "delete", 1);
  act (window, "delete", 0);
  g_assert_null (inq_window_get_panel (window));
  act (window, "undo", 1);
  g_assert_nonnull (inq_window_get_panel (window));
  ui_window_close (window);
}

/* What is typed reaches the file, as one undo step, also when one goes to another panel at once. */
static void
test_typing (void)
{
  InqWindow *window = ui_window_with_board (2);
  ui_activate (window, "first-panel");
  InqPanel *first = inq_window_get_panel (window);
  type (text_field (window, 0), "two people walk");
  ui_activate (window, "next-panel");
  ui_settle (window);
  g_assert_cmpstr (inq_panel_get_text (first, INQ_FIELD_PROMPT), ==, "two people walk");
  g_autofree char *shown = inq_text_dup_text (text_field (window, 0));
  g_assert_cmpstr (shown, ==, "");

  ui_activate (window, "previous-panel");
  type (text_field (window, 0), " through");
  inq_text_commit (text_field (window, 0));
  type (text_field (window, 0), " a forest");
  inq_text_commit (text_field (window, 0));
  ui_settle (window);
  g_assert_cmpstr (inq_panel_get_text (first, INQ_FIELD_PROMPT), ==, "two people walk through a forest");
  ui_activate (window, "escape");
  ui_activate (window, "undo");
  ui_settle (window);
  g_assert_cmpstr (inq_panel_get_text (first, INQ_FIELD_PROMPT), ==, "two people walk");
  g_autofree char *undone = inq_text_dup_text (text_field (window, 0));
  g_assert_cmpstr (undone, ==, "two people walk");
  ui_window_close (window);
}

/* Something else of the panel changes while what was typed is on its way to the disk: not a word is taken back. */
static void
test_typing_race (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqPanel *panel = inq_window_get_panel (window);
  InqBoard *board = inq_window_get_board (window);
  for (int i = 0; i < 20; i++) {
    g_autofree char *word = g_strdup_printf ("%d ", i);
    inq_board_set_duration (board, inq_panel_get_id (panel), 30 + i, 0);
    type (text_field (window, 0), word);
    inq_text_commit (text_field (window, 0));
    for (int j = 0; j < i % 4; j++)
      g_main_context_iteration (NULL, FALSE);
    if (i % 7 == 6)
      ui_settle (window);
  }
  ui_settle (window);
  g_assert_cmpstr (inq_panel_get_text (panel, INQ_FIELD_PROMPT), ==,
                   "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 ");
  g_autofree char *shown = inq_text_dup_text (text_field (window, 0));
  g_assert_cmpstr (shown, ==, inq_panel_get_text (panel, INQ_FIELD_PROMPT));
  ui_window_close (window);
}

static void
test_duration (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqPanel *panel = inq_window_get_panel (window);
  GtkWidget *entry = ui_find (ui_find (GTK_WIDGET (window), "InqInspector"), "GtkEntry");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "2 s");
  gtk_editable_set_text (GTK_EDITABLE (entry), "3.5");
  g_signal_emit_by_name (entry, "activate");
  ui_settle (window);
  g_assert_cmpint (inq_panel_get_duration (panel), ==, 84);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "3.5 s");
  gtk_editable_set_text (GTK_EDITABLE (entry), "soon");
  g_signal_emit_by_name (entry, "activate");
  ui_settle (window);
  g_assert_true (gtk_widget_has_css_class (entry, "error"));
  g_assert_cmpint (inq_panel_get_duration (panel), ==, 84);

  /* What is being written stays when something else of the panel changes, and Enter says it as it is counted. */
  gtk_editable_set_text (GTK_EDITABLE (entry), "1");
  inq_board_set_text (inq_window_get_board (window), inq_panel_get_id (panel), INQ_FIELD_NOTES, "soft", 0);
  ui_settle (window);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "1");
  g_signal_emit_by_name (entry, "activate");
  ui_settle (window);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "1 s");
  ui_window_close (window);
}

static void
test_scene (void)
{
  InqWindow *window = ui_window_with_board (2);
  /* The first entry is the duration. */
  GtkWidget *entry = ui_find_nth (ui_find (GTK_WIDGET (window), "InqInspector"), "GtkEntry", 1);
  gtk_editable_set_text (GTK_EDITABLE (entry), "EXT. HARBOUR - DAWN");
  g_signal_emit_by_name (entry, "activate");
  ui_settle (window);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpstr (inq_panel_get_row (inq_board_get_panel (inq_window_get_board (window), i))->scene_title, ==,
                     "EXT. HARBOUR - DAWN");
  ui_activate (window, "escape");
  ui_activate (window, "undo");
  ui_settle (window);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "");
  ui_window_close (window);
}

static gboolean
has_title (gpointer panel)
{
  return g_str_equal (inq_panel_get_row (panel)->scene_title, "INT. MILL");
}

/* A scene's title is in the file while it is written, as one undo step. */
static void
test_scene_kept (void)
{
  InqWindow *window = ui_window_with_board (1);
  GtkWidget *entry = ui_find_nth (ui_find (GTK_WIDGET (window), "InqInspector"), "GtkEntry", 1);
  gtk_editable_set_text (GTK_EDITABLE (entry), "INT. MILL");
  ui_wait (has_title, inq_window_get_panel (window));
  gtk_editable_set_text (GTK_EDITABLE (entry), "INT. MILL - NIGHT");
  ui_activate (window, "undo-board");
  ui_settle (window);
  g_assert_cmpstr (inq_panel_get_row (inq_window_get_panel (window))->scene_title, ==, "");
  ui_window_close (window);
}

/* Ctrl+Z in a field that was only gone to is the board's: it brings back no other scene's title, and what it brings
 * back stays when one leaves. */
static void
test_scene_undo (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqBoard *board = inq_window_get_board (window);
  GtkWidget *inspector = ui_find (GTK_WIDGET (window), "InqInspector");
  GtkWidget *duration = ui_find (inspector, "GtkEntry"), *entry = ui_find_nth (inspector, "GtkEntry", 1);

  act (window, "new-scene", 2);
  for (guint i = 0; i < 2; i++)
    inq_board_set_scene (board, inq_panel_get_id (inq_board_get_panel (board, i)), i == 0 ? "INT. MILL" : "EXT. FIELD",
                         NULL, 0);
  ui_settle (window);
  ui_activate (window, "first-panel");
  ui_activate (window, "next-panel");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "EXT. FIELD");
  gtk_widget_grab_focus (entry);
  ui_activate (window, "undo");
  ui_settle (window);
  g_assert_cmpstr (inq_panel_get_row (inq_board_get_panel (board, 1))->scene_title, ==, "");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "");
  ui_activate (window, "escape");
  ui_settle (window);
  g_assert_cmpstr (inq_panel_get_row (inq_board_get_panel (board, 1))->scene_title, ==, "");
  g_assert_cmpstr (inq_panel_get_row (inq_board_get_panel (board, 0))->scene_title, ==, "INT. MILL");

  inq_board_set_duration (board, inq_panel_get_id (inq_window_get_panel (window)), 24, 0);
  ui_settle (window);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (duration)), ==, "1 s");
  gtk_widget_grab_focus (duration);
  ui_activate (window, "undo");
  ui_settle (window);
  g_assert_cmpint (inq_panel_get_duration (inq_window_get_panel (window)), ==, 48);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (duration)), ==, "2 s");

  /* What was typed in this stay is taken back first. */
  int at = 0;
  gtk_editable_insert_text (GTK_EDITABLE (duration), "1", 1, &at);
  ui_activate (window, "undo");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (duration)), ==, "2 s");
  ui_settle (window);
  g_assert_cmpint (inq_panel_get_duration (inq_window_get_panel (window)), ==, 48);
  ui_window_close (window);
}

static void
test_view (void)
{
  InqWindow *window = ui_window_with_board (1);
  g_assert_cmpstr (inq_window_get_view (window), ==, "stage");
  ui_activate (window, "toggle-view");
  g_assert_cmpstr (inq_window_get_view (window), ==, "variations");
  ui_activate (window, "toggle-view");
  g_assert_cmpstr (inq_window_get_view (window), ==, "stage");
  g_action_group_activate_action (G_ACTION_GROUP (window), "view", g_variant_new_string ("variations"));
  g_assert_cmpstr (inq_window_get_view (window), ==, "variations");
  g_autoptr (GVariant) state = g_action_group_get_action_state (G_ACTION_GROUP (window), "view");
  g_assert_cmpstr (g_variant_get_string (state, NULL), ==, "variations");
  ui_window_close (window);
}

static void
test_folding (void)
{
  InqWindow *window = ui_window_with_board (1);
  GtkWidget *flap = ui_find (GTK_WIDGET (window), "AdwFlap");
  gboolean shown = adw_flap_get_reveal_flap (ADW_FLAP (flap));
  ui_activate (window, "show-inspector");
  g_assert_true (adw_flap_get_reveal_flap (ADW_FLAP (flap)) != shown);
  ui_activate (window, "show-inspector");
  g_assert_true (adw_flap_get_reveal_flap (ADW_FLAP (flap)) == shown);
  ui_window_close (window);
}

static gboolean
is_free (gpointer data)
{
  return inq_window_is_free (data);
}

static gboolean
has_board (gpointer data)
{
  return inq_window_get_board (data) != NULL;
}

/* Back to the start page and in again: everything is there. */
static void
test_reopen (void)
{
  InqWindow *window = ui_window_with_board (2);
  type (text_field (window, 0), "a lighthouse in fog");
  gtk_editable_set_text (GTK_EDITABLE (ui_find (ui_find (GTK_WIDGET (window), "InqInspector"), "GtkEntry")), "5");
  g_autoptr (GFile) file = g_object_ref (inq_window_get_file (window));
  ui_activate (window, "boards");
  ui_wait (is_free, window);
  /* Nothing is there to fold away: F10 is the menu's. */
  g_assert_false (g_action_group_has_action (G_ACTION_GROUP (window), "show-timeline"));
  inq_window_open (window, file);
  ui_wait (has_board, window);
  g_assert_cmpuint (n_panels (window), ==, 2);
  ui_activate (window, "last-panel");
  g_assert_cmpstr (inq_panel_get_text (inq_window_get_panel (window), INQ_FIELD_PROMPT), ==, "a lighthouse in fog");
  g_assert_cmpint (inq_panel_get_duration (inq_window_get_panel (window)), ==, 120);
  g_assert_true (g_action_group_has_action (G_ACTION_GROUP (window), "show-timeline"));
  g_assert_true (ui_enabled (window, "undo"));
  ui_window_close (window);
}

typedef struct {
  InqWindow *window;
  InqBoard *before;
} Again;

static gboolean
is_open_again (gpointer data)
{
  Again *again = data;
  InqBoard *board = inq_window_get_board (again->window);
  return board != NULL && board != again->before;
}

/* A window that waits for the engine to close is there for who asks for its board, or for the program, in between. */
static void
test_come_back (void)
{
  for (int n = 0; n < 3; n += 2) {
    InqWindow *window = ui_window_with_board (n);
    g_autofree char *path = g_strdup (inq_board_get_path (inq_window_get_board (window)));
    g_autofree char *uri = g_file_get_uri (inq_window_get_file (window));
    g_autoptr (InqBoard) before = g_object_ref (inq_window_get_board (window));
    Again again = { window, before };
    gpointer weak = window;

    g_object_add_weak_pointer (G_OBJECT (window), &weak);
    if (n > 0)
      ui_activate (window, "first-panel");
    gtk_window_close (GTK_WINDOW (window));
    g_assert_false (gtk_widget_get_visible (GTK_WIDGET (window)));
    g_action_group_activate_action (G_ACTION_GROUP (ui_application ()), "open", g_variant_new_string (uri));
    g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window)));
    ui_wait (is_open_again, &again);
    g_assert_nonnull (weak);
    g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
    g_assert_cmpuint (inq_board_get_n_panels (inq_window_get_board (window)), ==, (guint) n);
    if (n > 0)
      g_assert_cmpuint (inq_panel_get_index (inq_window_get_panel (window)), ==, 0);

    /* On its way to the start page, the same. */
    g_set_object (&before, inq_window_get_board (window));
    again.before = before;
    ui_activate (window, "boards");
    g_action_group_activate_action (G_ACTION_GROUP (ui_application ()), "open", g_variant_new_string (uri));
    ui_wait (is_open_again, &again);

    gtk_window_close (GTK_WINDOW (window));
    g_application_activate (G_APPLICATION (ui_application ()));
    g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window)));
    ui_wait (is_free, window);
    g_assert_nonnull (weak);
    g_object_remove_weak_pointer (G_OBJECT (window), &weak);
    ui_window_close (window);
  }
}

/* Choosing a rate names nothing: a board without a title of its own keeps the file's. */
static void
test_settings (void)
{
  InqWindow *window = ui_window_with_board (1);
  InqBoard *board = inq_window_get_board (window);
  InqRate rate = inq_board_get_rate (board);
  GtkWidget *dialog = inq_board_dialog_present (GTK_WINDOW (window), board);
  AdwComboRow *row = ADW_COMBO_ROW (ui_find_nth (dialog, "AdwComboRow", 1));

  adw_combo_row_set_selected (row, adw_combo_row_get_selected (row) == 0 ? 1 : 0);
  ui_settle (window);
  g_assert_false (inq_rate_equal (inq_board_get_rate (board), rate));
  g_assert_cmpstr (inq_board_get_own_title (board), ==, "");
  gtk_editable_set_text (GTK_EDITABLE (ui_find (dialog, "AdwEntryRow")), "The mill");
  gtk_window_close (GTK_WINDOW (dialog));
  ui_settle (window);
  g_assert_cmpstr (inq_board_get_own_title (board), ==, "The mill");
  ui_window_close (window);
}

static gboolean
is_missing (gpointer data)
{
  return !g_file_test (data, G_FILE_TEST_EXISTS);
}

/* A new board nothing was done with leaves no file. */
static void
test_untouched (void)
{
  InqWindow *window = ui_window_with_board (0);
  g_autofree char *path = g_file_get_path (inq_window_get_file (window));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  ui_window_close (window);
  ui_wait (is_missing, path);
}

static void
test_bad_file (void)
{
  g_autofree char *path = ui_path ("not-a-board.inquadra");
  g_assert_true (g_file_set_contents (path, "this is no board", -1, NULL));
  InqWindow *window = inq_window_new (GTK_APPLICATION (ui_application ()));
  gtk_window_present (GTK_WINDOW (window));
  g_autoptr (GFile) file = g_file_new_for_path (path);
  inq_window_open (window, file);
  ui_wait (has_toast, window);
  g_assert_true (inq_window_is_free (window));
  ui_window_close (window);
}

static void
test_read_only (void)
{
  InqWindow *window = ui_window_with_board (1);
  g_autofree char *path = g_file_get_path (inq_window_get_file (window));
  /* A second window on the same file may look, not touch. */
  InqWindow *second = inq_window_new (GTK_APPLICATION (ui_application ()));
  gtk_window_present (GTK_WINDOW (second));
  g_autoptr (GFile) file = g_file_new_for_path (path);
  inq_window_open (second, file);
  ui_wait (has_board, second);
  g_assert_true (inq_board_get_read_only (inq_window_get_board (second)));
  g_assert_false (ui_enabled (second, "new-panel"));
  g_assert_false (ui_enabled (second, "delete"));
  g_assert_false (ui_enabled (second, "generate"));
  g_assert_true (ui_enabled (second, "next-panel"));
  ui_window_close (second);
  ui_window_close (window);
}

static gboolean
has_text (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && *gtk_label_get_text (GTK_LABEL (widget)) != '\0')
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (has_text (child))
      return TRUE;
  return FALSE;
}

/* Every control says what it is: by words on it, by a name for screen readers, or by the parent it is a part of. */
static void
check_names (GtkWidget *widget, gboolean named)
{
  if (!gtk_widget_get_mapped (widget) || !gtk_widget_get_child_visible (widget))
    return;
  named = named || gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL)
          || gtk_test_accessible_has_relation (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gboolean control = GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget) || GTK_IS_EDITABLE (widget)
                     || GTK_IS_TEXT_VIEW (widget) || GTK_IS_SCALE (widget);
  if (control && !named && !has_text (widget) && gtk_widget_get_tooltip_text (widget) == NULL)
    g_error ("a %s in a %s in a %s has no name", G_OBJECT_TYPE_NAME (widget),
             G_OBJECT_TYPE_NAME (gtk_widget_get_parent (widget)),
             G_OBJECT_TYPE_NAME (gtk_widget_get_parent (gtk_widget_get_parent (widget))));
  /* Only controls hand their name down to the parts they are made of; so does the colour and window controls' box. */
  gboolean down = (control && (named || has_text (widget) || gtk_widget_get_tooltip_text (widget) != NULL))
                  || GTK_IS_WINDOW_CONTROLS (widget) || ADW_IS_SPLIT_BUTTON (widget) || GTK_IS_POPOVER_MENU (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    check_names (child, down);
}

static void
test_names (void)
{
  InqWindow *window = ui_window_with_board (2);
  ui_add_picture (window, 120, TRUE);
  check_names (GTK_WIDGET (window), FALSE);
  ui_activate (window, "toggle-view");
  ui_settle (window);
  check_names (GTK_WIDGET (window), FALSE);
  ui_window_close (window);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/window/panels", test_panels);
  g_test_add_func ("/window/move", test_move);
  g_test_add_func ("/window/delete-undo", test_delete_undo);
  g_test_add_func ("/window/typing", test_typing);
  g_test_add_func ("/window/typing-race", test_typing_race);
  g_test_add_func ("/window/duration", test_duration);
  g_test_add_func ("/window/scene", test_scene);
  g_test_add_func ("/window/scene/kept", test_scene_kept);
  g_test_add_func ("/window/scene/undo", test_scene_undo);
  g_test_add_func ("/window/view", test_view);
  g_test_add_func ("/window/names", test_names);
  g_test_add_func ("/window/folding", test_folding);
  g_test_add_func ("/window/reopen", test_reopen);
  g_test_add_func ("/window/come-back", test_come_back);
  g_test_add_func ("/window/settings", test_settings);
  g_test_add_func ("/window/untouched", test_untouched);
  g_test_add_func ("/window/bad-file", test_bad_file);
  g_test_add_func ("/window/read-only", test_read_only);
  return ui_test_run ();
}
