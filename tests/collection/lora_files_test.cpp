#include "collection/lora_files.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/lora_hash.h"
#include "support/files.h"
#include "weights/safetensors.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

const std::string golden_loras = "golden/adapters/loras/";

/// A folder with LoRAs in a folder below it.
struct LoraFolder : testing::TemporaryFolder {
    LoraFolder() {
        fs::create_directory(*this / "below");
        for (const char* name : {"kohya", "loha"})
            fs::copy_file(golden_loras + name + ".safetensors", *this / "below" / (std::string(name) + ".safetensors"));
    }
};

TEST(LoraFiles, AreFoundByNameAndByTagsBehindThem) {
    const LoraFolder folder;
    Request request{.prompt = "a <lora:loha:0.5:1>fox", .loras = {{.file = "kohya", .weight = 0.25}}};
    find_loras(request, folder / "");
    EXPECT_EQ(request.prompt, "a fox");
    EXPECT_EQ(request.loras, (std::vector<Lora>{{folder / "below" / "kohya.safetensors", 0.25, {}},
                                                {folder / "below" / "loha.safetensors", 1.0, 0.5}}));
}

TEST(LoraFiles, ThatAreNotThereAreAnError) {
    const LoraFolder folder;
    for (const char* prompt : {"<lora:nobody:1>", "<hypernet:kohya:1>", "<lora:below/kohya:1>", "<lora:../kohya:1>"}) {
        Request request{.prompt = prompt};
        EXPECT_THROW(find_loras(request, folder / ""), Error) << prompt;
    }
    Request request{.loras = {{.file = "nobody"}}};
    EXPECT_THROW(find_loras(request, folder / ""), Error);
    EXPECT_THROW(find_loras(request, ""), Error);
    EXPECT_THROW(find_loras(request, "is/not/there"), Error);
}

TEST(LoraFiles, ThatAreStoredAreFoundByNameElseByHash) {
    const LoraFolder folder;
    const std::string hash = lora_hash(golden_loras + "loha.safetensors").substr(0, 12);
    std::string said;
    const auto find = [&](const std::string& name, const std::string& stored_hash) {
        said.clear();
        Request request{.loras = {{.file = name, .weight = 0.5}}};
        find_stored_loras(request, {stored_hash}, folder / "", [&](const std::string& note) { said = note; });
        return request.loras;
    };
    const std::vector<Lora> loha = {{folder / "below" / "loha.safetensors", 0.5, {}}};
    EXPECT_EQ(find("loha", hash), loha);
    EXPECT_EQ(find("renamed", hash), loha);
    EXPECT_EQ(find("loha", ""), loha);
    EXPECT_EQ(said, "");
    EXPECT_EQ(find("loha", "000000000000"), loha);
    EXPECT_NE(said.find("another file"), std::string::npos) << said;
    EXPECT_TRUE(find("renamed", "").empty());
    EXPECT_NE(said.find("left out"), std::string::npos) << said;
    EXPECT_TRUE(find("/etc/passwd", "").empty());
}

TEST(LoraFiles, AreKnownByTheHashOfTheirMetadataElseOfTheirTensors) {
    const testing::TemporaryFolder folder;
    const std::byte bytes[4] = {};
    const TensorView tensor{.name = "a", .shape = {1}, .bytes = bytes};
    const std::string stated(64, 'a');
    write_safetensors(folder / "stated", {&tensor, 1}, {{"sshs_model_hash", stated}});
    write_safetensors(folder / "silent", {&tensor, 1}, {{"sshs_model_hash", "none"}});
    EXPECT_EQ(lora_hash(folder / "stated"), stated);
    // Of four zero bytes.
    EXPECT_EQ(lora_hash(folder / "silent"), "df3f619804a92fdb4057192dc43dd748ea778adc52bc498ce80524c014b81119");
}

}  // namespace
}  // namespace easel
