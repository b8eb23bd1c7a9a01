#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "output.h"

size_t terminal_width(void)
{
    struct winsize size = {0};
    if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
        size.ws_col == 0)
        return SIZE_MAX;
    return size.ws_col;
}

bool terminal_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *locale = NULL;
    for (size_t i = 0; i < 3 && (locale == NULL || locale[0] == '\0'); i++)
        locale = getenv(names[i]);
    const char *charset = locale == NULL ? NULL : strchr(locale, '.');
    return charset != NULL &&
           (strncasecmp(charset, ".UTF-8", 6) == 0 || strncasecmp(charset, ".utf8", 5) == 0);
}

static bool is_blank(char c)
{
    return (unsigned char)c <= ' ' && c != '\0';
}

char *terminal_on_one_line(const char *text)
{
    char *line = sr_text_copy(text);
    size_t len = 0;
    for (size_t i = 0; text[i] != '\0'; i++)
    {
        if (!is_blank(text[i]))
            line[len++] = text[i];
        else if (len > 0 && line[len - 1] != ' ')
            line[len++] = ' ';
    }
    line[len] = '\0';
    return line;
}

/* Bytes of the longest beginning that fits, never half a character. */
static size_t fitting(sr_slice text, size_t width)
{
    size_t len = 0;
    while (len < text.len)
    {
        size_t next = len + 1;
        while (next < text.len && (text.data[next] & 0xc0) == 0x80)
            next++;
        size_t needed = sr_utf8_width(sr_slice_sub(text, len, next - len));
        if (needed > width)
            break;
        width -= needed;
        len = next;
    }
    return len;
}

char *terminal_cut(sr_slice text, size_t width)
{
    bool fits = sr_utf8_width(text) <= width;
    size_t len = fits ? text.len : fitting(text, width - 1);
    return sr_text_printf("%.*s%s", (int)len, (const char *)text.data, fits ? "" : "…");
}

void terminal_fold(const char *text, size_t width, FILE *to)
{
    size_t used = 0;
    while (*text != '\0')
    {
        size_t len = strcspn(text, " ");
        size_t needed = sr_utf8_width(sr_slice_of(text, len));
        bool breaks = used > 0 && used + 1 + needed > width;
        if (used > 0)
            (void)fputc(breaks ? '\n' : ' ', to);
        output_safe_text(sr_slice_of(text, len), to);
        used = used == 0 || breaks ? needed : used + 1 + needed;
        text += len + strspn(text + len, " ");
    }
    (void)fputc('\n', to);
}
