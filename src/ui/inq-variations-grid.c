/* Inquadra - cells of one shape, as large as the room allows.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-variations-grid.h"

#include <math.h>

/* A picture narrower than this cannot be judged. */
#define LEAST_WIDTH 216
#define GAP         2
#define EDGE        8

struct _InqVariationsGrid {
  GtkWidget parent_instance;
  GPtrArray *cells; /* borrowed: children */
  GtkAdjustment *adjustment;
  double aspect;
  int pad;
  int columns;
};

G_DEFINE_FINAL_TYPE (InqVariationsGrid, inq_variations_grid, GTK_TYPE_WIDGET)

static int
cell_height (InqVariationsGrid *self, int cell_width)
{
  return ceil ((cell_width - 2 * self->pad) / self->aspect) + 2 * self->pad;
}

static int
width_for (int width, int columns)
{
  return (width - 2 * EDGE - (columns - 1) * GAP) / columns;
}

/* Columns that make a cell largest in @width x @height; and how wide it then is. */
static int
best_columns (InqVariationsGrid *self, int width, int height, int *cell_width)
{
  int n = self->cells->len, best = 1, best_width = 0;

  for (int columns = 1; columns <= MAX (n, 1); columns++) {
    int rows = (n + columns - 1) / columns;
    int across = width_for (width, columns);
    int down = (height - 2 * EDGE - (rows - 1) * GAP) / MAX (rows, 1);
    int fits = MIN (across, (int) ((down - 2 * self->pad) * self->aspect) + 2 * self->pad);
    if (fits > best_width) {
      best_width = fits;
      best = columns;
    }
  }
  if (best_width < LEAST_WIDTH + 2 * self->pad) {
    best = CLAMP ((width - 2 * EDGE + GAP) / (LEAST_WIDTH + 2 * self->pad + GAP), 1, MAX (n, 1));
    best_width = width_for (width, best);
  }
  *cell_width = MAX (best_width, 2 * self->pad + 16);
  return best;
}

static void
inq_variations_grid_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                             int *minimum_baseline, int *natural_baseline)
{
  InqVariationsGrid *self = INQ_VARIATIONS_GRID (widget);
  int least = LEAST_WIDTH + 2 * self->pad;

  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = *natural = least + 2 * EDGE;
    return;
  }
  /* Rows at the least size; with fewer cells the height that is there is used, whatever it is. */
  int n = self->cells->len, width = for_size > 0 ? for_size : least;
  int columns = CLAMP ((width - 2 * EDGE + GAP) / (least + GAP), 1, MAX (n, 1)), rows = (n + columns - 1) / columns;
  *minimum = *natural = rows * cell_height (self, least) + MAX (0, rows - 1) * GAP + 2 * EDGE;
  /* Too many to see at once: rows as wide as the room. */
  double page = self->adjustment != NULL ? gtk_adjustment_get_page_size (self->adjustment) : 0;
  if (page > 0 && *minimum > page)
    *minimum = *natural = rows * cell_height (self, width_for (width, columns)) + MAX (0, rows - 1) * GAP + 2 * EDGE;
}

static void
inq_variations_grid_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  InqVariationsGrid *self = INQ_VARIATIONS_GRID (widget);
  int n = self->cells->len, w;

  self->columns = best_columns (self, width, height, &w);
  int h = cell_height (self, w), rows = (n + self->columns - 1) / self->columns;
  int top = MAX (EDGE, (height - rows * h - (rows - 1) * GAP) / 2);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  for (int i = 0; i < n; i++) {
    int row = i / self->columns, column = i % self->columns;
    int left = (width - self->columns * w - (self->columns - 1) * GAP) / 2;
    int x = left + (rtl ? self->columns - 1 - column : column) * (w + GAP);
    gtk_widget_measure (self->cells->pdata[i], GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
    gtk_widget_size_allocate (self->cells->pdata[i], &(GtkAllocation){ x, top + row * (h + GAP), w, h }, -1);
  }
}

static void
inq_variations_grid_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  InqVariationsGrid *self = INQ_VARIATIONS_GRID (widget);
  double from = self->adjustment != NULL ? gtk_adjustment_get_value (self->adjustment) : 0;
  double to = from + (self->adjustment != NULL ? gtk_adjustment_get_page_size (self->adjustment) : 1e6);

  for (guint i = 0; i < self->cells->len; i++) {
    graphene_rect_t bounds;
    if (gtk_widget_compute_bounds (self->cells->pdata[i], widget, &bounds) && bounds.origin.y < to
        && bounds.origin.y + bounds.size.height > from)
      gtk_widget_snapshot_child (widget, self->cells->pdata[i], snapshot);
  }
}

void
inq_variations_grid_set_shape (InqVariationsGrid *self, double aspect, int pad)
{
  g_return_if_fail (INQ_IS_VARIATIONS_GRID (self));

  self->aspect = CLAMP (aspect, 0.1, 10);
  self->pad = pad;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
inq_variations_grid_set_order (InqVariationsGrid *self, GPtrArray *cells)
{
  g_return_if_fail (INQ_IS_VARIATIONS_GRID (self));

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    gtk_widget_set_visible (child, g_ptr_array_find (cells, child, NULL));
  g_ptr_array_set_size (self->cells, 0);
  GtkWidget *last = NULL;
  for (guint i = 0; i < cells->len; i++) {
    g_ptr_array_add (self->cells, cells->pdata[i]);
    /* Siblings in reading order: the focus and a screen reader go that way. */
    if (last == NULL ? gtk_widget_get_prev_sibling (cells->pdata[i]) != NULL
                     : gtk_widget_get_prev_sibling (cells->pdata[i]) != last)
      gtk_widget_insert_after (cells->pdata[i], GTK_WIDGET (self), last);
    last = cells->pdata[i];
  }
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
inq_variations_grid_set_adjustment (InqVariationsGrid *self, GtkAdjustment *adjustment)
{
  g_return_if_fail (INQ_IS_VARIATIONS_GRID (self));

  if (!g_set_object (&self->adjustment, adjustment) || adjustment == NULL)
    return;
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "notify::page-size", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
}

int
inq_variations_grid_step (InqVariationsGrid *self, int index, GtkDirectionType direction)
{
  g_return_val_if_fail (INQ_IS_VARIATIONS_GRID (self), -1);

  int n = self->cells->len, columns = MAX (1, self->columns), to = index;
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  switch (direction) {
  case GTK_DIR_LEFT:
    to = rtl ? index + 1 : index - 1;
    break;
  case GTK_DIR_RIGHT:
    to = rtl ? index - 1 : index + 1;
    break;
  case GTK_DIR_UP:
    to = index - columns;
    break;
  case GTK_DIR_DOWN:
    /* From above a gap in the last row to its last cell. */
    to = index + columns;
    if (to >= n && index / columns < (n - 1) / columns)
      to = n - 1;
    break;
  default:
    return -1;
  }
  return to >= 0 && to < n ? to : -1;
}

int
inq_variations_grid_get_columns (InqVariationsGrid *self)
{
  g_return_val_if_fail (INQ_IS_VARIATIONS_GRID (self), 1);

  return self->columns;
}

static void
inq_variations_grid_dispose (GObject *object)
{
  InqVariationsGrid *self = INQ_VARIATIONS_GRID (object);
  GtkWidget *child;
  g_ptr_array_set_size (self->cells, 0);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->adjustment);
  G_OBJECT_CLASS (inq_variations_grid_parent_class)->dispose (object);
}

static void
inq_variations_grid_finalize (GObject *object)
{
  g_ptr_array_unref (INQ_VARIATIONS_GRID (object)->cells);
  G_OBJECT_CLASS (inq_variations_grid_parent_class)->finalize (object);
}

static GtkSizeRequestMode
inq_variations_grid_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
inq_variations_grid_class_init (InqVariationsGridClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = inq_variations_grid_dispose;
  G_OBJECT_CLASS (klass)->finalize = inq_variations_grid_finalize;
  widget_class->get_request_mode = inq_variations_grid_get_request_mode;
  widget_class->measure = inq_variations_grid_measure;
  widget_class->size_allocate = inq_variations_grid_size_allocate;
  widget_class->snapshot = inq_variations_grid_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GRID);
}

static void
inq_variations_grid_init (InqVariationsGrid *self)
{
  self->cells = g_ptr_array_new ();
  self->aspect = 16.0 / 9;
  self->columns = 1;
}

GtkWidget *
inq_variations_grid_new (void)
{
  return g_object_new (INQ_TYPE_VARIATIONS_GRID, NULL);
}
