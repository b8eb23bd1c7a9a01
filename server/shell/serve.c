#include "serve.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/secret.h"
#include "lock.h"
#include "notify.h"
#include "rpc/address.h"
#include "server/overlap/keeper.h"
#include "server/rpc/call_log.h"
#include "server/rpc/services.h"
#include "version.h"

enum
{
    PEM_MOST = 256 * 1024,
    PATH_MOST = 4096,
    KEEP_EVERY_MS = 60 * 1000, /* overlap sessions */
};

/* ---- before anything ------------------------------------------------------------------------- */

static void stop_signals(sigset_t *out)
{
    sigemptyset(out);
    sigaddset(out, SIGTERM);
    sigaddset(out, SIGINT);
}

sr_result serve_prepare(sr_err *err)
{
    sigset_t signals;
    umask(077);
    (void)signal(SIGPIPE, SIG_IGN);
    stop_signals(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* threads inherit it: only serve_run takes them */
    return secret_process_protect(err);
}

sr_result serve_claim(int *lock, const char *data_folder, const char *listen, sr_err *err)
{
    rpc_address address;
    *lock = -1;
    if (rpc_address_parse(&address, listen, "listen address", err) != SR_OK)
        return SR_FAIL;
    if (!sr_file_exists(data_folder) && rpc_address_try_bind(&address, err) != SR_OK)
        return SR_FAIL;
    return lock_take(lock, data_folder, err);
}

char *serve_catalog_path(const char *data_folder)
{
    return sr_path_join(data_folder, "catalog.sqlite");
}

/* ---- the parts ------------------------------------------------------------------------------- */

typedef struct
{
    catalog *catalog;
    engine_pool *engines;
    server_keys *keys;
    char *sql_parser;
    callers *callers;
    intake *intake;
    revocation *revocations;
    overlap_lists *lists;
    overlap_work *overlap_work;
    overlap_keeper *overlap_keeper;
    answers *answers;
    service_context context;
    rpc_method *methods;
    rpc_server *rpc;
    char *address;
    const char *ready_file; /* to be removed */
} parts;

static void remove_ready_file(parts *self)
{
    if (self->ready_file != NULL)
        (void)unlink(self->ready_file);
    self->ready_file = NULL;
}

/* Calls end first; then what they used. */
static void parts_clear(parts *self)
{
    remove_ready_file(self);
    rpc_server_free(self->rpc);
    callers_free(self->callers);
    intake_free(self->intake);
    revocation_free(self->revocations);
    overlap_keeper_stop(self->overlap_keeper);
    overlap_work_free(self->overlap_work);
    overlap_lists_free(self->lists);
    answers_free(self->answers);
    sr_free(self->methods);
    sr_free(self->address);
    sr_free(self->sql_parser);
    engine_pool_free(self->engines);
    catalog_free(self->catalog);
    server_keys_free(self->keys);
}

static sr_result find_parser(char **out, sr_err *err)
{
    char self[PATH_MOST];
    SR_TEXT(folder);
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len <= 0)
        return sr_fail_errno(err, errno, "/proc/self/exe");
    self[len] = '\0';
    folder = sr_path_folder(self);
    *out = sr_path_join(folder, "sealroom-sql");
    if (access(*out, X_OK) != 0)
        return sr_fail_errno(err, errno, "the SQL parser, which belongs beside sealroomd: %s",
                             *out);
    return SR_OK;
}

static void log_erase_failed(const sr_uuid *collaboration, const sr_err *why)
{
    sr_uuid_text id = sr_uuid_print(collaboration);
    log_event(LOG_ERROR, "erasing_failed", "collaboration", id.text, "text", why->text, "advice",
              "tried again at the next delete and the next start", NULL);
}

static void log_keeping_failed(const sr_err *why)
{
    log_event(LOG_ERROR, "overlap_keeping_failed", "text", why->text, "advice",
              "tried again in a minute", NULL);
}

static unsigned threads_of(const server_config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (config->threads > 0)
        return (unsigned)config->threads;
    return cores < 1 ? 1 : (unsigned)cores;
}

static sr_result open_parts(parts *self, const server_config *config, sr_err *err)
{
    SR_TEXT(catalog_path);
    engine_pool_config engines = {
        .folder = config->data_folder,
        .memory_limit = config->memory_limit,
        .threads = (unsigned)config->threads,
        .patience_ms = (unsigned)config->erase_patience_ms,
        .erase_failed = log_erase_failed,
    };
    catalog_path = serve_catalog_path(config->data_folder);
    if (server_keys_open(&self->keys, config->key_folder, err) != SR_OK ||
        catalog_open(&self->catalog, catalog_path, err) != SR_OK ||
        engine_pool_new(&self->engines, &engines, self->catalog, err) != SR_OK ||
        engine_pool_erase_owed(self->engines, err) != SR_OK ||
        overlap_lists_new(&self->lists, config->data_folder, err) != SR_OK ||
        overlap_keeper_start(&self->overlap_keeper, self->lists, self->catalog, KEEP_EVERY_MS,
                             log_keeping_failed, err) != SR_OK)
        return SR_FAIL;
    self->overlap_work = overlap_work_new(config->memory_limit / 4, threads_of(config));
    catalog_set_quotas(self->catalog, &config->quotas);
    self->callers = callers_new(&config->quotas);
    self->answers = answers_new();
    self->intake = intake_new(&config->quotas, config->data_folder);
    if (config->revocation_list != NULL)
        self->revocations = revocation_new(config->revocation_list);
    self->context = (service_context){
        .catalog = self->catalog,
        .engines = self->engines,
        .keys = self->keys,
        .callers = self->callers,
        .intake = self->intake,
        .revocations = self->revocations,
        .sql_parser = self->sql_parser,
        .query_ms = (unsigned)config->query_ms,
        .lists = self->lists,
        .overlap = {.least_minimum = config->overlap_least_minimum,
                    .quotas = &config->quotas,
                    .work = self->overlap_work},
        .answers = self->answers,
    };
    return SR_OK;
}

/* ---- the port -------------------------------------------------------------------------------- */

/* A private key as text, wiped when it is given back. */
static void secret_text_clear(char **text)
{
    if (*text != NULL)
        sr_wipe(*text, strlen(*text));
    sr_text_clear(text);
}

/* The host as configured, with the port that was really bound. */
static sr_result note_address(parts *self, const char *listen, sr_err *err)
{
    rpc_address address;
    if (rpc_address_parse(&address, listen, "listen address", err) != SR_OK)
        return SR_FAIL;
    address.port = rpc_server_port(self->rpc);
    self->address = rpc_address_print(&address);
    return SR_OK;
}

/* Nobody is served yet, so the methods' context may be filled later. */
static sr_result bind_port(parts *self, const server_config *config, sr_err *err)
{
    SR_TEXT(ca);
    SR_TEXT(certificate);
    char *key SR_CLEANUP(secret_text_clear) = NULL;
    size_t count = 0;
    if (sr_file_read_text(&ca, config->ca, PEM_MOST, err) != SR_OK ||
        sr_file_read_text(&certificate, config->certificate, PEM_MOST, err) != SR_OK ||
        sr_file_read_text(&key, config->key, PEM_MOST, err) != SR_OK)
        return SR_FAIL;
    self->methods = services_methods(&count, &self->context);
    rpc_server_config rpc = {
        .listen = config->listen,
        .ca_pem = ca,
        .certificate_pem = certificate,
        .key_pem = key,
        .max_calls = (unsigned)config->max_calls,
        .authorize = service_authorize,
        .authorize_context = &self->context,
        .ended = call_log_ended,
    };
    if (rpc_server_new(&self->rpc, &rpc, self->methods, count, err) != SR_OK)
        return SR_FAIL;
    return note_address(self, config->listen, err);
}

/* ---- serving --------------------------------------------------------------------------------- */

static sr_result write_ready_file(parts *self, const serve_options *options, sr_err *err)
{
    SR_TEXT(line);
    if (options->ready_file == NULL)
        return SR_OK;
    line = sr_text_printf("%s\n", self->address);
    if (sr_file_write(options->ready_file, sr_slice_text(line), 0600, true, err) != SR_OK)
        return SR_FAIL;
    self->ready_file = options->ready_file;
    return SR_OK;
}

/* What a killed server left would be a lie. */
static void forget_stale(const char *ready_file)
{
    struct stat status;
    if (ready_file != NULL && lstat(ready_file, &status) == 0 && S_ISREG(status.st_mode))
        (void)unlink(ready_file);
}

static void say_listening(const parts *self, const config_report *report)
{
    SR_TEXT(ready);
    ready = sr_text_printf("READY=1\nSTATUS=listening on %s", self->address);
    notify_manager(ready);
    (void)printf("listening on %s\n", self->address);
    (void)fflush(stdout);
    log_event(LOG_INFO, "listening", "address", self->address, "version", SEALROOM_VERSION, NULL);
    for (size_t i = 0; report != NULL && i < report->advice_count; i++)
        log_event(LOG_WARNING, "advice", "text", report->advice[i], NULL);
}

static sr_result begin(parts *self, const serve_options *options, sr_err *err)
{
    if (options->bound != NULL && options->bound(options->context, self->address, err) != SR_OK)
        return SR_FAIL;
    if (rpc_server_start(self->rpc, err) != SR_OK || write_ready_file(self, options, err) != SR_OK)
        return SR_FAIL;
    say_listening(self, options->report);
    return SR_OK;
}

static void wait_for_signal(void)
{
    sigset_t signals;
    int number = 0;
    stop_signals(&signals);
    while (sigwait(&signals, &number) != 0)
        continue;
    log_event(LOG_INFO, "stopping", "signal", sigabbrev_np(number), NULL);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL); /* a second signal ends the process at once */
}

sr_result serve_run(const server_config *config, const serve_options *options, sr_err *err)
{
    parts self SR_CLEANUP(parts_clear) = {.catalog = NULL};
    log_set_level(config->log_level);
    log_set_format(config->log_format);
    forget_stale(options->ready_file);
    if (find_parser(&self.sql_parser, err) != SR_OK || bind_port(&self, config, err) != SR_OK ||
        open_parts(&self, config, err) != SR_OK || begin(&self, options, err) != SR_OK)
        return SR_FAIL;
    wait_for_signal();
    notify_manager("STOPPING=1");
    remove_ready_file(&self);
    rpc_server_stop(self.rpc, (unsigned)config->stop_grace_ms);
    log_event(LOG_INFO, "stopped", "address", self.address, NULL);
    return SR_OK;
}
