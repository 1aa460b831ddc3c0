/* Inquadra - what the tests of the generation queue share: a board in a folder of its own, and its queue
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <inq-board-acts.h>
#include <inq-job-params.h>
#include <inq-jobs-private.h>
#include <inq-jobs.h>

/* A small picture keeps software Vulkan quick; what is tested is the queue. */
#define WIDTH  128
#define HEIGHT 64

typedef struct {
  char *folder;
  char *path;
  InqBoard *board;
  InqJobs *jobs;
  gint64 panel; /* the one of the board */
} Fixture;

/* Set by jobs_test_init(): is there anything to draw with? */
extern gboolean jobs_have_device;
/* Nothing of the tests is kept in the user's cache. */
extern const InqGpuOptions jobs_no_cache;

/* g_test_init(), and looks for devices. */
void jobs_test_init (int *argc, char ***argv);
/* Skips the test where there is no device; TRUE: leave it. */
gboolean jobs_needs_device (void);

/* The board is open and the queue runs; and everything is closed and deleted. */
void jobs_set_up (Fixture *f, gconstpointer data);
void jobs_tear_down (Fixture *f, gconstpointer data);

/* A closed board with one panel; its path (transfer full), the folder it is alone in (transfer full). */
char *jobs_new_board (char **folder, gint64 *panel);
void jobs_remove_folder (const char *folder);
void jobs_open_board (Fixture *f);
void jobs_close_board (Fixture *f); /* and its queue, where there is one */

/* Asks for pictures of the panel. (transfer none) */
InqJob *jobs_enqueue (Fixture *f, int count, int steps, guint64 seed);
void jobs_hold (Fixture *f, InqJobsHold what);
gboolean jobs_ended (InqJob *job);
int jobs_count_variations (Fixture *f);
/* Of the closed board: (element-type InqVariationRow) (transfer full). */
GPtrArray *jobs_list_variations (Fixture *f);

#define wait_until(condition)                                                                                          \
  while (!(condition))                                                                                                 \
  g_main_context_iteration (NULL, TRUE)
