// Included ahead of llama.cpp's sources (environments.py says how) where gcc older than 13 builds them.
//
// That compiler's _tile_loadconfig tells the optimiser that it reads 8 of the 64 bytes of a tile configuration;
// the stores to the others are dropped as dead, and the first tile instruction ends the process with SIGILL.
// This one names all 64.
#if defined(__AMX_TILE__) && defined(__GNUC__) && !defined(__clang__)
#include <immintrin.h>
#undef _tile_loadconfig
#define _tile_loadconfig(configuration) \
    __asm__ volatile("ldtilecfg\t%0" : : "m"(*(const char(*)[64])(configuration)))
#endif
