/* Inquadra - a layout that sets children in lines and wraps, as words in a paragraph.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Height for width: the minimum width is that of the widest child, the natural width that of one long line.
 */
#include "config.h"

#include "inq-wrap-layout.h"

struct _InqWrapLayout {
  GtkLayoutManager parent_instance;
  int spacing;
};

G_DEFINE_FINAL_TYPE (InqWrapLayout, inq_wrap_layout, GTK_TYPE_LAYOUT_MANAGER)

/* Places the children in lines of @width and returns the height; allocates them when @allocate. */
static int
wrap_lines (InqWrapLayout *self, GtkWidget *widget, int width, gboolean allocate)
{
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int x = 0, y = 0, line = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    if (!gtk_widget_should_layout (child))
      continue;
    GtkRequisition natural;
    gtk_widget_get_preferred_size (child, NULL, &natural);
    int w = MIN (natural.width, MAX (width, 1));
    if (x > 0 && x + w > width) {
      x = 0;
      y += line + self->spacing;
      line = 0;
    }
    if (allocate)
      gtk_widget_size_allocate (child, &(GtkAllocation){ rtl ? width - x - w : x, y, w, natural.height }, -1);
    x += w + self->spacing;
    line = MAX (line, natural.height);
  }
  return y + line;
}

static GtkSizeRequestMode
inq_wrap_layout_get_request_mode (GtkLayoutManager *manager, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
inq_wrap_layout_measure (GtkLayoutManager *manager, GtkWidget *widget, GtkOrientation orientation, int for_size,
                         int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  InqWrapLayout *self = INQ_WRAP_LAYOUT (manager);
  int widest = 0, sum = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    if (!gtk_widget_should_layout (child))
      continue;
    GtkRequisition size;
    gtk_widget_get_preferred_size (child, NULL, &size);
    widest = MAX (widest, size.width);
    sum += size.width + (sum > 0 ? self->spacing : 0);
  }
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = widest;
    *natural = sum;
  } else {
    *minimum = *natural = wrap_lines (self, widget, for_size >= 0 ? for_size : sum, FALSE);
  }
}

static void
inq_wrap_layout_allocate (GtkLayoutManager *manager, GtkWidget *widget, int width, int height, int baseline)
{
  wrap_lines (INQ_WRAP_LAYOUT (manager), widget, width, TRUE);
}

static void
inq_wrap_layout_class_init (InqWrapLayoutClass *klass)
{
  GtkLayoutManagerClass *layout_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  layout_class->get_request_mode = inq_wrap_layout_get_request_mode;
  layout_class->measure = inq_wrap_layout_measure;
  layout_class->allocate = inq_wrap_layout_allocate;
}

static void
inq_wrap_layout_init (InqWrapLayout *self)
{
}

GtkLayoutManager *
inq_wrap_layout_new (int spacing)
{
  InqWrapLayout *self = g_object_new (INQ_TYPE_WRAP_LAYOUT, NULL);
  self->spacing = spacing;
  return GTK_LAYOUT_MANAGER (self);
}
