// SPDX-License-Identifier: MIT
// viFindRsrc: the configuration first, then all finders side by side under one deadline.
#include "lib/core/search.h"

#include <cxxabi.h>

#include <algorithm>
#include <condition_variable>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "lib/base/cancel_shield.h"
#include "lib/base/log.h"
#include "lib/base/quiet_thread.h"
#include "lib/base/thread_annotations.h"
#include "lib/model/known_attributes.h"

namespace visa::core {
namespace {

using model::AttributeValue;

bool holds(const model::FindExpression& expression, const spi::Descriptor& descriptor) {
  return expression.matches_attributes([&](ViAttr id) -> std::optional<AttributeValue> {
    const auto known = descriptor.known.find(id);
    if (known != descriptor.known.end()) return known->second;
    return model::known_attribute(descriptor.name, id);
  });
}

// Collects the matches of the configuration and then of all finders.
class Matches final : public spi::DescriptorSink {
 public:
  explicit Matches(const model::FindExpression& expression) : expression_(expression) {}

  void found(spi::Descriptor descriptor) override {
    auto canonical = descriptor.name.canonical();
    if (!expression_.matches_name(canonical) || !holds(expression_, descriptor)) return;
    const MutexLock lock(mutex_);
    if (seen_.insert(descriptor.name.key()).second) names_.push_back(std::move(canonical));
  }

  /// The rest comes from finders.
  void configured() {
    const MutexLock lock(mutex_);
    configured_ = names_.size();
  }

  /// Why a finder may have missed something.
  void trouble(std::string_view finder, std::string_view text) {
    const MutexLock lock(mutex_);
    if (!troubles_.empty()) troubles_ += "; ";
    troubles_.append(finder).append(": ").append(text);
  }
  std::string troubles() {
    const MutexLock lock(mutex_);
    return troubles_;
  }

  std::vector<std::string> take() {
    const MutexLock lock(mutex_);
    std::sort(names_.begin() + static_cast<std::ptrdiff_t>(configured_), names_.end(),
              comes_before);
    return std::move(names_);
  }

 private:
  const model::FindExpression& expression_;
  Mutex mutex_;
  std::set<std::string> seen_ VISA_GUARDED_BY(mutex_);
  std::vector<std::string> names_ VISA_GUARDED_BY(mutex_);
  std::string troubles_ VISA_GUARDED_BY(mutex_);
  std::size_t configured_ VISA_GUARDED_BY(mutex_) = 0;
};

// The reference of a forced unwinding is null (see abi::barrier).
__attribute__((no_sanitize("null"))) void run(spi::Finder& finder, const spi::FindScope& scope,
                                              const Call& whole, Matches& matches) {
  Call part(whole, whole.deadline);
  // An exception that left a finder's thread would end the process.
  try {
    try {
      finder.find(scope, part, matches);
    } catch (const std::exception& error) {
      part.detail = error.what();
    }
    if (part.detail.empty()) return;
    matches.trouble(finder.name(), part.detail);
    if (log::enabled()) {
      log::line("find " + std::string(finder.name()) + ": " + part.detail);
    }
  } catch (::abi::__forced_unwind&) {
    throw;
  } catch (...) {
    log::line("find: a finder failed with an exception of no known kind, or without memory");
  }
}

// A table [finder.NAME] of a finder that this build does not have, and keys its finder does not
// know, have no effect.
void trace_unknown_settings(const config::FinderTables& tables,
                            const std::vector<std::unique_ptr<spi::Finder>>& finders) {
  if (!log::enabled()) return;
  for (const auto& [name, settings] : tables) {
    std::string known;
    spi::Finder* named = nullptr;
    for (const auto& finder : finders) {
      known.append(known.empty() ? "" : ", ").append(finder->name());
      if (finder->name() == name) named = finder.get();
    }
    if (named == nullptr) {
      log::line("configuration: [finder." + name + "] is passed over: this FreeVISA has " +
                (known.empty() ? "no finders" : "the finders " + known));
      continue;
    }
    const auto keys = named->setting_keys();
    for (const auto& [key, setting] : settings) {
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      log::line("configuration: " + setting.origin + ": setting '" + key +
                "' means nothing to the finder " + name + " and is passed over");
    }
  }
}

// The threads of the finders but one. Joined when it ends, the search cut off by force included.
class Helpers {
 public:
  // A thread that found no room in the list would end the process.
  Helpers(Call& call, std::size_t most) : call_(call) { threads_.reserve(most); }

  ~Helpers() {
    if (!finished_) call_.cancel();
    const CancelShield shield;  // pthread_join is a cancellation point
    for (auto& thread : threads_) thread.join();
  }
  Helpers(const Helpers&) = delete;
  Helpers& operator=(const Helpers&) = delete;

  template <class Body>
  bool start(const Body& body) {
    {
      const MutexLock lock(mutex_);
      ++running_;
    }
    try {
      threads_.push_back(start_quiet_thread([this, body] {
        body();
        leave();
      }));
    } catch (const std::system_error&) {
      leave();
      return false;
    }
    return true;
  }

  // Waits on the condition variable, not in join(): a cancelled join cannot be retried.
  void wait() {
    MutexLock lock(mutex_);
    while (running_ > 0) lock.wait(ended_);
    finished_ = true;
  }

 private:
  void leave() {
    const MutexLock lock(mutex_);
    --running_;
    ended_.notify_all();
  }

  Call& call_;
  std::vector<std::thread> threads_;
  Mutex mutex_;
  std::condition_variable ended_;
  std::size_t running_ VISA_GUARDED_BY(mutex_) = 0;
  bool finished_ = false;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Cuts the next piece off `text`: one character, or a number without its leading zeros.
std::string_view next_piece(std::string_view& text) {
  std::size_t size = 1;
  std::size_t skip = 0;
  if (is_digit(text.front())) {
    while (size < text.size() && is_digit(text[size])) ++size;
    while (skip + 1 < size && text[skip] == '0') ++skip;
  }
  const auto piece = text.substr(skip, size - skip);
  text.remove_prefix(size);
  return piece;
}

}  // namespace

bool comes_before(std::string_view a, std::string_view b) noexcept {
  auto left = a;
  auto right = b;
  while (!left.empty() && !right.empty()) {
    const auto x = next_piece(left);
    const auto y = next_piece(right);
    if (x.size() != y.size()) {
      // A number beside another character goes by the character.
      const bool numbers = is_digit(x.front()) && is_digit(y.front());
      return numbers ? x.size() < y.size() : x.front() < y.front();
    }
    if (x != y) return x < y;
  }
  if (left.empty() != right.empty()) return left.empty();
  return a < b;  // equal but for leading zeros
}

std::vector<std::string> search(const model::FindExpression& expression,
                                const config::Configuration& configuration,
                                const std::vector<std::unique_ptr<spi::Finder>>& finders,
                                model::KindSet openable, Call& call, spi::Wires* wires) {
  Matches matches(expression);
  for (const auto& resource : configuration.resources()) {
    if (!resource.listed) continue;
    spi::Descriptor descriptor{resource.parsed, {}};
    for (const auto& [id, value] : resource.attributes) descriptor.known.emplace(id, value);
    matches.found(std::move(descriptor));
    // A fixed name is seen as the program thinks of it: conditions are asked of the name itself.
    for (const auto& name : resource.instead_of) matches.found({name, {}});
  }
  matches.configured();

  trace_unknown_settings(configuration.finders(), finders);
  std::vector<spi::Finder*> wanted;
  for (const auto& finder : finders) {
    if (expression.could_match(finder->covers())) wanted.push_back(finder.get());
  }
  if (wanted.empty()) return matches.take();

  const spi::Settings none;
  const auto look = [&](spi::Finder& finder) {
    const auto table = configuration.finders().find(finder.name());
    const auto& settings = table != configuration.finders().end() ? table->second : none;
    const auto boards = configuration.boards_of(finder.covers());
    run(finder, {expression, openable, settings, &boards, wires}, call, matches);
  };
  Helpers helpers(call, wanted.size());
  for (std::size_t i = 1; i < wanted.size(); ++i) {
    const auto body = [&, i] { look(*wanted[i]); };
    // Where the system gives no more threads, the finders run one after the other.
    if (!helpers.start(body)) body();
  }
  look(*wanted.front());
  helpers.wait();
  call.detail = matches.troubles();
  return matches.take();
}

}  // namespace visa::core
