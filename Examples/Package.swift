// swift-tools-version: 6.2
import PackageDescription

// A package of its own: it sees what applications see.
func example(_ name: String) -> Target {
    .executableTarget(
        name: name, dependencies: [.product(name: "Nuthatch", package: "nuthatch")],
        swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("MemberImportVisibility")])
}

let package = Package(
    name: "Examples",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "nuthatch", path: "..")],
    targets: [example("StreamedAnswer"), example("Chat")])
