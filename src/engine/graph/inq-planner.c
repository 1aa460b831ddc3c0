/* Inquadra - places tensors by their lifetimes into one packed arena.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-planner.h"

static int
compare_size (gconstpointer a, gconstpointer b)
{
  const InqLifetime *x = *(InqLifetime *const *) a, *y = *(InqLifetime *const *) b;

  if (x->size != y->size)
    return x->size < y->size ? 1 : -1;
  return x->first != y->first ? (x->first < y->first ? -1 : 1) : (x < y ? -1 : 1);
}

static int
compare_offset (gconstpointer a, gconstpointer b)
{
  const InqLifetime *x = *(InqLifetime *const *) a, *y = *(InqLifetime *const *) b;

  return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static gsize
aligned (gsize size)
{
  return (size + INQ_ARENA_ALIGN - 1) & ~(gsize) (INQ_ARENA_ALIGN - 1);
}

/* Smallest gap of @chunk that holds @item, or the end. @placed is sorted by offset. */
static gsize
best_offset (GPtrArray *placed, const InqLifetime *item, guint chunk)
{
  gsize size = aligned (item->size), end = 0, best = G_MAXSIZE, best_gap = G_MAXSIZE;

  for (guint i = 0; i < placed->len; i++) {
    const InqLifetime *other = placed->pdata[i];

    if (other->chunk != chunk || other->last < item->first || item->last < other->first)
      continue;
    if (other->offset >= end + size && other->offset - end < best_gap) {
      best_gap = other->offset - end;
      best = end;
    }
    end = MAX (end, other->offset + aligned (other->size));
  }
  return best == G_MAXSIZE ? end : best;
}

int
inq_arena_plan (InqLifetime *items, guint n_items, gsize chunk_limit, GArray *chunks)
{
  g_autoptr (GPtrArray) order = g_ptr_array_sized_new (n_items);
  g_autoptr (GPtrArray) placed = g_ptr_array_sized_new (n_items);

  g_array_set_size (chunks, 0);
  for (guint i = 0; i < n_items; i++) {
    if (items[i].size > chunk_limit)
      return (int) i;
    if (items[i].size > 0)
      g_ptr_array_add (order, &items[i]);
  }
  g_ptr_array_sort (order, compare_size);

  for (guint i = 0; i < order->len; i++) {
    InqLifetime *item = order->pdata[i];
    gsize offset = 0, *size;
    guint chunk, at;

    for (chunk = 0;; chunk++) {
      if (chunk == chunks->len) {
        gsize zero = 0;

        g_array_append_val (chunks, zero);
      }
      offset = best_offset (placed, item, chunk);
      if (offset + item->size <= chunk_limit)
        break;
    }
    item->chunk = chunk;
    item->offset = offset;
    size = &g_array_index (chunks, gsize, chunk);
    *size = MAX (*size, offset + aligned (item->size));
    /* keep @placed sorted */
    for (at = placed->len; at > 0 && compare_offset (&placed->pdata[at - 1], &order->pdata[i]) > 0; at--)
      ;
    g_ptr_array_insert (placed, (int) at, item);
  }
  return -1;
}
