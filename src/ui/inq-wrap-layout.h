/* Inquadra - a layout that sets children in lines and wraps, as words in a paragraph.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define INQ_TYPE_WRAP_LAYOUT (inq_wrap_layout_get_type ())
G_DECLARE_FINAL_TYPE (InqWrapLayout, inq_wrap_layout, INQ, WRAP_LAYOUT, GtkLayoutManager)

/* @spacing: pixels between children of a line and between lines. */
GtkLayoutManager *inq_wrap_layout_new (int spacing);

G_END_DECLS
