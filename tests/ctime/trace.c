#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instruction.h"
#include "place.h"
#include "trace_follow.h"

enum
{
    STEPS_MAX = 1 << 23,
};

typedef struct
{
    uint64_t place;
    uint64_t addresses; /* all of them, mixed */
} step;

/* How a child ended. */
typedef enum
{
    END_NONE, /* it did not come to its end */
    END_COMPLETE,
    END_OTHER_PLACE,
    END_OTHER_ADDRESS,
    END_REFUSED,
    END_TOO_LONG,
} trace_end;

/* Shared by the parent and its children. */
typedef struct
{
    trace_end end;
    bool is_first;
    size_t first_count; /* steps of the first run */
    size_t count;       /* of the run at work */
    uint64_t last;      /* the place of the step before */
    uint64_t place;     /* where it ended */
    const char *refused;
    step steps[STEPS_MAX]; /* of the first run */
} trace_state;

static trace_state *state;

/* ---- in the child: one step ------------------------------------------------------------------ */

static uint64_t mixed(uint64_t sum, uint64_t value)
{
    sum = (sum ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return sum ^ sum >> 29;
}

static void end_child(trace_end how, uint64_t place)
{
    state->end = how;
    state->place = place;
    _exit(0);
}

static uint64_t value_of(const greg_t *registers, uint8_t number)
{
    return number == NO_REGISTER ? 0 : (uint64_t)registers[number];
}

static uint64_t mixed_division(uint64_t sum, const instruction *at, const greg_t *registers)
{
    uint64_t bits = at->divides == 8 ? UINT64_MAX : at->divides == 4 ? UINT32_MAX : UINT16_MAX;
    sum = mixed(sum, value_of(registers, REG_RAX) & bits);
    sum = mixed(sum, at->divides == 1 ? 0 : value_of(registers, REG_RDX) & bits);
    return mixed(sum, value_of(registers, at->divisor) & bits);
}

static uint64_t addresses_of(const instruction *at, const greg_t *registers)
{
    uint64_t sum = mixed(0, value_of(registers, REG_RSP));
    for (size_t i = 0; i < at->operand_count; i++)
    {
        const memory_operand *op = &at->operands[i];
        uint64_t address =
            value_of(registers, op->base) + value_of(registers, op->index) * op->scale;
        sum = mixed(sum, address);
    }
    if (at->repeats)
        sum = mixed(sum, value_of(registers, REG_RCX));
    return at->divides == 0 ? sum : mixed_division(sum, at, registers);
}

static void on_step(const instruction *at, const greg_t *registers)
{
    step now = {.place = at->place, .addresses = addresses_of(at, registers)};
    size_t number = state->count++;
    state->refused = at->refused;
    if (at->refused != NULL)
        end_child(END_REFUSED, at->place);
    if (number == STEPS_MAX)
        end_child(END_TOO_LONG, now.place);
    if (state->is_first)
        state->steps[number] = now;
    else if (number >= state->first_count || state->steps[number].place != now.place)
        end_child(END_OTHER_PLACE, state->last);
    else if (state->steps[number].addresses != now.addresses)
        end_child(END_OTHER_ADDRESS, now.place);
    state->last = now.place;
}

/* ---- in the parent --------------------------------------------------------------------------- */

bool trace_init(void)
{
    void *shared = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (shared == MAP_FAILED || !follow_init())
        return false;
    state = shared;
    return true;
}

static int run_child(size_t number, void (*prepare)(size_t), void (*run)(void))
{
    int status = -1;
    state->end = END_NONE;
    state->is_first = number == 0;
    state->count = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
    {
        prepare(number);
        follow(run, on_step);
        end_child(END_COMPLETE, state->last);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -1;
    return status;
}

static void say(trace_result *out, trace_verdict verdict, const char *what)
{
    char text[INSTRUCTION_TEXT];
    uint64_t offset = 0;
    out->verdict = verdict;
    place_function(out->function, sizeof out->function, &offset, state->place);
    instruction_text(text, state->place);
    snprintf(out->why, sizeof out->why, "%s+0x%llx, step %zu: %s: %s", out->function,
             (unsigned long long)offset, state->count, what, text);
}

static void judge(trace_result *out, int status)
{
    switch (state->end)
    {
    case END_COMPLETE:
        if (!state->is_first && state->count != state->first_count)
            say(out, TRACE_DIFFERS, "the last step, sooner than in the first run");
        break;
    case END_OTHER_PLACE:
        say(out, TRACE_DIFFERS, "goes on elsewhere than in the first run after");
        break;
    case END_OTHER_ADDRESS:
        say(out, TRACE_DIFFERS, "another address than in the first run");
        break;
    case END_REFUSED:
        say(out, TRACE_REFUSED, state->refused);
        break;
    case END_TOO_LONG:
        say(out, TRACE_BROKEN, "more steps than there is room for");
        break;
    case END_NONE:
        state->place = state->last;
        say(out, TRACE_BROKEN, "the run did not come to its end");
        fprintf(stderr, "trace: status %d\n", status);
        break;
    }
}

void trace_compare(trace_result *out, void (*prepare)(size_t run), void (*run)(void), size_t runs)
{
    *out = (trace_result){.verdict = TRACE_SAME};
    prepare(0);
    for (size_t i = 0; i < runs && out->verdict == TRACE_SAME; i++)
    {
        int status = run_child(i, prepare, run);
        out->run = i;
        judge(out, status);
        if (i == 0)
            out->steps = state->first_count = state->count;
    }
}
