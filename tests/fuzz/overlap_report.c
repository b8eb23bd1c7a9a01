/* A report that is read can be written in every form and drawn, at any width; the drawing has no text that acts. */
#include "client/overlap/report.h"

#include "base/text.h"
#include "fuzz.h"

enum
{
    WIDTHS = 3,
};

static void check_form(const overlap_report *report, output_form form, const report_look *look)
{
    sr_err err = SR_ERR_INIT;
    SR_TEXT(out);
    size_t len = 0;
    FILE *to = open_memstream(&out, &len);
    fuzz_check(to != NULL);
    fuzz_check(report_write(report, form, look, to, &err) == SR_OK);
    (void)fclose(to);
    fuzz_check(len > 0 && sr_utf8_is_valid(sr_slice_of(out, len)));
    for (size_t i = 0; form == OUTPUT_TABLE && i < len; i++)
        fuzz_check(((unsigned char)out[i] >= ' ' || out[i] == '\n') && out[i] != 0x7f);
}

static void check_drawing(const overlap_report *report)
{
    SR_TEXT(out);
    size_t len = 0;
    FILE *to = open_memstream(&out, &len);
    fuzz_check(to != NULL);
    upset_svg(report, to);
    (void)fclose(to);
    fuzz_check(len < 1024 * 1024 && sr_utf8_is_valid(sr_slice_of(out, len)));
    fuzz_check(strncmp(out, "<svg ", 5) == 0 && strcmp(out + len - 7, "</svg>\n") == 0);
    fuzz_check(strstr(out, "<script") == NULL && strstr(out, "href") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t widths[WIDTHS] = {1, 40, 120};
    sr_err err = SR_ERR_INIT;
    OVERLAP_REPORT(report);
    if (overlap_report_read(&report, sr_slice_of(data, size), &err) != SR_OK)
    {
        fuzz_check(report.document == NULL && report.member_count == 0 && err.text[0] != '\0');
        return 0;
    }
    for (size_t i = 0; i < WIDTHS; i++)
    {
        report_look look = {.unicode = i % 2 == 0, .width = widths[i]};
        check_form(&report, OUTPUT_TABLE, &look);
    }
    check_form(&report, OUTPUT_JSON, &(report_look){.width = 80});
    check_form(&report, OUTPUT_CSV, &(report_look){.width = 80});
    if (report.region_count > 0)
        check_drawing(&report);
    return 0;
}
