// swift-tools-version: 6.2
import PackageDescription

// The rooms are this package's own targets, through the link `Rooms` to the sources next door. As products of
// the package next door the kernels would be a promise to everyone who depends on it, and `package` access,
// which ends at a package, would still keep NuthatchTensors and NuthatchCache closed. What it costs: the rooms
// are compiled once more, and the lines about them here have to agree with those in ../Package.swift.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Rooms/\(name)", swiftSettings: settings)
}

let package = Package(
    name: "nuthatch-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        // Without its traits it needs no allocator but the system's: nothing here counts allocations.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        .target(name: "CNuthatchKernels", path: "Rooms/CNuthatchKernels"),
        room("NuthatchTensors", ["CNuthatchKernels"]),
        room(
            "NuthatchCache",
            ["NuthatchTensors", "CNuthatchKernels", .product(name: "Crypto", package: "swift-crypto")]),
        .target(name: "CPeaks", path: "CPeaks", publicHeadersPath: "include"),
        // The plugins look for executables in a folder named Benchmarks, as this package's is.
        .executableTarget(
            name: "KernelBenchmarks",
            dependencies: [
                "CNuthatchKernels", "CPeaks", "NuthatchTensors", "NuthatchCache",
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "KernelBenchmarks",
            swiftSettings: settings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ],
    cLanguageStandard: .c11
)
