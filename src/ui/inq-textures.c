/* Inquadra - a board's pictures as textures: decoded in threads, kept while there is room.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-textures.h"

#include <inq-board-reads.h>

#include "inq-resample.h"
#include "inq-task.h"

/* Pictures read and decoded at a time, and wishes that may wait before the oldest is dropped. */
#define IN_FLIGHT 2
#define WAITING   96

typedef struct {
  gint64 image;
  int width, height;
  gboolean thumbnail;
} Key;

typedef struct {
  Key key; /* first: entries are their own hash keys */
  GdkTexture *texture;
  gsize bytes;
  GList link; /* in InqTextures.recent, newest first */
} Entry;

struct _InqTextures {
  GObject parent_instance;
  InqBoard *board;      /* borrowed: it owns us */
  GHashTable *entries;  /* Entry set */
  GQueue recent;        /* of Entry */
  GHashTable *by_image; /* gint64 -> Entry, the largest */
  GHashTable *wishes;   /* Key set, waiting or in flight */
  GQueue waiting;       /* of Key, newest first, owned by wishes */
  GHashTable *broken;   /* gint64 set */
  GCancellable *cancellable;
  gsize bytes;
  int in_flight;
};

G_DEFINE_FINAL_TYPE (InqTextures, inq_textures, G_TYPE_OBJECT)

static guint loaded_signal;

static void pump (InqTextures *self);

static guint
key_hash (gconstpointer p)
{
  const Key *key = p;
  return (guint) key->image * 2654435761u + key->width * 31u + key->height * 7u + key->thumbnail;
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  const Key *x = a, *y = b;
  return x->image == y->image && x->width == y->width && x->height == y->height && x->thumbnail == y->thumbnail;
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  g_object_unref (entry->texture);
  g_free (entry);
}

static void
drop_oldest (InqTextures *self)
{
  while (self->bytes > INQ_TEXTURES_BUDGET && self->recent.length > 1) {
    Entry *entry = g_queue_peek_tail (&self->recent);
    g_queue_unlink (&self->recent, &entry->link);
    self->bytes -= entry->bytes;
    if (g_hash_table_lookup (self->by_image, &entry->key.image) == entry) {
      g_hash_table_remove (self->by_image, &entry->key.image);
      for (GList *l = self->recent.head; l != NULL; l = l->next) {
        Entry *other = l->data;
        if (other->key.image == entry->key.image) {
          g_hash_table_insert (self->by_image, &other->key.image, other);
          break;
        }
      }
    }
    g_hash_table_remove (self->entries, entry);
  }
}

static void
add_entry (InqTextures *self, const Key *key, GdkTexture *texture)
{
  Entry *entry = g_new0 (Entry, 1);
  entry->key = *key;
  entry->texture = g_object_ref (texture);
  entry->bytes = (gsize) gdk_texture_get_width (texture) * gdk_texture_get_height (texture) * 4;
  entry->link.data = entry;

  Entry *largest = g_hash_table_lookup (self->by_image, &key->image);
  if (largest == NULL || largest->bytes <= entry->bytes)
    g_hash_table_replace (self->by_image, &entry->key.image, entry);
  g_hash_table_add (self->entries, entry);
  g_queue_push_head_link (&self->recent, &entry->link);
  self->bytes += entry->bytes;
  drop_oldest (self);
}

/* ---- reading and decoding ---- */

typedef struct {
  Key key;
  GBytes *png;
} Decode;

static void
decode_free (gpointer data)
{
  Decode *decode = data;
  g_clear_pointer (&decode->png, g_bytes_unref);
  g_free (decode);
}

static void
decode_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Decode *decode = data;
  GError *error = NULL;
  int width, height, fit_width, fit_height;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (!inq_png_get_size (decode->png, &width, &height, &error)) {
    g_task_return_error (task, error);
    return;
  }
  inq_fit ((double) width / height, decode->key.width, decode->key.height, &fit_width, &fit_height);
  GdkTexture *texture = inq_texture_decode (decode->png, fit_width, fit_height, &error);
  if (texture != NULL)
    g_task_return_pointer (task, texture, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
finish (InqTextures *self, const Key *key, GdkTexture *texture, const GError *error)
{
  gint64 image = key->image;

  self->in_flight--;
  if (texture != NULL) {
    add_entry (self, key, texture);
  } else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_debug ("picture %" G_GINT64_FORMAT ": %s", image, error->message);
    g_hash_table_add (self->broken, g_memdup2 (&image, sizeof image));
  }
  g_hash_table_remove (self->wishes, key);
  pump (self);
  g_signal_emit (self, loaded_signal, 0, image);
}

static void
decoded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  InqTextures *self = INQ_TEXTURES (source);
  Decode *decode = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = g_task_propagate_pointer (G_TASK (result), &error);

  if (self->board != NULL)
    finish (self, &decode->key, texture, error);
}

static void
decode_async (InqTextures *self, const Key *key, GBytes *png)
{
  Decode *decode = g_new0 (Decode, 1);
  decode->key = *key;
  decode->png = g_bytes_ref (png);
  g_autoptr (GTask) task = inq_task_new (self, self->cancellable, decoded_cb, NULL);
  g_task_set_source_tag (task, decode_async);
  g_task_set_task_data (task, decode, decode_free);
  g_task_run_in_thread (task, decode_in_thread);
}

typedef struct {
  InqTextures *self;
  Key key;
} Read;

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Read *read = data;
  g_autoptr (InqTextures) self = read->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = inq_board_read_bytes_finish (INQ_BOARD (source), result, &error);

  if (self->board == NULL)
    return;
  if (png != NULL)
    decode_async (self, &read->key, png);
  else
    finish (self, &read->key, NULL, error);
}

static void
pump (InqTextures *self)
{
  while (self->in_flight < IN_FLIGHT && self->waiting.length > 0) {
    const Key *key = g_queue_pop_head (&self->waiting);
    self->in_flight++;
    g_autoptr (GBytes) png = key->thumbnail ? inq_board_peek_thumbnail (self->board, key->image) : NULL;
    if (png != NULL) {
      decode_async (self, key, png);
      continue;
    }
    Read *read = g_new (Read, 1);
    read->self = g_object_ref (self);
    read->key = *key;
    if (key->thumbnail)
      inq_board_read_thumbnail (self->board, key->image, self->cancellable, read_cb, read);
    else
      inq_board_read_image (self->board, key->image, self->cancellable, read_cb, read);
  }
}

/* ---- public ---- */

GdkTexture *
inq_textures_load (InqTextures *self, gint64 image, int width, int height, gboolean thumbnail)
{
  g_return_val_if_fail (INQ_IS_TEXTURES (self), NULL);

  Key key = { image, CLAMP (width, 1, 16384), CLAMP (height, 1, 16384), thumbnail != FALSE };
  if (image == 0 || self->board == NULL)
    return NULL;
  Entry *entry = g_hash_table_lookup (self->entries, &key);
  if (entry != NULL) {
    g_queue_unlink (&self->recent, &entry->link);
    g_queue_push_head_link (&self->recent, &entry->link);
    return entry->texture;
  }
  if (g_hash_table_contains (self->wishes, &key) || inq_textures_is_broken (self, image))
    return NULL;

  Key *wish = g_memdup2 (&key, sizeof key);
  g_hash_table_add (self->wishes, wish);
  g_queue_push_head (&self->waiting, wish);
  if (self->waiting.length > WAITING)
    g_hash_table_remove (self->wishes, g_queue_pop_tail (&self->waiting));
  pump (self);
  return NULL;
}

GdkTexture *
inq_textures_peek (InqTextures *self, gint64 image)
{
  g_return_val_if_fail (INQ_IS_TEXTURES (self), NULL);

  Entry *entry = g_hash_table_lookup (self->by_image, &image);
  return entry != NULL ? entry->texture : NULL;
}

gboolean
inq_textures_is_broken (InqTextures *self, gint64 image)
{
  g_return_val_if_fail (INQ_IS_TEXTURES (self), FALSE);

  return g_hash_table_contains (self->broken, &image);
}

gsize
inq_textures_get_bytes (InqTextures *self)
{
  g_return_val_if_fail (INQ_IS_TEXTURES (self), 0);

  return self->bytes;
}

void
inq_fit (double aspect, int width, int height, int *fit_width, int *fit_height)
{
  double w = MIN (width, height * aspect);
  *fit_width = MAX (1, (int) (w + 0.5));
  *fit_height = CLAMP ((int) (w / aspect + 0.5), 1, MAX (height, 1));
  /* A picture of a frame's own shape misses it by a pixel of rounding: filling it is truer than an edge of paper. */
  if (width - *fit_width <= MIN (2, width / 64))
    *fit_width = MAX (1, width);
  if (height - *fit_height <= MIN (2, height / 64))
    *fit_height = MAX (1, height);
}

static void
board_gone_cb (gpointer data)
{
  InqTextures *self = data;
  self->board = NULL;
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self);
}

InqTextures *
inq_textures_get (InqBoard *board)
{
  g_return_val_if_fail (INQ_IS_BOARD (board), NULL);

  InqTextures *self = g_object_get_data (G_OBJECT (board), "inq-textures");
  if (self == NULL) {
    self = g_object_new (INQ_TYPE_TEXTURES, NULL);
    self->board = board;
    g_object_set_data_full (G_OBJECT (board), "inq-textures", self, board_gone_cb);
  }
  return self;
}

static void
inq_textures_finalize (GObject *object)
{
  InqTextures *self = INQ_TEXTURES (object);
  g_queue_clear (&self->waiting);
  g_hash_table_unref (self->wishes);
  g_hash_table_unref (self->by_image);
  g_hash_table_unref (self->entries);
  g_hash_table_unref (self->broken);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (inq_textures_parent_class)->finalize (object);
}

static void
inq_textures_class_init (InqTexturesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = inq_textures_finalize;
  loaded_signal = g_signal_new ("loaded", INQ_TYPE_TEXTURES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_INT64);
}

static void
inq_textures_init (InqTextures *self)
{
  self->entries = g_hash_table_new_full (key_hash, key_equal, entry_free, NULL);
  self->by_image = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->wishes = g_hash_table_new_full (key_hash, key_equal, g_free, NULL);
  self->broken = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->cancellable = g_cancellable_new ();
}
