/* Inquadra - what is kept on the device, what is dropped, streamed or made in tiles.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "memory-plan.h"
#include "vae-tiles.h"

#include <string.h>

#define MIB         ((guint64) 1 << 20)
#define SLOT_WANTED (64 * MIB)
#define TILE_WANTED (256 * MIB)
#define TILE_LEAST  (64 << 10)

guint64
inq_memory_get_budget (InqModel *model)
{
  guint64 now = inq_gpu_get_budget (model->engine->gpu), then = model->budget;
  if (model->budget_cap > 0)
    now = MIN (now, model->budget_cap);
  return then > 0 && now > then - then / 10 && now < then + then / 10 ? then : now;
}

/* ---- one network ---- */

/* Those inside of processors do 0.5e12 to 2e12 operations a second; cards do ten times that. */
#define HEAVY 1e12

gboolean
inq_memory_is_heavy (InqGpuKind kind, double flops)
{
  return kind == INQ_GPU_KIND_INTEGRATED && flops > HEAVY;
}

static gboolean
choose_tiles (InqModel *model, InqPart part, gint64 h, gint64 w, guint64 room, InqPartMode *mode, guint64 *activations,
              guint64 *weights, GError **error)
{
  InqTileNeeds needs;
  InqGraphNeeds all;
  g_autoptr (InqGraph) graph = inq_model_build_tiled (model, part, h, w);
  if (!inq_graph_measure (graph, model->engine->gpu, inq_model_get_part (model, part), G_MAXSIZE, &all, error))
    return FALSE;
  guint64 tile = TILE_WANTED;
  for (;; tile /= 2) {
    if (!inq_tiles_measure (model, part, h, w, (gsize) tile, &needs, error))
      return FALSE;
    if (needs.activations + all.weights <= room) {
      *mode = (InqPartMode){ .tile = (gsize) tile };
      *weights = all.weights;
      break;
    }
    if (needs.both <= room || tile <= TILE_LEAST) {
      *mode = (InqPartMode){ .tile = (gsize) tile, .slot = 1 };
      *weights = needs.both - MIN (needs.both, needs.activations);
      break;
    }
  }
  *activations = needs.activations;
  return TRUE;
}

/* Slots and what stays beside them; the slots are never less than the largest op takes. */
static void
choose_stream (const InqGraphNeeds *all, guint64 room, InqPartMode *mode)
{
  guint64 left = room > all->arena ? room - all->arena : 0;
  guint64 slot = MAX (all->largest, MIN (SLOT_WANTED, left / 4 / 256 * 256));
  mode->slot = (gsize) slot;
  mode->resident = left > 2 * slot ? (gsize) (left - 2 * slot) : 0;
}

gboolean
inq_memory_choose (InqModel *model, InqPart part, InqGraph *graph, gint64 h, gint64 w, guint64 budget,
                   InqPartMode *mode, guint64 *activations, guint64 *weights, GError **error)
{
  InqGpu *gpu = model->engine->gpu;
  InqDeviceWeights *dw = inq_model_get_part (model, part);
  guint64 staging = inq_gpu_get_staging_size (gpu), room = budget > staging ? budget - staging : 0, a, b;
  InqGraphNeeds needs;
  *mode = (InqPartMode){ 0 };
  inq_graph_set_anew (graph, FALSE);
  if (!inq_graph_measure (graph, gpu, dw, G_MAXSIZE, &needs, error))
    return FALSE;
  gboolean tiles = (part == INQ_PART_DECODER || part == INQ_PART_ENCODER);
  if (!tiles && needs.arena + needs.weights > room) {
    mode->anew = TRUE;
    inq_graph_set_anew (graph, TRUE);
    if (!inq_graph_measure (graph, gpu, dw, G_MAXSIZE, &needs, error))
      return FALSE;
  }
  a = needs.arena;
  b = needs.weights;
  if (tiles
      && (!needs.bindable || a + b > room || inq_memory_is_heavy (inq_gpu_get_facts (gpu)->kind, needs.heaviest))) {
    if (!choose_tiles (model, part, h, w, room, mode, &a, &b, error))
      return FALSE;
  } else if (a + b > room && b > 0) {
    choose_stream (&needs, room, mode);
    if (!inq_graph_measure (graph, gpu, dw, mode->resident, &needs, error))
      return FALSE;
    b = needs.weights + 2 * mode->slot;
  }
  if (activations)
    *activations = a;
  if (weights)
    *weights = b;
  return TRUE;
}

/* ---- making room ---- */

static const InqPart drop_order[] = { INQ_PART_TINY, INQ_PART_ENCODER, INQ_PART_DECODER, INQ_PART_GUIDE,
                                      INQ_PART_UNET };

/* The part whose weights go next: towers first. INQ_N_PARTS when there is none. */
static InqPart
next_part (const guint64 weights[INQ_N_PARTS], InqPart keep)
{
  for (InqPart part = INQ_PART_TOWER; part < INQ_PART_UNET; part++)
    if (part != keep && weights[part] > 0)
      return part;
  for (guint i = 0; i < G_N_ELEMENTS (drop_order); i++)
    if (drop_order[i] != keep && weights[drop_order[i]] > 0)
      return drop_order[i];
  return INQ_N_PARTS;
}

/* Drops the least recently used plan of another part, or one of @keep's own when there are none. */
static gboolean
drop_plan (InqModel *model, InqPart keep, gboolean own)
{
  for (guint i = model->plans->len; i-- > 0;) {
    const InqCachedPlan *cached = g_ptr_array_index (model->plans, i);
    if ((cached->part == keep) == own) {
      g_ptr_array_remove_index (model->plans, i);
      return TRUE;
    }
  }
  return FALSE;
}

void
inq_memory_make_room (InqModel *model, InqPart keep, guint64 bytes)
{
  guint64 budget = inq_memory_get_budget (model), current;
  for (;;) {
    inq_gpu_get_memory (model->engine->gpu, &current, NULL);
    current += inq_gpu_get_staging_left (model->engine->gpu);
    if (current + bytes <= budget)
      return;
    if (drop_plan (model, keep, FALSE))
      continue;
    guint64 weights[INQ_N_PARTS];
    for (guint i = 0; i < INQ_N_PARTS; i++)
      weights[i] = model->parts[i] ? inq_device_weights_get_size (model->parts[i]) : 0;
    InqPart part = next_part (weights, keep);
    if (part < INQ_N_PARTS)
      inq_model_drop_part (model, part);
    else if (!drop_plan (model, keep, TRUE))
      return;
  }
}

/* ---- a whole generation, counted ---- */

typedef struct {
  InqMemoryStage row;
  InqPart part;
  InqPartMode mode;
  guint64 arena; /* if nothing were tiled */
} Stage;

typedef struct {
  InqModel *model;
  guint64 budget, staging;
  GArray *stages; /* Stage, in the order they are first run */
  /* what is on the device */
  guint64 weights[INQ_N_PARTS];
  GArray *plans; /* index of a stage, most recent first */
  guint64 activations;
  /* what was dropped */
  gboolean dropped[INQ_N_PARTS], dropped_plans;
} Count;

static Stage *
stage_at (Count *count, guint i)
{
  return &g_array_index (count->stages, Stage, i);
}

static guint64
count_total (const Count *count)
{
  guint64 total = count->staging + count->activations;
  for (guint i = 0; i < INQ_N_PARTS; i++)
    total += count->weights[i];
  return total;
}

/* @own: of @keep itself; else of another part */
static gboolean
count_drop_plan (Count *count, InqPart keep, gboolean own)
{
  for (guint i = count->plans->len; i-- > 0;) {
    const Stage *stage = stage_at (count, g_array_index (count->plans, guint, i));
    if ((stage->part == keep) != own)
      continue;
    count->activations -= stage->row.activations;
    if (stage->mode.slot > 0) /* the slots go with it */
      count->weights[stage->part] -= MIN (count->weights[stage->part], 2 * (guint64) stage->mode.slot);
    g_array_remove_index (count->plans, i);
    return count->dropped_plans = TRUE;
  }
  return FALSE;
}

/* The stage runs: what it needs comes, what has no room goes. */
static void
count_run (Count *count, guint index, InqMemoryPlan *plan)
{
  Stage *stage = stage_at (count, index);
  for (guint i = 0; i < count->plans->len; i++)
    if (g_array_index (count->plans, guint, i) == index) {
      g_array_remove_index (count->plans, i);
      g_array_prepend_val (count->plans, index);
      return;
    }
  guint64 need = stage->row.activations + stage->row.weights - MIN (stage->row.weights, count->weights[stage->part]);
  while (count_total (count) + need > count->budget) {
    if (count_drop_plan (count, stage->part, FALSE))
      continue;
    InqPart part = next_part (count->weights, stage->part);
    if (part == INQ_N_PARTS && count_drop_plan (count, stage->part, TRUE))
      continue;
    if (part == INQ_N_PARTS)
      break;
    count->weights[part] = 0;
    count->dropped[part] = TRUE;
  }
  count->weights[stage->part] = MAX (count->weights[stage->part], stage->row.weights);
  count->activations += stage->row.activations;
  guint64 total = count_total (count);
  stage->row.used = MAX (stage->row.used, total);
  if (total > plan->needed) {
    plan->needed = total;
    plan->activations = count->activations + count->staging;
    plan->weights = total - plan->activations;
  }
  if (stage->mode.tile > 0) { /* their plans do not stay */
    count->activations -= stage->row.activations;
    if (stage->mode.slot > 0)
      count->weights[stage->part] = 0;
  } else {
    g_array_prepend_val (count->plans, index);
  }
}

static gboolean
add_stage (Count *count, InqMemoryPlan *plan, const char *name, InqPart part, gint64 n, gint64 h, gint64 w,
           gint64 tokens, InqPerturb perturb, GError **error)
{
  Stage stage = { .row = { .name = name }, .part = part };
  InqGraphNeeds needs;
  g_autoptr (InqGraph) graph = inq_model_build_part (count->model, part, n, h, w, tokens, perturb);
  InqMemoryStage *row = &stage.row;
  if (!inq_graph_measure (graph, count->model->engine->gpu, inq_model_get_part (count->model, part), G_MAXSIZE, &needs,
                          error)
      || !inq_memory_choose (count->model, part, graph, h, w, count->budget, &stage.mode, &row->activations,
                             &row->weights, error))
    return FALSE;
  row->all_weights = needs.weights;
  row->streamed = stage.mode.slot > 0;
  row->tiled = stage.mode.tile > 0;
  stage.arena = needs.arena;
  g_array_append_val (count->stages, stage);
  return TRUE;
}

/* What keeping everything takes. */
static guint64
count_whole (Count *count)
{
  guint64 whole = count->staging;
  gboolean seen[INQ_N_PARTS] = { FALSE };
  for (guint i = 0; i < count->stages->len; i++) {
    const Stage *stage = stage_at (count, i);
    whole += stage->arena + (seen[stage->part] ? 0 : stage->row.all_weights);
    seen[stage->part] = TRUE;
  }
  return whole;
}

/* As many pictures at once as fit with the weights at hand; else as fit at all. */
static gboolean
add_unet (Count *count, InqMemoryPlan *plan, const InqMemoryAsk *ask, const char *name, gint64 h, gint64 w,
          GError **error)
{
  gint64 tokens = ask->tokens > 0 ? ask->tokens : inq_model_get_tokens (count->model);
  InqPerturb perturb = ask->guided ? ask->perturb : INQ_PERTURB_NONE;
  int rows = ask->guided && (!ask->guide || ask->guide_late) ? 2 : 1;
  for (int pass = 0; pass < 2; pass++)
    for (int batch = MAX (ask->batch, 1); batch >= 1; batch--) {
      plan->batch = batch;
      if (!add_stage (count, plan, name, INQ_PART_UNET, batch * rows, h, w, tokens, perturb, error))
        return FALSE;
      const Stage *stage = stage_at (count, count->stages->len - 1);
      guint64 used = count->staging + stage->row.weights + stage->row.activations;
      if (used <= count->budget && (pass == 1 || !stage->row.streamed))
        return TRUE;
      if (pass == 1 && batch == 1)
        return TRUE; /* the leanest there is */
      g_array_set_size (count->stages, count->stages->len - 1);
    }
  return TRUE;
}

/* The network of one pass: as many pictures as add_unet() finds room for, then the network that guides and the same
 * unguided, where those come too. @names: of the three. */
static gboolean
add_pass (Count *count, InqMemoryPlan *plan, const InqMemoryAsk *ask, const char *const names[3], gint64 h, gint64 w,
          GError **error)
{
  gint64 tokens = ask->tokens > 0 ? ask->tokens : inq_model_get_tokens (count->model);
  if (!add_unet (count, plan, ask, names[0], h, w, error))
    return FALSE;
  if (ask->guided && ask->guide
      && !add_stage (count, plan, names[2], INQ_PART_GUIDE, plan->batch, h, w, tokens, INQ_PERTURB_NONE, error))
    return FALSE;
  if (ask->guided && ask->guide && !ask->guide_late)
    return TRUE;
  return (!ask->guided || !(ask->interval || ask->guide)
          || add_stage (count, plan, names[1], INQ_PART_UNET, plan->batch, h, w, tokens, INQ_PERTURB_NONE, error));
}

static void
say (GString *summary, const char *what)
{
  g_string_append_printf (summary, "%s%s", summary->len > 0 ? ", " : "", what);
}

static char *
summarize (Count *count, const InqMemoryPlan *plan, int asked)
{
  GString *summary = g_string_new (NULL);
  gboolean towers = FALSE, weights = FALSE, towers_streamed = FALSE;
  for (InqPart part = INQ_PART_TOWER; part < INQ_PART_UNET; part++)
    towers = towers || count->dropped[part];
  for (InqPart part = 0; part < INQ_N_PARTS; part++)
    weights = weights || count->dropped[part];
  if (plan->batch > 0 && plan->batch < asked) {
    g_autofree char *some = g_strdup_printf ("%d pictures at a time", plan->batch);
    say (summary, plan->batch == 1 ? "one picture at a time" : some);
  }
  if (count->dropped_plans && !weights)
    say (summary, "working memory shared");
  if (towers)
    say (summary, "towers dropped after use");
  if (count->dropped[INQ_PART_UNET] || count->dropped[INQ_PART_GUIDE])
    say (summary, "network dropped before decoding");
  for (guint i = 0; i < count->stages->len; i++) {
    const Stage *stage = stage_at (count, i);
    if (stage->part < INQ_PART_UNET && stage->row.streamed && !towers_streamed) {
      say (summary, "towers streamed");
      towers_streamed = TRUE;
    } else if (stage->part == INQ_PART_UNET && stage->row.streamed) {
      say (summary, "weights streamed");
    } else if (stage->part == INQ_PART_UNET && stage->mode.anew) {
      say (summary, "text gone through at every step");
    } else if (stage->part == INQ_PART_DECODER && stage->row.tiled) {
      say (summary, "decode in tiles");
    } else if (stage->part == INQ_PART_ENCODER && stage->row.tiled) {
      say (summary, "encode in tiles");
    }
  }
  if (summary->len == 0)
    say (summary, "whole");
  return g_string_free (summary, FALSE);
}

static gboolean
count_stages (Count *count, InqMemoryPlan *plan, const InqMemoryAsk *ask, GError **error)
{
  static const char *const names[INQ_MAX_TOWERS] = { "text", "text 2" };
  static const char *const first[] = { "unet first", "unguided first", "guide first" };
  static const char *const last[] = { "unet", "unguided", "guide" };
  const InqModelSpec *spec = count->model->spec;
  for (guint i = 0; i < spec->n_towers; i++)
    if (!add_stage (count, plan, names[i], INQ_PART_TOWER + i, 1, 0, 0, 0, INQ_PERTURB_NONE, error))
      return FALSE;
  gint64 down = spec->vae_down;
  if (ask->encode
      && !add_stage (count, plan, "encode", INQ_PART_ENCODER, 1, ask->h * down, ask->w * down, 0, INQ_PERTURB_NONE,
                     error))
    return FALSE;
  guint unet = count->stages->len;
  if ((ask->first_h > 0 && !add_pass (count, plan, ask, first, ask->first_h, ask->first_w, error))
      || !add_pass (count, plan, ask, last, ask->h, ask->w, error)
      || (ask->tiny
          && !add_stage (count, plan, "preview", INQ_PART_TINY, 1, ask->h, ask->w, 0, INQ_PERTURB_NONE, error))
      || !add_stage (count, plan, "decode", INQ_PART_DECODER, 1, ask->h, ask->w, 0, INQ_PERTURB_NONE, error))
    return FALSE;
  for (guint i = 0; i < count->stages->len; i++)
    count_run (count, i, plan);
  if (ask->n > plan->batch) /* and again */
    for (guint i = unet; i < count->stages->len; i++)
      count_run (count, i, plan);
  return TRUE;
}

InqMemoryPlan *
inq_memory_plan_new (InqModel *model, const InqMemoryAsk *ask, GError **error)
{
  g_autoptr (InqMemoryPlan) plan = g_new0 (InqMemoryPlan, 1);
  g_autoptr (GArray) stages = g_array_new (FALSE, FALSE, sizeof (Stage));
  g_autoptr (GArray) plans = g_array_new (FALSE, FALSE, sizeof (guint));
  Count count = { .model = model, .stages = stages, .plans = plans };
  count.staging = inq_gpu_get_staging_size (model->engine->gpu);
  count.budget = plan->budget = ask->budget > 0 ? ask->budget : inq_memory_get_budget (model);
  if (!count_stages (&count, plan, ask, error))
    return NULL;
  plan->whole = count_whole (&count);
  plan->fits = plan->needed <= plan->budget;
  plan->summary = summarize (&count, plan, ask->batch);
  plan->n_stages = stages->len;
  plan->stages = g_new0 (InqMemoryStage, stages->len);
  for (guint i = 0; i < stages->len; i++)
    plan->stages[i] = stage_at (&count, i)->row;
  return g_steal_pointer (&plan);
}

void
inq_memory_plan_free (InqMemoryPlan *plan)
{
  if (!plan)
    return;
  g_free (plan->summary);
  g_free (plan->stages);
  g_free (plan);
}
