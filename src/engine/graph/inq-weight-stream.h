/* Inquadra - weights that pass through the device while a plan runs, for models larger than the memory there is.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A plan's ops are cut into segments, each a command list of its own whose weights fit one of two slots. While the
 * device computes one segment, the host fills the other slot with the weights of the next. What there is room for
 * beside the slots stays on the device. The kernels, their order and the bytes they read are those of the plan that
 * has everything at hand: so are the results.
 *
 * Thread-safety: as InqPlan.
 */
#pragma once

#include "inq-graph-private.h"

G_BEGIN_DECLS

/* What of @refs stays on a device when @resident bytes are there for it: as many as fit, spread evenly over the run, so
 * that uploads have computation to hide behind. (transfer full) one flag per reference; @kept (nullable) is set to the
 * bytes. */
gboolean *inq_weight_stream_choose (InqDeviceWeights *dw, const InqWeightRef *refs, guint n_refs, gsize resident,
                                    gsize *kept);

/* Slots of @slot bytes for the nodes of @g; loads what stays. */
InqWeightStream *inq_weight_stream_new (InqGpu *gpu, InqGraph *g, InqDeviceWeights *dw, gsize resident, gsize slot,
                                        GError **error);
void inq_weight_stream_free (InqWeightStream *stream);

/* While recording: node @i comes next. Sets @r->pass to the command list it belongs to. */
gboolean inq_weight_stream_enter (InqWeightStream *stream, InqRecorder *r, guint i, gboolean timed, GError **error);
/* Where @ref lies while the segment being recorded runs; NULL when it is not in a slot. */
const InqDeviceWeight *inq_weight_stream_get (InqWeightStream *stream, const InqWeightRef *ref);
/* After the last node. */
gboolean inq_weight_stream_end (InqWeightStream *stream, GError **error);

gboolean inq_weight_stream_run (InqWeightStream *stream, gboolean (*cancelled) (gpointer), gpointer data,
                                GError **error);
/* (transfer full) GArray of InqGpuTiming */
GArray *inq_weight_stream_get_timings (InqWeightStream *stream, GError **error);
guint inq_weight_stream_get_segments (InqWeightStream *stream);

G_END_DECLS
