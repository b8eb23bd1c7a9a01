/*
 * instruction.h: what one instruction of this processor (x86-64) reads from its registers to form addresses. The
 * door to capstone is door_capstone.c; avx512.h decodes what capstone 4 does not know.
 *
 * Which addresses it touches is public by contract, and so is the time it takes. Some instructions form addresses,
 * or take time, in a way that their registers at hand do not show: gathers and scatters, compressing stores and expanding
 * loads, AVX's loads and stores by a mask, bit tests of memory by a register, divisions and square roots of floating point. They are refused: constant-time code has no
 * use for them. Whole-number divisions are let in with the values that they divide, which must then be public.
 *
 * What moves the stack (push, call, ret) needs no operand here: its address is rsp, which a trace has anyway. The base of fs
 * is one and the same for all runs of a process, and left out.
 */
#ifndef SEALROOM_TESTS_INSTRUCTION_H
#define SEALROOM_TESTS_INSTRUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NO_REGISTER = 255,
    OPERANDS_MAX = 2, /* rep movs */
    INSTRUCTION_TEXT = 192,
};

/* base + index * scale + displacement; of an address relative to the instruction's own the displacement is all, and of
 * AVX-512 it is left out: it is the same whenever the instruction runs. Registers as <sys/ucontext.h> numbers them (REG_RAX ...). */
typedef struct
{
    int64_t displacement;
    uint8_t base;
    uint8_t index;
    uint8_t scale;
} memory_operand;

/* Where it goes on. */
typedef enum
{
    FLOW_NEXT,
    FLOW_JUMP,
    FLOW_BRANCH, /* if `condition` (the opcode's low four bits) holds */
    FLOW_CALL,
    FLOW_RETURN,
} instruction_flow;

typedef struct
{
    uint64_t place;      /* where it stands; 0: none */
    uint64_t target;     /* of a jump, branch or call; 0: in target_register, else at operands[0] */
    const char *refused; /* NULL, or why */
    unsigned char *slot; /* trace_follow.c's */
    instruction_flow flow;
    uint8_t condition;
    uint8_t target_register;
    uint8_t length;      /* 0: unknown */
    uint8_t relative_at; /* where its four bytes relative to its own address are; 0: none */
    bool repeats;        /* rcx times */
    memory_operand operands[OPERANDS_MAX];
    uint8_t operand_count;
    uint8_t divides; /* bytes that a whole-number division takes from rax and rdx, or 0 */
    uint8_t divisor; /* its register */
} instruction;

/* Once, before the others: allocates all that they need, so that decoding in the middle of a traced run leaves the
 * heap as the run finds it, and so the addresses that it touches. False: no decoder. */
bool instruction_decoder_init(void);

/* The instruction at `place`. */
void instruction_decode(instruction *out, uint64_t place);

/* As an assembler writes it: "mov eax, dword ptr [rdi]". */
void instruction_text(char out[INSTRUCTION_TEXT], uint64_t place);

#endif
