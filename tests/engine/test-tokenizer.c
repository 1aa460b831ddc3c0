/* Inquadra - tests of the tokenizer: on a tiny merge list kept here, and on CLIP's where it is at hand.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-engine.h"
#include "inq-tokenizer.h"
#include "inq-words.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <locale.h>
#include <string.h>

static const char list[] = "#version: 0.2\n"
                           "h e\n"
                           "l l\n"
                           "l o</w>\n"
                           "he ll\n"
                           "hell o</w>\n"
                           "a a\n"
                           "aa aa\n"
                           "' s</w>\n";
#define MERGE(i) (512 + (i))
#define START    (512 + 8)
#define END      (512 + 9)

static InqTokenizer *
make_tokenizer (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  InqTokenizer *tokenizer = inq_tokenizer_new_from_bytes (bytes, "list", &error);

  g_assert_no_error (error);
  return tokenizer;
}

/* "id id id" */
static char *
ids_of (InqTokenizer *tokenizer, const char *text)
{
  g_autoptr (GArray) ids = inq_tokenizer_tokenize (tokenizer, text, NULL);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (out, "%s%d", i ? " " : "", g_array_index (ids, gint32, i));
  return g_string_free (out, FALSE);
}

/* "token|token" */
static char *
tokens_of (InqTokenizer *tokenizer, const char *text)
{
  g_autoptr (GArray) ids = inq_tokenizer_tokenize (tokenizer, text, NULL);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < ids->len; i++) {
    g_autofree char *token = inq_tokenizer_dup_token (tokenizer, g_array_index (ids, gint32, i));
    g_string_append_printf (out, "%s%s", i ? "|" : "", token);
  }
  return g_string_free (out, FALSE);
}

static void
test_joining (void)
{
  static const char *const rows[][2] = {
    { "hello", "hello</w>" },
    { "  HeLLo\t\nhello ", "hello</w>|hello</w>" },
    { "hell", "he|l|l</w>" }, /* "l l" joins only inside a word */
    { "lo", "lo</w>" },
    { "aaaaaaaaa", "aaaa|aaaa|a</w>" },
    { "aaaa", "aa|a|a</w>" },
    { "it's", "i|t</w>|'s</w>" },
    { "--'s", "-|-|'</w>|s</w>" }, /* a run of signs takes the apostrophe with it */
    { "1920s", "1</w>|9</w>|2</w>|0</w>|s</w>" },
    { "<|endoftext|>x", "<|endoftext|>|x</w>" },
    { "\xc3\xa9", "\xc3\x83|\xc2\xa9</w>" }, /* e acute: two bytes, each a letter */
    { "", "" },
  };
  g_autoptr (InqTokenizer) tokenizer = make_tokenizer (list);

  g_assert_cmpuint (inq_tokenizer_get_n_ids (tokenizer), ==, END + 1);
  g_assert_cmpint (inq_tokenizer_get_start_id (tokenizer), ==, START);
  g_assert_cmpint (inq_tokenizer_get_end_id (tokenizer), ==, END);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *tokens = tokens_of (tokenizer, rows[i][0]);
    g_assert_cmpstr (tokens, ==, rows[i][1]);
  }
  g_autofree char *ids = ids_of (tokenizer, "hello aaaaa");
  g_autofree char *expected = g_strdup_printf ("%d %d %d", MERGE (4), MERGE (6), 256 + 'a' - 33);
  g_assert_cmpstr (ids, ==, expected);
  g_assert_null (inq_tokenizer_dup_token (tokenizer, -1));
  g_assert_null (inq_tokenizer_dup_token (tokenizer, END + 1));
}

/* The same text made in two ways has one id, the later line's. */
static void
test_same_text (void)
{
  g_autoptr (InqTokenizer) tokenizer = make_tokenizer ("a b\nab c\nb c\na bc\nabc d</w>\n");
  g_autofree char *first = ids_of (tokenizer, "abcx"), *second = ids_of (tokenizer, "abcd");

  g_assert_true (g_str_has_prefix (first, "515 "));
  g_assert_cmpstr (second, ==, "516");
}

static void
test_encode (void)
{
  g_autoptr (InqTokenizer) tokenizer = make_tokenizer (list);
  InqTokenizeReport report;
  gint32 ids[6];

  inq_tokenizer_encode (tokenizer, "hello", 6, INQ_TOKENIZER_PAD_END, ids, &report);
  const gint32 padded[] = { START, MERGE (4), END, END, END, END };
  g_assert_cmpmem (ids, sizeof ids, padded, sizeof padded);
  g_assert_cmpuint (report.n_tokens, ==, 1);
  g_assert_cmpuint (report.n_dropped, ==, 0);
  g_assert_false (report.replaced_invalid);

  inq_tokenizer_encode (tokenizer, NULL, 6, 0, ids, &report);
  const gint32 empty[] = { START, END, 0, 0, 0, 0 };
  g_assert_cmpmem (ids, sizeof ids, empty, sizeof empty);

  inq_tokenizer_encode (tokenizer, "hello hello hello hello hello hello \xff", 6, 0, ids, &report);
  const gint32 full[] = { START, MERGE (4), MERGE (4), MERGE (4), MERGE (4), END };
  g_assert_cmpmem (ids, sizeof ids, full, sizeof full);
  g_assert_cmpuint (report.n_tokens, ==, 9); /* U+FFFD is three bytes */
  g_assert_cmpuint (report.n_dropped, ==, 5);
  g_assert_true (report.replaced_invalid);

  inq_tokenizer_encode (tokenizer, "hello", 2, 0, ids, &report);
  g_assert_cmpint (ids[0], ==, START);
  g_assert_cmpint (ids[1], ==, END);
  g_assert_cmpuint (report.n_dropped, ==, 1);
}

static void
test_clean (void)
{
  static const char *const rows[][2] = {
    { "  A\xc2\xa0\xe3\x80\x80"
      "B\xc2\x85\x0b"
      "C ",
      "a b c" },
    { "Cafe\xcc\x81", "caf\xc3\xa9" }, /* composed */
    { "\xc4\xb0I", "i\xcc\x87i" },     /* capital I with dot, and the plain one, in any locale */
    { "\xce\xa3\xce\x91\xce\xa3", "\xcf\x83\xce\xb1\xcf\x83" }, /* Greek, letter by letter as CLIP's */
    { "x\xff\xc0y", "x\xef\xbf\xbd\xef\xbf\xbdy" },
  };

  g_autofree char *before = g_strdup (setlocale (LC_ALL, NULL));
  setlocale (LC_ALL, "tr_TR.UTF-8"); /* where there is one */
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    gboolean replaced;
    g_autofree char *clean = inq_text_clean (rows[i][0], &replaced);
    g_assert_cmpstr (clean, ==, rows[i][1]);
    g_assert_cmpint (replaced, ==, i == 4);
  }
  setlocale (LC_ALL, before);
}

/* None of these may take time that grows with the square of the length: at this length it would be hours. */
static void
test_long (void)
{
  g_autoptr (InqTokenizer) tokenizer = make_tokenizer (list);
  g_autoptr (GString) text = g_string_new (NULL);
  InqTokenizeReport report;
  gint32 ids[77];

  for (guint i = 0; i < 10000; i++)
    g_string_append (text, "hello ");
  inq_tokenizer_encode (tokenizer, text->str, 77, 0, ids, &report);
  g_assert_cmpuint (report.n_tokens, ==, 10000);
  g_assert_cmpuint (report.n_dropped, ==, 10000 - 75);

  /* One word of a million letters. */
  g_autofree char *word = g_strnfill (1000000, 'a');
  inq_tokenizer_encode (tokenizer, word, 77, 0, ids, &report);
  g_assert_cmpuint (report.n_tokens, ==, 250000 - 1 + 3); /* all fours, but the last aa keeps its end apart */

  /* Half a million combining marks in the wrong order. */
  g_string_assign (text, "e");
  for (guint i = 0; i < 250000; i++)
    g_string_append (text, "\xcc\x81\xcc\xa3");
  inq_tokenizer_encode (tokenizer, text->str, 77, 0, ids, &report);
  g_assert_cmpuint (report.n_dropped, >, 0);
}

static void
assert_list_refused (const char *data, gsize size, const char *says)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (InqTokenizer) tokenizer = inq_tokenizer_new_from_bytes (bytes, "bad.txt", &error);

  g_assert_null (tokenizer);
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_bad_list (void)
{
  assert_list_refused ("a b c\n", 6, "line 1 is not two pieces");
  assert_list_refused ("#version: 0.2\nab\n", 17, "line 2 is not two pieces");
  assert_list_refused ("a b\nab cd\n", 10, "“cd” in line 2");
  assert_list_refused ("a b\na b\n", 8, "line 2 repeats");
  assert_list_refused ("a b\n\na c\n", 9, "line 3 follows an empty one");
  assert_list_refused ("a \xff\n", 4, "not text in UTF-8");
  assert_list_refused ("a b\n\0a c\n", 9, "not text in UTF-8");
  assert_list_refused ("\x1f\x8b\x08\0\0\0", 6, "cannot be unpacked");

  /* An empty list is a vocabulary of bytes. */
  g_autoptr (InqTokenizer) bytes = make_tokenizer ("");
  g_autofree char *tokens = tokens_of (bytes, "ab");
  g_assert_cmpstr (tokens, ==, "a|b</w>");
}

static void
test_find (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("inq-XXXXXX", &error);
  g_autofree char *tokenizer = g_build_filename (folder, "tokenizer", NULL);
  g_autofree char *merges = g_build_filename (tokenizer, "merges.txt", NULL);
  g_autofree char *model = g_build_filename (folder, "model.safetensors", NULL);

  g_assert_cmpint (g_mkdir (tokenizer, 0700), ==, 0);
  g_assert_true (g_file_set_contents (merges, list, -1, NULL));
  {
    g_autofree char *by_folder = inq_tokenizer_find (folder, &error);
    g_autofree char *by_file = inq_tokenizer_find (model, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (by_folder, ==, merges);
    g_assert_cmpstr (by_file, ==, merges);
    g_autoptr (InqTokenizer) opened = inq_tokenizer_open (by_file, &error);
    g_assert_no_error (error);
    g_assert_cmpint (inq_tokenizer_get_end_id (opened), ==, END);
  }
  g_autofree char *other = g_build_filename (folder, "other.txt", NULL);
  g_assert_cmpint (g_rename (merges, other), ==, 0);
  if (!g_file_test (INQ_CLIP_BPE, G_FILE_TEST_IS_REGULAR)) {
    g_setenv ("INQ_CLIP_BPE", other, TRUE);
    g_autofree char *by_variable = inq_tokenizer_find (folder, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (by_variable, ==, other);

    g_setenv ("INQ_CLIP_BPE", merges, TRUE);
    g_autofree char *none = inq_tokenizer_find (folder, &error);
    if (none) { /* in the data folder of whoever runs this */
      g_assert_true (g_file_test (none, G_FILE_TEST_IS_REGULAR));
    } else {
      g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NO_TOKENIZER);
      g_assert_nonnull (strstr (error->message, "INQ_CLIP_BPE"));
      g_assert_nonnull (strstr (error->message, merges));
      g_clear_error (&error);
    }
    g_unsetenv ("INQ_CLIP_BPE");
  }
  g_assert_null (inq_tokenizer_open (merges, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO);
  g_unlink (other);
  g_rmdir (tokenizer);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* ---- CLIP's own list ---- */

static InqTokenizer *
open_clip (void)
{
  const char *reference = g_getenv ("INQ_REFERENCE");
  g_autoptr (GError) error = NULL;
  g_autofree char *path = reference ? g_build_filename (reference, "clip", "bpe_simple_vocab_16e6.txt.gz", NULL) : NULL;

  if (!path || !g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_test_skip ("no CLIP merge list ($INQ_REFERENCE/clip)");
    return NULL;
  }
  InqTokenizer *tokenizer = inq_tokenizer_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (inq_tokenizer_get_n_ids (tokenizer), ==, 49408);
  return tokenizer;
}

/* @folder: has an expect.json with prompts, the negative one, and their ids per tower. */
static void
check_expected (InqTokenizer *tokenizer, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, "expect.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();

  g_assert_true (json_parser_load_from_file (parser, path, &error));
  JsonObject *root = json_node_get_object (json_parser_get_root (parser));
  JsonArray *prompts = json_object_get_array_member (root, "prompts");
  JsonArray *towers = json_object_get_array_member (root, "tokens");
  guint n_prompts = json_array_get_length (prompts);

  g_assert_cmpuint (json_array_get_length (towers), >, 0);
  for (guint t = 0; t < json_array_get_length (towers); t++) {
    JsonObject *tower = json_array_get_object_element (towers, t);
    JsonArray *rows = json_object_get_array_member (tower, "ids");
    gint32 pad = (gint32) json_object_get_int_member (tower, "pad");
    if (pad == inq_tokenizer_get_end_id (tokenizer))
      pad = INQ_TOKENIZER_PAD_END;
    for (guint r = 0; r < json_array_get_length (rows); r++) {
      JsonArray *expected = json_array_get_array_element (rows, r);
      const char *text = r < n_prompts ? json_array_get_string_element (prompts, r)
                                       : json_object_get_string_member (root, "negative");
      guint n_ctx = json_array_get_length (expected);
      g_autofree gint32 *ids = g_new (gint32, n_ctx);
      g_assert_cmpuint (n_ctx, >=, 2);
      inq_tokenizer_encode (tokenizer, text, n_ctx, pad, ids, NULL);
      for (guint i = 0; i < n_ctx; i++)
        g_assert_cmpint (ids[i], ==, json_array_get_int_element (expected, i));
    }
  }
}

static void
test_clip_reference (void)
{
  static const char *const models[] = { "sd15-mini", "sd2-mini", "sdxl-mini" };
  g_autoptr (InqTokenizer) tokenizer = open_clip ();

  for (guint i = 0; tokenizer && i < G_N_ELEMENTS (models); i++) {
    g_autofree char *folder = g_build_filename (g_getenv ("INQ_REFERENCE"), models[i], NULL);
    check_expected (tokenizer, folder);
  }
}

/* The house vocabulary against the training code's own encoder. */
static void
test_house (void)
{
  const char *house = g_getenv ("INQ_HOUSE_MODEL");
  g_autofree char *merges = house ? g_build_filename (house, "tokenizer", "merges.txt", NULL) : NULL;
  g_autofree char *folder = g_build_filename (g_getenv ("INQ_TEST_DATA"), "house", NULL);
  g_autoptr (GError) error = NULL;

  if (!merges || !g_file_test (merges, G_FILE_TEST_EXISTS) || !g_file_test (folder, G_FILE_TEST_IS_DIR)) {
    g_test_skip ("no house vocabulary ($INQ_HOUSE_MODEL) or no expected ids (tests/data/house)");
    return;
  }
  g_autoptr (InqTokenizer) tokenizer = inq_tokenizer_open (merges, &error);
  g_assert_no_error (error);
  check_expected (tokenizer, folder);
}

/* tests/data/tokens.json: texts of many scripts with the ids CLIP's own tokenizer gives them. */
static void
test_clip_texts (void)
{
  g_autoptr (InqTokenizer) tokenizer = open_clip ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("INQ_TEST_DATA"), "tokens.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();

  if (!tokenizer)
    return;
  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  JsonArray *rows = json_node_get_array (json_parser_get_root (parser));
  for (guint r = 0; r < json_array_get_length (rows); r++) {
    JsonObject *row = json_array_get_object_element (rows, r);
    JsonArray *expected = json_object_get_array_member (row, "ids");
    const char *text = json_object_get_string_member (row, "text");
    g_autoptr (GArray) ids = inq_tokenizer_tokenize (tokenizer, text, NULL);
    g_test_message ("%s", text);
    g_assert_cmpuint (ids->len, ==, json_array_get_length (expected));
    for (guint i = 0; i < ids->len; i++)
      g_assert_cmpint (g_array_index (ids, gint32, i), ==, json_array_get_int_element (expected, i));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tokenizer/joining", test_joining);
  g_test_add_func ("/tokenizer/same-text", test_same_text);
  g_test_add_func ("/tokenizer/encode", test_encode);
  g_test_add_func ("/tokenizer/clean", test_clean);
  g_test_add_func ("/tokenizer/long", test_long);
  g_test_add_func ("/tokenizer/bad-list", test_bad_list);
  g_test_add_func ("/tokenizer/find", test_find);
  g_test_add_func ("/tokenizer/clip-reference", test_clip_reference);
  g_test_add_func ("/tokenizer/house", test_house);
  g_test_add_func ("/tokenizer/clip-texts", test_clip_texts);
  return g_test_run ();
}
