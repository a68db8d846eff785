// SPDX-License-Identifier: MIT
// Every exported function with every handle it cannot use: null, stale, garbage, another kind; and
// with null pointers. The callers are generated from the fact sheet of functions, so that none is
// forgotten (conformance/abi/call_source.py).
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>

#include "conformance/unit/support/visa_session.h"

extern "C" {
#include "conformance/abi/bad_handle_calls.h"
}

namespace visa::abi {
namespace {

using Names = std::set<std::string>;

// Whom a function serves, for those that serve more or less than any VISA resource.
const Names kNoHandle = {"viOpenDefaultRM", "viGetDefaultRM"};
const Names kAnyObject = {"viClose", "viGetAttribute", "viSetAttribute", "viStatusDesc"};
const Names kManager = {"viFindRsrc", "viOpen", "viParseRsrc", "viParseRsrcEx"};
const Names kList = {"viFindNext"};
const Names kSession = {"viRead",     "viReadToFile",    "viWrite",      "viWriteFromFile",
                        "viReadSTB",  "viAssertTrigger", "viClear",      "viSetBuf",
                        "viFlush",    "viReadAsync",     "viWriteAsync", "viBufRead",
                        "viBufWrite", "viPrintf",        "viVPrintf",    "viScanf",
                        "viVScanf",   "viQueryf",        "viVQueryf",    "viSPrintf",
                        "viVSPrintf", "viSScanf",        "viVSScanf",    "viGpibControlREN"};
// Of any resource, the manager included.
const Names kResource = {"viTerminate",   "viLock",           "viUnlock",
                         "viEnableEvent", "viDisableEvent",   "viDiscardEvents",
                         "viWaitOnEvent", "viInstallHandler", "viUninstallHandler"};

bool is_void(const std::string& name) {
  return name.rfind("viPeek", 0) == 0 || name.rfind("viPoke", 0) == 0;
}
bool not_available(const std::string& name) {
  for (const auto* set : {&kNoHandle, &kAnyObject, &kManager, &kList, &kSession, &kResource}) {
    if (set->count(name) != 0) return false;
  }
  return !is_void(name);
}

class BadHandles : public test::VisaSession {
 protected:
  BadHandles() {
    session_ = open(test::kSocket);
    bench().on_find(model::Interface::usb, [](auto&, Call&, spi::DescriptorSink& sink) {
      sink.found({*model::parse_resource_name("USB::1::2::A"), {}});
    });
    EXPECT_EQ(::viFindRsrc(rm_, "?*", &list_, nullptr, nullptr), VI_SUCCESS);
  }
  // Every function that takes a handle, viClose left out where `vi` is alive.
  template <class Check>
  static void for_each_call(Check check) {
    for (const auto* call = calls; call->name != nullptr; ++call) {
      if (kNoHandle.count(call->name) != 0) continue;
      SCOPED_TRACE(call->name);
      check(std::string(call->name), *call);
    }
  }
  static void expect_dead(ViObject vi) {
    for_each_call([vi](const std::string& name, const Calls& call) {
      const ViStatus expected = is_void(name)                             ? NO_STATUS
                                : name == "viClose" && vi == VI_NULL      ? VI_WARN_NULL_OBJECT
                                : name == "viStatusDesc" && vi == VI_NULL ? VI_WARN_UNKNOWN_STATUS
                                                                          : VI_ERROR_INV_OBJECT;
      EXPECT_EQ(call.with_room(vi), expected);
      if (call.with_null == nullptr) return;
      const ViStatus status = call.with_null(vi);
      EXPECT_TRUE(is_void(name) || status < 0) << std::hex << status;
    });
  }

  ViSession session_ = VI_NULL;
  ViFindList list_ = VI_NULL;
};

TEST_F(BadHandles, TheTableHasEveryFunction) {
  int count = 0;
  Names names;
  for (const auto* call = calls; call->name != nullptr; ++call, ++count) names.insert(call->name);
  EXPECT_EQ(count, 107);
  for (const auto* set : {&kNoHandle, &kAnyObject, &kManager, &kList, &kSession, &kResource}) {
    for (const auto& name : *set) EXPECT_EQ(names.count(name), 1u) << name;
  }
}

TEST_F(BadHandles, NullAndGarbageAreNoObjects) {
  for (const ViObject vi : {0u, 0x7FFFFFFFu, 0x80000000u, 0xDEADBEEFu, 0xFFFFFFFFu}) {
    SCOPED_TRACE(vi);
    expect_dead(vi);
  }
}

TEST_F(BadHandles, StaleHandlesOfEveryKindAreNoObjects) {
  ViSession manager = VI_NULL;
  ASSERT_EQ(::viOpenDefaultRM(&manager), VI_SUCCESS);
  for (const ViObject vi : {session_, list_, manager}) {
    ASSERT_EQ(::viClose(vi), VI_SUCCESS);
    SCOPED_TRACE(vi);
    expect_dead(vi);
  }
}

TEST_F(BadHandles, ASessionServesNoManagersWork) {
  for_each_call([this](const std::string& name, const Calls& call) {
    if (kManager.count(name) != 0 || kList.count(name) != 0) {
      EXPECT_EQ(call.with_room(session_), VI_ERROR_INV_OBJECT);
    } else if (not_available(name)) {
      EXPECT_EQ(call.with_room(session_), VI_ERROR_NSUP_OPER);
      if (call.with_null != nullptr) {
        EXPECT_EQ(call.with_null(session_), VI_ERROR_NSUP_OPER);
      }
    }
  });
}

TEST_F(BadHandles, AManagerServesNoTransfers) {
  for_each_call([this](const std::string& name, const Calls& call) {
    if (kSession.count(name) != 0 || kList.count(name) != 0) {
      EXPECT_EQ(call.with_room(rm_), VI_ERROR_INV_OBJECT);
    } else if (not_available(name)) {
      EXPECT_EQ(call.with_room(rm_), VI_ERROR_NSUP_OPER);
    }
  });
}

TEST_F(BadHandles, AFindListServesNobodyElse) {
  for_each_call([this](const std::string& name, const Calls& call) {
    if (kAnyObject.count(name) != 0 || kList.count(name) != 0 || is_void(name)) return;
    EXPECT_EQ(call.with_room(list_), VI_ERROR_INV_OBJECT);
  });
  ViUInt32 value = 0;
  EXPECT_EQ(::viGetAttribute(list_, VI_ATTR_TMO_VALUE, &value), VI_ERROR_NSUP_ATTR);
}

TEST_F(BadHandles, NullPointersAreErrorsWhereSomethingMustBeThere) {
  for_each_call([this](const std::string& name, const Calls& call) {
    if (call.with_null == nullptr) return;
    for (const ViObject vi : {rm_, session_, list_}) {
      const ViStatus status = call.with_null(vi);  // that it comes back is most of the test
      if (is_void(name) || name == "viFindNext" || name == "viLock") continue;
      EXPECT_LT(status, 0);
    }
  });
  EXPECT_EQ(::viOpenDefaultRM(nullptr), VI_ERROR_INV_PARAMETER);
  EXPECT_EQ(::viRead(session_, nullptr, 1, nullptr), VI_ERROR_USER_BUF);
  EXPECT_EQ(::viWrite(session_, nullptr, 1, nullptr), VI_ERROR_USER_BUF);
  EXPECT_EQ(::viReadSTB(session_, nullptr), VI_ERROR_INV_PARAMETER);
  EXPECT_EQ(::viGetAttribute(session_, VI_ATTR_TMO_VALUE, nullptr), VI_ERROR_INV_PARAMETER);
  EXPECT_EQ(::viStatusDesc(session_, VI_SUCCESS, nullptr), VI_ERROR_INV_PARAMETER);
  EXPECT_EQ(::viOpen(rm_, nullptr, 0, 0, nullptr), VI_ERROR_INV_PARAMETER);
  EXPECT_EQ(::viFindRsrc(rm_, nullptr, nullptr, nullptr, nullptr), VI_ERROR_INV_EXPR);
}

TEST_F(BadHandles, CountsAreZeroedByEveryFailure) {
  for (const ViObject vi : {0u, rm_}) {
    ViUInt32 count = 77;
    char room[4];
    ::viRead(vi, reinterpret_cast<ViPBuf>(room), 4, &count);
    EXPECT_EQ(count, 0u);
    count = 77;
    ::viWrite(vi, reinterpret_cast<ViConstBuf>("x"), 1, &count);
    EXPECT_EQ(count, 0u);
    count = 77;
    ::viReadToFile(vi, "/nonexistent/x", 1, &count);
    EXPECT_EQ(count, 0u);
    count = 77;
    ::viWriteFromFile(vi, "/nonexistent/x", 1, &count);
    EXPECT_EQ(count, 0u);
  }
}

TEST_F(BadHandles, PeekAndPokeTouchNothing) {
  unsigned char memory[32];
  std::memset(memory, 0xA5, sizeof memory);
  ViUInt8 a = 0xA5;
  ViUInt16 b = 0xA5A5;
  ViUInt32 c = 0xA5A5A5A5;
  ViUInt64 d = 0xA5A5A5A5A5A5A5A5;
  ::viPeek8(session_, memory, &a);
  ::viPeek16(session_, memory, &b);
  ::viPeek32(session_, memory, &c);
  ::viPeek64(session_, memory, &d);
  ::viPoke8(session_, memory, 1);
  ::viPoke16(session_, memory, 1);
  ::viPoke32(session_, memory, 1);
  ::viPoke64(session_, memory, 1);
  for (const auto byte : memory) EXPECT_EQ(byte, 0xA5);
  EXPECT_EQ(a, 0xA5);
  EXPECT_EQ(d, 0xA5A5A5A5A5A5A5A5);
}

}  // namespace
}  // namespace visa::abi
