/* Inquadra - a model in words: what it is, and whether it fits a device.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-model-facts.h"

#include <glib/gi18n.h>

static const char *
family_name (const InqModelInfo *info)
{
  static const struct {
    const char *id, *name;
  } families[] = {
    { "house", N_ ("House model") },
    { "sd1", "Stable Diffusion 1" },
    { "sd2", "Stable Diffusion 2" },
    { "sdxl", "Stable Diffusion XL" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (g_str_equal (families[i].id, info->family))
      return _ (families[i].name);
  return _ ("unknown family");
}

static void
add_fact (GString *facts, const char *fact)
{
  if (fact == NULL || *fact == '\0')
    return;
  if (facts->len > 0)
    g_string_append (facts, " · ");
  g_string_append (facts, fact);
}

char *
inq_model_facts (const InqModelFound *found)
{
  const InqModelInfo *info = found->info;
  g_autoptr (GString) facts = g_string_new (NULL);

  if (info == NULL)
    return g_strdup (found->error);
  g_autofree char *size = g_format_size (info->size);
  g_autofree char *pixels = info->width > 0 ? g_strdup_printf ("%d × %d", info->width, info->height) : NULL;
  add_fact (facts, family_name (info));
  if (info->inpaint)
    add_fact (facts, _ ("for repainting"));
  if (info->distilled)
    add_fact (facts, _ ("few steps"));
  add_fact (facts, info->dtypes);
  add_fact (facts, size);
  if (g_str_equal (info->kind, "checkpoint"))
    add_fact (facts, pixels);
  add_fact (facts, info->license);
  for (guint i = 0; info->missing != NULL && info->missing[i] != NULL; i++)
    add_fact (facts, info->missing[i]);
  return g_string_free (g_steal_pointer (&facts), FALSE);
}

gboolean
inq_model_can_draw (const InqModelFound *found)
{
  return found->info != NULL && g_str_equal (found->info->kind, "checkpoint")
         && (found->info->missing == NULL || found->info->missing[0] == NULL);
}

char *
inq_model_fits (InqEngine *engine, const char *path)
{
  InqGenerateParams params;
  g_autoptr (GError) error = NULL;
  InqModel *model = inq_engine_load (engine, path, &error);

  inq_generate_params_init (&params);
  params.prompt = "";
  g_autoptr (InqMemoryPlan) plan = model != NULL ? inq_engine_plan_memory (engine, model, &params, &error) : NULL;
  if (plan == NULL)
    return g_strdup ("");
  g_autofree char *needed = g_format_size (plan->needed);
  if (!plan->fits)
    return g_strdup_printf (_ ("too large for this device: needs %s"), needed);
  if (g_strcmp0 (plan->summary, "whole") != 0)
    return g_strdup_printf (_ ("fits this device in parts, slower (%s)"), needed);
  return g_strdup_printf (_ ("fits this device (%s)"), needed);
}
