/* Inquadra - the one submission path: one queue, one timeline, waits that can be cancelled, timings.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-gpu-private.h"

#include <glib/gi18n-lib.h>

#define POLL_NS          (5 * G_GUINT64_CONSTANT (1000000))    /* how often a cancellable wait looks up */
#define SLICE_NS         (1000 * G_GUINT64_CONSTANT (1000000)) /* how long an uncancellable one sleeps at most */
#define SAVE_INTERVAL_US (10 * G_USEC_PER_SEC)

gboolean
inq_gpu_is_done (InqGpu *gpu, guint64 ticket)
{
  guint64 value;

  if (ticket > gpu->completed && !gpu->lost
      && gpu->vk.GetSemaphoreCounterValue (gpu->device, gpu->timeline, &value) == VK_SUCCESS)
    gpu->completed = MAX (gpu->completed, value);
  return ticket <= gpu->completed;
}

guint64
inq_gpu_submit_cmd (InqGpu *gpu, VkCommandBuffer cmd, GError **error)
{
  guint64 ticket = gpu->submitted + 1;
  VkTimelineSemaphoreSubmitInfo timeline = {
    .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
    .signalSemaphoreValueCount = 1,
    .pSignalSemaphoreValues = &ticket,
  };
  VkSubmitInfo info = {
    .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
    .pNext = &timeline,
    .commandBufferCount = 1,
    .pCommandBuffers = &cmd,
    .signalSemaphoreCount = 1,
    .pSignalSemaphores = &gpu->timeline,
  };

  if (gpu->lose_after == 0)
    gpu->lost = TRUE;
  if (!inq_gpu_check_alive (gpu, error)
      || !inq_gpu_check (gpu, gpu->vk.QueueSubmit (gpu->queue, 1, &info, VK_NULL_HANDLE), "vkQueueSubmit", error))
    return 0;
  if (gpu->lose_after > 0)
    gpu->lose_after--;
  gpu->submitted = ticket;
  return ticket;
}

guint64
inq_gpu_submit (InqGpu *gpu, InqGpuPass *pass, GError **error)
{
  if (!pass->ended) {
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED, "A pass was submitted before its end");
    return 0;
  }
  /* A run that resets the queries of one still in flight would tear its timings. */
  if (pass->timed && pass->ticket && !inq_gpu_wait (gpu, pass->ticket, NULL, NULL, error))
    return 0;
  if (gpu->pipelines.warmer)
    inq_warmer_wait (gpu->pipelines.warmer, NULL, NULL);
  inq_gpu_collect (gpu, FALSE);
  pass->ticket = inq_gpu_submit_cmd (gpu, pass->cmd, error);
  if (pass->ticket == 0)
    return 0;
  for (guint i = 0; i < pass->buffers->len; i++)
    ((InqGpuBuffer *) pass->buffers->pdata[i])->ticket = pass->ticket;
  if (gpu->pipelines.dirty && g_get_monotonic_time () - gpu->pipelines.saved_time > SAVE_INTERVAL_US)
    inq_gpu_save_cache (gpu); /* a crash later does not cost the compilation again */
  if (gpu->watch)
    gpu->watch (gpu->watch_data);
  return pass->ticket;
}

void
inq_gpu_test_watch (InqGpu *gpu, void (*func) (gpointer data), gpointer data)
{
  gpu->watch = func;
  gpu->watch_data = data;
}

gboolean
inq_gpu_wait (InqGpu *gpu, guint64 ticket, gboolean (*cancelled) (gpointer), gpointer data, GError **error)
{
  VkSemaphoreWaitInfo info = {
    .sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
    .semaphoreCount = 1,
    .pSemaphores = &gpu->timeline,
    .pValues = &ticket,
  };
  VkResult result = VK_TIMEOUT;

  if (!inq_gpu_check_alive (gpu, error))
    return FALSE;
  if (ticket > gpu->submitted) {
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED, "A wait for a submission that was never made");
    return FALSE;
  }
  while (ticket > gpu->completed && result == VK_TIMEOUT) {
    if (cancelled && cancelled (data)) {
      g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_CANCELLED, _ ("Cancelled"));
      return FALSE;
    }
    result = gpu->vk.WaitSemaphores (gpu->device, &info, cancelled ? POLL_NS : SLICE_NS);
    if (result == VK_SUCCESS)
      gpu->completed = MAX (gpu->completed, ticket);
  }
  return result == VK_TIMEOUT || inq_gpu_check (gpu, result, "vkWaitSemaphores", error);
}

GArray *
inq_gpu_pass_get_timings (InqGpuPass *pass, GError **error)
{
  InqGpu *gpu = pass->gpu;
  guint64 mask = gpu->timestamp_bits >= 64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << gpu->timestamp_bits) - 1;
  g_autoptr (GArray) timings = g_array_new (FALSE, TRUE, sizeof (InqGpuTiming));
  guint64 stamps[INQ_PASS_QUERIES];

  if (!pass->timed || pass->ticket == 0) {
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED,
                 pass->timed ? "The pass was not submitted" : "The pass is not timed, or the device has no timestamps");
    return NULL;
  }
  if (!inq_gpu_wait (gpu, pass->ticket, NULL, NULL, error))
    return NULL;
  for (guint pool = 0; pool < pass->query_pools->len; pool++) {
    guint done = pool * (INQ_PASS_QUERIES / 2);
    guint n = MIN (pass->labels->len - done, INQ_PASS_QUERIES / 2);

    if (!inq_gpu_check (gpu,
                        gpu->vk.GetQueryPoolResults (gpu->device, g_array_index (pass->query_pools, VkQueryPool, pool),
                                                     0, n * 2, sizeof stamps, stamps, sizeof stamps[0],
                                                     VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT),
                        "vkGetQueryPoolResults", error))
      return NULL;
    for (guint i = 0; i < n; i++) {
      InqGpuTiming timing = {
        g_array_index (pass->labels, const char *, done + i),
        ((stamps[2 * i + 1] - stamps[2 * i]) & mask) * gpu->facts->timestamp_period_ns,
      };

      g_array_append_val (timings, timing);
    }
  }
  return g_steal_pointer (&timings);
}
