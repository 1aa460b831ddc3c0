/* Inquadra - under the prompt: words the house model does not know, or how another model reads what is written.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-prompt-notes.h"

#include <glib/gi18n.h>
#include <inq-engine.h>
#include <math.h>
#include <string.h>

#include "inq-vocabulary.h"
#include "inq-wrap-layout.h"
#include "inq-task.h"

/* More than this is no hint any more. */
#define MOST_HINTS 6
/* Bytes of a prompt that are judged at every key; no model here reads further. */
#define MOST_JUDGED 2048

struct _InqPromptNotes {
  GtkBox parent_instance;

  GtkWidget *hints; /* a button a word */
  GtkWidget *as_read, *reading;
  InqText *text;
  GtkTextTag *tag;
  InqVocabulary *vocabulary;
  gboolean house;
  guint check_id;
};

G_DEFINE_FINAL_TYPE (InqPromptNotes, inq_prompt_notes, GTK_TYPE_BOX)

/* ---- strange words ---- */

static GtkTextBuffer *
get_buffer (InqPromptNotes *self)
{
  return gtk_text_view_get_buffer (inq_text_get_view (self->text));
}

/* Every place of the word, whatever its case, becomes the nearest. */
static void
replace_cb (GtkButton *button, InqPromptNotes *self)
{
  g_autofree char *word = g_strdup (g_object_get_data (G_OBJECT (button), "inq-word"));
  g_autofree char *nearest = g_strdup (g_object_get_data (G_OBJECT (button), "inq-nearest"));
  GtkTextBuffer *buffer = get_buffer (self);
  GtkTextIter at, start, end;

  gtk_text_buffer_begin_user_action (buffer);
  gtk_text_buffer_get_start_iter (buffer, &at);
  while (gtk_text_iter_forward_search (&at, word, GTK_TEXT_SEARCH_CASE_INSENSITIVE | GTK_TEXT_SEARCH_TEXT_ONLY, &start,
                                       &end, NULL)) {
    gboolean whole = gtk_text_iter_starts_word (&start) && gtk_text_iter_ends_word (&end);
    at = end;
    if (!whole)
      continue;
    gtk_text_buffer_delete (buffer, &start, &end);
    gtk_text_buffer_insert (buffer, &start, nearest, -1);
    at = start;
  }
  gtk_text_buffer_end_user_action (buffer);
  inq_text_commit (self->text);
  gtk_widget_grab_focus (GTK_WIDGET (self->text));
}

static void
add_hint (InqPromptNotes *self, const InqStrangeWord *strange)
{
  g_autofree char *label = strange->nearest != NULL ? g_strdup_printf ("%s → %s", strange->word, strange->nearest)
                                                    : g_strdup_printf ("%s ?", strange->word);
  g_autofree char *tooltip = strange->nearest != NULL
                                 ? g_strdup_printf (_ ("The house model never saw “%s”. Put “%s” instead."),
                                                    strange->word, strange->nearest)
                                 : g_strdup_printf (_ ("The house model never saw “%s”, nor anything near it."),
                                                    strange->word);
  GtkWidget *hint = strange->nearest != NULL ? gtk_button_new_with_label (label) : gtk_label_new (label);

  gtk_widget_add_css_class (hint, "word-hint");
  gtk_widget_set_tooltip_text (hint, tooltip);
  if (strange->nearest != NULL) {
    gtk_accessible_update_property (GTK_ACCESSIBLE (hint), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
    g_object_set_data_full (G_OBJECT (hint), "inq-word", g_strdup (strange->word), g_free);
    g_object_set_data_full (G_OBJECT (hint), "inq-nearest", g_strdup (strange->nearest), g_free);
    g_signal_connect (hint, "clicked", G_CALLBACK (replace_cb), self);
  } else {
    gtk_widget_add_css_class (hint, "dim-label");
  }
  gtk_widget_set_parent (hint, self->hints);
}

static void
clear_hints (InqPromptNotes *self)
{
  GtkWidget *hint;
  while ((hint = gtk_widget_get_first_child (self->hints)) != NULL)
    gtk_widget_unparent (hint);
}

/* The word being typed is not judged before it ends. */
static gboolean
is_being_typed (GtkTextBuffer *buffer, GtkTextView *view, const InqStrangeWord *strange)
{
  GtkTextIter cursor;
  if (!gtk_widget_has_focus (GTK_WIDGET (view)))
    return FALSE;
  gtk_text_buffer_get_iter_at_mark (buffer, &cursor, gtk_text_buffer_get_insert (buffer));
  return gtk_text_iter_get_offset (&cursor) == strange->end;
}

/* Between two words where there is a space, else between two letters. */
static void
cut_judged (char *prompt)
{
  if (strlen (prompt) <= MOST_JUDGED)
    return;
  *g_utf8_find_prev_char (prompt, prompt + MOST_JUDGED + 1) = '\0';
  char *space = strrchr (prompt, ' ');
  if (space != NULL)
    *space = '\0';
}

static void
check_words (InqPromptNotes *self)
{
  GtkTextBuffer *buffer = get_buffer (self);
  GtkTextIter start, end;
  guint shown = 0;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  gtk_text_buffer_remove_tag (buffer, self->tag, &start, &end);
  clear_hints (self);
  if (self->house && self->vocabulary != NULL) {
    g_autofree char *prompt = inq_text_dup_text (self->text);
    cut_judged (prompt);
    g_autoptr (GPtrArray) strange = inq_vocabulary_check (self->vocabulary, prompt);
    g_autoptr (GHashTable) hinted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < strange->len; i++) {
      const InqStrangeWord *word = strange->pdata[i];
      if (is_being_typed (buffer, inq_text_get_view (self->text), word))
        continue;
      gtk_text_buffer_get_iter_at_offset (buffer, &start, word->start);
      gtk_text_buffer_get_iter_at_offset (buffer, &end, word->end);
      gtk_text_buffer_apply_tag (buffer, self->tag, &start, &end);
      /* One hint for all places: its button replaces all of them. */
      if (shown < MOST_HINTS && g_hash_table_add (hinted, g_utf8_strdown (word->word, -1))) {
        add_hint (self, word);
        shown++;
      }
    }
  }
  gtk_widget_set_visible (self->hints, shown > 0);
}

/* ---- as read ---- */

typedef struct {
  char *prompt;
  char *markup;
} Reading;

static void
reading_free (gpointer data)
{
  g_free (((Reading *) data)->prompt);
  g_free (data);
}

/* "<lora:NAME:0.8>" out of @prompt; what they say into @out. */
static char *
take_loras (const char *prompt, const char *const *installed, GString *out)
{
  g_autoptr (GRegex) regex = g_regex_new ("<lora:([^:>]*)(?::([^>]*))?>", G_REGEX_CASELESS, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  g_regex_match (regex, prompt, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL)) {
    g_autofree char *name = g_match_info_fetch (match, 1);
    g_autofree char *weight = g_match_info_fetch (match, 2);
    double value = weight != NULL && *weight != '\0' ? g_ascii_strtod (weight, NULL) : 1;
    gboolean there = FALSE;
    for (guint i = 0; installed != NULL && installed[i] != NULL; i++) {
      g_autofree char *base = g_path_get_basename (installed[i]);
      g_autofree char *file = g_strconcat (name, ".safetensors", NULL);
      there |= g_str_equal (base, file) || g_str_has_suffix (installed[i], file);
    }
    g_autofree char *text = there || installed == NULL ? g_markup_printf_escaped (_ ("LoRA %s at %.2f"), name, value)
                                                       : g_markup_printf_escaped (_ ("LoRA %s is not installed"), name);
    g_string_append_printf (out, "\n%s", text);
  }
  return g_regex_replace_literal (regex, prompt, -1, 0, "", 0, NULL);
}

char *
inq_prompt_describe (const char *prompt, const char *const *loras)
{
  g_autoptr (GString) notes = g_string_new (NULL);
  g_autofree char *without = take_loras (prompt, loras, notes);
  gboolean choices = strchr (without, '{') != NULL && strchr (without, '|') != NULL;
  g_autofree char *resolved = inq_prompt_resolve (without, 0);
  g_autoptr (GPtrArray) parts = inq_prompt_parse (resolved);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < parts->len; i++) {
    const InqPromptPart *part = parts->pdata[i];
    g_autofree char *text = g_markup_escape_text (part->text, -1);
    if (part->begins_chunk)
      g_string_append (out, "\n<span alpha='55%'>· · ·</span>\n");
    /* Strong words stand out as they do for the model, faint ones step back. */
    if (part->weight > 1.001)
      g_string_append_printf (out, "<b>%s</b><span alpha='60%%' size='small'> ×%.2f</span>", text, part->weight);
    else if (part->weight < 0.999)
      g_string_append_printf (out, "<span alpha='60%%'>%s</span><span alpha='60%%' size='small'> ×%.2f</span>", text,
                              part->weight);
    else
      g_string_append (out, text);
  }
  if (choices)
    g_string_append_printf (notes, "\n%s", _ ("Each picture draws its own choice; this is one of them."));
  if (notes->len > 0)
    g_string_append_printf (out, "\n<span size='small' alpha='70%%'>%s</span>", notes->str);
  return g_string_free (out, FALSE);
}

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  g_auto (GStrv) loras = inq_loras_list ();
  g_task_return_pointer (task, inq_prompt_describe (reading->prompt, (const char *const *) loras), g_free);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree char *markup = g_task_propagate_pointer (G_TASK (result), NULL);
  if (markup != NULL)
    gtk_label_set_markup (GTK_LABEL (INQ_PROMPT_NOTES (source)->reading), markup);
}

static void
read_prompt (InqPromptNotes *self)
{
  Reading *reading = g_new0 (Reading, 1);
  g_autoptr (GTask) task = inq_task_new (self, NULL, read_cb, NULL);
  reading->prompt = inq_text_dup_text (self->text);
  g_task_set_task_data (task, reading, reading_free);
  g_task_run_in_thread (task, read_thread);
}

/* ---- following the field ---- */

static gboolean
check_cb (gpointer data)
{
  InqPromptNotes *self = data;
  self->check_id = 0;
  check_words (self);
  g_autofree char *prompt = inq_text_dup_text (self->text);
  gtk_widget_set_visible (self->as_read, !self->house && strpbrk (prompt, "()[]{}<") != NULL);
  if (gtk_widget_get_visible (self->as_read)
      && gtk_widget_get_visible (GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (self->as_read)))))
    read_prompt (self);
  gtk_widget_set_visible (GTK_WIDGET (self),
                          gtk_widget_get_visible (self->hints) || gtk_widget_get_visible (self->as_read));
  return G_SOURCE_REMOVE;
}

static void
check_later (InqPromptNotes *self)
{
  if (self->check_id == 0 && self->text != NULL)
    self->check_id = g_idle_add_full (G_PRIORITY_LOW, check_cb, self, NULL);
}

static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, inq_vocabulary_load (), (GDestroyNotify) inq_vocabulary_unref);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  InqPromptNotes *self = INQ_PROMPT_NOTES (source);
  InqVocabulary *vocabulary = g_task_propagate_pointer (G_TASK (result), NULL);
  g_clear_pointer (&self->vocabulary, inq_vocabulary_unref);
  self->vocabulary = vocabulary;
  check_later (self);
}

void
inq_prompt_notes_set_text (InqPromptNotes *self, InqText *text)
{
  g_return_if_fail (INQ_IS_PROMPT_NOTES (self) && self->text == NULL);

  self->text = g_object_ref (text);
  GtkTextBuffer *buffer = get_buffer (self);
  GdkRGBA amber = { 0.87f, 0.55f, 0.05f, 1 };
  self->tag = gtk_text_buffer_create_tag (buffer, "inq-strange", "underline", PANGO_UNDERLINE_ERROR, "underline-rgba",
                                          &amber, NULL);
  g_signal_connect_object (buffer, "changed", G_CALLBACK (check_later), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (inq_text_get_view (text), "notify::has-focus", G_CALLBACK (check_later), self,
                           G_CONNECT_SWAPPED);
  g_autoptr (GTask) task = inq_task_new (self, NULL, loaded_cb, NULL);
  g_task_set_priority (task, G_PRIORITY_LOW);
  g_task_run_in_thread (task, load_thread);
}

void
inq_prompt_notes_set_house (InqPromptNotes *self, gboolean house)
{
  g_return_if_fail (INQ_IS_PROMPT_NOTES (self));

  self->house = house;
  check_later (self);
}

gboolean
inq_prompt_notes_knows (InqPromptNotes *self, const char *words)
{
  g_return_val_if_fail (INQ_IS_PROMPT_NOTES (self), FALSE);

  if (!self->house)
    return TRUE;
  if (self->vocabulary == NULL)
    return FALSE;
  g_autoptr (GPtrArray) strange = inq_vocabulary_check (self->vocabulary, words);
  return strange->len == 0;
}

/* ---- widget ---- */

static void
inq_prompt_notes_dispose (GObject *object)
{
  InqPromptNotes *self = INQ_PROMPT_NOTES (object);
  g_clear_handle_id (&self->check_id, g_source_remove);
  if (self->hints != NULL)
    clear_hints (self);
  self->hints = NULL;
  g_clear_object (&self->text);
  g_clear_pointer (&self->vocabulary, inq_vocabulary_unref);
  G_OBJECT_CLASS (inq_prompt_notes_parent_class)->dispose (object);
}

static void
inq_prompt_notes_class_init (InqPromptNotesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inq_prompt_notes_dispose;
}

static void
inq_prompt_notes_init (InqPromptNotes *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  self->house = TRUE;
  self->hints = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_layout_manager (self->hints, inq_wrap_layout_new (5));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->hints), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Words the house model does not know"), -1);
  gtk_box_append (GTK_BOX (self), self->hints);

  self->reading = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->reading), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->reading), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (self->reading), 44);
  gtk_label_set_selectable (GTK_LABEL (self->reading), TRUE);
  GtkWidget *popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (popover), self->reading);
  g_signal_connect_swapped (popover, "show", G_CALLBACK (read_prompt), self);
  self->as_read = gtk_menu_button_new ();
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->as_read), _ ("As the model reads it"));
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->as_read), popover);
  gtk_widget_set_halign (self->as_read, GTK_ALIGN_START);
  gtk_widget_add_css_class (self->as_read, "flat");
  gtk_widget_add_css_class (self->as_read, "caption");
  gtk_widget_set_tooltip_text (self->as_read, _ ("Strengths, chunks, choices and LoRAs of the prompt"));
  gtk_box_append (GTK_BOX (self), self->as_read);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
