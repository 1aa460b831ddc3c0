/* Inquadra - tests: pictures generated with small random models, and what was told on the way.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "generate-fixture.h"

#include <inq-gpu-test.h>
#include <recipe.h>

void
seen_clear (Seen *seen)
{
  g_ptr_array_unref (seen->pictures);
  g_ptr_array_unref (seen->recipes);
  g_ptr_array_unref (seen->notices);
}

Seen
seen_new (void)
{
  return (Seen){ .pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_picture_free),
                 .recipes = g_ptr_array_new_with_free_func (g_free),
                 .notices = g_ptr_array_new_with_free_func (g_free) };
}

static void
progress_cb (InqStage stage, int index, int step, int n_steps, const InqPicture *preview, gpointer data)
{
  Seen *seen = data;
  seen->steps += stage == INQ_STAGE_SAMPLING && step > 0;
  seen->decodes += stage == INQ_STAGE_DECODING && step == n_steps;
  if (preview) {
    seen->previews++;
    g_assert_cmpint (preview->width * 32, ==, preview->height * 64);
  }
  if (stage == INQ_STAGE_SAMPLING && step == 2) {
    if (seen->cancel_at_step)
      g_cancellable_cancel (seen->cancel_at_step);
    if (seen->lose)
      inq_gpu_test_inject_lost (seen->lose, 0);
    seen->lose = NULL;
  }
}

static void
picture_cb (int index, guint64 seed, InqPicture *picture, const char *recipe, gpointer data)
{
  Seen *seen = data;
  g_assert_cmpint (index, ==, (int) seen->pictures->len); /* in order, each once */
  g_ptr_array_add (seen->pictures, picture);
  g_ptr_array_add (seen->recipes, g_strdup (recipe));
}

static void
notice_cb (const char *message, gpointer data)
{
  Seen *seen = data;
  g_ptr_array_add (seen->notices, g_strdup (message));
}

gboolean
run (InqEngine *engine, const char *folder, const InqGenerateParams *params, Seen *seen, GCancellable *cancellable,
     gboolean previews, GError **error)
{
  InqModel *model = inq_engine_load (engine, folder, error);
  const InqGenerateCallbacks callbacks = {
    .progress = progress_cb, .picture = picture_cb, .notice = notice_cb, .data = seen, .previews = previews
  };
  return model && inq_engine_generate (engine, model, params, &callbacks, cancellable, error);
}

InqGenerateParams
default_params (void)
{
  InqGenerateParams params;
  inq_generate_params_init (&params);
  params.prompt = "wide shot";
  params.negative = "night";
  params.seed = 41;
  return params;
}

const InqPicture *
picture (const Seen *seen, guint i)
{
  return g_ptr_array_index (seen->pictures, i);
}

void
assert_same (const InqPicture *a, const InqPicture *b)
{
  g_assert_cmpmem (a->rgb, (gsize) a->width * a->height * 3, b->rgb, (gsize) b->width * b->height * 3);
}

guint
count_different (const InqPicture *a, const InqPicture *b)
{
  guint n = 0;
  for (int i = 0; i < a->width * a->height * 3; i++)
    n += a->rgb[i] != b->rgb[i];
  return n;
}

char *
picture_hash (InqEngine *engine, const char *folder, const InqGenerateParams *params, char **recipe)
{
  g_auto (Seen) seen = seen_new ();
  g_autoptr (GError) error = NULL;
  g_assert_true (run (engine, folder, params, &seen, NULL, FALSE, &error));
  g_assert_no_error (error);
  if (recipe)
    *recipe = g_strdup (g_ptr_array_index (seen.recipes, 0));
  return inq_picture_hash (g_ptr_array_index (seen.pictures, 0));
}

InqPicture *
gradient (int width, int height)
{
  InqPicture *p = inq_picture_new (width, height);
  for (int i = 0; i < width * height * 3; i++)
    p->rgb[i] = (guint8) (i / 3 % width * 255 / width);
  return p;
}
