/* Inquadra - a file's weight matrices turned into the layout kernels read.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every byte of a checkpoint passes here once (streamed weights at every run), so it is vector code on all processors.
 *
 * Thread-safety: pure functions; they use threads of a shared pool for large matrices.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * inq_repack:
 * @in: [rows][inputs][taps] elements of @element bytes (2 or 4), not necessarily aligned
 * @out: [taps][inputs][columns]: column r is row r of @in, columns from @rows on are zeros
 */
void inq_repack (const void *in, void *out, gsize element, gint64 rows, gint64 inputs, gint64 taps, gint64 columns);
/* The same for @n rows from @first on: called for all, one part after the other, they make what inq_repack() does. */
void inq_repack_rows (const void *in, void *out, gsize element, gint64 first, gint64 n, gint64 rows, gint64 inputs,
                      gint64 taps, gint64 columns);

/* Calls @func with 0 .. @n - 1, on several threads when @bytes (of work, about) are worth it; returns when all are
 * done. */
void inq_parallel_for (guint n, gsize bytes, void (*func) (guint i, gpointer data), gpointer data);

G_END_DECLS
