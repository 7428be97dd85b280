import NuthatchReports
import Testing

@Suite struct HTMLReportTests {
    /// Elements that a page may have, those of the drawings included.
    private static let elements: Set<String> = [
        "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "nav", "section", "h1",
        "h2",
        "h3", "p", "pre", "ul", "li", "a", "div", "span", "dl", "dt", "dd", "figure", "figcaption", "details",
        "summary", "table", "caption", "thead", "tbody", "tr", "th", "td", "svg", "desc", "defs", "pattern",
        "g",
        "path", "line", "rect", "circle", "text",
    ]

    @Test(arguments: SampleReports.all.map { $0.name })
    func pagesHaveNothingThatRunsOrLoads(name: String) throws {
        let page = try SampleReports.page(name)
        for tag in page.tags {
            #expect(Self.elements.contains(tag.name), "<\(tag.name)>")
            for attribute in tag.attributes {
                #expect(
                    attribute != "style" && attribute != "src" && !attribute.hasPrefix("on"), "\(attribute)")
            }
        }
        #expect(page.tags.filter { $0.name == "style" && !$0.isEnd }.count == 1)
        #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("//"))
        #expect(!page.contains("url(") || page.contains("url(#"))
        #expect(page.split(separator: "url(").dropFirst().allSatisfy { $0.hasPrefix("#") })
    }

    @Test(arguments: SampleReports.all.map { $0.name })
    func elementsCloseInTheirOrder(name: String) throws {
        var open: [String] = []
        for tag in try SampleReports.page(name).tags where tag.name != "meta" {
            if tag.isEnd {
                #expect(open.popLast() == tag.name)
            } else {
                open.append(tag.name)
            }
        }
        #expect(open.isEmpty)
    }

    @Test func textsStayTexts() throws {
        let page = try SampleReports.page("edges")
        #expect(page.contains("<h1>Edges &amp; &lt;b&gt;corners&lt;/b&gt;</h1>"))
        #expect(
            page.contains(
                "&lt;script&gt;alert(&#39;note&#39;)&lt;/script&gt; &amp; &quot;quotes&quot; --&gt;"))
        #expect(page.contains("&lt;/title&gt;&lt;/style&gt;&lt;img src=x onerror=alert(1)&gt;"))
        #expect(
            page.contains("<dt>&lt;/dl&gt;&lt;style&gt;</dt><dd>a\\nb\\tc \\u{0} \\u{9b}2J \\u{feff}</dd>"))
        #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    }

    @Test func nothingInAPageIsSteered() throws {
        for sample in SampleReports.all {
            let page = HTMLReport.render(sample.report)
            #expect(
                page.unicodeScalars.allSatisfy { $0 == "\n" || !SampleReports.steers($0) }, "\(sample.name)")
        }
    }

    @Test func theHeadForbidsEverythingButTheStyleSheet() throws {
        let page = try SampleReports.page("comparison")
        let policy =
            "default-src 'none'; style-src 'sha256-\(Stylesheet.hash)'; base-uri 'none'; form-action 'none'"
        #expect(page.contains("<meta http-equiv=\"Content-Security-Policy\" content=\"\(policy)\">"))
        #expect(page.contains("<meta name=\"referrer\" content=\"no-referrer\">"))
        #expect(page.contains("<meta charset=\"utf-8\">") && page.contains("name=\"viewport\""))
        #expect(page.contains("<style>\(Stylesheet.text)</style>"))
    }

    @Test(arguments: [("zh-Hans", "zh-Hans"), ("", "en"), ("en\" onload=\"x", "en"), ("de", "de")])
    func aLanguageIsATagOrEnglish(language: String, written: String) {
        let page = HTMLReport.render(Report(title: "t", language: language))
        #expect(page.contains("<html lang=\"\(written)\">"))
    }

    @Test func equalReportsGiveEqualPages() {
        for sample in SampleReports.all {
            #expect(HTMLReport.render(sample.report) == HTMLReport.render(sample.report))
        }
    }

    @Test func namesAreUniqueAndReferencesLeadSomewhere() throws {
        for sample in SampleReports.all {
            let tags = HTMLReport.render(sample.report).tags
            let names = tags.compactMap { $0["id"] }
            #expect(Set(names).count == names.count)
            let references =
                tags.compactMap { $0["aria-labelledby"] }.flatMap {
                    $0.split(separator: " ").map(String.init)
                }
                + tags.compactMap { $0["href"] }.map { String($0.dropFirst()) }
                + tags.compactMap { $0["fill"] }.filter { $0.hasPrefix("url") }.map {
                    String($0.dropFirst(5).dropLast())
                }
            #expect(!references.isEmpty && Set(references).isSubset(of: names))
        }
    }

    @Test func everyChartHasItsTitleItsSentenceAndAllItsPointsInATable() throws {
        for sample in SampleReports.all {
            let page = HTMLReport.render(sample.report)
            let figures = page.components(from: "<figure class=\"chart", to: "</figure>")
            let charts = SampleReports.charts(of: sample.report)
            #expect(figures.count == charts.count)
            for (figure, chart) in zip(figures, charts) {
                let points = chart.series.flatMap(\.points)
                let tables = figure.components(from: "<tbody>", to: "</tbody>")
                #expect(tables.count == (points.isEmpty ? 0 : 1))
                for point in points {
                    let text = chart.y.format.text(point.y)
                    #expect(tables[0].contains(">\(text)<") || tables[0].contains(">\(text) ("), "\(text)")
                    #expect(tables[0].contains(">\(chart.x.format.text(point.x))<"))
                }
                let drawings = figure.components(from: "<svg class=\"chart", to: "</svg>")
                for drawing in drawings {
                    #expect(drawing.contains("role=\"img\" aria-labelledby="))
                    #expect(drawing.contains(">\(chart.title)</title>") && drawing.contains("</desc>"))
                }
                #expect(drawings.count == 2 || figure.contains("There is nothing to draw"))
            }
        }
    }

    @Test func drawingsHoldNumbersAlone() throws {
        for sample in SampleReports.all {
            for tag in HTMLReport.render(sample.report).tags {
                for name in ["x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "width", "height"] {
                    if let value = tag[name] { #expect(Double(value)?.isFinite == true, "\(name)=\(value)") }
                }
                if let path = tag["d"] {
                    #expect(path.allSatisfy { "MLHVZ0123456789.- hv".contains($0) }, "\(path)")
                }
            }
        }
    }

    @Test func seriesDifferInMoreThanColour() throws {
        let page = try SampleReports.page("edges")
        let figure = try #require(
            page.components(from: "<figure class=\"chart", to: "</figure>").first {
                $0.contains("Twelve lines")
            })
        let samples = figure.components(from: "<svg class=\"sample s", to: "</svg>").map {
            $0.drop { $0 != " " }
        }
        #expect(samples.count == 12 && Set(samples).count == 12)
    }

    @Test func cellsOfAMatrixSayTheirMarkInWords() throws {
        let page = try SampleReports.page("explanation")
        let matrix = page.components(from: "<figure class=\"matrix", to: "</figure>")[1]
        #expect(matrix.components(from: "<td class=\"cell masked\">", to: "</td>").count == 10)
        #expect(matrix.components(from: "<td class=\"cell again\">", to: "</td>").count == 10)
        let new = matrix.components(from: "<td class=\"cell computed\">", to: "</td>")
        #expect(new.count == 5 && new.allSatisfy { $0.contains("■") && $0.contains(" new</span>") })
        #expect(
            try SampleReports.page("edges").contains("Not shown: the first 16 rows and the first 16 columns.")
        )
    }
}
