// SPDX-License-Identifier: MIT
#include "lib/base/no_destructor.h"

#include <gtest/gtest.h>

#include <string>

namespace visa {
namespace {

struct Counted {
  explicit Counted(int& c) : count(c) { ++count; }
  ~Counted() { --count; }
  int& count;
};

TEST(NoDestructor, BuildsItsValueFromTheArguments) {
  NoDestructor<std::string> text(3u, 'x');
  EXPECT_EQ(*text, "xxx");
  EXPECT_EQ(text->size(), 3u);
  text->clear();
  text->shrink_to_fit();  // nobody else will free it
}

TEST(NoDestructor, NeverDestroysIt) {
  int alive = 0;
  { const NoDestructor<Counted> counted(alive); }
  EXPECT_EQ(alive, 1);
}

}  // namespace
}  // namespace visa
