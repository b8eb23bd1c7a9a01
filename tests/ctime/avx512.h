/*
 * avx512.h: the registers that instructions of AVX-512 form addresses from. Capstone 4 knows only some of these
 * instructions; but all of them say it in the same bits (Intel's manual, volume 2, section 2.7), whatever they do:
 *
 *     62  P0 = R X B R' 0 m m m  P1  P2  opcode  ModRM  [SIB]  ...
 *
 * mmm is the map of opcodes (1: 0F, 2: 0F38, 3: 0F3A); R, X and B extend register numbers and are stored inverted.
 */
#ifndef SEALROOM_TESTS_AVX512_H
#define SEALROOM_TESTS_AVX512_H

#include "instruction.h"

/* False, with nothing written, when the code begins with no instruction of AVX-512; else operands and length are filled in, or
 * why it is refused. */
bool avx512_decode(instruction *out, const uint8_t *code);

#endif
