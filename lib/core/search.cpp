// SPDX-License-Identifier: MIT
#include "lib/core/search.h"

#include <cxxabi.h>

#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "lib/base/cancel_shield.h"
#include "lib/base/log.h"
#include "lib/base/quiet_thread.h"
#include "lib/base/thread_annotations.h"
#include "lib/core/known_attributes.h"

namespace visa::core {
namespace {

using model::AttributeValue;

bool holds(const model::FindExpression& expression, const spi::Descriptor& descriptor) {
  return expression.matches_attributes([&](ViAttr id) -> std::optional<AttributeValue> {
    const auto known = descriptor.known.find(id);
    if (known != descriptor.known.end()) return known->second;
    return known_attribute(descriptor.name, id);
  });
}

// Collects the matches of all finders, in the order they come.
class Matches final : public spi::DescriptorSink {
 public:
  explicit Matches(const model::FindExpression& expression) : expression_(expression) {}

  void found(spi::Descriptor descriptor) override {
    auto canonical = descriptor.name.canonical();
    if (!expression_.matches_name(canonical) || !holds(expression_, descriptor)) return;
    const MutexLock lock(mutex_);
    if (seen_.insert(descriptor.name.key()).second) names_.push_back(std::move(canonical));
  }

  std::vector<std::string> take() {
    const MutexLock lock(mutex_);
    return std::move(names_);
  }

 private:
  const model::FindExpression& expression_;
  Mutex mutex_;
  std::set<std::string> seen_ VISA_GUARDED_BY(mutex_);
  std::vector<std::string> names_ VISA_GUARDED_BY(mutex_);
};

// The reference of a forced unwinding is null (see abi::barrier).
__attribute__((no_sanitize("null"))) void run(spi::Finder& finder,
                                              const model::FindExpression& expression,
                                              const Call& whole, Matches& matches) {
  Call part(whole, whole.deadline);
  // Nothing may leave a thread of ours: it would end the process.
  try {
    try {
      finder.find(expression, part, matches);
    } catch (const std::exception& error) {
      part.detail = error.what();
    }
    if (!part.detail.empty() && log::enabled()) {
      log::line("find " + std::string(finder.name()) + ": " + part.detail);
    }
  } catch (::abi::__forced_unwind&) {
    throw;
  } catch (...) {
    log::line("find: a finder failed with an exception of no known kind, or without memory");
  }
}

}  // namespace

std::vector<std::string> search(const model::FindExpression& expression,
                                const config::Configuration& configuration,
                                const std::vector<std::unique_ptr<spi::Finder>>& finders,
                                Call& call) {
  Matches matches(expression);
  for (const auto& resource : configuration.resources()) {
    if (!resource.listed) continue;
    spi::Descriptor descriptor{resource.parsed, {}};
    for (const auto& [id, value] : resource.attributes) descriptor.known.emplace(id, value);
    matches.found(std::move(descriptor));
  }

  std::vector<spi::Finder*> wanted;
  for (const auto& finder : finders) {
    if (expression.could_match(finder->covers())) wanted.push_back(finder.get());
  }
  if (wanted.empty()) return matches.take();

  std::vector<std::thread> threads;
  threads.reserve(wanted.size());  // a thread that finds no room would end the process
  struct Join {  // also when a thread cannot be made, or this one is ended by force
    std::vector<std::thread>& threads;
    Call& call;
    bool finished = false;
    ~Join() {
      if (!finished) call.cancel();
      const CancelShield shield;  // pthread_join is a cancellation point
      for (auto& thread : threads) {
        if (thread.joinable()) thread.join();  // not those whose wait was over before the cut
      }
    }
  } join{threads, call};
  for (std::size_t i = 1; i < wanted.size(); ++i) {
    try {
      threads.push_back(start_quiet_thread([&, i] { run(*wanted[i], expression, call, matches); }));
    } catch (const std::system_error&) {  // no more threads to be had: one after the other, then
      run(*wanted[i], expression, call, matches);
    }
  }
  run(*wanted.front(), expression, call, matches);
  for (auto& thread : threads) thread.join();
  join.finished = true;
  threads.clear();
  return matches.take();
}

}  // namespace visa::core
