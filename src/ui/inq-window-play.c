/* Inquadra - playing the animatic on the stage, each panel for its time.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The frame clock leads: what is shown follows from the time since the start, so a slow picture is skipped, never the
 * rhythm lost. Only the stage, the playhead and the clock move while playing; the current panel follows when it stops.
 */
#include "config.h"

#include "inq-window-private.h"

#include <glib/gi18n.h>

static void
show_frame (InqWindow *self, gint64 frame)
{
  char at[INQ_TIMECODE_LENGTH], total[INQ_TIMECODE_LENGTH];
  InqRate rate = inq_board_get_rate (self->board);
  InqPanel *panel = inq_board_panel_at_frame (self->board, frame);

  if (panel != NULL)
    inq_stage_set_panel (self->stage, panel);
  inq_timeline_set_playhead (self->timeline, frame);
  inq_timecode_format (frame, rate, at);
  inq_timecode_format (inq_board_get_total_frames (self->board), rate, total);
  g_autofree char *clock = g_strdup_printf ("%s / %s", at, total);
  gtk_label_set_label (self->clock, clock);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  InqWindow *self = INQ_WINDOW (widget);
  gint64 now = gdk_frame_clock_get_frame_time (clock);

  if (self->play_start_us == 0)
    self->play_start_us = now;
  InqRate rate = inq_board_get_rate (self->board);
  gint64 frame = self->play_start_frame + inq_frames_from_us (now - self->play_start_us, rate);
  gint64 total = inq_board_get_total_frames (self->board);
  if (frame >= total) {
    /* However long the last picture took: it ends where the board does. */
    if (total > 0)
      show_frame (self, total - 1);
    inq_window_play_stop (self);
    return G_SOURCE_REMOVE;
  }
  show_frame (self, frame);
  return G_SOURCE_CONTINUE;
}

gboolean
inq_window_play_is_playing (InqWindow *self)
{
  return self->tick_id != 0;
}

static void
update_button (InqWindow *self)
{
  gboolean playing = self->tick_id != 0;
  const char *label = playing ? _ ("Stop") : _ ("Play");
  gtk_button_set_icon_name (self->play_button,
                            playing ? "media-playback-stop-symbolic" : "media-playback-start-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->play_button),
                               playing ? _ ("Stop (Space)") : _ ("Play the animatic (Space)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->play_button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

void
inq_window_play_stop (InqWindow *self)
{
  if (self->tick_id == 0)
    return;
  gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick_id);
  self->tick_id = 0;
  InqPanel *shown = inq_stage_get_panel (self->stage);
  inq_timeline_set_playhead (self->timeline, -1);
  inq_stage_set_interactive (self->stage, TRUE);
  if (shown != NULL && shown != self->panel)
    inq_window_set_panel (self, shown);
  else
    inq_window_update_clock (self);
  update_button (self);
}

static void
play_from (InqWindow *self, gint64 frame)
{
  inq_inspector_flush (self->inspector);
  inq_window_set_view (self, "stage");
  inq_stage_set_interactive (self->stage, FALSE);
  self->play_start_frame = frame;
  self->play_start_us = 0;
  self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
  update_button (self);
}

static void
play_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  if (self->tick_id != 0) {
    inq_window_play_stop (self);
    return;
  }
  /* From the current panel; from the start when that is the last one. */
  gboolean last = inq_panel_get_index (self->panel) + 1 == inq_board_get_n_panels (self->board);
  play_from (self, last ? 0 : inq_panel_get_start_frame (self->panel));
}

static void
seek_cb (InqTimeline *timeline, gint64 frame, InqWindow *self)
{
  if (self->tick_id != 0) {
    self->play_start_frame = frame;
    self->play_start_us = 0;
    return;
  }
  InqPanel *panel = inq_board_panel_at_frame (self->board, frame);
  if (panel != NULL)
    inq_window_set_panel (self, panel);
}

static const GActionEntry entries[] = {
  { "play", play_action },
};

void
inq_window_play_init (InqWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect (self->timeline, "seek", G_CALLBACK (seek_cb), self);
}
