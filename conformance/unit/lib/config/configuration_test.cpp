// SPDX-License-Identifier: MIT
// Look-ups, and how several files go together.
#include "lib/config/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace visa::config {
namespace {

using testing::HasSubstr;

constexpr char kExample[] = R"(
[[resource]]
name = "TCPIP0::bench.local::5025::SOCKET"
aliases = ["DMM", "meter"]
[[resource]]
name = "ASRL1::INSTR"
[aliases]
scope = "TCPIP0::10.0.0.5::INSTR"
)";

TEST(Configuration, NothingConfiguredAnswersEverything) {
  const Configuration none;
  EXPECT_TRUE(none.complete());
  EXPECT_TRUE(none.problems().empty());
  EXPECT_TRUE(none.resources().empty());
  EXPECT_EQ(none.find("ASRL1::INSTR"), nullptr);
  EXPECT_EQ(none.resolve_alias("dmm"), std::nullopt);
  EXPECT_EQ(none.alias_of("ASRL1::INSTR"), "");
  EXPECT_EQ(none.settings().connect_timeout_ms, 2000);
  EXPECT_EQ(none.settings().formatted_long, 32);
  EXPECT_FALSE(none.settings().formatted_long_double);
}

TEST(Configuration, ResourceIsFoundInAnySpelling) {
  const auto configuration = Configuration::from_text(kExample, "f");
  ASSERT_TRUE(configuration.complete());
  EXPECT_EQ(configuration.resources().size(), 2u);
  for (const char* name :
       {"TCPIP0::bench.local::5025::SOCKET", "tcpip::BENCH.local::5025::socket"}) {
    ASSERT_NE(configuration.find(name), nullptr) << name;
    EXPECT_EQ(configuration.find(name)->name, "TCPIP0::bench.local::5025::SOCKET");
    EXPECT_EQ(configuration.find(*model::parse_resource_name(name)), configuration.find(name));
  }
  EXPECT_EQ(configuration.find("TCPIP0::bench.local::5026::SOCKET"), nullptr);
  EXPECT_EQ(configuration.find("DMM"), nullptr);  // an alias is no name
  EXPECT_EQ(configuration.find(""), nullptr);
}

TEST(Configuration, AliasIsFoundInAnyCase) {
  const auto configuration = Configuration::from_text(kExample, "f");
  for (const char* alias : {"DMM", "dmm", "Dmm", "METER"}) {
    EXPECT_EQ(configuration.resolve_alias(alias), "TCPIP0::bench.local::5025::SOCKET") << alias;
  }
  EXPECT_EQ(configuration.resolve_alias("scope"), "TCPIP0::10.0.0.5::inst0::INSTR");
  EXPECT_EQ(configuration.resolve_alias("dm"), std::nullopt);
  EXPECT_EQ(configuration.resolve_alias(""), std::nullopt);
  EXPECT_EQ(configuration.resolve_alias("ASRL1::INSTR"), std::nullopt);
}

TEST(Configuration, AliasOfAResourceIsItsFirstAsWritten) {
  const auto configuration = Configuration::from_text(kExample, "f");
  EXPECT_EQ(configuration.alias_of("tcpip0::bench.local::5025::SOCKET"), "DMM");
  EXPECT_EQ(configuration.alias_of("TCPIP0::10.0.0.5::INSTR"), "scope");
  EXPECT_EQ(configuration.alias_of("ASRL1::INSTR"), "");
  EXPECT_EQ(configuration.alias_of("nonsense"), "");
}

TEST(Configuration, AFixedNameLeadsOneStepToAnotherResource) {
  const auto configuration = Configuration::from_text(
      "[[resource]]\nname='GPIB::1::INSTR'\ninstead_of=['GPIB::2::INSTR', 'ASRL3']\n"
      "[[resource]]\nname='GPIB::2::INSTR'\ninstead_of='GPIB::1::INSTR'\n",
      "f");
  ASSERT_TRUE(configuration.complete());
  const auto leads_to = [&](std::string_view name) -> std::string {
    const auto* other = configuration.instead_of(*model::parse_resource_name(name));
    return other == nullptr ? "" : other->name;
  };
  EXPECT_EQ(leads_to("gpib::2"), "GPIB0::1::INSTR");
  EXPECT_EQ(leads_to("GPIB0::01::instr"), "GPIB0::2::INSTR");
  EXPECT_EQ(leads_to("asrl3"), "GPIB0::1::INSTR");
  EXPECT_EQ(leads_to("GPIB0::2::0::INSTR"), "GPIB0::1::INSTR") << "as PyVISA 1.11 writes it";
  EXPECT_EQ(leads_to("GPIB0::2::1::INSTR"), "");
  EXPECT_EQ(leads_to("GPIB0::3::INSTR"), "");
  EXPECT_EQ(Configuration().instead_of(*model::parse_resource_name("ASRL3")), nullptr);
}

TEST(Configuration, TheNearestSettingOfAResourceCounts) {
  const auto configuration = Configuration::from_text(
      "[[interface]]\nname='TCPIP'\nca='all'\nport=1\nidle=10\n"
      "[[interface]]\nname='TCPIP1'\nport=2\nidle=20\n"
      "[[interface]]\nname='ASRL'\nlow=true\n"
      "[[interface]]\nname='ASRL0'\ndevice='/dev/ttyS9'\n"
      "[[resource]]\nname='TCPIP1::h::INSTR'\ntransport={idle=30}\n",
      "f.toml");
  ASSERT_TRUE(configuration.complete());
  const auto settings_for = [&](std::string_view name) {
    return configuration.settings_for(*model::parse_resource_name(name));
  };
  const auto nearest = settings_for("tcpip1::H::instr");
  ASSERT_EQ(nearest.size(), 3u);
  EXPECT_EQ(std::get<std::string>(nearest.at("ca")), "all");
  EXPECT_EQ(std::get<std::int64_t>(nearest.at("port")), 2);
  EXPECT_EQ(std::get<std::int64_t>(nearest.at("idle")), 30);
  EXPECT_EQ(nearest.at("ca").origin, "f.toml:3");
  EXPECT_EQ(nearest.at("idle").origin, "f.toml:18");
  const auto board = settings_for("TCPIP1::other::5025::SOCKET");
  EXPECT_EQ(std::get<std::int64_t>(board.at("idle")), 20);
  const auto any = settings_for("TCPIP::h::INSTR");
  EXPECT_EQ(std::get<std::int64_t>(any.at("port")), 1);
  EXPECT_EQ(std::get<std::int64_t>(any.at("idle")), 10);
  const auto node = settings_for("ASRL/dev/ttyUSB0::INSTR");
  EXPECT_EQ(node.count("low"), 1u);
  EXPECT_EQ(node.count("device"), 0u) << "a device node is not port 0";
  EXPECT_EQ(settings_for("ASRL0::INSTR").count("device"), 1u);
  EXPECT_EQ(configuration.boards_of(model::Interface::asrl).size(), 1u) << "ASRL is no board";
  EXPECT_EQ(configuration.boards_of(model::Interface::tcpip).count(1), 1u);
  EXPECT_TRUE(configuration.boards_of(model::Interface::usb).empty());
  EXPECT_TRUE(settings_for("GPIB::1::INSTR").empty());
  EXPECT_TRUE(Configuration().settings_for(*model::parse_resource_name("ASRL1")).empty());
}

TEST(Configuration, BrokenTextLeavesAnEmptyConfiguration) {
  const auto configuration = Configuration::from_text("[[resource]\nname = 1", "f.toml");
  EXPECT_FALSE(configuration.complete());
  ASSERT_EQ(configuration.problems().size(), 1u);
  EXPECT_THAT(configuration.problems()[0], testing::StartsWith("f.toml:1:"));
  EXPECT_TRUE(configuration.resources().empty());
}

class ConfigurationFiles : public testing::Test {
 protected:
  ConfigurationFiles() {
    char name[] = "/tmp/freevisa_configuration_test_XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~ConfigurationFiles() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  /// Adds a file to those that load() reads, in this order.
  void file(const std::string& text) {
    const std::string path = folder_ + "/" + std::to_string(sources_.size()) + ".toml";
    std::ofstream(path, std::ios::binary) << text;
    sources_.push_back({path, Source::Kind::system});
  }
  Configuration load() { return Configuration::load(sources_); }

  std::string folder_;
  Sources sources_;
};

TEST_F(ConfigurationFiles, LaterEntryReplacesTheWholeEarlierOne) {
  file(
      "[[resource]]\nname='GPIB::1::INSTR'\nalias='old'\nlisted=false\ntransport={a=1}\n"
      "[[resource]]\nname='GPIB::2::INSTR'\n");
  file("[[resource]]\nname='gpib0::1::instr'\nalias='new'\ntransport={b=2}\n");
  const auto configuration = load();
  EXPECT_TRUE(configuration.complete());
  EXPECT_TRUE(configuration.problems().empty());
  ASSERT_EQ(configuration.resources().size(), 2u);
  const Resource* resource = configuration.find("GPIB0::1::INSTR");
  ASSERT_NE(resource, nullptr);
  EXPECT_TRUE(resource->listed);
  EXPECT_EQ(resource->transport.count("a"), 0u);
  EXPECT_EQ(resource->transport.count("b"), 1u);
  EXPECT_THAT(resource->origin, HasSubstr("1.toml:1"));
  EXPECT_EQ(configuration.resolve_alias("old"), std::nullopt);
  EXPECT_EQ(configuration.resolve_alias("new"), "GPIB0::1::INSTR");
  EXPECT_EQ(configuration.alias_of("GPIB0::1::INSTR"), "new");
}

TEST_F(ConfigurationFiles, LaterAliasGoesToItsNewResource) {
  file("[aliases]\ndmm='GPIB::1::INSTR'\nkept='GPIB::1::INSTR'\n");
  file("[[resource]]\nname='GPIB::2::INSTR'\nalias='DMM'\n");
  const auto configuration = load();
  EXPECT_TRUE(configuration.complete());
  EXPECT_EQ(configuration.resolve_alias("dmm"), "GPIB0::2::INSTR");
  EXPECT_EQ(configuration.alias_of("GPIB0::2::INSTR"), "DMM");
  EXPECT_EQ(configuration.alias_of("GPIB0::1::INSTR"), "kept");
}

TEST_F(ConfigurationFiles, AliasOfTheLastFileIsTheOneShown) {
  file("[aliases]\nfirst='GPIB::1::INSTR'\n");
  file("[aliases]\nsecond='GPIB::1::INSTR'\nthird='GPIB::1::INSTR'\n");
  const auto configuration = load();
  EXPECT_EQ(configuration.alias_of("GPIB0::1::INSTR"), "second");
  EXPECT_EQ(configuration.resolve_alias("first"), "GPIB0::1::INSTR");
}

TEST_F(ConfigurationFiles, LaterFixedNameGoesToItsNewResourceAndAnEntryTakesItsNamesAlong) {
  file(
      "[[resource]]\nname='GPIB::1::INSTR'\ninstead_of=['ASRL1', 'ASRL2']\n"
      "[[resource]]\nname='GPIB::2::INSTR'\ninstead_of='ASRL3'\n");
  file(
      "[[resource]]\nname='GPIB::2::INSTR'\ninstead_of='ASRL1'\n"
      "[[resource]]\nname='GPIB::3::INSTR'\n");
  const auto configuration = load();
  EXPECT_TRUE(configuration.complete());
  const auto* first = configuration.instead_of(*model::parse_resource_name("ASRL1"));
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->name, "GPIB0::2::INSTR");
  const auto* second = configuration.instead_of(*model::parse_resource_name("ASRL2"));
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->name, "GPIB0::1::INSTR");
  EXPECT_EQ(configuration.instead_of(*model::parse_resource_name("ASRL3")), nullptr)
      << "its entry was replaced";
}

TEST_F(ConfigurationFiles, LaterSettingOverrides) {
  file("[settings]\nformatted_long = 64\nformatted_long_double = true\n");
  EXPECT_EQ(load().settings().formatted_long, 64);
  EXPECT_TRUE(load().settings().formatted_long_double);
  file("[settings]\nconnect_timeout_ms=100\n");
  EXPECT_EQ(load().settings().connect_timeout_ms, 100);
  file("[settings]\n");
  EXPECT_EQ(load().settings().connect_timeout_ms, 100);
  file("[settings]\nconnect_timeout_ms=300\n");
  EXPECT_EQ(load().settings().connect_timeout_ms, 300);
}

TEST_F(ConfigurationFiles, LaterInterfaceReplacesTheWholeEarlierOne) {
  file("[[interface]]\nname='GPIB0'\na=1\nb=1\n[[interface]]\nname='GPIB1'\na=1\n");
  file("[[interface]]\nname='gpib0'\na=2\n");
  const auto configuration = load();
  EXPECT_TRUE(configuration.problems().empty());
  const auto* first = configuration.find(*parse_interface_name("GPIB0"));
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->settings.size(), 1u);
  EXPECT_THAT(first->origin, HasSubstr("1.toml:1"));
  EXPECT_NE(configuration.find(*parse_interface_name("GPIB1")), nullptr);
  EXPECT_EQ(configuration.find(*parse_interface_name("GPIB")), nullptr);
}

TEST_F(ConfigurationFiles, LaterKeyOfAFinderOverridesThatKeyInEitherSpelling) {
  file("[finder.lan]\nsearch=true\ncache_s=5\n");
  file("[settings]\nlan_discovery=false\n");
  auto lan = load().finders().find("lan")->second;
  EXPECT_FALSE(std::get<bool>(lan.at("search")));
  EXPECT_EQ(std::get<std::int64_t>(lan.at("cache_s")), 5);
  file("[finder.lan]\nsearch=true\n");
  lan = load().finders().find("lan")->second;
  EXPECT_TRUE(std::get<bool>(lan.at("search")));
}

TEST_F(ConfigurationFiles, BrokenFileLeavesTheOthers) {
  file("[aliases]\na='GPIB::1::INSTR'\n");
  file("this is not TOML\n");
  file("[aliases]\nb='GPIB::2::INSTR'\n");
  const auto configuration = load();
  EXPECT_FALSE(configuration.complete());
  ASSERT_EQ(configuration.problems().size(), 1u);
  EXPECT_THAT(configuration.problems()[0], HasSubstr("/1.toml:1:"));
  EXPECT_EQ(configuration.resolve_alias("a"), "GPIB0::1::INSTR");
  EXPECT_EQ(configuration.resolve_alias("b"), "GPIB0::2::INSTR");
}

TEST_F(ConfigurationFiles, NamedFileThatIsMissingIsTold) {
  sources_.push_back({folder_ + "/missing.toml", Source::Kind::explicit_});
  file("[aliases]\na='GPIB::1::INSTR'\n");
  const auto configuration = load();
  EXPECT_FALSE(configuration.complete());
  EXPECT_THAT(configuration.problems()[0], HasSubstr("missing.toml"));
  EXPECT_EQ(configuration.resolve_alias("a"), "GPIB0::1::INSTR");
}

// Hostile in size: as many entries and aliases as fit, all replaced by the next file. The bound is
// the processor's time, which does not depend on what else the machine does: work that grows with
// the square of the size would take minutes of it.
TEST_F(ConfigurationFiles, LargestFilesLoadInReasonableTime) {
  std::string text;
  for (int i = 0; text.size() < kLargestFile - 100; ++i) {
    text += "[[resource]]\nname='TCPIP::h" + std::to_string(i) + "::INSTR'\nalias='a" +
            std::to_string(i) + "'\n";
  }
  file(text);
  file(text);
  const std::clock_t start = std::clock();
  const auto configuration = load();
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 20);
  EXPECT_TRUE(configuration.complete());
  EXPECT_GT(configuration.resources().size(), 10'000u);
  EXPECT_EQ(configuration.resolve_alias("A77"), "TCPIP0::h77::inst0::INSTR");
}

TEST_F(ConfigurationFiles, AnyThreadMayAsk) {
  const auto configuration = Configuration::from_text(kExample, "f");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&configuration] {
      for (int round = 0; round < 200; ++round) {
        EXPECT_TRUE(configuration.resolve_alias("dmm"));
        EXPECT_NE(configuration.find("ASRL1::INSTR"), nullptr);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace visa::config
