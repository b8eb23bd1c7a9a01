#include "intake.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "base/bytes.h"
#include "model/principal.h"
#include "server/engine/disk.h"

struct intake_upload
{
    intake *owner;
    intake_upload *next;
    sr_uuid collaboration;
    char member[MODEL_NAME_SIZE];
    quota_id place; /* where it goes: QUOTA_COLLABORATION_DISK, or QUOTA_OVERLAP_DISK for lists */
    uint64_t bytes; /* its own */
    uint64_t rows;
    uint64_t disk; /* of its collaboration, with what arrived since */
    uint64_t left; /* on the file system, without what arrived since */
};

struct intake
{
    quotas quotas;
    char *data_folder;
    pthread_mutex_t lock; /* over what follows, and over the numbers of uploads */
    intake_upload *first;
};

intake *intake_new(const quotas *in_force, const char *data_folder)
{
    intake *self = sr_alloc(sizeof *self);
    pthread_mutex_init(&self->lock, NULL);
    self->quotas = *in_force;
    self->data_folder = sr_text_copy(data_folder);
    return self;
}

void intake_free(intake *self)
{
    if (self == NULL)
        return;
    assert(self->first == NULL);
    pthread_mutex_destroy(&self->lock);
    sr_free(self->data_folder);
    sr_free(self);
}

/* ---- judging --------------------------------------------------------------------------------- */

static sr_result check_disk(const intake_upload *upload, bool begins, sr_err *err)
{
    const quotas *in_force = &upload->owner->quotas;
    uint64_t most = in_force->limit[upload->place];
    bool has_room = begins ? upload->disk < most : upload->disk <= most;
    if (most > 0 && !has_room && upload->place == QUOTA_OVERLAP_DISK)
        return quota_refuse(err, QUOTA_OVERLAP_DISK,
                            "this list does not fit into what the collaboration's overlap sessions "
                            "may take on the server's disk (%" PRIu64 " bytes in all); let one end "
                            "first, or ask the operator",
                            most);
    if (most > 0 && !has_room)
        return quota_refuse(err, QUOTA_COLLABORATION_DISK,
                            "this upload does not fit into what the collaboration's tables may "
                            "take on the server's disk (%" PRIu64 " bytes in all); upload less, "
                            "or ask the operator",
                            most);
    if (upload->left < in_force->limit[QUOTA_FREE_DISK])
        return quota_refuse(err, QUOTA_FREE_DISK,
                            "the server's disk has no room for this %s; what is left is kept "
                            "for the server's records; ask the operator",
                            upload->place == QUOTA_OVERLAP_DISK ? "list" : "upload");
    return SR_OK;
}

static sr_result check_upload(const intake_upload *upload, sr_err *err)
{
    const quotas *in_force = &upload->owner->quotas;
    if (!quota_allows(in_force, QUOTA_UPLOAD_BYTES, upload->bytes))
        return quota_refuse(
            err, QUOTA_UPLOAD_BYTES,
            "this upload is larger than %" PRIu64
            " bytes, the most that this server takes at once; add the rest with --append, or "
            "ask the operator",
            in_force->limit[QUOTA_UPLOAD_BYTES]);
    if (!quota_allows(in_force, QUOTA_UPLOAD_ROWS, upload->rows))
        return quota_refuse(
            err, QUOTA_UPLOAD_ROWS,
            "this upload has more than %" PRIu64
            " rows, the most that this server takes at once; add the rest with --append, or "
            "ask the operator",
            in_force->limit[QUOTA_UPLOAD_ROWS]);
    return SR_OK;
}

static sr_result check_at_once(const intake *self, const char *member, sr_err *err)
{
    uint64_t count = 0;
    for (const intake_upload *other = self->first; other != NULL; other = other->next)
        count +=
            other->place == QUOTA_COLLABORATION_DISK && strcmp(other->member, member) == 0 ? 1 : 0;
    if (quota_allows(&self->quotas, QUOTA_UPLOADS_AT_ONCE, count + 1))
        return SR_OK;
    return quota_refuse(err, QUOTA_UPLOADS_AT_ONCE,
                        "member \"%s\" has %" PRIu64
                        " uploads under way, the most that one member may; let one end first",
                        member, count);
}

/* ---- begin ----------------------------------------------------------------------------------- */

static bool goes_to_same_place(const intake_upload *one, const intake_upload *other)
{
    return one->place == other->place && sr_uuid_equal(&one->collaboration, &other->collaboration);
}

/* What the others bring may not be on the disk yet. Under the lock. */
static void count_others(intake_upload *upload)
{
    const intake_upload *other = upload->owner->first;
    for (; other != NULL; other = other->next)
    {
        if (goes_to_same_place(other, upload) && other->disk > upload->disk)
            upload->disk = other->disk;
        if (other->left < upload->left)
            upload->left = other->left;
    }
}

static sr_result enter(intake_upload *upload, sr_err *err)
{
    intake *self = upload->owner;
    count_others(upload);
    if (upload->place == QUOTA_COLLABORATION_DISK &&
        check_at_once(self, upload->member, err) != SR_OK)
        return SR_FAIL;
    if (check_disk(upload, true, err) != SR_OK)
        return SR_FAIL;
    upload->next = self->first;
    self->first = upload;
    return SR_OK;
}

static sr_result begin(intake_upload **out, intake *self, intake_upload start, const char *member,
                       sr_err *err)
{
    bool fits = sr_text_put(start.member, sizeof start.member, member);
    assert(fits); /* names of members are checked before */
    (void)fits;
    *out = NULL;
    if (engine_disk_free(&start.left, self->data_folder, err) != SR_OK)
        return SR_FAIL;
    intake_upload *made = sr_alloc(sizeof *made);
    *made = start;
    pthread_mutex_lock(&self->lock);
    sr_result entered = enter(made, err);
    pthread_mutex_unlock(&self->lock);
    if (entered != SR_OK)
        sr_free(made);
    else
        *out = made;
    return entered;
}

sr_result intake_begin(intake_upload **out, intake *self, engine *rows,
                       const sr_uuid *collaboration, const char *member, sr_err *err)
{
    intake_upload start = {
        .owner = self, .collaboration = *collaboration, .place = QUOTA_COLLABORATION_DISK};
    *out = NULL;
    if (engine_disk_used(&start.disk, rows, self->data_folder, collaboration, err) != SR_OK)
        return SR_FAIL;
    return begin(out, self, start, member, err);
}

sr_result intake_begin_lists(intake_upload **out, intake *self, uint64_t held,
                             const sr_uuid *collaboration, const char *member, sr_err *err)
{
    const intake_upload start = {
        .owner = self, .collaboration = *collaboration, .place = QUOTA_OVERLAP_DISK, .disk = held};
    return begin(out, self, start, member, err);
}

/* ---- add, end -------------------------------------------------------------------------------- */

/* Under the lock. */
static void count_bytes(const intake_upload *upload, uint64_t bytes)
{
    for (intake_upload *other = upload->owner->first; other != NULL; other = other->next)
    {
        if (goes_to_same_place(other, upload))
            other->disk += bytes;
        other->left = bytes < other->left ? other->left - bytes : 0;
    }
}

sr_result intake_add(intake_upload *upload, uint64_t bytes, uint64_t rows, sr_err *err)
{
    intake *self = upload->owner;
    uint64_t left = 0;
    if (engine_disk_free(&left, self->data_folder, err) != SR_OK)
        return SR_FAIL;
    pthread_mutex_lock(&self->lock);
    upload->bytes += bytes;
    upload->rows += rows;
    count_bytes(upload, bytes);
    if (left < upload->left) /* somebody else fills the disk */
        upload->left = left;
    bool is_list = upload->place == QUOTA_OVERLAP_DISK;
    sr_result fits = is_list ? SR_OK : check_upload(upload, err);
    if (fits == SR_OK)
        fits = check_disk(upload, false, err);
    pthread_mutex_unlock(&self->lock);
    return fits;
}

/* An announcement costs nothing, so it takes nothing from others. */
sr_result intake_announce(intake_upload *upload, uint64_t bytes, sr_err *err)
{
    pthread_mutex_lock(&upload->owner->lock);
    intake_upload then = *upload;
    then.disk += bytes;
    then.left = bytes < then.left ? then.left - bytes : 0;
    sr_result fits = check_disk(&then, false, err);
    pthread_mutex_unlock(&upload->owner->lock);
    return fits;
}

sr_result intake_add_copy(intake_upload *upload, engine *rows, engine_table from, sr_err *err)
{
    intake *self = upload->owner;
    uint64_t bytes = 0;
    if (engine_disk_table(&bytes, rows, self->data_folder, &upload->collaboration, from, err) !=
        SR_OK)
        return SR_FAIL;
    pthread_mutex_lock(&self->lock);
    count_bytes(upload, bytes);
    sr_result fits = check_disk(upload, false, err);
    pthread_mutex_unlock(&self->lock);
    return fits;
}

void intake_end(intake_upload *upload)
{
    if (upload == NULL)
        return;
    intake *self = upload->owner;
    pthread_mutex_lock(&self->lock);
    intake_upload **at = &self->first;
    while (*at != upload)
        at = &(*at)->next;
    *at = upload->next;
    pthread_mutex_unlock(&self->lock);
    sr_free(upload);
}
