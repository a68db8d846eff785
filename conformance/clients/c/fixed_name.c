/* SPDX-License-Identifier: MIT */
/*
 * A program as it was written for an oscilloscope on GPIB, address 2: the name is fixed, messages
 * have no line feed, answers end by END, the waveform is a block read with one viRead. The
 * configuration has that instrument on the network instead.
 */
#include <stdio.h>
#include <string.h>

#include "visa.h"

#define NAME "GPIB0::2::INSTR"
#define POINTS 4000 /* of two bytes */

static ViSession rm, scope;
static unsigned char answer[100000];

static int failed(const char* step, ViStatus status) {
  ViChar text[256];
  text[0] = '\0';
  viStatusDesc(VI_NULL, status, text);
  printf("FAILED %s: 0x%08lX %s\n", step, (unsigned long)status & 0xFFFFFFFFUL, text);
  return 1;
}

/* Many programs know no other good status than VI_SUCCESS. */
static ViUInt32 ask(const char* question) {
  ViUInt32 count = 0;
  ViStatus status = viWrite(scope, (ViConstBuf)question, (ViUInt32)strlen(question), &count);
  if (status != VI_SUCCESS || count != strlen(question)) {
    failed(question, status);
    return 0;
  }
  status = viRead(scope, answer, sizeof answer - 1, &count);
  if (status != VI_SUCCESS) {
    failed(question, status);
    return 0;
  }
  answer[count] = '\0';
  return count;
}

int main(void) {
  ViFindList list;
  ViUInt32 found = 0, count, i;
  ViUInt16 type = 0, board = 99;
  ViChar name[VI_FIND_BUFLEN];
  ViStatus status;
  double scale = 0;
  int line_feeds = 0;

  status = viOpenDefaultRM(&rm);
  if (status != VI_SUCCESS) return failed("viOpenDefaultRM", status);
  status = viFindRsrc(rm, "GPIB[0-9]*::?*INSTR", &list, &found, name);
  if (status != VI_SUCCESS || found != 1 || strcmp(name, NAME) != 0) {
    return failed("viFindRsrc", status);
  }
  viClose(list);
  status = viParseRsrc(rm, NAME, &type, &board);
  if (status != VI_SUCCESS || type != VI_INTF_GPIB || board != 0) {
    return failed("viParseRsrc", status);
  }
  status = viOpen(rm, NAME, VI_NULL, VI_NULL, &scope);
  if (status != VI_SUCCESS) return failed("viOpen", status);
  viSetAttribute(scope, VI_ATTR_TMO_VALUE, 10000);
  viClear(scope);

  if (ask("*IDN?") == 0) return 1;
  printf("%s", (char*)answer);
  status = viPrintf(scope, "TIM:SCAL 0.002;SCAL?");
  if (status == VI_SUCCESS) status = viFlush(scope, VI_WRITE_BUF);
  if (status == VI_SUCCESS) status = viScanf(scope, "%lf", &scale);
  if (status != VI_SUCCESS) return failed("viScanf", status);

  count = (ViUInt32)strlen("WAV:POIN 4000;FORM WORD");
  status = viWrite(scope, (ViConstBuf) "WAV:POIN 4000;FORM WORD", count, &count);
  if (status != VI_SUCCESS) return failed("viWrite", status);
  count = ask("CURV?");
  for (i = 0; i + 1 < count; ++i) line_feeds += answer[i] == '\n';
  if (count != 2 + 4 + 2 * POINTS + 1 || memcmp(answer, "#48000", 6) != 0 || line_feeds == 0) {
    printf("FAILED the waveform: %lu bytes, %d line feeds inside\n", (unsigned long)count,
           line_feeds);
    return 1;
  }
  if (ask("*OPC?") != 2 || answer[0] != '1') return failed("the answer after the waveform", 0);
  viClose(scope);
  viClose(rm);
  printf("all done\n");
  return 0;
}
