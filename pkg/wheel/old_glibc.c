/* SPDX-License-Identifier: MIT
 * For manylinux.sh: hidden stand-ins for what the headers and the libstdc++.a of Debian 12 take
 * from glibc 2.36 and glibc 2.31 has not, or has under another name.
 */
#include <stdint.h>
#include <sys/types.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* 0: there may be other threads. What is counted then is counted atomically. */
HIDDEN char __libc_single_threaded = 0;

ssize_t getrandom(void* buffer, size_t size, unsigned flags);
HIDDEN uint32_t arc4random(void);
uint32_t arc4random(void) {
  uint32_t value = 0;
  while (getrandom(&value, sizeof value, 0) != (ssize_t)sizeof value) {
  }
  return value;
}

/* Of libresolv, under the names that resolv.h gave them before glibc 2.34. */
int __dn_comp(const char* name, unsigned char* coded, int size, unsigned char** names,
              unsigned char** last);
int __dn_expand(const unsigned char* message, const unsigned char* end, const unsigned char* coded,
                char* name, int size);
HIDDEN int dn_comp(const char* name, unsigned char* coded, int size, unsigned char** names,
                   unsigned char** last);
int dn_comp(const char* name, unsigned char* coded, int size, unsigned char** names,
            unsigned char** last) {
  return __dn_comp(name, coded, size, names, last);
}
HIDDEN int dn_expand(const unsigned char* message, const unsigned char* end,
                     const unsigned char* coded, char* name, int size);
int dn_expand(const unsigned char* message, const unsigned char* end, const unsigned char* coded,
              char* name, int size) {
  return __dn_expand(message, end, coded, name, size);
}
