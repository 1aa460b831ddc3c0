/* Inquadra - measures start time and main-loop stalls for ./dev bench
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-probe.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS 4

typedef struct {
  char *path;
  gint64 process_start; /* monotonic, microseconds */
  gint64 first_frame;
  gint64 last_tick;
  gint64 worst;
  guint over_50;
  guint frames;
  gint64 last_frame;
  gint64 worst_gap;
  guint tick;
} Probe;

/* When the kernel started this process, on the monotonic clock: field 22 of /proc/self/stat counts clock ticks since
 * boot, and on Linux the monotonic clock starts at boot too (but for suspended time). */
static gint64
get_process_start (void)
{
  g_autofree char *stat = NULL;
  guint64 ticks = 0;
  char *at;

  if (!g_file_get_contents ("/proc/self/stat", &stat, NULL, NULL) || (at = strrchr (stat, ')')) == NULL)
    return g_get_monotonic_time ();
  at += 2; /* field 3 */
  for (int field = 3; field < 22 && at != NULL; field++) {
    at = strchr (at, ' ');
    if (at != NULL)
      at++;
  }
  if (at != NULL)
    ticks = g_ascii_strtoull (at, NULL, 10);
  return (gint64) (ticks * G_USEC_PER_SEC / (guint64) sysconf (_SC_CLK_TCK));
}

static gboolean
tick_cb (gpointer data)
{
  Probe *probe = data;
  gint64 now = g_get_monotonic_time ();
  gint64 late = now - probe->last_tick - TICK_MS * 1000;

  if (probe->first_frame != 0) {
    probe->worst = MAX (probe->worst, late);
    probe->over_50 += late > 50 * 1000;
  }
  probe->last_tick = now;
  return G_SOURCE_CONTINUE;
}

static void
after_paint_cb (GdkFrameClock *clock, Probe *probe)
{
  gint64 now = g_get_monotonic_time ();

  if (probe->first_frame == 0) {
    probe->first_frame = now;
    probe->last_tick = now;
  } else if (probe->last_frame != 0) {
    probe->worst_gap = MAX (probe->worst_gap, now - probe->last_frame);
  }
  probe->last_frame = now;
  probe->frames++;
}

static void
shutdown_cb (GApplication *app, Probe *probe)
{
  FILE *file = fopen (probe->path, "w");

  g_clear_handle_id (&probe->tick, g_source_remove);
  if (file == NULL)
    return;
  fprintf (file,
           "{\"first_frame_ms\": %.1f, \"stall_ms\": %.1f, \"stalls_over_50ms\": %u, \"frames\": %u, \"frame_gap_ms\": "
           "%.1f}\n",
           (probe->first_frame - probe->process_start) / 1000.0, probe->worst / 1000.0, probe->over_50, probe->frames,
           probe->worst_gap / 1000.0);
  fclose (file);
}

static void
map_cb (GtkWidget *widget, Probe *probe)
{
  g_signal_connect (gtk_widget_get_frame_clock (widget), "after-paint", G_CALLBACK (after_paint_cb), probe);
}

void
inq_probe_attach (GtkApplication *app, GtkWindow *window)
{
  const char *path = g_getenv ("INQ_PROBE");
  Probe *probe;

  if (path == NULL || *path == '\0' || g_object_get_data (G_OBJECT (app), "inq-probe") != NULL)
    return;
  probe = g_new0 (Probe, 1); /* lives as long as the process */
  g_object_set_data (G_OBJECT (app), "inq-probe", probe);
  probe->path = g_strdup (path);
  probe->process_start = get_process_start ();
  probe->last_tick = g_get_monotonic_time ();
  probe->tick = g_timeout_add_full (G_PRIORITY_HIGH, TICK_MS, tick_cb, probe, NULL);
  g_signal_connect (app, "shutdown", G_CALLBACK (shutdown_cb), probe);
  if (gtk_widget_get_mapped (GTK_WIDGET (window)))
    map_cb (GTK_WIDGET (window), probe);
  else
    g_signal_connect (window, "map", G_CALLBACK (map_cb), probe);
}
