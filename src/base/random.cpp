#include "base/random.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace easel {
namespace {

// torch draws fewer values than this one by one in double, more in blocks of this many in float.
constexpr std::size_t block = 16;

// Box and Muller's transform of 16 uniform numbers, eight for the radii and eight for the angles.
void to_normal(std::span<float, block> values) {
    for (std::size_t j = 0; j < block / 2; ++j) {
        const float radius = std::sqrt(-2.0f * std::log(1.0f - values[j]));
        const float angle = 2.0f * std::numbers::pi_v<float> * values[j + block / 2];
        values[j] = radius * std::cos(angle);
        values[j + block / 2] = radius * std::sin(angle);
    }
}

}  // namespace

MersenneTwister::MersenneTwister(std::uint32_t seed) {
    state_[0] = seed;
    for (std::uint32_t i = 1; i < size_; ++i) state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
}

std::uint32_t MersenneTwister::next() {
    if (position_ == size_) refill();
    std::uint32_t word = state_[position_++];
    word ^= word >> 11;
    word ^= (word << 7) & 0x9d2c5680u;
    word ^= (word << 15) & 0xefc60000u;
    return word ^ (word >> 18);
}

void MersenneTwister::refill() {
    constexpr std::size_t shift = 397;
    for (std::size_t i = 0; i < size_; ++i) {
        const std::uint32_t joined = (state_[i] & 0x80000000u) | (state_[(i + 1) % size_] & 0x7fffffffu);
        state_[i] = state_[(i + shift) % size_] ^ (joined >> 1) ^ (joined & 1u ? 0x9908b0dfu : 0u);
    }
    position_ = 0;
}

void TorchGenerator::fill_normal(std::span<float> out) {
    if (out.size() < block) {
        for (float& value : out) value = static_cast<float>(small_normal());
        return;
    }
    fill_uniform(out);
    for (std::size_t i = 0; i + block <= out.size(); i += block) to_normal(out.subspan(i).first<block>());
    if (out.size() % block != 0) {
        // The last block is drawn again over values that may already be finished.
        const auto last = out.last<block>();
        fill_uniform(last);
        to_normal(last);
    }
}

double TorchGenerator::small_normal() {
    if (kept_) return *std::exchange(kept_, std::nullopt);
    const auto uniform = [this] {
        const std::uint64_t high = words_.next(), low = words_.next();
        return static_cast<double>((high << 32 | low) & ((1ull << 53) - 1)) * 0x1p-53;
    };
    const double u1 = uniform(), u2 = uniform();
    const double radius = std::sqrt(-2.0 * std::log1p(-u2)), angle = 2.0 * std::numbers::pi * u1;
    kept_ = radius * std::sin(angle);
    return radius * std::cos(angle);
}

void TorchGenerator::fill_uniform(std::span<float> out) {
    for (float& value : out) value = static_cast<float>(words_.next() & 0xffffffu) * 0x1p-24f;
}

double NumpyGenerator::normal() {
    if (kept_) return *std::exchange(kept_, std::nullopt);
    // Marsaglia's polar method.
    for (;;) {
        const double x1 = 2.0 * uniform() - 1.0, x2 = 2.0 * uniform() - 1.0;
        const double square = x1 * x1 + x2 * x2;
        if (square >= 1.0 || square == 0.0) continue;
        const double factor = std::sqrt(-2.0 * std::log(square) / square);
        kept_ = factor * x1;
        return factor * x2;
    }
}

void NumpyGenerator::fill_normal(std::span<float> out) {
    for (float& value : out) value = static_cast<float>(normal());
}

double NumpyGenerator::uniform() {
    const std::uint32_t high = words_.next() >> 5, low = words_.next() >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
}

}  // namespace easel
