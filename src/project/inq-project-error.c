/* Inquadra - what can go wrong with a board file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-project-error.h"

G_DEFINE_QUARK (inq - project - error - quark, inq_project_error)
