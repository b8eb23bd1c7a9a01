/*
 * err.h: how everything in Sealroom fails.
 *
 * A function that can fail returns `sr_result` (must be used) and fills an `sr_err` that its caller
 * owns and passes down as the last argument. The innermost frame says why (`sr_fail`); outer frames
 * put their subject in front (`sr_fail_in`); `main` prints the one line that results:
 *
 *     sealroom: sales.csv: row 1042: column "email": not valid UTF-8
 *
 * Typical use:
 *
 *     if (csv_next(reader, &row, err) != SR_OK)
 *         return sr_fail_in(err, "row %" PRIu64, number);
 *
 * Rules:
 *   - After SR_FAIL every output argument is empty (zeroed, or cleared by its _clear function).
 *   - An error is a channel. Its text may name files, columns and places, never a value of a table,
 *     a count of rows, a key, or a foreign library's message that might carry them.
 *   - Towards a peer the text travels only for codes whose table row says so; otherwise the peer
 *     reads the row's fixed words (`sr_err_peer_text`).
 *   - Programming mistakes are asserted, not returned.
 *
 * An sr_err is plain memory: it owns nothing and needs no release. It is not thread-local: each
 * call chain has its own.
 */
#ifndef SEALROOM_BASE_ERR_H
#define SEALROOM_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

/* A result that the compiler insists on being looked at. */
#define SR_MUST_USE __attribute__((warn_unused_result))
#define SR_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))

typedef enum
{
    SR_OK = 0,
    SR_FAIL = 1,
} sr_result;

/* What kind of failure; one row of the table in err.c gives each its words, exit and gRPC status. */
typedef enum
{
    SR_E_NONE = 0,
    SR_E_USAGE,        /* the command line is wrong */
    SR_E_INVALID,      /* an argument, message or document is malformed */
    SR_E_FORMAT,       /* a file's or cell's bytes are not what they should be */
    SR_E_LIMIT,        /* larger than a stated limit */
    SR_E_NOT_FOUND,    /* a named thing is not there (or not for this caller) */
    SR_E_EXISTS,       /* a named thing is there already */
    SR_E_STATE,        /* right request, wrong moment (not accepted yet, no rule yet …) */
    SR_E_REFUSED,      /* an analysis rule does not allow it */
    SR_E_ROLE,         /* this principal's role or ability does not allow it */
    SR_E_UNKNOWN_PEER, /* no certificate, or one that does not name a principal */
    SR_E_SECRET,       /* wrong, missing or unusable secret, or a cell that does not open */
    SR_E_IO,           /* the operating system said no (file, disk, socket) */
    SR_E_FULL,         /* no space left, or a quota is used up */
    SR_E_UNAVAILABLE,  /* the server cannot be reached, or is stopping */
    SR_E_TIMEOUT,      /* a deadline passed */
    SR_E_CANCELLED,    /* the caller or a signal stopped it */
    SR_E_CORRUPT,      /* stored state contradicts itself */
    SR_E_INTERNAL,     /* a fault of ours or of a library */
    SR_E_COUNT_        /* number of codes, not a code */
} sr_code;

enum
{
    SR_ERR_TEXT_SIZE = 1024,  /* one line, NUL included; longer text is cut with "…" */
    SR_ERR_DETAIL_SIZE = 160, /* each detail, NUL included */
};

/* Where a refusal comes from: travels to a peer as google.rpc.ErrorInfo. Empty strings: unset. `call` alone
 * travels also with a code whose text a peer may not read: both sides find the same failure by it. */
typedef struct
{
    char reason[64];                 /* UPPER_SNAKE_CASE, stable, e.g. "COLUMN_NOT_A_DIMENSION" */
    char field[SR_ERR_DETAIL_SIZE];  /* rule or request field, e.g. "dimensionColumns" */
    char table[SR_ERR_DETAIL_SIZE];  /* configured table */
    char column[SR_ERR_DETAIL_SIZE]; /* column or construct */
    char position[24];               /* "line:column" in the query text, or empty */
    char call[16];                   /* the server's name for the call that failed, or empty */
} sr_err_detail;

typedef struct
{
    sr_code code;
    char text[SR_ERR_TEXT_SIZE];
    sr_err_detail detail;
} sr_err;

/* A fresh, empty error. */
#define SR_ERR_INIT                                                                                \
    {                                                                                              \
        .code = SR_E_NONE                                                                          \
    }

/* Fills `err` with a code and a reason; control characters in the text become '?'. Always SR_FAIL. */
sr_result sr_fail(sr_err *err, sr_code code, const char *format, ...) SR_PRINTF(3, 4);

/* Puts "subject: " in front of the text that is there already. Always SR_FAIL. */
sr_result sr_fail_in(sr_err *err, const char *format, ...) SR_PRINTF(2, 3);

/* sr_fail with SR_E_IO (or FULL for ENOSPC/EDQUOT, NOT_FOUND for ENOENT) and strerror(number). */
sr_result sr_fail_errno(sr_err *err, int number, const char *format, ...) SR_PRINTF(3, 4);

/* Adds the details of a refusal; NULL leaves a part unset, and over-long parts are cut. */
void sr_err_set_detail(sr_err *err, const char *reason, const char *field, const char *table,
                       const char *column);

/* Empties the error so that it can be used again. */
void sr_err_reset(sr_err *err);

/* The table's row, one accessor a column. `grpc` is the canonical gRPC status number (0 to 16). */
const char *sr_code_words(sr_code code);
int sr_code_exit_status(sr_code code);
int sr_code_grpc_status(sr_code code);
bool sr_code_peer_may_read(sr_code code);

/* The code that a gRPC status stands for when a peer sends it without details of ours. */
sr_code sr_code_from_grpc(int grpc_status);

/* A stable word such as "REFUSED" that travels as ErrorInfo's domain-specific code, and back;
 * an unknown word gives SR_E_INTERNAL. */
const char *sr_code_name(sr_code code);
sr_code sr_code_from_name(const char *name);

/* What a peer may read of this error: its text, or the fixed words of its code. Never NULL. */
const char *sr_err_peer_text(const sr_err *err);

#endif
