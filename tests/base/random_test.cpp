// The generators against torch and numpy: golden/noise.safetensors, whose names are explained in
// golden/scripts/make_noise.py.

#include "base/random.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "weights/safetensors.h"

namespace easel {
namespace {

template <typename T>
std::vector<double> values_of(const TensorView& tensor) {
    std::vector<T> values(tensor.bytes.size() / sizeof(T));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return {values.begin(), values.end()};
}

// "torch.seed42.row_3_4_17.draw1.first64" and the like, taken apart.
struct Draw {
    std::string library;
    std::uint32_t seed = 0;
    std::vector<std::size_t> sizes;
    /// The draw that the tensor belongs to.
    std::size_t index = 0;
    /// "", "first64", "last64" or "check".
    std::string part;
};

Draw taken_apart(const std::string& name) {
    std::vector<std::string> words;
    std::istringstream stream(name);
    for (std::string word; std::getline(stream, word, '.');) words.push_back(word);
    Draw draw{.library = words.at(0), .seed = static_cast<std::uint32_t>(std::stoul(words.at(1).substr(4)))};
    std::size_t next = 3;
    if (words.at(2).starts_with("row_")) {
        std::istringstream sizes(words[2].substr(4));
        for (std::string size; std::getline(sizes, size, '_');) draw.sizes.push_back(std::stoul(size));
        draw.index = std::stoul(words.at(next++).substr(4));
    } else {
        draw.sizes.push_back(std::stoul(words[2].substr(1)));
    }
    if (next < words.size()) draw.part = words[next];
    return draw;
}

std::vector<double> drawn(const Draw& draw) {
    std::vector<double> values;
    if (draw.library == "torch") {
        TorchGenerator generator(draw.seed);
        for (std::size_t i = 0; i <= draw.index; ++i) {
            std::vector<float> out(draw.sizes[i]);
            generator.fill_normal(out);
            values.assign(out.begin(), out.end());
        }
    } else {
        NumpyGenerator generator(draw.seed);
        for (std::size_t i = 0; i <= draw.index; ++i) {
            values.resize(draw.sizes[i]);
            std::generate(values.begin(), values.end(), [&] { return generator.normal(); });
        }
    }
    return values;
}

std::vector<double> part_of(const std::vector<double>& values, const std::string& part) {
    if (part == "first64") return {values.begin(), values.begin() + 64};
    if (part == "last64") return {values.end() - 64, values.end()};
    if (part == "check") {
        const auto count = static_cast<double>(values.size());
        double sum = 0.0, squares = 0.0, weighted = 0.0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            sum += values[i];
            squares += values[i] * values[i];
            weighted += static_cast<double>(i) * values[i] / count;
        }
        return {count, sum, squares, weighted};
    }
    return values;
}

TEST(Generators, GiveEveryDrawOfTorchAndNumpy) {
    const SafetensorsFile golden("golden/noise.safetensors");
    int torch_draws = 0, numpy_draws = 0;
    for (const auto& [name, tensor] : golden.tensors()) {
        const bool torch = name.starts_with("torch.");
        if (!torch && !name.starts_with("numpy.")) continue;
        SCOPED_TRACE(name);
        const Draw draw = taken_apart(name);
        const std::vector<double> all = drawn(draw), got = part_of(all, draw.part);
        const std::vector<double> expected =
            tensor.dtype == DType::F32 ? values_of<float>(tensor) : values_of<double>(tensor);
        // A sum of n values may be off by n times what each may be.
        const double each = torch ? 1e-6 : 4e-15;
        const double bound = draw.part == "check" ? 4.0 * each * static_cast<double>(all.size()) : each;
        ASSERT_EQ(got.size(), expected.size());
        for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], expected[i], bound) << "at " << i;
        ++(torch ? torch_draws : numpy_draws);
    }
    EXPECT_GT(torch_draws, 100);
    EXPECT_GT(numpy_draws, 100);
}

TEST(Generators, ShareOneStreamOfWords) {
    const SafetensorsFile golden("golden/noise.safetensors");
    for (const std::uint32_t seed : {0u, 1u, 42u, 0x80000000u, 0xffffffffu}) {
        MersenneTwister words(seed);
        for (const double expected :
             values_of<std::int64_t>(golden.tensors().at("words32.seed" + std::to_string(seed))))
            ASSERT_EQ(words.next(), expected);
    }
}

TEST(Generators, OfABatchEachDrawTheirOwnPicture) {
    const SafetensorsFile golden("golden/noise.safetensors");
    const std::vector<double> expected = values_of<float>(golden.tensors().at("batch.generator_list.seed42"));
    const std::size_t half = expected.size() / 2;
    for (std::uint32_t i = 0; i < 2; ++i) {
        std::vector<float> got(half);
        TorchGenerator(42 + i).fill_normal(got);
        for (std::size_t k = 0; k < half; ++k) ASSERT_NEAR(got[k], expected[i * half + k], 1e-6);
    }
    const std::vector<double> in_one_draw = values_of<float>(golden.tensors().at("batch.one_generator.seed42"));
    std::vector<float> got(in_one_draw.size());
    TorchGenerator(42).fill_normal(got);
    for (std::size_t k = 0; k < got.size(); ++k) ASSERT_NEAR(got[k], in_one_draw[k], 1e-6);
}

TEST(Generators, OfNumpyFillFloatsWithTheRoundedDoubles) {
    NumpyGenerator doubles(9), floats(9);
    std::vector<float> out(33);
    floats.fill_normal(out);
    for (const float value : out) EXPECT_EQ(value, static_cast<float>(doubles.normal()));
}

}  // namespace
}  // namespace easel
