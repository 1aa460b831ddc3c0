/* Inquadra - how long a checkpoint takes until its first step can start: opening, uploading, recording.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Usage: bench-load MODEL. `tests/data/make-full-size.py` writes one of published size. Wall time, and the processor
 * time of all threads, which is what counts on a busy machine.
 */
#include "config.h"

#include <inq-model.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

static double
now (clockid_t clock)
{
  struct timespec t;
  clock_gettime (clock, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

typedef struct {
  double wall, processor;
} Moment;

static Moment
moment (void)
{
  return (Moment){ now (CLOCK_MONOTONIC), now (CLOCK_PROCESS_CPUTIME_ID) };
}

static Moment
tell (Moment since, const char *what, double bytes)
{
  Moment t = moment ();
  printf ("%-12s %8.3f s wall %8.3f s processor", what, t.wall - since.wall, t.processor - since.processor);
  if (bytes > 0)
    printf (" %7.2f GB %7.2f GB/s of processor time", bytes * 1e-9, bytes * 1e-9 / (t.processor - since.processor));
  putchar ('\n');
  return moment ();
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "text", "text 2", "unet", "decode" };
  static const InqPart parts[] = { INQ_PART_TOWER, INQ_PART_TOWER + 1, INQ_PART_UNET, INQ_PART_DECODER };
  g_autoptr (GError) error = NULL;
  struct rusage usage;
  if (argc != 2) {
    fprintf (stderr, "usage: bench-load MODEL\n");
    return 2;
  }
  Moment at = moment (), begin = at;
  g_autoptr (InqEngine) engine = inq_engine_new (NULL, &error);
  if (engine)
    at = tell (at, "device", 0);
  InqModel *model = engine ? inq_engine_load (engine, argv[1], &error) : NULL;
  if (!model) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  at = tell (at, "open", 0);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    if (parts[i] < INQ_PART_UNET && parts[i] - INQ_PART_TOWER >= model->spec->n_towers)
      continue;
    g_autoptr (InqGraph) graph = inq_model_build_part (model, parts[i], 1, 32, 32, inq_model_get_tokens (model));
    g_autoptr (InqPlan) plan = inq_plan_new (engine->gpu, graph, inq_model_get_part (model, parts[i]), FALSE, &error);
    if (!plan) {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
    at = tell (at, names[i], (double) inq_device_weights_get_size (model->parts[parts[i]]));
  }
  tell (begin, "all", 0);
  getrusage (RUSAGE_SELF, &usage);
  printf ("resident memory at most %.2f GB\n", (double) usage.ru_maxrss * 1024e-9);
  return 0;
}
