/* Inquadra - a row that checks the graphics card: runs known pictures on it and says whether it can be trusted.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-device-check.h"

#include <glib/gi18n.h>
#include <inq-engine.h>

#include "inq-settings.h"
#include "inq-task.h"

struct _InqDeviceCheck {
  AdwActionRow parent_instance;

  GtkWidget *button, *stop, *spinner, *icon;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (InqDeviceCheck, inq_device_check, ADW_TYPE_ACTION_ROW)

static void
check_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  const char *device = data;
  const InqGpuOptions options = { .device = *device != '\0' ? device : NULL };
  g_autoptr (InqEngine) engine = inq_engine_new (&options, &error);
  InqSelftest *test = engine != NULL ? inq_engine_selftest (engine, cancellable, &error) : NULL;

  if (test != NULL)
    g_task_return_pointer (task, test, (GDestroyNotify) inq_selftest_free);
  else
    g_task_return_error (task, error);
}

static void
show_checking (InqDeviceCheck *self, gboolean checking)
{
  gtk_widget_set_visible (self->button, !checking);
  gtk_widget_set_visible (self->stop, checking);
  gtk_widget_set_visible (self->spinner, checking);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), checking);
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  InqDeviceCheck *self = INQ_DEVICE_CHECK (source);
  g_autoptr (GError) error = NULL;
  InqSelftest *test = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *text = NULL;

  show_checking (self, FALSE);
  if (test != NULL) {
    guint passed = 0;
    g_autoptr (GString) details = g_string_new (NULL);
    for (guint i = 0; i < test->checks->len; i++) {
      const InqSelftestCheck *check = test->checks->pdata[i];
      passed += check->passed;
      if (!check->passed)
        g_string_append_printf (details, "%s%s", details->len > 0 ? "\n" : "", check->name);
    }
    if (test->trusted)
      text = g_strdup_printf (_ ("%s can be trusted with the driver %s: all %u checks agree with the reference."),
                              test->device, test->driver, test->checks->len);
    else
      text = g_strdup_printf (_ ("%s\n%u of %u checks passed."), test->verdict, passed, test->checks->len);
    gtk_image_set_from_icon_name (GTK_IMAGE (self->icon),
                                  test->trusted ? "emblem-ok-symbolic" : "dialog-warning-symbolic");
    gtk_widget_set_tooltip_text (GTK_WIDGET (self), details->len > 0 ? details->str : NULL);
    inq_selftest_free (test);
  } else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    return;
  } else {
    text = g_strdup (error->message);
    gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), "dialog-warning-symbolic");
  }
  gtk_widget_set_visible (self->icon, TRUE);
  g_autofree char *markup = g_markup_escape_text (text, -1);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), markup);
}

static void
check_cb (InqDeviceCheck *self)
{
  show_checking (self, TRUE);
  gtk_widget_set_visible (self->icon, FALSE);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = inq_task_new (self, self->cancellable, checked_cb, NULL);
  g_task_set_task_data (task, g_settings_get_string (inq_settings_get (), "device"), g_free);
  g_task_run_in_thread (task, check_thread);
}

static void
check_stop_cb (InqDeviceCheck *self)
{
  g_cancellable_cancel (self->cancellable);
}

/* The page is closed: nobody is there to be told, and the check would hold the device on. It keeps the row alive. */
static void
inq_device_check_unroot (GtkWidget *widget)
{
  InqDeviceCheck *self = INQ_DEVICE_CHECK (widget);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  GTK_WIDGET_CLASS (inq_device_check_parent_class)->unroot (widget);
}

static void
inq_device_check_dispose (GObject *object)
{
  InqDeviceCheck *self = INQ_DEVICE_CHECK (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (inq_device_check_parent_class)->dispose (object);
}

static void
inq_device_check_class_init (InqDeviceCheckClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inq_device_check_dispose;
  GTK_WIDGET_CLASS (klass)->unroot = inq_device_check_unroot;
}

static void
inq_device_check_init (InqDeviceCheck *self)
{
  AdwActionRow *row = ADW_ACTION_ROW (self);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _ ("Check this graphics card"));
  adw_action_row_set_subtitle (row, _ ("Runs known pictures on it and compares every number"));
  adw_action_row_set_subtitle_lines (row, 4);
  self->icon = gtk_image_new ();
  gtk_widget_set_visible (self->icon, FALSE);
  self->spinner = gtk_spinner_new ();
  self->button = gtk_button_new_with_label (_ ("Check"));
  self->stop = gtk_button_new_with_label (_ ("Cancel"));
  gtk_widget_set_valign (self->button, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->stop, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (check_cb), self);
  g_signal_connect_swapped (self->stop, "clicked", G_CALLBACK (check_stop_cb), self);
  adw_action_row_add_prefix (row, self->icon);
  adw_action_row_add_suffix (row, self->spinner);
  adw_action_row_add_suffix (row, self->button);
  adw_action_row_add_suffix (row, self->stop);
  show_checking (self, FALSE);
}

GtkWidget *
inq_device_check_new (void)
{
  return g_object_new (INQ_TYPE_DEVICE_CHECK, NULL);
}
