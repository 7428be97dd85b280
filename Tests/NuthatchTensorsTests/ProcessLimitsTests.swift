import NuthatchTensors
import Testing

/// The texts are those of real systems: what a kernel writes, in containers and outside.
@Suite struct ProcessLimitsTests {
    private static let gibibyte = 1 << 30
    private static let machine =
        "MemTotal:       32614140 kB\nMemFree:         1048576 kB\nMemAvailable:   16777216 kB\n"

    private func limits(_ processors: Int, _ texts: [String: String]) -> ProcessLimits {
        ProcessLimits(allowedProcessorCount: processors) { texts[$0] }
    }

    /// What a kernel 6.1 says in a container of Docker with version 2, its own group bound to the usual place.
    private static func container(_ files: [String: String]) -> [String: String] {
        var texts = [
            "/proc/meminfo": machine,
            "/proc/self/cgroup": "0::/\n",
            "/proc/self/mountinfo":
                "1021 1013 0:26 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate\n",
        ]
        for (name, text) in files { texts["/sys/fs/cgroup/" + name] = text }
        return texts
    }

    @Test func `without a group's limit it is the kernel's own estimate and the affinity mask`() {
        let texts = Self.container([
            "memory.max": "max\n", "memory.high": "max\n", "memory.current": "4194304\n",
            "cpu.max": "max 100000\n",
        ])
        #expect(limits(texts) == ProcessLimits(availableByteCount: 16 << 30, processorCount: 8))
        #expect(limits(3, ["/proc/meminfo": Self.machine]).processorCount == 3)
        #expect(limits(8, [:]) == ProcessLimits(availableByteCount: nil, processorCount: 8))
    }

    private func limits(_ texts: [String: String]) -> ProcessLimits { limits(8, texts) }

    @Test func `page cache of a group counts as free`() {
        let statistics = """
            anon 157286400
            file 4080218931
            kernel 9437184
            shmem 104857600
            inactive_anon 157286400
            active_anon 104857600
            inactive_file 3145728000
            active_file 734003200
            unevictable 0
            slab_reclaimable 4194304
            slab_unreclaimable 2097152
            """
        let texts = Self.container([
            "memory.max": "\(4 * Self.gibibyte)\n", "memory.current": "4241223680\n",
            "memory.stat": statistics,
        ])
        let reclaimable = 3_145_728_000 + 734_003_200 + 4_194_304
        #expect(
            limits(texts).availableByteCount == 4 * Self.gibibyte - (4_241_223_680 - reclaimable))
    }

    @Test func `memory that can't be dropped does not count as free`() {
        let texts = Self.container([
            "memory.max": "1073741824\n", "memory.current": "1073741000\n",
            "memory.stat": "anon 1073000000\nfile 500000\nshmem 500000\ninactive_file 0\nactive_file 0\n",
        ])
        #expect(limits(texts).availableByteCount == 824)
    }

    @Test func `a group over its limit has nothing left`() {
        let texts = Self.container(["memory.max": "1000\n", "memory.current": "5000\n", "memory.stat": ""])
        #expect(limits(texts).availableByteCount == 0)
    }

    /// A slice of systemd with a limit (`systemd-run --slice -p MemoryMax`), the scope in it without one.
    @Test func `a limit around the process's own group holds too`() {
        let base = "/sys/fs/cgroup/user.slice"
        let texts = [
            "/proc/meminfo": Self.machine,
            "/proc/self/cgroup": "0::/user.slice/user-1000.slice/session-3.scope\n",
            "/proc/self/mountinfo": """
            24 30 0:22 / /proc rw,nosuid shared:12 - proc proc rw
            35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
            """,
            base + "/user-1000.slice/session-3.scope/memory.max": "max\n",
            base + "/user-1000.slice/session-3.scope/memory.current": "1048576\n",
            base + "/user-1000.slice/memory.max": "2147483648\n",
            base + "/user-1000.slice/memory.current": "147483648\n",
            base + "/user-1000.slice/memory.stat": "inactive_file 0\nactive_file 47483648\n",
            base + "/user-1000.slice/cpu.max": "max 100000\n",
            base + "/cpu.max": "250000 100000\n",
        ]
        #expect(limits(texts) == ProcessLimits(availableByteCount: 2_047_483_648, processorCount: 3))
    }

    @Test func `memory beyond which a group is slowed down is no more free than that beyond its limit`() {
        let texts = Self.container([
            "memory.max": "2000000\n", "memory.high": "1500000\n", "memory.current": "500000\n",
        ])
        #expect(limits(texts).availableByteCount == 1_000_000)
    }

    /// Docker with version 1 and no namespace of its own: the group's path is the host's, the mount shows the group.
    @Test func `version 1 is read, where a container sees its own group alone`() {
        let texts = [
            "/proc/meminfo": Self.machine,
            "/proc/self/cgroup": """
            12:memory:/docker/f00
            5:cpu,cpuacct:/docker/f00
            1:name=systemd:/docker/f00
            0::/system.slice/containerd.service
            """,
            "/proc/self/mountinfo": """
            729 722 0:29 /docker/f00 /sys/fs/cgroup/memory ro,nosuid master:11 - cgroup cgroup rw,memory
            733 722 0:33 /docker/f00 /sys/fs/cgroup/cpu,cpuacct ro,nosuid master:17 - cgroup cgroup rw,cpu,cpuacct
            """,
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "52428800\n",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes": "21000000\n",
            "/sys/fs/cgroup/memory/memory.stat": """
            cache 20000000
            inactive_file 1
            active_file 1
            hierarchical_memory_limit 50000000
            total_cache 20000000
            total_inactive_file 15000000
            total_active_file 5000000
            """,
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "150000\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        ]
        #expect(limits(texts) == ProcessLimits(availableByteCount: 49_000_000, processorCount: 2))
    }

    @Test func `version 1 without limits says the largest number and -1`() {
        let texts = [
            "/proc/meminfo": Self.machine,
            "/proc/self/cgroup": "4:memory:/a/b\n1:cpu:/\n",
            "/proc/self/mountinfo": "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
            "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "9223372036854771712\n",
            "/sys/fs/cgroup/memory/a/b/memory.usage_in_bytes": "1000\n",
            "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "9000000\n",
            "/sys/fs/cgroup/memory/a/memory.usage_in_bytes": "1000000\n",
            "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        ]
        #expect(limits(texts) == ProcessLimits(availableByteCount: 8_000_000, processorCount: 8))
    }

    @Test(arguments: [
        ("10000 100000", 1), ("100000 100000", 1), ("140000 100000", 1), ("150000 100000", 2),
        ("50000 10000", 5), ("6400000 100000", 8), ("max 100000", 8), ("0 0", 8), ("", 8), ("words here", 8),
        ("9223372036854775807 1", 8),
    ])
    func `a share of time is rounded to the nearest number of threads`(text: String, expected: Int) {
        #expect(limits(Self.container(["cpu.max": text + "\n"])).processorCount == expected)
    }

    /// What a process sees that was moved out of its namespace.
    @Test func `a group that lies elsewhere is left out`() {
        let groups = ControlGroups(
            membership: "0::/../../other\n",
            mounts: "35 24 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\nnonsense\n\n")
        #expect(groups.memory.first == .init(.second, "/sys/fs/cgroup"))
        #expect(!groups.memory.contains { $0.path.contains("..") })
    }

    @Test func `peak memory is the process's own line`() {
        let status = "Name:\tnuthatch\nVmPeak:\t  300000 kB\nVmHWM:\t   24576 kB\nVmRSS:\t   20000 kB\n"
        #expect(ProcessLimits.peakResidentByteCount(status: status) == 24576 * 1024)
        #expect(ProcessLimits.peakResidentByteCount(status: "VmHWM:\t99999999999999999999 kB\n") == nil)
        #expect(ProcessLimits.peakResidentByteCount(status: "Name:\tx\n") == nil)
    }

    @Test func `this process has memory and processors`() {
        let now = ProcessLimits.now
        #expect(now.processorCount >= 1)
        #expect(now.availableByteCount.map { $0 >= 0 } != false)
        #expect(ProcessLimits.peakResidentByteCount > 1 << 20)
    }
}
