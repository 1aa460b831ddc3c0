/* Inquadra - tests: words the house model knows and does not, what other models read, styles written into the prompt.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-chips.h>
#include <inq-prompt-notes.h>
#include <inq-settings.h>
#include <inq-term-picture.h>
#include <inq-terms.h>
#include <inq-vocabulary.h>
#include <libintl.h>
#include <locale.h>
#include <string.h>

#include "ui-test.h"

#define WORDS                                                                                                          \
  "# remark\nforest\nkitchen\nclose-up\nclose\nup\nwoman\nwalks\nperché\nsea\nnight\nlight\nharbour = sea\nodd =\n"

static void
test_vocabulary (void)
{
  g_autoptr (InqVocabulary) v = inq_vocabulary_new (WORDS);
  static const struct {
    const char *word, *nearest;
  } near[] = {
    { "harbour", "sea" }, /* the synonym, though no letter is alike */
    { "Harbour", "sea" },   { "forests", "forest" }, { "kichen", "kitchen" },
    { "froest", "forest" }, /* two letters swapped are one mistake */
    { "zeppelin", NULL },   { "perche", "perché" },  { "xq", NULL },
  };

  g_assert_true (inq_vocabulary_knows (v, "Forest"));
  g_assert_true (inq_vocabulary_knows (v, "CLOSE-UP"));
  g_assert_true (inq_vocabulary_knows (v, "night-light")); /* its parts */
  g_assert_true (inq_vocabulary_knows (v, "the"));
  g_assert_true (inq_vocabulary_knows (v, "della"));
  g_assert_false (inq_vocabulary_knows (v, "harbour"));
  for (guint i = 0; i < G_N_ELEMENTS (near); i++)
    g_assert_cmpstr (inq_vocabulary_nearest (v, near[i].word), ==, near[i].nearest);

  g_autofree char *endless = g_strnfill (5000, 'a');
  g_assert_null (inq_vocabulary_nearest (v, endless));
}

static void
test_check (void)
{
  g_autoptr (InqVocabulary) v = inq_vocabulary_new (WORDS);
  g_autoptr (GPtrArray)
      found = inq_vocabulary_check (v, "Marta walks to the Harbour, è notte <lora:ink-wash:0.8>\n // zeppelin\nharbour "
                                       "zeppelin 12");
  g_assert_cmpuint (found->len, ==, 4);
  const InqStrangeWord *harbour = found->pdata[0], *notte = found->pdata[1], *again = found->pdata[2],
                       *zeppelin = found->pdata[3];
  g_assert_cmpstr (harbour->word, ==, "Harbour");
  g_assert_cmpint (harbour->start, ==, 19);
  g_assert_cmpint (harbour->end, ==, 26);
  g_assert_cmpstr (harbour->nearest, ==, "sea");
  g_assert_cmpstr (notte->word, ==, "notte");
  g_assert_cmpint (notte->start, ==, 30); /* characters, not bytes */
  g_assert_cmpstr (again->word, ==, "harbour");
  g_assert_cmpstr (again->nearest, ==, "sea");
  g_assert_cmpint (again->start, ==, 69);
  g_assert_cmpstr (zeppelin->word, ==, "zeppelin");
  g_assert_null (zeppelin->nearest);

  /* A term in several words is one thing to say, where the model knows how to say it. */
  g_clear_pointer (&found, g_ptr_array_unref);
  found = inq_vocabulary_check (v, "è un primo piano, piano");
  g_assert_cmpuint (found->len, >=, 2);
  const InqStrangeWord *term = found->pdata[found->len - 2], *word = found->pdata[found->len - 1];
  g_assert_cmpstr (term->word, ==, "primo piano");
  g_assert_cmpstr (term->nearest, ==, "close-up");
  g_assert_cmpint (term->start, ==, 5);
  g_assert_cmpint (term->end, ==, 16);
  g_assert_cmpstr (word->word, ==, "piano");
  g_clear_pointer (&found, g_ptr_array_unref);
  found = inq_vocabulary_check (v, "primo piano, alba, primo piano");
  g_assert_cmpuint (found->len, ==, 3);
  g_assert_cmpint (((InqStrangeWord *) found->pdata[0])->start, ==, 0);
  g_assert_cmpint (((InqStrangeWord *) found->pdata[2])->start, ==, 19);
  g_assert_cmpstr (((InqStrangeWord *) found->pdata[2])->nearest, ==, "close-up");
  g_clear_pointer (&found, g_ptr_array_unref);
  found = inq_vocabulary_check (v, "a close up");
  g_assert_cmpuint (found->len, ==, 0);
}

/* What ships knows what its model's card promises, and offers something for what it does not. */
static void
test_shipped (void)
{
  g_autoptr (InqVocabulary) v = inq_vocabulary_load ();
  static const char *const known[] = { "forest", "kitchen", "close-up", "wide", "night", "woman", "rain", "walks" };

  if (v == NULL) {
    g_test_skip ("no house model beside the build");
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    g_assert_true (inq_vocabulary_knows (v, known[i]));
  g_assert_false (inq_vocabulary_knows (v, "zeppelin"));
  if (!inq_vocabulary_knows (v, "lad"))
    g_assert_nonnull (inq_vocabulary_nearest (v, "lad"));
}

static void
test_describe (void)
{
  static const char *const loras[] = { "/home/x/loras/ink-wash.safetensors", NULL };
  g_autofree char *text = inq_prompt_describe ("a (storm:1.3), [rain] & sea BREAK night <lora:ink-wash:0.8>"
                                               "<lora:lost>",
                                               loras);
  g_assert_nonnull (strstr (text, "<b>storm</b>"));
  g_assert_nonnull (strstr (text, "×1.30"));
  g_assert_nonnull (strstr (text, "×0.91"));
  g_assert_nonnull (strstr (text, "&amp;"));
  g_assert_nonnull (strstr (text, "· · ·"));
  g_assert_nonnull (strstr (text, "ink-wash at 0.80"));
  g_assert_nonnull (strstr (text, "lost is not installed"));
  g_assert_true (pango_parse_markup (text, -1, 0, NULL, NULL, NULL, NULL));

  /* Anything gives markup that can be shown. */
  static const char *const odd[] = { "", "((((", "{a|b", "<lora:>", "<b>&", "]:9)", "\\(", "{|||}" };
  for (guint i = 0; i < G_N_ELEMENTS (odd); i++) {
    g_autofree char *shown = inq_prompt_describe (odd[i], NULL);
    g_assert_true (pango_parse_markup (shown, -1, 0, NULL, NULL, NULL, NULL));
  }
}

/* Every word of the trade has its drawing, and draws something. */
static void
test_drawings (void)
{
  const InqTerm *const lists[] = { inq_shot_sizes, inq_angles, inq_moves, inq_times_of_day, inq_styles };

  for (int kind = 0; kind < (int) G_N_ELEMENTS (lists); kind++)
    for (const InqTerm *term = lists[kind]; term->code != NULL; term++) {
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 36, 24);
      cairo_t *cr = cairo_create (surface);
      gboolean any = FALSE;
      g_assert_true (inq_term_draw (cr, kind, term->code, 36, 24));
      cairo_destroy (cr);
      cairo_surface_flush (surface);
      const guint8 *pixels = cairo_image_surface_get_data (surface);
      for (int i = 0; i < 24 * cairo_image_surface_get_stride (surface); i++)
        any |= pixels[i] > 100;
      g_assert_true (any);
      cairo_surface_destroy (surface);
    }
  g_assert_null (inq_term_picture_new (INQ_TERM_SIZE, "from the gutter"));
}

static void
test_terms_said (void)
{
  gsize start, end;

  g_assert_cmpstr (inq_term_said (inq_styles, "A dog, Blue Pencil, night", &start, &end)->code, ==, "blue");
  g_assert_cmpuint (start, ==, 7);
  g_assert_cmpuint (end, ==, 18);
  /* the longest way to say a thing counts, wherever it stands in the list */
  g_assert_cmpstr (inq_term_said (inq_shot_sizes, "extreme long shot, night", NULL, NULL)->code, ==, "ELS");
  g_assert_cmpstr (inq_term_said (inq_shot_sizes, "a close-up? no, a medium close-up", &start, &end)->code, ==, "MCU");
  g_assert_cmpint (start, ==, 18);
  g_assert_cmpint (end, ==, 33);
  g_assert_cmpstr (inq_term_said (inq_shot_sizes, "MEDIUM LONG SHOT of Anna", NULL, NULL)->code, ==, "MLS");
  g_assert_cmpstr (inq_term_said (inq_shot_sizes, "mezzo primo piano di Anna", NULL, NULL)->code, ==, "MCU");
  g_assert_null (inq_term_said (inq_styles, "a blue pencilcase", NULL, NULL));
  g_assert_cmpstr (inq_term_said (inq_styles, "una casa, disegno a matita", NULL, NULL)->code, ==, "pencil");
}

/* What the chips say in Italian is read back from a prompt as the same term. */
static void
test_terms_italian (void)
{
  const InqTerm *const lists[] = { inq_shot_sizes, inq_angles, inq_times_of_day };
  const char *catalogues = g_getenv ("INQ_TEST_LOCALEDIR");
  g_autofree char *language = g_strdup (g_getenv ("LANGUAGE"));
  g_autofree char *locale = g_strdup (setlocale (LC_MESSAGES, NULL));

  g_setenv ("LANGUAGE", "it", TRUE);
  if (setlocale (LC_MESSAGES, "C.UTF-8") == NULL || catalogues == NULL
      || bindtextdomain (GETTEXT_PACKAGE, catalogues) == NULL
      || g_str_equal (dgettext (GETTEXT_PACKAGE, inq_shot_sizes[0].name), inq_shot_sizes[0].name)) {
    g_test_skip ("no Italian catalogue built");
  } else {
    for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
      for (const InqTerm *term = lists[i]; term->code != NULL; term++) {
        const char *name = dgettext (GETTEXT_PACKAGE, term->name);
        g_autofree char *prompt = g_strdup_printf ("la bambina, %s, il cane", name);
        const InqTerm *said = inq_term_said (lists[i], prompt, NULL, NULL);
        g_test_message ("%s: %s", term->code, name);
        g_assert_true (said == term);
      }
    /* Either apostrophe. */
    g_assert_cmpstr (inq_term_said (inq_shot_sizes, "totale d'ambiente", NULL, NULL)->code, ==, "EST");
    g_assert_cmpstr (inq_term_said (inq_angles, "bird’s-eye", NULL, NULL)->code, ==, "bird");
    /* How a head is held is not how the camera is. */
    g_assert_null (inq_term_said (inq_angles, "la testa inclinata", NULL, NULL));
  }
  if (language != NULL)
    g_setenv ("LANGUAGE", language, TRUE);
  else
    g_unsetenv ("LANGUAGE");
  setlocale (LC_MESSAGES, locale);
}

/* ---- in the window ---- */

static InqText *
prompt_of (InqWindow *window)
{
  return INQ_TEXT (ui_find (ui_find (GTK_WIDGET (window), "InqInspector"), "InqText"));
}

static void
write_prompt (InqWindow *window, const char *words)
{
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (inq_text_get_view (prompt_of (window))), words, -1);
}

static gboolean
has_hint (gpointer data)
{
  GtkWidget *notes = ui_find (data, "InqPromptNotes");
  return gtk_widget_get_visible (notes) && ui_find (notes, "GtkButton") != NULL;
}

static gboolean
no_hint (gpointer data)
{
  return !gtk_widget_get_visible (ui_find (data, "InqPromptNotes"));
}

/* No word is underlined. */
static gboolean
is_plain (gpointer buffer)
{
  GtkTextTag *tag = gtk_text_tag_table_lookup (gtk_text_buffer_get_tag_table (buffer), "inq-strange");
  GtkTextIter iter;
  gtk_text_buffer_get_start_iter (buffer, &iter);
  return !gtk_text_iter_has_tag (&iter, tag) && !gtk_text_iter_forward_to_tag_toggle (&iter, tag);
}

static gboolean
offers_reading (gpointer data)
{
  return gtk_widget_get_visible (ui_find (ui_find (data, "InqPromptNotes"), "GtkMenuButton"));
}

/* A word that training never saw is underlined; the button puts the nearest one in, and that is undone like typing. */
static void
test_hint (void)
{
  InqWindow *window = ui_window_with_board (1);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (inq_text_get_view (prompt_of (window)));
  GtkTextTag *tag = gtk_text_tag_table_lookup (gtk_text_buffer_get_tag_table (buffer), "inq-strange");
  GtkTextIter iter;
  g_autoptr (InqVocabulary) v = inq_vocabulary_load ();

  if (v == NULL || inq_vocabulary_knows (v, "kichen")) {
    g_test_skip ("no vocabulary beside the house model");
    ui_window_close (window);
    return;
  }
  ui_activate (window, "escape");
  write_prompt (window, "a woman in a kichen, night, a kichen");
  ui_wait (has_hint, window);
  gtk_text_buffer_get_iter_at_offset (buffer, &iter, 32);
  g_assert_true (gtk_text_iter_has_tag (&iter, tag));
  g_assert_null (ui_find_nth (ui_find (GTK_WIDGET (window), "InqPromptNotes"), "GtkButton", 1)); /* one hint for both */
  gtk_text_buffer_get_iter_at_offset (buffer, &iter, 15);
  g_assert_true (gtk_text_iter_has_tag (&iter, tag));
  gtk_text_buffer_get_iter_at_offset (buffer, &iter, 3);
  g_assert_false (gtk_text_iter_has_tag (&iter, tag));
  ui_shot (GTK_WIDGET (window), "prompt-notes", 1);

  GtkWidget *hint = ui_find (ui_find (GTK_WIDGET (window), "InqPromptNotes"), "GtkButton");
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (hint)), ==, "kichen → kitchen");
  g_signal_emit_by_name (hint, "clicked");
  g_autofree char *now = inq_text_dup_text (prompt_of (window));
  g_assert_cmpstr (now, ==, "a woman in a kitchen, night, a kitchen");
  ui_wait (no_hint, window);

  /* Words beyond what a model reads are not judged. */
  g_autoptr (GString) endless = g_string_new ("kichen");
  for (int i = 0; i < 500; i++)
    g_string_append (endless, " kitchen");
  g_string_append (endless, " kichen kitchen"); /* not the word under the cursor */
  write_prompt (window, endless->str);
  ui_wait (has_hint, window);
  gtk_text_buffer_get_iter_at_offset (buffer, &iter, 3);
  g_assert_true (gtk_text_iter_has_tag (&iter, tag));
  gtk_text_buffer_get_iter_at_offset (buffer, &iter, (int) endless->len - 11);
  g_assert_false (gtk_text_iter_has_tag (&iter, tag));

  /* Nor are they laid out in the queue. */
  g_string_append (endless, "\né");
  g_string_prepend (endless, "\n");
  write_prompt (window, endless->str);
  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
  ui_activate (window, "generate");
  GtkWidget *label = ui_find (ui_find (ui_find (GTK_WIDGET (window), "InqQueueButton"), "GtkListBoxRow"), "GtkLabel");
  g_assert_cmpint (g_utf8_strlen (gtk_label_get_text (GTK_LABEL (label)), -1), <, 250);
  g_assert_null (strchr (gtk_label_get_text (GTK_LABEL (label)), '\n'));
  inq_jobs_cancel_all (inq_window_get_jobs (window));

  /* Another model reads other words. */
  write_prompt (window, "a zeppelin (large:1.4)");
  g_settings_set_string (inq_settings_get (), "model", "/nowhere/model.safetensors");
  ui_wait (is_plain, buffer);
  ui_wait (offers_reading, window);
  g_settings_reset (inq_settings_get (), "model");
  ui_window_close (window);
}

static GtkToggleButton *
find_chip (GtkWidget *root, const char *id)
{
  for (int i = 0;; i++) {
    GtkWidget *chip = ui_find_nth (root, "GtkToggleButton", i);
    if (chip == NULL || g_strcmp0 (g_object_get_data (G_OBJECT (chip), "inq-id"), id) == 0)
      return GTK_TOGGLE_BUTTON (chip);
  }
}

/* The style stands in the prompt: the chip writes it there, and what is typed there shows on the chip. */
static void
test_style (void)
{
  InqWindow *window = ui_window_with_board (1);
  GtkWidget *inspector = ui_find (GTK_WIDGET (window), "InqInspector");

  write_prompt (window, "a lighthouse");
  gtk_toggle_button_set_active (find_chip (inspector, "ink"), TRUE);
  g_autofree char *ink = inq_text_dup_text (prompt_of (window));
  g_assert_cmpstr (ink, ==, "a lighthouse, ink drawing");
  gtk_toggle_button_set_active (find_chip (inspector, "blue"), TRUE);
  g_autofree char *blue = inq_text_dup_text (prompt_of (window));
  g_assert_cmpstr (blue, ==, "a lighthouse, blue pencil");
  g_assert_false (gtk_toggle_button_get_active (find_chip (inspector, "ink")));
  gtk_toggle_button_set_active (find_chip (inspector, "blue"), FALSE);
  g_autofree char *none = inq_text_dup_text (prompt_of (window));
  g_assert_cmpstr (none, ==, "a lighthouse");
  write_prompt (window, "Marker wash, a lighthouse");
  g_assert_true (gtk_toggle_button_get_active (find_chip (inspector, "wash")));
  gtk_toggle_button_set_active (find_chip (inspector, "wash"), FALSE);
  g_autofree char *rest = inq_text_dup_text (prompt_of (window));
  g_assert_cmpstr (rest, ==, "a lighthouse");
  ui_window_close (window);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/prompt-notes/vocabulary", test_vocabulary);
  g_test_add_func ("/prompt-notes/check", test_check);
  g_test_add_func ("/prompt-notes/shipped", test_shipped);
  g_test_add_func ("/prompt-notes/describe", test_describe);
  g_test_add_func ("/prompt-notes/drawings", test_drawings);
  g_test_add_func ("/prompt-notes/terms-said", test_terms_said);
  g_test_add_func ("/prompt-notes/hint", test_hint);
  g_test_add_func ("/prompt-notes/style", test_style);
  g_test_add_func ("/prompt-notes/terms-italian", test_terms_italian);
  return ui_test_run ();
}
