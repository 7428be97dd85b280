extension Stylesheet {
    /// Colours, type and the page's own elements.
    ///
    /// Texts have a contrast of at least 4.5 to 1 on what they stand on, lines and marks of 3 to 1 (WCAG 2.2 AA), in
    /// both themes. The colours of series keep their distance (9 in OKLab, of 100) for eyes without red, green or blue
    /// cones, as simulated after Machado et al. 2009.
    static let page = """
        :root {
          color-scheme: light dark;
          --page: #ffffff; --ink: #1b2129; --muted: #545e6b; --rule: #d8dde3; --strong-rule: #8a94a0;
          --wash: #f3f5f8; --accent: #0b5fa5; --tint: #e9f1f9;
          --s0: #0b5fa5; --s1: #d4622a; --s2: #1a1a5e; --s3: #0a97bd;
          --s4: #8a1538; --s5: #906371; --s6: #b42917; --s7: #5c0311;
          --new: #0b5fa5; --new-ink: #ffffff; --again: #fbe3d6; --again-line: #f3c9b2; --cached: #eef1f5;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #14171b; --ink: #e7eaee; --muted: #a5afba; --rule: #343b44; --strong-rule: #77828e;
            --wash: #1c2127; --accent: #7dbcf5; --tint: #18283a;
            --s0: #6db3f2; --s1: #f2994e; --s2: #fff0a0; --s3: #5f74e8;
            --s4: #7bf0e0; --s5: #b78a78; --s6: #906aa0; --s7: #c55d17;
            --new: #7dbcf5; --new-ink: #0c1116; --again: #4a2f1f; --again-line: #5f3d28; --cached: #232931;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body {
          margin: 0 auto; max-width: 70rem; padding: 3rem clamp(1rem, 4vw, 2.5rem) 4rem;
          background: var(--page); color: var(--ink);
          font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans",
            "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif;
          font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
        }
        h1, h2, h3 { line-height: 1.25; text-wrap: balance; margin: 0; font-weight: 650; }
        h1 { font-size: clamp(1.75rem, 1.3rem + 2vw, 2.5rem); letter-spacing: -0.015em; }
        h2 { font-size: 1.375rem; letter-spacing: -0.005em; }
        h3 { font-size: 1.0625rem; }
        p { margin: 0; max-width: 44rem; }
        a { color: var(--accent); text-underline-offset: 0.2em; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
        header .subtitle { margin-top: 0.5rem; font-size: 1.125rem; color: var(--muted); }
        nav { margin-top: 1.75rem; }
        nav ul {
          display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0; padding: 0; list-style: none;
        }
        nav a { display: inline-block; padding: 0.125rem 0; }
        section { margin-top: 3.5rem; padding-top: 1.5rem; border-top: 1px solid var(--rule); }
        section > * + * { margin-top: 1.25rem; }
        footer {
          margin-top: 4rem; padding-top: 1.25rem; border-top: 1px solid var(--rule);
          font-size: 0.875rem; color: var(--muted);
        }
        .note {
          padding: 0.875rem 1.125rem; background: var(--tint); border-left: 4px solid var(--accent);
          border-radius: 0 4px 4px 0; font-size: 1.0625rem;
        }
        pre {
          width: max-content; min-width: 100%; margin: 0; padding: 0.875rem 1.125rem; background: var(--wash);
          border-radius: 4px; tab-size: 4; overflow-wrap: normal;
          font: 0.875rem/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono", monospace;
        }
        dl {
          display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 9rem), 1fr));
          gap: 1.25rem 1.5rem; margin-bottom: 0;
        }
        @media (min-width: 700px) {
          dl { grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); column-gap: 2rem; }
        }
        dt { font-size: 0.875rem; color: var(--muted); }
        dd { margin: 0.125rem 0 0; font-size: 1.0625rem; white-space: pre-wrap; }
        .scroll { max-width: 100%; overflow-x: auto; border-radius: 2px; }
        .unseen {
          position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%);
          white-space: nowrap;
        }
        .empty { padding: 2rem 1.25rem; background: var(--wash); border-radius: 4px; color: var(--muted); }
        @media print {
          :root {
            color-scheme: light;
            --page: #ffffff; --ink: #000000; --muted: #404040; --rule: #c0c0c0; --wash: #ffffff; --tint: #ffffff;
          }
          body { max-width: none; padding: 0; font-size: 10pt; }
          nav { display: none; }
          section { margin-top: 2rem; }
          figure, tr, .note, dl { break-inside: avoid; }
          h2, h3 { break-after: avoid; }
          .scroll { overflow: visible; }
        }

        """
}
