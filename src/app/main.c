/* Inquadra - where the desktop application starts.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>

#include "inq-application.h"
#include "inq-probe.h"

/* Without a graphics card GTK's GL renderer runs on the processor, where its Cairo renderer is several times faster to
 * start and to draw, and leaves the cores to the engine. The user's own GSK_RENDERER wins. */
static void
choose_renderer (void)
{
  g_autoptr (GDir) dri = g_dir_open ("/dev/dri", 0, NULL);
  const char *name;

  while (dri != NULL && (name = g_dir_read_name (dri)) != NULL)
    if (g_str_has_prefix (name, "renderD"))
      return;
  g_setenv ("GSK_RENDERER", "cairo", FALSE);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  const char *locale_dir = g_getenv ("INQ_LOCALEDIR"); /* set where the catalogues are not installed */
  bindtextdomain (GETTEXT_PACKAGE, locale_dir ? locale_dir : INQ_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  choose_renderer ();
  g_set_application_name ("Inquadra");

  g_autoptr (InqApplication) application = inq_application_new ();
  g_signal_connect (application, "window-added", G_CALLBACK (inq_probe_attach), NULL);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
