#include "train_cli/config_file.h"

#include "support/files.h"

namespace easel::train_cli {
namespace {

using testing::sentence_of;
using testing::TemporaryFolder;
using testing::write_file;

ConfigFile read(const std::string& text) {
    const TemporaryFolder folder;
    write_file(folder / "a.toml", text);
    return read_config_file(folder / "a.toml");
}

TEST(ConfigFile, TurnsKeysIntoFlagsAndTablesIntoConfigs) {
    const ConfigFile config = read(
        "learning_rate = 1e-3\nsteps = 20\nloss = \"min-snr\"\ntrain_text_encoder = true\n"
        "[unet]\nblock_out_channels = [32, 64]\n");
    EXPECT_EQ(config.flags, (std::vector<std::string>{"--learning-rate=0.001", "--loss=min-snr", "--steps=20",
                                                      "--train-text-encoder=true"}));
    EXPECT_EQ(config.unet, nlohmann::json({{"block_out_channels", {32, 64}}}));
    EXPECT_TRUE(config.vae.is_null());
}

TEST(ConfigFile, NamesFileAndLineOfWhatIsWrong) {
    EXPECT_NE(sentence_of([] { read("steps = 1\nbatch = [2]\n"); }).find("a.toml:2: batch must be a text, a number"),
              std::string::npos);
    EXPECT_NE(sentence_of([] { read("steps = 1\nbatch = \n"); }).find("a.toml:2: is not valid TOML"),
              std::string::npos);
}

}  // namespace
}  // namespace easel::train_cli
