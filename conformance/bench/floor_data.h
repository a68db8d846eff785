/* SPDX-License-Identifier: MIT
 * What the reference server sends, defined once for both ends, so that a benchmark can check every
 * byte. */
#ifndef FREEVISA_BENCH_FLOOR_DATA_H
#define FREEVISA_BENCH_FLOOR_DATA_H

#define FLOOR_IDENTITY "FreeVISA,Reference server,0,1\n"

/* Byte at offset i of a DATA? or LINES? reply that is not a line feed; 64 values, none of them LF.
 */
#define FLOOR_PATTERN_BYTE(i) ((char)('0' + (int)((i)&63)))

/* Small enough to stay in the processor's cache, a multiple of 64. */
#define FLOOR_PATTERN_SIZE (256 * 1024)

#endif
