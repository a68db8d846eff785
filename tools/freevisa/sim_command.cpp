// SPDX-License-Identifier: MIT
// freevisa sim: the bench as a process. Standard output: one resource name a line, an empty line,
// the configuration, and "ready" when every port is open; a test or script reads up to that line.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include "tools/freevisa/command_line.h"
#include "tools/sim/bench.h"

namespace visa::tool {

const char kSimHelp[] =
    R"(freevisa sim - run the virtual bench

Usage:
  freevisa sim [--port N] [--bind ADDRESS] [--config-out FILE] [--instrument KIND]...

Serves simulated instruments on TCP sockets until it is ended (Ctrl-C, SIGTERM). Prints the resource
name of each, one a line, then configuration that gives them their aliases, then "ready".

Options:
  --port N            first port; the instruments take N, N+1, ... 0: ports the system chooses.
                      Without it each kind has its usual port, see below.
  --bind ADDRESS      numeric address to listen on (127.0.0.1). Anyone who reaches another address
                      can use the instruments; nothing on the bench asks for a password.
  --config-out FILE   also write the configuration to FILE, before "ready"
  --instrument KIND   serve this one only; may be given several times, also for several of a kind

Kinds:
  pyvisa   5025   the instrument PyVISA's own tests want: stores a line and sends it back
  dmm      5026   multimeter: MEASure, CONFigure, READ?, TRIGger, ranges with overload;
                  SIMulation:INPut <value> connects something else
  scope    5027   oscilloscope with 2 channels: CURVe? or WAVeform:DATA?, WAVeform:POINts up to 64M,
                  WAVeform:FORMat BYTE|WORD|REAL|ASCii, WAVeform:PREamble?, and
                  HCOPy:SDUMp:DATA? for a screenshot as PNG

All but "pyvisa" know the IEEE 488.2 common commands and SYSTem:ERRor?. All clients share an
instrument, as with real ones; each gets the answers to its own questions.

Example:
  freevisa sim --config-out bench.toml &
  export FREEVISA_CONFIG=$PWD/bench.toml
  freevisa query scope '*IDN?'
  freevisa query --output screen.png scope 'HCOPy:SDUMp:DATA?'

Exit codes: 0 ended by a signal, 1 a port or the file cannot be had, 2 wrong usage.
)";

namespace {

sim::Bench* running = nullptr;  // for the signal handler; set before the handler is

extern "C" void end_bench(int) {
  running->stop();
}

bool write_file(const std::string& path, const std::string& text) {
  std::FILE* const file = std::fopen(path.c_str(), "we");
  bool good = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file != nullptr) {
    good = std::fclose(file) == 0 && good;
  }
  if (!good) {
    std::fprintf(stderr, "freevisa: cannot write %s: %s\n", path.c_str(), std::strerror(errno));
  }
  return good;
}

std::vector<const sim::InstrumentKind*> wanted_kinds(const CommandLine& line) {
  std::vector<const sim::InstrumentKind*> kinds;
  for (const std::string& name : line.values("--instrument")) {
    const sim::InstrumentKind* const kind = sim::find_instrument_kind(name);
    if (kind == nullptr) {
      throw UsageError{"no instrument of kind '" + name + "'; see 'freevisa sim --help'"};
    }
    kinds.push_back(kind);
  }
  if (kinds.empty()) {
    for (const sim::InstrumentKind& kind : sim::instrument_kinds()) {
      kinds.push_back(&kind);
    }
  }
  return kinds;
}

// Fills the bench; false, with the reason printed, when a port cannot be had.
bool serve(sim::Bench& bench, const CommandLine& line) {
  const std::string address = line.value("--bind").value_or("127.0.0.1");
  const std::uint32_t first = line.number("--port", 0, 0, 65535);
  const auto kinds = wanted_kinds(line);
  if (first != 0 && first + kinds.size() - 1 > 65535) {
    throw UsageError{"there are no " + std::to_string(kinds.size()) + " ports from " +
                     std::to_string(first) + " on"};
  }
  std::uint32_t number = 0;
  for (const sim::InstrumentKind* const kind : kinds) {
    std::uint32_t port = kind->port;
    if (line.has("--port")) {
      port = first == 0 ? 0 : first + number++;
    }
    try {
      bench.serve_socket(*kind, address, static_cast<std::uint16_t>(port));
    } catch (const std::system_error& error) {
      std::fprintf(stderr, "freevisa: %s\n", error.what());
      if (error.code().value() == EADDRINUSE) {
        std::fputs(
            "Another program, perhaps another bench, has this port; --port 0 takes free ones.\n",
            stderr);
      } else if (error.code().value() == EINVAL) {
        std::fputs("--bind takes a numeric IPv4 or IPv6 address.\n", stderr);
      }
      return false;
    }
  }
  return true;
}

}  // namespace

int sim_command(std::span<const char* const> arguments) {
  constexpr CommandLine::Option kOptions[] = {
      {"--port", true}, {"--bind", true}, {"--config-out", true}, {"--instrument", true}};
  const CommandLine line(arguments, kOptions);
  line.want_operands(0, 0, "");
  sim::Bench bench;
  if (!serve(bench, line)) {
    return kFailed;
  }
  running = &bench;
  struct sigaction action {};
  action.sa_handler = &end_bench;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  const std::string configuration = bench.configuration();
  if (const auto file = line.value("--config-out"); file && !write_file(*file, configuration)) {
    return kFailed;
  }
  for (const auto& resource : bench.resources()) {
    std::puts(resource.name.c_str());
  }
  std::printf("\n%s\nready\n", configuration.c_str());
  std::fflush(stdout);
  bench.run();
  return kDone;
}

}  // namespace visa::tool
