// SPDX-License-Identifier: MIT
#include "drivers/gpib/kernel/kernel_boards.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/fake_gpib.h"
#include "conformance/unit/support/temp_folder.h"

namespace visa::drivers::gpib::kernel {
namespace {

class KernelBoardsTest : public testing::Test {
 protected:
  void board(const std::string& name, bool node = true) {
    std::filesystem::create_directories(root.path() + "/sys/class/gpib_common/" + name);
    std::filesystem::create_directories(root.path() + "/dev");
    if (node) std::ofstream(root.path() + "/dev/" + name).put('\n');
  }
  Result<std::string> node(std::uint16_t number, std::string target) {
    const BoardRequest request{number, std::move(target), settings};
    return node_of(request, call);
  }
  test::TempFolder root;
  spi::Settings settings;
  Call call{Deadline::infinite()};
};

TEST_F(KernelBoardsTest, ListsTheNodesOfTheClassInOrder) {
  board("gpib10");
  board("gpib0");
  board("gpib2", false);
  board("gpib16");
  board("gpibx");
  EXPECT_EQ(list_boards(root.path()), (std::vector<std::uint16_t>{0, 10}));
}

TEST_F(KernelBoardsTest, ThereAreNoneWithoutTheModule) {
  EXPECT_TRUE(list_boards(root.path()).empty());
}

// A file is no board. What may not be opened might be one; root may open everything.
TEST_F(KernelBoardsTest, ABoardIsInUseUnlessItIsKnownNotToBe) {
  board("gpib0");
  board("gpib1");
  std::filesystem::permissions(root.path() + "/dev/gpib1", std::filesystem::perms::none);
  const auto in_use = boards_in_use(root.path());
  EXPECT_EQ(in_use,
            ::geteuid() == 0 ? std::vector<std::uint16_t>{} : (std::vector<std::uint16_t>{1}));
}

TEST_F(KernelBoardsTest, ABoardIsInUseWhileItIsOnline) {
  test::FakeGpib fake;
  board("gpib0");
  EXPECT_EQ(boards_in_use(root.path()), std::vector<std::uint16_t>{0});
  fake.model().with([](auto& model) { model.online = false; });
  EXPECT_TRUE(boards_in_use(root.path()).empty());
}

TEST_F(KernelBoardsTest, ABoardIsTheNodeOfItsNumber) {
  EXPECT_EQ(*node(3, ""), "/dev/gpib3");
  EXPECT_EQ(*node(3, "1"), "/dev/gpib1");
  EXPECT_EQ(*node(3, "/dev/gpib7"), "/dev/gpib7");
}

TEST_F(KernelBoardsTest, ALinkMeansTheNodeItLeadsTo) {
  board("gpib0");
  std::filesystem::create_symlink(root.path() + "/dev/gpib0", root.path() + "/rack");
  EXPECT_EQ(*node(0, root.path() + "/rack"),
            std::filesystem::canonical(root.path() + "/dev/gpib0").string());
}

TEST_F(KernelBoardsTest, RefusesWhatNamesNoBoard) {
  EXPECT_EQ(node(0, "rack").status(), Status::error_inv_setup);
  EXPECT_NE(call.detail.find("kernel://rack"), std::string::npos);
  EXPECT_EQ(node(0, "70000").status(), Status::error_inv_setup);
}

}  // namespace
}  // namespace visa::drivers::gpib::kernel
