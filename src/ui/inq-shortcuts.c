/* Inquadra - every key of the program: the application's accelerators and the board's single keys.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-shortcuts.h"

#include <string.h>

static const struct {
  const char *action;
  const char *keys[4];
} accels[] = {
  { "app.new", { "<Control>n" } },
  { "app.preferences", { "<Control>comma" } },
  { "app.shortcuts", { "<Control>question", "<Control>slash", "F1" } },
  { "app.quit", { "<Control>q" } },
  { "window.close", { "<Control>w" } },
  { "win.open", { "<Control>o" } },
  { "win.save-version", { "<Control>s" } },
  { "win.save-copy", { "<Control><Shift>s" } },
  { "win.undo", { "<Control>z" } },
  { "win.redo", { "<Control><Shift>z", "<Control>y" } },
  { "win.generate", { "<Control>Return", "<Control>KP_Enter" } },
  { "win.generate-first", { "<Control><Shift>Return", "<Control><Shift>KP_Enter" } },
  { "win.find", { "<Control>f" } },
  { "win.present", { "F5" } },
  { "win.next-area", { "F6" } },
  { "win.previous-area", { "<Shift>F6" } },
  { "win.show-inspector", { "F9" } },
  { "win.show-timeline", { "F10" } },
  { "win.fullscreen", { "F11" } },
};

/* The board's keys. @digit: parameter of "win.digit", -1 for actions without one. */
static const struct {
  const char *trigger;
  const char *action;
  int digit;
  InqKeyScope scope;
} board_keys[] = {
  { "n", "win.new-panel", -1, INQ_KEY_LETTERS },
  { "<Shift>n", "win.new-panel-before", -1, INQ_KEY_LETTERS },
  { "slash|KP_Divide", "win.new-shot", -1, INQ_KEY_LETTERS },
  { "d", "win.duplicate", -1, INQ_KEY_LETTERS },
  { "x", "win.reject", -1, INQ_KEY_LETTERS },
  { "s", "win.star", -1, INQ_KEY_LETTERS },
  { "r", "win.more", -1, INQ_KEY_LETTERS },
  { "g", "win.again", -1, INQ_KEY_LETTERS },
  { "f", "win.draw-from", -1, INQ_KEY_LETTERS },
  { "m", "win.repaint", -1, INQ_KEY_LETTERS },
  { "l", "win.finish-larger", -1, INQ_KEY_LETTERS },
  { "<Control>a", "win.select-all", -1, INQ_KEY_LETTERS },
  { "<Control>x", "win.cut", -1, INQ_KEY_LETTERS },
  { "<Control>c", "win.copy", -1, INQ_KEY_LETTERS },
  { "<Control>v", "win.paste", -1, INQ_KEY_LETTERS },
  { "<Control><Shift>c", "win.copy-picture", -1, INQ_KEY_LETTERS },
  { "<Control><Shift>v", "win.paste-picture", -1, INQ_KEY_LETTERS },
  { "Return|KP_Enter", "win.edit-prompt", -1, INQ_KEY_BOARD },
  { "o", "win.onion", -1, INQ_KEY_LETTERS },
  { "bracketleft", "win.ink-thinner", -1, INQ_KEY_LETTERS },
  { "bracketright", "win.ink-thicker", -1, INQ_KEY_LETTERS },
  { "1|KP_1", "win.digit", 1, INQ_KEY_LETTERS },
  { "2|KP_2", "win.digit", 2, INQ_KEY_LETTERS },
  { "3|KP_3", "win.digit", 3, INQ_KEY_LETTERS },
  { "4|KP_4", "win.digit", 4, INQ_KEY_LETTERS },
  { "5|KP_5", "win.digit", 5, INQ_KEY_LETTERS },
  { "6|KP_6", "win.digit", 6, INQ_KEY_LETTERS },
  { "7|KP_7", "win.digit", 7, INQ_KEY_LETTERS },
  { "8|KP_8", "win.digit", 8, INQ_KEY_LETTERS },
  { "9|KP_9", "win.digit", 9, INQ_KEY_LETTERS },
  { "0|KP_0", "win.digit", 0, INQ_KEY_LETTERS },
  { "<Alt>Left|<Alt>KP_Left", "win.move-left", -1, INQ_KEY_LETTERS },
  { "<Alt>Right|<Alt>KP_Right", "win.move-right", -1, INQ_KEY_LETTERS },
  { "Page_Up|KP_Page_Up", "win.previous-panel", -1, INQ_KEY_LETTERS },
  { "Page_Down|KP_Page_Down", "win.next-panel", -1, INQ_KEY_LETTERS },
  { "Left|KP_Left", "win.previous-panel", -1, INQ_KEY_BOARD },
  { "Right|KP_Right", "win.next-panel", -1, INQ_KEY_BOARD },
  { "Home|KP_Home", "win.first-panel", -1, INQ_KEY_BOARD },
  { "End|KP_End", "win.last-panel", -1, INQ_KEY_BOARD },
  { "<Control>Left|<Control>KP_Left", "win.previous-scene", -1, INQ_KEY_BOARD },
  { "<Control>Right|<Control>KP_Right", "win.next-scene", -1, INQ_KEY_BOARD },
  { "<Shift>Left|<Shift>KP_Left", "win.select-previous", -1, INQ_KEY_BOARD },
  { "<Shift>Right|<Shift>KP_Right", "win.select-next", -1, INQ_KEY_BOARD },
  { "<Shift>Home|<Shift>KP_Home", "win.select-first", -1, INQ_KEY_BOARD },
  { "<Shift>End|<Shift>KP_End", "win.select-last", -1, INQ_KEY_BOARD },
  { "Delete|KP_Delete", "win.delete", -1, INQ_KEY_BOARD },
  { "BackSpace", "win.delete", -1, INQ_KEY_BOARD },
  { "space", "win.play", -1, INQ_KEY_BOARD },
  { "Tab|KP_Tab", "win.toggle-view", -1, INQ_KEY_BOARD },
  { "Escape", "win.escape", -1, INQ_KEY_NONE },
};

typedef struct {
  int index;
  InqKeyScope (*scope) (GtkWidget *window);
} BoardKey;

static gboolean
board_key_cb (GtkWidget *window, GVariant *args, gpointer data)
{
  const BoardKey *key = data;
  int i = key->index;

  if (key->scope (window) < board_keys[i].scope)
    return GDK_EVENT_PROPAGATE;
  /* A disabled action lets the key pass on, so that it may still mean something to the widget; GTK 4.8 would say that
   * it was taken. */
  if (!g_action_group_get_action_enabled (G_ACTION_GROUP (window), board_keys[i].action + strlen ("win.")))
    return GDK_EVENT_PROPAGATE;
  GVariant *parameter = board_keys[i].digit >= 0 ? g_variant_new_int32 (board_keys[i].digit) : NULL;
  return gtk_widget_activate_action_variant (window, board_keys[i].action, parameter);
}

void
inq_shortcuts_add_board_keys (GtkWidget *window, InqKeyScope (*scope) (GtkWidget *window))
{
  g_return_if_fail (GTK_IS_APPLICATION_WINDOW (window));

  GtkEventController *controller = gtk_shortcut_controller_new ();
  gtk_event_controller_set_name (controller, "inq-board-keys");
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_BUBBLE);
  for (guint i = 0; i < G_N_ELEMENTS (board_keys); i++) {
    BoardKey *key = g_new0 (BoardKey, 1);
    key->index = i;
    key->scope = scope;
    gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller),
                                          gtk_shortcut_new (gtk_shortcut_trigger_parse_string (board_keys[i].trigger),
                                                            gtk_callback_action_new (board_key_cb, key, g_free)));
  }
  gtk_widget_add_controller (window, controller);
}

void
inq_shortcuts_install (GtkApplication *application)
{
  g_return_if_fail (GTK_IS_APPLICATION (application));

  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (application, accels[i].action, (const char *const *) accels[i].keys);
}

void
inq_shortcuts_present (GtkWindow *parent)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource ("/io/github/inquadra/Inquadra/ui/inq-shortcuts.ui");
  GtkWindow *window = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));
  gtk_window_set_transient_for (window, parent);
  gtk_window_present (window);
}
