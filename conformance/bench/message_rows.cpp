// SPDX-License-Identifier: MIT
// Queries, reads and writes over one connection, interleaved with the floor client.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/bench/child.h"
#include "conformance/bench/floor_data.h"
#include "conformance/bench/rows.h"

namespace visa::bench {
namespace {

constexpr std::size_t kKilo = 1024;
constexpr std::size_t kMega = kKilo * kKilo;
constexpr std::size_t kBulk = 64 * kMega;
constexpr double kStallNs = 35e6;  // a delayed acknowledgement waits at least 40 ms
constexpr std::string_view kIdentity = FLOOR_IDENTITY;

// Larger than the longest line, so that the end of the line and never the count ends a read.
std::vector<char>& buffer() {
  static auto* const memory = new std::vector<char>(kBulk + 4 * kKilo);
  return *memory;
}

std::string message_of(std::size_t size) {
  std::string text(size, '\n');
  for (std::size_t i = 0; i + 1 < size; ++i) text[i] = FLOOR_PATTERN_BYTE(i);
  return text;
}

std::string data_query(std::size_t size) {
  return "DATA? " + std::to_string(size) + "\n";
}

void query(Client& client, std::string_view question, std::size_t size, std::size_t room) {
  client.write(question);
  client.read_line(std::span(buffer()).first(room), size);
}

struct Goals {
  std::optional<double> p50, cpu, p99;
};

class MessageRow {
 public:
  MessageRow(Bench& bench, std::string row, const std::string& title, Blocks blocks)
      : bench_(bench), row_(std::move(row)), blocks_(std::move(blocks)) {
    bench_.report.title(row_, title);
  }

  void add(const char* what, const char* unit, double scale, double Block::*value,
           std::optional<double> limit) {
    Line line{row_, what, unit, median_of(blocks_[1], value) / scale, {}, {}, limit, {}, {}};
    line.floor = median_of(blocks_[0], value) / scale;
    line.ratio = ratio_of(blocks_[1], blocks_[0], value);
    if (bench_.has_peer()) line.peer = ratio_of(blocks_[2], blocks_[0], value).median;
    bench_.report.add(std::move(line));
  }

  void add_all(const char* unit, double scale, const Goals& goals) {
    add("p50", unit, scale, &Block::p50, goals.p50);
    add("client CPU", unit, scale, &Block::cpu, goals.cpu);
    add("p99", unit, scale, &Block::p99, goals.p99);
  }

  // The longest single operation of the whole run, because a stall could hide in a percentile.
  void add_longest() {
    Line line{row_, "longest, no 40 ms stall", "ms", longest(1), {}, {}, kStallNs / 1e6, {}, {}};
    line.floor = longest(0);
    if (bench_.has_peer()) line.peer = longest(2);
    bench_.report.add(std::move(line));
  }

 private:
  double longest(std::size_t client) const {
    double value = 0;
    for (const Block& block : blocks_[client]) value = std::max(value, block.max);
    return value / 1e6;
  }

  Bench& bench_;
  std::string row_;
  Blocks blocks_;
};

// How much two measurements of the same code differ. Outside 0.97 to 1.03 the machine is too busy
// to judge.
void noise_row(Bench& bench, unsigned port) {
  FloorClient twin;
  Blocks blocks =
      measure_rounds({bench.clients.front(), &twin}, port, bench.effort(21, 200, 4000),
                     [](Client& client) { query(client, "*IDN?\n", kIdentity.size(), kKilo); });
  bench.report.title("noise", "how quiet the machine is: the floor against itself, *IDN?");
  Line line{"noise", "p50", "us", median_of(blocks[1], &Block::p50) / 1e3, {}, {}, {}, {}, {}};
  line.floor = median_of(blocks[0], &Block::p50) / 1e3;
  line.ratio = ratio_of(blocks[1], blocks[0], &Block::p50);
  if (line.ratio->median < 0.97 || line.ratio->median > 1.03)
    line.note = "not quiet: measure again";
  bench.report.add(std::move(line));
}

void check_bytes(const Client& client, std::size_t size) {
  const std::vector<char>& data = buffer();
  for (std::size_t i = 0; i + 1 < size; ++i) {
    if (data[i] != FLOOR_PATTERN_BYTE(i)) {
      throw Failure(client.name() + ": byte " + std::to_string(i) + " of a reply is wrong");
    }
  }
  if (data[size - 1] != '\n') throw Failure(client.name() + ": the last byte is no line feed");
}

void open_close_row(Bench& bench, unsigned port) {
  const Effort effort = bench.effort(15, 5, 100);
  Blocks blocks(bench.clients.size());
  for (int round = 0; round < effort.rounds; ++round) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      Client& client = *bench.clients[i];
      const auto open_close = [&] {
        client.open(port);
        client.close();
      };
      blocks[i].push_back(measure_block(open_close, effort.warm_up, effort.count));
    }
  }
  MessageRow row(bench, "open_close",
                 "open + close (two-valued on loopback: shown, not judged; with 3 viSetAttribute)",
                 std::move(blocks));
  row.add_all("us", 1e3, {});
}

}  // namespace

Effort Bench::effort(int rounds_wanted, int warm_up, int count) const {
  const int used = rounds > 0 ? rounds : quick ? 3 : rounds_wanted;
  if (!quick) return {used, warm_up, count};
  return {used, warm_up / 10, std::max(1, count / 10)};
}

void check_content(const Bench& bench) {
  const Server server(false, bench.server_cpu);
  for (Client* client : bench.clients) {
    client->open(server.port());
    for (const std::size_t size : {std::size_t{1}, std::size_t{1025}, 64 * kKilo, kBulk}) {
      std::fill(buffer().begin(), buffer().end(), '\0');
      query(*client, data_query(size), size, buffer().size());
      check_bytes(*client, size);
    }
    if (client !=
        bench.clients.front()) {  // the floor does not search: it reads one line at a time
      client->write(std::string_view("LINES? 1024,64\n"));
      for (int line = 0; line < 16; ++line) {
        client->read_line(std::span(buffer()).first(kKilo), 64);
        check_bytes(*client, 64);
      }
    }
    client->close();
  }
}

void message_rows(Bench& bench) {
  const Server server(false, bench.server_cpu);
  const unsigned port = server.port();
  const auto measure = [&](const Effort& effort, const Operation& operation) {
    return measure_rounds(bench.clients, port, effort, operation);
  };

  noise_row(bench, port);
  MessageRow idn(bench, "idn", "*IDN? query, termination character on, finite timeout",
                 measure(bench.effort(21, 200, 4000), [](Client& client) {
                   query(client, "*IDN?\n", kIdentity.size(), kKilo);
                 }));
  idn.add_all("us", 1e3, {1.10, 1.35, 1.5});

  const struct {
    std::size_t size;
    const char* row;
    const char* title;
    Effort effort;
  } writes[] = {
      {kKilo, "write_1k", "write 1 KB + *OPC?", bench.effort(21, 100, 2000)},
      {64 * kKilo, "write_64k", "write 64 KB + *OPC?", bench.effort(21, 30, 600)},
  };
  for (const auto& w : writes) {
    const std::string message = message_of(w.size);
    MessageRow row(bench, w.row, w.title, measure(w.effort, [&](Client& client) {
                     client.write(message);
                     query(client, "*OPC?\n", 2, kKilo);
                   }));
    row.add_all("us", 1e3, {1.15, {}, {}});
    row.add_longest();
  }

  const std::string small_read = data_query(64 * kKilo);
  MessageRow read_64k(bench, "read_64k", "read 64 KB",
                      measure(bench.effort(21, 30, 600), [&](Client& client) {
                        query(client, small_read, 64 * kKilo, 68 * kKilo);
                      }));
  read_64k.add_all("us", 1e3, {1.15, {}, {}});

  const std::string large_read = data_query(kBulk);
  MessageRow read_64m(bench, "read_64m", "read 64 MB, termination character on",
                      measure(bench.effort(11, 1, 4), [&](Client& client) {
                        query(client, large_read, kBulk, buffer().size());
                      }));
  read_64m.add("p50", "ms", 1e6, &Block::p50, 1.15);
  read_64m.add("client CPU", "ms", 1e6, &Block::cpu, 1.20);

  const std::string bulk = message_of(kBulk);
  MessageRow write_64m(bench, "write_64m", "write 64 MB + *OPC?",
                       measure(bench.effort(11, 1, 4), [&](Client& client) {
                         client.write(bulk);
                         query(client, "*OPC?\n", 2, kKilo);
                       }));
  write_64m.add("p50", "ms", 1e6, &Block::p50, 1.20);
  write_64m.add("client CPU", "ms", 1e6, &Block::cpu, 1.25);

  open_close_row(bench, port);
}

void attribute_rows(Bench& bench) {
  constexpr int kBatch = 1000;
  constexpr double kLimitNs = 100;
  const Effort effort = bench.effort(21, 10, 200);
  const Server server(true, bench.server_cpu);
  bench.report.title("attributes", "attributes, without I/O");
  std::vector<std::vector<double>> get(bench.libraries.size());
  std::vector<std::vector<double>> set(bench.libraries.size());
  for (int round = 0; round < effort.rounds; ++round) {
    for (std::size_t i = 0; i < bench.libraries.size(); ++i) {
      const VisaLibrary& library = *bench.libraries[i];
      const ViSession session = library.open(server.port());
      ViUInt32 timeout = 0;
      const auto read_all = [&] {
        for (int n = 0; n < kBatch; ++n) {
          library.check(library.get_attribute(session, VI_ATTR_TMO_VALUE, &timeout),
                        "viGetAttribute");
        }
      };
      const auto write_all = [&] {
        for (ViUInt32 n = 0; n < kBatch; ++n) {
          library.check(library.set_attribute(session, VI_ATTR_TMO_VALUE, 2000 + n % 2),
                        "viSetAttribute");
        }
      };
      get[i].push_back(measure_block(read_all, effort.warm_up, effort.count).p50 / kBatch);
      set[i].push_back(measure_block(write_all, effort.warm_up, effort.count).p50 / kBatch);
      if (timeout == 0) throw Failure(library.name() + ": viGetAttribute wrote nothing");
      library.close(session);
    }
  }
  const auto add = [&](const char* what, const std::vector<std::vector<double>>& values) {
    Line line{"attributes", what, "ns", median(values[0]), {}, {}, kLimitNs, {}, {}};
    if (bench.has_peer()) line.peer = median(values[1]);
    bench.report.add(std::move(line));
  };
  add("viGetAttribute(TMO_VALUE)", get);
  add("viSetAttribute(TMO_VALUE)", set);
}

}  // namespace visa::bench
