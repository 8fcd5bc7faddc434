#include "train/data_file.h"

#include <cstring>

#include "base/error.h"

namespace easel::train {
namespace {

constexpr const char* how_to_make = "make one with easel-train data";

const TensorView& require(const SafetensorsFile& file, const std::string& where, const char* name, DType dtype,
                          std::size_t dimensions) {
    const auto found = file.tensors().find(name);
    if (found == file.tensors().end())
        fail(ErrorKind::damaged, "{}: has no tensor {}, so it is no data file to train with; {}", where, name,
             how_to_make);
    const TensorView& tensor = found->second;
    if (tensor.dtype != dtype || tensor.shape.size() != dimensions)
        fail(ErrorKind::damaged, "{}: the tensor {} is not one of a data file to train with; {}", where, name,
             how_to_make);
    return tensor;
}

std::vector<std::int64_t> whole_numbers(const TensorView& tensor) {
    std::vector<std::int64_t> values(tensor.bytes.size() / sizeof(std::int64_t));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
}

template <typename T>
TensorView view(const char* name, DType dtype, std::vector<std::int64_t> shape, const std::vector<T>& values) {
    return {.name = name, .dtype = dtype, .shape = std::move(shape), .bytes = std::as_bytes(std::span(values))};
}

/// Bytes [n, height, width, 3] as float32 [n, 3, height, width] in -1..1.
torch::Tensor as_networks_take(const torch::Tensor& pixels) {
    return pixels.permute({0, 3, 1, 2}).to(torch::kFloat) / 127.5 - 1.0;
}

}  // namespace

DataFile::DataFile(const std::filesystem::path& path) : file_(path), where_(path.string()) {
    const TensorView& pictures = require(file_, where_, "pictures", DType::U8, 4);
    count_ = pictures.shape[0], height_ = pictures.shape[1], width_ = pictures.shape[2];
    if (count_ < 1 || height_ < 1 || width_ < 1 || pictures.shape[3] != 3)
        fail(ErrorKind::damaged, "{}: holds no pictures in RGB; {}", where_, how_to_make);
    read_captions();
}

void DataFile::read_captions() {
    const TensorView& text = require(file_, where_, "captions", DType::U8, 1);
    const auto ends = whole_numbers(require(file_, where_, "caption_ends", DType::I64, 1));
    const auto pictures = whole_numbers(require(file_, where_, "caption_pictures", DType::I64, 1));
    const std::string_view all(reinterpret_cast<const char*>(text.bytes.data()), text.bytes.size());
    const auto damaged = [&](std::string_view what) {
        fail(ErrorKind::damaged, "{}: {}; {}", where_, what, how_to_make);
    };
    if (ends.size() != pictures.size()) damaged("its captions have no picture each");

    std::size_t begin = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
        const auto end = static_cast<std::size_t>(ends[i]);
        if (ends[i] < 0 || end < begin || end > all.size()) damaged("its captions do not follow each other");
        captions_.emplace_back(all.substr(begin, end - begin));
        begin = end;

        const auto described = static_cast<std::int64_t>(caption_begins_.size()) - 1;
        if (pictures[i] == described + 1 && pictures[i] < count_)
            caption_begins_.push_back(static_cast<std::int64_t>(i));
        else if (pictures[i] != described || described < 0)
            damaged("its captions are not in the order of its pictures");
    }
    if (static_cast<std::int64_t>(caption_begins_.size()) != count_) damaged("not every picture has a caption");
    caption_begins_.push_back(static_cast<std::int64_t>(captions_.size()));
}

torch::Tensor DataFile::pictures(const torch::Tensor& numbers) const {
    // from_blob() takes no pointer to const; index_select() copies.
    auto* const pixels = const_cast<std::byte*>(file_.tensors().at("pictures").bytes.data());
    const auto all = torch::from_blob(pixels, {count_, height_, width_, 3}, torch::kByte);
    return as_networks_take(all.index_select(0, numbers));
}

torch::Tensor to_tensor(std::span<const std::uint8_t> pixels, std::int64_t height, std::int64_t width) {
    auto* const bytes = const_cast<std::uint8_t*>(pixels.data());
    return as_networks_take(torch::from_blob(bytes, {1, height, width, 3}, torch::kByte)).squeeze(0);
}

std::vector<std::uint8_t> to_pixels(const torch::Tensor& picture) {
    const torch::Tensor bytes =
        ((picture.permute({1, 2, 0}) + 1) * 127.5).round().clamp(0, 255).to(torch::kByte).contiguous();
    const auto* const first = bytes.data_ptr<std::uint8_t>();
    return {first, first + bytes.numel()};
}

void write_data_file(const std::filesystem::path& path, std::int64_t height, std::int64_t width,
                     std::span<const CaptionedPicture> pictures, OutputFile::IfExists if_exists) {
    if (pictures.empty()) fail("{}: there are no pictures to write", path.string());
    std::vector<std::uint8_t> pixels, text;
    std::vector<std::int64_t> ends, described;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        const CaptionedPicture& picture = pictures[i];
        if (picture.captions.empty()) fail("{}: picture {} has no caption", path.string(), i);
        if (picture.pixels.size() != static_cast<std::size_t>(height * width * 3))
            fail("{}: picture {} is not of {} x {} pixels", path.string(), i, width, height);
        pixels.insert(pixels.end(), picture.pixels.begin(), picture.pixels.end());
        for (const std::string& caption : picture.captions) {
            text.insert(text.end(), caption.begin(), caption.end());
            ends.push_back(static_cast<std::int64_t>(text.size()));
            described.push_back(static_cast<std::int64_t>(i));
        }
    }
    const auto n = static_cast<std::int64_t>(pictures.size()), m = static_cast<std::int64_t>(ends.size());
    const std::vector<TensorView> tensors = {
        view("pictures", DType::U8, {n, height, width, 3}, pixels),
        view("captions", DType::U8, {static_cast<std::int64_t>(text.size())}, text),
        view("caption_ends", DType::I64, {m}, ends),
        view("caption_pictures", DType::I64, {m}, described),
    };
    write_safetensors(path, tensors, {{"easel.data", "1"}}, if_exists);
}

}  // namespace easel::train
