#include "collection/control_files.h"

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

/// A folder with a ControlNet as a folder below another and as a file, and with what is none.
struct ControlFolder : testing::TemporaryFolder {
    ControlFolder() {
        fs::create_directories(*this / "sd15");
        fs::copy("golden/adapters/controlnet/edges", *this / "sd15" / "edges", fs::copy_options::recursive);
        fs::copy_file("golden/adapters/controlnet/edges/diffusion_pytorch_model.safetensors",
                      *this / "lines.safetensors");
        fs::copy_file("golden/adapters/loras/kohya.safetensors", *this / "kohya.safetensors");
        fs::copy_file("golden/inputs/lines_64x64.png", *this / "photo.png");
        testing::write_file(*this / "broken.safetensors", "{");
    }
};

TEST(ControlFiles, ListThoseThatAreControlNetsAndNoPartsOfThem) {
    const ControlFolder folder;
    EXPECT_EQ(controlnets_in(folder / ""),
              (std::vector<fs::path>{folder / "lines.safetensors", folder / "sd15" / "edges"}));
    EXPECT_EQ(controlnet_name(folder / "lines.safetensors"), "lines");
    EXPECT_EQ(controlnet_name(folder / "sd15" / "edges"), "edges");
    EXPECT_TRUE(controlnets_in("").empty());
    EXPECT_THROW(controlnets_in("is/not/there"), Error);
}

TEST(ControlFiles, AreFoundByNameAlone) {
    const ControlFolder folder;
    EXPECT_EQ(find_controlnet(folder / "", "edges"), folder / "sd15" / "edges");
    EXPECT_EQ(find_controlnet(folder / "", "lines"), folder / "lines.safetensors");
    for (const char* name :
         {"", "nobody", "kohya", "photo", "broken", "sd15", "sd15/edges", "../edges", "diffusion_pytorch_model"})
        EXPECT_EQ(find_controlnet(folder / "", name), std::nullopt) << name;
}

}  // namespace
}  // namespace easel
