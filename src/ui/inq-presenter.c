/* Inquadra - the board on a full screen, panel by panel, for a room.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-presenter.h"

#include <glib/gi18n.h>

#include "inq-stage.h"

struct _InqPresenter {
  GtkWindow parent_instance;

  GtkWidget *content;
  InqStageView *stage;
  GtkLabel *caption;
  GtkLabel *clock;
  InqBoard *board;
  InqPanel *panel;
  guint panel_index; /* where it was, to find its neighbour when it goes */
  gboolean black;
  gboolean captions;
  gboolean timecode;
  gboolean loop;

  /* playing */
  guint tick_id;
  gint64 start_us; /* frame clock time of start_frame; 0 before the first tick */
  gint64 start_frame;
  gint64 frame; /* on screen */
};

G_DEFINE_FINAL_TYPE (InqPresenter, inq_presenter, GTK_TYPE_WINDOW)

static void
update_clock (InqPresenter *self)
{
  char at[INQ_TIMECODE_LENGTH], total[INQ_TIMECODE_LENGTH];
  InqRate rate = inq_board_get_rate (self->board);
  inq_timecode_format (self->frame, rate, at);
  inq_timecode_format (inq_board_get_total_frames (self->board), rate, total);
  g_autofree char *text = self->loop ? g_strdup_printf (_ ("%s / %s · round and round"), at, total)
                                     : g_strdup_printf ("%s / %s", at, total);
  gtk_label_set_label (self->clock, text);
  gtk_widget_set_visible (GTK_WIDGET (self->clock), self->timecode);
}

static void
update (InqPresenter *self)
{
  const char *said = self->panel != NULL ? inq_panel_get_text (self->panel, INQ_FIELD_DIALOGUE) : "";
  inq_stage_set_panel (self->stage, self->panel);
  gtk_label_set_label (self->caption, said);
  gtk_widget_set_visible (GTK_WIDGET (self->caption), self->captions && *said != '\0');
  gtk_widget_set_opacity (self->content, self->black ? 0 : 1);
  update_clock (self);
  if (self->panel != NULL) {
    /* Translators: what a screen reader says of a presented panel: its number, what is in it, what is said */
    g_autofree char *words = g_strdup_printf (_ ("Panel %s. %s. %s"), inq_panel_get_number (self->panel),
                                              inq_panel_get_text (self->panel, INQ_FIELD_PROMPT), said);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->stage), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  }
}

static void
set_panel (InqPresenter *self, InqPanel *panel)
{
  if (panel == NULL)
    return;
  g_set_object (&self->panel, panel);
  self->panel_index = inq_panel_get_index (panel);
  update (self);
}

static void
stop (InqPresenter *self)
{
  if (self->tick_id != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick_id);
  self->tick_id = 0;
}

/* By hand: playing, it goes on from there. */
static void
go_to (InqPresenter *self, int index)
{
  int n = inq_board_get_n_panels (self->board);
  InqPanel *panel = inq_board_get_panel (self->board, CLAMP (index, 0, n - 1));
  self->black = FALSE;
  self->frame = self->start_frame = inq_panel_get_start_frame (panel);
  self->start_us = 0;
  set_panel (self, panel);
}

static void
go_by (InqPresenter *self, int by)
{
  go_to (self, (int) self->panel_index + by);
}

/* ---- playing ---- */

void
inq_presenter_tick (InqPresenter *self, gint64 now)
{
  g_return_if_fail (INQ_IS_PRESENTER (self));

  gint64 total = inq_board_get_total_frames (self->board);
  if (self->start_us == 0)
    self->start_us = now;
  gint64 frame = self->start_frame + inq_frames_from_us (now - self->start_us, inq_board_get_rate (self->board));
  if (frame >= total) {
    if (!self->loop || total <= 0) {
      stop (self);
      self->frame = MAX (total - 1, 0);
      set_panel (self, inq_board_panel_at_frame (self->board, self->frame));
      return;
    }
    frame %= total; /* the time goes on, so that a round is as long as the board */
  }
  self->frame = frame;
  InqPanel *panel = inq_board_panel_at_frame (self->board, frame);
  if (panel != self->panel)
    set_panel (self, panel);
  else if (self->timecode)
    update_clock (self);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  InqPresenter *self = INQ_PRESENTER (widget);
  inq_presenter_tick (self, gdk_frame_clock_get_frame_time (clock));
  return self->tick_id != 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
toggle_play (InqPresenter *self)
{
  if (self->tick_id != 0) {
    stop (self);
    return;
  }
  /* From the panel shown; from the start when it is the last one. */
  if (self->panel_index + 1 == inq_board_get_n_panels (self->board))
    go_to (self, 0);
  self->black = FALSE;
  self->start_frame = self->frame = inq_panel_get_start_frame (self->panel);
  self->start_us = 0;
  self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
  update (self);
}

/* The board may change while it is shown: pictures arrive, somebody else edits. */
static void
items_changed_cb (InqPresenter *self)
{
  guint n = inq_board_get_n_panels (self->board);
  if (n == 0)
    gtk_window_close (GTK_WINDOW (self));
  else if (self->panel == NULL || inq_board_find_panel (self->board, inq_panel_get_id (self->panel)) != self->panel)
    go_to (self, (int) self->panel_index);
  else
    self->panel_index = inq_panel_get_index (self->panel);
}

/* ---- keys ---- */

static gboolean
key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, InqPresenter *self)
{
  switch (keyval) {
  case GDK_KEY_Page_Down:
  case GDK_KEY_KP_Page_Down:
  case GDK_KEY_Right:
  case GDK_KEY_Down:
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
    go_by (self, 1);
    return GDK_EVENT_STOP;
  case GDK_KEY_Page_Up:
  case GDK_KEY_KP_Page_Up:
  case GDK_KEY_Left:
  case GDK_KEY_Up:
  case GDK_KEY_BackSpace:
    go_by (self, -1);
    return GDK_EVENT_STOP;
  case GDK_KEY_space:
  case GDK_KEY_KP_Space:
    toggle_play (self);
    return GDK_EVENT_STOP;
  case GDK_KEY_l:
  case GDK_KEY_L:
    self->loop = !self->loop;
    update_clock (self);
    return GDK_EVENT_STOP;
  case GDK_KEY_t:
  case GDK_KEY_T:
    self->timecode = !self->timecode;
    update_clock (self);
    return GDK_EVENT_STOP;
  case GDK_KEY_Home:
    go_to (self, 0);
    return GDK_EVENT_STOP;
  case GDK_KEY_End:
    go_to (self, G_MAXINT);
    return GDK_EVENT_STOP;
  case GDK_KEY_b:
  case GDK_KEY_B:
  case GDK_KEY_period:
    self->black = !self->black;
    update (self);
    return GDK_EVENT_STOP;
  case GDK_KEY_c:
  case GDK_KEY_C:
    self->captions = !self->captions;
    update (self);
    return GDK_EVENT_STOP;
  case GDK_KEY_Escape:
  case GDK_KEY_F5:
  case GDK_KEY_F11:
  case GDK_KEY_q:
    gtk_window_close (GTK_WINDOW (self));
    return GDK_EVENT_STOP;
  default:
    return GDK_EVENT_PROPAGATE;
  }
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, InqPresenter *self)
{
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));
  if (button == GDK_BUTTON_PRIMARY)
    go_by (self, 1);
  else if (button == GDK_BUTTON_SECONDARY)
    go_by (self, -1);
}

InqPanel *
inq_presenter_get_panel (InqPresenter *self)
{
  g_return_val_if_fail (INQ_IS_PRESENTER (self), NULL);
  return self->panel;
}

gboolean
inq_presenter_get_black (InqPresenter *self)
{
  g_return_val_if_fail (INQ_IS_PRESENTER (self), FALSE);
  return self->black;
}

gboolean
inq_presenter_get_playing (InqPresenter *self)
{
  g_return_val_if_fail (INQ_IS_PRESENTER (self), FALSE);
  return self->tick_id != 0;
}

gint64
inq_presenter_get_frame (InqPresenter *self)
{
  g_return_val_if_fail (INQ_IS_PRESENTER (self), 0);
  return self->frame;
}

static void
inq_presenter_dispose (GObject *object)
{
  InqPresenter *self = INQ_PRESENTER (object);
  if (self->tick_id != 0)
    stop (self);
  g_clear_object (&self->panel);
  g_clear_object (&self->board);
  G_OBJECT_CLASS (inq_presenter_parent_class)->dispose (object);
}

static void
inq_presenter_class_init (InqPresenterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inq_presenter_dispose;
}

static void
inq_presenter_init (InqPresenter *self)
{
  GtkWidget *overlay = gtk_overlay_new ();
  self->content = overlay;
  self->stage = INQ_STAGE (inq_stage_new ());
  inq_stage_set_interactive (self->stage, FALSE);
  inq_stage_set_backdrop (self->stage, FALSE);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), GTK_WIDGET (self->stage));

  self->caption = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->caption, TRUE);
  gtk_label_set_justify (self->caption, GTK_JUSTIFY_CENTER);
  gtk_widget_set_halign (GTK_WIDGET (self->caption), GTK_ALIGN_CENTER);
  gtk_widget_set_valign (GTK_WIDGET (self->caption), GTK_ALIGN_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->caption), "presenter-caption");
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), GTK_WIDGET (self->caption));

  self->clock = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_set_halign (GTK_WIDGET (self->clock), GTK_ALIGN_END);
  gtk_widget_set_valign (GTK_WIDGET (self->clock), GTK_ALIGN_END);
  gtk_widget_set_visible (GTK_WIDGET (self->clock), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->clock), "presenter-clock");
  gtk_widget_add_css_class (GTK_WIDGET (self->clock), "numeric");
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), GTK_WIDGET (self->clock));

  gtk_window_set_child (GTK_WINDOW (self), overlay);
  gtk_window_set_decorated (GTK_WINDOW (self), FALSE);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Presentation"));
  gtk_widget_add_css_class (GTK_WIDGET (self), "presenter");
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "none");

  GtkEventController *keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  GtkGesture *click = gtk_gesture_click_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

/* The room's screen: one that the window is not on, or NULL. */
static GdkMonitor *
other_monitor (GtkWindow *parent)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (parent));
  GdkDisplay *display = gtk_widget_get_display (GTK_WIDGET (parent));
  GdkMonitor *here = surface != NULL ? gdk_display_get_monitor_at_surface (display, surface) : NULL;
  GListModel *monitors = gdk_display_get_monitors (display);

  for (guint i = 0; here != NULL && i < g_list_model_get_n_items (monitors); i++) {
    g_autoptr (GdkMonitor) monitor = g_list_model_get_item (monitors, i);
    if (monitor != here)
      return g_steal_pointer (&monitor);
  }
  return NULL;
}

GtkWidget *
inq_presenter_present (GtkWindow *parent, InqBoard *board, InqPanel *panel)
{
  g_return_val_if_fail (INQ_IS_BOARD (board), NULL);
  g_return_val_if_fail (inq_board_get_n_panels (board) > 0, NULL);

  InqPresenter *self = g_object_new (INQ_TYPE_PRESENTER, NULL);
  self->board = g_object_ref (board);
  inq_stage_set_board (self->stage, board);
  go_to (self, panel != NULL ? (int) inq_panel_get_index (panel) : 0);
  gtk_window_set_transient_for (GTK_WINDOW (self), parent);
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (self), TRUE);
  g_signal_connect_object (board, "items-changed", G_CALLBACK (items_changed_cb), self, G_CONNECT_SWAPPED);
  g_autoptr (GdkMonitor) monitor = other_monitor (parent);
  if (monitor != NULL)
    gtk_window_fullscreen_on_monitor (GTK_WINDOW (self), monitor);
  else
    gtk_window_fullscreen (GTK_WINDOW (self));
  gtk_window_present (GTK_WINDOW (self));
  return GTK_WIDGET (self);
}
