/* SPDX-License-Identifier: MIT
 * What libvisa_floor.so and libvisa_stub.so share: sessions in an array, and the few attributes and
 * functions that PyVISA uses at open and close, without anything that costs time. They are tools
 * for measuring with one thread and not VISA libraries: they have no locks and check only handles.
 * Never installed. */
#ifndef FREEVISA_BENCH_CANNED_VISA_H
#define FREEVISA_BENCH_CANNED_VISA_H

#include <stddef.h>
#include <visa.h>

struct canned_session {
  int open;
  int fd; /* of the floor client; unused by the stub */
  ViUInt32 timeout;
  ViUInt32 applied_timeout; /* what the socket was told last */
  ViUInt8 termchar;
  ViBoolean termchar_en;
  char* pending; /* received behind a termination character */
  size_t pending_at;
  size_t pending_end;
  ViChar name[VI_FIND_BUFLEN];
};

/* The session of a handle; null if there is none. */
struct canned_session* canned_find(ViSession vi);

/* Each of the two libraries defines these: connect and disconnect. */
ViStatus wire_open(struct canned_session* session, const char* host, unsigned port);
void wire_close(struct canned_session* session);

#endif
