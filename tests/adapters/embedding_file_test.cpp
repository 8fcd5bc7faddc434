#include "adapters/embedding_file.h"

#include <string>

#include <gtest/gtest.h>

#include <easel/error.h>

#include "weights/floats.h"
#include "weights/safetensors.h"

namespace easel {
namespace {

const std::string golden = "golden/adapters/embeddings/";

std::string sentence_of(const std::string& name) {
    try {
        open_embedding(golden + name);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST(EmbeddingFile, HasVectorsAndPerhapsAToken) {
    const EmbeddingFile five = open_embedding(golden + "bad_hands.safetensors");
    EXPECT_EQ(five.vectors, 5);
    EXPECT_EQ(five.width, 32);
    EXPECT_EQ(five.values.size(), 5u * 32);
    EXPECT_EQ(five.token, "");
    EXPECT_EQ(five.sha256.size(), 64u);
    const EmbeddingFile toy = open_embedding(golden + "blue_toy.safetensors");
    EXPECT_EQ(toy.vectors, 3);
    EXPECT_EQ(toy.token, "<blue-toy>");
    EXPECT_EQ(open_embedding(golden + "red_toy_1d.safetensors").vectors, 1);
}

TEST(EmbeddingFile, MayBeAPickleOfTorch) {
    const SafetensorsFile stages("golden/adapters/embedding_vectors.safetensors");
    EXPECT_EQ(stages.tensors().size(), 8u);
    for (const auto& [name, tensor] : stages.tensors()) {
        const bool is_pickle = name.ends_with(".pt") || name.ends_with(".bin");
        const EmbeddingFile embedding = open_embedding(golden + (is_pickle ? name : name + ".safetensors"));
        EXPECT_EQ(embedding.values, floats_of(tensor.bytes, tensor.dtype)) << name;
    }
    EXPECT_EQ(open_embedding(golden + "learned_embeds.bin").token, "<concept>");
}

TEST(EmbeddingFile, ThatWouldRunSomethingIsRefused) {
    EXPECT_NE(sentence_of("refuse_hostile.pt").find("posix system"), std::string::npos);
}

TEST(EmbeddingFile, OfAnotherFamilyIsRefused) {
    EXPECT_NE(sentence_of("refuse_sdxl.safetensors").find("Stable Diffusion XL"), std::string::npos);
    EXPECT_NE(sentence_of("is_not_there.safetensors").find("is_not_there"), std::string::npos);
}

}  // namespace
}  // namespace easel
