/* Inquadra - a board whose program is killed at any moment keeps every act it reported
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-copy.h"
#include "project-test.h"

#include "inq-document-private.h"
#include "inq-document-snapshots.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 24

/* ---- the victim ---- */

static char *
pack_name (const char *path)
{
  return g_strconcat (path, ".pack", NULL);
}

/* Panels of another board, beside this one, to be pasted. */
static void
write_pack (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = pack_name (path);
  g_autoptr (GBytes) png = test_png (80, 45, 77);
  const InqNewVariation variation = { .png = png };
  char *other = test_path_new ("other.inquadra");
  InqDocument *d = test_new (other);
  gint64 ids[2] = { inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL) };

  g_assert_cmpint (inq_document_add_variation (d, ids[0], &variation, TRUE, NULL), !=, 0);
  ids[1] = inq_document_add_scene (d, ids[0], INQ_PLACE_AFTER, "Elsewhere", NULL);
  {
    g_autoptr (GBytes) bytes = inq_document_pack_panels (d, ids, 2, &error);

    g_assert_no_error (error);
    g_assert_true (g_file_set_contents (name, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL));
  }
  test_close (d);
  test_path_free (other);
}

/* Act number @k leaves a trace that holds its number; @k from 0 over all lives of the board. */
static gboolean
perform (InqDocument *d, gint64 k, GError **error)
{
  g_autofree char *name = g_strdup_printf ("act %" G_GINT64_FORMAT, k);
  g_autoptr (GArray) ids = inq_document_list_panel_ids (d, error);
  gint64 panel;

  if (ids == NULL)
    return FALSE;
  panel = ids->len > 0 ? g_array_index (ids, gint64, k % ids->len) : 0;
  switch (panel == 0 ? 0 : k % 7) {
  case 0:
    if (!inq_document_begin (d, "Add panel", NULL, error))
      return FALSE;
    panel = inq_document_add_panel (d, panel, INQ_PLACE_AFTER, error);
    if (panel == 0 || !inq_document_set_text (d, panel, INQ_FIELD_PROMPT, name, 0, error)) {
      inq_document_rollback (d);
      return FALSE;
    }
    return inq_document_commit (d, error);
  case 1: {
    g_autoptr (InqStroke) ink = test_stroke (panel, name);

    return inq_document_add_stroke (d, ink, error) != 0;
  }
  case 2: {
    g_autoptr (GBytes) png = test_png (160, 90, (guint) k);
    InqNewVariation added = { .png = png, .seed = (guint64) k };

    return inq_document_add_variation (d, panel, &added, TRUE, error) != 0;
  }
  case 3: {
    /* a job from queue to pictures: three transactions, the last one counts */
    g_autoptr (GBytes) png = test_png (160, 90, (guint) k);
    InqNewVariation added = { .png = png, .seed = (guint64) k };
    g_autoptr (InqJobRow) job = NULL;

    if (inq_document_enqueue_job (d, panel, "{}", TRUE, error) == 0
        || (job = inq_document_claim_job (d, error)) == NULL)
      return FALSE;
    return inq_document_finish_job (d, job->id, &added, 1, NULL, error);
  }
  case 4: {
    /* typed letter by letter, then walked through the log */
    InqMark mark = { .panel = panel, .text = name };

    for (gsize i = 1; i <= strlen (name); i++) {
      g_autofree char *part = g_strndup (name, i);

      if (!inq_document_set_text (d, panel, INQ_FIELD_NOTES, part, 1, error))
        return FALSE;
    }
    return inq_document_undo (d, NULL, error) && inq_document_redo (d, NULL, error)
           && inq_document_add_mark (d, &mark, error) != 0;
  }
  case 5: {
    /* a version saved, a panel more, gone back to, that taken back and done again; versions that are too many go */
    InqMark mark = { .panel = panel, .text = name };
    gint64 version = inq_document_save_snapshot (d, name, error);
    g_autoptr (GPtrArray) versions = version != 0 ? inq_document_list_snapshots (d, error) : NULL;

    if (versions == NULL || inq_document_duplicate_panel (d, panel, error) == 0
        || !inq_document_restore_snapshot (d, version, error) || !inq_document_undo (d, NULL, error)
        || !inq_document_redo (d, NULL, error)
        || (versions->len > 3
            && (!inq_document_delete_snapshot (d, ((InqSnapshotRow *) versions->pdata[3])->id, error)
                || !inq_document_collect (d, NULL, error))))
      return FALSE;
    return inq_document_add_mark (d, &mark, error) != 0;
  }
  default: {
    InqMark mark = { .panel = panel, .text = name };
    gint64 copy = inq_document_duplicate_panel (d, panel, error);
    g_autofree char *pack = pack_name (inq_document_get_path (d));
    g_autoptr (GArray) pasted = copy != 0 ? inq_document_unpack_panels (d, pack, panel, error) : NULL;

    return pasted != NULL && inq_document_delete_panels (d, &copy, 1, error)
           && inq_document_delete_panels (d, (const gint64 *) pasted->data, pasted->len, error)
           && inq_document_collect (d, NULL, error) && inq_document_add_mark (d, &mark, error) != 0;
  }
  }
}

/* @wal FALSE: as on a network folder. */
static InqDocument *
open_victim (const char *path, gboolean wal, GError **error)
{
  InqDocument *d = inq_document_open (path, INQ_OPEN_DEFAULT, error);

  if (d != NULL && !wal && sqlite3_exec (d->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)
    _exit (4);
  return d;
}

static void G_GNUC_NORETURN
live (const char *path, gboolean wal, gint64 k, int report)
{
  g_autoptr (GError) error = NULL;
  InqDocument *d = open_victim (path, wal, &error);

  while (d != NULL && perform (d, k, &error)) {
    if (write (report, &k, sizeof k) != sizeof k)
      _exit (2);
    k++;
    /* now and then it closes and opens, so that it dies in those too */
    if (k % 10 == 0) {
      if (!inq_document_close (g_steal_pointer (&d), &error))
        break;
      d = open_victim (path, wal, &error);
    }
  }
  g_printerr ("# the victim could not go on: %s\n", error != NULL ? error->message : "?");
  _exit (3);
}

/* ---- the witness ---- */

static void
assert_trace (const char *dump, gint64 k)
{
  g_autofree char *name = g_strdup_printf ("act %" G_GINT64_FORMAT "\n", k);
  g_autofree char *quoted = g_strdup_printf ("“act %" G_GINT64_FORMAT "”", k);
  g_autofree char *seed = g_strdup_printf (" seed %" G_GINT64_FORMAT " ", k);

  if (strstr (dump, name) == NULL && strstr (dump, quoted) == NULL && strstr (dump, seed) == NULL)
    g_error ("act %d was reported and is lost", (int) k);
}

/* Up to three steps back and as many forth: nothing must have changed. */
static void
assert_undo (InqDocument *d, const char *dump)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *again = NULL;
  guint steps = 0;

  while (steps < 3 && inq_document_get_undo_label (d) != NULL) {
    g_assert_true (inq_document_undo (d, NULL, &error));
    g_assert_no_error (error);
    steps++;
  }
  g_assert_cmpuint (steps, >, 0);
  while (steps-- > 0)
    g_assert_true (inq_document_redo (d, NULL, &error));
  again = test_dump (d);
  g_assert_cmpstr (again, ==, dump);
}

/* Every version that was saved can be gone back to, whole, and away from again. */
static void
assert_versions (InqDocument *d)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) versions = inq_document_list_snapshots (d, &error);
  g_autofree char *before = test_dump (d);

  g_assert_no_error (error);
  for (guint i = 0; i < versions->len; i++) {
    const InqSnapshotRow *row = versions->pdata[i];
    g_autofree char *after = NULL;
    g_autoptr (GArray) ids = NULL;

    g_assert_true (inq_document_begin (d, "Try a version", NULL, &error));
    g_assert_true (inq_document_restore_snapshot (d, row->id, &error));
    ids = inq_document_list_panel_ids (d, &error);
    g_assert_no_error (error);
    g_assert_cmpint (ids->len, ==, row->n_panels);
    inq_document_rollback (d);
    after = test_dump (d);
    g_assert_cmpstr (after, ==, before);
  }
}

static void
test_kill (void)
{
  char *path = test_path_new_on_disk ("crash.inquadra");
  gint64 next = 0; /* the first act not reported */

  test_close (test_new (path));
  write_pack (path);
  for (guint round = 0; round < ROUNDS; round++) {
    guint reports = (guint) g_test_rand_int_range (1, 25);
    guint later = (guint) g_test_rand_int_range (0, 4000);
    int channel[2], status;
    gint64 k, start = next;
    pid_t victim;
    InqDocument *d;
    g_autofree char *dump = NULL;

    g_assert_cmpint (pipe (channel), ==, 0);
    victim = fork ();
    if (victim == 0) {
      close (channel[0]);
      live (path, round % 3 != 0, start, channel[1]);
    }
    close (channel[1]);
    for (guint i = 0; i < reports && read (channel[0], &k, sizeof k) == sizeof k; i++)
      next = k + 1;
    g_usleep (later); /* anywhere within the acts that follow */
    kill (victim, SIGKILL);
    while (read (channel[0], &k, sizeof k) == sizeof k)
      next = k + 1;
    close (channel[0]);
    g_assert_cmpint (waitpid (victim, &status, 0), ==, victim);
    g_assert_true (WIFSIGNALED (status));
    g_assert_cmpint (next, >, start);

    d = test_open (path, INQ_OPEN_DEFAULT);
    g_assert_true (inq_document_recover_jobs (d, NULL, NULL, NULL));
    test_assert_sound (d);
    dump = test_dump (d);
    assert_versions (d);
    for (k = 0; k < next; k++)
      assert_trace (dump, k);
    /* act number next may have been committed without being reported: it is done again then, which does no harm */
    assert_undo (d, dump);
    test_close (d);
  }
  g_test_message ("%d acts survived %d kills", (int) next, ROUNDS);
  test_path_free (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crash/kill", test_kill);
  return g_test_run ();
}
