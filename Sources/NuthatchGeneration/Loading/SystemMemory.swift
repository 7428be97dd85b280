import NuthatchTensors

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What the system says of memory, read when asked.
package enum SystemMemory {
    /// Bytes a process can take without swapping: the kernel's own estimate, or the control group's
    /// remainder if that is less. nil where the system does not say.
    package static var availableByteCount: Int? {
        #if os(Linux)
            let system = kibibytes(named: "MemAvailable", in: "/proc/meminfo")
            guard let limit = number(in: "/sys/fs/cgroup/memory.max"),
                let used = number(in: "/sys/fs/cgroup/memory.current")
            else { return system }
            return min(system ?? .max, max(0, limit - used))
        #else
            return Int(clamping: ProcessInfo.processInfo.physicalMemory)
        #endif
    }

    /// The most bytes this process has had resident.
    package static var peakResidentByteCount: Int {
        var usage = rusage()
        #if os(Linux)
            // The kernel counts in KiB.
            guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
            return Int(usage.ru_maxrss) * 1024
        #else
            guard getrusage(RUSAGE_SELF, &usage) == 0 else { return 0 }
            return Int(usage.ru_maxrss)
        #endif
    }

    #if os(Linux)
        private static func number(in path: String) -> Int? {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
            return Int(text.trimmed)
        }

        private static func kibibytes(named name: String, in path: String) -> Int? {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
            for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
                let digits = line.drop { !$0.isNumber }.prefix { $0.isNumber }
                return Int(digits).map { $0 * 1024 }
            }
            return nil
        }
    #endif
}
