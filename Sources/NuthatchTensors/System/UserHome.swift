#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The user's own directory, without a slash at its end.
package enum UserHome {
    /// HOME where the environment has an absolute one, as shells and the XDG rules read it; else what the system's list
    /// of users says.
    package static func path(in environment: [String: String]) -> String {
        absolute(environment["HOME"]) ?? ofAccount
    }

    /// The home that the list of users has for this process's; the root directory for one that is not in it.
    package static var ofAccount: String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        // A line of the list is far shorter; where a directory service has longer ones it says ERANGE.
        var text = [CChar](repeating: 0, count: 1 << 14)
        let code = getpwuid_r(geteuid(), &entry, &text, text.count, &found)
        guard code == 0, found != nil, let directory = entry.pw_dir else { return "/" }
        return absolute(String(cString: directory)) ?? "/"
    }

    /// `path` where it is absolute, without slashes at its end; nil for an empty or a relative one.
    package static func absolute(_ path: String?) -> String? {
        guard let path, path.hasPrefix("/") else { return nil }
        let end = path.lastIndex { $0 != "/" }
        return end.map { String(path[...$0]) } ?? "/"
    }
}
