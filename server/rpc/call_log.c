#include "call_log.h"

#include <string.h>

#include "base/text.h"
#include "server/quota/quota.h"
#include "server/shell/log.h"
#include "service.h"

static const char *status_name(int status)
{
    static const char *const names[] = {
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    };
    bool known = status >= 0 && (size_t)status < sizeof names / sizeof names[0];
    return known ? names[status] : "UNKNOWN";
}

static bool is_by_quota(const sr_err *failure)
{
    return strcmp(failure->detail.reason, QUOTA_REASON) == 0;
}

static log_level level_of(const sr_err *failure)
{
    if (failure == NULL)
        return LOG_INFO;
    if (!sr_code_peer_may_read(failure->code))
        return LOG_ERROR;
    if (is_by_quota(failure) || failure->code == SR_E_UNKNOWN_PEER)
        return LOG_WARNING;
    return LOG_INFO;
}

/* "/sealroom.v1.TableService/Upload" without its package. */
static const char *short_name(const char *path)
{
    static const char package[] = "/sealroom.v1.";
    size_t len = sizeof package - 1;
    return strncmp(path, package, len) == 0 ? path + len : path;
}

static void say_who(log_line *line, const rpc_call *call)
{
    const catalog_actor *actor = service_actor_or_null(call);
    if (actor == NULL)
    {
        log_line_text(line, "certificate", rpc_call_peer_fingerprint(call));
        log_line_text(line, "peer", rpc_call_peer_address(call));
        return;
    }
    log_line_text(line, "member", actor->who.member);
    log_line_text(line, "role", role_name(actor->who.role));
    log_line_text(line, "collaboration", service_collaboration(call));
}

static void say_failure(log_line *line, const sr_err *failure)
{
    log_line_text(line, "status", status_name(sr_code_grpc_status(failure->code)));
    log_line_text(line, "code", sr_code_name(failure->code));
    log_line_text(line, "reason", failure->detail.reason);
    if (is_by_quota(failure))
        log_line_text(line, "quota", failure->detail.field);
    if (!sr_code_peer_may_read(failure->code))
        log_line_text(line, "why", failure->text);
}

void call_log_ended(const rpc_call *call, const char *path, const sr_err *failure, void *context)
{
    const rpc_call_facts *facts = rpc_call_facts_view(call);
    int64_t age_us = sr_monotonic_us() - facts->begun_us;
    log_line line;
    (void)context;
    log_line_begin(&line, level_of(failure), "call");
    log_line_text(&line, "call", facts->id);
    log_line_text(&line, "method", path == NULL ? NULL : short_name(path));
    say_who(&line, call);
    if (path == NULL)
        log_line_text(&line, "status", "UNIMPLEMENTED");
    else if (failure == NULL)
        log_line_text(&line, "status", "OK");
    else
        say_failure(&line, failure);
    log_line_number(&line, "ms", (uint64_t)age_us / 1000);
    log_line_number(&line, "in", facts->bytes_in);
    log_line_number(&line, "out", facts->bytes_out);
    log_line_end(&line);
}
