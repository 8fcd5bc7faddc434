#include "base/sha256.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace easel {
namespace {

constexpr std::size_t block_size = 64, length_size = 8;
using State = std::array<std::uint32_t, 8>;
using Constants = std::array<std::uint32_t, 64>;

std::uint32_t first_bits_of_fraction(long double x) {
    return static_cast<std::uint32_t>((x - std::floor(x)) * 4294967296.0L);
}

/// The fractions of the cube roots of the first 64 primes, and of the square roots of the first eight.
std::pair<Constants, State> constants() {
    Constants k{};
    State start{};
    std::size_t count = 0;
    for (int n = 2; count < k.size(); ++n) {
        bool is_prime = true;
        for (int divisor = 2; divisor * divisor <= n; ++divisor) is_prime = is_prime && n % divisor != 0;
        if (!is_prime) continue;
        if (count < start.size()) start[count] = first_bits_of_fraction(std::sqrt(static_cast<long double>(n)));
        k[count++] = first_bits_of_fraction(std::cbrt(static_cast<long double>(n)));
    }
    return {k, start};
}

void add_block(State& state, std::span<const std::byte, block_size> block, const Constants& k) {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t i = 0; i < block_size; ++i) w[i / 4] = w[i / 4] << 8 | std::to_integer<std::uint32_t>(block[i]);
    for (std::size_t i = 16; i < w.size(); ++i) {
        const std::uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] +
               (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
    }
    State s = state;
    for (std::size_t i = 0; i < w.size(); ++i) {
        const std::uint32_t e = s[4], a = s[0];
        const std::uint32_t t1 =
            s[7] + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + k[i] + w[i];
        const std::uint32_t t2 =
            (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        std::shift_right(s.begin(), s.end(), 1);
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (std::size_t i = 0; i < s.size(); ++i) state[i] += s[i];
}

}  // namespace

std::string sha256(std::span<const std::byte> bytes) {
    static const auto [k, start] = constants();
    State state = start;
    const std::uint64_t bits = 8 * static_cast<std::uint64_t>(bytes.size());
    for (; bytes.size() >= block_size; bytes = bytes.subspan(block_size))
        add_block(state, bytes.first<block_size>(), k);

    std::vector<std::byte> rest(bytes.begin(), bytes.end());
    rest.push_back(std::byte{0x80});
    while (rest.size() % block_size != block_size - length_size) rest.push_back(std::byte{0});
    for (int shift = 56; shift >= 0; shift -= 8) rest.push_back(static_cast<std::byte>(bits >> shift));
    for (std::span<const std::byte> left(rest); !left.empty(); left = left.subspan(block_size))
        add_block(state, left.first<block_size>(), k);

    std::string text;
    for (const std::uint32_t word : state) text += fmt::format("{:08x}", word);
    return text;
}

}  // namespace easel
