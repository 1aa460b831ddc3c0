/* Inquadra - the variations of a panel, large, beside what is being generated now.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-variations.h"

#include <glib/gi18n.h>
#include <inq-board-reads.h>

#include "inq-textures.h"
#include "inq-variation-cell.h"
#include "inq-variations-grid.h"
#include "inq-variations-places.h"

struct _InqVariations {
  GtkWidget parent_instance;

  /* owned by the widget tree */
  GtkWidget *scrolled;
  InqVariationsGrid *grid;

  /* owned */
  InqBoard *board;
  InqPanel *panel;
  InqJobs *jobs;
  GSignalGroup *board_signals, *panel_signals, *jobs_signals, *texture_signals;
  GCancellable *cancellable; /* of this panel's reads */
  GListModel *variations;    /* as last read, NULL before */
  GPtrArray *cells;          /* in view order; borrowed: children of the grid */
  InqVariation *current;
  InqVariationCell *hovered; /* borrowed */
  gboolean show_rejected, empty;
};

G_DEFINE_FINAL_TYPE (InqVariations, inq_variations, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_BOARD, PROP_PANEL, PROP_JOBS, PROP_CURRENT, PROP_EMPTY, PROP_SHOW_REJECTED, N_PROPS };
static GParamSpec *properties[N_PROPS];
static guint command_signal;

/* ---- current ---- */

static InqVariationCell *
focused_cell (InqVariations *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  GtkWidget *cell = focus != NULL ? gtk_widget_get_ancestor (focus, INQ_TYPE_VARIATION_CELL) : NULL;
  return cell != NULL && g_ptr_array_find (self->cells, cell, NULL) ? INQ_VARIATION_CELL (cell) : NULL;
}

static void
update_current (InqVariations *self)
{
  InqVariationCell *cell = focused_cell (self);

  if (cell == NULL || inq_variation_cell_get_variation (cell) == NULL)
    cell = self->hovered;
  if (cell != NULL && inq_variation_cell_get_variation (cell) == NULL)
    cell = NULL;
  for (guint i = 0; i < self->cells->len && cell == NULL; i++) {
    InqVariation *variation = inq_variation_cell_get_variation (self->cells->pdata[i]);
    if (variation != NULL && inq_variation_get_row (variation)->picked)
      cell = self->cells->pdata[i];
  }
  for (guint i = 0; i < self->cells->len && cell == NULL; i++)
    if (inq_variation_cell_get_variation (self->cells->pdata[i]) != NULL)
      cell = self->cells->pdata[i];
  for (guint i = 0; i < self->cells->len; i++)
    inq_variation_cell_set_current (self->cells->pdata[i], self->cells->pdata[i] == cell);
  InqVariation *current = cell != NULL ? inq_variation_cell_get_variation (cell) : NULL;
  if (g_set_object (&self->current, current))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CURRENT]);
}

/* ---- cells ---- */

static void
cell_command_cb (InqVariationCell *cell, int command, InqVariations *self)
{
  g_signal_emit (self, command_signal, 0, command, inq_variation_cell_get_variation (cell),
                 inq_variation_cell_get_job (cell));
}

static void
pressed_cb (GtkGestureClick *click, int n, double x, double y, InqVariations *self)
{
  GtkWidget *widget = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (click));
  InqVariationCell *cell = INQ_VARIATION_CELL (widget);
  InqVariation *variation = inq_variation_cell_get_variation (cell);

  gtk_widget_grab_focus (widget);
  if (variation == NULL)
    return;
  /* A click never takes a pick away: the second of two would undo the first. */
  if (n == 1 && !inq_variation_get_row (variation)->picked)
    g_signal_emit (self, command_signal, 0, INQ_VARIATION_PICK, variation, NULL);
  else if (n == 2)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.view", "s", "stage");
}

static void
enter_cb (GtkEventControllerMotion *motion, double x, double y, InqVariations *self)
{
  self->hovered = INQ_VARIATION_CELL (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (motion)));
  update_current (self);
}

static void
leave_cb (GtkEventControllerMotion *motion, InqVariations *self)
{
  self->hovered = NULL;
  update_current (self);
}

static void
focus_cb (InqVariations *self)
{
  InqVariationCell *cell = focused_cell (self);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled));
  graphene_rect_t bounds;
  if (cell != NULL && gtk_widget_compute_bounds (GTK_WIDGET (cell), GTK_WIDGET (self->grid), &bounds))
    gtk_adjustment_clamp_page (adjustment, bounds.origin.y, bounds.origin.y + bounds.size.height);
  update_current (self);
}

static void
inq_variations_root (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (inq_variations_parent_class)->root (widget);
  /* The window's focus, whether the window itself has the keyboard or not. */
  g_signal_connect_swapped (gtk_widget_get_root (widget), "notify::focus-widget", G_CALLBACK (focus_cb), widget);
}

static void
inq_variations_unroot (GtkWidget *widget)
{
  g_signal_handlers_disconnect_by_func (gtk_widget_get_root (widget), focus_cb, widget);
  GTK_WIDGET_CLASS (inq_variations_parent_class)->unroot (widget);
}

static InqVariationCell *
make_cell (InqVariations *self)
{
  GtkWidget *cell = inq_variation_cell_new ();
  g_signal_connect (cell, "command", G_CALLBACK (cell_command_cb), self);

  GtkGesture *click = gtk_gesture_click_new ();
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (cell, GTK_EVENT_CONTROLLER (click));
  GtkEventController *motion = gtk_event_controller_motion_new ();
  g_signal_connect (motion, "enter", G_CALLBACK (enter_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (cell, motion);
  gtk_widget_set_parent (cell, GTK_WIDGET (self->grid));
  return INQ_VARIATION_CELL (cell);
}

/* Which picture of its job @row is: they arrive in order. */
static int
index_in_job (InqVariations *self, const InqVariationRow *row)
{
  int index = 0;
  for (guint i = 0; i < g_list_model_get_n_items (self->variations); i++) {
    g_autoptr (InqVariation) other = g_list_model_get_item (self->variations, i);
    index += inq_variation_get_row (other)->job == row->job && inq_variation_get_row (other)->id < row->id;
  }
  return index;
}

/* A cell that shows this place already, or one that is free. */
static InqVariationCell *
take_cell (InqVariations *self, GPtrArray *free_cells, const InqVariationPlace *place)
{
  for (guint i = 0; i < free_cells->len; i++) {
    InqVariationCell *cell = free_cells->pdata[i];
    InqVariation *variation = inq_variation_cell_get_variation (cell);
    InqJob *job = inq_variation_cell_get_job (cell);
    gboolean same;
    if (place->variation != NULL) {
      const InqVariationRow *row = inq_variation_get_row (place->variation);
      same = variation != NULL && inq_variation_get_row (variation)->id == row->id;
      /* The preview grew up. */
      if (job != NULL && row->job != 0 && inq_job_get_id (job) == row->job
          && inq_variation_cell_get_index (cell) == index_in_job (self, row))
        same = TRUE;
    } else {
      same = job == place->job && inq_variation_cell_get_index (cell) == place->index;
    }
    if (same) {
      g_ptr_array_remove_index (free_cells, i);
      return cell;
    }
  }
  return NULL;
}

static void
rebuild (InqVariations *self)
{
  g_autoptr (GArray)
      places = inq_variations_list_places (self->variations, self->jobs, self->panel, self->show_rejected);
  g_autoptr (GPtrArray) free_cells = g_ptr_array_new ();
  g_autoptr (GPtrArray) cells = g_ptr_array_new ();
  InqVariationCell *focus = focused_cell (self);
  guint focus_at = 0;
  gboolean focus_rejected = FALSE;

  if (focus != NULL) {
    InqVariation *variation = inq_variation_cell_get_variation (focus);
    g_ptr_array_find (self->cells, focus, &focus_at);
    focus_rejected = variation != NULL && inq_variation_get_row (variation)->rejected;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->grid)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    g_ptr_array_add (free_cells, child);
  for (guint i = 0; i < places->len; i++)
    g_ptr_array_add (cells, take_cell (self, free_cells, &g_array_index (places, InqVariationPlace, i)));
  for (guint i = 0; i < places->len; i++) {
    const InqVariationPlace *place = &g_array_index (places, InqVariationPlace, i);
    InqVariationCell *cell = cells->pdata[i];
    if (cell == NULL)
      cell = cells->pdata[i] = free_cells->len > 0 ? g_ptr_array_steal_index (free_cells, free_cells->len - 1)
                                                   : make_cell (self);
    if (place->variation != NULL)
      inq_variation_cell_set_variation (cell, self->board, place->variation, i + 1);
    else
      inq_variation_cell_set_job (cell, self->board, place->job, place->index, place->first);
  }
  /* A few spare cells are kept for the next generation; a great many are not. */
  while (free_cells->len > 16)
    gtk_widget_unparent (g_ptr_array_steal_index (free_cells, free_cells->len - 1));
  if (self->hovered != NULL && !g_ptr_array_find (cells, self->hovered, NULL))
    self->hovered = NULL;
  g_ptr_array_set_size (self->cells, 0);
  for (guint i = 0; i < cells->len; i++)
    g_ptr_array_add (self->cells, cells->pdata[i]);
  inq_variations_grid_set_order (self->grid, self->cells);

  /* The focus stays with its picture, unless that was just rejected: then it goes on to the one that moved up. */
  if (focus != NULL && self->cells->len > 0) {
    InqVariation *variation = inq_variation_cell_get_variation (focus);
    gboolean gone = !g_ptr_array_find (self->cells, focus, NULL);
    if (gone || (!focus_rejected && variation != NULL && inq_variation_get_row (variation)->rejected))
      gtk_widget_grab_focus (self->cells->pdata[MIN (focus_at, self->cells->len - 1)]);
  }
  gboolean empty = self->cells->len == 0 && (self->variations != NULL || self->panel == NULL);
  if (empty != self->empty) {
    self->empty = empty;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EMPTY]);
  }
  update_current (self);
}

/* ---- what it follows ---- */

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqVariations) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) variations = inq_board_read_variations_finish (INQ_BOARD (source), result, &error);

  if (variations == NULL) {
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      g_debug ("variations: %s", error->message);
    return;
  }
  g_set_object (&self->variations, variations);
  rebuild (self);
}

static void
read_variations (InqVariations *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  if (self->panel != NULL)
    inq_board_read_variations (self->board, inq_panel_get_id (self->panel), self->cancellable, read_cb,
                               g_object_ref (self));
}

static void
image_loaded_cb (InqVariations *self, gint64 image)
{
  for (guint i = 0; i < self->cells->len; i++)
    inq_variation_cell_image_loaded (self->cells->pdata[i], image);
}

static void
shape_cb (InqVariations *self)
{
  if (self->board != NULL)
    inq_variations_grid_set_shape (self->grid, inq_board_get_frame_aspect (self->board), INQ_VARIATION_CELL_PAD);
}

void
inq_variations_set_board (InqVariations *self, InqBoard *board)
{
  g_return_if_fail (INQ_IS_VARIATIONS (self));

  if (self->board == board)
    return;
  inq_variations_set_panel (self, NULL);
  g_set_object (&self->board, board);
  g_signal_group_set_target (self->board_signals, board);
  InqTextures *textures = board != NULL ? inq_textures_get (board) : NULL;
  g_signal_group_set_target (self->texture_signals, textures);
  shape_cb (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BOARD]);
}

void
inq_variations_set_panel (InqVariations *self, InqPanel *panel)
{
  g_return_if_fail (INQ_IS_VARIATIONS (self));

  if (!g_set_object (&self->panel, panel))
    return;
  g_signal_group_set_target (self->panel_signals, panel);
  g_clear_object (&self->variations);
  self->hovered = NULL;
  /* A panel that is known to have none has nothing to wait for. */
  if (panel != NULL && inq_panel_get_row (panel)->n_variations == 0)
    self->variations = G_LIST_MODEL (g_list_store_new (INQ_TYPE_VARIATION));
  read_variations (self);
  rebuild (self);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled)), 0);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PANEL]);
}

void
inq_variations_set_jobs (InqVariations *self, InqJobs *jobs)
{
  g_return_if_fail (INQ_IS_VARIATIONS (self));

  if (!g_set_object (&self->jobs, jobs))
    return;
  g_signal_group_set_target (self->jobs_signals, jobs);
  rebuild (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOBS]);
}

InqVariation *
inq_variations_get_current (InqVariations *self)
{
  g_return_val_if_fail (INQ_IS_VARIATIONS (self), NULL);

  return self->current;
}

InqVariation *
inq_variations_get_nth (InqVariations *self, guint n)
{
  g_return_val_if_fail (INQ_IS_VARIATIONS (self), NULL);

  return n >= 1 && n <= self->cells->len ? inq_variation_cell_get_variation (self->cells->pdata[n - 1]) : NULL;
}

gboolean
inq_variations_get_empty (InqVariations *self)
{
  g_return_val_if_fail (INQ_IS_VARIATIONS (self), TRUE);

  return self->empty;
}

/* ---- keys ---- */

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, InqVariations *self)
{
  InqVariationCell *cell = focused_cell (self);
  GtkDirectionType direction;
  guint at = 0;

  if (cell == NULL || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK)))
    return GDK_EVENT_PROPAGATE;
  switch (key) {
  case GDK_KEY_Left:
  case GDK_KEY_KP_Left:
    direction = GTK_DIR_LEFT;
    break;
  case GDK_KEY_Right:
  case GDK_KEY_KP_Right:
    direction = GTK_DIR_RIGHT;
    break;
  case GDK_KEY_Up:
  case GDK_KEY_KP_Up:
    direction = GTK_DIR_UP;
    break;
  case GDK_KEY_Down:
  case GDK_KEY_KP_Down:
    direction = GTK_DIR_DOWN;
    break;
  case GDK_KEY_space:
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
    /* On a button inside the cell the key is the button's. */
    if (!gtk_widget_has_focus (GTK_WIDGET (cell)) || inq_variation_cell_get_variation (cell) == NULL)
      return GDK_EVENT_PROPAGATE;
    g_signal_emit (self, command_signal, 0, INQ_VARIATION_PICK, inq_variation_cell_get_variation (cell), NULL);
    return GDK_EVENT_STOP;
  default:
    return GDK_EVENT_PROPAGATE;
  }
  g_ptr_array_find (self->cells, cell, &at);
  int to = inq_variations_grid_step (self->grid, at, direction);
  if (to >= 0)
    gtk_widget_grab_focus (self->cells->pdata[to]);
  /* At the edge the arrows do not leave for another panel by accident. */
  return GDK_EVENT_STOP;
}

static gboolean
inq_variations_grab_focus (GtkWidget *widget)
{
  InqVariations *self = INQ_VARIATIONS (widget);
  for (guint i = 0; i < self->cells->len; i++)
    if (self->current != NULL && inq_variation_cell_get_variation (self->cells->pdata[i]) == self->current)
      return gtk_widget_grab_focus (self->cells->pdata[i]);
  return self->cells->len > 0 && gtk_widget_grab_focus (self->cells->pdata[0]);
}

/* ---- widget ---- */

static void
inq_variations_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InqVariations *self = INQ_VARIATIONS (object);
  switch (id) {
  case PROP_BOARD:
    g_value_set_object (value, self->board);
    break;
  case PROP_PANEL:
    g_value_set_object (value, self->panel);
    break;
  case PROP_JOBS:
    g_value_set_object (value, self->jobs);
    break;
  case PROP_CURRENT:
    g_value_set_object (value, self->current);
    break;
  case PROP_SHOW_REJECTED:
    g_value_set_boolean (value, self->show_rejected);
    break;
  default:
    g_value_set_boolean (value, self->empty);
  }
}

static void
inq_variations_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  InqVariations *self = INQ_VARIATIONS (object);
  switch (id) {
  case PROP_BOARD:
    inq_variations_set_board (self, g_value_get_object (value));
    break;
  case PROP_PANEL:
    inq_variations_set_panel (self, g_value_get_object (value));
    break;
  case PROP_JOBS:
    inq_variations_set_jobs (self, g_value_get_object (value));
    break;
  default:
    self->show_rejected = g_value_get_boolean (value);
    rebuild (self);
    g_object_notify_by_pspec (object, pspec);
  }
}

static void
inq_variations_dispose (GObject *object)
{
  InqVariations *self = INQ_VARIATIONS (object);
  g_cancellable_cancel (self->cancellable);
  g_ptr_array_set_size (self->cells, 0);
  g_clear_object (&self->board_signals);
  g_clear_object (&self->panel_signals);
  g_clear_object (&self->jobs_signals);
  g_clear_object (&self->texture_signals);
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->variations);
  g_clear_object (&self->current);
  g_clear_object (&self->board);
  g_clear_object (&self->panel);
  g_clear_object (&self->jobs);
  G_OBJECT_CLASS (inq_variations_parent_class)->dispose (object);
}

static void
inq_variations_finalize (GObject *object)
{
  g_ptr_array_unref (INQ_VARIATIONS (object)->cells);
  G_OBJECT_CLASS (inq_variations_parent_class)->finalize (object);
}

static void
inq_variations_class_init (InqVariationsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  int flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = inq_variations_get_property;
  object_class->set_property = inq_variations_set_property;
  object_class->dispose = inq_variations_dispose;
  object_class->finalize = inq_variations_finalize;
  widget_class->root = inq_variations_root;
  widget_class->unroot = inq_variations_unroot;
  widget_class->grab_focus = inq_variations_grab_focus;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "inqvariations");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  properties[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, INQ_TYPE_BOARD, flags);
  properties[PROP_PANEL] = g_param_spec_object ("panel", NULL, NULL, INQ_TYPE_PANEL, flags);
  properties[PROP_JOBS] = g_param_spec_object ("jobs", NULL, NULL, INQ_TYPE_JOBS, flags);
  properties[PROP_CURRENT] = g_param_spec_object ("current", NULL, NULL, INQ_TYPE_VARIATION,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_EMPTY] = g_param_spec_boolean ("empty", NULL, NULL, TRUE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SHOW_REJECTED] = g_param_spec_boolean ("show-rejected", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  command_signal = g_signal_new ("command", INQ_TYPE_VARIATIONS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                                 G_TYPE_INT, INQ_TYPE_VARIATION, INQ_TYPE_JOB);
}

static void
inq_variations_init (InqVariations *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->show_rejected = TRUE;
  self->empty = TRUE;
  self->cells = g_ptr_array_new ();
  self->grid = INQ_VARIATIONS_GRID (inq_variations_grid_new ());
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->grid), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Variations"), -1);
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), GTK_WIDGET (self->grid));
  gtk_widget_set_parent (self->scrolled, widget);
  inq_variations_grid_set_adjustment (self->grid,
                                      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled)));

  self->board_signals = g_signal_group_new (INQ_TYPE_BOARD);
  g_signal_group_connect_swapped (self->board_signals, "notify::frame-aspect", G_CALLBACK (shape_cb), self);
  self->panel_signals = g_signal_group_new (INQ_TYPE_PANEL);
  g_signal_group_connect_swapped (self->panel_signals, "notify::variations-revision", G_CALLBACK (read_variations),
                                  self);
  g_signal_group_connect_swapped (self->panel_signals, "notify::picked", G_CALLBACK (read_variations), self);
  self->jobs_signals = g_signal_group_new (INQ_TYPE_JOBS);
  g_signal_group_connect_swapped (self->jobs_signals, "items-changed", G_CALLBACK (rebuild), self);
  g_signal_group_connect_swapped (self->jobs_signals, "notify::n-queued", G_CALLBACK (rebuild), self);
  g_signal_group_connect_swapped (self->jobs_signals, "job-finished", G_CALLBACK (rebuild), self);
  self->texture_signals = g_signal_group_new (INQ_TYPE_TEXTURES);
  g_signal_group_connect_swapped (self->texture_signals, "loaded", G_CALLBACK (image_loaded_cb), self);

  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (widget, keys);
}

GtkWidget *
inq_variations_new (void)
{
  return g_object_new (INQ_TYPE_VARIATIONS, NULL);
}
