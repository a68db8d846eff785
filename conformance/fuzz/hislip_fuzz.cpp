// SPDX-License-Identifier: MIT
// Whatever an instrument sends on the two connections of a HiSLIP session: every operation ends,
// writes nothing beyond what it was given, says how much it delivered, and gives the same however
// the bytes are cut into segments. Input: one byte whose lowest bit is the mode, one byte that says
// how many operations follow, the operations, then the bytes of the synchronous connection up to
// the half and those of the asynchronous one. The bytes come out of memory.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "drivers/hislip/async_channel.h"
#include "drivers/hislip/sync_channel.h"

namespace {

using namespace visa;
using namespace visa::drivers;
using namespace visa::drivers::hislip;

constexpr std::size_t kMostInput = 2048;
constexpr std::size_t kMostOperations = 24;
constexpr std::size_t kRoom = 200;
constexpr std::byte kUntouched{0xEE};

void demand(bool holds) {
  if (!holds) std::abort();
}

/// Gives out its bytes in segments of `step`, then is silent or closed.
class MemoryStream final : public ByteStream {
 public:
  MemoryStream(std::span<const std::uint8_t> bytes, std::size_t step, bool closes)
      : bytes_(bytes), step_(step), closes_(closes) {}

  StreamResult receive(std::span<std::byte> into, Call&) override {
    if (bytes_.empty()) {
      lost_ = closes_;
      return {closes_ ? Status::error_conn_lost : Status::error_tmo, 0};
    }
    const std::size_t count = std::min({into.size(), step_, bytes_.size()});
    std::memcpy(into.data(), bytes_.data(), count);
    bytes_ = bytes_.subspan(count);
    return {Status::success, count};
  }
  StreamResult receive_now(std::span<std::byte> into, Call& call) override {
    return bytes_.empty() && !closes_ ? StreamResult{} : receive(into, call);
  }
  StreamResult receive_scattered(std::span<const iovec> pieces, Call& call) override {
    std::size_t total = 0;
    for (const iovec& piece : pieces) {
      const std::span<std::byte> into{static_cast<std::byte*>(piece.iov_base), piece.iov_len};
      for (std::size_t have = 0; have < into.size() && total < step_;) {
        if (bytes_.empty() && total > 0) return {Status::success, total};
        const auto room = into.subspan(have, std::min(into.size() - have, step_ - total));
        const StreamResult got = receive(room, call);
        if (failed(got.status)) return got;
        have += got.count;
        total += got.count;
      }
    }
    return {Status::success, total};
  }
  StreamResult send(std::span<const std::byte> data, Call&) override {
    return {Status::success, data.size()};
  }
  void wake() noexcept override {}
  const std::string& peer() const noexcept override { return name_; }
  bool lost() const noexcept override { return lost_; }
  void close() noexcept override {}

 private:
  const std::string name_ = "peer";
  std::span<const std::uint8_t> bytes_;
  const std::size_t step_;
  const bool closes_;
  bool lost_ = false;
};

/// What one run made of the input.
struct Outcome {
  std::vector<int> statuses;
  std::vector<std::byte> data;
  bool operator==(const Outcome&) const = default;
};

class Run {
 public:
  Run(bool overlap, std::span<const std::uint8_t> bytes, std::size_t step, bool closes) {
    const std::size_t half = bytes.size() / 2;
    sync_ = std::make_unique<SyncChannel>(
        std::make_unique<MemoryStream>(bytes.first(half), step, closes), state_);
    async_ = std::make_unique<AsyncChannel>(
        std::make_unique<MemoryStream>(bytes.subspan(half), step, closes), state_);
    sync_->attach(*async_);
    state_.restart(overlap);
  }

  void operate(std::uint8_t code) {
    Call call(Deadline::immediate());
    switch (code % 8) {
      case 0:
      case 1:
      case 2:
        read(code, call);
        return;
      case 3:
        note(sync_->write(std::as_bytes(std::span("*IDN?\n", 6)), code > 127, call).status);
        return;
      case 4: {
        const auto answer = async_->ask({MessageType::async_status_query}, {},
                                        MessageType::async_status_response, call);
        note(answer.status());
        if (answer) outcome.data.push_back(std::byte{answer->header.control});
        return;
      }
      case 5:
        note(sync_->trigger(call));
        return;
      case 6:
        note(async_
                 ->ask({MessageType::async_lock_info}, {}, MessageType::async_lock_info_response,
                       call)
                 .status());
        return;
      default: {
        call.deadline = Deadline::at(Deadline::Clock::now());
        // Where its acknowledge comes too late for one run it may come in time for another.
        static_cast<void>(sync_->clear(code > 127, call));
      }
    }
  }

  Outcome outcome;

 private:
  void read(std::uint8_t code, Call& call) {
    std::array<std::byte, kRoom + 1> into;
    into.fill(kUntouched);
    const std::size_t size = code % 2 == 0 ? kRoom : code / 8U;
    spi::EndRule rule;
    rule.suppress_end = code % 16 > 8;
    rule.termchar_enabled = code % 32 > 16;
    const auto result = sync_->read(std::span(into).first(size), rule, call);
    note(result.status);
    demand(result.count <= size);
    demand(into[size] == kUntouched);
    if (ok(result.status) && result.reason == spi::StopReason::count) demand(result.count == size);
    if (ok(result.status) && result.reason == spi::StopReason::termchar) {
      demand(result.count > 0 && into[result.count - 1] == std::byte{'\n'});
    }
    outcome.data.insert(outcome.data.end(), into.begin(),
                        into.begin() + static_cast<std::ptrdiff_t>(result.count));
  }

  void note(Status status) { outcome.statuses.push_back(static_cast<int>(status)); }

  SessionState state_;
  std::unique_ptr<SyncChannel> sync_;
  std::unique_ptr<AsyncChannel> async_;
};

Outcome run(std::span<const std::uint8_t> input, std::size_t step) {
  const std::uint8_t mode = input[0];
  const std::size_t operations =
      std::min<std::size_t>({input[1], kMostOperations, input.size() - 2});
  Run session((mode & 1U) != 0, input.subspan(2 + operations), step, (mode & 2U) != 0);
  for (const std::uint8_t code : input.subspan(2, operations)) session.operate(code);
  return session.outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3 || size > kMostInput) return 0;
  const std::span input(data, size);
  const Outcome whole = run(input, kMostInput);
  // A device clear and a read without an answer drop what has arrived until then, which depends on
  // the segments; all else does not.
  bool clears = false;
  for (std::size_t i = 2; i < std::min<std::size_t>(2U + data[1], size); ++i) {
    clears = clears || data[i] % 8 == 7;
  }
  const Outcome cut = run(input, 1);
  if (!clears) demand(cut == whole);
  return 0;
}
