// Models by name, from the tests' own hub.

#include <csignal>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/program.h"
#include "hub/test_hub.h"

namespace easel::testing {
namespace {

namespace fs = std::filesystem;

class ModelsByName : public ProgramTest {
  protected:
    Surroundings with_hub(std::map<std::string, std::string> more = {}) const {
        more.insert({{"HF_ENDPOINT", hub.endpoint()}, {"HF_HOME", home()}});
        return {.environment = std::move(more), .largest_file = {}};
    }
    std::string home() const { return folder / "home"; }
    std::string snapshot() const {
        return fmt::format("{}/hub/models--someone--model/snapshots/{}", home(), TestHub::commit);
    }

    void serve_tiny_model() {
        for (const auto& entry : fs::recursive_directory_iterator(tiny_model())) {
            if (!entry.is_regular_file()) continue;
            const std::string name = entry.path().lexically_relative(tiny_model()).string();
            if (name.ends_with(".safetensors"))
                hub.add_large(name, read_file(entry.path()));
            else
                hub.add_small(name, read_file(entry.path()));
        }
    }

    TestHub hub;
};

TEST_F(ModelsByName, DrawAsTheSameModelInAFolderDoes) {
    serve_tiny_model();
    const auto draw = [&](const std::string& model, const std::string& file) {
        const Ended run =
            easel({"a fox", "-m", model, "--steps", "1", "--seed", "1", "--no-metadata", "-o", file}, with_hub());
        EXPECT_EQ(run.exit_code, 0) << run.err;
        return run.err;
    };
    expect_says(draw("someone/model", "named.png"), {"download", "MB/s"});
    EXPECT_EQ(draw("someone/model@main", "again.png").find("download"), std::string::npos);
    draw(tiny_model(), "folder.png");
    EXPECT_TRUE(read_file(folder / "named.png") == read_file(folder / "folder.png"));
    EXPECT_TRUE(read_file(folder / "again.png") == read_file(folder / "folder.png"));

    EXPECT_EQ(easel({"convert", "someone/model", "small.safetensors", "--to", "safetensors"}, with_hub()).exit_code, 0);

    fs::create_directories(folder / "someone/model");
    link_tiny_model(folder / "someone/model");
    hub.forget_requests();
    fs::remove_all(home());
    draw("someone/model", "local.png");
    EXPECT_TRUE(hub.requests().empty()) << "a folder of that name comes first";
}

TEST_F(ModelsByName, ArePulledListedAndRemoved) {
    serve_tiny_model();
    expect_says(easel({"models"}, with_hub()).err, {"no models", "easel pull"});
    const Ended pulled = easel({"pull", "someone/model", "--quiet"}, with_hub());
    EXPECT_EQ(pulled.exit_code, 0);
    EXPECT_EQ(pulled.out, snapshot() + "\n");
    EXPECT_EQ(pulled.err, "");
    const Ended listed = easel({"models"}, with_hub());
    expect_says(listed.out, {"someone/model", "MB", "ready, diffusers folder"});
    const Ended removed = easel({"models", "rm", "someone/model"}, with_hub());
    EXPECT_EQ(removed.exit_code, 0);
    expect_says(removed.out, {"someone/model", " MB"});
    EXPECT_FALSE(fs::exists(snapshot()));
    expect_refused(easel({"models", "rm", "someone/model"}, with_hub()), 1, {"someone/model", "easel models"});
}

TEST_F(ModelsByName, ThatAreIncompleteAreListedWithTheReason) {
    serve_tiny_model();
    easel({"pull", "someone/model", "--include", "*.json"}, with_hub());
    expect_says(easel({"models"}, with_hub()).out, {"someone/model", "not usable", "weights of text_encoder"});
}

TEST_F(ModelsByName, ReportTheDownloadAsJson) {
    hub.add_model();
    const Ended run = easel({"pull", "someone/model", "--json"}, with_hub());
    EXPECT_EQ(run.exit_code, 0);
    expect_says(run.out, {R"("event":"download")", R"("total_bytes":)", R"("event":"model")", snapshot()});
    EXPECT_EQ(run.err, "");
}

TEST_F(ModelsByName, OfflineAreThoseInTheCache) {
    serve_tiny_model();
    const auto offline = with_hub({{"EASEL_OFFLINE", "1"}});
    expect_refused(easel({"a fox", "-m", "someone/model"}, offline), 1, {"someone/model", "EASEL_OFFLINE"});
    expect_refused(easel({"pull", "someone/model"}, offline), 1, {"someone/model", "EASEL_OFFLINE"});
    EXPECT_TRUE(hub.requests().empty());
    easel({"pull", "someone/model"}, with_hub());
    hub.forget_requests();
    EXPECT_EQ(easel({"tokenize", "a fox", "-m", "someone/model"}, offline).exit_code, 0);
    EXPECT_TRUE(hub.requests().empty());
}

TEST_F(ModelsByName, NeverShowTheToken) {
    hub.add_model();
    hub.set([](auto& trouble) {
        trouble.refusals = 1;
        trouble.status = 401;
    });
    const auto secret = with_hub({{"HF_TOKEN", "hf_secret"}});
    const Ended refused = easel({"pull", "someone/model"}, secret);
    expect_refused(refused, 1, {"someone/model", "token"});
    const Ended run = easel({"pull", "someone/model", "--json"}, secret);
    EXPECT_EQ(run.exit_code, 0);
    for (const std::string& text : {refused.err, refused.out, run.err, run.out})
        EXPECT_EQ(text.find("hf_secret"), std::string::npos) << text;
    EXPECT_EQ(hub.requests().back().authorization, "");
    EXPECT_EQ(hub.requests().front().authorization, "Bearer hf_secret");
}

TEST_F(ModelsByName, ComeThroughTheProxy) {
    hub.add_small("a.json", "{}");
    const Surroundings behind_proxy = {.environment = {{"HF_ENDPOINT", "http://hub.example"},
                                                       {"HF_HOME", home()},
                                                       {"http_proxy", fmt::format("http://127.0.0.1:{}", hub.port())}},
                                       .largest_file = {}};
    EXPECT_EQ(easel({"pull", "someone/model", "--include", "*"}, behind_proxy).exit_code, 0);
    EXPECT_EQ(hub.requests().size(), 2U);
    EXPECT_EQ(read_file(fs::path(snapshot()) / "a.json"), "{}");
}

TEST_F(ModelsByName, KeepWhatHasArrivedWhenInterrupted) {
    hub.add_model(400'000);
    hub.set([](auto& trouble) { trouble.pause_milliseconds = 100; });
    Program program(folder.path(), {"pull", "someone/model"}, with_hub());
    ASSERT_TRUE(program.wait_for("download 8"));  // 80 kB and more
    program.send(SIGINT);
    const double sent = program.seconds();
    const Ended run = program.end();
    EXPECT_EQ(run.exit_code, 130);
    EXPECT_LT(run.seconds - sent, 1.0);
    expect_says(run.err, {"easel: stopped", "resumes from there"});

    hub.set([](auto& trouble) { trouble.pause_milliseconds = 0; });
    hub.forget_requests();
    EXPECT_EQ(easel({"pull", "someone/model"}, with_hub()).exit_code, 0);
    bool is_resumed = false;
    for (const auto& request : hub.downloads()) is_resumed |= !request.range.empty();
    EXPECT_TRUE(is_resumed);
}

TEST_F(ModelsByName, WithInvalidNamesAreRefused) {
    for (const char* name : {"", "model", "a/b/c", "../b", "a/b@../c"})
        EXPECT_EQ(easel({"pull", name}, with_hub()).exit_code, 2) << name;
    expect_refused(easel({"models", "rm", ".."}, with_hub()), 2, {"owner/name"});
    expect_refused(easel({"models", "rm", "a/b@main"}, with_hub()), 2, {"revision"});
    expect_refused(easel({"a fox", "-m", "someone/else"}, with_hub()), 1, {"someone/else", "no such model"});
    EXPECT_EQ(files(), std::vector<std::string>{});
}

}  // namespace
}  // namespace easel::testing
