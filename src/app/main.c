/* Inquadra - where the desktop application starts.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>

#include "inq-application.h"
#include "inq-probe.h"

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, INQ_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name ("Inquadra");

  g_autoptr (InqApplication) application = inq_application_new ();
  g_signal_connect (application, "window-added", G_CALLBACK (inq_probe_attach), NULL);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
