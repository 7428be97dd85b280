/// What this process may use of the machine: a decision, made from the system's texts alone.
///
/// Memory. The kernel's own estimate for the whole machine (`MemAvailable` of /proc/meminfo: what can be had without
/// swapping) and, for each control group around the process, its limit minus what it uses, the least of all. A group's
/// usage counts the page cache of its files, which the kernel drops before it refuses anything: a model just read
/// would count twice. So file pages of both lists of the kernel (`inactive_file`, `active_file`) and slabs it can
/// give back count as free, as they do in `MemAvailable`; shared memory and locked pages are on neither list. What the
/// kernel takes off there, half of the cache or a low-water mark if that is less, has no counterpart in a group, which
/// keeps no reserve.
///
/// Processors. Those that the affinity mask allows, and for each group the share of time it is given: quota / period.
/// That share is rounded to the nearest number, at least 1. One thread more than the quota stands still for a part of
/// each period, one less leaves a part unused; either loses at most half a processor.
package struct ProcessLimits: Equatable, Sendable {
    /// Bytes that can be taken without swapping; nil where nothing says.
    package let availableByteCount: Int?
    /// Processors that threads can be given, at least 1.
    package let processorCount: Int

    /// - Parameters:
    ///   - allowedProcessorCount: those of the affinity mask.
    ///   - text: the content of a file of /proc or /sys; nil where there is none.
    package init(allowedProcessorCount: Int, text: (String) -> String?) {
        let groups = ControlGroups(
            membership: text("/proc/self/cgroup") ?? "", mounts: text("/proc/self/mountinfo") ?? "")
        let machine = text("/proc/meminfo").flatMap { Self.kibibytes("MemAvailable", in: $0) }
        let remainders = groups.memory.compactMap { Self.remainder(of: $0, text: text) }
        availableByteCount = ([machine].compactMap(\.self) + remainders).min()
        let shares = groups.processors.compactMap { Self.share(of: $0, text: text) }
        let counts = shares.map { Int($0.rounded(.toNearestOrAwayFromZero)) }
        processorCount = max(1, (counts + [allowedProcessorCount]).min() ?? 1)
    }

    package init(availableByteCount: Int?, processorCount: Int) {
        self.availableByteCount = availableByteCount
        self.processorCount = processorCount
    }

    /// The most bytes a process has had resident: `VmHWM` of its /proc/self/status. What `getrusage` says is kept when
    /// a program takes the place of another, and so may be that of a parent.
    package static func peakResidentByteCount(status: String) -> Int? {
        kibibytes("VmHWM", in: status)
    }

    // MARK: Groups

    /// Bytes that a group may still take; nil where it has no limit.
    private static func remainder(of group: ControlGroups.Directory, text: (String) -> String?) -> Int? {
        func number(_ name: String) -> Int? {
            // `max` is no number, and so no limit.
            text("\(group.path)/\(name)").flatMap { Int($0.trimmed) }
        }
        let statistics = text("\(group.path)/memory.stat") ?? ""
        let limits: [Int?]
        let used: Int?
        let reclaimable: [String]
        switch group.version {
        case .second:
            // Beyond memory.high a process is slowed down until it has given back.
            limits = [number("memory.max"), number("memory.high")]
            used = number("memory.current")
            reclaimable = ["inactive_file", "active_file", "slab_reclaimable"]
        case .first:
            // The least of the group's and its parents' limits, which a container may not see otherwise.
            limits = [number("memory.limit_in_bytes"), value("hierarchical_memory_limit", in: statistics)]
            used = number("memory.usage_in_bytes")
            // With those of the groups within it, as its usage is.
            reclaimable = ["total_inactive_file", "total_active_file"]
        }
        // Without a limit version 1 says the largest number of whole pages.
        guard let limit = limits.compactMap(\.self).min(), limit < Int.max >> 1, let used else { return nil }
        let free = reclaimable.reduce(0) { $0 + max(0, value($1, in: statistics) ?? 0) }
        return max(0, limit - max(0, used - min(free, used)))
    }

    /// The processors' time that a group is given, in processors; nil where it has no limit.
    private static func share(of group: ControlGroups.Directory, text: (String) -> String?) -> Double? {
        let numbers: [Int?]
        switch group.version {
        case .second:
            // `max 100000`, `150000 100000`: quota and period, in microseconds.
            numbers = (text("\(group.path)/cpu.max") ?? "").trimmed.split(separator: " ").map { Int($0) }
        case .first:
            // A quota of -1 is none.
            numbers = ["cpu.cfs_quota_us", "cpu.cfs_period_us"].map { name in
                text("\(group.path)/\(name)").flatMap { Int($0.trimmed) }
            }
        }
        guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0, period > 0
        else {
            return nil
        }
        return min(Double(quota) / Double(period), 1_000_000)
    }

    // MARK: Texts

    /// A number of a text with lines such as `inactive_file 4096`.
    private static func value(_ name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == name { return Int(words[1]) }
        }
        return nil
    }

    /// Bytes of a text with lines such as `MemAvailable:   1024 kB`.
    private static func kibibytes(_ name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
            let digits = line.drop { !$0.isNumber }.prefix { $0.isNumber }
            return Int(digits).flatMap { count in
                let bytes = count.multipliedReportingOverflow(by: 1024)
                return bytes.overflow ? nil : bytes.partialValue
            }
        }
        return nil
    }
}
