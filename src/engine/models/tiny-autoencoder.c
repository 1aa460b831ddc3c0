/* Inquadra - the tiny autoencoder (TAESD, github.com/madebyollin/taesd, MIT): quick pictures of latents for previews.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The files are Sequentials with numeric keys; layers without weights show only as gaps. A gap before a convolution
 * without a bias is the decoder's nearest x2, any other gap is a ReLU (or, first in the decoder, the clamp).
 */
#include "config.h"

#include "inq-networks.h"

#define MAX_LAYERS 64

static const InqConv conv3 = { .pad_before = 1, .pad_after = 1 };

static gboolean
is_conv (InqWeights *weights, int i)
{
  return inq_weights_has (weights, "%d.weight", i);
}

static gboolean
is_block (InqWeights *weights, int i)
{
  return inq_weights_has (weights, "%d.conv.0.weight", i);
}

/* A convolution without a bias changes the size: x2 in the decoder, half in the encoder. */
static gboolean
is_resample (InqWeights *weights, int i)
{
  return is_conv (weights, i) && !inq_weights_has (weights, "%d.bias", i);
}

static int
last_layer (InqWeights *weights)
{
  int last = -1;
  for (int i = 0; i < MAX_LAYERS; i++)
    if (is_conv (weights, i) || is_block (weights, i))
      last = i;
  return last;
}

static InqTensor *
build_block (InqGraph *g, InqWeights *weights, InqTensor *x, int i)
{
  char name[32];
  InqTensor *skip = x;
  if (inq_weights_has (weights, "%d.skip.weight", i)) {
    g_snprintf (name, sizeof name, "%d.skip", i);
    skip = inq_op_linear (g, x, name, NULL);
  }
  g_snprintf (name, sizeof name, "%d.conv.0", i);
  InqTensor *y = inq_op_conv (g, x, name, &conv3, &(InqEpilogue){ .act = INQ_ACT_RELU });
  g_snprintf (name, sizeof name, "%d.conv.2", i);
  y = inq_op_conv (g, y, name, &conv3, &(InqEpilogue){ .act = INQ_ACT_RELU });
  g_snprintf (name, sizeof name, "%d.conv.4", i);
  y = inq_op_conv (g, y, name, &conv3, &(InqEpilogue){ .residual = skip });
  return inq_op_activate (g, y, INQ_ACT_RELU);
}

static InqTensor *
build_sequence (InqGraph *g, InqTensor *x, gboolean decoder)
{
  InqWeights *weights = inq_graph_get_weights (g);
  int last = last_layer (weights);
  if (last < 0)
    inq_graph_fail (g, INQ_LOADER_ERROR_MISSING, "%s is not a tiny autoencoder", inq_weights_get_label (weights));
  for (int i = 0; i <= last; i++) {
    if (is_block (weights, i)) {
      x = build_block (g, weights, x, i);
    } else if (is_conv (weights, i)) {
      char name[16];
      g_snprintf (name, sizeof name, "%d", i);
      InqConv conv = conv3;
      conv.upsample2 = decoder && is_resample (weights, i);
      conv.stride = !decoder && is_resample (weights, i) ? 2 : 1;
      x = inq_op_conv (g, x, name, &conv, NULL);
    } else if (decoder && i == 0) {
      x = inq_op_activate (g, x, INQ_ACT_TANH3);
    } else if (!(decoder && is_resample (weights, i + 1))) {
      x = inq_op_activate (g, x, INQ_ACT_RELU);
    }
  }
  return x;
}

void
inq_build_tiny_decoder (InqGraph *graph, gint64 n, gint64 h, gint64 w)
{
  InqWeights *weights = inq_graph_get_weights (graph);
  gint64 c = inq_weights_dim (weights, 1, "1.weight");
  InqTensor *z = inq_graph_input (graph, "z", n, h, w, MAX (c, 1));
  inq_graph_output (graph, build_sequence (graph, z, TRUE), "image");
}

void
inq_build_tiny_encoder (InqGraph *graph, gint64 n, gint64 h, gint64 w)
{
  InqWeights *weights = inq_graph_get_weights (graph);
  gint64 c = inq_weights_dim (weights, 1, "0.weight");
  InqTensor *image = inq_graph_input (graph, "image", n, h, w, MAX (c, 1));
  inq_graph_output (graph, build_sequence (graph, image, FALSE), "z");
}

int
inq_tiny_get_down (InqWeights *weights)
{
  int down = 1, last = last_layer (weights);
  for (int i = 0; i <= last; i++)
    if (is_resample (weights, i))
      down *= 2;
  return down;
}
