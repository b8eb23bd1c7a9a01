/* Names of functions: of this program from its file's symbol table (the dynamic one lacks static functions), of
 * libraries from the dynamic linker. */
#include "place.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t *program; /* its file, mapped */

static void map_program(void)
{
    struct stat about;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return;
    if (fstat(file, &about) == 0)
    {
        void *mapped = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        program = mapped == MAP_FAILED ? NULL : mapped;
    }
    close(file);
}

/* The symbol of the function that holds `value`, an address as the file counts; NULL: none. */
static const char *symbol_of(uint64_t value, uint64_t *offset)
{
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)(const void *)program;
    const Elf64_Shdr *sections = (const Elf64_Shdr *)(const void *)(program + head->e_shoff);
    for (size_t s = 0; s < head->e_shnum; s++)
    {
        if (sections[s].sh_type != SHT_SYMTAB)
            continue;
        const Elf64_Sym *symbols =
            (const Elf64_Sym *)(const void *)(program + sections[s].sh_offset);
        const char *names = (const char *)program + sections[sections[s].sh_link].sh_offset;
        for (size_t i = 0; i < sections[s].sh_size / sizeof *symbols; i++)
            if (ELF64_ST_TYPE(symbols[i].st_info) == STT_FUNC && value >= symbols[i].st_value &&
                value - symbols[i].st_value < symbols[i].st_size)
            {
                *offset = value - symbols[i].st_value;
                return names + symbols[i].st_name;
            }
    }
    return NULL;
}

void place_function(char *out, size_t size, uint64_t *offset, uint64_t place)
{
    Dl_info here;
    Dl_info there;
    const char *name = NULL;
    *offset = place;
    if (program == NULL)
        map_program();
    if (dladdr((const void *)(uintptr_t)place_function, &here) != 0 &&
        dladdr((const void *)(uintptr_t)place, &there) != 0)
    {
        if (there.dli_fbase == here.dli_fbase && program != NULL)
            name = symbol_of(place - (uint64_t)(uintptr_t)here.dli_fbase, offset);
        else if (there.dli_sname != NULL)
        {
            name = there.dli_sname;
            *offset = place - (uint64_t)(uintptr_t)there.dli_saddr;
        }
    }
    snprintf(out, size, "%s", name == NULL ? "?" : name);
}
