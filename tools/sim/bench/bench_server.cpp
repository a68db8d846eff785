// SPDX-License-Identifier: MIT
// The bench is filled before its thread starts, so nothing here needs a lock.
#include "tools/sim/bench/bench_server.h"

#include <pthread.h>

#include <csignal>
#include <future>
#include <stdexcept>

#include "tools/sim/description/bundled.h"

namespace visa::sim {

BenchServer::BenchServer(const Options& options) : bench_(options.wire_kinds) {
  bench_.set_log(options.log);
  for (const std::string& wire : options.wires) bench_.open(wire, options.settings);
  for (const std::string& name : options.instruments) {
    const auto description = bundled_description(name);
    if (description == nullptr) throw std::invalid_argument("the bench has no instrument " + name);
    bench_.serve(description, 0);
  }
  for (const auto& description : options.described) bench_.serve(description, 0);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { bench_.run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

BenchServer::~BenchServer() {
  bench_.stop();
  thread_.join();
}

const Bench::Resource& BenchServer::find(std::string_view alias) const {
  for (const Bench::Resource& resource : bench_.resources()) {
    if (resource.alias == alias) return resource;
  }
  throw std::out_of_range("the bench serves no " + std::string(alias));
}

void BenchServer::on_bench_thread(const std::function<void(Bench&)>& task) {
  std::promise<void> done;
  bench_.loop().post([this, &task, &done] {
    task(bench_);
    done.set_value();
  });
  done.get_future().wait();
}

std::size_t BenchServer::clients() {
  std::size_t count = 0;
  on_bench_thread([&count](Bench& bench) { count = bench.clients(); });
  return count;
}

}  // namespace visa::sim
