// SPDX-License-Identifier: MIT
// The filter says at the end of a header what it asks for; a header may end with its message. A
// question that is never answered leaves unread_ too high, and a later secret hides one answer more
// than it has to, until the instrument is cleared.
#include "lib/base/message_secrets.h"

#include <algorithm>
#include <utility>

namespace visa {

// Several questions in one message have one answer.
void MessageSecrets::note_questions() {
  const SecretFilter& filter = message_.filter;
  const SecretFilter* const rest = message_.rest ? &*message_.rest : nullptr;
  if (!message_.asks && (filter.queries() || (rest != nullptr && rest->queries()))) {
    message_.asks = true;
    ++unread_;
  }
  if (!filter.asks() && (rest == nullptr || !rest->asks())) return;
  hides_answer_ = true;
  pending_ = unread_;
}

bool MessageSecrets::next_byte(char c) {
  if (!message_.begun) {
    message_.begun = true;
    if (pending_ == 0) hides_answer_ = false;
  }
  bool hidden = message_.filter.hides(c);
  if (message_.rest && message_.rest->hides(c)) hidden = true;
  note_questions();
  if ((c == '\n' || c == '\r') && message_.filter.block_left() == 0) {
    // The next line is a message of its own, also where no message ever ends with END.
    message_.begun = false;
    message_.asks = false;
    if (message_.rest && message_.rest->block_left() == 0) message_.rest.reset();
  }
  return hidden;
}

/// What comes next is a message of its own, or goes on with what `rest` has seen the beginning of.
void MessageSecrets::begin_anew(SecretFilter rest) {
  message_ = Message();
  message_.rest.emplace(std::move(rest));
}

void MessageSecrets::end_message() {
  message_.filter.end_message();
  if (message_.rest) message_.rest->end_message();
  note_questions();
  message_ = Message();
}

std::vector<bool> MessageSecrets::about_to_send(std::string_view piece, bool last,
                                                std::size_t most) {
  std::vector<bool> hidden;
  hidden.reserve(std::min(most, piece.size()));
  const bool line = piece.ends_with('\n');
  const MutexLock lock(mutex_);
  before_ = message_;
  while (!piece.empty()) {
    // Megabytes of a block are passed over at once, but for the one byte that tells what they are.
    const std::uint64_t block = message_.rest ? 0 : message_.filter.block_left();
    const bool secret = next_byte(piece.front());
    std::size_t passed = 1;
    if (block > 1) {
      passed = static_cast<std::size_t>(std::min<std::uint64_t>(block, piece.size()));
      message_.filter.skip(passed - 1);
    }
    hidden.insert(hidden.end(), std::min(passed, most - hidden.size()), secret);
    piece.remove_prefix(passed);
  }
  if (last) {
    end_message();
  } else if (line && !message_.rest && message_.filter.block_left() > 0) {
    // Data of a block that has a line end here, or no block at all: MENU #12.
    begin_anew(message_.filter);
  }
  return hidden;
}

void MessageSecrets::cut_short(std::string_view sent) {
  const MutexLock lock(mutex_);
  message_ = before_;
  for (const char c : sent) {
    message_.filter.hides(c);
    if (message_.rest) message_.rest->hides(c);
  }
  // The older beginning goes on, unless only the newer one is inside a secret.
  const bool older = message_.rest && (message_.rest->in_secret() || !message_.filter.in_secret());
  begin_anew(older ? *message_.rest : message_.filter);
}

void MessageSecrets::assume_question() {
  const MutexLock lock(mutex_);
  hides_answer_ = true;
  pending_ = ++unread_;
}

bool MessageSecrets::received(bool ended) {
  const MutexLock lock(mutex_);
  const bool hides = hides_answer_;
  if (hides) ++hidden_;
  if (ended && unread_ > 0) --unread_;
  if (ended && pending_ > 0) --pending_;
  return hides;
}

std::uint64_t MessageSecrets::hidden() const {
  const MutexLock lock(mutex_);
  return hidden_;
}

void MessageSecrets::clear() {
  const MutexLock lock(mutex_);
  message_ = Message();
  hides_answer_ = false;
  unread_ = 0;
  pending_ = 0;
}

}  // namespace visa
