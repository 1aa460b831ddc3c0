/* Inquadra - what the models on this machine are, remembered while their files stay the same.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-model-infos.h"

#include <sys/stat.h>

/* Folders in a diffusers folder hold files, no further folders. */
#define DEPTH 2

typedef struct {
  char *print; /* sizes and times when it was looked at */
  InqModelFound *found;
} Known;

static GMutex lock;
static GHashTable *all; /* (owned path -> Known); under the lock */

InqModelFound *
inq_model_found_ref (InqModelFound *found)
{
  return g_atomic_rc_box_acquire (found);
}

static void
found_clear (gpointer data)
{
  InqModelFound *found = data;
  inq_model_info_free (found->info);
  g_free (found->error);
}

void
inq_model_found_unref (InqModelFound *found)
{
  g_atomic_rc_box_release_full (found, found_clear);
}

static void
known_free (gpointer data)
{
  Known *known = data;
  inq_model_found_unref (known->found);
  g_free (known->print);
  g_free (known);
}

/* ---- have its files changed? ---- */

static void
add_print (GString *print, const char *path, int depth)
{
  struct stat info;

  if (stat (path, &info) != 0) {
    g_string_append (print, "-;");
    return;
  }
  g_string_append_printf (print, "%" G_GUINT64_FORMAT ",%" G_GINT64_FORMAT ".%09ld;", (guint64) info.st_size,
                          (gint64) info.st_mtim.tv_sec, (long) info.st_mtim.tv_nsec);
  if (!S_ISDIR (info.st_mode) || depth == 0)
    return;
  /* In the order the folder gives: that is the same while it does not change. */
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);
    add_print (print, child, depth - 1);
  }
}

/* Of the model, of what belongs to it beside it, and of the folder it lies in, where more of it may appear. */
static char *
make_print (const char *path, const InqModelFound *found)
{
  GString *print = g_string_new (NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  add_print (print, path, DEPTH);
  add_print (print, folder, 0);
  for (guint i = 0; found->info != NULL && found->info->parts != NULL && found->info->parts[i] != NULL; i++)
    add_print (print, found->info->parts[i], 0);
  return g_string_free (print, FALSE);
}

/* ---- looking ---- */

InqModelFound *
inq_model_infos_peek (const char *path)
{
  g_autoptr (InqModelFound) found = NULL;
  g_autofree char *print = NULL;
  g_autofree char *now = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  g_mutex_lock (&lock);
  Known *known = all != NULL ? g_hash_table_lookup (all, path) : NULL;
  if (known != NULL) {
    found = inq_model_found_ref (known->found);
    print = g_strdup (known->print);
  }
  g_mutex_unlock (&lock);
  if (found == NULL)
    return NULL;
  now = make_print (path, found);
  return g_str_equal (now, print) ? g_steal_pointer (&found) : NULL;
}

InqModelFound *
inq_model_infos_look (const char *path)
{
  InqModelFound *found = inq_model_infos_peek (path);
  g_autoptr (GError) error = NULL;

  if (found != NULL)
    return found;
  found = g_atomic_rc_box_new0 (InqModelFound);
  found->info = inq_model_inspect (path, &error);
  found->error = error != NULL ? g_strdup (error->message) : NULL;
  Known *known = g_new0 (Known, 1);
  known->found = inq_model_found_ref (found);
  known->print = make_print (path, found);
  g_mutex_lock (&lock);
  if (all == NULL)
    all = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, known_free);
  g_hash_table_replace (all, g_strdup (path), known);
  g_mutex_unlock (&lock);
  return found;
}
