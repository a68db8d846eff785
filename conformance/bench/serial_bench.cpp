// SPDX-License-Identifier: MIT
// Measures a query over a pseudo-terminal of this libvisa.so against a bare termios client:
// `serial_bench LIBVISA [--quick] [--check]`. Exit codes as README.md describes.
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "conformance/bench/child.h"
#include "conformance/bench/floor_data.h"
#include "conformance/bench/serial_floor.h"
#include "conformance/bench/wire_bench.h"

namespace visa::bench {
namespace {

using Floor = FloorLink<serial_floor, serial_floor_open, serial_floor_write, serial_floor_read,
                        serial_floor_close>;

constexpr double kGoal = 1.15;

void check_content(Client& client, unsigned port) {
  constexpr std::string_view kIdentity = FLOOR_IDENTITY;
  char answer[kKilo];
  client.open(port);
  client.write(std::string_view("*IDN?\n"));
  client.read_line(answer, kIdentity.size());
  if (std::string_view(answer, kIdentity.size()) != kIdentity) {
    throw Failure(client.name() + ": a byte of an answer is wrong");
  }
  client.close();
}

int run(const std::string& path, bool quick, bool check) {
  const Server server("serial_floor_server", {"--cpu", std::to_string(pin_to_one_processor())});
  const unsigned port = server.port();
  const VisaLibrary library(path);
  Floor floor;
  Floor twin;
  VisaLink ours(library, "ASRL/dev/pts/" + std::to_string(port) + "::INSTR");
  check_content(floor, port);
  check_content(ours, port);
  Report noise;
  Rows(floor, twin, port, quick, noise)
      .measure("noise", "how quiet the machine is: the floor against itself", {21, 200, 2000}, {},
               ask_identity);
  Report report;
  Rows(floor, ours, port, quick, report)
      .measure("idn", "*IDN? query over a pseudo-terminal, finite timeout", {21, 200, 3000},
               {kGoal, {}}, ask_identity);
  noise.print(std::cout, "floor again", "", false);
  report.print(std::cout, library.name(), "", true);
  return check && !report.all_met() ? 1 : 0;
}

}  // namespace
}  // namespace visa::bench

int main(int argc, char** argv) {
  const std::vector<std::string> options(argv + 1, argv + argc);
  const auto given = [&](const char* option) {
    return std::find(options.begin(), options.end(), option) != options.end();
  };
  if (options.empty() || options.front().starts_with("-")) {
    std::cerr << "usage: " << argv[0] << " LIBVISA [--quick] [--check]\n";
    return 2;
  }
  alarm(600);
  try {
    const std::string& path = options.front();
    return visa::bench::run(path.find('/') == std::string::npos ? "./" + path : path,
                            given("--quick"), given("--check"));
  } catch (const std::exception& e) {
    std::cerr << argv[0] << ": " << e.what() << '\n';
    return 2;
  }
}
