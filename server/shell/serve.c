#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/secret.h"
#include "server/rpc/services.h"
#include "version.h"

enum
{
    PEM_MOST = 256 * 1024,
    PATH_MOST = 4096,
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

sr_result serve_lock(int *fd, const char *data_folder, sr_err *err)
{
    SR_TEXT(path);
    *fd = -1;
    if (sr_folder_make(data_folder, 0700, err) != SR_OK ||
        sr_file_check_private(data_folder, err) != SR_OK)
        return SR_FAIL;
    path = sr_path_join(data_folder, "lock");
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0)
        return sr_fail_errno(err, errno, "%s", path);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return SR_OK;
    sr_fd_clear(fd);
    return sr_fail(err, SR_E_STATE, "%s: another sealroomd uses this data folder", data_folder);
}

char *serve_catalog_path(const char *data_folder)
{
    return sr_path_join(data_folder, "catalog.sqlite");
}

/* ---- the parts ------------------------------------------------------------------------------- */

typedef struct
{
    int lock;
    catalog *catalog;
    engine_pool *engines;
    server_keys *keys;
    char *sql_parser;
    service_context context;
    rpc_method *methods;
    rpc_server *rpc;
    char *address;
    const char *ready_file; /* to be removed */
} parts;

/* In the reverse order of their making. */
static void parts_clear(parts *self)
{
    if (self->ready_file != NULL)
        (void)unlink(self->ready_file);
    rpc_server_free(self->rpc);
    sr_free(self->methods);
    sr_free(self->address);
    sr_free(self->sql_parser);
    server_keys_free(self->keys);
    engine_pool_free(self->engines);
    catalog_free(self->catalog);
    sr_fd_clear(&self->lock);
}

/* The parser is a program of its own, beside this one. */
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
    if (!sr_file_exists(*out))
        return sr_fail(err, SR_E_NOT_FOUND,
                       "%s: the SQL parser is not there; it belongs beside sealroomd", *out);
    return SR_OK;
}

static sr_result open_parts(parts *self, const server_config *config, sr_err *err)
{
    SR_TEXT(catalog_path);
    engine_pool_config engines = {
        .folder = config->data_folder,
        .memory_limit = config->memory_limit,
        .threads = config->threads,
    };
    catalog_path = serve_catalog_path(config->data_folder);
    if (find_parser(&self->sql_parser, err) != SR_OK ||
        serve_lock(&self->lock, config->data_folder, err) != SR_OK ||
        server_keys_open(&self->keys, config->key_folder, err) != SR_OK ||
        catalog_open(&self->catalog, catalog_path, err) != SR_OK)
        return SR_FAIL;
    return engine_pool_new(&self->engines, &engines, self->catalog, err);
}

/* ---- the port -------------------------------------------------------------------------------- */

static sr_result read_pem(char **out, const char *path, sr_err *err)
{
    SR_SECRET_BUF(bytes, PEM_MOST);
    if (sr_file_read(&bytes, path, err) != SR_OK)
        return SR_FAIL;
    if (sr_slice_to_text(out, sr_buf_view(&bytes), err) != SR_OK)
        return sr_fail_in(err, "%s", path);
    return SR_OK;
}

/* A private key as text, wiped when it is given back. */
static void secret_text_clear(char **text)
{
    if (*text != NULL)
        sr_wipe(*text, strlen(*text));
    sr_text_clear(text);
}

/* The host as configured, with the port that was really bound. */
static char *bound_address(const char *listen, unsigned port)
{
    const char *colon = strrchr(listen, ':');
    int host = colon == NULL ? (int)strlen(listen) : (int)(colon - listen);
    return sr_text_printf("%.*s:%u", host, listen, port);
}

static sr_result bind_port(parts *self, const server_config *config, sr_err *err)
{
    SR_TEXT(ca);
    SR_TEXT(certificate);
    char *key SR_CLEANUP(secret_text_clear) = NULL;
    size_t count = 0;
    if (read_pem(&ca, config->ca, err) != SR_OK ||
        read_pem(&certificate, config->certificate, err) != SR_OK ||
        read_pem(&key, config->key, err) != SR_OK)
        return SR_FAIL;
    self->context = (service_context){
        .catalog = self->catalog,
        .engines = self->engines,
        .keys = self->keys,
        .sql_parser = self->sql_parser,
        .query_ms = config->query_ms,
    };
    self->methods = services_methods(&count, &self->context);
    rpc_server_config rpc = {
        .listen = config->listen,
        .ca_pem = ca,
        .certificate_pem = certificate,
        .key_pem = key,
        .max_calls = config->max_calls,
        .authorize = service_authorize,
        .authorize_context = &self->context,
    };
    if (rpc_server_new(&self->rpc, &rpc, self->methods, count, err) != SR_OK)
        return SR_FAIL;
    self->address = bound_address(config->listen, rpc_server_port(self->rpc));
    return SR_OK;
}

static sr_result announce(parts *self, const serve_options *options, sr_err *err)
{
    SR_TEXT(line);
    if (options->bound != NULL && options->bound(options->context, self->address, err) != SR_OK)
        return SR_FAIL;
    if (rpc_server_start(self->rpc, err) != SR_OK)
        return SR_FAIL;
    line = sr_text_printf("%s\n", self->address);
    if (options->ready_file != NULL &&
        sr_file_write(options->ready_file, sr_slice_text(line), 0600, true, err) != SR_OK)
        return SR_FAIL;
    self->ready_file = options->ready_file;
    (void)printf("listening on %s", line);
    (void)fflush(stdout);
    log_event(LOG_INFO, "listening", "address=%s version=%s", self->address, SEALROOM_VERSION);
    return SR_OK;
}

/* ---- serving --------------------------------------------------------------------------------- */

static void wait_for_signal(void)
{
    sigset_t signals;
    int number = 0;
    stop_signals(&signals);
    while (sigwait(&signals, &number) != 0)
        continue;
    log_event(LOG_INFO, "stopping", "signal=%d", number);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL); /* a second signal ends the process at once */
}

sr_result serve_run(const server_config *config, const serve_options *options, sr_err *err)
{
    parts self SR_CLEANUP(parts_clear) = {.lock = -1};
    log_set_level(config->log_level);
    if (open_parts(&self, config, err) != SR_OK || bind_port(&self, config, err) != SR_OK ||
        announce(&self, options, err) != SR_OK)
        return SR_FAIL;
    wait_for_signal();
    rpc_server_stop(self.rpc, config->stop_grace_ms);
    log_event(LOG_INFO, "stopped", "address=%s", self.address);
    return SR_OK;
}
