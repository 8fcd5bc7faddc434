#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace easel {

/// A linear filter along one axis: every output position is a weighted mean of a run of input positions. Weights are
/// fixed point with 22 bits, rounded half away from zero, as in Pillow for 8-bit pictures.
class AxisFilter {
  public:
    /// Adds the next output position: the mean of the inputs `first`, `first` + 1, ... with these weights, which are
    /// scaled to a sum of 1.
    void add(int first, std::span<const double> weights);

    int outputs() const { return static_cast<int>(runs_.size()); }

    /// Filters rows of `channels` values a pixel, each row on its own: [rows, inputs, channels] to
    /// [rows, outputs, channels]. Results are rounded and clipped to 0..255.
    std::vector<std::uint8_t> along_rows(std::span<const std::uint8_t> pixels, int inputs, int channels) const;

    /// Filters from row to row: [inputs, row_size] to [outputs, row_size].
    std::vector<std::uint8_t> along_columns(std::span<const std::uint8_t> pixels, int inputs) const;

  private:
    struct Run {
        int first, count;
        std::size_t weights;  // where its weights begin
    };
    std::vector<Run> runs_;
    std::vector<std::int32_t> weights_;
};

}  // namespace easel
