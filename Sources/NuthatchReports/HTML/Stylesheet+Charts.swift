extension Stylesheet {
    /// Figures: captions, legends and drawings.
    ///
    /// Beyond 700 pixels the wide drawing has at least 650 and its texts, of 13 in 720, at least 11; below, the narrow one
    /// has 328 for 340 on a page of 360.
    static let charts = """
        figure { margin: 2rem 0 0; }
        figcaption p { margin-top: 0.25rem; color: var(--muted); }
        .legend {
          display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0.875rem 0 0; padding: 0;
          list-style: none; font-size: 0.875rem; line-height: 1.5;
        }
        .legend li { display: flex; align-items: flex-start; }
        .sample { flex: none; margin: 0.125rem 0.5rem 0 0; }
        svg.chart { display: block; height: auto; margin-top: 1rem; overflow: visible; }
        svg.wide { display: none; }
        svg.narrow { width: 100%; max-width: 27rem; }
        @media (min-width: 700px) {
          svg.narrow { display: none; }
          svg.wide { display: block; width: 100%; max-width: 45rem; }
          .named .legend .series { display: none; }
        }
        @media (min-width: 1080px) {
          figure.chart {
            display: grid; grid-template: auto 1fr auto / 1fr 45rem; column-gap: 2.5rem; align-items: start;
          }
          figure.chart > * { grid-column: 1; }
          figure.chart > svg.chart, figure.chart > .empty { grid-column: 2; grid-row: 1 / span 2; margin-top: 0; }
          figure.chart > .legend { flex-direction: column; }
          figure.chart > details { grid-column: 1 / -1; grid-row: 3; }
        }
        svg text { font-size: 13px; font-family: inherit; fill: var(--ink); }
        svg .tick { fill: var(--muted); }
        svg .label { paint-order: stroke; stroke: var(--page); stroke-width: 4px; stroke-linejoin: round; }
        .grid { stroke: var(--rule); stroke-width: 1; }
        .base { stroke: var(--strong-rule); stroke-width: 1; }
        .reference { stroke: var(--ink); stroke-width: 1.25; stroke-dasharray: 5 4; fill: none; }
        .lead { fill: none; stroke: var(--strong-rule); stroke-width: 1; }
        .s0 { --series: var(--s0); } .s1 { --series: var(--s1); } .s2 { --series: var(--s2); }
        .s3 { --series: var(--s3); } .s4 { --series: var(--s4); } .s5 { --series: var(--s5); }
        .s6 { --series: var(--s6); } .s7 { --series: var(--s7); }
        .line { fill: none; stroke: var(--series); stroke-width: 2.25; stroke-linejoin: round; }
        .band { fill: var(--series); fill-opacity: 0.14; }
        .mark { fill: var(--series); stroke: var(--page); stroke-width: 1.5; }
        .mark.hollow { fill: var(--page); stroke: var(--series); stroke-width: 2; }
        .whisker { fill: none; stroke: var(--series); stroke-width: 1.5; }
        .bar { stroke: var(--series); stroke-width: 1.5; }
        .bar.full { fill: var(--series); }
        .bar ~ .whisker { stroke: var(--ink); }
        .ground { fill: var(--page); }
        .thread { fill: none; stroke: var(--series); stroke-width: 2; }
        details { margin-top: 0.875rem; font-size: 0.9375rem; }
        summary {
          width: fit-content; padding: 0.25rem 0; line-height: 1.5; color: var(--accent); cursor: pointer; font-size: 0.875rem;
        }
        details > .scroll { margin-top: 0.75rem; }
        @media print {
          svg.wide { display: block; width: 100%; max-width: 16cm; }
          svg.narrow, .named .legend .series, summary { display: none; }
          details::details-content { content-visibility: visible; block-size: auto; }
        }

        """
}
