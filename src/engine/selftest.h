/* Inquadra - inside of the self test.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: as inq-engine.h.
 */
#pragma once

#include "inq-model.h"

G_BEGIN_DECLS

/* Largest difference that a kernel may make, over the reference's standard deviation. */
#define INQ_SELFTEST_F32 1e-4
#define INQ_SELFTEST_F16 3e-2

/* Adds a check; @reason is nullable and makes it fail. */
void inq_selftest_add (InqSelftest *test, const char *name, double error, double tolerance, const char *reason);
/* Each kind of kernel against plain arithmetic. FALSE when cancelled. */
gboolean inq_selftest_run_ops (InqSelftest *test, InqEngine *engine, GCancellable *cancellable, GError **error);

G_END_DECLS
