/* Inquadra - small models with random weights, written as the files the engine reads.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <inq-engine.h>

G_BEGIN_DECLS

typedef enum {
  FIXTURE_NO_TEXT = 1 << 0,
  FIXTURE_NO_UNET = 1 << 1,
  FIXTURE_NO_DECODER = 1 << 2,
  FIXTURE_NO_ENCODER = 1 << 3,
  FIXTURE_NAN_TEXT = 1 << 4,
  FIXTURE_NAN_UNET = 1 << 5,
  FIXTURE_NAN_DECODER = 1 << 6,
  FIXTURE_NAN_ENCODER = 1 << 12,
  FIXTURE_NO_MERGES = 1 << 7,
  FIXTURE_SHORT_UNET = 1 << 8,    /* the last output block is missing */
  FIXTURE_MID_ATTENTION = 1 << 9, /* house: the autoencoder has one after all */
  FIXTURE_INPAINT = 1 << 10,      /* sd1: the network sees a mask and what stays of a picture, too */
  FIXTURE_GUIDANCE = 1 << 11,     /* sd1: .. and is told the guidance scale, in 8 numbers */
  FIXTURE_POOLED = 1 << 13,       /* house: the network hears the mean of the text's states */
  FIXTURE_POOLED_ODD = 1 << 14,   /* .. where that does not fit the tower */
  FIXTURE_GUIDE = 1 << 15,        /* house: a second network, for guidance to lead away from */
  FIXTURE_GUIDE_ODD = 1 << 16,    /* .. of other latents */
} FixtureFlags;

/* Writes FOLDER/model.safetensors and FOLDER/tokenizer/merges.txt. @family: "house" (latents [h / 4, w / 4, 4], sides
 * multiples of 16) or "sd1" (latents [h / 2, w / 2, 4], sides multiples of 2; linear projections). Same weights for the
 * same arguments. Returns FOLDER. */
char *fixture_model (const char *parent, const char *family, FixtureFlags flags);
/* FOLDER/taesd_decoder.safetensors for the sd1 fixture; @poison: added to every weight, 0 or NaN. */
void fixture_tiny (const char *folder, float poison);

typedef gboolean (*FixtureEdit) (InqWeightOut *tensor, float **values);
/* Every tensor of a file through @edit (FALSE leaves it out), then @extra, to FOLDER/model.safetensors. */
void fixture_rewrite (const char *from, const char *folder, FixtureEdit edit, const InqWeightOut *extra, guint n_extra);
/* A folder of its own under $TMPDIR, and its end with everything in it. */
char *fixture_folder_new (void);
void fixture_folder_free (char *folder);

/* FALSE after printing a TAP skip when there is no device. */
gboolean fixture_have_engine (void);
InqEngine *fixture_engine (void);

G_END_DECLS
