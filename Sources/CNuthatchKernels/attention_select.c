#include <string.h>

#include "attention_tables.h"

const struct nuthatch_attention_table *nuthatch_attention_table(const char *name) {
    const struct nuthatch_attention_table *const tables[] = {
        &nuthatch_attention_scalar,
#if defined(__x86_64__)
        &nuthatch_attention_avx2,
        &nuthatch_attention_avx512,
#elif defined(__aarch64__)
        &nuthatch_attention_neon,
#endif
    };
    for (size_t index = 0; index < sizeof(tables) / sizeof(tables[0]); index++) {
        const struct nuthatch_attention_table *table = tables[index];
        if (strncmp(table->name, name, strlen(table->name)) == 0) return table;
    }
    return NULL;
}
