#include "avx512.h"

#include <sys/ucontext.h>

enum
{
    EVEX = 0x62,
    VEX_LONG = 0xc4,
    VEX_SHORT = 0xc5,
    EVEX_MAPS = 3,
    IN_REGISTER = 3, /* of mod: no memory */
    NONE = 4,        /* of rm: there is a SIB; of its index: there is none */
    RELATIVE = 5,    /* with mod 0, of rm: to the instruction's end; of the SIB's base: none */
};

/* As the processor numbers them. */
static const uint8_t numbers[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                  REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                  REG_R12, REG_R13, REG_R14, REG_R15};

static const struct
{
    uint8_t map;
    uint8_t first; /* opcodes */
    uint8_t last;
    bool in_memory_only; /* refused when it has a memory operand */
    const char *why;
} refused[] = {
    {1, 0x51, 0x51, false, "a square root, whose time depends on values"},
    {1, 0x5e, 0x5e, false, "a division of floating point, whose time depends on values"},
    {2, 0x62, 0x62, true, "a load that is as long as its mask says"},
    {2, 0x63, 0x63, true, "a store that is as long as its mask says"},
    {2, 0x88, 0x89, true, "a load that is as long as its mask says"},
    {2, 0x8a, 0x8b, true, "a store that is as long as its mask says"},
    {2, 0x90, 0x93, false, "a gather, whose addresses come from a vector"},
    {2, 0xa0, 0xa3, false, "a scatter, whose addresses come from a vector"},
    {2, 0xc6, 0xc7, false, "a fetch ahead, whose addresses come from a vector"},
};

static const char *reason_to_refuse(uint8_t map, uint8_t opcode, bool in_memory)
{
    if (map == 0 || map > EVEX_MAPS)
        return "an instruction that the decoder does not know";
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (refused[i].map == map && opcode >= refused[i].first && opcode <= refused[i].last &&
            (in_memory || !refused[i].in_memory_only))
            return refused[i].why;
    return NULL;
}

/* One byte that follows the operands. */
static bool has_immediate(uint8_t map, uint8_t opcode)
{
    if (map != 1)
        return map == 3;
    return (opcode >= 0x70 && opcode <= 0x73) || opcode == 0xc2 ||
           (opcode >= 0xc4 && opcode <= 0xc6);
}

static void take_memory(instruction *out, const uint8_t *code)
{
    uint8_t mod = code[5] >> 6;
    uint8_t rm = code[5] & 7;
    uint8_t high_index = code[1] & 0x40 ? 0 : 8;
    uint8_t high_base = code[1] & 0x20 ? 0 : 8;
    memory_operand at = {.base = NO_REGISTER, .index = NO_REGISTER, .scale = 1};
    uint8_t base = rm;
    if (rm == NONE)
    {
        uint8_t index = (code[6] >> 3 & 7) | high_index;
        base = code[6] & 7;
        at.scale = (uint8_t)(1 << (code[6] >> 6));
        at.index = index == NONE ? NO_REGISTER : numbers[index];
    }
    bool has_base = mod != 0 || base != RELATIVE;
    if (has_base)
        at.base = numbers[base | high_base];
    out->length += (uint8_t)((rm == NONE ? 1 : 0) + (mod == 1 ? 1 : mod == 2 || !has_base ? 4 : 0));
    if (!has_base && rm != NONE)
        out->relative_at = 6;
    out->operands[out->operand_count++] = at;
}

/* Instructions of the mask registers among themselves and with whole-number ones (kmovq, kortestq ...): in VEX, with
 * opcodes that nothing else has. */
static bool is_of_masks_alone(const uint8_t *code)
{
    const uint8_t *at = NULL;
    if (code[0] == VEX_SHORT)
        at = code + 2;
    else if (code[0] == VEX_LONG && (code[1] & 0x1f) == 1)
        at = code + 3;
    if (at == NULL || at[1] >> 6 != IN_REGISTER)
        return false;
    return (at[0] >= 0x41 && at[0] <= 0x4b) || at[0] == 0x92 || at[0] == 0x93 || at[0] == 0x98 ||
           at[0] == 0x99;
}

bool avx512_decode(instruction *out, const uint8_t *code)
{
    if (is_of_masks_alone(code))
        out->length = code[0] == VEX_SHORT ? 4 : 5;
    if (code[0] != EVEX)
        return out->length != 0;
    bool in_memory = code[5] >> 6 != IN_REGISTER;
    out->refused = reason_to_refuse(code[1] & 7, code[4], in_memory);
    out->length = has_immediate(code[1] & 7, code[4]) ? 7 : 6;
    if (in_memory)
        take_memory(out, code);
    return true;
}
