/* Inquadra - self test: whether a device and its driver compute what they should.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reference of the house model lies beside it (selftest.safetensors and .json, from training/expect.py) and names
 * the weights it belongs to.
 */
#include "config.h"

#include "selftest.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <math.h>

static void
check_free (InqSelftestCheck *check)
{
  g_free (check->name);
  g_free (check->reason);
  g_free (check);
}

void
inq_selftest_free (InqSelftest *test)
{
  if (!test)
    return;
  g_free (test->device);
  g_free (test->driver);
  g_free (test->precision);
  g_clear_pointer (&test->checks, g_ptr_array_unref);
  g_free (test->verdict);
  g_free (test);
}

void
inq_selftest_add (InqSelftest *test, const char *name, double error, double tolerance, const char *reason)
{
  InqSelftestCheck *check = g_new0 (InqSelftestCheck, 1);
  check->name = g_strdup (name);
  check->error = error;
  check->tolerance = tolerance;
  check->reason = g_strdup (reason);
  check->passed = !reason && error <= tolerance;
  g_ptr_array_add (test->checks, check);
}

/* ---- the house model ---- */

static void
row_cb (const InqVerifyRow *row, gpointer data)
{
  g_autofree char *name = g_strconcat ("pictures: ", row->name, NULL);
  inq_selftest_add (data, name, row->max_error, row->tolerance, row->reason);
}

/* Whether the reference at @json belongs to @model's weights. */
static gboolean
is_reference_of (const char *json, InqModel *model)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root = json_parser_load_from_file (parser, json, NULL) ? json_parser_get_root (parser) : NULL;
  JsonObject *object = root && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  return object
         && g_strcmp0 (json_object_get_string_member_with_default (object, "model", NULL), inq_model_get_hash (model))
                == 0;
}

/* With a model of its own, so that the engine's stays. */
static void
run_house (InqSelftest *test, InqEngine *engine)
{
  g_autofree char *house = inq_house_model_path ();
  g_autofree char *expect = house ? g_build_filename (house, "selftest.safetensors", NULL) : NULL;
  g_autofree char *json = house ? g_build_filename (house, "selftest.json", NULL) : NULL;
  if (!house || !g_file_test (expect, G_FILE_TEST_EXISTS))
    return;
  g_autoptr (GError) error = NULL;
  InqModel *model = inq_model_open (engine, house, NULL, &error);
  if (!model) {
    inq_selftest_add (test, "pictures: house model", INFINITY, 0, error->message);
    return;
  }
  if (is_reference_of (json, model)) {
    test->complete = TRUE;
    g_autoptr (GPtrArray) rows = inq_engine_verify (engine, model, expect, NULL, row_cb, test, &error);
    if (!rows)
      inq_selftest_add (test, "pictures: house model", INFINITY, 0, error->message);
  }
  inq_model_free (model);
}

/* ---- verdict ---- */

static char *
make_verdict (const InqSelftest *test)
{
  const InqSelftestCheck *worst = NULL;
  guint failed = 0;
  for (guint i = 0; i < test->checks->len; i++) {
    const InqSelftestCheck *check = g_ptr_array_index (test->checks, i);
    if (check->passed)
      continue;
    failed++;
    if (!worst || check->error / check->tolerance > worst->error / worst->tolerance)
      worst = check;
  }
  if (worst && worst->reason)
    return g_strdup_printf (_ ("%s with the driver %s cannot be trusted: %u of %u checks failed (%s: %s). Update the"
                               " graphics driver, or choose another device"),
                            test->device, test->driver, failed, test->checks->len, worst->name, worst->reason);
  if (worst)
    return g_strdup_printf (_ ("%s with the driver %s cannot be trusted: %u of %u checks failed (%s is off by %.2g"
                               " deviations where %.2g are allowed). Update the graphics driver, or choose another"
                               " device"),
                            test->device, test->driver, failed, test->checks->len, worst->name, worst->error,
                            worst->tolerance);
  if (!test->complete)
    return g_strdup_printf (_ ("%s with the driver %s computes right as far as could be told: %u checks passed, but the"
                               " house model's reference is not at hand"),
                            test->device, test->driver, test->checks->len);
  return g_strdup_printf (_ ("%s with the driver %s can be trusted: all %u checks agree with the reference"),
                          test->device, test->driver, test->checks->len);
}

InqSelftest *
inq_engine_selftest (InqEngine *engine, GCancellable *cancellable, GError **error)
{
  const InqGpuFacts *facts = inq_gpu_get_facts (engine->gpu);
  g_autoptr (InqSelftest) test = g_new0 (InqSelftest, 1);
  test->device = g_strdup (facts->name);
  test->driver = g_strdup (facts->driver);
  test->precision = g_strdup (inq_precision_is_half (engine->precision, facts) ? "f16" : "f32");
  test->checks = g_ptr_array_new_with_free_func ((GDestroyNotify) check_free);
  if (!inq_selftest_run_ops (test, engine, cancellable, error)
      || g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  run_house (test, engine);
  test->trusted = TRUE;
  for (guint i = 0; i < test->checks->len; i++)
    test->trusted = test->trusted && ((const InqSelftestCheck *) g_ptr_array_index (test->checks, i))->passed;
  test->verdict = make_verdict (test);
  return g_steal_pointer (&test);
}
