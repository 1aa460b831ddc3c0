/* Inquadra - adding a model or LoRA off the main thread: copied, hashed, with progress, cancellable.
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
 * @progress_data must live until then. */
void inq_model_add_async (const char *path, GCancellable *cancellable, InqModelAddProgress progress,
                          gpointer progress_data, GAsyncReadyCallback callback, gpointer data);
/* Where it lies now, and its name (nullable). (transfer full); NULL with @error: nothing was left behind. */
char *inq_model_add_finish (GAsyncResult *result, char **name, GError **error);

G_END_DECLS
