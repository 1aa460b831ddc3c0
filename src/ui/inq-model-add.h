/* Inquadra - adding a model or LoRA off the main thread: copied, hashed, with progress, cancellable to the end.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: main thread only; it starts its own worker.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @fraction 0 to 1 of @what, a translated word such as "Copying". On the main thread, coalesced. */
typedef void (*InqModelAddProgress) (const char *what, double fraction, gpointer data);

/* Takes a checkpoint, a diffusers folder or a LoRA. @progress is nullable and not called after @callback;
 * @progress_data must live until then. Cancelled on the main thread any time before @callback, nothing stays: a copy
 * that was complete by then is deleted first. */
void inq_model_add_async (const char *path, GCancellable *cancellable, InqModelAddProgress progress,
                          gpointer progress_data, GAsyncReadyCallback callback, gpointer data);
/* Where it lies now, and its name (nullable). (transfer full); NULL with @error, which is G_IO_ERROR_CANCELLED after a
 * cancel: nothing was left behind, or @error says what was. */
char *inq_model_add_finish (GAsyncResult *result, char **name, GError **error);

G_END_DECLS
