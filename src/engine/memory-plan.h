/* Inquadra - what is kept on the device, what is dropped, streamed or made in tiles.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two halves that follow the same rules: inq_memory_plan_new() goes through a generation's stages and counts bytes,
 * inq_memory_make_room() drops what has to go when a stage begins. Rules: what fits the budget is kept for the next
 * picture. A stage that does not fit beside what is there drops, until it does: activations of other stages, least
 * recently used first; then weights of other stages, towers first, the diffusion network last. A stage that does not
 * fit alone is made in tiles (decoder, encoder), or its weights are streamed.
 *
 * Thread-safety: as inq-engine.h.
 */
#pragma once

#include "inq-model.h"

G_BEGIN_DECLS

/**
 * InqMemoryAsk: what a generation wants
 * @n: pictures altogether; @batch: at once, at most
 * @h, @w: latents
 * @first_h, @first_w: of a pass before that, 0 for none
 * @guided: two rows of the network for each picture; with @guide one of it and one of the network that guides, with
 * @guide_late both in turn
 * @interval: of those that are @guided, one row in part of the steps
 * @perturb: of those that are @guided
 * @tokens: rows of context, 0 for one row of the model's
 * @encode: a picture to start from
 * @tiny: previews with the tiny decoder
 * @budget: 0 for inq_memory_get_budget()
 */
typedef struct {
  int n, batch;
  gint64 h, w;
  gint64 first_h, first_w;
  gboolean guided, guide, guide_late, interval;
  InqPerturb perturb;
  gint64 tokens;
  gboolean encode;
  gboolean tiny;
  guint64 budget;
} InqMemoryAsk;

InqMemoryPlan *inq_memory_plan_new (InqModel *model, const InqMemoryAsk *ask, GError **error);

/* The summary in the user's words. (transfer full) */
char *inq_memory_plan_describe (const InqMemoryPlan *plan);
/* After the leanest plan failed: drops what @model has on the device and says what was wanted and what would fit. */
void inq_memory_explain (InqModel *model, const InqMemoryAsk *ask, GError **error);

/* What the device gives now; the model's last figure while it is about the same, so that plans made for it serve. */
guint64 inq_memory_get_budget (InqModel *model);

/* How a network that needs so much runs within @budget. FALSE when even that is more than the budget: @mode is the
 * leanest. @activations and @weights (nullable) are the bytes it will take, slots among the weights. */
gboolean inq_memory_choose (InqModel *model, InqPart part, InqGraph *graph, gint64 h, gint64 w, guint64 budget,
                            InqPartMode *mode, guint64 *activations, guint64 *weights, GError **error);

/* Whether one op of so many operations may keep a device of this kind longer than its kernel's watchdog lets pass: it
 * is made in tiles, since an op cannot be divided among submissions (inq-weight-stream.c). */
gboolean inq_memory_is_heavy (InqGpuKind kind, double flops);

/* Drops until @bytes more fit the model's budget, or nothing more can be dropped. @keep: the part they are for. */
void inq_memory_make_room (InqModel *model, InqPart keep, guint64 bytes);

G_END_DECLS
