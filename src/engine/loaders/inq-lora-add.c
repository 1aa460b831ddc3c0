/* Inquadra - LoRA arithmetic: a module's factors multiplied out, row by row, onto a matrix.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A row of dW needs no other row, so rows are shared out over threads and never change with their number.
 */
#include "config.h"

#include "inq-lora.h"

#include <string.h>

/* Multiply-adds below which threads cost more than they save. */
#define MANY ((double) 4e6)

/* A matrix as something rows are taken of: up [rows, r] times down [r, depth], or whole [rows, depth]. */
typedef struct {
  gint64 rows, depth, r;
  float *up;   /* (nullable) */
  float *down; /* [r, depth], or whole */
} Product;

typedef struct {
  InqLoraKind kind;
  Product a, b;
  gint64 depth;
  float scale;
  gint64 first;
  float *rows;
} Job;

static float *
to_f32 (const InqWeight *w)
{
  float *out = g_new (float, inq_weight_count (w));
  inq_weight_to_f32 (w, out);
  return out;
}

/* core [i, j, taps] down [j, c] -> [i, c, taps]: what stands to the right of up */
static float *
fold_core (const InqWeight *core, const InqWeight *down, gint64 *depth)
{
  gint64 n = core->dims[0], m = core->dims[1], c = down->dims[1], taps = (gint64) inq_weight_count (core) / (n * m);
  g_autofree float *k = to_f32 (core), *d = to_f32 (down);
  float *out = g_new0 (float, n *c *taps);
  for (gint64 i = 0; i < n; i++)
    for (gint64 j = 0; j < m; j++)
      for (gint64 x = 0; x < c; x++)
        for (gint64 t = 0; t < taps; t++)
          out[(i * c + x) * taps + t] += k[(i * m + j) * taps + t] * d[j * c + x];
  *depth = c * taps;
  return out;
}

static void
product_init (Product *p, const InqLoraMatrix *m)
{
  if (m->whole) {
    *p = (Product){ .rows = m->whole->dims[0], .down = to_f32 (m->whole) };
    p->depth = (gint64) inq_weight_count (m->whole) / p->rows;
    return;
  }
  *p = (Product){ .rows = m->up->dims[m->up_is_flat ? 1 : 0], .r = m->up->dims[m->up_is_flat ? 0 : 1] };
  p->up = to_f32 (m->up);
  if (m->up_is_flat) {
    g_autofree float *flat = p->up;
    p->up = g_new (float, p->rows * p->r);
    for (gint64 i = 0; i < p->rows; i++)
      for (gint64 k = 0; k < p->r; k++)
        p->up[i * p->r + k] = flat[k * p->rows + i];
  }
  if (m->core) {
    p->down = fold_core (m->core, m->down, &p->depth);
  } else {
    p->down = to_f32 (m->down);
    p->depth = (gint64) inq_weight_count (m->down) / p->r;
  }
}

static void
product_clear (Product *p)
{
  g_free (p->up);
  g_free (p->down);
}

/* out += scale * row @i. Four of down's rows at a time, so that @out is read and written a quarter as often. */
static void
product_add_row (const Product *p, gint64 i, float scale, float *restrict out)
{
  gint64 n = p->depth, k = 0;
  if (!p->up) {
    const float *restrict row = p->down + i * n;
    for (gint64 x = 0; x < n; x++)
      out[x] += scale * row[x];
    return;
  }
  const float *up = p->up + i * p->r;
  for (; k + 4 <= p->r; k += 4) {
    const float *restrict d0 = p->down + k * n, *restrict d1 = d0 + n, *restrict d2 = d1 + n, *restrict d3 = d2 + n;
    float u0 = scale * up[k], u1 = scale * up[k + 1], u2 = scale * up[k + 2], u3 = scale * up[k + 3];
    for (gint64 x = 0; x < n; x++)
      out[x] += (u0 * d0[x] + u1 * d1[x]) + (u2 * d2[x] + u3 * d3[x]);
  }
  for (; k < p->r; k++) {
    const float *restrict d = p->down + k * n;
    float u = scale * up[k];
    for (gint64 x = 0; x < n; x++)
      out[x] += u * d[x];
  }
}

static void
add_rows (const Job *job, gint64 begin, gint64 end)
{
  g_autofree float *one = g_new (float, MAX (job->a.depth, 1)), *two = g_new (float, MAX (job->b.depth, 1));
  for (gint64 o = begin; o < end; o++) {
    float *out = job->rows + (o - job->first) * job->depth;
    switch (job->kind) {
    case INQ_LORA_HADAMARD:
      memset (one, 0, sizeof *one * (gsize) job->depth);
      memset (two, 0, sizeof *two * (gsize) job->depth);
      product_add_row (&job->a, o, job->scale, one);
      product_add_row (&job->b, o, 1, two);
      for (gint64 x = 0; x < job->depth; x++)
        out[x] += one[x] * two[x];
      break;
    case INQ_LORA_KRONECKER:
      /* row o of kron (w1, w2): row o / rows of w1, each number times row o % rows of w2 */
      memset (one, 0, sizeof *one * (gsize) job->a.depth);
      memset (two, 0, sizeof *two * (gsize) job->b.depth);
      product_add_row (&job->a, o / job->b.rows, job->scale, one);
      product_add_row (&job->b, o % job->b.rows, 1, two);
      for (gint64 j = 0; j < job->a.depth; j++)
        for (gint64 x = 0; x < job->b.depth; x++)
          out[j * job->b.depth + x] += one[j] * two[x];
      break;
    case INQ_LORA_PLAIN:
    default:
      product_add_row (&job->a, o, job->scale, out);
      break;
    }
  }
}

typedef struct {
  const Job *job;
  gint64 begin, end;
} Share;

static gpointer
share_run (gpointer data)
{
  const Share *share = data;
  add_rows (share->job, share->begin, share->end);
  return NULL;
}

static void
run_shared (const Job *job, gint64 count)
{
  double work = (double) count * (double) job->depth * (double) MAX (job->a.r + job->b.r, 1);
  gint64 n = work < MANY ? 1 : MIN ((gint64) MIN (g_get_num_processors (), 64), count);
  g_autofree Share *shares = g_new (Share, n);
  g_autofree GThread **threads = g_new0 (GThread *, n);
  for (gint64 i = 0; i < n; i++) {
    shares[i] = (Share){ job, job->first + count * i / n, job->first + count * (i + 1) / n };
    if (i > 0) /* NULL where the system gives none: done here */
      threads[i] = g_thread_try_new ("lora", share_run, &shares[i], NULL);
  }
  for (gint64 i = 0; i < n; i++)
    if (!threads[i])
      share_run (&shares[i]);
  for (gint64 i = 0; i < n; i++)
    if (threads[i])
      g_thread_join (threads[i]);
}

void
inq_lora_module_add (const InqLoraModule *module, float weight, gint64 first, gint64 count, float *rows)
{
  g_return_if_fail (first >= 0 && count >= 0 && first + count <= module->dims[0]);

  Job job = { .kind = module->kind,
              .depth = module->dims[1] * module->dims[2] * module->dims[3],
              .scale = module->scale * weight,
              .first = first,
              .rows = rows };
  product_init (&job.a, &module->a);
  if (module->kind != INQ_LORA_PLAIN)
    product_init (&job.b, &module->b);
  run_shared (&job, count);
  product_clear (&job.a);
  product_clear (&job.b);
}
