// SPDX-License-Identifier: MIT
// What formatted I/O costs in addition to the transfer, over SOCKET to a server in this process:
//   a block by viPrintf/viScanf `%b` against viWrite/viRead of the same bytes;
//   a million numbers by viScanf `%,1000000lf` against std::from_chars over the same text in
//   memory; the same by viSScanf and by viPrintf `%,1000000lf` (std::to_chars), for orientation.
// Rounds alternate; the result is the median of the ratios, where 1 means as fast. Goal: 0.8.
//
//   format_bench [--quick] [--check]
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <visa.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr double kGoal = 0.8;

void need(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "format_bench: %s\n", what);
  std::exit(2);
}

/// Serves one client: "B\n" and "N\n" fetch the block and the numbers; "T<size>\n" and then that
/// many bytes are answered by "1\n".
class Server {
 public:
  Server(const std::string& block, const std::string& numbers)
      : block_(block), numbers_(numbers), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    need(::bind(listener_, generic, size) == 0 && ::listen(listener_, 1) == 0 &&
             ::getsockname(listener_, generic, &size) == 0,
         "no port");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    thread_.join();
    ::close(listener_);
  }
  unsigned port() const { return port_; }

 private:
  void serve() {
    const int client = ::accept(listener_, nullptr, nullptr);
    const int on = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::vector<char> room(1U << 20U);
    std::string line;
    std::size_t take = 0;
    for (;;) {
      const ssize_t got = ::recv(client, room.data(), room.size(), 0);
      if (got <= 0) break;
      std::string_view text(room.data(), static_cast<std::size_t>(got));
      while (!text.empty()) {
        if (take > 0) {
          const auto now = std::min(take, text.size());
          take -= now;
          text.remove_prefix(now);
          if (take == 0) send(client, "1\n");
          continue;
        }
        line += text.front();
        text.remove_prefix(1);
        if (line.back() != '\n') continue;
        if (line[0] == 'B') send(client, block_);
        if (line[0] == 'N') send(client, numbers_);
        if (line[0] == 'T') take = std::strtoul(line.c_str() + 1, nullptr, 10);
        line.clear();
      }
    }
    ::close(client);
  }
  static void send(int client, std::string_view data) {
    while (!data.empty()) {
      const ssize_t done = ::send(client, data.data(), data.size(), MSG_NOSIGNAL);
      if (done <= 0) return;
      data.remove_prefix(static_cast<std::size_t>(done));
    }
  }

  const std::string& block_;
  const std::string& numbers_;
  const int listener_;
  unsigned port_ = 0;
  std::thread thread_;
};

double clock_ms(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Milliseconds of wall time, and of this thread's processor time.
struct Time {
  double wall = 0;
  double cpu = 0;
};

Time time_of(const std::function<void()>& work) {
  const Time start{clock_ms(CLOCK_MONOTONIC), clock_ms(CLOCK_THREAD_CPUTIME_ID)};
  work();
  return {clock_ms(CLOCK_MONOTONIC) - start.wall, clock_ms(CLOCK_THREAD_CPUTIME_ID) - start.cpu};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Row {
  const char* name;
  std::function<void()> bare;
  std::function<void()> formatted;
  std::function<bool()> good;  // whether the result is right
  bool judged;
  std::vector<double> ratios = {};
  std::vector<double> cpu_ratios = {};
  std::vector<double> bare_times = {};
  std::vector<double> times = {};
};

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  bool check = false;
  for (int i = 1; i < argc; ++i) {
    quick |= std::strcmp(argv[i], "--quick") == 0;
    check |= std::strcmp(argv[i], "--check") == 0;
  }
  const std::size_t block_size = quick ? std::size_t{1} << 20U : std::size_t{64} << 20U;
  const int count = quick ? 10'000 : 1'000'000;
  const int rounds = quick ? 1 : 9;

  std::mt19937_64 random(1);
  std::string data(block_size, '\0');
  for (char& byte : data) byte = static_cast<char>(random());
  const std::string digits = std::to_string(block_size);
  const std::string head = "#" + std::to_string(digits.size()) + digits;
  const std::string block = head + data + "\n";
  std::string numbers;
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) {
    char text[32];
    value = std::ldexp(static_cast<double>(random() % 2'000'001) - 1e6, -18);
    std::snprintf(text, sizeof text, "%+.8E", value);
    value = std::strtod(text, nullptr);
    numbers += (numbers.empty() ? "" : ",") + std::string(text);
  }
  numbers += '\n';

  Server server(block, numbers);
  ViSession rm = VI_NULL;
  ViSession vi = VI_NULL;
  const auto name = "TCPIP0::127.0.0.1::" + std::to_string(server.port()) + "::SOCKET";
  need(viOpenDefaultRM(&rm) == VI_SUCCESS &&
           viOpen(rm, name.c_str(), VI_NO_LOCK, 2000, &vi) == VI_SUCCESS,
       "no session");
  viSetAttribute(vi, VI_ATTR_TMO_VALUE, 60'000);

  std::string room(block.size(), '\0');
  std::vector<double> got(values.size());
  auto* const bytes = reinterpret_cast<ViPBuf>(room.data());
  const auto size = static_cast<ViInt32>(block_size);
  ViUInt32 done = 0;
  const auto write = [&](const std::string& text) {
    viWrite(vi, reinterpret_cast<ViConstBuf>(text.data()), static_cast<ViUInt32>(text.size()),
            &done);
    need(done == text.size(), "viWrite");
  };
  const auto answered = [&] {
    viRead(vi, bytes, 2, &done);
    need(done == 2 && bytes[0] == '1', "the server has not got all");
  };
  const auto same_numbers = [&] { return got == values; };
  const auto from_chars = [&] {
    const char* at = numbers.data();
    const char* const end = at + numbers.size();
    for (double& value : got) {
      at += *at == '+' ? 1 : 0;
      at = std::from_chars(at, end, value).ptr + 1;
    }
  };
  std::string text(numbers.size() + 16, '\0');
  const std::string scan = "%," + std::to_string(count) + "lf";
  const std::string print = "%+.8," + std::to_string(count) + "lE";

  Row rows[] = {
      {"block out: viPrintf %b / viWrite",
       [&] {
         write("T" + std::to_string(block.size()) + "\n");
         write(block);
         answered();
       },
       [&] {
         viPrintf(vi, "T%lu\n", static_cast<ViUInt32>(block.size()));
         need(viPrintf(vi, "%*b\n", size, data.data()) == VI_SUCCESS, "viPrintf");
         answered();
       },
       [] { return true; }, true},
      {"block in: viScanf %b / viRead",
       [&] {
         write("B\n");
         viRead(vi, bytes, static_cast<ViUInt32>(block.size()), &done);
         need(done == block.size(), "viRead");
       },
       [&] {
         ViInt32 most = size;
         need(viQueryf(vi, "B\n", "%#b", &most, room.data()) == VI_SUCCESS && most == size,
              "viScanf of the block");
         need(viScanf(vi, "%*T") == VI_SUCCESS, "the end of the block");
       },
       [&] { return std::memcmp(room.data(), data.data(), data.size()) == 0; }, true},
      {"numbers in: viScanf / from_chars in memory", from_chars,
       [&] {
         need(viQueryf(vi, "N\n", scan.c_str(), got.data()) == VI_SUCCESS, "viScanf of numbers");
         need(viScanf(vi, "%*T") == VI_SUCCESS, "the end of the numbers");
       },
       same_numbers, true},
      {"numbers: viSScanf / from_chars", from_chars,
       [&] {
         need(viSScanf(vi, reinterpret_cast<ViConstBuf>(numbers.c_str()), scan.c_str(),
                       got.data()) == VI_SUCCESS,
              "viSScanf");
       },
       same_numbers, true},
      {"numbers out: viSPrintf / to_chars",
       [&] {
         char* at = text.data();
         for (const double value : values) {
           if (value >= 0) *at++ = '+';
           at =
               std::to_chars(at, text.data() + text.size(), value, std::chars_format::scientific, 8)
                   .ptr;
           *at++ = ',';
         }
       },
       [&] {
         need(viSPrintf(vi, reinterpret_cast<ViPBuf>(text.data()), print.c_str(), values.data()) ==
                  VI_SUCCESS,
              "viSPrintf");
       },
       [&] { return text.compare(0, numbers.size() - 1, numbers, 0, numbers.size() - 1) == 0; },
       false},
  };
  for (int round = -1; round < rounds; ++round) {  // the first one warms up
    for (Row& row : rows) {
      const Time bare = time_of(row.bare);
      const Time formatted = time_of(row.formatted);
      need(row.good(), row.name);
      if (round < 0 && !quick) continue;
      row.bare_times.push_back(bare.wall);
      row.times.push_back(formatted.wall);
      row.ratios.push_back(bare.wall / formatted.wall);
      row.cpu_ratios.push_back(bare.cpu / formatted.cpu);
    }
  }
  viClose(rm);
  bool met = true;
  for (const Row& row : rows) {
    const double ratio = median(row.ratios);
    const auto [low, high] = std::minmax_element(row.ratios.begin(), row.ratios.end());
    std::printf("%-44s %8.2f ms  bare %8.2f ms  ratio %.2f (%.2f to %.2f), of cpu %.2f%s\n",
                row.name, median(row.times), median(row.bare_times), ratio, *low, *high,
                median(row.cpu_ratios),
                !row.judged      ? ""
                : ratio >= kGoal ? "  met"
                                 : "  MISSED");
    met &= !row.judged || ratio >= kGoal;
  }
  return check && !met ? 1 : 0;
}
