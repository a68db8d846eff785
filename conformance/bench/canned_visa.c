/* SPDX-License-Identifier: MIT */
#include "conformance/bench/canned_visa.h"

#include <stdio.h>
#include <string.h>

enum { kMaxSessions = 8192, kManager = 1, kFirstSession = 2 };

static struct canned_session sessions[kMaxSessions];
static ViSession never_used = kFirstSession; /* sessions from here on were never open */

struct canned_session* canned_find(ViSession vi) {
  if (vi < kFirstSession || vi >= never_used) return NULL;
  return sessions[vi - kFirstSession].open ? &sessions[vi - kFirstSession] : NULL;
}

/* Parses TCPIP[board]::host::port::SOCKET, the only kind of name that is supported here. */
static int parse(const char* name, unsigned* board, char host[64], unsigned* port) {
  int end = 0;
  *board = 0;
  if (sscanf(name, "TCPIP::%63[^:]::%u::SOCKET%n", host, port, &end) == 2 && end > 0) {
    return name[end] == '\0';
  }
  return sscanf(name, "TCPIP%u::%63[^:]::%u::SOCKET%n", board, host, port, &end) == 3 && end > 0 &&
         name[end] == '\0';
}

ViStatus viOpenDefaultRM(ViPSession vi) {
  *vi = kManager;
  return VI_SUCCESS;
}

ViStatus viOpen(ViSession sesn, ViConstRsrc name, ViAccessMode mode, ViUInt32 timeout,
                ViPSession vi) {
  char host[64];
  unsigned board;
  unsigned port;
  ViSession at = kFirstSession;
  struct canned_session* session;
  ViStatus status;
  (void)mode;
  (void)timeout;
  if (sesn != kManager) return VI_ERROR_INV_OBJECT;
  if (!parse(name, &board, host, &port)) return VI_ERROR_INV_RSRC_NAME;
  if (never_used < kFirstSession + kMaxSessions) {
    at = never_used;
  } else {
    while (at < never_used && canned_find(at) != NULL) ++at;
    if (at == never_used) return VI_ERROR_ALLOC;
  }
  session = &sessions[at - kFirstSession];
  memset(session, 0, sizeof *session);
  session->timeout = 2000;
  session->termchar = '\n';
  snprintf(session->name, sizeof session->name, "TCPIP%u::%s::%u::SOCKET", board, host, port);
  status = wire_open(session, host, port);
  if (status != VI_SUCCESS) return status;
  session->open = 1;
  if (at == never_used) ++never_used;
  *vi = at;
  return VI_SUCCESS;
}

static void close_session(struct canned_session* session) {
  wire_close(session);
  session->open = 0;
  while (never_used > kFirstSession && !sessions[never_used - 1 - kFirstSession].open) --never_used;
}

ViStatus viClose(ViObject vi) {
  struct canned_session* session = canned_find(vi);
  if (vi == kManager) {
    for (vi = never_used; vi-- > kFirstSession;) {
      session = canned_find(vi);
      if (session != NULL) close_session(session);
    }
    return VI_SUCCESS;
  }
  if (session == NULL) return VI_ERROR_INV_OBJECT;
  close_session(session);
  return VI_SUCCESS;
}

ViStatus viGetAttribute(ViObject vi, ViAttr attrName, void* attrValue) {
  const struct canned_session* session = canned_find(vi);
  if (session == NULL) return VI_ERROR_INV_OBJECT;
  switch (attrName) {
    case VI_ATTR_TMO_VALUE:
      *(ViUInt32*)attrValue = session->timeout;
      return VI_SUCCESS;
    case VI_ATTR_TERMCHAR:
      *(ViUInt8*)attrValue = session->termchar;
      return VI_SUCCESS;
    case VI_ATTR_TERMCHAR_EN:
      *(ViBoolean*)attrValue = session->termchar_en;
      return VI_SUCCESS;
    case VI_ATTR_INTF_TYPE:
      *(ViUInt16*)attrValue = VI_INTF_TCPIP;
      return VI_SUCCESS;
    case VI_ATTR_INTF_NUM:
      *(ViUInt16*)attrValue = 0;
      return VI_SUCCESS;
    case VI_ATTR_RSRC_CLASS:
      strcpy(attrValue, "SOCKET");
      return VI_SUCCESS;
    case VI_ATTR_RSRC_NAME:
      strcpy(attrValue, session->name);
      return VI_SUCCESS;
    default:
      return VI_ERROR_NSUP_ATTR;
  }
}

ViStatus viSetAttribute(ViObject vi, ViAttr attrName, ViAttrState attrValue) {
  struct canned_session* session = canned_find(vi);
  if (session == NULL) return VI_ERROR_INV_OBJECT;
  switch (attrName) {
    case VI_ATTR_TMO_VALUE:
      session->timeout = (ViUInt32)attrValue;
      return VI_SUCCESS;
    case VI_ATTR_TERMCHAR:
      session->termchar = (ViUInt8)attrValue;
      return VI_SUCCESS;
    case VI_ATTR_TERMCHAR_EN:
      session->termchar_en = (ViBoolean)attrValue;
      return VI_SUCCESS;
    default:
      return VI_ERROR_NSUP_ATTR;
  }
}

ViStatus viParseRsrcEx(ViSession rmSesn, ViConstRsrc rsrcName, ViPUInt16 intfType,
                       ViPUInt16 intfNum, ViChar rsrcClass[], ViChar expandedUnaliasedName[],
                       ViChar aliasIfExists[]) {
  char host[64];
  unsigned board;
  unsigned port;
  if (rmSesn != kManager) return VI_ERROR_INV_OBJECT;
  if (!parse(rsrcName, &board, host, &port)) return VI_ERROR_INV_RSRC_NAME;
  *intfType = VI_INTF_TCPIP;
  *intfNum = (ViUInt16)board;
  if (rsrcClass != NULL) strcpy(rsrcClass, "SOCKET");
  if (expandedUnaliasedName != NULL) {
    snprintf(expandedUnaliasedName, VI_FIND_BUFLEN, "TCPIP%u::%s::%u::SOCKET", board, host, port);
  }
  if (aliasIfExists != NULL) aliasIfExists[0] = '\0';
  return VI_SUCCESS;
}

ViStatus viParseRsrc(ViSession rmSesn, ViConstRsrc rsrcName, ViPUInt16 intfType,
                     ViPUInt16 intfNum) {
  return viParseRsrcEx(rmSesn, rsrcName, intfType, intfNum, NULL, NULL, NULL);
}

ViStatus viFindRsrc(ViSession sesn, ViConstString expr, ViPFindList vi, ViPUInt32 retCnt,
                    ViChar desc[]) {
  (void)expr;
  (void)vi;
  (void)desc;
  if (retCnt != NULL) *retCnt = 0;
  return sesn == kManager ? VI_ERROR_RSRC_NFOUND : VI_ERROR_INV_OBJECT;
}

ViStatus viStatusDesc(ViObject vi, ViStatus status, ViChar desc[]) {
  (void)vi;
  snprintf(desc, VI_FIND_BUFLEN, "status 0x%08X", (unsigned)status);
  return VI_SUCCESS;
}

ViStatus viDisableEvent(ViSession vi, ViEventType eventType, ViUInt16 mechanism) {
  (void)vi;
  (void)eventType;
  (void)mechanism;
  return VI_SUCCESS;
}

ViStatus viDiscardEvents(ViSession vi, ViEventType eventType, ViUInt16 mechanism) {
  (void)vi;
  (void)eventType;
  (void)mechanism;
  return VI_SUCCESS;
}
