/* Inquadra - tests: the keys of the board, and that they keep out of texts.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-board-acts.h>
#include <inq-board-private.h>
#include <inq-inspector.h>
#include <inq-presenter.h>
#include <inq-stage.h>
#include <inq-text.h>

#include "ui-test.h"

static guint
n_panels (InqWindow *window)
{
  return inq_board_get_n_panels (inq_window_get_board (window));
}

static InqStageView *
stage (InqWindow *window)
{
  return INQ_STAGE (ui_find (GTK_WIDGET (window), "InqStageView"));
}

static void
press (InqWindow *window, const char *key)
{
  if (!ui_press (window, key))
    g_error ("the key %s was not taken", key);
  ui_settle (window);
}

static void
test_letters (void)
{
  InqWindow *window = ui_window_with_board (1);
  press (window, "n");
  g_assert_cmpuint (n_panels (window), ==, 2);
  /* A new panel is there to be written: now N is a letter. */
  g_assert_true (GTK_IS_TEXT_VIEW (gtk_window_get_focus (GTK_WINDOW (window))));
  g_assert_false (ui_press (window, "n"));
  g_assert_false (ui_press (window, "d"));
  g_assert_false (ui_press (window, "Delete"));
  g_assert_false (ui_press (window, "space"));
  g_assert_false (ui_press (window, "1"));
  ui_settle (window);
  g_assert_cmpuint (n_panels (window), ==, 2);

  /* Escape leaves the text, and they are keys again. */
  press (window, "Escape");
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (window)) == GTK_WIDGET (stage (window)));
  press (window, "d");
  g_assert_cmpuint (n_panels (window), ==, 3);
  press (window, "Delete");
  g_assert_cmpuint (n_panels (window), ==, 2);
  press (window, "<Shift>n");
  g_assert_cmpuint (n_panels (window), ==, 3);
  press (window, "Escape");
  ui_window_close (window);
}

static gboolean
type (InqWindow *window, guint key)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (window));
  gboolean taken = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
    if (g_strcmp0 (gtk_event_controller_get_name (controller), "inq-type-ahead") == 0)
      g_signal_emit_by_name (controller, "key-pressed", key, 0, 0, &taken);
  }
  return taken;
}

static gboolean
is_drawing (gpointer window)
{
  return g_list_model_get_n_items (G_LIST_MODEL (inq_window_get_jobs (window))) > 0;
}

/* Whoever writes faster than the disk writes into the new panel: no letter is a key of the board meanwhile. */
static void
test_type_ahead (void)
{
  InqWindow *window = ui_window_with_board (0);
  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
  g_assert_false (ui_enabled (window, "generate"));
  g_assert_false (type (window, GDK_KEY_d));
  g_assert_true (ui_press (window, "n"));
  g_assert_false (ui_press (window, "d"));
  g_assert_true (type (window, GDK_KEY_n));
  g_assert_true (type (window, GDK_KEY_d));
  g_assert_true (type (window, GDK_KEY_BackSpace));
  g_assert_true (type (window, GDK_KEY_egrave));
  ui_activate (window, "generate");
  ui_wait (is_drawing, window);
  ui_settle (window);
  g_assert_cmpuint (n_panels (window), ==, 1);
  g_assert_cmpstr (inq_panel_get_text (inq_window_get_panel (window), INQ_FIELD_PROMPT), ==, "nè");
  g_assert_false (type (window, GDK_KEY_d));
  ui_window_close (window);
}

/* Where a full disk keeps the panel away for long one goes on elsewhere. */
static void
test_type_elsewhere (void)
{
  InqWindow *window = ui_window_with_board (2);
  InqBoard *board = inq_window_get_board (window);
  GtkWidget *notes = ui_find_nth (ui_find (GTK_WIDGET (window), "InqInspector"), "InqText", 3);

  g_assert_true (ui_press (window, "n"));
  g_assert_true (type (window, GDK_KEY_a));
  g_assert_true (gtk_widget_grab_focus (notes));
  g_assert_false (type (window, GDK_KEY_b));
  ui_settle (window);
  g_assert_cmpuint (n_panels (window), ==, 3);
  g_autofree char *written = inq_text_dup_text (INQ_TEXT (ui_find (GTK_WIDGET (window), "InqText")));
  g_assert_cmpstr (written, ==, "a");
  ui_activate (window, "escape");

  g_assert_true (ui_press (window, "n"));
  g_assert_false (ui_press (window, "Left"));
  board->save_error = g_error_new_literal (INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FULL, "full");
  g_assert_cmpint (inq_board_get_saved_state (board), ==, INQ_SAVED_FAILED);
  g_assert_true (ui_press (window, "Left"));
  g_assert_true (type (window, GDK_KEY_d)); /* a letter is still no key of the board */
  ui_settle (window);
  ui_window_close (window);
}

/* What cannot be done takes no key: Tab goes on through an empty board. */
static void
test_disabled (void)
{
  InqWindow *window = ui_window_with_board (0);
  g_assert_false (ui_press (window, "Tab"));
  g_assert_false (ui_press (window, "Delete"));
  g_assert_true (ui_press (window, "n"));
  ui_settle (window);
  ui_activate (window, "escape");
  g_assert_true (ui_press (window, "Tab"));
  ui_window_close (window);
}

/* On a button of the side pane letters act; Space and the arrows stay the button's. */
static void
test_controls (void)
{
  InqWindow *window = ui_window_with_board (2);
  ui_activate (window, "first-panel");
  GtkWidget *chip = ui_find (ui_find (GTK_WIDGET (window), "InqChips"), "GtkToggleButton");
  g_assert_true (gtk_widget_grab_focus (chip));
  g_assert_false (ui_press (window, "Right"));
  g_assert_false (ui_press (window, "space"));
  g_assert_false (ui_press (window, "Tab"));
  g_assert_false (ui_press (window, "Delete"));
  g_assert_cmpuint (inq_panel_get_index (inq_window_get_panel (window)), ==, 0);
  press (window, "d");
  g_assert_cmpuint (n_panels (window), ==, 3);
  ui_window_close (window);
}

static void
test_arrows (void)
{
  InqWindow *window = ui_window_with_board (3);
  press (window, "Home");
  g_assert_cmpuint (inq_panel_get_index (inq_window_get_panel (window)), ==, 0);
  press (window, "Right");
  press (window, "Right");
  g_assert_cmpuint (inq_panel_get_index (inq_window_get_panel (window)), ==, 2);
  InqPanel *panel = inq_window_get_panel (window);
  press (window, "<Alt>Left");
  g_assert_cmpuint (inq_panel_get_index (panel), ==, 1);
  press (window, "Left");
  g_assert_cmpuint (inq_panel_get_index (inq_window_get_panel (window)), ==, 0);
  press (window, "End");
  g_assert_cmpuint (inq_panel_get_index (inq_window_get_panel (window)), ==, 2);
  ui_window_close (window);
}

static void
test_tools (void)
{
  InqWindow *window = ui_window_with_board (1);
  press (window, "1");
  g_assert_cmpint (inq_stage_get_tool (stage (window)), ==, INQ_STAGE_TOOL_PENCIL);
  press (window, "7");
  g_assert_cmpint (inq_stage_get_tool (stage (window)), ==, INQ_STAGE_TOOL_ERASER);
  press (window, "KP_5");
  g_assert_cmpint (inq_stage_get_tool (stage (window)), ==, INQ_STAGE_TOOL_ARROW);
  double before, after;
  g_object_get (stage (window), "width", &before, NULL);
  press (window, "bracketright");
  g_object_get (stage (window), "width", &after, NULL);
  g_assert_cmpfloat (after, >, before);
  ui_window_close (window);
}

static gint64
picked (InqWindow *window)
{
  return inq_panel_get_row (inq_window_get_panel (window))->picked;
}

static gboolean
has_nth (gpointer data)
{
  return ui_press (data, "2") && picked (data) != 0;
}

/* From variations to a picked panel without the mouse. */
static void
test_pick (void)
{
  InqWindow *window = ui_window_with_board (1);
  ui_add_picture (window, 100, FALSE);
  ui_add_picture (window, 140, FALSE);
  ui_add_picture (window, 180, FALSE);
  g_assert_cmpint (picked (window), ==, 0);
  press (window, "Tab");
  g_assert_cmpstr (inq_window_get_view (window), ==, "variations");
  /* The grid reads its variations in another thread. */
  ui_wait (has_nth, window);
  gint64 second = picked (window);
  press (window, "1");
  g_assert_cmpint (picked (window), !=, 0);
  g_assert_cmpint (picked (window), !=, second);
  /* The tool in hand did not change by it. */
  press (window, "Tab");
  g_assert_cmpstr (inq_window_get_view (window), ==, "stage");
  ui_window_close (window);
}

static GtkWidget *
presenter (void)
{
  for (GList *l = gtk_window_list_toplevels (), *all = l; l != NULL; l = l->next)
    if (INQ_IS_PRESENTER (l->data)) {
      GtkWidget *found = l->data;
      g_list_free (all);
      return found;
    }
  return NULL;
}

static void
present_key (GtkWidget *widget, guint keyval)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
    gboolean taken = FALSE;
    if (GTK_IS_EVENT_CONTROLLER_KEY (controller)
        && gtk_event_controller_get_propagation_phase (controller) == GTK_PHASE_CAPTURE)
      g_signal_emit_by_name (controller, "key-pressed", keyval, 0, 0, &taken);
    if (taken)
      return;
  }
}

static void
test_present (void)
{
  InqWindow *window = ui_window_with_board (3);
  ui_activate (window, "first-panel");
  ui_activate (window, "present");
  InqPresenter *shown = INQ_PRESENTER (presenter ());
  g_assert_nonnull (shown);
  g_assert_cmpuint (inq_panel_get_index (inq_presenter_get_panel (shown)), ==, 0);
  present_key (GTK_WIDGET (shown), GDK_KEY_Page_Down);
  present_key (GTK_WIDGET (shown), GDK_KEY_Page_Down);
  present_key (GTK_WIDGET (shown), GDK_KEY_Page_Down);
  g_assert_cmpuint (inq_panel_get_index (inq_presenter_get_panel (shown)), ==, 2);
  present_key (GTK_WIDGET (shown), GDK_KEY_Page_Up);
  g_assert_cmpuint (inq_panel_get_index (inq_presenter_get_panel (shown)), ==, 1);
  present_key (GTK_WIDGET (shown), GDK_KEY_b);
  g_assert_true (inq_presenter_get_black (shown));
  present_key (GTK_WIDGET (shown), GDK_KEY_Page_Down);
  g_assert_false (inq_presenter_get_black (shown));
  present_key (GTK_WIDGET (shown), GDK_KEY_Escape);
  g_assert_null (presenter ());
  ui_window_close (window);
}

/* Space plays at the board's time. The test is the frame clock here. */
static void
test_present_play (void)
{
  const gint64 start = 12345, second = G_USEC_PER_SEC;
  InqWindow *window = ui_window_with_board (3); /* of two seconds each, at 24 */
  InqBoardSettings settings = { .title = "", .frame_width = 1920, .frame_height = 1080, .rate = { 24000, 1001 } };
  inq_board_set_settings (inq_window_get_board (window), &settings, NULL, NULL);
  ui_settle (window);
  gint64 total = inq_board_get_total_frames (inq_window_get_board (window));
  g_assert_cmpint (total, ==, 144);
  ui_activate (window, "first-panel");
  ui_activate (window, "present");
  InqPresenter *shown = INQ_PRESENTER (presenter ());
  present_key (GTK_WIDGET (shown), GDK_KEY_space);
  g_assert_true (inq_presenter_get_playing (shown));
  inq_presenter_tick (shown, start);
  g_assert_cmpint (inq_presenter_get_frame (shown), ==, 0);
  /* 48 frames of 1001/24000 s are 2.002 s. */
  inq_presenter_tick (shown, start + 2002000 - 1);
  g_assert_cmpint (inq_presenter_get_frame (shown), ==, 47);
  g_assert_cmpuint (inq_panel_get_index (inq_presenter_get_panel (shown)), ==, 0);
  inq_presenter_tick (shown, start + 2002000);
  g_assert_cmpint (inq_presenter_get_frame (shown), ==, 48);
  g_assert_cmpuint (inq_panel_get_index (inq_presenter_get_panel (shown)), ==, 1);
  /* By hand it goes on from there. */
  present_key (GTK_WIDGET (shown), GDK_KEY_Page_Down);
  g_assert_true (inq_presenter_get_playing (shown));
  inq_presenter_tick (shown, start + 3 * second);
  g_assert_cmpint (inq_presenter_get_frame (shown), ==, 96);
  /* At the end it stops on the last picture; round and round it begins again, and a round is as long as the board. */
  present_key (GTK_WIDGET (shown), GDK_KEY_l);
  inq_presenter_tick (shown, start + 3 * second + 2002000);
  g_assert_cmpint (inq_presenter_get_frame (shown), ==, 0);
  inq_presenter_tick (shown, start + 3 * second + 2002000 + 1000 * G_GINT64_CONSTANT (6006000));
  g_assert_cmpint (inq_presenter_get_frame (shown), ==, 0);
  g_assert_true (inq_presenter_get_playing (shown));
  present_key (GTK_WIDGET (shown), GDK_KEY_l);
  present_key (GTK_WIDGET (shown), GDK_KEY_t);
  inq_presenter_tick (shown, start + 3 * second + 2002000 + 1000 * G_GINT64_CONSTANT (6006000) + 6006000);
  g_assert_false (inq_presenter_get_playing (shown));
  g_assert_cmpint (inq_presenter_get_frame (shown), ==, 143);
  g_assert_cmpuint (inq_panel_get_index (inq_presenter_get_panel (shown)), ==, 2);
  /* And from the end Space begins anew. */
  present_key (GTK_WIDGET (shown), GDK_KEY_space);
  g_assert_cmpuint (inq_panel_get_index (inq_presenter_get_panel (shown)), ==, 0);
  present_key (GTK_WIDGET (shown), GDK_KEY_space);
  g_assert_false (inq_presenter_get_playing (shown));
  present_key (GTK_WIDGET (shown), GDK_KEY_Escape);
  ui_window_close (window);
}

typedef struct {
  InqWindow *window;
  guint index;
} At;

/* There, or past it: a machine that is busy elsewhere may show a short panel not at all. */
static gboolean
has_come_to (gpointer data)
{
  At *at = data;
  InqPanel *panel = inq_stage_get_panel (stage (at->window));
  return panel != NULL && inq_panel_get_index (panel) >= at->index;
}

static gboolean
has_stopped (gpointer timeline)
{
  gint64 playhead;
  g_object_get (timeline, "playhead", &playhead, NULL);
  return playhead < 0;
}

/* Space plays, each panel for its time, and stops by itself at the end. */
static void
test_play (void)
{
  InqWindow *window = ui_window_with_board (3);
  for (guint i = 0; i < 3; i++)
    inq_board_set_duration (inq_window_get_board (window),
                            inq_panel_get_id (inq_board_get_panel (inq_window_get_board (window), i)), 3, 0);
  ui_settle (window);
  ui_activate (window, "first-panel");
  press (window, "space");
  At second = { window, 1 }, third = { window, 2 };
  ui_wait (has_come_to, &second);
  ui_wait (has_come_to, &third);
  ui_wait (has_stopped, ui_find (GTK_WIDGET (window), "InqTimeline"));
  g_assert_cmpuint (inq_panel_get_index (inq_window_get_panel (window)), ==, 2);
  ui_window_close (window);
}

/* Every accelerator names an action there is. */
static void
test_accels (void)
{
  InqWindow *window = ui_window_with_board (1);
  GtkApplication *application = GTK_APPLICATION (ui_application ());
  g_auto (GStrv) described = gtk_application_list_action_descriptions (application);
  guint n = 0;
  for (guint i = 0; described[i] != NULL; i++, n++) {
    if (g_str_has_prefix (described[i], "win."))
      g_assert_true (g_action_group_has_action (G_ACTION_GROUP (window), described[i] + 4));
    else if (g_str_has_prefix (described[i], "app."))
      g_assert_true (g_action_group_has_action (G_ACTION_GROUP (application), described[i] + 4));
  }
  g_assert_cmpuint (n, >, 15);
  ui_window_close (window);
}

/* As gtk_accelerator_name() writes it; of alternatives the first, others are the number pad's. */
static char *
name_of (GtkShortcutTrigger *trigger)
{
  while (GTK_IS_ALTERNATIVE_TRIGGER (trigger))
    trigger = gtk_alternative_trigger_get_first (GTK_ALTERNATIVE_TRIGGER (trigger));
  return gtk_accelerator_name (gtk_keyval_trigger_get_keyval (GTK_KEYVAL_TRIGGER (trigger)),
                               gtk_keyval_trigger_get_modifiers (GTK_KEYVAL_TRIGGER (trigger)));
}

/* The accelerators that the window of keys shows: a set of names. */
static GHashTable *
read_shown (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) ui = g_resources_lookup_data ("/io/github/inquadra/Inquadra/ui/inq-shortcuts.ui",
                                                   G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  g_assert_no_error (error);
  gsize size;
  const char *text = g_bytes_get_data (ui, &size);
  g_autoptr (GRegex) regex = g_regex_new ("\"accelerator\">([^<]*)<", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  GHashTable *shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_regex_match_full (regex, text, size, 0, 0, &match, NULL);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL)) {
    g_autofree char *escaped = g_match_info_fetch (match, 1);
    g_autoptr (GString) keys = g_string_new (escaped);
    g_string_replace (keys, "&lt;", "<", 0);
    g_string_replace (keys, "&gt;", ">", 0);
    g_auto (GStrv) words = g_strsplit (keys->str, " ", -1);
    for (guint i = 0; words[i] != NULL; i++) {
      guint key;
      GdkModifierType modifiers;
      if (g_str_has_prefix (words[i] + 1, "...")) /* of digits */
        for (char c = words[i][0]; c <= words[i][4]; c++)
          g_hash_table_add (shown, g_strdup_printf ("%c", c));
      else if (gtk_accelerator_parse (words[i], &key, &modifiers))
        g_hash_table_add (shown, gtk_accelerator_name (key, modifiers));
    }
  }
  return shown;
}

/* The window of keys lists every key that the program has. */
static void
test_shown (void)
{
  InqWindow *window = ui_window_with_board (1);
  GtkApplication *application = GTK_APPLICATION (ui_application ());
  g_autoptr (GHashTable) shown = read_shown ();
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (window));
  g_auto (GStrv) actions = gtk_application_list_action_descriptions (application);
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
    if (g_strcmp0 (gtk_event_controller_get_name (controller), "inq-board-keys") != 0)
      continue;
    for (guint k = 0; k < g_list_model_get_n_items (G_LIST_MODEL (controller)); k++, n++) {
      g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), k);
      g_autofree char *name = name_of (gtk_shortcut_get_trigger (shortcut));
      if (!g_hash_table_contains (shown, name))
        g_error ("the key %s is not shown", name);
    }
  }
  g_assert_cmpuint (n, >, 40);
  for (guint i = 0; actions[i] != NULL; i++) {
    g_auto (GStrv) accels = gtk_application_get_accels_for_action (application, actions[i]);
    for (guint k = 0; accels[k] != NULL; k++)
      if (strstr (accels[k], "KP_") == NULL && !g_hash_table_contains (shown, accels[k]))
        g_error ("the key %s of %s is not shown", accels[k], actions[i]);
  }
  ui_window_close (window);
}

/* On the page of variations of a panel that has none, deleting leaves the focus on the strip, where one is. */
static gboolean
one_left (gpointer data)
{
  return inq_board_get_n_panels (inq_window_get_board (data)) == 1;
}

static void
test_delete_focus (void)
{
  InqWindow *window = ui_window_with_board (2);

  ui_activate (window, "toggle-view");
  g_assert_cmpstr (inq_window_get_view (window), ==, "variations");
  ui_settle (window);
  ui_activate (window, "delete");
  ui_wait (one_left, window);
  ui_settle (window);
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (window));
  GtkWidget *timeline = ui_find (GTK_WIDGET (window), "InqTimeline");
  g_assert_nonnull (focus);
  g_assert_true (gtk_widget_is_ancestor (focus, timeline));
  ui_window_close (window);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/keys/type-ahead", test_type_ahead);
  g_test_add_func ("/keys/type-elsewhere", test_type_elsewhere);
  g_test_add_func ("/keys/disabled", test_disabled);
  g_test_add_func ("/keys/letters", test_letters);
  g_test_add_func ("/keys/controls", test_controls);
  g_test_add_func ("/keys/arrows", test_arrows);
  g_test_add_func ("/keys/tools", test_tools);
  g_test_add_func ("/keys/pick", test_pick);
  g_test_add_func ("/keys/present", test_present);
  g_test_add_func ("/keys/play", test_play);
  g_test_add_func ("/keys/accels", test_accels);
  g_test_add_func ("/keys/shown", test_shown);
  g_test_add_func ("/keys/present-play", test_present_play);
  g_test_add_func ("/keys/delete-focus", test_delete_focus);
  return ui_test_run ();
}
