/* SPDX-License-Identifier: MIT */
/*
 * Formatted I/O as instrument drivers in C use it, against the multimeter and the oscilloscope of
 * the bench: once with the session set up as the templates of such drivers have it (4000 bytes,
 * both buffers flushed by every call), once as programs leave it (the defaults).
 */
#include <visa.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;

static ViStatus expect(int line, ViStatus got, ViStatus wanted) {
  if (got != wanted) {
    printf("FAILED line %d: 0x%08lX\n", line, (unsigned long)got & 0xFFFFFFFFUL);
    ++failures;
  }
  return got;
}
#define EXPECT(call, wanted) expect(__LINE__, (call), (wanted))
#define OK(call) EXPECT(call, VI_SUCCESS)

static void check(int line, int good) {
  if (!good) {
    printf("FAILED line %d\n", line);
    ++failures;
  }
}
#define CHECK(condition) check(__LINE__, (condition))

/* A driver's own printf, as many have it. */
static ViStatus send_command(ViSession vi, ViConstString format, ...) {
  va_list list;
  ViStatus status;
  va_start(list, format);
  status = viVPrintf(vi, format, list);
  va_end(list);
  return status;
}

static ViStatus ask(ViSession vi, ViConstString write_format, ViConstString read_format, ...) {
  va_list list;
  ViStatus status;
  va_start(list, read_format);
  status = viVQueryf(vi, write_format, read_format, list);
  va_end(list);
  return status;
}

static void no_instrument_error(ViSession vi) {
  ViInt32 code = -1;
  ViChar message[256];
  OK(viQueryf(vi, ":SYST:ERR?\n", "%ld,\"%256[^\"]", &code, message));
  CHECK(code == 0 && strcmp(message, "No error") == 0);
  OK(viFlush(vi, VI_READ_BUF_DISCARD));
}

/* ---- the multimeter, by a driver of the IVI template ---- */

static void driver_init(ViSession vi) {
  ViUInt32 size = 0;
  ViInt16 self_test = -1;
  ViChar maker[256], model[256];
  OK(viSetAttribute(vi, VI_ATTR_TMO_VALUE, 5000));
  OK(viSetBuf(vi, VI_READ_BUF | VI_WRITE_BUF, 4000));
  OK(viSetAttribute(vi, VI_ATTR_WR_BUF_OPER_MODE, VI_FLUSH_ON_ACCESS));
  OK(viSetAttribute(vi, VI_ATTR_RD_BUF_OPER_MODE, VI_FLUSH_ON_ACCESS));
  OK(viGetAttribute(vi, VI_ATTR_RD_BUF_SIZE, &size));
  CHECK(size == 4000);
  OK(viPrintf(vi, "%s", "*CLS\n"));
  OK(viPrintf(vi, "*RST\n"));
  OK(viPrintf(vi, "*TST?\n"));
  OK(viScanf(vi, "%hd", &self_test));
  CHECK(self_test == 0);
  OK(viQueryf(vi, "*IDN?\n", "%256[^,],%256[^,]", maker, model));
  CHECK(strcmp(maker, "FreeVISA") == 0 && strcmp(model, "Virtual Multimeter") == 0);
  OK(viQueryf(vi, "*IDN?\n", "%*[^,],%256[^,]%*T", model));
  CHECK(strcmp(model, "Virtual Multimeter") == 0);
}

static void driver_measure(ViSession vi) {
  ViReal64 range = 0, reading = 0;
  float single = 0;
  ViReal64 readings[100];
  ViInt32 count = 100, i;
  OK(send_command(vi, "CONF:VOLT:DC %.6lE\n", 10.0));
  OK(ask(vi, "VOLT:RANG?\n", "%lf", &range));
  CHECK(range == 10.0);
  OK(viQueryf(vi, "READ?\n", "%Le", &reading));
  CHECK(fabs(reading - 4.99871) < 1e-3);
  OK(viQueryf(vi, "MEAS:%s? %@3lf\n", "%f", "VOLT:DC", 10.0, &single));
  CHECK(fabs(single - 4.99871) < 1e-3);
  OK(viPrintf(vi, "SAMP:COUN %ld\n", (ViInt32)100));
  OK(viQueryf(vi, "READ?\n", "%,100lf", readings));
  for (i = 0; i < 100; ++i) {
    CHECK(fabs(readings[i] - 4.99871) < 1e-3);
  }
  memset(readings, 0, sizeof readings);
  OK(viQueryf(vi, "READ?\n", "%,#lf", &count, readings));
  CHECK(count == 100 && fabs(readings[99] - 4.99871) < 1e-3);
  count = 7;
  OK(viQueryf(vi, "READ?\n", "%,#lf", &count, readings));
  CHECK(count == 7);
  OK(viPrintf(vi, "SAMP:COUN %hd\n", 1));
  no_instrument_error(vi);
}

/* ---- the oscilloscope, by a program that leaves the buffers as they are ---- */

static void conversation(ViSession vi) {
  ViChar line[256], command[256];
  ViByte byte;
  ViUInt32 done = 0;
  ViReal64 scale = 0;
  ViInt32 number = -1;
  OK(viPrintf(vi, "*ID"));
  OK(viPrintf(vi, "N?\n"));
  OK(viScanf(vi, "%t", line));
  CHECK(strncmp(line, "FreeVISA,Virtual Osc", 20) == 0 && line[strlen(line) - 1] == '\n');
  OK(viQueryf(vi, "*IDN?\n", "%T", command));
  CHECK(strcmp(line, command) == 0);
  OK(viSPrintf(vi, (ViPBuf)command, "CHAN%d:SCAL %.3lE", 1, 0.4));
  CHECK(strcmp(command, "CHAN1:SCAL 4.000E-01") == 0);
  OK(viPrintf(vi, "%s\n", command));
  OK(viQueryf(vi, "CHAN1:SCAL?\n", "%lf", &scale));
  CHECK(fabs(scale - 0.4) < 1e-12);
  OK(viScanf(vi, "%*t"));
  OK(viBufWrite(vi, (ViConstBuf) "*OPC?\n", 6, &done));
  CHECK(done == 6);
  OK(viFlush(vi, VI_WRITE_BUF));
  EXPECT(viBufRead(vi, &byte, 1, &done), VI_SUCCESS_MAX_CNT);
  CHECK(done == 1 && byte == '1');
  /* The last byte: END tells it where the wire has one, which beats the termination character. */
  OK(viGetAttribute(vi, VI_ATTR_RSRC_CLASS, line));
  EXPECT(viBufRead(vi, &byte, 1, &done),
         strcmp(line, "SOCKET") == 0 ? VI_SUCCESS_TERM_CHAR : VI_SUCCESS);
  OK(viPrintf(vi, "this is never sent"));
  OK(viFlush(vi, VI_WRITE_BUF_DISCARD | VI_READ_BUF_DISCARD));
  OK(viQueryf(vi, "*OPC?\n", "%ld", &number));
  CHECK(number == 1);
  OK(viSScanf(vi, (ViConstBuf) "+1.5E3,#HFF", "%lf,%ld", &scale, &number));
  CHECK(scale == 1500.0 && number == 255);
  EXPECT(viPrintf(vi, "*RST%k\n", 1), VI_ERROR_INV_FMT);
  EXPECT(viQueryf(vi, "*IDN?\n", "%d%q", &number, &number), VI_ERROR_INV_FMT);
  no_instrument_error(vi);
}

#define POINTS 100000

static void waveforms(ViSession vi) {
  ViInt16* words = (ViInt16*)malloc(POINTS * sizeof(ViInt16));
  float* singles = (float*)malloc(POINTS * sizeof(float));
  ViReal64* doubles = (ViReal64*)malloc(POINTS * sizeof(ViReal64));
  ViInt32 count = POINTS, type = -1, points = 0, i;
  ViReal64 step = 0, zero = 1, reference = -1, interval = 0;
  double largest = 0;
  if (words == NULL || singles == NULL || doubles == NULL) {
    CHECK(0);
    return;
  }
  OK(viPrintf(vi, "WAV:POIN %ld;FORM %s;BYT %s\n", (ViInt32)POINTS, "WORD", "MSBF"));
  OK(viQueryf(vi, "WAV:PRE?\n", "%ld,%*d,%ld,%*d,%lf,%*f,%*f,%lf,%lf,%lf", &type, &points,
              &interval, &step, &zero, &reference));
  CHECK(type == 1 && points == POINTS && interval > 0 && step > 0 && zero == 0 && reference == 0);
  OK(viQueryf(vi, "WAV:DATA?\n", "%#hb", &count, words));
  CHECK(count == POINTS);
  OK(viPrintf(vi, "WAV:FORM REAL\n"));
  count = POINTS;
  OK(viQueryf(vi, "WAV:DATA?\n", "%#zb", &count, singles));
  CHECK(count == POINTS);
  for (i = 0; i < POINTS; ++i) {
    const double here = fabs((double)singles[i] - words[i] * step);
    largest = here > largest ? here : largest;
  }
  CHECK(largest < 0.1);
  OK(viPrintf(vi, "WAV:FORM ASC\n"));
  OK(viQueryf(vi, "WAV:DATA?\n", "%,100000lf", doubles));
  largest = 0;
  for (i = 0; i < POINTS; ++i) {
    const double here = fabs(doubles[i] - (double)singles[i]);
    largest = here > largest ? here : largest;
  }
  CHECK(largest < 1e-5);
  count = 10; /* the rest of the block is read and dropped */
  OK(viPrintf(vi, "WAV:FORM WORD\n"));
  OK(viQueryf(vi, "WAV:DATA?\n", "%#hb%*t", &count, words));
  CHECK(count == 10);
  no_instrument_error(vi);
  free(words);
  free(singles);
  free(doubles);
}

int main(void) {
  ViSession rm = VI_NULL, meter = VI_NULL, scope = VI_NULL;
  OK(viOpenDefaultRM(&rm));
  if (OK(viOpen(rm, "dmm", VI_LOAD_CONFIG, 2000, &meter)) == VI_SUCCESS) {
    driver_init(meter);
    driver_measure(meter);
  }
  if (OK(viOpen(rm, "scope", VI_LOAD_CONFIG, 2000, &scope)) == VI_SUCCESS) {
    conversation(scope);
    waveforms(scope);
  }
  OK(viClose(rm));
  EXPECT(viPrintf(scope, "*CLS\n"), VI_ERROR_INV_OBJECT);
  printf(failures == 0 ? "all done\n" : "%d steps failed\n", failures);
  return failures != 0;
}
