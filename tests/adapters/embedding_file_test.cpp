#include "adapters/embedding_file.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <easel/error.h>

#include "support/files.h"
#include "weights/crafted.h"
#include "weights/floats.h"
#include "weights/safetensors.h"

namespace easel {
namespace {

const std::string golden_embeddings = "golden/adapters/embeddings/";

std::string refusal_of_embedding(const std::string& name) {
    try {
        open_embedding(golden_embeddings + name);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST(EmbeddingFile, HasVectorsAndPerhapsAToken) {
    const EmbeddingFile five = open_embedding(golden_embeddings + "bad_hands.safetensors");
    EXPECT_EQ(five.vectors, 5);
    EXPECT_EQ(five.width, 32);
    EXPECT_EQ(five.values.size(), 5u * 32);
    EXPECT_EQ(five.token, "");
    EXPECT_EQ(five.sha256.size(), 64u);
    const EmbeddingFile toy = open_embedding(golden_embeddings + "blue_toy.safetensors");
    EXPECT_EQ(toy.vectors, 3);
    EXPECT_EQ(toy.token, "<blue-toy>");
    EXPECT_EQ(open_embedding(golden_embeddings + "red_toy_1d.safetensors").vectors, 1);
}

TEST(EmbeddingFile, MayBeAPickleOfTorch) {
    const SafetensorsFile stages("golden/adapters/embedding_vectors.safetensors");
    EXPECT_EQ(stages.tensors().size(), 8u);
    for (const auto& [name, tensor] : stages.tensors()) {
        const bool is_pickle = name.ends_with(".pt") || name.ends_with(".bin");
        const EmbeddingFile embedding = open_embedding(golden_embeddings + (is_pickle ? name : name + ".safetensors"));
        EXPECT_EQ(embedding.values, floats_of(tensor.bytes, tensor.dtype)) << name;
    }
    EXPECT_EQ(open_embedding(golden_embeddings + "learned_embeds.bin").token, "<concept>");
}

TEST(EmbeddingFile, ThatWouldRunSomethingIsRefused) {
    EXPECT_NE(refusal_of_embedding("refuse_hostile.pt").find("posix system"), std::string::npos);
}

TEST(EmbeddingFile, ThatIsNotThereIsNamed) {
    EXPECT_NE(refusal_of_embedding("is_not_there.safetensors").find("is_not_there"), std::string::npos);
}

TEST(EmbeddingFile, OfStableDiffusionXlHasVectorsForBothTextEncoders) {
    const EmbeddingFile two = open_embedding(golden_embeddings + "refuse_sdxl.safetensors");
    EXPECT_EQ(two.width, 768);
    EXPECT_EQ(two.width_2, 1280);
    EXPECT_EQ(two.values.size(), static_cast<std::size_t>(768 * two.vectors));
    EXPECT_EQ(two.values_2.size(), static_cast<std::size_t>(1280 * two.vectors));
    EXPECT_EQ(two.token, "");
}

TEST(EmbeddingFile, OfStableDiffusionXlNeedsAsManyVectorsForEach) {
    const testing::TemporaryFolder folder;
    const auto sentence = [&](std::vector<std::pair<std::string, std::int64_t>> rows) {
        testing::EditableTensors tensors;
        for (const auto& [name, count] : rows) tensors.add(name, {count, 8});
        tensors.write(folder / "words.safetensors");
        return testing::sentence_of([&] { open_embedding(folder / "words.safetensors"); });
    };
    testing::expect_says(sentence({{"clip_l", 2}, {"clip_g", 3}}), {"words", "2 vectors", "3 for the other"});
    testing::expect_says(sentence({{"clip_l", 2}}), {"words", "clip_l", "none for the other, clip_g"});
    testing::expect_says(sentence({{"clip_g", 2}}), {"words", "clip_g", "none for the other, clip_l"});
    testing::expect_says(sentence({{"clip_l", 0}, {"clip_g", 0}}), {"words", "0 vectors"});
}

}  // namespace
}  // namespace easel
