// SPDX-License-Identifier: MIT
// A thread that is meant to be ended by pthread_cancel, and how it ended. One thread owns it.
#pragma once

#include <pthread.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <utility>

#include "conformance/unit/support/sanitizers.h"

#if defined(__SANITIZE_ADDRESS__) || defined(VISA_TEST_CLANG_ASAN)
#include <sanitizer/asan_interface.h>
#endif

namespace visa::test {

class EndedThread {
 public:
  explicit EndedThread(std::function<void()> body) : body_(std::move(body)) {
    started_ = ::pthread_create(&thread_, nullptr, run, this) == 0;
  }
  ~EndedThread() {
    if (started_) join();
  }
  EndedThread(const EndedThread&) = delete;
  EndedThread& operator=(const EndedThread&) = delete;

  /// Asks it to end, at its next cancellation point.
  void cancel() { ::pthread_cancel(thread_); }

  /// Waits for it. True when it was ended by force, false when its body returned.
  bool join() {
    void* result = nullptr;
    started_ = false;
    return ::pthread_join(thread_, &result) == 0 && result == PTHREAD_CANCELED;
  }

 private:
  // AddressSanitizer marks the locals of a frame when it is entered and unmarks them when it
  // returns; forced unwinding does not return, and the marks would be taken for a defect of whoever
  // uses that stack next.
  struct Unmark {
    ~Unmark() {
#if defined(__SANITIZE_ADDRESS__) || defined(VISA_TEST_CLANG_ASAN)
      pthread_attr_t attributes;
      void* low = nullptr;
      std::size_t size = 0;
      if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return;
      ::pthread_attr_getstack(&attributes, &low, &size);
      ::pthread_attr_destroy(&attributes);
      const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
      __asan_unpoison_memory_region(low, here - reinterpret_cast<std::uintptr_t>(low));
#endif
    }
  };

  static void* run(void* self) {
    const Unmark unmark;
    static_cast<EndedThread*>(self)->body_();
    return nullptr;
  }

  const std::function<void()> body_;
  pthread_t thread_{};
  bool started_ = false;
};

}  // namespace visa::test
