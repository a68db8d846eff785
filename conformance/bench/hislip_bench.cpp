// SPDX-License-Identifier: MIT
// Measures HiSLIP of this libvisa.so against its floor client, and two things that only HiSLIP has:
// the status byte on a connection of its own, and overlap mode.
#include <memory>

#include "conformance/bench/floor_data.h"
#include "conformance/bench/hislip_floor.h"
#include "conformance/bench/wire_bench.h"

namespace visa::bench {
namespace {

using Floor = FloorLink<hislip_floor, hislip_floor_open, hislip_floor_write, hislip_floor_read,
                        hislip_floor_close>;

constexpr int kOutstanding = 100;
constexpr std::string_view kQuestion = "*IDN?\n";

void read_identity(Client& client) {
  char answer[kKilo];
  client.read_line(answer, sizeof FLOOR_IDENTITY - 1);
  if (std::memcmp(answer, FLOOR_IDENTITY, sizeof FLOOR_IDENTITY - 1) != 0) {
    throw Failure(client.name() + ": a byte of an answer is wrong");
  }
}

void overlap_on(const VisaLibrary& library, ViSession session) {
  library.check(library.set_attribute(session, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, VI_TRUE),
                "viSetAttribute(HISLIP_OVERLAP_EN)");
  ViBoolean on = VI_FALSE;
  library.check(library.get_attribute(session, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, &on),
                "viGetAttribute(HISLIP_OVERLAP_EN)");
  if (on != VI_TRUE) throw Failure("the session is not in overlap mode");
}

// Both are sessions of the measured library, so the column "floor" is the library's own.
void overlap_rows(const VisaLibrary& library, const std::string& resource, unsigned port,
                  bool quick, Report& report) {
  VisaLink in_a_row(library, resource, overlap_on);
  VisaLink outstanding(library, resource, overlap_on);
  Rows(in_a_row, outstanding, port, quick, report)
      .measure("overlap",
               "overlap mode, 100 queries outstanding; as floor, 100 one after the other",
               {21, 2, 30}, {1.0, 1.0}, [&](Client& client) {
                 if (&client == &in_a_row) {
                   for (int i = 0; i < kOutstanding; ++i) {
                     client.write(kQuestion);
                     read_identity(client);
                   }
                   return;
                 }
                 for (int i = 0; i < kOutstanding; ++i) client.write(kQuestion);
                 for (int i = 0; i < kOutstanding; ++i) read_identity(client);
               });
}

void own_rows(const VisaLibrary& library, const std::string& resource, Client& floor,
              VisaLink& ours, unsigned port, bool quick, Report& report) {
  if (library.read_stb == nullptr) throw Failure(library.name() + " has no viReadSTB");
  Rows(floor, ours, port, quick, report)
      .measure("status", "status byte", {21, 100, 1500}, {}, [&](Client& client) {
        if (&client == &floor) {
          Floor::require(hislip_floor_status(&static_cast<Floor&>(client).link()));
          return;
        }
        ViUInt16 status = 0;
        library.check(library.read_stb(ours.session(), &status), "viReadSTB");
      });
  overlap_rows(library, resource, port, quick, report);
}

}  // namespace
}  // namespace visa::bench

int main(int argc, char** argv) {
  using namespace visa::bench;
  const Wire wire{.server = "hislip_floor_server",
                  .resource = "TCPIP::127.0.0.1::hislip0,%u::INSTR",
                  .settings = {},
                  .floor = [] { return std::make_unique<Floor>(); },
                  .identity = {1.10, 1.25},
                  .open_title = "open + close",
                  .open_close = 1.40};
  return wire_main(argc, argv, wire, own_rows);
}
