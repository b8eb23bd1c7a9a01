#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/text.h"

enum
{
    PRIVATE_FOLDER = 0700,
    PRIVATE_FILE = 0600,
    CONTENT_SIZE =
        GROUP_SCALAR_SIZE + 1 + DIGEST_SIZE, /* scalar, whether there is an input, its digest */
    LEDGER_MOST = 1024 * 1024,
};

/* ---- the folder ------------------------------------------------------------------------------ */

static sr_result load_secret(overlap_folder *self, const char *path, sr_err *err)
{
    SR_SECRET_BUF(bytes, CHECKPOINT_SECRET_SIZE + 1);
    if (!sr_file_exists(path))
    {
        sr_random_bytes(self->local_secret, sizeof self->local_secret);
        sr_result made =
            sr_file_write(path, sr_slice_of(self->local_secret, sizeof self->local_secret),
                          PRIVATE_FILE, false, err);
        if (made == SR_OK || err->code != SR_E_EXISTS)
            return made;
        sr_err_reset(err); /* another process of this member was quicker */
    }
    if (sr_file_check_private(path, err) != SR_OK || sr_file_read(&bytes, path, err) != SR_OK)
        return SR_FAIL;
    sr_slice view = sr_buf_view(&bytes);
    if (view.len != sizeof self->local_secret)
        return sr_fail(err, SR_E_CORRUPT, "%s: not a local secret", path);
    sr_copy(self->local_secret, view.data, view.len);
    return SR_OK;
}

/* Gone with the process, however it ends. */
static sr_result lock(overlap_folder *self, sr_err *err)
{
    SR_TEXT(path);
    path = sr_path_join(self->folder, "lock");
    self->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, PRIVATE_FILE);
    if (self->lock >= 0 && flock(self->lock, LOCK_EX | LOCK_NB) == 0)
        return SR_OK;
    if (errno != EWOULDBLOCK)
        return sr_fail_errno(err, errno, "%s", path);
    return sr_fail(err, SR_E_STATE,
                   "another process of this member is at work on this session: try again when it "
                   "is done");
}

static void close_folder(DIR **folder)
{
    if (*folder != NULL)
        closedir(*folder);
}

/* What killed processes left under temporary names, as large as a list: with the folder locked nobody is writing one. */
static sr_result sweep(const overlap_folder *self, sr_err *err)
{
    DIR *folder SR_CLEANUP(close_folder) = opendir(self->folder);
    if (folder == NULL)
        return sr_fail_errno(err, errno, "%s", self->folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (sr_out_is_unfinished(entry->d_name))
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    return SR_OK;
}

sr_result overlap_folder_open(overlap_folder *out, const char *profile, const char *session,
                              sr_err *err)
{
    SR_TEXT(beside);
    SR_TEXT(all);
    SR_TEXT(secret);
    beside = sr_path_folder(profile);
    all = sr_path_join(beside, "overlap");
    secret = sr_path_join(all, "local.secret");
    *out = (overlap_folder){.folder = sr_path_join(all, session), .lock = -1};
    if (sr_folder_make(all, PRIVATE_FOLDER, err) == SR_OK &&
        sr_folder_make(out->folder, PRIVATE_FOLDER, err) == SR_OK && lock(out, err) == SR_OK &&
        sweep(out, err) == SR_OK && load_secret(out, secret, err) == SR_OK)
        return SR_OK;
    overlap_folder_clear(out);
    return SR_FAIL;
}

void overlap_folder_clear(overlap_folder *self)
{
    if (self->folder != NULL)
        sr_fd_clear(&self->lock);
    sr_free(self->folder);
    sr_wipe(self, sizeof *self);
}

sr_result overlap_folder_remove(overlap_folder *self, sr_err *err)
{
    return sr_folder_remove(self->folder, err);
}

static sr_result write_new(const overlap_folder *self, const char *name, sr_slice bytes,
                           sr_err *err)
{
    SR_TEXT(path);
    path = sr_path_join(self->folder, name);
    return sr_file_write(path, bytes, PRIVATE_FILE, true, err);
}

/* *there false, and `out` empty, when there is no such file. */
static sr_result read_file(sr_buf *out, bool *there, const overlap_folder *self, const char *name,
                           sr_err *err)
{
    SR_TEXT(path);
    path = sr_path_join(self->folder, name);
    *there = sr_file_exists(path);
    return *there ? sr_file_read(out, path, err) : SR_OK;
}

/* Which file, and the way out; in place of a reason that `err` has. */
static sr_result fail_damaged(const overlap_folder *self, const char *name, sr_code code,
                              sr_err *err)
{
    sr_err_reset(err);
    return sr_fail(err, code,
                   "%s/%s: does not open, or is damaged: this session cannot go on from here; "
                   "`sealroom overlap cancel`, and open a new one",
                   self->folder, name);
}

/* ---- confirmation ---------------------------------------------------------------------------- */

static sr_result read_nonce(uint8_t nonce[MANIFEST_NONCE_SIZE], const overlap_folder *self,
                            sr_err *err)
{
    SR_BUF(text, 256);
    bool there = false;
    if (read_file(&text, &there, self, "nonce", err) != SR_OK)
        return SR_FAIL;
    if (!there)
        return sr_fail(err, SR_E_STATE,
                       "this member has not confirmed the session from here: `sealroom overlap "
                       "confirm`");
    if (sr_hex_decode(nonce, MANIFEST_NONCE_SIZE, sr_buf_view(&text), err) != SR_OK)
        return fail_damaged(self, "nonce", SR_E_CORRUPT, err);
    return SR_OK;
}

static sr_result check_terms(const overlap_folder *self, sr_slice terms, bool *there, sr_err *err)
{
    SR_BUF(kept, MANIFEST_TEXT_MOST);
    if (read_file(&kept, there, self, "terms", err) != SR_OK)
        return SR_FAIL;
    if (*there && !sr_slice_equal_var(sr_buf_view(&kept), terms))
        return sr_fail(err, SR_E_STATE,
                       "these are not the terms that this member confirmed; nothing is sent");
    return SR_OK;
}

sr_result overlap_keep_shown(const overlap_folder *self, sr_slice terms, sr_err *err)
{
    return write_new(self, "shown", terms, err);
}

/* A server may show one thing and have another confirmed. */
static sr_result check_shown(const overlap_folder *self, sr_slice terms, sr_err *err)
{
    SR_BUF(shown, MANIFEST_TEXT_MOST);
    bool there = false;
    if (read_file(&shown, &there, self, "shown", err) != SR_OK)
        return SR_FAIL;
    if (there && !sr_slice_equal_var(sr_buf_view(&shown), terms))
        return sr_fail(err, SR_E_STATE,
                       "the server has other terms now than it showed before: look at them again, "
                       "without --yes; nothing was confirmed");
    return SR_OK;
}

sr_result overlap_keep_confirmation(const overlap_folder *self, sr_slice terms,
                                    uint8_t nonce[MANIFEST_NONCE_SIZE], sr_err *err)
{
    char hex[2 * MANIFEST_NONCE_SIZE + 1];
    bool there = false;
    if (check_terms(self, terms, &there, err) != SR_OK)
        return SR_FAIL;
    if (there)
        return read_nonce(nonce, self, err);
    if (check_shown(self, terms, err) != SR_OK)
        return SR_FAIL;
    sr_random_bytes(nonce, MANIFEST_NONCE_SIZE);
    sr_hex_encode(hex, sr_slice_of(nonce, MANIFEST_NONCE_SIZE));
    /* The terms last: they say that the nonce is there. */
    if (write_new(self, "nonce", sr_slice_text(hex), err) != SR_OK)
        return SR_FAIL;
    return write_new(self, "terms", terms, err);
}

sr_result overlap_check_manifest(const overlap_folder *self, const manifest *whole,
                                 const char *member, const char *certificate, sr_err *err)
{
    manifest terms;
    uint8_t nonce[MANIFEST_NONCE_SIZE];
    bool there = false;
    SR_BUF(text, MANIFEST_TEXT_MOST);
    size_t position = manifest_position(whole, member);
    manifest_terms(&terms, whole);
    if (manifest_print(&terms, &text, err) != SR_OK || read_nonce(nonce, self, err) != SR_OK ||
        check_terms(self, sr_buf_view(&text), &there, err) != SR_OK)
        return SR_FAIL;
    if (!there || position == whole->member_count || !manifest_is_whole(whole))
        return sr_fail(err, SR_E_STATE, "the manifest is not whole, or not of this member");
    const manifest_member *own = &whole->members[position];
    if (memcmp(own->nonce, nonce, sizeof nonce) != 0)
        return sr_fail(err, SR_E_STATE,
                       "the manifest does not hold this member's nonce: it is not the session that "
                       "was confirmed; nothing is sent");
    if (strcmp(own->certificate, certificate) != 0)
        return sr_fail(
            err, SR_E_STATE,
            "the session was confirmed under another certificate of this member (%.16s…)",
            own->certificate);
    return SR_OK;
}

/* ---- the checkpoint -------------------------------------------------------------------------- */

static sr_result write_checkpoint(const overlap_folder *self, const checkpoint_key *key,
                                  const group_scalar *scalar, const digest_value *input,
                                  sr_err *err)
{
    SR_SECRET_BUF(content, CONTENT_SIZE);
    SR_BUF(sealed, CONTENT_SIZE + CHECKPOINT_OVERHEAD);
    uint8_t bytes[CONTENT_SIZE] = {0};
    group_scalar_write(bytes, scalar);
    bytes[GROUP_SCALAR_SIZE] = input == NULL ? 0 : 1;
    if (input != NULL)
        sr_copy(bytes + GROUP_SCALAR_SIZE + 1, input->bytes, DIGEST_SIZE);
    sr_result result = sr_buf_append(&content, sr_slice_of(bytes, sizeof bytes), err);
    sr_wipe(bytes, sizeof bytes);
    if (result != SR_OK || checkpoint_seal(&sealed, key, sr_buf_view(&content), err) != SR_OK)
        return SR_FAIL;
    return write_new(self, "checkpoint", sr_buf_view(&sealed), err);
}

static sr_result read_checkpoint(sr_buf *content, bool *there, const overlap_folder *self,
                                 const checkpoint_key *key, sr_err *err)
{
    SR_BUF(sealed, CONTENT_SIZE + CHECKPOINT_OVERHEAD);
    if (read_file(&sealed, there, self, "checkpoint", err) != SR_OK)
        return SR_FAIL;
    if (!*there)
        return SR_OK;
    if (checkpoint_open(content, key, sr_buf_view(&sealed), err) != SR_OK)
        return fail_damaged(self, "checkpoint", err->code, err);
    if (sr_buf_view(content).len != CONTENT_SIZE)
        return fail_damaged(self, "checkpoint", SR_E_CORRUPT, err);
    return SR_OK;
}

sr_result overlap_scalar(group_scalar *out, const overlap_folder *self, const checkpoint_key *key,
                         group_suite suite, sr_err *err)
{
    SR_SECRET_BUF(content, CONTENT_SIZE);
    bool there = false;
    if (read_checkpoint(&content, &there, self, key, err) != SR_OK)
        return SR_FAIL;
    if (there)
        return group_scalar_read(out, suite, sr_buf_view(&content).data, err);
    group_scalar_random(out, suite);
    return write_checkpoint(self, key, out, NULL, err);
}

sr_result overlap_pin_input(const overlap_folder *self, const checkpoint_key *key,
                            const group_scalar *scalar, const digest_value *input, sr_err *err)
{
    SR_SECRET_BUF(content, CONTENT_SIZE);
    bool there = false;
    if (read_checkpoint(&content, &there, self, key, err) != SR_OK)
        return SR_FAIL;
    const uint8_t *bytes = sr_buf_view(&content).data;
    if (!there || bytes[GROUP_SCALAR_SIZE] == 0)
        return write_checkpoint(self, key, scalar, input, err);
    if (!sr_equal_ct(bytes + GROUP_SCALAR_SIZE + 1, input->bytes, DIGEST_SIZE))
        return sr_fail(
            err, SR_E_STATE,
            "the input is not the one that this session began with; a changed input needs "
            "a new session");
    return SR_OK;
}

/* ---- the own list ---------------------------------------------------------------------------- */

sr_result overlap_list_keep(const overlap_folder *self, const items_list *list, sr_err *err)
{
    SR_TEXT(path);
    path = sr_path_join(self->folder, "list");
    return items_keep(list, path, err);
}

sr_result overlap_list_open(list_file *out, bool *there, const overlap_folder *self,
                            size_t point_size, sr_err *err)
{
    SR_TEXT(path);
    *out = (list_file){.fd = -1};
    path = sr_path_join(self->folder, "list");
    *there = sr_file_exists(path);
    return *there ? list_file_open(out, path, point_size, err) : SR_OK;
}

/* ---- the ledger ------------------------------------------------------------------------------ */

/* What the lines say: "NAME DIGEST POINTS\n". */
typedef struct
{
    uint64_t points;
    size_t parts;
    bool known;   /* this part stands there with this digest */
    bool changed; /* … with another */
    bool damaged; /* a line that says nothing */
} ledger;

static void read_line(ledger *out, const char *line, const char *part, const char *sum_wanted)
{
    char name[SR_UUID_TEXT_SIZE] = "";
    char sum[2 * DIGEST_SIZE + 1] = "";
    unsigned long long points = 0;
    if (sscanf(line, "%36s %64s %llu", name, sum, &points) != 3)
    {
        out->damaged = true;
        return;
    }
    bool same_name = strcmp(name, part) == 0;
    out->known = out->known || (same_name && strcmp(sum, sum_wanted) == 0);
    out->changed = out->changed || (same_name && strcmp(sum, sum_wanted) != 0);
    out->points += points;
    out->parts++;
}

static void read_ledger(ledger *out, char *text, const char *part, const char *sum_wanted)
{
    char *rest = NULL;
    *out = (ledger){.points = 0};
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        read_line(out, line, part, sum_wanted);
}

static sr_result check_allowance(const ledger *so_far, const manifest *whole, const char *member,
                                 uint64_t points, sr_err *err)
{
    uint64_t most_points = 0;
    size_t most_parts = 0;
    for (size_t i = 0; i < whole->member_count; i++)
    {
        const manifest_member *other = &whole->members[i];
        if (strcmp(other->name, member) == 0)
            continue;
        most_points += other->cap;
        most_parts += other->segments == 0 ? 1 : other->segments;
    }
    if (so_far->parts + 1 > most_parts || points > most_points ||
        so_far->points > most_points - points)
        return sr_fail(err, SR_E_LIMIT,
                       "the server asks to re-blind more than the manifest allows (%zu parts, %llu "
                       "points); nothing more is done in this session",
                       most_parts, (unsigned long long)most_points);
    return SR_OK;
}

sr_result overlap_ledger_note(const overlap_folder *self, const manifest *whole, const char *member,
                              const char *part, uint64_t points, const digest_value *sum,
                              sr_err *err)
{
    SR_BUF(bytes, LEDGER_MOST);
    SR_TEXT(text);
    SR_TEXT(more);
    char hex[2 * DIGEST_SIZE + 1];
    bool there = false;
    ledger so_far;
    sr_hex_encode(hex, sr_slice_of(sum->bytes, DIGEST_SIZE));
    if (read_file(&bytes, &there, self, "ledger", err) != SR_OK ||
        sr_slice_to_text(&text, sr_buf_view(&bytes), err) != SR_OK)
        return SR_FAIL;
    read_ledger(&so_far, text, part, hex);
    if (so_far.damaged)
        return sr_fail(err, SR_E_CORRUPT,
                       "%s: the ledger of what was re-blinded is damaged; nothing more is done in "
                       "this session",
                       self->folder);
    if (so_far.changed)
        return sr_fail(err, SR_E_STATE,
                       "the server sends other points for a part that was re-blinded before; "
                       "nothing is multiplied");
    if (so_far.known)
        return SR_OK;
    if (check_allowance(&so_far, whole, member, points, err) != SR_OK)
        return SR_FAIL;
    more = sr_text_printf("%s %s %llu\n", part, hex, (unsigned long long)points);
    if (sr_buf_append_text(&bytes, more, err) != SR_OK)
        return SR_FAIL;
    return write_new(self, "ledger", sr_buf_view(&bytes), err);
}

/* ---- answers --------------------------------------------------------------------------------- */

static char *answer_path(const overlap_folder *self, const char *part)
{
    SR_TEXT(name);
    name = sr_text_printf("answer.%s", part);
    return sr_path_join(self->folder, name);
}

sr_result overlap_answer_open(int *fd, uint64_t *points, const overlap_folder *self,
                              const char *part, size_t point_size, sr_err *err)
{
    SR_TEXT(path);
    uint64_t size = 0;
    *fd = -1;
    *points = 0;
    path = answer_path(self, part);
    if (!sr_file_exists(path))
        return SR_OK;
    if (sr_fd_open(fd, &size, path, err) != SR_OK)
        return SR_FAIL;
    *points = size / point_size;
    if (size > 0 && size % point_size == 0)
        return SR_OK;
    sr_fd_clear(fd);
    return sr_fail(err, SR_E_CORRUPT, "%s: a kept answer of an overlap session is damaged", path);
}

sr_result overlap_answer_begin(sr_out **out, const overlap_folder *self, const char *part,
                               sr_err *err)
{
    SR_TEXT(path);
    path = answer_path(self, part);
    return sr_out_open(out, path, true, err);
}

void overlap_answer_drop(const overlap_folder *self, const char *part)
{
    SR_TEXT(path);
    path = answer_path(self, part);
    (void)unlink(path);
}
