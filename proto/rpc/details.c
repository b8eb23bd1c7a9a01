#include "details.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "wire/wire.h"

static const char DOMAIN[] = "sealroom";
static const char ERROR_INFO_URL[] = "type.googleapis.com/google.rpc.ErrorInfo";

typedef Google__Rpc__ErrorInfo error_info;
typedef Google__Rpc__ErrorInfo__MetadataEntry info_entry;

/* ---- clean text ------------------------------------------------------------------------------ */

/* Length of the valid character at the start; 0 when there is none. */
static size_t character_length(sr_slice rest)
{
    uint8_t lead = rest.data[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length > rest.len || !sr_utf8_is_valid(sr_slice_sub(rest, 0, length)))
        return 0;
    return length;
}

static uint32_t code_point(const uint8_t *at, size_t length)
{
    static const uint8_t lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = at[0] & lead_bits[length];
    for (size_t i = 1; i < length; i++)
        point = (point << 6) | (at[i] & 0x3fu);
    return point;
}

/* Characters that act on a terminal, a log or the order of what is read. */
static bool acts_on_display(uint32_t point)
{
    static const struct
    {
        uint32_t from;
        uint32_t to;
    } ranges[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},   {0x200e, 0x200f},
        {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (point >= ranges[i].from && point <= ranges[i].to)
            return true;
    return false;
}

void rpc_text_clean(char *out, size_t size, sr_slice text)
{
    size_t used = 0;
    for (size_t at = 0; at < text.len;)
    {
        sr_slice rest = sr_slice_sub(text, at, text.len - at);
        size_t length = character_length(rest);
        bool bad = length == 0 || acts_on_display(code_point(rest.data, length));
        size_t written = bad ? 1 : length;
        if (used + written >= size)
            break;
        sr_copy(out + used, bad ? (const uint8_t *)"?" : rest.data, written);
        used += written;
        at += length == 0 ? 1 : length;
    }
    out[used] = '\0';
}

/* ---- there ----------------------------------------------------------------------------------- */

enum
{
    ENTRIES_MAX = 6,
};

/* Storage of one ErrorInfo: generated structs hold pointers that are not const, so all text is copied. */
typedef struct
{
    error_info info;
    char domain[sizeof DOMAIN];
    char reason[sizeof((sr_err_detail *)0)->reason];
    char keys[ENTRIES_MAX][16];
    char values[ENTRIES_MAX][SR_ERR_DETAIL_SIZE];
    info_entry entries[ENTRIES_MAX];
    info_entry *pointers[ENTRIES_MAX];
} info_frame;

static void add_entry(info_frame *frame, const char *key, const char *value)
{
    size_t at = frame->info.n_metadata;
    if (value[0] == '\0')
        return;
    rpc_text_clean(frame->keys[at], sizeof frame->keys[at], sr_slice_text(key));
    rpc_text_clean(frame->values[at], sizeof frame->values[at], sr_slice_text(value));
    frame->entries[at] = (info_entry)GOOGLE__RPC__ERROR_INFO__METADATA_ENTRY__INIT;
    frame->entries[at].key = frame->keys[at];
    frame->entries[at].value = frame->values[at];
    frame->pointers[at] = &frame->entries[at];
    frame->info.n_metadata = at + 1;
}

static void fill_frame(info_frame *frame, const sr_err *failure)
{
    static const sr_err_detail nothing = {.reason = ""};
    bool open = sr_code_peer_may_read(failure->code);
    const sr_err_detail *detail = open ? &failure->detail : &nothing;
    frame->info = (error_info)GOOGLE__RPC__ERROR_INFO__INIT;
    sr_copy(frame->domain, DOMAIN, sizeof DOMAIN);
    rpc_text_clean(frame->reason, sizeof frame->reason, sr_slice_text(detail->reason));
    frame->info.domain = frame->domain;
    frame->info.reason = frame->reason;
    frame->info.metadata = frame->pointers;
    add_entry(frame, "code", sr_code_name(failure->code));
    add_entry(frame, "field", detail->field);
    add_entry(frame, "table", detail->table);
    add_entry(frame, "column", detail->column);
    add_entry(frame, "position", detail->position);
    add_entry(frame, "call", failure->detail.call);
}

void rpc_details_line(char out[SR_ERR_TEXT_SIZE], const sr_err *failure)
{
    char named[SR_ERR_TEXT_SIZE];
    const char *text = sr_err_peer_text(failure);
    if (!sr_code_peer_may_read(failure->code) && failure->detail.call[0] != '\0')
    {
        (void)snprintf(named, sizeof named, "%s (the operator's log has more: call %s)", text,
                       failure->detail.call);
        text = named;
    }
    rpc_text_clean(out, SR_ERR_TEXT_SIZE, sr_slice_text(text));
}

static sr_result pack_status(sr_buf *out, const sr_err *failure, sr_buf *info, sr_err *err)
{
    char url[sizeof ERROR_INFO_URL];
    char text[SR_ERR_TEXT_SIZE];
    sr_copy(url, ERROR_INFO_URL, sizeof url);
    rpc_details_line(text, failure);
    Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT;
    any.type_url = url;
    any.value.len = info->len;
    any.value.data = info->data;
    Google__Protobuf__Any *details[] = {&any};
    Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
    status.code = sr_code_grpc_status(failure->code);
    status.message = text;
    status.details = details;
    status.n_details = 1;
    return wire_pack(&status, out, err);
}

void rpc_details_pack(sr_buf *out, const sr_err *failure)
{
    sr_err unseen = SR_ERR_INIT; /* an error without its details is still an error */
    info_frame frame;
    SR_BUF(info, RPC_DETAILS_MAX);
    sr_buf_cut(out, 0);
    fill_frame(&frame, failure);
    if (wire_pack(&frame.info, &info, &unseen) != SR_OK ||
        pack_status(out, failure, &info, &unseen) != SR_OK)
        sr_buf_cut(out, 0);
}

/* ---- and back -------------------------------------------------------------------------------- */

static const char *entry_value(const error_info *info, const char *key)
{
    for (size_t i = 0; i < info->n_metadata; i++)
        if (strcmp(info->metadata[i]->key, key) == 0)
            return info->metadata[i]->value;
    return "";
}

static void take_part(char *out, size_t size, const char *value)
{
    rpc_text_clean(out, size, sr_slice_text(value));
}

/* The peer's word for the code counts only if it stands for the status that came with it. */
static void take_info(sr_err *out, int status, const error_info *info)
{
    sr_err_detail *detail = &out->detail;
    sr_code named = sr_code_from_name(entry_value(info, "code"));
    if (sr_code_grpc_status(named) == status)
        out->code = named;
    take_part(detail->reason, sizeof detail->reason, info->reason);
    take_part(detail->field, sizeof detail->field, entry_value(info, "field"));
    take_part(detail->table, sizeof detail->table, entry_value(info, "table"));
    take_part(detail->column, sizeof detail->column, entry_value(info, "column"));
    take_part(detail->position, sizeof detail->position, entry_value(info, "position"));
    take_part(detail->call, sizeof detail->call, entry_value(info, "call"));
}

static bool take_any(sr_err *out, int status, const Google__Protobuf__Any *any)
{
    sr_err unseen = SR_ERR_INIT;
    WIRE_MESSAGE(error_info, info);
    if (strcmp(any->type_url, ERROR_INFO_URL) != 0)
        return false;
    if (wire_unpack(&info, &google__rpc__error_info__descriptor,
                    sr_slice_of(any->value.data, any->value.len), &unseen) != SR_OK)
        return false;
    if (strcmp(info->domain, DOMAIN) != 0)
        return false;
    take_info(out, status, info);
    return true;
}

static bool take_details(sr_err *out, int status, sr_slice details)
{
    sr_err unseen = SR_ERR_INIT;
    WIRE_MESSAGE(Google__Rpc__Status, parsed);
    if (details.len == 0 || details.len > RPC_DETAILS_MAX)
        return false;
    if (wire_unpack(&parsed, &google__rpc__status__descriptor, details, &unseen) != SR_OK)
        return false;
    for (size_t i = 0; i < parsed->n_details; i++)
        if (take_any(out, status, parsed->details[i]))
            return true;
    return false;
}

bool rpc_details_unpack(sr_err *out, int status, sr_slice message, sr_slice details)
{
    int known = status > 0 && status <= 16 ? status : 2;
    sr_err_reset(out);
    out->code = sr_code_from_grpc(known);
    bool ours = take_details(out, known, details);
    rpc_text_clean(out->text, sizeof out->text, message);
    if (out->text[0] == '\0')
        rpc_text_clean(out->text, sizeof out->text, sr_slice_text(sr_code_words(out->code)));
    return ours;
}
