/* Inquadra - which pictures of a panel the grid shows, in which order.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <inq-board.h>
#include <inq-jobs.h>

G_BEGIN_DECLS

/* A place in the grid: a finished variation, or a picture that a job still makes (or failed to). */
typedef struct {
  InqVariation *variation; /* borrowed; NULL: a job's */
  InqJob *job;             /* borrowed */
  int index;               /* picture of the job */
  gboolean first;          /* of those the job still makes */
  gint64 group;            /* job, newest first */
  guint64 order;           /* within the group */
} InqVariationPlace;

/* (element-type InqVariationPlace): newest generation first, its pictures in the order of their seeds, rejected ones at
 * the end or left out. @variations, @jobs, @panel: (nullable); borrowed by the places. */
GArray *inq_variations_list_places (GListModel *variations, InqJobs *jobs, InqPanel *panel, gboolean show_rejected);

G_END_DECLS
