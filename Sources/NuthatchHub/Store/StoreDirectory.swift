internal import NuthatchTensors

/// Where models are kept: one rule for the program and for the library.
package enum StoreDirectory {
    /// The store's path, decided from an environment alone (and, where that names no home, from the list of users):
    ///
    ///  1. `NUTHATCH_HOME`, as it is; a relative path is below the working directory;
    ///  2. `nuthatch` in `XDG_CACHE_HOME`, where that is absolute: the XDG Base Directory Specification has others
    ///     ignored;
    ///  3. `.cache/nuthatch` in `HOME`, where that is absolute;
    ///  4. `.cache/nuthatch` in the home that the list of users says.
    ///
    /// An empty variable counts as missing.
    package static func path(in environment: [String: String]) -> String {
        if let own = environment["NUTHATCH_HOME"], !own.isEmpty { return own }
        if let caches = UserHome.absolute(environment["XDG_CACHE_HOME"]) { return join(caches, "nuthatch") }
        return join(UserHome.path(in: environment), ".cache/nuthatch")
    }

    private static func join(_ directory: String, _ name: String) -> String {
        directory == "/" ? "/" + name : "\(directory)/\(name)"
    }
}
