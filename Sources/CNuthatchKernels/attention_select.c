#include <string.h>

#include "attention_tables.h"

// Some matmul tables differ in instructions that attention has no use for.
static const struct {
    const char *matmul;
    const struct nuthatch_attention_table *attention;
} pairs[] = {
    {"scalar", &nuthatch_attention_scalar},
#if defined(__x86_64__)
    {"avx2", &nuthatch_attention_avx2},
    {"avxvnni", &nuthatch_attention_avxvnni},
    {"avx512", &nuthatch_attention_avx512},
    {"avx512amx", &nuthatch_attention_avx512},
#elif defined(__aarch64__)
    {"neon", &nuthatch_attention_neon},
    {"neondot", &nuthatch_attention_neon},
    {"neoni8mm", &nuthatch_attention_neon},
#endif
};

const struct nuthatch_attention_table *nuthatch_attention_table(const char *name) {
    for (size_t index = 0; index < sizeof(pairs) / sizeof(pairs[0]); index++) {
        if (strcmp(pairs[index].matmul, name) == 0) return pairs[index].attention;
    }
    return NULL;
}
