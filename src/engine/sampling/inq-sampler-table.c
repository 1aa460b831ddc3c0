/* Inquadra - the table of samplers: a solver, what it needs, and the schedule it takes unless told otherwise.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-sampler-table.h"
#include "inq-engine.h"

#include <string.h>

/* Schedules by default: those of diffusers for Euler, DDIM and UniPC, of AUTOMATIC1111's interface for the rest. */
static const InqSamplerRow rows[] = {
  { "euler", INQ_SPACING_LINSPACE, inq_solver_ddim, .exploding = TRUE },
  { "euler_a", INQ_SPACING_LINSPACE, inq_solver_euler_a, INQ_NOISE_DRAWS, .exploding = TRUE },
  { "heun", INQ_SPACING_LINSPACE, inq_solver_heun, .exploding = TRUE, .two_calls = TRUE },
  { "ddim", INQ_SPACING_LEADING, inq_solver_ddim, .no_signal = TRUE },
  { "dpmpp_2m", INQ_SPACING_KARRAS, inq_solver_dpmpp_2m },
  { "dpmpp_2m_sde", INQ_SPACING_EXPONENTIAL, inq_solver_dpmpp_2m_sde, INQ_NOISE_PATH, .exploding = TRUE },
  { "dpmpp_sde", INQ_SPACING_KARRAS, inq_solver_dpmpp_sde, INQ_NOISE_PATH, .exploding = TRUE, .two_calls = TRUE,
    .middle = TRUE },
  { "unipc", INQ_SPACING_SGM_UNIFORM, inq_solver_unipc },
  { "lcm", INQ_SPACING_LCM, inq_solver_lcm, INQ_NOISE_DRAWS, .no_signal = TRUE },
  { "tcd", INQ_SPACING_LCM, inq_solver_tcd, INQ_NOISE_DRAWS, .via = TRUE, .no_signal = TRUE },
};
static const char *const names[] = { "euler",     "euler_a", "heun", "ddim", "dpmpp_2m", "dpmpp_2m_sde",
                                     "dpmpp_sde", "unipc",   "lcm",  "tcd",  NULL };
G_STATIC_ASSERT (G_N_ELEMENTS (names) == G_N_ELEMENTS (rows) + 1);

/* In the order of InqSpacing. */
static const char *const spacings[] = { "linspace",    "leading", "trailing", "karras", "exponential",
                                        "sgm_uniform", "ays",     "lcm",      NULL };
G_STATIC_ASSERT (G_N_ELEMENTS (spacings) == INQ_SPACING_LCM + 2);

const char *const *
inq_samplers (void)
{
  return names;
}

const char *const *
inq_schedules (void)
{
  return spacings;
}

gboolean
inq_spacing_from_name (const char *name, InqSpacing *spacing)
{
  for (guint i = 0; spacings[i]; i++)
    if (g_strcmp0 (name, spacings[i]) == 0) {
      *spacing = i;
      return TRUE;
    }
  return FALSE;
}

const InqSamplerRow *
inq_sampler_row_find (const char *name, InqSpacing *spacing)
{
  for (guint i = 0; name && i < G_N_ELEMENTS (rows); i++) {
    gsize length = strlen (rows[i].name);
    if (strncmp (name, rows[i].name, length) != 0)
      continue;
    *spacing = rows[i].spacing;
    if (name[length] == '\0' || (name[length] == '_' && inq_spacing_from_name (name + length + 1, spacing)))
      return &rows[i];
  }
  return NULL;
}

gboolean
inq_sampler_split (const char *name, const char **sampler, const char **schedule)
{
  InqSpacing spacing;
  const InqSamplerRow *row = inq_sampler_row_find (name, &spacing);

  if (!row)
    return FALSE;
  *sampler = row->name;
  *schedule = spacings[spacing];
  return TRUE;
}
