/* Inquadra - what the models on this machine are, remembered while their files stay the same.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking at a model reads the headers of all its files; a list of fifty takes seconds from a slow disk. What was found
 * is kept for the life of the program and asked of the disk again only as far as sizes and times go.
 *
 * Thread-safety: any thread.
 */
#pragma once

#include <gio/gio.h>
#include <inq-engine.h>

G_BEGIN_DECLS

/* What was found; constant. */
typedef struct {
  InqModelInfo *info; /* NULL: cannot be read */
  char *error;        /* why not */
} InqModelFound;

InqModelFound *inq_model_found_ref (InqModelFound *found);
void inq_model_found_unref (InqModelFound *found);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqModelFound, inq_model_found_unref)

/* Looks at the model or LoRA at @path unless what is known of it still holds; blocks. (transfer full) */
InqModelFound *inq_model_infos_look (const char *path);
/* What is known of it and still holds, without reading more than sizes and times. (transfer full) (nullable) */
InqModelFound *inq_model_infos_peek (const char *path);

G_END_DECLS
