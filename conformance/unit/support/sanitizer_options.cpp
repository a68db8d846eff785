// SPDX-License-Identifier: MIT
// Settings of the sanitizers for tests that end threads by force or fork. The runtimes look these
// functions up by name; other builds have no use for them.

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
