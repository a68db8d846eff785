// SPDX-License-Identifier: MIT
// VPP-4.3 5.1.54, VXI-11 B.6.12 to B.6.17: service requests. *OPC makes an instrument with *SRE
// request service.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <set>
#include <sstream>

#include "conformance/rules/events.h"
#include "conformance/rules/wire.h"

namespace visa::rules {
namespace {

constexpr ViEventType kRequest = VI_EVENT_SERVICE_REQ;
constexpr ViUInt32 kPatience = 2050;

// Causes one service request each time: bit 5 of the status byte is cleared and set again.
void request_service(Check& check, ViSession vi) {
  check.write(vi, "*CLS\n");
  check.write(vi, "*ESE 1;*SRE 32;*OPC\n");
}

// Checks that no request is pending, for this session and for later ones.
void quiet(Check& check, ViSession vi) {
  check.write(vi, "*SRE 0;*CLS\n");
  ViUInt16 byte = 0;
  check.visa().viReadSTB(vi, &byte);
}

// Waits for one service request and closes its context.
ViStatus next(Events& events, Check& check, ViSession vi, ViUInt32 timeout) {
  ViEvent context = VI_NULL;
  ViEventType type = 0;
  const ViStatus status = events.wait(vi, kRequest, timeout, &type, &context);
  if (status < VI_SUCCESS) return status;
  check.that(type == kRequest, "the event is of another type");
  check.answered("viClose of the event", check.visa().viClose(context), {VI_SUCCESS});
  return status;
}

void rule_b7_service_requests_are_queued(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  quiet(check, vi);
  events.want(vi, kRequest, VI_QUEUE);
  check.answered("viWaitOnEvent before anything happened", next(events, check, vi, 0),
                 {VI_ERROR_TMO});
  request_service(check, vi);
  check.need("viWaitOnEvent", next(events, check, vi, kPatience), {VI_SUCCESS});
  // 6.1: the program reads the status byte itself, and finds RQS in it once.
  ViUInt16 byte = 0;
  ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
  check.that((byte & 0x60) == 0x60, "the status byte is " + std::to_string(byte));
  ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
  check.that((byte & 0x60) == 0x20, "after it the status byte is " + std::to_string(byte));
  check.answered("viWaitOnEvent when all were taken", next(events, check, vi, 0), {VI_ERROR_TMO});
  // Disable and enable again.
  ANSWERS(viDisableEvent(vi, kRequest, VI_QUEUE), VI_SUCCESS);
  request_service(check, vi);
  ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
  events.want(vi, kRequest, VI_QUEUE);
  check.answered("viWaitOnEvent of what happened while disabled", next(events, check, vi, 0),
                 {VI_ERROR_TMO});
  request_service(check, vi);
  check.answered("viWaitOnEvent after enabling again", next(events, check, vi, kPatience),
                 {VI_SUCCESS});
  quiet(check, vi);
}

// Thirty requests in a row; the handler reads the status byte.
struct Served {
  const VisaApi* visa = nullptr;
  std::atomic<int> count{0};
  std::atomic<int> wrong{0};
} served;

ViStatus _VI_FUNCH serve(ViSession vi, ViEventType, ViEvent, ViAddr) {
  ViUInt16 byte = 0xFFFF;
  if (served.visa->viReadSTB(vi, &byte) != VI_SUCCESS || byte > 255) ++served.wrong;
  ++served.count;
  return VI_SUCCESS;
}

bool wait_for(int count) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(kPatience);
  while (served.count < count && Clock::now() < deadline) std::this_thread::yield();
  return served.count >= count;
}

void rule_b7_thirty_service_requests_in_a_row(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  served.visa = &check.visa();
  quiet(check, vi);
  check.need("viInstallHandler", events.install(vi, kRequest, &serve, nullptr), {VI_SUCCESS});
  events.want(vi, kRequest, VI_HNDLR);
  for (int i = 1; i <= 30; ++i) {
    request_service(check, vi);
    check.need_that(wait_for(i), "service request " + std::to_string(i) + " does not arrive");
  }
  // And in the queue, with the handler off.
  check.need("viDisableEvent", check.visa().viDisableEvent(vi, kRequest, VI_HNDLR), {VI_SUCCESS});
  events.want(vi, kRequest, VI_QUEUE);
  for (int i = 1; i <= 30; ++i) {
    request_service(check, vi);
    check.need(("viWaitOnEvent " + std::to_string(i)).c_str(), next(events, check, vi, kPatience),
               {VI_SUCCESS});
    ViUInt16 byte = 0;
    check.visa().viReadSTB(vi, &byte);
  }
  check.that(served.wrong == 0,
             "viReadSTB in the handler failed " + std::to_string(served.wrong.load()) + " times");
  check.that(served.count == 30, "the disabled handler was called");
  quiet(check, vi);
}

void rule_b7_status_bytes_are_read_beside_service_requests(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  served.visa = &visa;
  quiet(check, vi);
  check.need("viInstallHandler", events.install(vi, kRequest, &serve, nullptr), {VI_SUCCESS});
  events.want(vi, kRequest, VI_HNDLR);
  std::atomic<bool> over{false};
  std::vector<std::future<void>> all;
  for (int thread = 0; thread < 3; ++thread) {
    all.push_back(std::async(std::launch::async, [&] {
      while (!over) {
        ViUInt16 byte = 0xFFFF;
        ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
        check.that(byte <= 255, "the status byte is " + std::to_string(byte));
      }
    }));
  }
  for (int i = 1; i <= 10; ++i) {
    request_service(check, vi);
    if (!check.that(wait_for(i), "service request " + std::to_string(i) + " does not arrive"))
      break;
  }
  over = true;
  for (auto& one : all) one.get();
  check.that(served.wrong == 0, "viReadSTB in the handler failed");
  quiet(check, vi);
}

// Pain 31: the library never polls behind the program's back, and delivers each request.
void rule_b7_nothing_is_polled(Check& check) {
  Wire wire(check);
  Events events(check);
  const ViSession vi = check.talk();
  quiet(check, vi);
  events.want(vi, kRequest, VI_QUEUE);
  wire.events();
  for (int i = 0; i < 3; ++i) {
    request_service(check, vi);
    check.need("viWaitOnEvent", next(events, check, vi, kPatience), {VI_SUCCESS});
  }
  check.that(wire.calls("device_readstb").empty(), "the status byte was read unasked");
  wire.fault(R"("kind":"srq-twice","count":1)");
  request_service(check, vi);
  check.answered("viWaitOnEvent of two messages", next(events, check, vi, kPatience),
                 {VI_SUCCESS, VI_SUCCESS_QUEUE_NEMPTY});
  check.answered("viWaitOnEvent of the second", next(events, check, vi, kPatience), {VI_SUCCESS});
  quiet(check, vi);
}

// Pain 30: the handle is sent in both directions, also to disable; a record that ends early still
// counts.
void rule_b7_handles_and_short_records(Check& check) {
  Wire wire(check);
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  quiet(check, vi);
  wire.events();
  events.want(vi, kRequest, VI_QUEUE);
  WireCalls calls = wire.calls();
  const WireCalls on = only(calls, "device_enable_srq");
  check.need_that(on.size() == 1 && on[0]["enable"] == 1, "the service requests are not enabled");
  check.that(on[0]["handle"] > 0 && on[0]["handle"] <= 40,
             "the handle has " + std::to_string(on[0]["handle"]) + " bytes");
  wire.fault(R"("kind":"srq-short","count":1)");
  request_service(check, vi);
  const ViStatus status = next(events, check, vi, kPatience);
  if (check.options().strict) {
    check.answered("viWaitOnEvent of a short record", status, {VI_SUCCESS});
    request_service(check, vi);
    check.answered("viWaitOnEvent after a short record", next(events, check, vi, kPatience),
                   {VI_SUCCESS});
  }
  wire.events();
  ANSWERS(viDisableEvent(vi, kRequest, VI_QUEUE), VI_SUCCESS);
  calls = wire.calls("device_enable_srq");
  check.need_that(calls.size() == 1 && calls[0]["enable"] == 0,
                  "the service requests are not switched off");
  check.that(calls[0]["handle"] > 0, "they are switched off with an empty handle");
  quiet(check, vi);
}

// Each session that enabled service requests gets its own event; other sessions get none.
void rule_b7_service_requests_belong_to_their_session(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession one = check.talk();
  const ViSession two = check.talk();
  const ViSession none = check.talk();
  quiet(check, one);
  for (const ViSession vi : {one, two}) events.want(vi, kRequest, VI_QUEUE);
  request_service(check, one);
  // The device reports to each of its links (B.6.95: the state belongs to the link).
  for (const ViSession vi : {one, two}) {
    check.answered("viWaitOnEvent", next(events, check, vi, kPatience), {VI_SUCCESS});
  }
  check.answered("viWaitOnEvent of a session that did not enable it", next(events, check, none, 0),
                 {VI_ERROR_NENABLED});
  ViUInt16 byte = 0;
  ANSWERS(viReadSTB(one, &byte), VI_SUCCESS);
  MUST_ANSWER(viClose(two), VI_SUCCESS);
  request_service(check, one);
  check.answered("viWaitOnEvent after the other session has gone",
                 next(events, check, one, kPatience), {VI_SUCCESS});
  quiet(check, one);
}

// Counts the listening ports of this process from the tables in /proc: state "0A" is LISTEN.
std::size_t listening_sockets() {
  std::set<std::string> listening;
  for (const char* const table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream lines(table);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream fields(line);
      std::vector<std::string> words{std::istream_iterator<std::string>(fields), {}};
      if (words.size() > 9 && words[3] == "0A") listening.insert("socket:[" + words[9] + "]");
    }
  }
  std::size_t count = 0;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    count += listening.count(std::filesystem::read_symlink(entry.path(), gone).string());
  }
  return count;
}

// One listener for all sessions: instruments and firewalls see one port.
void rule_b7_one_listener_for_all_sessions(Check& check) {
  if (!check.options().strict) throw NotShown{"a library may have a listener for each session"};
  Events events(check);
  const auto& visa = check.visa();
  const ViSession one = check.talk();
  const ViSession two = check.talk();
  quiet(check, two);
  const std::size_t before = listening_sockets();
  for (const ViSession vi : {one, two}) events.want(vi, kRequest, VI_QUEUE);
  check.that(listening_sockets() == before + 1,
             std::to_string(listening_sockets() - before) + " sockets listen for two sessions");
  MUST_ANSWER(viClose(one), VI_SUCCESS);
  request_service(check, two);
  check.answered("viWaitOnEvent after the first session has gone",
                 next(events, check, two, kPatience), {VI_SUCCESS});
  quiet(check, two);
  MUST_ANSWER(viClose(two), VI_SUCCESS);
  const auto deadline = Clock::now() + std::chrono::seconds(2);
  while (listening_sockets() > before && Clock::now() < deadline) std::this_thread::yield();
  check.that(listening_sockets() == before, "a socket still listens after the last session");
}

// VI_SUSPEND_HNDLR holds service requests back, like any event.
void rule_b7_service_requests_can_be_suspended(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  quiet(check, vi);
  events.handle(vi, kRequest, nullptr);
  events.want(vi, kRequest, VI_SUSPEND_HNDLR | VI_QUEUE);
  request_service(check, vi);
  check.need("viWaitOnEvent", next(events, check, vi, kPatience), {VI_SUCCESS});
  check.that(recorder().so_far().empty(), "a suspended handler was called");
  check.answered("viEnableEvent(VI_HNDLR)", events.enable(vi, kRequest, VI_HNDLR),
                 {VI_SUCCESS, VI_SUCCESS_EVENT_EN});
  check.that(recorder().wait_for(1).size() == 1, "the suspended request is lost");
  quiet(check, vi);
}

}  // namespace

Rules service_rules() {
  constexpr On kOn = On::requesting;
  constexpr const char* kVxi11 = "TCPIP_VXI11";
  return {
      {"rule_b7_service_requests_are_queued", rule_b7_service_requests_are_queued, kOn},
      {"rule_b7_thirty_service_requests_in_a_row", rule_b7_thirty_service_requests_in_a_row, kOn,
       "", 150},
      {"rule_b7_status_bytes_are_read_beside_service_requests",
       rule_b7_status_bytes_are_read_beside_service_requests, kOn, "", 60},
      {"rule_b7_nothing_is_polled", rule_b7_nothing_is_polled, kOn, kVxi11},
      {"rule_b7_handles_and_short_records", rule_b7_handles_and_short_records, kOn, kVxi11},
      {"rule_b7_service_requests_belong_to_their_session",
       rule_b7_service_requests_belong_to_their_session, kOn},
      {"rule_b7_one_listener_for_all_sessions", rule_b7_one_listener_for_all_sessions, kOn, kVxi11},
      {"rule_b7_service_requests_can_be_suspended", rule_b7_service_requests_can_be_suspended, kOn},
  };
}

}  // namespace visa::rules
