// Attention over pages of keys and values, and the writing of pages. See attention_kernel.h for the
// algorithm.

#ifndef NUTHATCH_ATTENTION_H
#define NUTHATCH_ATTENTION_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum {
    /// Slots of a panel of keys, dimensions of a panel of values: one vector of 16 floats.
    NUTHATCH_ATTENTION_PANEL_WIDTH = 16,
    /// Query rows whose sums are held in registers together, at most.
    NUTHATCH_TILE_ROWS = 6,
    /// Query rows whose sums with codes as they lie in a page are held in registers together, at most.
    NUTHATCH_PRODUCT_ROWS = 3,
    /// Query rows that go through a page together, tile by tile, at most.
    NUTHATCH_BAND_ROWS = 96,
    /// Floats of a row state in front of its accumulator.
    NUTHATCH_STATE_HEADER = 32,
};

/// How a page holds its numbers.
enum nuthatch_storage {
    NUTHATCH_STORAGE_F32 = 0,
    NUTHATCH_STORAGE_F16 = 1,
    NUTHATCH_STORAGE_BF16 = 2,
    /// Codes with a scale and an offset per group; see nuthatch_coding.
    NUTHATCH_STORAGE_CODES = 3,
};

/// How the scale and the offset of a group are found.
enum nuthatch_quantization {
    /// The least number gets the first code, the largest the last one.
    NUTHATCH_QUANTIZATION_AFFINE = 0,
    /// The affine scale with an offset refined by half-quadratic optimisation; see seal_plane.h.
    NUTHATCH_QUANTIZATION_HQQ = 1,
};

/// How one head's keys, or values, of a sealed page are coded: number = scale * code + offset.
///
///     keys     words [panel of 16 slots][ceil(key_dimension * bits / 32)][16 slots]      uint32
///     values   words [panel of 16 dimensions][page_length * bits / 32][16 dimensions]    uint32
///     scales, then offsets, each from a multiple of 64 bytes on
///              by dimension  [slot group][dimension rounded up to 16]
///              by slot       [dimension group][page_length / span]
///
/// A word holds 32 / bits consecutive dimensions of one slot (keys) or slots of one dimension (values), the
/// first in its lowest bits. A group is
///     by dimension    group_length consecutive slots of one dimension; group_length divides page_length
///     by slot         group_length consecutive dimensions of one slot, the last group perhaps fewer; or,
///                     where group_length >= dimension, all dimensions of `span` consecutive slots
/// and group_length is a multiple of 16.
struct nuthatch_coding {
    /// Bits of a code: 2, 4 or 8.
    int bits;
    int is_by_slot;
    size_t group_length;
    /// Slots of a group by slot, a power of two; 1 unless group_length > dimension.
    size_t span;
    /// How scales and offsets are stored.
    enum nuthatch_storage parameter_storage;
    enum nuthatch_quantization method;
    /// Bytes from the plane's key_offset or value_offset.
    size_t scale_offset;
    size_t offset_offset;
};

/// Where the keys and values of one head lie within a page.
///
///     keys     at key_offset      [panel of 16 slots][key_dimension][16 slots]
///     values   at value_offset    [panel of 16 dimensions][page_length][16 dimensions]
///
/// The values' last panel is filled up with zeros where value_dimension is no multiple of 16. A page that
/// holds values in its keys has no values of its own: a value is its key's first value_dimension numbers.
struct nuthatch_head_plane {
    size_t page_length;
    size_t key_dimension;
    size_t value_dimension;
    /// Unless 0, values are in the keys (value_dimension <= key_dimension), and nothing below that says
    /// `value` is read.
    int holds_values_in_keys;
    /// Bytes from the page's first.
    size_t key_offset;
    size_t value_offset;
    enum nuthatch_storage key_storage;
    enum nuthatch_storage value_storage;
    /// Read where the storage is NUTHATCH_STORAGE_CODES.
    struct nuthatch_coding key_coding;
    struct nuthatch_coding value_coding;
};

/// Consecutive pages of one head.
struct nuthatch_attention_pages {
    const void *_Nonnull const *_Nonnull pages;
    size_t page_count;
    /// Pages in the list, at least `page_count`: those behind will be read next and are fetched meanwhile.
    size_t listed_count;
    /// The position that slot 0 of the first page holds.
    int64_t first_position;
    struct nuthatch_head_plane plane;
};

/// What a score gains by how far a slot's position lies behind a token's (negative) or beyond it.
///
/// Of each head, `stride` floats apart, numbers for the distances from -reach - 16 to reach + 16: those
/// beyond `reach` are the one at it, so that any 16 consecutive distances can be read at once.
struct nuthatch_distance_bias {
    /// Null where distances are worth nothing.
    const float *_Nullable values;
    size_t stride;
    int64_t reach;
};

/// Numbers of one head.
static inline size_t nuthatch_distance_bias_count(int64_t reach) {
    return 2 * (size_t)reach + 2 * NUTHATCH_ATTENTION_PANEL_WIDTH + 1;
}

/// The queries of consecutive tokens for all query heads that share one kv head; row = token * head_count +
/// head.
///
/// Row states, `state_stride` floats apart:
///
///     |<------ 16 ------>|<----- 16 ----->|<- value dimension, rounded up to 16 ->|
///     | sums, by lane    | maximum, unused | accumulator                           |
///
/// The maximum is that of scores times the binary logarithm of e.
struct nuthatch_attention_rows {
    /// [token][head][key_dimension], `query_stride` floats from token to token.
    const float *queries;
    size_t query_stride;
    size_t token_count;
    size_t head_count;
    /// The first token's position.
    int64_t first_position;
    /// How many positions a token sees, its own included, counted back from its own; at most 2^31.
    int64_t window;
    /// Unless 0, a token sees nothing before the last multiple of this at or before its own position.
    int64_t segment;
    /// A token sees only positions from `start` to below `end`, at most 2^31, ...
    int64_t start;
    int64_t end;
    /// ... and none of the last `lag` up to its own position; negative: so many beyond it too.
    int64_t lag;
    /// Multiplies every score.
    float scale;
    /// Then score = softcap * tanh(score / softcap), unless 0.
    float softcap;
    /// Then it is added, the rows' first head first.
    struct nuthatch_distance_bias bias;
    float *states;
    size_t state_stride;
};

/// One head's compressive memory: see compressive_memory.h.
///
///     matrices     [key_dimension][value_dimension, rounded up to 16]
///     normalizers  [key_dimension, rounded up to 16]
struct nuthatch_memory {
    size_t key_dimension;
    size_t value_dimension;
    /// Memory and normaliser of all earlier segments.
    const float *past;
    const float *past_normalizer;
    /// Memory and normaliser with the segment under way.
    float *growing;
    float *growing_normalizer;
};

/// A dimension rounded up to whole vectors: floats from row to row of a memory's matrix, and those of a
/// normalizer.
static inline size_t nuthatch_padded_dimension(size_t dimension) {
    return (dimension + NUTHATCH_ATTENTION_PANEL_WIDTH - 1) / NUTHATCH_ATTENTION_PANEL_WIDTH *
           NUTHATCH_ATTENTION_PANEL_WIDTH;
}

/// One instruction set's attention kernels. All tables give equal bits.
struct nuthatch_attention_table {
    const char *name;

    /// Makes states that have seen nothing.
    void (*begin)(float *states, size_t state_stride, size_t row_count, size_t value_dimension);

    /// Lets every row see its visible slots of the pages. What a row's state becomes depends on its own
    /// query, the visible slots and the pages' boundaries only. `scratch` holds
    /// nuthatch_attention_scratch_count floats.
    void (*extend)(const struct nuthatch_attention_rows *rows, const struct nuthatch_attention_pages *pages,
                   float *scratch);

    /// Merges states of earlier positions (`into`) with those of later ones (`from`).
    void (*fold)(float *into, const float *from, size_t state_stride, size_t row_count,
                 size_t value_dimension);

    /// output[token][head][value_dimension] = accumulator / sum; `output_stride` floats from token to token.
    void (*finish)(const float *states, size_t state_stride, size_t token_count, size_t head_count,
                   size_t value_dimension, float *output, size_t output_stride);

    /// Mixes what a memory gives for queries, [token][head][key_dimension], into their outputs,
    /// [token][head][value_dimension], by one gate per head. `scratch` holds
    /// nuthatch_padded_dimension(key_dimension) floats.
    void (*recall)(const struct nuthatch_memory *memory, const float *queries, size_t query_stride,
                   size_t token_count, size_t head_count, const float *gates, float *output,
                   size_t output_stride, float *scratch);

    /// Adds keys and values to the segment under way; by the delta rule unless `is_delta` is 0.
    void (*remember)(const struct nuthatch_memory *memory, const float *keys, size_t key_stride,
                     const float *values, size_t value_stride, size_t token_count, int is_delta,
                     float *scratch);

    /// Stores [token][key_dimension], `stride` floats from token to token, into consecutive slots. Returns
    /// how many of them are finite and beyond the largest number of their storage, which stands in their
    /// place. Values are written to pages that have a place for them.
    size_t (*write_keys)(const float *keys, size_t stride, size_t token_count, void *page,
                         size_t first_slot, const struct nuthatch_head_plane *plane);
    size_t (*write_values)(const float *values, size_t stride, size_t token_count, void *page,
                           size_t first_slot, const struct nuthatch_head_plane *plane);

    /// Reads `count` stored numbers, a multiple of 16, as floats.
    void (*widen)(const void *stored, enum nuthatch_storage storage, size_t count, float *floats);

    /// Codes, or copies, the keys and values of one head of a full open page into a sealed one. `scratch`
    /// holds nuthatch_seal_scratch_count(sealed) floats. The first `exact_count` slots, fewer than all, take
    /// no part in any range: what is coded in their place means nothing.
    void (*seal)(const void *open_page, const struct nuthatch_head_plane *open, void *sealed_page,
                 const struct nuthatch_head_plane *sealed, size_t exact_count, float *scratch);

    /// All keys, [panel of 16 slots][key_dimension][16], and values,
    /// [panel of 16 dimensions][page_length][16], of one head as floats.
    void (*read_plane)(const void *page, const struct nuthatch_head_plane *plane, float *keys,
                       float *values);
};

/// Floats of scratch that products with one head's codes need; see coded_products.h and band_products.h.
static inline size_t nuthatch_product_scratch_count(const struct nuthatch_head_plane *plane) {
    size_t keys = nuthatch_padded_dimension(plane->key_dimension);
    size_t slots = nuthatch_padded_dimension(plane->page_length);
    size_t most = keys > slots ? keys : slots;
    // Of each row: its integers, a unit, a bias, and its sums of values.
    return NUTHATCH_BAND_ROWS * (most + 2 + nuthatch_padded_dimension(plane->value_dimension));
}

/// Floats of the scales and offsets of one head's coded keys, number by number, and a vector beside, for each
/// 16 slots at most.
static inline size_t nuthatch_key_parameter_count(const struct nuthatch_head_plane *plane) {
    size_t panel = NUTHATCH_ATTENTION_PANEL_WIDTH;
    return plane->page_length / panel * (2 * nuthatch_padded_dimension(plane->key_dimension) + panel);
}

/// Floats of the scales and offsets of one head's coded keys and values.
static inline size_t nuthatch_parameter_count(const struct nuthatch_head_plane *plane) {
    size_t panel = NUTHATCH_ATTENTION_PANEL_WIDTH;
    return nuthatch_key_parameter_count(plane) +
           nuthatch_padded_dimension(plane->value_dimension) / panel * (2 * plane->page_length + panel);
}

/// Floats of scratch that `extend` needs: scores of a band, one head's keys and values of a page widened,
/// their parameters, and products.
static inline size_t nuthatch_attention_scratch_count(const struct nuthatch_head_plane *plane) {
    return plane->page_length * (NUTHATCH_BAND_ROWS + nuthatch_padded_dimension(plane->key_dimension) +
                                 nuthatch_padded_dimension(plane->value_dimension)) +
           nuthatch_parameter_count(plane) + nuthatch_product_scratch_count(plane);
}

/// Floats of scratch that `seal` needs: one head's keys or values as they lie in panels, once more cut into
/// groups, and two numbers per group.
static inline size_t nuthatch_seal_scratch_count(const struct nuthatch_head_plane *plane) {
    size_t panel = NUTHATCH_ATTENTION_PANEL_WIDTH;
    size_t dimension =
        plane->key_dimension > plane->value_dimension ? plane->key_dimension : plane->value_dimension;
    size_t key_span = plane->key_storage == NUTHATCH_STORAGE_CODES ? plane->key_coding.span : 1;
    size_t value_span = plane->value_storage == NUTHATCH_STORAGE_CODES ? plane->value_coding.span : 1;
    size_t span = key_span > value_span ? key_span : value_span;
    // Groups are taken 16 at a time, full or not, and have at least 16 numbers, but for one per slot.
    return 3 * (plane->page_length + panel * span) * (dimension + panel);
}

/// The attention kernels that go with the matmul table of this name; null if it has none. Whether the CPU can
/// run them is known to who asks (nuthatch_kernel_table).
const struct nuthatch_attention_table *_Nullable nuthatch_attention_table(const char *name);

#pragma clang assume_nonnull end

#endif
