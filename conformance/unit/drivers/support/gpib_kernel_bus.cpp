// SPDX-License-Identifier: MIT
// The bus of the model: command bytes, transfers, serial polls.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "conformance/unit/drivers/support/gpib_kernel_model.h"

namespace visa::test {
namespace {

namespace kernel = drivers::gpib::kernel;
namespace gpib = drivers::gpib;

std::string hex(std::uint8_t byte) {
  char text[4];
  std::snprintf(text, sizeof text, " %02X", byte);
  return text;
}

}  // namespace

int GpibKernelModel::command(kernel::Transfer& transfer, const std::byte* buffer) {
  std::string line = "cmd";
  for (std::uint32_t i = transfer.completed; i < transfer.requested; ++i) {
    line += hex(static_cast<std::uint8_t>(buffer[i]));
  }
  note(line);
  if (!timeout_set_) violate("command bytes before IBTMO");
  if (!in_charge) return EINVAL;
  if (instruments.empty()) return ENOTCONN;
  atn = true;
  for (; transfer.completed < transfer.requested; ++transfer.completed) {
    take_byte(static_cast<std::uint8_t>(buffer[transfer.completed]));
  }
  transfer.end = 0;
  return 0;
}

void GpibKernelModel::take_byte(std::uint8_t byte) {
  const std::uint8_t low = byte & 0x1FU;
  if (byte == gpib::kUnl) {
    listening_.clear();
    own_listens_ = false;
  } else if (byte == gpib::kUnt) {
    talker_.reset();
    own_talks_ = false;
  } else if (byte >= gpib::kMsa) {
    const Address whole{static_cast<std::uint8_t>(primary_ & 0x1FU), low};
    if (primary_ >= gpib::kTad) {
      talker_ = whole;
    } else {
      listening_.erase(Address{whole.primary});
      listening_.insert(whole);
    }
  } else if (byte >= gpib::kTad) {
    talker_ = Address{low};
    own_talks_ = low == own_primary;
    primary_ = byte;
  } else if (byte >= gpib::kLad) {
    if (low == own_primary) {
      own_listens_ = true;
    } else {
      listening_.insert(Address{low});
    }
    primary_ = byte;
  } else {
    universal(byte);
  }
}

void GpibKernelModel::universal(std::uint8_t byte) {
  if (byte == gpib::kDcl) {
    for (auto& [address, one] : instruments) {
      ++one.clears;
      one.output.clear();
    }
    return;
  }
  for (ModelInstrument* one : listeners()) {
    if (byte == gpib::kSdc) {
      ++one->clears;
      one->output.clear();
      one->input.clear();
      one->stalls_after = SIZE_MAX;
    }
    if (byte == gpib::kGet) ++one->triggers;
  }
}

int GpibKernelModel::write(Lock& lock, const Caller& caller, kernel::Transfer& transfer,
                           const std::byte* buffer) {
  note("wrt " + std::to_string(transfer.requested - transfer.completed) +
       (transfer.end != 0 ? " end" : ""));
  if (!timeout_set_ || !end_set_) violate("a write before IBTMO or IBEOS");
  atn = false;
  const auto all = listeners();
  if (all.empty()) return ECOMM;
  const auto ready = [&] {
    return std::all_of(all.begin(), all.end(), [](const auto* one) { return one->takes_data; });
  };
  if (const int error = sleep(lock, caller, timeout_, ready); error != 0) return error;
  for (ModelInstrument* one : all) {
    one->input.append(reinterpret_cast<const char*>(buffer) + transfer.completed,
                      transfer.requested - transfer.completed);
    if (transfer.end == 0) continue;
    const std::string message = std::exchange(one->input, "");
    if (!one->answer) continue;
    if (const auto text = one->answer(message)) {
      one->output = *text;
      one->output_ends = true;
    }
  }
  transfer.completed = transfer.requested;
  return 0;
}

int GpibKernelModel::read(Lock& lock, const Caller& caller, kernel::Transfer& transfer,
                          std::byte* buffer) {
  note("rd " + std::to_string(transfer.requested - transfer.completed));
  if (!timeout_set_ || !end_set_) violate("a read before IBTMO or IBEOS");
  transfer.end = 0;
  atn = false;
  const auto from = [&]() -> ModelInstrument* {
    const auto at = talker_ && own_listens_ ? instruments.find(*talker_) : instruments.end();
    return at == instruments.end() ? nullptr : &at->second;
  };
  while (transfer.completed < transfer.requested) {
    const auto ready = [&] {
      const auto* one = from();
      return one != nullptr && !one->output.empty() && one->stalls_after > 0;
    };
    if (const int error = sleep(lock, caller, timeout_, ready); error != 0) return error;
    ModelInstrument& one = *from();
    const auto byte = static_cast<std::byte>(one.output.front());
    one.output.erase(0, 1);
    if (one.stalls_after != SIZE_MAX) --one.stalls_after;
    buffer[transfer.completed++] = byte;
    const bool marked = termchar_ && byte == std::byte{*termchar_};
    if (marked || (one.output.empty() && one.output_ends)) {
      transfer.end = 1;
      return 0;
    }
  }
  return 0;
}

int GpibKernelModel::poll(Lock& lock, const Caller& caller, kernel::SerialPoll& poll) {
  note("rsp " + std::to_string(poll.primary));
  if (!timeout_set_) violate("a poll before IBTMO");
  if (!in_charge) return EPERM;
  Address address{static_cast<std::uint8_t>(poll.primary)};
  if (poll.secondary >= 0) address.secondary = static_cast<std::uint8_t>(poll.secondary);
  listening_.clear();
  talker_.reset();
  own_listens_ = true;
  const auto at = instruments.find(address);
  if (at == instruments.end() || !at->second.answers_poll) {
    return sleep(lock, caller, timeout_, [] { return false; });
  }
  poll.status = at->second.status;
  at->second.status &= 0xBFU;
  return 0;
}

}  // namespace visa::test
