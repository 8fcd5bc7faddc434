// Models that are missing, damaged or of another kind, each given to the program.

#include <functional>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "cli/program.h"
#include "weights/crafted.h"

namespace easel::testing {
namespace {

std::string header_length(std::uint64_t length) {
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    return bytes;
}

/// A safetensors file of tensors of bytes, given as name, shape and offsets.
std::string file_of(const std::string& entries, std::size_t data_size) {
    return raw_safetensors("{" + entries + "}", std::string(data_size, 'x'));
}

std::string entry(const std::string& name, const std::string& shape, const std::string& offsets) {
    return "\"" + name + R"(":{"dtype":"U8","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

/// Writes a bad model into a folder; gives the path for --model.
using Craft = std::function<std::string(const std::filesystem::path&)>;

/// A single file of these bytes.
Craft single_file(const std::string& bytes) {
    return [bytes](const std::filesystem::path& folder) {
        write_file(folder / "bad.safetensors", bytes);
        return std::string("bad.safetensors");
    };
}

/// tiny_model() with a file that is replaced by one of other bytes.
Craft folder_with(const std::string& file, const std::string& bytes) {
    return [file, bytes](const std::filesystem::path& folder) {
        link_tiny_model(folder / "model");
        std::filesystem::remove(folder / "model" / file);
        write_file(folder / "model" / file, bytes);
        return std::string("model");
    };
}

/// tiny_model() with changed tensors in one of its files.
Craft folder_with_tensors(const std::string& file, const std::function<void(EditableTensors&)>& change) {
    return [file, change](const std::filesystem::path& folder) {
        link_tiny_model(folder / "model");
        EditableTensors tensors(folder / "model" / file);
        change(tensors);
        std::filesystem::remove(folder / "model" / file);
        tensors.write(folder / "model" / file);
        return std::string("model");
    };
}

Craft truncated_weights(const std::string& file) {
    return [file](const std::filesystem::path& folder) {
        const std::string whole = read_file(tiny_model() + "/" + file);
        return folder_with(file, whole.substr(0, whole.size() / 2))(folder);
    };
}

const std::string text_weights = "text_encoder/model.safetensors";
const std::string unet_weights = "unet/diffusion_pytorch_model.safetensors";
const std::string vae_weights = "vae/diffusion_pytorch_model.safetensors";

struct BadModelCase {
    const char* name;
    Craft craft;
    std::vector<std::string> says;
};

void PrintTo(const BadModelCase& refused, std::ostream* stream) { *stream << refused.name; }

class BadModel : public ProgramTest, public ::testing::WithParamInterface<BadModelCase> {};

TEST_P(BadModel, IsRefusedSoonInOneSentenceAndNothingIsWritten) {
    const std::string model = GetParam().craft(folder.path());
    const auto before = files();
    const Ended run = easel({"a fox", "--model", model, "--save-latents", "latents.safetensors"});
    expect_refused(run, failure, GetParam().says);
    EXPECT_LT(run.cpu_seconds, soon);
    EXPECT_EQ(files(), before);
}

INSTANTIATE_TEST_SUITE_P(Cli, BadModel,
                         ::testing::Values(BadModelCase{"Missing",
                                                        [](const auto&) { return "nowhere"; },
                                                        {"nowhere", "no such file"}},
                                           BadModelCase{"FolderThatIsNoModel",
                                                        [](const std::filesystem::path& folder) {
                                                            std::filesystem::create_directory(folder / "empty");
                                                            return "empty";
                                                        },
                                                        {"empty", "model_index.json"}},
                                           BadModelCase{"EmptyFile", single_file(""), {"bad.safetensors", "0 bytes"}},
                                           BadModelCase{"FileOfAnotherKind",
                                                        single_file("not a model at all"),
                                                        {"bad.safetensors"}},
                                           BadModelCase{"Picture",
                                                        [](const auto&) { return golden("inputs/init_64x64.png"); },
                                                        {"init_64x64.png: is a PNG picture, not a model",
                                                         ".safetensors", "--init-image", "--params-from"}},
                                           BadModelCase{"PictureUnderAModelsName",
                                                        folder_with(unet_weights, "\xff\xd8\xff\xe0 and more"),
                                                        {unet_weights, "is a JPEG picture, not a model"}},
                                           BadModelCase{"FileOfAModelInPlaceOfItsFolder",
                                                        [](const auto&) { return tiny_model() + "/model_index.json"; },
                                                        {"model_index.json: is a JSON file", "folder"}},
                                           BadModelCase{"TruncatedUNet",
                                                        truncated_weights(unet_weights),
                                                        {unet_weights, "cut short"}},
                                           BadModelCase{"TruncatedVae",
                                                        truncated_weights(vae_weights),
                                                        {vae_weights, "cut short"}},
                                           BadModelCase{"HeaderBeyondTheFile",
                                                        single_file(header_length(5000) + "{}"),
                                                        {"5000 bytes", "beyond the end"}},
                                           BadModelCase{
                                               "HeaderLongerThanAnyCheckpoints",
                                               [](const std::filesystem::path& folder) {
                                                   write_file(folder / "bad.safetensors",
                                                              header_length(99'999'992) + "{");
                                                   std::filesystem::resize_file(folder / "bad.safetensors",
                                                                                100'000'000);
                                                   return "bad.safetensors";
                                               },
                                               {"bad.safetensors", "99999992 bytes", "no checkpoint needs more"}},
                                           BadModelCase{"HeaderOfAllBits",
                                                        single_file(header_length(~std::uint64_t{0}) + "{}"),
                                                        {"18446744073709551615"}},
                                           BadModelCase{"OverlappingTensors",
                                                        single_file(file_of(entry("a", "[3]", "[0,3]") + "," +
                                                                                entry("b", "[2]", "[2,4]"),
                                                                            4)),
                                                        {"\"b\" overlaps"}},
                                           BadModelCase{"HoleBetweenTensors",
                                                        single_file(file_of(entry("a", "[1]", "[0,1]") + "," +
                                                                                entry("b", "[2]", "[2,4]"),
                                                                            4)),
                                                        {"hole", "\"b\""}},
                                           BadModelCase{"TrailingBytes",
                                                        single_file(file_of(entry("a", "[3]", "[0,3]"), 5)),
                                                        {"2 bytes follow"}},
                                           BadModelCase{"ShapeOfOtherSize",
                                                        single_file(file_of(entry("a", "[3,2]", "[0,4]"), 4)),
                                                        {"\"a\"", "[3, 2]"}},
                                           BadModelCase{
                                               "OverflowingShape",
                                               single_file(file_of(entry("a", "[4294967296,4294967296,4]", "[0,4]"),
                                                                   4)),
                                               {"\"a\"", "4294967296"}},
                                           BadModelCase{"TensorTwice",
                                                        single_file(file_of(entry("a", "[2]", "[0,2]") +
                                                                                "," + entry("a", "[2]", "[2,4]"),
                                                                            4)),
                                                        {"\"a\" twice"}},
                                           BadModelCase{"HeaderNotUtf8",
                                                        single_file(file_of(entry("a\xff", "[4]", "[0,4]"), 4)),
                                                        {"UTF-8"}},
                                           BadModelCase{
                                               "HeaderNestedDeep",
                                               single_file(raw_safetensors("{\"a\":" + std::string(50'000, '[') +
                                                                           std::string(50'000, ']') + "}")),
                                               {"bad.safetensors"}},
                                           BadModelCase{"IndexNestedDeep",
                                                        folder_with(
                                                            "model_index.json", std::string(50'000, '[') + std::string(
                                                                                                               50'000,
                                                                                                               ']')),
                                                        {"model_index.json", "deep"}},
                                           BadModelCase{
                                               "ConfigNestedDeep",
                                               folder_with("unet/config.json", "{\"a\":" + std::string(50'000, '{')),
                                               {"unet/config.json"}},
                                           BadModelCase{
                                               "ConfigLongerThanAnyConfig",
                                               folder_with("unet/config.json", std::string((1 << 20) + 1, ' ')),
                                               {"unet/config.json", "1048577 bytes", "1048576"}},
                                           BadModelCase{"TokenizerLongerThanAnyTokenizer",
                                                        folder_with("tokenizer/tokenizer.json", std::string((8 << 20) +
                                                                                                                1,
                                                                                                            ' ')),
                                                        {"tokenizer.json", "8388609 bytes", "8388608"}},
                                           BadModelCase{
                                               "ConfigWithAKeyTwice",
                                               folder_with("unet/config.json",
                                                           R"({"in_channels": 4, "in_channels": 4})"),
                                               {"unet/config.json", "in_channels"}},
                                           BadModelCase{
                                               "SchedulerNestedDeep",
                                               folder_with("scheduler/scheduler_config.json", std::string(50'000, '[')),
                                               {"scheduler_config.json"}},
                                           BadModelCase{"SchedulerOfASingleFile",
                                                        [](const std::filesystem::path& folder) {
                                                            EditableTensors tensors(
                                                                golden("tiny/single/tiny.safetensors"));
                                                            tensors.remove_beginning(
                                                                "model_ema.");  // which a note would report
                                                            tensors.metadata["easel.scheduler_config"] =
                                                                R"({"_class_name": "EulerDiscreteScheduler", "beta_start": "low"})";
                                                            tensors.write(folder / "bad.safetensors");
                                                            return "bad.safetensors";
                                                        },
                                                        {"bad.safetensors (easel.scheduler_config in its metadata)",
                                                         "beta_start"}},
                                           BadModelCase{"TokenizerOfOtherJson",
                                                        folder_with("tokenizer/vocab.json", "[1]"),
                                                        {"vocab.json"}},
                                           BadModelCase{"SettingsOfItsOwnOutOfRange",
                                                        folder_with("easel.json", R"({"steps": 0})"),
                                                        {"easel.json", "steps"}},
                                           BadModelCase{"TextEncoderWithoutATensor",
                                                        folder_with_tensors(text_weights,
                                                                            [](auto& tensors) {
                                                                                tensors.remove(
                                                                                    "text_model.encoder.layers.4.mlp."
                                                                                    "fc1.weight");
                                                                            }),
                                                        {"encoder.layers.4.mlp.fc1.weight", "lacks"}},
                                           BadModelCase{"UNetWithoutATensor",
                                                        folder_with_tensors(unet_weights,
                                                                            [](auto& tensors) {
                                                                                tensors.remove("conv_out.bias");
                                                                            }),
                                                        {"conv_out.bias", "lacks"}},
                                           BadModelCase{"DecoderWithoutATensor",
                                                        folder_with_tensors(vae_weights,
                                                                            [](auto& tensors) {
                                                                                tensors.remove(
                                                                                    "decoder.conv_out.weight");
                                                                            }),
                                                        {"decoder.conv_out.weight", "lacks"}},
                                           BadModelCase{
                                               "UNetTensorOfOtherShape",
                                               folder_with_tensors(unet_weights,
                                                                   [](auto& tensors) {
                                                                       tensors.add("conv_out.weight", {4, 16, 5, 5});
                                                                   }),
                                               {"conv_out.weight", "[4, 16, 5, 5]", "[4, 16, 3, 3]"}},
                                           BadModelCase{"DecoderTensorOfOtherShape",
                                                        folder_with_tensors(vae_weights,
                                                                            [](auto& tensors) {
                                                                                tensors.add("decoder.conv_in.bias",
                                                                                            {17});
                                                                            }),
                                                        {"decoder.conv_in.bias", "[17]", "[16]"}},
                                           BadModelCase{"NeededTensorOfUnusableType",
                                                        folder_with_tensors(unet_weights,
                                                                            [](auto& tensors) {
                                                                                tensors.add("conv_out.bias", {4},
                                                                                            DType::F8_E4M3);
                                                                            }),
                                                        {"conv_out.bias", "F8_E4M3"}}),
                         [](const auto& refused) { return std::string(refused.param.name); });

/// The encoder is not needed without an init picture, so its tensors are checked only with one.
TEST_F(ProgramTest, EncoderWithoutATensorIsRefusedOnceAPictureIsGiven) {
    const std::string model = folder_with_tensors(
        vae_weights, [](auto& tensors) { tensors.remove("encoder.conv_in.weight"); })(folder.path());
    const Ended run = easel({"a fox", "-m", model, "-i", golden("inputs/init_64x64.png")});
    EXPECT_EQ(run.exit_code, failure);
    expect_says(run.err, {"easel: ", "encoder.conv_in.weight", "lacks"});
    EXPECT_LT(run.cpu_seconds, soon);
    EXPECT_EQ(files(), std::vector<std::string>{"model"});
}

TEST_F(ProgramTest, FifoInPlaceOfAModelIsRefused) {
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    expect_refused(easel({"a fox", "-m", "pipe"}), failure, {"pipe"});
}

}  // namespace
}  // namespace easel::testing
