/* Inquadra - places tensors by their lifetimes into one packed arena.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Greedy by size, best fit: the largest tensor is placed first, each into the smallest gap between those already placed
 * that live at the same time (Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020).
 *
 * Thread-safety: pure functions.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define INQ_ARENA_ALIGN 256

typedef struct {
  gsize size;   /* in: bytes, 0 for none */
  int first;    /* in: step that writes it */
  int last;     /* in: last step that touches it */
  guint chunk;  /* out */
  gsize offset; /* out: multiple of INQ_ARENA_ALIGN */
} InqLifetime;

/* Places @items into chunks of at most @chunk_limit bytes; sizes of the chunks used go to @chunks (GArray of gsize,
 * emptied first). Returns the index of an item over @chunk_limit, or -1 when all is well. */
int inq_arena_plan (InqLifetime *items, guint n_items, gsize chunk_limit, GArray *chunks);

G_END_DECLS
