import NuthatchTensors

/// A file's name on the command line.
enum FileArgument {
    /// The name of a file to write, which can't be standard output: what is written there is put in place whole.
    ///
    /// - Throws: `NuthatchError` (usage).
    static func written(_ name: String, by argument: String) throws(NuthatchError) -> String {
        guard name != "-" else {
            throw .usage(
                "\(argument) is -, and a file is written, never standard output.",
                "Name a file; one that is called - is ./-.")
        }
        return try named(name, by: argument)
    }

    /// The name, where there is one: what a shell makes of a variable that is not set is none.
    ///
    /// - Parameter argument: where it was given: "--image", "The argument FILE".
    /// - Throws: `NuthatchError` (usage).
    static func named(_ name: String, by argument: String) throws(NuthatchError) -> String {
        guard name.isEmpty else { return name }
        throw .usage("\(argument) is empty where a file's name belongs.", "Name a file.")
    }
}
