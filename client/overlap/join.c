#include "join.h"

#include <string.h>

#include "../link/certificate.h"
#include "../pool.h"
#include "crypto/psi.h"
#include "reblind.h"
#include "state.h"

enum
{
    ROUNDS_MOST = 2 * MANIFEST_MEMBERS_MOST * MANIFEST_SEGMENTS_MOST, /* a part a round, and more */
};

/* ---- confirming ------------------------------------------------------------------------------ */

static sr_result print_terms(sr_buf *out, const link_overlap *session, sr_err *err)
{
    manifest terms;
    manifest_terms(&terms, &session->manifest);
    return manifest_print(&terms, out, err);
}

sr_result overlap_member_shown(const char *profile, const link_overlap *session, sr_err *err)
{
    OVERLAP_FOLDER(folder);
    SR_BUF(terms, MANIFEST_TEXT_MOST);
    if (print_terms(&terms, session, err) != SR_OK ||
        overlap_folder_open(&folder, profile, session->session, err) != SR_OK)
        return SR_FAIL;
    return overlap_keep_shown(&folder, sr_buf_view(&terms), err);
}

sr_result overlap_member_confirm(link_overlap *out, const overlap_self *self,
                                 const link_overlap *session, sr_err *err)
{
    OVERLAP_FOLDER(folder);
    SR_BUF(terms, MANIFEST_TEXT_MOST);
    uint8_t nonce[MANIFEST_NONCE_SIZE];
    uint8_t message[PSI_CONFIRM_SIZE];
    signature_value signature;
    *out = (link_overlap){.state = NULL};
    if (print_terms(&terms, session, err) != SR_OK ||
        overlap_folder_open(&folder, self->profile, session->session, err) != SR_OK ||
        overlap_keep_confirmation(&folder, sr_buf_view(&terms), nonce, err) != SR_OK)
        return SR_FAIL;
    digest_value hash = digest_of(sr_buf_view(&terms));
    psi_confirm_message(message, &hash, nonce);
    if (signature_make(&signature, self->key_pem, sr_slice_of(message, sizeof message), err) !=
        SR_OK)
        return SR_FAIL;
    return link_overlap_confirm(out, self->link, session->session, &hash, nonce, &signature, err);
}

/* ---- work ------------------------------------------------------------------------------------ */

/* A session that runs, with all that its steps need. */
typedef struct
{
    const overlap_self *self;
    const overlap_input *input;
    const link_overlap *session;
    overlap_done *done;
    overlap_folder folder;
    checkpoint_key key;
    group_scalar scalar;
    group_domain domain;
    link_overlap_way way;
    unsigned threads;
    uint64_t sent; /* points of the list that is under way, for the progress line */
    uint64_t to_send;
} working;

static void working_clear(working *at)
{
    overlap_folder_clear(&at->folder);
    checkpoint_key_clear(&at->key);
    group_scalar_clear(&at->scalar);
}

static void show_sent(void *context, uint64_t points)
{
    working *at = context;
    at->sent += points;
    progress_show(at->input->progress, "exchanging", at->sent, at->sent, at->to_send);
}

static sr_result enter(working *at, sr_err *err)
{
    const manifest *whole = &at->session->manifest;
    group_suite suite;
    char tag[PSI_DOMAIN_SIZE];
    char certificate[SIGNATURE_FINGERPRINT_SIZE];
    if (signature_fingerprint(certificate, at->self->certificate_pem, err) != SR_OK ||
        overlap_check_manifest(&at->folder, whole, at->self->member, certificate, err) != SR_OK ||
        group_suite_parse(&suite, whole->suite, err) != SR_OK)
        return SR_FAIL;
    if (!at->session->has_share)
        return sr_fail(err, SR_E_STATE, "the server has no share of this session's checkpoint");
    checkpoint_key_make(&at->key, at->folder.local_secret, at->session->share,
                        &at->session->manifest_hash);
    psi_domain(tag, whole->suite, &at->session->manifest_hash);
    if (overlap_scalar(&at->scalar, &at->folder, &at->key, suite, err) != SR_OK ||
        group_domain_init(&at->domain, suite, sr_slice_text(tag), err) != SR_OK)
        return SR_FAIL;
    at->threads = at->input->threads == 0 ? (unsigned)pool_default_threads() : at->input->threads;
    at->way = (link_overlap_way){
        .session = at->session->session,
        .manifest_hash = &at->session->manifest_hash,
        .point_size = group_point_size(suite),
        .progress = show_sent,
        .progress_context = at,
    };
    return SR_OK;
}

/* ---- contributing ---------------------------------------------------------------------------- */

/* How the file that was given is to be read. */
static sr_result find_rows(rows_config *out, const working *at, sr_err *err)
{
    const manifest *whole = &at->session->manifest;
    const manifest_member *own = &whole->members[manifest_position(whole, at->self->member)];
    *out = (rows_config){
        .input = at->input->input,
        .id_column = at->input->id_column,
        .segment_column = at->input->segment_column,
        .key = &at->key,
        .segments_most = own->segments == 0 ? 1 : own->segments,
        .stage = "reading",
        .progress = at->input->progress,
    };
    if (at->input->input == NULL)
        return sr_fail(err, SR_E_STATE,
                       "this member's list is due: `sealroom overlap join %s FILE`",
                       at->session->session);
    if (own->segments == 0 && at->input->segment_column != NULL)
        return sr_fail(err, SR_E_USAGE,
                       "the manifest gives this member no segments: leave out --segment");
    if (own->segments > 0 && at->input->segment_column == NULL)
        return sr_fail(err, SR_E_USAGE,
                       "the manifest gives this member segments: name their column with --segment");
    return normaliser_parse(&out->normaliser, whole->normaliser, err);
}

static sr_result read_items(items_list *out, const working *at, sr_err *err)
{
    items_config config = {
        .domain = &at->domain,
        .scalar = &at->scalar,
        .padded = at->session->manifest.padded,
        .threads = at->threads,
        .folder = at->folder.folder,
    };
    if (find_rows(&config.rows, at, err) != SR_OK)
        return SR_FAIL;
    return items_read(out, &config, err);
}

/* What the server would refuse is refused here first, with the file's name. */
static sr_result check_list(const working *at, const items_list *list, sr_err *err)
{
    const manifest *whole = &at->session->manifest;
    const manifest_member *own = &whole->members[manifest_position(whole, at->self->member)];
    uint64_t items = 0;
    uint64_t points = 0;
    for (size_t i = 0; i < list->part_count; i++)
    {
        const items_part *part = &list->parts[i];
        items += part->items;
        points += part->count;
        if (own->segments > 0 && part->items < whole->minimum)
            return sr_fail(err, SR_E_INVALID,
                           "%s: segment \"%s\" has fewer items than the minimum of %llu",
                           at->input->input, part->label, (unsigned long long)whole->minimum);
    }
    if (items == 0)
        return sr_fail(err, SR_E_INVALID, "%s: no identifiers", at->input->input);
    if (items < whole->least_input)
        return sr_fail(
            err, SR_E_INVALID,
            "%s: fewer identifiers than the %llu that every member of this session brings "
            "at least; `sealroom overlap open --leastInput` sets that for a new one",
            at->input->input, (unsigned long long)whole->least_input);
    if (points > own->cap)
        return sr_fail(err, SR_E_LIMIT, "%s: %llu points, more than this member's cap of %llu",
                       at->input->input, (unsigned long long)points, (unsigned long long)own->cap);
    return SR_OK;
}

static sr_result sign_part(link_overlap_part *out, const working *at, const list_file *list,
                           const list_part *part, sr_err *err)
{
    uint8_t message[PSI_PART_SIZE];
    *out = (link_overlap_part){
        .label = part->label,
        .items = part->items,
        .points = {.fd = list->fd, .offset = part->offset, .count = part->count},
        .digest = part->digest,
    };
    psi_part_message(message, &at->session->manifest_hash, part->count, &out->digest);
    return signature_make(&out->signature, at->self->key_pem, sr_slice_of(message, sizeof message),
                          err);
}

static sr_result send_list(working *at, const list_file *list, sr_err *err)
{
    link_overlap_part *parts = sr_array(list->part_count, sizeof *parts);
    sr_result result = SR_OK;
    at->sent = 0;
    at->to_send = 0;
    for (size_t i = 0; i < list->part_count && result == SR_OK; i++)
    {
        at->to_send += list->parts[i].count;
        result = sign_part(&parts[i], at, list, &list->parts[i], err);
    }
    if (result == SR_OK)
        result = link_overlap_contribute(at->self->link, &at->way, parts, list->part_count, err);
    sr_free(parts);
    return result;
}

/* Pinned before it is kept: a list that is there has an input. */
static sr_result make_list(working *at, sr_err *err)
{
    ITEMS(list);
    if (read_items(&list, at, err) != SR_OK || check_list(at, &list, err) != SR_OK)
        return SR_FAIL;
    if (overlap_pin_input(&at->folder, &at->key, &at->scalar, &list.input, err) != SR_OK)
        return sr_fail_in(err, "%s", at->input->input);
    if (overlap_list_keep(&at->folder, &list, err) != SR_OK)
        return SR_FAIL;
    at->done->rows = list.rows;
    at->done->left_out = list.left_out;
    at->done->repeats = list.repeats;
    return SR_OK;
}

/* The file that the kept list came from is read, and not masked, again. */
static sr_result check_input(const working *at, sr_err *err)
{
    rows_config config;
    digest_value input;
    if (at->input->input == NULL)
        return SR_OK;
    if (find_rows(&config, at, err) != SR_OK || rows_digest_file(&input, &config, err) != SR_OK)
        return SR_FAIL;
    if (overlap_pin_input(&at->folder, &at->key, &at->scalar, &input, err) == SR_OK)
        return SR_OK;
    if (err->code != SR_E_STATE)
        return SR_FAIL;
    sr_err_reset(err);
    return sr_fail(err, SR_E_STATE,
                   "%s: the input is not the one that this session began with: `sealroom overlap "
                   "join %s` without a file sends the list that was kept; another input needs a "
                   "new session",
                   at->input->input, at->session->session);
}

/* The list that was sent first is sent again, if there is one; a file that is given must be the one it came from. */
static sr_result contribute(working *at, sr_err *err)
{
    LIST_FILE(list);
    bool there = false;
    size_t size = at->way.point_size;
    if (overlap_list_open(&list, &there, &at->folder, size, err) != SR_OK)
        return SR_FAIL;
    if (there ? check_input(at, err) != SR_OK
              : make_list(at, err) != SR_OK ||
                    overlap_list_open(&list, &there, &at->folder, size, err) != SR_OK)
        return SR_FAIL;
    if (send_list(at, &list, err) != SR_OK)
        return SR_FAIL;
    at->done->manifest = at->session->manifest;
    at->done->contributed = true;
    for (size_t i = 0; i < list.part_count; i++)
    {
        at->done->items += list.parts[i].items;
        at->done->points += list.parts[i].count;
    }
    return SR_OK;
}

/* ---- re-blinding ----------------------------------------------------------------------------- */

/* With two members: whose list this is can only be the other one's. */
static sr_result check_signature(const working *at, const link_overlap_fetched *part, sr_err *err)
{
    const manifest *whole = &at->session->manifest;
    uint8_t message[PSI_PART_SIZE];
    char certificate[SIGNATURE_FINGERPRINT_SIZE];
    if (whole->member_count > 2)
        return SR_OK;
    const manifest_member *other = &whole->members[1 - manifest_position(whole, at->self->member)];
    sr_slice pem = sr_slice_text(part->certificate);
    if (signature_fingerprint(certificate, pem, err) != SR_OK)
        return sr_fail_in(err, "certificate of \"%s\"", other->name);
    if (strcmp(certificate, other->certificate) != 0)
        return sr_fail(err, SR_E_UNKNOWN_PEER,
                       "the list is signed by another certificate than \"%s\" confirmed with; "
                       "nothing is multiplied",
                       other->name);
    psi_part_message(message, &at->session->manifest_hash, part->count, &part->digest);
    if (certificate_check_member(at->self->ca_pem, pem, other->name, err) != SR_OK)
        return SR_FAIL;
    if (signature_check(pem, sr_slice_of(message, sizeof message),
                        sr_slice_of(part->signature.bytes, part->signature.len), err) != SR_OK)
        return sr_fail_in(err, "list of \"%s\"; nothing is multiplied", other->name);
    return SR_OK;
}

/* All of it before its first multiplication. */
static sr_result judge(working *at, const char *name, const link_overlap_fetched *part, int points,
                       sr_err *err)
{
    digest_value sum;
    if (reblind_judge(&sum, points, part->count, at->scalar.suite, err) != SR_OK)
        return sr_fail_in(err, "the server's list");
    if (memcmp(sum.bytes, part->digest.bytes, DIGEST_SIZE) != 0)
        return sr_fail(err, SR_E_FORMAT, "the server's list is not the one that it announced");
    if (check_signature(at, part, err) != SR_OK)
        return SR_FAIL;
    return overlap_ledger_note(&at->folder, &at->session->manifest, at->self->member, name,
                               part->count, &sum, err);
}

/* Small-order components, so an attack or a broken client: the session ends for everybody. */
static sr_result end_session(const working *at, sr_err *err)
{
    LINK_OVERLAP(over);
    sr_err ignored = SR_ERR_INIT;
    bool ended =
        link_overlap_cancel(&over, at->self->link, at->session->session, &ignored) == SR_OK;
    sr_err_reset(err);
    return sr_fail(err, SR_E_INVALID,
                   "points of one list that were different came out equal: whoever made it broke "
                   "the protocol; nothing is returned%s",
                   ended ? ", and the session is cancelled" : "");
}

/* Multiplies, and keeps the answer before it leaves. */
static sr_result answer(working *at, const char *name, uint64_t count, int points, sr_err *err)
{
    SR_OUT(out);
    bool met = false;
    const reblind_config config = {
        .scalar = &at->scalar,
        .threads = at->threads,
        .folder = at->folder.folder,
        .progress = at->input->progress,
    };
    if (overlap_answer_begin(&out, &at->folder, name, err) != SR_OK)
        return SR_FAIL;
    if (reblind_multiply(out, &met, &config, points, count, err) != SR_OK)
        return met ? end_session(at, err) : SR_FAIL;
    return sr_out_commit(out, err);
}

static sr_result fetch_and_answer(working *at, const link_overlap_due *due, sr_err *err)
{
    link_overlap_fetched part SR_CLEANUP(link_overlap_fetched_clear) = {.count = 0};
    SR_FD(points);
    at->sent = 0;
    at->to_send = 2 * due->points;
    if (sr_scratch_open(&points, at->folder.folder, err) != SR_OK ||
        link_overlap_fetch(&part, at->self->link, &at->way, due->part, due->points, points, err) !=
            SR_OK ||
        judge(at, due->part, &part, points, err) != SR_OK)
        return SR_FAIL;
    return answer(at, due->part, part.count, points, err);
}

/* Before a byte of them is on the disk. */
static uint64_t greatest_cap(const working *at)
{
    const manifest *whole = &at->session->manifest;
    uint64_t most = 0;
    for (size_t i = 0; i < whole->member_count; i++)
        if (strcmp(whole->members[i].name, at->self->member) != 0 && whole->members[i].cap > most)
            most = whole->members[i].cap;
    return most;
}

static sr_result reblind(working *at, const link_overlap_due *due, sr_err *err)
{
    SR_FD(kept);
    link_overlap_points points = {.fd = -1};
    size_t size = at->way.point_size;
    if (due->points > greatest_cap(at))
        return sr_fail(err, SR_E_LIMIT,
                       "the server asks to re-blind a part with more points than any member's cap");
    if (overlap_answer_open(&kept, &points.count, &at->folder, due->part, size, err) != SR_OK)
        return SR_FAIL;
    if (kept < 0 &&
        (fetch_and_answer(at, due, err) != SR_OK ||
         overlap_answer_open(&kept, &points.count, &at->folder, due->part, size, err) != SR_OK))
        return SR_FAIL;
    points.fd = kept;
    if (link_overlap_return(at->self->link, &at->way, due->part, &points, err) != SR_OK)
        return SR_FAIL;
    overlap_answer_drop(&at->folder, due->part);
    at->done->parts_returned++;
    at->done->points_returned += points.count;
    return SR_OK;
}

/* ---- all that is due ------------------------------------------------------------------------- */

static sr_result do_step(working *at, const link_overlap_due *due, sr_err *err)
{
    if (strcmp(due->step, "contribute") == 0)
        return contribute(at, err);
    if (strcmp(due->step, "reblind") == 0)
        return reblind(at, due, err);
    return sr_fail(err, SR_E_STATE,
                   "the terms are to be confirmed first: `sealroom overlap confirm %s`",
                   at->session->session);
}

/* What is due is asked for once more with the folder locked: another process may have done it. */
static sr_result work_once(overlap_done *done, const overlap_self *self, const char *session,
                           const overlap_input *input, sr_err *err)
{
    LINK_OVERLAP(now);
    working at SR_CLEANUP(working_clear) = {
        .self = self, .input = input, .session = &now, .done = done};
    if (overlap_folder_open(&at.folder, self->profile, session, err) != SR_OK ||
        link_overlap_get(&now, self->link, session, err) != SR_OK)
        return SR_FAIL;
    if (now.due_count > 0 && strcmp(now.due[0].step, "confirm") != 0 && enter(&at, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < now.due_count; i++)
        if (do_step(&at, &now.due[i], err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

/* What other members did meanwhile is found by asking again, until nothing is due. */
sr_result overlap_member_work(link_overlap *out, overlap_done *done, const overlap_self *self,
                              const char *session, const overlap_input *input, sr_err *err)
{
    *done = (overlap_done){.contributed = false};
    for (int round = 0; round < ROUNDS_MOST; round++)
    {
        if (link_overlap_get(out, self->link, session, err) != SR_OK)
            return SR_FAIL;
        if (out->due_count == 0)
            return SR_OK;
        if (work_once(done, self, out->session, input, err) != SR_OK)
            return SR_FAIL;
        link_overlap_clear(out);
    }
    return sr_fail(err, SR_E_INTERNAL,
                   "the server finds ever more that is due; no honest one does");
}

sr_result overlap_member_forget(const char *profile_path, const char *session, sr_err *err)
{
    OVERLAP_FOLDER(folder);
    if (overlap_folder_open(&folder, profile_path, session, err) != SR_OK)
        return SR_FAIL;
    return overlap_folder_remove(&folder, err);
}
