/* Inquadra - model families as data, and what one model's tensors say about its networks.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A family holds the facts that no tensor shape tells (heads, activation, which hidden state conditions the network,
 * how latents are scaled); everything else is read from the tensors. A file's own metadata ("inquadra.*") wins over the
 * family's row.
 *
 * Thread-safety: pure functions over immutable tables.
 */
#pragma once

#include <inq-graph.h>
#include <inq-sampler.h>
#include <inq-weights.h>

G_BEGIN_DECLS

#define INQ_MAX_TOWERS 2

/* Where a tower's tensors lie: one row of names per layout, see text-tower.c. */
typedef enum {
  INQ_TOWER_HF,       /* q_proj, k_proj, v_proj apart, or in in_proj ("text_model.encoder.layers.N") */
  INQ_TOWER_OPENCLIP, /* q, k, v packed in in_proj ("transformer.resblocks.N" or "resblocks.N") */
} InqTowerLayout;

/* Which state of a tower conditions the network. */
typedef enum {
  INQ_HIDDEN_LAST,               /* after the last layer and the final norm */
  INQ_HIDDEN_PENULTIMATE,        /* after the layer before the last, no norm */
  INQ_HIDDEN_PENULTIMATE_NORMED, /* the same through the final norm */
} InqHidden;

/* Where the network is perturbed for the picture that guidance leads away from: positions there see themselves alone
 * instead of each other (D. Ahn et al. 2024, "Self-Rectifying Diffusion Sampling with Perturbed-Attention Guidance").
 */
typedef enum {
  INQ_PERTURB_NONE,
  INQ_PERTURB_MIDDLE, /* self-attention of the middle block */
  INQ_PERTURB_ALL,    /* of every block */
} InqPerturb;

/* "none", "middle" or "all"; FALSE for other names (NULL too). */
gboolean inq_perturb_from_name (const char *name, InqPerturb *perturb);
const char *inq_perturb_name (InqPerturb perturb);

typedef struct {
  InqTowerLayout layout;
  InqActivation act;
  InqHidden context;
  gint32 pad_id;    /* INQ_TOKENIZER_PAD_END or an id */
  gboolean project; /* pooled state goes through text_projection */
  int head_dim;
  const char *prefixes[4]; /* candidates, NULL-terminated; names below one say which layout it is */
} InqTowerFacts;

/**
 * InqFamily: one row of the table in inq-family.c
 * @unet_heads: heads at every width; 0: heads of @unet_head_dim channels
 * @plain_prompts: parentheses and brackets are words like others, and a prompt is one row of tokens
 * @even: its network was trained only on grids that halve evenly
 * @size_ids: the network is told original size, crop and target size (SDXL)
 * @mean_pooled: what of the text goes into the vector conditioning, where the network has one, is the mean of the last
 *   tower's states; else its state at the first end marker
 */
typedef struct {
  const char *id;
  const char *title;
  InqPrediction prediction;
  int groups;
  int unet_heads;
  int unet_head_dim;
  double vae_scale;
  double vae_shift;
  int width, height;
  int steps;
  double cfg;
  const char *sampler;
  gboolean plain_prompts;
  gboolean even;
  gboolean size_ids;
  gboolean mean_pooled;
  guint n_towers;
  InqTowerFacts towers[INQ_MAX_TOWERS];
} InqFamily;

typedef struct {
  InqTowerFacts facts;
  char *prefix; /* with the dot at its end */
  int layers;
  int width;
  int heads;
  int positions; /* tokens of a prompt, markers included */
  int n_ids;     /* rows of the token embedding */
  char *token_table;
  char *position_table;
  char *final_norm;              /* name without .weight */
  char *text_projection;         /* (nullable) full name, where the family projects and the shape fits */
  gboolean projection_is_linear; /* stored [out, in]; else [in, out] */
  int pooled_width;
  gboolean last_left_out; /* the layer after the one that conditions is not in the file */
  char *layer_prefix;     /* what stands before a layer's number */
} InqTowerSpec;

/**
 * InqModelSpec: a model's networks, derived from its tensors.
 *
 * Latents are [n, height / vae_down, width / vae_down, latent_channels]; what the UNet's first convolution sees is
 * folded by unet_patch.
 */
typedef struct {
  const InqFamily *family;
  InqPrediction prediction;
  gboolean zero_terminal_snr; /* the schedule is rescaled so that the last timestep is pure noise (Lin et al. 2023) */
  gboolean distilled;         /* few steps, no guidance: steps, cfg and sampler say how */
  gboolean inpaint;           /* the network reads latents, mask [1] and masked picture's latents, in this order */
  int guidance_embed;         /* width of the guidance embedding (LCM: time_embed.cond_proj), 0 for none */
  int unet_in_channels;       /* of "x", before folding: latent_channels, or 2 latent_channels + 1 to inpaint */
  double flow_shift;
  int groups;
  int unet_heads;
  int unet_head_dim;
  int unet_patch; /* latents are pixel-unshuffled by this before the first convolution */
  int unet_down;  /* latents per position of the UNet's deepest level, patch included */
  int unet_width; /* channels of the first convolution and of the timestep sinusoids */
  /* The same of a second, weaker network (guide.diffusion_model.*), 0 for none. Where it is there guidance leads away
   * from what it predicts for the negative prompt, not from what the network itself does (T. Karras et al. 2024,
   * "Guiding a Diffusion Model with a Bad Version of Itself", together with classifier-free guidance). */
  int guide_width;
  double guide_start; /* share of the steps after which it does: before, the network guides itself */
  double guide_cfg;   /* its scale where the network's own is cfg, 0 for the same */
  int context_width;
  int adm_width; /* width of the vector conditioning (SDXL, house), 0 for none */
  int latent_channels;
  int vae_patch;               /* the picture is pixel-unshuffled by this */
  int vae_down;                /* pixels per latent, patch included */
  int vae_channels;            /* 3, or 1 for grey */
  gboolean vae_mean_only;      /* the encoder gives no variance */
  double vae_scale, vae_shift; /* latent = (mean - shift) * scale */
  int width, height;
  int steps;
  double cfg;
  InqPerturb perturb;  /* what guidance leads away from */
  double negative_cfg; /* scale where a negative prompt is given and no scale asked for; 0: cfg */
  double guidance_end; /* share of the steps after which it is drawn without guidance, 1: none */
  char *sampler;
  gboolean has_unet, has_decoder, has_encoder;
  guint n_towers;
  InqTowerSpec towers[INQ_MAX_TOWERS];
  GPtrArray *missing; /* of char *: what keeps it from generating */
  GPtrArray *notes;   /* of char *: what was guessed, and how to say it */
} InqModelSpec;

/* Never fails: what cannot be told is in @missing. */
InqModelSpec *inq_model_spec_new (InqWeights *weights);
void inq_model_spec_free (InqModelSpec *spec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqModelSpec, inq_model_spec_free)

/* What is known of an autoencoder that stands in the place of the model's own (metadata of the joined table): its
 * file's name; the scale of its latents, where it is told; "sd1" or "sdxl", where its name sounds so. A "vae_scale"
 * among the model's settings overrules the last two. */
#define INQ_OTHER_VAE        "inquadra.other_vae"
#define INQ_OTHER_VAE_SCALE  "inquadra.other_vae.scale"
#define INQ_OTHER_VAE_FAMILY "inquadra.other_vae.family"

/* Pixels that both sides of a picture must be multiples of. */
int inq_model_spec_get_multiple (const InqModelSpec *spec);

/* ---- looking at names and shapes ---- */
gboolean inq_weights_has (InqWeights *weights, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Whether any tensor's name begins so: a layer that has lost one of its tensors is still there, and found incomplete.
 */
gboolean inq_weights_has_any (InqWeights *weights, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Dimension @dim of a tensor, 0 when there is none. */
gint64 inq_weights_dim (InqWeights *weights, guint dim, const char *format, ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
