import NuthatchReports
import Testing

@Suite struct ChartScaleTests {
    private static let linear = ChartAxis(title: "")
    private static let logarithmic = ChartAxis(title: "", scale: .logarithmic)

    @Test(
        arguments: [
            (0.0...100.0, 6, [0.0, 20, 40, 60, 80, 100]), (0...1, 4, [0, 0.5, 1]),
            (0...0.3, 4, [0, 0.1, 0.2, 0.3]),
            (-7...12, 5, [-5, 0, 5, 10]), (13...14, 3, [13, 13.5, 14]),
            (0...2.7e9, 6, [0, 5e8, 1e9, 1.5e9, 2e9, 2.5e9]),
            (-9e99...9e99, 4, [-5e99, 0, 5e99]), (5...5, 4, [5]), (0...1, 0, [0]),
        ] as [(ClosedRange<Double>, Int, [Double])])
    func ticksAreRoundNumbers(range: ClosedRange<Double>, count: Int, ticks: [Double]) {
        #expect(ChartTicks.linear(range, atMost: count) == ticks)
    }

    @Test(
        arguments: [
            (1.0...100.0, 8, [1.0, 2, 5, 10, 20, 50, 100]), (1...1000, 7, [1, 3, 10, 30, 100, 300, 1000]),
            (1...1000, 5, [1, 10, 100, 1000]), (1e-7...1e9, 6, [1e-6, 1e-3, 1, 1e3, 1e6, 1e9]),
            (3...4, 3, [3, 3.5, 4]),
            (512...16384, 4, [1000, 2000, 5000, 10000]), (512...16384, 3, [1000, 3000, 10000]),
            (1e-99...1e99, 4, [1e-50, 1, 1e50]),
        ] as [(ClosedRange<Double>, Int, [Double])])
    func logarithmicTicksAreRoundNumbers(range: ClosedRange<Double>, count: Int, ticks: [Double]) {
        #expect(ChartTicks.logarithmic(range, atMost: count) == ticks)
    }

    @Test func ticksAreFewAndWithinAnyRange() {
        for exponents in [(-99, 99), (-3, -2), (0, 0), (98, 99), (-9, 12)] {
            for factor in [1.0, 1.5, 3.7, 9.99] {
                let range = DecimalScale.power(exponents.0)...(factor * DecimalScale.power(exponents.1))
                for count in 1...9 {
                    for ticks in [
                        ChartTicks.linear(range, atMost: count), ChartTicks.logarithmic(range, atMost: count),
                    ] {
                        #expect(ticks.count <= count && ticks == ticks.sorted())
                        let slack = range.upperBound * 1e-8
                        #expect(
                            ticks.allSatisfy {
                                $0 >= range.lowerBound - slack && $0 <= range.upperBound + slack
                            })
                    }
                }
            }
        }
    }

    @Test func wholeNumbersHaveWholeTicks() {
        #expect(ChartScale(Self.linear, values: [1, 2, 3]).ticks(atMost: 8) == [1, 2, 3])
        #expect(ChartScale(Self.linear, values: [1, 2.5]).ticks(atMost: 4) == [1, 1.5, 2, 2.5])
    }

    @Test func endsAreRoundWhereTicksAre() {
        #expect(ChartScale(Self.linear, values: [58, 81], roundedTo: 6).range == 55...85)
        #expect(ChartScale(Self.linear, values: [58, 81], includesZero: true, roundedTo: 6).range == 0...100)
        #expect(
            ChartScale(Self.logarithmic, values: [0.03, 70], includesZero: true, roundedTo: 6).range
                == 0.02...100)
    }

    @Test(
        arguments: [([], 0...1), ([0], 0...1), ([5, 5], 4.5...5.5), ([-2], -2.2...(-1.8))]
            as [([Double], ClosedRange<Double>)])
    func valuesThatAreAlikeHaveRoom(values: [Double], range: ClosedRange<Double>) {
        #expect(ChartScale(Self.linear, values: values).range == range)
    }

    @Test func equalRatiosTakeEqualLengths() {
        let scale = ChartScale(Self.logarithmic, values: [1, 10000])
        for (value, position) in [(1.0, 0.0), (10, 0.25), (100, 0.5), (10000, 1), (0, 0), (-1, 0)] {
            #expect(abs(scale.position(value) - position) < 1e-12)
        }
        #expect(ChartScale(Self.linear, values: [2, 4]).position(3.5) == 0.75)
    }

    @Test func logarithmsAreThoseOfTens() {
        for exponent in -307...308 {
            let power = DecimalScale.power(exponent)
            #expect(abs(DecimalScale.logarithm(power) - Double(exponent)) < 1e-12)
            #expect(DecimalScale.decade(power) == exponent)
            #expect(DecimalScale.decade(power.nextUp) == exponent)
        }
        #expect(abs(DecimalScale.logarithm(2) - 0.30102999566398120) < 1e-15)
        #expect(abs(DecimalScale.logarithm(7.3) - 0.86332286012045590) < 1e-15)
        #expect(DecimalScale.decade(9.999999999999998) == 0)
        #expect(DecimalScale.decade(.leastNonzeroMagnitude) == -324)
    }

    @Test func namesMoveApartAndStayInside() {
        #expect(LabelPlacer.apart([10, 50], gap: 10, in: 0...100) == [10, 50])
        #expect(LabelPlacer.apart([50, 52, 51], gap: 10, in: 0...100) == [50, 70, 60])
        #expect(LabelPlacer.apart([99, 98], gap: 10, in: 0...100) == [100, 90])
        #expect(LabelPlacer.apart([-5, 0], gap: 10, in: 0...100) == [0, 10])
    }

    @Test func labelsTakeTheFirstFreePlace() {
        var placer = LabelPlacer(
            bounds: .init(x: 0...100, y: 0...100), taken: [.init(x: 0...40, y: 0...30)])
        let places = [LabelPlacer.Place(10, 20, .start), .init(10, 60, .start), .init(10, 90, .end)]
        #expect(placer.place("abc", at: places) == places[1])
        #expect(placer.place("abc", at: places) == nil)
    }
}
