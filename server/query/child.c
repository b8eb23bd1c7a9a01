#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

enum
{
    CHUNK = 64 * 1024,
    PATH_MOST = 4096,
    GRACE_MS = 200, /* between the end of a child's output and its own */
};

/* ---- starting -------------------------------------------------------------------------------- */

static bool prepare_files(posix_spawn_file_actions_t *files, int end)
{
    return posix_spawn_file_actions_adddup2(files, end, STDIN_FILENO) == 0 &&
           posix_spawn_file_actions_adddup2(files, end, STDOUT_FILENO) == 0 &&
           posix_spawn_file_actions_addopen(files, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
           posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1) == 0;
}

/* A group of its own (no terminal signals), default signals, none blocked. */
static bool prepare_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP;
    return sigemptyset(&none) == 0 && sigfillset(&all) == 0 &&
           posix_spawnattr_setsigmask(attributes, &none) == 0 &&
           posix_spawnattr_setsigdefault(attributes, &all) == 0 &&
           posix_spawnattr_setpgroup(attributes, 0) == 0 &&
           posix_spawnattr_setflags(attributes, flags) == 0;
}

static sr_result spawn(pid_t *pid, const char *program, int end, sr_err *err)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    char *name = sr_text_copy(program);
    char *arguments[] = {name, NULL};
    char *environment[] = {NULL};
    int failure = ENOMEM;
    if (posix_spawn_file_actions_init(&files) == 0)
    {
        if (posix_spawnattr_init(&attributes) == 0)
        {
            if (prepare_files(&files, end) && prepare_attributes(&attributes))
                failure = posix_spawn(pid, program, &files, &attributes, arguments, environment);
            posix_spawnattr_destroy(&attributes);
        }
        posix_spawn_file_actions_destroy(&files);
    }
    sr_free(name);
    if (failure == 0)
        return SR_OK;
    (void)sr_fail_errno(err, failure, "the SQL parser cannot be started");
    err->code = SR_E_IO;
    return SR_FAIL;
}

/* ---- talking --------------------------------------------------------------------------------- */

typedef struct
{
    int fd;
    sr_slice input; /* what is left to send */
    bool sending;
    int64_t end_us;
} child_talk;

static sr_result give_up(sr_err *err, const char *why)
{
    return sr_fail(err, SR_E_LIMIT, "the SQL parser %s", why);
}

static sr_result send_some(child_talk *talk, sr_err *err)
{
    ssize_t sent = send(talk->fd, talk->input.data, talk->input.len, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return SR_OK;
    if (sent < 0)
        return give_up(err, "failed");
    size_t done = (size_t)sent;
    talk->input = sr_slice_sub(talk->input, done, talk->input.len - done);
    return SR_OK;
}

static sr_result receive_some(child_talk *talk, sr_buf *out, bool *end, sr_err *err)
{
    uint8_t chunk[CHUNK];
    ssize_t got = recv(talk->fd, chunk, sizeof chunk, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return SR_OK;
    if (got < 0)
        return give_up(err, "failed");
    *end = got == 0;
    if (sr_buf_append(out, sr_slice_of(chunk, (size_t)got), err) != SR_OK)
        return give_up(err, "wrote too much");
    return SR_OK;
}

/* Nothing left to send: the child must see the end of its input. */
static void finish_sending(child_talk *talk)
{
    if (!talk->sending || talk->input.len > 0)
        return;
    talk->sending = false;
    (void)shutdown(talk->fd, SHUT_WR);
}

static sr_result converse(child_talk *talk, sr_buf *out, sr_err *err)
{
    bool end = false;
    while (!end)
    {
        finish_sending(talk);
        int64_t left_us = talk->end_us - sr_monotonic_us();
        if (left_us <= 0)
            return give_up(err, "took too long");
        short events = (short)(talk->sending ? POLLIN | POLLOUT : POLLIN);
        struct pollfd wait = {.fd = talk->fd, .events = events};
        int ready = poll(&wait, 1, (int)(left_us / 1000) + 1);
        if (ready < 0 && errno != EINTR)
            return give_up(err, "failed");
        if (ready <= 0)
            continue;
        if ((wait.revents & POLLOUT) != 0 && talk->sending && send_some(talk, err) != SR_OK)
            return SR_FAIL;
        if ((wait.revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
            receive_some(talk, out, &end, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

/* ---- ending ---------------------------------------------------------------------------------- */

/* Waits for a child that should be gone by now, kills it after a moment of grace (it may linger on purpose),
 * and buries it; true when it ended well by itself. */
static bool reap(pid_t pid, unsigned grace_ms)
{
    int status = 0;
    pid_t got = 0;
    for (unsigned waited = 0; got == 0; waited++)
    {
        const struct timespec moment = {.tv_nsec = waited == 0 ? 50000 : 1000000};
        if (waited > grace_ms)
            (void)kill(pid, SIGKILL);
        got = waitpid(pid, &status, waited > grace_ms ? 0 : WNOHANG);
        if (got == 0)
            (void)nanosleep(&moment, NULL);
        if (got < 0 && errno == EINTR)
            got = 0;
    }
    return got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

sr_result child_run(sr_buf *out, const char *program, sr_slice input, unsigned limit_ms,
                    sr_err *err)
{
    int ends[2] = {-1, -1};
    pid_t pid = -1;
    sr_buf_cut(out, 0);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return sr_fail_errno(err, errno, "the SQL parser cannot be started");
    int ours SR_CLEANUP(sr_fd_clear) = ends[0];
    int theirs SR_CLEANUP(sr_fd_clear) = ends[1];
    if (fcntl(ours, F_SETFL, O_NONBLOCK) != 0 || spawn(&pid, program, theirs, err) != SR_OK)
        return err->code == SR_E_IO ? SR_FAIL : sr_fail_errno(err, errno, "the SQL parser");
    sr_fd_clear(&theirs);
    child_talk talk = {.fd = ours,
                       .input = input,
                       .sending = true,
                       .end_us = sr_monotonic_us() + (int64_t)limit_ms * 1000};
    sr_result result = converse(&talk, out, err);
    if (result != SR_OK)
        (void)kill(pid, SIGKILL);
    bool ended_well = reap(pid, GRACE_MS);
    if (result == SR_OK && !ended_well)
        result = give_up(err, "gave up");
    if (result != SR_OK)
        sr_buf_clear(out);
    return result;
}

char *child_beside(const char *name)
{
    char path[PATH_MOST];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len <= 0)
        return NULL;
    path[len] = '\0';
    SR_TEXT(folder);
    folder = sr_path_folder(path);
    return sr_path_join(folder, name);
}
