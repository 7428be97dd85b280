// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Desk",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(path: "../nuthatch")
    ],
    targets: [
        .executableTarget(
            name: "Desk",
            dependencies: [.product(name: "Nuthatch", package: "nuthatch")])
    ]
)
