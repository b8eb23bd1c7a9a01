/* Bytes of machine code in here are written out where they are used; each says what it is. */
#include "trace_follow.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum
{
    INSTRUCTIONS_MAX = 1 << 17, /* a power of two; kept at most three quarters full */
    ROOM = 64 << 20,            /* bytes of copies */
    SLOT_MAX = 128,
    BELOW = 136, /* the red zone and the number */
    BACK = 8,    /* bytes of a slot before its start */
    LOOK_STACK = 1 << 20,
    NEAR = 256 << 20,
    WORDS = 20, /* of a frame: registers, where to go on, the number */
    GO_ON = 18,
    NUMBER = 19,
    CARRY = 1,
    PARITY = 4,
    ZERO = 0x40,
    SIGN = 0x80,
    OVERFLOW = 0x800,
};

typedef struct
{
    unsigned char *start;
    unsigned char *next;
} room;

static instruction *instructions; /* by a hash of their places */
static size_t instruction_count;
static room near_program;
static room near_libraries;
static follow_look *look_at;
static unsigned char *end_slot; /* goes on where follow() ends */

/* Used by the code below. */
__attribute__((used)) static unsigned char *stack_top;
__attribute__((used)) static unsigned char *vectors;
greg_t *follow_one(greg_t *frame);
void follow_enter(const void *start);
void follow_look_first(void);
void follow_end(void);

/* What a slot calls, and the way in and out. The frame has the order of <sys/ucontext.h>: r8 lowest. Vectors are saved as a whole: the decoder may use them. */
__asm__(".text\n"
        ".p2align 4\n"
        "follow_look_first:\n"
        "    pushfq\n    pushq $0\n    pushq $0\n"
        "    pushq %rcx\n    pushq %rax\n    pushq %rdx\n    pushq %rbx\n    pushq %rbp\n"
        "    pushq %rsi\n    pushq %rdi\n    pushq %r15\n    pushq %r14\n    pushq %r13\n"
        "    pushq %r12\n    pushq %r11\n    pushq %r10\n    pushq %r9\n    pushq %r8\n"
        "    movq %rsp, %rdi\n"
        "    movq stack_top(%rip), %rsp\n"
        "    movq vectors(%rip), %rbx\n"
        "    movl $-1, %eax\n    movl $-1, %edx\n    xsave64 (%rbx)\n"
        "    cld\n"
        "    call follow_one\n"
        "    movq %rax, %rsp\n"
        "    movl $-1, %eax\n    movl $-1, %edx\n    xrstor64 (%rbx)\n"
        "    popq %r8\n    popq %r9\n    popq %r10\n    popq %r11\n    popq %r12\n"
        "    popq %r13\n    popq %r14\n    popq %r15\n    popq %rdi\n    popq %rsi\n"
        "    popq %rbp\n    popq %rbx\n    popq %rdx\n    popq %rax\n    popq %rcx\n"
        "    leaq 16(%rsp), %rsp\n"
        "    popfq\n"
        "    ret\n"
        ".p2align 4\n"
        "follow_enter:\n"
        "    pushq %rbx\n    pushq %rbp\n    pushq %r12\n    pushq %r13\n    pushq %r14\n    pushq "
        "%r15\n"
        "    subq $8, %rsp\n"
        "    leaq follow_end(%rip), %rax\n"
        "    pushq %rax\n" /* the followed code returns to it */
        "    jmp *%rdi\n"
        "follow_end:\n"
        "    addq $8, %rsp\n"
        "    popq %r15\n    popq %r14\n    popq %r13\n    popq %r12\n    popq %rbp\n    popq %rbx\n"
        "    ret\n");

/* ---- copies ---------------------------------------------------------------------------------- */

static void put(room *to, const void *bytes, size_t len)
{
    memcpy(to->next, bytes, len);
    to->next += len;
}

static void put_32(room *to, int64_t value)
{
    int32_t low = (int32_t)value;
    if (low != value)
        abort();
    put(to, &low, sizeof low);
}

static void put_64(room *to, uint64_t value)
{
    put(to, &value, sizeof value);
}

static room *room_near(uint64_t place)
{
    uint64_t distance = place - (uint64_t)(uintptr_t)near_program.start;
    return distance < UINT64_C(1) << 30 ? &near_program : &near_libraries;
}

static instruction *find(uint64_t place)
{
    size_t i = (place * UINT64_C(0x9e3779b97f4a7c15)) >> 47;
    while (instructions[i].place != 0 && instructions[i].place != place)
        i = (i + 1) % INSTRUCTIONS_MAX;
    return &instructions[i];
}

static void put_start(room *to, instruction *at)
{
    static const unsigned char up[] = {0x48, 0x8d, 0xa4, 0x24, BELOW, 0, 0, 0}; /* lea rsp */
    static const unsigned char down[] = {0x48, 0x8d, 0x64, 0x24, 0x80, 0x68};   /* -128; push */
    static const unsigned char call[] = {0xff, 0x15, 2,    0,
                                         0,    0,    0xeb, 8}; /* and over the address */
    put(to, up, sizeof up);
    at->slot = to->next;
    put(to, down, sizeof down);
    put_32(to, at - instructions);
    put(to, call, sizeof call);
    put_64(to, (uint64_t)(uintptr_t)follow_look_first);
    put(to, up, sizeof up);
}

static void put_copy(room *to, const instruction *at)
{
    unsigned char *copy = to->next;
    put(to, (const void *)(uintptr_t)at->place, at->length);
    if (at->relative_at != 0)
    {
        room inside = {.next = copy + at->relative_at};
        int32_t was = 0;
        memcpy(&was, copy + at->relative_at, sizeof was);
        put_32(&inside, (int64_t)(at->place - (uint64_t)(uintptr_t)copy) + was);
    }
}

/* The slot of `place`, with those of what follows it up to the next jump. */
static unsigned char *slot_of(uint64_t place)
{
    static const unsigned char jump_to[] = {0xe9};
    static const unsigned char over[] = {0xeb, BACK}; /* the next one begins with its way back */
    room *to = room_near(place);
    instruction *at = find(place);
    unsigned char *first = at->slot;
    for (; at->place == 0; at = find(place))
    {
        if (++instruction_count > INSTRUCTIONS_MAX / 4 * 3 ||
            to->next - to->start > ROOM - SLOT_MAX)
            abort();
        instruction_decode(at, place);
        put_start(to, at);
        first = first == NULL ? at->slot : first;
        if (at->refused != NULL || at->flow != FLOW_NEXT)
            return first;
        put_copy(to, at);
        place += at->length;
        if (find(place)->place != 0)
        {
            put(to, jump_to, sizeof jump_to);
            put_32(to, find(place)->slot - to->next - 4);
            return first;
        }
        put(to, over, sizeof over);
    }
    return first;
}

/* ---- what jumps ------------------------------------------------------------------------------ */

static bool holds(uint8_t condition, uint64_t flags)
{
    bool less = ((flags & SIGN) != 0) != ((flags & OVERFLOW) != 0);
    const bool met[] = {(flags & OVERFLOW) != 0,
                        (flags & CARRY) != 0,
                        (flags & ZERO) != 0,
                        (flags & (CARRY | ZERO)) != 0,
                        (flags & SIGN) != 0,
                        (flags & PARITY) != 0,
                        less,
                        less || (flags & ZERO) != 0};
    return met[condition >> 1] != ((condition & 1) != 0);
}

static uint64_t load(uint64_t address)
{
    uint64_t value = 0;
    memcpy(&value, (const void *)(uintptr_t)address, sizeof value);
    return value;
}

static uint64_t target_of(const instruction *at, const greg_t *registers)
{
    const memory_operand *op = &at->operands[0];
    if (at->target != 0)
        return at->target;
    if (at->target_register != NO_REGISTER)
        return (uint64_t)registers[at->target_register];
    uint64_t address = (uint64_t)op->displacement;
    if (op->base != NO_REGISTER)
        address += (uint64_t)registers[op->base];
    if (op->index != NO_REGISTER)
        address += (uint64_t)registers[op->index] * op->scale;
    return load(address);
}

/* The frame, moved to where the stack is after the jump, and going on in the target's slot. */
static greg_t *jump(const instruction *at, greg_t *frame)
{
    uint64_t next = at->place + at->length;
    uint64_t stack = (uint64_t)frame[REG_RSP];
    uint64_t target = next;
    if (at->flow == FLOW_RETURN)
        target = load(stack);
    else if (at->flow != FLOW_BRANCH || holds(at->condition, (uint64_t)frame[REG_EFL]))
        target = target_of(at, frame);
    stack += at->flow == FLOW_RETURN ? 8 : at->flow == FLOW_CALL ? -8ULL : 0;
    greg_t *moved = (greg_t *)(uintptr_t)(stack - BELOW) - NUMBER;
    memmove(moved, frame, WORDS * sizeof *frame);
    if (at->flow == FLOW_CALL)
        memcpy((void *)(uintptr_t)stack, &next, sizeof next);
    unsigned char *slot =
        target == (uint64_t)(uintptr_t)follow_end ? end_slot : slot_of(target) - BACK;
    moved[GO_ON] = (greg_t)(uintptr_t)slot;
    return moved;
}

greg_t *follow_one(greg_t *frame)
{
    const instruction *at = &instructions[frame[NUMBER]];
    frame[REG_RIP] = (greg_t)at->place;
    frame[REG_RSP] = (greg_t)(uintptr_t)(frame + NUMBER) + BELOW;
    look_at(at, frame);
    return at->flow == FLOW_NEXT ? frame : jump(at, frame);
}

/* ---- from outside ---------------------------------------------------------------------------- */

static bool room_init(room *out, uint64_t wanted)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *start = MAP_FAILED;
    for (uint64_t i = 1; start == MAP_FAILED && i <= 3; i++)
        start = mmap(wanted == 0 ? NULL : (void *)(uintptr_t)(wanted - i * NEAR), ROOM,
                     PROT_READ | PROT_WRITE | PROT_EXEC,
                     wanted == 0 ? flags : flags | MAP_FIXED_NOREPLACE, -1, 0);
    *out = (room){.start = start, .next = start};
    return start != MAP_FAILED;
}

bool follow_init(void)
{
    /* lea rsp; jmp to the address behind it */
    static const unsigned char end[] = {0x48, 0x8d, 0xa4, 0x24, BELOW, 0, 0,
                                        0,    0xff, 0x25, 0,    0,     0, 0};
    uint64_t program = (uint64_t)(uintptr_t)follow_init & ~UINT64_C(0xfff);
    instructions = calloc(INSTRUCTIONS_MAX, sizeof *instructions);
    stack_top = aligned_alloc(64, LOOK_STACK);
    vectors = aligned_alloc(64, 1 << 14);
    if (instructions == NULL || stack_top == NULL || vectors == NULL ||
        !instruction_decoder_init() || !room_init(&near_program, program) ||
        !room_init(&near_libraries, 0))
        return false;
    memset(vectors, 0, 1 << 14);
    stack_top += LOOK_STACK;
    end_slot = near_program.next;
    put(&near_program, end, sizeof end);
    put_64(&near_program, (uint64_t)(uintptr_t)follow_end);
    return true;
}

void follow(void (*run)(void), follow_look *look)
{
    look_at = look;
    follow_enter(slot_of((uint64_t)(uintptr_t)run));
}
