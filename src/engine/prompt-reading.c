/* Inquadra - what a model makes of a prompt, for showing.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "chunks.h"
#include "inq-prompt.h"

static void
token_free (InqPromptToken *token)
{
  g_free (token->text);
  g_free (token);
}

static void
use_clear (gpointer data)
{
  g_free ((char *) ((InqLoraUse *) data)->path);
}

/* What lies between the markers of each row. */
static void
take_tokens (InqPromptReading *reading, const InqChunks *chunks, InqTokenizer *tokenizer, guint positions)
{
  gint32 start = inq_tokenizer_get_start_id (tokenizer), end = inq_tokenizer_get_end_id (tokenizer);
  for (guint row = 0; row < chunks->n; row++)
    for (guint i = row * positions; i < (row + 1) * positions && chunks->ids[i] != end; i++) {
      if (chunks->ids[i] == start && i == row * positions)
        continue;
      InqPromptToken *token = g_new (InqPromptToken, 1);
      *token = (InqPromptToken){ row, chunks->ids[i], chunks->weights[i],
                                 inq_tokenizer_dup_token (tokenizer, chunks->ids[i]) };
      g_ptr_array_add (reading->tokens, token);
    }
}

static void
take_parts (InqPromptReading *reading)
{
  if (!reading->plain) {
    reading->parts = inq_prompt_parse (reading->text);
    return;
  }
  /* of one piece, freed as the parser's are */
  reading->parts = inq_prompt_parse ("");
  InqPromptPart *part = g_new (InqPromptPart, 1);
  *part = (InqPromptPart){ g_strdup (reading->text), 1, FALSE };
  g_ptr_array_add (reading->parts, part);
}

InqPromptReading *
inq_model_read_prompt (InqModel *model, const char *prompt, guint64 seed, GError **error)
{
  g_autofree char *resolved = inq_prompt_resolve (prompt ? prompt : "", seed);
  g_autoptr (GArray) tags = inq_prompt_loras_new ();
  g_autofree char *text = inq_prompt_take_loras (resolved, tags, error);
  g_auto (InqChunks) chunks = { 0 };
  InqTokenizeReport report = { 0 };
  if (!text || (model->spec->n_towers > 0 && !inq_chunks_init (&chunks, model, 0, text, &report, error)))
    return NULL;
  InqPromptReading *reading = g_new0 (InqPromptReading, 1);
  reading->text = g_steal_pointer (&text);
  reading->plain = model->spec->family->plain_prompts;
  reading->loras = g_array_new (FALSE, FALSE, sizeof (InqLoraUse));
  g_array_set_clear_func (reading->loras, use_clear);
  for (guint i = 0; i < tags->len; i++) {
    const InqPromptLora *tag = &g_array_index (tags, InqPromptLora, i);
    InqLoraUse use = { g_strdup (tag->name), tag->weight, TRUE };
    g_array_append_val (reading->loras, use);
  }
  take_parts (reading);
  reading->tokens = g_ptr_array_new_with_free_func ((GDestroyNotify) token_free);
  reading->n_chunks = chunks.n;
  reading->n_dropped = report.n_dropped;
  if (chunks.n > 0) {
    guint positions = (guint) inq_model_get_tokens (model);
    reading->chunk_size = positions - 2;
    take_tokens (reading, &chunks, inq_model_get_tokenizer (model, NULL), positions);
  }
  return reading;
}

void
inq_prompt_reading_free (InqPromptReading *reading)
{
  if (!reading)
    return;
  g_free (reading->text);
  g_array_unref (reading->loras);
  g_ptr_array_unref (reading->parts);
  g_ptr_array_unref (reading->tokens);
  g_free (reading);
}
