// SPDX-License-Identifier: MIT
// The method of visa_bench for a message wire (VXI-11, HiSLIP): alternating rounds, the ratio of
// each round, client and server on one processor. Each wire is a separate program, because the
// configuration of a resource must be there before the library is loaded. One thread.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/bench/report.h"

namespace visa::bench {

inline constexpr unsigned kWireTimeoutMs = 5000;
inline constexpr std::size_t kKilo = 1024;

/// A floor client in C as a Client: `Link` is its state.
template <class Link, auto kOpen, auto kWrite, auto kRead, auto kClose>
class FloorLink final : public Client {
 public:
  const std::string& name() const override { return name_; }
  void open(unsigned port) override { require(kOpen(&link_, port, kWireTimeoutMs)); }
  void close() override { kClose(&link_); }
  void write(std::span<const char> message) override {
    require(kWrite(&link_, message.data(), message.size()));
  }
  void read_line(std::span<char> buffer, std::size_t size) override {
    const ssize_t got = kRead(&link_, buffer.data(), buffer.size());
    require(got);
    if (static_cast<std::size_t>(got) != size) throw Failure("floor: a reply of another size");
  }
  Link& link() noexcept { return link_; }

  /// Throws Failure for a negative errno.
  static void require(ssize_t result) {
    if (result < 0) throw Failure(std::string("floor: ") + strerror(static_cast<int>(-result)));
  }

 private:
  std::string name_ = "floor";
  Link link_{};
};

/// A session of the measured library; `prepare` is called on each session that was opened.
class VisaLink final : public Client {
 public:
  using Prepare = std::function<void(const VisaLibrary&, ViSession)>;

  VisaLink(const VisaLibrary& library, std::string resource, Prepare prepare = {})
      : library_(library), resource_(std::move(resource)), prepare_(std::move(prepare)) {}
  const std::string& name() const override { return library_.name(); }
  void open(unsigned) override;
  void close() override { library_.close(session_); }
  void write(std::span<const char> message) override;
  void read_line(std::span<char> buffer, std::size_t size) override;
  ViSession session() const noexcept { return session_; }

 private:
  const VisaLibrary& library_;
  const std::string resource_;
  const Prepare prepare_;
  ViSession session_ = VI_NULL;
};

/// Measures rows with two clients, of which the second is judged. Throws Failure if a value is no
/// finite number.
class Rows {
 public:
  struct Goal {
    std::optional<double> p50;
    std::optional<double> cpu;
  };

  Rows(Client& floor, Client& ours, unsigned port, bool quick, Report& report)
      : clients_{&floor, &ours}, port_(port), quick_(quick), report_(report) {}

  void measure(const std::string& row, const std::string& title, Effort effort, const Goal& goal,
               const Operation& operation);
  void open_close(const std::string& title, double p50);

 private:
  Effort of(Effort effort) const;
  void add(const std::string& row, const std::string& title, const Blocks& blocks,
           const Goal& goal);
  void add_line(const std::string& row, const char* what, const Blocks& blocks,
                double Block::*value, std::optional<double> limit);

  std::vector<Client*> clients_;
  unsigned port_;
  bool quick_;
  Report& report_;
};

/// From now on this process, and what it starts, has only the last of its processors. Returns its
/// number.
int pin_to_one_processor();

/// Asks `*IDN?` and checks the size of the answer.
void ask_identity(Client& client);

/// One wire: its reference server and floor client, and the goals that are its own.
struct Wire {
  std::string server;  // the program
  std::vector<std::string> arguments = {};
  std::string resource;  // the name that the library opens; %u: the port
  std::string settings;  // of [[resource]] in a configuration file; %u: the port; empty: no file
  std::function<std::unique_ptr<Client>()> floor;
  Rows::Goal identity;
  std::string open_title;
  double open_close;
  Rows::Goal bulk_read{1.15, 1.25};  // of 64 MB
  Rows::Goal bulk_write{1.20, 1.25};
};

/// The rows of one wire only: with the floor and the session that the other rows have.
using OwnRows =
    std::function<void(const VisaLibrary& library, const std::string& resource, Client& floor,
                       VisaLink& ours, unsigned port, bool quick, Report& report)>;

/// The program: `LIBVISA [--quick] [--check]`. Checks every byte of a small, an unaligned and a
/// large reply, then measures. Returns the exit code that README.md describes.
int wire_main(int argc, char** argv, const Wire& wire, const OwnRows& own = {});

}  // namespace visa::bench
