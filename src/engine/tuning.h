/* Inquadra - the tiles of the matrix product, measured once per device and kept.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: a device belongs to one thread; several threads and processes may tune devices at the same time. */
#pragma once

#include <inq-gpu.h>

G_BEGIN_DECLS

typedef enum {
  INQ_TUNING_NONE,  /* estimates: on processors, where nothing can be kept, or as $INQ_TUNE says */
  INQ_TUNING_KEPT,  /* by an earlier run, or in the file that $INQ_TUNE names */
  INQ_TUNING_FRESH, /* measured now */
} InqTuning;

/**
 * inq_tune:
 * Gives @gpu the speeds that plans choose tiles by. They are measured (half a minute) when this device, driver and set
 * of kernels has none in the cache folder, and kept there. $INQ_TUNE: 0 for never, 1 to measure anew (on processors
 * too), a file name to take the speeds from there.
 *
 * Call it before plans are made: tiles chosen differently round sums differently, so speeds must not change while a
 * picture is made, and a measurement that cannot be kept is not used.
 *
 * Returns: FALSE when the file that $INQ_TUNE names cannot be used, or the device was lost
 */
gboolean inq_tune (InqGpu *gpu, InqTuning *tuning, GError **error);
const char *inq_tuning_name (InqTuning tuning);

G_END_DECLS
