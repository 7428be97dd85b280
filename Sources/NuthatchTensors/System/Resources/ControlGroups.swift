/// The control groups that a process is in, and the directories that say what they may use: its own group and those
/// around it, for a limit on any of them holds. A decision, made from the system's texts alone.
///
/// Sources: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/ of the Linux kernel; proc(5) for the two texts.
package struct ControlGroups: Equatable, Sendable {
    package enum Version: Sendable {
        case first, second
    }

    /// A directory with the files of one group.
    package struct Directory: Hashable, Sendable {
        package let version: Version
        package let path: String

        package init(_ version: Version, _ path: String) {
            self.version = version
            self.path = path
        }
    }

    package let memory: [Directory]
    package let processors: [Directory]

    /// - Parameters:
    ///   - membership: /proc/self/cgroup: `4:memory:/docker/abc` (version 1), `0::/user.slice` (version 2).
    ///   - mounts: /proc/self/mountinfo, by which a group's directory is found where only a part of the tree can be
    ///     seen, as in a container.
    package init(membership: String, mounts: String) {
        let groups = membership.split(separator: "\n").compactMap(Membership.init)
        let trees = mounts.split(separator: "\n").compactMap(Tree.init)
        func directories(of controller: String, usualPlaces: [String]) -> [Directory] {
            let first = Self.directories(
                .first, group: groups.first { $0.controls(controller) }?.path ?? "/",
                trees: trees.filter { $0.version == .first && $0.controls(controller) },
                usualPlaces: usualPlaces)
            let second = Self.directories(
                .second, group: groups.first { $0.isSecondVersion }?.path ?? "/",
                trees: trees.filter { $0.version == .second },
                usualPlaces: ["/sys/fs/cgroup"])
            return second + first
        }
        memory = directories(of: "memory", usualPlaces: ["/sys/fs/cgroup/memory"])
        processors = directories(
            of: "cpu", usualPlaces: ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"])
    }

    /// The group's directory and its parents' up to the root of what can be seen, each once.
    ///
    /// - Parameter usualPlaces: looked at whatever the mounts say: a container's own group is often bound there. What
    ///   is not there says nothing.
    private static func directories(
        _ version: Version, group: String, trees: [Tree], usualPlaces: [String]
    ) -> [Directory] {
        var paths: [String] = []
        for tree in trees + usualPlaces.map({ Tree(version: version, root: "/", place: $0, options: []) }) {
            var names = tree.namesBelow(group)
            while true {
                let path = names.reduce(tree.place) { "\($0)/\($1)" }
                if !paths.contains(path) { paths.append(path) }
                if names.popLast() == nil { break }
            }
        }
        return paths.map { Directory(version, $0) }
    }

    /// A line of /proc/self/cgroup.
    private struct Membership {
        let isSecondVersion: Bool
        private let controllers: [Substring]
        let path: String

        func controls(_ name: String) -> Bool { controllers.contains { $0 == name } }

        init?(_ line: Substring) {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return nil }
            isSecondVersion = fields[0] == "0" && fields[1].isEmpty
            controllers = fields[1].split(separator: ",")
            path = String(fields[2])
        }
    }

    /// A tree of groups and where it is mounted.
    private struct Tree {
        let version: Version
        /// The group that is mounted.
        let root: String
        let place: String
        private let options: [Substring]

        func controls(_ name: String) -> Bool { options.contains { $0 == name } }

        init(version: Version, root: String, place: String, options: [Substring]) {
            self.version = version
            self.root = root
            self.place = place
            self.options = options
        }

        /// A line of /proc/self/mountinfo: `36 35 0:33 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory`.
        init?(_ line: Substring) {
            let fields = line.split(separator: " ")
            guard let separator = fields.firstIndex(of: "-"), separator >= 5, fields.count >= separator + 4
            else { return nil }
            switch fields[separator + 1] {
            case "cgroup": version = .first
            case "cgroup2": version = .second
            default: return nil
            }
            root = String(fields[3])
            place = String(fields[4])
            options = fields[separator + 3].split(separator: ",")
        }

        /// The names from the mounted group down to `group`; none where that lies elsewhere, which is what a process
        /// sees that was moved out of its namespace (`/../..`).
        func namesBelow(_ group: String) -> [Substring] {
            let names = group.split(separator: "/")
            let rootNames = root.split(separator: "/")
            guard names.starts(with: rootNames), !names.contains("..") else { return [] }
            return Array(names.dropFirst(rootNames.count))
        }
    }
}
