#include "link.h"

#include "base/file.h"
#include "base/text.h"
#include "certificate.h"
#include "convert.h"
#include "rpc/rpc.h"
#include "sealroom/v1/collaboration.pb-c.h"
#include "session.h"
#include "wire/wire.h"

enum
{
    PEM_MOST = 256 * 1024,
};

/* ---- opening --------------------------------------------------------------------------------- */

typedef struct
{
    char *ca;
    char *certificate;
    char *key;
} pem_texts;

static void pem_texts_clear(pem_texts *texts)
{
    if (texts->key != NULL)
        sr_wipe(texts->key, sr_slice_text(texts->key).len);
    sr_text_clear(&texts->ca);
    sr_text_clear(&texts->certificate);
    sr_text_clear(&texts->key);
}

static sr_result read_pems(pem_texts *out, const link_config *config, sr_err *err)
{
    if (sr_file_read_text(&out->ca, config->ca, PEM_MOST, err) != SR_OK ||
        sr_file_read_text(&out->certificate, config->certificate, PEM_MOST, err) != SR_OK ||
        sr_file_check_private(config->key, err) != SR_OK ||
        sr_file_read_text(&out->key, config->key, PEM_MOST, err) != SR_OK)
        return SR_FAIL;
    return certificate_check(sr_slice_text(out->ca), sr_slice_text(out->certificate),
                             sr_slice_text(out->key), config->certificate, err);
}

sr_result link_open(link_session **out, const link_config *config, sr_err *err)
{
    pem_texts texts SR_CLEANUP(pem_texts_clear) = {NULL, NULL, NULL};
    *out = NULL;
    if (read_pems(&texts, config, err) != SR_OK)
        return SR_FAIL;
    rpc_channel_config channel_config = {
        .server = config->server,
        .server_name = config->server_name,
        .ca_pem = texts.ca,
        .certificate_pem = texts.certificate,
        .key_pem = texts.key,
        .interrupt = config->interrupt,
    };
    LINK(link);
    link = sr_alloc(sizeof *link);
    if (rpc_channel_new(&link->channel, &channel_config, err) != SR_OK)
        return SR_FAIL;
    *out = link;
    link = NULL;
    return SR_OK;
}

void link_free(link_session *link)
{
    if (link == NULL)
        return;
    rpc_channel_free(link->channel);
    sr_free(link);
}

void link_clear(link_session **link)
{
    link_free(*link);
    *link = NULL;
}

char *link_borrow(const char *text)
{
    return (char *)(uintptr_t)text;
}

sr_result link_call(void *answer, link_session *link, const char *path, const void *request,
                    const void *descriptor, sr_err *err)
{
    return link_call_within(answer, link, path, request, descriptor, LINK_CALL_MS, err);
}

sr_result link_call_within(void *answer, link_session *link, const char *path, const void *request,
                           const void *descriptor, unsigned limit_ms, sr_err *err)
{
    SR_BUF(sent, RPC_MESSAGE_LIMIT);
    SR_SECRET_BUF(received, RPC_MESSAGE_LIMIT); /* half of a checkpoint's key may be in it */
    if (wire_pack(request, &sent, err) != SR_OK ||
        rpc_unary(link->channel, &received, path, sr_buf_view(&sent), limit_ms, err) != SR_OK)
        return SR_FAIL;
    if (wire_unpack(answer, descriptor, sr_buf_view(&received), err) != SR_OK)
        return sr_fail_in(err, "the server's answer");
    return SR_OK;
}

/* ---- who and where --------------------------------------------------------------------------- */

void link_pong_clear(link_pong *pong)
{
    sr_text_clear(&pong->server_version);
    *pong = (link_pong){0};
}

sr_result link_ping(link_pong *out, link_session *link, sr_err *err)
{
    Sealroom__V1__PingRequest request = SEALROOM__V1__PING_REQUEST__INIT;
    WIRE_MESSAGE(Sealroom__V1__PingResponse, answer);
    *out = (link_pong){0};
    int64_t before = sr_monotonic_us();
    if (link_call(&answer, link, "/sealroom.v1.CollaborationService/Ping", &request,
                  &sealroom__v1__ping_response__descriptor, err) != SR_OK)
        return SR_FAIL;
    out->round_trip_us = sr_monotonic_us() - before;
    out->server_version = sr_text_copy(answer->server_version);
    out->server_time_us = answer->server_time_us;
    return SR_OK;
}

sr_result link_whoami(link_identity *out, link_session *link, sr_err *err)
{
    Sealroom__V1__WhoAmIRequest request = SEALROOM__V1__WHO_AM_IREQUEST__INIT;
    WIRE_MESSAGE(Sealroom__V1__WhoAmIResponse, answer);
    *out = (link_identity){.certificate = ""};
    if (link_call(&answer, link, "/sealroom.v1.CollaborationService/WhoAmI", &request,
                  &sealroom__v1__who_am_iresponse__descriptor, err) != SR_OK ||
        convert_text(out->who.member, sizeof out->who.member, answer->member, "member name", err) !=
            SR_OK ||
        convert_text(out->certificate, sizeof out->certificate, answer->certificate_fingerprint,
                     "certificate fingerprint", err) != SR_OK)
        return SR_FAIL;
    return role_parse(&out->who.role, answer->role, err);
}
