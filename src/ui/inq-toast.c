/* Inquadra - toasts that can be read to their end.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-toast.h"

/* Characters of a line, and of what a toast shows on one line of its own. */
#define LINE 56
/* Characters one reads in a second, at ease; and how long a toast stays, seconds. */
#define READ     12
#define SHORTEST 4
#define LONGEST  20

AdwToast *
inq_toast_new (const char *message)
{
  g_autofree char *markup = g_markup_escape_text (message, -1);
  AdwToast *toast = adw_toast_new (markup);
  glong length = g_utf8_strlen (message, -1);

  if (length > LINE) {
    GtkWidget *label = gtk_label_new (message);
    gtk_label_set_wrap (GTK_LABEL (label), TRUE);
    gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_natural_wrap_mode (GTK_LABEL (label), GTK_NATURAL_WRAP_NONE);
    gtk_label_set_max_width_chars (GTK_LABEL (label), LINE);
    gtk_label_set_xalign (GTK_LABEL (label), 0);
    gtk_widget_add_css_class (label, "toast-text");
    adw_toast_set_custom_title (toast, label);
  }
  adw_toast_set_timeout (toast, CLAMP (length / READ, SHORTEST, LONGEST));
  return toast;
}
