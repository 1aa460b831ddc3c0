/* Inquadra - the timeline's scrolled strip: where panels lie, and widgets for those in view.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-timeline-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "inq-draw.h"

#define THUMB_HEIGHT 72
#define RULER        0.82
/* Gaps before a panel: within a shot, before a shot, before a scene; and before the first. */
#define GAP       2
#define GAP_SHOT  10
#define GAP_SCENE 26
#define EDGE      10

static void scrollable_init (GtkScrollableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (InqTimelineStrip, inq_timeline_strip, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, scrollable_init))

enum { PROP_0, PROP_HADJUSTMENT, PROP_VADJUSTMENT, PROP_HPOLICY, PROP_VPOLICY };

guint
inq_timeline_strip_get_n_panels (InqTimelineStrip *self)
{
  return self->panels->len;
}

static double
offset (InqTimelineStrip *self)
{
  return self->adjustment[0] != NULL ? round (gtk_adjustment_get_value (self->adjustment[0])) : 0;
}

double
inq_timeline_strip_get_left (InqTimelineStrip *self, int index)
{
  return self->x[index] - offset (self);
}

/* First panel whose left is beyond @x of the content, by halving. */
static guint
first_beyond (InqTimelineStrip *self, double x)
{
  guint low = 0, high = self->panels->len;
  while (low < high) {
    guint middle = (low + high) / 2;
    if (self->x[middle] > x)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

int
inq_timeline_strip_index_at (InqTimelineStrip *self, double x, double *into)
{
  double at = x + offset (self);
  int index = (int) first_beyond (self, at) - 1;
  if (index < 0 || at >= self->x[index] + self->cell_width)
    return -1;
  if (into != NULL)
    *into = (at - self->x[index]) / self->cell_width;
  return index;
}

gint64
inq_timeline_strip_frame_at (InqTimelineStrip *self, double x)
{
  double at = x + offset (self);
  int index = MAX (0, (int) first_beyond (self, at) - 1);
  if (self->panels->len == 0)
    return 0;
  InqPanel *panel = self->panels->pdata[index];
  double into = CLAMP ((at - self->x[index]) / self->cell_width, 0, 1);
  int duration = inq_panel_get_duration (panel);
  return inq_panel_get_start_frame (panel) + MIN ((gint64) (into * duration), duration - 1);
}

/* ---- layout ---- */

static void
lay_out (InqTimelineStrip *self)
{
  int thumb_width;
  double x = EDGE;

  self->layout_due = FALSE;
  self->thumb_height = THUMB_HEIGHT;
  inq_timeline_cell_sizes (GTK_WIDGET (self), self->board, self->thumb_height, &thumb_width, &self->cell_width,
                           &self->cell_height);
  self->ruler_height = inq_text_height (GTK_WIDGET (self), RULER) + 8;
  self->x = g_renew (double, self->x, self->panels->len + 1);
  for (guint i = 0; i < self->panels->len; i++) {
    InqPanel *panel = self->panels->pdata[i];
    if (i > 0)
      x += inq_panel_get_first_in_scene (panel) ? GAP_SCENE : inq_panel_get_first_in_shot (panel) ? GAP_SHOT : GAP;
    self->x[i] = x;
    x += self->cell_width;
  }
  self->x[self->panels->len] = x;
}

static InqJob *
find_job (InqTimelineStrip *self, InqPanel *panel)
{
  const InqPanelRow *row = inq_panel_get_row (panel);
  if (self->jobs == NULL || row->jobs_running + row->jobs_queued == 0)
    return NULL;
  return inq_jobs_find_for_panel (self->jobs, row->id);
}

/* Gives the cells the panels in view, some to either side. Makes cells only when more are in view than ever before. */
void
inq_timeline_strip_update_cells (InqTimelineStrip *self)
{
  double left = offset (self), width = gtk_widget_get_width (GTK_WIDGET (self));
  gboolean focused = gtk_widget_has_visible_focus (GTK_WIDGET (self));

  if (self->layout_due)
    lay_out (self);
  self->first = first_beyond (self, left - self->cell_width);
  self->end = width > 0 ? first_beyond (self, left + width) : self->first;
  guint n = self->end - self->first;
  while (self->cells->len < n) {
    GtkWidget *cell = inq_timeline_cell_new ();
    gtk_widget_insert_before (cell, GTK_WIDGET (self), self->add);
    g_ptr_array_add (self->cells, cell);
  }
  guint of = self->cells->len;
  for (guint k = 0; k < of; k++) {
    InqTimelineCell *cell = self->cells->pdata[k];
    /* The one panel of the visible ones with this remainder. */
    guint i = self->first + (k + of - self->first % of) % of;
    InqPanel *panel = i < self->end ? self->panels->pdata[i] : NULL;
    gtk_widget_set_child_visible (GTK_WIDGET (cell), panel != NULL);
    inq_timeline_cell_bind (cell, panel != NULL ? self->board : NULL, panel, self->thumb_height);
    inq_timeline_cell_set_job (cell, panel != NULL ? find_job (self, panel) : NULL);
    if (panel == NULL)
      continue;
    gint64 id = inq_panel_get_id (panel);
    inq_timeline_cell_set_state (cell, panel == self->current, g_hash_table_contains (self->selected, &id), focused);
    gtk_accessible_update_relation (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_RELATION_POS_IN_SET, (int) i + 1,
                                    GTK_ACCESSIBLE_RELATION_SET_SIZE, (int) self->panels->len, -1);
  }
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
inq_timeline_strip_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                            int *minimum_baseline, int *natural_baseline)
{
  InqTimelineStrip *self = INQ_TIMELINE_STRIP (widget);
  if (self->layout_due)
    lay_out (self);
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : self->ruler_height + self->cell_height + 10;
}

static void
inq_timeline_strip_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  InqTimelineStrip *self = INQ_TIMELINE_STRIP (widget);
  int rest_width = 44;

  if (self->layout_due)
    lay_out (self);
  double end = self->x[self->panels->len] + GAP_SHOT + rest_width + EDGE;
  if (self->adjustment[0] != NULL)
    gtk_adjustment_configure (self->adjustment[0], gtk_adjustment_get_value (self->adjustment[0]), 0, MAX (end, width),
                              self->cell_width, width * 0.8, width);
  if (self->adjustment[1] != NULL)
    gtk_adjustment_configure (self->adjustment[1], 0, 0, height, 1, height, height);

  double left = offset (self);
  if (self->first != first_beyond (self, left - self->cell_width) || self->end != first_beyond (self, left + width))
    inq_timeline_strip_update_cells (self);
  for (guint i = self->first; i < self->end; i++) {
    GtkWidget *cell = self->cells->pdata[i % self->cells->len];
    gtk_widget_measure (cell, GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
    gtk_widget_size_allocate (
        cell, &(GtkAllocation){ self->x[i] - left, self->ruler_height, self->cell_width, self->cell_height }, -1);
  }
  double x = self->x[self->panels->len] - left + (self->panels->len > 0 ? GAP_SHOT : 0);
  gtk_widget_measure (self->add, GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
  gtk_widget_size_allocate (
      self->add, &(GtkAllocation){ x, self->ruler_height + INQ_TIMELINE_CELL_PAD, rest_width, self->thumb_height }, -1);
}

/* ---- scrolling ---- */

static void
scroll_to_cb (double value, gpointer data)
{
  InqTimelineStrip *self = data;
  if (self->adjustment[0] != NULL)
    gtk_adjustment_set_value (self->adjustment[0], value);
}

void
inq_timeline_strip_reveal (InqTimelineStrip *self, int index, gboolean animate)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  if (self->adjustment[0] == NULL || index < 0 || index >= (int) self->panels->len || width <= 0)
    return;
  if (self->layout_due)
    lay_out (self);
  /* A neighbour stays in view too: one sees where one goes. */
  double margin = MIN (self->cell_width * 0.7, (width - self->cell_width) / 2);
  double value = gtk_adjustment_get_value (self->adjustment[0]);
  double from = self->x[index] - MAX (margin, EDGE), to = self->x[index] + self->cell_width + MAX (margin, EDGE);
  double end = self->x[self->panels->len] + GAP_SHOT + 44 + EDGE;
  double target = CLAMP (value, to - width, MAX (from, to - width));
  if (from < value)
    target = from;
  target = CLAMP (target, 0, MAX (0, end - width));
  if (gtk_adjustment_get_upper (self->adjustment[0]) < end)
    gtk_adjustment_set_upper (self->adjustment[0], MAX (end, width));
  adw_animation_pause (self->scroll);
  if (fabs (target - value) < 1)
    return;
  if (!animate || !gtk_widget_get_mapped (GTK_WIDGET (self)) || fabs (target - value) > 3 * width) {
    gtk_adjustment_set_value (self->adjustment[0], target);
    return;
  }
  adw_timed_animation_set_value_from (ADW_TIMED_ANIMATION (self->scroll), value);
  adw_timed_animation_set_value_to (ADW_TIMED_ANIMATION (self->scroll), target);
  adw_animation_play (self->scroll);
}

/* ---- drawing ---- */

/* A scene's title lies over its panels and stays in view while any of them is. */
static void
draw_ruler (InqTimelineStrip *self, GtkSnapshot *snapshot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  double width = gtk_widget_get_width (widget);
  GdkRGBA dim = inq_color (widget, INQ_COLOR_DIM), line = inq_color (widget, INQ_COLOR_LINE);
  guint i = self->first;

  while (i < self->end) {
    const InqPanelRow *row = inq_panel_get_row (self->panels->pdata[i]);
    guint end = i + 1;
    while (end < self->panels->len && end < self->end && !inq_panel_get_first_in_scene (self->panels->pdata[end]))
      end++;
    double from = inq_timeline_strip_get_left (self, i) + INQ_TIMELINE_CELL_PAD;
    double to = inq_timeline_strip_get_left (self, end - 1) + self->cell_width - INQ_TIMELINE_CELL_PAD;
    graphene_rect_t bar = GRAPHENE_RECT_INIT (from, self->ruler_height - 3, to - from, 1);
    gtk_snapshot_append_color (snapshot, &line, &bar);

    double left = MAX (from, INQ_TIMELINE_CELL_PAD + EDGE), room = MIN (to, width) - left;
    if (room > 24) {
      g_autofree char *title = *row->scene_title != '\0'
                                   ? g_strdup_printf ("%s  %s", row->scene_number, row->scene_title)
                                   : g_strdup_printf (_ ("Scene %s"), row->scene_number);
      g_autoptr (PangoLayout) layout = inq_text_layout (widget, title, RULER, PANGO_WEIGHT_SEMIBOLD);
      pango_layout_set_width (layout, room * PANGO_SCALE);
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      inq_draw_text (snapshot, layout, left, 3, &dim);
    }
    i = end;
  }
}

static void
draw_playhead (InqTimelineStrip *self, GtkSnapshot *snapshot)
{
  InqPanel *panel = self->playhead >= 0 && self->board != NULL ? inq_board_panel_at_frame (self->board, self->playhead)
                                                               : NULL;
  if (panel == NULL || inq_panel_get_index (panel) >= self->panels->len)
    return;
  double into = (double) (self->playhead - inq_panel_get_start_frame (panel)) / inq_panel_get_duration (panel);
  double x = round (inq_timeline_strip_get_left (self, inq_panel_get_index (panel)) + into * self->cell_width);
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  GdkRGBA red = inq_color (GTK_WIDGET (self), INQ_COLOR_ERROR);
  graphene_rect_t line = GRAPHENE_RECT_INIT (x - 1, 4, 2, height - 4), knob = GRAPHENE_RECT_INIT (x - 5, 2, 10, 10);
  gtk_snapshot_append_color (snapshot, &red, &line);
  inq_draw_rounded (snapshot, &knob, 5, &red);
}

static void
inq_timeline_strip_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  InqTimelineStrip *self = INQ_TIMELINE_STRIP (widget);

  if (self->board == NULL)
    return;
  draw_ruler (self, snapshot);
  for (guint i = self->first; i < self->end; i++)
    gtk_widget_snapshot_child (widget, self->cells->pdata[i % self->cells->len], snapshot);
  gtk_widget_snapshot_child (widget, self->add, snapshot);
  if (self->drop >= 0) {
    guint n = self->panels->len;
    double x = (guint) self->drop < n ? inq_timeline_strip_get_left (self, self->drop)
                                      : self->x[n] - offset (self) + GAP;
    if (self->drop > 0 && (guint) self->drop < n)
      x = (x + inq_timeline_strip_get_left (self, self->drop - 1) + self->cell_width) / 2;
    /* Where a shot or scene ends, the marker shows on whose side the panel will be. */
    if (self->drop > 0 && (guint) self->drop < n
        && self->x[self->drop] - self->x[self->drop - 1] > self->cell_width + GAP)
      x = self->drop_place == INQ_PLACE_AFTER
              ? inq_timeline_strip_get_left (self, self->drop - 1) + self->cell_width + 2
              : inq_timeline_strip_get_left (self, self->drop) - 2;
    GdkRGBA accent = inq_color (widget, INQ_COLOR_ACCENT);
    inq_draw_rounded (snapshot, &GRAPHENE_RECT_INIT (x - 2, self->ruler_height, 4, self->cell_height), 2, &accent);
    if (self->drop_copy) {
      GdkRGBA on_accent = inq_color (widget, INQ_COLOR_ON_ACCENT);
      g_autoptr (PangoLayout) plus = inq_text_layout (widget, "+", 1.1, PANGO_WEIGHT_BOLD);
      int width;
      pango_layout_get_pixel_size (plus, &width, NULL);
      inq_draw_pill (snapshot, plus, x + width / 2.0 + 5, self->ruler_height, &accent, &on_accent);
    }
  }
  draw_playhead (self, snapshot);
}

/* ---- what it follows ---- */

static void
queue_layout (InqTimelineStrip *self)
{
  if (self->layout_due)
    return;
  self->layout_due = TRUE;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
update_now (InqTimelineStrip *self)
{
  self->layout_due = TRUE;
  inq_timeline_strip_update_cells (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
place_changed_cb (InqTimelineStrip *self)
{
  queue_layout (self);
}

static void
scene_changed_cb (InqTimelineStrip *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
follow (InqTimelineStrip *self, InqPanel *panel)
{
  g_signal_connect_swapped (panel, "notify::first-in-shot", G_CALLBACK (place_changed_cb), self);
  g_signal_connect_swapped (panel, "notify::first-in-scene", G_CALLBACK (place_changed_cb), self);
  g_signal_connect_swapped (panel, "notify::scene-title", G_CALLBACK (scene_changed_cb), self);
}

static void
items_changed_cb (InqTimelineStrip *self, guint position, guint removed, guint added)
{
  for (guint i = 0; i < removed; i++)
    g_signal_handlers_disconnect_by_data (self->panels->pdata[position + i], self);
  if (removed > 0)
    g_ptr_array_remove_range (self->panels, position, removed);
  for (guint i = 0; i < added; i++) {
    InqPanel *panel = inq_board_get_panel (self->board, position + i);
    follow (self, panel);
    g_ptr_array_insert (self->panels, position + i, g_object_ref (panel));
  }
  self->drop = -1;
  update_now (self);
  if (g_hash_table_size (self->selected) > 0)
    inq_timeline_strip_check_selected (self);
  if (self->current != NULL && inq_board_find_panel (self->board, inq_panel_get_id (self->current)) == self->current)
    inq_timeline_strip_reveal (self, inq_panel_get_index (self->current), TRUE);
}

static void
image_loaded_cb (InqTimelineStrip *self, gint64 image)
{
  for (guint i = self->first; i < self->end; i++)
    inq_timeline_cell_image_loaded (self->cells->pdata[i % self->cells->len], image);
}

void
inq_timeline_strip_set_board (InqTimelineStrip *self, InqBoard *board)
{
  if (self->board == board)
    return;
  for (guint i = 0; i < self->panels->len; i++)
    g_signal_handlers_disconnect_by_data (self->panels->pdata[i], self);
  g_ptr_array_set_size (self->panels, 0);
  g_hash_table_remove_all (self->selected);
  g_clear_object (&self->current);
  g_clear_object (&self->stretched);
  self->drop = -1;
  g_set_object (&self->board, board);
  InqTextures *textures = board != NULL ? inq_textures_get (board) : NULL;
  g_signal_group_set_target (self->board_signals, board);
  g_signal_group_set_target (self->texture_signals, textures);
  gtk_widget_set_visible (self->add, board != NULL && !inq_board_get_read_only (board));
  if (self->adjustment[0] != NULL)
    gtk_adjustment_set_value (self->adjustment[0], 0);
  if (board != NULL && inq_board_get_n_panels (board) > 0)
    items_changed_cb (self, 0, 0, inq_board_get_n_panels (board));
  else
    update_now (self);
}

void
inq_timeline_strip_set_jobs (InqTimelineStrip *self, InqJobs *jobs)
{
  if (!g_set_object (&self->jobs, jobs))
    return;
  g_signal_group_set_target (self->jobs_signals, jobs);
  inq_timeline_strip_update_cells (self);
}

void
inq_timeline_strip_set_current (InqTimelineStrip *self, InqPanel *panel)
{
  if (!g_set_object (&self->current, panel))
    return;
  if (panel != NULL)
    inq_timeline_strip_reveal (self, inq_panel_get_index (panel), TRUE);
  inq_timeline_strip_check_selected (self);
}

void
inq_timeline_strip_set_playhead (InqTimelineStrip *self, gint64 frame)
{
  self->playhead = frame;
  InqPanel *panel = frame >= 0 && self->board != NULL ? inq_board_panel_at_frame (self->board, frame) : NULL;
  if (panel != NULL && !self->seeking)
    inq_timeline_strip_reveal (self, inq_panel_get_index (panel), TRUE);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- widget ---- */

static void
set_adjustment (InqTimelineStrip *self, int which, GtkAdjustment *adjustment)
{
  if (adjustment != NULL && self->adjustment[which] == adjustment)
    return;
  if (self->adjustment[which] != NULL)
    g_signal_handlers_disconnect_by_data (self->adjustment[which], self);
  g_clear_object (&self->adjustment[which]);
  if (adjustment == NULL)
    return;
  self->adjustment[which] = g_object_ref_sink (adjustment);
  if (which == 0)
    g_signal_connect_swapped (adjustment, "value-changed", G_CALLBACK (inq_timeline_strip_update_cells), self);
}

static void
inq_timeline_strip_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InqTimelineStrip *self = INQ_TIMELINE_STRIP (object);
  if (id == PROP_HADJUSTMENT || id == PROP_VADJUSTMENT)
    g_value_set_object (value, self->adjustment[id - PROP_HADJUSTMENT]);
  else
    g_value_set_enum (value, self->policy[id - PROP_HPOLICY]);
}

static void
inq_timeline_strip_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  InqTimelineStrip *self = INQ_TIMELINE_STRIP (object);
  if (id == PROP_HADJUSTMENT || id == PROP_VADJUSTMENT)
    set_adjustment (self, id - PROP_HADJUSTMENT, g_value_get_object (value));
  else
    self->policy[id - PROP_HPOLICY] = g_value_get_enum (value);
}

static void
scrollable_init (GtkScrollableInterface *iface)
{
}

static void
inq_timeline_strip_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (inq_timeline_strip_parent_class)->css_changed (widget, change);
  /* Another font, another height. */
  queue_layout (INQ_TIMELINE_STRIP (widget));
}

static void
inq_timeline_strip_dispose (GObject *object)
{
  InqTimelineStrip *self = INQ_TIMELINE_STRIP (object);
  if (self->add != NULL) {
    inq_timeline_strip_set_board (self, NULL);
    for (guint i = 0; i < self->cells->len; i++)
      gtk_widget_unparent (self->cells->pdata[i]);
    g_ptr_array_set_size (self->cells, 0);
    self->first = self->end = 0;
    g_clear_pointer (&self->add, gtk_widget_unparent);
  }
  if (self->scroll_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->scroll_tick);
  self->scroll_tick = 0;
  g_clear_object (&self->scroll);
  set_adjustment (self, 0, NULL);
  set_adjustment (self, 1, NULL);
  g_clear_object (&self->board_signals);
  g_clear_object (&self->texture_signals);
  g_clear_object (&self->jobs_signals);
  g_clear_object (&self->jobs);
  G_OBJECT_CLASS (inq_timeline_strip_parent_class)->dispose (object);
}

static void
inq_timeline_strip_finalize (GObject *object)
{
  InqTimelineStrip *self = INQ_TIMELINE_STRIP (object);
  g_ptr_array_unref (self->panels);
  g_ptr_array_unref (self->cells);
  g_hash_table_unref (self->selected);
  g_free (self->x);
  G_OBJECT_CLASS (inq_timeline_strip_parent_class)->finalize (object);
}

static void
inq_timeline_strip_class_init (InqTimelineStripClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = inq_timeline_strip_get_property;
  object_class->set_property = inq_timeline_strip_set_property;
  object_class->dispose = inq_timeline_strip_dispose;
  object_class->finalize = inq_timeline_strip_finalize;
  widget_class->measure = inq_timeline_strip_measure;
  widget_class->size_allocate = inq_timeline_strip_size_allocate;
  widget_class->snapshot = inq_timeline_strip_snapshot;
  widget_class->css_changed = inq_timeline_strip_css_changed;
  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HPOLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VPOLICY, "vscroll-policy");
  gtk_widget_class_set_css_name (widget_class, "inqstrip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST);
}

static void
inq_timeline_strip_init (InqTimelineStrip *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->drop = -1;
  self->playhead = -1;
  self->layout_due = TRUE;
  self->panels = g_ptr_array_new_with_free_func (g_object_unref);
  self->cells = g_ptr_array_new ();
  self->selected = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->x = g_new0 (double, 1);

  self->add = gtk_button_new_from_icon_name ("list-add-symbolic");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->add), "win.new-panel");
  gtk_widget_set_tooltip_text (self->add, _ ("New panel (N)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->add), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("New panel"), -1);
  gtk_widget_set_focus_on_click (self->add, FALSE);
  gtk_widget_add_css_class (self->add, "flat");
  gtk_widget_set_parent (self->add, widget);

  self->board_signals = g_signal_group_new (INQ_TYPE_BOARD);
  g_signal_group_connect_swapped (self->board_signals, "items-changed", G_CALLBACK (items_changed_cb), self);
  g_signal_group_connect_swapped (self->board_signals, "notify::settings-revision", G_CALLBACK (update_now), self);
  g_signal_group_connect_swapped (self->board_signals, "notify::total-frames", G_CALLBACK (scene_changed_cb), self);
  self->texture_signals = g_signal_group_new (INQ_TYPE_TEXTURES);
  g_signal_group_connect_swapped (self->texture_signals, "loaded", G_CALLBACK (image_loaded_cb), self);
  self->jobs_signals = g_signal_group_new (INQ_TYPE_JOBS);
  g_signal_group_connect_swapped (self->jobs_signals, "items-changed", G_CALLBACK (inq_timeline_strip_update_cells),
                                  self);
  g_signal_group_connect_swapped (self->jobs_signals, "notify::running", G_CALLBACK (inq_timeline_strip_update_cells),
                                  self);
  self->scroll = adw_timed_animation_new (widget, 0, 0, 180,
                                          adw_callback_animation_target_new (scroll_to_cb, self, NULL));

  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Timeline"),
                                  GTK_ACCESSIBLE_PROPERTY_ORIENTATION, GTK_ORIENTATION_HORIZONTAL,
                                  GTK_ACCESSIBLE_PROPERTY_MULTI_SELECTABLE, TRUE, -1);
  inq_timeline_input_init (self);
}

GtkWidget *
inq_timeline_strip_new (InqTimeline *timeline)
{
  InqTimelineStrip *self = g_object_new (INQ_TYPE_TIMELINE_STRIP, NULL);
  self->timeline = timeline;
  return GTK_WIDGET (self);
}
