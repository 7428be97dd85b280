/// Where committed goldens lie: in a folder `Goldens` beside the tests that read them.
package enum Goldens {
    /// The path of a golden of the calling test's room.
    package static func path(_ name: String, testFile: String = #filePath) -> String {
        let folder = testFile.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return (folder + ["Goldens", name[...]]).joined(separator: "/")
    }
}
