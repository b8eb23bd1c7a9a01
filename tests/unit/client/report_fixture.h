/* Reports of overlap sessions for tests. */
#ifndef SEALROOM_TESTS_CLIENT_REPORT_FIXTURE_H
#define SEALROOM_TESTS_CLIENT_REPORT_FIXTURE_H

#include "check.h"

#include "base/file.h"
#include "base/text.h"
#include "client/overlap/report.h"

enum
{
    ROOM = 256 * 1024,
};

/* A file of tests/vectors/overlap. Owned. */
static inline char *vector_text(const char *name)
{
    sr_err err = SR_ERR_INIT;
    SR_TEXT(path);
    SR_BUF(bytes, ROOM);
    char *out = NULL;
    path = sr_text_printf("%s/tests/vectors/overlap/%s", SEALROOM_SOURCE_DIR, name);
    check_ok(sr_file_read(&bytes, path, &err), &err);
    check_ok(sr_buf_take_text(&out, &bytes, &err), &err);
    return out;
}

static inline void read_report(overlap_report *out, const char *text)
{
    sr_err err = SR_ERR_INIT;
    check_ok(overlap_report_read(out, sr_slice_text(text), &err), &err);
}

static inline size_t times(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

/* Five members, all regions; every third is held back, the others are as great as their set's bits say. */
static inline char *five_members(const char *name, bool sized)
{
    SR_BUF(out, ROOM);
    sr_err err = SR_ERR_INIT;
    char *text = NULL;
    check_ok(sr_buf_append_text(&out, "{\"matrices\":[],\"members\":[", &err), &err);
    for (int i = 0; i < 5; i++)
        check_ok(sr_buf_printf(&out, &err, "%s{%s\"name\":\"%s%d\"}", i == 0 ? "" : ",",
                               sized ? "\"items\":2000000000," : "", name, i),
                 &err);
    check_ok(
        sr_buf_append_text(
            &out,
            "],\"minimum\":1,\"minimumComplement\":1,\"notice\":\"\",\"overlaps\":[],\"regions\":[",
            &err),
        &err);
    for (unsigned set = 1; set < 32; set++)
    {
        SR_TEXT(items);
        items = sr_text_printf("%u", 3 * set * set * set * set * set);
        check_ok(sr_buf_printf(&out, &err, "%s{\"items\":%s,\"members\":[", set == 1 ? "" : ",",
                               set % 3 == 0 ? "null" : items),
                 &err);
        bool first = true;
        for (unsigned i = 0; i < 5; i++)
            if ((set >> i & 1u) != 0)
            {
                check_ok(sr_buf_printf(&out, &err, "%s\"%s%u\"", first ? "" : ",", name, i), &err);
                first = false;
            }
        check_ok(sr_buf_append_text(&out, "]}", &err), &err);
    }
    check_ok(
        sr_buf_append_text(&out, "],\"session\":\"7d0f8a52-3c1e-4b5a-9d6f-0123456789ab\"}", &err),
        &err);
    check_ok(sr_buf_take_text(&text, &out, &err), &err);
    return text;
}

#endif
