// SPDX-License-Identifier: MIT
// The filter says at the end of a header whether it asks for a secret; a header may end with its
// message.
#include "lib/base/message_secrets.h"

namespace visa {

// Several questions in one message have one answer.
void MessageSecrets::note_question() {
  if (!filter_.asks()) return;
  if (!asks_) ++pending_;
  asks_ = true;
  hides_answer_ = true;
}

bool MessageSecrets::hides_sent(char c) {
  const MutexLock lock(mutex_);
  if (!begun_) {
    begun_ = true;
    if (pending_ == 0) hides_answer_ = false;
  }
  const bool hidden = filter_.hides(c);
  note_question();
  return hidden;
}

void MessageSecrets::end_sent() {
  const MutexLock lock(mutex_);
  filter_.end_message();
  note_question();
  begun_ = false;
  asks_ = false;
}

bool MessageSecrets::hides_received() const {
  const MutexLock lock(mutex_);
  return hides_answer_;
}

void MessageSecrets::end_received() {
  const MutexLock lock(mutex_);
  if (pending_ > 0) --pending_;
}

void MessageSecrets::clear() {
  const MutexLock lock(mutex_);
  hides_answer_ = false;
  pending_ = 0;
}

}  // namespace visa
