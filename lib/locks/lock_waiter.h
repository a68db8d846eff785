// SPDX-License-Identifier: MIT
// A request in the line of a LockDomain. It lives on the stack of the requesting thread and is used
// under the mutex of the domain.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/condition.h"
#include "lib/locks/lock_domain.h"

namespace visa::locks {

struct LockDomain::Waiter {
  SessionId session;
  LockKind kind;
  std::string_view requested_key;  // the caller's memory, valid during lock(); "" for none
  bool immediate;                  // does not wait for another holder
  std::uint32_t since = SharedRecord::now();
  std::string founding_key{};  // becomes the group's key, if this request founds the group
  std::string key{};           // the answer of 3.6.20: "" for exclusive
  bool answered = false;
  Status answer = Status::success;
  Condition condition{};
};

}  // namespace visa::locks
