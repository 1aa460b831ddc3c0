/* Inquadra - tests of boards on disks that are full or may not be written
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "project-test.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* As a user who may read but not write. */
static void
test_read_only (void)
{
  char *path = test_path_new ("ro.inquadra");
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *wal = g_strconcat (path, "-wal", NULL);
  g_autofree char *copy = g_build_filename (folder, "copy.inquadra", NULL);
  g_autofree char *copy_wal = g_strconcat (copy, "-wal", NULL);
  char *backup = test_path_new ("backup.inquadra");
  g_autoptr (GError) error = NULL;
  InqDocument *d = test_new (path);
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);
  gboolean root = geteuid () == 0;

  /* the state a crash leaves: the board and its log, copied while it is open */
  {
    g_autofree char *bytes = NULL;
    gsize size;

    g_assert_true (g_file_get_contents (wal, &bytes, &size, NULL));
    g_assert_cmpuint (size, >, 0);
    g_assert_true (g_file_set_contents (copy_wal, bytes, (gssize) size, NULL));
  }
  test_close (d);
  d = test_new (copy); /* moves the log aside */
  test_close (d);
  d = test_open (path, INQ_OPEN_READ_ONLY);
  g_assert_false (inq_document_set_duration (d, panel, 5, 0, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_true (inq_document_backup (d, backup, &error));
  g_assert_no_error (error);
  test_close (d);
  d = test_open (backup, INQ_OPEN_DEFAULT);
  g_assert_true (inq_document_set_duration (d, panel, 5, 0, &error));
  test_close (d);
  test_path_free (backup);

  g_chmod (path, 0444);
  if (root)
    g_assert_cmpint (seteuid (65534), ==, 0);
  g_chmod (folder, 0755);
  if (root) {
    g_assert_cmpint (seteuid (0), ==, 0);
    g_chmod (folder, 0555);
    g_chmod (path, 0444);
    g_assert_cmpint (seteuid (65534), ==, 0);
  } else
    g_chmod (folder, 0555);
  d = test_open (path, INQ_OPEN_DEFAULT);
  g_assert_true (inq_document_is_read_only (d));
  g_assert_false (inq_document_set_duration (d, panel, 5, 0, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_READ_ONLY);
  test_assert_sound (d);
  test_close (d);
  if (root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_chmod (folder, 0755);
  test_path_free (path);
}

/* A board with the log of a crash, on a medium that cannot be written: shown from a private copy, the last act
 * included. */
static void
test_crashed_read_only (void)
{
  char *path = test_path_new ("live.inquadra");
  char *other = test_path_new ("dead.inquadra");
  g_autofree char *folder = g_path_get_dirname (other);
  g_autofree char *from_wal = g_strconcat (path, "-wal", NULL);
  g_autofree char *to_wal = g_strconcat (other, "-wal", NULL);
  InqDocument *d = test_new (path);
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);
  gboolean root = geteuid () == 0;
  pid_t child;
  int status;

  g_assert_true (inq_document_set_text (d, panel, INQ_FIELD_PROMPT, "the last word", 0, NULL));
  /* another process copies, so that this one keeps its locks */
  child = fork ();
  if (child == 0) {
    const char *script = "cp \"$0\" \"$1\" && cp \"$0-wal\" \"$1-wal\" && chmod 444 \"$1\" \"$1-wal\"";

    execl ("/bin/sh", "sh", "-c", script, path, other, NULL);
    _exit (127);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  test_close (d);
  g_chmod (folder, 0555);
  if (root)
    g_assert_cmpint (seteuid (65534), ==, 0);
  d = test_open (other, INQ_OPEN_DEFAULT);
  g_assert_true (inq_document_is_read_only (d));
  {
    g_autoptr (InqPanelRow) row = inq_document_get_panel (d, panel, NULL);

    g_assert_cmpstr (row->text[INQ_FIELD_PROMPT], ==, "the last word");
  }
  test_close (d);
  if (root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_chmod (folder, 0755);
  test_path_free (other);
  test_path_free (path);
}

/* Files may not grow: what a full disk is to a program. */
static void
set_limit (rlim_t limit)
{
  struct rlimit now;

  getrlimit (RLIMIT_FSIZE, &now);
  now.rlim_cur = limit;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &now), ==, 0);
}

static void
test_full_disk (void)
{
  static const gsize rooms[] = { 0, 100, 5000, 50000, 200000 };
  struct rlimit unlimited;

  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &unlimited);
  for (gsize i = 0; i < G_N_ELEMENTS (rooms); i++) {
    char *path = test_path_new ("full.inquadra");
    g_autofree char *wal = g_strconcat (path, "-wal", NULL);
    g_autofree char *folder = g_path_get_dirname (path);
    g_autofree char *spare = g_build_filename (folder, "spare.inquadra", NULL);
    InqDocument *d = test_new (path);
    g_autoptr (GError) error = NULL;
    g_autofree char *before = NULL;
    gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);
    struct stat info;
    guint done = 0;

    g_assert_cmpint (stat (wal, &info), ==, 0);
    set_limit ((rlim_t) info.st_size + rooms[i]);
    while (error == NULL) {
      g_autoptr (GBytes) png = test_png (300, 200, done);
      InqNewVariation added = { .png = png };

      g_free (before);
      before = test_dump (d);
      if (inq_document_add_variation (d, panel, &added, TRUE, &error) != 0)
        done++;
      g_assert_cmpuint (done, <, 1000);
    }
    g_test_message ("%u pictures before the disk was full", done);
    g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FULL);
    {
      g_autofree char *after = test_dump (d);
      g_autoptr (GError) no_room = NULL;

      g_assert_cmpstr (after, ==, before);
      set_limit (20000);
      g_assert_false (inq_document_backup (d, spare, &no_room));
      g_assert_error (no_room, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FULL);
      g_assert_false (g_file_test (spare, G_FILE_TEST_EXISTS));
      set_limit ((rlim_t) info.st_size + rooms[i]);
    }
    /* half of the boards are closed while there is no room; the others get room first */
    if (i % 2 == 0) {
      inq_document_free (d);
      set_limit (unlimited.rlim_cur);
      d = test_open (path, INQ_OPEN_DEFAULT);
    } else
      set_limit (unlimited.rlim_cur);
    {
      g_autofree char *after = test_dump (d);

      g_assert_cmpstr (after, ==, before);
    }
    g_clear_error (&error);
    g_assert_true (inq_document_set_text (d, panel, INQ_FIELD_PROMPT, "room again", 0, &error));
    g_assert_no_error (error);
    test_assert_sound (d);
    test_close (d);
    test_path_free (path);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/disk/read-only", test_read_only);
  g_test_add_func ("/disk/crashed-read-only", test_crashed_read_only);
  g_test_add_func ("/disk/full", test_full_disk);
  return g_test_run ();
}
