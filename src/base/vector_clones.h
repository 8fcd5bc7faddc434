#pragma once

/// Compiles a function twice, for processors of 2003 and for those with AVX2, of which the program takes one as it
/// starts. AVX2 alone, without fused multiply-add, so that both give the same bits. Clang and the sanitizers, which
/// stumble over functions that are chosen at the start, compile the former alone.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define EASEL_VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define EASEL_VECTOR_CLONES
#endif
