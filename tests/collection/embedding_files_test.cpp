#include "collection/embedding_files.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "adapters/embedding_file.h"
#include "support/files.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

const std::string golden_embeddings = "golden/adapters/embeddings/";

/// A folder with embeddings in a folder below it.
struct EmbeddingFolder : testing::TemporaryFolder {
    EmbeddingFolder() {
        fs::create_directory(*this / "below");
        for (const char* name : {"one-vector", "bad_hands"})
            fs::copy_file(golden_embeddings + name + ".safetensors",
                          *this / "below" / (std::string(name) + ".safetensors"));
    }
};

std::vector<std::string> found_in(const fs::path& folder, const std::string& prompt) {
    Request request{.prompt = prompt};
    find_embeddings(request, folder);
    std::vector<std::string> names;
    for (const Embedding& embedding : request.embeddings) names.push_back(embedding.file.stem());
    return names;
}

TEST(EmbeddingFiles, OfTheFolderAreTakenWhereAPromptHasTheirNames) {
    const EmbeddingFolder folder;
    using Names = std::vector<std::string>;
    EXPECT_EQ(found_in(folder / "", "a fox"), Names());
    EXPECT_EQ(found_in(folder / "", "a (One - Vector:1.2), fox"), Names{"one-vector"});
    EXPECT_EQ(found_in(folder / "", "one-vectors, bad_handsome"), Names());
    EXPECT_EQ(found_in(folder / "", "bad_hands one-vector"), (Names{"bad_hands", "one-vector"}));
    EXPECT_EQ(found_in("", "bad_hands"), Names());
}

TEST(EmbeddingFiles, MayBePickles) {
    const EmbeddingFolder folder;
    fs::copy_file(golden_embeddings + "webui.pt", folder / "cat.pt");
    EXPECT_EQ(found_in(folder / "", "a cat"), std::vector<std::string>{"cat"});
}

TEST(EmbeddingFiles, AreFoundByNameInTheFolder) {
    const EmbeddingFolder folder;
    Request request{.prompt = "a cat", .embeddings = {{.file = "bad_hands", .token = "cat"}}};
    find_embeddings(request, folder / "");
    EXPECT_EQ(request.embeddings, (std::vector<Embedding>{{folder / "below" / "bad_hands.safetensors", "cat"}}));
    request.embeddings = {{.file = "other", .token = ""}};
    EXPECT_THROW(find_embeddings(request, folder / ""), Error);
    EXPECT_THROW(find_embeddings(request, "is/not/there"), Error);
}

TEST(EmbeddingFiles, ThatAreStoredAreFoundByNameElseByHash) {
    const EmbeddingFolder folder;
    const std::string hash = open_embedding(golden_embeddings + "bad_hands.safetensors").sha256.substr(0, 12);
    const auto find = [&](const std::string& name, const std::string& stored_hash, std::string& said) {
        Request request{.prompt = "a cat", .embeddings = {{.file = name, .token = name}}};
        find_stored_embeddings(request, {stored_hash}, folder / "", [&](const std::string& note) { said = note; });
        return request.embeddings;
    };
    std::string said;
    const std::vector<Embedding> by_hash = find("cat", hash, said);
    EXPECT_EQ(by_hash, (std::vector<Embedding>{{folder / "below" / "bad_hands.safetensors", "cat"}}));
    EXPECT_EQ(said, "");
    EXPECT_EQ(find("bad_hands", "000000000000", said).size(), 1u);
    EXPECT_NE(said.find("another file"), std::string::npos) << said;
    EXPECT_TRUE(find("cat", "000000000000", said).empty());
    EXPECT_NE(said.find("left out"), std::string::npos) << said;
}

}  // namespace
}  // namespace easel
