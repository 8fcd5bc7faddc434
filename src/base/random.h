#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace easel {

/// The Mersenne Twister MT19937 of Matsumoto & Nishimura 1998, seeded by its `init_genrand`, as torch and numpy have
/// it.
class MersenneTwister {
  public:
    explicit MersenneTwister(std::uint32_t seed);
    /// The next 32 bits.
    std::uint32_t next();

  private:
    static constexpr std::size_t size_ = 624;
    void refill();

    std::array<std::uint32_t, size_> state_;
    std::size_t position_ = size_;
};

/// The numbers of `torch.randn(n, generator=torch.Generator().manual_seed(seed))` in float32 on a CPU, one fill() being
/// one call. torch computes them with vector instructions that differ between processors by some 1e-6.
class TorchGenerator {
  public:
    explicit TorchGenerator(std::uint32_t seed) : words_(seed) {}
    void fill_normal(std::span<float> out);

  private:
    double small_normal();
    void fill_uniform(std::span<float> out);

    MersenneTwister words_;
    std::optional<double> kept_;
};

/// The numbers of `numpy.random.RandomState(seed).randn`, which `numpy.random.seed` and `numpy.random.randn` return
/// too.
class NumpyGenerator {
  public:
    explicit NumpyGenerator(std::uint32_t seed) : words_(seed) {}
    double normal();
    /// Rounded to float, as latents are.
    void fill_normal(std::span<float> out);

  private:
    double uniform();

    MersenneTwister words_;
    std::optional<double> kept_;
};

}  // namespace easel
