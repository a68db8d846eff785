// SPDX-License-Identifier: MIT
#include "drivers/common/setting_reader.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace visa::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kPolicies[] = {"never", "when offered", "always"};

/// Reads by `body` and returns the detail; "" on success.
template <class Body>
std::string refusal(const spi::Settings& settings, Body&& body) {
  Call call(Deadline::infinite());
  drivers::SettingReader reader(settings, call);
  body(reader);
  EXPECT_EQ(reader.status(), call.detail.empty() ? Status::success : Status::error_inv_setup);
  return call.detail;
}

TEST(SettingReader, TakesWhatFits) {
  const spi::Settings settings{{"port", std::int64_t{17}},     {"flag", true},
                               {"device", "/dev/ttyS0"},       {"tls", "When Offered"},
                               {"pause_ms", std::int64_t{15}}, {"wait_s", 1.5}};
  int number = 5;
  int choice = 0;
  bool flag = false;
  std::string text = "none";
  auto pause = 0ms;
  auto wait = 0ms;
  EXPECT_EQ(refusal(settings,
                    [&](drivers::SettingReader& reader) {
                      reader.number("missing", 0, 10, number);
                      EXPECT_EQ(number, 5);
                      reader.number("port", 0, 20, number);
                      reader.flag("flag", flag);
                      reader.text("device", text);
                      reader.choice("tls", kPolicies, choice);
                      reader.duration("pause_ms", 0ms, 100ms, pause);
                      reader.duration("wait_s", 0ms, 10s, wait);
                    }),
            "");
  EXPECT_EQ(number, 17);
  EXPECT_TRUE(flag);
  EXPECT_EQ(text, "/dev/ttyS0");
  EXPECT_EQ(choice, 1);
  EXPECT_EQ(pause, 15ms);
  EXPECT_EQ(wait, 1500ms);
}

TEST(SettingReader, RefusalNamesTheKeyAndWhatIsWanted) {
  const spi::Settings settings{{"port", std::int64_t{17}}, {"half", 1.5},
                               {"one", std::int64_t{1}},   {"tls", "sometimes"},
                               {"wait_s", -1.0},           {"text", "x"}};
  int number = 5;
  bool flag = false;
  std::string text;
  auto wait = 7ms;
  EXPECT_EQ(refusal(settings, [&](auto& reader) { reader.number("port", 0, 16, number); }),
            "setting port: a number from 0 to 16 is wanted; correct the configuration");
  EXPECT_NE(refusal(settings, [&](auto& reader) { reader.number("half", 0, 16, number); }), "");
  EXPECT_NE(
      refusal(settings, [&](auto& reader) { reader.flag("one", flag); }).find("one: true or false"),
      std::string::npos);
  EXPECT_NE(refusal(settings, [&](auto& reader) { reader.text("one", text); })
                .find("one: a text in quotes"),
            std::string::npos);
  EXPECT_NE(refusal(settings, [&](auto& reader) { reader.choice("tls", kPolicies, number); })
                .find("tls: one of \"never\", \"when offered\", \"always\""),
            std::string::npos);
  EXPECT_NE(refusal(settings, [&](auto& reader) { reader.duration("wait_s", 0ms, 10s, wait); })
                .find("wait_s: a time from 0 to 10 seconds"),
            std::string::npos);
  EXPECT_NE(refusal(settings, [&](auto& reader) { reader.duration("text", 0ms, 10s, wait); }), "");
  EXPECT_EQ(number, 5);
  EXPECT_EQ(wait, 7ms);
}

TEST(SettingReader, RefusalNamesFileAndLineWhereThereAreAny) {
  spi::Settings settings{{"port", "x"}};
  settings.at("port").origin = "/etc/f.toml:12";
  int number = 5;
  EXPECT_EQ(refusal(settings, [&](auto& reader) { reader.number("port", 0, 16, number); }),
            "setting port: a number from 0 to 16 is wanted; correct /etc/f.toml:12");
}

TEST(SettingReader, FirstMistakeIsTheOneReported) {
  const spi::Settings settings{{"a", 1.5}, {"b", 2.5}};
  bool flag = false;
  const auto text = refusal(settings, [&](auto& reader) {
    reader.flag("a", flag);
    reader.flag("b", flag);
  });
  EXPECT_NE(text.find("setting a"), std::string::npos);
}

}  // namespace
}  // namespace visa::test
