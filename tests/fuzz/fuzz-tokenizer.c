/* Inquadra - fuzzer of the tokenizer: any merge list, any text.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: two bytes, the merge list's length; the list; the text. */
#include "config.h"

#include "inq-tokenizer.h"

#include <stdint.h>
#include <string.h>

#define N_CTX 77

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static InqTokenizer *
plain_tokenizer (void)
{
  static InqTokenizer *tokenizer;

  if (!tokenizer) {
    static const char text[] = "h e\nl l\nhe ll\nhell o</w>\na a\naa aa\na a</w>\n";
    g_autoptr (GBytes) list = g_bytes_new_static (text, strlen (text));
    tokenizer = inq_tokenizer_new_from_bytes (list, "plain", NULL);
    g_assert_nonnull (tokenizer);
  }
  return tokenizer;
}

static void
check_encode (InqTokenizer *tokenizer, const char *text)
{
  InqTokenizeReport report;
  gint32 ids[N_CTX];

  inq_tokenizer_encode (tokenizer, text, N_CTX, INQ_TOKENIZER_PAD_END, ids, &report);
  g_assert_true (ids[0] == inq_tokenizer_get_start_id (tokenizer));
  g_assert_true (ids[N_CTX - 1] == inq_tokenizer_get_end_id (tokenizer));
  g_assert_true (report.n_dropped <= report.n_tokens);
  for (int i = 0; i < N_CTX; i++) {
    g_autofree char *token = inq_tokenizer_dup_token (tokenizer, ids[i]);
    g_assert_nonnull (token);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 2)
    return 0;
  size_t list_size = MIN ((size_t) (data[0] | data[1] << 8), size - 2);
  g_autofree char *text = g_strndup ((const char *) data + 2 + list_size, size - 2 - list_size);
  g_autoptr (GBytes) list = g_bytes_new_static (data + 2, list_size);
  g_autoptr (GError) error = NULL;
  g_autoptr (InqTokenizer) tokenizer = inq_tokenizer_new_from_bytes (list, "fuzz", &error);

  g_assert_true ((tokenizer != NULL) == (error == NULL));
  if (error)
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  check_encode (tokenizer ? tokenizer : plain_tokenizer (), text);
  return 0;
}
