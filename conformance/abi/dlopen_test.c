/* SPDX-License-Identifier: MIT */
/*
 * dlopen_test LIBRARY: a program that loads the library itself, as PyVISA and LabVIEW do. Asks
 * every session to survive dlclose and a second dlopen (the library stays mapped: its threads may
 * run), and that after the last viClose neither a thread nor a descriptor is left.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <visa.h>

typedef ViStatus (*OpenRm)(ViPSession);
typedef ViStatus (*Get)(ViObject, ViAttr, void*);
typedef ViStatus (*Close)(ViObject);
typedef ViStatus (*Find)(ViSession, ViConstString, ViPFindList, ViPUInt32, ViChar[]);
typedef ViStatus (*Open)(ViSession, ViConstRsrc, ViAccessMode, ViUInt32, ViPSession);

static struct {
  OpenRm open_rm;
  Get get;
  Close close;
  Find find;
  Open open;
} visa;

#define REQUIRE(condition)                                         \
  do {                                                             \
    if (!(condition)) {                                            \
      printf("line %d: %s does not hold\n", __LINE__, #condition); \
      return 1;                                                    \
    }                                                              \
  } while (0)

/* ISO C has no conversion from an object pointer to a function pointer; POSIX promises the bits. */
static int load(void* library, const char* name, void* function) {
  void* found = dlsym(library, name);
  memcpy(function, &found, sizeof found);
  return found != NULL;
}

static int load_all(void* library) {
  return load(library, "viOpenDefaultRM", &visa.open_rm) &&
         load(library, "viGetAttribute", &visa.get) && load(library, "viClose", &visa.close) &&
         load(library, "viFindRsrc", &visa.find) && load(library, "viOpen", &visa.open);
}

static int entries(const char* folder) {
  int count = 0;
  DIR* directory = opendir(folder);
  if (!directory) return -1;
  while (readdir(directory)) ++count;
  closedir(directory);
  return count;
}

static int threads(void) {
  return entries("/proc/self/task");
}
static int descriptors(void) {
  return entries("/proc/self/fd");
}

/* A joined thread may stand in /proc for a moment after the join: asked again for a second. */
static int only_threads(int wanted) {
  int i;
  for (i = 0; i < 100 && threads() != wanted; ++i) poll(NULL, 0, 10);
  return threads() == wanted;
}

int main(int argc, char** argv) {
  int threads_before;
  int descriptors_before;
  ViSession rm = VI_NULL;
  ViSession second = VI_NULL;
  ViSession session = VI_NULL;
  ViFindList list = VI_NULL;
  ViUInt32 count = 0;
  ViVersion version = 0;
  ViChar text[256] = "";
  void* library;

  if (argc != 2) return 2;
  threads_before = threads();
  descriptors_before = descriptors();

  library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (!library) printf("%s\n", dlerror());
  REQUIRE(library);
  REQUIRE(load_all(library));
  REQUIRE(!dlsym(library, "viVxiServantResponse"));
  REQUIRE(threads() == threads_before); /* loading alone starts nothing and opens nothing */
  REQUIRE(descriptors() == descriptors_before);

  REQUIRE(visa.open_rm(&rm) >= VI_SUCCESS);
  REQUIRE(visa.get(rm, VI_ATTR_RSRC_SPEC_VERSION, &version) == VI_SUCCESS);
  REQUIRE(version == VI_SPEC_VERSION);

  REQUIRE(dlclose(library) == 0);
  library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  REQUIRE(library);
  REQUIRE(load_all(library));
  version = 0;
  REQUIRE(visa.get(rm, VI_ATTR_RSRC_SPEC_VERSION, &version) == VI_SUCCESS);
  REQUIRE(version == VI_SPEC_VERSION);
  REQUIRE(visa.open_rm(&second) >= VI_SUCCESS);
  REQUIRE(second != rm);

  /* Some work that may start helpers: a find, and an open that fails (nobody listens on port 1). */
  if (visa.find(rm, "?*", &list, &count, text) == VI_SUCCESS) {
    REQUIRE(visa.close(list) == VI_SUCCESS);
  }
  REQUIRE(visa.open(rm, "TCPIP::127.0.0.1::1::SOCKET", VI_NO_LOCK, 500, &session) < VI_SUCCESS);

  REQUIRE(visa.close(second) == VI_SUCCESS);
  REQUIRE(visa.close(rm) == VI_SUCCESS);
  REQUIRE(visa.get(rm, VI_ATTR_RSRC_SPEC_VERSION, &version) == VI_ERROR_INV_OBJECT);
  REQUIRE(only_threads(threads_before));
  if (descriptors() != descriptors_before) {
    printf("%d descriptors, %d before\n", descriptors(), descriptors_before);
  }
  REQUIRE(descriptors() == descriptors_before);

  REQUIRE(dlclose(library) == 0);
  library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  REQUIRE(library);
  REQUIRE(load_all(library));
  REQUIRE(visa.open_rm(&rm) >= VI_SUCCESS);
  REQUIRE(visa.close(rm) == VI_SUCCESS);
  REQUIRE(dlclose(library) == 0);
  REQUIRE(only_threads(threads_before));
  REQUIRE(descriptors() == descriptors_before);
  return 0;
}
