/* Inquadra - tests: finding, files dropped and pictures taken.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-board-acts.h>
#include <inq-board-reads.h>
#include <inq-import.h>
#include <inq-picture-file.h>
#include <inq-search.h>
#include <inq-window-private.h>

#include "ui-test.h"

static gboolean
has_toast (gpointer data)
{
  return ui_find (data, "AdwToastWidget") != NULL;
}

typedef struct {
  InqWindow *window;
  guint index;
} At;

static gboolean
is_at (gpointer data)
{
  At *at = data;
  return inq_panel_get_index (inq_window_get_panel (at->window)) == at->index;
}

static void
test_search (void)
{
  InqWindow *window = ui_window_with_board (4);
  InqBoard *board = inq_window_get_board (window);
  inq_board_set_text (board, inq_panel_get_id (inq_board_get_panel (board, 1)), INQ_FIELD_DIALOGUE,
                      "Keep the lantern low.", 0);
  inq_board_set_text (board, inq_panel_get_id (inq_board_get_panel (board, 3)), INQ_FIELD_PROMPT,
                      "a lantern on a table", 0);
  ui_settle (window);
  ui_activate (window, "first-panel");
  ui_activate (window, "find");
  InqSearch *search = INQ_SEARCH (ui_find (GTK_WIDGET (window), "InqSearch"));
  GtkEditable *entry = inq_search_get_entry (search);
  gtk_editable_set_text (entry, "lantern");
  g_signal_emit_by_name (entry, "search-changed");
  At second = { window, 1 }, fourth = { window, 3 };
  ui_wait (is_at, &second);
  g_signal_emit_by_name (entry, "activate");
  ui_wait (is_at, &fourth);
  g_signal_emit_by_name (entry, "activate");
  ui_wait (is_at, &second);
  ui_activate (window, "escape");
  ui_window_close (window);
}

static gboolean
is_picked (gpointer data)
{
  return inq_panel_get_row (inq_window_get_panel (data))->picked != 0;
}

/* A picture dropped on the window is the panel's, picked. */
static void
test_drop_picture (void)
{
  InqWindow *window = ui_window_with_board (1);
  g_autofree char *path = ui_path ("drawing.png");
  g_autoptr (GBytes) png = ui_png (320, 180, 90);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (png, NULL), g_bytes_get_size (png), NULL));
  g_autoptr (GFile) file = g_file_new_for_path (path);
  inq_import_file (window, file);
  ui_wait (is_picked, window);
  ui_settle (window);
  g_assert_cmpint (inq_panel_get_row (inq_window_get_panel (window))->n_variations, ==, 1);
  ui_activate (window, "undo");
  ui_settle (window);
  g_assert_cmpint (inq_panel_get_row (inq_window_get_panel (window))->n_variations, ==, 0);
  ui_window_close (window);
}

static gboolean
is_copied (gpointer data)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (data);
  return gdk_clipboard_is_local (clipboard)
         && gdk_content_formats_contain_gtype (gdk_clipboard_get_formats (clipboard), GDK_TYPE_TEXTURE);
}

static gboolean
is_whole_png (gpointer data)
{
  g_autoptr (GdkTexture) texture = gdk_texture_new_from_filename (data, NULL);
  return texture != NULL && gdk_texture_get_width (texture) == 1920 && gdk_texture_get_height (texture) == 1080;
}

/* The panel as one sees it is copied and saved at the board's size; copied on one panel it is pasted on another. */
static void
test_take_picture (void)
{
  InqWindow *window = ui_window_with_board (2);
  g_autofree char *path = ui_path ("panel.png");
  g_autoptr (GFile) file = g_file_new_for_path (path);

  ui_add_picture (window, 120, TRUE);
  inq_window_save_picture (window, file);
  ui_wait (is_whole_png, path);
  g_assert_true (ui_press (window, "<Control>c"));
  ui_wait (is_copied, window);
  ui_activate (window, "previous-panel");
  g_assert_cmpint (inq_panel_get_row (inq_window_get_panel (window))->picked, ==, 0);
  g_assert_true (ui_press (window, "<Control>v"));
  ui_wait (is_picked, window);
  ui_settle (window);
  ui_window_close (window);
}

/* What cannot be used is refused in words, and changes nothing. */
static void
test_drop_refused (void)
{
  static const char *const names[] = { "model.ckpt", "notes.odt", "broken.png", "empty.safetensors" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    InqWindow *window = ui_window_with_board (1);
    g_autofree char *path = ui_path (names[i]);
    g_assert_true (g_file_set_contents (path, "nothing of the kind", -1, NULL));
    g_autoptr (GFile) file = g_file_new_for_path (path);
    inq_import_file (window, file);
    ui_wait (has_toast, window);
    ui_settle (window);
    g_assert_cmpint (inq_panel_get_row (inq_window_get_panel (window))->n_variations, ==, 0);
    ui_window_close (window);
  }
}

static gboolean
says_cut_off (gpointer data)
{
  return ui_toast_says (data, "cut off");
}

static gboolean
says_too_large (gpointer data)
{
  return ui_toast_says (data, "20000 × 20000");
}

static gboolean
says_smaller (gpointer data)
{
  return ui_toast_says (data, "made smaller");
}

static void
drop (gconstpointer bytes, gsize size, const char *name, gboolean (*says) (gpointer), gboolean taken)
{
  InqWindow *window = ui_window_with_board (1);
  g_autofree char *path = ui_path (name);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
  inq_import_file (window, file);
  if (taken)
    ui_wait (is_picked, window);
  if (says != NULL)
    ui_wait (says, window);
  ui_settle (window);
  g_assert_cmpint (inq_panel_get_row (inq_window_get_panel (window))->n_variations, ==, taken);
  ui_window_close (window);
}

/* CRC-32 as in PNG. */
static guint32
crc (const guint8 *data, gsize size)
{
  guint32 sum = 0xffffffff;
  for (gsize i = 0; i < size; i++) {
    sum ^= data[i];
    for (int bit = 0; bit < 8; bit++)
      sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum;
}

/* A JPEG that ends too early is no picture with a grey half; one of 400 megapixels is refused by its header; a large
 * one is brought to a size that boards keep. */
static void
test_drop_odd (void)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 320, 180);
  g_autoptr (GBytes) small = ui_png (64, 36, 90);
  g_autoptr (GBytes) wide = ui_png (6000, 60, 90);
  g_autofree char *jpeg = NULL;
  gsize size;

  gdk_pixbuf_fill (pixbuf, 0x808080ff);
  g_assert_true (gdk_pixbuf_save_to_buffer (pixbuf, &jpeg, &size, "jpeg", NULL, NULL));
  drop (jpeg, size - 40, "photo.jpg", says_cut_off, FALSE);
  drop (jpeg, size, "photo.jpg", NULL, TRUE);

  /* Only its header says so. */
  g_autofree guint8 *head = g_memdup2 (g_bytes_get_data (small, &size), g_bytes_get_size (small));
  memcpy (head + 16, (const guint8[]){ 0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20 }, 8);
  guint32 check = GUINT32_TO_BE (crc (head + 12, 17));
  memcpy (head + 29, &check, 4);
  drop (head, size, "huge.png", says_too_large, FALSE);
  drop (g_bytes_get_data (wide, NULL), g_bytes_get_size (wide), "large.png", says_smaller, TRUE);
}

/* A photo taken with the camera on its side stands upright: Exif says how it was held (CIPA DC-008, tag 0x112; 6: turn
 * it to the right). */
static void
test_photo (void)
{
  static const guint8 exif[] = { 0xff, 0xe1, 0,    0x22, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 0x2a, 0, 0, 0, 8,
                                 0,    1,    0x01, 0x12, 0,   3,   0,   0,   0, 1, 0,   6,   0, 0,    0, 0, 0, 0 };
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 320, 180);
  g_autoptr (GByteArray) photo = g_byte_array_new ();
  g_autofree char *path = ui_path ("photo.jpeg");
  g_autofree char *jpeg = NULL;
  g_autoptr (GError) error = NULL;
  gboolean smaller;
  gsize size;

  gdk_pixbuf_fill (pixbuf, 0x808080ff);
  g_assert_true (gdk_pixbuf_save_to_buffer (pixbuf, &jpeg, &size, "jpeg", NULL, NULL));
  for (int held = 0; held < 2; held++) {
    g_byte_array_set_size (photo, 0);
    g_byte_array_append (photo, (const guint8 *) jpeg, 2);
    if (held == 1)
      g_byte_array_append (photo, exif, sizeof exif);
    g_byte_array_append (photo, (const guint8 *) jpeg + 2, size - 2);
    g_assert_true (g_file_set_contents (path, (const char *) photo->data, photo->len, NULL));
    g_autoptr (GBytes) png = inq_picture_file_read (path, &smaller, &error);
    g_assert_no_error (error);
    g_autoptr (GdkTexture) texture = gdk_texture_new_from_bytes (png, &error);
    g_assert_no_error (error);
    g_assert_cmpint (gdk_texture_get_width (texture), ==, held == 1 ? 180 : 320);
    g_assert_cmpint (gdk_texture_get_height (texture), ==, held == 1 ? 320 : 180);
  }
}

static GtkWidget *
draw_button (gpointer window)
{
  GtkWidget *toast = ui_find (window, "AdwToastWidget");
  GtkWidget *button = toast != NULL ? ui_find (toast, "GtkButton") : NULL;
  return button != NULL
                 && g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (button)), "win.draw-from-panel") == 0
             ? button
             : NULL;
}

static gboolean
offers_to_draw (gpointer window)
{
  return draw_button (window) != NULL;
}

static gboolean
has_job (gpointer window)
{
  return g_list_model_get_n_items (G_LIST_MODEL (inq_window_get_jobs (window))) > 0;
}

/* “Draw from This” draws from the panel that the picture came on, wherever one is by then. */
static void
test_draw_from_dropped (void)
{
  InqWindow *window = ui_window_with_board (2);
  g_autofree char *path = ui_path ("first.png");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GBytes) png = ui_png (320, 180, 90);

  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (png, NULL), g_bytes_get_size (png), NULL));
  ui_activate (window, "first-panel");
  gint64 first = inq_panel_get_id (inq_window_get_panel (window));
  inq_import_file (window, file);
  ui_wait (offers_to_draw, window);
  ui_activate (window, "next-panel");
  g_signal_emit_by_name (draw_button (window), "clicked");
  g_assert_cmpint (inq_panel_get_id (inq_window_get_panel (window)), ==, first);
  ui_wait (has_job, window);
  g_autoptr (InqJob) job = g_list_model_get_item (G_LIST_MODEL (inq_window_get_jobs (window)), 0);
  g_assert_cmpint (inq_job_get_panel_id (job), ==, first);
  inq_jobs_cancel_all (inq_window_get_jobs (window));
  ui_window_close (window);
}

static gboolean
is_null (gpointer data)
{
  return *(gpointer *) data == NULL;
}

/* The toast that tells of a model on its way goes with it. */
static void
test_drop_model (void)
{
  InqWindow *window = ui_window_with_board (1);
  g_autofree char *path = ui_path ("no.safetensors");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  AdwToast *toast = NULL;

  g_assert_true (g_file_set_contents (path, "nothing of the kind", -1, NULL));
  inq_import_file (window, file);
  g_object_get (ui_find (GTK_WIDGET (window), "AdwToastWidget"), "toast", &toast, NULL);
  g_object_add_weak_pointer (G_OBJECT (toast), (gpointer *) &toast);
  g_object_unref (toast);
  ui_wait (is_null, &toast);
  ui_window_close (window);
}

static gboolean
says_make_a_panel (gpointer window)
{
  return ui_toast_says (window, "make a panel first");
}

/* A picture pasted where there is no panel is not lost in silence. */
static void
test_paste_nowhere (void)
{
  InqWindow *window = ui_window_with_board (0);
  g_autoptr (GBytes) png = ui_png (32, 18, 90);
  g_autoptr (GdkTexture) texture = gdk_texture_new_from_bytes (png, NULL);

  gdk_clipboard_set_texture (gtk_widget_get_clipboard (GTK_WIDGET (window)), texture);
  ui_activate (window, "paste");
  ui_wait (says_make_a_panel, window);
  ui_window_close (window);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/files/search", test_search);
  g_test_add_func ("/files/drop-picture", test_drop_picture);
  g_test_add_func ("/files/take-picture", test_take_picture);
  g_test_add_func ("/files/drop-refused", test_drop_refused);
  g_test_add_func ("/files/drop-odd", test_drop_odd);
  g_test_add_func ("/files/photo", test_photo);
  g_test_add_func ("/files/draw-from-dropped", test_draw_from_dropped);
  g_test_add_func ("/files/drop-model", test_drop_model);
  g_test_add_func ("/files/paste-nowhere", test_paste_nowhere);
  return ui_test_run ();
}
