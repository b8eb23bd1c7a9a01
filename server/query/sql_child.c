/*
 * sql_child.c: the program sealroom-sql: SQL on standard input, libpg_query's JSON tree on standard output.
 * It parses one hostile text and dies; sealroomd starts one for each query and kills it after a second.
 *
 *     answer  = "T" JSON                     parsed
 *             | "E" position "\n" message    syntax error; position in characters from 1, 0 unknown
 *
 * The parser recurses as deep as its input: it gets a large stack of its own, and if even that is too small
 * the program dies alone. Before it reads a byte it gives up memory beyond 256 MiB, more than a few seconds
 * of CPU, core dumps, new privileges, and every system call but those that reading, writing and
 * allocating need.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <pg_query.h>

enum
{
    TEXT_MOST = 64 * 1024,
    STACK_SIZE = 96 * 1024 * 1024,
    MEMORY_MOST = 256 * 1024 * 1024,
    CPU_SECONDS = 2,
};

static void write_all(const char *bytes, size_t len)
{
    while (len > 0)
    {
        ssize_t wrote = write(STDOUT_FILENO, bytes, len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            _exit(1);
        bytes += wrote;
        len -= (size_t)wrote;
    }
}

/* NUL-terminated; a text of the largest size and more is cut: the parent has checked it before. */
static void read_text(char *text)
{
    size_t len = 0;
    while (len < TEXT_MOST)
    {
        ssize_t got = read(STDIN_FILENO, text + len, TEXT_MOST - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            _exit(1);
        if (got == 0)
            break;
        len += (size_t)got;
    }
    text[len] = '\0';
}

static void write_error(const PgQueryError *error)
{
    char position[32];
    int len = snprintf(position, sizeof position, "E%d\n", error->cursorpos);
    write_all(position, (size_t)len);
    const char *message = error->message == NULL ? "syntax error" : error->message;
    write_all(message, strlen(message));
}

static void limit(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit value = {.rlim_cur = most, .rlim_max = most};
    if (setrlimit(what, &value) != 0)
        _exit(1);
}

static void limit_resources(void)
{
    limit(RLIMIT_AS, MEMORY_MOST);
    limit(RLIMIT_CPU, CPU_SECONDS);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, 3);
}

#define ALLOW(call)                                                                                \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1),                                        \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "name this processor's AUDIT_ARCH constant here"
#endif

/* For this thread and the one that waits for it, when no further thread is needed. The parser itself only
 * allocates; the rest is C library furniture. */
static void limit_calls(void)
{
    static struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(read),
        ALLOW(write),
        ALLOW(mmap),
        ALLOW(munmap),
        ALLOW(mremap),
        ALLOW(mprotect),
        ALLOW(madvise),
        ALLOW(brk),
        ALLOW(futex),
        ALLOW(rt_sigprocmask),
        ALLOW(rt_sigaction),
        ALLOW(rt_sigreturn),
        ALLOW(getrandom),
        ALLOW(getpid),
        ALLOW(gettid),
        ALLOW(exit),
        ALLOW(exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof program[0], .filter = program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        _exit(1);
    /* A kernel without seccomp leaves the other limits; any other failure is a reason to stop. */
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) != 0 &&
        errno != ENOSYS && errno != EINVAL)
        _exit(1);
}

static void *parse_thread(void *text)
{
    limit_calls();
    read_text(text);
    PgQueryParseResult result = pg_query_parse(text);
    if (result.error != NULL)
        write_error(result.error);
    else
    {
        write_all("T", 1);
        write_all(result.parse_tree, strlen(result.parse_tree));
    }
    _exit(0);
}

int main(void)
{
    static char text[TEXT_MOST + 1];
    pthread_attr_t attributes;
    pthread_t thread;
    limit_resources();
    if (pthread_attr_init(&attributes) != 0 ||
        pthread_attr_setstacksize(&attributes, STACK_SIZE) != 0 ||
        pthread_create(&thread, &attributes, parse_thread, text) != 0)
        return 1;
    (void)pthread_join(thread, NULL);
    return 1; /* parse_thread ends the process */
}
