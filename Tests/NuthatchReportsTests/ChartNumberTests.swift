import NuthatchReports
import Testing

@Suite struct ChartNumberTests {
    @Test(
        arguments: [
            (.plain, 0, "0"), (.plain, 12, "12"), (.plain, 0.25, "0.25"), (.plain, 12345.678, "12,346"),
            (.plain, -0.5, "-0.5"), (.plain, 1.23456e-7, "1.235e-7"), (.plain, 1e300, "1e300"),
            (.plain, 99.996, "100"),
            (.plain, 9.9996e-9, "1e-8"), (.plain, .leastNonzeroMagnitude, "4.941e-324"),
            (.plain, -1e-300, "-1e-300"),
            (.plain, .nan, "no number"), (.plain, .infinity, "∞"), (.plain, -.infinity, "-∞"),
            (.bytes, 98_362_432, "98.4 MB"), (.bytes, 999.6, "1 kB"), (.bytes, 0, "0"),
            (.bytes, -2e9, "-2 GB"),
            (.bytes, 512, "512 B"), (.bytes, 4e17, "400 PB"), (.bytes, .nan, "no number"),
            (.count, 16384, "16,384"), (.count, 12.5, "12.5"), (.count, 1_234_567, "1,234,567"),
            (.seconds, 0.0042, "4.2 ms"), (.seconds, 90, "90 s"), (.seconds, 3e-8, "30 ns"),
            (.seconds, 1e-12, "0.001 ns"),
            (.share, 0.971, "97.1 %"), (.share, .infinity, "∞"),
        ] as [(ChartNumber, Double, String)])
    func numbersAreWrittenInTheirForm(format: ChartNumber, value: Double, text: String) {
        #expect(format.text(value) == text)
    }

    @Test(
        arguments: [
            (.plain, [0, 0.5, 1, 1.5], ["0", "0.5", "1.0", "1.5"]),
            (.plain, [0, 20, 40], ["0", "20", "40"]),
            (.plain, [1e-6, 1e-5, 1e-4, 1e-3], ["1e-6", "1e-5", "1e-4", "1e-3"]),
            (.plain, [0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"]),
            (.plain, [98.4412, 98.44125, 98.4413], ["98.44120", "98.44125", "98.44130"]),
            (.plain, [-5e99, 0, 5e99], ["-5e99", "0", "5e99"]),
            (.count, [0, 500, 1000, 1500], ["0", "500", "1k", "1.5k"]),
            (.count, [1_000_000, 1_000_001], ["1M", "1.000001M"]),
            (.bytes, [0, 5e8, 1e9], ["0", "500 MB", "1 GB"]),
            (.seconds, [0, 0.02, 0.04], ["0", "20 ms", "40 ms"]),
            (.plain, [], []),
        ] as [(ChartNumber, [Double], [String])])
    func ticksAreInOneFormAndDiffer(format: ChartNumber, values: [Double], texts: [String]) {
        #expect(format.texts(ofTicks: values) == texts)
    }

    @Test func digitsBehindThePointAreFixed() {
        #expect(DecimalText.fixed(2, digits: 2) == "2.00")
        #expect(DecimalText.fixed(-0.004, digits: 2) == "0.00")
        #expect(DecimalText.fixed(1234.5, digits: 1) == "1,234.5")
        #expect(DecimalText.fixed(999_999_999_999_999, digits: 9) == "999,999,999,999,999")
    }
}
