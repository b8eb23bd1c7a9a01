/*
 * cell_render.h: a typed value as the text that decrypting to CSV shows (C3R-FORMAT 1.12).
 *
 *     integers    decimal                         BOOLEAN    true, false
 *     DATE        2022-01-08; years past 9999 as +10000-01-01, before 0 as -0001-01-01 (ISO 8601)
 *     DECIMAL     its text                        STRING, CHAR, VARCHAR   their text
 *     TIMESTAMP   2023-11-14 22:13:20.123456; nanoseconds are cut (towards the past) to
 * microseconds DOUBLE, FLOAT   Java's text: 0.001 to below 10^7 plain ("9999999.0"), else "1.0E22";
 * NaN, Infinity
 *
 * Against the Java client: a TIMESTAMP that is not UTC is shown as it is stored (Java shifts it by
 * the machine's zone), and years before 1 are ISO years (Java prints era years without saying so).
 * Floating point text is the shortest of at least two digits that reads back as the same number
 * *and* is not exactly half-way to its neighbour: what JDK 17 prints for all vectors, among
 * them 9.999999999999999E22. Where JDK 17 prints a digit too many, ours is shorter and reads back
 * the same.
 *
 * Rendering is for the owner's eyes: it branches on values.
 */
#ifndef SEALROOM_CRYPTO_CELL_RENDER_H
#define SEALROOM_CRYPTO_CELL_RENDER_H

#include "cell_value.h"

/* Appends the text of a value that is not NULL (asserted). */
sr_result cell_render(sr_buf *out, const cell_value *value, sr_err *err) SR_MUST_USE;

#endif
