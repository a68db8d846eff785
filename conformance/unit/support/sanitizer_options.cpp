// SPDX-License-Identifier: MIT
// Settings of the sanitizers for tests that end threads by force or fork. The runtimes look these
// functions up by name; other builds have no use for them.

#include <pthread.h>

#if defined(__has_feature) && defined(__clang_major__)
#if __has_feature(address_sanitizer) && __clang_major__ < 18
// A child of fork that needs memory would wait for ever for a thread that has stayed behind with
// the allocator's lock. From clang 18 on the runtime sees to that itself.
namespace __asan {
void asan_mz_force_lock();
void asan_mz_force_unlock();
}  // namespace __asan

namespace {
__attribute__((constructor(101))) void keep_the_allocator_usable_after_fork() {
  ::pthread_atfork(&__asan::asan_mz_force_lock, &__asan::asan_mz_force_unlock,
                   &__asan::asan_mz_force_unlock);
}
}  // namespace
#endif
#endif

extern "C" {

__attribute__((visibility("default"))) const char* __asan_default_options();
__attribute__((visibility("default"))) const char* __tsan_default_options();

// Locals live apart from the real stack then. Forced unwinding skips the code that unmarks them,
// and marks left on the real stack make ASan's own interceptors report themselves.
const char* __asan_default_options() {
  return "detect_stack_use_after_return=1";
}

// A child of fork with threads is exactly what some tests make.
const char* __tsan_default_options() {
  return "die_after_fork=0";
}

}  // extern "C"
