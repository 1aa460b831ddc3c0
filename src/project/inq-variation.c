/* Inquadra - a variation as the window sees it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-panel.h"

struct _InqVariation {
  GObject parent_instance;

  InqVariationRow *row;
};

G_DEFINE_FINAL_TYPE (InqVariation, inq_variation, G_TYPE_OBJECT)

static void
inq_variation_finalize (GObject *object)
{
  inq_variation_row_free (INQ_VARIATION (object)->row);
  G_OBJECT_CLASS (inq_variation_parent_class)->finalize (object);
}

static void
inq_variation_class_init (InqVariationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = inq_variation_finalize;
}

static void
inq_variation_init (InqVariation *self)
{
}

InqVariation *
inq_variation_new (const InqVariationRow *row)
{
  InqVariation *self = g_object_new (INQ_TYPE_VARIATION, NULL);

  self->row = inq_variation_row_copy (row);
  return self;
}

const InqVariationRow *
inq_variation_get_row (InqVariation *self)
{
  g_return_val_if_fail (INQ_IS_VARIATION (self), NULL);
  return self->row;
}
