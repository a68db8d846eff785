// SPDX-License-Identifier: MIT
// The parts of the benchmark that run in a separate process and print "name value" lines.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "conformance/bench/count_calls.h"
#include "conformance/bench/floor_data.h"
#include "conformance/bench/measure.h"
#include "conformance/bench/rows.h"

namespace visa::bench {
namespace {

constexpr std::size_t kWanted = 4000;
constexpr std::size_t kSpareFiles = 200;
constexpr int kBatch = 1000;
constexpr std::string_view kIdentity = FLOOR_IDENTITY;

void print(const std::string& name, double value) {
  std::printf("%s %.9g\n", name.c_str(), value);
}

using Counts = std::map<std::string, long>;

Counts counts_now(decltype(&count_calls_of) count) {
  Counts counts;
  const char* name = nullptr;
  for (unsigned i = 0;; ++i) {
    const long value = count(i, &name);
    if (value < 0) return counts;
    counts[name] = value;
  }
}

// The number in the line of /proc/self/<file> that starts with `key`.
double proc_value(const char* file, std::string_view key) {
  static char text[16384];  // static: memory is being measured, so nothing may be allocated
  const int fd = open(file, O_RDONLY | O_CLOEXEC);
  const ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (n <= 0) throw Failure(std::string(file) + " cannot be read");
  text[n] = '\0';
  const char* const found = std::strstr(text, std::string(key).c_str());
  if (found == nullptr) throw Failure(std::string(file) + " has no " + std::string(key));
  return std::strtod(found + key.size(), nullptr);
}

double private_bytes() {
  return 1024 * (proc_value("/proc/self/smaps_rollup", "\nPrivate_Clean:") +
                 proc_value("/proc/self/smaps_rollup", "\nPrivate_Dirty:"));
}

double threads() {
  return proc_value("/proc/self/status", "\nThreads:");
}

std::size_t raise_file_limit() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  getrlimit(RLIMIT_NOFILE, &files);
  return files.rlim_cur;
}

// A look-up in a table of one, as cheap as a thread-safe look-up can be. The time of a batch of
// them shows the speed of the processor at that moment.
class Yardstick {
 public:
  Yardstick() { table_.emplace(1, std::make_shared<unsigned>(2000)); }
  void operator()() const {
    for (int i = 0; i < kBatch; ++i) {
      std::shared_ptr<unsigned> found;
      {
        const std::shared_lock lock(mutex_);
        found = table_.find(1)->second;
      }
      if (*found == 0) throw Failure("the table of the yardstick is empty");
    }
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<unsigned, std::shared_ptr<unsigned>> table_;
};

class Sessions {
 public:
  Sessions(const VisaLibrary& library, unsigned port, bool quick)
      : library_(library), port_(port), rounds_(quick ? 3 : 11), queries_(quick ? 200 : 1500) {
    sessions_.reserve(kWanted);
    for (FloorClient& client : floor_) client.open(port);
  }

  void open_to(std::size_t count) {
    while (sessions_.size() < count) {
      sessions_.push_back(library_.open(port_));
      query(sessions_.back());
    }
  }

  void close_all() {
    for (const ViSession session : sessions_) library_.close(session);
    sessions_.clear();
  }

  // A few sessions spread over all open ones: a set of the same small size for any number of
  // sessions, so that the processor's cache does not affect the comparison.
  std::vector<ViSession> sample() const {
    std::vector<ViSession> chosen;
    const std::size_t count = std::min(sessions_.size(), kSample);
    for (std::size_t i = 0; i < count; ++i) {
      chosen.push_back(sessions_[i * (sessions_.size() - 1) / std::max<std::size_t>(1, count - 1)]);
    }
    return chosen;
  }

  // Returns the ratio to the yardstick in the same rounds, because load on the processor's other
  // hardware thread makes everything 1.8 times slower for a while.
  double measure_lookup(const std::string& name) const {
    const std::vector<ViSession> chosen = sample();
    const Yardstick yardstick;
    const auto look_up = [&] {
      std::size_t at = 0;
      for (int i = 0; i < kBatch; ++i) {
        ViUInt32 timeout = 0;
        library_.check(library_.get_attribute(chosen[at], VI_ATTR_TMO_VALUE, &timeout),
                       "viGetAttribute");
        if (++at == chosen.size()) at = 0;
      }
    };
    std::vector<double> ours;
    std::vector<double> one;
    for (int round = 0; round < 2 * rounds_ + 1; ++round) {
      one.push_back(measure_block(std::cref(yardstick), 10, 50).p50 / kBatch);
      ours.push_back(measure_block(look_up, 10, 50).p50 / kBatch);
    }
    print("lookup_" + name, median(ours));
    return ratio_of(ours, one).median;
  }

  double measure_query(const std::string& name) {
    const std::vector<ViSession> chosen = sample();
    std::vector<double> ours;
    std::vector<double> floor;
    std::size_t at = 0;
    const auto next = [&] { return at = at + 1 < chosen.size() ? at + 1 : 0; };
    const auto ask_floor = [&] {
      FloorClient& client = floor_[next()];
      client.write(std::string_view("*IDN?\n"));
      client.read_line(buffer_, kIdentity.size());
    };
    const auto ask_ours = [&] { query(chosen[next()]); };
    for (int round = 0; round < rounds_; ++round) {
      floor.push_back(measure_block(ask_floor, 50, queries_).p50 / 1e3);
      ours.push_back(measure_block(ask_ours, 50, queries_).p50 / 1e3);
    }
    const Ratio ratio = ratio_of(ours, floor);
    print("query_" + name, median(ours));
    print("query_" + name + "_floor", median(floor));
    print("query_" + name + "_ratio", ratio.median);
    print("query_" + name + "_low", ratio.low);
    print("query_" + name + "_high", ratio.high);
    return ratio.median;
  }

 private:
  static constexpr std::size_t kSample = 8;

  void query(ViSession session) {
    ViUInt32 count = 0;
    auto* const buffer = reinterpret_cast<ViPBuf>(buffer_);
    library_.check(library_.vi_write(session, reinterpret_cast<ViConstBuf>("*IDN?\n"), 6, &count),
                   "viWrite");
    library_.check(library_.vi_read(session, buffer, sizeof buffer_, &count), "viRead");
    if (count != kIdentity.size()) throw Failure(library_.name() + ": wrong reply");
  }

  const VisaLibrary& library_;
  unsigned port_;
  int rounds_;
  int queries_;
  std::vector<ViSession> sessions_;
  FloorClient floor_[kSample];
  char buffer_[1024];
};

}  // namespace

int calls_worker(const std::string& path, unsigned port) {
  constexpr int kTimes = 100;
  const auto count =
      reinterpret_cast<decltype(&count_calls_of)>(dlsym(RTLD_DEFAULT, "count_calls_of"));
  if (count == nullptr) throw Failure("libcount_calls.so is not preloaded");
  std::unique_ptr<VisaLibrary> library;
  std::unique_ptr<Client> client;
  if (path == "floor") {
    client = std::make_unique<FloorClient>();
  } else {
    library = std::make_unique<VisaLibrary>(path);
    client = std::make_unique<VisaClient>(*library);
  }
  std::vector<char> buffer(68 * 1024);
  const std::string message = std::string(1023, 'x') + '\n';
  const auto query = [&](std::string_view question, std::size_t size) {
    client->write(question);
    client->read_line(buffer, size);
  };
  const std::pair<std::string, std::function<void()>> operations[] = {
      {"idn", [&] { query("*IDN?\n", kIdentity.size()); }},
      {"write_1k",
       [&] {
         client->write(message);
         query("*OPC?\n", 2);
       }},
      {"read_64k", [&] { query("DATA? 65536\n", 65536); }},
  };
  client->open(port);
  for (const auto& [name, operation] : operations) {
    for (int i = 0; i < 10; ++i) operation();
    const Counts before = counts_now(count);
    for (int i = 0; i < kTimes; ++i) operation();
    const Counts after = counts_now(count);
    double total = 0;
    for (const auto& [call, value] : after) {
      const double calls = static_cast<double>(value - before.at(call)) / kTimes;
      total += calls;
      if (calls > 0) print(name + "." + call, calls);
    }
    print(name, total);
  }
  client->close();
  return 0;
}

int sessions_worker(const std::string& path, unsigned port, bool quick) {
  const std::size_t files = raise_file_limit();
  const std::size_t most = files > 2 * kSpareFiles ? files - kSpareFiles : kSpareFiles;
  const std::size_t all = std::min(kWanted, most);
  const VisaLibrary library(path);
  Sessions sessions(library, port, quick);

  sessions.open_to(1);
  const double lookup_1 = sessions.measure_lookup("1");
  const double query_1 = sessions.measure_query("1");
  const double threads_1 = threads();
  const double memory_1 = private_bytes();
  const double start = now_ns();
  sessions.open_to(100);
  const double first_100 = now_ns() - start;
  sessions.measure_lookup("100");
  sessions.measure_query("100");
  const double again = now_ns();
  sessions.open_to(all);
  print("open", (now_ns() - again + first_100) / static_cast<double>(all - 1) / 1e3);
  print("memory", (private_bytes() - memory_1) / static_cast<double>(all - 1));
  print("threads", threads() - threads_1);
  print("lookup_flat", sessions.measure_lookup("all") / lookup_1);
  print("query_flat", sessions.measure_query("all") / query_1);
  const double closing = now_ns();
  sessions.close_all();
  print("close", (now_ns() - closing) / static_cast<double>(all) / 1e3);
  print("sessions", static_cast<double>(all));
  print("missing", static_cast<double>(kWanted - all));
  return 0;
}

}  // namespace visa::bench
