/* Inquadra - a prompt as rows of tokens with weights, as many rows as it needs.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "chunks.h"

#include <math.h>
#include <string.h>

#define MAX_CHUNKS 16
#define BACKTRACK                                                                                                      \
  20 /* tokens after a comma that go to the next row with what no longer fits, as AUTOMATIC1111 has it */

void
inq_chunks_clear (InqChunks *chunks)
{
  g_clear_pointer (&chunks->ids, g_free);
  g_clear_pointer (&chunks->weights, g_free);
  g_clear_pointer (&chunks->weighted, g_free);
}

/* Rows being filled. */
typedef struct {
  GArray *ids;           /* gint32 */
  GArray *weights;       /* float */
  guint positions, used; /* tokens of the last row */
  int last_comma;        /* in the last row, -1 for none */
  gint32 start, end, pad, comma;
  guint rows, dropped;
} Filler;

static void
put (Filler *f, gint32 id, float weight)
{
  g_array_append_val (f->ids, id);
  g_array_append_val (f->weights, weight);
}

static void
end_row (Filler *f)
{
  put (f, f->end, 1);
  while (f->ids->len % f->positions != 0)
    put (f, f->pad, 1);
  f->used = 0;
  f->last_comma = -1;
}

static void
begin_row (Filler *f)
{
  put (f, f->start, 1);
  f->rows++;
}

/* The next row, which begins with the last @n tokens of this one. */
static void
wrap (Filler *f, guint n)
{
  g_autofree gint32 *ids = g_memdup2 (&g_array_index (f->ids, gint32, f->ids->len - n), n * sizeof (gint32));
  g_autofree float *weights = g_memdup2 (&g_array_index (f->weights, float, f->weights->len - n), n * sizeof (float));
  g_array_set_size (f->ids, f->ids->len - n);
  g_array_set_size (f->weights, f->weights->len - n);
  end_row (f);
  begin_row (f);
  for (guint i = 0; i < n; i++)
    put (f, ids[i], weights[i]);
  f->used = n;
}

static void
put_token (Filler *f, gint32 id, float weight)
{
  gboolean full = f->used == f->positions - 2;
  if (full && f->rows == MAX_CHUNKS) {
    f->dropped++;
    return;
  }
  if (full) {
    /* What follows a comma near the end stays together. */
    guint after = f->last_comma >= 0 ? f->used - (guint) f->last_comma : 0;
    wrap (f, id != f->comma && after > 0 && after <= BACKTRACK ? after - 1 : 0);
  } else if (id == f->comma) {
    f->last_comma = (int) f->used;
  }
  put (f, id, weight);
  f->used++;
}

static void
chunks_take (InqChunks *chunks, Filler *f)
{
  chunks->n = f->rows;
  chunks->ids = (gint32 *) g_array_free (f->ids, FALSE);
  chunks->weights = (float *) g_array_free (f->weights, FALSE);
  chunks->weighted = g_new0 (gboolean, chunks->n);
  for (guint i = 0; i < chunks->n * f->positions; i++)
    if (chunks->weights[i] != 1)
      chunks->weighted[i / f->positions] = TRUE;
}

gboolean
inq_chunks_init (InqChunks *chunks, InqModel *model, guint index, const char *text, InqTokenizeReport *report,
                 GError **error)
{
  const InqTowerSpec *tower = &model->spec->towers[index];
  guint positions = (guint) tower->positions;
  InqTokenizeReport all = { 0 };
  *chunks = (InqChunks){ 0 };
  /* Also looks whether vocabulary and tower belong together. */
  g_autofree gint32 *plain = inq_model_tokenize (model, index, text, &all, error);
  if (!plain)
    return FALSE;
  if (model->spec->family->plain_prompts || positions < 3) {
    chunks->n = 1;
    chunks->ids = g_steal_pointer (&plain);
    chunks->weights = g_new (float, positions);
    for (guint i = 0; i < positions; i++)
      chunks->weights[i] = 1;
    chunks->weighted = g_new0 (gboolean, 1);
    if (report)
      *report = all;
    return TRUE;
  }
  InqTokenizer *tokenizer = inq_model_get_tokenizer (model, error);
  gint32 end = inq_tokenizer_get_end_id (tokenizer);
  g_autoptr (GArray) comma = inq_tokenizer_tokenize (tokenizer, ",", NULL);
  Filler f = { .ids = g_array_new (FALSE, FALSE, sizeof (gint32)),
               .weights = g_array_new (FALSE, FALSE, sizeof (float)),
               .positions = positions,
               .start = inq_tokenizer_get_start_id (tokenizer),
               .end = end,
               .last_comma = -1,
               .comma = comma->len == 1 ? g_array_index (comma, gint32, 0) : -1,
               .pad = tower->facts.pad_id == INQ_TOKENIZER_PAD_END ? end : tower->facts.pad_id };
  g_autoptr (GPtrArray) parts = inq_prompt_parse (text);
  begin_row (&f);
  all.n_tokens = 0;
  gboolean begins = FALSE; /* BREAK may stand before a piece that is only spaces */
  for (guint i = 0; i < parts->len; i++) {
    const InqPromptPart *part = parts->pdata[i];
    g_autoptr (GArray) tokens = inq_tokenizer_tokenize (tokenizer, part->text, NULL);
    all.n_tokens += tokens->len;
    begins = begins || part->begins_chunk;
    if (begins && f.used > 0 && f.rows < MAX_CHUNKS && tokens->len > 0) {
      end_row (&f);
      begin_row (&f);
    }
    if (tokens->len > 0)
      begins = FALSE;
    for (guint t = 0; t < tokens->len; t++)
      put_token (&f, g_array_index (tokens, gint32, t), (float) part->weight);
  }
  end_row (&f);
  all.n_dropped = f.dropped;
  chunks_take (chunks, &f);
  if (report)
    *report = all;
  return TRUE;
}

void
inq_weigh_hidden (float *hidden, const float *weights, int rows, int width)
{
  double before = 0, after = 0;
  for (int r = 0; r < rows; r++)
    for (int i = 0; i < width; i++) {
      float *v = hidden + (gsize) r * width + i;
      before += *v;
      *v *= weights[r];
      after += *v;
    }
  double scale = before / after;
  if (!isfinite (scale))
    return;
  for (gsize i = 0; i < (gsize) rows * width; i++)
    hidden[i] *= (float) scale;
}
