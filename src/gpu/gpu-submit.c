/* Inquadra - the one submission path: a queue with its timeline, one for copies beside it, waits that can be cancelled,
 * timings.
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

static guint64
submit (InqGpu *gpu, VkQueue queue, VkCommandBuffer cmd, VkSemaphore after, guint64 value, VkSemaphore signal,
        guint64 ticket, GError **error)
{
  const VkPipelineStageFlags stages = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
  VkTimelineSemaphoreSubmitInfo timeline = {
    .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
    .waitSemaphoreValueCount = after ? 1 : 0,
    .pWaitSemaphoreValues = &value,
    .signalSemaphoreValueCount = 1,
    .pSignalSemaphoreValues = &ticket,
  };
  VkSubmitInfo info = {
    .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
    .pNext = &timeline,
    .waitSemaphoreCount = after ? 1 : 0,
    .pWaitSemaphores = &after,
    .pWaitDstStageMask = &stages,
    .commandBufferCount = cmd ? 1 : 0,
    .pCommandBuffers = &cmd,
    .signalSemaphoreCount = 1,
    .pSignalSemaphores = &signal,
  };

  if (gpu->lose_after == 0)
    gpu->lost = TRUE;
  if (!inq_gpu_check_alive (gpu, error)
      || !inq_gpu_check (gpu, gpu->vk.QueueSubmit (queue, 1, &info, VK_NULL_HANDLE), "vkQueueSubmit", error))
    return 0;
  if (gpu->lose_after > 0)
    gpu->lose_after--;
  return ticket;
}

guint64
inq_gpu_submit_cmd (InqGpu *gpu, VkCommandBuffer cmd, GError **error)
{
  gboolean copies = gpu->copies > gpu->copies_waited;
  guint64 ticket = submit (gpu, gpu->queue, cmd, copies ? gpu->copy_timeline : VK_NULL_HANDLE, gpu->copies,
                           gpu->timeline, gpu->submitted + 1, error);

  if (ticket != 0) {
    gpu->submitted = ticket;
    gpu->copies_waited = gpu->copies;
  }
  return ticket;
}

guint64
inq_gpu_submit_copy (InqGpu *gpu, VkCommandBuffer cmd, GError **error)
{
  guint64 copy = submit (gpu, gpu->copy_queue, cmd, VK_NULL_HANDLE, 0, gpu->copy_timeline, gpu->copies + 1, error);

  if (copy != 0)
    gpu->copies = copy;
  return copy;
}

gboolean
inq_gpu_wait_copy (InqGpu *gpu, guint64 copy, GError **error)
{
  VkSemaphoreWaitInfo info = {
    .sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
    .semaphoreCount = 1,
    .pSemaphores = &gpu->copy_timeline,
    .pValues = &copy,
  };
  VkResult result = VK_TIMEOUT;

  if (!inq_gpu_check_alive (gpu, error))
    return FALSE;
  while (copy > 0 && result == VK_TIMEOUT)
    result = gpu->vk.WaitSemaphores (gpu->device, &info, SLICE_NS);
  return copy == 0 || inq_gpu_check (gpu, result, "vkWaitSemaphores", error);
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
  /* copies made since the last submission are done when the next one is: an empty one will do */
  if (ticket == gpu->submitted + 1 && gpu->copies > gpu->copies_waited && inq_gpu_submit_cmd (gpu, NULL, error) == 0)
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
