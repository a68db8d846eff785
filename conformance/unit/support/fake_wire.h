// SPDX-License-Identifier: MIT
// The script and the diary of one fake connection. The test says beforehand how each operation will
// go (in the order they come); the fake channel follows it and writes down what it was asked. An
// operation the script does not mention has a harmless default. Owned by the test and the channel
// together; any thread.
#pragma once

#include <visa.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conformance/unit/support/event_wire.h"
#include "conformance/unit/support/patience.h"
#include "lib/base/call.h"
#include "lib/model/attribute_value.h"
#include "lib/spi/channel.h"
#include "lib/spi/facets.h"

namespace visa::test {

/// One operation as the channel saw it.
struct Seen {
  std::string
      operation;  // "read", "write", "clear", "trigger", "stb", "get", "set", "wake", "close"
  std::string data = {};                    // what was written, or delivered by a read
  std::size_t room = 0;                     // of a read
  spi::EndRule rule = {};                   // of a read
  spi::WriteEnd end = spi::WriteEnd::none;  // of a write
  spi::WriteRule write_rule = {};           // of a write, the end included
  std::uint16_t protocol = VI_PROT_NORMAL;  // of a write
  std::int16_t line = VI_TRIG_SW;           // of a trigger
  Deadline deadline = Deadline::infinite();
  std::thread::id thread = {};
};

/// How one operation goes.
struct Step {
  std::string operation = {};
  Status status = Status::success;
  std::string data =
      {};  // a read delivers it; larger than the room: the rest comes with the next read
  spi::StopReason reason = spi::StopReason::end;
  std::string detail = {};
  std::optional<std::size_t> count = {};  // a write takes no more than this
  std::uint8_t status_byte = 0;
  bool blocks = false;                // stays inside until released, cancelled or the deadline
  bool deaf = false;                  // with `blocks`: neither cancel nor deadline ends it
  std::function<void()> throws = {};  // called instead; meant to throw
};

class FakeWire {
 public:
  // The script. Each returns *this, so that steps can be chained.
  FakeWire& then(Step step);
  FakeWire& answers(std::string data, spi::StopReason reason = spi::StopReason::end) {
    return then({.operation = "read", .data = std::move(data), .reason = reason});
  }
  FakeWire& fails(std::string operation, Status status, std::string detail = {}) {
    return then({.operation = std::move(operation), .status = status, .detail = std::move(detail)});
  }
  FakeWire& blocks(std::string operation) {
    return then({.operation = std::move(operation), .blocks = true});
  }
  FakeWire& ignores_everything(std::string operation) {
    return then({.operation = std::move(operation), .blocks = true, .deaf = true});
  }
  /// Behind the script every read, however often, delivers `piece` (what fits of it) after `pace`;
  /// such reads are not written down. `reason` is that of a piece smaller than the room.
  FakeWire& never_stops(std::string piece, spi::StopReason reason = spi::StopReason::end,
                        std::chrono::milliseconds pace = {});
  FakeWire& with(spi::Traits traits) {
    traits_ = traits;
    return *this;
  }
  /// Offers the facets of a bus with remote state and a lock of its own: operations "ren <mode>",
  /// "lock" and "unlock".
  FakeWire& with_facets() {
    facets_ = true;
    return *this;
  }
  /// With the facets: the instrument carries shared locks, too ("lock shared KEY").
  FakeWire& with_shared_locks() {
    shared_locks_ = true;
    return with_facets();
  }
  /// Offers these groups of operations as well; they are the test's and outlive the sessions.
  FakeWire& offers(spi::Facets facets) {
    offered_ = facets;
    return *this;
  }
  FakeWire& has(ViAttr id, model::AttributeValue value);

  /// Lets every blocked operation go on, now and later.
  void release();
  /// Waits until `count` operations are blocked.
  [[nodiscard]] bool wait_until_blocked(unsigned count = 1);
  /// Waits until `operation` was seen `count` times.
  [[nodiscard]] bool wait_until_seen(std::string_view operation, unsigned count = 1);

  std::vector<Seen> seen() const;
  /// The operations alone, "wake" left out, for comparing.
  std::vector<std::string> operations() const;
  /// Everything written so far.
  std::string written() const;
  std::size_t count(std::string_view operation) const;
  /// The last one of that name; fails the test when there is none.
  Seen last(std::string_view operation) const;
  /// Steps the channel did not come to.
  std::size_t steps_left() const;
  bool channel_destroyed() const;

  /// What the driver enables, and the events it raises.
  EventWire events;

 private:
  friend class FakeChannel;
  class Visit;

  struct Endless {
    std::string piece;
    spi::StopReason reason;
    std::chrono::milliseconds pace;
  };

  Step take(const Seen& seen, Call& call);
  /// Nothing where a script is to be followed.
  std::optional<spi::ReadResult> read_endless(std::span<std::byte> into, Call& call);
  Status play(Step& step, Call& call);
  void note(Seen seen);
  void violation(const std::string& what);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Step> steps_;
  std::optional<Endless> endless_;
  std::vector<Seen> seen_;
  std::map<ViAttr, model::AttributeValue> attributes_;
  std::optional<spi::Traits> traits_;  // nothing: what is usual for the kind
  unsigned blocked_ = 0;
  unsigned readers_ = 0;
  unsigned writers_ = 0;
  unsigned others_ = 0;
  spi::Facets offered_;
  bool facets_ = false;
  bool shared_locks_ = false;
  bool released_ = false;
  bool closed_ = false;
  bool destroyed_ = false;
};

/// The channel that follows `wire`. Checks the promises of spi::Channel to its driver: one reader,
/// one writer, one of both unless duplex; close once, with nobody inside; nothing after it. `usual`
/// are its traits where the script sets none.
std::unique_ptr<spi::Channel> make_fake_channel(std::shared_ptr<FakeWire> wire,
                                                spi::Traits usual = {});

}  // namespace visa::test
