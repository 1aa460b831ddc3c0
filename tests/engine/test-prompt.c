/* Inquadra - tests: prompts with emphasis, chunks, choices and comments, and what the network is given for them.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "model-fixture.h"

#include <chunks.h>
#include <inq-model.h>
#include <inq-prompt.h>
#include <math.h>
#include <string.h>

static char *tmp;

/* "text:weight" of all parts, "|" before one that begins a chunk. (transfer full) */
static char *
show (const char *prompt)
{
  g_autoptr (GPtrArray) parts = inq_prompt_parse (prompt);
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < parts->len; i++) {
    const InqPromptPart *part = parts->pdata[i];
    g_string_append_printf (out, "%s<%s>%.4g", part->begins_chunk ? "|" : "", part->text, part->weight);
  }
  return g_string_free (out, FALSE);
}

static void
test_parse (void)
{
  static const struct {
    const char *prompt, *parts;
  } cases[] = {
    { "", "" },
    { "a wide shot, night: rain", "<a wide shot, night: rain>1" },
    { "a (fox) here", "<a >1<fox>1.1< here>1" },
    { "((fox))", "<fox>1.21" },
    { "[fox]", "<fox>0.9091" },
    { "(fox:1.5) b", "<fox>1.5< b>1" },
    { "(a (b:2) c: .5)", "<a >0.5<b>1< c>0.5" },
    { "(a:-0.5)", "<a>-0.5" },
    { "(a:99)", "<a>10" },
    { "(a:b)", "<a:b>1.1" },
    { "(3:1.5)", "<3>1.5" },
    { "a: 1.5) b", "<a: 1.5) b>1" },
    { "\\(day\\) \\[x\\] \\\\", "<(day) [x] \\>1" },
    { "a) b]", "<a) b]>1" },
    { "(a [b", "<a >1.1<b>1" },
    { "a BREAK b", "<a >1|< b>1" },
    { "(a BREAK b:2)c", "<a >2|< b>2<c>1" },
    { "BREAKFAST, aBREAK", "<BREAKFAST, aBREAK>1" },
    { "(a)(b)", "<ab>1.1" },
    /* what parse_prompt_attention() of AUTOMATIC1111's interface says of itself */
    { "an (important) word", "<an >1<important>1.1< word>1" },
    { "(unbalanced", "<unbalanced>1.1" },
    { "\\(literal\\]", "<(literal]>1" },
    { "(unnecessary)(parens)", "<unnecessaryparens>1.1" },
    { "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).",
      "<a >1<house>1.573< >1.1<on>1< a >1.1<hill>0.55<, sun, >1.1<sky>1.464<.>1.1" },
    /* and what its pattern does elsewhere */
    { "a \\b\\", "<a b>1" },
    { "(a:1.2:1.3)", "<a:1.2>1.3" },
    { "(a\\))", "<a)>1.1" },
    { "((a:1.2) [b]:1.3)", "<a>1.56< >1.3<b>1.182" },
    { "(a BREAK (b BREAK c:1.5):0.5)", "<a >0.5|< >0.5<b >0.75|< c>0.75" },
    { "[a:b:0.5]", "<a:b:0.5>0.9091" },
    { "(é:1.2)\xff", "<é>1.2<\xff>1" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *parts = show (cases[i].prompt);
    g_assert_cmpstr (parts, ==, cases[i].parts);
  }
  /* nests deeper than anyone writes */
  g_autofree char *deep = g_strnfill (100000, '(');
  g_autofree char *text = g_strconcat (deep, "a", NULL);
  g_autofree char *parts = show (text);
  g_assert_cmpstr (parts, ==, "<a>10");
}

static void
test_resolve (void)
{
  static const struct {
    const char *prompt, *text;
  } same[] = {
    { "plain {braces} | bar", "plain {braces} | bar" },
    { "a\n  // not this\nb // this", "a\nb // this" },
    { "// nothing", "" },
    { "{|}", "" },
    { "open {a|b", "open {a|b" },
    { "smile :{ and {red|red} hat", "smile :{ and red hat" },
    { "\\{a|b\\}", "\\{a|b\\}" },
    { "{x|x}{x|{x|x}}", "xx" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (same); i++) {
    g_autofree char *text = inq_prompt_resolve (same[i].prompt, i);
    g_assert_cmpstr (text, ==, same[i].text);
  }
  g_assert_false (inq_prompt_has_choices ("{a} b|c"));
  g_assert_true (inq_prompt_has_choices ("{a|b\n//{\n}"));
  g_assert_false (inq_prompt_has_choices ("a\n//{b|c}"));
  /* every alternative comes up, and the same seed gives the same */
  guint counts[3] = { 0 }, pairs[9] = { 0 };
  for (guint64 seed = 0; seed < 900; seed++) {
    g_autofree char *one = inq_prompt_resolve ("{a|b|c}", seed), *again = inq_prompt_resolve ("{a|b|c}", seed);
    g_autofree char *two = inq_prompt_resolve ("{a|b|c}{a|b|{c|c}}", seed);
    g_assert_cmpstr (one, ==, again);
    g_assert_cmpuint (strlen (two), ==, 2);
    counts[one[0] - 'a']++;
    pairs[(two[0] - 'a') * 3 + two[1] - 'a']++;
  }
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (counts[i], >, 200);
  for (guint i = 0; i < 9; i++)
    g_assert_cmpuint (pairs[i], >, 50);
}

/* ---- what the network is given ---- */

typedef struct {
  InqEngine *engine;
  InqModel *model;
  int positions, width;
} Fixture;

static void
fixture_clear (Fixture *f)
{
  g_clear_pointer (&f->engine, inq_engine_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static Fixture
fixture_open_with (const char *family, FixtureFlags flags)
{
  g_autofree char *folder = fixture_model (tmp, family, flags);
  g_autoptr (GError) error = NULL;
  Fixture f = { .engine = fixture_engine () };
  f.model = inq_engine_load (f.engine, folder, &error);
  g_assert_no_error (error);
  f.positions = f.model->spec->towers[0].positions;
  f.width = f.model->spec->towers[0].width;
  return f;
}

static Fixture
fixture_open (const char *family)
{
  return fixture_open_with (family, 0);
}

static const InqPromptContext *
context_of (Fixture *f, const char *text)
{
  g_autoptr (GError) error = NULL;
  const InqPromptContext *context = inq_model_get_context (f->model, text, NULL, &error);
  g_assert_no_error (error);
  return context;
}

static void
test_emphasis (void)
{
  g_auto (Fixture) f = fixture_open ("sd1");
  const InqPromptContext *plain = context_of (&f, "the wide shot"), *weighted = context_of (&f, "the (wide:1.5) shot");
  gsize n = (gsize) f.positions * f.width;
  g_assert_cmpint (plain->tokens, ==, f.positions);
  g_assert_cmpint (weighted->tokens, ==, f.positions);
  /* start, "the", "wide", "shot", end: the third row is the one */
  double before = 0, after = 0;
  for (gsize i = 0; i < n; i++) {
    before += plain->context[i];
    after += plain->context[i] * ((int) i / f.width == 2 ? 1.5 : 1);
  }
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (weighted->context[i],
                                    plain->context[i] * ((int) i / f.width == 2 ? 1.5 : 1) * (before / after), 1e-4);
  /* a weight of one changes nothing, to the byte */
  const InqPromptContext *one = context_of (&f, "the (wide:1.0) shot");
  g_assert_cmpmem (plain->context, n * sizeof (float), one->context, n * sizeof (float));
}

static void
test_chunks (void)
{
  g_auto (Fixture) f = fixture_open ("sd1");
  gsize n = (gsize) f.positions * f.width;
  const InqPromptContext *a = context_of (&f, "wide"), *b = context_of (&f, "night");
  const InqPromptContext *both = context_of (&f, "wide BREAK night"),
                         *gap = context_of (&f, "BREAK wide BREAK BREAK night BREAK");
  g_assert_cmpint (both->tokens, ==, 2 * f.positions);
  g_assert_cmpint (gap->tokens, ==, 2 * f.positions);
  g_assert_cmpmem (both->context, n * sizeof (float), a->context, n * sizeof (float));
  g_assert_cmpmem (both->context + n, n * sizeof (float), b->context, n * sizeof (float));
  g_assert_cmpmem (both->context, 2 * n * sizeof (float), gap->context, 2 * n * sizeof (float));
  /* a word more than a row holds begins another */
  GString *words = g_string_new (NULL);
  for (int i = 0; i < f.positions - 2; i++)
    g_string_append (words, "the ");
  const InqPromptContext *full = context_of (&f, words->str);
  g_assert_cmpint (full->tokens, ==, f.positions);
  g_assert_null (full->notice);
  g_string_append (words, "night");
  const InqPromptContext *more = context_of (&f, words->str);
  g_assert_cmpint (more->tokens, ==, 2 * f.positions);
  g_assert_null (more->notice);
  g_assert_cmpmem (more->context, n * sizeof (float), full->context, n * sizeof (float));
  g_assert_cmpmem (more->context + n, n * sizeof (float), b->context, n * sizeof (float));
  for (int i = 0; i < 20 * f.positions; i++)
    g_string_append (words, " the");
  const InqPromptContext *cut = context_of (&f, words->str);
  g_assert_cmpint (cut->tokens, ==, 16 * f.positions);
  g_assert_nonnull (cut->notice);
  g_string_free (words, TRUE);
}

static char *
row_words (const InqPromptReading *reading, guint chunk)
{
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < reading->tokens->len; i++) {
    const InqPromptToken *token = reading->tokens->pdata[i];
    if (token->chunk == chunk)
      g_string_append (out, token->text);
  }
  return g_string_free (out, FALSE);
}

/* A row that is full is cut after a comma near its end, as AUTOMATIC1111's interface does (by 20 tokens; a row of this
 * fixture holds 18). */
static void
test_comma (void)
{
  g_auto (Fixture) f = fixture_open ("sd1");
  static const struct {
    int before, after; /* of a comma */
    int first;         /* tokens of the first row */
  } cases[] = { { 10, 7, 18 }, { 10, 8, 11 }, { 0, 18, 1 }, { 17, 1, 18 }, { 18, 1, 18 } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GString) words = g_string_new (NULL);
    g_autoptr (GError) error = NULL;
    for (int k = 0; k < cases[i].before; k++)
      g_string_append (words, "the ");
    g_string_append (words, ", ");
    for (int k = 0; k < cases[i].after; k++)
      g_string_append (words, "the ");
    g_autoptr (InqPromptReading) reading = inq_model_read_prompt (f.model, words->str, 0, &error);
    g_assert_no_error (error);
    int first = 0;
    for (guint k = 0; k < reading->tokens->len; k++)
      first += ((InqPromptToken *) reading->tokens->pdata[k])->chunk == 0;
    g_assert_cmpint (first, ==, cases[i].first);
    g_assert_cmpuint (reading->tokens->len, ==, (guint) (cases[i].before + 1 + cases[i].after));
    g_assert_cmpuint (reading->n_chunks, ==, reading->tokens->len > 18 ? 2 : 1);
  }
}

static void
test_reading (void)
{
  g_auto (Fixture) f = fixture_open ("sd1");
  g_autoptr (GError) error = NULL;
  g_autoptr (InqPromptReading) reading = inq_model_read_prompt (
      f.model, "// no\nthe {wide|wide} (shot:1.5) BREAK [night] <lora:ink:0.8>", 3, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (reading->text, "the wide (shot:1.5) BREAK [night]"));
  g_assert_false (reading->plain);
  g_assert_cmpuint (reading->loras->len, ==, 1);
  g_assert_cmpstr (g_array_index (reading->loras, InqLoraUse, 0).path, ==, "ink");
  g_assert_cmpfloat (g_array_index (reading->loras, InqLoraUse, 0).weight, ==, 0.8);
  g_assert_cmpuint (reading->n_chunks, ==, 2);
  g_assert_cmpuint (reading->chunk_size, ==, (guint) f.positions - 2);
  g_autofree char *one = row_words (reading, 0), *two = row_words (reading, 1);
  g_assert_cmpstr (one, ==, "the</w>wide</w>shot</w>");
  g_assert_true (g_str_has_prefix (two, "nig"));
  g_assert_cmpfloat (((InqPromptToken *) reading->tokens->pdata[2])->weight, ==, 1.5);
  g_assert_null (inq_model_read_prompt (f.model, "<lora:x:y>", 0, &error));
  g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
}

/* The house model reads brackets as they stand, and one row. */
static void
test_plain_family (void)
{
  g_auto (Fixture) f = fixture_open ("house");
  g_autoptr (GError) error = NULL;
  g_auto (InqChunks) chunks = { 0 };
  g_assert_true (inq_chunks_init (&chunks, f.model, 0, "(wide:1.5) BREAK night", NULL, &error));
  g_autofree gint32 *ids = inq_model_tokenize (f.model, 0, "(wide:1.5) BREAK night", NULL, &error);
  g_assert_cmpuint (chunks.n, ==, 1);
  g_assert_false (chunks.weighted[0]);
  g_assert_cmpmem (chunks.ids, sizeof (gint32) * (gsize) f.positions, ids, sizeof (gint32) * (gsize) f.positions);
}

/* A house network may hear the mean of the text's states beside attending to them. */
static void
test_mean_pooled (void)
{
  g_auto (Fixture) plain = fixture_open ("house"), f = fixture_open_with ("house", FIXTURE_POOLED);
  g_autoptr (GError) error = NULL;
  const double ids[INQ_SIZE_IDS] = { 32, 64, 0, 0, 32, 64 };
  const InqPromptContext *none = context_of (&plain, "wide shot"), *text = context_of (&f, "wide shot");
  g_assert_null (none->pooled);
  g_assert_null (inq_model_make_vector (plain.model, none->pooled, ids));
  g_autofree float *y = inq_model_make_vector (f.model, text->pooled, ids);
  for (int i = 0; i < f.width; i++) {
    double mean = 0;
    for (int t = 0; t < f.positions; t++)
      mean += text->context[t * f.width + i] / f.positions;
    g_assert_cmpfloat_with_epsilon (y[i], mean, 1e-5);
  }
  /* the network listens: the same but for the mean gives something else */
  g_autofree float *x = g_new0 (float, 8 * 16 * 4), *out = g_new0 (float, 8 * 16 * 4),
                   *deaf = g_new0 (float, 8 * 16 * 4);
  g_autofree float *zero = g_new0 (float, f.width);
  for (int i = 0; i < 8 * 16 * 4; i++)
    x[i] = (float) sin (i);
  for (int pass = 0; pass < 2; pass++) {
    inq_model_run_unet (f.model, 1, 8, 16, x, 500, text->context, text->tokens, pass ? zero : y, 0, INQ_PERTURB_NONE,
                        pass ? deaf : out, NULL, &error);
    g_assert_no_error (error);
  }
  double apart = 0;
  for (int i = 0; i < 8 * 16 * 4; i++)
    apart = MAX (apart, fabs (out[i] - deaf[i]));
  g_assert_cmpfloat (apart, >, 1e-4);
}

/* ---- pictures ---- */

static void
picture_cb (int index, guint64 seed, InqPicture *picture, const char *recipe, gpointer data)
{
  GPtrArray *pictures = data;
  g_ptr_array_add (pictures, picture);
}

static GPtrArray *
draw (Fixture *f, const char *prompt, const char *negative, guint64 seed, int count)
{
  GPtrArray *pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_picture_free);
  InqGenerateParams params;
  inq_generate_params_init (&params);
  params.prompt = prompt;
  params.negative = negative;
  params.seed = seed;
  params.count = count;
  params.steps = 2;
  params.width = params.height = 32;
  params.sampler = "euler";
  g_autoptr (GError) error = NULL;
  inq_engine_generate (f->engine, f->model, &params, &(InqGenerateCallbacks){ .picture = picture_cb, .data = pictures },
                       NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (pictures->len, ==, (guint) count);
  return pictures;
}

static gboolean
same (const InqPicture *a, const InqPicture *b)
{
  return memcmp (a->rgb, b->rgb, (gsize) a->width * a->height * 3) == 0;
}

/* Picture k is that of its own seed with its own choice; prompt and negative may differ in length. */
static void
test_pictures (void)
{
  g_auto (Fixture) f = fixture_open ("sd1");
  const char *prompt = "{wide|night|shot}";
  g_autoptr (GPtrArray) batch = draw (&f, prompt, "the", 7, 3);
  for (guint i = 0; i < 3; i++) {
    g_autofree char *read = inq_prompt_resolve (prompt, 7 + i);
    g_autoptr (GPtrArray) alone = draw (&f, read, "the", 7 + i, 1);
    g_assert_true (same (batch->pdata[i], alone->pdata[0]));
  }
  g_autoptr (GPtrArray) plain = draw (&f, "wide", "the", 1, 1);
  g_autoptr (GPtrArray) strong = draw (&f, "(wide:1.6)", "the", 1, 1);
  g_autoptr (GPtrArray) longer = draw (&f, "wide BREAK night", "the", 1, 1);
  g_autoptr (GPtrArray) against = draw (&f, "wide", "the BREAK night", 1, 1);
  g_autoptr (GPtrArray) again = draw (&f, "wide", "the", 1, 1);
  g_assert_false (same (plain->pdata[0], strong->pdata[0]));
  g_assert_false (same (plain->pdata[0], longer->pdata[0]));
  g_assert_false (same (plain->pdata[0], against->pdata[0]));
  g_assert_true (same (plain->pdata[0], again->pdata[0]));
}

int
main (int argc, char **argv)
{
  if (!fixture_have_engine ())
    return 77;
  tmp = fixture_folder_new ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prompt/parse", test_parse);
  g_test_add_func ("/prompt/resolve", test_resolve);
  g_test_add_func ("/prompt/emphasis", test_emphasis);
  g_test_add_func ("/prompt/chunks", test_chunks);
  g_test_add_func ("/prompt/comma", test_comma);
  g_test_add_func ("/prompt/reading", test_reading);
  g_test_add_func ("/prompt/plain-family", test_plain_family);
  g_test_add_func ("/prompt/mean-pooled", test_mean_pooled);
  g_test_add_func ("/prompt/pictures", test_pictures);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}
