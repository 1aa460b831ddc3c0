/* Inquadra - the header's queue button: how much is waiting, and a popover with every job.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>
#include <inq-board.h>
#include <inq-jobs.h>

G_BEGIN_DECLS

#define INQ_TYPE_QUEUE_BUTTON (inq_queue_button_get_type ())
G_DECLARE_FINAL_TYPE (InqQueueButton, inq_queue_button, INQ, QUEUE_BUTTON, AdwBin)

/* Both NULL, or the board the jobs belong to (its panel numbers are shown). */
void inq_queue_button_set_jobs (InqQueueButton *self, InqJobs *jobs, InqBoard *board);

G_END_DECLS
