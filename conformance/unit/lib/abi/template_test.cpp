// SPDX-License-Identifier: MIT
// The operations every resource has, as far as the C boundary adds something of its own: lengths of
// keys, texts of statuses. The rules of locking are lib/locks' tests.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <thread>

#include "conformance/unit/support/visa_session.h"
#include "lib/model/status_table.h"

namespace visa::abi {
namespace {

using test::kSocket;

class Template : public test::VisaSession {
 protected:
  Template() : first_(open(kSocket)), second_(open(kSocket)) {}
  static ViStatus lock(ViSession vi, ViAccessMode kind, const char* key, ViChar* granted) {
    return ::viLock(vi, kind, VI_TMO_IMMEDIATE, key, granted);
  }
  ViSession first_;
  ViSession second_;
  ViChar key_[256 + 16];
};

TEST_F(Template, rule_3_6_17_keys_of_255_characters_work_longer_ones_do_not) {
  std::memset(key_, 0x5A, sizeof key_);
  const std::string longest(255, 'k');
  EXPECT_EQ(lock(first_, VI_SHARED_LOCK, longest.c_str(), key_), VI_SUCCESS);
  EXPECT_EQ(std::string(key_), longest);
  EXPECT_EQ(key_[256], 0x5A);
  EXPECT_EQ(lock(second_, VI_SHARED_LOCK, longest.c_str(), nullptr), VI_SUCCESS);
  EXPECT_EQ(::viUnlock(second_), VI_SUCCESS);
  const std::string too_long(256, 'k');
  EXPECT_EQ(lock(second_, VI_SHARED_LOCK, too_long.c_str(), key_), VI_ERROR_INV_ACCESS_KEY);
  EXPECT_STREQ(key_, "");
  EXPECT_EQ(lock(second_, VI_SHARED_LOCK, std::string(100'000, 'k').c_str(), key_),
            VI_ERROR_INV_ACCESS_KEY);
  EXPECT_EQ(::viUnlock(second_), VI_ERROR_SESN_NLOCKED);
}

TEST_F(Template, AKeyIsMadeWhereNoneIsGiven) {
  EXPECT_EQ(lock(first_, VI_SHARED_LOCK, nullptr, key_), VI_SUCCESS);
  EXPECT_GT(std::strlen(key_), 0u);
  EXPECT_LT(std::strlen(key_), 256u);
  EXPECT_EQ(lock(second_, VI_SHARED_LOCK, key_, nullptr), VI_SUCCESS);
}

TEST_F(Template, LocksOfOtherTypesAreRefused) {
  for (const ViAccessMode type : {0u, 3u, 4u, 0xFFFFFFFFu}) {
    EXPECT_EQ(lock(first_, type, nullptr, key_), VI_ERROR_INV_LOCK_TYPE);
  }
}

TEST_F(Template, AnExcludedSessionFailsAtOnceWhateverItsTimeout) {
  ASSERT_EQ(lock(first_, VI_EXCLUSIVE_LOCK, nullptr, nullptr), VI_SUCCESS);
  ASSERT_EQ(set(second_, VI_ATTR_TMO_VALUE, VI_TMO_INFINITE), VI_SUCCESS);  // would hang
  std::string data;
  EXPECT_EQ(read(second_, data), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(write(second_, "x"), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(::viClear(second_), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(::viAssertTrigger(second_, VI_TRIG_PROT_DEFAULT), VI_ERROR_RSRC_LOCKED);
  ViUInt16 byte = 0;
  EXPECT_EQ(::viReadSTB(second_, &byte), VI_ERROR_RSRC_LOCKED);
  ViUInt32 value = 0;
  EXPECT_EQ(::viGetAttribute(second_, VI_ATTR_RSRC_LOCK_STATE, &value), VI_SUCCESS);
  EXPECT_EQ(value, static_cast<ViUInt32>(VI_EXCLUSIVE_LOCK));
  EXPECT_EQ(bench().wire(1)->operations(), std::vector<std::string>{});
  EXPECT_EQ(::viClear(first_), VI_SUCCESS);
}

TEST_F(Template, ARefusedCallNamesTheHolder) {
  ASSERT_EQ(lock(first_, VI_EXCLUSIVE_LOCK, nullptr, nullptr), VI_SUCCESS);
  char holder[64];
  std::snprintf(holder, sizeof holder, "locked exclusively by session 0x%x of this process",
                first_);
  const auto names_it = [&](ViStatus status) {
    EXPECT_EQ(status, VI_ERROR_RSRC_LOCKED);
    return description(second_, VI_ERROR_RSRC_LOCKED).find(holder) != std::string::npos;
  };
  EXPECT_TRUE(names_it(write(second_, "x")));
  const ViSession third = second_;
  second_ = open(kSocket);  // each with a session that has no text yet
  ViJobId job = VI_NULL;
  ViByte byte = 0;
  EXPECT_TRUE(names_it(::viReadAsync(second_, &byte, 1, &job)));
  EXPECT_EQ(::viClose(second_), VI_SUCCESS);
  second_ = open(kSocket);
  EXPECT_TRUE(names_it(lock(second_, VI_EXCLUSIVE_LOCK, nullptr, nullptr)));
  EXPECT_EQ(::viClose(third), VI_SUCCESS);
}

TEST_F(Template, UnlockingNothingSaysWhereLocksMeet) {
  EXPECT_EQ(::viUnlock(first_), VI_ERROR_SESN_NLOCKED);
  const std::string text = description(first_, VI_ERROR_SESN_NLOCKED);
  EXPECT_NE(text.find("locks hold inside this process only"), std::string::npos) << text;
}

TEST_F(Template, rule_3_6_21_close_gives_up_every_lock) {
  ASSERT_EQ(lock(first_, VI_EXCLUSIVE_LOCK, nullptr, nullptr), VI_SUCCESS);
  ASSERT_EQ(lock(first_, VI_EXCLUSIVE_LOCK, nullptr, nullptr), VI_SUCCESS_NESTED_EXCLUSIVE);
  ASSERT_EQ(::viClose(first_), VI_SUCCESS);
  EXPECT_EQ(::viClear(second_), VI_SUCCESS);
  EXPECT_EQ(lock(second_, VI_EXCLUSIVE_LOCK, nullptr, nullptr), VI_SUCCESS);
}

TEST_F(Template, AManagerSessionCanBeLockedToo) {
  EXPECT_EQ(lock(rm_, VI_EXCLUSIVE_LOCK, nullptr, nullptr), VI_SUCCESS);
  EXPECT_EQ(::viUnlock(rm_), VI_SUCCESS);
  EXPECT_EQ(::viUnlock(rm_), VI_ERROR_SESN_NLOCKED);
}

TEST_F(Template, EveryStatusHasItsText) {
  for (const auto& info : model::status_table()) {
    ViChar text[VI_FIND_BUFLEN] = "";
    EXPECT_EQ(::viStatusDesc(first_, code(info.status), text), VI_SUCCESS) << info.name;
    EXPECT_GT(std::strlen(text), 3u) << info.name;
  }
}

TEST_F(Template, AnUnknownStatusIsWarnedOfAndStillHasAText) {
  ViChar text[VI_FIND_BUFLEN] = "";
  EXPECT_EQ(::viStatusDesc(first_, 0x12345678, text), VI_WARN_UNKNOWN_STATUS);
  EXPECT_STREQ(text, "Unknown status code 0x12345678");
}

TEST_F(Template, ADeadHandleGetsATextAndTheError) {
  ViChar text[VI_FIND_BUFLEN] = "";
  ASSERT_EQ(::viClose(second_), VI_SUCCESS);
  for (const ViObject dead : {second_, ViObject{0xDEADBEEF}}) {
    EXPECT_EQ(::viStatusDesc(dead, VI_ERROR_TMO, text), VI_ERROR_INV_OBJECT);
    EXPECT_GT(std::strlen(text), 3u);
    EXPECT_EQ(::viStatusDesc(dead, 0x12345678, text), VI_ERROR_INV_OBJECT);
    EXPECT_STREQ(text, "Unknown status code 0x12345678");
  }
}

// Every driver of Rohde & Schwarz asks so, and takes the text only with a success.
TEST_F(Template, NullIsAsGoodAsAnyObjectForTheTextOfAStatus) {
  for (const auto& info : model::status_table()) {
    ViChar text[VI_FIND_BUFLEN] = "";
    EXPECT_EQ(::viStatusDesc(VI_NULL, code(info.status), text), VI_SUCCESS) << info.name;
    EXPECT_EQ(text, info.description);
  }
  ViChar text[VI_FIND_BUFLEN] = "";
  EXPECT_EQ(::viStatusDesc(VI_NULL, 0x12345678, text), VI_WARN_UNKNOWN_STATUS);
  EXPECT_STREQ(text, "Unknown status code 0x12345678");
  EXPECT_EQ(::viStatusDesc(VI_NULL, VI_ERROR_TMO, nullptr), VI_ERROR_INV_PARAMETER);
}

/// viOpen, which leaves the program nothing to ask but VI_NULL.
class FailedOpen : public test::VisaSession {
 protected:
  ~FailedOpen() override { bench().on_open(nullptr); }
  ViStatus fail_to_open(Status status, const std::string& why) {
    bench().on_open([=](Call& call) { return call.fail(status, why); });
    ViSession session = VI_NULL;
    return ::viOpen(rm_, kSocket, VI_NO_LOCK, 0, &session);
  }
  static std::string plain(Status status) {
    return std::string(model::find_status(status)->description);
  }
  static std::string text(ViStatus status) { return description(VI_NULL, status); }
};

TEST_F(FailedOpen, IsToldToWhoAsksWithNull) {
  ASSERT_EQ(fail_to_open(Status::error_rsrc_nfound, "192.0.2.1: plug it in"), VI_ERROR_RSRC_NFOUND);
  EXPECT_EQ(text(VI_ERROR_RSRC_NFOUND),
            plain(Status::error_rsrc_nfound) + " 192.0.2.1: plug it in");
  EXPECT_EQ(text(VI_ERROR_TMO), plain(Status::error_tmo)) << "of another status nothing is known";
  ASSERT_EQ(::viClose(rm_), VI_SUCCESS);  // as programs do before they say what was wrong
  rm_ = VI_NULL;
  EXPECT_NE(text(VI_ERROR_RSRC_NFOUND).find("plug it in"), std::string::npos);
}

TEST_F(FailedOpen, IsToldToItsOwnThreadOnly) {
  ASSERT_EQ(fail_to_open(Status::error_tmo, "too slow"), VI_ERROR_TMO);
  std::string elsewhere;
  std::thread([&] { elsewhere = text(VI_ERROR_TMO); }).join();
  EXPECT_EQ(elsewhere, plain(Status::error_tmo));
  EXPECT_NE(text(VI_ERROR_TMO).find("too slow"), std::string::npos);
}

TEST_F(FailedOpen, IsForgottenByTheNextOperationOnAManager) {
  ViSession session = VI_NULL;
  ViUInt16 number = 0;
  const std::function<void()> operations[] = {
      [&] { EXPECT_EQ(::viOpen(rm_, kSocket, VI_NO_LOCK, 0, &session), VI_SUCCESS); },
      [&] { EXPECT_EQ(::viOpen(rm_, kSocket, VI_NO_LOCK, 0, nullptr), VI_ERROR_INV_PARAMETER); },
      [&] { EXPECT_EQ(::viParseRsrc(rm_, kSocket, &number, &number), VI_SUCCESS); },
      [&] {
        EXPECT_EQ(::viFindRsrc(rm_, "VXI?*", nullptr, nullptr, nullptr), VI_ERROR_RSRC_NFOUND);
      },
      [&] { EXPECT_EQ(::viOpenDefaultRM(&session), VI_SUCCESS); },
  };
  for (const auto& operation : operations) {
    ASSERT_EQ(fail_to_open(Status::error_rsrc_nfound, "not there"), VI_ERROR_RSRC_NFOUND);
    bench().on_open(nullptr);
    operation();
    EXPECT_EQ(text(VI_ERROR_RSRC_NFOUND), plain(Status::error_rsrc_nfound));
    EXPECT_GE(::viClose(session), VI_SUCCESS);
    session = VI_NULL;
  }
}

TEST_F(FailedOpen, OutlivesTransfersOfTheThread) {
  const ViSession session = open(kSocket);
  ASSERT_EQ(fail_to_open(Status::error_rsrc_busy, "one at a time"), VI_ERROR_RSRC_BUSY);
  EXPECT_EQ(::viClear(session), VI_SUCCESS);
  EXPECT_NE(text(VI_ERROR_RSRC_BUSY).find("one at a time"), std::string::npos);
}

TEST_F(FailedOpen, ExplainsNoLaterFailureOfAnotherSession) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(kSocket, wire);
  ASSERT_EQ(fail_to_open(Status::error_tmo, "10.0.0.9 does not answer"), VI_ERROR_TMO);
  wire->fails("read", Status::error_tmo, "of the read");
  std::string data;
  EXPECT_EQ(read(session, data), VI_ERROR_TMO);
  EXPECT_EQ(text(VI_ERROR_TMO), plain(Status::error_tmo));
}

TEST_F(FailedOpen, ALongReasonIsCutAndTheTextOfTheStandardIsNot) {
  for (const std::size_t size : {100u, 200u, 255u, 256u, 5000u}) {
    ASSERT_EQ(fail_to_open(Status::error_tmo, std::string(size, 'd') + "\xc3\xa4\n"), VI_ERROR_TMO);
    ViChar desc[256 + 8];
    std::memset(desc, 0x5A, sizeof desc);
    EXPECT_EQ(::viStatusDesc(VI_NULL, VI_ERROR_TMO, desc), VI_SUCCESS);
    EXPECT_LT(::strnlen(desc, sizeof desc), 256u);
    EXPECT_EQ(desc[256], 0x5A);
    EXPECT_EQ(std::string(desc).rfind(plain(Status::error_tmo) + " ddd", 0), 0u) << desc;
    for (const char* c = desc; *c != '\0'; ++c) EXPECT_TRUE(*c >= 0x20 && *c < 0x7f);
  }
}

TEST_F(Template, ALongDetailFitsTheCallersBuffer) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(kSocket, wire);
  for (const std::size_t size : {10u, 150u, 230u, 255u, 1000u}) {
    wire->fails("read", Status::error_tmo, std::string(size, 'd') + "\xc3\xa4\n");
    std::string data;
    read(session, data);
    ViChar text[256 + 8];
    std::memset(text, 0x5A, sizeof text);
    EXPECT_EQ(::viStatusDesc(session, VI_ERROR_TMO, text), VI_SUCCESS);
    EXPECT_LT(::strnlen(text, sizeof text), 256u);
    EXPECT_EQ(text[256], 0x5A);
    EXPECT_NE(std::string(text).find("dddddddddd"), std::string::npos);
    for (const char* c = text; *c != '\0'; ++c) EXPECT_TRUE(*c >= 0x20 && *c < 0x7f);
  }
}

TEST_F(Template, DisablingAndDiscardingNothingSucceeds) {
  for (const ViSession session : {first_, rm_}) {
    EXPECT_EQ(::viDisableEvent(session, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH), VI_SUCCESS_EVENT_DIS);
    EXPECT_EQ(::viDiscardEvents(session, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH),
              VI_SUCCESS_QUEUE_EMPTY);
  }
  EXPECT_EQ(::viDisableEvent(first_, 12345, VI_QUEUE), VI_ERROR_INV_EVENT);
  EXPECT_EQ(::viDisableEvent(first_, VI_ALL_ENABLED_EVENTS, 0), VI_ERROR_INV_MECH);
  EXPECT_EQ(::viDisableEvent(first_, VI_ALL_ENABLED_EVENTS, 0x100), VI_ERROR_INV_MECH);
  EXPECT_EQ(::viEnableEvent(first_, VI_EVENT_SERVICE_REQ, VI_QUEUE, VI_NULL), VI_ERROR_INV_EVENT);
}

}  // namespace
}  // namespace visa::abi
