/* Inquadra - panels in the clipboard.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-clip.h"

#include <inq-board-panels.h>

#include "inq-flatten.h"

#define PNG "image/png"

/* What is offered, or why not, or neither yet. */
typedef struct {
  const char *mime_type;
  GBytes *bytes;
  GError *error;
  GPtrArray *waiting; /* GTask, whose data is the stream it writes to */
} Offer;

struct _InqClip {
  GdkContentProvider parent_instance;
  Offer panels;
  Offer picture; /* its mime_type is NULL where there is none */
};

G_DEFINE_FINAL_TYPE (InqClip, inq_clip, GDK_TYPE_CONTENT_PROVIDER)

static void
written_cb (GObject *stream, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (stream), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* @task: (transfer full) */
static void
serve (Offer *offer, GTask *task)
{
  gsize size;

  if (offer->error != NULL) {
    g_task_return_error (task, g_error_copy (offer->error));
    g_object_unref (task);
    return;
  }
  gconstpointer bytes = g_bytes_get_data (offer->bytes, &size);
  g_output_stream_write_all_async (g_task_get_task_data (task), bytes, size, g_task_get_priority (task),
                                   g_task_get_cancellable (task), written_cb, task);
}

/* @bytes: (transfer full) (nullable); @error: (transfer full) (nullable) */
static void
settle (Offer *offer, GBytes *bytes, GError *error)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&offer->waiting);

  offer->bytes = bytes;
  offer->error = error;
  for (guint i = 0; i < waiting->len; i++)
    serve (offer, g_object_ref (waiting->pdata[i]));
}

static GdkContentFormats *
inq_clip_ref_formats (GdkContentProvider *provider)
{
  InqClip *self = INQ_CLIP (provider);
  const char *types[] = { INQ_CLIP_MIME_TYPE, self->picture.mime_type };

  return gdk_content_formats_new (types, self->picture.mime_type != NULL ? 2 : 1);
}

static void
inq_clip_write_mime_type_async (GdkContentProvider *provider, const char *mime_type, GOutputStream *stream,
                                int io_priority, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  InqClip *self = INQ_CLIP (provider);
  GTask *task = g_task_new (self, cancellable, callback, data);
  Offer *offer = g_strcmp0 (mime_type, self->picture.mime_type) == 0 ? &self->picture : &self->panels;

  g_task_set_priority (task, io_priority);
  g_task_set_task_data (task, g_object_ref (stream), g_object_unref);
  if (g_strcmp0 (mime_type, offer->mime_type) != 0) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s", mime_type);
    g_object_unref (task);
  } else if (offer->waiting != NULL) {
    g_ptr_array_add (offer->waiting, task);
  } else {
    serve (offer, task);
  }
}

static gboolean
inq_clip_write_mime_type_finish (GdkContentProvider *provider, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
offer_init (Offer *offer, const char *mime_type)
{
  offer->mime_type = mime_type;
  offer->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
offer_clear (Offer *offer)
{
  g_clear_pointer (&offer->bytes, g_bytes_unref);
  g_clear_error (&offer->error);
  g_clear_pointer (&offer->waiting, g_ptr_array_unref);
}

static void
inq_clip_finalize (GObject *object)
{
  InqClip *self = INQ_CLIP (object);

  offer_clear (&self->panels);
  offer_clear (&self->picture);
  G_OBJECT_CLASS (inq_clip_parent_class)->finalize (object);
}

static void
inq_clip_class_init (InqClipClass *klass)
{
  GdkContentProviderClass *provider_class = GDK_CONTENT_PROVIDER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = inq_clip_finalize;
  provider_class->ref_formats = inq_clip_ref_formats;
  provider_class->write_mime_type_async = inq_clip_write_mime_type_async;
  provider_class->write_mime_type_finish = inq_clip_write_mime_type_finish;
}

static void
inq_clip_init (InqClip *self)
{
}

/* ---- what it holds ---- */

static void
packed_cb (GObject *board, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data; /* keeps the clip */
  InqClip *self = g_task_get_source_object (task);
  GError *error = NULL;
  GBytes *bytes = inq_board_pack_panels_finish (INQ_BOARD (board), result, &error);

  settle (&self->panels, bytes, error);
  if (bytes != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_error_copy (error));
}

static void
flattened_cb (GObject *board, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqClip) self = data;
  GError *error = NULL;
  GBytes *bytes = inq_flatten_look_finish (result, &error);

  settle (&self->picture, bytes, error);
}

InqClip *
inq_clip_new (InqBoard *board, const gint64 *panels, gsize n, GAsyncReadyCallback callback, gpointer data)
{
  g_return_val_if_fail (n > 0, NULL);

  InqClip *self = g_object_new (INQ_TYPE_CLIP, NULL);
  InqPanel *panel = n == 1 ? inq_board_find_panel (board, panels[0]) : NULL;
  const InqPanelRow *row = panel != NULL ? inq_panel_get_row (panel) : NULL;

  offer_init (&self->panels, INQ_CLIP_MIME_TYPE);
  inq_board_pack_panels (board, panels, n, packed_cb, g_task_new (self, NULL, callback, data));
  if (row != NULL && (row->cover_image != 0 || row->n_strokes > 0)) {
    offer_init (&self->picture, PNG);
    inq_flatten_look_async (board, panels[0], flattened_cb, g_object_ref (self));
  }
  return self;
}

gboolean
inq_clip_finish (InqClip *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
