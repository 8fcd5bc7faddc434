#include "train_cli/run_report.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/ranges.h>

#include "base/error.h"
#include "base/files.h"
#include "base/output_file.h"
#include "pictures/fit.h"
#include "pictures/read.h"
#include "pictures/write.h"

namespace easel::train_cli {
namespace fs = std::filesystem;
namespace {

/// A report shows that many looks, evenly spread.
constexpr std::size_t most_looks = 12;

/// Pictures [n, 3, height, width] side by side.
Picture side_by_side(const train::Tensor& pictures) {
    const train::Tensor strip = pictures.permute({1, 2, 0, 3}).flatten(2);
    return {.width = static_cast<int>(strip.size(2)),
            .height = static_cast<int>(strip.size(1)),
            .pixels = train::to_pixels(strip)};
}

std::string text_of(const nlohmann::ordered_json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

RunReport::RunReport(train::RunFolder folder, std::string title, std::int64_t steps,
                     const nlohmann::ordered_json& identity, std::vector<std::string> captions)
    : folder_(std::move(folder)), captions_(std::move(captions)) {
    report_.title = std::move(title);
    report_.steps = steps;
    for (const auto& [key, value] : identity.items()) report_.settings.emplace_back(key, text_of(value));
}

void RunReport::add(std::int64_t step, const std::optional<std::array<double, 10>>& losses,
                    const std::optional<train::Tensor>& pictures) {
    if (losses) {
        std::string rows = "step,losses from little noise to much\n";
        std::vector<Measured> all = read_measured();
        std::erase_if(all, [&](const Measured& measured) { return measured.step >= step; });
        all.push_back({.step = step, .losses = *losses});
        for (const Measured& measured : all)
            rows += fmt::format("{},{}\n", measured.step, fmt::join(measured.losses, ","));
        write_text_file(validation(), rows);
    }
    if (pictures) {
        std::error_code error;
        fs::create_directories(progress(), error);
        if (error) fail_with_system_error(progress(), "cannot be created", error.value());
        write_picture(progress() / fmt::format("{}.png", step), side_by_side(*pictures), "",
                      OutputFile::IfExists::replace);
    }
    report_.log = train::read_log(folder_.log());
    report_.measured = read_measured();
    report_.looks = read_looks();
    write_text_file(folder_.path / "report.html", report_page(report_));
}

std::vector<Measured> RunReport::read_measured() const {
    std::vector<Measured> all;
    std::ifstream file(validation());
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        std::ranges::replace(line, ',', ' ');
        std::istringstream numbers(line);
        Measured measured;
        numbers >> measured.step;
        for (double& loss : measured.losses) numbers >> loss;
        if (numbers) all.push_back(measured);
    }
    return all;
}

std::vector<Look> RunReport::read_looks() const {
    std::map<std::int64_t, fs::path> files;
    std::error_code none;
    for (const fs::directory_entry& entry : fs::directory_iterator(progress(), none)) {
        const std::string name = entry.path().stem().string();
        std::int64_t step = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), step);
        if (error == std::errc() && end == name.data() + name.size() && entry.path().extension() == ".png")
            files.emplace(step, entry.path());
    }
    std::vector<Look> looks;
    if (captions_.empty()) return looks;
    std::size_t i = 0;
    const std::size_t shown = std::min(files.size(), most_looks);
    for (const auto& [step, path] : files) {
        // The last is always among those shown.
        const std::size_t place = files.size() - ++i;
        if (place * shown / files.size() == (place + 1) * shown / files.size() && place != 0) continue;
        const Picture strip = read_picture(path);
        const auto count = static_cast<int>(captions_.size());
        Look look{.step = step};
        for (int k = 0; k < count; ++k)
            look.figures.push_back(
                {.picture = cropped(strip, k * strip.width / count, 0, strip.width / count, strip.height),
                 .caption = captions_[static_cast<std::size_t>(k)]});
        looks.push_back(std::move(look));
    }
    return looks;
}

}  // namespace easel::train_cli
