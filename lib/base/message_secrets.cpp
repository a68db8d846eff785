// SPDX-License-Identifier: MIT
// The filter says at the end of a header whether it asks for a secret; a header may end with its
// message.
#include "lib/base/message_secrets.h"

namespace visa {

bool MessageSecrets::hides_sent(char c) {
  const MutexLock lock(mutex_);
  if (!begun_) {
    begun_ = true;
    if (answered_) hides_answer_ = false;
  }
  const bool hidden = filter_.hides(c);
  if (filter_.asks()) {
    hides_answer_ = true;
    answered_ = false;
  }
  return hidden;
}

void MessageSecrets::end_sent() {
  const MutexLock lock(mutex_);
  filter_.end_message();
  if (filter_.asks()) {
    hides_answer_ = true;
    answered_ = false;
  }
  begun_ = false;
}

bool MessageSecrets::hides_received() const {
  const MutexLock lock(mutex_);
  return hides_answer_;
}

void MessageSecrets::end_received() {
  const MutexLock lock(mutex_);
  answered_ = true;
}

void MessageSecrets::clear() {
  const MutexLock lock(mutex_);
  hides_answer_ = false;
  answered_ = true;
}

}  // namespace visa
