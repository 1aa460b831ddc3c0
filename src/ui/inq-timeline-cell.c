/* Inquadra - one panel in the timeline.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-timeline-cell.h"

#include <glib/gi18n.h>

#include "inq-draw.h"
#include "inq-format.h"
#include "inq-ink.h"
#include "inq-textures.h"

#define PAD     INQ_TIMELINE_CELL_PAD
#define CAPTION 0.86
/* A cell is never too narrow for number and duration, whatever the frame's shape. */
#define MIN_WIDTH 84

struct _InqTimelineCell {
  GtkWidget parent_instance;
  InqBoard *board;
  InqPanel *panel;
  InqJob *job;
  InqInk *ink; /* only while the panel has some */
  GSignalGroup *panel_signals;
  GSignalGroup *job_signals;
  int thumb_height;
  gboolean current, selected, focused;
};

G_DEFINE_FINAL_TYPE (InqTimelineCell, inq_timeline_cell, GTK_TYPE_WIDGET)

void
inq_timeline_cell_sizes (GtkWidget *widget, InqBoard *board, int thumb_height, int *thumb_width, int *width,
                         int *height)
{
  double aspect = board != NULL ? inq_board_get_frame_aspect (board) : 16.0 / 9;
  *thumb_width = CLAMP ((int) (thumb_height * aspect + 0.5), 24, thumb_height * 4);
  *width = MAX (*thumb_width, MIN_WIDTH) + 2 * PAD;
  *height = thumb_height + inq_text_height (widget, CAPTION) + 2 * PAD + 4;
}

char *
inq_timeline_cell_describe (InqBoard *board, InqPanel *panel)
{
  const InqPanelRow *row = inq_panel_get_row (panel);
  double seconds = inq_frames_to_seconds (row->duration, inq_board_get_rate (board));
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, _ ("Panel %s"), row->number);
  /* Translators: said aloud by a screen reader, e.g. "2.5 seconds" */
  g_autofree char *time = g_strdup_printf ("%.4g", seconds);
  g_string_append (text, ", ");
  g_string_append_printf (text, g_dngettext (NULL, "%s second", "%s seconds", seconds == 1 ? 1 : 2), time);
  if (row->n_variations > 0) {
    g_string_append (text, ", ");
    g_string_append_printf (text, g_dngettext (NULL, "%d variation", "%d variations", row->n_variations),
                            row->n_variations);
    g_string_append_printf (text, ", %s", row->picked != 0 ? _ ("one picked") : _ ("none picked"));
  } else if (row->n_strokes > 0) {
    g_string_append_printf (text, ", %s", _ ("drawn"));
  } else {
    g_string_append_printf (text, ", %s", _ ("no picture yet"));
  }
  if (row->jobs_running > 0)
    g_string_append_printf (text, ", %s", _ ("being drawn"));
  else if (row->jobs_queued > 0)
    g_string_append_printf (text, ", %s", _ ("waiting to be drawn"));
  else if (row->jobs_failed > 0)
    g_string_append_printf (text, ", %s", _ ("drawing failed"));
  return g_string_free (text, FALSE);
}

static void
ink_changed_cb (InqTimelineCell *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
update (InqTimelineCell *self)
{
  if (self->panel != NULL) {
    g_autofree char *label = inq_timeline_cell_describe (self->board, self->panel);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  }
  gboolean inked = self->panel != NULL && inq_panel_get_row (self->panel)->n_strokes > 0;
  if (inked && self->ink == NULL) {
    self->ink = inq_ink_new ();
    g_signal_connect_swapped (self->ink, "changed", G_CALLBACK (ink_changed_cb), self);
  }
  if (self->ink != NULL)
    inq_ink_set_panel (self->ink, inked ? self->board : NULL, inked ? self->panel : NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
inq_timeline_cell_bind (InqTimelineCell *self, InqBoard *board, InqPanel *panel, int thumb_height)
{
  g_return_if_fail (INQ_IS_TIMELINE_CELL (self));

  self->thumb_height = thumb_height;
  gboolean other_board = g_set_object (&self->board, board);
  if (!g_set_object (&self->panel, panel) && !other_board)
    return;
  g_signal_group_set_target (self->panel_signals, panel);
  update (self);
}

void
inq_timeline_cell_set_state (InqTimelineCell *self, gboolean current, gboolean selected, gboolean focused)
{
  g_return_if_fail (INQ_IS_TIMELINE_CELL (self));

  if (self->current == current && self->selected == selected && self->focused == focused)
    return;
  self->current = current;
  self->selected = selected;
  self->focused = focused;
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_SELECTED, selected || current, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
inq_timeline_cell_get_selected (InqTimelineCell *self)
{
  g_return_val_if_fail (INQ_IS_TIMELINE_CELL (self), FALSE);

  return self->selected || self->current;
}

void
inq_timeline_cell_set_job (InqTimelineCell *self, InqJob *job)
{
  g_return_if_fail (INQ_IS_TIMELINE_CELL (self));

  if (!g_set_object (&self->job, job))
    return;
  g_signal_group_set_target (self->job_signals, job);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

InqPanel *
inq_timeline_cell_get_panel (InqTimelineCell *self)
{
  g_return_val_if_fail (INQ_IS_TIMELINE_CELL (self), NULL);

  return self->panel;
}

void
inq_timeline_cell_image_loaded (InqTimelineCell *self, gint64 image)
{
  if (self->panel != NULL && inq_panel_get_cover_image (self->panel) == image)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- drawing ---- */

/* The first words of what the shot is about, where there is no picture yet. */
static void
draw_words (InqTimelineCell *self, GtkSnapshot *snapshot, const graphene_rect_t *thumb)
{
  const char *prompt = inq_panel_get_text (self->panel, INQ_FIELD_PROMPT);
  if (*prompt == '\0')
    prompt = inq_panel_get_text (self->panel, INQ_FIELD_ACTION);
  if (*prompt == '\0' || thumb->size.width < 60)
    return;
  /* Some hundred characters fill the place; a prompt may have ten thousand words. */
  g_autofree char *begin = g_utf8_substring (prompt, 0, MIN (g_utf8_strlen (prompt, -1), 160));
  g_autoptr (PangoLayout) layout = inq_text_layout (GTK_WIDGET (self), begin, 0.74, PANGO_WEIGHT_NORMAL);
  pango_layout_set_width (layout, (thumb->size.width - 12) * PANGO_SCALE);
  pango_layout_set_height (layout, (thumb->size.height - 10) * PANGO_SCALE);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  GdkRGBA dim = inq_color (GTK_WIDGET (self), INQ_COLOR_DIM);
  inq_draw_text (snapshot, layout, thumb->origin.x + 6, thumb->origin.y + 5, &dim);
}

static void
draw_picture (InqTimelineCell *self, GtkSnapshot *snapshot, const graphene_rect_t *thumb)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const InqPanelRow *row = inq_panel_get_row (self->panel);
  int scale = gtk_widget_get_scale_factor (widget);
  GskRoundedRect clip;

  gsk_rounded_rect_init_from_rect (&clip, thumb, 3);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  GdkRGBA paper = inq_color (widget, INQ_COLOR_PAPER);
  if (row->n_strokes > 0 || row->cover_image != 0)
    paper = (GdkRGBA){ 1, 1, 1, 1 };
  gtk_snapshot_append_color (snapshot, &paper, thumb);

  if (row->cover_image != 0) {
    InqTextures *textures = inq_textures_get (self->board);
    GdkTexture *texture = inq_textures_load (textures, row->cover_image, thumb->size.width * scale,
                                             thumb->size.height * scale, TRUE);
    if (texture == NULL)
      texture = inq_textures_peek (textures, row->cover_image);
    if (texture != NULL) {
      int w, h;
      inq_fit ((double) gdk_texture_get_width (texture) / gdk_texture_get_height (texture), thumb->size.width * scale,
               thumb->size.height * scale, &w, &h);
      float left = floor ((thumb->size.width * scale - w) / 2) / scale;
      float top = floor ((thumb->size.height * scale - h) / 2) / scale;
      gtk_snapshot_append_texture (
          snapshot, texture,
          &GRAPHENE_RECT_INIT (thumb->origin.x + left, thumb->origin.y + top, (float) w / scale, (float) h / scale));
    }
  } else if (row->n_strokes == 0) {
    draw_words (self, snapshot, thumb);
  }
  if (self->ink != NULL && row->n_strokes > 0) {
    gtk_snapshot_save (snapshot);
    gtk_snapshot_translate (snapshot, &thumb->origin);
    inq_ink_snapshot (self->ink, snapshot, thumb->size.width, thumb->size.height, scale);
    gtk_snapshot_restore (snapshot);
  }
  gtk_snapshot_pop (snapshot);
}

/* The generation under way, as a bar along the lower edge; what waits to be picked; what failed. */
static void
draw_marks (InqTimelineCell *self, GtkSnapshot *snapshot, const graphene_rect_t *thumb)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const InqPanelRow *row = inq_panel_get_row (self->panel);
  float right = thumb->origin.x + thumb->size.width - 4, top = thumb->origin.y + 4;
  GdkRGBA accent = inq_color (widget, INQ_COLOR_ACCENT), on_accent = inq_color (widget, INQ_COLOR_ON_ACCENT);
  GdkRGBA shade = { 0, 0, 0, 0.55f }, white = { 1, 1, 1, 1 };
  gboolean running = row->jobs_running > 0 || (self->job != NULL && inq_job_get_state (self->job) == INQ_JOB_RUNNING);

  if (running) {
    graphene_rect_t bar = GRAPHENE_RECT_INIT (thumb->origin.x + 5, thumb->origin.y + thumb->size.height - 9,
                                              thumb->size.width - 10, 4);
    inq_draw_rounded (snapshot, &bar, 2, &shade);
    double progress = self->job != NULL ? CLAMP (inq_job_get_progress (self->job), 0, 1) : 0;
    bar.size.width = MAX (4, bar.size.width * progress);
    inq_draw_rounded (snapshot, &bar, 2, &accent);
  } else if (row->jobs_queued > 0) {
    g_autoptr (PangoLayout) dots = inq_text_layout (widget, "•••", 0.7, PANGO_WEIGHT_BOLD);
    right -= inq_draw_pill (snapshot, dots, right, top, &shade, &white) + 3;
  } else if (row->jobs_failed > 0) {
    GdkRGBA red = inq_color (widget, INQ_COLOR_ERROR);
    g_autoptr (PangoLayout) bang = inq_text_layout (widget, "!", CAPTION, PANGO_WEIGHT_BOLD);
    right -= inq_draw_pill (snapshot, bang, right, top, &red, &white) + 3;
  }
  if (row->n_variations > 0 && row->picked == 0) {
    g_autofree char *count = g_strdup_printf ("%d", row->n_variations);
    g_autoptr (PangoLayout) layout = inq_text_layout (widget, count, CAPTION, PANGO_WEIGHT_BOLD);
    inq_draw_pill (snapshot, layout, right, top, &accent, &on_accent);
  }
}

static void
draw_labels (InqTimelineCell *self, GtkSnapshot *snapshot, float y)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const InqPanelRow *row = inq_panel_get_row (self->panel);
  int width = gtk_widget_get_width (widget), w;

  g_autofree char *time = inq_duration_format (row->duration, inq_board_get_rate (self->board));
  g_autoptr (PangoLayout) duration = inq_text_layout (widget, time, CAPTION, PANGO_WEIGHT_NORMAL);
  GdkRGBA dim = inq_color (widget, INQ_COLOR_DIM), ink = inq_color (widget, INQ_COLOR_FOREGROUND);
  pango_layout_get_pixel_size (duration, &w, NULL);
  inq_draw_text (snapshot, duration, width - PAD - 2 - w, y, &dim);

  g_autoptr (PangoLayout) number = inq_text_layout (widget, row->number, CAPTION, PANGO_WEIGHT_BOLD);
  pango_layout_set_width (number, MAX (8, width - 2 * PAD - w - 10) * PANGO_SCALE);
  pango_layout_set_ellipsize (number, PANGO_ELLIPSIZE_END);
  inq_draw_text (snapshot, number, PAD + 2, y, &ink);
}

static void
inq_timeline_cell_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  InqTimelineCell *self = INQ_TIMELINE_CELL (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  int thumb_width, cell_width, cell_height;

  if (self->panel == NULL)
    return;
  inq_timeline_cell_sizes (widget, self->board, self->thumb_height, &thumb_width, &cell_width, &cell_height);
  graphene_rect_t whole = GRAPHENE_RECT_INIT (0, 0, width, height);
  graphene_rect_t thumb = GRAPHENE_RECT_INIT ((width - thumb_width) / 2, PAD, thumb_width, self->thumb_height);

  if (self->selected) {
    GdkRGBA tint = inq_color_with_alpha (widget, INQ_COLOR_ACCENT, 0.28f);
    inq_draw_rounded (snapshot, &whole, 7, &tint);
  } else if (gtk_widget_get_state_flags (widget) & GTK_STATE_FLAG_PRELIGHT) {
    GdkRGBA tint = inq_color_with_alpha (widget, INQ_COLOR_FOREGROUND, 0.07f);
    inq_draw_rounded (snapshot, &whole, 7, &tint);
  }
  draw_picture (self, snapshot, &thumb);
  GdkRGBA line = inq_color (widget, INQ_COLOR_LINE);
  inq_draw_ring (snapshot, &thumb, 3, 1, &line);
  draw_marks (self, snapshot, &thumb);
  draw_labels (self, snapshot, PAD + self->thumb_height + 2);
  if (self->current) {
    GdkRGBA accent = inq_color (widget, INQ_COLOR_ACCENT);
    graphene_rect_t ring = GRAPHENE_RECT_INIT (thumb.origin.x - 3, thumb.origin.y - 3, thumb.size.width + 6,
                                               thumb.size.height + 6);
    inq_draw_ring (snapshot, &ring, 6, 3, &accent);
    if (self->focused) {
      GdkRGBA focus = inq_color_with_alpha (widget, INQ_COLOR_ACCENT, 0.5f);
      inq_draw_ring (snapshot, &whole, 7, 1.5f, &focus);
    }
  }
}

static void
inq_timeline_cell_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                           int *minimum_baseline, int *natural_baseline)
{
  InqTimelineCell *self = INQ_TIMELINE_CELL (widget);
  int thumb_width, width, height;
  inq_timeline_cell_sizes (widget, self->board, self->thumb_height, &thumb_width, &width, &height);
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? width : height;
}

static void
inq_timeline_cell_state_flags_changed (GtkWidget *widget, GtkStateFlags old)
{
  if ((old ^ gtk_widget_get_state_flags (widget)) & GTK_STATE_FLAG_PRELIGHT)
    gtk_widget_queue_draw (widget);
  GTK_WIDGET_CLASS (inq_timeline_cell_parent_class)->state_flags_changed (widget, old);
}

static void
inq_timeline_cell_dispose (GObject *object)
{
  InqTimelineCell *self = INQ_TIMELINE_CELL (object);
  if (self->ink != NULL)
    g_signal_handlers_disconnect_by_data (self->ink, self);
  g_clear_object (&self->ink);
  g_clear_object (&self->panel_signals);
  g_clear_object (&self->job_signals);
  g_clear_object (&self->panel);
  g_clear_object (&self->board);
  g_clear_object (&self->job);
  G_OBJECT_CLASS (inq_timeline_cell_parent_class)->dispose (object);
}

static void
inq_timeline_cell_class_init (InqTimelineCellClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = inq_timeline_cell_dispose;
  widget_class->snapshot = inq_timeline_cell_snapshot;
  widget_class->state_flags_changed = inq_timeline_cell_state_flags_changed;
  widget_class->measure = inq_timeline_cell_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST_ITEM);
  gtk_widget_class_set_css_name (widget_class, "timelinecell");
}

static void
inq_timeline_cell_init (InqTimelineCell *self)
{
  self->panel_signals = g_signal_group_new (INQ_TYPE_PANEL);
  g_signal_group_connect_swapped (self->panel_signals, "notify", G_CALLBACK (update), self);
  self->job_signals = g_signal_group_new (INQ_TYPE_JOB);
  g_signal_group_connect_swapped (self->job_signals, "notify", G_CALLBACK (gtk_widget_queue_draw), self);
}

GtkWidget *
inq_timeline_cell_new (void)
{
  return g_object_new (INQ_TYPE_TIMELINE_CELL, NULL);
}
