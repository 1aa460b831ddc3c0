/* Inquadra - the board a new artist meets first
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-document.h"

G_BEGIN_DECLS

/* Makes a short sequence (three scenes, eight panels: prompts, dialogue, action, sizes, durations, and the
 * pictures of the data folder's sample/sample.json where there are any) at
 * @path, which must not exist, with an empty undo log, and closes it. */
gboolean inq_sample_board_create (const char *path, GError **error);

G_END_DECLS
