// SPDX-License-Identifier: MIT
// Measures VXI-11 of this libvisa.so against its floor client, by the method of visa_bench:
// alternating rounds, the ratio of each round, client and server on one processor. It is a separate
// program, because the configuration must name the portmapper before the library is loaded.
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/bench/child.h"
#include "conformance/bench/floor_data.h"
#include "conformance/bench/report.h"
#include "conformance/bench/vxi11_floor.h"

namespace visa::bench {
namespace {

constexpr unsigned kTimeoutMs = 5000;
constexpr std::size_t kKilo = 1024;
constexpr std::size_t kBulk = std::size_t{64} * 1024 * 1024;
constexpr const char* kResource = "TCPIP::127.0.0.1::inst0::INSTR";

class FloorLink final : public Client {
 public:
  const std::string& name() const override { return name_; }
  void open(unsigned port) override { require(vxi11_floor_open(&link_, port, kTimeoutMs)); }
  void close() override { vxi11_floor_close(&link_); }
  void write(std::span<const char> message) override {
    require(vxi11_floor_write(&link_, message.data(), message.size()));
  }
  void read_line(std::span<char> buffer, std::size_t size) override {
    const ssize_t got = vxi11_floor_read(&link_, buffer.data(), buffer.size());
    require(got);
    if (static_cast<std::size_t>(got) != size) throw Failure("floor: a reply of another size");
  }

 private:
  static void require(ssize_t result) {
    if (result < 0) throw Failure(std::string("floor: ") + strerror(static_cast<int>(-result)));
  }

  std::string name_ = "floor";
  vxi11_floor link_{};
};

class VisaLink final : public Client {
 public:
  explicit VisaLink(const VisaLibrary& library) : library_(library) {}
  const std::string& name() const override { return library_.name(); }
  void open(unsigned) override { session_ = library_.open(kResource); }
  void close() override { library_.close(session_); }
  void write(std::span<const char> message) override {
    ViUInt32 count = 0;
    const auto* data = reinterpret_cast<ViConstBuf>(message.data());
    const auto size = static_cast<ViUInt32>(message.size());
    library_.check(library_.vi_write(session_, data, size, &count), "viWrite");
    if (count != size) throw Failure("viWrite wrote less and answered success");
  }
  void read_line(std::span<char> buffer, std::size_t size) override {
    ViUInt32 count = 0;
    const ViStatus status = library_.vi_read(session_, reinterpret_cast<ViPBuf>(buffer.data()),
                                             static_cast<ViUInt32>(buffer.size()), &count);
    library_.check(status, "viRead");
    if (count != size || status != VI_SUCCESS) throw Failure("viRead: another size, or no END");
  }

 private:
  const VisaLibrary& library_;
  ViSession session_ = VI_NULL;
};

std::vector<char>& buffer() {
  static auto* const memory = new std::vector<char>(kBulk + 4 * kKilo);
  return *memory;
}

std::string message_of(std::size_t size) {
  std::string text(size, '\n');
  for (std::size_t i = 0; i + 1 < size; ++i) text[i] = FLOOR_PATTERN_BYTE(i);
  return text;
}

void query(Client& client, std::string_view question, std::size_t size, std::size_t room) {
  client.write(question);
  client.read_line(std::span(buffer()).first(room), size);
}

std::string data_query(std::size_t size) {
  return "DATA? " + std::to_string(size) + "\n";
}

// Checks every byte of a small, an unaligned and a large reply.
void check_content(Client& client, unsigned port) {
  client.open(port);
  for (const std::size_t size : {std::size_t{1}, std::size_t{1025}, 64 * kKilo + 3, kBulk}) {
    std::fill(buffer().begin(), buffer().end(), '\0');
    query(client, data_query(size), size, buffer().size());
    for (std::size_t i = 0; i < size; ++i) {
      const char wanted = i + 1 == size ? '\n' : FLOOR_PATTERN_BYTE(i);
      if (buffer()[i] != wanted) throw Failure(client.name() + ": a byte of a reply is wrong");
    }
  }
  client.close();
}

class Rows {
 public:
  Rows(Client& floor, Client& ours, unsigned port, bool quick)
      : clients_{&floor, &ours}, port_(port), quick_(quick) {}

  void measure(const std::string& row, const std::string& title, Effort effort,
               std::optional<double> p50, std::optional<double> cpu, const Operation& operation) {
    add(row, title, measure_rounds(clients_, port_, of(effort), operation), p50, cpu);
  }

  void open_close(double limit) {
    const Effort effort = of({15, 5, 100});
    Blocks blocks(2);
    for (int round = 0; round < effort.rounds; ++round) {
      for (std::size_t i = 0; i < 2; ++i) {
        const auto cycle = [&] {
          clients_[i]->open(port_);
          clients_[i]->close();
        };
        blocks[i].push_back(measure_block(cycle, effort.warm_up, effort.count));
      }
    }
    add("open_close", "open + close, with the portmapper", blocks, limit, {});
  }

  Report report;

 private:
  Effort of(Effort effort) const {
    if (!quick_) return effort;
    return {3, effort.warm_up / 10, std::max(1, effort.count / 10)};
  }

  void add(const std::string& row, const std::string& title, const Blocks& blocks,
           std::optional<double> p50, std::optional<double> cpu) {
    report.title(row, title);
    add_line(row, "p50", blocks, &Block::p50, p50);
    add_line(row, "client CPU", blocks, &Block::cpu, cpu);
    add_line(row, "p99", blocks, &Block::p99, {});
  }

  void add_line(const std::string& row, const char* what, const Blocks& blocks,
                double Block::*value, std::optional<double> limit) {
    Line line{row, what, "us", median_of(blocks[1], value) / 1e3, {}, {}, limit, {}, {}};
    line.floor = median_of(blocks[0], value) / 1e3;
    line.ratio = ratio_of(blocks[1], blocks[0], value);
    report.add(std::move(line));
  }

  std::vector<Client*> clients_;
  unsigned port_;
  bool quick_;
};

int pin() {
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  int last = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) last = cpu;
  }
  cpu_set_t own;
  CPU_ZERO(&own);
  CPU_SET(last, &own);
  sched_setaffinity(0, sizeof own, &own);
  return last;
}

// A configuration file that names the portmapper's port; removed after the measurement.
class Configuration {
 public:
  explicit Configuration(unsigned port) {
    const int fd = mkstemps(path_, 5);
    if (fd < 0) throw Failure("no temporary file");
    ::close(fd);
    std::ofstream(path_) << "[[resource]]\nname = \"" << kResource
                         << "\"\ntransport = { portmapper_port = " << port << " }\n";
    setenv("FREEVISA_CONFIG", path_, 1);
  }
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;
  ~Configuration() { ::unlink(path_); }

 private:
  char path_[64] = "/tmp/vxi11_bench_XXXXXX.toml";
};

int run(const std::string& path, bool quick, bool check) {
  const int cpu = pin();
  const Server server("vxi11_floor_server", {"--cpu", std::to_string(cpu)});
  const unsigned port = server.port();
  const Configuration configuration(port);
  const VisaLibrary library(path);
  FloorLink floor;
  FloorLink twin;
  VisaLink ours(library);
  check_content(floor, port);
  check_content(ours, port);

  const auto idn = [](Client& client) {
    query(client, "*IDN?\n", sizeof FLOOR_IDENTITY - 1, kKilo);
  };
  Rows noise(floor, twin, port, quick);
  noise.measure("noise", "how quiet the machine is: the floor against itself", {21, 200, 2000}, {},
                {}, idn);
  Rows rows(floor, ours, port, quick);
  rows.measure("idn", "*IDN? query, finite timeout", {21, 200, 3000}, 1.12, {}, idn);
  for (const std::size_t size : {kKilo, 64 * kKilo}) {
    const std::string message = message_of(size);
    rows.measure(size == kKilo ? "write_1k" : "write_64k",
                 "write " + std::to_string(size / kKilo) + " KB + *OPC?", {21, 50, 600}, 1.15, {},
                 [&](Client& client) {
                   client.write(message);
                   query(client, "*OPC?\n", 2, kKilo);
                 });
  }
  const std::string small = data_query(64 * kKilo);
  rows.measure("read_64k", "read 64 KB", {21, 50, 600}, 1.15, {},
               [&](Client& client) { query(client, small, 64 * kKilo, 68 * kKilo); });
  const std::string large = data_query(kBulk);
  rows.measure("read_64m", "read 64 MB in one call", {11, 1, 4}, 1.15, 1.25,
               [&](Client& client) { query(client, large, kBulk, buffer().size()); });
  const std::string bulk = message_of(kBulk);
  rows.measure("write_64m", "write 64 MB + *OPC?", {11, 1, 4}, 1.20, 1.25, [&](Client& client) {
    client.write(bulk);
    query(client, "*OPC?\n", 2, kKilo);
  });
  rows.open_close(1.30);

  noise.report.print(std::cout, "floor again", "", false);
  rows.report.print(std::cout, library.name(), "", true);
  return check && !rows.report.all_met() ? 1 : 0;
}

}  // namespace
}  // namespace visa::bench

int main(int argc, char** argv) {
  const std::vector<std::string> options(argv + 1, argv + argc);
  const auto given = [&](const char* option) {
    return std::find(options.begin(), options.end(), option) != options.end();
  };
  if (options.empty() || options.front().starts_with("-")) {
    std::cerr << "usage: vxi11_bench LIBVISA [--quick] [--check]\n";
    return 2;
  }
  alarm(1200);
  try {
    const std::string& path = options.front();
    return visa::bench::run(path.find('/') == std::string::npos ? "./" + path : path,
                            given("--quick"), given("--check"));
  } catch (const std::exception& e) {
    std::cerr << "vxi11_bench: " << e.what() << '\n';
    return 2;
  }
}
