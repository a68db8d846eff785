/* SPDX-License-Identifier: MIT
 * What the reference servers of the message wires have in common: the start of the program, and the
 * instrument. It answers the messages of floor_server `*IDN?`, `*OPC?` and `DATA? N`, and takes any
 * other of any size without an answer. One thread. */
#ifndef FREEVISA_BENCH_FLOOR_DEVICE_H
#define FREEVISA_BENCH_FLOOR_DEVICE_H

#include <stddef.h>

enum { FLOOR_DEVICE_HEAD = 64 };

/* The message that arrives and the answer that waits. */
struct floor_device {
  char head[FLOOR_DEVICE_HEAD]; /* the first bytes of the message */
  size_t head_size;
  const char* text;        /* a short answer, or NULL: bytes of the pattern, the last one LF */
  unsigned long long left; /* bytes of the answer that are still to be sent */
  unsigned long long sent;
};

/* Evaluates --cpu N and --limit SECONDS, and makes the process end with its parent. */
void floor_device_begin(int argc, char** argv);

/* A loopback socket; a stream is listening. Ends the program if there is none. */
int floor_device_socket(int type, unsigned* port);

void floor_device_take(struct floor_device* device, const char* data, size_t size);
/* The message is complete: the answer to it takes the place of the one before. */
void floor_device_answer(struct floor_device* device);
/* The next bytes of the answer, at most `size` of those that are left: returns how many `*data`
 * has. */
size_t floor_device_next(struct floor_device* device, size_t size, const char** data);
/* Sends a header, `size` bytes of the answer (at most those that are left) and `padding` zeros, at
 * most 4. Returns 0 or a negative errno. */
int floor_device_send(struct floor_device* device, int fd, char* header, size_t header_size,
                      unsigned long long size, size_t padding);

#endif
