import ArgumentParser
import Foundation
import NuthatchCLI
import NuthatchGeneration
import NuthatchTensors
import Testing

@Suite struct CacheOptionGroupTests {
    private static let settings = Settings(["NUTHATCH_HOME": "/models", "HOME": "/users/a"])

    private func options(_ line: String) throws -> CacheOptions {
        try CacheOptionGroup.parse(line.split(separator: " ").map(String.init)).options(Self.settings)
    }

    /// The sentence a person reads.
    private func refusal(_ line: String) throws -> String {
        let error = try #require(throws: (any Error).self) { try options(line) }
        if let error = error as? NuthatchError {
            #expect(error.code == .usage)
            return error.description
        }
        return CacheOptionGroup.message(for: error)
    }

    @Test func nothingSaidIsTheDefault() throws {
        #expect(try options("") == .default)
        #expect(try options("") == CacheOptions(keys: .q8, values: .q8))
        // What says nothing of keys and values leaves them at that.
        #expect(
            try options("--kv-capacity 9 --kv-retention window=7")
                == CacheOptions(
                    keys: .q8, values: .q8, retention: .window(length: 7), growth: .reserved(tokenCount: 9)))
    }

    @Test func oneSideLeavesTheOtherAtTheDefault() throws {
        #expect(try options("--kv-keys f32") == CacheOptions(keys: .f32, values: .q8))
        #expect(try options("--kv-values q4") == CacheOptions(keys: .q8, values: .q4))
        #expect(try options("--cache dynamic --kv-keys f32") == CacheOptions(keys: .f32, values: .f16))
        #expect(
            try options("--kv-window-keys q4")
                == CacheOptions(keys: .q8, values: .q8, windowKeys: .q4, windowValues: .q8))
    }

    @Test func everyPresetIsTheCombinationItNames() throws {
        func halves(
            _ retention: CacheOptions.Retention = .full, _ placement: CacheOptions.Placement = .memory,
            _ growth: CacheOptions.Growth = .dynamic
        ) throws -> CacheOptions {
            try CacheOptions(
                keys: .f16, values: .f16, retention: retention, placement: placement, growth: growth)
        }
        #expect(try options("--cache dynamic") == halves())
        #expect(try options("--cache dynamic --kv-keys q8 --kv-values q8") == .default)
        #expect(try options("--cache static") == halves(.full, .memory, .reservedContext))
        #expect(
            try options("--cache static --kv-capacity 9") == halves(.full, .memory, .reserved(tokenCount: 9)))
        #expect(try options("--cache sliding_window") == halves(.modelWindow))
        #expect(
            try options("--cache sliding_window --kv-retention window=7") == halves(.window(length: 7)))
        let disk = CacheOptions.Placement.disk(directory: "/models/kv")
        #expect(try options("--cache offloaded") == halves(.full, disk))
        #expect(try options("--cache offloaded_static") == halves(.full, disk, .reservedContext))
        #expect(try options("--cache quantized") == CacheOptions(keys: .q4, values: .q4))
        #expect(try options("--cache quantized --kv-keys q8") == CacheOptions(keys: .q8, values: .q4))
    }

    @Test(arguments: CacheOptions.Preset.allCases)
    func thePresetsOfTheLibraryAreThoseOfTheCommandLine(preset: CacheOptions.Preset) throws {
        #expect(
            try options("--cache \(preset.rawValue)") == CacheOptions(preset: preset, directory: "/models/kv")
        )
    }

    @Test func everyOptionArrives() throws {
        let given = try options(
            """
            --kv-keys q4 --kv-values q2 --kv-method hqq --kv-group 32 --kv-axis-keys token \
            --kv-axis-values channel --kv-residual 100 --kv-exact-first 3 --kv-rotate both \
            --kv-retention sinks=4+60 --kv-placement disk:/pages --kv-capacity 500
            """)
        let expected = try CacheOptions(
            keys: .q4, values: .q2, keyCoding: .init(method: .hqq, axis: .token, groupLength: 32),
            valueCoding: .init(method: .hqq, axis: .channel, groupLength: 32), residualLength: 100,
            exactFirstCount: 3, rotation: .both,
            retention: .sinks(count: 4, window: 60, positions: .inCache),
            placement: .disk(directory: "/pages"), growth: .reserved(tokenCount: 500))
        #expect(given == expected)
    }

    /// How codes are made can be said of the default, which has some.
    @Test func theDefaultsCodesCanBeMadeOtherwise() throws {
        let hqq = try options("--kv-method hqq")
        #expect(hqq.keys == .q8 && hqq.values == .q8)
        #expect(hqq.keyCoding?.method == .hqq && hqq.valueCoding?.method == .hqq)
        #expect(try options("--kv-residual 128 --kv-keys f32").residualLength == 128)
        #expect(try options("--kv-keys q4 --kv-axis-values channel").valueCoding?.axis == .channel)
        #expect(try options("--kv-group 32 --kv-exact-first 3").exactFirstCount == 3)
    }

    @Test func anOptionLeavesTheRestAtItsBest() throws {
        let given = try options("--kv-keys q2 --kv-values q4 --kv-group 32")
        #expect(
            try given.keyCoding
                == CacheOptions.Coding(
                    method: CacheOptions.Storage.q2.bestKeyCoding?.method ?? .affine, axis: .channel,
                    groupLength: 32))
        #expect(try given.valueCoding == CacheOptions.Coding(axis: .token, groupLength: 32))
        #expect(given.rotation == .values)
        #expect(given.exactFirstCount == 16)
    }

    @Test(
        arguments: [
            ("full", .full), ("window=512", .window(length: 512)),
            ("sinks=4+1020", .sinks(count: 4, window: 1020, positions: .inCache)),
            ("sinks=4+1020,positions=cache", .sinks(count: 4, window: 1020, positions: .inCache)),
            ("sinks=4+1020,positions=true", .sinks(count: 4, window: 1020, positions: .trueDistance)),
            ("compressive=64", .compressive(segmentLength: 64, rule: .delta)),
            ("compressive=64,rule=linear", .compressive(segmentLength: 64, rule: .linear)),
        ] as [(String, CacheOptions.Retention)])
    func retentionsAreReadAsTheyAreWritten(text: String, retention: CacheOptions.Retention) throws {
        #expect(try options("--kv-retention \(text)").retention == retention)
    }

    @Test(arguments: [
        "window", "window=", "window=0", "window=-1", "window=+5", "window=5,", "window=5,rule=delta",
        "window=1e3", "window=2147483649", "sinks=4", "sinks=4+", "sinks=+4", "sinks=0+4", "sinks=4+5+6",
        "sinks=4+5,true", "sinks=4+5,positions=false", "compressive=0", "compressive=8,rule=none", "FULL",
        "full=1", "full,", ",", "=", "window=\u{0663}",
    ])
    func aRetentionThatIsNoneIsNamedWithWhatThereIs(text: String) throws {
        #expect(
            try refusal("--kv-retention \(text)") == """
                The value '\(text)' is invalid for '--kv-retention <retention>': \
                choose full, window=N, sinks=S+N, sinks=S+N,positions=true, compressive=N or \
                compressive=N,rule=linear, with N and S from 1 to 2147483648
                """)
    }

    @Test func pagesOnTheDiskGoWhereTheyAreSent() throws {
        #expect(try options("--kv-placement memory").placement == .memory)
        #expect(try options("--kv-placement disk").placement == .disk(directory: "/models/kv"))
        #expect(try options("--kv-placement disk:/a/b").placement == .disk(directory: "/a/b"))
        #expect(
            try options("--cache offloaded --kv-placement disk:/a").placement == .disk(directory: "/a"))
        #expect(try options("--kv-placement disk:~/kv").placement == .disk(directory: "/users/a/kv"))
        for text in ["tape", "disk:", "memory:", "Disk"] {
            #expect(
                try refusal("--kv-placement \(text)") == """
                    The value '\(text)' is invalid for '--kv-placement <placement>': choose memory, disk, \
                    or disk:DIR with a directory for the pages
                    """)
        }
    }

    @Test(arguments: [
        (
            "--cache dynamic --kv-capacity 100",
            "--cache dynamic grows on demand, which --kv-capacity 100 contradicts. Leave one of them out, or "
                + "use --cache static."
        ),
        (
            "--cache offloaded --kv-capacity 100",
            "--cache offloaded grows on demand, which --kv-capacity 100 contradicts. Leave one of them out, "
                + "or use --cache offloaded_static."
        ),
        (
            "--cache dynamic --kv-placement disk",
            "--cache dynamic holds pages in memory, which --kv-placement disk contradicts. Leave one of them "
                + "out, or use --cache offloaded."
        ),
        (
            "--cache static --kv-placement disk:/a",
            "--cache static holds pages in memory, which --kv-placement disk:/a contradicts. Leave one of "
                + "them out, or use --cache offloaded_static."
        ),
        (
            "--cache offloaded_static --kv-placement memory",
            "--cache offloaded_static holds pages on the disk, which --kv-placement memory contradicts. "
                + "Leave one of them out, or use --cache static."
        ),
        (
            "--cache sliding_window --kv-retention full",
            "--cache sliding_window keeps a window, which --kv-retention full contradicts. Leave one of them "
                + "out, or choose window=N."
        ),
        (
            "--cache quantized --kv-keys f16",
            "--cache quantized holds keys as codes, which --kv-keys f16 contradicts. Leave one of them out, "
                + "or choose q8, q4 or q2."
        ),
        (
            "--cache quantized --kv-values f32",
            "--cache quantized holds values as codes, which --kv-values f32 contradicts. Leave one of them "
                + "out, or choose q8, q4 or q2."
        ),
    ])
    func whatContradictsAPresetIsRefusedWithBoth(line: String, sentence: String) throws {
        #expect(try refusal(line) == sentence)
    }

    @Test(arguments: [
        ("--kv-group 48", "--kv-group is 48. Choose 32, 64 or 128."),
        ("--kv-residual=-1", "--kv-residual is -1. Choose 0 to 2147483648."),
        ("--kv-exact-first 17", "--kv-exact-first is 17. Choose 0 to 16."),
        ("--kv-capacity 0", "--kv-capacity is 0. Choose 1 to 2147483648."),
        (
            "--kv-method hqq --cache dynamic",
            "--kv-method hqq is for a quantised cache, but keys and values are held as f16 and f16. Choose "
                + "q8, q4 or q2 with --kv-keys or --kv-values, or leave it out."
        ),
        (
            "--kv-residual 128 --kv-keys f32 --kv-values f16",
            "--kv-residual 128 is for a quantised cache, but keys and values are held as f32 and f16. Choose "
                + "q8, q4 or q2 with --kv-keys or --kv-values, or leave it out."
        ),
        (
            "--kv-group 32 --kv-keys f16 --kv-values f16",
            "--kv-group 32 is for a quantised cache, but keys and values are held as f16 and f16. Choose q8, "
                + "q4 or q2 with --kv-keys or --kv-values, or leave it out."
        ),
        (
            "--kv-keys q4 --kv-values f16 --kv-axis-values token",
            "--kv-axis-values token says how codes are made, but values are held as f16. Choose --kv-values "
                + "q8, q4 or q2, or leave it out."
        ),
        (
            "--kv-keys q1",
            "The value 'q1' is invalid for '--kv-keys <storage>'. Please provide one of the following:"
                + "\n  - f32\n  - f16\n  - bf16\n  - q8\n  - q4\n  - q2"
        ),
        (
            "--kv-rotate all",
            "The value 'all' is invalid for '--kv-rotate <sides>'. Please provide one of 'none', 'keys', "
                + "'values' or 'both'."
        ),
        (
            "--cache paged",
            "The value 'paged' is invalid for '--cache <preset>'. Please provide one of the following:"
                + "\n  - dynamic\n  - static\n  - sliding_window\n  - offloaded\n  - offloaded_static\n"
                + "  - quantized"
        ),
        ("--kv-residual many", "The value 'many' is invalid for '--kv-residual <tokens>'"),
    ])
    func whatCannotBeIsRefusedWithWhatCan(line: String, sentence: String) throws {
        #expect(try refusal(line) == sentence)
    }
}
