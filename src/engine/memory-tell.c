/* Inquadra - memory plans in words: what will happen, and what would have had room.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "memory-plan.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

/* The pieces of a summary, for translators; see InqMemoryPlan. */
static const char *const pieces[] = {
  N_ ("whole"),
  N_ ("one picture at a time"),
  N_ ("working memory shared"),
  N_ ("towers dropped after use"),
  N_ ("network dropped before decoding"),
  N_ ("weights streamed"),
  N_ ("text gone through at every step"),
  N_ ("towers streamed"),
  N_ ("decode in tiles"),
  N_ ("encode in tiles"),
};

char *
inq_memory_plan_describe (const InqMemoryPlan *plan)
{
  g_auto (GStrv) parts = g_strsplit (plan->summary, ", ", -1);
  for (guint i = 0; parts[i]; i++) {
    int n;
    if (sscanf (parts[i], "%d pictures", &n) == 1) {
      g_free (parts[i]);
      parts[i] = g_strdup_printf (
          g_dngettext (GETTEXT_PACKAGE, "%d picture at a time", "%d pictures at a time", (gulong) n), n);
      continue;
    }
    for (guint k = 0; k < G_N_ELEMENTS (pieces); k++)
      if (g_str_equal (parts[i], pieces[k])) {
        g_free (parts[i]);
        parts[i] = g_strdup (_ (pieces[k]));
        break;
      }
  }
  return g_strjoinv (", ", parts);
}

/* The leanest plan for a picture of the given share of @ask's sides, in latents. */
static InqMemoryPlan *
plan_smaller (InqModel *model, const InqMemoryAsk *ask, gint64 h, gint64 w)
{
  InqMemoryAsk smaller = *ask;
  smaller.h = h;
  smaller.w = w;
  smaller.n = smaller.batch = 1;
  return inq_memory_plan_new (model, &smaller, NULL);
}

void
inq_memory_explain (InqModel *model, const InqMemoryAsk *ask, GError **error)
{
  gint64 down = model->spec->vae_down, multiple = inq_model_spec_get_multiple (model->spec), width = 0, height = 0;
  gboolean fits = FALSE;
  inq_model_drop_device (model);
  model->budget_cap = 0;
  guint64 budget = inq_memory_get_budget (model);
  g_autoptr (InqMemoryPlan) wanted = plan_smaller (model, ask, ask->h, ask->w);
  guint64 needed = wanted ? MAX (wanted->needed, wanted->fits ? budget + 1 : 0) : 0;
  for (int eighths = 7; eighths >= 1 && !fits; eighths--) {
    width = ask->w * down * eighths / 8 / multiple * multiple;
    height = ask->h * down * eighths / 8 / multiple * multiple;
    if (width == 0 || height == 0)
      break;
    g_autoptr (InqMemoryPlan) smaller = plan_smaller (model, ask, height / down, width / down);
    fits = smaller && smaller->fits && smaller->needed < needed;
  }
  g_autofree char *needed_text = g_format_size (needed), *free_text = g_format_size (budget);
  if (fits)
    g_set_error (
        error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY,
        _ ("Out of graphics memory: a picture of %dx%d with %s needs about %s and %s are free; %dx%d would fit"),
        (int) (ask->w * down), (int) (ask->h * down), model->info->name, needed_text, free_text, (int) width,
        (int) height);
  else
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY,
                 _ ("Out of graphics memory: a picture of %dx%d with %s needs about %s and %s are free. No smaller size"
                    " would fit: close other programs or choose another device"),
                 (int) (ask->w * down), (int) (ask->h * down), model->info->name, needed_text, free_text);
}
