/* SPDX-License-Identifier: MIT */
/*
 * find, parse, open, *IDN?, a waveform of 10 MB, attributes, locks, close: what programs do with
 * the oscilloscope of the bench. Uses the alias "scope" and "TCPIP?*SOCKET" from the configuration.
 */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS 5000000UL /* of two bytes */
#define BLOCK (2UL * POINTS)

static int failures = 0;

/* One step: what it is, what it should answer. */
static int expect(const struct visa_calls* visa, ViObject vi, const char* step, ViStatus got,
                  ViStatus wanted) {
  ViChar text[256];
  if (got == wanted) {
    return 1;
  }
  text[0] = '\0';
  visa->status_desc(vi, got, text);
  printf("FAILED %s: 0x%08lX, not 0x%08lX: %s\n", step, (unsigned long)got & 0xFFFFFFFFUL,
         (unsigned long)wanted & 0xFFFFFFFFUL, text);
  ++failures;
  return 0;
}

static int check(const char* step, int good) {
  if (!good) {
    printf("FAILED %s\n", step);
    ++failures;
  }
  return good;
}

static int tell(const struct visa_calls* visa, ViSession vi, const char* text) {
  ViUInt32 done = 0;
  ViUInt32 size = (ViUInt32)strlen(text);
  return expect(visa, vi, text, visa->write(vi, (ViConstBuf)text, size, &done), VI_SUCCESS) &&
         check("viWrite takes all", done == size);
}

static int find(const struct visa_calls* visa, ViSession rm) {
  ViChar desc[VI_FIND_BUFLEN];
  ViFindList list;
  ViUInt32 count = 0, i;
  int scopes = 0;
  if (!expect(visa, rm, "viFindRsrc", visa->find_rsrc(rm, "TCPIP?*SOCKET", &list, &count, desc),
              VI_SUCCESS)) {
    return 0;
  }
  for (i = 1; i <= count; ++i) {
    scopes += strstr(desc, "::5027::") != NULL;
    if (i < count && !expect(visa, list, "viFindNext", visa->find_next(list, desc), VI_SUCCESS)) {
      return 0;
    }
  }
  expect(visa, list, "viFindNext behind the last", visa->find_next(list, desc),
         VI_ERROR_RSRC_NFOUND);
  expect(visa, list, "viClose of the list", visa->close(list), VI_SUCCESS);
  return check("three resources, one of them the oscilloscope", count == 3 && scopes == 1);
}

static int parse(const struct visa_calls* visa, ViSession rm, ViChar expanded[]) {
  ViUInt16 type = 0, number = 9;
  ViChar rsrc_class[256], alias[256];
  expect(visa, rm, "viParseRsrc", visa->parse_rsrc(rm, "scope", &type, &number), VI_SUCCESS);
  check("an interface of type TCPIP, number 0", type == VI_INTF_TCPIP && number == 0);
  if (!expect(visa, rm, "viParseRsrcEx",
              visa->parse_rsrc_ex(rm, "scope", &type, &number, rsrc_class, expanded, alias),
              VI_SUCCESS)) {
    return 0;
  }
  expect(visa, rm, "viParseRsrc of nonsense", visa->parse_rsrc(rm, "a::b::c", &type, &number),
         VI_ERROR_INV_RSRC_NAME);
  return check("class and alias", strcmp(rsrc_class, "SOCKET") == 0 && strcmp(alias, "scope") == 0);
}

static void attributes(const struct visa_calls* visa, ViSession vi, const ViChar* expanded) {
  ViChar text[256];
  ViUInt16 port = 0;
  ViUInt32 timeout = 0;
  ViBoolean enabled = VI_FALSE;
  expect(visa, vi, "VI_ATTR_TMO_VALUE", visa->set_attribute(vi, VI_ATTR_TMO_VALUE, 20000),
         VI_SUCCESS);
  expect(visa, vi, "VI_ATTR_TERMCHAR_EN", visa->set_attribute(vi, VI_ATTR_TERMCHAR_EN, VI_TRUE),
         VI_SUCCESS);
  visa->get_attribute(vi, VI_ATTR_TMO_VALUE, &timeout);
  visa->get_attribute(vi, VI_ATTR_TERMCHAR_EN, &enabled);
  check("they read back", timeout == 20000 && enabled == VI_TRUE);
  expect(visa, vi, "VI_ATTR_TCPIP_PORT", visa->get_attribute(vi, VI_ATTR_TCPIP_PORT, &port),
         VI_SUCCESS);
  check("the port", port == 5027);
  expect(visa, vi, "VI_ATTR_RSRC_NAME", visa->get_attribute(vi, VI_ATTR_RSRC_NAME, text),
         VI_SUCCESS);
  check("the name", strcmp(text, expanded) == 0);
  expect(visa, vi, "a read-only attribute", visa->set_attribute(vi, VI_ATTR_TCPIP_PORT, 1),
         VI_ERROR_ATTR_READONLY);
  expect(visa, vi, "a serial attribute", visa->get_attribute(vi, VI_ATTR_ASRL_BAUD, &timeout),
         VI_ERROR_NSUP_ATTR);
}

static void identity(const struct visa_calls* visa, ViSession vi) {
  ViByte answer[256];
  ViUInt32 done = 0;
  if (tell(visa, vi, "*IDN?\n") &&
      expect(visa, vi, "viRead", visa->read(vi, answer, sizeof answer - 1, &done),
             VI_SUCCESS_TERM_CHAR)) {
    answer[done] = '\0';
    printf("*IDN? %s", (const char*)answer);
    check("who it is", strncmp((const char*)answer, "FreeVISA,Virtual Osc", 20) == 0);
  }
}

/* The block is read with the termination character off: its bytes are any bytes. */
static void waveform(const struct visa_calls* visa, ViSession vi) {
  ViByte head[11];
  ViByte* block = (ViByte*)malloc(BLOCK + 1);
  ViUInt32 done = 0;
  unsigned long i, feeds = 0;
  if (block == NULL) {
    check("memory for the waveform", 0);
    return;
  }
  tell(visa, vi, "WAV:POIN 5000000;FORM WORD;BYT LSBF\n");
  tell(visa, vi, "CURV?\n");
  visa->set_attribute(vi, VI_ATTR_TERMCHAR_EN, VI_FALSE);
  expect(visa, vi, "viRead of the block's header", visa->read(vi, head, 10, &done),
         VI_SUCCESS_MAX_CNT);
  head[10] = '\0';
  check("#8 and the length", strcmp((const char*)head, "#810000000") == 0);
  expect(visa, vi, "viRead of 10 MB", visa->read(vi, block, BLOCK + 1, &done), VI_SUCCESS_MAX_CNT);
  check("all of it", done == BLOCK + 1 && block[BLOCK] == '\n');
  for (i = 0; i < BLOCK; ++i) {
    feeds += block[i] == '\n';
  }
  check("bytes of every kind", feeds > 1000);
  visa->set_attribute(vi, VI_ATTR_TERMCHAR_EN, VI_TRUE);
  free(block);
}

static void locks(const struct visa_calls* visa, ViSession rm, ViSession vi) {
  ViSession other = VI_NULL, third = VI_NULL;
  ViChar key[256], again[256];
  ViUInt32 done = 0;
  expect(visa, rm, "a second viOpen", visa->open(rm, "scope", VI_NO_LOCK, 2000, &other),
         VI_SUCCESS);
  expect(visa, vi, "viLock", visa->lock(vi, VI_EXCLUSIVE_LOCK, 1000, VI_NULL, VI_NULL), VI_SUCCESS);
  expect(visa, other, "viWrite of the other", visa->write(other, (ViConstBuf) "*CLS\n", 5, &done),
         VI_ERROR_RSRC_LOCKED);
  expect(visa, rm, "viOpen with a lock", visa->open(rm, "scope", VI_EXCLUSIVE_LOCK, 0, &third),
         VI_ERROR_RSRC_LOCKED);
  expect(visa, vi, "viLock again", visa->lock(vi, VI_EXCLUSIVE_LOCK, 1000, VI_NULL, VI_NULL),
         VI_SUCCESS_NESTED_EXCLUSIVE);
  expect(visa, vi, "viUnlock", visa->unlock(vi), VI_SUCCESS_NESTED_EXCLUSIVE);
  expect(visa, vi, "the last viUnlock", visa->unlock(vi), VI_SUCCESS);
  expect(visa, vi, "viUnlock without lock", visa->unlock(vi), VI_ERROR_SESN_NLOCKED);
  expect(visa, vi, "a shared viLock", visa->lock(vi, VI_SHARED_LOCK, 1000, VI_NULL, key),
         VI_SUCCESS);
  expect(visa, other, "a shared viLock by its key",
         visa->lock(other, VI_SHARED_LOCK, 1000, key, again), VI_SUCCESS);
  check("the same key", strcmp(key, again) == 0);
  expect(visa, other, "viWrite of the other now",
         visa->write(other, (ViConstBuf) "*CLS\n", 5, &done), VI_SUCCESS);
  expect(visa, other, "viClose, the lock with it", visa->close(other), VI_SUCCESS);
  expect(visa, vi, "viUnlock of the key", visa->unlock(vi), VI_SUCCESS);
}

int do_the_job(const struct visa_calls* visa) {
  ViSession rm = VI_NULL, vi = VI_NULL;
  ViChar expanded[256];
  ViUInt32 done = 0;
  if (!expect(visa, VI_NULL, "viOpenDefaultRM", visa->open_default_rm(&rm), VI_SUCCESS) ||
      !find(visa, rm) || !parse(visa, rm, expanded) ||
      !expect(visa, rm, "viOpen", visa->open(rm, expanded, VI_NO_LOCK, 2000, &vi), VI_SUCCESS)) {
    return 1;
  }
  attributes(visa, vi, expanded);
  identity(visa, vi);
  waveform(visa, vi);
  identity(visa, vi);
  locks(visa, rm, vi);
  expect(visa, rm, "viClose", visa->close(rm), VI_SUCCESS);
  expect(visa, vi, "a handle of the closed manager",
         visa->write(vi, (ViConstBuf) "*CLS\n", 5, &done), VI_ERROR_INV_OBJECT);
  printf(failures == 0 ? "all done\n" : "%d steps failed\n", failures);
  return failures != 0;
}
