/* place.h: the name of a place in the code of this process. */
#ifndef SEALROOM_TESTS_PLACE_H
#define SEALROOM_TESTS_PLACE_H

#include <stddef.h>
#include <stdint.h>

/* The function, static ones of this program included: "fe_mul"; and how far into it `place` is. Of a library: the nearest
 * exported name before it. Where nothing is known, "?" and the place itself. */
void place_function(char *out, size_t size, uint64_t *offset, uint64_t place);

#endif
