#include "locked.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

enum
{
    ALIGNMENT = 16,
};

/* What is mapped for an object of a size: guard, pages, guard. */
typedef struct
{
    size_t guard;
    size_t pages;
    size_t object; /* its distance from the first of the pages */
} locked_layout;

static size_t round_up(size_t size, size_t step)
{
    return (size + step - 1) / step * step;
}

static locked_layout layout_of(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t used = round_up(size, ALIGNMENT);
    size_t pages = round_up(used, page);
    return (locked_layout){.guard = page, .pages = pages, .object = pages - used};
}

static sr_result lock_pages(uint8_t *pages, size_t size, sr_err *err)
{
    if (mprotect(pages, size, PROT_READ | PROT_WRITE) != 0)
        return sr_fail_errno(err, errno, "memory for secrets");
    if (mlock(pages, size) != 0)
        return sr_fail(err, SR_E_FULL,
                       "memory for secrets cannot be locked; raise the limit (ulimit -l)");
    if (madvise(pages, size, MADV_DONTDUMP) != 0)
        return sr_fail_errno(err, errno, "memory for secrets");
    return SR_OK;
}

sr_result locked_new(void **out, size_t size, sr_err *err)
{
    locked_layout layout = layout_of(size);
    size_t all = layout.pages + 2 * layout.guard;
    *out = NULL;
    uint8_t *start = mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED)
        return sr_fail_errno(err, errno, "memory for secrets");
    if (lock_pages(start + layout.guard, layout.pages, err) != SR_OK)
    {
        munmap(start, all);
        return SR_FAIL;
    }
    *out = start + layout.guard + layout.object;
    return SR_OK;
}

void locked_free(void *memory, size_t size)
{
    if (memory == NULL)
        return;
    locked_layout layout = layout_of(size);
    sr_wipe(memory, size);
    munmap((uint8_t *)memory - layout.object - layout.guard, layout.pages + 2 * layout.guard);
}
