/* Inquadra - tests: pictures generated with small random models, and what was told on the way.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <inq-model.h>
#include <model-fixture.h>

G_BEGIN_DECLS

typedef struct {
  GPtrArray *pictures; /* InqPicture */
  GPtrArray *recipes;
  GPtrArray *notices;
  guint steps, previews, decodes;
  GCancellable *cancel_at_step; /* (nullable) cancelled when sampling step 2 is reported */
  InqGpu *lose;                 /* (nullable) device to lose at step 2, once */
} Seen;

Seen seen_new (void);
void seen_clear (Seen *seen);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Seen, seen_clear)

/* Loads and generates; @seen gets what comes. */
gboolean run (InqEngine *engine, const char *folder, const InqGenerateParams *params, Seen *seen,
              GCancellable *cancellable, gboolean previews, GError **error);
InqGenerateParams default_params (void);
const InqPicture *picture (const Seen *seen, guint i);
/* Of the first picture, which must be made. @recipe (nullable) */
char *picture_hash (InqEngine *engine, const char *folder, const InqGenerateParams *params, char **recipe);
void assert_same (const InqPicture *a, const InqPicture *b);
/* Bytes that differ. */
guint count_different (const InqPicture *a, const InqPicture *b);
/* From black to white, left to right. (transfer full) */
InqPicture *gradient (int width, int height);

G_END_DECLS
