#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"
#include "collection/control_files.h"
#include "jobs/plan.h"
#include "pictures/parameters.h"
#include "settings/dynamic_prompt.h"
#include "settings/stored_difference.h"
#include "settings/stored_settings.h"

namespace easel::jobs {
namespace fs = std::filesystem;
namespace {

/// The stamp of the file at `path`, the default if there is none. Opening it first makes a file server's client ask
/// anew.
FileStamp stamp_of(const fs::path& path) {
    struct stat status {};
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const bool is_there = file >= 0 ? ::fstat(file, &status) == 0 : ::lstat(path.c_str(), &status) == 0;
    if (file >= 0) ::close(file);
    if (!is_there) return {};
    return {status.st_size,
            std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec)};
}

bool is_newer(const fs::path& input, const fs::path& picture) {
    std::error_code ignored;
    return !input.empty() && fs::last_write_time(input, ignored) > fs::last_write_time(picture, ignored);
}

/// The settings in the picture at `path`, if it is one and has some that can be drawn with.
std::optional<std::string> settings_in(const fs::path& path) {
    if (!path_exists(path)) return std::nullopt;
    try {
        auto text = read_parameters(path);
        if (text) parse_parameters(*text, path.string());
        return text;
    } catch (const Error&) {  // not a picture, or a text of another kind
        return std::nullopt;
    }
}

/// Whether the file is a picture from its beginning to its end.
bool is_whole(const fs::path& path) {
    try {
        read_picture(path);
        return true;
    } catch (const Error&) {
        return false;
    }
}

/// As it is stored.
Request with_choices_made(const Drawing& drawing) {
    Request request = drawing.request;
    if (request.seed) make_choices(request, *request.seed, drawing.engine.wildcard_dir);
    return request;
}

/// In words, how the picture that is there certainly differs from the one that the job asks for.
std::optional<std::string> difference(const PlannedPicture& picture) {
    const Drawing& drawing = picture.drawing;
    const fs::path& path = picture.files.picture;
    const auto stored = settings_in(path);
    if (!stored) return "it has no settings stored in it";
    const bool with_mask = !drawing.inputs.mask.empty() || !drawing.inputs.auto_mask.empty();
    const RequestInputs inputs{.init_image = !drawing.inputs.init_image.empty(),
                               .mask = with_mask,
                               .refiner = !drawing.engine.refiner.empty()};
    if (const auto field = stored_difference(with_choices_made(drawing), inputs, *stored))
        return "it has another " + *field;
    if (is_newer(drawing.inputs.init_image, path)) return "it is older than the picture that it begins from";
    if (is_newer(drawing.inputs.mask, path)) return "it is older than its mask";
    for (const IpAdapter& adapter : drawing.request.ip_adapters)
        if (is_newer(adapter.image_embeds, path)) return "it is older than the embedding that an IP-Adapter takes";
    for (const fs::path& control : control_pictures(drawing.request))
        if (is_newer(control, path)) return "it is older than the picture that a ControlNet follows";
    return std::nullopt;
}

void check_inputs(const Drawing& drawing) {
    for (const auto& [field, path] :
         {std::pair("init_image", drawing.inputs.init_image), std::pair("mask", drawing.inputs.mask)})
        if (!path.empty() && !path_exists(path))
            fail(ErrorKind::not_found, "`{}` {}: does not exist", field, path.string());
    for (const auto& [field, model] :
         {std::pair("model", drawing.engine.model), std::pair("refiner", drawing.engine.refiner)})
        if (!model.empty() && !path_exists(model) && !model.has_parent_path())  // else it may be a name, as a hub's
            fail(ErrorKind::not_found, "`{}` {}: does not exist", field, model.string());
}

/// Sets the state of a picture whose file is there.
void judge(PlannedPicture& picture) {
    if (const auto found = difference(picture)) {
        picture.state = State::other;
        picture.difference = *found;
    } else {
        picture.state = is_whole(picture.files.picture) ? State::alike : State::damaged;
    }
}

void take_seed(PlannedPicture& picture, const std::optional<std::string>& stored) {
    std::optional<std::uint64_t>& seed = picture.drawing.request.seed;
    if (!seed && stored) seed = parse_parameters(*stored, picture.files.picture.string()).request.seed;
}

}  // namespace

void find_states(Plan& plan) {
    for (const std::size_t index : plan.order) {
        PlannedPicture& picture = plan.pictures[index];
        at(plan.asked[picture.asked], [&] {
            check_inputs(picture.drawing);
            picture.seen = stamp_of(picture.files.picture);
            if (picture.seen == FileStamp())
                picture.state = State::missing;
            else
                judge(picture);
        });
    }
}

void look_again(PlannedPicture& picture) {
    const FileStamp now = stamp_of(picture.files.picture);
    if (now == picture.seen) return;
    picture.seen = now;
    if (now == FileStamp()) {
        picture.state = State::missing;
        return;
    }
    judge(picture);
    if (picture.state == State::alike) accept(picture);
}

void accept(PlannedPicture& picture) {
    take_seed(picture, settings_in(picture.files.picture));
    picture.state = State::done;
}

void find_state(PlannedPicture& picture, Request request, const Engine& engine) {
    const fs::path& path = picture.files.picture;
    const bool may_be_it = picture.state == State::alike || picture.state == State::damaged;
    const auto stored = may_be_it ? settings_in(path) : std::nullopt;
    if (!request.seed && stored) request.seed = parse_parameters(*stored, path.string()).request.seed;
    const std::string asked = engine.parameters(request);
    if (!may_be_it) return;
    if (asked != stored) {
        picture.state = State::other;
        picture.difference = "its settings are other than the model's own";
    } else {
        picture.drawing.request.seed = request.seed;
        if (picture.state == State::alike) picture.state = State::done;
    }
}

}  // namespace easel::jobs
