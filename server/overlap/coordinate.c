#include "coordinate.h"

#include <string.h>

#include "match.h"

static group_suite suite_of(const overlap_session *session)
{
    group_suite suite = GROUP_CURVE25519;
    sr_err ignored = SR_ERR_INIT;
    if (group_suite_parse(&suite, session->manifest.suite, &ignored) != SR_OK)
        sr_err_reset(&ignored); /* the manifest was judged when it was read */
    return suite;
}

/* ---- passing on ------------------------------------------------------------------------------ */

/* The next transport scalar, and what takes it and all before it off. */
static sr_result next_transport(group_scalar *now, overlap_part *part, group_suite suite,
                                sr_err *err)
{
    GROUP_SCALAR(inverse);
    GROUP_SCALAR(before);
    GROUP_SCALAR(product);
    static const uint8_t none[OVERLAP_SCALAR_SIZE];
    group_scalar_random(now, suite);
    group_scalar_inverse(&inverse, now);
    if (memcmp(part->transport, none, sizeof none) == 0)
    {
        group_scalar_write(part->transport, &inverse);
        return SR_OK;
    }
    if (group_scalar_read(&before, suite, part->transport, err) != SR_OK)
        return SR_FAIL;
    group_scalar_product(&product, &before, &inverse);
    group_scalar_write(part->transport, &product);
    return SR_OK;
}

/* `hops` is that of the new turn already. */
static sr_result change_hands(overlap_part *part, const overlap_lists *lists,
                              const overlap_session *session, const char *received,
                              const char *path, const overlap_job *job, sr_err *err)
{
    size_t members = session->manifest.member_count;
    group_suite suite = suite_of(session);
    GROUP_SCALAR(scalar);
    if (members == 2)
        return sr_file_move(received, path, err) == SR_OK ? SR_OK : overlap_lists_gone(err);
    bool back = overlap_turn(session, part) == members;
    if (back ? group_scalar_read(&scalar, suite, part->transport, err) != SR_OK
             : next_transport(&scalar, part, suite, err) != SR_OK)
        return SR_FAIL;
    const overlap_factor by = {&scalar, job};
    return overlap_list_multiply(lists, received, path, &by, part->points, part->digest, err);
}

sr_result overlap_pass_on(overlap_part *part, const overlap_lists *lists,
                          const overlap_session *session, bool returned, const char *received,
                          const overlap_job *job, sr_err *err)
{
    SR_TEXT(path);
    sr_uuid_text id = sr_uuid_print(&session->manifest.session);
    sr_uuid name = sr_uuid_random();
    sr_uuid_text words = sr_uuid_print(&name);
    part->hops += returned ? 1 : 0;
    sr_copy(part->name, words.text, sizeof part->name);
    if (overlap_lists_path(&path, lists, id.text, part->name, true, err) != SR_OK)
        return SR_FAIL;
    return change_hands(part, lists, session, received, path, job, err);
}

/* ---- counting -------------------------------------------------------------------------------- */

/* Each part has a label of its own: it becomes the member's next one. Its index. */
static size_t add_label(overlap_sizes *sizes, const overlap_part *part)
{
    size_t count = sizes->label_count;
    sizes->labels = sr_array_grow(sizes->labels, count, count + 1, sizeof *sizes->labels);
    sizes->items = sr_array_grow(sizes->items, count, count + 1, sizeof *sizes->items);
    sr_copy(sizes->labels[count], part->label, sizeof part->label);
    sizes->items[count] = part->items;
    sizes->label_count++;
    return count;
}

static sr_result collect(overlap_counts *counts, match_part *parts, char **paths,
                         const overlap_lists *lists, const overlap_session *session, sr_err *err)
{
    sr_uuid_text id = sr_uuid_print(&session->manifest.session);
    counts->member_count = session->manifest.member_count;
    for (size_t i = 0; i < session->part_count; i++)
    {
        const overlap_part *part = &session->parts[i];
        if (overlap_lists_path(&paths[i], lists, id.text, part->name, false, err) != SR_OK)
            return SR_FAIL;
        parts[i] = (match_part){
            .path = paths[i],
            .member = part->owner,
            .label = add_label(&counts->members[part->owner], part),
            .points = part->points,
            .owner = session->manifest.members[part->owner].name,
        };
    }
    return SR_OK;
}

static sr_result match(overlap_counts *counts, const match_part *parts, const overlap_lists *lists,
                       const overlap_session *session, const overlap_job *job, sr_err *err)
{
    SR_BUF(text, MANIFEST_TEXT_MOST);
    if (manifest_print(&session->manifest, &text, err) != SR_OK)
        return SR_FAIL;
    digest_value hash = digest_of(sr_buf_view(&text));
    match_config config = {
        .manifest_hash = &hash,
        .point_size = group_point_size(suite_of(session)),
        .scratch = overlap_lists_folder(lists),
        .job = job,
    };
    return match_parts(counts, &config, parts, session->part_count, err);
}

/* More items of a label in common with others than it has at all: its size was a lie, or an answer to it was, and every
 * bound that is made of it would be one. */
static sr_result check_sizes(const overlap_counts *counts, const overlap_session *session,
                             sr_err *err)
{
    for (size_t i = 0; i < counts->member_count; i++)
        for (size_t k = 0; k < counts->members[i].label_count; k++)
            if (counts->members[i].shared[k] > counts->members[i].items[k])
                return sr_fail(err, SR_E_INVALID,
                               "the list of \"%s\", or another member's answer to it, shares more "
                               "items than the list said it has: the session ends",
                               session->manifest.members[i].name);
    return SR_OK;
}

sr_result overlap_count(overlap_counts *counts, const overlap_lists *lists,
                        const overlap_session *session, const overlap_job *job, sr_err *err)
{
    size_t count = session->part_count;
    match_part *parts = sr_array(count, sizeof *parts);
    char **paths = sr_array(count, sizeof *paths);
    sr_result result = collect(counts, parts, paths, lists, session, err);
    if (result == SR_OK)
        result = match(counts, parts, lists, session, job, err) == SR_OK ? SR_OK
                                                                         : overlap_lists_gone(err);
    if (result == SR_OK)
        result = check_sizes(counts, session, err);
    for (size_t i = 0; i < count; i++)
        sr_free(paths[i]);
    sr_free(paths);
    sr_free(parts);
    return result;
}
