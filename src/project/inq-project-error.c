/* Inquadra - what can go wrong with a board file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-project-error.h"

/* The name is the text of the domain; clang-format takes it for a subtraction. */
/* clang-format off */
G_DEFINE_QUARK (inq-project-error-quark, inq_project_error)
/* clang-format on */
