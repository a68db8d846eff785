// SPDX-License-Identifier: MIT
// The page is whole or not there, and nothing in the data ends its element.
#include "tools/freevisa/trace/trace_page.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tools/freevisa/answer_output.h"

namespace visa::tool {
namespace {

std::string content(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class TracePageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = ::testing::TempDir() + "trace_page_" + std::to_string(::getpid());
    std::filesystem::create_directory(folder);
    file = folder + "/page.html";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string folder;
  std::string file;
};

TEST_F(TracePageTest, IsWholeAfterFinishAndNotThereBefore) {
  {
    TracePage page(file, "python3 <measure>.py");
    page.add("{\"text\":\"</script><script>alert()\"}");
    page.add("{\"text\":\"second\"}");
    EXPECT_FALSE(std::filesystem::exists(file));
    page.finish();
  }
  const std::string text = content(file);
  EXPECT_TRUE(text.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(text.ends_with("</html>\n"));
  EXPECT_NE(text.find("\"text\":\"\\u003c/script>\\u003cscript>alert()\"}"), std::string::npos);
  EXPECT_NE(text.find("\"title\":\"python3 \\u003cmeasure>.py\",\"left_out\":0}"),
            std::string::npos);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST_F(TracePageTest, WithoutFinishNothingIsLeft) {
  { TracePage page(file, "x"); }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 0);
}

TEST_F(TracePageTest, DeviceIsWrittenToAndALinkStays) {
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  const int reader = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  {
    TracePage page(file, "title");  // without a finish(): it fits into the pipe or not
  }
  char first = 0;
  EXPECT_EQ(::read(reader, &first, 1), 1);
  EXPECT_EQ(first, '<');
  ::close(reader);
  EXPECT_TRUE(std::filesystem::is_fifo(file)) << "it is still what it was";
  const std::string link = folder + "/link.html";
  std::filesystem::create_symlink(folder + "/behind.html", link);
  std::ofstream(folder + "/behind.html") << "old";
  TracePage page(link, "title");
  page.finish();
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_NE(content(folder + "/behind.html"), "old");
}

TEST_F(TracePageTest, FolderThatIsNotThereIsAnError) {
  EXPECT_THROW(TracePage(folder + "/none/page.html", "x"), OutputFailure);
}

}  // namespace
}  // namespace visa::tool
