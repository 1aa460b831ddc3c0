/* Inquadra - mapped files that get shorter: an error instead of the end of the program.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a mapped file beyond its present end raises SIGBUS. A handler, installed with the first map, puts zeros in
 * the place of what is gone and remembers it, so that whatever was reading finishes and inq_map_guard_is_hurt() tells;
 * a SIGBUS anywhere else goes to the handler that was there before. (libwayland does the same for shared buffers.) That
 * is transparent to readers, where reading through pread() would copy every byte once more.
 *
 * Thread-safety: all functions from any thread. The handler itself only reads atomics and calls mmap().
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _InqMapGuard InqMapGuard;

/* Watches @size bytes at @data, a map of a file. (nullable): NULL when there are more maps than can be watched. */
InqMapGuard *inq_map_guard_new (const void *data, gsize size);
/* Before the map goes. NULL is allowed. */
void inq_map_guard_free (InqMapGuard *guard);
/* Whether something read of the map was no longer in the file. */
gboolean inq_map_guard_is_hurt (InqMapGuard *guard);

G_END_DECLS
