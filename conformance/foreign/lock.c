/* SPDX-License-Identifier: MIT */
/* lock PORT hold: holds the exclusive lock of the server's resource from its line "held" until its
 * standard input ends.   lock PORT try: tries to lock for 500 ms, and to write. */
#include <stdio.h>
#include <string.h>

#include <visa.h>

int main(int count, char** arguments) {
  ViSession rm = VI_NULL;
  ViSession vi = VI_NULL;
  ViUInt32 written = 0;
  ViChar name[100];
  ViStatus locked, wrote;

  if (count != 3) return 2;
  snprintf(name, sizeof name, "TCPIP::127.0.0.1::%s::SOCKET", arguments[1]);
  if (viOpenDefaultRM(&rm) < VI_SUCCESS || viOpen(rm, name, VI_NULL, 20000, &vi) < VI_SUCCESS)
    return 1;
  locked = viLock(vi, VI_EXCLUSIVE_LOCK, 500, VI_NULL, VI_NULL);
  if (strcmp(arguments[2], "hold") == 0) {
    puts(locked == VI_SUCCESS ? "held" : "not held");
    fflush(stdout);
    while (getchar() != EOF) {
    }
  } else {
    wrote = viWrite(vi, (ViBuf) "x\n", 2, &written);
    printf("%08lx %08lx\n", (unsigned long)locked & 0xFFFFFFFFUL,
           (unsigned long)wrote & 0xFFFFFFFFUL);
  }
  return viClose(rm) < VI_SUCCESS;
}
