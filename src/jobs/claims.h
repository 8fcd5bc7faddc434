#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "jobs/claimant.h"

namespace easel::jobs {

struct ClaimRules {
    /// A claim that was not renewed for so long is dead. File servers' clients may show times that are a minute old, so
    /// this has to be longer than the time between renewals and a minute.
    std::chrono::milliseconds lease{120'000};
    std::chrono::milliseconds between_renewals{20'000};
    /// After so many claims that died or failed a thing is not claimed again; 0: it always is.
    int most_attempts = 3;
};

/// How a thing that may be claimed stands.
enum class Standing {
    /// This process has claimed it.
    ours,
    /// It may be claimed.
    free,
    /// Another process has claimed it, and lives as far as is known.
    anothers,
    /// Too many claims of it died.
    spent,
    /// The folder is gone: another process found that all is done.
    over,
};

struct Found {
    Standing standing = Standing::free;
    /// Who has the claim, or had the last one; none if that is not known.
    std::optional<Claimant> holder;
};

/// Divides things with names among processes by files in a folder that they share. The claim of "a" is the file "a.0",
/// which only one process can create; a thread renews its time. When its process has ended, or the claim was not
/// renewed for a lease by the clock of the file server, another process takes the thing over by creating "a.1". Nothing
/// is removed or renamed before all is done, so each number has one creator for ever. May be used by one thread.
///
/// That a claim is held promises little: its process may be frozen, and go on when another has taken over. So what is
/// made under a claim must be published by a call that only one process succeeds with (OutputFile::IfExists::keep).
class Claims {
  public:
    /// Creates nothing yet. Once `stop` is requested, what is held is given up at once.
    Claims(std::filesystem::path folder, ClaimRules rules, const Claimant& self, std::stop_token stop);
    /// Gives up what is held.
    ~Claims();
    Claims(const Claims&) = delete;
    Claims& operator=(const Claims&) = delete;

    /// Changes what this process says of its precision in later claims.
    void set_precision(const std::string& precision) { self_.precision = precision; }

    /// Claims `name` if it is free. The folder is created if it has never been seen, and with `may_begin` also if it
    /// is gone. Throws Error if it cannot be written to, Cancelled once that is requested.
    Found take(const std::string& name, bool may_begin = true);
    /// How it stands, without claiming it.
    Found look(const std::string& name);

    /// What was claimed is done: the claim is not renewed any more.
    void finish(const std::string& name);
    /// What was claimed was not done: others may take it over at once. It counts as an attempt if it failed.
    void give_up(const std::string& name);
    void give_up_failed(const std::string& name);

    /// Whether somebody has claimed something and not all is done.
    bool has_begun();
    /// Whether this process has ever found that so.
    bool was_seen() const { return was_seen_; }
    /// The file server's time since 1970, at most a hundredth of a lease old; none if the folder is gone.
    std::optional<std::chrono::nanoseconds> now();
    /// Removes all claims, when all is done.
    void remove();

    const ClaimRules& rules() const { return rules_; }

  private:
    /// A claim's file.
    struct Claim;
    /// How a name stands, and the number that comes next.
    struct Place;

    std::filesystem::path path_of(const std::string& name, int number) const;
    std::optional<Claim> read(const std::filesystem::path& path) const;
    bool is_dead(const Claim& claim);
    Place find(const std::string& name);
    bool create(const std::string& name, const std::filesystem::path& path);
    void make_folder();
    void renew(const std::stop_token& end);
    void let_go(const std::string& name, std::int64_t seconds);
    void give_up_all();

    std::filesystem::path folder_;
    ClaimRules rules_;
    Claimant self_;
    std::stop_token stop_;
    bool was_seen_ = false;
    /// The server's time, and when it was asked for.
    std::chrono::nanoseconds server_time_{};
    std::optional<std::chrono::steady_clock::time_point> asked_;

    std::mutex mutex_;
    std::condition_variable_any renewal_;
    std::map<std::string, std::filesystem::path> held_;  // guarded by mutex_
    std::jthread renewing_;
    std::stop_callback<std::function<void()>> at_stop_;
};

}  // namespace easel::jobs
