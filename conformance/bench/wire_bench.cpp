// SPDX-License-Identifier: MIT
#include "conformance/bench/wire_bench.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <string_view>
#include <vector>

#include "conformance/bench/child.h"
#include "conformance/bench/floor_data.h"

namespace visa::bench {
namespace {

constexpr std::size_t kBulk = std::size_t{64} * 1024 * 1024;

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

std::string with_port(std::string text, unsigned port) {
  if (const auto at = text.find("%u"); at != std::string::npos) {
    text.replace(at, 2, std::to_string(port));
  }
  return text;
}

// A configuration file with the settings of the resource; removed after the measurement.
class Configuration {
 public:
  Configuration(const std::string& resource, const std::string& settings) {
    const int fd = mkstemps(path_, 5);
    if (fd < 0) throw Failure("no temporary file");
    ::close(fd);
    std::ofstream(path_) << "[[resource]]\nname = \"" << resource << "\"\n" << settings << '\n';
    setenv("FREEVISA_CONFIG", path_, 1);
  }
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;
  ~Configuration() { ::unlink(path_); }

 private:
  char path_[64] = "/tmp/wire_bench_XXXXXX.toml";
};

void write_rows(Rows& rows) {
  for (const std::size_t size : {kKilo, 64 * kKilo}) {
    const std::string message = message_of(size);
    rows.measure(size == kKilo ? "write_1k" : "write_64k",
                 "write " + std::to_string(size / kKilo) + " KB + *OPC?", {21, 50, 600}, {1.15, {}},
                 [&](Client& client) {
                   client.write(message);
                   query(client, "*OPC?\n", 2, kKilo);
                 });
  }
}

void bulk_rows(Rows& rows, const Wire& wire) {
  const std::string small = data_query(64 * kKilo);
  rows.measure("read_64k", "read 64 KB", {21, 50, 600}, {1.15, {}},
               [&](Client& client) { query(client, small, 64 * kKilo, 68 * kKilo); });
  const std::string large = data_query(kBulk);
  rows.measure("read_64m", "read 64 MB in one call", {11, 1, 4}, wire.bulk_read,
               [&](Client& client) { query(client, large, kBulk, buffer().size()); });
  const std::string bulk = message_of(kBulk);
  rows.measure("write_64m", "write 64 MB + *OPC?", {11, 1, 4}, wire.bulk_write,
               [&](Client& client) {
                 client.write(bulk);
                 query(client, "*OPC?\n", 2, kKilo);
               });
}

int run(const Wire& wire, const OwnRows& own, const std::string& path, bool quick, bool check) {
  const int cpu = pin_to_one_processor();
  std::vector<std::string> arguments{"--cpu", std::to_string(cpu)};
  arguments.insert(arguments.end(), wire.arguments.begin(), wire.arguments.end());
  const Server server(wire.server, arguments);
  const unsigned port = server.port();
  const std::string resource = with_port(wire.resource, port);
  std::optional<Configuration> configuration;
  if (!wire.settings.empty()) configuration.emplace(resource, with_port(wire.settings, port));
  const VisaLibrary library(path);
  const std::unique_ptr<Client> floor = wire.floor();
  const std::unique_ptr<Client> twin = wire.floor();
  VisaLink ours(library, resource);
  check_content(*floor, port);
  check_content(ours, port);

  Report noise;
  Rows(*floor, *twin, port, quick, noise)
      .measure("noise", "how quiet the machine is: the floor against itself", {21, 200, 2000}, {},
               ask_identity);
  Report report;
  Rows rows(*floor, ours, port, quick, report);
  rows.measure("idn", "*IDN? query, finite timeout", {21, 200, 3000}, wire.identity, ask_identity);
  write_rows(rows);
  bulk_rows(rows, wire);
  rows.open_close(wire.open_title, wire.open_close);
  if (own) own(library, resource, *floor, ours, port, quick, report);

  noise.print(std::cout, "floor again", "", false);
  report.print(std::cout, library.name(), "", true);
  return check && !report.all_met() ? 1 : 0;
}

}  // namespace

int pin_to_one_processor() {
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

void VisaLink::open(unsigned) {
  session_ = library_.open(resource_.c_str());
  if (prepare_) prepare_(library_, session_);
}

void VisaLink::write(std::span<const char> message) {
  ViUInt32 count = 0;
  const auto* data = reinterpret_cast<ViConstBuf>(message.data());
  const auto size = static_cast<ViUInt32>(message.size());
  library_.check(library_.vi_write(session_, data, size, &count), "viWrite");
  if (count != size) throw Failure("viWrite wrote less and answered success");
}

void VisaLink::read_line(std::span<char> buffer, std::size_t size) {
  ViUInt32 count = 0;
  const ViStatus status = library_.vi_read(session_, reinterpret_cast<ViPBuf>(buffer.data()),
                                           static_cast<ViUInt32>(buffer.size()), &count);
  library_.check(status, "viRead");
  if (count != size || status != VI_SUCCESS) throw Failure("viRead: another size, or no END");
}

void Rows::measure(const std::string& row, const std::string& title, Effort effort,
                   const Goal& goal, const Operation& operation) {
  add(row, title, measure_rounds(clients_, port_, of(effort), operation), goal);
}

void Rows::open_close(const std::string& title, double p50) {
  const Effort effort = of({15, 5, 100});
  Blocks blocks(clients_.size());
  for (int round = 0; round < effort.rounds; ++round) {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      const auto cycle = [&] {
        clients_[i]->open(port_);
        clients_[i]->close();
      };
      blocks[i].push_back(measure_block(cycle, effort.warm_up, effort.count));
    }
  }
  add("open_close", title, blocks, {p50, {}});
}

Effort Rows::of(Effort effort) const {
  if (!quick_) return effort;
  return {3, effort.warm_up / 10, std::max(1, effort.count / 10)};
}

void Rows::add(const std::string& row, const std::string& title, const Blocks& blocks,
               const Goal& goal) {
  report_.title(row, title);
  add_line(row, "p50", blocks, &Block::p50, goal.p50);
  add_line(row, "client CPU", blocks, &Block::cpu, goal.cpu);
  add_line(row, "p99", blocks, &Block::p99, {});
}

void Rows::add_line(const std::string& row, const char* what, const Blocks& blocks,
                    double Block::*value, std::optional<double> limit) {
  Line line{row, what, "us", median_of(blocks[1], value) / 1e3, {}, {}, limit, {}, {}};
  line.floor = median_of(blocks[0], value) / 1e3;
  line.ratio = ratio_of(blocks[1], blocks[0], value);
  for (const double number : {line.ours, *line.floor, line.ratio->median}) {
    if (!std::isfinite(number) || number <= 0) throw Failure(row + ", " + what + ": no number");
  }
  report_.add(std::move(line));
}

void ask_identity(Client& client) {
  query(client, "*IDN?\n", sizeof FLOOR_IDENTITY - 1, kKilo);
}

int wire_main(int argc, char** argv, const Wire& wire, const OwnRows& own) {
  const std::vector<std::string> options(argv + 1, argv + argc);
  const auto given = [&](const char* option) {
    return std::find(options.begin(), options.end(), option) != options.end();
  };
  if (options.empty() || options.front().starts_with("-")) {
    std::cerr << "usage: " << argv[0] << " LIBVISA [--quick] [--check]\n";
    return 2;
  }
  alarm(1200);
  try {
    const std::string& path = options.front();
    return run(wire, own, path.find('/') == std::string::npos ? "./" + path : path,
               given("--quick"), given("--check"));
  } catch (const std::exception& e) {
    std::cerr << argv[0] << ": " << e.what() << '\n';
    return 2;
  }
}

}  // namespace visa::bench
