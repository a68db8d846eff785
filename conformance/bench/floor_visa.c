/* SPDX-License-Identifier: MIT
 * libvisa_floor.so ("floorvisa"): the VISA functions with the floor client's system calls. No
 * libvisa can be faster. It searches for the termination character, because the caller cannot know
 * where a line ends. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "conformance/bench/canned_visa.h"
#include "conformance/bench/floor_client.h"

/* The most bytes of one receive while the termination character is on, so that they are searched
 * while still in the cache. Measured on 64 MB: with 64 and 128 KB the ratio to the floor is 1.3,
 * with 256 KB to 1 MB 1.07 to 1.1, without a limit 1.15. */
enum { kPiece = 512 * 1024 };

ViStatus wire_open(struct canned_session* session, const char* host, unsigned port) {
  session->applied_timeout = session->timeout;
  session->fd = floor_open(host, port, session->timeout);
  return session->fd >= 0 ? VI_SUCCESS : VI_ERROR_RSRC_NFOUND;
}

void wire_close(struct canned_session* session) {
  floor_close(session->fd);
  free(session->pending);
  session->pending = NULL;
}

static ViStatus status_of(int error) {
  return error == EAGAIN ? VI_ERROR_TMO : error == ECONNRESET ? VI_ERROR_CONN_LOST : VI_ERROR_IO;
}

static void apply_timeout(struct canned_session* session) {
  struct timeval limit;
  if (session->timeout == session->applied_timeout) return;
  memset(&limit, 0, sizeof limit);
  if (session->timeout != VI_TMO_INFINITE) {
    limit.tv_sec = session->timeout / 1000;
    limit.tv_usec = session->timeout % 1000 * 1000;
  }
  setsockopt(session->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(session->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  session->applied_timeout = session->timeout;
}

/* Puts bytes into `to`: those kept from before, or else from one receive. Returns the count, or
 * -errno. */
static ssize_t take(struct canned_session* session, ViByte* to, size_t room) {
  ssize_t n;
  if (session->pending != NULL) {
    const size_t kept = session->pending_end - session->pending_at;
    const size_t size = kept < room ? kept : room;
    memcpy(to, session->pending + session->pending_at, size);
    session->pending_at += size;
    if (size == kept) {
      free(session->pending);
      session->pending = NULL;
    }
    return (ssize_t)size;
  }
  if (session->termchar_en && room > kPiece) room = kPiece;
  do {
    n = recv(session->fd, to, room, session->timeout == VI_TMO_IMMEDIATE ? MSG_DONTWAIT : 0);
  } while (n < 0 && errno == EINTR);
  return n > 0 ? n : n == 0 ? -ECONNRESET : -errno;
}

/* Puts back what arrived after the termination character. */
static int keep(struct canned_session* session, const ViByte* data, size_t size) {
  if (size == 0) return 1;
  if (session->pending != NULL) { /* then the bytes were copied from right before pending_at */
    session->pending_at -= size;
    return 1;
  }
  session->pending = malloc(size);
  if (session->pending == NULL) return 0;
  memcpy(session->pending, data, size);
  session->pending_at = 0;
  session->pending_end = size;
  return 1;
}

ViStatus viRead(ViSession vi, ViPBuf buf, ViUInt32 cnt, ViPUInt32 retCnt) {
  struct canned_session* session = canned_find(vi);
  size_t got = 0;
  ViStatus status = VI_SUCCESS_MAX_CNT;
  if (session == NULL) return VI_ERROR_INV_OBJECT;
  apply_timeout(session);
  while (got < cnt) {
    const ssize_t n = take(session, buf + got, cnt - got);
    const ViByte* found = NULL;
    if (n < 0) {
      status = status_of((int)-n);
      break;
    }
    if (session->termchar_en) found = memchr(buf + got, session->termchar, (size_t)n);
    if (found != NULL) {
      const size_t used = (size_t)(found - buf) + 1;
      status =
          keep(session, found + 1, got + (size_t)n - used) ? VI_SUCCESS_TERM_CHAR : VI_ERROR_ALLOC;
      got = used;
      break;
    }
    got += (size_t)n;
  }
  if (retCnt != NULL) *retCnt = (ViUInt32)got;
  return status;
}

ViStatus viWrite(ViSession vi, ViConstBuf buf, ViUInt32 cnt, ViPUInt32 retCnt) {
  struct canned_session* session = canned_find(vi);
  ssize_t n;
  if (session == NULL) return VI_ERROR_INV_OBJECT;
  apply_timeout(session);
  n = floor_send(session->fd, buf, cnt);
  if (retCnt != NULL) *retCnt = n < 0 ? 0 : (ViUInt32)n;
  return n < 0 ? status_of((int)-n) : VI_SUCCESS;
}
