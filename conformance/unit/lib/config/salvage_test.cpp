// SPDX-License-Identifier: MIT
#include "lib/config/salvage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <string>

namespace visa::config {
namespace {

Salvaged salvaged(const std::string& text) {
  const auto document = tomlio::parse_toml(text);
  EXPECT_FALSE(document.good) << text;
  return salvage(text, document);
}

std::string keys(const Salvaged& salvaged) {
  std::string all;
  for (const auto& entry : salvaged.root) all += entry.key + ' ';
  return all;
}

TEST(Salvage, TheSectionOfTheMistakeIsLeftOutAndTheOthersKeepTheirPlaces) {
  const auto rest = salvaged(
      "[settings]\na = 1\n"
      "[[resource]]\nname = 'x\n[resource.transport]\nb = 2\n"
      "[[resource]]\nname = 'y'\n"
      "[aliases]\nc = 'z'\n");
  EXPECT_EQ(keys(rest), "settings resource aliases ");
  ASSERT_EQ(rest.losses.size(), 1u);
  EXPECT_EQ(rest.losses[0].place.line, 4u);
  EXPECT_NE(rest.losses[0].error, "");
  const auto* resources = rest.root[1].value.get<std::vector<tomlio::Node>>();
  ASSERT_NE(resources, nullptr);
  ASSERT_EQ(resources->size(), 1u) << "the tables below a section go with it";
  EXPECT_EQ(resources->at(0).place.line, 7u);
}

TEST(Salvage, AMistakeBelowASectionCostsItAll) {
  const auto rest =
      salvaged("[[resource]]\nname = 'x'\n[resource.transport]\nb = = 2\n[aliases]\n");
  EXPECT_EQ(keys(rest), "aliases ");
}

TEST(Salvage, SeveralMistakesAreAllTold) {
  const auto rest =
      salvaged("no toml\n[settings]\na =\n[aliases]\nb = 'c'\n[[resource]\nname = 'x'\n");
  EXPECT_EQ(keys(rest), "aliases ");
  ASSERT_EQ(rest.losses.size(), 3u);
  EXPECT_EQ(rest.losses[2].place.line, 6u);
}

TEST(Salvage, ASecondTableOfTheSameNameIsLeftOut) {
  const auto rest = salvaged("[settings]\na = 1\n[settings]\na = 2\n[aliases]\n");
  EXPECT_EQ(keys(rest), "settings aliases ");
}

TEST(Salvage, NothingIsLeftOfWhatIsNoTomlAtAll) {
  for (const std::string text : {"no toml", "[[resource]\n", "\n\n = \n", "[a]\nb = '\n"}) {
    EXPECT_EQ(keys(salvaged(text)), "") << text;
  }
  std::string garbage;
  for (int i = 0; i < 50'000; ++i) garbage += static_cast<char>(i * 7919 >> 3);
  EXPECT_EQ(keys(salvaged(garbage)), "");
  EXPECT_EQ(keys(salvaged("a = " + std::string(100'000, '['))), "");
}

TEST(Salvage, ManyMistakesInALargeFileCostLittleTime) {
  std::string text;
  while (text.size() < (std::size_t{1} << 20)) text += "[[resource]]\nname = = 'x'\n";
  const std::clock_t start = std::clock();
  const auto rest = salvaged(text);
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 20);
  EXPECT_EQ(keys(rest), "");
  EXPECT_LE(rest.losses.size(), 21u);
}

}  // namespace
}  // namespace visa::config
