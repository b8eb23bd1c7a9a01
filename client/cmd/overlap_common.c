#include "overlap_common.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd.h"

enum
{
    PEM_MOST = 256 * 1024,
    SECOND_US = 1000 * 1000,
    GROUP_DIGITS = 4, /* of a fingerprint, to be read aloud */
    GROUPS = 8,
    DIGITS_SIZE = GROUPS * (GROUP_DIGITS + 1),
};

/* ---- identity -------------------------------------------------------------------------------- */

void overlap_identity_clear(overlap_identity *identity)
{
    if (identity->key != NULL)
        sr_wipe(identity->key, strlen(identity->key));
    sr_text_clear(&identity->key);
    sr_text_clear(&identity->certificate);
    sr_text_clear(&identity->ca);
}

sr_result overlap_identity_load(overlap_identity *out, const online *here, sr_err *err)
{
    const profile_identity *analyst = &here->profile.identities[ROLE_ANALYST];
    link_identity who;
    if (!analyst->present)
        return sr_fail(err, SR_E_ROLE, "%s: overlap sessions need an analyst's certificate",
                       here->profile.path);
    if (link_whoami(&who, here->link, err) != SR_OK ||
        sr_file_read_text(&out->ca, here->profile.ca, PEM_MOST, err) != SR_OK ||
        sr_file_read_text(&out->certificate, analyst->certificate, PEM_MOST, err) != SR_OK ||
        sr_file_read_text(&out->key, analyst->key, PEM_MOST, err) != SR_OK)
        return SR_FAIL;
    sr_copy(out->member, who.who.member, sizeof out->member);
    out->self = (overlap_self){
        .link = here->link,
        .member = out->member,
        .profile = here->profile.path,
        .ca_pem = sr_slice_text(out->ca),
        .certificate_pem = sr_slice_text(out->certificate),
        .key_pem = sr_slice_text(out->key),
    };
    return SR_OK;
}

void overlap_forget(const char *profile_path, const char *session)
{
    sr_err err = SR_ERR_INIT;
    if (overlap_member_forget(profile_path, session, &err) != SR_OK)
        command_warn(
            "what this disk holds of the session, its scalar too, could not be removed: %s",
            err.text);
}

sr_result overlap_find(online *here, link_overlap *session, output_form *form, const options *given,
                       sr_err *err)
{
    const char *id = NULL;
    if (online_form(form, given, err) != SR_OK ||
        online_argument(&id, given, 0, "session", err) != SR_OK ||
        online_open(here, given, ROLE_BIT(ROLE_ANALYST), err) != SR_OK)
        return SR_FAIL;
    return link_overlap_get(session, here->link, id, err);
}

/* ---- a session ------------------------------------------------------------------------------- */

static sr_json *due_to_json(const link_overlap_due *list, size_t count)
{
    sr_json *out = sr_json_array_new();
    for (size_t i = 0; i < count; i++)
    {
        sr_json *due = sr_json_object_new();
        sr_json_set_text(due, "member", list[i].member);
        sr_json_set_text(due, "step", list[i].step);
        sr_json_set_int(due, "points", (int64_t)list[i].points);
        sr_json_add_take(out, due);
    }
    return out;
}

static sr_result print_json(const link_overlap *session, sr_err *err)
{
    SR_JSON(document);
    SR_BUF(text, MANIFEST_TEXT_MOST);
    sr_json *terms = NULL;
    if (manifest_print(&session->manifest, &text, err) != SR_OK ||
        sr_json_parse(&terms, sr_buf_view(&text), err) != SR_OK)
        return SR_FAIL;
    document = sr_json_object_new();
    sr_json_set_text(document, "session", session->session);
    sr_json_set_text(document, "collaboration", session->collaboration);
    sr_json_set_text(document, "state", session->state);
    sr_json_set_text(document, "openedBy", session->opened_by);
    sr_json_set_text(document, "reason", session->reason);
    sr_json_set_int(document, "parts", session->parts);
    sr_json_set_int(document, "partsDone", session->parts_done);
    sr_json_set_take(document, "manifest", terms);
    sr_json_set_take(document, "due", due_to_json(session->due, session->due_count));
    sr_json_set_take(document, "waiting", due_to_json(session->waiting, session->waiting_count));
    return output_document(document, stdout, err);
}

void overlap_say(const char *before, const char *text, const char *after)
{
    (void)fputs(before, stdout);
    output_safe_text(sr_slice_text(text), stdout);
    (void)fputs(after, stdout);
}

/* "running", "failed: …", and "cancelled by brand", which begins with the state. Owned (sr_free). */
static char *state_in_words(const link_overlap *session)
{
    size_t len = strlen(session->state);
    if (session->reason[0] == '\0')
        return sr_text_copy(session->state);
    if (strncmp(session->reason, session->state, len) == 0)
        return sr_text_copy(session->reason);
    return sr_text_printf("%s: %s", session->state, session->reason);
}

void overlap_say_state(const char *before, const link_overlap *session)
{
    SR_TEXT(words);
    words = state_in_words(session);
    overlap_say(before, words, "\n");
}

bool overlap_is_over(const link_overlap *session)
{
    return strcmp(session->state, "cancelled") == 0 || strcmp(session->state, "expired") == 0 ||
           strcmp(session->state, "failed") == 0;
}

sr_result overlap_fail_over(const link_overlap *session, sr_err *err)
{
    SR_TEXT(words);
    words = state_in_words(session);
    return sr_fail(err, SR_E_STATE,
                   "session %s is over (%s): open a new one with `sealroom overlap open`",
                   session->session, words);
}

const char *overlap_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

void overlap_warn_segments(const manifest *terms)
{
    if (!manifest_has_segments(terms) || manifest_tells_segments(terms))
        return;
    if (terms->member_count > MANIFEST_MEMBERS_PROVEN)
        command_warn("too many members to tell segments apart: no matrix will be told; it takes %d "
                     "members at most",
                     MANIFEST_MEMBERS_PROVEN);
    else
        command_warn("too many segments to tell apart: no matrix will be told, unless members use "
                     "fewer; each one's segments plus one, multiplied, must be fewer than %d",
                     MANIFEST_CELLS_PROVEN + 2);
}

static void print_due(const char *whose, const link_overlap_due *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        overlap_say(whose, list[i].member, ": ");
        if (strcmp(list[i].step, "reblind") == 0)
            (void)printf("re-blind a list of %" PRIu64 " point%s\n", list[i].points,
                         overlap_plural(list[i].points));
        else
            overlap_say("", list[i].step, "\n");
    }
}

void overlap_say_waiting(const link_overlap *session)
{
    print_due("waiting for ", session->waiting, session->waiting_count);
}

void overlap_say_next(const link_overlap *session)
{
    if (strcmp(session->state, "complete") == 0)
        (void)printf("Next: sealroom overlap release %s\n", session->session);
    else if (strcmp(session->state, "released") == 0)
        (void)printf("The numbers: sealroom overlap release %s\n", session->session);
}

/* "0123 4567 …": 128 bits, which nobody meets with a certificate of their own. Empty when there is none yet. */
static void group_digits(char out[DIGITS_SIZE], const char *fingerprint)
{
    size_t len = 0;
    for (size_t i = 0; i < (size_t)GROUPS * GROUP_DIGITS && fingerprint[i] != '\0'; i++)
    {
        if (i > 0 && i % GROUP_DIGITS == 0)
            out[len++] = ' ';
        out[len++] = fingerprint[i];
    }
    out[len] = '\0';
}

sr_result overlap_print_members(const manifest *terms, sr_err *err)
{
    static const output_column headers[] = {
        {"member", OUTPUT_TEXT}, {"confirmed", OUTPUT_TEXT},  {"receives", OUTPUT_TEXT},
        {"cap", OUTPUT_NUMBER},  {"segments", OUTPUT_NUMBER}, {"certificate", OUTPUT_TEXT}};
    OUTPUT(table);
    table = output_new(OUTPUT_TABLE, headers, sizeof headers / sizeof headers[0]);
    for (size_t i = 0; i < terms->member_count; i++)
    {
        const manifest_member *member = &terms->members[i];
        SR_TEXT(cap);
        SR_TEXT(segments);
        char digits[DIGITS_SIZE];
        cap = sr_text_printf("%" PRIu64, member->cap);
        segments = sr_text_printf("%" PRIu32, member->segments);
        group_digits(digits, member->certificate);
        const char *const cells[] = {member->name,
                                     member->confirmed ? "yes" : "not yet",
                                     member->receives ? "yes" : "no",
                                     cap,
                                     segments,
                                     digits};
        if (output_texts(table, cells, err) != SR_OK)
            return SR_FAIL;
    }
    return output_finish(table, stdout, err);
}

sr_result overlap_print(const link_overlap *session, output_form form, sr_err *err)
{
    const manifest *terms = &session->manifest;
    if (form == OUTPUT_JSON)
        return print_json(session, err);
    sr_time_text expires = sr_time_print(terms->expires_s * SECOND_US);
    (void)printf("session     %s\n", session->session);
    overlap_say_state("state       ", session);
    overlap_say("opened by   ", session->opened_by, ", in collaboration ");
    overlap_say("", session->collaboration, "; expires ");
    (void)puts(expires.text);
    (void)printf("identifiers %s, hashed to %s; %s\n", terms->normaliser, terms->suite,
                 terms->padded ? "sizes padded to buckets" : "sizes not padded");
    (void)printf("released    numbers of %" PRIu64 " or more that leave %" PRIu64
                 " or more of each set\n",
                 terms->minimum, terms->minimum_complement);
    (void)printf("input       %" PRIu64 " identifiers or more of each member\n\n",
                 terms->least_input);
    if (overlap_print_members(terms, err) != SR_OK)
        return SR_FAIL;
    if (session->due_count + session->waiting_count > 0)
        (void)putchar('\n');
    print_due("due now     ", session->due, session->due_count);
    overlap_say_waiting(session);
    if (session->parts > 0)
        (void)printf("\n%" PRIu32 " of %" PRIu32 " lists %s back from all members\n",
                     session->parts_done, session->parts, session->parts == 1 ? "is" : "are");
    overlap_say_next(session);
    return SR_OK;
}
