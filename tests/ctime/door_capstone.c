/* The door to capstone: decodes for the traces of the constant-time test all that is not AVX-512. */
#include "avx512.h"

#include <stdio.h>
#include <string.h>
#include <sys/ucontext.h>

#include <capstone/capstone.h>

enum
{
    INSTRUCTION_SIZE_MAX = 15,
    NAMES = 5, /* of a register: 8, 4, 2 bytes, its low and its high byte */
};

static csh decoder;
static cs_insn *decoded;

static const struct
{
    uint8_t number;
    uint16_t names[NAMES];
} registers[] = {
    {REG_RAX, {X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL, X86_REG_AH}},
    {REG_RBX, {X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL, X86_REG_BH}},
    {REG_RCX, {X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL, X86_REG_CH}},
    {REG_RDX, {X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL, X86_REG_DH}},
    {REG_RSI, {X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL}},
    {REG_RDI, {X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL}},
    {REG_RBP, {X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL}},
    {REG_RSP, {X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL}},
    {REG_R8, {X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B}},
    {REG_R9, {X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B}},
    {REG_R10, {X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B}},
    {REG_R11, {X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B}},
    {REG_R12, {X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B}},
    {REG_R13, {X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B}},
    {REG_R14, {X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B}},
    {REG_R15, {X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B}},
};

/* By how their names begin. */
static const struct
{
    const char *name;
    const char *why;
} refused[] = {
    {"vpgather", "a gather, whose addresses come from a vector"},
    {"vgather", "a gather, whose addresses come from a vector"},
    {"maskmov", "a store whose address is not among its operands"},
    {"vmaskmovdqu", "a store whose address is not among its operands"},
    {"vmaskmovp", "a load or store that goes as far as its mask says"},
    {"vpmaskmov", "a load or store that goes as far as its mask says"},
    {"xlat", "a look-up whose address is not among its operands"},
    {"div", NULL}, /* of whole numbers: its values go into the trace */
    {"idiv", NULL},
    {"divp", "a division of floating point, whose time depends on values"},
    {"divs", "a division of floating point, whose time depends on values"},
    {"vdiv", "a division of floating point, whose time depends on values"},
    {"fdiv", "a division of floating point, whose time depends on values"},
    {"fidiv", "a division of floating point, whose time depends on values"},
    {"sqrt", "a square root, whose time depends on values"},
    {"vsqrt", "a square root, whose time depends on values"},
    {"fsqrt", "a square root, whose time depends on values"},
};

bool instruction_decoder_init(void)
{
    static const uint8_t nop[] = {0x90};
    const uint8_t *code = nop;
    size_t left = sizeof nop;
    uint64_t place = 0;
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &decoder) != CS_ERR_OK ||
        cs_option(decoder, CS_OPT_DETAIL, CS_OPT_ON) != CS_ERR_OK)
        return false;
    decoded = cs_malloc(decoder);
    /* The first one builds the decoder's tables. */
    return decoded != NULL && cs_disasm_iter(decoder, &code, &left, &place, decoded);
}

static bool disassemble(uint64_t place)
{
    const uint8_t *code = (const uint8_t *)(uintptr_t)place;
    size_t left = INSTRUCTION_SIZE_MAX;
    return cs_disasm_iter(decoder, &code, &left, &place, decoded);
}

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static const char *reason_to_refuse(void)
{
    const char *why = NULL;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (begins_with(decoded->mnemonic, refused[i].name))
            why = refused[i].why;
    return why;
}

/* With names up to the `names`th; NO_REGISTER for none and for those that are no whole numbers. */
static uint8_t register_number(unsigned reg, size_t names)
{
    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++)
        for (size_t name = 0; name < names; name++)
            if (registers[i].names[name] == reg && reg != X86_REG_INVALID)
                return registers[i].number;
    return NO_REGISTER;
}

static const char *take_memory(instruction *out, const cs_x86_op *op)
{
    const x86_op_mem *mem = &op->mem;
    memory_operand at = {.displacement = mem->disp, .scale = (uint8_t)mem->scale};
    at.base = register_number(mem->base, 1);
    at.index = register_number(mem->index, 1);
    if (mem->segment == X86_REG_GS)
        return "an address in the segment gs";
    if (mem->base == X86_REG_RIP)
    {
        at.displacement += (int64_t)(decoded->address + decoded->size);
        out->relative_at = decoded->detail->x86.encoding.disp_offset;
    }
    else if (mem->base != X86_REG_INVALID && at.base == NO_REGISTER)
        return "an address whose base is no 64-bit register";
    if (mem->index != X86_REG_INVALID && mem->index != X86_REG_RIZ && at.index == NO_REGISTER)
        return "an address whose index is no 64-bit register";
    if (out->operand_count == OPERANDS_MAX)
        return "more addresses than this test knows of";
    out->operands[out->operand_count++] = at;
    return NULL;
}

static const char *take_operands(instruction *out)
{
    const cs_x86 *x86 = &decoded->detail->x86;
    const char *why = NULL;
    for (size_t i = 0; i < x86->op_count && why == NULL; i++)
        if (x86->operands[i].type == X86_OP_MEM)
            why = take_memory(out, &x86->operands[i]);
    return why;
}

/* bt, bts, btr and btc of memory reach as far from it as the register says. */
static bool is_bit_of_memory(void)
{
    const cs_x86 *x86 = &decoded->detail->x86;
    bool is_bit_test = decoded->id == X86_INS_BT || decoded->id == X86_INS_BTS ||
                       decoded->id == X86_INS_BTR || decoded->id == X86_INS_BTC;
    return is_bit_test && x86->op_count == 2 && x86->operands[0].type == X86_OP_MEM &&
           x86->operands[1].type == X86_OP_REG;
}

/* The opcode, after prefixes; *repeats: there is one of those that repeat strings. */
static const uint8_t *opcode_of(uint64_t place, bool *repeats)
{
    const uint8_t *code = (const uint8_t *)(uintptr_t)place;
    *repeats = false;
    for (; *code == 0x66 || *code == 0x3e || *code == 0x2e || *code == 0xf2 || *code == 0xf3;
         code++)
        *repeats = *repeats || *code == 0xf2 || *code == 0xf3;
    return (*code & 0xf0) == 0x40 ? code + 1 : code;
}

static void take_target(instruction *out)
{
    const cs_x86_op *to = &decoded->detail->x86.operands[0];
    if (to->type == X86_OP_IMM)
        out->target = (uint64_t)to->imm;
    else if (to->type == X86_OP_REG)
        out->target_register = register_number(to->reg, 1);
    else if (to->mem.segment != X86_REG_INVALID)
        out->refused = "a jump through a segment";
}

static void take_branch(instruction *out, uint8_t opcode)
{
    out->flow = FLOW_BRANCH;
    out->condition = opcode & 15;
}

static void take_flow(instruction *out)
{
    bool repeats = false;
    const uint8_t *code = opcode_of(out->place, &repeats);
    uint8_t extension = code[1] >> 3 & 7;
    if (code[0] >= 0x70 && code[0] <= 0x7f)
        take_branch(out, code[0]);
    else if (code[0] == 0x0f && code[1] >= 0x80 && code[1] <= 0x8f)
        take_branch(out, code[1]);
    else if (code[0] == 0xeb || code[0] == 0xe9 || (code[0] == 0xff && extension == 4))
        out->flow = FLOW_JUMP;
    else if (code[0] == 0xe8 || (code[0] == 0xff && extension == 2))
        out->flow = FLOW_CALL;
    else if (code[0] == 0xc3)
        out->flow = FLOW_RETURN;
    else if (code[0] == 0xc2 || (code[0] >= 0xe0 && code[0] <= 0xe3) || code[0] == 0xcc)
        out->refused = "a jump that this test does not follow";
    else if (repeats && (code[0] == 0xa6 || code[0] == 0xa7 || code[0] == 0xae || code[0] == 0xaf))
        out->refused = "a string instruction that ends when values differ";
    out->repeats = repeats && code[0] >= 0xa4 && code[0] <= 0xad;
    if (out->flow == FLOW_JUMP || out->flow == FLOW_BRANCH || out->flow == FLOW_CALL)
        take_target(out);
}

static void take_division(instruction *out)
{
    const cs_x86_op *by = &decoded->detail->x86.operands[0];
    out->divides = by->size;
    if (by->type == X86_OP_REG)
        out->divisor = register_number(by->reg, NAMES);
}

void instruction_decode(instruction *out, uint64_t place)
{
    *out = (instruction){.place = place, .divisor = NO_REGISTER, .target_register = NO_REGISTER};
    if (avx512_decode(out, (const uint8_t *)(uintptr_t)place))
        return;
    if (!disassemble(place))
    {
        out->refused = "an instruction that the decoder does not know";
        return;
    }
    out->length = (uint8_t)decoded->size;
    out->refused = is_bit_of_memory()
                       ? "a bit test of memory, whose address depends on the bit's number"
                       : reason_to_refuse();
    if (decoded->id == X86_INS_DIV || decoded->id == X86_INS_IDIV)
        take_division(out);
    const char *why = take_operands(out);
    if (out->refused == NULL)
        out->refused = why;
    if (out->refused == NULL)
        take_flow(out);
    if (decoded->id == X86_INS_LEA || decoded->id == X86_INS_NOP)
        out->operand_count = 0; /* they name an address and do not go there */
}

void instruction_text(char out[INSTRUCTION_TEXT], uint64_t place)
{
    if (disassemble(place))
        snprintf(out, INSTRUCTION_TEXT, "%s %s", decoded->mnemonic, decoded->op_str);
    else
    {
        const uint8_t *code = (const uint8_t *)(uintptr_t)place;
        snprintf(out, INSTRUCTION_TEXT, "bytes %02x %02x %02x %02x %02x %02x", code[0], code[1],
                 code[2], code[3], code[4], code[5]);
    }
}
