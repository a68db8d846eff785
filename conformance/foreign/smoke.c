/* SPDX-License-Identifier: MIT */
/* smoke PORT FILE: talks to the server of run.py and prints what must be the same on every machine:
 * statuses, values with the memory around them, texts. FILE has 3 GiB. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <visa.h>

#define SHOW(call) printf("%-28s %08lx\n", #call, (unsigned long)(call)&0xFFFFFFFFUL)

static void attributes(ViSession vi) {
  ViUInt8 byte[2] = {0xAA, 0xAA};
  ViUInt16 word[2] = {0xAAAA, 0xAAAA};
  ViUInt32 number[2] = {0xAAAAAAAA, 0xAAAAAAAA};
  ViUInt64 wide = 0;
  ViAttrState state = 0;
  ViChar text[256];

  SHOW(viSetAttribute(vi, VI_ATTR_TERMCHAR, '\n'));
  SHOW(viSetAttribute(vi, VI_ATTR_TERMCHAR_EN, VI_TRUE));
  SHOW(viSetAttribute(vi, VI_ATTR_TERMCHAR_EN, 7));
  SHOW(viSetAttribute(vi, VI_ATTR_TMO_VALUE, (ViAttrState)-1));
  SHOW(viGetAttribute(vi, VI_ATTR_TMO_VALUE, number));
  printf("  %08lx %08lx\n", (unsigned long)number[0], (unsigned long)number[1]);
  SHOW(viSetAttribute(vi, VI_ATTR_TMO_VALUE, 20000));
  SHOW(viGetAttribute(vi, VI_ATTR_TERMCHAR, byte));
  printf("  %02x %02x\n", byte[0], byte[1]);
  SHOW(viGetAttribute(vi, VI_ATTR_TERMCHAR_EN, word));
  printf("  %04x %04x\n", word[0], word[1]);
  SHOW(viGetAttribute(vi, VI_ATTR_INTF_TYPE, word));
  SHOW(viGetAttribute(vi, VI_ATTR_RSRC_MANF_ID, word));
  printf("  %04x %04x\n", word[0], word[1]);
  SHOW(viGetAttribute(vi, VI_ATTR_RSRC_CLASS, text));
  printf("  %s\n", text);

  /* RULE 3.2.10: the twins are one value. */
  SHOW(viSetAttribute(vi, VI_ATTR_USER_DATA_32, 5));
  SHOW(viGetAttribute(vi, VI_ATTR_USER_DATA_64, &wide));
  printf("  %lu\n", (unsigned long)wide);
  SHOW(viSetAttribute(vi, VI_ATTR_USER_DATA_64, 7));
  SHOW(viGetAttribute(vi, VI_ATTR_USER_DATA_32, number));
  printf("  %lu %08lx\n", (unsigned long)number[0], (unsigned long)number[1]);
  SHOW(viSetAttribute(vi, VI_ATTR_USER_DATA, 0x12345678));
  SHOW(viGetAttribute(vi, VI_ATTR_USER_DATA, &state));
  printf("  %lx\n", (unsigned long)state);
}

static void printing(ViSession vi) {
  ViInt16 shorts[4] = {1, -2, 300, 0x1234};
  ViReal64 doubles[2] = {1.5, -2.25};
  ViReal32 floats[2] = {1.5F, -3};
  ViChar text[256];

  SHOW(viPrintf(vi, "A %d %ld %hd %lf %Lg %c %s %#x\n", -5, (ViInt32)-6, 7, 8.25, 9.5, 'z', "str",
                255));
  SHOW(viPrintf(vi, "B %,*hd\n", 4, shorts));
  SHOW(viPrintf(vi, "C %4b\n", "\001\002\003\004"));
  SHOW(viPrintf(vi, "D %4hb\n", shorts));
  SHOW(viPrintf(vi, "E %4!olhb\n", shorts));
  SHOW(viPrintf(vi, "F %2zb\n", floats));
  SHOW(viPrintf(vi, "G %2Zb\n", doubles));
  SHOW(viPrintf(vi, "H %@1d %@2d %@Hd\n", 3, 1000, 10));
  SHOW(viSPrintf(vi, (ViPBuf)text, "%.15lg %le %@3d", 0.1, 1e-310, 5));
  printf("  %s\n", text);
}

static void scanning(ViSession vi) {
  ViInt32 count = 4;
  ViInt32 numbers[4] = {0, 0, 0, 0};
  ViInt16 shorts[4] = {0, 0, 0, 0};
  ViReal64 wide = 0;
  ViReal32 narrow = 0;
  int plain = 0;
  short half = 0;
  char letter = 0;

  SHOW(viQueryf(vi, "NUM?\n", "%,#ld", &count, numbers));
  printf("  %ld: %ld %ld %ld\n", (long)count, (long)numbers[0], (long)numbers[1], (long)numbers[2]);
  count = 4;
  SHOW(viQueryf(vi, "BLK?\n", "%#hb", &count, shorts));
  printf("  %ld: %04x %04x\n", (long)count, (unsigned)shorts[0] & 0xFFFFU,
         (unsigned)shorts[1] & 0xFFFFU);
  count = 4;
  SHOW(viQueryf(vi, "BLK?\n", "%#lb", &count, numbers));
  printf("  %ld: %08lx\n", (long)count, (unsigned long)numbers[0] & 0xFFFFFFFFUL);
  count = 4;
  SHOW(viQueryf(vi, "BLK?\n", "%#!ollb", &count, numbers));
  printf("  %ld: %08lx\n", (long)count, (unsigned long)numbers[0] & 0xFFFFFFFFUL);
  SHOW(viQueryf(vi, "FLT?\n", "%lf,%f", &wide, &narrow));
  printf("  %.17g %.9g\n", wide, (double)narrow);
  SHOW(viSScanf(vi, (ViBuf) "#HFF 77 x", "%d %hd %c", &plain, &half, &letter));
  printf("  %d %d %c\n", plain, half, letter);
}

static void names(ViSession rm) {
  ViUInt16 type = 0;
  ViUInt16 number = 0;
  ViChar text[256];

  SHOW(viParseRsrcEx(rm, "GPIB3::22::INSTR", &type, &number, text, VI_NULL, VI_NULL));
  printf("  %u %u %s\n", type, number, text);
  SHOW(viParseRsrc(rm, "TCPIP::", &type, &number));
}

int main(int count, char** arguments) {
  ViSession rm = VI_NULL;
  ViSession vi = VI_NULL;
  ViUInt32 written = 0;
  ViChar name[100];

  if (count != 3) return 2;
  snprintf(name, sizeof name, "TCPIP::127.0.0.1::%s::SOCKET", arguments[1]);
  SHOW(viOpenDefaultRM(&rm));
  SHOW(viOpen(rm, name, VI_NULL, 20000, &vi));
  attributes(vi);
  printing(vi);
  scanning(vi);
  names(rm);
  SHOW(viWriteFromFile(vi, arguments[2], 4, &written));
  printf("  %lu\n", (unsigned long)written);
  SHOW(viClose(vi));
  SHOW(viClose(rm));
  return 0;
}
