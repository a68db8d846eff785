// SPDX-License-Identifier: MIT
// The finder of every TCPIP class: turns the answers from the networks into resource names, and
// remembers them for a while. One object per library (a child of fork has its own and searches
// again). Thread-safe: searches of several threads may run at the same time.
//
// Its settings, [finder.lan]:
//   search   false: no network is asked; true by default.
//   cache_s  seconds for which an answer counts, 0 to 3600; 30 by default. 0: each search asks.
//
// SOCKET resources are reported only to a pattern that asks for their class or port: many programs
// search for `?*` or `TCPIP?*` at their start, and the raw socket of an instrument is a second name
// for the same thing as its INSTR resource.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include "drivers/discovery/lan_search.h"
#include "lib/base/thread_annotations.h"
#include "lib/spi/finder.h"

namespace visa::drivers {

class LanFinder : public spi::Finder {
 public:
  std::string_view name() const noexcept override { return "lan"; }
  model::Interface covers() const noexcept override { return model::Interface::tcpip; }
  std::vector<std::string_view> setting_keys() const override;
  void find(const spi::FindScope& scope, Call& call, spi::DescriptorSink& sink) override
      VISA_EXCLUDES(mutex_);

 protected:
  /// What to search; tests override it with a network of their own.
  virtual LanPlan plan(Call& call) const;

 private:
  using Descriptors = std::vector<spi::Descriptor>;
  struct Memory {
    std::vector<LanInterface> interfaces;  // of that search; valid only while they are unchanged
    Deadline::Clock::time_point when;
    std::shared_ptr<const Descriptors> found;
  };

  std::shared_ptr<const Descriptors> remembered(const LanPlan& plan, std::chrono::milliseconds age)
      VISA_EXCLUDES(mutex_);
  std::shared_ptr<const Descriptors> search(const spi::FindScope& scope,
                                            std::chrono::milliseconds cache, Call& call)
      VISA_EXCLUDES(mutex_);

  Mutex mutex_;
  Memory memory_ VISA_GUARDED_BY(mutex_);
};

/// The resource that an answer describes, with its known attributes; nothing if no resource name
/// can express it.
std::optional<spi::Descriptor> describe(const LanAnswer& answer);

/// True if `expression` asks for the class or the port of `socket`, a SOCKET resource.
bool asks_for_socket(const model::FindExpression& expression, const model::ResourceName& socket);

std::unique_ptr<spi::Finder> make_lan_finder();

}  // namespace visa::drivers
