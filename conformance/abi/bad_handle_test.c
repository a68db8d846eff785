/* SPDX-License-Identifier: MIT */
/*
 * Every exported function with handles that mean nothing: null, garbage, closed, of another kind.
 * Each must say VI_ERROR_INV_OBJECT and harm nothing; those that take no handle, and viClose of
 * null, have answers of their own. Plain C89: this is also what such a program looks like.
 */
#include <stdio.h>
#include <string.h>

#include "bad_handle_calls.h"

static int failures = 0;
static int checks = 0;

static void fail(const char* what, const char* name, ViObject vi, ViStatus status) {
  ++failures;
  printf("%s(0x%08lX) %s: answered 0x%08lX\n", name, (unsigned long)vi, what,
         (unsigned long)status);
}

static int is(const char* name, const char* wanted) {
  return strcmp(name, wanted) == 0;
}

/* The two that open a session to the resource manager: they take no handle. */
static int takes_no_handle(const char* name) {
  return is(name, "viOpenDefaultRM") || is(name, "viGetDefaultRM");
}

static int is_void(const char* name) {
  return strncmp(name, "viPeek", 6) == 0 || strncmp(name, "viPoke", 6) == 0;
}

/* What `name` must answer when `vi` is no object. */
static int sane(const char* name, ViObject vi, ViStatus status) {
  if (is_void(name)) return status == NO_STATUS;
  if (is(name, "viClose") && vi == VI_NULL) return status == VI_WARN_NULL_OBJECT;
  /* Instrument drivers ask so. The table asks for the status 1, which is none. */
  if (is(name, "viStatusDesc") && vi == VI_NULL && status >= 0) {
    return status == VI_WARN_UNKNOWN_STATUS;
  }
  return status == VI_ERROR_INV_OBJECT;
}

static void bad_handle(ViObject vi, const char* what) {
  const struct Calls* call;
  for (call = calls; call->name; ++call) {
    ViStatus status;
    if (takes_no_handle(call->name)) continue;
    ++checks;
    status = call->with_room(vi);
    if (!sane(call->name, vi, status)) fail(what, call->name, vi, status);
    if (call->with_null) {
      ++checks;
      status = call->with_null(vi);
      if (!is_void(call->name) && status >= 0 && !sane(call->name, vi, status)) {
        fail("with null pointers", call->name, vi, status);
      }
    }
  }
}

/* A live handle of a kind that `name` does not serve: an error, never a success. viTerminate,
 * viLock and the rest that serve every session are left to the rules suite. */
static void wrong_kind(ViObject vi, const char* what, const char* const* served) {
  const struct Calls* call;
  for (call = calls; call->name; ++call) {
    const char* const* skip = served;
    ViStatus status;
    while (*skip && !is(call->name, *skip)) ++skip;
    if (*skip || takes_no_handle(call->name) || is(call->name, "viClose")) continue;
    ++checks;
    status = call->with_room(vi);
    if (is_void(call->name) ? status != NO_STATUS : status >= 0) {
      fail(what, call->name, vi, status);
    }
  }
}

/* Null where the function must write: an error, and the library still answers. */
static void null_output(void) {
  const struct Calls* call;
  for (call = calls; call->name; ++call) {
    ViStatus status;
    if (!takes_no_handle(call->name)) continue;
    ++checks;
    status = call->with_null(VI_NULL);
    if (status >= 0) fail("with a null pointer", call->name, VI_NULL, status);
  }
}

static const ViObject garbage[] = {0, 1, 2, 0x7FFFFFFFUL, 0x80000000UL, 0xDEADBEEFUL, 0xFFFFFFFFUL};

/* Functions that may succeed on a session to the resource manager. */
static const char* const served_by_rm[] = {"viFindRsrc",
                                           "viParseRsrc",
                                           "viParseRsrcEx",
                                           "viOpen",
                                           "viGetAttribute",
                                           "viSetAttribute",
                                           "viStatusDesc",
                                           "viTerminate",
                                           "viLock",
                                           "viUnlock",
                                           "viDisableEvent",
                                           "viDiscardEvents",
                                           "viEnableEvent",
                                           "viWaitOnEvent",
                                           "viInstallHandler",
                                           "viUninstallHandler",
                                           "viSPrintf",
                                           "viVSPrintf",
                                           "viSScanf",
                                           "viVSScanf",
                                           0};

int main(void) {
  size_t i;
  size_t count = 0;
  ViSession rm = VI_NULL;
  ViSession other = VI_NULL;

  while (calls[count].name) ++count;
  if (count != 107) {
    printf("%lu functions in the table, not 107\n", (unsigned long)count);
    return 1;
  }

  /* Before anything is open, then with a session beside the bad handles. */
  for (i = 0; i < sizeof garbage / sizeof garbage[0]; ++i)
    bad_handle(garbage[i], "with nothing open");
  null_output();

  if (viOpenDefaultRM(&rm) < 0 || viOpenDefaultRM(&other) < 0 || rm == other) {
    printf("viOpenDefaultRM does not give two sessions: 0x%08lX 0x%08lX\n", (unsigned long)rm,
           (unsigned long)other);
    return 1;
  }
  for (i = 0; i < sizeof garbage / sizeof garbage[0]; ++i) {
    if (garbage[i] != rm && garbage[i] != other) bad_handle(garbage[i], "beside a session");
  }
  wrong_kind(rm, "of a resource manager", served_by_rm);
  if (viClose(other) != VI_SUCCESS) fail("of a resource manager", "viClose", other, 0);
  bad_handle(other, "closed");
  {
    ViChar text[VI_FIND_BUFLEN];
    ViStatus status = viGetAttribute(rm, VI_ATTR_RSRC_MANF_NAME, text);
    if (status != VI_SUCCESS) fail("after all that", "viGetAttribute", rm, status);
  }
  if (viClose(rm) != VI_SUCCESS) fail("of the last resource manager", "viClose", rm, 0);
  bad_handle(rm, "closed last");

  printf("%d checks, %d failed\n", checks, failures);
  return failures != 0;
}
