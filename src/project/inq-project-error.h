/* Inquadra - what can go wrong with a board file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * InqProjectError:
 * @INQ_PROJECT_ERROR_FAILED: anything not named below; the message has SQLite's words
 * @INQ_PROJECT_ERROR_NOT_FOUND: no such file
 * @INQ_PROJECT_ERROR_EXISTS: a new board would overwrite a file
 * @INQ_PROJECT_ERROR_NOT_A_BOARD: not a database, or another application's
 * @INQ_PROJECT_ERROR_NEWER: written by a newer Inquadra
 * @INQ_PROJECT_ERROR_READ_ONLY: the board is open read-only; the message says why
 * @INQ_PROJECT_ERROR_FULL: no space on the disk (or quota); nothing was changed, the same act works once there is space
 * @INQ_PROJECT_ERROR_CORRUPT: the file is damaged
 * @INQ_PROJECT_ERROR_BUSY: open for editing in another window or program
 * @INQ_PROJECT_ERROR_INVALID: a value that cannot be stored (bad PNG, unknown panel, duration below one frame, not
 * UTF-8)
 * @INQ_PROJECT_ERROR_NO_ROW: the panel, variation, job ... named by id does not exist (any more)
 * @INQ_PROJECT_ERROR_IO: the disk or network folder failed; nothing was changed
 *
 * Every message says what happened to which file and what to do; it is translated and fit for a toast.
 */
typedef enum {
  INQ_PROJECT_ERROR_FAILED,
  INQ_PROJECT_ERROR_NOT_FOUND,
  INQ_PROJECT_ERROR_EXISTS,
  INQ_PROJECT_ERROR_NOT_A_BOARD,
  INQ_PROJECT_ERROR_NEWER,
  INQ_PROJECT_ERROR_READ_ONLY,
  INQ_PROJECT_ERROR_FULL,
  INQ_PROJECT_ERROR_CORRUPT,
  INQ_PROJECT_ERROR_BUSY,
  INQ_PROJECT_ERROR_INVALID,
  INQ_PROJECT_ERROR_NO_ROW,
  INQ_PROJECT_ERROR_IO,
} InqProjectError;

#define INQ_PROJECT_ERROR (inq_project_error_quark ())
GQuark inq_project_error_quark (void);

G_END_DECLS
