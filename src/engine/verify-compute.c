/* Inquadra - verify: how each kind of result is computed from the inputs of a reference set.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names are those of the reference's README: text{i}.last, .penultimate, .penultimate_normed, .pooled; context;
 * unet.eps.T, unet.perturbed.WHERE.T, guide.eps.T; vae.decode, vae.encode.mean, .logvar; sample.NAME and
 * sample.NAME.image; i2i.x0, .img2img, .inpaint; taesd.decode, .encode; lora.eps.T. Reference tensors are NCHW, the
 * engine's NHWC.
 */
#include "config.h"

#include "verify.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define ONE_CALL 2e-3
#define SAMPLING 2e-2
/* where activations are kept as halves, as on graphics cards */
#define HALVES 10

gboolean
inq_verify_is_input (const char *name)
{
  static const char *const inputs[] = { "unet.x",   "vae.z",   "vae.image",    "sample.noise",
                                        "i2i.mask", "taesd.z", "taesd.image01" };
  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    if (g_str_equal (name, inputs[i]))
      return TRUE;
  return FALSE;
}

double
inq_verify_get_tolerance (const char *name, gboolean halves)
{
  return (halves ? HALVES : 1)
         * (g_str_has_prefix (name, "sample.") || g_str_equal (name, "i2i.img2img") || g_str_equal (name, "i2i.inpaint")
                ? SAMPLING
                : ONE_CALL);
}

/* ---- inputs ---- */

JsonObject *
inq_verify_child (JsonObject *parent, const char *name)
{
  JsonNode *node = parent ? json_object_get_member (parent, name) : NULL;
  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

double
inq_verify_number (JsonObject *object, const char *name, double fallback)
{
  return object && json_object_has_member (object, name)
             ? json_object_get_double_member_with_default (object, name, fallback)
             : fallback;
}

/* A 4-D input as NHWC; its dims n, c, h, w to @d. */
static float *
read_nhwc (InqVerify *v, const char *name, gint64 d[4], GError **error)
{
  const InqWeight *w = inq_verify_lookup (v, name);
  if (!w || w->n_dims != 4) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING,
                 _ ("its input %s is not in the reference, or has not four dimensions"), name);
    return NULL;
  }
  memcpy (d, w->dims, 4 * sizeof *d);
  g_autofree float *nchw = g_new (float, inq_weight_count (w));
  float *nhwc = g_new (float, inq_weight_count (w));
  inq_weight_to_f32 (w, nchw);
  inq_nchw_to_nhwc (nchw, nhwc, d[0], d[1], d[2], d[3]);
  return nhwc;
}

float *
inq_verify_read (InqVerify *v, const char *name, gint64 channels, gint64 d[4], GError **error)
{
  g_autofree float *x = read_nhwc (v, name, d, error);
  if (x && d[1] != channels) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE,
                 _ ("its input %s has %lld channels, the network %lld"), name, (long long) d[1], (long long) channels);
    return NULL;
  }
  return g_steal_pointer (&x);
}

void
inq_verify_give (InqComputed *out, const float *nhwc, gint64 n, gint64 c, gint64 h, gint64 w)
{
  out->n_dims = 4;
  out->dims[0] = n;
  out->dims[1] = c;
  out->dims[2] = h;
  out->dims[3] = w;
  out->data = g_new (float, n *c *h *w);
  inq_nhwc_to_nchw (nhwc, out->data, n, c, h, w);
}

/* ---- networks ---- */

/* @guide: of the network that guides */
static gboolean
compute_unet (InqVerify *v, const char *timestep, gboolean guide, InqPerturb perturb, InqComputed *out, GError **error)
{
  const InqModelSpec *spec = v->model->spec;
  char *end;
  double t = g_ascii_strtod (timestep, &end);
  if (end == timestep || *end)
    return inq_verify_unsupported (error, _ ("the timestep in the name is no number"));
  gint64 d[4];
  int rows;
  g_autofree float *x = inq_verify_read (v, "unet.x", spec->unet_in_channels, d, error);
  g_autofree float *context = x ? inq_verify_get_context (v, &rows, error) : NULL;
  if (!context)
    return FALSE;
  if (d[0] > rows)
    return inq_verify_unsupported (error, _ ("the reference has fewer contexts than latents"));
  g_autofree float *y = inq_verify_get_vectors (v, rows, d[2] * spec->vae_down, d[3] * spec->vae_down, error);
  if (spec->adm_width > 0 && !y)
    return FALSE;
  gint64 channels = spec->latent_channels;
  g_autofree float *result = g_new (float, d[0] * channels * d[2] * d[3]);
  int tokens = inq_model_get_tokens (v->model);
  if (guide
          ? !inq_model_run_guide (v->model, d[0], d[2], d[3], x, t, context, tokens, y, result, NULL, error)
          : !inq_model_run_unet (v->model, d[0], d[2], d[3], x, t, context, tokens, y, 0, perturb, result, NULL, error))
    return FALSE;
  inq_verify_give (out, result, d[0], channels, d[2], d[3]);
  return TRUE;
}

/* @what: "middle.T" or "all.T": the first half of the rows perturbed as for guidance. */
static gboolean
compute_perturbed (InqVerify *v, const char *what, InqComputed *out, GError **error)
{
  const char *dot = strchr (what, '.');
  g_autofree char *where = g_strndup (what, dot ? (gsize) (dot - what) : strlen (what));
  InqPerturb perturb;
  if (!dot || !inq_perturb_from_name (where, &perturb))
    return inq_verify_unsupported (error, _ ("what is perturbed is neither “middle” nor “all”"));
  return compute_unet (v, dot + 1, FALSE, perturb, out, error);
}

/* The network's output with the LoRA beside the reference. Its inputs, the towers' pooled state among them, are the
 * model's without it. */
static gboolean
compute_lora (InqVerify *v, const char *timestep, InqComputed *out, GError **error)
{
  const InqModelSpec *spec = v->model->spec;
  g_autofree char *path = g_build_filename (v->folder, "lora.safetensors", NULL);
  InqLoraUse use = { .path = path, .weight = inq_verify_number (inq_verify_child (v->json, "lora"), "weight", 1) };
  if (spec->adm_width > 0 && spec->n_towers > 0 && !inq_verify_ensure_text (v, spec->n_towers - 1, error))
    return FALSE;
  gboolean ok = inq_model_set_loras (v->model, &use, 1, error)
                && compute_unet (v, timestep, FALSE, INQ_PERTURB_NONE, out, error);
  /* Also after a failure: the other results are the model's own. */
  return inq_model_set_loras (v->model, NULL, 0, ok ? error : NULL) && ok;
}

double
inq_verify_get_scale (InqVerify *v)
{
  JsonNode *node = inq_verify_json (v, "scaling_factor");
  double scale = node && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : 0;
  return scale > 0 ? scale : v->model->spec->vae_scale;
}

/* A grey picture is repeated when the reference wants three colours. */
gboolean
inq_verify_decode (InqVerify *v, const char *name, const float *latents, gint64 n, gint64 h, gint64 w, InqComputed *out,
                   GError **error)
{
  const InqModelSpec *spec = v->model->spec;
  gint64 down = spec->vae_down, channels = spec->vae_channels;
  gsize per = (gsize) (h * w) * spec->latent_channels, pixels = (gsize) (h * w * down * down);
  double scale = inq_verify_get_scale (v);
  const InqWeight *reference = inq_verify_lookup (v, name);
  if (channels == 1 && reference && reference->n_dims == 4 && reference->dims[1] == 3)
    channels = 3;
  g_autofree float *z = g_new (float, per);
  g_autofree float *image = g_new (float, pixels * spec->vae_channels);
  g_autofree float *all = g_new (float, (gsize) n *pixels *channels);
  for (gint64 k = 0; k < n; k++) {
    for (gsize i = 0; i < per; i++)
      z[i] = (float) (latents[(gsize) k * per + i] / scale + spec->vae_shift);
    if (!inq_model_run_decoder (v->model, h, w, z, image, NULL, error))
      return FALSE;
    float *to = all + (gsize) k * pixels * channels;
    for (gsize i = 0; i < pixels * channels; i++)
      to[i] = image[channels == spec->vae_channels ? i : i / channels];
  }
  inq_verify_give (out, all, n, channels, h * down, w * down);
  return TRUE;
}

static gboolean
compute_decode (InqVerify *v, InqComputed *out, GError **error)
{
  gint64 d[4];
  g_autofree float *z = inq_verify_read (v, "vae.z", v->model->spec->latent_channels, d, error);
  return z && inq_verify_decode (v, "vae.decode", z, d[0], d[2], d[3], out, error);
}

gboolean
inq_verify_encode (InqVerify *v, int part, InqComputed *out, GError **error)
{
  const InqModelSpec *spec = v->model->spec;
  gint64 d[4];
  g_autofree float *image = read_nhwc (v, "vae.image", d, error);
  if (!image)
    return FALSE;
  if (d[1] == 3 && spec->vae_channels == 1) { /* grey repeated: any channel is the picture */
    for (gint64 i = 0; i < d[0] * d[2] * d[3]; i++)
      image[i] = image[3 * i];
    d[1] = 1;
  }
  if (d[1] != spec->vae_channels || d[2] % spec->vae_down || d[3] % spec->vae_down)
    return inq_verify_unsupported (error, _ ("vae.image has not the shape this autoencoder reads"));
  if (part == 1 && spec->vae_mean_only)
    return inq_verify_unsupported (error, _ ("this autoencoder's encoder gives no variance"));
  gint64 h = d[2] / spec->vae_down, w = d[3] / spec->vae_down;
  int c = spec->latent_channels, stride = spec->vae_mean_only ? c : 2 * c;
  g_autofree float *moments = g_new (float, h *w *stride);
  g_autofree float *half = g_new (float, d[0] * h * w * c);
  for (gint64 n = 0; n < d[0]; n++) {
    if (!inq_model_run_encoder (v->model, d[2], d[3], image + n * d[1] * d[2] * d[3], moments, NULL, error))
      return FALSE;
    for (gint64 i = 0; i < h * w; i++)
      for (int k = 0; k < c; k++) {
        float value = moments[i * stride + part * c + k];
        /* as LDM's DiagonalGaussianDistribution */
        half[(n * h * w + i) * c + k] = part == 1 ? CLAMP (value, -30, 20) : value;
      }
  }
  inq_verify_give (out, half, d[0], c, h, w);
  return TRUE;
}

/* ---- tiny autoencoder: files beside the reference ---- */

static gboolean
compute_tiny (InqVerify *v, gboolean decoder, InqComputed *out, GError **error)
{
  InqGpu *gpu = v->model->engine->gpu;
  g_autofree char *path = g_build_filename (v->folder,
                                            decoder ? "taesd_decoder.safetensors" : "taesd_encoder.safetensors", NULL);
  g_autoptr (InqWeights) weights = inq_weights_open (path, error);
  if (!weights)
    return FALSE;
  gint64 d[4];
  const char *in_name = decoder ? "z" : "image", *out_name = decoder ? "image" : "z";
  g_autofree float *in = read_nhwc (v, decoder ? "taesd.z" : "taesd.image01", d, error);
  if (!in)
    return FALSE;
  g_autoptr (InqGraph) graph = inq_graph_new (weights);
  if (decoder)
    inq_build_tiny_decoder (graph, d[0], d[2], d[3]);
  else
    inq_build_tiny_encoder (graph, d[0], d[2], d[3]);
  InqDeviceWeights *device = inq_device_weights_new (gpu, weights);
  InqPlan *plan = inq_plan_new (gpu, graph, device, FALSE, error);
  gboolean ok = plan && inq_plan_write (plan, in_name, in, (gsize) (d[0] * d[1] * d[2] * d[3]), error)
                && inq_plan_run (plan, NULL, NULL, error);
  const gint64 *o = ok ? inq_plan_get_dims (plan, out_name) : NULL; /* n, h, w, c */
  if (o) {
    gsize n = (gsize) (o[0] * o[1] * o[2] * o[3]);
    g_autofree float *result = g_new (float, n);
    ok = inq_plan_read (plan, out_name, result, n, error);
    if (ok)
      inq_verify_give (out, result, o[0], o[3], o[1], o[2]);
  }
  g_clear_pointer (&plan, inq_plan_free);
  inq_device_weights_free (device);
  return ok;
}

gboolean
inq_verify_compute (InqVerify *v, const char *name, InqComputed *out, GError **error)
{
  if (g_str_has_prefix (name, "text") && g_ascii_isdigit (name[4]) && name[5] == '.')
    return inq_verify_compute_text (v, (guint) (name[4] - '0'), name + 6, out, error);
  if (g_str_equal (name, "context"))
    return inq_verify_compute_context (v, out, error);
  if (g_str_has_prefix (name, "unet.eps."))
    return compute_unet (v, name + strlen ("unet.eps."), FALSE, INQ_PERTURB_NONE, out, error);
  if (g_str_has_prefix (name, "guide.eps."))
    return inq_model_has_guide (v->model, INQ_PERTURB_NONE)
               ? compute_unet (v, name + strlen ("guide.eps."), TRUE, INQ_PERTURB_NONE, out, error)
               : inq_verify_unsupported (error, _ ("the model has no network that guides"));
  if (g_str_has_prefix (name, "unet.perturbed."))
    return compute_perturbed (v, name + strlen ("unet.perturbed."), out, error);
  if (g_str_equal (name, "vae.decode"))
    return compute_decode (v, out, error);
  if (g_str_equal (name, "vae.encode.mean"))
    return inq_verify_encode (v, 0, out, error);
  if (g_str_equal (name, "vae.encode.logvar"))
    return inq_verify_encode (v, 1, out, error);
  if (g_str_has_prefix (name, "sample."))
    return inq_verify_sample (v, name + strlen ("sample."), out, error);
  if (g_str_has_prefix (name, "i2i."))
    return inq_verify_i2i (v, name + strlen ("i2i."), out, error);
  if (g_str_equal (name, "taesd.decode"))
    return compute_tiny (v, TRUE, out, error);
  if (g_str_equal (name, "taesd.encode"))
    return compute_tiny (v, FALSE, out, error);
  if (g_str_has_prefix (name, "lora.eps."))
    return compute_lora (v, name + strlen ("lora.eps."), out, error);
  return inq_verify_unsupported (error, _ ("this version does not know what this result is"));
}
