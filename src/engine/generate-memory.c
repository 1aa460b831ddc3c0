/* Inquadra - how a generation uses the device's memory.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "generate-private.h"

#include <glib/gi18n-lib.h>

#define MAX_TRIES 8 /* memory plans */

InqMemoryAsk
inq_run_memory_ask (InqRun *run)
{
  return (InqMemoryAsk){
    .n = run->count - run->done,
    .batch = run->batch,
    .h = run->final->h,
    .w = run->final->w,
    .first_h = run->final == &run->base ? 0 : run->base.h,
    .first_w = run->base.w,
    .guided = run->guided,
    .guide = inq_model_has_guide (run->model, run->perturb),
    .guide_late = run->model->spec->guide_start > 0,
    .interval = run->params->guidance_start > 0 || run->guidance_end < 1,
    .perturb = run->perturb,
    .tokens = run->tokens,
    .encode = run->model->spec->inpaint || (run->base.init && !run->base.x0) || (run->large.init && !run->large.x0),
    .tiny = run->rich_every > 0 && run->callbacks && run->callbacks->previews,
  };
}

gboolean
inq_run_plan_memory (InqRun *run, GError **error)
{
  InqMemoryAsk ask = inq_run_memory_ask (run);
  g_clear_pointer (&run->memory, inq_memory_plan_free);
  run->memory = inq_memory_plan_new (run->model, &ask, error);
  if (!run->memory)
    return FALSE;
  run->batch = run->memory->batch;
  if (!g_str_equal (run->memory->summary, "whole")) {
    g_autofree char *budget = g_format_size (run->memory->budget), *whole = g_format_size (run->memory->whole);
    g_autofree char *what = inq_memory_plan_describe (run->memory);
    if (run->memory->budget < run->memory->whole)
      inq_run_notice (run, _ ("Graphics memory is short (%s of the %s that keeping everything takes): %s"), budget,
                      whole, what);
    else
      inq_run_notice (run, _ ("The picture is larger than this device takes in one piece: %s"), what);
  }
  return TRUE;
}

gboolean
inq_run_plan_less (InqRun *run)
{
  guint64 tried;
  if (!run->memory || !run->memory->fits || run->tries++ >= MAX_TRIES)
    return FALSE;
  tried = MIN (run->memory->budget, run->memory->needed);
  inq_model_drop_device (run->model);
  run->model->budget_cap = tried - tried / 4;
  return TRUE;
}

InqMemoryPlan *
inq_engine_plan_memory (InqEngine *engine, InqModel *model, const InqGenerateParams *params, GError **error)
{
  const InqGenerateCallbacks silent = { .previews = TRUE };
  g_auto (InqRun) run = { .engine = engine, .model = model, .callbacks = &silent };
  if (!inq_run_begin (&run, params, error))
    return NULL;
  InqMemoryAsk ask = inq_run_memory_ask (&run);
  ask.encode = params->init || model->spec->inpaint;
  return inq_memory_plan_new (model, &ask, error);
}
