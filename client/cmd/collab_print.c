#include "collab_print.h"

#include <stdio.h>

#include "base/text.h"

static sr_json *member_to_json(const room_member *member)
{
    SR_TEXT(abilities);
    abilities = abilities_print(member->abilities);
    sr_json *object = sr_json_object_new();
    sr_json_set_text(object, "name", member->name);
    sr_json_set_text(object, "abilities", abilities);
    sr_json_set_bool(object, "accepted", member->accepted);
    return object;
}

sr_json *collab_to_json(const room_collaboration *room)
{
    sr_uuid_text id = sr_uuid_print(&room->id);
    sr_time_text created = sr_time_print(room->created_us);
    sr_json *object = sr_json_object_new();
    sr_json *members = sr_json_array_new();
    sr_json_set_text(object, "name", room->name);
    sr_json_set_text(object, "id", id.text);
    sr_json_set_text(object, "creator", room->creator);
    sr_json_set_text(object, "created", created.text);
    sr_json_set_take(object, "flags", flags_to_json(&room->flags));
    sr_json_set_bool(object, "keyCheckKnown", room->key_check_known);
    for (size_t i = 0; i < room->member_count; i++)
        sr_json_add_take(members, member_to_json(&room->members[i]));
    sr_json_set_take(object, "members", members);
    return object;
}

static sr_result print_members(const room_collaboration *room, output_form form, sr_err *err)
{
    static const output_column headers[] = {
        {"member", OUTPUT_TEXT}, {"abilities", OUTPUT_TEXT}, {"state", OUTPUT_TEXT}};
    OUTPUT(table);
    table = output_new(form, headers, 3);
    for (size_t i = 0; i < room->member_count; i++)
    {
        SR_TEXT(abilities);
        abilities = abilities_print(room->members[i].abilities);
        const char *const cells[] = {room->members[i].name, abilities,
                                     room->members[i].accepted ? "member" : "invited"};
        if (output_texts(table, cells, err) != SR_OK)
            return SR_FAIL;
    }
    return output_finish(table, stdout, err);
}

static const char *on_off(bool on)
{
    return on ? "on" : "off";
}

static void print_heading(const room_collaboration *room)
{
    const collaboration_flags *flags = &room->flags;
    sr_uuid_text id = sr_uuid_print(&room->id);
    sr_time_text created = sr_time_print(room->created_us);
    (void)printf("collaboration  %s\nid             %s\ncreated        %s by %s\n", room->name,
                 id.text, created.text, room->creator);
    (void)printf("settings       allowCleartext %s, allowDuplicates %s,\n"
                 "               allowJoinsOnColumnsWithDifferentNames %s, preserveNulls %s\n\n",
                 on_off(flags->allow_cleartext), on_off(flags->allow_duplicates),
                 on_off(flags->allow_joins_on_columns_with_different_names),
                 on_off(flags->preserve_nulls));
}

sr_result collab_print(const room_collaboration *room, output_form form, sr_err *err)
{
    SR_JSON(document);
    if (form == OUTPUT_JSON)
    {
        document = collab_to_json(room);
        return output_document(document, stdout, err);
    }
    if (form == OUTPUT_TABLE)
        print_heading(room);
    return print_members(room, form, err);
}
