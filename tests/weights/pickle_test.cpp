#include "weights/pickle.h"

#include <string>

#include <gtest/gtest.h>

#include <easel/error.h>

#include "support/files.h"
#include "weights/zip.h"

namespace easel {
namespace {

const std::string golden_embeddings = "golden/adapters/embeddings/";

std::string refusal_of_pickle(const std::string& bytes) {
    try {
        Pickle(std::as_bytes(std::span(bytes)), "file.pt");
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST(Pickle, IsReadInBothFormsOfTorch) {
    for (const char* name : {"webui.pt", "webui_old_torch.pt"}) {
        const std::string bytes = testing::read_file(golden_embeddings + name);
        const Pickle pickle(std::as_bytes(std::span(bytes)), name);
        const PickleValue* const params = pickle.root().find("string_to_param");
        ASSERT_TRUE(params && params->find("*")) << name;
        const TensorView* const tensor = params->find("*")->tensor();
        ASSERT_TRUE(tensor) << name;
        EXPECT_EQ(tensor->shape, (std::vector<std::int64_t>{2, 32})) << name;
        EXPECT_EQ(tensor->bytes.size(), 4u * 2 * 32) << name;
        ASSERT_TRUE(pickle.root().find("name")->text()) << name;
        EXPECT_EQ(*pickle.root().find("name")->text(), "webui") << name;
    }
}

TEST(Pickle, ThatAsksForAnythingButTensorsIsRefusedByName) {
    EXPECT_NE(refusal_of_pickle(testing::read_file(golden_embeddings + "refuse_hostile.pt")).find("posix system"),
              std::string::npos);
    EXPECT_NE(refusal_of_pickle("\x80\x02"
                                "cos\nsystem\n.")
                  .find("os system"),
              std::string::npos);
    for (const char instruction : {'i', 'o', 'P', '\x82', '\x93', 'p'})
        EXPECT_NE(refusal_of_pickle(std::string("\x80\x02") + instruction).find("instruction"), std::string::npos);
}

/// Every file that ends early is refused, and none of those with a changed byte does harm.
TEST(Pickle, ThatIsDamagedIsRefused) {
    for (const char* name : {"webui.pt", "webui_old_torch.pt", "original_trainer.pt", "learned_embeds.bin"}) {
        const std::string bytes = testing::read_file(golden_embeddings + name);
        for (std::size_t size = 4; size < bytes.size(); size += 7)
            EXPECT_NE(refusal_of_pickle(bytes.substr(0, size)), "") << name << " " << size;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            std::string changed = bytes;
            changed[i] = static_cast<char>(changed[i] ^ 0x55);
            refusal_of_pickle(changed);
        }
    }
}

/// With the magic number of the older form, its version and its facts before it.
std::string old_file(const std::string& program) {
    const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
    return magic + "\x80\x02M\xe9\x03.\x80\x02}." + program + "\x80\x02].";
}

TEST(Pickle, ThatGrowsWithoutEndIsRefused) {
    EXPECT_EQ(refusal_of_pickle(old_file("\x80\x02}.")), "");
    // A dictionary that takes in itself again and again.
    std::string doubling("\x80\x02}q\x00(K\x01K\x02u", 11);
    for (int i = 0; i < 64; ++i) doubling += std::string("h\0b", 3);
    EXPECT_NE(refusal_of_pickle(old_file(doubling + ".")).find("too many values"), std::string::npos);
}

TEST(Pickle, OfTensorsOutsideOfTheirStorageIsRefused) {
    std::string bytes = testing::read_file(golden_embeddings + "webui.pt");
    // The sides of the tensor: BININT1 2, BININT1 32.
    const std::size_t sides = bytes.find("K\x02K ");
    ASSERT_NE(sides, std::string::npos);
    bytes[sides + 1] = 3;
    EXPECT_NE(refusal_of_pickle(bytes).find("outside of its storage"), std::string::npos);
}

TEST(Zip, GivesFilesAsTheyAreStored) {
    const std::string bytes = testing::read_file(golden_embeddings + "webui.pt");
    const auto files = files_of_zip(std::as_bytes(std::span(bytes)), "webui.pt");
    ASSERT_TRUE(files.contains("webui/data/0"));
    EXPECT_EQ(files.at("webui/data/0").size(), 256u);
    EXPECT_EQ(files.size(), 7u);
}

}  // namespace
}  // namespace easel
