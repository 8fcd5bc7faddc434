#include "hub/pull.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "hub/cache.h"
#include "hub/test_hub.h"
#include "support/files.h"

namespace easel::hub {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::expect_says;
using testing::read_file;
using testing::sentence_of;
using testing::TestHub;
using testing::write_file;
using Clock = std::chrono::steady_clock;

const std::string unet = "unet/diffusion_pytorch_model.safetensors";
constexpr std::size_t unet_bytes = 300'000;

class PullTest : public ::testing::Test {
  protected:
    PullTest() {
        hub_.add_model(unet_bytes);
        options_.endpoint = hub_.endpoint();
        options_.cache = folder_ / "hub";
        options_.retry = {.attempts = 3, .first_wait = 1ms, .longest_wait = 2s};
    }

    PulledModel pull(const Wanted& wanted = {}, std::stop_token stop = {}) {
        return hub::pull(model_, wanted, options_, callbacks_, std::move(stop));
    }
    std::string refusal(const Wanted& wanted = {}) {
        return sentence_of([&] { pull(wanted); });
    }
    RepositoryFolder repository() const { return {options_.cache, model_}; }
    fs::path snapshot() const { return repository().snapshot(TestHub::commit); }
    fs::path partial_unet() const { return repository().incomplete(testing::sha256(testing::noise(unet_bytes))); }

    std::vector<TestHub::Request> unet_downloads() const {
        auto found = hub_.downloads();
        std::erase_if(found, [](const auto& request) {
            return !request.to_second_port || request.path.find(unet) == std::string::npos;
        });
        return found;
    }

    void expect_whole_model() const {
        EXPECT_EQ(files_in(snapshot()),
                  (std::vector<std::string>{"model_index.json", "text_encoder/config.json",
                                            "text_encoder/model.safetensors", "unet/config.json", unet,
                                            "vae/config.json", "vae/diffusion_pytorch_model.safetensors"}));
        EXPECT_TRUE(read_file(snapshot() / unet) == testing::noise(unet_bytes));
        EXPECT_EQ(read_file(repository().path / "refs/main"), TestHub::commit);
    }

    TestHub hub_;
    testing::TemporaryFolder folder_;
    Options options_;
    ModelName model_{.owner = "someone", .name = "model"};
    std::vector<std::string> notes_;
    std::vector<DownloadProgress> progress_;
    Callbacks callbacks_{.progress = [this](const DownloadProgress& step) { progress_.push_back(step); },
                         .note = [this](const std::string& note) { notes_.push_back(note); }};
};

TEST_F(PullTest, LaysTheCacheOutAsThePythonLibraryDoes) {
    hub_.add_small("README.md", "not needed");
    hub_.add_large("unet/diffusion_pytorch_model.bin", "a pickle");
    const PulledModel pulled = pull();
    EXPECT_EQ(pulled.path, snapshot());
    EXPECT_EQ(pulled.commit, TestHub::commit);
    expect_whole_model();
    EXPECT_EQ(fs::read_symlink(snapshot() / unet), "../../../blobs/" + testing::sha256(testing::noise(unet_bytes)));
    EXPECT_EQ(fs::read_symlink(snapshot() / "unet/config.json"),
              "../../../blobs/" + testing::git_sha1(R"({"part": "unet"})"));
    for (const auto& request : hub_.requests()) {
        EXPECT_EQ(request.path.find("README"), std::string::npos);
        EXPECT_EQ(request.path.find(".bin"), std::string::npos);
    }
}

TEST_F(PullTest, TellsHowFarItIs) {
    const PulledModel pulled = pull();
    ASSERT_FALSE(progress_.empty());
    EXPECT_TRUE(std::ranges::is_sorted(progress_, {}, &DownloadProgress::done));
    EXPECT_EQ(progress_.back().done, progress_.back().total);
    EXPECT_EQ(progress_.back().total, pulled.downloaded);
    EXPECT_GT(pulled.downloaded, unet_bytes);
}

TEST_F(PullTest, DownloadsNothingTwice) {
    pull();
    hub_.forget_requests();
    EXPECT_EQ(pull().downloaded, 0U);
    EXPECT_TRUE(hub_.downloads().empty());
    EXPECT_EQ(find_model(model_, options_, callbacks_, {}), snapshot());
    EXPECT_EQ(hub_.requests().size(), 1U) << "what is in the cache as a whole needs no look at the hub";
}

TEST_F(PullTest, AsksForSizesAndChecksumsThatTheListDoesNotTell) {
    hub_.set([](auto& trouble) { trouble.lists_names_only = true; });
    pull();
    expect_whole_model();
    hub_.set([](auto& trouble) { trouble.wrong_content_of = "model_index.json"; });
    fs::remove_all(options_.cache);
    expect_says(refusal(), {"model_index.json", "checksum"});
}

TEST_F(PullTest, ResumesADownloadThatIsCutInTheMiddle) {
    pull({.include = {"*.json"}, .variant = {}});
    hub_.set([](auto& trouble) {
        trouble.cuts = 2;  // the text encoder's 1000 bytes pass whole
        trouble.cut_after = 100'000;
    });
    pull();
    expect_whole_model();
    const auto downloads = unet_downloads();
    ASSERT_EQ(downloads.size(), 2U);
    EXPECT_EQ(downloads[0].range, "");
    EXPECT_EQ(downloads[1].range, "bytes=100000-");
}

TEST_F(PullTest, ResumesWhatAnEarlierPullLeft) {
    hub_.set([](auto& trouble) {
        trouble.cuts = 1000;
        trouble.cut_after = 40'000;
    });
    options_.retry.attempts = 1;
    expect_says(refusal(), {unet, "40.0 kB", "300 kB"});
    EXPECT_EQ(fs::file_size(partial_unet()), 40'000U);
    EXPECT_FALSE(fs::exists(repository().path / "refs/main"));
    EXPECT_FALSE(fs::exists(snapshot() / unet));

    hub_.set([](auto& trouble) { trouble.cuts = 0; });
    hub_.forget_requests();
    progress_.clear();
    pull();
    expect_whole_model();
    ASSERT_EQ(unet_downloads().size(), 1U);
    EXPECT_EQ(unet_downloads()[0].range, "bytes=40000-");
    EXPECT_EQ(progress_.front().done, 40'000U);
    EXPECT_FALSE(fs::exists(partial_unet()));
}

TEST_F(PullTest, BeginsAnewWhereAPartCannotBeAskedFor) {
    write_file(partial_unet(), "what another server sent");
    hub_.set([](auto& trouble) { trouble.ignores_range = true; });
    pull();
    expect_whole_model();
    EXPECT_EQ(unet_downloads()[0].range, "bytes=24-");
}

TEST_F(PullTest, WritesThroughNoLinkInTheCache) {
    write_file(folder_ / "other", "of someone else");
    fs::create_directories(partial_unet().parent_path());
    fs::create_symlink(folder_ / "other", partial_unet());
    expect_says(refusal(), {partial_unet().string(), "cannot be opened"});
    EXPECT_EQ(read_file(folder_ / "other"), "of someone else");
}

TEST_F(PullTest, BeginsAnewWhereThePartialFileIsTooLong) {
    write_file(partial_unet(), std::string(unet_bytes + 1, 'x'));
    pull();
    expect_whole_model();
}

TEST_F(PullTest, RemovesWhatHasTheWrongChecksum) {
    for (const std::string& file : {unet, std::string("unet/config.json")}) {
        hub_.set([&](auto& trouble) { trouble.wrong_content_of = file; });
        expect_says(refusal(), {"someone/model", file, "checksum"});
        EXPECT_FALSE(fs::exists(snapshot() / file));
        EXPECT_FALSE(fs::exists(repository().path / "refs/main"));
        for (const auto& blob : fs::directory_iterator(repository().path / "blobs"))
            EXPECT_NE(blob.path().extension(), ".incomplete") << blob.path();
        fs::remove_all(options_.cache);
    }
}

TEST_F(PullTest, RemovesAResumedFileWhoseBeginningWasWrongAndGetsItTheNextTime) {
    write_file(partial_unet(), "not how it begins");
    expect_says(refusal(), {unet, "checksum"});
    EXPECT_FALSE(fs::exists(partial_unet()));
    pull();
    expect_whole_model();
}

TEST_F(PullTest, SaysWhatToDoWhenTheHubRefuses) {
    const auto refuse_with = [&](int status, std::map<std::string, std::string> headers = {}) {
        hub_.set([&](auto& trouble) {
            trouble.refusals = 1;
            trouble.status = status;
            trouble.headers = std::move(headers);
        });
        hub_.forget_requests();
        std::string sentence = refusal();
        EXPECT_EQ(hub_.requests().size(), 1U) << "trying again is of no use";
        return sentence;
    };
    expect_says(refuse_with(401), {"someone/model", options_.endpoint, "HF_TOKEN"});
    expect_says(refuse_with(401, {{"X-Error-Code", "GatedRepo"}}), {"terms", options_.endpoint + "/someone/model"});
    expect_says(refuse_with(403), {"someone/model", "terms"});
    expect_says(refuse_with(404), {"someone/model", "no such model"});
    expect_says(refuse_with(418), {"someone/model", "418"});
    options_.token = "hf_secret";
    const std::string sentence = refuse_with(401);
    expect_says(sentence, {"someone/model", "token"});
    EXPECT_EQ(sentence.find("hf_secret"), std::string::npos);
    model_.revision = "none";
    expect_says(refusal(), {"someone/model", "no branch", "none"});
    EXPECT_FALSE(fs::exists(options_.cache));
}

TEST_F(PullTest, SaysWhichListedFileIsNotThere) {
    hub_.set([&](auto& trouble) { trouble.redirect_to = hub_.endpoint() + "/nowhere"; });
    expect_says(refusal(), {"someone/model", "text_encoder/model.safetensors"});
}

TEST_F(PullTest, WaitsAsLongAsTheHubAsks) {
    hub_.set([](auto& trouble) {
        trouble.refusals = 1;
        trouble.status = 429;
        trouble.headers = {{"Retry-After", "1"}};
    });
    const auto begin = Clock::now();
    pull();
    expect_whole_model();
    EXPECT_GE(Clock::now() - begin, 1s);
    ASSERT_EQ(notes_.size(), 1U);
    expect_says(notes_[0], {"too many requests", "1.0 s"});
}

TEST_F(PullTest, DoesNotWaitLongerThanAPersonWould) {
    hub_.set([](auto& trouble) {
        trouble.refusals = 1;
        trouble.status = 429;
        trouble.headers = {{"Retry-After", "3600"}};
    });
    const auto begin = Clock::now();
    expect_says(refusal(), {"too many requests", "3600 s"});
    EXPECT_LT(Clock::now() - begin, 1s);
}

TEST_F(PullTest, TriesAgainWhileTheHubIsOutOfOrderButNotForEver) {
    const auto break_down = [&](int times) {
        hub_.set([&](auto& trouble) {
            trouble.refusals = times;
            trouble.status = 503;
        });
        hub_.forget_requests();
    };
    break_down(3);
    expect_says(refusal(), {"503"});
    EXPECT_EQ(hub_.requests().size(), 3U);
    break_down(2);
    pull();
    expect_whole_model();
}

TEST_F(PullTest, ChecksForSpaceBeforeAnythingIsWritten) {
    for (const std::uint64_t size : {1'000'000'000'000'000'000U, 18'000'000'000'000'000'000U}) {
        hub_.set([&](auto& trouble) {
            trouble.listed_sizes = {{unet, size}, {"vae/diffusion_pytorch_model.safetensors", size}};
        });
        hub_.forget_requests();
        expect_says(refusal(), {"someone/model", "EB", "free", "HF_HOME"});
        EXPECT_TRUE(hub_.downloads().empty());
        EXPECT_FALSE(fs::exists(options_.cache));
    }
}

TEST_F(PullTest, RefusesMoreBytesThanTheHubTold) {
    hub_.set([](auto& trouble) { trouble.listed_sizes = {{unet, 1000}}; });
    expect_says(refusal(), {unet, "more"});
}

TEST_F(PullTest, TwoAtOnceDownloadEachFileOnce) {
    hub_.set([](auto& trouble) { trouble.pause_milliseconds = 5; });
    std::string waiting;
    PulledModel others;
    std::jthread other([&] {
        Callbacks callbacks{.progress = {}, .note = [&](const std::string& note) { waiting += note; }};
        others = hub::pull(model_, {}, options_, callbacks, {});
    });
    const PulledModel ours = pull();
    other.join();
    expect_whole_model();
    EXPECT_EQ(ours.path, others.path);
    EXPECT_EQ(unet_downloads().size(), 1U);
    for (const std::string& note : notes_) waiting += note;
    expect_says(waiting, {"another process"});
}

TEST_F(PullTest, TheTokenGoesToTheHubAlone) {
    options_.token = "hf_secret";
    pull();
    std::size_t to_second_port = 0;
    for (const auto& request : hub_.requests()) {
        EXPECT_EQ(request.authorization, request.to_second_port ? "" : "Bearer hf_secret") << request.path;
        to_second_port += request.to_second_port;
    }
    EXPECT_EQ(to_second_port, 3U);
    for (const std::string& note : notes_) EXPECT_EQ(note.find("hf_secret"), std::string::npos);
}

TEST_F(PullTest, FollowsNoRedirectToAFileOrInARing) {
    hub_.set([](auto& trouble) { trouble.redirect_to = "file:///etc/passwd"; });
    expect_says(refusal(), {"redirects"});
    hub_.set([&](auto& trouble) {
        trouble.redirect_to = fmt::format("{}/{}/resolve/{}/{}", hub_.endpoint(), TestHub::id, TestHub::commit, unet);
    });
    expect_says(refusal(), {"redirects more than"});
}

TEST_F(PullTest, TakesNothingFromAHubThatNamesFilesOutsideTheFolder) {
    for (const char* name :
         {"../../../evil.json", "/tmp/evil.json", "unet/../../evil", "unet\\..\\evil", "a\nb", "\x1b[2J"}) {
        TestHub hostile;
        hostile.add_model();
        hostile.add_small(name, "evil");
        options_.endpoint = hostile.endpoint();
        const std::string sentence = refusal();
        expect_says(sentence, {"someone/model", "name"});
        EXPECT_EQ(sentence.find_first_of("\n\x1b"), std::string::npos);
        EXPECT_EQ(folder_.entries(), 0) << name;
        EXPECT_TRUE(hostile.downloads().empty());
    }
}

TEST_F(PullTest, OfflineUsesWhatIsThereAndSaysWhatIsMissing) {
    options_.offline = true;
    expect_says(refusal(), {"someone/model", options_.cache.string(), "EASEL_OFFLINE"});
    options_.offline = false;
    pull();
    options_.offline = true;
    hub_.forget_requests();
    EXPECT_EQ(pull().path, snapshot());
    EXPECT_EQ(find_model(model_, options_, callbacks_, {}), snapshot());
    fs::remove(snapshot() / "vae/diffusion_pytorch_model.safetensors");
    expect_says(refusal(), {snapshot().string(), "weights of vae", "EASEL_OFFLINE"});
    EXPECT_TRUE(hub_.requests().empty());
}

TEST_F(PullTest, UsesWhatIsThereWhereTheHubCannotBeReached) {
    options_.endpoint = "http://127.0.0.1:1";
    expect_says(refusal(), {"127.0.0.1:1", "connection"});
    options_.endpoint = hub_.endpoint();
    pull();
    options_.endpoint = "http://127.0.0.1:1";
    notes_.clear();
    EXPECT_EQ(pull().path, snapshot());
    ASSERT_FALSE(notes_.empty());
    expect_says(notes_.back(), {"127.0.0.1:1", TestHub::commit});
}

TEST_F(PullTest, FindsWhatThePythonLibraryDownloaded) {
    const RepositoryFolder repository(options_.cache, model_);
    const auto place = [&](const std::string& file, const std::string& target, const std::string& content) {
        const std::string blob = testing::sha256(content);
        write_file(repository.blob(blob), content);
        fs::create_directories((snapshot() / file).parent_path());
        fs::create_symlink(target + "blobs/" + blob, snapshot() / file);
    };
    write_file(repository.path / "refs/main", TestHub::commit);
    place("model_index.json", "../../", "{}");
    for (const char* part : {"text_encoder", "unet", "vae"})
        place(std::string(part) + "/config.json", "../../../", "{}");
    place("text_encoder/model.fp16.safetensors", "../../../", "1");
    place("unet/diffusion_pytorch_model.fp16.safetensors", "../../../", "2");
    place("vae/diffusion_pytorch_model.fp16.safetensors", "../../../", "3");
    fs::create_directories(repository.path / ".no_exist" / TestHub::commit);
    EXPECT_EQ(find_model(model_, options_, callbacks_, {}), snapshot());
    EXPECT_TRUE(hub_.requests().empty());
}

TEST_F(PullTest, StopsWithinASecondAndKeepsWhatCame) {
    std::stop_source stop;
    hub_.set([](auto& trouble) { trouble.pause_milliseconds = 100; });
    Clock::time_point asked;
    callbacks_.progress = [&](const DownloadProgress& progress) {
        if (progress.file != unet || progress.done < 50'000 || stop.stop_requested()) return;
        asked = Clock::now();
        stop.request_stop();
    };
    EXPECT_THROW(pull({}, stop.get_token()), Cancelled);
    EXPECT_LT(Clock::now() - asked, 1s);
    EXPECT_GT(fs::file_size(partial_unet()), 10'000U);
    hub_.set([](auto& trouble) { trouble.pause_milliseconds = 0; });
    hub_.forget_requests();
    pull();
    expect_whole_model();
    EXPECT_NE(unet_downloads()[0].range, "");
}

TEST_F(PullTest, StopsWhileItWaitsForTheHub) {
    hub_.set([](auto& trouble) {
        trouble.refusals = 1;
        trouble.status = 429;
        trouble.headers = {{"Retry-After", "2"}};
    });
    std::stop_source stop;
    callbacks_.note = [&](const std::string&) { stop.request_stop(); };
    const auto begin = Clock::now();
    EXPECT_THROW(pull({}, stop.get_token()), Cancelled);
    EXPECT_LT(Clock::now() - begin, 1s);
}

TEST_F(PullTest, KeepsABranchBesideTheMainOne) {
    model_.revision = "other/branch";
    pull();
    EXPECT_EQ(read_file(repository().path / "refs/other/branch"), TestHub::commit);
    EXPECT_FALSE(fs::exists(repository().path / "refs/main"));
    EXPECT_EQ(find_in_cache(model_, {}, options_).path, snapshot());
}

TEST_F(PullTest, OpensTheFileOfARepositoryOfSingleFiles) {
    TestHub files;
    files.add_large("one.safetensors", "1");
    files.add_large("two.safetensors", "2");
    options_.endpoint = files.endpoint();
    expect_says(refusal(), {"one.safetensors", "two.safetensors", "--include"});
    EXPECT_EQ(pull({.include = {"two*"}, .variant = {}}).path, snapshot() / "two.safetensors");
    EXPECT_EQ(find_model(model_, options_, callbacks_, {}), snapshot() / "two.safetensors");
}

}  // namespace
}  // namespace easel::hub
