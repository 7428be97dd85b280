// Compares every kernel table that this CPU runs with the scalar one, bit by bit, and prints a line per
// operation: how it went, its name, its count of cases, and the digest of what the scalar table gave. Lines
// are the same on every machine whose numbers are.
//
// Arguments: --codes for products of codes alone, in which tables of one family differ; then names of the
// tables to compare, none for all. Asking for one that the CPU can't run is a failure.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operations.h"
#include "samples.h"

enum { MAXIMUM_TABLES = 8 };

static size_t find_tables(int count, char **names, struct tables *found) {
    size_t table_count = 0;
    for (size_t index = 0; table_count < MAXIMUM_TABLES; index++) {
        const struct nuthatch_kernel_table *rows = nuthatch_kernel_table(index);
        if (rows == NULL) break;
        bool is_wanted = index == 0 || count == 0;
        for (int name = 0; name < count; name++) is_wanted |= strcmp(names[name], rows->name) == 0;
        if (!is_wanted) continue;
        const struct nuthatch_attention_table *attention = nuthatch_attention_table(rows->name);
        if (attention == NULL) {
            printf("failed  no attention table goes with \"%s\"\n", rows->name);
            exit(1);
        }
        found[table_count++] = (struct tables){rows, attention};
    }
    for (int name = 0; name < count; name++) {
        bool is_found = false;
        for (size_t table = 0; table < table_count; table++) {
            is_found |= strcmp(names[name], found[table].rows->name) == 0;
        }
        if (is_found) continue;
        printf("failed  this CPU doesn't run the table \"%s\"\n", names[name]);
        exit(1);
    }
    return table_count;
}

static bool is_same_part(enum part part, const struct tables *left, const struct tables *right) {
    const struct nuthatch_kernel_table *rows = left->rows, *others = right->rows;
    switch (part) {
        case PART_CODES:
            return rows->multiply_codes == others->multiply_codes;
        case PART_ROWS:
            return rows->quantize_rows == others->quantize_rows &&
                   rows->multiply_floats == others->multiply_floats && rows->rms_norm == others->rms_norm &&
                   rows->layer_norm == others->layer_norm && rows->rotate_halves == others->rotate_halves &&
                   rows->rotate_neighbours == others->rotate_neighbours &&
                   rows->activate == others->activate && rows->add == others->add &&
                   rows->scale == others->scale && rows->softcap == others->softcap;
        case PART_ATTENTION:
            return left->attention == right->attention;
        case PART_NONE:
            return true;
    }
    return false;
}

// Whether a table before this one has the same kernels.
static bool is_compared_already(enum part part, const struct tables *tables, size_t table) {
    for (size_t before = 0; before < table; before++) {
        if (is_same_part(part, &tables[before], &tables[table])) return true;
    }
    return false;
}

static bool run_operation(const struct operation *operation, const struct tables *tables, size_t count) {
    struct record record = {0};
    bool has_passed = true;
    char faults[MAXIMUM_TABLES][sizeof(record.fault)] = {0};
    size_t case_count = 0;
    for (size_t table = 0; table < count; table++) {
        if (is_compared_already(operation->part, tables, table)) continue;
        record.is_comparing = table > 0;
        record.cursor = 0;
        record.case_count = 0;
        record.fault[0] = 0;
        operation->run(&tables[table], &record, operation->choice);
        release_memory();
        if (table == 0) case_count = record.case_count;
        if (record.is_comparing && record.cursor < record.count) {
            add_fault(&record, "gave fewer numbers than the scalar table");
        }
        memcpy(faults[table], record.fault, sizeof(record.fault));
        has_passed &= record.fault[0] == 0;
    }
    printf("%s  %-28s %5zu cases  %016llx\n", has_passed ? "passed" : "failed", operation->name, case_count,
           (unsigned long long)digest_of(&record));
    for (size_t table = 0; table < count; table++) {
        if (faults[table][0] != 0) printf("        %s: %s\n", tables[table].rows->name, faults[table]);
    }
    fflush(stdout);
    free(record.numbers);
    return has_passed;
}

int main(int argument_count, char **arguments) {
    static const struct operation *const lists[] = {
        product_operations, row_operations,    attention_operations,
        sealing_operations, memory_operations, shared_operations,
    };
    struct tables tables[MAXIMUM_TABLES];
    bool wants_codes = argument_count > 1 && strcmp(arguments[1], "--codes") == 0;
    int first_name = wants_codes ? 2 : 1;
    size_t table_count = find_tables(argument_count - first_name, arguments + first_name, tables);
    printf("tables ");
    for (size_t table = 0; table < table_count; table++) printf(" %s", tables[table].rows->name);
    printf("\n");
    size_t passed = 0, failed = 0;
    for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++) {
        for (const struct operation *operation = lists[list]; operation->name != NULL; operation++) {
            if (wants_codes && operation->part != PART_CODES) continue;
            if (run_operation(operation, tables, table_count)) {
                passed++;
            } else {
                failed++;
            }
        }
    }
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed > 0;
}
