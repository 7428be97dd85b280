internal import CNuthatchKernels

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

extension ProcessLimits {
    /// What this process may use now, read from the system.
    package static var now: ProcessLimits {
        #if os(Linux)
            ProcessLimits(allowedProcessorCount: allowedProcessorCount, text: text)
        #else
            // There are no control groups; the machine's memory is what the system pages in and out.
            ProcessLimits(
                availableByteCount: machineByteCount, processorCount: max(1, allowedProcessorCount))
        #endif
    }

    /// The most bytes this process has had resident; 0 where the system does not say.
    package static var peakResidentByteCount: Int {
        #if os(Linux)
            if let own = text("/proc/self/status").flatMap({ peakResidentByteCount(status: $0) }) {
                return own
            }
        #endif
        var usage = rusage()
        #if os(Linux)
            // The kernel counts in KiB.
            #if canImport(Glibc)
                guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
            #else
                guard getrusage(RUSAGE_SELF, &usage) == 0 else { return 0 }
            #endif
            return Int(usage.ru_maxrss) * 1024
        #else
            // In bytes there.
            guard getrusage(RUSAGE_SELF, &usage) == 0 else { return 0 }
            return Int(usage.ru_maxrss)
        #endif
    }

    /// Processors of the affinity mask of the calling thread; those online where there is no mask.
    private static var allowedProcessorCount: Int {
        let allowed = Int(nuthatch_allowed_processor_count())
        if allowed > 0 { return allowed }
        return Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    #if os(Linux)
        /// A group's list of statistics has some 2 kB, a machine's mounts some kilobytes.
        private static let textByteLimit = 1 << 20

        private static func text(_ path: String) -> String? {
            guard let bytes = try? SystemFile(path, for: .streaming).readRest(byteLimit: textByteLimit) else {
                return nil
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    #else
        private static var machineByteCount: Int? {
            var byteCount: UInt64 = 0
            var size = MemoryLayout<UInt64>.size
            guard sysctlbyname("hw.memsize", &byteCount, &size, nil, 0) == 0 else { return nil }
            return Int(clamping: byteCount)
        }
    #endif
}
