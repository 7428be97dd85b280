import Benchmark
import NuthatchTensors

/// Registers a benchmark with one metric per table: the share that its kernel reaches.
///
/// The library runs every benchmark in a process of its own. It gets one sample, the best of many of ours
/// (see `Stopwatch`): of many, where more is better, it would write the 90th percentile as a threshold and
/// hold the 10th against it.
func register(
    _ name: String, on tables: [KernelTable], _ make: @escaping () throws -> any MeasuredKernel
) {
    let metrics = tables.map(\.shareMetric)
    let configuration = Benchmark.Configuration(
        metrics: metrics,
        units: Dictionary(uniqueKeysWithValues: metrics.map { ($0, .count) }),
        warmupIterations: 0, maxDuration: .seconds(60), maxIterations: 1,
        thresholds: Dictionary(uniqueKeysWithValues: metrics.map { ($0, .loss) }))
    Benchmark(name, configuration: configuration) { benchmark in
        let kernel = try make()
        for table in tables where benchmark.configuration.metrics.contains(table.shareMetric) {
            guard var machine = Machine(for: kernel, on: table) else {
                return benchmark.error("CPeaks has no loops for \(table.name): write them as for the others.")
            }
            kernel.prepare(for: table)
            var stopwatch = Stopwatch()
            // In turns, so that a time when others use the machine less, or more, is one for both.
            for _ in 0..<6 {
                machine.measure(for: 0.015)
                stopwatch.measure(for: 0.015) { kernel.run(on: table) }
            }
            let share = machine.leastSeconds / stopwatch.leastSeconds
            benchmark.measurement(table.shareMetric, Int((1_000 * share).rounded()))
        }
    }
}

extension KernelTable {
    /// Thousandths of what the machine allows.
    fileprivate var shareMetric: BenchmarkMetric {
        .custom("\(name) ‰", polarity: .prefersLarger, useScalingFactor: false)
    }
}

extension BenchmarkThresholds {
    /// Two thirds lost, in per cent of the threshold. Shares on a machine that others use too were seen to
    /// differ by a half between runs.
    fileprivate static var loss: BenchmarkThresholds { BenchmarkThresholds(relative: [.p90: 66.7]) }
}
