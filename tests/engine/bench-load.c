/* Inquadra - how long a checkpoint takes until its first step starts: what an artist waits who has just chosen it.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Usage: bench-load MODEL [WIDTHxHEIGHT [--whole]], or MODEL --previews. `tests/data/make-full-size.py` writes one of
 * published size. Draws a guided picture as the program does, of 512x512 if nothing is said, until the first command
 * list of its first step is with the device, and ends there; with --whole, when the step is done and the picture
 * decoded. With --previews four pictures as the model recommends, twice: until the first preview can be shown, and
 * until all four are there. Wall time since the process began, and the processor time of all threads, which is what
 * counts on a busy machine.
 */
#include "config.h"

#include <inq-gpu-test.h>
#include <inq-model.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double
now (clockid_t clock)
{
  struct timespec t;
  clock_gettime (clock, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

/* When this process began, in seconds since the machine's: to a hundredth. Now where the system does not say. */
static double
process_began (void)
{
  g_autofree char *text = NULL;
  const char *at = g_file_get_contents ("/proc/self/stat", &text, NULL, NULL) ? strrchr (text, ')') : NULL;
  unsigned long long ticks;
  if (at
      && sscanf (at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &ticks) == 1)
    return (double) ticks / (double) sysconf (_SC_CLK_TCK);
  return now (CLOCK_BOOTTIME);
}

typedef struct {
  double began, wall, processor; /* of the process; of the last line */
  gboolean sampling, whole, started, previews, previewed;
} Bench;

static void
tell (Bench *bench, const char *what)
{
  double wall = now (CLOCK_BOOTTIME) - bench->began, processor = now (CLOCK_PROCESS_CPUTIME_ID);
  printf ("%-22s %7.3f s wall %7.3f s processor, since the start %7.3f s wall %7.3f s processor\n", what,
          wall - bench->wall, processor - bench->processor, wall, processor);
  bench->wall = wall;
  bench->processor = processor;
}

static void
tell_memory (void)
{
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  printf ("resident memory at most %.2f GB\n", (double) usage.ru_maxrss * 1024e-9);
  fflush (stdout);
}

static void
progress_cb (InqStage stage, int index, int step, int n_steps, const InqPicture *preview, gpointer data)
{
  Bench *bench = data;
  if (preview && !bench->previewed) {
    bench->previewed = TRUE;
    tell (bench, "FIRST PREVIEW");
  }
  if (bench->previews)
    return;
  if (stage == INQ_STAGE_LOADING && step == 1)
    tell (bench, "looked at");
  else if (stage == INQ_STAGE_TEXT)
    tell (bench, step == 0 ? "memory planned" : "text read");
  else if (stage == INQ_STAGE_SAMPLING && step == 0)
    bench->sampling = TRUE;
  else if (stage == INQ_STAGE_SAMPLING && step == 1)
    tell (bench, "first step done");
}

static void
submitted_cb (gpointer data)
{
  Bench *bench = data;
  if (!bench->sampling || bench->started)
    return;
  bench->started = TRUE;
  tell (bench, "FIRST STEP STARTS");
  if (bench->whole)
    return;
  tell_memory ();
  _exit (0);
}

static void
picture_cb (int index, guint64 seed, InqPicture *picture, const char *recipe, gpointer data)
{
  Bench *bench = data;
  if (!bench->previews)
    tell (bench, "decoded and hashed");
  inq_picture_free (picture);
}

/* Four pictures by a process that just began, then by one that has the model at hand. */
static gboolean
draw_with_previews (Bench *bench, InqEngine *engine, InqModel *model, const InqGenerateCallbacks *callbacks,
                    GError **error)
{
  InqGenerateParams params;
  inq_generate_params_init (&params);
  params.prompt = "wide shot, two people walk through a forest at night, rain";
  params.count = 4;
  for (int run = 0; run < 2; run++) {
    bench->previewed = FALSE;
    if (!inq_engine_generate (engine, model, &params, callbacks, NULL, error))
      return FALSE;
    tell (bench, "four pictures");
  }
  return TRUE;
}

int
main (int argc, char **argv)
{
  Bench bench = { .began = process_began () };
  InqGenerateParams params;
  InqGenerateCallbacks callbacks = { .progress = progress_cb, .picture = picture_cb, .data = &bench };
  g_autoptr (GError) error = NULL;
  inq_generate_params_init (&params);
  params.prompt = "a house by the sea, wide shot";
  params.steps = 1;
  params.width = params.height = 512;
  bench.previews = callbacks.previews = argc == 3 && strcmp (argv[2], "--previews") == 0;
  if (argc < 2 || (argc > 2 && !bench.previews && sscanf (argv[2], "%dx%d", &params.width, &params.height) != 2)
      || (argc > 3 && strcmp (argv[3], "--whole") != 0)) {
    fprintf (stderr, "usage: bench-load MODEL [WIDTHxHEIGHT [--whole] | --previews]\n");
    return 2;
  }
  bench.whole = argc > 3;
  tell (&bench, "process");
  g_autoptr (InqEngine) engine = inq_engine_new (NULL, &error);
  if (engine)
    tell (&bench, "device");
  InqModel *model = engine ? inq_engine_load (engine, argv[1], &error) : NULL;
  if (model) {
    tell (&bench, "opened");
    if (bench.previews && draw_with_previews (&bench, engine, model, &callbacks, &error))
      return 0;
    if (error) {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
    inq_gpu_test_watch (engine->gpu, submitted_cb, &bench);
    if (inq_engine_generate (engine, model, &params, &callbacks, NULL, &error)) {
      tell_memory ();
      return 0;
    }
  }
  fprintf (stderr, "%s\n", error->message);
  return 1;
}
