#include "ir/folder.h"

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

const char* const folder = "golden/tiny/diffusers";
const char* const single_file = "golden/tiny/single/tiny.safetensors";

TEST(IrFolder, BothKindsAreRecognized) {
    const auto old = IrFolder::find("golden/tiny/ir-2022");
    ASSERT_TRUE(old);
    EXPECT_EQ(old->kind, IrFolder::Kind::openvino_2022);
    EXPECT_EQ(old->name, "ir-2022");
    EXPECT_FALSE(old->unet_config);
    const auto optimum = IrFolder::find("golden/tiny/ir-optimum/");
    ASSERT_TRUE(optimum);
    EXPECT_EQ(optimum->kind, IrFolder::Kind::optimum);
    EXPECT_EQ(optimum->name, "ir-optimum");
    EXPECT_EQ(optimum->unet_config->sample_size, 8);
    EXPECT_TRUE(optimum->scheduler_config);
    EXPECT_FALSE(IrFolder::find(folder));
    EXPECT_FALSE(IrFolder::find(single_file));
    EXPECT_FALSE(IrFolder::find("golden/no-such-folder"));
}

TEST(IrFolder, FilesMayLieInAFolderModel) {
    const testing::TemporaryFolder place;
    fs::copy("golden/tiny/ir-2022", place / "model");
    const auto found = IrFolder::find(place.path());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->unet.xml, place / "model/unet.xml");
}

TEST(IrFolder, MissingPartIsNamed) {
    const testing::TemporaryFolder place;
    fs::copy("golden/tiny/ir-2022", place / "model");
    fs::remove(place / "model/vae_decoder.bin");
    EXPECT_EQ(testing::sentence_of([&] { IrFolder::find(place.path()); }),
              (place / "model/vae_decoder.bin").string() +
                  ": is missing, so the OpenVINO model in this folder is incomplete");
}

}  // namespace
}  // namespace easel
