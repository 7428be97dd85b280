// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "StreamedAnswer",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "nuthatch", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "StreamedAnswer",
            dependencies: [.product(name: "Nuthatch", package: "nuthatch")],
            swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("MemberImportVisibility")])
    ]
)
