#include "pictures/format.h"

#include <gtest/gtest.h>

#include "pictures/helpers.h"

namespace easel {
namespace {

TEST(Format, OfAnExtensionThatIsNotWrittenIsAUsageErrorThatNamesThoseThatAre) {
    for (const char* path : {"it.gif", "it", "it.png.txt", ".png", "folder.png/it"}) {
        try {
            format_of_path(path);
            ADD_FAILURE() << path;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::bad_request);
            EXPECT_EQ(error.what(),
                      std::string(path) + ": a picture's name must end in .png, .jpg (or .jpeg) or .webp");
        }
    }
}

}  // namespace
}  // namespace easel
