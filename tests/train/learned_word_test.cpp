#include "train/learned_word.h"

#include <gtest/gtest.h>

#include "adapters/embedding_file.h"
#include "support/files.h"
#include "train/colours.h"
#include "train/diffusion_trainer.h"
#include "train/tiny_model.h"

namespace easel::train {
namespace {

using testing::mean;
using testing::sentence_of;
using testing::TemporaryFolder;
using testing::tiny_model;

TEST(LearnedWord, HasIdsOfItsOwnWhereverItStands) {
    Model model = tiny_model();
    const std::vector<std::string> captions = {"a red mytoy, Mytoy", "mytoys", "a red square"};
    const Tensor before = token_ids(model, captions);
    add_word(model, {.text = "mytoy", .vectors = 3});
    const int first = model.stored.text_encoder.config.vocab_size;
    const Tensor after = token_ids(model, captions);
    const std::vector<int> ids = model.tokenizer().ids("a red");
    const int comma = model.tokenizer().ids(",").front(), end = model.tokenizer().end();
    const std::vector<int> expected = {
        before[0][0].item<int>(), ids[0], ids[1], first, first + 1, first + 2, comma, first, first + 1, first + 2, end};
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_EQ(after[0][static_cast<std::int64_t>(i)].item<int>(), expected[i]) << i;
    EXPECT_TRUE(torch::equal(after[1], before[1])) << "a longer word is another";
    EXPECT_TRUE(torch::equal(after[2], before[2]));

    std::string long_caption;
    for (int i = 0; i < 40; ++i) long_caption += "mytoy ";
    const Tensor row = token_ids(model, std::vector{long_caption})[0];
    EXPECT_EQ(row[75].item<int>(), first + 2) << "cut at 75 tokens";
    EXPECT_EQ(row[76].item<int>(), end);
}

TEST(LearnedWord, BeginsAsTheTokensOfAText) {
    Model model = tiny_model();
    const Tensor table = parameters_of(*model.text_encoder).at("text_model.embeddings.token_embedding.weight");
    const std::vector<int> ids = model.tokenizer().ids("red square");
    const Tensor rows = add_word(model, {.text = "toy", .vectors = 3, .begin = "red square"}).begin()->second;
    for (std::int64_t i = 0; i < 3; ++i)
        EXPECT_TRUE(torch::equal(rows[i], table[ids[static_cast<std::size_t>(i) % ids.size()]])) << i;
}

TEST(LearnedWord, IsLearntWhileAllElseStaysAndIsReadBackAsAnEmbedding) {
    torch::set_num_threads(1);
    const TemporaryFolder folder;
    easel::testing::write_colours(folder / "colours.safetensors", 64);
    const DataFile data(folder / "colours.safetensors");
    Model model = tiny_model();
    const Parameters rows = add_word(model, {.text = "square", .vectors = 4});
    const EncodedData encoded(data, model, torch::kCPU, {});
    const DiffusionOptions options{.training = {.steps = 60,
                                                .batch = 8,
                                                .learning_rate = 0.1,
                                                .warmup_steps = 5,
                                                .weight_decay = 0,
                                                .average_horizon = 10}};
    // Over the same draws, which decide more than the word does.
    const auto loss = [&] {
        DiffusionOptions standing = options;
        standing.training.learning_rate = 1e-12;
        DiffusionTrainer still(model, rows, encoded, data.caption_begins(), standing, torch::kCPU);
        std::vector<double> losses;
        for (int step = 0; step < 16; ++step) losses.push_back(still.step(step).loss);
        return mean(losses);
    };
    const double loss_before = loss();
    const Tensor before = rows.begin()->second.clone();
    DiffusionTrainer trainer(model, rows, encoded, data.caption_begins(), options, torch::kCPU);
    for (int step = 0; step < options.training.steps; ++step) trainer.step(step);
    EXPECT_LT(loss(), loss_before);

    const Model untouched = tiny_model();
    const auto is_as_stored = [](const torch::nn::Module& network, const torch::nn::Module& stored) {
        const Parameters ours = parameters_of(network), theirs = parameters_of(stored);
        return std::ranges::all_of(theirs, [&](const auto& item) { return item.second.equal(ours.at(item.first)); });
    };
    EXPECT_TRUE(is_as_stored(*model.unet, *untouched.unet));
    EXPECT_TRUE(is_as_stored(*model.text_encoder, *untouched.text_encoder));

    write_embedding(folder / "square.safetensors", trainer.averages(), *model.word);
    const EmbeddingFile read = open_embedding(folder / "square.safetensors");
    EXPECT_EQ(read.token, "square");
    EXPECT_EQ(read.vectors, 4);
    const Tensor average = trainer.averages().begin()->second.contiguous();
    EXPECT_FALSE(torch::equal(average, before));
    EXPECT_TRUE(std::equal(read.values.begin(), read.values.end(), average.data_ptr<float>()));
}

TEST(LearnedWord, RefusesWhatMakesNoSense) {
    Model model = tiny_model();
    const auto sentence = [&](const WordOptions& options) { return sentence_of([&] { add_word(model, options); }); };
    for (const char* word : {"", "my toy", "<toy>", "../toy"})
        EXPECT_NE(sentence({.text = word}).find("letters, digits, - and _"), std::string::npos) << word;
    EXPECT_EQ(sentence({.text = "toy", .vectors = 76}), "`embedding_vectors` 76: give a number from 1 to 75");
    EXPECT_EQ(sentence({.text = "toy", .begin = " "}), "`embedding_begin`: give a text for the vectors to begin as");
}

}  // namespace
}  // namespace easel::train
