// Claims in a folder: one owner at a time, and others when that one is gone. Leases are short here.

#include "jobs/claims.h"

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/output_name.h"
#include "jobs/temporaries.h"
#include "support/files.h"

namespace easel::jobs {
namespace {

using namespace std::chrono_literals;
using testing::expect_says;
using testing::read_file;
using testing::sentence_of;
using testing::write_file;

constexpr ClaimRules rules{.lease = 600ms, .between_renewals = 50ms, .most_attempts = 3};

/// Of another machine, whose processes cannot be looked at.
Claimant elsewhere() {
    Claimant claimant = this_process();
    claimant.host = "elsewhere";
    return claimant;
}

class ClaimsTest : public ::testing::Test {
  protected:
    Claims claims(const Claimant& self = elsewhere(), std::stop_token stop = {}) const {
        return {folder / "claims", rules, self, std::move(stop)};
    }

    std::int64_t seconds(const std::string& name) const {
        struct stat status {};
        EXPECT_EQ(::stat((folder / "claims" / name).c_str(), &status), 0);
        return status.st_mtim.tv_sec;
    }

    bool exists(const std::string& name) const { return std::filesystem::exists(folder / "claims" / name); }

    /// As if its process had been dead for a lease.
    void let_expire(const std::string& name) const {
        std::filesystem::last_write_time(folder / "claims" / name, std::filesystem::file_time_type::clock::now() - 10s);
    }

    testing::TemporaryFolder folder;
};

TEST_F(ClaimsTest, HaveOneOwner) {
    Claims first = claims(), second = claims();
    EXPECT_FALSE(first.has_begun());
    EXPECT_EQ(first.look("a").standing, Standing::free);
    EXPECT_FALSE(exists(""));
    EXPECT_EQ(first.take("a").standing, Standing::ours);
    const Found found = second.take("a");
    EXPECT_EQ(found.standing, Standing::anothers);
    EXPECT_EQ(found.holder->host, "elsewhere");
    EXPECT_EQ(second.look("a").standing, Standing::anothers);
    EXPECT_EQ(first.look("a").standing, Standing::ours);
    EXPECT_EQ(second.take("b").standing, Standing::ours);
}

TEST_F(ClaimsTest, HaveOneOwnerWhenManyTakeThemAtOnce) {
    constexpr int threads = 8, names = 100;
    std::atomic<int> owned = 0, others = 0;
    {
        std::vector<std::jthread> takers;
        for (int i = 0; i < threads; ++i)
            takers.emplace_back([&] {
                Claims mine = claims();
                for (int name = 0; name < names; ++name)
                    ++(mine.take(std::to_string(name)).standing == Standing::ours ? owned : others);
                for (int name = 0; name < names; ++name) mine.finish(std::to_string(name));
            });
    }
    EXPECT_EQ(owned, names);
    EXPECT_EQ(others, (threads - 1) * names);
}

TEST_F(ClaimsTest, AreRenewedWhileTheirOwnerLives) {
    Claims first = claims(), second = claims();
    EXPECT_EQ(first.take("a").standing, Standing::ours);
    std::this_thread::sleep_for(2 * rules.lease);
    EXPECT_EQ(second.take("a").standing, Standing::anothers);
}

TEST_F(ClaimsTest, ThatAreNotRenewedAreTakenOverUnderTheNextNumber) {
    Claims first = claims(), second = claims();
    EXPECT_EQ(first.take("a").standing, Standing::ours);
    first.finish("a");  // as if frozen: it is not renewed
    EXPECT_EQ(second.take("a").standing, Standing::anothers);
    let_expire("a.0");
    EXPECT_EQ(second.take("a").standing, Standing::ours);
    EXPECT_TRUE(exists("a.0"));
    EXPECT_TRUE(exists("a.1"));
    EXPECT_EQ(first.take("a").standing, Standing::anothers) << "the frozen one wakes up";
}

TEST_F(ClaimsTest, DoNotDependOnTheClockOfAMachine) {
    Claims first = claims(), second = claims();
    EXPECT_EQ(first.take("a").standing, Standing::ours);
    first.finish("a");
    // The file server's clock is an hour ahead of everybody's: times are compared with those of files beside it.
    std::filesystem::last_write_time(folder / "claims" / "a.0", std::filesystem::file_time_type::clock::now() + 1h);
    EXPECT_EQ(second.take("a").standing, Standing::anothers);
}

TEST_F(ClaimsTest, OfProcessesThatEndedAreTakenOverAtOnce) {
    Claimant child_claimant;
    const pid_t child = ::fork();
    if (child == 0) {
        Claims* mine = new Claims(folder / "claims", rules, this_process(), {});
        const bool is_ours = mine->take("a").standing == Standing::ours;
        ::kill(::getpid(), is_ours ? SIGKILL : SIGTERM);
    }
    int status = 0;
    siginfo_t ended{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
    ASSERT_EQ(ended.si_status, SIGKILL);
    Claims second = claims(this_process());
    EXPECT_EQ(second.look("a").standing, Standing::free) << "a process that nobody has waited for has ended, too";
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    const Found found = second.take("a");
    EXPECT_EQ(found.standing, Standing::ours);
    EXPECT_EQ(found.holder->process, child);
}

TEST_F(ClaimsTest, OfAnotherMachinesProcessOfThatNumberAreKept) {
    Claimant self = this_process();
    EXPECT_FALSE(has_ended(self));
    Claimant later = self;
    later.began += 1;
    EXPECT_TRUE(has_ended(later)) << "the number was given to another process";
    for (std::string Claimant::*field : {&Claimant::host, &Claimant::boot, &Claimant::name_space}) {
        Claimant other = later;
        other.*field = "other";
        EXPECT_FALSE(has_ended(other));
        other.*field = "";
        EXPECT_FALSE(has_ended(other));
    }
}

TEST_F(ClaimsTest, AreSpentAfterThreeThatDied) {
    Claims last = claims();
    for (int i = 0; i < 3; ++i) {
        Claims one = claims();
        EXPECT_EQ(one.take("a").standing, Standing::ours);
        if (i == 1)
            one.give_up_failed("a");
        else
            one.finish("a");
        if (i != 1) let_expire("a." + std::to_string(i));
    }
    const Found found = last.take("a");
    EXPECT_EQ(found.standing, Standing::spent);
    EXPECT_EQ(found.holder->host, "elsewhere");
    EXPECT_FALSE(exists("a.3"));
    Claims persistent(folder / "claims",
                      {.lease = rules.lease, .between_renewals = rules.between_renewals, .most_attempts = 0},
                      elsewhere(), {});
    EXPECT_EQ(persistent.take("a").standing, Standing::ours);
}

TEST_F(ClaimsTest, ThatWereGivenUpAreFreeAtOnceAndNoAttempts) {
    for (int i = 0; i < 5; ++i) {
        Claims one = claims();
        EXPECT_EQ(one.take("a").standing, Standing::ours);
        if (i % 2 == 0) one.give_up("a");  // else its destructor does
    }
    EXPECT_EQ(seconds("a.4"), 0);
    EXPECT_EQ(claims().look("a").standing, Standing::free);
}

TEST_F(ClaimsTest, AreGivenUpAsSoonAsAStopIsRequested) {
    std::stop_source stop;
    Claims one = claims(elsewhere(), stop.get_token()), two = claims();
    EXPECT_EQ(one.take("a").standing, Standing::ours);
    EXPECT_EQ(one.take("b").standing, Standing::ours);
    one.finish("b");
    stop.request_stop();
    EXPECT_EQ(seconds("a.0"), 0);
    EXPECT_NE(seconds("b.0"), 0);
    EXPECT_THROW(one.take("c"), Cancelled);
    EXPECT_EQ(two.take("a").standing, Standing::ours);
}

TEST_F(ClaimsTest, OfWhatIsNoClaimCountByTheirTime) {
    write_file(folder / "claims" / "a.0", "");
    write_file(folder / "claims" / "b.0", "{\"id\":1}");
    write_file(folder / "claims" / "c.0", std::string(100'000, '['));
    Claims mine = claims();
    for (const std::string name : {"a", "b", "c"}) {
        const Found found = mine.take(name);
        EXPECT_EQ(found.standing, Standing::anothers);
        EXPECT_FALSE(found.holder);
        let_expire(name + ".0");
        EXPECT_EQ(mine.take(name).standing, Standing::ours);
    }
}

TEST_F(ClaimsTest, ThatAServerReportsAsTakenAreOursIfTheyHoldOurId) {
    Claimant self = elsewhere();
    write_file(folder / "claims" / "a.0", text_of(self));  // the first of two requests has made it
    Claims mine = claims(self);
    EXPECT_EQ(mine.take("a").standing, Standing::ours);
    EXPECT_FALSE(exists("a.1"));
}

TEST_F(ClaimsTest, EndWithTheFolder) {
    Claims first = claims(), second = claims(), late = claims();
    EXPECT_EQ(first.take("a").standing, Standing::ours);
    EXPECT_TRUE(second.has_begun());
    EXPECT_EQ(second.take("sheet", false).standing, Standing::ours);
    second.remove();
    EXPECT_FALSE(exists(""));
    EXPECT_EQ(folder.entries(), 0);
    EXPECT_EQ(first.take("sheet", false).standing, Standing::over);
    EXPECT_EQ(late.take("sheet", false).standing, Standing::ours) << "never saw that it was there";
    EXPECT_EQ(first.take("b").standing, Standing::ours) << "may begin anew";
}

TEST_F(ClaimsTest, NeedAFolderThatIsOne) {
    write_file(folder / "claims", "");
    Claims mine = claims();
    expect_says(sentence_of([&] { mine.take("a"); }), {"claims: is not a folder"});
}

TEST(Claimants, AreReadBackFromTheirText) {
    Claimant claimant = this_process();
    claimant.job = "Slurm 77";
    claimant.precision = "bf16";
    const auto read = claimant_of(text_of(claimant));
    ASSERT_TRUE(read);
    EXPECT_EQ(text_of(*read), text_of(claimant));
    EXPECT_FALSE(has_ended(*read));
    EXPECT_NE(this_process().id, claimant.id);
    EXPECT_EQ(describe({.host = "node1", .process = 5, .job = "Slurm 7"}), "process 5 on node1 (Slurm 7)");
    EXPECT_FALSE(claimant.instructions.empty());
}

TEST(Claimants, WithNumbersThatNoProcessHasAreNone) {
    const std::string text = text_of(this_process());
    const std::string process = "\"process\":" + std::to_string(::getpid());
    ASSERT_NE(text.find(process), text.npos);
    for (const std::string number : {"1e99", "-1", "1.5", "4294967296", "\"1\"", "null"}) {
        std::string other = text;
        other.replace(other.find(process), process.size(), "\"process\":" + number);
        EXPECT_FALSE(claimant_of(other)) << number;
    }
}

TEST(Claimants, WithTextsThatATerminalWouldObeyAreNone) {
    Claimant claimant = this_process();
    claimant.host = "\x1b[2J";
    EXPECT_FALSE(claimant_of(text_of(claimant)));
    claimant.host = std::string(300, 'a');
    EXPECT_FALSE(claimant_of(text_of(claimant)));
}

TEST(Temporaries, OfTheOutputsAreRemovedWhenTheyAreOld) {
    const testing::TemporaryFolder folder;
    const std::filesystem::path outputs[] = {folder / "a.png", folder / "b.png", {}};
    const std::vector<std::string> kept = {".a.png.abcde", ".a.png.ABCDEF", ".c.png.abcdef", "a.png", "a.png.abcdef"};
    for (const std::string& name : kept) write_file(folder / name, "");
    for (const std::string name : {".a.png.abcdef", ".b.png.123456"}) write_file(folder / name, "");
    const auto now =
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch());
    remove_temporaries(outputs, now - 60s);
    EXPECT_EQ(folder.entries(), 7) << "none is a minute old";
    remove_temporaries(outputs, now + 60s);
    EXPECT_EQ(folder.entries(), 5);
    for (const std::string& name : kept) EXPECT_TRUE(std::filesystem::exists(folder / name)) << name;
}

}  // namespace
}  // namespace easel::jobs
