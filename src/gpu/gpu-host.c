/* Inquadra - how much memory the host has: a software device's memory is the host's, and lavapipe 22.3 does not say.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-gpu-private.h"

#include <string.h>

/* A line "NAME:  123 kB" of /proc/meminfo, in bytes; 0 when there is none. */
static guint64
meminfo_line (const char *text, const char *name)
{
  const char *line = strstr (text, name);

  return line ? g_ascii_strtoull (line + strlen (name), NULL, 10) * 1024 : 0;
}

/* A number of a control group's file; G_MAXUINT64 for "max" or where there is none. */
static guint64
cgroup_number (const char *path)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL) || !g_ascii_isdigit (*text))
    return G_MAXUINT64;
  return g_ascii_strtoull (text, NULL, 10);
}

gboolean
inq_host_memory (guint64 *total, guint64 *available)
{
  g_autofree char *text = NULL;
  guint64 limit = cgroup_number ("/sys/fs/cgroup/memory.max"), used;

  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, NULL))
    return FALSE;
  *total = meminfo_line (text, "MemTotal:");
  *available = meminfo_line (text, "MemAvailable:");
  if (limit != G_MAXUINT64) { /* a container's share */
    used = cgroup_number ("/sys/fs/cgroup/memory.current");
    *total = MIN (*total, limit);
    *available = MIN (*available, limit > used ? limit - used : 0);
  }
  return *total > 0;
}
