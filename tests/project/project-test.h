/* Inquadra - what the tests of board files share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-document-check.h"
#include "inq-document-images.h"
#include "inq-document-jobs.h"
#include "inq-document-panels.h"
#include "inq-document-strokes.h"
#include "inq-document-undo.h"

/* A path in a fresh folder; free with test_path_free(), which takes the folder away. */
char *test_path_new (const char *name);
char *test_path_new_on_disk (const char *name); /* where syncing is real */
void test_path_free (char *path);

/* A small grey PNG that differs by @seed. */
GBytes *test_png (gint width, gint height, guint seed);

/* All that an artist sees of a board, as text. */
char *test_dump (InqDocument *document);

/* Fails the test where check finds anything. */
void test_assert_sound (InqDocument *document);

InqDocument *test_new (const char *path);
InqDocument *test_open (const char *path, InqOpenFlags flags);
void test_close (InqDocument *document);

/* A new board with its file, which check finds sound at the end. */
typedef struct {
  char *path;
  InqDocument *d;
} TestFixture;
void test_set_up (TestFixture *f, gconstpointer data);
void test_tear_down (TestFixture *f, gconstpointer data);

/* A pen stroke of a few points; free with inq_stroke_free(). */
InqStroke *test_stroke (gint64 panel, const char *text);
