#include "hub/options.h"

#include <cstdlib>
#include <map>

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel::hub {
namespace {

/// An environment with these variables and no other that tells of a hub.
class HubOptionsTest : public ::testing::Test {
  protected:
    HubOptionsTest() {
        for (const char* name : {"HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME", "HF_TOKEN",
                                 "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_ENDPOINT", "EASEL_OFFLINE",
                                 "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"})
            ::unsetenv(name);
        set("HOME", folder_.path().string());
    }
    static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

    testing::TemporaryFolder folder_;
};

TEST_F(HubOptionsTest, AreThePythonLibrarysDefaults) {
    const Options options = options_from_environment();
    EXPECT_EQ(options.cache, folder_ / ".cache/huggingface/hub");
    EXPECT_EQ(options.endpoint, "https://huggingface.co");
    EXPECT_EQ(options.token, "");
    EXPECT_FALSE(options.offline);
}

TEST_F(HubOptionsTest, TakeTheCacheFromTheNearestVariable) {
    set("XDG_CACHE_HOME", "/x");
    EXPECT_EQ(options_from_environment().cache, "/x/huggingface/hub");
    set("HF_HOME", "~/hf");
    EXPECT_EQ(options_from_environment().cache, folder_ / "hf/hub");
    set("HF_HUB_CACHE", "/y");
    EXPECT_EQ(options_from_environment().cache, "/y");
}

TEST_F(HubOptionsTest, TakeTheTokenFromTheVariableElseTheFile) {
    testing::write_file(folder_ / ".cache/huggingface/token", "hf_file\n");
    EXPECT_EQ(options_from_environment().token, "hf_file");
    set("HF_TOKEN", " hf_variable ");
    EXPECT_EQ(options_from_environment().token, "hf_variable");
}

TEST_F(HubOptionsTest, RefuseATokenThatWouldAddAHeaderWithoutShowingIt) {
    set("HF_TOKEN", "hf_secret\r\nX-Evil: 1");
    const std::string sentence = testing::sentence_of([] { options_from_environment(); });
    testing::expect_says(sentence, {"HF_TOKEN"});
    EXPECT_EQ(sentence.find("secret"), std::string::npos);
}

TEST_F(HubOptionsTest, RefuseAnEndpointThatIsNoPlainAddress) {
    for (const char* url : {"huggingface.co", "ftp://host", "file:///etc", "https://", "https://user:secret@host"}) {
        set("HF_ENDPOINT", url);
        const std::string sentence = testing::sentence_of([] { options_from_environment(); });
        testing::expect_says(sentence, {"HF_ENDPOINT"});
        EXPECT_EQ(sentence.find("secret"), std::string::npos);
    }
    set("HF_ENDPOINT", "https://mirror.example/hub/");
    EXPECT_EQ(options_from_environment().endpoint, "https://mirror.example/hub");
}

TEST_F(HubOptionsTest, AreOfflineByAnyOfTheVariables) {
    for (const char* variable : {"EASEL_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}) {
        for (const char* no : {"0", "false", "No", "OFF"}) {
            set(variable, no);
            EXPECT_FALSE(options_from_environment().offline) << variable << no;
        }
        for (const char* yes : {"1", "true", "YES", "on"}) {
            set(variable, yes);
            EXPECT_TRUE(options_from_environment().offline) << variable << yes;
        }
        ::unsetenv(variable);
    }
}

}  // namespace
}  // namespace easel::hub
