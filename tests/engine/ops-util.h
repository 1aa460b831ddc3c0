/* Inquadra - what the op and plan tests share: a device, tables of random weights, running and comparing.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: one thread. */
#pragma once

#include <inq-graph.h>
#include <inq-graph-private.h>

/* Opens the device once. Without one the program prints a skip with the reason, and ends. */
InqGpu *test_gpu (void);
/* Kernels that test_run_graph() plans with: set from the command line, --shared, --register or --matrix (with
 * --tile=N and --attention=N, and for all but --register --parts=N). */
extern InqKernels test_kernels;
/* How it keeps activations: --halves, else f32. */
extern InqPrecision test_precision;
extern int test_tile, test_attention_tile, test_parts;
void test_parse_kernels (int argc, char **argv);
/* Runs the tests, closes the device, fails when the validation layer said anything. */
int test_gpu_run (void);

/* @count values, uniform in [-scale, scale]; the same for the same @seed. (transfer full) */
float *test_random (gsize count, float scale, guint32 seed);
/* Rounds to what @dtype (F32, F16 or BF16) keeps. */
void test_round (float *data, gsize count, InqDtype dtype);

/* A table of weights in the making. */
typedef struct _TestTable TestTable;
TestTable *test_table_new (void);
/* One made otherwise; takes @weights. */
TestTable *test_table_wrap (InqWeights *weights);
/* Adds random values; returns them as f32, rounded to @dtype (borrowed, lives with the table). */
const float *test_table_add (TestTable *t, const char *name, InqDtype dtype, float scale, guint n_dims, ...);
/* The table as the loader sees it (borrowed). */
InqWeights *test_table_weights (TestTable *t);
void test_table_free (TestTable *t);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestTable, test_table_free)

/* A graph over @t with input "x"; plans, runs and reads "y". */
typedef struct {
  const char *name;
  const void *data;
  gsize count;
} TestInput;
/* inq_graph_input() and inq_graph_output(), with a copy between where --halves wants the op to see halves. */
InqTensor *test_input (InqGraph *g, const char *name, gint64 n, gint64 h, gint64 w, gint64 c);
void test_output (InqGraph *g, InqTensor *y, const char *name);
/* Fails the test on any error. (transfer full) @count is set. */
float *test_run_graph (InqGraph *graph, TestTable *t, const TestInput *inputs, guint n_inputs, gsize *count);
/* Fails the test when max |a - b| / deviation of @want is over @tolerance (4e-3 at least with --halves), or anything is
 * not finite. */
void test_compare (const char *what, const float *got, const float *want, gsize count, double tolerance);
