/* SPDX-License-Identifier: MIT */
/* A program as a user writes it: opens the library, asks who made it, parses a name, closes. */
#include <stdio.h>
#include <string.h>
#include <visa.h>

int main(void) {
  ViSession rm = VI_NULL;
  ViVersion version = 0;
  ViUInt16 type = 0;
  ViUInt16 number = 0;
  ViChar maker[256] = "";
  ViChar text[256] = "";

  if (viOpenDefaultRM(&rm) < VI_SUCCESS) return 1;
  if (viGetAttribute(rm, VI_ATTR_RSRC_MANF_NAME, maker) < VI_SUCCESS || maker[0] == '\0') return 2;
  if (viGetAttribute(rm, VI_ATTR_RSRC_SPEC_VERSION, &version) < VI_SUCCESS) return 3;
  if (version != VI_SPEC_VERSION) return 4;
  if (viParseRsrc(rm, "TCPIP0::192.0.2.1::5025::SOCKET", &type, &number) < VI_SUCCESS) return 5;
  if (type != VI_INTF_TCPIP || number != 0) return 6;
  if (viParseRsrc(rm, "nonsense", &type, &number) != VI_ERROR_INV_RSRC_NAME) return 7;
  if (viStatusDesc(rm, VI_ERROR_TMO, text) < VI_SUCCESS || text[0] == '\0') return 8;
  if (viClose(rm) != VI_SUCCESS) return 9;
  printf("%s, VISA %lu.%lu: %s\n", maker, (unsigned long)VI_VERSION_MAJOR(version),
         (unsigned long)VI_VERSION_MINOR(version), text);
  return 0;
}
