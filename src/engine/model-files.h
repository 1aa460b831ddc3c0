/* Inquadra - the files a model is made of, found and put together.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * docs/models.md says what may lie where. Thread-safety: pure functions.
 */
#pragma once

#include <inq-weights.h>

G_BEGIN_DECLS

/**
 * InqModelFiles: what was found
 * @file: the main file; the folder of a diffusers model
 * @folder: where files beside it lie (tiny autoencoder)
 * @weights: all tensors under single-file names
 * @parts: (nullable) paths of the files beside @file that were put in, settings included
 */
typedef struct {
  char *file;
  char *folder;
  InqWeights *weights;
  char **parts;
} InqModelFiles;

void inq_model_files_clear (InqModelFiles *files);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (InqModelFiles, inq_model_files_clear)

/* Opens the model at @path. @beside: (nullable) NULL-terminated paths of an autoencoder or towers to take instead of
 * what lies beside the model and in it. */
gboolean inq_model_files_open (const char *path, const char *const *beside, InqModelFiles *out, GError **error);

/* Sizes and times of all that a model is opened from: where the text differs, the model does. (transfer full) */
char *inq_model_files_print (const char *path, const char *const *beside);

/* The main file of @path alone (the folder itself for a diffusers folder), without opening it. */
gboolean inq_model_resolve (const char *path, char **file, char **folder, GError **error);
/* Name without ".safetensors" or ".gguf", in place. */
char *inq_strip_extension (char *name);
/* Whether @name ends like a file of weights that is read. */
gboolean inq_has_weights_extension (const char *name);
/* Whether a file of this name is a part that belongs to another ("NAME.vae.safetensors"), and no model. */
gboolean inq_is_part_name (const char *name);
/* (nullable) (transfer full) The tiny decoder for previews beside @file (a main file): NAME.taesd.safetensors, or in a
 * model's own folder and beside several models taesd_decoder.safetensors, taesdxl_decoder.safetensors when @xl. */
char *inq_model_find_tiny (const char *file, gboolean xl);
/* Says in the metadata of a @joined table what is known of the autoencoder @vae that was put into it (INQ_OTHER_VAE).
 */
void inq_model_describe_vae (InqWeights *joined, InqWeights *vae);
/* Whatever of separate files and settings lies beside @file (a main file). (transfer full) strv of paths */
char **inq_model_files_beside (const char *file);

G_END_DECLS
