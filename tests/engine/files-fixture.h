/* Inquadra - tests: the files that models lie in.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <inq-model.h>
#include <model-fixture.h>

G_BEGIN_DECLS

/* PARENT/NAME, made. (transfer full) */
char *files_folder (const char *parent, const char *name);
/* The file of fixture_model(). (transfer full) */
char *files_model (const char *parent, const char *family, FixtureFlags flags);
void files_copy (const char *from, const char *folder, const char *name);
/* @name may have folders of its own, which are made. */
void files_text (const char *folder, const char *name, const char *text);
/* The tensors of @from whose names begin with @prefix, without it, each as f32. */
void files_extract (const char *from, const char *prefix, const char *folder, const char *name);
/* What must be a model. (transfer full) */
InqModelInfo *files_inspect (const char *path);
/* @model as a diffusers folder @out, by the script in tests/data; FALSE after g_test_skip() where there is no Python.
 */
gboolean files_diffusers (const char *model, const char *family, const char *out);
/* Every tensor of the networks has the name and the bytes in @folder that it has in the single @file. */
void files_compare (const char *file, const char *folder);

G_END_DECLS
