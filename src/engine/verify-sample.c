/* Inquadra - verify: whole sampling runs of a reference set, from noise or from a picture.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run is named after its sampler and schedule ("euler_karras"), or says so itself ("sampler", "schedule"). Names
 * leave open what a library takes by default: where the description lists a run's timesteps, the schedule that visits
 * them is taken.
 */
#include "config.h"

#include "verify.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Timesteps nearer than this are the same: whole ones, or fractional ones worked out in f32. */
#define NEAR 0.02

static const char *
json_text (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;
  gboolean is_text = node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
  return is_text ? json_node_get_string (node) : NULL;
}

static gboolean
json_flag (JsonObject *object, const char *name, gboolean fallback)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;
  gboolean is_flag = node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN;
  return is_flag ? json_node_get_boolean (node) : fallback;
}

static JsonObject *
described (InqVerify *v, const char *name)
{
  JsonNode *node = inq_verify_json (v, name);
  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* The description knows better than the tensors ("v_prediction" in diffusers' words). */
static InqPrediction
get_prediction (InqVerify *v)
{
  InqPrediction prediction = v->model->spec->prediction;
  JsonNode *node = inq_verify_json (v, "prediction_type");
  const char *name = json_text (described (v, "schedule"), "prediction_type");
  if (node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    name = json_node_get_string (node);
  if (name)
    inq_prediction_from_name (g_str_equal (name, "v_prediction") ? "v" : name, &prediction);
  return prediction;
}

/* ---- schedules ---- */

/* Whether a run with @params calls the network at the timesteps that @how lists. */
static gboolean
visits (const InqSamplerParams *params, JsonArray *timesteps)
{
  g_autoptr (InqSampler) sampler = inq_sampler_new (params, NULL);
  guint n = json_array_get_length (timesteps);
  if (!sampler || inq_sampler_get_n_steps (sampler) != n)
    return FALSE;
  for (guint i = 0; i < n; i++) {
    JsonNode *node = json_array_get_element (timesteps, i);
    double timestep = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : -1;
    if (!(fabs (inq_sampler_get_timestep (sampler, i) - timestep) < NEAR))
      return FALSE;
  }
  return TRUE;
}

static void
choose_schedule (InqSamplerParams *params, JsonObject *how)
{
  JsonNode *node = json_object_get_member (how, "timesteps");
  JsonArray *timesteps = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (!timesteps || params->prediction == INQ_PREDICTION_FLOW || visits (params, timesteps))
    return;
  const char *const *schedules = inq_schedules ();
  for (guint i = 0; schedules[i]; i++) {
    InqSamplerParams other = *params;
    other.schedule = schedules[i];
    if (visits (&other, timesteps)) {
      *params = other;
      return;
    }
  }
}

/* @sampler: unless @how names one */
static gboolean
fill_params (InqVerify *v, const char *sampler, JsonObject *how, InqSamplerParams *params, GError **error)
{
  const InqModelSpec *spec = v->model->spec;
  JsonObject *schedule = described (v, "schedule");
  const char *betas = json_text (schedule, "beta_schedule"), *named = json_text (how, "sampler");
  if (betas && !g_str_equal (betas, "scaled_linear")) {
    g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_UNSUPPORTED,
                 _ ("this version knows no noise schedule “%.40s”"), betas);
    return FALSE;
  }
  inq_sampler_params_init (params);
  params->name = named ? named : sampler;
  params->schedule = json_text (how, "schedule");
  params->prediction = get_prediction (v);
  params->zero_snr = json_flag (schedule, "rescale_betas_zero_snr", spec->zero_terminal_snr);
  params->n_train = (int) CLAMP (inq_verify_number (schedule, "num_train_timesteps", params->n_train), 0, G_MAXINT);
  params->beta_start = inq_verify_number (schedule, "beta_start", params->beta_start);
  params->beta_end = inq_verify_number (schedule, "beta_end", params->beta_end);
  params->shift = spec->flow_shift;
  params->ays_xl = g_str_equal (spec->family->id, "sdxl");
  params->steps = (int) CLAMP (inq_verify_number (how, "steps", 20), 0, G_MAXINT);
  params->strength = inq_verify_number (how, "strength", 1);
  choose_schedule (params, how);
  return TRUE;
}

/* ---- runs ---- */

static gboolean
sample (InqVerify *v, const char *name, const char *sampler, JsonObject *how, const float *x0, const float *mask,
        GError **error)
{
  const InqModelSpec *spec = v->model->spec;
  if (!how)
    return inq_verify_unsupported (error, _ ("the description says nothing about this run"));
  gint64 d[4];
  int rows;
  g_autofree float *x = inq_verify_read (v, "sample.noise", spec->latent_channels, d, error);
  g_autofree float *context = x ? inq_verify_get_context (v, &rows, error) : NULL;
  if (!context)
    return FALSE;
  int prompt = (int) inq_verify_number (how, "prompt", 0);
  if (prompt < 0 || prompt >= rows)
    return inq_verify_unsupported (error, _ ("the description asks for a prompt that is not there"));
  g_autofree float *y = inq_verify_get_vectors (v, rows, d[2] * spec->vae_down, d[3] * spec->vae_down, error);
  if (spec->adm_width > 0 && !y)
    return FALSE;
  gsize row = (gsize) inq_model_get_tokens (v->model) * spec->context_width;
  gboolean negative = json_flag (how, "negative", TRUE);
  InqSampling s = {
    .n = 1,
    .h = d[2],
    .w = d[3],
    .cfg = inq_verify_number (how, "cfg", 1),
    .guidance_rescale = inq_verify_number (how, "guidance_rescale", 0),
    .cond = context + (gsize) prompt * row,
    .uncond = negative ? context + (gsize) (rows - 1) * row : NULL,
    .cond_y = y ? y + prompt * spec->adm_width : NULL,
    .uncond_y = y && negative ? y + (rows - 1) * spec->adm_width : NULL,
    .x0 = x0,
    .mask = mask,
  };
  if (!negative && s.cfg != 1)
    return inq_verify_unsupported (error, _ ("the description asks for guidance without a negative prompt"));
  if (!fill_params (v, sampler, how, &s.params, error))
    return FALSE;
  /* Pictures one by one: each has a start of its own. */
  gsize per = (gsize) (d[2] * d[3]) * spec->latent_channels;
  for (gint64 k = 0; k < d[0]; k++) {
    s.x = x + (gsize) k * per;
    if (!inq_model_sample (v->model, &s, NULL, error))
      return FALSE;
  }
  v->sample_n = d[0];
  v->sample_h = d[2];
  v->sample_w = d[3];
  g_hash_table_insert (v->samples, g_strdup (name), g_steal_pointer (&x));
  return TRUE;
}

gboolean
inq_verify_sample (InqVerify *v, const char *what, InqComputed *out, GError **error)
{
  gboolean image = g_str_has_suffix (what, ".image");
  g_autofree char *name = g_strndup (what, strlen (what) - (image ? strlen (".image") : 0));
  float *latents = g_hash_table_lookup (v->samples, name);
  if (!latents) {
    if (!sample (v, name, name, inq_verify_child (described (v, "samplers"), name), NULL, NULL, error))
      return FALSE;
    latents = g_hash_table_lookup (v->samples, name);
  }
  if (!image) {
    inq_verify_give (out, latents, v->sample_n, v->model->spec->latent_channels, v->sample_h, v->sample_w);
    return TRUE;
  }
  g_autofree char *full = g_strconcat ("sample.", what, NULL);
  return inq_verify_decode (v, full, latents, v->sample_n, v->sample_h, v->sample_w, out, error);
}

/* Euler unless the description names another sampler. */
gboolean
inq_verify_i2i (InqVerify *v, const char *what, InqComputed *out, GError **error)
{
  const InqModelSpec *spec = v->model->spec;
  if (g_str_equal (what, "x0")) {
    double scale = inq_verify_get_scale (v);
    if (!inq_verify_encode (v, 0, out, error))
      return FALSE;
    gint64 n = out->dims[0] * out->dims[1] * out->dims[2] * out->dims[3];
    for (gint64 i = 0; i < n; i++)
      out->data[i] = (float) ((out->data[i] - spec->vae_shift) * scale);
    return TRUE;
  }
  gboolean inpaint = g_str_equal (what, "inpaint");
  if (!inpaint && !g_str_equal (what, "img2img"))
    return inq_verify_unsupported (error, _ ("this version knows no such way to start from a picture"));
  gint64 d[4], m[4], n[4];
  g_autofree float *x0 = inq_verify_read (v, "i2i.x0", spec->latent_channels, d, error);
  g_autofree float *noise = x0 ? inq_verify_read (v, "sample.noise", spec->latent_channels, n, error) : NULL;
  g_autofree float *mask = noise && inpaint ? inq_verify_read (v, "i2i.mask", 1, m, error) : NULL;
  if (!noise || (inpaint && !mask))
    return FALSE;
  if (d[2] != n[2] || d[3] != n[3])
    return inq_verify_unsupported (error, _ ("the start picture has another size than the noise"));
  if (inpaint && (m[2] != d[2] || m[3] != d[3]))
    return inq_verify_unsupported (error, _ ("the mask has another size than the latents"));
  if (!sample (v, what, "euler", inq_verify_child (v->json, what), x0, mask, error))
    return FALSE;
  inq_verify_give (out, g_hash_table_lookup (v->samples, what), v->sample_n, spec->latent_channels, v->sample_h,
                   v->sample_w);
  return TRUE;
}
