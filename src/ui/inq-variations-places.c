/* Inquadra - which pictures of a panel the grid shows, in which order.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-variations-places.h"

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const InqVariationPlace *x = a, *y = b;
  gboolean x_rejected = x->variation != NULL && inq_variation_get_row (x->variation)->rejected;
  gboolean y_rejected = y->variation != NULL && inq_variation_get_row (y->variation)->rejected;
  if (x_rejected != y_rejected)
    return x_rejected - y_rejected;
  if (x->group != y->group)
    return x->group > y->group ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

GArray *
inq_variations_list_places (GListModel *variations, InqJobs *jobs, InqPanel *panel, gboolean show_rejected)
{
  GArray *places = g_array_new (FALSE, TRUE, sizeof (InqVariationPlace));
  guint n = variations != NULL ? g_list_model_get_n_items (variations) : 0;

  for (guint i = 0; i < n; i++) {
    g_autoptr (InqVariation) variation = g_list_model_get_item (variations, i);
    const InqVariationRow *row = inq_variation_get_row (variation);
    if (row->rejected && !show_rejected)
      continue;
    /* Those added by hand come where their time puts them: the newest job older than them is not known here, so they
     * stand behind all jobs, newest first. */
    InqVariationPlace place = { .variation = variation,
                                .group = row->job,
                                .order = row->job != 0 ? (guint64) row->id : G_MAXUINT64 - row->id };
    g_array_append_val (places, place);
  }
  guint n_jobs = jobs != NULL && panel != NULL ? g_list_model_get_n_items (G_LIST_MODEL (jobs)) : 0;
  for (guint i = 0; i < n_jobs; i++) {
    g_autoptr (InqJob) job = g_list_model_get_item (G_LIST_MODEL (jobs), i);
    InqJobState state = inq_job_get_state (job);
    gint64 id = inq_job_get_id (job);
    if (inq_job_get_panel_id (job) != inq_panel_get_id (panel)
        || (state != INQ_JOB_QUEUED && state != INQ_JOB_RUNNING && state != INQ_JOB_FAILED))
      continue;
    int done = 0, count = inq_job_get_count (job);
    for (guint k = 0; k < n && id != 0; k++) {
      g_autoptr (InqVariation) variation = g_list_model_get_item (variations, k);
      done += inq_variation_get_row (variation)->job == id;
    }
    /* Pictures arrive in order, so those still to come are the last. One place tells of a failure. */
    int end = state == INQ_JOB_FAILED ? MIN (done + 1, count) : count;
    for (int k = done; k < end; k++) {
      InqVariationPlace place = { .job = job,
                                  .index = k,
                                  .first = k == done,
                                  .group = id != 0 ? id : G_MAXINT64 - (gint64) n_jobs + i,
                                  .order = (guint64) G_MAXINT64 + k };
      g_array_append_val (places, place);
    }
  }
  g_array_sort (places, compare_places);
  return places;
}
