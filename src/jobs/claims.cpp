#include "jobs/claims.h"

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"
#include "base/output_name.h"

namespace easel::jobs {
namespace fs = std::filesystem;
namespace {

using std::chrono::nanoseconds;

// Times in seconds that no running process's claim has.
constexpr std::int64_t given_up = 0;
constexpr std::int64_t failed = 1;

nanoseconds time_of(const struct stat& status) {
    return std::chrono::seconds(status.st_mtim.tv_sec) + nanoseconds(status.st_mtim.tv_nsec);
}

/// At most so many bytes of a claim are read.
using Buffer = std::array<char, 4096>;

class Descriptor {
  public:
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    ~Descriptor() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    explicit operator bool() const { return descriptor_ >= 0; }
    int get() const { return descriptor_; }
    int close() { return ::close(std::exchange(descriptor_, -1)); }

  private:
    int descriptor_;
};

std::string read_some(int descriptor) {
    Buffer buffer;
    std::size_t size = 0;
    while (size < buffer.size()) {
        const ssize_t count = ::read(descriptor, buffer.data() + size, buffer.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        size += static_cast<std::size_t>(count);
    }
    return {buffer.data(), size};
}

/// The file server's clock, not this machine's: see UTIME_NOW in utimensat(2).
void touch(const fs::path& path) { ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0); }

void set_time(const fs::path& path, std::int64_t seconds) {
    const timespec time{.tv_sec = static_cast<time_t>(seconds), .tv_nsec = 0};
    const timespec both[] = {time, time};
    ::utimensat(AT_FDCWD, path.c_str(), both, 0);
}

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

struct Claims::Claim {
    nanoseconds renewed{};
    /// None while its process has not written it, or if that failed.
    std::optional<Claimant> holder;

    bool was_given_up() const { return renewed == std::chrono::seconds(given_up); }
    bool has_failed() const { return renewed == std::chrono::seconds(failed); }
};

struct Claims::Place {
    Found found;
    int number = 0;
};

Claims::Claims(fs::path folder, ClaimRules rules, const Claimant& self, std::stop_token stop)
    : folder_(std::move(folder)),
      rules_(rules),
      self_(self),
      stop_(std::move(stop)),
      renewing_([this](const std::stop_token& end) { renew(end); }),
      at_stop_(stop_, [this] { give_up_all(); }) {}

Claims::~Claims() { give_up_all(); }

fs::path Claims::path_of(const std::string& name, int number) const {
    return folder_ / fmt::format("{}.{}", name, number);
}

/// The claim in a file, if there is one. Opening it first makes a file server's client ask for its time anew.
std::optional<Claims::Claim> Claims::read(const fs::path& path) const {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status {};
    if (file && ::fstat(file.get(), &status) == 0)
        return Claim{.renewed = time_of(status), .holder = claimant_of(read_some(file.get()))};
    // Another person's may not be readable.
    if (::lstat(path.c_str(), &status) == 0) return Claim{.renewed = time_of(status), .holder = {}};
    if (errno == ENOENT || errno == ENOTDIR || errno == ESTALE) return std::nullopt;  // or its folder is gone
    fail_with_system_error(path, "cannot be read", errno);
}

bool Claims::is_dead(const Claim& claim) {
    if (claim.was_given_up() || claim.has_failed()) return true;
    if (claim.holder && has_ended(*claim.holder)) return true;
    const auto time = now();
    return time && *time - claim.renewed > rules_.lease;
}

Claims::Place Claims::find(const std::string& name) {
    Place place;
    for (int attempts = 0;; ++place.number) {
        const auto claim = read(path_of(name, place.number));
        if (!claim) return place;
        place.found.holder = claim->holder;
        const bool is_ours = claim->holder && claim->holder->id == self_.id;
        if (!is_dead(*claim)) {
            place.found.standing = is_ours ? Standing::ours : Standing::anothers;
            return place;
        }
        if (!claim->was_given_up()) ++attempts;
        if (rules_.most_attempts > 0 && attempts >= rules_.most_attempts) {
            place.found.standing = Standing::spent;
            return place;
        }
    }
}

Found Claims::look(const std::string& name) { return find(name).found; }

Found Claims::take(const std::string& name, bool may_begin) {
    constexpr int most_tries = 10;
    for (int tries = 0; tries < most_tries; ++tries) {
        if (stop_.stop_requested()) throw Cancelled();
        Place place = find(name);
        if (place.found.standing != Standing::free) return place.found;
        if (!has_begun()) {
            if (was_seen_ && !may_begin) return {.standing = Standing::over, .holder = {}};
            make_folder();
            was_seen_ = true;
        }
        if (create(name, path_of(name, place.number))) {
            place.found.standing = Standing::ours;
            return place.found;
        }
    }
    // A file server's client that says that it exists, and does not show it yet.
    return {.standing = Standing::anothers, .holder = {}};
}

/// Creates a claim; false if another process did, or if the folder has gone.
bool Claims::create(const std::string& name, const fs::path& path) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!file) {
        const int error = errno;
        // A file server that is asked twice may report its own success as a failure, and some report EPERM for EEXIST.
        const auto claim = read(path);
        if (!claim && error != ENOENT && error != EEXIST) fail_with_system_error(path, "cannot be created", error);
        if (!claim || !claim->holder || claim->holder->id != self_.id) return false;
    } else if (!write_all(file.get(), text_of(self_)) || file.close() != 0) {
        const int error = errno;
        set_time(path, given_up);
        fail_with_system_error(path, "cannot be written", error);
    }
    const std::lock_guard lock(mutex_);
    held_[name] = path;
    if (stop_.stop_requested()) {  // at_stop_ may have run before this was held
        set_time(path, given_up);
        held_.erase(name);
        throw Cancelled();
    }
    return true;
}

void Claims::make_folder() {
    std::error_code error;
    if (fs::create_directory(folder_, error) || !error) return;
    fail_with_system_error(folder_, "cannot be created", error.value());
}

bool Claims::has_begun() {
    struct stat status {};
    if (::lstat(folder_.c_str(), &status) != 0) return false;
    if (!S_ISDIR(status.st_mode))
        fail("{}: is not a folder, as easel makes one of that name; remove it", folder_.string());
    was_seen_ = true;
    return true;
}

std::optional<nanoseconds> Claims::now() {
    const auto here = std::chrono::steady_clock::now();
    if (asked_ && here - *asked_ < rules_.lease / 100) return server_time_;
    const fs::path path = folder_ / ("clock." + self_.id);
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
    struct stat status {};
    if (!file || ::futimens(file.get(), nullptr) != 0 || ::fstat(file.get(), &status) != 0) return std::nullopt;
    asked_ = here;
    server_time_ = time_of(status);
    return server_time_;
}

void Claims::renew(const std::stop_token& end) {
    std::unique_lock lock(mutex_);
    while (!renewal_.wait_for(lock, end, rules_.between_renewals, [] { return false; }) && !end.stop_requested())
        for (const auto& [name, path] : held_) touch(path);
}

void Claims::let_go(const std::string& name, std::int64_t seconds) {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(name);
    if (found == held_.end()) return;
    set_time(found->second, seconds);
    held_.erase(found);
}

void Claims::give_up(const std::string& name) { let_go(name, given_up); }

void Claims::give_up_failed(const std::string& name) { let_go(name, failed); }

void Claims::finish(const std::string& name) {
    const std::lock_guard lock(mutex_);
    held_.erase(name);
}

void Claims::give_up_all() {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, path] : held_) set_time(path, given_up);
    held_.clear();
}

void Claims::remove() {
    {
        const std::lock_guard lock(mutex_);
        held_.clear();
    }
    // Under another name first: who looks meanwhile finds all claims, or none.
    std::error_code ignored;
    const fs::path gone = make_beside(folder_, [this](const fs::path& name) {
        // rename() would replace an empty folder
        return !path_exists(name) && (::rename(folder_.c_str(), name.c_str()) == 0 || errno == ENOENT);
    });
    fs::remove_all(gone, ignored);
}

}  // namespace easel::jobs
