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

/* A line "\nNAME 123" in bytes. */
static guint64
stat_line (const char *text, const char *name)
{
  const char *line = strstr (text, name);

  return line ? g_ascii_strtoull (line + strlen (name), NULL, 10) : 0;
}

/* A number of a control group's file; G_MAXUINT64 for "max" or where there is none. */
static guint64
cgroup_number (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL), *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL) || !g_ascii_isdigit (*text))
    return G_MAXUINT64;
  return g_ascii_strtoull (text, NULL, 10);
}

/* Bytes of files that the group has read: they count as used, and make room as soon as others want it. */
static guint64
cgroup_files (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "memory.stat", NULL), *text = NULL, *lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  lines = g_strconcat ("\n", text, NULL);
  return stat_line (lines, "\nactive_file ") + stat_line (lines, "\ninactive_file ");
}

gboolean
inq_host_memory (guint64 *total, guint64 *available)
{
  return inq_host_memory_at ("/sys/fs/cgroup", total, available);
}

gboolean
inq_host_memory_at (const char *cgroup, guint64 *total, guint64 *available)
{
  g_autofree char *text = NULL;
  guint64 limit = cgroup_number (cgroup, "memory.max"), used;

  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, NULL))
    return FALSE;
  *total = meminfo_line (text, "MemTotal:");
  *available = meminfo_line (text, "MemAvailable:");
  if (limit != G_MAXUINT64) { /* a container's share */
    used = cgroup_number (cgroup, "memory.current");
    used -= MIN (used, cgroup_files (cgroup));
    *total = MIN (*total, limit);
    *available = MIN (*available, limit > used ? limit - used : 0);
  }
  return *total > 0;
}
