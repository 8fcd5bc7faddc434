#include "pictures/vips_session.h"

#include <vips/vips.h>

#include "base/error.h"

namespace easel {
namespace {

void drop_log_message(const char*, GLogLevelFlags, const char*, void*) {}

/// Operations are named as they are called: the names of their classes differ between versions of libvips.
void block_unused_formats() {
    for (const char* all : {"VipsForeignLoad", "VipsForeignSave"}) vips_operation_block_set(all, TRUE);
    for (const char* used : {"pngload_buffer", "jpegload_buffer", "webpload_buffer", "pngsave_buffer",
                             "jpegsave_buffer", "webpsave_buffer"}) {
        const GType type = vips_type_find("VipsForeign", used);
        if (type != 0) vips_operation_block_set(g_type_name(type), FALSE);  // else using it says what is missing
    }
}

void start_vips() {
    const auto every_level = static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK | G_LOG_FLAG_RECURSION);
    g_log_set_handler("VIPS", every_level, drop_log_message, nullptr);
    if (vips_init("easel") != 0) fail("libvips, which reads and writes pictures, cannot be started");
    vips_concurrency_set(1);  // with more threads libvips 8.14 loses some errors of sequential readers
    vips_cache_set_max(0);
    block_unused_formats();
}

std::mutex& session_mutex() {
    static std::mutex mutex;
    return mutex;
}

}  // namespace

VipsSession::VipsSession() : lock_(session_mutex()) {
    [[maybe_unused]] static const bool started = (start_vips(), true);
    vips_error_clear();
}

std::string VipsSession::complaints() const { return vips_error_buffer(); }

std::string VipsSession::last_complaint() const {
    std::string lines = complaints();
    lines.resize(lines.find_last_not_of('\n') + 1);
    return lines.substr(lines.rfind('\n') + 1);  // from the beginning where there is but one
}

}  // namespace easel
