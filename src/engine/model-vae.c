/* Inquadra - whose autoencoder a file is, where anything tells.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The autoencoders of Stable Diffusion 1, 2 and XL have the same tensors in the same shapes. What differs is how large
 * their latents are, which the network was trained on: 0.18215 makes those of 1 and 2 near unit variance, 0.13025 those
 * of XL. Diffusers' configuration says it, and what describes a model (modelspec); else only a name hints at it.
 */
#include "config.h"

#include "model-files.h"

#include "inq-family.h"
#include "inq-json-file.h"

#include <string.h>

#define SCALE_SD "0.18215"
#define SCALE_XL "0.13025"

/* (nullable) static: what a modelspec's architecture says, "stable-diffusion-xl-v1-base/vae" */
static const char *
scale_of_architecture (const char *architecture)
{
  if (!architecture)
    return NULL;
  if (g_str_has_prefix (architecture, "stable-diffusion-xl"))
    return SCALE_XL;
  return g_str_has_prefix (architecture, "stable-diffusion-v1")
                 || g_str_has_prefix (architecture, "stable-diffusion-v2")
             ? SCALE_SD
             : NULL;
}

/* (nullable) (transfer full) of config.json beside a file with diffusers' name */
static char *
scale_of_configuration (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *file = g_build_filename (folder, "config.json", NULL);
  if (!g_str_has_prefix (base, "diffusion_pytorch_model"))
    return NULL;
  g_autoptr (JsonObject) config = g_file_test (file, G_FILE_TEST_IS_REGULAR) ? inq_json_load (file, NULL) : NULL;
  double scale = config && g_str_has_prefix (inq_json_get_string (config, "_class_name", ""), "AutoencoderKL")
                     ? inq_json_get_double (config, "scaling_factor", 0)
                     : 0;
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  return scale > 0 ? g_strdup (g_ascii_dtostr (text, sizeof text, scale)) : NULL;
}

/* (nullable) static. "sdxl_vae", "xlVAE"; "vae-ft-mse-840000-ema-pruned", "kl-f8-anime2" */
static const char *
family_of_name (const char *label)
{
  static const struct {
    const char *word, *family;
  } words[] = { { "sdxl", "sdxl" }, { "xl", "sdxl" }, { "840000", "sd1" }, { "560000", "sd1" }, { "sd1", "sd1" },
                { "sd15", "sd1" },  { "f8", "sd1" },  { "sd2", "sd1" },    { "sd21", "sd1" } };
  g_autofree char *lower = g_ascii_strdown (label, -1);
  g_auto (GStrv) parts = g_strsplit_set (lower, "-_. ()[]", -1);
  for (guint i = 0; parts[i]; i++)
    for (guint w = 0; w < G_N_ELEMENTS (words); w++)
      if (g_str_equal (parts[i], words[w].word)
          || (g_str_equal (words[w].family, "sdxl") && g_str_has_prefix (parts[i], words[w].word)))
        return words[w].family;
  return NULL;
}

void
inq_model_describe_vae (InqWeights *joined, InqWeights *vae)
{
  const char *label = inq_weights_get_label (vae), *path = inq_weights_get_path (vae);
  const char *own = inq_weights_get_metadata (vae, "inquadra.vae.scale");
  g_autofree char *configured = path ? scale_of_configuration (path) : NULL;
  const char *scale = own ? own : configured;
  if (!scale)
    scale = scale_of_architecture (inq_weights_get_metadata (vae, "modelspec.architecture"));
  inq_weights_set_metadata (joined, INQ_OTHER_VAE, label);
  if (scale)
    inq_weights_set_metadata (joined, INQ_OTHER_VAE_SCALE, scale);
  if (family_of_name (label))
    inq_weights_set_metadata (joined, INQ_OTHER_VAE_FAMILY, family_of_name (label));
}
