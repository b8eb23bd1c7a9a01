#include "words.h"

#include <stdarg.h>
#include <stdio.h>

enum
{
    PIECE_MOST = 1024,
};

void words_add(char **words, const char *format, ...)
{
    char piece[PIECE_MOST];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(piece, sizeof piece, format,
                    args); /* names are shorter; a longer piece is cut */
    va_end(args);
    char *joined = sr_text_printf("%s%s", *words == NULL ? "" : *words, piece);
    sr_free(*words);
    *words = joined;
}

const char *words_between(size_t index, size_t count)
{
    if (index == 0)
        return "";
    return index + 1 == count ? " and " : ", ";
}
