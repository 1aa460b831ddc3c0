/* Inquadra - tests of the queue in the board's file: claims, crashes, states, and what jobs are drawn from
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "project-test.h"

#include "inq-sql.h"

static void
assert_state (InqDocument *d, gint64 job, InqJobState state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqJobRow) row = inq_document_get_job (d, job, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (inq_job_state_get_name (row->state), ==, inq_job_state_get_name (state));
}

static gint64
claim (InqDocument *d)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqJobRow) row = inq_document_claim_job (d, &error);

  g_assert_no_error (error);
  return row != NULL ? row->id : 0;
}

static void
test_jobs (TestFixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = test_png (64, 36, 5);
  g_autoptr (GBytes) bad = g_bytes_new_static ("no picture", 10);
  InqNewVariation brought[2] = { { .png = png, .seed = 1, .recipe = "{}" }, { .png = png, .seed = 2 } };
  g_autoptr (GPtrArray) list = NULL;
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL), ids[2];
  gint64 a = inq_document_enqueue_job (d, panel, "{\"n\":1}", FALSE, &error);
  gint64 b = inq_document_enqueue_job (d, panel, "{\"n\":2}", FALSE, &error);
  gint64 c = inq_document_enqueue_job (d, panel, "{\"n\":3}", TRUE, &error);
  gint64 e = inq_document_enqueue_job (d, panel, "{\"n\":4}", TRUE, &error);
  gint requeued, failed;

  g_assert_no_error (error);
  g_assert_cmpint (inq_document_enqueue_job (d, panel, "nonsense", FALSE, &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_cmpint (inq_document_enqueue_job (d, 99, "{}", FALSE, &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
  g_clear_error (&error);
  g_assert_cmpstr (inq_document_get_undo_label (d), ==, "Add panel"); /* a job is no step */
  g_assert_cmpint (claim (d), ==, e);
  g_assert_cmpint (claim (d), ==, c);
  list = inq_document_list_jobs (d, FALSE, NULL);
  g_assert_cmpuint (list->len, ==, 4);
  g_assert_cmpint (((InqJobRow *) list->pdata[2])->id, ==, a);
  g_assert_true (inq_document_release_job (d, c, NULL));
  g_assert_cmpint (claim (d), ==, c);
  g_assert_true (inq_document_finish_job (d, e, brought, 2, ids, &error));
  g_assert_no_error (error);
  assert_state (d, e, INQ_JOB_DONE);
  g_assert_cmpint (ids[0], <, ids[1]);
  /* all or nothing: a picture that is none leaves the job running */
  brought[1].png = bad;
  g_assert_false (inq_document_finish_job (d, c, brought, 2, NULL, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);
  assert_state (d, c, INQ_JOB_RUNNING);
  g_assert_true (inq_document_fail_job (d, c, "no \xff memory", NULL));
  assert_state (d, c, INQ_JOB_FAILED);
  {
    g_autoptr (InqPanelRow) row = inq_document_get_panel (d, panel, NULL);

    g_assert_cmpint (row->n_variations, ==, 2);
    g_assert_cmpint (row->jobs_queued, ==, 2);
    g_assert_cmpint (row->jobs_failed, ==, 1); /* what was done came before */
  }
  /* cancelled while it ran: what it brings all the same is kept */
  g_assert_cmpint (claim (d), ==, a);
  g_assert_true (inq_document_cancel_job (d, a, NULL));
  g_assert_true (inq_document_finish_job (d, a, brought, 1, NULL, NULL));
  assert_state (d, a, INQ_JOB_CANCELLED);
  /* a crash: once more; a second crash: no more */
  g_assert_cmpint (claim (d), ==, b);
  g_assert_true (inq_document_set_job_progress (d, b, 0.5, NULL));
  g_assert_true (inq_document_recover_jobs (d, &requeued, &failed, NULL));
  g_assert_cmpint (requeued, ==, 1);
  g_assert_cmpint (failed, ==, 0);
  g_assert_cmpint (claim (d), ==, b);
  g_assert_true (inq_document_recover_jobs (d, &requeued, &failed, NULL));
  g_assert_cmpint (requeued, ==, 0);
  g_assert_cmpint (failed, ==, 1);
  {
    g_autoptr (InqJobRow) row = inq_document_get_job (d, b, NULL);
    g_autoptr (InqPanelRow) shown = inq_document_get_panel (d, panel, NULL);

    g_assert_cmpint (row->state, ==, INQ_JOB_FAILED);
    g_assert_cmpuint (strlen (row->error), >, 10);
    g_assert_cmpint (shown->n_variations, ==, 3);
  }
  g_assert_true (inq_document_retry_job (d, b, NULL));
  assert_state (d, b, INQ_JOB_QUEUED);
  /* a deleted panel's jobs rest */
  g_assert_true (inq_document_delete_panels (d, &panel, 1, NULL));
  g_assert_cmpint (claim (d), ==, 0);
  g_clear_pointer (&list, g_ptr_array_unref);
  list = inq_document_list_jobs (d, TRUE, NULL);
  g_assert_cmpuint (list->len, ==, 0);
  g_assert_true (inq_document_undo (d, NULL, NULL));
  g_assert_cmpint (claim (d), ==, b);
  g_assert_true (inq_document_cancel_jobs (d, 0, NULL));
  assert_state (d, b, INQ_JOB_CANCELLED);
  g_assert_true (inq_document_forget_finished_jobs (d, NULL));
  g_clear_pointer (&list, g_ptr_array_unref);
  list = inq_document_list_jobs (d, TRUE, NULL);
  g_assert_cmpuint (list->len, ==, 0);
}

static gint64
count_images (InqDocument *d, guint seed)
{
  g_autoptr (GBytes) png = test_png (64, 36, seed);
  g_autofree char *sha = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, png);
  gint64 n = 0;

  g_assert_true (inq_sql_value (d, NULL, &n, "SELECT count(*) FROM image WHERE sha256 = ?1", "t", sha));
  return n;
}

/* What a job is drawn from lives as long as the job waits, and as what it drew. */
static void
test_job_pictures (TestFixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) sketch = test_png (64, 36, 11);
  g_autoptr (GBytes) mask = test_png (64, 36, 12);
  g_autoptr (GBytes) result = test_png (64, 36, 13);
  g_autoptr (GBytes) broken = g_bytes_new_static ("no picture", 10);
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL), job, again, made;
  InqJobImages images = { .init_png = sketch, .mask_png = mask };
  const InqJobImages bad = { .init_png = broken }, gone = { .init = 4711 };
  const InqNewVariation variation = { .png = result };

  g_assert_cmpint (inq_document_enqueue_job_with (d, panel, "{}", &bad, FALSE, &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_cmpint (inq_document_enqueue_job_with (d, panel, "{}", &gone, FALSE, &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
  g_clear_error (&error);

  job = inq_document_enqueue_job_with (d, panel, "{}", &images, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (inq_document_collect (d, NULL, &error));
  g_assert_cmpint (count_images (d, 11) + count_images (d, 12), ==, 2);
  g_autoptr (InqJobRow) row = inq_document_claim_job (d, &error);
  g_assert_cmpint (row->id, ==, job);
  g_autoptr (GBytes) back = inq_document_get_image (d, row->init, NULL, NULL, &error);
  g_assert_true (g_bytes_equal (back, sketch));
  g_assert_cmpint (row->mask, !=, row->init);

  /* The same picture again is the same row; one that the board has goes by its id. */
  images = (InqJobImages){ .init = row->init };
  again = inq_document_enqueue_job_with (d, panel, "{}", &images, FALSE, &error);
  g_assert_no_error (error);
  g_autoptr (InqJobRow) second = inq_document_get_job (d, again, NULL);
  g_assert_cmpint (second->init, ==, row->init);
  g_assert_cmpint (second->mask, ==, 0);
  g_assert_true (inq_document_cancel_job (d, again, NULL));

  g_assert_true (inq_document_finish_job (d, job, &variation, 1, &made, &error));
  g_assert_true (inq_document_forget_finished_jobs (d, &error));
  g_assert_true (inq_document_collect (d, NULL, &error));
  g_assert_cmpint (count_images (d, 11) + count_images (d, 12), ==, 2);
  /* Once what it drew is out of reach, so is what it was drawn from. */
  g_assert_true (inq_document_delete_variations (d, &made, 1, &error));
  g_assert_true (inq_document_collect (d, NULL, &error));
  g_assert_cmpint (count_images (d, 11) + count_images (d, 12), ==, 2);
  g_assert_true (inq_document_undo (d, NULL, NULL));
  g_assert_true (inq_document_set_text (d, panel, INQ_FIELD_NOTES, "x", 0, &error));
  g_assert_true (inq_document_delete_variations (d, &made, 1, &error));
  inq_sql_run (d, NULL, "DELETE FROM undo_step", "");
  g_assert_true (inq_document_collect (d, NULL, &error));
  g_assert_cmpint (count_images (d, 11) + count_images (d, 12), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/job-rows/states", TestFixture, NULL, test_set_up, test_jobs, test_tear_down);
  g_test_add ("/job-rows/drawn-from", TestFixture, NULL, test_set_up, test_job_pictures, test_tear_down);
  return g_test_run ();
}
