/* Inquadra - the About window.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-about.h"

#include <adwaita.h>
#include <glib/gi18n.h>

void
inq_about_present (GtkWindow *parent)
{
  const char *developers[] = { _ ("The Inquadra contributors"), NULL };
  GtkWidget *about = adw_about_window_new ();

  g_object_set (about, "application-name", "Inquadra", "application-icon", INQ_APP_ID, "version", INQ_VERSION,
                "developer-name", developers[0], "developers", developers, "license-type", GTK_LICENSE_GPL_3_0,
                /* Translators: your names, one a line */
                "translator-credits", _ ("translator-credits"), "comments",
                _ ("Frame the shot: storyboards you type or draw, with pictures made on your own machine. Nothing "
                   "leaves it."),
                "copyright", "© 2026 The Inquadra contributors", NULL);
  adw_about_window_add_legal_section (
      ADW_ABOUT_WINDOW (about), _ ("The house model"), NULL, GTK_LICENSE_CUSTOM,
      _ ("The model that comes with Inquadra was trained only on panels drawn by a program of ours. No artist’s work "
         "is in it."));
  gtk_window_set_transient_for (GTK_WINDOW (about), parent);
  gtk_window_present (GTK_WINDOW (about));
}
