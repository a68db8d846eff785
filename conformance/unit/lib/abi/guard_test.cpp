// SPDX-License-Identifier: MIT
// What comes out of a body when something goes wrong in it. This file replaces operator new of the
// test program, so that memory can run out at the worst moment: while a defect is being reported.
#include "lib/abi/guard.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>

#include "conformance/unit/support/visa_session.h"
#include "lib/core/resource_manager.h"
#include "lib/core/session.h"

namespace {
thread_local bool out_of_memory = false;
}  // namespace

void* operator new(std::size_t size) {
  void* memory = out_of_memory ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace visa::abi {
namespace {

class Guard : public test::VisaSession {
 protected:
  ~Guard() override { log::redirect(""); }
  template <class Body>
  ViStatus run(Body body) {
    return on<core::Object>("viGuardTestWithALongName", rm_, Args{in("vi", rm_)},
                            [&](core::Object&) { return body(); });
  }
};

TEST_F(Guard, PassesTheStatusOfTheBody) {
  EXPECT_EQ(run([] { return Status::success_max_cnt; }), VI_SUCCESS_MAX_CNT);
  EXPECT_EQ(run([] { return Status::error_tmo; }), VI_ERROR_TMO);
}

TEST_F(Guard, OutOfMemoryIsAnAllocationError) {
  EXPECT_EQ(run([]() -> Status { throw std::bad_alloc(); }), VI_ERROR_ALLOC);
  EXPECT_EQ(run([]() -> Status { throw std::bad_array_new_length(); }), VI_ERROR_ALLOC);
}

TEST_F(Guard, OtherExceptionsAreDefectsAndTraced) {
  log::redirect(folder_.file("trace"));
  EXPECT_EQ(run([]() -> Status { throw std::logic_error("impossible"); }), VI_ERROR_SYSTEM_ERROR);
  EXPECT_EQ(run([]() -> Status { throw 42; }), VI_ERROR_SYSTEM_ERROR);
  EXPECT_EQ(run([]() -> Status { throw "text"; }), VI_ERROR_SYSTEM_ERROR);
  const auto text = folder_.text("trace");
  EXPECT_NE(text.find("viGuardTestWithALongName: a defect of FreeVISA"), std::string::npos);
  EXPECT_NE(text.find("impossible"), std::string::npos);
  EXPECT_NE(text.find("unknown exception"), std::string::npos);
}

struct Quiet : std::exception {
  const char* what() const noexcept override { return "a text that needs memory to be copied"; }
};

TEST_F(Guard, RunningOutOfMemoryWhileReportingADefectIsSurvived) {
  for (const bool traced : {false, true}) {
    log::redirect(traced ? folder_.file("trace") : "");
    const ViStatus first = run([]() -> Status {
      out_of_memory = true;
      throw Quiet();
    });
    out_of_memory = false;
    const ViStatus second = run([]() -> Status {
      out_of_memory = true;
      throw 42;
    });
    out_of_memory = false;
    EXPECT_EQ(first, VI_ERROR_SYSTEM_ERROR);
    EXPECT_EQ(second, VI_ERROR_SYSTEM_ERROR);
  }
}

TEST_F(Guard, TracingWithoutMemoryLosesTheRecordNotTheCall) {
  log::redirect(folder_.file("trace"));
  out_of_memory = true;
  const ViStatus status = run([] { return Status::success; });
  out_of_memory = false;
  EXPECT_EQ(status, VI_SUCCESS);
}

TEST_F(Guard, EveryCallSurvivesRunningOutOfMemory) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(test::kSocket, wire);
  char room[16];
  ViSession made = VI_NULL;
  ViUInt32 value = 0;
  ViChar text[VI_FIND_BUFLEN];
  out_of_memory = true;
  const ViStatus statuses[] = {
      ::viOpenDefaultRM(&made),
      ::viOpen(rm_, test::kSocket, VI_NO_LOCK, 0, &made),
      ::viFindRsrc(rm_, "?*INSTR", &made, &value, text),
      ::viParseRsrcEx(rm_, test::kSocket, nullptr, nullptr, text, text, text),
      ::viReadToFile(session, "/dev/null", 16, &value),
      ::viWriteFromFile(session, "/dev/null", 16, &value),
      ::viGetAttribute(session, VI_ATTR_RSRC_NAME, text),
      ::viStatusDesc(session, VI_ERROR_TMO, text),
      ::viLock(session, VI_SHARED_LOCK, 0, nullptr, text),
  };
  out_of_memory = false;
  for (const auto status : statuses) {
    EXPECT_TRUE(status == VI_ERROR_ALLOC || status >= 0 || status == VI_ERROR_SYSTEM_ERROR)
        << std::hex << status;
  }
  EXPECT_EQ(statuses[0], VI_ERROR_ALLOC);
  EXPECT_EQ(statuses[1], VI_ERROR_ALLOC);
  EXPECT_EQ(::viClear(session), VI_SUCCESS);
  wire->answers("fine", spi::StopReason::end);
  EXPECT_EQ(::viRead(session, reinterpret_cast<ViPBuf>(room), 16, &value), VI_SUCCESS);
}

TEST_F(Guard, ThrowingDriversBecomeStatuses) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(test::kSocket, wire);
  wire->then({.operation = "read", .throws = [] { throw std::bad_alloc(); }})
      .then({.operation = "read", .throws = [] { throw 42; }})
      .answers("fine", spi::StopReason::end);
  std::string data;
  EXPECT_EQ(read(session, data), VI_ERROR_ALLOC);
  EXPECT_EQ(read(session, data), VI_ERROR_SYSTEM_ERROR);
  EXPECT_EQ(read(session, data), VI_SUCCESS) << "the lane was given back";
}

TEST_F(Guard, ChecksTheKindOfTheObject) {
  const auto body = [](auto&) { return Status::success; };
  EXPECT_EQ(on<core::ResourceManager>("f", rm_, Args{}, body), VI_SUCCESS);
  EXPECT_EQ(on<core::Resource>("f", rm_, Args{}, body), VI_SUCCESS);
  EXPECT_EQ(on<core::Session>("f", rm_, Args{}, body), VI_ERROR_INV_OBJECT);
  EXPECT_EQ(on<core::Object>("f", 0, Args{}, body), VI_ERROR_INV_OBJECT);
}

TEST_F(Guard, TheObjectLivesThroughTheBody) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(test::kSocket, wire);
  EXPECT_EQ(on<core::Session>("f", session, Args{},
                              [&](core::Session& object) {
                                EXPECT_EQ(::viClose(session), VI_SUCCESS);
                                EXPECT_FALSE(wire->channel_destroyed());
                                EXPECT_EQ(object.handle(), session);
                                return Status::success;
                              }),
            VI_SUCCESS);
  EXPECT_TRUE(wire->channel_destroyed());
}

}  // namespace
}  // namespace visa::abi
