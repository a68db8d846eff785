// SPDX-License-Identifier: MIT
// Holds off pthread_cancel for the thread that made the shield. close(2), write(2) and recv(2) are
// cancellation points: in a destructor or another noexcept function a pending cancel would end the
// process. The request stays pending and acts at the first cancellation point after the shield. For
// one thread; keep it short.
#pragma once

#include <pthread.h>

namespace visa {

class CancelShield {
 public:
  CancelShield() noexcept { ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
  ~CancelShield() { ::pthread_setcancelstate(before_, nullptr); }
  CancelShield(const CancelShield&) = delete;
  CancelShield& operator=(const CancelShield&) = delete;

 private:
  int before_ = PTHREAD_CANCEL_ENABLE;
};

}  // namespace visa
