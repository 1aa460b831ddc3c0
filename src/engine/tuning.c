/* Inquadra - the tiles of the matrix product, measured once per device and kept.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuning.h"

#include "gemm.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define MAX_FILE ((gsize) 1 << 20)

const char *
inq_tuning_name (InqTuning tuning)
{
  static const char *const names[] = { "estimated", "kept", "measured" };

  return names[MIN ((guint) tuning, G_N_ELEMENTS (names) - 1)];
}

/* FALSE when there is none, it is damaged, or of another device, driver or set of kernels. */
static gboolean
read_kept (const char *path, const char *key, InqGemmSpeeds *speeds)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  g_autofree char *text = NULL;

  if (!file || g_mapped_file_get_length (file) == 0 || g_mapped_file_get_length (file) > MAX_FILE)
    return FALSE;
  text = g_strndup (g_mapped_file_get_contents (file), g_mapped_file_get_length (file));
  return inq_gemm_speeds_parse (text, key, speeds);
}

/* Puts @text at @path. Of several processes that measured at the same time the first one's stays, unless @replace: all
 * choose alike then. */
static gboolean
keep (const char *path, const char *text, gboolean replace)
{
  g_autofree char *dir = g_path_get_dirname (path), *fresh = g_strdup_printf ("%s.%d", path, (int) getpid ());
  gboolean ok;

  if (g_mkdir_with_parents (dir, 0700) != 0
      || !g_file_set_contents_full (fresh, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL))
    return FALSE;
  if (replace) {
    ok = g_rename (fresh, path) == 0;
  } else {
    ok = link (fresh, path) == 0 || errno == EEXIST;
    if (!ok) /* a file system without links */
      ok = g_rename (fresh, path) == 0;
  }
  g_unlink (fresh);
  return ok;
}

static gboolean
measure_and_keep (InqGpu *gpu, const char *path, const char *key, gboolean replace, InqGemmSpeeds *speeds,
                  GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;

  if (!inq_gemm_measure (gpu, NULL, speeds, &local)) {
    if (g_error_matches (local, INQ_GPU_ERROR, INQ_GPU_ERROR_DEVICE_LOST))
      g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  text = inq_gemm_speeds_format (speeds, key);
  if (!replace && !read_kept (path, key, speeds))
    g_unlink (path); /* what lies there is nobody's */
  return keep (path, text, replace) && read_kept (path, key, speeds);
}

static gboolean
read_named (const char *path, InqGemmSpeeds *speeds, GError **error)
{
  if (read_kept (path, NULL, speeds))
    return TRUE;
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
      _ ("INQ_TUNE names “%s”, which does not hold measured tiles. Set it to 1 to measure them, or to 0 for none."),
      path);
  return FALSE;
}

gboolean
inq_tune (InqGpu *gpu, InqTuning *tuning, GError **error)
{
  static GMutex measuring; /* two devices of one card would only slow each other down */
  const char *env = g_getenv ("INQ_TUNE");
  gboolean anew = g_strcmp0 (env, "1") == 0;
  g_autofree char *path = NULL, *key = NULL;
  g_autoptr (GError) local = NULL;
  InqGemmSpeeds speeds;
  InqTuning how = INQ_TUNING_NONE;

  *tuning = INQ_TUNING_NONE;
  inq_gemm_set_speeds (gpu, NULL);
  if (env && *env && !anew && !g_str_equal (env, "0")) {
    if (!read_named (env, &speeds, error))
      return FALSE;
    how = INQ_TUNING_KEPT;
  } else if (anew || (!(env && *env) && inq_gpu_get_facts (gpu)->kind != INQ_GPU_KIND_SOFTWARE)) {
    path = inq_gpu_dup_cache_path (gpu, "tiles", ".txt");
    key = inq_gemm_dup_key (gpu);
    g_mutex_lock (&measuring);
    if (path && !anew && read_kept (path, key, &speeds))
      how = INQ_TUNING_KEPT;
    else if (path && measure_and_keep (gpu, path, key, anew, &speeds, &local))
      how = INQ_TUNING_FRESH;
    g_mutex_unlock (&measuring);
  }
  if (local) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (how != INQ_TUNING_NONE)
    inq_gemm_set_speeds (gpu, &speeds);
  *tuning = how;
  return TRUE;
}
