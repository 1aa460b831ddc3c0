/* Inquadra - finds the Vulkan loader at run time, makes an instance, listens to the validation layer.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-gpu-private.h"

#include <glib/gi18n-lib.h>
#include <gmodule.h>
#include <string.h>

#define VALIDATION_LAYER "VK_LAYER_KHRONOS_validation"

InqGpuTestFlags inq_gpu_test_flags;
char *inq_gpu_test_loader;

/* The name is the text of the domain; clang-format takes it for a subtraction. */
/* clang-format off */
G_DEFINE_QUARK (inq-gpu-error-quark, inq_gpu_error)
/* clang-format on */

void
inq_gpu_test_set_flags (InqGpuTestFlags flags)
{
  inq_gpu_test_flags = flags;
}

void
inq_gpu_test_set_loader (const char *path)
{
  g_free (inq_gpu_test_loader);
  inq_gpu_test_loader = g_strdup (path);
}

static void
log_valist (InqVk *vk, GLogLevelFlags level, const char *format, va_list args)
{
  g_autofree char *message = NULL;

  if (!vk->log)
    return;
  message = g_strdup_vprintf (format, args);
  vk->log (level, message, vk->log_data);
}

void
inq_vk_log (InqVk *vk, GLogLevelFlags level, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  log_valist (vk, level, format, args);
  va_end (args);
}

void
inq_gpu_log (InqGpu *gpu, GLogLevelFlags level, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  log_valist (&gpu->vk, level, format, args);
  va_end (args);
}

static VKAPI_ATTR VkBool32 VKAPI_CALL
message_cb (VkDebugUtilsMessageSeverityFlagBitsEXT severity, VkDebugUtilsMessageTypeFlagsEXT types,
            const VkDebugUtilsMessengerCallbackDataEXT *data, void *user_data)
{
  InqVk *vk = user_data;

  if (types & VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT)
    g_atomic_int_inc (&vk->n_messages);
  inq_vk_log (vk, G_LOG_LEVEL_WARNING, "Vulkan: %s", data->pMessage);
  return VK_FALSE;
}

static PFN_vkGetInstanceProcAddr
open_loader (GError **error)
{
  const char *path = inq_gpu_test_loader;
  GModule *module;
  gpointer symbol = NULL;

  if (!path)
    path = g_getenv ("INQ_VULKAN_LOADER");
  if (!path || !*path)
    path = "libvulkan.so.1";

  module = g_module_open (path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
  if (!module || !g_module_symbol (module, "vkGetInstanceProcAddr", &symbol)) {
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_NO_VULKAN,
                 _ ("There is no Vulkan loader (%s). Install the packages libvulkan1 and mesa-vulkan-drivers "
                    "(apt install libvulkan1 mesa-vulkan-drivers)."),
                 g_module_error ());
    if (module)
      g_module_close (module);
    return NULL;
  }
  /* Drivers leave threads' destructors and exit handlers behind: the loader stays for the life of the process. */
  g_module_make_resident (module);
  return (PFN_vkGetInstanceProcAddr) symbol;
}

static gboolean
has_layer (InqVk *vk, const char *name)
{
  g_autofree VkLayerProperties *layers = NULL;
  guint32 n = 0;

  vk->EnumerateInstanceLayerProperties (&n, NULL);
  layers = g_new0 (VkLayerProperties, n + 1);
  vk->EnumerateInstanceLayerProperties (&n, layers);
  for (guint i = 0; i < n; i++)
    if (g_str_equal (layers[i].layerName, name))
      return TRUE;
  return FALSE;
}

static gboolean
has_instance_extension (InqVk *vk, const char *layer, const char *name)
{
  g_autofree VkExtensionProperties *extensions = NULL;
  guint32 n = 0;

  vk->EnumerateInstanceExtensionProperties (layer, &n, NULL);
  extensions = g_new0 (VkExtensionProperties, n + 1);
  vk->EnumerateInstanceExtensionProperties (layer, &n, extensions);
  for (guint i = 0; i < n; i++)
    if (g_str_equal (extensions[i].extensionName, name))
      return TRUE;
  return FALSE;
}

#define LOAD(name) vk->name = (PFN_vk##name) vk->GetInstanceProcAddr (vk->instance, "vk" #name);

/* ---- the instance ---- */

/* One instance without layers stays for the life of the process: opening one loads every driver installed (45 ms with
 * four of them), and drivers built on LLVM do not like being unloaded. */
static GMutex shared_lock;
static PFN_vkGetInstanceProcAddr shared_loader;
static VkInstance shared_instance;

static gboolean
create_instance (InqVk *vk, const VkDebugUtilsMessengerCreateInfoEXT *messenger, VkInstance *out, GError **error)
{
  static const char *const layers[] = { VALIDATION_LAYER };
  static const char *const extensions[] = { VK_EXT_DEBUG_UTILS_EXTENSION_NAME };
  VkApplicationInfo app = {
    .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
    .pApplicationName = "inquadra",
    .pEngineName = "inquadra",
    .apiVersion = VK_API_VERSION_1_3, /* at most; 1.2 is enough */
  };
  VkInstanceCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
    .pNext = messenger,
    .pApplicationInfo = &app,
    .enabledLayerCount = messenger ? G_N_ELEMENTS (layers) : 0,
    .ppEnabledLayerNames = layers,
    .enabledExtensionCount = messenger ? G_N_ELEMENTS (extensions) : 0,
    .ppEnabledExtensionNames = extensions,
  };
  VkResult result = vk->CreateInstance (&info, NULL, out);

  if (result == VK_SUCCESS)
    return TRUE;
  *out = VK_NULL_HANDLE;
  if (result == VK_ERROR_INCOMPATIBLE_DRIVER)
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_NO_VULKAN,
                 _ ("There is no Vulkan driver. Install the package mesa-vulkan-drivers "
                    "(apt install libvulkan1 mesa-vulkan-drivers), or the driver of your graphics card."));
  else
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED,
                 _ ("Vulkan does not start (vkCreateInstance: %d). Update the driver of your graphics card."), result);
  return FALSE;
}

static gboolean
get_shared_instance (InqVk *vk, GError **error)
{
  gboolean ok = TRUE;

  g_mutex_lock (&shared_lock);
  if (!shared_instance) {
    ok = create_instance (vk, NULL, &shared_instance, error);
    shared_loader = vk->GetInstanceProcAddr;
  }
  if (ok && shared_loader == vk->GetInstanceProcAddr)
    vk->instance = shared_instance;
  g_mutex_unlock (&shared_lock);
  if (ok && !vk->instance) { /* another loader than the first, in a test */
    ok = create_instance (vk, NULL, &vk->instance, error);
    vk->owned = ok;
  }
  return ok;
}

static gboolean
create_validating (InqVk *vk, GError **error)
{
  const VkDebugUtilsMessengerCreateInfoEXT messenger = {
    .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
    .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
    .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT
                   | VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT,
    .pfnUserCallback = message_cb,
    .pUserData = vk,
  };

  vk->instance = VK_NULL_HANDLE;
  if (!create_instance (vk, &messenger, &vk->instance, error))
    return FALSE;
  vk->owned = TRUE;
  vk->validation = TRUE;
  LOAD (CreateDebugUtilsMessengerEXT)
  LOAD (DestroyDebugUtilsMessengerEXT)
  LOAD (SetDebugUtilsObjectNameEXT)
  if (vk->CreateDebugUtilsMessengerEXT (vk->instance, &messenger, NULL, &vk->messenger) != VK_SUCCESS)
    vk->messenger = VK_NULL_HANDLE;
  return TRUE;
}

/* @vk is zeroed but for log and log_data. */
gboolean
inq_vk_open (InqVk *vk, gboolean validation, GError **error)
{
  vk->GetInstanceProcAddr = open_loader (error);
  if (!vk->GetInstanceProcAddr)
    return FALSE;
  INQ_VK_GLOBAL (LOAD)
  if (!get_shared_instance (vk, error))
    return FALSE;
  if (validation && has_layer (vk, VALIDATION_LAYER)
      && has_instance_extension (vk, VALIDATION_LAYER, VK_EXT_DEBUG_UTILS_EXTENSION_NAME)) {
    if (!create_validating (vk, error))
      return FALSE;
  } else if (validation) {
    inq_vk_log (vk, G_LOG_LEVEL_MESSAGE, "The Vulkan validation layer is not installed (vulkan-validationlayers)");
  }
  LOAD (GetPhysicalDeviceCooperativeMatrixPropertiesKHR)
  LOAD (GetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV)
  INQ_VK_INSTANCE (LOAD)
  return TRUE;
}

void
inq_vk_load_device (InqVk *vk, VkDevice device)
{
#define LOAD_DEVICE(name) vk->name = (PFN_vk##name) vk->GetDeviceProcAddr (device, "vk" #name);
  INQ_VK_DEVICE (LOAD_DEVICE)
  LOAD_DEVICE (CmdPushDescriptorSetKHR)
}

void
inq_vk_close (InqVk *vk)
{
  if (!vk->instance)
    return;
  if (vk->messenger)
    vk->DestroyDebugUtilsMessengerEXT (vk->instance, vk->messenger, NULL);
  if (vk->owned)
    vk->DestroyInstance (vk->instance, NULL);
  vk->instance = VK_NULL_HANDLE;
}
