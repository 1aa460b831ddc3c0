/* Inquadra - a plan's command lists, and the weights that come before each: once, or at every run for models larger
 * than the memory there is. SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A plan's ops are cut into segments, each a command list of its own. Weights that stay on the device are brought
 * before the segment that first reads them is submitted for the first time: the device computes with the first layers
 * while the host brings the next. Weights that there is no room for pass through one of two slots at every run: while
 * the device computes one segment, the host fills the other slot for the next. The kernels, their order and the bytes
 * they read are those of a plan that has everything at hand: so are the results.
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

/* The nodes of @g, or of them those that @runs (nullable) names. Reserves room for what stays: of the weights of all of
 * the graph's nodes, @resident bytes; two slots of @slot bytes are for the rest (0: there is none). */
InqWeightStream *inq_weight_stream_new (InqGpu *gpu, InqGraph *g, const gboolean *runs, InqDeviceWeights *dw,
                                        gsize resident, gsize slot, GError **error);
void inq_weight_stream_free (InqWeightStream *stream);

/* While recording: node @i comes next. Sets @r->pass to the command list it belongs to. */
gboolean inq_weight_stream_enter (InqWeightStream *stream, InqRecorder *r, guint i, gboolean timed, GError **error);
/* Where @ref lies while the segment being recorded runs; NULL when it is not in a slot. */
const InqDeviceWeight *inq_weight_stream_get (InqWeightStream *stream, const InqWeightRef *ref);
/* After the last node. */
gboolean inq_weight_stream_end (InqWeightStream *stream, GError **error);

/* Submits every segment once its weights are there. *@ticket: what to wait for, 0 when there is nothing to run. */
gboolean inq_weight_stream_submit (InqWeightStream *stream, gboolean (*cancelled) (gpointer), gpointer data,
                                   guint64 *ticket, GError **error);
/* For tests: operations of a submission from the next stream on; 0: as suits the device. */
void inq_weight_stream_test_set_work (double flops);
/* After that was waited for: whether what came through the slots was read from whole files. */
gboolean inq_weight_stream_check (InqWeightStream *stream, GError **error);
/* (transfer full) GArray of InqGpuTiming */
GArray *inq_weight_stream_get_timings (InqWeightStream *stream, GError **error);
guint inq_weight_stream_get_segments (InqWeightStream *stream);

G_END_DECLS
