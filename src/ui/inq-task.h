/* Inquadra - work in a thread on behalf of a widget
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* As g_task_new(), for g_task_run_in_thread(): @callback gets @source, which the task itself does not know. The pool's
 * thread may be the last to let go of a task, and would dispose of a widget there, beside the main thread.
 * @source: (nullable) referenced until @callback (nullable) has run. Main thread. */
GTask *inq_task_new (gpointer source, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

G_END_DECLS
