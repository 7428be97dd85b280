// Asking for the next pages while the current ones are multiplied.
//
// A core reads faster in four places of memory than in one, for its prefetchers follow each by itself
// (Documentation/performance.md). What one head has in a page is short: where it is long enough, the next
// page's is cut into four places, else those of the next two or four pages lie side by side. A loop over four
// panels asks for a line of each place a step, so that all is there when the loops come to it.

#ifndef NUTHATCH_FETCHING_H
#define NUTHATCH_FETCHING_H

#include "coded_planes.h"
#include "fetch_line.h"

enum {
    PLACES = 4,
    // Bytes that are worth a place of their own: a small page of memory, which no prefetcher leaves.
    PLACE_LENGTH = 4096,
};

// Where to ask during the loops over a page's keys, or over its values.
struct places {
    const char *starts[PLACES];
};

// Asks for what lies as far on in its place as the vector at hand in its plane: a tile of `panels` panels
// begins at the plane's start-th vector of `byte_count` bytes and takes one of each panel a step.
LANES_INLINE void fetch_step(const struct places *ahead, size_t start, size_t step, int panels, int panel,
                             size_t byte_count) {
    size_t index = step * (size_t)panels + (size_t)panel;
    fetch_line(ahead->starts[index % PLACES] + (start / PLACES + index / PLACES) * byte_count);
}

// Asks for what is left of a plane's share once its loops have been through `read` of its bytes.
LANES_INLINE void fetch_rest(const struct places *ahead, size_t read, size_t byte_count) {
    for (size_t byte = read / PLACES; byte < byte_count / PLACES; byte += 64) {
        for (int place = 0; place < PLACES; place++) fetch_line(ahead->starts[place] + byte);
    }
}

// What is left to ask for while loops that don't ask by themselves go through their panels: `step` bytes
// before each, of all places together.
struct share {
    struct places ahead;
    size_t asked;
    size_t step;
    size_t byte_count;
};

LANES_INLINE void fetch_share(struct share *share) {
    if (share->asked >= share->byte_count) return;
    fetch_rest(&share->ahead, share->asked, share->asked + share->step);
    share->asked += share->step;
}

// As much of what lies ahead as makes `byte_count` in `count` steps, whole lines of each place.
LANES_INLINE struct share share_of(const struct places *ahead, size_t byte_count, size_t count) {
    const size_t unit = PLACES * 64;
    size_t step = (byte_count + count * unit - 1) / (count * unit) * unit;
    return (struct share){.ahead = *ahead, .step = step, .byte_count = byte_count};
}

// How what one head has in the next pages is cut into places.
struct place_plan {
    // Pages that are fetched together, while as many are read: a power of two.
    size_t page_count;
    // Of each place, what is asked for during one page, and of that during its keys.
    size_t byte_count;
    size_t key_byte_count;
    // Where each begins.
    struct {
        size_t page;
        size_t byte;
    } places[PLACES];
};

LANES_INLINE size_t plane_byte_count(enum nuthatch_storage storage, const struct nuthatch_coding *coding,
                                     size_t count) {
    if (storage != NUTHATCH_STORAGE_CODES) return count / LANES * stored_bytes(storage);
    return 2 * coding->offset_offset - coding->scale_offset;
}

LANES_INLINE struct place_plan plan_places(const struct nuthatch_head_plane *plane) {
    size_t length = plane->page_length;
    size_t keys = plane_byte_count(plane->key_storage, &plane->key_coding, length * plane->key_dimension);
    size_t values = plane->holds_values_in_keys
                        ? 0
                        : plane_byte_count(plane->value_storage, &plane->value_coding,
                                           length * nuthatch_padded_dimension(plane->value_dimension));
    size_t both = keys + values;
    struct place_plan plan = {
        .page_count = PLACES, .byte_count = both / PLACES, .key_byte_count = keys / PLACES};
    // Fewer pages, unless places fell short of their length by more than a quarter.
    while (plan.page_count > 1 && plan.page_count * both > 3 * PLACES * PLACE_LENGTH / 2) {
        plan.page_count /= 2;
    }
    for (size_t place = 0; place < PLACES; place++) {
        size_t byte = place * plan.page_count * plan.byte_count;
        plan.places[place].page = byte / both;
        plan.places[place].byte = byte % both + plane->key_offset;
    }
    return plan;
}

// The places that go with the index-th page's keys; its values' lie plan.key_byte_count further on.
LANES_INLINE struct places places_ahead(const struct nuthatch_attention_pages *pages,
                                        const struct place_plan *plan, size_t index) {
    size_t member = index & (plan->page_count - 1);
    size_t next = index - member + plan->page_count;
    struct places places;
    for (int place = 0; place < PLACES; place++) {
        size_t number = next + plan->places[place].page;
        if (number >= pages->listed_count) number = pages->listed_count - 1;
        places.starts[place] =
            (const char *)pages->pages[number] + plan->places[place].byte + member * plan->byte_count;
    }
    return places;
}

LANES_INLINE struct places places_further(struct places places, size_t byte_count) {
    for (int place = 0; place < PLACES; place++) places.starts[place] += byte_count;
    return places;
}

#endif
