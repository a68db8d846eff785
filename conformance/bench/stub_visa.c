/* SPDX-License-Identifier: MIT
 * libvisa_stub.so: every call returns at once with fixed data, without an instrument. It shows what
 * the program that uses it (PyVISA) costs by itself. Never installed. */
#include <string.h>

#include "conformance/bench/canned_visa.h"
#include "conformance/bench/floor_data.h"

ViStatus wire_open(struct canned_session* session, const char* host, unsigned port) {
  (void)host;
  (void)port;
  session->fd = -1;
  return VI_SUCCESS;
}

void wire_close(struct canned_session* session) {
  (void)session;
}

ViStatus viRead(ViSession vi, ViPBuf buf, ViUInt32 cnt, ViPUInt32 retCnt) {
  static const char reply[] = FLOOR_IDENTITY;
  const ViUInt32 size = cnt < sizeof reply - 1 ? cnt : (ViUInt32)(sizeof reply - 1);
  if (canned_find(vi) == NULL) return VI_ERROR_INV_OBJECT;
  memcpy(buf, reply, size);
  if (retCnt != NULL) *retCnt = size;
  return size == sizeof reply - 1 ? VI_SUCCESS_TERM_CHAR : VI_SUCCESS_MAX_CNT;
}

ViStatus viWrite(ViSession vi, ViConstBuf buf, ViUInt32 cnt, ViPUInt32 retCnt) {
  (void)buf;
  if (canned_find(vi) == NULL) return VI_ERROR_INV_OBJECT;
  if (retCnt != NULL) *retCnt = cnt;
  return VI_SUCCESS;
}
