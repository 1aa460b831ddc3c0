/* Inquadra - the networks of a model as graphs: text tower, UNet, autoencoder, tiny autoencoder.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each builder adds its network to @graph with named inputs and outputs; a missing or misshapen tensor is remembered by
 * the graph and reported by inq_plan_new(). Activations are [n, h, w, c].
 *
 * Thread-safety: as InqGraph.
 */
#pragma once

#include "inq-family.h"

G_BEGIN_DECLS

/* Input: "ids" [n, positions]. Outputs [n, 1, positions, width]: "last" always, "penultimate" and "penultimate_normed"
 * when the family conditions on them or @all. */
void inq_build_text (InqGraph *graph, const InqModelSpec *spec, guint tower, gint64 n, gboolean all);
/* The output's name in that graph. */
const char *inq_hidden_output_name (InqHidden hidden);
/* Inputs: "x" [n, h, w, unet_in_channels], "t" [n, 1, 1, 1] (0..1000), "context" [n, 1, tokens, context_width], "y"
 * [n, 1, 1, adm_width] and "guidance" [n, 1, 1, guidance_embed] where the model has them. Output: "out" [n, h, w,
 * latent_channels]. The first half of the rows is perturbed as @perturb says; @n must be even then. */
void inq_build_unet (InqGraph *graph, const InqModelSpec *spec, gint64 n, gint64 h, gint64 w, gint64 tokens,
                     InqPerturb perturb);
/* The network of spec->guide_width, which guidance leads away from; inputs and output as above. */
void inq_build_guide (InqGraph *graph, const InqModelSpec *spec, gint64 n, gint64 h, gint64 w, gint64 tokens);
/* Input: "z" [n, h, w, latent_channels], unscaled. Output: "image" [n, h * down, w * down, 1 or 3] in -1..1. */
void inq_build_decoder (InqGraph *graph, const InqModelSpec *spec, gint64 n, gint64 h, gint64 w);
/* Input: "image" [n, h, w, 1 or 3] in -1..1. Output: "moments" [n, h / down, w / down, latent_channels (mean) or twice
 * that (mean, log variance)]. */
void inq_build_encoder (InqGraph *graph, const InqModelSpec *spec, gint64 n, gint64 h, gint64 w);

/* TAESD layout (github.com/madebyollin/taesd): numeric Sequential keys, over a table of its own.
 * Decoder: "z" [n, h, w, c] scaled latents -> "image" [n, 8h, 8w, 3] in 0..1. Encoder: "image" -> "z". */
void inq_build_tiny_decoder (InqGraph *graph, gint64 n, gint64 h, gint64 w);
void inq_build_tiny_encoder (InqGraph *graph, gint64 n, gint64 h, gint64 w);
/* Pixels per latent of a tiny network, from its keys. */
int inq_tiny_get_down (InqWeights *weights);

G_END_DECLS
