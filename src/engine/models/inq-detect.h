/* Inquadra - what a checkpoint was trained for, from its keys, its metadata and its name.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: pure functions.
 */
#pragma once

#include "inq-family.h"

G_BEGIN_DECLS

/* Fills prediction, zero_terminal_snr, distilled and the defaults that follow. What the file's "inquadra.*" metadata
 * say wins over Stability's modelspec, which wins over keys and names; read_metadata() in inq-family.c comes after. */
void inq_model_spec_detect (InqModelSpec *spec, InqWeights *weights);

/* Sets guide_width where there is a guide; after the network was read. One that does not fit is added to missing. */
void inq_model_spec_find_guide (InqModelSpec *spec, InqWeights *weights);

G_END_DECLS
