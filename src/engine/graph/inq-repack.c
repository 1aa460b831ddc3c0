/* Inquadra - a file's weight matrices turned into the layout kernels read.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A band of rows is gone through along its elements: what is read lies in a few streams, what is written are whole
 * cache lines. Small squares are turned in vector registers by three (two) rounds of interleaving. */
#include "config.h"

#include "inq-repack.h"

#include <string.h>

#define MAX_THREADS  8
#define WORTH_BYTES  ((gsize) 256 << 10)
#define BAND_BYTES   64 /* of a row of @out written at once: a cache line */
#define BANDS_A_TASK 2

/* ---- threads ---- */

typedef struct {
  void (*func) (guint i, gpointer data);
  gpointer data;
  guint n;
  gint next;    /* atomic */
  gint helpers; /* with the mutex: not done yet */
  GMutex mutex;
  GCond cond;
} Work;

static void
work_on (Work *work)
{
  for (;;) {
    guint i = (guint) g_atomic_int_add (&work->next, 1);

    if (i >= work->n)
      return;
    work->func (i, work->data);
  }
}

static void
help (gpointer data, gpointer unused)
{
  Work *work = data;

  work_on (work);
  g_mutex_lock (&work->mutex);
  if (--work->helpers == 0)
    g_cond_signal (&work->cond);
  g_mutex_unlock (&work->mutex);
}

static GThreadPool *
get_pool (guint *n)
{
  static GThreadPool *pool;
  static gsize once;
  static guint threads;

  if (g_once_init_enter (&once)) {
    threads = MIN (g_get_num_processors (), MAX_THREADS);
    if (threads > 1)
      pool = g_thread_pool_new (help, NULL, (int) threads - 1, FALSE, NULL);
    g_once_init_leave (&once, 1);
  }
  *n = pool ? threads - 1 : 0;
  return pool;
}

void
inq_parallel_for (guint n, gsize bytes, void (*func) (guint i, gpointer data), gpointer data)
{
  Work work = { .func = func, .data = data, .n = n };
  guint helpers = 0;
  GThreadPool *pool = n > 1 && bytes >= WORTH_BYTES ? get_pool (&helpers) : NULL;

  helpers = MIN (helpers, n - 1);
  if (!pool || helpers == 0) {
    work_on (&work);
    return;
  }
  g_mutex_init (&work.mutex);
  g_cond_init (&work.cond);
  work.helpers = (gint) helpers;
  for (guint i = 0; i < helpers; i++)
    if (!g_thread_pool_push (pool, &work, NULL)) {
      g_mutex_lock (&work.mutex);
      work.helpers--;
      g_mutex_unlock (&work.mutex);
    }
  work_on (&work);
  g_mutex_lock (&work.mutex);
  while (work.helpers > 0)
    g_cond_wait (&work.cond, &work.mutex);
  g_mutex_unlock (&work.mutex);
  g_mutex_clear (&work.mutex);
  g_cond_clear (&work.cond);
}

/* ---- squares ---- */

typedef guint16 V8 __attribute__ ((vector_size (16)));
typedef guint32 V4 __attribute__ ((vector_size (16)));

#if defined(__clang__)
#define SHUFFLE(a, b, ...) __builtin_shufflevector (a, b, __VA_ARGS__)
#define SHUFFLE8           SHUFFLE
#define SHUFFLE4           SHUFFLE
#else
#define SHUFFLE8(a, b, ...) __builtin_shuffle (a, b, (V8){ __VA_ARGS__ })
#define SHUFFLE4(a, b, ...) __builtin_shuffle (a, b, (V4){ __VA_ARGS__ })
#endif

/* Rows of 8 halves at @in, @pitch bytes apart, to columns: @v[k] is element k of each. */
static inline void
square8 (const char *in, gsize pitch, V8 v[8])
{
  V8 a[8], b[8];

  for (int i = 0; i < 8; i++)
    memcpy (&a[i], in + (gsize) i * pitch, sizeof a[i]);
  for (int i = 0; i < 4; i++) { /* perfect shuffles: row i with row i + 4 */
    b[2 * i] = SHUFFLE8 (a[i], a[i + 4], 0, 8, 1, 9, 2, 10, 3, 11);
    b[2 * i + 1] = SHUFFLE8 (a[i], a[i + 4], 4, 12, 5, 13, 6, 14, 7, 15);
  }
  for (int i = 0; i < 4; i++) {
    a[2 * i] = SHUFFLE8 (b[i], b[i + 4], 0, 8, 1, 9, 2, 10, 3, 11);
    a[2 * i + 1] = SHUFFLE8 (b[i], b[i + 4], 4, 12, 5, 13, 6, 14, 7, 15);
  }
  for (int i = 0; i < 4; i++) {
    v[2 * i] = SHUFFLE8 (a[i], a[i + 4], 0, 8, 1, 9, 2, 10, 3, 11);
    v[2 * i + 1] = SHUFFLE8 (a[i], a[i + 4], 4, 12, 5, 13, 6, 14, 7, 15);
  }
}

static inline void
square4 (const char *in, gsize pitch, V4 v[4])
{
  V4 a[4], b[4];

  for (int i = 0; i < 4; i++)
    memcpy (&a[i], in + (gsize) i * pitch, sizeof a[i]);
  for (int i = 0; i < 2; i++) {
    b[2 * i] = SHUFFLE4 (a[i], a[i + 2], 0, 4, 1, 5);
    b[2 * i + 1] = SHUFFLE4 (a[i], a[i + 2], 2, 6, 3, 7);
  }
  for (int i = 0; i < 2; i++) {
    v[2 * i] = SHUFFLE4 (b[i], b[i + 2], 0, 4, 1, 5);
    v[2 * i + 1] = SHUFFLE4 (b[i], b[i + 2], 2, 6, 3, 7);
  }
}

/* ---- bands ---- */

typedef struct {
  const char *in;
  char *out;
  gsize element;
  gint64 rows, inputs, taps, columns;
} Repack;

/* Where element @j of a row goes. */
static inline char *
line (const Repack *p, gint64 j)
{
  gint64 to = p->taps == 1 ? j : j % p->taps * p->inputs + j / p->taps;

  return p->out + (gsize) (to * p->columns) * p->element;
}

static void
plain (const Repack *p, gint64 r0, gint64 r1, gint64 j0, gint64 j1)
{
  gsize pitch = (gsize) (p->inputs * p->taps) * p->element;

  for (gint64 j = j0; j < j1; j++) {
    char *to = line (p, j);

    for (gint64 r = r0; r < r1; r++)
      memcpy (to + (gsize) r * p->element, p->in + (gsize) r * pitch + (gsize) j * p->element, p->element);
  }
}

/* Rows @r0 .. @r0 + BAND_BYTES / element, all there. */
static void
band (const Repack *p, gint64 r0)
{
  gint64 depth = p->inputs * p->taps, side = p->element == 2 ? 8 : 4, n = BAND_BYTES / (gint64) p->element;
  gsize pitch = (gsize) depth * p->element;
  gint64 j = 0;

  for (; j + side <= depth; j += side)
    for (gint64 r = r0; r < r0 + n; r += side) {
      const char *from = p->in + (gsize) r * pitch + (gsize) j * p->element;

      if (p->element == 2) {
        V8 v[8];

        square8 (from, pitch, v);
        for (int k = 0; k < 8; k++)
          memcpy (line (p, j + k) + (gsize) r * 2, &v[k], sizeof v[k]);
      } else {
        V4 v[4];

        square4 (from, pitch, v);
        for (int k = 0; k < 4; k++)
          memcpy (line (p, j + k) + (gsize) r * 4, &v[k], sizeof v[k]);
      }
    }
  plain (p, r0, r0 + n, j, depth);
}

static void
task (guint i, gpointer data)
{
  const Repack *p = data;
  gint64 n = BAND_BYTES / (gint64) p->element, r0 = (gint64) i * n * BANDS_A_TASK;
  gint64 end = MIN (r0 + n * BANDS_A_TASK, p->rows);

  for (; r0 + n <= end; r0 += n)
    band (p, r0);
  plain (p, r0, end, 0, p->inputs * p->taps);
}

void
inq_repack_rows (const void *in, void *out, gsize element, gint64 first, gint64 n, gint64 rows, gint64 inputs,
                 gint64 taps, gint64 columns)
{
  gint64 depth = inputs * taps, at_once = BAND_BYTES / (gint64) element * BANDS_A_TASK;
  Repack p = { (const char *) in + (gsize) (first * depth) * element,
               (char *) out + (gsize) first * element,
               element,
               n,
               inputs,
               taps,
               columns };

  g_return_if_fail (element == 2 || element == 4);
  if (columns > rows && first + n == rows)
    for (gint64 j = 0; j < depth; j++)
      memset ((char *) out + (gsize) (j * columns + rows) * element, 0, (gsize) (columns - rows) * element);
  inq_parallel_for ((guint) ((n + at_once - 1) / at_once), (gsize) (n * depth) * element, task, &p);
}

void
inq_repack (const void *in, void *out, gsize element, gint64 rows, gint64 inputs, gint64 taps, gint64 columns)
{
  inq_repack_rows (in, out, element, 0, rows, rows, inputs, taps, columns);
}
