/* Inquadra - the user's settings, found installed or beside the build.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-settings.h"

static GSettings *settings;

/* The folder data/ of the build tree this program was started from: <build>/src/app/inquadra or <build>/tests/ui/x. */
static char *
build_schema_dir (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  if (program == NULL)
    return NULL;
  g_autofree char *folder = g_path_get_dirname (program);
  g_autofree char *data = g_build_filename (folder, "..", "..", "data", NULL);
  g_autofree char *compiled = g_build_filename (data, "gschemas.compiled", NULL);
  return g_file_test (compiled, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&data) : NULL;
}

gboolean
inq_settings_init (GError **error)
{
  if (settings != NULL)
    return TRUE;

  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchemaSource) beside = NULL;
  g_autofree char *dir = build_schema_dir ();
  if (dir != NULL) {
    beside = g_settings_schema_source_new_from_directory (dir, source, FALSE, NULL);
    if (beside != NULL)
      source = beside;
  }
  g_autoptr (GSettingsSchema) schema = source != NULL ? g_settings_schema_source_lookup (source, INQ_APP_ID, TRUE)
                                                      : NULL;
  if (schema == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "The settings schema %s is not installed. Start Inquadra with “./dev run”, install it with "
                 "“meson install”, or set GSETTINGS_SCHEMA_DIR to the folder that holds gschemas.compiled.",
                 INQ_APP_ID);
    return FALSE;
  }
  settings = g_settings_new_full (schema, NULL, NULL);
  return TRUE;
}

GSettings *
inq_settings_get (void)
{
  g_return_val_if_fail (settings != NULL, NULL);
  return settings;
}
