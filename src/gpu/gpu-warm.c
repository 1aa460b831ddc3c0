/* Inquadra - compiles kernels of software devices ahead of their first use, on all processors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lavapipe makes machine code at a kernel's first dispatch, one after the other on its queue's thread: seconds for a
 * model. It keeps the code in Mesa's own disk cache, which every device of this process and of later ones reads. So a
 * few threads, each with a device of its own, dispatch each new kernel over no work groups at all, which compiles it
 * and runs nothing; the first submission waits for them. Kernels that an earlier run compiled are noted in a file
 * beside the pipeline cache and left alone. Measurements: docs/gpu-bindings.md.
 */
#include "config.h"

#include "inq-gpu-private.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_THREADS 4
#define LINGER_US   (300 * G_TIME_SPAN_MILLISECOND) /* how long a thread keeps its device for more kernels */
#define SLICE_US    (5 * G_TIME_SPAN_MILLISECOND)
#define WRITING_US  (20 * G_TIME_SPAN_MILLISECOND) /* Mesa's own thread writes what was compiled last: a millisecond */

typedef struct {
  InqGpuPipelineDesc desc; /* name interned, spirv owned */
  guint64 key;
} Job;

struct _InqWarmer {
  char *device;      /* name, for the threads' own devices */
  char *path;        /* of the list of known kernels */
  guint64 mesa;      /* tells one Mesa cache from another: the inode of its index */
  GHashTable *known; /* guint64 keys compiled by this or an earlier run */
  gboolean dirty;
  GMutex lock; /* the rest */
  GCond cond;
  GQueue jobs;
  guint pending; /* queued or being compiled */
  guint n_threads, n_idle;
  gboolean stop;
  GPtrArray *threads;
};

/* ---- Mesa's cache ---- */

static gboolean
env_true (const char *name)
{
  const char *value = g_getenv (name);

  return value && (g_ascii_strcasecmp (value, "true") == 0 || g_str_equal (value, "1") || g_str_equal (value, "yes"));
}

/* Where Mesa 22 and later keep machine code; NULL when they are told not to. */
static char *
mesa_index_path (void)
{
  const char *dir = g_getenv ("MESA_SHADER_CACHE_DIR");

  if (env_true ("MESA_SHADER_CACHE_DISABLE"))
    return NULL;
  return g_build_filename (dir ? dir : g_get_user_cache_dir (), "mesa_shader_cache", "index", NULL);
}

static guint64
mesa_identity (void)
{
  g_autofree char *path = mesa_index_path ();
  GStatBuf info;

  return path && g_stat (path, &info) == 0 ? info.st_ino : 0;
}

/* ---- known kernels ---- */

static void
load_known (InqWarmer *warmer)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gsize size;

  if (warmer->mesa == 0 || !g_file_get_contents (warmer->path, &text, &size, NULL) || size > 1 << 20)
    return;
  lines = g_strsplit (text, "\n", -1);
  if (!lines[0] || g_ascii_strtoull (lines[0], NULL, 16) != warmer->mesa)
    return;
  for (guint i = 1; lines[i] && *lines[i]; i++) {
    guint64 key = g_ascii_strtoull (lines[i], NULL, 16);

    g_hash_table_add (warmer->known, g_memdup2 (&key, sizeof key));
  }
}

void
inq_warmer_save (InqWarmer *warmer)
{
  g_autoptr (GString) text = NULL;
  g_autofree char *dir = NULL;
  GHashTableIter iter;
  gpointer key;

  if (!warmer || !warmer->dirty || mesa_identity () == 0)
    return;
  warmer->dirty = FALSE;
  text = g_string_new (NULL);
  g_string_append_printf (text, "%" G_GINT64_MODIFIER "x\n", mesa_identity ());
  g_hash_table_iter_init (&iter, warmer->known);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_string_append_printf (text, "%" G_GINT64_MODIFIER "x\n", *(guint64 *) key);
  dir = g_path_get_dirname (warmer->path);
  if (g_mkdir_with_parents (dir, 0700) == 0)
    g_file_set_contents_full (warmer->path, text->str, text->len, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}

/* ---- threads ---- */

static void
job_free (Job *job)
{
  g_free ((guint32 *) job->desc.spirv);
  g_free (job);
}

/* Binds everything a dispatch needs and dispatches nothing. */
static void
compile (InqGpu *gpu, InqGpuBuffer *buffer, const InqGpuPipelineDesc *desc)
{
  InqGpuPipeline *pipeline = inq_gpu_get_pipeline (gpu, desc, NULL);
  InqGpuPass *pass = pipeline ? inq_gpu_pass_new (gpu, FALSE, NULL) : NULL;
  guint64 ticket;

  if (!pass)
    return;
  if (inq_pass_dispatch_nothing (pass, pipeline, buffer) && inq_gpu_pass_end (pass, NULL)) {
    ticket = inq_gpu_submit (gpu, pass, NULL);
    if (ticket)
      inq_gpu_wait (gpu, ticket, NULL, NULL, NULL);
  }
  inq_gpu_pass_free (pass);
}

static gpointer
warm_thread (gpointer data)
{
  InqWarmer *warmer = data;
  InqGpu *gpu = inq_gpu_open (&(InqGpuOptions){ .device = warmer->device, .cache_dir = "" }, INQ_GPU_PLAIN, NULL);
  InqGpuBuffer *buffer = gpu ? inq_gpu_buffer_new (gpu, INQ_GPU_ALIGN, INQ_GPU_MEMORY_DEVICE, NULL) : NULL;

  g_mutex_lock (&warmer->lock);
  while (!warmer->stop) {
    Job *job = g_queue_pop_head (&warmer->jobs);
    gint64 until = g_get_monotonic_time () + LINGER_US;

    if (job) {
      g_mutex_unlock (&warmer->lock);
      if (buffer)
        compile (gpu, buffer, &job->desc);
      job_free (job);
      g_mutex_lock (&warmer->lock);
      warmer->pending--;
      g_cond_broadcast (&warmer->cond);
      continue;
    }
    warmer->n_idle++;
    while (!warmer->stop && g_queue_is_empty (&warmer->jobs))
      if (!g_cond_wait_until (&warmer->cond, &warmer->lock, until))
        break;
    warmer->n_idle--;
    if (g_queue_is_empty (&warmer->jobs))
      break;
  }
  warmer->n_threads--;
  g_mutex_unlock (&warmer->lock);
  inq_gpu_buffer_free (buffer);
  inq_gpu_unref (gpu);
  return NULL;
}

/* ---- for the device ---- */

InqWarmer *
inq_warmer_new (InqGpu *gpu)
{
  g_autofree char *index = mesa_index_path (), *dir = index ? g_path_get_dirname (index) : NULL, *base = NULL;
  InqWarmer *warmer;

  if ((gpu->flags & INQ_GPU_PLAIN) || gpu->facts->kind != INQ_GPU_KIND_SOFTWARE || !gpu->pipelines.path
      || gpu->vk.validation || !g_str_has_prefix (gpu->facts->driver, "Mesa") || g_get_num_processors () < 2 || !dir
      || g_mkdir_with_parents (dir, 0755) != 0 || g_access (dir, W_OK) != 0)
    return NULL;
  warmer = g_new0 (InqWarmer, 1);
  g_mutex_init (&warmer->lock);
  g_cond_init (&warmer->cond);
  g_queue_init (&warmer->jobs);
  warmer->device = g_strdup (gpu->facts->name);
  base = g_strndup (gpu->pipelines.path, strlen (gpu->pipelines.path) - strlen (".bin"));
  warmer->path = g_strconcat (base, "-kernels.txt", NULL);
  warmer->mesa = mesa_identity ();
  warmer->known = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  warmer->threads = g_ptr_array_new ();
  load_known (warmer);
  return warmer;
}

gboolean
inq_warmer_push (InqWarmer *warmer, const InqGpuPipelineDesc *desc, guint64 key)
{
  Job *job;

  if (g_hash_table_contains (warmer->known, &key))
    return FALSE;
  g_hash_table_add (warmer->known, g_memdup2 (&key, sizeof key));
  warmer->dirty = TRUE;
  job = g_new0 (Job, 1);
  job->desc = *desc;
  job->desc.name = g_intern_string (desc->name);
  job->desc.spirv = g_memdup2 (desc->spirv, desc->spirv_size);
  job->key = key;

  g_mutex_lock (&warmer->lock);
  g_queue_push_tail (&warmer->jobs, job);
  warmer->pending++;
  if (warmer->n_idle == 0 && warmer->n_threads < MIN (MAX_THREADS, g_get_num_processors ())) {
    warmer->n_threads++;
    g_ptr_array_add (warmer->threads, g_thread_new ("inq-warm", warm_thread, warmer));
  }
  g_cond_broadcast (&warmer->cond);
  g_mutex_unlock (&warmer->lock);
  return TRUE;
}

gboolean
inq_warmer_wait (InqWarmer *warmer, gboolean (*cancelled) (gpointer), gpointer data)
{
  gboolean done, any;

  g_mutex_lock (&warmer->lock);
  any = warmer->pending > 0;
  while (warmer->pending > 0 && !(cancelled && cancelled (data)))
    g_cond_wait_until (&warmer->cond, &warmer->lock, g_get_monotonic_time () + SLICE_US);
  done = warmer->pending == 0;
  g_mutex_unlock (&warmer->lock);
  if (any && done)
    g_usleep (WRITING_US);
  return done;
}

void
inq_warmer_free (InqWarmer *warmer)
{
  Job *job;

  if (!warmer)
    return;
  g_mutex_lock (&warmer->lock);
  warmer->stop = TRUE;
  while ((job = g_queue_pop_head (&warmer->jobs))) {
    g_hash_table_remove (warmer->known, &job->key); /* never compiled */
    job_free (job);
  }
  g_cond_broadcast (&warmer->cond);
  g_mutex_unlock (&warmer->lock);
  for (guint i = 0; i < warmer->threads->len; i++)
    g_thread_join (warmer->threads->pdata[i]);
  inq_warmer_save (warmer);
  g_ptr_array_unref (warmer->threads);
  g_hash_table_unref (warmer->known);
  g_mutex_clear (&warmer->lock);
  g_cond_clear (&warmer->cond);
  g_free (warmer->device);
  g_free (warmer->path);
  g_free (warmer);
}
