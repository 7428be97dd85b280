import NuthatchTensors

/// A file's name on the command line.
enum FileArgument {
    /// The name, where there is one: what a shell makes of a variable that is not set is none.
    ///
    /// - Parameter argument: where it was given: "--image", "The argument FILE".
    /// - Throws: `NuthatchError` (usage).
    static func named(_ name: String, by argument: String) throws(NuthatchError) -> String {
        guard name.isEmpty else { return name }
        throw .usage("\(argument) is empty where a file's name belongs.", "Name a file.")
    }
}
