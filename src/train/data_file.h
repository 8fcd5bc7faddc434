#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <torch/types.h>

#include "weights/safetensors.h"

namespace easel::train {

/// Captioned pictures of one size, ready to learn from: a safetensors file with
///   `pictures`          U8 [n, height, width, 3]
///   `captions`          U8 [bytes]: UTF-8, one behind the other
///   `caption_ends`      I64 [m]: where each ends
///   `caption_pictures`  I64 [m]: the picture that each is for, in ascending order; every picture has one or more
/// Reading it needs no codec. The file is mapped, so it may be larger than memory.
class DataFile {
  public:
    /// Throws Error if it is not such a file.
    explicit DataFile(const std::filesystem::path& path);

    std::int64_t count() const { return count_; }
    std::int64_t height() const { return height_; }
    std::int64_t width() const { return width_; }
    const std::string& where() const { return where_; }

    /// The pictures with the `numbers` int64 [n] as float32 [n, 3, height, width] in -1..1.
    torch::Tensor pictures(const torch::Tensor& numbers) const;

    /// All captions, and those of picture i: caption_begins()[i] to caption_begins()[i + 1].
    const std::vector<std::string>& captions() const { return captions_; }
    const std::vector<std::int64_t>& caption_begins() const { return caption_begins_; }

  private:
    void read_captions();

    SafetensorsFile file_;
    std::string where_;
    std::int64_t count_ = 0, height_ = 0, width_ = 0;
    std::vector<std::string> captions_;
    std::vector<std::int64_t> caption_begins_;
};

/// RGB pixels, row by row from the top, as the networks take a picture: float32 [3, height, width] in -1..1.
torch::Tensor to_tensor(std::span<const std::uint8_t> pixels, std::int64_t height, std::int64_t width);

/// The reverse of to_tensor(), rounded.
std::vector<std::uint8_t> to_pixels(const torch::Tensor& picture);

/// A picture to write: RGB, row by row from the top, and what may be said of it, one caption or more.
struct CaptionedPicture {
    std::vector<std::uint8_t> pixels;
    std::vector<std::string> captions;
};

/// Writes a data file that appears only when it is whole. Throws Error when there are no pictures, when one has no
/// caption or not height x width pixels, and when the file cannot be written.
void write_data_file(const std::filesystem::path& path, std::int64_t height, std::int64_t width,
                     std::span<const CaptionedPicture> pictures, OutputFile::IfExists if_exists);

}  // namespace easel::train
