/* Inquadra - the timeline: every panel as a thumbnail in time, with number, duration and state.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-timeline-private.h"

#include <glib/gi18n.h>

#include "inq-draw.h"
#include "inq-format.h"

struct _InqTimeline {
  GtkWidget parent_instance;

  /* owned by the widget tree */
  GtkWidget *scrolled;
  InqTimelineStrip *strip;
  GtkWidget *total;
  GtkWidget *menu;

  /* owned */
  InqBoard *board;
  InqPanel *panel;
  GSignalGroup *board_signals;
  gint64 playhead;
};

G_DEFINE_FINAL_TYPE (InqTimeline, inq_timeline, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_BOARD, PROP_PANEL, PROP_PLAYHEAD, PROP_N_SELECTED, N_PROPS };
static GParamSpec *properties[N_PROPS];

static void
update_total (InqTimeline *self)
{
  g_autofree char *text = self->board != NULL ? inq_format_board (self->board) : NULL;
  gtk_label_set_label (GTK_LABEL (self->total), text != NULL ? text : "");
}

/* What can be done with the selected panels: the window's own actions. */
static GMenuModel *
menu_model (void)
{
  static const struct {
    const char *label;
    const char *action;
    const char *accel;
    int section;
  } items[] = {
    { N_ ("Cu_t"), "win.cut", "<Control>x", 0 },
    { N_ ("_Copy"), "win.copy", "<Control>c", 0 },
    { N_ ("_Paste"), "win.paste", "<Control>v", 0 },
    { N_ ("_Duplicate"), "win.duplicate", "d", 0 },
    { N_ ("D_elete"), "win.delete", "Delete", 0 },
    { N_ ("Select _All"), "win.select-all", "<Control>a", 1 },
    { N_ ("Move _Left"), "win.move-left", "<Alt>Left", 1 },
    { N_ ("Move _Right"), "win.move-right", "<Alt>Right", 1 },
    { N_ ("_Generate"), "win.generate", "<Control>Return", 1 },
    { N_ ("New _Panel"), "win.new-panel", "n", 2 },
    { N_ ("New Panel _Before"), "win.new-panel-before", "<Shift>n", 2 },
    { N_ ("New _Shot"), "win.new-shot", "slash", 2 },
    { N_ ("New S_cene"), "win.new-scene", NULL, 2 },
  };
  GMenu *menu = g_menu_new (), *section = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (items); i++) {
    if (i == 0 || items[i].section != items[i - 1].section) {
      section = g_menu_new ();
      g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
      g_object_unref (section);
    }
    g_autoptr (GMenuItem) item = g_menu_item_new (_ (items[i].label), items[i].action);
    if (items[i].accel != NULL)
      g_menu_item_set_attribute (item, "accel", "s", items[i].accel);
    g_menu_append_item (section, item);
  }
  return G_MENU_MODEL (menu);
}

void
inq_timeline_show_menu (InqTimeline *self, double x, double y)
{
  if (self->menu == NULL) {
    g_autoptr (GMenuModel) model = menu_model ();
    self->menu = gtk_popover_menu_new_from_model (model);
    gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
    gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
    gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
  }
  double at_x, at_y;
  gtk_widget_translate_coordinates (GTK_WIDGET (self->strip), GTK_WIDGET (self), x, y, &at_x, &at_y);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle){ at_x, at_y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

/* A wheel goes along the strip. */
static gboolean
scroll_cb (GtkEventControllerScroll *scroll, double dx, double dy, InqTimeline *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (self->scrolled));
  if (dx != 0 || dy == 0)
    return GDK_EVENT_PROPAGATE;
  gboolean wheel = gtk_event_controller_scroll_get_unit (scroll) == GDK_SCROLL_UNIT_WHEEL;
  double step = wheel ? dy * gtk_adjustment_get_step_increment (adjustment) : dy;
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + step);
  return GDK_EVENT_STOP;
}

static gboolean
inq_timeline_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (INQ_TIMELINE (widget)->strip));
}

static void
inq_timeline_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  InqTimeline *self = INQ_TIMELINE (widget);
  int total_width, total_height;

  gtk_widget_size_allocate (self->scrolled, &(GtkAllocation){ 0, 0, width, height }, -1);
  gtk_widget_measure (self->total, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &total_width, NULL, NULL);
  gtk_widget_measure (self->total, GTK_ORIENTATION_VERTICAL, -1, NULL, &total_height, NULL, NULL);
  gtk_widget_size_allocate (
      self->total, &(GtkAllocation){ MAX (0, width - total_width), 0, MIN (width, total_width), total_height }, -1);
  if (self->menu != NULL)
    gtk_popover_present (GTK_POPOVER (self->menu));
}

static void
inq_timeline_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                      int *minimum_baseline, int *natural_baseline)
{
  gtk_widget_measure (INQ_TIMELINE (widget)->scrolled, orientation, -1, minimum, natural, NULL, NULL);
}

/* The total lies over the ruler's end: a patch of the ground under it keeps it readable. */
static void
inq_timeline_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  InqTimeline *self = INQ_TIMELINE (widget);
  graphene_rect_t rect;
  GdkRGBA ground = inq_color (widget, INQ_COLOR_SURFACE), line = inq_color (widget, INQ_COLOR_LINE);

  gtk_snapshot_append_color (snapshot, &ground,
                             &GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget)));
  gtk_snapshot_append_color (snapshot, &line, &GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), 1));
  gtk_widget_snapshot_child (widget, self->scrolled, snapshot);
  if (self->board != NULL && gtk_widget_compute_bounds (self->total, widget, &rect)) {
    GdkRGBA clear = ground;
    clear.alpha = 0;
    GskColorStop stops[] = { { 0, clear }, { MIN (1, 28 / MAX (rect.size.width, 29)), ground } };
    rect.origin.y += 1;
    gtk_snapshot_append_linear_gradient (snapshot, &rect, &GRAPHENE_POINT_INIT (rect.origin.x, 0),
                                         &GRAPHENE_POINT_INIT (rect.origin.x + rect.size.width, 0), stops,
                                         G_N_ELEMENTS (stops));
    gtk_widget_snapshot_child (widget, self->total, snapshot);
  }
}

void
inq_timeline_set_board (InqTimeline *self, InqBoard *board)
{
  g_return_if_fail (INQ_IS_TIMELINE (self));

  if (!g_set_object (&self->board, board))
    return;
  inq_timeline_set_panel (self, NULL);
  self->playhead = -1;
  inq_timeline_strip_set_board (self->strip, board);
  inq_timeline_strip_set_playhead (self->strip, -1);
  g_signal_group_set_target (self->board_signals, board);
  update_total (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BOARD]);
}

void
inq_timeline_set_jobs (InqTimeline *self, InqJobs *jobs)
{
  g_return_if_fail (INQ_IS_TIMELINE (self));

  inq_timeline_strip_set_jobs (self->strip, jobs);
}

GArray *
inq_timeline_get_selected (InqTimeline *self)
{
  g_return_val_if_fail (INQ_IS_TIMELINE (self), NULL);

  return inq_timeline_strip_get_group (self->strip, self->panel);
}

guint
inq_timeline_get_n_selected (InqTimeline *self)
{
  g_return_val_if_fail (INQ_IS_TIMELINE (self), 0);

  return inq_timeline_strip_get_n_selected (self->strip);
}

void
inq_timeline_select (InqTimeline *self, const gint64 *panels, gsize n)
{
  g_return_if_fail (INQ_IS_TIMELINE (self));
  g_return_if_fail (self->board != NULL);

  inq_timeline_strip_select (self->strip, panels, n);
}

void
inq_timeline_select_all (InqTimeline *self)
{
  g_return_if_fail (INQ_IS_TIMELINE (self));

  inq_timeline_strip_select_all (self->strip);
}

gboolean
inq_timeline_unselect (InqTimeline *self)
{
  g_return_val_if_fail (INQ_IS_TIMELINE (self), FALSE);

  return inq_timeline_strip_unselect (self->strip);
}

void
inq_timeline_extend (InqTimeline *self, int by)
{
  g_return_if_fail (INQ_IS_TIMELINE (self));

  guint n = inq_timeline_strip_get_n_panels (self->strip);
  if (self->panel == NULL || n == 0)
    return;
  gint64 to = (gint64) inq_panel_get_index (self->panel) + by;
  inq_timeline_strip_choose (self->strip, CLAMP (to, 0, (gint64) n - 1), TRUE, FALSE);
}

void
inq_timeline_selection_changed (InqTimeline *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_SELECTED]);
}

InqBoard *
inq_timeline_get_board (InqTimeline *self)
{
  g_return_val_if_fail (INQ_IS_TIMELINE (self), NULL);

  return self->board;
}

void
inq_timeline_set_panel (InqTimeline *self, InqPanel *panel)
{
  g_return_if_fail (INQ_IS_TIMELINE (self));

  if (!g_set_object (&self->panel, panel))
    return;
  inq_timeline_strip_set_current (self->strip, panel);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PANEL]);
}

InqPanel *
inq_timeline_get_panel (InqTimeline *self)
{
  g_return_val_if_fail (INQ_IS_TIMELINE (self), NULL);

  return self->panel;
}

void
inq_timeline_set_playhead (InqTimeline *self, gint64 frame)
{
  g_return_if_fail (INQ_IS_TIMELINE (self));

  if (self->playhead == frame)
    return;
  self->playhead = frame;
  inq_timeline_strip_set_playhead (self->strip, frame);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PLAYHEAD]);
}

static void
inq_timeline_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InqTimeline *self = INQ_TIMELINE (object);
  if (id == PROP_BOARD)
    g_value_set_object (value, self->board);
  else if (id == PROP_PANEL)
    g_value_set_object (value, self->panel);
  else if (id == PROP_N_SELECTED)
    g_value_set_uint (value, inq_timeline_get_n_selected (self));
  else
    g_value_set_int64 (value, self->playhead);
}

static void
inq_timeline_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  InqTimeline *self = INQ_TIMELINE (object);
  if (id == PROP_BOARD)
    inq_timeline_set_board (self, g_value_get_object (value));
  else if (id == PROP_PANEL)
    inq_timeline_set_panel (self, g_value_get_object (value));
  else
    inq_timeline_set_playhead (self, g_value_get_int64 (value));
}

static void
inq_timeline_dispose (GObject *object)
{
  InqTimeline *self = INQ_TIMELINE (object);
  if (self->scrolled != NULL)
    inq_timeline_set_board (self, NULL);
  g_clear_object (&self->board_signals);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_clear_pointer (&self->total, gtk_widget_unparent);
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  g_clear_object (&self->board);
  g_clear_object (&self->panel);
  G_OBJECT_CLASS (inq_timeline_parent_class)->dispose (object);
}

static void
inq_timeline_class_init (InqTimelineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  int flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = inq_timeline_get_property;
  object_class->set_property = inq_timeline_set_property;
  object_class->dispose = inq_timeline_dispose;
  widget_class->grab_focus = inq_timeline_grab_focus;
  widget_class->measure = inq_timeline_measure;
  widget_class->size_allocate = inq_timeline_size_allocate;
  widget_class->snapshot = inq_timeline_snapshot;
  gtk_widget_class_set_css_name (widget_class, "inqtimeline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  properties[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, INQ_TYPE_BOARD, flags);
  properties[PROP_PANEL] = g_param_spec_object ("panel", NULL, NULL, INQ_TYPE_PANEL, flags);
  properties[PROP_PLAYHEAD] = g_param_spec_int64 ("playhead", NULL, NULL, -1, G_MAXINT64, -1, flags);
  properties[PROP_N_SELECTED] = g_param_spec_uint ("n-selected", NULL, NULL, 0, G_MAXUINT, 0,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  g_signal_new ("panel-activated", INQ_TYPE_TIMELINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                INQ_TYPE_PANEL);
  g_signal_new ("copied", INQ_TYPE_TIMELINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ARRAY);
  g_signal_new ("seek", INQ_TYPE_TIMELINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT64);
}

static void
inq_timeline_init (InqTimeline *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->playhead = -1;
  self->strip = INQ_TIMELINE_STRIP (inq_timeline_strip_new (self));
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_AUTOMATIC, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scrolled), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), GTK_WIDGET (self->strip));
  gtk_widget_set_parent (self->scrolled, widget);

  self->total = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->total), PANGO_ELLIPSIZE_END);
  gtk_widget_set_can_target (self->total, FALSE);
  gtk_widget_add_css_class (self->total, "caption");
  gtk_widget_add_css_class (self->total, "numeric");
  gtk_widget_add_css_class (self->total, "dim-label");
  gtk_widget_set_margin_start (self->total, 32);
  gtk_widget_set_margin_end (self->total, 12);
  gtk_widget_set_margin_top (self->total, 4);
  gtk_widget_set_parent (self->total, widget);

  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  gtk_event_controller_set_propagation_phase (scroll, GTK_PHASE_CAPTURE);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (widget, scroll);

  self->board_signals = g_signal_group_new (INQ_TYPE_BOARD);
  g_signal_group_connect_swapped (self->board_signals, "notify::total-frames", G_CALLBACK (update_total), self);
  g_signal_group_connect_swapped (self->board_signals, "items-changed", G_CALLBACK (update_total), self);
  g_signal_group_connect_swapped (self->board_signals, "notify::settings-revision", G_CALLBACK (update_total), self);
}

GtkWidget *
inq_timeline_new (void)
{
  return g_object_new (INQ_TYPE_TIMELINE, NULL);
}
