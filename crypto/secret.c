#include "secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/file.h"
#include "base/text.h"
#include "locked.h"

enum
{
    TEXT_MAX = (SECRET_MAX_SIZE + 2) / 3 * 4 + 2, /* base64 and a line end */
};

struct collaboration_secret
{
    size_t room; /* bytes that were asked for */
    size_t len;
    uint8_t bytes[];
};

/* LeakSanitizer looks through its own process as a debugger would, which needs a dumpable one. */
#if defined(__SANITIZE_ADDRESS__)
static const int dumpable = 1;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
static const int dumpable = 1;
#else
static const int dumpable = 0;
#endif
#else
static const int dumpable = 0;
#endif

static sr_result secret_new(collaboration_secret **out, size_t room, sr_err *err)
{
    void *memory = NULL;
    *out = NULL;
    if (locked_new(&memory, sizeof **out + room, err) != SR_OK)
        return SR_FAIL;
    *out = memory;
    (*out)->room = room;
    return SR_OK;
}

static sr_slice without_line_end(sr_slice text)
{
    if (text.len > 0 && text.data[text.len - 1] == '\n')
        text.len--;
    if (text.len > 0 && text.data[text.len - 1] == '\r')
        text.len--;
    return text;
}

/* The decoder's own words are replaced: they could point into the secret. */
static sr_result decode(collaboration_secret *secret, sr_slice text, sr_err *err)
{
    if (sr_base64_decode_like_java(secret->bytes, &secret->len, text, err) != SR_OK)
        return sr_fail(err, SR_E_SECRET,
                       "the secret is not standard base64 (no spaces, no URL-safe letters)");
    if (secret->len < SECRET_MIN_SIZE)
        return sr_fail(err, SR_E_SECRET,
                       "the secret is too short: at least 32 bytes (44 base64 characters); "
                       "make one with: sealroom keys new");
    if (secret->len > SECRET_MAX_SIZE)
        return sr_fail(err, SR_E_SECRET, "the secret is longer than 4096 bytes");
    return SR_OK;
}

sr_result secret_from_text(collaboration_secret **out, sr_slice text, sr_err *err)
{
    SECRET(secret);
    *out = NULL;
    if (text.len > TEXT_MAX)
        return sr_fail(err, SR_E_SECRET, "the secret is longer than 4096 bytes");
    text = without_line_end(text);
    if (secret_new(&secret, sr_base64_decoded_max(text.len), err) != SR_OK ||
        decode(secret, text, err) != SR_OK)
        return SR_FAIL;
    *out = secret;
    secret = NULL;
    return SR_OK;
}

sr_result secret_from_file(collaboration_secret **out, const char *path, sr_err *err)
{
    SR_SECRET_BUF(text, TEXT_MAX);
    *out = NULL;
    if (sr_file_check_private(path, err) != SR_OK || sr_file_read(&text, path, err) != SR_OK)
        return SR_FAIL;
    if (secret_from_text(out, sr_buf_view(&text), err) != SR_OK)
        return sr_fail_in(err, "%s", path);
    return SR_OK;
}

sr_result secret_from_fd(collaboration_secret **out, int fd, sr_err *err)
{
    SR_SECRET_BUF(text, TEXT_MAX);
    SR_TEXT(name);
    *out = NULL;
    name = sr_text_printf("descriptor %d", fd);
    if (sr_file_read_fd(&text, fd, name, err) != SR_OK)
        return SR_FAIL;
    if (secret_from_text(out, sr_buf_view(&text), err) != SR_OK)
        return sr_fail_in(err, "%s", name);
    return SR_OK;
}

/* Overwrites the value where it stands: unsetenv alone leaves it in /proc/PID/environ. */
static void wipe_variable(const char *name)
{
    char *value = getenv(name);
    if (value == NULL)
        return;
    sr_wipe(value, strlen(value));
    unsetenv(name);
}

static bool variable_is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0';
}

static sr_result from_variable(collaboration_secret **out, const char *name, sr_err *err)
{
    if (!variable_is_set(name))
        return sr_fail(err, SR_E_SECRET, "%s is not set; it holds the secret as base64", name);
    if (secret_from_text(out, sr_slice_text(getenv(name)), err) != SR_OK)
        return sr_fail_in(err, "%s", name);
    return SR_OK;
}

sr_result secret_from_env(collaboration_secret **out, const char *variable, sr_err *err)
{
    static const char ours[] = "SEALROOM_SHARED_SECRET";
    static const char c3r[] = "C3R_SHARED_SECRET";
    const char *name = variable;
    *out = NULL;
    if (variable == NULL)
        name = !variable_is_set(ours) && variable_is_set(c3r) ? c3r : ours;
    sr_result result = from_variable(out, name, err);
    wipe_variable(name);
    if (variable == NULL)
    {
        wipe_variable(ours);
        wipe_variable(c3r);
    }
    return result;
}

sr_result secret_generate(collaboration_secret **out, sr_err *err)
{
    if (secret_new(out, SECRET_MIN_SIZE, err) != SR_OK)
        return SR_FAIL;
    (*out)->len = SECRET_MIN_SIZE;
    sr_random_bytes((*out)->bytes, (*out)->len);
    return SR_OK;
}

sr_result secret_write_new(const collaboration_secret *secret, const char *path, sr_err *err)
{
    SR_SECRET_BUF(text, TEXT_MAX);
    uint8_t *letters;
    if (sr_buf_extend(&text, &letters, sr_base64_encoded_len(secret->len), err) != SR_OK)
        return SR_FAIL;
    sr_base64_encode((char *)letters, secret_view(secret));
    if (sr_buf_append_text(&text, "\n", err) != SR_OK)
        return SR_FAIL;
    return sr_file_write(path, sr_buf_view(&text), 0600, false, err);
}

sr_slice secret_view(const collaboration_secret *secret)
{
    return sr_slice_of(secret->bytes, secret->len);
}

void secret_free(collaboration_secret *secret)
{
    if (secret != NULL)
        locked_free(secret, sizeof *secret + secret->room);
}

void secret_clear(collaboration_secret **secret)
{
    secret_free(*secret);
    *secret = NULL;
}

sr_result secret_process_protect(sr_err *err)
{
    const struct rlimit none = {0, 0};
    if (prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
        return sr_fail_errno(err, errno, "core dumps cannot be switched off");
    return SR_OK;
}
