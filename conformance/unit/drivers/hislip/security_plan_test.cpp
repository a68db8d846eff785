// SPDX-License-Identifier: MIT
// What name, configuration and instrument say together about the encryption of a session.
#include "drivers/hislip/security_plan.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

#include "conformance/unit/drivers/support/open_hislip.h"

namespace visa::drivers::hislip {
namespace {

const spi::Settings kNoSettings;
const test::InitialAttributes kNoAttributes;

Result<SecurityPlan> plan_of(const Settings& settings, const spi::Credential* credential,
                             Call& call, const char* in_name = nullptr) {
  auto name = test::hislip_name(4880, "hislip0", "scope.lan");
  name.has_credential = in_name != nullptr;
  name.credential = in_name == nullptr ? "" : in_name;
  return read_plan({name, kNoSettings, kNoAttributes, {}, credential}, settings, call);
}

TEST(SecurityPlans, FollowNameAndSettings) {
  Call call(Deadline::immediate());
  const auto nothing = plan_of({}, nullptr, call);
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(nothing->insists());
  EXPECT_EQ(nothing->tls.host, "scope.lan");
  EXPECT_TRUE(plan_of({.encryption = Encryption::required}, nullptr, call)->insists());
  const auto empty = plan_of({}, nullptr, call, "");
  ASSERT_TRUE(empty) << "a lone @ is a secure connection without a user";
  EXPECT_TRUE(empty->insists());

  const spi::Credential lab{.name = "lab",
                            .user = "anna",
                            .password = Secret("x"),
                            .ca_file = "/ca",
                            .client_certificate = "/c",
                            .client_key = "/k",
                            .server_name = "other.lan"};
  for (const bool by_name : {true, false}) {
    Settings settings;
    if (!by_name) settings.credential = "lab";
    const auto plan = plan_of(settings, &lab, call, by_name ? "lab" : nullptr);
    ASSERT_TRUE(plan);
    EXPECT_TRUE(plan->insists());
    EXPECT_EQ(plan->tls.host, "other.lan");
    EXPECT_EQ(plan->tls.ca_file, "/ca");
    EXPECT_EQ(plan->tls.client_certificate, "/c");
    EXPECT_EQ(plan->tls.client_key, "/k");
    EXPECT_EQ(plan->user.user, "anna");
    EXPECT_EQ(plan->user.password->reveal(), "x");
    EXPECT_TRUE(plan->user.has_certificate);
  }
}

TEST(SecurityPlans, WhatCannotBeMeantIsRefused) {
  Call call(Deadline::immediate());
  EXPECT_EQ(plan_of({}, nullptr, call, "lab").status(), Status::error_npermission);
  EXPECT_NE(call.detail.find("[[credential]]"), std::string::npos) << call.detail;
  EXPECT_EQ(plan_of({.credential = "lab"}, nullptr, call).status(), Status::error_npermission);
  EXPECT_EQ(plan_of({.encryption = Encryption::off}, nullptr, call, "").status(),
            Status::error_inv_setup);
  const spi::Credential lab{.name = "lab", .user = "anna", .password_file = "/nowhere/pw"};
  EXPECT_EQ(plan_of({}, &lab, call, "lab").status(), Status::error_inv_setup);
  EXPECT_NE(call.detail.find("/nowhere/pw"), std::string::npos) << call.detail;
}

TEST(SecurityPlans, DecideWithTheInstrument) {
  using enum Encryption;
  constexpr Status kYes = Status::success;
  constexpr Status kNo = Status::success_event_dis;  // stands for "in clear text"
  constexpr Status kRefused = Status::error_npermission;
  struct Case {
    Encryption policy;
    bool credential;
    Announced announced;
    Status wanted;
  };
  constexpr Announced kNone{};
  constexpr Announced kCapable{.capable = true};
  constexpr Announced kMandatory{.mandatory = true, .capable = true};
  constexpr Announced kInitial{.initial = true, .capable = true};
  constexpr Announced kForgetful{.mandatory = true};  // demands, and forgets to say that it can
  const Case kCases[] = {
      {automatic, false, kNone, kNo},
      {automatic, false, kCapable, kNo},
      {automatic, false, kMandatory, kYes},
      {automatic, false, kInitial, kYes},
      {automatic, true, kNone, kRefused},
      {automatic, true, kCapable, kYes},
      {automatic, true, kMandatory, kYes},
      {required, false, kNone, kRefused},
      {required, false, kCapable, kYes},
      {required, false, kInitial, kYes},
      {off, false, kNone, kNo},
      {off, false, kCapable, kNo},
      {off, false, kMandatory, kRefused},
      {off, false, kInitial, kRefused},
      {automatic, false, kForgetful, kYes},
  };
  for (const Case& one : kCases) {
    SecurityPlan plan;
    plan.policy = one.policy;
    plan.by_credential = one.credential;
    Call call(Deadline::immediate());
    const auto decided = begins_encrypted(plan, one.announced, "peer", call);
    const Status got = !decided ? decided.status() : *decided ? kYes : kNo;
    EXPECT_EQ(got, one.wanted) << &one - kCases;
    EXPECT_EQ(!decided, !call.detail.empty());
  }
}

}  // namespace
}  // namespace visa::drivers::hislip
